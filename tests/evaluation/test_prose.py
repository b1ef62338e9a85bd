"""Sentences turn when their numbers turn."""

import math

import pandas as pd
import pytest

from emolib.evaluation import prose


def row(low, high, **more):
    values = {"metric": "macro_f1", "difference": (low + high) / 2, "low": low, "high": high}
    return pd.Series(values | more)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.21, "the first is higher than the second"),
        (-0.21, -0.01, "the first is lower than the second"),
        (-0.1, 0.1, "the first and the second cannot be told apart"),
    ],
)
def test_difference_sentence_follows_the_interval(low, high, said):
    sentence = prose.difference_sentence(row(low, high), "the first", "the second", 0.95)
    assert said in sentence
    assert "95% interval" in sentence


def test_difference_sentence_without_interval_concludes_nothing():
    sentence = prose.difference_sentence(row(math.nan, math.nan), "a", "b", 0.95)
    assert "nothing is concluded" in sentence


def test_difference_sentence_shows_minus_signs_and_corrected_p():
    sentence = prose.difference_sentence(row(-0.2, -0.1, p_holm=0.0004), "a", "b", 0.9)
    assert "−0.20" in sentence
    assert "corrected p < 0.001" in sentence


def test_advantage_sentence_sorts_networks_by_what_their_interval_says():
    table = pd.DataFrame(
        {
            "network": ["combined", "single"],
            "metric": ["macro_f1", "ccc_valence"],
            "low": [0.1, -0.1],
            "high": [0.2, 0.1],
        }
    )
    sentence = prose.advantage_sentence(table)
    assert "Combined in Macro F1 is above the best trivial predictor" in sentence
    assert "Single in CCC valence is not distinguishable" in sentence


def test_detection_sentence_without_truth_says_so():
    assert "without true boxes" in prose.detection_sentence(None)


def test_detection_sentence_sums_over_videos():
    table = pd.DataFrame(
        {"true_faces": [50, 50], "found": [49, 50], "false_faces": [0, 1], "wrong_person": [0, 0]}
    )
    sentence = prose.detection_sentence(table)
    assert "Of 100 true faces 99.00% were found; 1 detections" in sentence


def test_imbalance_sentence_names_the_two_commonest_and_the_rarest():
    samples = pd.DataFrame({"emotion": ["sadness"] * 5 + ["neutral"] * 4 + ["fear"]})
    sentence = prose.imbalance_sentence(samples)
    assert sentence == (
        "Sadness and neutral hold 90% of the labelled faces; the rarest category, fear, "
        "holds 10.0%."
    )
