"""Any other table of text, described by options: format ``generic``.

================= ==============================================================================
option            meaning
================= ==============================================================================
``columns``       what is called how: ``{"time": "t", "valence": "val"}``, see `COLUMNS`
``header``        the names of the columns in the order of the file, if it has no header line
``delimiter``     ``comma``, ``semicolon`` or ``whitespace``
``time_unit``     ``s`` or ``ms``
``scale``         what 1 is written as, such as 1, 10 or 1000; or the two ends of the range
``offset``        what is added to all times, in s
``track``         whom it is of, if no column says so; else the name of the file
``rater``         who rated, if no column says so; else the name of the file
``invalid``       what stands for no value, such as ``-5``; such rows are left out first of all
================= ==============================================================================

With a column for ``time`` the file holds valence, arousal or both over time; with columns for
``start``, ``end`` and ``emotion`` it holds intervals of emotion words.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from emolib.data.annotations.delimited import DELIMITERS, TIME_UNITS, TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering, demand_columns, whole_numbers
from emolib.data.annotations.formats.rating import add_intervals, normalised, positive, rated_rows
from emolib.data.annotations.formats.text import first_lines, without
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError
from emolib.labels import DIMENSIONS

COLUMNS = ("track", "rater", "time", *DIMENSIONS, "start", "end", "emotion", "pass")
"""What a column can be."""

INTERVAL = ("start", "end", "emotion")


def read_generic(
    path: str | Path,
    *,
    columns: Mapping[str, str],
    time_unit: str,
    scale: float | Sequence[float] | None = None,
    delimiter: str = "comma",
    header: Sequence[str] = (),
    offset: float = 0.0,
    track: str | None = None,
    rater: str | None = None,
    invalid: Sequence[str | float] = (),
) -> Annotations:
    """Read a table of text; the module describes the options.

    Raises
    ------
    InputError
        If the options do not describe one kind of table, or do not fit the file.
    """
    path = Path(path)
    _check_choices(columns, time_unit, delimiter)
    wanted = _wanted(columns)
    options = {"columns": dict(columns), "time_unit": time_unit, "delimiter": delimiter}
    texts = {"header": " ".join(header), "invalid": " ".join(map(str, invalid))}
    more = {"offset": offset, "track": track, "rater": rater, "scale": scale}
    gathering = Gathering("generic", {**options, **texts, **more})
    table = read_delimited(path, delimiter, header)
    demand_columns(table, columns.values())
    for what in wanted:
        markers = {cell for cell in table.text(columns[what]) if _is_marker(cell, invalid)}
        table, missing = without(table, columns[what], markers)
        gathering.leave_out(path, missing, f"rows whose {what} is marked as invalid")
    names = {
        "track": _names(table, columns, "track", track),
        "rater": _names(table, columns, "rater", rater),
    }
    seconds = TIME_UNITS[time_unit]
    if "time" in wanted:
        low, high = _range(scale)
        values = {
            name: normalised(table, columns[name], low, high, name)
            for name in wanted
            if name != "time"
        }
        times = table.numbers(columns["time"]) * seconds + float(offset)
        gathering.dimensional.append(rated_rows(names["track"], names["rater"], times, **values))
    else:
        _add_intervals(gathering, table, columns, names, seconds, float(offset))
    gathering.use(path)
    return gathering.annotations()


def _add_intervals(gathering, table, columns, names, seconds: float, offset: float) -> None:
    starts, ends = (table.numbers(columns[name]) * seconds + offset for name in ("start", "end"))
    add_intervals(
        gathering,
        table.path,
        table.lines,
        names["track"],
        names["rater"],
        starts,
        ends,
        table.text(columns["emotion"]),
        whole_numbers(table, columns["pass"]) if "pass" in columns else 1,
    )


def _check_choices(columns: Mapping[str, str], time_unit: str, delimiter: str) -> None:
    for option, chosen, known in [
        ("time_unit", [time_unit], TIME_UNITS),
        ("delimiter", [delimiter], DELIMITERS),
        ("columns", columns, COLUMNS),
    ]:
        for choice in chosen:
            if choice not in known:
                raise InputError(f"{option}: {choice!r} is none of {', '.join(known)}")


def _wanted(columns: Mapping[str, str]) -> list[str]:
    """Return what makes up a row: time and dimensions, or the parts of an interval."""
    rated = [name for name in ("time", *DIMENSIONS) if name in columns]
    interval = [name for name in INTERVAL if name in columns]
    if len(rated) >= 2 and rated[0] == "time" and not interval:
        return rated
    if len(interval) == len(INTERVAL) and not rated:
        return interval
    raise InputError(
        "columns must name time with valence, arousal or both, or else start, end and emotion; "
        f"found {', '.join(columns) or 'none'}"
    )


def _range(scale: float | Sequence[float] | None) -> tuple[float, float]:
    if scale is None:
        raise InputError("scale is needed: what 1 is written as, or the two ends of the range")
    if np.ndim(scale) == 0:
        end = positive("scale", scale)
        return -end, end
    if len(scale) != 2 or not float(scale[0]) < float(scale[1]):
        raise InputError(f"scale {list(scale)} is not a low end and a high end")
    return float(scale[0]), float(scale[1])


def _is_marker(cell: str, invalid: Sequence[str | float]) -> bool:
    """Return whether a cell is a marker, by its text or as the same number."""
    return any(cell == str(marker) or _number(cell) == _number(marker) for marker in invalid)


def _number(cell: str | float) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")  # equal to nothing


def _names(
    table: TextTable, columns: Mapping[str, str], what: str, option: str | None
) -> np.ndarray:
    if what not in columns:
        return np.array([option or table.path.stem] * len(table.rows), dtype=object)
    if option is not None:
        raise InputError(f"{what} is given twice: as a column and as {option!r}")
    return np.array(table.text(columns[what]), dtype=object)


def _matches(path: Path) -> bool:
    return any(first_lines(path, 20, {".csv", ".txt", ".tsv"}))


FORMATS = (
    Format(
        "generic",
        "any table of text: columns, delimiter, time unit, scale, offset and rater as options say",
        read_generic,
        _matches,
    ),
)
