"""Tests of `emolib.data.matching` against its definition, written out as loops."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data.matching import interval_labels, match, nearest
from emolib.errors import InputError

TIMES = st.lists(st.integers(-2000, 4000).map(lambda ms: ms / 1000), max_size=30)
COARSE = st.lists(st.integers(0, 12).map(lambda half: half / 2), max_size=20)  # ties, duplicates


def brute_force(annotation_times, frame_times, max_distance):
    """Return what `nearest` should, by looking at every annotation for every frame."""
    indices, distances = [], []
    for t in frame_times:
        best, best_distance = -1, np.inf
        for i, a in enumerate(annotation_times):
            d = abs(a - t)
            earlier = d == best_distance and a < annotation_times[best]
            if d < best_distance or earlier:
                best, best_distance = i, d
        indices.append(best if best_distance <= max_distance else -1)
        distances.append(best_distance)
    return indices, distances


@given(st.one_of(TIMES, COARSE), st.one_of(TIMES, COARSE), st.sampled_from([0.0, 0.1, 0.5, 9.0]))
def test_nearest_equals_brute_force(annotation_times, frame_times, max_distance):
    index, distance = nearest(np.array(annotation_times), np.array(frame_times), max_distance)
    expected_index, expected_distance = brute_force(annotation_times, frame_times, max_distance)
    assert index.tolist() == expected_index
    assert distance.tolist() == expected_distance


def test_nearest_tie_goes_to_the_earlier_annotation():
    assert nearest([1.0, 0.0], [0.5], 1.0)[0].tolist() == [1]


def test_nearest_duplicates_give_the_first():
    assert nearest([0.0, 0.0, 0.0, 1.0, 1.0], [0.0, 0.4, 2.0], 1.0)[0].tolist() == [0, 0, 3]


def test_nearest_across_a_hole_is_nothing():
    index, distance = nearest([0.0, 60.0], [20.0, 59.95], 0.1)
    assert index.tolist() == [-1, 1]
    assert distance == pytest.approx([20.0, 0.05])


def test_nearest_no_annotation_gives_nothing():
    index, distance = nearest([], [0.0, 1.0], 0.1)
    assert index.tolist() == [-1, -1] and np.isinf(distance).all()


def test_nearest_bad_input_raises():
    with pytest.raises(InputError, match="annotation time number 1 is nan"):
        nearest([0.0, np.nan], [0.0], 0.1)
    with pytest.raises(InputError, match="max_distance must be at least 0 s; found -1"):
        nearest([0.0], [0.0], -1)


def label_by_definition(starts, ends, labels, t):
    inside = [i for i in range(len(starts)) if starts[i] <= t < ends[i]]
    return labels[max(inside, key=lambda i: (starts[i], i))] if inside else ""


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 10)), max_size=8), COARSE)
def test_interval_labels_equals_definition(intervals, times):
    starts = [start / 2 for start, _ in intervals]
    ends = [(start + length) / 2 for start, length in intervals]
    labels = [f"label{i}" for i in range(len(intervals))]
    found = interval_labels(starts, ends, labels, times)
    assert found.tolist() == [label_by_definition(starts, ends, labels, t) for t in times]


FACES = pd.DataFrame(
    {"track": ["a"] * 4 + ["b"] * 2, "time": [0.0, 0.1, 0.2, 1.2, 0.0, 0.1], "x": range(6)},
    index=[10, 11, 12, 13, 14, 15],
)
TRACES = pd.DataFrame(
    {
        "track": ["a", "a", "b"],
        "time": [0.02, 0.22, 5.0],
        "valence": [0.1, 0.2, 0.3],
        "arousal": [-0.1, -0.2, -0.3],
        "rater": "",
    }
)
INTERVALS = pd.DataFrame(
    {
        "track": ["a", "b"],
        "start": [0.1, 0.0],
        "end": [0.2, 1.0],
        "emotion": ["fear", "anger"],
        "rater": "",
        "pass": 1,
    }
)


def test_match_keeps_every_face_and_flags_what_is_missing():
    with pytest.warns(UserWarning, match="1 tracks are annotated but no face is with dimensions"):
        samples, _ = match(FACES, TRACES, INTERVALS, max_distance=0.1)
    assert samples.index.equals(FACES.index) and samples["x"].tolist() == list(range(6))
    nan = np.nan
    np.testing.assert_array_equal(samples["valence"], [0.1, 0.1, 0.2, nan, nan, nan])
    np.testing.assert_array_equal(samples["arousal"], [-0.1, -0.1, -0.2, nan, nan, nan])
    np.testing.assert_allclose(samples["distance"], [0.02, 0.08, 0.02, nan, nan, nan])
    assert samples["emotion"].tolist() == ["", "fear", "", "", "anger", "anger"]
    assert list(samples.columns[-4:]) == ["valence", "arousal", "emotion", "distance"]


@pytest.mark.filterwarnings("ignore")
def test_match_coverage_counts_by_track():
    _, coverage = match(FACES, TRACES, INTERVALS, max_distance=0.1)
    assert coverage.set_index("track").loc["a"].to_dict() == {
        "n_faces": 4, "with_dimensions": 3, "with_category": 1, "with_both": 1, "longest_hole": 1.0
    }  # fmt: skip
    assert coverage.set_index("track").loc["b", "with_category"] == 2


@pytest.mark.filterwarnings("ignore")
def test_match_lag_shifts_dimensions_but_not_categories():
    traces = TRACES.assign(time=TRACES["time"] + 0.3)
    plain, _ = match(FACES, TRACES, INTERVALS, max_distance=0.1)
    lagged, _ = match(FACES, traces, INTERVALS, max_distance=0.1, lag=0.3)
    np.testing.assert_array_equal(plain["valence"], lagged["valence"])
    assert plain["emotion"].equals(lagged["emotion"])


def test_match_does_not_depend_on_the_order_of_annotations():
    faces = FACES[FACES["track"] == "a"]
    traces, intervals = TRACES[:2], INTERVALS[:1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forward, _ = match(faces, traces, intervals, max_distance=0.1)
        backward, _ = match(faces, traces[::-1], intervals[::-1], max_distance=0.1)
    pd.testing.assert_frame_equal(forward, backward)


def test_match_lone_tracks_warn_with_their_number():
    traces = TRACES.assign(track="c")
    with pytest.warns(UserWarning) as record:
        match(FACES, traces, INTERVALS[:0], max_distance=0.1)
    messages = [str(warning.message) for warning in record]
    assert "2 tracks have faces but no annotation: a, b" in messages
    assert "1 tracks have annotations but no face: c" in messages


def test_match_several_raters_raise():
    traces = TRACES.assign(rater=["anna", "ben", ""])
    with pytest.raises(InputError, match=r"track 'a' was annotated 2 times \(rater anna; rater b"):
        match(FACES, traces, INTERVALS, max_distance=0.1)
    twice = pd.concat([INTERVALS, INTERVALS.assign(**{"pass": 2})])
    with pytest.raises(InputError, match=r"pass 1; rater , pass 2\), as 2 tracks were; set raters"):
        match(FACES, TRACES, twice, max_distance=0.1)


def test_match_raters_of_different_tracks_are_no_conflict():
    traces = TRACES.assign(rater=["anna", "anna", "ben"], time=[0.02, 0.22, 0.0])
    samples, _ = match(FACES, traces, INTERVALS.assign(rater="carl"), max_distance=0.1)
    assert samples["valence"].tolist()[-1] == 0.3


TRACK = st.sampled_from("abc")
MILLISECONDS = st.integers(0, 3000).map(lambda ms: ms / 1000)
FEW = {"max_size": 15}


@pytest.mark.filterwarnings("ignore")
@given(
    st.lists(st.tuples(TRACK, MILLISECONDS), **FEW),
    st.lists(st.tuples(TRACK, MILLISECONDS), **FEW),
    st.lists(st.tuples(TRACK, MILLISECONDS, st.integers(1, 2000)), **FEW),
    st.sampled_from([0.0, 0.3, -0.25]),
    st.sampled_from([0.0, 0.1, 1.0]),
)
def test_match_equals_brute_force(faces, traces, intervals, lag, max_distance):
    faces = pd.DataFrame(faces, columns=["track", "time"]).astype({"time": float})
    traces = pd.DataFrame(traces, columns=["track", "time"]).astype({"time": float})
    traces = traces.assign(valence=np.arange(len(traces)) / 100, arousal=-0.5, rater="")
    intervals = pd.DataFrame(
        [(track, start, start + length / 1000) for track, start, length in intervals],
        columns=["track", "start", "end"],
    ).assign(rater="", **{"pass": 1})
    intervals["emotion"] = [f"emotion{i}" for i in range(len(intervals))]
    samples, coverage = match(faces, traces, intervals, max_distance=max_distance, lag=lag)
    expected = {"valence": [], "distance": [], "emotion": []}
    for face in faces.itertuples():
        trace = traces[traces["track"] == face.track]
        (index,), (distance,) = brute_force(list(trace["time"]), [face.time + lag], max_distance)
        expected["valence"].append(trace["valence"].iloc[index] if index >= 0 else np.nan)
        expected["distance"].append(distance if index >= 0 else np.nan)
        own = intervals[intervals["track"] == face.track]
        columns = [list(own[name]) for name in ("start", "end", "emotion")]
        expected["emotion"].append(label_by_definition(*columns, face.time))
    np.testing.assert_array_equal(samples["valence"], expected["valence"])
    np.testing.assert_array_equal(samples["distance"], expected["distance"])
    assert samples["emotion"].tolist() == expected["emotion"]
    assert coverage["track"].tolist() == sorted(set(faces["track"]))
    for row in coverage.itertuples():
        own = samples[samples["track"] == row.track]
        rated, named = own["valence"].notna(), own["emotion"] != ""
        assert (row.n_faces, row.with_dimensions) == (len(own), rated.sum())
        assert (row.with_category, row.with_both) == (named.sum(), (rated & named).sum())
        times = sorted(own["time"])
        holes = [after - before for before, after in zip(times, times[1:], strict=False)]
        assert row.longest_hole == max(holes, default=0.0)


@pytest.mark.filterwarnings("ignore")
def test_match_a_face_with_one_dimension_counts_as_unrated():
    traces = TRACES.assign(arousal=[-0.1, np.nan, np.nan])
    samples, coverage = match(FACES, traces, INTERVALS, max_distance=0.1)
    assert samples["valence"].tolist()[2] == 0.2 and np.isnan(samples["arousal"].iloc[2])
    assert coverage.set_index("track").loc["a", "with_dimensions"] == 2


def test_match_milliseconds_taken_for_seconds_raise():
    times = np.arange(0.0, 10.0, 0.04)
    faces = pd.DataFrame({"track": "a", "time": times})
    traces = pd.DataFrame(
        {"track": "a", "time": times * 1000, "valence": 0.0, "arousal": 0.0, "rater": ""}
    )
    with pytest.raises(InputError, match="probably milliseconds: set time_unit to ms"):
        match(faces, traces, INTERVALS[:0], max_distance=0.1)


def test_match_no_face_at_all_returns_empty_tables():
    with pytest.warns(UserWarning, match="have annotations but no face"):
        samples, coverage = match(FACES[:0], TRACES, INTERVALS, max_distance=0.1)
    assert samples.empty and coverage.empty
    assert {"valence", "arousal", "emotion", "distance"} <= set(samples.columns)
