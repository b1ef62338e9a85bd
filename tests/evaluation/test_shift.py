"""Label-prior shift between splits."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation.shift import prior_shift_table


def faces(shares):
    """Return faces of `people` per split: split -> (emotion of each person, faces of each)."""
    rows = [
        (split, f"{split}{person}", emotion)
        for split, people in shares.items()
        for person, emotions in enumerate(people)
        for emotion in emotions
    ]
    return pd.DataFrame(rows, columns=["split", "person", "emotion"])


def test_total_variation_hand_case():
    table = prior_shift_table(
        faces({"train": [["fear"] * 3, ["anger"]], "test": [["fear"], ["anger"] * 3]}), seed=0
    )
    assert list(table["splits"]) == ["train and test"]
    assert table.loc[0, "total_variation"] == pytest.approx(0.5)
    assert 0 <= table.loc[0, "low"] <= table.loc[0, "high"] <= 1


def test_people_of_one_category_each_by_chance_equals_enumeration():
    # Two people a split, one category each: of the 3 ways to split the four, one parts the fearful
    # from the angry (total variation 1), two mix them (0).
    table = prior_shift_table(
        faces({"train": [["fear"]] * 2, "test": [["anger"]] * 2}), n_replicates=4000, seed=0
    )
    assert table.loc[0, "total_variation"] == 1
    assert table.loc[0, "by_chance"] == pytest.approx(1 / 3, abs=0.03)
    assert table.loc[0, "p"] == pytest.approx(1 / 3, abs=0.03)


def test_equal_people_never_differ():
    same = [["fear", "anger"]] * 5
    table = prior_shift_table(faces({"train": same, "validation": same, "test": same}), seed=0)
    assert list(table["splits"]) == [
        "train and validation",
        "train and test",
        "validation and test",
    ]
    assert (table[["total_variation", "low", "high", "by_chance"]] == 0).all(axis=None)
    assert (table["p"] == 1).all()


def test_planted_shift_is_found_and_chance_alone_seldom():
    rng = np.random.default_rng(0)

    def people(p, number):
        return [list(rng.choice(["fear", "anger"], 20, p=[p, 1 - p])) for _ in range(number)]

    shifted = prior_shift_table(faces({"train": people(0.8, 12), "test": people(0.2, 8)}), seed=0)
    assert shifted.loc[0, "p"] < 0.01
    assert shifted.loc[0, "total_variation"] > shifted.loc[0, "high"]
    p_values = [
        prior_shift_table(
            faces({"train": people(0.5, 8), "test": people(0.5, 8)}), n_replicates=99, seed=0
        ).loc[0, "p"]
        for _ in range(60)
    ]
    assert np.mean(np.array(p_values) <= 0.1) <= 0.22


def test_unlabelled_faces_and_absent_splits_are_left_out():
    table = faces({"train": [["fear"]], "validation": [[""]], "test": [["fear", ""]]})
    found = prior_shift_table(table, n_replicates=20, seed=0)
    assert list(found["splits"]) == ["train and test"]
