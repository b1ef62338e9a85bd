"""What a chapter publishes, and what it must not."""

import pandas as pd
import pytest

from emolib import report
from emolib.errors import InputError

TABLE = pd.DataFrame({"network": ["a"], "macro_f1": [0.123]})


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Return a folder with a configuration, as the current one."""
    (tmp_path / "config").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "config" / "mine.yaml").write_text("corpus: {kind: simulated}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_chapter_of_a_build_publishes_tables_and_numbers(repository, monkeypatch):
    monkeypatch.setenv(report.PUBLISH, "combined")
    chapter = report.open_chapter("combined", "config/mine.yaml", epochs=None)
    chapter.publish_table("scores", TABLE)
    assert chapter.publish_numbers(best=float("nan"), name="a")["name"] == "a"
    workspace = repository / "build" / "mine"
    assert (workspace / "tables" / "scores.csv").read_text() == "Network,Macro F1\na,0.12\n"
    assert "null" in (workspace / "numbers" / "combined.json").read_text()


def test_chapter_of_a_person_changes_nothing_that_the_book_prints(repository, monkeypatch):
    chapter = report.open_chapter("combined", "config/mine.yaml")
    assert chapter.publish_table("scores", TABLE) is TABLE
    chapter.publish_numbers(best=1.0)
    monkeypatch.setenv(report.PUBLISH, "combined")
    tweaked = report.open_chapter("combined", "config/mine.yaml", epochs=5)
    tweaked.publish_table("scores", TABLE)
    assert tweaked.config.training.epochs == 5
    assert not (repository / "build").exists()


def test_chapter_finds_its_build_from_the_folder_of_the_notebooks(repository, monkeypatch):
    monkeypatch.chdir(repository / "notebooks")
    chapter = report.open_chapter("combined", "config/mine.yaml")
    assert chapter.workspace.folder == repository / "build" / "mine"


def test_chapter_override_of_a_setting_that_differs_by_kind_holds_for_all(repository):
    rates = report.open_chapter("c", "config/mine.yaml", learning_rate=0.01).config.training
    assert set(rates.learning_rate.model_dump().values()) == {0.01}


@pytest.mark.parametrize(
    ("config", "overrides", "message"),
    [
        ("config/none.yaml", {}, "no such configuration"),
        ("config/mine.yaml", {"epoch": 3}, "no such training setting"),
        ("config/mine.yaml", {"epochs": 0}, "epochs=0"),
    ],
)
def test_chapter_unusable_parameters_are_one_sentence(repository, config, overrides, message):
    with pytest.raises(InputError, match=message):
        report.open_chapter("combined", config, **overrides)


def test_matched_networks_share_the_backbone_and_the_layers(repository):
    networks = ["xception-category-1fc", "vgg16-combined-3fc", "vgg16-category-2fc"]
    networks += ["vgg16-category-1fc", "vgg16-dimensional-2fc"]
    chapter = report.open_chapter("c", "config/mine.yaml", networks=networks)
    assert chapter.matched_networks() == {
        "category": "VGG16+LSTM+2FC",
        "dimensional": "VGG16+LSTM+2FC",
        "combined": "VGG16+LSTM+3FC",
    }
    alone = report.open_chapter("c", "config/mine.yaml", networks=networks[:2])
    with pytest.raises(InputError, match="no category network with the backbone vgg16"):
        alone.matched_networks()
