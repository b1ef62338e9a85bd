"""Features and states of faces: those of training, cached or not, in order, and the controls."""

import keras
import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.interpretation import inputs as read
from emolib.interpretation import representations
from emolib.models.backbones import load_backbone
from emolib.models.features import extract_tracks
from emolib.models.inspection import InspectedRun
from emolib.models.networks import TRUNK_UNITS, build_network, network_spec
from emolib.models.runs import run_specs

SIZE, FACES, LENGTH = 32, 7, 3
NETWORKS = ["vgg16-category-1fc", "vgg16-combined-1fc"]


@pytest.fixture(scope="module")
def runs():
    """Return untrained runs of two kinds on a random backbone."""
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": SIZE},
        features={"weights": "random", "precision": "float32"},
        training={"networks": NETWORKS, "seeds": [1], "sequence_length": LENGTH},
    )
    backbone = load_backbone("vgg16", weights="random", input_size=SIZE, seed=3)
    keras.utils.set_random_seed(1)
    return {
        spec.kind: InspectedRun(
            spec, build_network(network_spec(spec.network), LENGTH, backbone.dimension, 0), backbone
        )
        for spec in run_specs(config)
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, runs):
    """Write crops of two tracks and their features; return the table of faces and the folders."""
    folder, generator = tmp_path_factory.mktemp("corpus"), np.random.default_rng(1)
    (folder / "crops").mkdir()
    tracks = ["b", "a"]
    for track in tracks:
        crops = generator.integers(0, 256, (FACES, SIZE, SIZE, 3), dtype=np.uint8)
        np.save(folder / "crops" / f"{track}.npy", crops)
    extract_tracks(
        tracks, folder / "crops", folder / "features", runs["combined"].backbone,
        precision="float32", progress=False,
    )  # fmt: skip
    row = np.tile(np.arange(FACES), 2)
    faces = pd.DataFrame({"track": np.repeat(tracks, FACES), "row": row, "time": row / 30})
    return faces.drop(index=[1]).reset_index(drop=True), folder / "crops", folder / "features"


WANTED = np.array([1, 4, 12])
"""In the table without its second face: face 2 and 5 of track b, the last one of track a."""


def test_features_are_those_of_the_faces_asked_for_cached_or_not(runs, corpus):
    faces, crops, cache = corpus
    run = runs["combined"]
    expected = np.stack([np.load(cache / f"{t}.npy")[r] for t, r in (("b", 2), ("b", 5), ("a", 6))])
    cached = representations.read_inputs(run, faces, WANTED, crops, cache)
    fresh = representations.read_inputs(run, faces, WANTED, crops)
    np.testing.assert_array_equal(representations.cnn_features(cached), expected)
    np.testing.assert_allclose(representations.cnn_features(fresh), expected, rtol=0.01, atol=0.01)
    # Face 1 is asked for, so its sequence 0 to 2 is read, and so on; nothing else is.
    assert cached.features.shape[0] == 3 + 3 + 1


def test_states_are_those_of_the_whole_sequences(runs, corpus):
    faces, crops, cache = corpus
    run = runs["combined"]
    inputs = representations.read_inputs(run, faces, WANTED, crops, cache)
    states = representations.lstm_states(run.trunk, inputs)
    b = np.load(cache / "b.npy").astype(np.float32)
    sequence = b[[0, 2, 3]][None]  # face 1 is not in the table
    expected = keras.ops.convert_to_numpy(run.trunk(sequence))[0, 1]
    np.testing.assert_allclose(states[0], expected, atol=1e-5)
    assert states.shape == (3, TRUNK_UNITS)
    backwards = representations.read_inputs(run, faces, WANTED[::-1], crops, cache)
    np.testing.assert_array_equal(representations.lstm_states(run.trunk, backwards), states[::-1])


def test_features_of_another_backbone_are_not_taken_from_the_cache(runs, corpus):
    faces, crops, cache = corpus
    other = load_backbone("vgg16", weights="random", input_size=SIZE, seed=4)
    run = InspectedRun(runs["combined"].spec, runs["combined"].network, other)
    found = representations.cnn_features(
        representations.read_inputs(run, faces, WANTED, crops, cache)
    )
    np.testing.assert_allclose(
        found,
        run.features(read.read_crops(faces.iloc[WANTED], crops)),
        rtol=0.01,
        atol=0.01,
    )
    assert not np.allclose(found[0], np.load(cache / "b.npy")[2], atol=0.05)


def test_all_representations_are_named_and_in_order(runs, corpus):
    faces, crops, cache = corpus
    arguments = (runs, faces, WANTED, crops, {"vgg16": cache})
    found = representations.all_representations(*arguments, seed=5)
    assert list(found) == [
        "CNN, VGG16",
        "LSTM, category-only",
        "LSTM, combined",
        *representations.CONTROLS,
    ]
    assert all(len(x) == 3 and np.isfinite(x).all() for x in found.values())
    assert not np.allclose(found["CNN, VGG16"], found[representations.RANDOM_CNN], atol=0.05)
    again = representations.all_representations(*arguments, seed=5)
    for name, values in found.items():
        np.testing.assert_array_equal(values, again[name])
    alone = representations.of_run(runs["combined"], *arguments[1:])
    assert list(alone) == ["CNN, VGG16", "LSTM, combined"]
    np.testing.assert_array_equal(alone["LSTM, combined"], found["LSTM, combined"])
