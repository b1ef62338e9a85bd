"""What a chapter publishes, and what it must not."""

import pandas as pd
import pytest

from emolib import __version__, report
from emolib.errors import InputError
from emolib.storage import write_json

TABLE = pd.DataFrame({"network": ["a"], "macro_f1": [0.123]})
PREDICTIONS = pd.DataFrame({"track": ["t"], "split": ["test"], "predicted_emotion": ["fear"]})


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


@pytest.fixture
def trained(repository, monkeypatch):
    """Return a chapter of a build with two runs of one network, and none to train."""
    monkeypatch.setattr(report.pipeline, "lacking_runs", lambda workspace: [])
    networks = ["vgg16-category-2fc"]
    chapter = report.open_chapter("c", "config/mine.yaml", networks=networks, seeds=[1, 2])
    for seed, spec in enumerate(chapter.specs("category")):
        folder = chapter.workspace.runs / spec.name
        folder.mkdir(parents=True)
        PREDICTIONS.assign(frame=seed).to_parquet(folder / "predictions.parquet")
        pd.DataFrame({"epoch": [1], "split": "train", "metric": "loss", "value": 0.5}).to_csv(
            folder / "history.csv", index=False
        )
    return chapter


def test_networks_hold_every_seed_and_what_they_are(trained):
    ((name, network),) = trained.networks("category").items()
    assert (name, network.kind) == ("VGG16+LSTM+2FC", "category")
    assert (network.backbone, network.layers) == ("vgg16", 2)
    assert [table["frame"][0] for table in network.seeds] == [0, 1]


def test_networks_of_a_kind_that_is_not_configured_are_none(trained):
    assert trained.networks("combined") == {}
    assert trained.histories("combined", "VGG16+LSTM+2FC").empty


def test_histories_are_those_of_one_network(trained):
    assert list(trained.histories("category", "VGG16+LSTM+2FC")["run"]) == ["seed 1", "seed 2"]
    assert trained.histories("category", "VGG16+LSTM+1FC").empty


def test_run_folders_are_the_best_of_each_kind_that_is_configured(trained):
    for number, spec in enumerate(trained.specs("category")):
        metrics = {"validation_loss": 1.0 - number}
        write_json(metrics, trained.workspace.runs / spec.name / "metrics.json")
    best = trained.workspace.runs / trained.specs("category")[1].name
    assert trained.run_folders() == {"category": best}


def test_run_folders_of_a_named_run_are_that_run_under_its_kind(trained):
    spec = trained.specs("category")[0]
    folder = trained.workspace.runs / spec.name
    write_json(spec, folder / "spec.json")
    write_json({"validation_loss": 1.0}, folder / "metrics.json")
    write_json({"emolib": __version__}, folder / "environment.json")
    assert trained.run_folders(spec.name) == {"category": folder}
    assert trained.run_folders(str(folder)) == {"category": folder}
    with pytest.raises(InputError, match="no run 'mine'"):
        trained.run_folders("mine")


def test_thesis_table_shows_names_and_tells_kinds_apart(trained):
    assert trained.thesis_table("5.1").loc[0, "network"] == "VGG16+LSTM+1FC"
    table = trained.thesis_table("5.4")
    assert list(table["kind"]) == ["category", "combined"]
