"""Networks against trivial predictors: planted skill is seen, absent skill is not."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation.advantage import advantage_table, difference_intervals
from emolib.labels import EMOTIONS


@pytest.fixture
def faces():
    """Twenty people, forty faces each, half of them for training."""
    rng = np.random.default_rng(3)
    person = np.repeat([f"p{i:02d}" for i in range(20)], 40)
    emotion = rng.choice(EMOTIONS, size=800, p=[0.4, 0.1, 0.3, 0.05, 0.05, 0.05, 0.05])
    return pd.DataFrame(
        {
            "track": person,
            "person": person,
            "frame": np.tile(np.arange(40), 20),
            "split": np.where(person < "p10", "train", "test"),
            "emotion": emotion,
            "valence": rng.uniform(-1, 1, 800),
            "arousal": rng.uniform(-1, 1, 800),
        }
    )


def predicting(faces, share_right, seed):
    rng = np.random.default_rng(seed)
    guess = rng.permutation(faces["emotion"].to_numpy())
    right = rng.random(len(faces)) < share_right
    return faces.assign(predicted_emotion=np.where(right, faces["emotion"], guess))


def test_advantage_of_a_network_that_sees_excludes_zero(faces):
    runs = {"seer": [predicting(faces, 0.7, 1), predicting(faces, 0.7, 2)]}
    table = advantage_table(runs, ["macro_f1", "ccc_valence"], "test", n_replicates=300, seed=1)
    assert table["metric"].tolist() == ["macro_f1"]  # it predicts no valence
    row = table.iloc[0]
    assert row.low > 0
    assert row.difference == pytest.approx(row.value - row.baseline_value)


def test_advantage_of_a_network_that_guesses_is_undecided_or_negative(faces):
    runs = {"blind": predicting(faces, 0.0, 1)}
    row = advantage_table(runs, ["macro_f1"], "test", n_replicates=300, seed=1).iloc[0]
    assert row.low < 0


def test_advantage_over_the_training_mean_in_concordance(faces):
    noisy = faces.assign(
        predicted_valence=faces["valence"] * 0.8, predicted_arousal=-faces["arousal"]
    )
    table = advantage_table(
        {"linear": noisy}, ["ccc_valence", "ccc_arousal"], "test", n_replicates=300, seed=1
    )
    assert table["baseline"].tolist() == ["train mean", "train mean"]
    assert table.loc[0, "low"] > 0 > table.loc[1, "high"]


def test_difference_intervals_labels_by_network_and_metric():
    table = pd.DataFrame(
        {"network": ["a"], "metric": ["ccc_valence"], "difference": [0.1], "low": [0], "high": [1]}
    )
    assert difference_intervals(table)["label"].tolist() == ["CCC valence"]
    assert difference_intervals(table, by="network")["label"].tolist() == ["a, CCC valence"]
