"""Cuts the samples of a corpus into sequences for recurrent networks, by index.

A sequence is a run of consecutive samples of one track. The features themselves are not copied:
a sequence is a row of positions in the table of samples, and -1 stands where there is nothing.
Four bytes a sample are held, and some twenty more while the sequences are built.
"""

import numpy as np
import pandas as pd

from emolib.data.matching import has_both
from emolib.errors import InputError


def labelled(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the samples that have valence and arousal and a category, with their index kept.

    These are the samples that the thesis trains every kind of network on (section 4.2): 107,640
    of its 265,663 faces.
    """
    return samples[has_both(samples)]


def build_sequences(samples: pd.DataFrame, sequence_length: int, max_gap: float) -> np.ndarray:
    """Cut samples into consecutive sequences that do not overlap.

    Every sample is in exactly one sequence. A sequence never holds samples of two tracks, nor
    two neighbours more than `max_gap` apart in time; the last one before such a border is filled
    up with -1.

    Parameters
    ----------
    samples : DataFrame, n rows
        ``track`` and ``time`` (s); the rows of a track together and in the order of time.
    sequence_length : int
        Samples in a sequence.
    max_gap : float
        Longest time in s between neighbours in a sequence.

    Returns
    -------
    ndarray of int32, shape (number of sequences, sequence_length)
        Positions of samples, from 0 to n - 1; -1 for padding.

    Raises
    ------
    InputError
        If the samples are not in order, `sequence_length` is less than 1 or `max_gap` is not
        above 0.

    Examples
    --------
    >>> samples = pd.DataFrame({"track": list("aaaab"), "time": [0.0, 0.1, 0.2, 5.0, 5.1]})
    >>> build_sequences(samples, sequence_length=2, max_gap=1.0).tolist()
    [[0, 1], [2, -1], [3, -1], [4, -1]]
    """
    if sequence_length < 1:
        raise InputError(f"sequence_length must be at least 1; found {sequence_length}")
    if not max_gap > 0:
        raise InputError(f"max_gap must be more than 0 s; found {max_gap}")
    starts = np.flatnonzero(_segment_starts(samples, max_gap))
    ends = np.append(starts[1:], len(samples))[: len(starts)]
    counts = -(-(ends - starts) // sequence_length)  # sequences of each segment
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    first = np.repeat(starts, counts) + within * sequence_length
    sequences = np.add.outer(first, np.arange(sequence_length), dtype=np.int32, casting="unsafe")
    sequences[sequences >= np.repeat(ends, counts)[:, None]] = -1
    return sequences


def codes(column: pd.Series) -> tuple[np.ndarray, pd.Index]:
    """Return a number for each name of a column, and the names; those of categoricals are kept."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    numbers, names = pd.factorize(column)
    return numbers.astype(np.int32), pd.Index(names)


def _segment_starts(samples: pd.DataFrame, max_gap: float) -> np.ndarray:
    """Return which samples begin a new track or follow a hole."""
    track, _ = codes(samples["track"])
    new_track = np.append(True, track[1:] != track[:-1])[: len(track)]
    if new_track.sum() > len(np.unique(track[new_track])):
        raise InputError("the samples of a track are not together; sort them by track and frame")
    step = np.diff(samples["time"].to_numpy(float), prepend=0.0)
    if (step[~new_track] < 0).any():
        at = np.flatnonzero(~new_track & (step < 0))[0]
        raise InputError(
            f"sample {at} of track {samples['track'].iloc[at]!r} is earlier than the one before "
            "it; sort the samples by track and frame"
        )
    return new_track | (step > max_gap)
