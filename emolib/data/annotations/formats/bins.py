"""Time stamps that mark an edge of a bin, moved to the middle of it.

Some tools write the mean of a bin with its end, others with its start. Taken as instants the two
differ by a whole bin; the middle is where both agree and where a mean is nearest to what it is of.
"""

import numpy as np

from emolib.data.annotations.delimited import TextTable
from emolib.data.annotations.formats.rating import positive
from emolib.errors import InputError

EDGES = {"end": -0.5, "start": 0.5}
"""How far the middle lies from the stamped edge, in bins."""


def middles(
    stamps: np.ndarray, table: TextTable, edge: str, width: float | None = None
) -> tuple[np.ndarray, float]:
    """Return the middles of bins that are stamped with one of their edges.

    Parameters
    ----------
    stamps : ndarray, shape (n,)
        That edge of every bin in s, of empty bins too.
    table : TextTable
        Where they came from, row by row, for messages.
    edge : str
        ``start`` or ``end``.
    width : float, optional
        The width of a bin in s; else the smallest step between stamps.

    Returns
    -------
    times : ndarray, shape (n,)
        The middles in s.
    shift : float
        What was added to the stamps, in s.

    Raises
    ------
    InputError
        If the stamps do not increase in whole bins, or there is one only and no width.

    Examples
    --------
    >>> from pathlib import Path
    >>> table = TextTable(Path("ratings.csv"), ["time"], [["0.5"], ["1.0"]], [2, 3])
    >>> middles(table.numbers("time"), table, "end")
    (array([0.25, 0.75]), -0.25)
    """
    shift = EDGES[edge] * _width(stamps, table, width)
    return stamps + shift, shift


def _width(stamps: np.ndarray, table: TextTable, width: float | None) -> float:
    if width is None and len(stamps) < 2:
        raise InputError(f"{table.path}: the width of a single bin is unknown; give bin_width in s")
    steps = np.diff(stamps)
    for row in np.flatnonzero(steps <= 0)[:1]:
        raise table.error(
            row + 1, f"time {stamps[row + 1]:g} s is not after the {stamps[row]:g} s before it"
        )
    width = float(steps.min()) if width is None else positive("bin_width", width)
    bins = steps / width
    for row in np.flatnonzero(np.abs(bins - bins.round()) > 0.01)[:1]:
        raise table.error(
            row + 1, f"a step of {steps[row]:g} s is not a whole number of bins of {width:g} s"
        )
    return width
