"""Tests of `emolib.data.sequences`."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data.sequences import build_sequences, labelled
from emolib.errors import InputError

# For each track the steps in tenths of a second between its samples, some of them long holes.
TRACKS = st.lists(st.lists(st.sampled_from([0, 1, 3, 10, 11, 300]), max_size=25), max_size=4)


def table(tracks):
    rows = []
    for number, steps in enumerate(tracks):
        rows += [(f"track{number}", time / 10) for time in np.cumsum(steps)]
    return pd.DataFrame(rows, columns=["track", "time"]).astype({"time": float})


def by_definition(samples, sequence_length, max_gap):
    """Return the sequences by walking through the samples one by one."""
    sequences = []
    for row, (track, time) in enumerate(zip(samples["track"], samples["time"], strict=True)):
        last = sequences[-1][-1] if sequences else None
        continues = (
            last is not None
            and samples["track"][last] == track
            and time - samples["time"][last] <= max_gap
            and len(sequences[-1]) < sequence_length
        )
        if continues:
            sequences[-1].append(row)
        else:
            sequences.append([row])
    return [rows + [-1] * (sequence_length - len(rows)) for rows in sequences]


@given(TRACKS, st.integers(1, 7))
def test_build_sequences_equals_definition(tracks, sequence_length):
    samples = table(tracks)
    sequences = build_sequences(samples, sequence_length, max_gap=1.05)
    assert sequences.shape[1] == sequence_length
    assert sequences.tolist() == by_definition(samples, sequence_length, 1.05)


@given(TRACKS, st.integers(1, 7))
def test_build_sequences_never_cross_and_hold_every_row_once(tracks, sequence_length):
    samples = table(tracks)
    sequences = build_sequences(samples, sequence_length, max_gap=1.05)
    used = sequences[sequences >= 0]
    assert sorted(used) == list(range(len(samples)))
    for sequence in sequences:
        rows = sequence[sequence >= 0]
        assert (sequence[: len(rows)] == rows).all()  # padding only at the end
        assert samples["track"][rows].nunique() == 1
        assert (np.diff(samples["time"][rows]) <= 1.05).all()
        assert (np.diff(rows) == 1).all()


def test_build_sequences_ignores_the_index():
    samples = table([[1] * 5]).set_index(pd.Index([7, 9, 11, 13, 15]))
    assert build_sequences(samples, 3, 1.0).tolist() == [[0, 1, 2], [3, 4, -1]]


def test_build_sequences_no_sample_gives_no_sequence():
    assert build_sequences(table([]), 60, 1.0).shape == (0, 60)


def test_build_sequences_unsorted_raises():
    with pytest.raises(InputError, match="sample 2 of track 'a' is earlier"):
        build_sequences(pd.DataFrame({"track": list("aaa"), "time": [0, 1, 0.5]}), 3, 1.0)
    with pytest.raises(InputError, match="not together"):
        build_sequences(pd.DataFrame({"track": list("aba"), "time": [0, 0, 1]}), 3, 1.0)


def test_build_sequences_bad_parameters_raise():
    with pytest.raises(InputError, match="sequence_length must be at least 1; found 0"):
        build_sequences(table([]), 0, 1.0)
    with pytest.raises(InputError, match="max_gap must be more than 0 s; found 0"):
        build_sequences(table([]), 5, 0)


def test_labelled_keeps_samples_with_both_kinds_and_their_index():
    nan = np.nan
    samples = pd.DataFrame(
        {
            "valence": [0.1, nan, 0.2, 0.3],
            "arousal": [0.1, nan, 0.2, nan],
            "emotion": ["fear", "anger", "", "fear"],
        },
        index=[3, 5, 7, 9],
    )
    assert labelled(samples).index.tolist() == [3]
