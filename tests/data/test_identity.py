"""Tests of `emolib.data.identity` on streams of boxes whose owners are known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.data.identity import assign_people, track_names
from emolib.errors import InputError


def stream(paths, misses=0.0, jitter=0.0, seed=0, step=1):
    """Return detections and true owners; `paths` maps an owner to (n, 3) of x, y, width or NaN."""
    generator = np.random.default_rng(seed)
    rows = []
    for owner, path in paths.items():
        for frame, (x, y, w) in list(enumerate(path))[::step]:
            if np.isnan(x) or generator.random() < misses:
                continue
            dx, dy, dw = generator.normal(0, jitter, 3) * w
            rows.append((frame, x + dx, y + dy, w + dw, w + dw, 1.0, owner))
    columns = ["frame", "x", "y", "w", "h", "confidence", "owner"]
    table = pd.DataFrame(rows, columns=columns).sort_values("frame", kind="stable")
    return table.drop(columns="owner"), table["owner"].to_numpy()


def still(x, n=300, y=50.0, w=100.0):
    return np.tile([x, y, w], (n, 1)).astype(float)


def swaying(x, n=300, amplitude=20, period=60, w=100.0):
    t = np.arange(n)
    return np.stack([x + amplitude * np.sin(2 * np.pi * t / period), 50 + 0 * t, w + 0 * t], axis=1)


def test_assign_people_one_person_is_zero():
    detections, _ = stream({0: still(10)})
    assert (assign_people(detections) == 0).all()


def test_assign_people_keeps_the_index_and_is_int():
    detections, _ = stream({0: still(10, 40)})
    detections.index = detections.index + 1000
    people = assign_people(detections)
    assert people.index.equals(detections.index) and people.dtype == np.int64


def test_assign_people_nothing_detected_returns_nothing():
    detections, _ = stream({0: still(10, 40)})
    for n_people in (None, 2):
        assert assign_people(detections.iloc[:0], n_people).empty


@pytest.mark.parametrize("step", [1, 3, 5])
@pytest.mark.parametrize("n_people", [None, 2])
def test_assign_people_close_pair_is_never_swapped(step, n_people):
    paths = {0: swaying(100), 1: swaying(230, period=47)}  # at times less than a width apart
    for seed in range(5):
        detections, owners = stream(paths, misses=0.2, jitter=0.03, seed=seed, step=step)
        people = assign_people(detections, n_people).to_numpy()
        # Nobody gets the other's number; after long misses a few may be rejected.
        assert ((people == owners) | (people < 0)).all()
        assert (people == owners).mean() > 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(1.3, 4.0), st.floats(0, 0.3), st.floats(0, 0.04))
def test_assign_people_two_are_never_swapped(seed, apart, misses, jitter):
    generator = np.random.default_rng(seed)
    periods = generator.uniform(40, 120, 2)
    paths = {
        0: swaying(100, 150, 12, periods[0]),
        1: swaying(100 + 100 * apart, 150, 12, periods[1]),
    }
    detections, owners = stream(paths, misses, jitter, seed)
    people = assign_people(detections, 2).to_numpy()
    assert ((people == owners) | (people < 0)).all()
    assert (people == owners).mean() > 0.97


def test_assign_people_order_of_rows_does_not_matter():
    detections, owners = stream({0: swaying(100), 1: swaying(260)}, misses=0.1, jitter=0.02)
    shuffled = detections.sample(frac=1, random_state=3)
    expected = assign_people(detections)
    assert assign_people(shuffled).sort_index().equals(expected.sort_index())


def walking(speed, n=150, middle=400.0, w=100.0, y=50.0):
    """Return a face that passes the middle, at a constant velocity, half-way through."""
    t = np.arange(n) - n / 2
    return np.stack([middle - w / 2 + speed * t, y + 0 * t, w + 0 * t], axis=1)


def crossing(speeds, occlusion, widths=(100.0, 100.0), both=True, y=50.0):
    """Return two people who walk past each other; one or both are not found for some frames."""
    paths = {0: walking(speeds[0], w=widths[0]), 1: walking(-speeds[1], w=widths[1], y=y)}
    start = 75 - occlusion // 2
    for owner in (0, 1) if both else (1,):
        paths[owner][start : start + occlusion] = np.nan
    return paths


def told_apart(people, owners):
    """Return whether each owner's faces have one number, and another than the other's."""
    numbers = [set(people[(owners == owner) & (people >= 0)]) for owner in (0, 1)]
    return all(len(of) == 1 for of in numbers) and numbers[0] != numbers[1]


@given(
    st.tuples(st.floats(1.5, 5), st.floats(1.5, 5)),
    st.integers(6, 30),
    st.tuples(st.floats(80, 120), st.floats(80, 120)),
    st.booleans(),
    st.sampled_from([1, 3]),
)
@settings(max_examples=50, deadline=None)
def test_assign_people_who_walk_past_each_other_are_never_swapped(
    speeds, occlusion, widths, both, step
):
    detections, owners = stream(crossing(speeds, occlusion, widths, both), step=step)
    assert told_apart(assign_people(detections).to_numpy(), owners)


@pytest.mark.parametrize(("step", "least"), [(1, 0.98), (3, 0.98), (5, 0.95)])
def test_assign_people_crossing_among_jitter_and_misses_is_almost_never_swapped(step, least):
    generator = np.random.default_rng(1)
    right = []
    for seed in range(100):
        paths = crossing(
            generator.uniform(1.2, 5, 2),
            generator.integers(6, 31),  # 0.2 to 1 s
            generator.uniform(80, 120, 2),
            both=generator.random() < 0.5,
            y=50 + generator.uniform(-15, 15),
        )
        noise = generator.uniform(0.1, 0.3), generator.uniform(0.01, 0.03)
        detections, owners = stream(paths, *noise, seed=seed, step=step)
        right.append(told_apart(assign_people(detections, 2).to_numpy(), owners))
    assert np.mean(right) >= least


def test_assign_people_who_change_seats_unseen_take_the_numbers_of_the_seats():
    # Coordinates cannot tell: this says what happens, so that nobody expects more.
    left, right = still(100), still(300)
    left[120:240], right[120:240] = np.nan, np.nan
    left[240:, 0], right[240:, 0] = 300, 100
    detections, owners = stream({0: left, 1: right}, jitter=0.02)
    people = assign_people(detections).to_numpy()
    before = detections["frame"].to_numpy() < 120
    assert (people[before] == owners[before]).all() and (people[~before] != owners[~before]).all()


@pytest.mark.parametrize("speed", [2.0, 8.0])
def test_assign_people_who_leave_and_come_back_on_the_same_side_are_the_same(speed):
    away = int(160 / speed)
    leaving = 100 - speed * np.maximum(np.arange(200.0) - 100, 0)
    coming = np.minimum(-60 + speed * np.arange(200.0), 110)
    x = np.concatenate([leaving, coming])
    visitor = np.stack([x, 60 + 0 * x, 95 + 0 * x], axis=1)
    visitor[100 + away : 200] = np.nan
    detections, owners = stream({0: visitor, 1: swaying(300, 400)}, misses=0.2, jitter=0.02)
    for n_people in (None, 2):
        assert (assign_people(detections, n_people).to_numpy() == owners).all()


def test_assign_people_absent_person_comes_back_as_the_same():
    left, right = swaying(100), swaying(300)
    left[80:200] = np.nan
    right[60:70] = np.nan
    detections, owners = stream({0: left, 1: right}, jitter=0.02)
    for n_people in (None, 2):
        assert (assign_people(detections, n_people).to_numpy() == owners).all()


def test_assign_people_both_absent_come_back_as_themselves():
    left, right = still(100), still(260)
    left[100:200], right[100:200] = np.nan, np.nan
    detections, owners = stream({0: left, 1: right}, jitter=0.02)
    assert (assign_people(detections).to_numpy() == owners).all()


def test_assign_people_short_second_person_is_kept_when_two_are_expected():
    left, right = still(100), still(300)
    right[20:] = np.nan
    detections, owners = stream({0: left, 1: right})
    assert (assign_people(detections, 2).to_numpy() == owners).all()
    assert set(assign_people(detections)) == {0, -2}  # 20 frames are not lasting


@pytest.mark.parametrize("n_people", [None, 2])
def test_assign_people_third_false_track_is_rejected(n_people):
    portrait = still(500, w=45.0)  # framed on the wall, there all the time
    guest = swaying(300)
    guest[80:250] = np.nan
    detections, owners = stream({0: swaying(100), 1: guest, 2: portrait}, jitter=0.02)
    people = assign_people(detections, n_people).to_numpy()
    assert (people[owners < 2] == owners[owners < 2]).all()
    assert set(people[owners == 2]) == {-2}


@pytest.mark.parametrize("n_people", [None, 2])
def test_assign_people_third_face_for_half_a_second_is_a_false_track(n_people):
    passing = np.full((300, 3), np.nan)
    passing[140:155] = walking(3, 15, middle=600, w=80)
    detections, owners = stream({0: swaying(100), 1: swaying(300), 2: passing}, 0.1, 0.02)
    people = assign_people(detections, n_people).to_numpy()
    assert (people[owners < 2] == owners[owners < 2]).all()
    assert set(people[owners == 2]) == {-2}


def test_assign_people_of_different_sizes_are_told_apart_where_they_overlap():
    paths = {0: swaying(100, w=160.0), 1: swaying(190, period=47, w=90.0)}
    for seed in range(5):
        detections, owners = stream(paths, misses=0.3, jitter=0.03, seed=seed)
        people = assign_people(detections).to_numpy()
        assert ((people == owners) | (people < 0)).all() and (people >= 0).mean() > 0.97


def test_assign_people_one_person_in_a_cut_video_is_followed_across_the_cuts():
    path = np.concatenate([still(60, 90), still(400, 80, w=150.0), still(60, 90)])
    detections, owners = stream({0: path}, misses=0.1, jitter=0.02)
    assert (assign_people(detections, 1) == 0).all()


def test_assign_people_single_false_alarms_are_rejected():
    false = np.full((300, 3), np.nan)
    false[[30, 120, 121, 250]] = [500, 200, 90]
    detections, owners = stream({0: still(100), 1: false})
    people = assign_people(detections).to_numpy()
    assert (people[owners == 0] == 0).all() and (people[owners == 1] == -1).all()


def test_assign_people_false_alarms_of_a_long_video_do_not_add_up_to_a_person():
    generator = np.random.default_rng(0)
    false = np.full((6000, 3), np.nan)
    for start in generator.choice(5990, 150, replace=False):
        false[start : start + 4] = generator.uniform(0, 600), 80, 60
    detections, owners = stream({0: swaying(100, 6000), 1: false}, misses=0.2, jitter=0.02)
    people = assign_people(detections).to_numpy()
    assert (people[owners == 1] < 0).mean() > 0.9 and set(people[people >= 0]) == {0}


@pytest.mark.parametrize("step", [2, 3, 10])
def test_assign_people_last_frame_that_is_searched_too_changes_nothing(step):
    detections, owners = stream({0: still(100, 95), 1: still(300, 95)}, jitter=0.02)
    thinned = ((detections["frame"] % step == 0) | (detections["frame"] == 94)).to_numpy()
    people = assign_people(detections[thinned]).to_numpy()
    assert (people == owners[thinned]).all()


def test_assign_people_three_are_numbered_from_left_to_right():
    detections, owners = stream({0: still(10), 1: still(180), 2: still(400)}, jitter=0.01)
    assert (assign_people(detections).to_numpy() == owners).all()


def test_assign_people_less_than_one_raises():
    detections, _ = stream({0: still(10, 40)})
    with pytest.raises(InputError, match="n_people must be at least 1.*found 0"):
        assign_people(detections, 0)


def test_track_names_follow_the_number_of_people():
    assert track_names("v", 0) == []
    assert track_names("v", 1) == ["v"]
    assert track_names("v", 2) == ["v_left", "v_right"]
    assert track_names("v", 4)[-1] == "v_person4"
