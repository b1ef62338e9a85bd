"""Transitions: hand-made traces, and a planted chain."""

import numpy as np
import pandas as pd
import pytest

from emolib.interpretation.transitions import (
    duration_table,
    find_episodes,
    from_neutral,
    median_duration,
    transition_matrix,
)


def trace(text, track="t", person="p", step=0.5):
    """Return a track from letters: n neutral, h happiness, f fear, . without a category."""
    names = {"n": "neutral", "h": "happiness", "f": "fear", ".": ""}
    time = np.arange(len(text)) * step
    table = pd.DataFrame({"time": time, "emotion": [names.get(each, "gap") for each in text]})
    return table[table["emotion"] != "gap"].assign(track=track, person=person)


def test_find_episodes_by_hand():
    found = find_episodes(trace(".. nnn..hhh.f..".replace(" ", "")), max_gap=1.0)
    assert found["emotion"].tolist() == ["neutral", "happiness", "fear"]
    assert found["duration"].tolist() == [1.5, 1.5, 0.5]
    assert found["previous"].tolist() == ["", "neutral", "happiness"]
    assert found["complete"].tolist() == [True, True, True]


def test_find_episodes_at_the_ends_are_incomplete():
    found = find_episodes(trace("nnhh.ff"), max_gap=1.0)
    assert found["complete"].tolist() == [False, True, False]


def test_find_episodes_a_gap_and_another_track_break_the_chain():
    table = pd.concat([trace("..hh__________ff.."), trace("..nn..", "u", "q")])
    found = find_episodes(table, max_gap=1.0)
    assert found["previous"].tolist() == ["", "", ""]
    assert found["track"].tolist() == ["t", "t", "u"]
    assert find_episodes(table, max_gap=9.0)["previous"].tolist() == ["", "happiness", ""]


def test_find_episodes_of_nothing():
    assert find_episodes(trace(""), 1.0).empty and find_episodes(trace("..."), 1.0).empty


def test_transition_matrix_counts_followers():
    counts = transition_matrix(find_episodes(trace(".n.h.n.h.f.f"), 1.0))
    assert counts.loc["neutral", "happiness"] == 2 and counts.loc["happiness", "neutral"] == 1
    assert counts.loc["fear", "fear"] == 1 and counts.to_numpy().sum() == 5


def test_from_neutral_is_the_share_of_emotions_after_neutral():
    assert from_neutral(find_episodes(trace(".n.h.n.h.f.f"), 1.0)).value == 0.5
    assert np.isnan(from_neutral(find_episodes(trace("..n.."), 1.0)).value)


def test_transition_matrix_recovers_a_planted_chain():
    generator = np.random.default_rng(0)
    letters, chain = ["n"], {"n": "hf", "h": "n", "f": "nh"}
    for _ in range(3000):
        options = chain[letters[-1]]
        letters.append(options[0] if generator.random() < 0.8 else options[-1])
    counts = transition_matrix(find_episodes(trace("".join(letters)), 1.0))
    shares = counts.div(counts.sum(axis=1), axis=0)
    assert shares.loc["neutral", "happiness"] == pytest.approx(0.8, abs=0.05)
    assert shares.loc["fear", "neutral"] == pytest.approx(0.8, abs=0.08)
    assert shares.loc["happiness", "neutral"] == 1


def test_median_duration_censoring_undoes_the_end_of_the_film():
    generator = np.random.default_rng(0)
    truth = generator.gamma(4, 1, 4000)
    film = generator.uniform(1, 8, 4000)
    seen, complete = np.minimum(truth, film), truth <= film
    assert np.median(seen) < 3
    assert median_duration(seen, complete) == pytest.approx(np.median(truth), rel=0.05)


def test_median_duration_never_seen_to_end_is_undefined():
    assert np.isnan(median_duration(np.array([1.0, 2.0]), np.array([False, False])))


def test_duration_table_gives_intervals_over_people():
    tracks = [trace(".." + "h" * n + "..", f"t{n}", f"p{n}") for n in range(4, 16)]
    episodes = find_episodes(pd.concat(tracks), 1.0)
    (row,) = duration_table(episodes, confidence=0.9, n_replicates=200, seed=0).itertuples()
    assert (row.episodes, row.people) == (12, 12)
    assert row.low < row.median < row.high
    assert row.median == pytest.approx(4.5)
