"""Faces on a grid: nobody covers anybody, neighbours stay neighbours."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.errors import InputError
from emolib.interpretation.grid import grid_shape, lay_on_grid


@given(n=st.integers(1, 3000), aspect=st.floats(0.2, 5))
def test_grid_shape_has_hardly_fewer_cells_than_faces(n, aspect):
    columns, rows = grid_shape(n, aspect)
    assert columns >= 1 and rows >= 1 and n - columns < columns * rows <= n


@given(n=st.integers(1, 40), extra=st.integers(0, 5), seed=st.integers(0, 99))
def test_lay_on_grid_gives_everybody_a_cell_inside_of_their_own(n, extra, seed):
    positions = np.random.default_rng(seed).normal(size=(n, 2))
    columns, rows = 5 + extra, -(-n // 5)
    cells = lay_on_grid(positions, columns, rows)
    assert len({tuple(cell) for cell in cells}) == n
    assert (cells >= 0).all() and (cells < [columns, rows]).all()


def test_lay_on_grid_is_the_map_itself_where_that_is_a_grid():
    # Two columns and three rows; the second coordinate grows upwards, rows downwards.
    positions = np.array([[0, 2], [1, 2], [0, 1], [1, 1], [0, 0], [1, 0]]) * 10.0 - 3
    expected = [[0, 0], [1, 0], [0, 1], [1, 1], [0, 2], [1, 2]]
    assert lay_on_grid(positions, 2, 3).tolist() == expected


def test_lay_on_grid_moves_faces_as_little_as_possible():
    positions = np.random.default_rng(4).uniform(size=(6, 2))
    cells = lay_on_grid(positions, 3, 2)
    scaled = (positions - positions.min(axis=0)) / np.ptp(positions, axis=0) * [2, 1]
    scaled[:, 1] = 1 - scaled[:, 1]
    every = [np.array(order) for order in itertools.permutations(cells.tolist())]
    costs = [((scaled - order) ** 2).sum() for order in every]
    assert ((scaled - cells) ** 2).sum() == pytest.approx(min(costs))


def test_lay_on_grid_keeps_groups_together():
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1], 32)
    positions = rng.normal(size=(64, 2)) + np.where(group[:, None], 20, 0)
    cells = lay_on_grid(positions, 8, 8)
    apart = np.abs(cells[:, None] - cells).sum(axis=2)
    beside = (apart == 1) & (group[:, None] == group)
    assert beside.sum() / (apart == 1).sum() > 0.85


def test_lay_on_grid_of_one_place_and_of_too_few_cells():
    assert len(np.unique(lay_on_grid(np.zeros((4, 2)), 2, 2), axis=0)) == 4
    with pytest.raises(InputError, match="5 faces on 2 x 2 cells"):
        lay_on_grid(np.zeros((5, 2)), 2, 2)
    with pytest.raises(InputError, match="a grid for 0 faces"):
        grid_shape(0)
