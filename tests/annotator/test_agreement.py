"""Tests of `emolib.annotator.agreement` on hand cases and against literal loops."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from emolib.annotator import prose
from emolib.annotator.agreement import (
    ALL_VIDEOS,
    DIFFERENCE_COLUMNS,
    PAIR_COLUMNS,
    differences,
    most_different,
    pair_agreement,
    timeline,
)
from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS
from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.simulation.second_rater import CORPUS, SIMULATED, add_second_rater

NO_TRACES = pd.DataFrame(columns=list(DIMENSIONAL_COLUMNS)).astype(DIMENSIONAL_COLUMNS)
NO_INTERVALS = pd.DataFrame(columns=list(CATEGORICAL_COLUMNS)).astype(CATEGORICAL_COLUMNS)


def intervals(rater, *rows, track="a", number=1):
    table = pd.DataFrame(rows, columns=["start", "end", "emotion"])
    table[["start", "end"]] = table[["start", "end"]].astype(float) / 30
    return table.assign(track=track, rater=rater, **{"pass": number})


def trace(rater, frames, valence, arousal=0.0, track="a"):
    times = np.asarray(frames, float) / 30
    columns = {"time": times, "valence": valence, "arousal": arousal}
    return pd.DataFrame(columns).assign(track=track, rater=rater)


def test_kappa_is_over_the_frames_that_both_labelled():
    ann = intervals("ann", (0, 10, "fear"), (10, 20, "anger"), (30, 40, "fear"))
    ben = intervals("ben", (0, 12, "fear"), (12, 25, "anger"))
    table = pair_agreement(NO_TRACES, pd.concat([ann, ben]))
    row = table.iloc[0]
    expected = cohen_kappa_score(["f"] * 10 + ["a"] * 10, ["f"] * 12 + ["a"] * 8)
    assert (row["labelled_by_both"], row["labelled_by_one"]) == (20, 15)
    assert row["same_label"] == 18 / 20
    assert row["kappa"] == pytest.approx(expected)
    assert np.isnan(row["ccc_valence"])
    assert table["video"].tolist() == ["a", ALL_VIDEOS]


def test_kappa_is_undefined_where_both_know_one_category():
    both = pd.concat([intervals(rater, (0, 9, "fear")) for rater in ("ann", "ben")])
    row = pair_agreement(NO_TRACES, both).iloc[-1]
    assert (row["same_label"], row["labelled_by_both"]) == (1.0, 9)
    assert np.isnan(row["kappa"])


def test_last_pass_counts_and_rounded_edges_move_no_frame():
    early = intervals("ann", (0, 30, "anger"), number=1)
    late = intervals("ann", (7, 19, "fear"), number=2)
    ben = intervals("ben", (7, 19, "fear")).round({"start": 3, "end": 3})
    row = pair_agreement(NO_TRACES, pd.concat([early, late, ben])).iloc[-1]
    assert (row["labelled_by_both"], row["labelled_by_one"]) == (12, 0)


def test_concordance_is_over_the_times_that_both_cover():
    ann = trace("ann", [0, 10, 20], [0.0, 0.5, 0.0])
    ben = trace("ben", [5, 15], [0.1, 0.3])
    row = pair_agreement(pd.concat([ann, ben]), NO_INTERVALS).iloc[0]
    frames = np.arange(5, 16)
    first = np.interp(frames, [0, 10, 20], [0.0, 0.5, 0.0])
    second = np.interp(frames, [5, 15], [0.1, 0.3])
    assert row["rated_by_both"] == 11
    assert row["ccc_valence"] == pytest.approx(ccc(first, second))
    assert np.isnan(row["ccc_arousal"])  # both are the same constant
    assert np.isnan(row["kappa"])


def test_pairs_are_compared_by_video_and_over_all():
    tables = [
        intervals(rater, (0, 10, emotion), (20, 25, "fear"), track=track)
        for rater, emotion in (("ann", "fear"), ("ben", "fear"), ("carl", "anger"))
        for track in ("v1_left", "v1_right", "v2")
        if (rater, track) != ("carl", "v2")
    ]
    videos = {"v1_left": "v1", "v1_right": "v1"}
    table = pair_agreement(NO_TRACES, pd.concat(tables), videos)
    assert list(table) == list(PAIR_COLUMNS)
    assert table[["first", "second", "video", "labelled_by_both"]].to_numpy().tolist() == [
        ["ann", "ben", "v1", 30],
        ["ann", "ben", "v2", 15],
        ["ann", "ben", ALL_VIDEOS, 45],
        ["ann", "carl", "v1", 30],
        ["ann", "carl", ALL_VIDEOS, 30],
        ["ben", "carl", "v1", 30],
        ["ben", "carl", ALL_VIDEOS, 30],
    ]


def test_raters_without_a_common_track_are_not_compared():
    apart = [
        intervals("ann", (0, 9, "fear"), track="a"),
        intervals("ben", (0, 9, "fear"), track="b"),
    ]
    assert pair_agreement(NO_TRACES, pd.concat(apart)).empty
    assert differences(NO_TRACES, pd.concat(apart), "ann", "ben").empty


def test_differences_are_what_was_planted_the_longest_first():
    ann = intervals("ann", (0, 30, "fear"), (60, 90, "anger"))
    ben = intervals("ben", (0, 33, "fear"), (50, 90, "sadness"))
    frames = np.arange(101)
    raised = np.where((frames >= 20) & (frames < 50), 0.5, 0.0)
    traces = [trace("ann", frames, 0.0), trace("ben", frames, raised)]
    table = differences(pd.concat(traces), pd.concat([ann, ben]), "ann", "ben")
    assert list(table) == list(DIFFERENCE_COLUMNS)
    found = [
        (row.content, round(row.start * 30), round(row.end * 30), row.first_said, row.second_said)
        for row in table.itertuples()
    ]
    assert found == [
        ("valence", 20, 50, "0.00", "0.50"),
        ("emotion", 60, 90, "anger", "sadness"),  # as long, but later
        ("emotion", 50, 60, "", "sadness"),
        ("emotion", 30, 33, "", "fear"),
    ]
    assert table["difference"].iloc[0] == pytest.approx(0.5)
    assert most_different(table, ann) == "a"


SEGMENTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 30), st.sampled_from(["fear", "anger"])),
    max_size=5,
)


@settings(max_examples=15)
@given(SEGMENTS, SEGMENTS)
def test_differences_cover_exactly_the_frames_on_which_raters_differ(first, second):
    def said(segments):
        labels = [""] * 120
        for start, length, emotion in sorted(segments, key=lambda one: one[0]):
            labels[start : start + length] = [emotion] * length
        return labels

    anchors = [intervals(rater, (110, 111, "fear")) for rater in ("ann", "ben")]
    tables = [
        intervals(rater, *[(start, start + length, emotion) for start, length, emotion in segments])
        for rater, segments in (("ann", first), ("ben", second))
    ]
    table = differences(NO_TRACES, pd.concat([*anchors, *tables]), "ann", "ben")
    covered = np.zeros(120, dtype=int)
    for row in table.itertuples():
        covered[round(row.start * 30) : round(row.end * 30)] += 1
    expected = [a != b for a, b in zip(said(first), said(second), strict=True)]
    assert covered.tolist() == [int(differ) for differ in expected]


def test_agreement_with_oneself_is_perfect_and_lessens_with_what_is_planted():
    rng = np.random.default_rng(0)
    frames = np.arange(0, 900, 3)
    values = np.sin(frames / 40) * 0.6
    base = trace("x", frames, values, np.roll(values, 30))
    edges = np.arange(0, 880, 40)
    spans = [(a, a + 30, rng.choice(["fear", "anger", "neutral"])) for a in edges]
    labels = intervals("x", *spans)
    scores = []
    for size in (0.0, 0.5, 1.0):
        options = {"delay": size, "edge": 0.3 * size, "unsteadiness": 0.1 * size}
        two = add_second_rater(base, labels, **options, confusion=0.4 * size, seed=1)
        table = pair_agreement(*two)
        assert set(table[["first", "second"]].iloc[0]) == {CORPUS, SIMULATED}
        scores.append(table.iloc[-1][["kappa", "ccc_valence", "ccc_arousal"]].to_numpy(float))
    assert scores[0] == pytest.approx([1.0, 1.0, 1.0])
    assert (np.diff(scores, axis=0) < 0).all()


@pytest.mark.parametrize(
    ("first", "tolerance", "problem"),
    [("eve", 0.2, "no rater 'eve'; there are ann, ben"), ("ann", 0.0, "tolerance must be above 0")],
)
def test_differences_refuse_what_is_impossible(first, tolerance, problem):
    both = pd.concat([intervals(rater, (0, 9, "fear")) for rater in ("ann", "ben")])
    with pytest.raises(InputError, match=problem):
        differences(NO_TRACES, both, first, "ben", tolerance=tolerance)


def test_timeline_is_of_one_track_and_two_raters():
    labels = pd.concat([intervals(rater, (0, 9, "fear")) for rater in ("ann", "ben", "carl")])
    lines = timeline(trace("ann", [0, 30], [0.0, 1.0]), labels, "a", ("ann", "ben"))
    assert set(lines.intervals["rater"]) == {"ann", "ben"}
    ann = lines.traces[lines.traces["rater"] == "ann"]
    assert ann["valence"].head(6).tolist() == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1.0])
    assert lines.traces.loc[lines.traces["rater"] == "ben", "valence"].isna().all()


def test_sentence_turns_with_the_numbers():
    good = pd.concat(
        [intervals(rater, (0, 9, "fear"), (9, 18, "anger")) for rater in ("ann", "ben")]
    )
    poor = pd.concat([good[good["rater"] == "ann"], intervals("ben", (0, 18, "fear"))])
    said = prose.agreement_sentence(pair_agreement(NO_TRACES, good))
    assert "ann and ben agree with a kappa of 1.00 on categories; the rest cannot" in said
    assert "poor" not in said
    assert "Both gave a category to 18 frames, and one of them alone to no frame;" in said
    apart = prose.agreement_sentence(pair_agreement(NO_TRACES, poor))
    assert "Their agreement on categories is poor" in apart
    assert "nothing to compare" in prose.agreement_sentence(pair_agreement(NO_TRACES, NO_INTERVALS))


def test_table_of_differences_says_nothing_in_words():
    both = pd.concat([intervals("ann", (0, 9, "fear")), intervals("ben", (0, 6, "fear"))])
    table = prose.differences_table(differences(NO_TRACES, both, "ann", "ben"), ("ann", "ben"))
    assert table[["ann said", "ben said"]].to_numpy().tolist() == [["fear", "nothing"]]
    assert "difference" not in table  # between emotions there is none to give
