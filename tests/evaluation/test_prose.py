"""Sentences turn when their numbers turn."""

import math

import pandas as pd
import pytest

from emolib.evaluation import prose
from emolib.evaluation.comparisons import MEAN_OF_PAIRS


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


def test_difference_sentence_tells_an_interval_from_a_corrected_test():
    sentence = prose.difference_sentence(row(0.1, 0.2, p_holm=0.2), "a", "b", 0.95)
    assert "a is higher than b" in sentence
    assert "corrected p = 0.200, which does not confirm it" in sentence
    decided = prose.difference_sentence(row(0.1, 0.2, p_holm=0.01), "a", "b", 0.95)
    assert "confirm" not in decided


def test_difference_sentence_without_interval_concludes_nothing():
    sentence = prose.difference_sentence(row(math.nan, math.nan), "a", "b", 0.95)
    assert "nothing is concluded" in sentence


def test_difference_sentence_shows_minus_signs_and_corrected_p():
    sentence = prose.difference_sentence(row(-0.2, -0.1, p_holm=0.0004), "a", "b", 0.9)
    assert "−0.20" in sentence
    assert "corrected p < 0.001" in sentence


def pairs(*names):
    values = {"metric": "macro_f1", "difference": 0.1, "low": 0.05, "high": 0.2, "p_holm": 0.01}
    return pd.DataFrame([{"pair": name, **values} for name in names], columns=["pair", *values])


def test_pair_sentence_speaks_of_the_mean_where_there_is_one():
    many = prose.pair_sentence(pairs("a", "b", MEAN_OF_PAIRS), "macro_f1", "category-only", 0.95)
    assert "the mean combined network is higher than the mean category-only one" in many
    one = prose.pair_sentence(pairs("a", "best"), "macro_f1", "category-only", 0.95)
    assert "the combined network is higher than the category-only one" in one
    none = prose.pair_sentence(pairs(), "macro_f1", "category-only", 0.95)
    assert none == "Macro F1: this build has no pair of networks to compare."


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            [(0.1, 0.2)] * 2 + [(-0.1, 0.1)],
            "Of 3 networks, judged by macro F1 on the test people, 2 are above the best trivial "
            "predictor, with an interval that excludes it and 1 is not to be told from the best "
            "trivial predictor.",
        ),
        (
            [(-0.3, -0.1)],
            "The one network, judged by macro F1 on the test people, is below "
            "the best trivial predictor.",
        ),
        ([], "This build trained no network that could be judged by macro F1."),
    ],
)
def test_advantage_sentence_counts_what_the_intervals_say(limits, said):
    rows = [{"metric": "macro_f1", "low": low, "high": high} for low, high in limits]
    table = pd.DataFrame(rows, columns=["metric", "low", "high"])
    assert prose.advantage_sentence(table, "macro_f1", "test") == said


def rank(**more):
    values = {"metric": "accuracy", "networks": 6, "spearman": -0.2, "low": -0.6, "high": 0.5}
    return pd.Series(values | {"rank_on_test": 4} | more)


def test_rank_sentence_gives_place_and_correlation_or_says_why_not():
    assert prose.rank_sentence(rank(), 0.95) == (
        "Total accuracy: the best of 6 on validation is number 4 on test; the rank correlation is "
        "−0.20, 95% interval over people −0.60 to +0.50."
    )
    assert "takes three networks, and this build has 2" in prose.rank_sentence(
        rank(networks=2, spearman=math.nan), 0.95
    )
    assert "cannot be given" in prose.rank_sentence(rank(low=math.nan), 0.95)


def test_rank_sentences_say_once_that_networks_lack():
    lacking = pd.DataFrame([rank(networks=2), rank(networks=1, metric="macro_f1")])
    assert prose.rank_sentences(lacking, 0.95).count("three networks") == 1
    table = pd.DataFrame([rank(), rank(metric="ccc_valence")])
    assert "CCC valence: the best of 6" in prose.rank_sentences(table, 0.95)


def test_shift_sentence_names_what_chance_does_not_explain():
    table = pd.DataFrame({"splits": ["train and test", "validation and test"], "p": [0.01, 0.4]})
    assert prose.shift_sentence(table).endswith("the distance between train and test.")
    assert "Between no two splits" in prose.shift_sentence(table.assign(p=0.4))
    assert "cannot be compared" in prose.shift_sentence(table[:0])


def test_coverage_sentence_reads_one_method_and_size():
    table = pd.DataFrame(
        {
            "metric": ["accuracy", "macro_f1", "accuracy"],
            "method": ["m", "m", "other"],
            "people": 18,
            "coverage": [0.951, 0.94, 0.5],
        }
    )
    titles = {"accuracy": "accuracy", "macro_f1": "macro F1"}
    sentence = prose.coverage_sentence(table, "m", 18, titles)
    assert sentence == "95.1% (accuracy) and 94.0% (macro F1)"


def test_uniform_sentence_tells_even_from_uneven():
    even = [(i + 0.5) / 100 for i in range(100)]
    uneven = [p / 4 for p in even]
    assert prose.uniform_sentence({"accuracy": even}).startswith(
        "Among the p-values in accuracy (Kolmogorov-Smirnov p = 1.000; 5.0% are at most 0.05) no "
        "departure from an even spread was found."
    )
    both = prose.uniform_sentence({"a": even, "b": even, "x": uneven})
    assert both.count("no departure") == 1 and "at most 0.05) and b (" in both
    assert "in x (Kolmogorov-Smirnov p < 0.001; 20.0% are at most 0.05) the spread is not" in both


def test_power_sentence_names_the_smallest_difference_found():
    table = pd.DataFrame(
        {
            "metric": ["a", "a", "a", "b", "c"],
            "difference": [0.0, 0.11, 0.22, 0.3, 0.26],
            "power": [0.05, 0.85, 1.0, 0.4, 0.8],
        }
    )
    titles = {"a": "CCC", "b": "macro F1", "c": "accuracy"}
    sentence = prose.power_sentence(table, titles)
    assert "is 0.11 in CCC and 0.26 in accuracy." in sentence
    assert "Not even the largest that was tried, 0.30 in macro F1, is found" in sentence
    assert prose.power_sentence(table[:3], titles).count("tests") == 1
