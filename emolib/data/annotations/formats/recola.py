"""RECOLA as the AVEC challenges hand it out: one recording and one dimension a file.

- ``recola-gold``: ARFF with the attributes instance name (a string, though unquoted), time in s
  and value. The stamps run from 0 to 300 s every 0.04 s with both ends included, 7501 rows.
- ``recola-raters``: semicolons, a header ``time;FM1 ;FM2 ;...`` whose names end in a blank, time in
  s and one column for each rater.

Values go from -1 to 1. Layouts as in the AVEC 2016 and 2018 baselines (Valstar et al. 2016;
Ringeval et al. 2018).
"""

from pathlib import Path

from emolib.data.annotations.delimited import TextTable, read_delimited, read_lines
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import (
    chosen_dimension,
    normalised,
    positive,
    rated_rows,
    rows_by_rater,
)
from emolib.data.annotations.formats.text import first_lines, table_from, without
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

MISSING = {"?", ""}
"""Cells of an ARFF file that stand for no value."""

COLUMNS = ("name", "time", "value")


def read_gold(
    path: str | Path,
    *,
    dimension: str | None = None,
    track: str | None = None,
    rater: str = "gold",
    scale: float = 1.0,
) -> Annotations:
    """Read a gold standard.

    Parameters
    ----------
    path : str or Path
        The ARFF file.
    dimension : str, optional
        ``valence`` or ``arousal``; else the name of the folder.
    track : str, optional
        Whom it is of; else the instance name in each row.
    rater : str
        What to call the fused raters.
    scale : float
        What 1 is written as.
    """
    path, scale = Path(path), positive("scale", scale)
    chosen = chosen_dimension(path, dimension)
    options = {"dimension": chosen, "track": track, "rater": rater, "scale": scale}
    gathering = Gathering("recola-gold", options)
    table = _arff(path)
    for column in ("time", "value"):
        table, missing = without(table, column, MISSING)
        gathering.leave_out(path, missing, f"rows without a {column}")
    names = [name.strip("'\"") for name in table.text("name")]
    if track is not None and len(set(names)) > 1:
        raise InputError(f"{path}: holds {len(set(names))} instances; they cannot be one track")
    values = normalised(table, "value", -scale, scale, chosen)
    gathering.dimensional.append(
        rated_rows(track or names, rater, table.numbers("time"), **{chosen: values})
    )
    gathering.use(path)
    return gathering.annotations()


def read_raters(
    path: str | Path, *, dimension: str | None = None, track: str | None = None
) -> Annotations:
    """Read the ratings of all raters of a recording; each is named by its column.

    Parameters
    ----------
    path : str or Path
        The file.
    dimension : str, optional
        ``valence`` or ``arousal``; else the name of the folder.
    track : str, optional
        Whom it is of; else the name of the file without its suffix.
    """
    path = Path(path)
    chosen = chosen_dimension(path, dimension)
    gathering = Gathering("recola-raters", {"dimension": chosen, "track": track})
    table = read_delimited(path, "semicolon")
    if table.names[0] != "time":
        raise InputError(f"{path}:1: the first column is {table.names[0]!r}, not 'time'")
    times = table.numbers("time")
    gathering.dimensional.extend(rows_by_rater(table, track or path.stem, times, chosen, 1.0))
    gathering.use(path)
    return gathering.annotations()


def _arff(path: Path) -> TextTable:
    lines = read_lines(path)
    words = [line.split(None, 1)[0].lower() if line.strip() else "" for line in lines]
    if "@data" not in words:
        raise InputError(f"{path}: no line '@data'; is it an ARFF file?")
    first = words.index("@data") + 1
    attributes = words[:first].count("@attribute")
    if attributes != len(COLUMNS):
        raise InputError(
            f"{path}: declares {attributes} attributes where {len(COLUMNS)} are expected "
            f"({', '.join(COLUMNS)})"
        )
    # A blanked comment keeps the numbers of the lines after it.
    lines = ["" if line.lstrip().startswith("%") else line for line in lines]
    return table_from(path, lines, first, COLUMNS)


def _is_gold(path: Path) -> bool:
    lines = [line.lower() for line in first_lines(path, 20, {".arff"})]
    return sum(line.startswith("@attribute") for line in lines) == len(COLUMNS)


def _is_raters(path: Path) -> bool:
    header = "".join(first_lines(path)).split(";")
    return header[0].strip() == "time" and len(header) > 2


FORMATS = (
    Format(
        "recola-gold",
        "RECOLA gold standard of AVEC (ARFF): time in s, one dimension from -1 to 1",
        read_gold,
        _is_gold,
    ),
    Format(
        "recola-raters",
        "RECOLA raters (semicolons): time in s, a column for each rater, one dimension, -1 to 1",
        read_raters,
        _is_raters,
    ),
)
