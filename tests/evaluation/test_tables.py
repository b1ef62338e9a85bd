"""Tables of the results chapters."""

import numpy as np
import pandas as pd
import pytest

from emolib.errors import InputError
from emolib.evaluation.baselines import majority_class
from emolib.evaluation.metrics import category_metrics, dimensional_metrics
from emolib.evaluation.predictions import select_split
from emolib.evaluation.tables import (
    CATEGORY_COLUMNS,
    advantage_intervals,
    advantage_table,
    category_table,
    comparison_table,
    difference_intervals,
    dimensional_table,
    format_table,
    precision_recall_table,
)
from emolib.evaluation.uncertainty import bootstrap_difference, holm, permutation_test


@pytest.fixture(name="runs")
def _runs(simulate, with_predictions_of):
    corpus = simulate(splits=("train", "test"), people=6)
    return [with_predictions_of(corpus, seed) for seed in (1, 2)]


def test_category_table_cells_are_means_over_seeds(runs):
    table = category_table({"VGG-16": runs, "VGG-19": runs[0]}, "test").set_index("network")
    assert list(table.columns) == list(CATEGORY_COLUMNS)
    assert list(table.index) == ["VGG-16", "VGG-19", "majority class", "train prior"]
    seeds = [category_metrics(select_split(run, "test")) for run in runs]
    for column in ("recall_sadness", "accuracy", "macro_f1"):
        assert table.loc["VGG-16", column] == np.mean([values[column] for values in seeds])
        assert table.loc["VGG-19", column] == seeds[0][column]
    baseline = category_metrics(select_split(majority_class(runs[0]), "test"))
    assert table.loc["majority class", "accuracy"] == baseline["accuracy"]
    assert np.isnan(table.loc["VGG-16", "recall_disgust"])


def test_dimensional_table_holds_concordance_and_error(runs):
    table = dimensional_table({"VGG-16": runs[0]}, "test").set_index("network")
    assert list(table.index) == ["VGG-16", "train mean"]
    values = dimensional_metrics(select_split(runs[0], "test"))
    for column in ("ccc_valence", "ccc_arousal", "mse_valence", "mse_arousal"):
        assert table.loc["VGG-16", column] == values[column]


def test_network_table_wrong_kind_or_none_is_refused(runs):
    with pytest.raises(InputError, match="mapping of networks is empty"):
        category_table({}, "test")
    dimensional_only = runs[0].drop(columns="predicted_emotion")
    with pytest.raises(InputError, match="'D' does not predict emotion"):
        category_table({"C": runs[0], "D": dimensional_only}, "test")


def test_precision_recall_table_averages(runs):
    table = precision_recall_table(runs[0], "test").set_index("emotion")
    values = category_metrics(select_split(runs[0], "test"))
    assert table.loc["anger", "precision"] == values["precision_anger"]
    assert table.loc["weighted average", "recall"] == pytest.approx(values["accuracy"])
    assert table.loc["macro average", "f1"] == pytest.approx(values["macro_f1"])
    assert table.loc["macro average", "faces"] == table["faces"][:7].sum() == 180


def test_precision_recall_table_never_predicted_category_counts_as_zero(runs):
    constant = runs[0].assign(predicted_emotion="neutral")
    table = precision_recall_table(constant, "test").set_index("emotion")
    share = table.loc["neutral", "faces"] / table.loc["macro average", "faces"]
    assert np.isnan(table.loc["sadness", "precision"])
    assert table.loc["weighted average", "precision"] == pytest.approx(share * share)


def test_comparison_table_agrees_with_its_parts(runs, with_predictions_of):
    single = [with_predictions_of(runs[0], seed, skill=0.4) for seed in (3, 4)]
    metrics = ("accuracy", "recall_disgust", "ccc_valence")
    table = comparison_table(
        runs, single, metrics, "test", n_replicates=50, n_permutations=99, seed=1
    )
    assert list(table["metric"]) == list(metrics)
    test = [[select_split(run, "test") for run in side] for side in (runs, single)]
    interval = bootstrap_difference(*test, "accuracy", n_replicates=50, seed=1)
    row = table.iloc[0]
    assert (row["difference"], row["low"], row["high"]) == interval[:3]
    assert row["difference"] == pytest.approx(row["combined"] - row["single"])
    assert row["p"] == permutation_test(*test, "accuracy", n_permutations=99, seed=1).p
    np.testing.assert_array_equal(table["p_holm"], holm(table["p"]))
    assert table.loc[1, ["combined", "difference", "p"]].isna().all()
    assert table.loc[2, ["majority class", "train prior"]].isna().all()
    assert np.isnan(table.loc[0, "train mean"])
    assert table.loc[2, "train mean"] == pytest.approx(0, abs=1e-12)


def test_comparison_table_leaves_out_baselines_of_another_kind(runs):
    table = comparison_table(runs[0], runs[1], ["ccc_arousal"], "test", n_replicates=9, seed=0)
    assert "train mean" in table and "majority class" not in table


def test_advantage_table_takes_the_best_baseline_of_each_metric(runs):
    dimensional_only = runs[0].drop(columns="predicted_emotion")
    networks = {"combined": runs, "dimensional": dimensional_only}
    table = advantage_table(networks, ["accuracy", "mse_valence"], "test", n_replicates=50, seed=0)
    assert list(zip(table["network"], table["metric"], strict=True)) == [
        ("combined", "accuracy"),
        ("combined", "mse_valence"),
        ("dimensional", "mse_valence"),
    ]
    trivial = category_table({"combined": runs}, "test").set_index("network")["accuracy"][1:]
    assert table.loc[0, "baseline_value"] == trivial.max()
    assert table.loc[0, "baseline"] == trivial.idxmax()
    np.testing.assert_allclose(table["difference"], table["value"] - table["baseline_value"])
    assert (table["low"] <= table["difference"]).all()
    assert (table["difference"] <= table["high"]).all()
    intervals = advantage_intervals(table)
    assert list(intervals.columns) == ["label", "estimate", "low", "high"]
    assert intervals.loc[2, "label"] == "dimensional, MSE valence"


def test_difference_intervals_stack_comparisons(runs):
    parts = [
        comparison_table(runs[0], runs[1], [metric], "test", n_replicates=20, seed=0)
        for metric in ("macro_f1", "ccc_valence")
    ]
    intervals = difference_intervals(*parts)
    assert list(intervals["label"]) == ["Macro F1", "CCC valence"]
    assert list(intervals["estimate"]) == [part["difference"][0] for part in parts]


def test_comparison_table_metric_that_one_side_lacks_is_refused(runs):
    single = runs[0].drop(columns="predicted_emotion")
    with pytest.raises(InputError, match="predicted_emotion"):
        comparison_table(runs, single, ["accuracy"], "test", seed=0)


def test_advantage_table_undefined_baseline_is_never_the_best(runs):
    table = advantage_table(
        {"combined": runs}, ["precision_anger"], "test", n_replicates=20, seed=0
    )
    # The majority class never says anger, so its precision there is undefined.
    assert list(table["baseline"]) == ["train prior"]


def test_format_table_p_values_have_three_digits():
    text = format_table(pd.DataFrame({"p": [0.0001, 0.04, np.nan], "p_holm": [0.0003, 1, 0.5]}))
    assert list(text["p"]) == ["< 0.001", "0.040", "–"]
    assert list(text["p (Holm)"]) == ["< 0.001", "1.000", "0.500"]


def test_format_table_nullable_integers():
    table = pd.DataFrame({"published": pd.array([55, None], dtype="Int64")})
    assert list(format_table(table)["Published"]) == ["55", "–"]


def test_format_table_numbers_signs_and_dashes():
    table = pd.DataFrame(
        {
            "metric": ["recall_fear", "ccc_valence", "macro_f1"],
            "low": [-0.126, np.nan, -0.001],
            "faces": [12345, 0, 7],
        }
    )
    text = format_table(table)
    assert list(text.columns) == ["Metric", "Low", "Faces"]
    assert list(text["Metric"]) == ["Fear", "CCC valence", "Macro F1"]
    assert list(text["Low"]) == ["−0.13", "–", "0.00"]
    assert list(text["Faces"]) == ["12,345", "0", "7"]
    assert list(format_table(table, decimals=1)["Low"]) == ["−0.1", "–", "0.0"]
