"""Text files that hold more than a table, and the first lines by which a layout is told."""

import csv
from collections.abc import Collection, Sequence
from itertools import islice
from pathlib import Path

from emolib.data.annotations.delimited import TextTable, table_of_rows


def table_from(
    path: Path, lines: Sequence[str], first: int, names: Sequence[str], separator: str = ","
) -> TextTable:
    """Return the table that begins after a preamble; blank lines are skipped.

    Parameters
    ----------
    path : Path
        The file, for messages.
    lines : sequence of str
        All its lines.
    first : int
        Position in `lines` of the first row.
    names : sequence of str
        The names of the columns.
    separator : str
        The character between cells.

    Raises
    ------
    InputError
        If there is no row, or a row has too few or too many cells.
    """
    numbered = [
        (number, next(csv.reader([line], delimiter=separator)))
        for number, line in enumerate(lines[first:], first + 1)
        if line.strip()
    ]
    return table_of_rows(path, names, numbered)


def without(table: TextTable, column: str, markers: Collection[str]) -> tuple[TextTable, int]:
    """Leave out the rows whose cell in a column is a marker of a missing value; count them."""
    kept = [row for row, cell in enumerate(table.text(column)) if cell not in markers]
    remaining = table._replace(
        rows=[table.rows[row] for row in kept], lines=[table.lines[row] for row in kept]
    )
    return remaining, len(table.rows) - len(kept)


def first_lines(path: Path, count: int = 1, suffixes: Collection[str] = ()) -> list[str]:
    """Return up to `count` stripped lines of a text file; none if it is another kind of thing.

    With `suffixes`, a file of another suffix (in lower case, with its dot) has none either.
    """
    if not path.is_file() or (suffixes and path.suffix.lower() not in suffixes):
        return []
    try:
        with path.open(encoding="utf-8-sig") as file:
            return [line.strip() for line in islice(file, count)]
    except UnicodeDecodeError:
        return []


def are_numbers(cells: Sequence[str]) -> bool:
    """Return whether every cell is a number."""
    try:
        return all(isinstance(float(cell), float) for cell in cells)
    except ValueError:
        return False
