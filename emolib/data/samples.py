"""The faces that a network learns from, read from a table that need not fit into memory.

`SampleFile` stands for some rows of ``samples.parquet``. It holds what training looks up again and
again, 25 bytes a face (a quarter of a gigabyte for ten million faces), and reads the rest of the
table in chunks, once, when the predictions are written beside it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.storage import file_hash, read_chunks

INDEX = {
    "track": "category",
    "row": np.int32,
    "time": np.float64,  # seconds; the gaps in a recording depend on it
    "split": "category",
    "emotion": "category",
    **dict.fromkeys(DIMENSIONS, np.float32),  # what targets are made of anyway
}
"""Columns that are held, and their types."""

_CATEGORIES = {"split": list(SPLITS), "emotion": ["", *EMOTIONS]}


class SampleFile:
    """Some faces of a table of samples, of which only an index is held.

    Parameters
    ----------
    path : str or Path
        ``samples.parquet``.
    keep : callable
        Takes a part of the table and returns those of its rows that are wanted.

    Attributes
    ----------
    index : DataFrame
        The columns of `INDEX` for the faces that are kept, numbered from 0.
    """

    def __init__(self, path: str | Path, keep: Callable[[pd.DataFrame], pd.DataFrame]):
        self.path = Path(path)
        self._keep = keep
        self.index = compact(chunk[list(INDEX)] for chunk in self.chunks(list(INDEX)))

    def chunks(self, columns: list[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the faces that are kept, in order, some ten thousand at a time.

        Parameters
        ----------
        columns : list of str or None
            What to read, at least what `keep` looks at; None: every column.
        """
        for chunk in read_chunks(self.path, columns, "run `emolib match` first"):
            yield self._keep(chunk)

    def digest(self) -> str:
        """Return what changes with any value of the table."""
        return file_hash(self.path)


def compact(chunks: Iterator[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of some tables as one, in the types of `INDEX`.

    A name is held once and pointed at by a number. No column is ever in memory twice but the one
    that is being joined.

    Parameters
    ----------
    chunks : iterator of DataFrame
        With the columns of `INDEX`; one at least.

    Examples
    --------
    >>> table = pd.DataFrame({"track": ["a", "b"], "row": 0, "time": 0.0, "split": "test",
    ...                       "emotion": "fear", "valence": 0.5, "arousal": 0.5})
    >>> str(compact(iter([table, table]))["track"].dtype)
    'category'
    """
    names = {name: {} for name, kind in INDEX.items() if kind == "category"}
    for name, known in _CATEGORIES.items():
        names[name] = {value: code for code, value in enumerate(known)}
    parts: dict[str, list[np.ndarray]] = {name: [] for name in INDEX}
    for chunk in chunks:
        for name, kind in INDEX.items():
            values = chunk[name]
            if kind == "category":
                parts[name].append(_codes(values, names[name]))
            else:
                parts[name].append(values.to_numpy(kind))
    joined = {}
    for name, kind in INDEX.items():
        column = np.concatenate(parts.pop(name))
        joined[name] = column
        if kind == "category":
            joined[name] = pd.Categorical.from_codes(column, list(names[name]))
    return pd.DataFrame(joined, copy=False)


def _codes(values: pd.Series, known: dict[str, int]) -> np.ndarray:
    """Return the number of each name, giving new names the next ones; a missing name is ""."""
    local, found = pd.factorize(values.fillna(""))
    numbers = np.array([known.setdefault(name, len(known)) for name in found], np.int32)
    codes = numbers[local] if len(numbers) else np.zeros(0, np.int32)
    return codes.astype(np.min_scalar_type(-max(len(known), 1)))
