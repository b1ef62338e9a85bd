"""Sequences of samples as arrays that a network can read: features gathered, labels masked.

A batch is made from rows of `emolib.data.sequences.build_sequences`: positions in the table of
samples, -1 for padding. Features are read into memory once where they take less than a stated
bound, and else from the tracks' memory maps as they are needed, so that memory does not grow with
the corpus. Crops are read in the same way by networks that are trained end to end.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS
from emolib.storage import read_array

MEMORY_BOUND = 2**30
"""Bytes of features that a process holds; more are read from disk as they are needed."""


class TrackFeatures:
    """The features of a table of samples: indexed by positions in the table, like one array.

    In the type of the files, float16 for features. An item may have any shape, so that a folder
    of crops (uint8) serves as well.

    Parameters
    ----------
    samples : DataFrame, n rows
        ``track``, and ``row``, the number of the face within its track.
    folder : str or Path
        Holds ``<track>.npy`` of every track.
    memory_bound : int
        Bytes up to which all of it is read at once.

    Raises
    ------
    InputError
        If a file is missing or too short, tracks differ in the length of their features, or, as
        soon as it is read, a feature is not a finite number.
    """

    def __init__(self, samples: pd.DataFrame, folder: str | Path, memory_bound: int = MEMORY_BOUND):
        self._track, tracks = pd.factorize(samples["track"])
        self._row = samples["row"].to_numpy()
        self._maps = [_open_features(Path(folder) / f"{track}.npy") for track in tracks]
        longest = samples.groupby("track", sort=False)["row"].max()
        for track, last, features in zip(tracks, longest, self._maps, strict=True):
            if last >= len(features) or features.shape[1:] != self.shape[1:]:
                raise InputError(
                    f"{Path(folder) / f'{track}.npy'}: features of shape {features.shape}, but the "
                    f"track has a face {last} and other tracks {self.shape[1:]} for each face; run "
                    "`emolib features` again"
                )
        self._array = None
        if np.prod(self.shape) * self.dtype.itemsize <= memory_bound:
            self._array = self[np.arange(len(samples))]

    @property
    def dtype(self) -> np.dtype:
        """Type of the features."""
        return self._maps[0].dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of samples, and the shape of each: (length of a feature vector,)."""
        return len(self._row), *self._maps[0].shape[1:]

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        """Return the features at these positions, (k, dimension)."""
        if self._array is not None:
            return self._array[positions]
        features = np.empty((len(positions), *self.shape[1:]), self.dtype)
        track, row = self._track[positions], self._row[positions]
        for number in np.unique(track):
            here = track == number
            features[here] = self._maps[number][row[here]]
        return _finite(features, positions)


def gather(features: TrackFeatures | np.ndarray, sequences: np.ndarray) -> np.ndarray:
    """Return the features of sequences, padding as zeros.

    Parameters
    ----------
    features : TrackFeatures or ndarray (n, d)
        One vector per sample.
    sequences : ndarray of int (k, length)
        Positions of samples; -1 for padding.

    Returns
    -------
    ndarray (k, length, d)
        In the type of the features.

    Raises
    ------
    InputError
        If a feature is not a finite number.
    """
    batch = np.zeros((*sequences.shape, *features.shape[1:]), features.dtype)
    valid = sequences >= 0
    positions = sequences[valid]
    batch[valid] = features[positions]
    if not isinstance(features, TrackFeatures):  # which checks what it reads, once
        _finite(batch[valid], positions)
    return batch


def even_batches(sequences: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Yield (batch_size, length) rows in order; empty sequences fill up the last batch.

    All batches have one shape, since a network is compiled once for each.
    """
    for start in range(0, len(sequences), batch_size):
        batch = np.full((batch_size, sequences.shape[1]), -1)
        rows = sequences[start : start + batch_size]
        batch[: len(rows)] = rows
        yield batch


class Labels:
    """The labels of a table of samples, as targets for the losses.

    The last column of a target is a mask: 1 for a frame that counts. Padding does not; nor does
    a face that nobody labelled in that respect.

    Parameters
    ----------
    samples : DataFrame, n rows
        ``emotion`` ("" or missing where there is none), ``valence`` and ``arousal`` (both
        missing where there are none).

    Raises
    ------
    InputError
        If an emotion is unknown, or a valence or arousal is out of range or without the other.
    """

    def __init__(self, samples: pd.DataFrame):
        self._targets = {
            "category": _category_targets(samples),
            "dimensional": _dimensional_targets(samples),
        }

    def count(self, output: str, positions: np.ndarray) -> int:
        """Return how many of the samples at these positions have a label for an output."""
        return int(self._targets[output][positions, -1].sum())

    def targets(self, output: str, sequences: np.ndarray) -> np.ndarray:
        """Return float32 (k, length, units + 1) for sequences (k, length) of positions."""
        table = self._targets[output]
        targets = np.zeros((*sequences.shape, table.shape[1]), np.float32)
        valid = sequences >= 0
        targets[valid] = table[sequences[valid]]
        return targets


def _finite(features: np.ndarray, positions: np.ndarray) -> np.ndarray:
    """Return the features of the samples at these positions, if all are finite numbers."""
    finite = np.isfinite(features)
    if not finite.all():
        bad = int(positions[~finite.reshape(len(positions), -1).all(1)][0])
        raise InputError(
            f"the features of sample {bad} are not finite; delete them and run `emolib features`"
        )
    return features


def _open_features(path: Path) -> np.ndarray:
    if not path.is_file():
        raise InputError(f"{path}: no features of this track; run `emolib features` first")
    return read_array(path)


def _category_targets(samples: pd.DataFrame) -> np.ndarray:
    emotion = samples["emotion"].fillna("").to_numpy(str)
    unknown = sorted(set(emotion.tolist()) - {"", *EMOTIONS})
    if unknown:
        raise InputError(
            f"samples: unknown emotion {unknown[0]!r}; the seven are {', '.join(EMOTIONS)}"
        )
    one_hot = emotion[:, None] == np.array(EMOTIONS)
    return np.column_stack([one_hot, emotion != ""]).astype(np.float32)


def _dimensional_targets(samples: pd.DataFrame) -> np.ndarray:
    values = samples[list(DIMENSIONS)].to_numpy(float)
    missing = np.isnan(values)
    low, high = DIMENSION_RANGE
    wrong = (missing.any(1) != missing.all(1)) | ((values < low) | (values > high)).any(1)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"samples, row {first}: valence and arousal {values[first].tolist()}; both must be in "
            f"[{low:g}, {high:g}] or both missing; run `emolib match` again"
        )
    return np.column_stack([np.nan_to_num(values), ~missing[:, 0]]).astype(np.float32)
