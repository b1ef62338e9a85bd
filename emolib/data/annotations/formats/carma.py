"""Ratings made with CARMA (Girard 2014): one rated clip and one dimension a file.

- ``carma-old``: every row repeats the metadata; its last columns are ``Second,Rating``.
- ``carma``: lines of a key and its value, ``Second,Rating``, a line ``%%%%%%,%%%%%%``, the ratings.
  Keys may hold any text, so only the line of percent signs tells where the ratings begin.
- ``carma-crash``: what is saved when the program fails, each sample as time in s and value.

The first two state the range of the scale. Their ``Second`` is the **end** of a bin and is moved to
its middle; bins without a sample are left out. The third states no range, so it has to be given;
its stamps are instants, several of them at 0, of which none is left out here.
"""

from pathlib import Path, PureWindowsPath

from emolib.data.annotations.delimited import TextTable, read_delimited, read_lines
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.bins import middles
from emolib.data.annotations.formats.gathering import Gathering, demand_columns
from emolib.data.annotations.formats.rating import chosen_dimension, normalised, rated_rows
from emolib.data.annotations.formats.text import are_numbers, first_lines, table_from, without
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

EMPTY = {"", "NaN", "nan"}
"""Cells of a bin without a sample."""

MARK = "%%%%%%"
"""What stands in the line before the ratings."""

METADATA = ("Minimum Value", "Maximum Value", "Lower Label", "Upper Label")


def read_old(
    path: str | Path,
    *,
    dimension: str | None = None,
    track: str | None = None,
    rater: str | None = None,
    bin_width: float | None = None,
) -> Annotations:
    """Read an export of an early version.

    Parameters
    ----------
    path : str or Path
        The file.
    dimension : str, optional
        ``valence`` or ``arousal``; else the name of the folder.
    track : str, optional
        Whom it is of; else the name of the rated clip, without folder and suffix.
    rater : str, optional
        Who rated; else the name of the file without its suffix.
    bin_width : float, optional
        Width of a bin in s; else the smallest step between stamps.
    """
    table = read_delimited(path)
    demand_columns(table, ("Filename", *METADATA, "Second", "Rating"))
    metadata = {}
    for key in ("Filename", *METADATA):
        values = set(table.text(key))
        if len(values) > 1:
            raise InputError(f"{path}: {key} differs between rows: {', '.join(sorted(values))}")
        metadata[key] = values.pop()
    return _binned("carma-old", table, metadata, "Filename", dimension, track, rater, bin_width)


def read_current(
    path: str | Path,
    *,
    dimension: str | None = None,
    track: str | None = None,
    rater: str | None = None,
    bin_width: float | None = None,
) -> Annotations:
    """Read an export of a current version; the parameters are those of `read_old`."""
    path = Path(path)
    lines = read_lines(path)
    marks = [number for number, line in enumerate(lines) if _cells(line) == [MARK, MARK]]
    if not marks:
        raise InputError(f"{path}: no line {MARK},{MARK}; was it exported by another version?")
    metadata = {cells[0]: ",".join(cells[1:]) for cells in map(_cells, lines[: marks[0]])}
    for key in ("Multimedia File", *METADATA):
        if key not in metadata:
            raise InputError(f"{path}: no line for {key!r} before line {marks[0] + 1}")
    table = table_from(path, lines, marks[0] + 1, ("Second", "Rating"))
    return _binned("carma", table, metadata, "Multimedia File", dimension, track, rater, bin_width)


def read_crash(
    path: str | Path,
    *,
    minimum: float,
    maximum: float,
    dimension: str | None = None,
    track: str | None = None,
    rater: str | None = None,
) -> Annotations:
    """Read what was saved at a failure.

    Parameters
    ----------
    path : str or Path
        The file.
    minimum, maximum : float
        The ends of the scale, which the file does not state.
    dimension : str, optional
        ``valence`` or ``arousal``; else the name of the folder.
    track, rater : str, optional
        Whom it is of and who rated; else the name of the file without its suffix.
    """
    path = Path(path)
    chosen = chosen_dimension(path, dimension)
    options = {"dimension": chosen, "minimum": minimum, "maximum": maximum}
    gathering = Gathering("carma-crash", {**options, "track": track, "rater": rater})
    table = read_delimited(path, columns=("time", "value"))
    values = _scaled(table, "value", minimum, maximum, chosen)
    gathering.dimensional.append(
        rated_rows(
            track or path.stem, rater or path.stem, table.numbers("time"), **{chosen: values}
        )
    )
    gathering.use(path)
    return gathering.annotations()


def _binned(format, table, metadata, clip, dimension, track, rater, bin_width) -> Annotations:
    path = table.path
    chosen = chosen_dimension(path, dimension)
    options = {"dimension": chosen, "track": track, "rater": rater, "bin_width": bin_width}
    gathering = Gathering(format, options)
    # The clip may have been rated under Windows; that rule splits at both kinds of slash.
    track = track or PureWindowsPath(metadata[clip].strip()).stem
    # Empty bins count for the width and are gone before anything is computed from ratings.
    _, shift = middles(table.numbers("Second"), table, "end", bin_width)
    table, empty = without(table, "Rating", EMPTY)
    gathering.leave_out(path, empty, "bins without a rating")
    values = _scaled(table, "Rating", metadata["Minimum Value"], metadata["Maximum Value"], chosen)
    times = table.numbers("Second") + shift
    gathering.dimensional.append(rated_rows(track, rater or path.stem, times, **{chosen: values}))
    gathering.use(path)
    scale = {key: metadata[key].strip() for key in METADATA}
    return gathering.annotations(time_shift=shift, scale=scale)


def _scaled(table: TextTable, column: str, minimum, maximum, dimension: str):
    try:
        low, high = float(minimum), float(maximum)
    except (TypeError, ValueError):
        low = high = 0.0
    if not -float("inf") < low < high < float("inf"):
        raise InputError(
            f"{table.path}: the scale from {minimum!r} to {maximum!r} does not go from a number to "
            "a larger one"
        )
    return normalised(table, column, low, high, dimension)


def _cells(line: str) -> list[str]:
    return [cell.strip().strip('"') for cell in line.split(",")]


def _is_old(path: Path) -> bool:
    header = _cells("".join(first_lines(path)))
    return header[-2:] == ["Second", "Rating"] and "Minimum Value" in header


def _is_current(path: Path) -> bool:
    return any(_cells(line) == [MARK, MARK] for line in first_lines(path, 1000, {".csv"}))


def _is_crash(path: Path) -> bool:
    cells = "".join(first_lines(path, suffixes={".csv"})).split(",")
    return len(cells) == 2 and are_numbers(cells)


FORMATS = (
    Format(
        "carma-old",
        "CARMA, early export: metadata in every row, end of bin in s, range stated in the file",
        read_old,
        _is_old,
    ),
    Format(
        "carma",
        "CARMA export: metadata, a line of percent signs, end of bin in s, range stated in it",
        read_current,
        _is_current,
    ),
    Format(
        "carma-crash",
        "CARMA, saved at a failure: time in s and value, no header; the range has to be given",
        read_crash,
        _is_crash,
    ),
)
