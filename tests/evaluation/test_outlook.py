"""What a build leaves open, and what it would take to settle it."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation import outlook


def ledger(*rows):
    columns = ["name", "effect", "low", "high", "smallest", "verdict"]
    return pd.DataFrame(rows, columns=columns).assign(people=10)


@pytest.mark.parametrize(
    ("effect", "half", "smallest", "needed"),
    [
        (0.1, 0.2, 0.02, 40),  # twice as narrow lies above zero: four times the people
        (-0.08, 0.2, 0.02, 40),  # twice as narrow lies below the smallest effect
        (0.01, 0.02, 0.02, 40),  # in the middle, both ends are as far
        (0.02, 0.03, 0.02, 23),  # 22.5
        (0.02, 0.2, 0.02, 1000),
        (0.02, 0.193, 0.02, 930),  # 931.2: two digits count
    ],
)
def test_people_needed_follow_the_square_of_the_interval(effect, half, smallest, needed):
    row = ("a", effect, effect - half, effect + half, smallest, "undecided")
    table = outlook.outlook_table(ledger(row))
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
        )
    ).set_index("claim")
    assert list(table.index) == ["c", "a", "b", "e"]
    assert table.loc["a", "open_by"] == outlook.OPEN_BY_NUMBER
    assert table.loc["b", "open_by"] == outlook.OPEN_BY_CONSTANCY
    assert table["people_needed"].isna().tolist() == [False, True, True, True]


def test_outlook_sentence_names_all_that_are_few_or_both_ends_and_the_other_reasons():
    columns = ["claim", "open_by", "people", "people_needed"]
    width, number = outlook.OPEN_BY_WIDTH, outlook.OPEN_BY_NUMBER
    rows = [(name, width, 10, 10.0**n) for n, name in enumerate("abcdef", start=2)]
    table = pd.DataFrame([*rows, ("g", number, 10, np.nan)], columns=columns)
    assert outlook.outlook_sentence(table) == (
        "Of the claims tested, 7 are left open. If effects stay what they are, it would take from "
        "some 100 people instead of 10 (a) to some 10,000,000 people instead of 10 (f). Only the "
        "correction for the number of claims keeps open g."
    )
    assert "some 100 people instead of 10 (a), some 1,000 people instead of 10 (b) and some" in (
        outlook.outlook_sentence(table[:3])
    )
    assert outlook.outlook_sentence(table[1:6]).count("instead of") == 5
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
    ("low", "high", "said"),
    [
        (-0.4, -0.2, "a change of −0.30 (interval over people −0.40 to −0.20): it falls."),
        (0.2, 0.4, "a change of +0.30 (interval over people +0.20 to +0.40): it rises."),
        (-0.4, 0.2, ": whether it falls is open."),
        (np.nan, np.nan, "(without an interval): whether it falls is open."),
    ],
)
def test_gap_sentence_follows_its_interval(low, high, said):
    change = 0.3 if low > 0 else -0.3
    row = {"metric": "accuracy", "networks": 12, "train": 0.5, "judged": 0.5 + change}
    row = pd.Series(row | {"change": change, "low": low, "high": high})
    sentence = outlook.gap_sentence(row, "test")
    assert sentence.startswith("The mean total accuracy of the 12 networks that it judges is 0.50 ")
    assert sentence.endswith(said)
    assert "of the one network that" in outlook.gap_sentence(row.replace(12, 1), "test")
    assert "not known" in outlook.gap_sentence(row.replace(change, np.nan), "test")


def test_seed_sentence_says_once_or_how_often_and_names_lengths_with_fewer():
    def build(**seeds):
        return SimpleNamespace(seeds_by_length=lambda: {int(k[1:]): n for k, n in seeds.items()})

    assert "trained once" in outlook.seed_sentence([7], build(n60=1))
    same = outlook.seed_sentence([1, 2, 3], build(n30=3, n60=3))
    assert "with 3 random seeds" in same and "length" not in same
    assert outlook.seed_sentence([1, 2, 3], build(n30=1, n60=1, n80=2)).endswith(
        " The claim on sequence length rests on 1 seed with 60 frames and 2 seeds with 80 frames."
    )
