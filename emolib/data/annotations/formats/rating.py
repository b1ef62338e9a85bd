"""Rows of ratings: of one dimension or both, of raters side by side, of intervals of emotions."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable
from emolib.data.annotations.formats.frames import interval_rows
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.tables import normalise
from emolib.errors import InputError
from emolib.labels import DIMENSIONS


def chosen_dimension(path: Path, dimension: str | None) -> str:
    """Return the one dimension of a file: the option, or else the name of its folder."""
    chosen = dimension or path.resolve().parent.name.lower()
    if chosen not in DIMENSIONS:
        what = f"dimension {dimension!r} is unknown" if dimension else "no dimension is given"
        raise InputError(
            f"{path}: {what}; the file does not say what it rates, so give dimension "
            "'valence' or 'arousal', or keep it in a folder of that name"
        )
    return chosen


def positive(name: str, value: float) -> float:
    """Return an option as a number above 0, or refuse it."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if not 0 < number < float("inf"):
        raise InputError(f"{name} must be a number above 0; found {value!r}")
    return number


def normalised(table: TextTable, column: str, low: float, high: float, name: str) -> np.ndarray:
    """Return a column that holds the dimension `name`, mapped from [low, high] onto [-1, 1]."""
    return normalise(table.numbers(column), low, high, table.path, table.lines, name)


def rated_rows(
    track: str | Sequence[str], rater: str | Sequence[str], times: np.ndarray, **values: np.ndarray
) -> pd.DataFrame:
    """Return rows of valence and arousal; a dimension that is not given is NaN."""
    missing = np.full(len(times), np.nan)
    dimensions = {name: values.get(name, missing) for name in DIMENSIONS}
    return pd.DataFrame({"track": track, "time": times, **dimensions, "rater": rater})


def rows_by_rater(
    table: TextTable, track: str, times: np.ndarray, dimension: str, scale: float
) -> list[pd.DataFrame]:
    """Return the rows of each rater, where every column but the first is one rater's.

    Parameters
    ----------
    table : TextTable
        The ratings, each from -`scale` to `scale`.
    track : str
        Whom they are of.
    times : ndarray, shape (n,)
        The time of each row in s.
    dimension : str
        What was rated.
    scale : float
        What 1 is written as.
    """
    raters = table.names[1:]
    if not raters or len(set(raters)) < len(raters) or not all(raters):
        raise InputError(
            f"{table.path}: one named column for each rater is needed after "
            f"{table.names[0]!r}; found {', '.join(map(repr, raters)) or 'none'}"
        )
    return [
        rated_rows(
            track, rater, times, **{dimension: normalised(table, rater, -scale, scale, dimension)}
        )
        for rater in raters
    ]


def add_intervals(
    gathering: Gathering,
    path: Path,
    places: Sequence[int | str],
    track: str | np.ndarray,
    rater: str | np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    words: Sequence[str],
    passes: int | np.ndarray = 1,
) -> None:
    """Gather intervals of the seven emotions; count those of other words.

    Parameters
    ----------
    gathering : Gathering
        What they are added to.
    path, places
        For messages: the file, and the line or other place of each interval.
    track, rater : str or ndarray of object, shape (n,)
        Whom they are of and who rated.
    starts, ends : ndarray, shape (n,)
        In s.
    words : sequence of str
        What stands for the emotion of each.
    passes : int or ndarray of int, shape (n,)
        How often the rater had gone through the video, from 1.

    Raises
    ------
    InputError
        If an interval does not end after its start.
    """
    for row in np.flatnonzero(ends <= starts)[:1]:
        raise InputError(
            f"{path}:{places[row]}: ends at {ends[row]:g} s, not after its start at "
            f"{starts[row]:g} s"
        )
    emotions = gathering.emotions(path, words)
    rows = interval_rows(track, rater, starts, ends, emotions).assign(**{"pass": passes})
    gathering.categorical.append(rows[[emotion is not None for emotion in emotions]])
