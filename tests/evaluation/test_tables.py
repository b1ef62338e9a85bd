"""Tables of the results chapters."""

import numpy as np
import pytest

from emolib.errors import InputError
from emolib.evaluation import tables
from emolib.evaluation.baselines import majority_class
from emolib.evaluation.metrics import category_metrics, confusion_matrix, dimensional_metrics
from emolib.evaluation.predictions import select_split
from emolib.evaluation.results import BASELINE, Network, baseline_networks, best
from emolib.evaluation.uncertainty import interval


@pytest.fixture(name="seeds")
def _seeds(simulate, with_predictions_of):
    corpus = simulate(splits=("train", "validation", "test"), people=6)
    return [with_predictions_of(corpus, seed) for seed in (1, 2)]


def test_category_table_cells_are_means_over_seeds_with_their_spread(seeds):
    networks = {"VGG-16": Network(seeds), "VGG-19": Network(seeds[0])}
    networks |= baseline_networks(seeds[0], "emotion")
    table = tables.category_table(networks, "test").set_index("network")
    assert list(table.columns.drop(["accuracy_sd", "macro_f1_sd"])) == list(tables.CATEGORY_COLUMNS)
    assert list(table.index) == ["VGG-16", "VGG-19", "majority class", "train prior"]
    values = [category_metrics(select_split(seed, "test")) for seed in seeds]
    for column in ("recall_sadness", "accuracy", "macro_f1"):
        of_seeds = [value[column] for value in values]
        assert table.loc["VGG-16", column] == pytest.approx(np.mean(of_seeds))
        assert table.loc["VGG-19", column] == pytest.approx(of_seeds[0])
    accuracies = [value["accuracy"] for value in values]
    assert table.loc["VGG-16", "accuracy_sd"] == pytest.approx(np.std(accuracies, ddof=1))
    assert np.isnan(table.loc["VGG-19", "accuracy_sd"])
    baseline = category_metrics(select_split(majority_class(seeds[0]), "test"))
    assert table.loc["majority class", "accuracy"] == pytest.approx(baseline["accuracy"])


def test_category_table_category_nobody_shows_is_undefined(seeds):
    table = tables.category_table({"VGG-16": Network(seeds)}, "test")
    assert np.isnan(table.loc[0, "recall_disgust"])


def test_dimensional_table_holds_concordance_and_error(seeds):
    networks = {"VGG-16": Network(seeds[0])} | baseline_networks(seeds[0], "valence")
    table = tables.dimensional_table(networks, "test").set_index("network")
    assert list(table.index) == ["VGG-16", "train mean"]
    values = dimensional_metrics(select_split(seeds[0], "test"))
    for column in tables.DIMENSIONAL_COLUMNS:
        assert table.loc["VGG-16", column] == pytest.approx(values[column])
    assert table.loc["train mean", "ccc_valence"] == pytest.approx(0, abs=1e-12)


def test_network_table_wrong_kind_or_none_is_refused(seeds):
    with pytest.raises(InputError, match="mapping of networks is empty"):
        tables.category_table({}, "test")
    dimensional_only = Network(seeds[0].drop(columns="predicted_emotion"))
    with pytest.raises(InputError, match="'D' does not predict emotion"):
        tables.category_table({"C": Network(seeds[0]), "D": dimensional_only}, "test")


def test_by_split_table_has_every_split_with_its_spread(seeds):
    table = tables.by_split_table({"VGG-16": Network(seeds)}, "ccc_arousal")
    values = [dimensional_metrics(select_split(seed, "train"))["ccc_arousal"] for seed in seeds]
    assert table.loc[0, "train"] == pytest.approx(np.mean(values))
    assert table.loc[0, "train_sd"] == pytest.approx(np.std(values, ddof=1))
    assert {"validation", "test"} <= set(table)


def test_precision_recall_table_averages(seeds):
    table = tables.precision_recall_table(Network(seeds[0]), "test").set_index("emotion")
    values = category_metrics(select_split(seeds[0], "test"))
    assert table.loc["anger", "precision"] == pytest.approx(values["precision_anger"])
    assert table.loc["weighted average", "recall"] == pytest.approx(values["accuracy"])
    assert table.loc["macro average", "f1"] == pytest.approx(values["macro_f1"])
    assert table.loc["macro average", "faces"] == table["faces"][:7].sum() == 180


def test_precision_recall_table_never_predicted_category_counts_as_zero(seeds):
    constant = Network(seeds[0].assign(predicted_emotion="neutral"))
    table = tables.precision_recall_table(constant, "test").set_index("emotion")
    share = table.loc["neutral", "faces"] / table.loc["macro average", "faces"]
    assert table.loc["sadness", "precision"] == 0
    assert np.isnan(table.loc["disgust", "precision"])  # nobody shows it
    assert table.loc["weighted average", "precision"] == pytest.approx(share * share)


def test_precision_recall_table_is_a_mean_over_seeds_whatever_each_of_them_names(seeds):
    right = seeds[0].assign(predicted_emotion=seeds[0]["emotion"])
    never = right.assign(predicted_emotion=right["emotion"].replace("anger", "neutral"))
    table = tables.precision_recall_table(Network([right, never]), "test").set_index("emotion")
    alone = tables.precision_recall_table(Network(never), "test").set_index("emotion")
    assert table.loc["anger", ["precision", "recall", "f1"]].tolist() == [0.5, 0.5, 0.5]
    for average in ("weighted average", "macro average"):
        expected = (1 + alone.loc[average, "precision"]) / 2
        assert table.loc[average, "precision"] == pytest.approx(expected)


def test_precision_recall_table_counts_the_people_who_show_a_category(seeds):
    mine = seeds[0].assign(emotion="neutral")
    mine.loc[(mine["person"] == "test3") & (mine["frame"] < 2), "emotion"] = "fear"
    table = tables.precision_recall_table(Network(mine), "test").set_index("emotion")
    assert table.loc[["neutral", "fear", "anger", "macro average"], "people"].tolist() == [
        6,
        1,
        0,
        6,
    ]
    assert table.loc["fear", "faces"] == 2


def test_confusion_table_is_the_mean_over_seeds(seeds):
    matrices = [
        confusion_matrix(*select_split(seed, "test")[["emotion", "predicted_emotion"]].T.to_numpy())
        for seed in seeds
    ]
    found = tables.confusion_table(Network(seeds), "test")
    np.testing.assert_allclose(found, (matrices[0] + matrices[1]) / 2)


def test_score_table_has_a_row_for_every_network_metric_and_split(seeds):
    dimensional_only = Network(seeds[0].drop(columns="predicted_emotion"), "dimensional")
    networks = {"C": Network(seeds, "combined"), "D": dimensional_only}
    table = tables.score_table(networks, ["macro_f1", "ccc_valence"], ["train", "test"])
    assert len(table) == 2 + 4
    row = table[(table["metric"] == "ccc_valence") & (table["network"] == "C")].iloc[1]
    expected = interval([select_split(seed, "test") for seed in seeds], "ccc_valence")
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx(expected[:3])
    assert row["lowest"] < row["estimate"] < row["highest"]
    assert set(table.loc[table["metric"] == "macro_f1", "network"]) == {"C"}


def test_best_is_chosen_by_the_mean_of_the_metrics_on_the_split(seeds):
    right = seeds[0].assign(predicted_valence=seeds[0]["valence"])
    wrong_on_test = right.assign(
        predicted_valence=right["valence"].where(right["split"] != "test", -right["valence"])
    )
    networks = {"a": Network(seeds[0]), "b": Network(wrong_on_test), "c": Network(right)}
    assert best(networks, ["ccc_valence"], "validation") == "b"  # equal to c, and before it
    assert best(networks, ["ccc_valence", "ccc_arousal"], "test") == "c"
    assert best(networks, ["mse_valence"], "test") == "c"


def test_best_never_prefers_a_baseline_or_an_undefined_value(seeds):
    perfect = Network(seeds[0].assign(predicted_emotion=seeds[0]["emotion"]), BASELINE)
    network = Network(seeds[0])
    assert best({"trivial": perfect, "network": network}, ["accuracy"], "test") == "network"
    assert best({"trivial": perfect}, ["accuracy"], "test") == "trivial"
    never_angry = Network(seeds[0].assign(predicted_emotion="neutral"))
    networks = {"never": never_angry, "network": network}
    assert best(networks, ["precision_anger"], "test") == "network"
    with pytest.raises(InputError, match="no network to choose from"):
        best({}, ["accuracy"], "test")
