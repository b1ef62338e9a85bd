"""The published tables re-read: every number of the chapter, against arithmetic done apart."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emolib.evaluation import audit, published
from emolib.labels import SPLITS


@pytest.fixture(scope="module", name="shares")
def _shares():
    return audit.share_table().set_index(["split", "emotion"])


@pytest.mark.parametrize(
    ("split", "emotion", "low", "high"),
    [
        ("train", "neutral", 0.28, 0.35),
        ("train", "sadness", 0.34, 0.39),
        ("validation", "neutral", 0.25, 0.30),
        ("validation", "sadness", 0.50, 0.51),
        ("test", "neutral", 0.38, 0.43),
        ("test", "sadness", 0.25, 0.27),
        ("train", "sadness and neutral", 0.67, 0.69),
        ("validation", "sadness and neutral", 0.76, 0.80),
        ("test", "sadness and neutral", 0.65, 0.68),
    ],
)
def test_implied_shares_of_the_thesis(shares, split, emotion, low, high):
    found = shares.loc[(split, emotion)].round(2)
    assert (found["low"], found["high"]) == (low, high)


def test_shares_are_shares_and_not_tighter_than_one(shares):
    assert ((shares["low"] >= 0) & (shares["low"] <= shares["high"])).all()
    single = shares.drop("sadness and neutral", level="emotion").groupby("split")
    assert (single["low"].sum() <= 1).all() and (single["high"].sum() >= 1).all()


def test_only_two_rows_of_validation_contradict_the_others():
    aside = {split: audit.set_aside(split) for split in SPLITS}
    assert aside == {
        "train": (),
        "validation": ("vgg16-category-1fc", "vgg16-category-2fc"),
        "test": (),
    }
    table = audit.consistency_table("validation").set_index("network")
    assert not table.loc[list(aside["validation"]), "consistent"].any()
    first, second = (table.loc[name] for name in aside["validation"])
    assert first["printed"] == 0.35 and round(first["low"], 2) == 0.40
    assert second["printed"] == 0.47 and second["low"] == pytest.approx(0.504, abs=5e-4)


@pytest.mark.parametrize("split", SPLITS)
def test_printed_totals_meet_their_bounds_exactly_where_rows_are_kept(split):
    table = audit.consistency_table(split)
    meets = (table["printed"] + 0.005 >= table["low"]) & (table["printed"] - 0.005 <= table["high"])
    assert (meets == table["consistent"]).all() and len(table) == 12


def test_shift_is_largest_between_validation_and_test():
    table = audit.shift_table().set_index(["first", "second"])["distance"]
    # Sadness alone: at least 0.496 on validation, at most 0.270 on test.
    assert table["validation", "test"] >= 0.496 - 0.270 - 1e-3
    assert table.idxmax() == ("validation", "test")
    assert (table > 0.05).all()


def test_trivial_predictors_against_the_networks():
    table = audit.trivial_table().set_index(["split", "always"])
    on_validation, on_test = table.loc[("validation", "sadness")], table.loc[("test", "neutral")]
    assert on_validation["low"] > 0.47 and on_validation["best_category"] == 0.51
    assert on_test["beaten_by"] == 1 and on_test["best_category"] == 0.52
    assert table.loc[("test", "sadness"), "mean_combined"] == pytest.approx(0.262, abs=5e-4)


def test_means_of_six_networks():
    table = audit.mean_table().set_index(["metric", "kind"])
    expected = {"category": [0.53, 0.363, 0.325], "combined": [0.678, 0.528, 0.262]}
    for kind, values in expected.items():
        np.testing.assert_allclose(table.loc[("accuracy", kind), list(SPLITS)], values, atol=5e-4)
    literal = published.load("C.6")["ccc_valence"].sum() / 6
    assert table.loc[("ccc_valence", "dimensional"), "test"] == pytest.approx(literal)
    assert len(table) == 6


def test_recognised_counts_follow_the_printed_zeros():
    table = audit.recognised_table().set_index(["split", "kind"])
    assert table.loc[("validation", "category"), "happiness"] == 0
    assert table.loc[("validation", "combined"), "anger"] == 3  # 0.01, 0.15 and 0.11
    best = table["best_mean_recall"]["validation"].round(2)
    assert best.to_dict() == {"category": 0.19, "combined": 0.25}


def test_concordances_vanish_on_test():
    table = audit.concordance_table().set_index(["split", "backbone"])
    assert table.loc["test", "low"].min() == -0.15 and table.loc["test", "high"].max() == 0.07
    assert table.loc[("train", "VGG"), "high"] == 0.87
    assert table.loc[("train", "Xception"), ["low", "high"]].tolist() == [0.01, 0.11]
    assert table["networks"].groupby("split").sum().eq(12).all()


def test_selection_validation_rank_does_not_carry_over():
    table = audit.selection_table().set_index("kind")
    assert table.loc["category", ["picked_validation", "picked_test"]].tolist() == [0.51, 0.30]
    assert table.loc["category", ["best_validation", "best_test"]].tolist() == [0.19, 0.52]
    assert table.loc["combined", "picked"] == table.loc["combined", "best"] == "vgg19-combined-1fc"
    scores = audit.selection_scores()
    ranks = scores[["validation", "test"]].rank()
    expected = np.corrcoef(ranks["validation"], ranks["test"])[0, 1]
    assert table.loc["all", "rank_correlation"] == pytest.approx(expected)
    # With twelve networks the asymptotic p-value is near that over pairings.
    asymptotic = stats.spearmanr(scores["validation"], scores["test"]).pvalue
    assert table.loc["all", "p"] == pytest.approx(asymptotic, abs=0.05)


def test_gain_shrinks_if_the_recalls_are_right():
    gain = audit.implied_gain()
    assert gain["printed_gain"] == pytest.approx(0.59 / 0.47 - 1)
    assert gain["printed_gain"] > 0.25 > 0.19 > gain["largest_gain"] > 0.16


def test_statements_only_the_share_of_the_largest_disagrees():
    table = audit.statement_table()
    disagreeing = table.loc[~table["agrees"]]
    assert disagreeing["quantity"].str.startswith("share of neutral and sadness").tolist() == [True]
    assert disagreeing["high"].item() < 0.80
    gain = table[table["quantity"].str.startswith("gain")].iloc[0]
    assert gain["low"] < 0.59 / 0.47 - 1 < gain["high"]
    assert isinstance(table, pd.DataFrame) and len(table) == len(published.statements())
