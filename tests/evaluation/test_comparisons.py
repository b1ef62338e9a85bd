"""Networks against each other."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emolib.errors import InputError
from emolib.evaluation import comparisons
from emolib.evaluation.predictions import select_split
from emolib.evaluation.results import Network, baseline_networks
from emolib.evaluation.tables import category_table
from emolib.evaluation.uncertainty import difference_interval, holm, permutation_test


@pytest.fixture(name="corpus", scope="module")
def _corpus(simulate):
    return simulate(splits=("train", "validation", "test"), people=6)


@pytest.fixture(name="network")
def _network(corpus, with_predictions_of):
    def network(seeds, skill=0.5, kind="combined", backbone="vgg16", layers=1):
        tables = [with_predictions_of(corpus, seed, skill=skill) for seed in seeds]
        return Network(tables, kind, backbone, layers)

    return network


def test_matched_pairs_share_the_backbone_and_the_layers_where_they_exist(network):
    combined = {
        "VGG16+LSTM+1FC": network([1]),
        "VGG16+LSTM+3FC": network([1], layers=3),
        "Xception+LSTM+2FC": network([1], backbone="xception", layers=2),
        "VGG19+LSTM+2FC": network([1], backbone="vgg19", layers=2),
    }
    single = {
        "one": network([2]),
        "two": network([2], layers=2),
        "shallow": network([2], backbone="vgg19"),
        "deep": network([2], backbone="vgg19", layers=3),
    }
    pairs = comparisons.matched_pairs(combined, single)
    assert {name: pair[1] for name, pair in pairs.items()} == {
        "VGG16+LSTM+1FC": single["one"],
        "VGG16+LSTM+3FC (single 2FC)": single["two"],
        "VGG19+LSTM+2FC (single 3FC)": single["deep"],
    }
    assert pairs["VGG16+LSTM+1FC"][0] is combined["VGG16+LSTM+1FC"]


def test_pair_table_agrees_with_its_parts(network):
    pairs = {"a": (network([1, 2]), network([3, 4], 0.4)), "b": (network([5, 6]), network([7, 8]))}
    metrics = ["accuracy", "ccc_valence"]
    table = comparisons.pair_table(pairs, metrics, "test", n_permutations=99, seed=1)
    assert list(table["pair"]) == ["a", "b", comparisons.MEAN_OF_PAIRS] * 2
    sides = [network.on("test") for network in pairs["a"]]
    row = table.iloc[0]
    found = difference_interval(*sides, "accuracy")
    assert (row["difference"], row["low"], row["high"]) == found[:3]
    assert row["difference"] == pytest.approx(row["combined"] - row["single"])
    assert row["p"] == permutation_test(*sides, "accuracy", n_permutations=99, seed=1).p
    mean = table["pair"] == comparisons.MEAN_OF_PAIRS
    np.testing.assert_array_equal(table.loc[mean, "p_holm"], holm(table.loc[mean, "p"]))
    np.testing.assert_array_equal(table.loc[~mean, "p_holm"], holm(table.loc[~mean, "p"]))


def test_pair_table_mean_is_that_of_the_pairs_and_leaves_extras_out(network):
    pairs = {"a": (network([1, 2]), network([3, 4], 0.4)), "b": (network([5, 6]), network([7, 8]))}
    extra = {"best on validation": (network([1, 2], 0.9), network([3, 4], 0.1))}
    table = comparisons.pair_table(
        pairs, ["macro_f1"], "test", extra=extra, n_permutations=99, seed=1
    ).set_index("pair")
    differences = table["difference"]
    assert differences[comparisons.MEAN_OF_PAIRS] == pytest.approx(differences[["a", "b"]].mean())
    assert differences["best on validation"] > 0.3
    width = table["high"] - table["low"]
    assert width[comparisons.MEAN_OF_PAIRS] < width[["a", "b"]].max()


def test_pair_table_without_pairs_has_no_row():
    table = comparisons.pair_table({}, ["macro_f1"], "test", seed=1)
    assert table.empty and "p_holm" in table


def test_pair_table_one_pair_needs_no_mean_and_undefined_is_nan(network):
    pairs = {"a": (network([1]), network([2]))}
    table = comparisons.pair_table(pairs, ["recall_disgust"], "test", n_permutations=9, seed=1)
    assert list(table["pair"]) == ["a"]
    again = comparisons.pair_table(
        pairs, ["accuracy"], "test", extra={"best": pairs["a"]}, n_permutations=9, seed=1
    )
    assert list(again["pair"]) == ["a"]
    assert table.loc[0, ["combined", "difference", "low", "p", "p_holm"]].isna().all()


def test_pair_table_metric_that_one_side_lacks_is_refused(network, corpus):
    pairs = {"a": (network([1]), Network(corpus.drop(columns="predicted_emotion")))}
    with pytest.raises(InputError, match="predicted_emotion"):
        comparisons.pair_table(pairs, ["accuracy"], "test", seed=0)


def test_best_table_shows_the_chosen_on_validation_and_test(network):
    good, bad = network([1], 0.9), network([2], 0.1)
    table = comparisons.best_table(
        {"combined": {"bad": bad, "good": good}, "category": {}}, ["macro_f1"], ["accuracy"]
    )
    assert list(table["network"]) == ["good", "good"]
    assert list(table["split"]) == ["validation", "test"]
    assert table.loc[1, "accuracy"] == good.on("test").value("accuracy")
    assert comparisons.best_pair({"x": good}, {}, ["macro_f1"]) == {}
    pair = comparisons.best_pair({"x": bad, "y": good}, {"z": bad}, ["macro_f1"])
    assert list(pair.values()) == [(good, bad)]


def test_rank_table_equals_spearman_of_scipy(network):
    networks = {str(skill): network([skill], skill / 10) for skill in (1, 3, 4, 5, 9)}
    table = comparisons.rank_table(networks, ["accuracy"], n_replicates=200, seed=0)
    values = [
        [each.on(split).value("accuracy") for each in networks.values()]
        for split in ("validation", "test")
    ]
    row = table.iloc[0]
    assert row["spearman"] == pytest.approx(stats.spearmanr(*values).statistic)
    assert -1 <= row["low"] <= row["high"] <= 1
    assert row["networks"] == 5
    assert row["best"] == list(networks)[np.argmax(values[0])]
    assert row["rank_on_test"] == 1 + sum(
        value > values[1][np.argmax(values[0])] for value in values[1]
    )


def test_rank_table_fewer_than_three_networks_have_no_correlation(network):
    networks = {"a": network([1], 0.9), "b": network([2], 0.1)}
    row = comparisons.rank_table(networks, ["mse_valence"], n_replicates=50, seed=0).iloc[0]
    assert row[["spearman", "low", "high"]].isna().all()
    assert row["best"] in networks and row["rank_on_test"] in (1, 2)
    row = comparisons.rank_table({}, ["accuracy"], n_replicates=50, seed=0).iloc[0]
    assert row["networks"] == 0 and row["best"] == "–" and pd.isna(row["rank_on_test"])


def test_spearman_of_replicates_equals_scipy_row_by_row():
    first, second = np.random.default_rng(0).integers(0, 4, size=(2, 30, 6)).astype(float)
    expected = [stats.spearmanr(a, b).statistic for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(comparisons._spearman(first, second), expected)


def test_advantage_table_takes_the_best_baseline_of_each_metric(network, corpus):
    dimensional_only = Network(corpus.drop(columns="predicted_emotion"), "dimensional")
    networks = {"combined": network([1, 2]), "dimensional": dimensional_only}
    trivial = baseline_networks(corpus, "emotion") | baseline_networks(corpus, "valence")
    table = comparisons.advantage_table(networks, trivial, ["accuracy", "mse_valence"], "test")
    assert list(zip(table["network"], table["metric"], strict=True)) == [
        ("combined", "accuracy"),
        ("combined", "mse_valence"),
        ("dimensional", "mse_valence"),
    ]
    values = category_table(baseline_networks(corpus, "emotion"), "test").set_index("network")
    assert table.loc[0, "baseline_value"] == values["accuracy"].max()
    assert table.loc[0, "baseline"] == values["accuracy"].idxmax()
    np.testing.assert_allclose(table["difference"], table["value"] - table["baseline_value"])
    assert (table["low"] <= table["difference"]).all()
    found = difference_interval(
        [select_split(seed, "test") for seed in networks["combined"].seeds],
        trivial["train mean"].on("test"),
        "mse_valence",
    )
    assert table.loc[1, "low"] == pytest.approx(found.low)


def test_advantage_table_undefined_baseline_is_never_the_best(network, corpus):
    trivial = baseline_networks(corpus, "emotion")
    table = comparisons.advantage_table({"a": network([1])}, trivial, ["precision_anger"], "test")
    # The majority class never says anger, so its precision there is undefined.
    assert list(table["baseline"]) == ["train prior"]
    assert comparisons.advantage_table({}, trivial, ["accuracy"], "test").empty
