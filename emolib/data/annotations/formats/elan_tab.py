"""Intervals of emotions from a table that ELAN has exported as tab-delimited text.

Which columns there are, whether they are named, how times are written and whether the offset of the
medium was added are choices made at the export, none of which the file states: they are options.

======================= ===========================================================================
option                  meaning
======================= ===========================================================================
``start``, ``end``      the columns of begin and end
``emotion``             the column of the word
``time_format``         ``hh:mm:ss.ms``, ``s`` or ``ms``
``columns``             the names of the columns in the order of the file, if it has no header line
``tier_column``         the column that names the tier of each row, if there is one
``tiers``               the tiers to read, if there is such a column
``track``               whom the intervals are of; else the name of the file
``rater``               who rated; else the tier, or without a column of tiers the name of the file
``offset``              what is added to all times, in s
======================= ===========================================================================

Annotations of several tiers with equal times may share a row, which then has a column for each
tier; rows without a word in the column that is read are left out. Lines that begin with ``#`` or
``"#`` are remarks about the media.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from emolib.data.annotations.delimited import TIME_UNITS, TextTable, read_lines
from emolib.data.annotations.formats.gathering import Gathering, demand_columns
from emolib.data.annotations.formats.rating import add_intervals
from emolib.data.annotations.formats.text import first_lines, table_from, without
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

CLOCK = "hh:mm:ss.ms"
TIME_FORMATS = (CLOCK, *TIME_UNITS)
"""How times can be written."""


def read_elan_tab(
    path: str | Path,
    *,
    start: str,
    end: str,
    emotion: str,
    time_format: str,
    columns: Sequence[str] = (),
    tier_column: str | None = None,
    tiers: str | Sequence[str] = (),
    track: str | None = None,
    rater: str | None = None,
    offset: float = 0.0,
) -> Annotations:
    """Read the emotions of some tiers, or of one column.

    Parameters
    ----------
    path : str or Path
        The file; the module describes the options.
    """
    path = Path(path)
    tiers = [tiers] if isinstance(tiers, str) else list(tiers)
    if time_format not in TIME_FORMATS:
        raise InputError(f"time_format {time_format!r} is none of {', '.join(TIME_FORMATS)}")
    gathering = Gathering(
        "elan-tab",
        {
            "start": start,
            "end": end,
            "emotion": emotion,
            "time_format": time_format,
            "columns": ", ".join(columns),
            "tier_column": tier_column,
            "tiers": ", ".join(tiers),
            "track": track,
            "rater": rater,
            "offset": offset,
        },
    )
    table = _of_tiers(_table(path, columns), tier_column, tiers)
    demand_columns(table, [start, end, emotion])
    table, blank = without(table, emotion, {""})
    gathering.leave_out(path, blank, f"rows without a word in column {emotion!r}")
    starts, ends = (_times(table, name, time_format) + float(offset) for name in (start, end))
    names = np.array(table.text(tier_column), dtype=object) if tier_column else path.stem
    add_intervals(
        gathering,
        path,
        table.lines,
        track or path.stem,
        names if rater is None else rater,
        starts,
        ends,
        table.text(emotion),
    )
    gathering.use(path)
    return gathering.annotations()


def is_elan_tab(path: Path) -> bool:
    """Return whether a path could be such a table: text with tabs in its first lines."""
    lines = [line for line in first_lines(path, 20, {".txt", ".tsv"}) if not _is_remark(line)]
    return bool(lines) and lines[0].count("\t") >= 2


def _table(path: Path, columns: Sequence[str]) -> TextTable:
    lines = ["" if _is_remark(line) else line for line in read_lines(path)]
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    names = list(columns)
    if not names and first < len(lines):
        names = [cell.strip() for cell in lines[first].split("\t")]
        first += 1
    return table_from(path, lines, first, names, "\t")


def _is_remark(line: str) -> bool:
    return line.startswith(("#", '"#'))


def _of_tiers(table: TextTable, column: str | None, tiers: list[str]) -> TextTable:
    if bool(tiers) != (column is not None):
        raise InputError("tier_column and tiers belong together: give both or neither")
    if column is None:
        return table
    demand_columns(table, [column])
    present = set(table.text(column))
    for tier in tiers:
        if tier not in present:
            raise InputError(
                f"{table.path}: no row of tier {tier!r}; there are "
                f"{', '.join(map(repr, sorted(present)))}"
            )
    return without(table, column, present - set(tiers))[0]


def _times(table: TextTable, column: str, time_format: str) -> np.ndarray:
    if time_format != CLOCK:
        return table.numbers(column) * TIME_UNITS[time_format]
    times = np.empty(len(table.rows))
    for row, cell in enumerate(table.text(column)):
        try:
            hours, minutes, seconds = cell.split(":")
            times[row] = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
        except ValueError as error:
            raise table.error(row, f"{column} {cell!r} is not written {CLOCK}") from error
    return times
