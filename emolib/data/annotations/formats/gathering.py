"""Collects what the files of one source hold, and counts what is left out of them.

A file that cannot be used is reported and the others are read; nothing is dropped uncounted.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable
from emolib.data.annotations.tables import (
    CATEGORICAL_COLUMNS,
    DIMENSIONAL_COLUMNS,
    Annotations,
    typed,
)
from emolib.data.annotations.vocabulary import emotion_name
from emolib.errors import InputError
from emolib.storage import file_hash


class Gathering:
    """The annotations of one source, file by file.

    Parameters
    ----------
    format : str
        Name of the format.
    options : mapping
        What the reader was asked for; those that are None are not recorded.
    """

    def __init__(self, format: str, options: Mapping[str, Any]):
        self.dimensional: list[pd.DataFrame] = []
        self.categorical: list[pd.DataFrame] = []
        self.problems: list[str] = []
        self.dropped: Counter[str] = Counter()
        self._record = {"format": format, "options": _plain_options(options)}
        self._files: dict[str, str] = {}

    def read_files(self, files: Iterable[Path], read: Callable[[Path], None]) -> None:
        """Read every file; report those that cannot be used.

        Raises
        ------
        InputError
            If none can be used; it is the first problem, since the others may follow from it.
        """
        failures = []
        for path in files:
            dropped, reported = self.dropped.copy(), len(self.problems)
            try:
                read(path)
                self.use(path)
            except InputError as error:
                failures.append(error)
                self.dropped = dropped  # without what was dropped from a file that is not used
                self.dropped["files that cannot be used"] += 1
                del self.problems[reported:]
        self.problems.extend(str(error) for error in failures)
        if failures and not self._files:
            raise failures[0]

    def use(self, path: Path) -> None:
        """Record that a file was used."""
        self._files[str(path)] = file_hash(path)

    def leave_out(self, path: Path, count: int, what: str) -> None:
        """Report and count what a file holds but the tables do not; nothing happens for none."""
        if count:
            self.problems.append(f"{path}: left out {count} {what}")
            self.dropped[what] += int(count)

    def emotions(self, path: Path, words: Iterable[str]) -> np.ndarray:
        """Return the emotions that words mean, None for what is none of the seven, and count it."""
        words = list(words)
        meaning = {word: emotion_name(word) for word in set(words)}
        unknown = Counter(word for word in words if meaning[word] is None)
        for word, count in sorted(unknown.items()):
            self.leave_out(path, count, f"labels {word!r}, which is none of the seven emotions")
        return np.array([meaning[word] for word in words], dtype=object)

    def annotations(self, **more: Any) -> Annotations:
        """Return everything gathered, with `more` in the provenance."""
        provenance = {**self._record, "files": self._files, "dropped": dict(self.dropped), **more}
        return Annotations(
            typed(self.dimensional, DIMENSIONAL_COLUMNS),
            typed(self.categorical, CATEGORICAL_COLUMNS),
            self.problems,
            provenance,
        )


def files_of(path: Path, pattern: str) -> list[Path]:
    """Return the path itself if it is a file, else the files below that match, in order.

    Raises
    ------
    InputError
        If there is none.
    """
    if path.is_file():
        return [path]
    files = sorted(file for file in path.rglob(pattern) if file.is_file())
    if not files:
        raise InputError(f"{path}: no such file, and no folder with {pattern} files in it")
    return files


def demand_columns(table: TextTable, columns: Iterable[str]) -> None:
    """Refuse a table that lacks a column of its format."""
    for column in columns:
        if table.names.count(column) != 1:
            raise InputError(
                f"{table.path}:1: the header is {','.join(table.names)!r}, which should hold "
                f"{column!r} once; is the file in another format?"
            )


def demand_unbroken(table: TextTable) -> None:
    """Refuse blank lines between rows, for a file whose line numbers are frame numbers."""
    gaps = np.flatnonzero(np.diff(table.lines) != 1)
    if len(gaps):
        raise table.error(
            int(gaps[0]),
            "a blank line follows; since every line stands for a frame, it would shift all that "
            "come after it: fill it or remove it",
        )


def whole_numbers(table: TextTable, column: str) -> np.ndarray:
    """Return a column as int64; refuse fractions."""
    numbers = table.numbers(column)
    for row in np.flatnonzero(numbers != np.round(numbers))[:1]:
        raise table.error(row, f"{column} {numbers[row]:g} is not a whole number")
    return numbers.astype(np.int64)


def decoded(table: TextTable, column: str, classes: Mapping[int, str]) -> list[str]:
    """Return the words that a column of class codes means; refuse codes without a meaning."""
    codes = whole_numbers(table, column)
    for row in np.flatnonzero(~np.isin(codes, list(classes)))[:1]:
        known = ", ".join(f"{code} {word}" for code, word in classes.items())
        raise table.error(row, f"{column} {codes[row]} is none of the codes {known}")
    return [classes[code] for code in codes.tolist()]


def first_line(path: Path) -> str:
    """Return the first line of a file, empty for what is not a text file."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        head = file.read(4096)
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    return lines[0].strip() if lines else ""


def _plain_options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in options.items() if value is not None}


def _plain(value: Any) -> Any:
    """Return an option as JSON can hold it; long arrays by their length and ends."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Path):
        return str(value)
    if np.ndim(value):
        times = np.asarray(value, dtype=float)
        ends = [float(times[0]), float(times[-1])] if len(times) else []
        return {"count": len(times), "first_and_last": ends}
    return value
