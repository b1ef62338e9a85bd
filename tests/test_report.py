"""What a chapter publishes, and what it must not."""

import numpy as np
import pandas as pd
import pytest

from emolib import __version__, pipeline, report
from emolib.errors import InputError
from emolib.models.runs import run_specs
from emolib.storage import write_array, write_json, write_table

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


def test_chapter_draws_example_faces_of_the_categories_that_there_are(repository):
    chapter = report.open_chapter("dataset", "config/mine.yaml")
    rows = {"track": "a", "row": [0, 1, 2], "person": "p", "emotion": ["fear", "", "fear"]}
    samples = pd.DataFrame(rows).assign(valence=np.nan)
    write_table(samples, chapter.workspace.samples)
    write_array(np.zeros((3, 72, 72, 3), np.uint8), chapter.workspace.crops / "a.npy")
    crops, emotions = chapter.example_faces(4, seed=1)
    assert crops.shape == (2, 72, 72, 3) and emotions == ["fear", "fear"]
    write_table(samples.assign(emotion=""), chapter.workspace.samples)
    crops, emotions = chapter.example_faces(4, seed=1)
    assert crops.shape == (0, 72, 72, 3) and emotions == []


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
    monkeypatch.setattr(pipeline, "lacking_runs", lambda workspace: [])
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


def first_frames(network):
    """Return the frame of the first face of each seed."""
    return [seed.table()["frame"].iloc[0] for seed in network.seeds]


def test_networks_hold_every_seed_and_what_they_are(trained):
    ((name, network),) = trained.networks("category").items()
    assert (name, network.kind) == ("VGG16+LSTM+2FC", "category")
    assert (network.backbone, network.layers) == ("vgg16", 2)
    assert first_frames(network) == [0, 1]


def test_networks_of_a_kind_that_is_not_configured_are_none(trained):
    assert trained.networks("combined") == {}
    assert trained.histories("combined", "VGG16+LSTM+2FC").empty


def test_histories_are_those_of_one_network(trained):
    assert list(trained.histories("category", "VGG16+LSTM+2FC")["run"]) == ["seed 1", "seed 2"]
    assert trained.histories("category", "VGG16+LSTM+1FC").empty


def test_thesis_table_shows_names_in_the_order_of_the_build_and_tells_kinds_apart(trained):
    names = trained.thesis_table("5.1")["network"].tolist()
    assert names[:3] == ["VGG16+LSTM+2FC", "VGG16+LSTM+1FC", "Xception+LSTM+1FC"]
    table = trained.thesis_table("5.4")
    assert list(table["kind"]) == ["category-only", "combined"]


@pytest.fixture
def all_kinds(repository, monkeypatch):
    """Return a chapter of a build with runs of every kind, on two backbones."""
    monkeypatch.setattr(pipeline, "lacking_runs", lambda workspace: [])
    losses = {
        "vgg16-category-1fc": 0.9,
        "vgg19-category-1fc": 0.1,
        "vgg16-combined-1fc": 0.2,
        "vgg19-combined-1fc": 0.8,
        "vgg19-dimensional-1fc": 0.5,
    }
    chapter = report.open_chapter("c", "config/mine.yaml", networks=list(losses), seeds=[1])
    for kind in ("category", "dimensional", "combined"):
        for spec in chapter.specs(kind):
            folder = chapter.workspace.runs / spec.name
            write_json(spec, folder / "spec.json")
            write_json({"validation_loss": losses[spec.network]}, folder / "metrics.json")
            write_json({"emolib": __version__}, folder / "environment.json")
    return chapter


def networks_of(folders):
    return {kind: folder.name.partition("-seed")[0] for kind, folder in folders.items()}


def test_matched_folders_are_on_the_backbone_of_the_best_combined_run(all_kinds):
    assert networks_of(all_kinds.matched_folders()) == {
        "category": "vgg16-category-1fc",
        "dimensional": "vgg19-dimensional-1fc",  # there is none on VGG-16
        "combined": "vgg16-combined-1fc",
    }


def test_matched_folders_follow_the_run_that_a_reader_names(all_kinds):
    (mine,) = (spec.name for spec in all_kinds.specs("dimensional"))
    for run_id in (mine, str(all_kinds.workspace.runs / mine)):
        assert networks_of(all_kinds.matched_folders(run_id)) == {
            "category": "vgg19-category-1fc",
            "dimensional": "vgg19-dimensional-1fc",
            "combined": "vgg19-combined-1fc",
        }


def test_matched_folders_of_an_unknown_run_are_one_sentence(all_kinds):
    with pytest.raises(InputError, match="no run 'mine'"):
        all_kinds.matched_folders("mine")


def test_matched_folders_leave_out_a_kind_that_is_not_configured(trained):
    for seed, spec in enumerate(trained.specs("category")):
        folder = trained.workspace.runs / spec.name
        write_json(spec, folder / "spec.json")
        write_json({"validation_loss": 1 - seed}, folder / "metrics.json")
        write_json({"emolib": __version__}, folder / "environment.json")
    (folder,) = trained.matched_folders().values()
    assert "seed2" in folder.name


@pytest.fixture
def finished(trained):
    """Return the chapter whose runs are finished, the second with the lower validation loss."""
    for loss, spec in zip((0.5, 0.25), trained.specs("category"), strict=True):
        folder = trained.workspace.runs / spec.name
        write_json(spec, folder / "spec.json")
        write_json({"validation_loss": loss}, folder / "metrics.json")
        write_json({"emolib": __version__}, folder / "environment.json")
    return trained


def test_run_to_look_into_is_the_best_on_validation_or_the_one_asked_for(finished):
    first, second = (finished.workspace.runs / spec.name for spec in finished.specs("category"))
    assert finished.run_folder("category") == finished.run_folder("category", "") == second
    assert finished.run_folder("category", first.name) == first
    assert finished.run_folder("category", str(first)) == first


@pytest.mark.parametrize(
    ("kind", "run_id", "message"),
    [
        ("category", "nobody", "no run 'nobody'"),
        ("combined", "first", "is a category network; this needs a combined one"),
        ("combined", "", "holds no combined network"),
    ],
)
def test_run_to_look_into_that_cannot_be_had_is_one_sentence(finished, kind, run_id, message):
    run_id = run_id.replace("first", finished.specs("category")[0].name)
    with pytest.raises(InputError, match=message):
        finished.run_folder(kind, run_id)


def test_faces_are_those_of_the_corpus_that_have_both_kinds_of_label(repository):
    chapter = report.open_chapter("c", "config/mine.yaml")
    samples = pd.DataFrame({"emotion": ["", "fear"], "valence": 0.5, "arousal": 0.1, "row": [0, 1]})
    write_table(samples, chapter.workspace.samples)
    faces, crops = chapter.faces()
    assert list(faces["row"]) == [1] and list(faces.index) == [0]
    assert crops == chapter.workspace.crops


def test_crops_of_faces_are_read_row_by_row(repository):
    chapter = report.open_chapter("c", "config/mine.yaml")
    for number, track in enumerate("ab"):
        crops = np.arange(3, dtype=np.uint8) + 10 * number
        write_array(
            np.tile(crops[:, None, None, None], (1, 2, 2, 3)),
            chapter.workspace.crops / f"{track}.npy",
        )
    faces = pd.DataFrame({"track": ["b", "a"], "row": [2, 1]})
    assert chapter.crops_of(faces)[:, 0, 0, 0].tolist() == [12, 1]


def test_faces_of_a_clip_have_crops_and_no_labels(repository, monkeypatch):
    found = pd.DataFrame({"track": ["a", "a", "b"], "person": ["a", "a", "b"], "time": 0.0})
    monkeypatch.setattr(report, "extract_faces", lambda *args, **options: found)
    (repository / "clip.mp4").write_bytes(b"not looked into here")
    chapter = report.open_chapter("c", "config/mine.yaml")
    faces, folder = chapter.faces("clip.mp4")
    assert list(faces["row"]) == [0, 1, 0] and set(faces["split"]) == {"clip"}
    assert set(faces["emotion"]) == {""} and faces["valence"].isna().all()
    assert folder.parent == chapter.workspace.folder / "clips"
    monkeypatch.setattr(report, "extract_faces", lambda *args, **options: found[:0])
    with pytest.raises(InputError, match="clip.mp4: no face was found"):
        chapter.faces("clip.mp4")
    with pytest.raises(InputError, match="none.mp4: no such video"):
        chapter.faces("none.mp4")


ABLATED = """
corpus: {kind: simulated}
training: {networks: [vgg16-category-1fc, vgg16-combined-1fc], seeds: [1, 2]}
matching: {lag: estimate}
ablations:
  any-faces:
    title: any face
    networks: [vgg16-combined-1fc]
    seeds: [2]
    training: {faces: any}
  longer: {title: longer, networks: [vgg16-combined-1fc], matching: {max_lag: 5.0}}
"""

OF_80_FRAMES = """  frames-80:
    title: 80 frames
    networks: [vgg16-combined-1fc]
    training: {sequence_length: 80}
  frames-90:
    title: 90 frames of any face
    networks: [vgg16-combined-1fc]
    training: {sequence_length: 90, faces: any}
"""


@pytest.fixture
def ablated(repository, monkeypatch):
    """Return a chapter of a build with two ablations, all of whose runs are trained."""
    return build_of(ABLATED, repository, monkeypatch)


def build_of(configuration, repository, monkeypatch):
    monkeypatch.setattr(pipeline, "lacking_runs", lambda workspace: [])
    monkeypatch.setattr(pipeline, "is_trained", lambda workspace: True)
    (repository / "config" / "mine.yaml").write_text(configuration)
    chapter = report.open_chapter("ablations", "config/mine.yaml")
    workspaces = [chapter.workspace, *map(chapter.workspace.ablation, chapter.config.ablations)]
    for number, workspace in enumerate(workspaces):
        for spec in run_specs(workspace.config):
            folder = workspace.runs / spec.name
            folder.mkdir(parents=True)
            rows = PREDICTIONS.assign(frame=10 * number + spec.seed)
            rows.to_parquet(folder / "predictions.parquet")
    return chapter


def test_ablations_stand_beside_the_same_seeds_of_the_build(ablated):
    first, second = ablated.ablations()
    assert (first.name, first.title, first.network) == ("any-faces", "any face", "VGG16+LSTM+1FC")
    assert [first_frames(side) for side in (first.build, first.ablated)] == [[2], [12]]
    sides = (second.build, second.ablated)
    assert [first_frames(side) for side in sides] == [[1, 2], [21, 22]]
    assert first.build.kind == "combined"


def test_ablations_that_are_not_trained_are(ablated, monkeypatch):
    trained = []
    monkeypatch.setattr(pipeline, "is_trained", lambda workspace: workspace.name == "longer")
    monkeypatch.setattr(pipeline, "train_ablation", lambda each: trained.append(each.name))
    ablated.ablations()
    assert trained == ["any-faces"]


def test_networks_by_length_differ_in_nothing_else(repository, monkeypatch):
    chapter = build_of(ABLATED + OF_80_FRAMES, repository, monkeypatch)
    lengths = chapter.networks_by_length()
    assert {length: len(networks) for length, networks in lengths.items()} == {60: 2, 80: 1}
    assert first_frames(lengths[80][0]) == [31, 32]


def test_ablation_settings_hold_the_values_of_thesis_build_and_ablation(ablated):
    table = ablated.ablation_settings()
    assert table.drop(columns="ablation").to_numpy().tolist() == [
        ["any-faces", "training.faces", "both", "both", "any"],
        ["longer", "matching.max_lag", "3.0", "3.0", "5.0"],
    ]


def test_lag_tables_are_those_of_whoever_estimates_on_labels_of_its_own(ablated):
    places = [ablated.workspace, ablated.workspace.ablation("longer")]
    for number, place in enumerate(places):
        pd.DataFrame({"lag": [number]}).to_parquet(place.samples.with_name("lag.parquet"))
    found = ablated.lag_tables()
    assert {name: table["lag"].item() for name, table in found.items()} == {
        "the build": 0, "the ablation “longer”": 1,
    }  # fmt: skip


def test_build_without_ablations_has_none(repository):
    chapter = report.open_chapter("ablations", "config/mine.yaml")
    assert chapter.ablations() == [] and chapter.lag_tables() == {}
    assert chapter.ablation_settings().empty


def test_feature_scales_compare_the_same_faces(repository):
    overrides = "ablations: {random: {title: drawn, features: {weights: random}}}"
    (repository / "config" / "mine.yaml").write_text(f"corpus: {{kind: simulated}}\n{overrides}")
    chapter = report.open_chapter("ablations", "config/mine.yaml")
    own = chapter.workspace.ablation("random").features("vgg16") / "a.npy"
    write_array(np.array([[3.0, 4.0], [np.nan, np.nan]], np.float16), own)
    write_array(np.array([[0.3, 0.4], [9.0, 9.0]]), chapter.workspace.features("vgg16") / "a.npy")
    assert chapter.feature_scales().round(2).to_numpy().tolist() == [["drawn", "vgg16", 10.0]]


def test_run_folders_hold_the_best_run_of_every_configured_kind(finished):
    best = finished.specs("category")[1].name
    assert finished.run_folders() == {"category": finished.workspace.runs / best}


def test_run_folders_of_one_run_hold_it_alone_by_name_or_path(finished):
    name = finished.specs("category")[0].name
    folder = finished.workspace.runs / name
    assert finished.run_folders(name) == finished.run_folders(str(folder)) == {"category": folder}
    with pytest.raises(InputError, match="no run 'vgg'"):
        finished.run_folders("vgg")
