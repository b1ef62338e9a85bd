"""Tests of `emolib.data.raters` on hand cases, planted raters and literal loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS
from emolib.data.raters import (
    MAJORITY,
    MAX_HOLE,
    RATER_COLUMNS,
    fuse_categorical,
    fuse_dimensional,
    rater_shifts,
)
from emolib.errors import InputError

NAN = np.nan


def trace(rater, times, valence, arousal=None, track="a"):
    return pd.DataFrame(
        {
            "track": track,
            "time": np.asarray(times, float),
            "valence": np.asarray(valence, float),
            "arousal": np.asarray(valence if arousal is None else arousal, float),
            "rater": rater,
        }
    )


def fused(*traces, method="mean", **options):
    table = fuse_dimensional(pd.concat(traces), method, **options).dimensional
    return table.sort_values(["track", "time"], ignore_index=True)


def test_mean_of_raters_who_share_their_stamps_is_the_mean_of_samples():
    table = fused(trace("anna", [0, 1, 2], [0, 0.2, 0.4]), trace("ben", [0, 1, 2], [1, 0, -0.4]))
    assert table["time"].tolist() == [0, 1, 2]
    assert table["valence"].tolist() == pytest.approx([0.5, 0.1, 0.0])
    assert set(table["rater"]) == {"mean"}
    assert dict(table.dtypes.astype(str)) == DIMENSIONAL_COLUMNS


def test_stamps_of_one_are_interpolated_in_the_other_but_never_beyond_its_ends():
    table = fused(trace("anna", [0, 1], [0, 1]), trace("ben", [0.5, 1.5], [0, 0]))
    assert table["time"].tolist() == [0, 0.5, 1, 1.5]
    assert table["valence"].tolist() == pytest.approx([0, 0.25, 0.5, 0])


def test_nothing_is_interpolated_across_a_hole():
    anna = trace("anna", [0, MAX_HOLE + 0.5, MAX_HOLE + 1.0], [-1, -1, -1])
    ben = trace("ben", np.arange(0, MAX_HOLE + 1.25, 0.25), np.ones(int(MAX_HOLE * 4) + 5))
    table = fused(anna, ben)
    in_hole = (table["time"] > 0) & (table["time"] < MAX_HOLE + 0.5)
    assert (table.loc[in_hole, "valence"] == 1).all()  # ben alone
    assert (table.loc[~in_hole, "valence"] == 0).all()


def test_invalid_values_never_enter():
    anna = trace("anna", [0, 0.5, 1], [0.2, -5, 0.4], arousal=[0, NAN, 0])
    ben = trace("ben", [0, 0.5, 1], [0.2, 0.3, 0.4], arousal=[1, 1, 1])
    table = fused(anna, ben)
    assert table["valence"].tolist() == pytest.approx([0.2, 0.3, 0.4])
    assert table["arousal"].tolist() == pytest.approx([0.5, 0.5, 0.5])


def test_a_dimension_that_nobody_rated_stays_missing():
    none = [NAN, NAN]
    table = fused(trace("anna", [0, 1], [0, 1], none), trace("ben", [0, 1], [0, 1], none))
    assert table["valence"].tolist() == [0, 1] and table["arousal"].isna().all()


def test_tracks_of_one_rater_stay_as_they_were():
    lone = trace("carl", [0.1, 0.2, 9.0], [0.1, 0.2, 0.3], track="b")
    table = fused(trace("anna", [0, 1], [0, 1]), trace("ben", [0, 1], [0, 1]), lone)
    kept = table[table["track"] == "b"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, lone.astype(DIMENSIONAL_COLUMNS))


SIGNAL = np.sin(np.arange(400) / 20) / 4  # with noise still within [-1, 1]
STAMPS = np.arange(400) / 20


def planted(seed=0):
    """Return a good, a middling and a contrary rater of the same signal."""
    generator = np.random.default_rng(seed)
    return [
        trace("good", STAMPS, SIGNAL + generator.normal(0, 0.03, 400), SIGNAL),
        trace("middling", STAMPS, SIGNAL + generator.normal(0, 0.1, 400), SIGNAL),
        trace("contrary", STAMPS, -SIGNAL / 2, SIGNAL),
    ]


def test_ewe_weights_are_correlations_with_the_mean_of_the_others():
    traces = planted()
    table, raters = fuse_dimensional(pd.concat(traces), "ewe")
    assert list(raters.columns) == list(RATER_COLUMNS)
    raters = raters[raters["dimension"] == "valence"].set_index("rater")
    values = {rows["rater"].iloc[0]: rows["valence"].to_numpy() for rows in traces}
    weights = {}
    for rater, own in values.items():
        others = np.mean([x for name, x in values.items() if name != rater], axis=0)
        correlation = np.corrcoef(own, others)[0, 1]
        assert raters.loc[rater, "correlation"] == pytest.approx(correlation)
        weights[rater] = max(correlation, 0)
        assert raters.loc[rater, "weight"] == pytest.approx(weights[rater])
    assert weights["contrary"] == 0 and raters.loc["contrary", "correlation"] < -0.5
    expected = sum(weights[name] * values[name] for name in values) / sum(weights.values())
    np.testing.assert_allclose(table["valence"], expected)


def test_ewe_is_nearer_to_the_signal_than_the_mean():
    errors = [
        np.mean((fused(*planted(), method=method)["valence"] - SIGNAL) ** 2)
        for method in ("ewe", "mean")
    ]
    assert errors[0] < errors[1] / 2


def test_ewe_times_of_weightless_raters_alone_get_no_value():
    late = trace("contrary", [30.0, 30.1], [0.5, 0.5], [NAN, NAN])
    table = fused(*planted(), late, method="ewe")
    assert table["time"].max() == STAMPS[-1]


def test_ewe_a_rater_who_shares_no_time_is_taken_as_is():
    lone = trace("late", [30.0, 30.1], [0.5, 0.6])
    table, raters = fuse_dimensional(pd.concat([*planted(), lone]), "ewe")
    assert table.loc[table["time"] >= 30, "valence"].tolist() == pytest.approx([0.5, 0.6])
    late = raters[raters["rater"] == "late"]
    assert late["n"].tolist() == [0, 0] and late["correlation"].isna().all()


def test_ewe_of_raters_who_all_contradict_each_other_is_refused():
    with pytest.raises(InputError, match=r"no rater of valence goes with .*raters.fuse to mean"):
        fused(trace("anna", [0, 1], [0, 1]), trace("ben", [0, 1], [1, 0]), method="ewe")


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="'median'; the methods are mean and ewe"):
        fused(trace("anna", [0], [0]), method="median")


@settings(max_examples=30)
@given(
    st.lists(
        st.lists(st.tuples(st.integers(0, 40), st.integers(-4, 4)), min_size=1, max_size=12),
        min_size=2, max_size=3,
    )
)  # fmt: skip
def test_mean_equals_a_loop_over_times_and_raters(samples):
    traces = [
        trace(f"r{i}", [t / 10 for t, _ in rows], [v / 4 for _, v in rows])
        for i, rows in enumerate(samples)
    ]
    table = fused(*traces)
    expected = {}
    for time in sorted({t / 10 for rows in samples for t, _ in rows}):
        said = []
        for rows in samples:
            known = {}
            for t, v in rows:
                known.setdefault(t / 10, v / 4)
            before = [t for t in known if t <= time]
            after = [t for t in known if t >= time]
            if time in known:
                said.append(known[time])
            elif before and after and min(after) - max(before) <= MAX_HOLE:
                share = (time - max(before)) / (min(after) - max(before))
                said.append(known[max(before)] * (1 - share) + known[min(after)] * share)
        expected[time] = np.mean(said)
    assert table["time"].tolist() == list(expected)
    np.testing.assert_allclose(table["valence"], list(expected.values()), atol=1e-12)


def wander(times):
    return (np.sin(times) + np.sin(2.3 * times + 1) + np.sin(0.7 * times)) / 4


@pytest.mark.parametrize("lags", [(0.0, 0.8), (0.2, 1.0, 0.4)])
def test_rater_shifts_find_planted_lags_around_their_mean(lags):
    generator = np.random.default_rng(1)
    traces = []
    for track in ("a", "b"):
        for i, lag in enumerate(lags):
            times = np.sort(generator.uniform(0, 40, 600))
            noise = generator.normal(0, 0.02, 600)
            values = wander(times - lag + 7 * (track == "b")) + noise
            traces.append(trace(f"r{i}", times, values, track=track))
    found = rater_shifts(pd.concat(traces), max_shift=2.0)
    expected = np.array(lags) - np.mean(lags)
    np.testing.assert_allclose(list(found.values()), expected, atol=0.05)
    _, raters = fuse_dimensional(pd.concat(traces), "mean", align=True)
    assert raters.groupby("rater")["shift"].first().to_dict() == found
    unaligned = fuse_dimensional(pd.concat(traces), "mean").raters
    assert (raters["correlation"] > unaligned["correlation"]).all()


def test_rater_shifts_stay_within_their_limit():
    times = np.arange(0, 40, 0.05)
    both = pd.concat(
        [trace("anna", times, wander(times)), trace("ben", times, wander(times - 1.5))]
    )
    found = rater_shifts(both, max_shift=0.2)
    assert max(np.abs(list(found.values()))) <= 0.2 + 1e-9


def test_rater_shifts_of_raters_without_company_or_movement_are_zero():
    still = trace("anna", [0, 1], [0.5, 0.5])
    assert rater_shifts(still, 1.0) == {"anna": 0.0}
    assert rater_shifts(pd.concat([still, still.assign(rater="ben")]), 1.0) == {
        "anna": 0.0, "ben": 0.0
    }  # fmt: skip


def test_no_rating_at_all_gives_empty_tables():
    empty = trace("anna", [], [])
    table, raters = fuse_dimensional(empty, "ewe", align=True)
    assert table.empty and raters.empty and list(table.columns) == list(DIMENSIONAL_COLUMNS)
    assert fuse_categorical(intervals()).empty


def intervals(*rows, track="a"):
    table = pd.DataFrame(rows, columns=["rater", "start", "end", "emotion"])
    return table.astype({"start": float, "end": float}).assign(**{"track": track, "pass": 1})


def spans(table):
    return [tuple(row) for row in table[["start", "end", "emotion"]].to_numpy()]


def test_categories_of_most_raters_are_taken_and_ties_give_none():
    table = fuse_categorical(
        intervals(
            ("anna", 0, 4, "fear"), ("anna", 4, 6, "anger"),
            ("ben", 0, 2, "fear"), ("ben", 2, 6, "anger"),
            ("carl", 0, 3, "fear"), ("carl", 5, 9, "neutral"),
        )
    )  # fmt: skip
    # 3 s to 4 s: fear, anger and nothing, a tie; from 6 s two of three say nothing.
    assert spans(table) == [(0, 3, "fear"), (4, 6, "anger")]
    assert set(table["rater"]) == {MAJORITY} and set(table["pass"]) == {1}
    assert dict(table.dtypes.astype(str)) == CATEGORICAL_COLUMNS


def test_categories_two_raters_must_agree():
    table = fuse_categorical(
        intervals(("anna", 0, 4, "fear"), ("ben", 1, 2, "fear"), ("ben", 2, 3, "anger"))
    )
    assert spans(table) == [(1, 2, "fear")]


def test_categories_of_a_lone_rater_are_the_last_pass():
    first = intervals(("anna", 0, 4, "fear"))
    second = intervals(("anna", 1, 2, "anger"), ("anna", 2, 3, "anger")).assign(**{"pass": 2})
    assert spans(fuse_categorical(pd.concat([first, second]))) == [(1, 2, "anger"), (2, 3, "anger")]


VOTES = st.lists(
    st.tuples(
        st.sampled_from(["anna", "ben", "carl"]),
        st.integers(0, 12),
        st.integers(1, 6),
        st.sampled_from(["fear", "anger", "neutral"]),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=50)
@given(VOTES)
def test_categories_equal_counting_votes_of_every_second(rows):
    table = fuse_categorical(intervals(*((r, s, s + length, e) for r, s, length, e in rows)))
    raters = sorted({row[0] for row in rows})
    for second in range(20):
        votes = []
        for rater in raters:
            inside = [
                (start, number)
                for number, (name, start, length, _) in enumerate(rows)
                if name == rater and start <= second < start + length
            ]
            votes.append(rows[max(inside)[1]][3] if inside else "")
        best = max(votes.count(vote) for vote in votes)
        winners = {vote for vote in votes if votes.count(vote) == best}
        expected = winners.pop() if len(winners) == 1 else ""
        now = table[(table["start"] <= second) & (second < table["end"])]
        found = now["emotion"].iloc[-1] if len(now) else ""
        if len(raters) > 1:
            assert found == expected and len(now) <= 1
