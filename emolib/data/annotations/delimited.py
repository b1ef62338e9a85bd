"""Reads text tables cell by cell, and says for every bad cell in which line of which file it is."""

import csv
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from emolib.data.annotations.vocabulary import COLUMN_WORDS, column_name
from emolib.errors import InputError

DELIMITERS = {"comma": ",", "semicolon": ";", "whitespace": None}
"""Separators of cells by name; None for any run of blanks and tabs."""

TIME_UNITS = {"s": 1.0, "ms": 0.001}
"""Seconds in a unit of time."""


class TextTable(NamedTuple):
    """The cells of a file as text, and the line of the file that each row came from."""

    path: Path
    names: list[str]
    rows: list[list[str]]
    lines: list[int]

    def text(self, column: str) -> list[str]:
        """Return the stripped cells of a column."""
        place = self.names.index(column)
        return [row[place].strip() for row in self.rows]

    def numbers(self, column: str) -> np.ndarray:
        """Return a column as float64; refuse what is not a finite number."""
        numbers = np.empty(len(self.rows))
        for i, cell in enumerate(self.text(column)):
            try:
                numbers[i] = float(cell)
            except ValueError:
                numbers[i] = math.nan
            if not math.isfinite(numbers[i]):
                raise self.error(i, f"{column} {cell!r} is not a number{self._hint(i, cell)}")
        return numbers

    def error(self, row: int, problem: str) -> InputError:
        """Return an error about a row (position in `rows`), to be raised."""
        return InputError(f"{self.path}:{self.lines[row]}: {problem}")

    def _hint(self, row: int, cell: str) -> str:
        if row == 0 and column_name(cell):
            return "; this is a header, so leave 'columns' empty in annotations.csv"
        if "," in cell:
            return "; write decimals with a point"
        return "; remove the row or fill the gap" if cell in ("", "nan", "NaN") else ""


def read_delimited(
    path: str | Path, delimiter: str = "comma", columns: Sequence[str] = ()
) -> TextTable:
    """Read a text file as a table; blank lines are skipped, any kind of line end will do.

    Parameters
    ----------
    path : str or Path
        The file, in UTF-8.
    delimiter : str
        ``comma``, ``semicolon`` or ``whitespace``.
    columns : sequence of str
        The names of the columns in the order of the file, if it has no header line.

    Returns
    -------
    TextTable
        Its names are those of the file, without surrounding blanks.

    Raises
    ------
    InputError
        If the file is missing, empty or not UTF-8, or if a row has too few or too many cells.
    """
    path = Path(path)
    lines = read_lines(path)
    if DELIMITERS[delimiter] is None:
        numbered = [(number, line.split()) for number, line in enumerate(lines, 1)]
    else:
        reader = csv.reader(lines, delimiter=DELIMITERS[delimiter])
        numbered = [(reader.line_num, row) for row in reader]
    numbered = [(number, row) for number, row in numbered if any(cell.strip() for cell in row)]
    if columns:
        names = list(columns)
    elif numbered:
        names = [cell.strip() for cell in numbered.pop(0)[1]]
    else:
        names = []
    hint = f"; the delimiter {delimiter!r} or the columns may be wrong"
    return table_of_rows(path, names, numbered, hint)


def table_of_rows(
    path: Path, names: Sequence[str], numbered: Sequence[tuple[int, list[str]]], hint: str = ""
) -> TextTable:
    """Return the table of rows that come with their line numbers; `hint` ends a complaint.

    Raises
    ------
    InputError
        If there is no row, or a row has too few or too many cells.
    """
    if not numbered:
        raise InputError(f"{path}: holds no rows")
    for number, row in numbered:
        if len(row) != len(names):
            raise InputError(
                f"{path}:{number}: {len(row)} cells where {len(names)} are expected "
                f"({', '.join(names)}){hint}"
            )
    lines, rows = zip(*numbered, strict=True)
    return TextTable(path, list(names), list(rows), list(lines))


def rename_known(table: TextTable, required: Sequence[str]) -> TextTable:
    """Give the columns that are known under other names their own; demand the required ones."""
    names = [column_name(name) or name for name in table.names]
    for column in required:
        if names.count(column) != 1:
            what = "no column" if column not in names else f"{names.count(column)} columns"
            raise InputError(
                f"{table.path}: {what} for {column} (known as {', '.join(COLUMN_WORDS[column])}) "
                f"among {', '.join(table.names)}; a file without a header needs its columns named "
                "in annotations.csv"
            )
    return table._replace(names=names)


def read_lines(path: Path) -> list[str]:
    """Return the lines of a UTF-8 file, whatever their ends; line ``n`` is at position n - 1.

    Raises
    ------
    InputError
        If the file is missing or not UTF-8.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: byte 0x{content[error.start]:02x} at position {error.start} is not "
            "UTF-8; save the file as UTF-8 text"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
