"""The chapter *Annotate* names keys and files; they have to be those of the tool."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIDGET = ROOT / "emolib" / "annotator" / "widget"
CHAPTER = (ROOT / "notebooks" / "annotate.md").read_text()


def test_keys_of_the_chapter_are_keys_of_the_tool():
    if not (WIDGET / "editing.js").is_file():
        pytest.skip("NOT TESTED: the widget has no editing.js that could know the keys")
    table = re.search(r"^\| keys \|.*?\n\n", CHAPTER, flags=re.MULTILINE | re.DOTALL)[0]
    keys = {key for row in table.splitlines()[3:] for key in re.findall("`([^`]+)`", row[:70])}
    assert len(keys) > 8
    scripts = "".join(path.read_text() for path in WIDGET.glob("*.js"))
    assert [key for key in sorted(keys) if f'"{key}"' not in scripts] == []
