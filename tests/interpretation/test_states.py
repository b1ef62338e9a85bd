"""States: a toy network's, face by face."""

from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from emolib.data.sequences import build_sequences
from emolib.interpretation.inputs import face_features, trunk_states
from emolib.interpretation.states import answers_of, network_states, whole_sequences
from emolib.models.inspection import InspectedRun
from emolib.models.networks import build_network, network_spec
from emolib.storage import write_array

FEATURES, LENGTH = 6, 5


class Toy(InspectedRun):
    """A run whose backbone is the mean colour."""

    def features(self, crops):
        return np.repeat(crops.mean(axis=(1, 2, 3))[:, None], FEATURES, axis=1).astype(np.float16)


def toy(network="vgg16-combined-1fc"):
    keras.utils.set_random_seed(1)
    spec = SimpleNamespace(sequence_length=LENGTH, max_gap=1.0, end_to_end=False, backbone="vgg16")
    backbone = SimpleNamespace(key="toy", dimension=FEATURES)
    return Toy(spec, build_network(network_spec(network), LENGTH, FEATURES, 0.5), backbone)


@pytest.fixture(scope="module", name="run")
def _run():
    return toy()


@pytest.fixture(name="faces")
def _faces(tmp_path):
    generator = np.random.default_rng(0)
    tables = []
    for number, track in enumerate("abcdef"):
        crops = generator.integers(0, 255, (12, 4, 4, 3)).astype(np.uint8)
        write_array(crops, tmp_path / f"{track}.npy")
        tables.append(
            pd.DataFrame(
                {
                    "track": track, "person": track, "row": np.arange(12), "frame": np.arange(12),
                    "time": np.arange(12) / 30, "split": ["train", "test"][number % 2],
                    "emotion": "fear", "valence": 0.1, "arousal": 0.2,
                }
            )
        )  # fmt: skip
    return pd.concat(tables, ignore_index=True)


def test_lstm_states_are_those_of_each_sequence(run, faces, tmp_path):
    features = face_features(run, faces, tmp_path)
    found = trunk_states(run.trunk, features, build_sequences(faces, LENGTH, 1.0))
    by_hand = np.asarray(run.trunk(features[12:17][None].astype(np.float32)))[0]
    assert found.shape == (72, 128)
    np.testing.assert_allclose(found[12:17], by_hand, atol=1e-5)


def test_whole_sequences_keep_sequences_of_every_split(run, faces):
    kept = whole_sequences(run, faces, 20)
    assert set(kept["split"]) == {"train", "test"} and len(kept) <= 30
    assert whole_sequences(run, faces, 1000).equals(faces)
    lengths = kept.groupby(["track", kept["row"] // LENGTH]).size()
    assert set(lengths) <= {LENGTH, 12 % LENGTH}


def test_network_states_share_the_controls_of_a_backbone(run, faces, tmp_path):
    runs = {"category": toy("vgg16-category-1fc"), "combined": run}
    held = network_states(runs, faces, tmp_path, lambda name: tmp_path / name, seed=0)
    assert list(held) == [
        *("VGG16 features", "VGG16 states at random"),
        *("category-only states", "combined states"),
    ]
    assert {len(values) for values in held.values()} == {72}


def test_answers_replace_the_labels_by_what_the_network_says(run, faces, tmp_path):
    said = answers_of({"combined": run}, faces, tmp_path, lambda name: tmp_path / name)
    features = face_features(run, faces, tmp_path)[:5].astype(np.float32)
    expected = np.asarray(run.network(features[None])["dimensional"])[0].clip(-1, 1)
    np.testing.assert_allclose(said[["valence", "arousal"]].head(5), expected, atol=1e-5)


def test_answers_without_a_combined_network_are_none(faces, tmp_path):
    assert answers_of({}, faces, tmp_path, lambda name: tmp_path).empty
