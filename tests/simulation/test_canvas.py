import numpy as np
import pytest

from emolib.simulation.canvas import (
    ORIGIN_COLUMN,
    ORIGIN_ROW,
    PIXELS_PER_UNIT,
    Bump,
    Groove,
    U,
    V,
    coverage,
    lay_over,
    smooth_noise,
)


def at(field, u, v):
    return field[
        ORIGIN_ROW + round(v * PIXELS_PER_UNIT), ORIGIN_COLUMN + round(u * PIXELS_PER_UNIT)
    ]


def test_grid_origin_lies_between_the_eyes():
    assert U[0, ORIGIN_COLUMN] == 0
    assert V[ORIGIN_ROW, 0] == 0
    assert U[0, 0] == -U[0, -1]


def test_bump_pair_peaks_on_both_sides():
    field = Bump(0.5, 0.5, 0.25, 0.1, 0.1).on_canvas()
    assert at(field, 0.5, 0.25) == pytest.approx(0.5)
    assert at(field, -0.5, 0.25) == pytest.approx(0.5)
    assert at(field, 0.6, 0.25) == pytest.approx(0.5 * np.exp(-0.5), rel=0.1)
    assert abs(at(field, 0, 0.25)) < 1e-4


def test_groove_depth_falls_with_distance_to_the_line():
    field = Groove(-1.0, ((0.25, 0.0), (0.75, 0.0)), 0.125).on_canvas()
    assert at(field, 0.5, 0.0) == pytest.approx(-1.0)
    assert at(field, 0.5, 0.125) == pytest.approx(-np.exp(-0.5), rel=1e-3)
    assert at(field, 0.875, 0.0) == pytest.approx(-np.exp(-0.5), rel=1e-3)


def test_coverage_is_half_on_the_edge():
    assert coverage(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 0.5, 1]


@pytest.mark.parametrize("correlation", [2, 14, 40])
def test_smooth_noise_has_unit_variance_and_is_smooth(correlation):
    field = smooth_noise(np.random.default_rng(3), (200, 150), correlation)
    assert field.shape == (200, 150)
    assert abs(field.mean()) < 1e-4
    assert field.std() == pytest.approx(1, abs=1e-3)
    neighbours = np.corrcoef(field[:-1].ravel(), field[1:].ravel())[0, 1]
    assert neighbours > 0.5


def test_lay_over_agrees_with_the_compositing_equation():
    generator = np.random.default_rng(0)
    region = generator.random((5, 4, 3), dtype=np.float32)
    layer = generator.random((5, 4, 4), dtype=np.float32)
    expected = np.empty_like(region)
    for row in range(5):
        for column in range(4):
            for channel in range(3):
                behind = region[row, column, channel] * (1 - layer[row, column, 3])
                expected[row, column, channel] = behind + layer[row, column, channel]
    lay_over(region, layer)
    np.testing.assert_allclose(region, expected, rtol=1e-6)
