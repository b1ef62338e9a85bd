"""What a result depends on is read from the imports."""

import pytest

from emolib.sources import code_hash, fingerprint, modules_behind


def test_modules_behind_follows_imports_and_leaves_plumbing_out(tmp_path):
    for part in ("part", "config"):
        (tmp_path / "emolib" / part).mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "config/__init__": "from emolib.config import section",
        "config/section": "",
        "labels": "",
        "other": "",
        "part/__init__": "from emolib import labels",
        "part/entry": "import numpy\nfrom emolib.config import load\nfrom emolib import part",
    }.items():
        (tmp_path / "emolib" / f"{name}.py").write_text(text)
    found = modules_behind("emolib.part.entry", root=tmp_path)
    assert found == ["emolib/labels.py", "emolib/part/__init__.py", "emolib/part/entry.py"]


def test_modules_behind_unknown_entry_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such module"):
        modules_behind("emolib.nothing", root=tmp_path)


def test_modules_behind_training_knows_the_losses_and_no_plot():
    found = modules_behind("emolib.models.training")
    assert "emolib/models/losses.py" in found
    assert not [path for path in found if path.startswith("emolib/plots")]


def test_fingerprint_changes_with_content_and_name(tmp_path):
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("1")
    first = fingerprint([tmp_path / "a"])
    assert first != fingerprint([tmp_path / "b"])
    (tmp_path / "a").write_text("2")
    assert first != fingerprint([tmp_path / "a"])


def test_modules_behind_a_package_holds_its_own_code():
    assert "emolib/data/annotations/__init__.py" in modules_behind("emolib.data.annotations")


def test_code_hash_differs_between_stages():
    assert code_hash("emolib.data.faces") != code_hash("emolib.data.video")
