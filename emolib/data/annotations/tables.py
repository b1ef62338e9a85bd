"""The two tables that every annotation reader returns, and how they are put together."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE

DIMENSIONAL_COLUMNS = {
    "track": "str",
    "time": "float64",  # s since the first frame
    "valence": "float64",  # [-1, 1]; NaN where the source rates arousal alone
    "arousal": "float64",  # [-1, 1]; NaN where the source rates valence alone
    "rater": "str",
}
"""Columns of the table of valence and arousal, with their types."""

CATEGORICAL_COLUMNS = {
    "track": "str",
    "start": "float64",  # s since the first frame; the interval holds it
    "end": "float64",  # s; the interval does not hold it
    "emotion": "str",  # one of the seven
    "rater": "str",
    "pass": "int64",  # from 1: how often the rater had gone through the video
}
"""Columns of the table of category intervals, with their types."""


class Annotations(NamedTuple):
    """What was read from one source.

    Attributes
    ----------
    dimensional : pandas.DataFrame
        The columns of `DIMENSIONAL_COLUMNS`; empty where the source has no dimensions.
    categorical : pandas.DataFrame
        The columns of `CATEGORICAL_COLUMNS`; empty where the source has no categories.
    problems : list of str
        One sentence for each thing that was left out, with file, line and count.
    provenance : dict
        Format, options, files with their SHA-256, and counts of what was dropped and why.
    """

    dimensional: pd.DataFrame
    categorical: pd.DataFrame
    problems: list[str]
    provenance: dict[str, Any]


def typed(tables: list[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """Join tables into one with exactly these columns and types; none gives an empty table."""
    empty = pd.DataFrame({name: [] for name in columns})
    combined = pd.concat(tables, ignore_index=True) if tables else empty
    return combined[list(columns)].astype(columns)


def normalise(
    values: np.ndarray, low: float, high: float, path: Path, lines: list[int], name: str
) -> np.ndarray:
    """Map a source's stated range onto [-1, 1], and refuse what lies outside of it.

    Parameters
    ----------
    values : ndarray, shape (n,)
        As in the file, invalid markers already removed.
    low, high : float
        The range that the format states; never taken from the data.
    path, lines, name
        For the message: the file, the line of each value, the dimension.

    Raises
    ------
    InputError
        If a value is NaN, or lies outside [low, high] by more than a rounding error.
    """
    tolerance = 1e-6 * (high - low)
    inside = (values >= low - tolerance) & (values <= high + tolerance)
    outside = np.flatnonzero(~inside)  # NaN compares as outside
    if len(outside):
        row = outside[0]
        raise InputError(
            f"{path}:{lines[row]}: {name} {values[row]:g} is outside [{low:g}, {high:g}], the "
            "range of this format; is the file in another format, or does it need another scale?"
        )
    start, end = DIMENSION_RANGE
    # Halfway between the ends lies zero; subtracting it first keeps 0.1 of 1.0 exactly 0.1.
    middle, half = (low + high) / 2, (high - low) / 2
    return np.clip((values - middle) / half, start, end)
