"""What layers answer, for whole runs of toy size: backbones, networks, seeds, a training."""

import keras
import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.errors import InputError
from emolib.interpretation import layers, lineup, similarity
from emolib.interpretation.dynamics import training_dynamics
from emolib.labels import SPLITS
from emolib.models.backbones import load_backbone
from emolib.models.features import extract_tracks
from emolib.models.inspection import inspect_run
from emolib.models.runs import read_spec, run_specs
from emolib.models.training import train
from emolib.report import Chapter
from emolib.storage import write_json
from emolib.workspace import Workspace

SIZE, FACES = 32, 26
EPOCHS = 3


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Train a network from two seeds on the features of tiny faces, bright when happy."""
    folder = tmp_path_factory.mktemp("build")
    samples = _corpus(folder / "crops")
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": SIZE},
        features={"weights": "random", "precision": "float32"},
        training={
            "networks": ["vgg16-combined-3fc"],
            "seeds": [1, 2], "epochs": EPOCHS, "sequence_length": 5, "batch_size": 4,
            "learning_rate": {"category": 0.01, "dimensional": 0.01, "combined": 0.01},
        },
    )  # fmt: skip
    backbone = load_backbone("vgg16", weights="random", preprocessing="thesis", input_size=SIZE)
    features = folder / "features" / "vgg16"
    tracks = list(dict.fromkeys(samples["track"]))
    extract_tracks(
        tracks, folder / "crops", features, backbone, precision="float32", progress=False
    )
    runs = []
    for spec in run_specs(config):
        runs.append(folder / "runs" / spec.name)
        train(spec, samples, features, runs[-1], backbone_key=backbone.key, progress=False)
    test = samples[samples["split"] == "test"]
    sample = layers.sample_faces(test, folder / "crops", 40, folder / "features")
    return folder, samples, runs, sample


def _corpus(crops):
    crops.mkdir()
    generator, tables = np.random.default_rng(4), []
    for number in range(6):
        track, happy = f"video{number}", np.arange(FACES) // 4 % 2 == number % 2
        pixels = (
            generator.integers(0, 120, (FACES, SIZE, SIZE, 3)) + 100 * happy[:, None, None, None]
        )
        np.save(crops / f"{track}.npy", pixels.astype(np.uint8))
        tables.append(
            pd.DataFrame(
                {
                    "track": track, "person": f"person{number}", "video": track,
                    "frame": np.arange(FACES), "time": np.arange(FACES) / 30,
                    "split": SPLITS[number // 2], "row": np.arange(FACES),
                    "emotion": np.where(happy, "happiness", "sadness"),
                    "valence": np.where(happy, 0.6, -0.5), "arousal": np.where(happy, 0.4, 0.1),
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def test_sample_faces_takes_even_distances_person_by_person(build):
    sample = build[3]
    assert len(sample.compared) == 40
    assert sample.compared[0] == 0 and sample.compared[-1] == 2 * FACES - 1
    assert set(np.diff(sample.compared)) <= {1, 2}
    assert list(dict.fromkeys(sample.people)) == ["person4", "person5"]
    assert sample.pixels(np.array([3])).shape == (1, SIZE, SIZE, 3)


def test_sample_faces_refuses_none(build):
    with pytest.raises(InputError, match="no face to compare"):
        layers.sample_faces(build[1].iloc[:0], "crops", 10)


def test_run_layers_equal_those_of_the_model_face_by_face(build):
    _, _, runs, sample = build
    found = layers.run_layers(runs[0], sample, None)
    assert list(found) == [
        "trunk", "category_hidden1", "dimensional_hidden1",
        "category_hidden2", "dimensional_hidden2", "category", "dimensional",
    ]  # fmt: skip
    run = inspect_run(runs[0])
    features = np.load(sample.features / "vgg16" / "video4.npy")
    scores = run.scores.predict_on_batch(features[None, 5:10].astype(np.float32))
    at = list(sample.compared).index(8)
    np.testing.assert_allclose(found["category"][at], scores["category"][0, 3], atol=1e-4)
    hidden = keras.Model(run.network.input, run.network.get_layer("category_hidden1").output)
    expected = hidden.predict_on_batch(features[None, 5:10].astype(np.float32))[0, 3]
    np.testing.assert_allclose(found["category_hidden1"][at], expected, atol=1e-4)


def test_run_layers_of_faces_without_stored_features_are_the_same(build):
    folder, samples, runs, sample = build
    fresh = layers.sample_faces(samples[samples["split"] == "test"], folder / "crops", 40)
    for name, values in layers.run_layers(runs[0], fresh, None).items():
        np.testing.assert_allclose(
            values, layers.run_layers(runs[0], sample, None)[name], rtol=1e-3, atol=1e-4
        )


def test_features_of_another_backbone_are_not_taken(build, tmp_path):
    folder, samples, runs, _ = build
    for track in ("video4", "video5"):
        (tmp_path / "vgg16").mkdir(exist_ok=True)
        np.save(tmp_path / "vgg16" / f"{track}.npy", np.zeros((FACES, 512), np.float16))
        write_json({"backbone": "vgg16-other"}, tmp_path / "vgg16" / f"{track}.npy.inputs.json")
    test = samples[samples["split"] == "test"]
    sample = layers.sample_faces(test, folder / "crops", 40, tmp_path)
    assert layers.run_layers(runs[0], sample)["trunk"].std() > 0.01


def test_untrained_layers_depend_on_the_seed_alone(build):
    _, _, runs, sample = build
    first, again, other = (
        layers.untrained_layers(runs[0], sample, seed)["trunk"] for seed in (5, 5, 6)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.01


def test_backbone_layers_average_the_maps(build):
    _, _, runs, sample = build
    backbone = inspect_run(runs[0]).backbone
    found = layers.backbone_layers(backbone, sample, "float32")
    assert {name: values.shape[1] for name, values in found.items()} == {
        "block 1": 64, "block 2": 128, "block 3": 256, "block 4": 512, "block 5": 512,
        "features": 512,
    }  # fmt: skip
    maps = keras.Model(backbone.model.input, backbone.model.get_layer("block2_pool").output)
    pixels = sample.pixels(sample.compared[:2]).astype(np.float32)
    expected = np.asarray(maps(pixels)).mean(axis=(1, 2))
    np.testing.assert_allclose(found["block 2"][:2], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(
        found["features"], sample.inputs(runs[0])[sample.compared], rtol=0.01, atol=1e-3
    )


def test_blocks_of_xception_end_where_the_next_begin_and_average_is_not_shown_twice():
    backbone = load_backbone("xception", weights="random", pooling="average", input_size=71)
    outputs = layers._block_outputs(backbone.model)
    assert list(outputs) == [f"block {number}" for number in range(1, 15)]
    assert outputs["block 5"] is backbone.model.get_layer("block6_sepconv1_act").input
    assert [output.shape[-1] for output in outputs.values()] == [
        64, 128, 256, *[728] * 9, 1024, 2048
    ]  # fmt: skip


def test_lineup_names_layers_runs_and_untrained_networks(build):
    _, _, runs, sample = build
    parts = lineup.all_layers(runs[0], sample, 3)
    assert lineup.path_to_output(parts) == [
        *(f"block {number}" for number in range(1, 6)), "features", "LSTM",
        "category, hidden 1", "category, hidden 2", "category scores",
    ]  # fmt: skip
    assert 0 < lineup.least_held(parts) < 1
    assert max(part.directions for part in parts.values()) == 3
    found, members = lineup.trunks(runs[::-1], sample, 3, untrained=1)
    assert list(found) == list(members.index) == [
        "VGG16+LSTM+3FC combined 1", "VGG16+LSTM+3FC combined 2", "VGG16 untrained 1"
    ]  # fmt: skip
    assert lineup.first_of_each(members) == {
        "VGG16+LSTM+3FC combined 1": "VGG16+LSTM+3FC combined",
        "VGG16 untrained 1": "VGG16 untrained",
    }
    assert lineup.run_title(runs[1]) == "VGG16+LSTM+3FC (combined, seed 2)"


def test_backbones_stand_beside_one_with_random_weights(build):
    _, _, runs, sample = build
    parts = lineup.backbones(runs, sample, 3)
    assert len(parts) == 12
    table = lineup.feature_table(parts, sample.people, confidence=0.9)
    assert list(table["backbones"]) == ["VGG16 and VGG16 random"]
    assert {"svcca", "low", "high", "other_faces", "chance"} <= set(table)


def test_seed_table_compares_layer_by_layer(build):
    _, _, runs, sample = build
    table = lineup.seed_table(runs[0], runs[1:], sample, directions=3, confidence=0.9)
    assert list(table["layer"])[:2] == ["LSTM", "category, hidden 1"]
    assert table["svcca"].between(0, 1).all() and table["untrained"].between(0, 1).all()
    assert (table["low"] <= table["svcca"]).all()
    assert set(table["directions"]) <= {1, 2, 3}


def test_seed_table_without_other_seeds_says_nothing_of_them(build):
    _, _, runs, sample = build
    table = lineup.seed_table(runs[0], [], sample, directions=3, confidence=0.9)
    assert table[["svcca", "low", "high", "other_faces", "chance", "cka"]].isna().all(axis=None)
    assert table["untrained"].notna().all()


def test_training_dynamics_repeat_the_training_to_the_last_bit(build):
    folder, samples, runs, sample = build
    found = training_dynamics(
        runs[1], sample, samples, folder / "features" / "vgg16", epochs_at=[1], directions=3
    )
    assert found.deviation == 0
    assert 1 <= found.kept <= EPOCHS
    assert sorted(set(found.table["epoch"])) == [0, 1, EPOCHS]
    last = found.table[found.table["epoch"] == EPOCHS]
    np.testing.assert_allclose(last["svcca"], 1, atol=1e-6)
    assert list(last["layer"])[0] == "LSTM" and list(last["branch"])[0] == "shared"
    assert list(last["branch"])[1:3] == ["category", "dimensional"]
    start = found.table[found.table["epoch"] == 0].set_index("layer")["svcca"]
    assert start["category scores"] < 0.999


def test_training_dynamics_tell_when_another_network_comes_out(build):
    folder, samples, runs, sample = build
    other = samples.assign(valence=-samples["valence"])
    options = {"epochs_at": [], "directions": 3, "draws": 1}
    found = training_dynamics(runs[0], sample, other, folder / "features" / "vgg16", **options)
    assert found.deviation > 1e-3


def test_training_dynamics_are_left_out_for_what_takes_too_long(build, tmp_path):
    folder, samples, runs, sample = build
    for name in ("metrics.json", "environment.json"):
        (tmp_path / name).write_text((runs[0] / name).read_text())
    spec = read_spec(runs[0]).model_copy(update={"end_to_end": True})
    write_json(spec, tmp_path / "spec.json")
    assert training_dynamics(tmp_path, sample, samples, folder) is None


def test_untrained_and_trained_runs_can_be_related(build):
    _, _, runs, sample = build
    found, members = lineup.trunks(runs, sample, 3)
    pairs = similarity.pair_table(found, sample.people, draws=2)
    table = similarity.relations(pairs, members, found, sample.people, 0.9).table
    assert list(table["relation"]) == [
        similarity.SAME_NETWORK, similarity.HALF_TRAINED, similarity.UNTRAINED
    ]  # fmt: skip


def test_untrained_layers_in_half_precision_are_about_the_same(build, tmp_path):
    _, _, runs, sample = build
    for name in ("metrics.json", "environment.json", "backbone.json"):
        (tmp_path / name).write_text((runs[0] / name).read_text())
    write_json(
        read_spec(runs[0]).model_copy(update={"precision": "mixed_bfloat16"}),
        tmp_path / "spec.json",
    )
    half = layers.untrained_layers(tmp_path, sample, 5)["trunk"]
    assert half.dtype == np.float32
    np.testing.assert_allclose(
        half, layers.untrained_layers(runs[0], sample, 5)["trunk"], atol=0.05
    )


def test_chapter_knows_the_kind_of_a_run(build, tmp_path):
    config = Config(name="toy", corpus={"kind": "simulated"})
    chapter = Chapter("svcca", Workspace(config, tmp_path))
    assert chapter.kind_of(str(build[2][0])) == "combined"
    with pytest.raises(InputError, match="no run 'nobody'"):
        chapter.kind_of("nobody")
