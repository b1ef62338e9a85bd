"""Which network is best, and how certain that is."""

import numpy as np
import pytest

from emolib.evaluation import leaders
from emolib.evaluation.formatting import format_table
from emolib.evaluation.results import Network, baseline_networks
from emolib.evaluation.uncertainty import difference_interval

SETTINGS = {"n_replicates": 200, "seed": 1}


@pytest.fixture(name="corpus", scope="module")
def _corpus(simulate):
    return simulate(splits=("train", "validation", "test"), people=6)


@pytest.fixture(name="network")
def _network(corpus, with_predictions_of):
    def network(seed, skill, lacks=(), layers=1):
        table = with_predictions_of(corpus, seed, skill=skill).drop(columns=list(lacks))
        return Network(table, "category" if lacks else "combined", "vgg16", layers)

    return network


def test_leader_far_ahead_is_certainly_above_all(network):
    networks = {"good": network(1, 0.95), "poor": network(2, 0.3), "bad": network(3, 0.1)}
    (row,) = leaders.leader_table(networks, ["macro_f1"], "test", **SETTINGS).itertuples()
    assert (row.network, row.networks, row.people) == ("good", 3, 6)
    assert (row.below, row.alike, row.above, row.rank) == (2, 0, 0, 1)
    assert row.highest == 1.0
    assert row.low < row.value == networks["good"].on("test").value("macro_f1") < row.high


def test_leader_is_chosen_on_validation_and_may_lose_on_test(network, corpus):
    lucky = network(1, 0.95).seeds[0]
    test = corpus["split"] == "test"
    lucky.loc[test, "predicted_emotion"] = "disgust"  # which nobody shows
    networks = {"steady": network(2, 0.7), "lucky": Network(lucky, "combined", "vgg19", 1)}
    (row,) = leaders.leader_table(networks, ["accuracy"], "test", **SETTINGS).itertuples()
    assert (row.network, row.rank, row.above, row.highest) == ("lucky", 2, 1, 0.0)


def test_leader_equal_networks_are_alike(network):
    networks = {"a": network(1, 0.5), "b": network(1, 0.5), "c": network(2, 0.5)}
    (row,) = leaders.leader_table(networks, ["accuracy"], "test", **SETTINGS).itertuples()
    assert (row.below, row.alike, row.above) == (0, 2, 0)


def test_leader_of_two_metrics_has_a_row_each_and_one_network(network):
    networks = {
        "a": network(1, 0.8),
        "b": network(2, 0.4),
        "c": network(3, 0.9, ["predicted_valence"]),
    }
    table = leaders.leader_table(networks, ["ccc_valence", "ccc_arousal"], "test", **SETTINGS)
    assert list(table["metric"]) == ["ccc_valence", "ccc_arousal"]
    assert set(table["network"]) == {"a"} and set(table["networks"]) == {2}


def test_leader_of_no_network_has_no_row_and_baselines_are_none(corpus):
    trivial = baseline_networks(corpus, "emotion")
    assert leaders.leader_table(trivial, ["accuracy"], "test", **SETTINGS).empty
    assert leaders.leader_table({}, ["accuracy"], "test", **SETTINGS).empty


def test_leader_of_one_person_has_no_interval_and_nobody_is_below(simulate, with_predictions_of):
    samples = simulate(splits=("validation", "test"), people=1)
    networks = {
        str(skill): Network(with_predictions_of(samples, 1, skill=skill), "combined", "vgg16", 1)
        for skill in (0.9, 0.1)
    }
    (row,) = leaders.leader_table(networks, ["accuracy"], "test", **SETTINGS).itertuples()
    assert np.isnan([row.low, row.high, row.highest]).all()
    assert (row.below, row.alike, row.rank) == (0, 1, 1)


def test_implied_p_is_at_the_level_where_the_interval_touches_zero(network):
    sides = [network(seed, skill).on("test") for seed, skill in ((1, 0.6), (2, 0.4))]
    found = difference_interval(*sides, "accuracy")
    touching = found._replace(low=0.0, high=2 * found.estimate)
    assert leaders._implied_p(touching, 6, 0.95) == pytest.approx(0.05)
    assert np.isnan(leaders._implied_p(found._replace(low=np.nan, high=np.nan), 6, 0.95))
    assert np.isnan(leaders._implied_p(found._replace(low=0.0, high=0.0), 6, 0.95))


def test_overview_has_a_line_for_each_network_with_places_and_links(network):
    kinds = [{"A": network(1, 0.9, ["predicted_valence"])}, {}, {"A": network(2, 0.5, layers=2)}]
    metrics = ["macro_f1", "ccc_valence"]
    table = leaders.overview_table(kinds, metrics, "test")
    assert list(table["key"]) == ["vgg16-category-1fc", *["vgg16-combined-2fc"] * 2]
    rows = format_table(leaders.overview_rows(table, metrics))
    assert list(rows) == ["Network", "Kind", "Macro F1", "CCC valence"]
    assert (
        rows.loc[0, "Network"] == "[]{#network-vgg16-category-1fc}[A](#layers-vgg16-category-1fc)"
    )
    assert rows.loc[0, "CCC valence"] == "–"
    score = table.loc[1]
    assert rows.loc[1, "Macro F1"].startswith(f"{score['estimate']:.2f} ({score['low']:.2f} to ")


def test_trivial_predictors_stand_last_without_links_and_beside_the_leader(network, corpus):
    trivial = baseline_networks(corpus, "emotion") | baseline_networks(corpus, "valence")
    kinds = [{"A": network(1, 0.9)}, trivial]
    rows = leaders.overview_rows(
        leaders.overview_table(kinds, ["accuracy", "ccc_valence"], "test"),
        ["accuracy", "ccc_valence"],
    )
    assert list(rows["network"][1:]) == ["majority class", "train prior", "train mean"]
    assert list(rows["kind"]) == ["combined", *["trivial"] * 3]
    assert rows["accuracy"][3] == "–" and rows["ccc_valence"][1] == "–"
    table = leaders.leader_table(kinds[0], ["accuracy"], "test", trivial=trivial, **SETTINGS)
    reached = [trivial[name].on("test").value("accuracy") for name in rows["network"][1:3]]
    assert table["trivial"].item() == max(reached)


def test_overview_without_networks_is_one_line_of_dashes():
    table = leaders.overview_table([{}, {}], ["accuracy"], "test")
    assert format_table(leaders.overview_rows(table, ["accuracy"])).to_numpy().tolist() == [
        ["–"] * 3
    ]
