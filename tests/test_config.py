"""Configuration files: what is accepted, and how a mistake is explained."""

from pathlib import Path

import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.config.corpora import CORPORA
from emolib.data.corpora import KINDS
from emolib.errors import InputError
from emolib.workspace import Workspace

SHIPPED = sorted((Path(__file__).parent.parent / "config").glob("*.yaml"))


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configurations_are_valid_and_named_after_their_file(path):
    assert load_config(path).name == path.stem


def test_left_out_values_are_those_of_the_thesis(tmp_path):
    config = load_config(write(tmp_path, "corpus: {kind: simulated}"))
    training = config.training
    assert (training.sequence_length, training.batch_size, training.dropout) == (60, 2, 0.5)
    assert training.learning_rate.model_dump() == {
        "category": 1e-5,
        "dimensional": 1e-4,
        "combined": 1e-5,
    }
    assert training.decay.model_dump() == {
        "category": 1e-4,
        "dimensional": 1e-4,
        "combined": 1e-5,
    }
    assert (training.loss_weights.category, training.loss_weights.dimensional) == (0.33, 1.0)
    assert config.corpus.n_videos == 55
    assert config.faces.crop_size == 72


def test_corpus_path_is_resolved_against_the_folder_of_the_file(tmp_path):
    path = write(tmp_path, "corpus: {kind: folder, path: ../films}")
    assert load_config(path).corpus.path == tmp_path / "../films"


def test_paths_of_face_tables_and_corrections_are_resolved_too(tmp_path):
    text = (
        "corpus: {kind: simulated}\n"
        "faces: {boxes: {format: openface, folder: of}, corrections: /c/corrections.csv}"
    )
    faces = load_config(write(tmp_path, text)).faces
    assert faces.boxes.folder == tmp_path / "of"
    assert faces.corrections == Path("/c/corrections.csv")


def test_paths_of_a_corpus_expand_home_and_variables(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CORPORA", "/data/corpora")
    text = "corpus: {kind: affwild2, path: $CORPORA/AW2, crops: ~/faces, test_list: l/va.txt}"
    corpus = load_config(write(tmp_path, text)).corpus
    assert corpus.path == Path("/data/corpora/AW2")
    assert corpus.crops == tmp_path / "home/faces"
    assert corpus.test_list == tmp_path / "l/va.txt"
    assert (corpus.labels, corpus.faces, corpus.fps) == (("va", "expr"), "videos", None)


EXAMPLES = {
    "affwild": "affwild",
    "affwild2": "affwild2",
    "affwild2-crops": "affwild2",
    "afew-va": "afew_va",
    "omg": "omg",
    "clips": "clips",
}


def test_every_kind_of_corpus_has_an_example_and_an_adapter():
    assert {*EXAMPLES.values(), "simulated", "folder"} == set(CORPORA) == {"simulated", *KINDS}


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_check_of_an_example_says_in_a_sentence_that_the_corpus_is_not_there(
    tmp_path, monkeypatch, name
):
    monkeypatch.setenv("HOME", str(tmp_path))
    config = load_config(SHIPPED[0].parent / f"{name}.yaml")
    assert config.corpus.kind == EXAMPLES[name]
    assert config.corpus.path.parent == tmp_path / "corpora"
    with pytest.raises(InputError) as refused:
        pipeline.check(Workspace(config, tmp_path))
    sentence = str(refused.value)
    assert sentence.startswith(f"{config.corpus.path}: no such folder; `path` in the configuration")
    assert "\n" not in sentence and sentence.count(". ") == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "corpus:\n  kind: simulated\ntraining:\n  epoch: 3\n",
            r"mine.yaml:4: unknown key 'training.epoch'; did you mean 'epochs'",
        ),
        (
            "corpus:\n  kind: affwild2\n  path: a\n  label: [va]\n",
            r"mine.yaml:4: unknown key 'corpus.label'; did you mean 'labels'",
        ),
        ("corpus: {kind: affwild2, path: a, labels: [au]}", r"corpus.labels.0: .*'va', 'expr'"),
        ("corpus: {kind: affwild2, path: a, labels: [va, mtl]}", r"mtl holds va and expr already"),
        ("corpus: {kind: affwild2, path: a, labels: [va, va]}", r"labels lists something twice"),
        ("corpus: {kind: afew_va, path: a}", r"mine.yaml:1: corpus.fps: Field required"),
        ("corpus: {kind: afew_va, path: a, fps: 0}", r"corpus.fps: .*greater than 0, found 0"),
        ("corpus: {kind: omg, path: a, videos: cuts}", r"corpus.videos: .*'clips' or 'sources'"),
        ("corpus: {kind: clips, path: a}", r"corpus.annotations: Field required"),
        (
            "corpus:\n  kind: simulated\n  n_video: 3\n",
            r"mine.yaml:3: unknown key 'corpus.n_video'; did you mean 'n_videos'",
        ),
        ("corpus: {kind: simulated}\ntrainning: {}", r"mine.yaml:2: unknown key 'trainning'"),
        ("corpus: {kind: films}", r"corpus: .*'simulated', 'folder'"),
        ("faces: {}", r"corpus: Field required"),
        ("corpus: {kind: simulated}\nname: other", r"'name' is taken from the file name"),
        ("corpus: {kind: simulated}\nsplit: {train: 0.9}", r"mine.yaml:2: .*must sum to 1"),
        ("corpus: {kind: simulated}\nemotions: [joy]", r"emotion 'joy' is none of neutral"),
        ("corpus: {kind: simulated}\ntraining: {epochs: 0}", r"training.epochs: .*found 0"),
        (
            "corpus: {kind: simulated}\ntraining: {batch_size: 1, strategy: mirrored}",
            r"mine.yaml:2: training: .*mirrored needs a batch_size of 2 or more",
        ),
        ("corpus: {kind: simulated}\ntraining: {seeds: [1, 1]}", r"seeds lists something twice"),
        ("corpus: {kind: simulated}\ntraining: {seeds: []}", r"training.seeds: .*at least 1"),
        ("corpus: {kind: simulated}\ntraining: {seeds: [-1]}", r"training.seeds"),
        (
            "corpus: {kind: simulated}\nfaces:\n  boxes: {fmt: openface, folder: x}",
            r"mine.yaml:3: .*faces.boxes.format|mine.yaml:3: unknown key 'faces.boxes.fmt'",
        ),
        (
            "corpus: {kind: simulated}\nfaces:\n  boxes: {format: openface, folder: x, fps: 3}",
            r"mine.yaml:3: unknown key 'faces.boxes.fps'; known keys: format, folder",
        ),
        ("- a\n- b", r"expected a mapping"),
        ("a: [", r"not a YAML file"),
        ("", r"expected a mapping with the key 'corpus', found None"),
    ],
)
def test_mistake_is_explained_with_file_line_and_remedy(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_config(write(tmp_path, text))


def test_missing_file_names_where_the_shipped_ones_are(tmp_path):
    with pytest.raises(InputError, match="no such configuration file"):
        load_config(tmp_path / "absent.yaml")


def test_binary_file_is_no_configuration(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xff\xfe\x00corpus")
    with pytest.raises(InputError, match="not a YAML file"):
        load_config(path)


def test_override_is_checked_like_a_file(tmp_path):
    config = load_config(write(tmp_path, "corpus: {kind: simulated}"))
    changed = config.override_training(config.training.model_dump() | {"epochs": 5})
    assert changed.training.epochs == 5
    assert config.training.epochs == 100
    with pytest.raises(InputError, match="epochs=0"):
        config.override_training(config.training.model_dump() | {"epochs": 0})


NETWORKS = "training: {networks: [vgg16-category-1fc, vgg16-combined-1fc], seeds: [1, 2]}\n"
ABLATED = f"corpus: {{kind: simulated}}\n{NETWORKS}ablations:\n  mine:\n    title: mine\n"


def test_ablation_overrides_what_it_names_and_trains_the_default_networks(tmp_path):
    text = ABLATED + "    training: {learning_rate: {category: 0.5}}\n    matching: {lag: 1}"
    config = load_config(write(tmp_path, text))
    ablated = config.ablated("mine")
    assert ablated.training.learning_rate.model_dump() == {
        "category": 0.5, "dimensional": 1e-4, "combined": 1e-5,
    }  # fmt: skip
    assert (ablated.matching.lag, ablated.matching.max_distance) == (1, 0.1)
    assert ablated.training.networks == ("vgg16-category-1fc", "vgg16-combined-1fc")
    assert ablated.training.seeds == (1, 2)
    assert (ablated.features, ablated.name) == (config.features, config.name)


def test_ablation_names_networks_and_seeds_of_its_own(tmp_path):
    text = ABLATED + (
        "    networks: [vgg16-combined-1fc]\n    seeds: [2]\n    features: {weights: random}"
    )
    training = load_config(write(tmp_path, text)).ablated("mine").training
    assert (training.networks, training.seeds) == (("vgg16-combined-1fc",), (2,))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("training: {epoch: 3}", r"6: unknown key 'ablations.mine.training.epoch'; .*'epochs'"),
        ("features:\n      weight: random", r"7: unknown .*features.weight'; did you .*'weights'"),
        ("trains: {epochs: 3}", r"6: unknown key 'ablations.mine.trains'; .*'training'"),
        ("splitting: {folds: 5}", r"6: .*known keys: title, networks"),
        ("training: {epochs: 0}", r"6: ablations.mine.training.epochs: .*found 0"),
        ("training: {learning_rate: {all: 1}}", r"learning_rate.all'; known keys: category"),
        ("training: {unfreeze: 2}", r"ablations.mine.training: .*unfreeze needs end_to_end"),
        (
            "training: {faces: both}",
            r"6: ablations.mine.training.faces: is so in this build already .*, found 'both'",
        ),
        ("training: {learning_rate: {category: 1.0e-5}}", r"learning_rate.category: is so in"),
        ("# nothing", r"4: ablations.mine: changes nothing; override a setting of .*training$"),
        ("training: {seeds: [1]}", r"training.seeds: stands beside 'training', not under it$"),
        ("training: 3", r"ablations.mine.training: .*dictionary"),
        ("matching: {lag: soon}", r"ablations.mine.matching.lag: .*or 'estimate', found 'soon'"),
        (
            "networks: [vgg19-category-1fc]\n    matching: {lag: 1}",
            r"6: ablations.mine.networks: the build trains none to compare with; .*'vgg19-cat",
        ),
        ("networks: []\n    matching: {lag: 1}", r"ablations.mine.networks: .*at least 1"),
        ("seeds: [3]\n    matching: {lag: 1}", r"training.seeds holds 1, 2, found 3"),
    ],
)
def test_mistake_in_an_ablation_is_explained_like_any_other(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load_config(write(tmp_path, f"{ABLATED}    {text}"))


def test_ablation_without_networks_needs_one_of_the_default_ones(tmp_path):
    text = ABLATED.replace("vgg16-", "vgg19-") + "    matching: {lag: 1}"
    with pytest.raises(InputError, match="networks: name some of training.networks; the build"):
        load_config(write(tmp_path, text))


@pytest.mark.parametrize("name", ["../up", "My Own", "''", "a--b"])
def test_ablation_name_must_do_as_a_folder(tmp_path, name):
    text = ABLATED.replace("  mine:", f"  {name}:") + "    matching: {lag: 1}"
    with pytest.raises(InputError, match="use small letters, digits and hyphens"):
        load_config(write(tmp_path, text))


def test_ablation_that_an_override_of_the_build_makes_useless_is_refused(tmp_path):
    config = load_config(write(tmp_path, ABLATED + "    training: {epochs: 5}"))
    changed = config.override_training(config.training.model_dump() | {"epochs": 5})
    with pytest.raises(InputError, match="ablations.mine.training.epochs: is so in this build"):
        changed.ablated("mine")
