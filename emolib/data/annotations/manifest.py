"""The list of a corpus's annotation files: ``annotations.csv``, one row per file.

========== ======================================================================================
column     meaning
========== ======================================================================================
file       path of the file, relative to the corpus folder
track      whom it annotates: one person in one video; empty where the file says it well
format     one of `emolib formats`; empty for ``table``, which the columns below describe
options    what the format asks for, such as ``fps=25; dimension=valence``; values as in YAML
rater      optional: who rated, where the file has no good name for the one who did
content    ``dimensional``, ``valence``, ``arousal`` or ``categorical``
delimiter  ``comma``, ``semicolon`` or ``whitespace``
columns    names of the columns in the order of the file, separated by blanks; empty if the file
           has a header line; names that mean nothing here mark columns to skip
time_unit  ``s`` or ``ms``
scale      what 1.0 is written as, such as 1, 10 or 1000: values are divided by it
========== ======================================================================================

A list without the column ``format`` needs the last five; one with it needs only those that its
rows use. Valence and arousal may come from two rows with the same track and rater.
"""

from pathlib import Path
from typing import Any

import yaml

from emolib.data.annotations.delimited import DELIMITERS, TIME_UNITS, TextTable, read_delimited
from emolib.data.annotations.formats import formats, path_options
from emolib.data.annotations.formats.table import CONTENTS
from emolib.data.annotations.sources import Source
from emolib.errors import InputError

TABLE_COLUMNS = ("content", "delimiter", "columns", "time_unit", "scale")


def read_manifest(corpus_folder: str | Path) -> tuple[list[Source], list[str]]:
    """Read ``annotations.csv``.

    Returns
    -------
    sources : list of Source
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
    expected = ("file", "track", *(() if "format" in table.names else TABLE_COLUMNS))
    for column in expected:
        if column not in table.names:
            raise InputError(f"{table.path}: no column {column!r}; it needs {', '.join(expected)}")
    sources, problems = [], []
    for row in range(len(table.rows)):
        try:
            source = _source(folder, table, row)
            if source in sources:
                raise table.error(row, f"{source.path.name} is listed twice")
            sources.append(source)
        except InputError as error:
            problems.append(str(error))
    return sources, problems


def _source(folder: Path, table: TextTable, row: int) -> Source:
    cells = {name: cell.strip() for name, cell in zip(table.names, table.rows[row], strict=True)}
    name = cells.get("format") or "table"
    if name not in formats():
        raise table.error(
            row, f"format {name!r} is unknown; `emolib formats` lists those there are"
        )
    if not cells["file"]:
        raise table.error(row, "file is empty")
    if name == "table":
        options = _table_options(cells, table, row)
    else:
        options = _options(cells.get("options", ""), table, row)
        for option in path_options(name) & options.keys():
            options[option] = folder / str(options[option])
    return Source(
        folder / cells["file"], name, options, cells["track"] or None, cells.get("rater") or None
    )


def _table_options(cells: dict[str, str], table: TextTable, row: int) -> dict[str, Any]:
    for column, known in [
        ("content", CONTENTS),
        ("delimiter", DELIMITERS),
        ("time_unit", TIME_UNITS),
    ]:
        if cells.get(column, "") not in known:
            raise table.error(
                row, f"{column} {cells.get(column, '')!r} is none of {', '.join(known)}"
            )
    if not cells["track"]:
        raise table.error(row, "track is empty")
    return {
        "content": cells["content"],
        "delimiter": cells["delimiter"],
        "columns": tuple(cells.get("columns", "").split()),
        "time_unit": cells["time_unit"],
        "scale": 1.0 if cells["content"] == "categorical" else _scale(cells, table, row),
    }


def _scale(cells: dict[str, str], table: TextTable, row: int) -> float:
    try:
        scale = float(cells.get("scale", ""))
    except ValueError:
        scale = 0.0
    if not 0 < scale < float("inf"):
        raise table.error(row, f"scale {cells.get('scale', '')!r} is not a number above 0")
    return scale


def _options(text: str, table: TextTable, row: int) -> dict[str, Any]:
    """Return the options in a cell such as ``fps=25; dimension=valence``."""
    options = {}
    for part in filter(str.strip, text.split(";")):
        name, equals, value = part.partition("=")
        try:
            options[name.strip()] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise table.error(row, f"option {part.strip()!r} cannot be read") from error
        if not equals or not name.strip():
            raise table.error(row, f"option {part.strip()!r}: write it as name=value")
    return options
