"""Sequences of samples as arrays that a network can read: features gathered, labels masked.

A batch is made from rows of `emolib.data.sequences.build_sequences`: positions in the table of
samples, -1 for padding. Features are read into memory once where they take less than a stated
bound, and else from the files of the tracks as they are needed; a file is open only while it is
read, so neither memory nor the number of open files grows with the corpus. Crops are read in the
same way by networks that are trained end to end. Beside the bound, at most a byte a sample is held.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.sequences import codes
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
        self._track, tracks = codes(samples["track"])
        self._row = samples["row"].to_numpy()
        self._files = [Path(folder) / f"{track}.npy" for track in tracks]
        longest = samples.groupby("track", sort=False, observed=True)["row"].max()
        self._item: tuple[int, ...] | None = None
        for track, last in longest.items():
            features = _open_features(Path(folder) / f"{track}.npy")
            self._item = self._item or features.shape[1:]
            self._dtype = features.dtype
            if last >= len(features) or features.shape[1:] != self._item:
                raise InputError(
                    f"{Path(folder) / f'{track}.npy'}: features of shape {features.shape}, but the "
                    f"track has a face {last} and other tracks {self._item} for each face; run "
                    "`emolib features` again"
                )
        self._array = None
        if np.prod(self.shape) * self.dtype.itemsize <= memory_bound:
            self._array = self[np.arange(len(samples))]

    @property
    def dtype(self) -> np.dtype:
        """Type of the features."""
        return self._dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of samples, and the shape of each: (length of a feature vector,)."""
        return len(self._row), *self._item

    def __getitem__(self, positions: np.ndarray) -> np.ndarray:
        """Return the features at these positions, (k, dimension)."""
        if self._array is not None:
            return self._array[positions]
        features = np.empty((len(positions), *self.shape[1:]), self.dtype)
        track, row = self._track[positions], self._row[positions]
        by_track = np.argsort(track, kind="stable")
        borders = np.flatnonzero(np.diff(track[by_track])) + 1
        for here in np.split(by_track, borders) if len(by_track) else ():
            features[here] = read_array(self._files[track[here[0]]])[row[here]]
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
        batch = np.full((batch_size, sequences.shape[1]), -1, np.int32)
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
        self._emotion = _emotion_codes(samples)
        self._dimensions = [samples[name].to_numpy() for name in DIMENSIONS]
        _check_dimensions(self._dimensions)

    def count(self, output: str, positions: np.ndarray) -> int:
        """Return how many of the samples at these positions have a label for an output."""
        if output == "category":
            return int((self._emotion[positions] >= 0).sum())
        return int((~np.isnan(self._dimensions[0][positions])).sum())

    def targets(self, output: str, sequences: np.ndarray) -> np.ndarray:
        """Return float32 (k, length, units + 1) for sequences (k, length) of positions."""
        valid = sequences >= 0
        at = sequences[valid]
        units = len(EMOTIONS) if output == "category" else len(DIMENSIONS)
        targets = np.zeros((*sequences.shape, units + 1), np.float32)
        if output == "category":
            emotion = self._emotion[at]
            one_hot = emotion[:, None] == np.arange(units)
            targets[valid] = np.column_stack([one_hot, emotion >= 0])
        else:
            values = np.column_stack([column[at] for column in self._dimensions])
            targets[valid] = np.column_stack([np.nan_to_num(values), ~np.isnan(values[:, 0])])
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


def _emotion_codes(samples: pd.DataFrame) -> np.ndarray:
    """Return the number of each sample's emotion in `EMOTIONS`, int8; -1 where there is none."""
    numbers, names = codes(samples["emotion"])
    unknown = sorted(set(names) - {"", *EMOTIONS})
    if unknown:
        raise InputError(
            f"samples: unknown emotion {unknown[0]!r}; the seven are {', '.join(EMOTIONS)}"
        )
    of_name = [*pd.Index(EMOTIONS).get_indexer(names), -1]  # the last for what is missing
    return np.array(of_name, np.int8)[numbers]


def _check_dimensions(values: list[np.ndarray]) -> None:
    missing = [np.isnan(column) for column in values]
    low, high = DIMENSION_RANGE
    wrong = missing[0] != missing[1]
    for column in values:
        wrong |= (column < low) | (column > high)
    if wrong.any():
        first = int(np.flatnonzero(wrong)[0])
        found = [float(column[first]) for column in values]
        raise InputError(
            f"samples, row {first}: valence and arousal {found}; both must be in "
            f"[{low:g}, {high:g}] or both missing; run `emolib match` again"
        )
