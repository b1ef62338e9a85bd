"""Probes: what is planted in a representation is read from it, and nothing else."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.interpretation.probes import (
    CATEGORY_STATES,
    COMBINED_STATES,
    DIMENSIONAL_STATES,
    RANDOM,
    contrast_pairs,
    contrast_table,
    probe,
    probe_all,
    probe_table,
)

NAMES = np.array(["neutral", "fear", "happiness"])


@pytest.fixture(scope="module", name="faces")
def _faces():
    generator = np.random.default_rng(0)
    n, people = 1200, 24
    code = generator.choice(3, n, p=[0.6, 0.2, 0.2])
    values = np.tanh(generator.normal(0, 0.5, (n, 2)))
    return pd.DataFrame(
        {
            "track": "t",
            "frame": np.arange(n),
            "person": np.repeat([f"p{i:02d}" for i in range(people)], n // people),
            "split": np.repeat(["train", "validation", "test"], [600, 200, 400]),
            "emotion": NAMES[code],
            "valence": values[:, 0],
            "arousal": values[:, 1],
        }
    )


def hold(faces, what, dimension=20, noise=0.3, seed=1):
    """Return random directions for the columns `what`, and noise."""
    generator = np.random.default_rng(seed)
    signal = pd.get_dummies(faces[what]).to_numpy(float)
    signal = signal @ generator.normal(0, 1, (signal.shape[1], dimension))
    return signal + generator.normal(0, noise, (len(faces), dimension))


def scores(table):
    found = probe_table({("r", "p"): table}, confidence=0.95).set_index("metric")
    return found["estimate"], found["low"], found["high"]


@pytest.mark.parametrize("kind", ["linear", "shallow"])
def test_probe_reads_what_is_held_and_nothing_else(faces, kind):
    estimate, low, _ = scores(probe(hold(faces, ["valence"]), faces, kind, seed=0))
    assert estimate["ccc_valence"] > 0.8 and low["ccc_valence"] > 0.7
    assert abs(estimate["ccc_arousal"]) < 0.15
    assert estimate["balanced_accuracy"] < 0.42


@pytest.mark.parametrize("kind", ["linear", "shallow"])
def test_probe_reads_categories_the_rare_ones_too(faces, kind):
    estimate, *_ = scores(probe(hold(faces, ["emotion"]), faces, kind, seed=0))
    assert estimate["balanced_accuracy"] > 0.9


def test_probe_shallow_reads_what_no_line_can(faces):
    bent = np.random.default_rng(2).normal(0, 1, (len(faces), 2))
    faces = faces.assign(emotion=np.where(bent.prod(axis=1) > 0, "fear", "neutral"))
    linear, shallow = (
        scores(probe(bent, faces, kind, seed=0))[0]["balanced_accuracy"]
        for kind in ("linear", "shallow")
    )
    assert linear < 0.6 and shallow > 0.8


def test_probe_reduces_wide_features(faces):
    estimate, *_ = scores(probe(hold(faces, ["emotion"], dimension=300), faces, seed=0))
    assert estimate["balanced_accuracy"] > 0.9


def test_probe_with_one_category_to_learn_from_is_a_constant(faces):
    table = probe(hold(faces, ["valence"]), faces.assign(emotion="fear"), seed=0)
    assert set(table["predicted_emotion"]) == {"fear"}


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        (lambda faces: faces, "deep", "unknown probe 'deep'"),
        (lambda faces: faces.head(5), "linear", "1200 representations of 5 faces"),
        (lambda faces: faces.assign(split="train"), "linear", "no face of the validation people"),
    ],
)
def test_probe_impossible_input_is_refused(faces, change, kind, message):
    with pytest.raises(InputError, match=message):
        probe(np.zeros((1200, 3)), change(faces), kind, seed=0)


def test_contrast_table_tells_more_from_less_and_skips_what_is_lacking(faces):
    held = {
        CATEGORY_STATES: hold(faces, ["valence", "arousal"]),
        f"VGG16 {RANDOM}": np.random.default_rng(0).normal(0, 1, (1200, 5)),
    }
    found = contrast_table(
        probe_all(held, faces, seed=0), contrast_pairs(held), confidence=0.95, seed=1
    )
    assert set(found["second"]) == {f"VGG16 {RANDOM}"}
    assert found["metric"].tolist() == ["ccc_valence", "ccc_arousal"]
    assert (found["low"] > 0.3).all() and (found["p_holm"] == 2 * found["p"]).all()


def test_contrast_pairs_ask_for_the_representation_that_was_not_trained():
    pairs = contrast_pairs(["VGG16 features", f"VGG16 {RANDOM}"])
    assert pairs[CATEGORY_STATES, f"VGG16 {RANDOM}"] == ("ccc_valence", "ccc_arousal")
    assert pairs[DIMENSIONAL_STATES, CATEGORY_STATES] == ("balanced_accuracy",)
    assert pairs[COMBINED_STATES, CATEGORY_STATES] == ("balanced_accuracy",)
