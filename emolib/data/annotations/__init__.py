"""Annotations of a corpus, in whatever layout their tools left them, as two tables.

The valence and arousal annotations that the thesis started from came in several layouts, which it
first brought into one (section 4.2). Here the corpus says in ``annotations.csv`` how each file is
to be read (`emolib.data.annotations.manifest`); nothing is guessed from the values. The layouts
that published corpora and rating tools write have readers of their own in
`emolib.data.annotations.formats`.
"""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable, read_delimited, rename_known
from emolib.data.annotations.manifest import Entry, read_manifest
from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS, typed
from emolib.data.annotations.vocabulary import emotion_name
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS


def read_annotations(corpus_folder: str | Path) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Read every annotation file that a corpus lists.

    A file that cannot be used is left out and reported, as are intervals whose emotion is none of
    the seven. A file without a column for the rater has its own name for one, so that two files
    about a track are never mixed.

    Parameters
    ----------
    corpus_folder : str or Path
        The folder that holds ``annotations.csv`` and the files it lists.

    Returns
    -------
    dimensional : DataFrame
        The columns of `DIMENSIONAL_COLUMNS`.
    categorical : DataFrame
        The columns of `CATEGORICAL_COLUMNS`.
    problems : list of str
        One sentence for each thing that was left out, with file and line.

    Raises
    ------
    InputError
        If ``annotations.csv`` cannot be read, or no file that it lists can be used.
    """
    entries, problems = read_manifest(corpus_folder)
    tables = {"dimensional": [], "categorical": []}
    for entry in entries:
        read = _read_dimensional if entry.content == "dimensional" else _read_categorical
        try:
            tables[entry.content].append(read(entry, problems))
        except InputError as error:
            problems.append(str(error))
    if not any(tables.values()):
        raise InputError(
            f"{Path(corpus_folder) / 'annotations.csv'}: none of the annotation files can be used; "
            f"the first problem is: {problems[0]}"
        )
    return (
        typed(tables["dimensional"], DIMENSIONAL_COLUMNS),
        typed(tables["categorical"], CATEGORICAL_COLUMNS),
        problems,
    )


def _read_dimensional(entry: Entry, problems: list[str]) -> pd.DataFrame:
    table = _read(entry, ("time", *DIMENSIONS))
    values = {"time": table.numbers("time") * entry.seconds}
    for name in DIMENSIONS:
        values[name] = table.numbers(name) / entry.scale
        _check_range(table, name, values[name], entry.scale)
    return pd.DataFrame({"track": entry.track, **values, "rater": _raters(table)})


def _read_categorical(entry: Entry, problems: list[str]) -> pd.DataFrame:
    table = _read(entry, ("start", "end", "emotion"))
    start, end = (table.numbers(name) * entry.seconds for name in ("start", "end"))
    for row in np.flatnonzero(end <= start)[:1]:
        raise table.error(row, f"ends at {end[row]:g} s, not after its start at {start[row]:g} s")
    words = table.text("emotion")
    emotions = [emotion_name(word) for word in words]
    unknown = Counter(
        word for word, emotion in zip(words, emotions, strict=True) if emotion is None
    )
    if unknown:
        listed = ", ".join(f"{word!r} {n}" for word, n in sorted(unknown.items()))
        problems.append(
            f"{table.path}: left out {unknown.total()} of {len(words)} intervals whose emotion is "
            f"none of the seven ({listed})"
        )
    passes = table.numbers("pass").astype(int) if "pass" in table.names else 1
    intervals = pd.DataFrame(
        {
            "track": entry.track,
            "start": start,
            "end": end,
            "emotion": emotions,
            "rater": _raters(table),
            "pass": passes,
        }
    )
    return intervals[intervals["emotion"].notna()]


def _read(entry: Entry, required: tuple[str, ...]) -> TextTable:
    table = read_delimited(entry.path, entry.delimiter, entry.columns)
    return rename_known(table, required)


def _raters(table: TextTable) -> list[str]:
    if "rater" in table.names:
        return table.text("rater")
    return [table.path.stem] * len(table.rows)


def _check_range(table: TextTable, name: str, values: np.ndarray, scale: float) -> None:
    low, high = DIMENSION_RANGE
    outside = np.flatnonzero((values < low) | (values > high))
    if len(outside):
        row = outside[0]
        largest = np.abs(values).max() * scale
        fitting = next((s for s in (10, 100, 1000) if largest <= s), None)
        hint = f"; the scale looks like {fitting}, not {scale:g}" if fitting else ""
        raise table.error(
            row, f"{name} {values[row]:g} is outside [{low:g}, {high:g}] after scaling{hint}"
        )
