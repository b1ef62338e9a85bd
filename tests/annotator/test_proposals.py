"""Tests of `emolib.annotator.proposals` on planted predictions."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.annotator.proposals import INTERVAL_COLUMNS, TRACE_COLUMNS, propose
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS

RUN = "vgg16-combined-1fc-seed1"


def categories(*runs, track="clip", first=0):
    """Return predictions from (emotion, frames, probability) each."""
    rows = []
    for emotion, count, probability in runs:
        row = dict.fromkeys(
            [f"probability_{name}" for name in EMOTIONS], (1 - probability) / (len(EMOTIONS) - 1)
        )
        rows += [row | {f"probability_{emotion}": probability}] * count
    return pd.DataFrame(rows).assign(track=track, frame=np.arange(len(rows)) + first)


def dimensions(valence, arousal=0.0, track="clip"):
    frame = np.arange(len(valence))
    return pd.DataFrame({"track": track, "frame": frame, "valence": valence, "arousal": arousal})


def spans(proposals):
    return [
        (round(row.start * 30), round(row.end * 30), row.emotion)
        for row in proposals.intervals.itertuples()
    ]


def test_clear_runs_become_intervals_edge_for_edge():
    found = propose(categories(("fear", 40, 0.9), ("anger", 60, 0.8), first=10), RUN)
    assert spans(found) == [(10, 50, "fear"), (50, 110, "anger")]
    assert list(found.intervals) == list(INTERVAL_COLUMNS)
    assert found.intervals["probability"].tolist() == pytest.approx([0.9, 0.8])
    assert set(found.intervals["origin"]) == {f"proposal {RUN}"}
    assert found.traces.empty
    assert list(found.traces) == list(TRACE_COLUMNS)
    assert (found.error, found.run) == ({}, RUN)


def test_flicker_is_smoothed_and_uncertain_stretches_stay_open():
    flicker = [("fear", 5, 0.9), ("anger", 1, 0.9)] * 8
    flicker.append(("fear", 5, 0.9))
    found = propose(categories(*flicker, ("sadness", 60, 0.4), ("neutral", 30, 0.9)), RUN)
    assert spans(found) == [(0, 53, "fear"), (113, 143, "neutral")]
    assert propose(categories(("sadness", 60, 0.4)), RUN, threshold=0.3).intervals.shape[0] == 1


def test_short_runs_join_what_is_about_them_or_are_left_open():
    between = [("fear", 40, 0.9), ("anger", 10, 0.9), ("fear", 40, 0.9)]
    options = {"window": 1 / 30, "shortest": 0.4}
    assert spans(propose(categories(*between), RUN, **options)) == [(0, 90, "fear")]
    lonely = [("fear", 40, 0.9), ("anger", 10, 0.9), ("sadness", 40, 0.9)]
    found = spans(propose(categories(*lonely), RUN, **options))
    assert found == [(0, 40, "fear"), (50, 90, "sadness")]
    unsure = [("fear", 40, 0.9), ("fear", 10, 0.3), ("fear", 40, 0.9)]
    assert spans(propose(categories(*unsure), RUN, **options)) == [
        (0, 40, "fear"),
        (50, 90, "fear"),
    ]


def test_frames_without_a_face_stay_open():
    seen = categories(("fear", 200, 0.9))
    found = propose(seen[~seen["frame"].between(60, 119)], RUN)
    assert spans(found) == [(0, 60, "fear"), (120, 200, "fear")]
    assert found.intervals["probability"].tolist() == pytest.approx([0.9, 0.9])


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from(EMOTIONS), st.integers(1, 40), st.sampled_from([0.3, 0.6, 0.9])),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([1 / 30, 0.2, 0.5]),
)
def test_intervals_never_overlap_and_none_is_short(runs, window):
    found = spans(propose(categories(*runs), RUN, window=window, shortest=0.4))
    last = sum(count for _, count, _ in runs)
    edges = [edge for start, end, _ in found for edge in (start, end)]
    assert edges == sorted(edges)
    assert all(0 <= start and end <= last and end - start >= 12 for start, end, _ in found)
    confident = {emotion for emotion, _, probability in runs if probability >= 0.5}
    assert {emotion for *_, emotion in found} <= confident


def test_names_depend_on_run_and_content_alone():
    predictions = pd.concat(
        [categories(("fear", 40, 0.9), ("anger", 40, 0.9), track=track) for track in "ab"]
    )
    first = propose(predictions, RUN)
    again = propose(predictions.sample(frac=1, random_state=0), RUN)
    pd.testing.assert_frame_equal(first.intervals, again.intervals)
    assert first.intervals["id"].is_unique
    other = propose(predictions, "another run")
    assert not set(first.intervals["id"]) & set(other.intervals["id"])


def test_traces_are_thinned_within_the_error_that_is_told():
    valence = np.sin(np.arange(300) / 25) * 0.8
    found = propose(dimensions(valence, valence[::-1]), RUN, rate=5)
    assert found.intervals.empty
    assert len(found.traces) == 51
    assert found.traces["id"].nunique() == 1
    assert found.traces["time"].iloc[[0, -1]].tolist() == pytest.approx([0.0, 299 / 30])
    times = np.arange(300) / 30
    for name, full in zip(DIMENSIONS, (valence, valence[::-1]), strict=True):
        drawn = np.interp(times, found.traces["time"], found.traces[name])
        assert np.abs(drawn - full).max() == pytest.approx(found.error[name])
        assert found.error[name] < 0.05


def test_a_constant_is_thinned_without_error_and_holes_end_a_stretch():
    predictions = dimensions(np.full(200, 0.5))
    found = propose(predictions[~predictions["frame"].between(50, 120)], RUN)
    assert found.traces["id"].nunique() == 2
    assert found.error == pytest.approx({"valence": 0.0, "arousal": 0.0})
    ends = found.traces.groupby("id", sort=False)["time"].agg(["first", "last"]) * 30
    assert ends.to_numpy().round().tolist() == [[0, 49], [121, 199]]


def test_a_run_with_both_heads_proposes_both():
    both = categories(("fear", 60, 0.9)).assign(valence=0.1, arousal=-0.2)
    found = propose(both, RUN)
    assert len(found.intervals) == 1
    assert set(found.traces["arousal"].round(6)) == {-0.2}


@pytest.mark.parametrize(
    ("predictions", "options", "problem"),
    [
        (pd.DataFrame({"track": ["a"], "frame": [0]}), {}, "neither probability_neutral"),
        (pd.DataFrame({"frame": [0], "valence": [0.0]}), {}, "no column 'track'"),
        (pd.concat([dimensions([0.0])] * 2), {}, "hold frame 0 of 'clip' twice"),
        (dimensions([1.5]), {}, r"valence 1.5, outside \[-1, 1\]"),
        (dimensions([np.nan]), {}, "valence nan"),
        (dimensions([0.0]), {"rate": 0}, "rate must be a number above 0"),
        (dimensions([0.0]), {"threshold": 2}, "threshold must be in"),
    ],
)
def test_what_cannot_be_used_is_refused(predictions, options, problem):
    with pytest.raises(InputError, match=problem):
        propose(predictions, RUN, **options)
