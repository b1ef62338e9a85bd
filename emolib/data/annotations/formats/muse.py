"""Ratings before and after their fusion by the MuSe-Toolbox: one recording and dimension a file.

- ``muse-raw``: ``timestamp,1,2,3``, seconds from 0.50, one column for each rater. The stamp is the
  **end** of a bin.
- ``muse-fused``: ``Time,value``, **milliseconds** from 0. The stamp is the **start** of a bin: row
  for row the signal belongs to the raw file, whose stamps are one bin later.

Both are moved to the middle of the bin, where they agree (Stappen et al. 2021).
"""

from pathlib import Path

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.bins import middles
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import (
    chosen_dimension,
    normalised,
    positive,
    rated_rows,
    rows_by_rater,
)
from emolib.data.annotations.formats.text import are_numbers, first_lines
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

MILLISECOND = 0.001


def read_raw(
    path: str | Path,
    *,
    dimension: str | None = None,
    track: str | None = None,
    scale: float = 1.0,
    bin_width: float | None = None,
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
    scale : float
        What 1 is written as.
    bin_width : float, optional
        Width of a bin in s; else the smallest step between stamps.
    """
    path, scale = Path(path), positive("scale", scale)
    chosen = chosen_dimension(path, dimension)
    options = {"dimension": chosen, "track": track, "scale": scale, "bin_width": bin_width}
    gathering = Gathering("muse-raw", options)
    table = _table(path, "timestamp")
    times, shift = middles(table.numbers("timestamp"), table, "end", bin_width)
    gathering.dimensional.extend(rows_by_rater(table, track or path.stem, times, chosen, scale))
    gathering.use(path)
    return gathering.annotations(time_shift=shift)


def read_fused(
    path: str | Path,
    *,
    dimension: str | None = None,
    track: str | None = None,
    rater: str = "fused",
    scale: float = 1.0,
    bin_width: float | None = None,
) -> Annotations:
    """Read a fused signal.

    Parameters
    ----------
    path : str or Path
        The file.
    dimension : str, optional
        ``valence`` or ``arousal``; else the name of the folder.
    track : str, optional
        Whom it is of; else the name of the file without its suffix.
    rater : str
        What to call the fused raters.
    scale : float
        What 1 is written as; some ways of fusing leave [-1, 1].
    bin_width : float, optional
        Width of a bin in s; else the smallest step between stamps.
    """
    path, scale = Path(path), positive("scale", scale)
    chosen = chosen_dimension(path, dimension)
    options = {"dimension": chosen, "track": track, "rater": rater, "scale": scale}
    gathering = Gathering("muse-fused", {**options, "bin_width": bin_width})
    table = _table(path, "Time")
    if table.names[1:] != ["value"]:
        raise InputError(f"{path}:1: the header is {','.join(table.names)!r}, not 'Time,value'")
    times, shift = middles(table.numbers("Time") * MILLISECOND, table, "start", bin_width)
    values = normalised(table, "value", -scale, scale, chosen)
    gathering.dimensional.append(rated_rows(track or path.stem, rater, times, **{chosen: values}))
    gathering.use(path)
    return gathering.annotations(time_shift=shift)


def _table(path: Path, first: str) -> TextTable:
    table = read_delimited(path)
    if table.names[0] != first:
        raise InputError(f"{path}:1: the first column is {table.names[0]!r}, not {first!r}")
    return table


def _is_raw(path: Path) -> bool:
    header = "".join(first_lines(path)).split(",")
    return header[0] == "timestamp" and len(header) > 1 and are_numbers(header[1:])


def _is_fused(path: Path) -> bool:
    return first_lines(path) == ["Time,value"]


FORMATS = (
    Format(
        "muse-raw",
        "MuSe-Toolbox input: end of bin in s, a column for each rater, one dimension, -1 to 1",
        read_raw,
        _is_raw,
    ),
    Format(
        "muse-fused",
        "MuSe-Toolbox fused signal: start of bin in ms, one dimension, -1 to 1",
        read_fused,
        _is_fused,
    ),
)
