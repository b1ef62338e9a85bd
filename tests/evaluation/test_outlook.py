"""What a build leaves open, and what it would take to settle it."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import outlook


def ledger(*rows):
    columns = ["name", "effect", "low", "high", "smallest", "verdict"]
    return pd.DataFrame(rows, columns=columns)


PEOPLE = dict.fromkeys("abcde", 10)


@pytest.mark.parametrize(
    ("effect", "half", "smallest", "needed"),
    [
        (0.1, 0.2, 0.02, 40),  # twice as narrow lies above zero: four times the people
        (-0.08, 0.2, 0.02, 40),  # twice as narrow lies below the smallest effect
        (0.01, 0.02, 0.02, 40),  # in the middle, both ends are as far
        (0.02, 0.03, 0.02, 23),  # 22.5
    ],
)
def test_people_needed_follow_the_square_of_the_interval(effect, half, smallest, needed):
    row = ("a", effect, effect - half, effect + half, smallest, "undecided")
    table = outlook.outlook_table(ledger(row), PEOPLE)
    assert table.loc[0, "people_needed"] == needed
    assert table.loc[0, "open_by"] == outlook.OPEN_BY_WIDTH


def test_open_for_other_reasons_needs_no_number_of_people():
    table = outlook.outlook_table(
        ledger(
            ("a", 0.1, 0.05, 0.15, 0.02, "undecided"),
            ("b", 0.0, np.nan, np.nan, 0.02, "undecided"),
            ("c", 0.1, -0.1, 0.3, 0.02, "undecided"),
            ("d", 0.1, 0.05, 0.15, 0.02, "supported"),
            ("e", 0.0, -0.1, 0.1, 0.0, "undecided"),
        ),
        PEOPLE,
    ).set_index("claim")
    assert list(table.index) == ["c", "a", "b", "e"]
    assert table.loc["a", "open_by"] == outlook.OPEN_BY_NUMBER
    assert table.loc["b", "open_by"] == outlook.OPEN_BY_CONSTANCY
    assert table["people_needed"].isna().tolist() == [False, True, True, True]


def test_outlook_sentence_names_the_nearest_the_farthest_and_the_other_reasons():
    columns = ["claim", "open_by", "people", "people_needed"]
    width, number = outlook.OPEN_BY_WIDTH, outlook.OPEN_BY_NUMBER
    rows = [(name, width, 10, 10.0**n) for n, name in enumerate("abcde", start=2)]
    table = pd.DataFrame([*rows, ("f", number, 10, np.nan)], columns=columns)
    assert outlook.outlook_sentence(table) == (
        "Of the claims tested, 6 are left open. If effects stay what they are, they would take "
        "some 100 people instead of 10 (a), some 1,000 people instead of 10 (b), some 10,000 "
        "people instead of 10 (c) and some 1,000,000 people instead of 10 (e). Only the correction "
        "for the number of claims keeps open f."
    )
    assert outlook.outlook_sentence(table[:0]) == "No claim that was tested is left open."
    assert "1 is left open" in outlook.outlook_sentence(table[:1])


def test_power_limit_counts_intervals_wider_than_what_matters():
    table = ledger(
        ("a", 0.1, 0.0, 0.2, 0.02, "supported"),
        ("b", 0.1, 0.09, 0.11, 0.02, "supported"),
        ("c", np.nan, np.nan, np.nan, 0.02, "not tested"),
        ("d", 0.1, 0.0, 0.2, 0.0, "supported"),
    )
    assert outlook.power_limit_sentence(table).startswith("For 1 of 2 claims")
    assert outlook.power_limit_sentence(table[1:2]).startswith("For all 1 claims")
    assert outlook.power_limit_sentence(table[2:]).startswith("No claim")


def test_rare_sentence_names_who_is_shown_by_the_fewest():
    shown = ["neutral"] * 4 + ["fear"] * 3 + ["anger"]
    people = ["a", "b", "c", "a", "a", "b", "b", "c"]
    samples = pd.DataFrame({"person": people, "split": "test", "emotion": shown})
    assert outlook.rare_sentence(samples, "test") == (
        "The fewest people show anger: 1 person of 3 in test, with 1 face. Nobody there shows "
        "happiness, sadness, surprise and disgust."
    )
    alike = samples[samples["person"] == "a"]
    assert outlook.rare_sentence(alike, "test").startswith(
        "No category is shown by more than 1 person of 1 in test. Nobody"
    )
    assert outlook.rare_sentence(samples, "train") == "Nobody in train shows any category."


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        (0.8, 0.5, "falls from the training people, 0.80, to the test people, 0.50"),
        (0.5, 0.8, "does not fall"),
        (0.501, 0.502, "0.50 on the training people and on the test people alike"),
        (0.5, np.nan, "is not known here"),
    ],
)
def test_gap_sentence_follows_what_it_prints(train, test, said):
    scores = pd.DataFrame({"metric": "accuracy", "split": ["train", "test"]})
    scores = scores.assign(estimate=[train, test])
    assert said in outlook.gap_sentence(scores, "accuracy", "test")
    assert "not known" in outlook.gap_sentence(scores, "macro_f1", "test")


def test_seed_sentence_says_once_or_how_often():
    assert "trained once" in outlook.seed_sentence([7])
    assert "with 3 random seeds" in outlook.seed_sentence([1, 2, 3])
