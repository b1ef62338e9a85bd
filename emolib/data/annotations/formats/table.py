"""A table of text whose columns have common names: format ``table``, the default of a manifest.

========== ======================================================================================
option     meaning
========== ======================================================================================
content    ``dimensional`` (valence and arousal over time), ``valence`` or ``arousal`` (one of
           them), or ``categorical`` (intervals with one emotion each)
delimiter  ``comma``, ``semicolon`` or ``whitespace``
columns    names of the columns in the order of the file; none if the file has a header line;
           names that mean nothing here mark columns to skip
time_unit  ``s`` or ``ms``
scale      what 1.0 is written as, such as 1, 10 or 1000: values are divided by it
rater      who rated, if no column says so; else the name of the file
========== ======================================================================================

The track is the name of the file. `emolib.data.annotations.vocabulary` lists the names of columns.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import (
    TIME_UNITS,
    TextTable,
    read_delimited,
    rename_known,
)
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import rated_rows
from emolib.data.annotations.formats.text import first_lines
from emolib.data.annotations.tables import Annotations
from emolib.data.annotations.vocabulary import column_name, emotion_name
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS

CONTENTS = ("dimensional", *DIMENSIONS, "categorical")
INTERVAL = ("start", "end", "emotion")


def read_table(
    path: str | Path,
    *,
    content: str,
    delimiter: str = "comma",
    columns: Sequence[str] = (),
    time_unit: str = "s",
    scale: float = 1.0,
    rater: str | None = None,
) -> Annotations:
    """Read a table; the module describes the options.

    Raises
    ------
    InputError
        If an option is none of those above, or they do not fit the file.
    """
    for option, chosen, known in [
        ("content", content, CONTENTS),
        ("time_unit", time_unit, TIME_UNITS),
    ]:
        if chosen not in known:
            raise InputError(f"{option}: {chosen!r} is none of {', '.join(known)}")
    path, seconds = Path(path), TIME_UNITS[time_unit]
    options = {"content": content, "delimiter": delimiter, "columns": " ".join(columns)}
    more = {"time_unit": time_unit, "scale": scale, "rater": rater}
    gathering = Gathering("table", {**options, **more})
    table = read_delimited(path, delimiter, columns)
    if content == "categorical":
        table = rename_known(table, INTERVAL)
        gathering.categorical.append(_intervals(table, seconds, rater, gathering.problems))
    else:
        rated = DIMENSIONS if content == "dimensional" else (content,)
        table = rename_known(table, ("time", *rated))
        gathering.dimensional.append(_trace(table, rated, seconds, float(scale), rater))
    gathering.use(path)
    return gathering.annotations()


def _trace(
    table: TextTable, rated: Sequence[str], seconds: float, scale: float, rater: str | None
) -> pd.DataFrame:
    times, values = table.numbers("time") * seconds, {}
    for name in rated:
        values[name] = table.numbers(name) / scale
        _check_range(table, name, values[name], scale)
    return rated_rows(table.path.stem, _raters(table, rater), times, **values)


def _intervals(
    table: TextTable, seconds: float, rater: str | None, problems: list[str]
) -> pd.DataFrame:
    start, end = (table.numbers(name) * seconds for name in ("start", "end"))
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
    intervals = pd.DataFrame(
        {
            "track": table.path.stem,
            "start": start,
            "end": end,
            "emotion": emotions,
            "rater": _raters(table, rater),
            "pass": table.numbers("pass").astype(int) if "pass" in table.names else 1,
        }
    )
    return intervals[intervals["emotion"].notna()]


def _raters(table: TextTable, rater: str | None) -> list[str]:
    if "rater" in table.names:
        return table.text("rater")
    return [rater or table.path.stem] * len(table.rows)


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


def _matches(path: Path) -> bool:
    header = "".join(first_lines(path, 1, {".csv", ".txt", ".tsv"}))
    for separator in (",", ";", None):
        known = {column_name(cell) for cell in header.split(separator)}
        if set(INTERVAL) <= known or ("time" in known and known & set(DIMENSIONS)):
            return True
    return False


FORMATS = (
    Format(
        "table",
        "a table of text with common names of columns: content, delimiter, time unit and scale",
        read_table,
        _matches,
    ),
)
