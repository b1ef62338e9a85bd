"""The list of a corpus's annotation files: ``annotations.csv``, one row per file.

========== ======================================================================================
column     meaning
========== ======================================================================================
file       path of the file, relative to the corpus folder
track      whom it annotates: one person in one video
content    ``dimensional`` (valence and arousal over time) or ``categorical`` (intervals)
delimiter  ``comma``, ``semicolon`` or ``whitespace``
columns    names of the columns in the order of the file, separated by blanks; empty if the file
           has a header line; names that mean nothing here mark columns to skip
time_unit  ``s`` or ``ms``
scale      what 1.0 is written as, such as 1, 10 or 1000: values are divided by it
========== ======================================================================================
"""

from pathlib import Path
from typing import NamedTuple

from emolib.data.annotations.delimited import DELIMITERS, TextTable, read_delimited
from emolib.errors import InputError

CONTENTS = ("dimensional", "categorical")
TIME_UNITS = {"s": 1.0, "ms": 0.001}  # seconds


class Entry(NamedTuple):
    """How one annotation file is to be read."""

    path: Path
    track: str
    content: str
    delimiter: str
    columns: tuple[str, ...]
    seconds: float  # in one unit of time
    scale: float


def read_manifest(corpus_folder: str | Path) -> tuple[list[Entry], list[str]]:
    """Read ``annotations.csv``.

    Returns
    -------
    entries : list of Entry
        The usable rows.
    problems : list of str
        What is wrong with the others.

    Raises
    ------
    InputError
        If the file is missing, unreadable, or lacks a column.
    """
    folder = Path(corpus_folder)
    table = read_delimited(folder / "annotations.csv")
    expected = ("file", "track", "content", "delimiter", "columns", "time_unit", "scale")
    for column in expected:
        if column not in table.names:
            raise InputError(f"{table.path}: no column {column!r}; it needs {', '.join(expected)}")
    entries, problems = [], []
    for row in range(len(table.rows)):
        try:
            entry = _entry(folder, table, row)
            if entry in entries:
                raise table.error(row, f"{entry.path.name} is listed twice")
            entries.append(entry)
        except InputError as error:
            problems.append(str(error))
    return entries, problems


def _entry(folder: Path, table: TextTable, row: int) -> Entry:
    cells = {name: cell.strip() for name, cell in zip(table.names, table.rows[row], strict=True)}
    for column, known in [
        ("content", CONTENTS),
        ("delimiter", DELIMITERS),
        ("time_unit", TIME_UNITS),
    ]:
        if cells[column] not in known:
            raise table.error(row, f"{column} {cells[column]!r} is none of {', '.join(known)}")
    for column in ("file", "track"):
        if not cells[column]:
            raise table.error(row, f"{column} is empty")
    try:
        scale = float(cells["scale"])
    except ValueError:
        scale = 0.0
    if not 0 < scale < float("inf"):
        raise table.error(row, f"scale {cells['scale']!r} is not a number above 0")
    return Entry(
        folder / cells["file"],
        cells["track"],
        cells["content"],
        cells["delimiter"],
        tuple(cells["columns"].split()),
        TIME_UNITS[cells["time_unit"]],
        scale,
    )
