"""Plain tables: a file of valence and arousal, and one of intervals.

Numbers are written in full, so that nothing moves. A file that is read is known by its columns; the
names that `emolib.data.annotations.vocabulary` lists will do. Without a column ``track`` it must be
said whom the file is about.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from emolib.annotator.exchange.contents import (
    CATEGORICAL,
    DIMENSIONAL,
    Found,
    checked,
    empty,
    joined,
)
from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats.gathering import Gathering, whole_numbers
from emolib.data.annotations.formats.rating import add_intervals, normalised
from emolib.data.annotations.vocabulary import column_name
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS
from emolib.storage import atomic_path

EMOTIONS_ENDING = "_emotions"
"""End of the name of a file of intervals, as `emolib convert` gives it."""

INTERVAL = ("start", "end", "emotion")
TEXTS = ("track", "rater", "origin")


def export_csv(
    dimensional: pd.DataFrame, categorical: pd.DataFrame, video: str | Path, folder: str | Path
) -> list[Path]:
    """Write the tables as comma-separated text, numbers in full.

    Parameters
    ----------
    dimensional, categorical : DataFrame
        The columns of `DIMENSIONAL` and `CATEGORICAL`, of one rater.
    video : path
        The video, which names the files.
    folder : path
        Where they are written.

    Returns
    -------
    list of Path
        What was written; no file for a table without rows.

    Raises
    ------
    InputError
        If the tables cannot be exported.
    """
    work = checked(dimensional, categorical)
    base = Path(folder) / work.name(video)
    files = []
    for ending, table in (("", work.dimensional), (EMOTIONS_ENDING, work.categorical)):
        if len(table):
            files.append(base.with_name(f"{base.name}{ending}.csv"))
            with atomic_path(files[-1]) as temporary:
                table.to_csv(temporary, index=False)
    return files


def read_plain(path: Path, *, track: str | None) -> Found:
    """Read a table, and the one beside it where the two were exported together.

    Raises
    ------
    InputError
        If one cannot be read, or it is not known whom it is about.
    """
    found = [read_one(file, track=track) for file in _both(path)]
    return Found(
        joined([one.dimensional for one in found], DIMENSIONAL),
        joined([one.categorical for one in found], CATEGORICAL),
        [problem for one in found for problem in one.problems],
    )


def read_one(path: Path, *, track: str | None) -> Found:
    """Read one table of traces or of intervals, whose header line may begin with ``#``."""
    table = read_delimited(path)
    names = [name.removeprefix("#").strip() for name in table.names]
    known = [name.lower() if name.lower() in TEXTS else column_name(name) for name in names]
    table = table._replace(names=[old or new for old, new in zip(known, names, strict=True)])
    for name in {*known} - {None}:
        if known.count(name) > 1:
            raise InputError(f"{path}:1: has {known.count(name)} columns for {name}")
    texts = _texts(table, track)
    if set(INTERVAL) <= set(known):
        return _intervals(table, texts)
    rated = [name for name in DIMENSIONS if name in known]
    if "time" in known and rated:
        values = {name: _values(table, name) for name in rated}
        times = table.numbers("time")
        return Found(
            joined([pd.DataFrame({**texts, "time": times, **values})], DIMENSIONAL),
            empty(CATEGORICAL),
            [],
        )
    raise InputError(
        f"{path}:1: has the columns {', '.join(names)}; needed are time with valence, arousal or "
        f"both, or else {', '.join(INTERVAL)}"
    )


def _both(path: Path) -> list[Path]:
    stem = path.stem.removesuffix(EMOTIONS_ENDING)
    pair = [path.with_name(f"{stem}{path.suffix}"), path.with_name(f"{stem}{EMOTIONS_ENDING}.csv")]
    return [file for file in pair if file == path or file.is_file()]


def _texts(table: TextTable, track: str | None) -> dict[str, list[str]]:
    texts = {name: table.text(name) for name in TEXTS if name in table.names}
    if track is not None:
        texts["track"] = [track] * len(table.rows)
    if "track" not in texts:
        raise InputError(f"{table.path}: has no column 'track'; say whom it is about")
    return texts


def _values(table: TextTable, name: str) -> np.ndarray:
    """Return a dimension, NaN where the cell is empty."""
    given = [row for row, cell in enumerate(table.text(name)) if cell]
    part = table._replace(
        rows=[table.rows[row] for row in given], lines=[table.lines[row] for row in given]
    )
    values = np.full(len(table.rows), np.nan)
    values[given] = normalised(part, name, *DIMENSION_RANGE, name)
    return values


def _intervals(table: TextTable, texts: dict[str, list[str]]) -> Found:
    gathering = Gathering("csv", {})
    blank = [""] * len(table.rows)
    track, rater, origin = (np.array(texts.get(name, blank), dtype=object) for name in TEXTS)
    starts, ends = table.numbers("start"), table.numbers("end")
    passes = whole_numbers(table, "pass") if "pass" in table.names else 1
    words = table.text("emotion")
    add_intervals(gathering, table.path, table.lines, track, rater, starts, ends, words, passes)
    rows = gathering.categorical[0]
    rows = rows.assign(origin=origin[rows.index])
    return Found(empty(DIMENSIONAL), joined([rows], CATEGORICAL), gathering.problems)
