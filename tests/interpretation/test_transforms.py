"""Movements of pictures: none, whole pixels, turns and sizes, each against another way."""

import numpy as np
import pytest
from keras import ops
from scipy import ndimage

from emolib.errors import InputError
from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.transforms import STILL, Movements, move

PICTURES = np.random.default_rng(5).uniform(0, 255, (2, 2, 8, 9, 3)).astype(np.float32)


def moved(pictures, *movement):
    movements = np.tile(np.float32(movement), (len(pictures), 1))
    return ops.convert_to_numpy(move(ops.convert_to_tensor(pictures), movements))


def test_no_movement_is_the_identity():
    drawn = STILL.draw(2, np.random.default_rng(1))
    np.testing.assert_array_equal(ops.convert_to_numpy(move(PICTURES, drawn)), PICTURES)


def test_shift_by_whole_pixels_repeats_the_border():
    found = moved(PICTURES, 2, -1, 1, 0)  # to the right by two, up by one
    expected = np.pad(PICTURES, [(0, 0), (0, 0), (0, 1), (2, 0), (0, 0)], mode="edge")
    np.testing.assert_allclose(found, expected[:, :, 1:, :-2], rtol=1e-5)


def test_quarter_turn_is_counter_clockwise():
    square = PICTURES[:, :, :8, :8]
    expected = np.rot90(square, axes=(2, 3))
    np.testing.assert_allclose(moved(square, 0, 0, 1, np.pi / 2), expected, atol=0.01)


def test_any_movement_is_that_of_scipy():
    shift_x, shift_y, size, turn = 0.7, -1.3, 1.2, 0.3
    back = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) / size
    middle = np.array([3.5, 4.0])
    offset = middle - back @ (middle + [shift_y, shift_x])
    for channel in range(3):
        expected = ndimage.affine_transform(
            PICTURES[0, 0, ..., channel], back, offset, order=1, mode="nearest"
        )
        found = moved(PICTURES, shift_x, shift_y, size, turn)[0, 0, ..., channel]
        np.testing.assert_allclose(found, expected, atol=0.01)


def test_each_item_moves_in_its_own_way_and_its_frames_alike():
    movements = np.float32([[0, 0, 1, 0], [1, 0, 1, 0]])
    found = ops.convert_to_numpy(move(PICTURES, movements))
    np.testing.assert_array_equal(found[0], PICTURES[0])
    np.testing.assert_allclose(found[1, :, :, 1:], PICTURES[1, :, :, :-1], rtol=1e-5)


def test_drawn_movements_keep_to_their_limits_and_repeat():
    movements = Movements(jitter=3, scale=0.1, rotation=90)
    drawn = movements.draw(2000, np.random.default_rng(1))
    np.testing.assert_array_equal(drawn, movements.draw(2000, np.random.default_rng(1)))
    low, high = drawn.min(axis=0), drawn.max(axis=0)
    np.testing.assert_allclose(low, [-3, -3, 0.9, -np.pi / 2], atol=0.02)
    np.testing.assert_allclose(high, [3, 3, 1.1, np.pi / 2], atol=0.02)


def test_gradient_is_the_transposed_movement():
    movements = Movements(2, 0.2, 30).draw(2, np.random.default_rng(2))
    weights = np.random.default_rng(3).normal(size=PICTURES.shape).astype(np.float32)
    total, gradient = value_and_gradient(lambda x: ops.sum(move(x, movements) * weights), PICTURES)
    # A movement is linear, so the gradient times the pictures is the value.
    np.testing.assert_allclose(np.sum(gradient * PICTURES), total, rtol=1e-3)


@pytest.mark.parametrize("settings", [{"jitter": -1}, {"scale": 1}, {"rotation": -5}])
def test_impossible_movements_are_refused(settings):
    (name,) = settings
    with pytest.raises(InputError, match=f"{name}="):
        Movements(**settings)
