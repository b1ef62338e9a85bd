"""Faces of a map laid on a grid, so that none covers another.

Every face gets a cell of its own, such that the sum of squared distances between the faces on the
map and their cells is the smallest possible: a linear assignment.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from emolib.errors import InputError


def grid_shape(n: int, aspect: float = 1.5) -> tuple[int, int]:
    """Return columns and rows of a grid with `n` cells or hardly fewer.

    Parameters
    ----------
    n : int
        Faces, at least 1.
    aspect : float
        About how many times as wide as high the grid is.

    Examples
    --------
    >>> grid_shape(600), grid_shape(4, aspect=1.0), grid_shape(1)
    ((30, 20), (2, 2), (1, 1))
    """
    if n < 1:
        raise InputError(f"a grid for {n} faces; at least one is needed")
    columns = min(n, round(np.sqrt(n * aspect)) or 1)
    return columns, n // columns


def lay_on_grid(positions: np.ndarray, columns: int, rows: int) -> np.ndarray:
    """Give every face of a map a cell of its own.

    Parameters
    ----------
    positions : ndarray (n, 2)
        Of the faces on the map; stretched to the grid in each direction.
    columns, rows : int
        Of the grid.

    Returns
    -------
    ndarray of int (n, 2)
        Column and row of each face, from 0; row 0 is that of the largest second coordinate, so
        that the grid looks as the map does.

    Raises
    ------
    InputError
        If there are fewer cells than faces.
    """
    if columns * rows < len(positions):
        raise InputError(f"{len(positions)} faces on {columns} x {rows} cells; take a larger grid")
    low, extent = positions.min(axis=0), np.ptp(positions, axis=0)
    placed = (positions - low) / np.where(extent > 0, extent, 1) * [columns - 1, rows - 1]
    placed[:, 1] = rows - 1 - placed[:, 1]
    column, row = np.meshgrid(np.arange(columns), np.arange(rows))
    cells = np.column_stack([column.ravel(), row.ravel()])
    _, assigned = linear_sum_assignment(cdist(placed, cells, "sqeuclidean"))
    return cells[assigned]
