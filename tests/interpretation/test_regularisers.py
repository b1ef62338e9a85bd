"""Penalties: equal to literal loops over pixels, and zero where there is nothing to penalise."""

import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.regularisers import Regularisation, flicker, norm, total_variation

PICTURES = np.random.default_rng(3).uniform(0, 255, (2, 3, 5, 4, 3)).astype(np.float32)


def literal_variation(picture, power):
    terms = []
    frames, height, width, channels = picture.shape
    for f in range(frames):
        for y in range(height - 1):
            for x in range(width - 1):
                for c in range(channels):
                    right = (picture[f, y, x + 1, c] - picture[f, y, x, c]) / 127.5
                    below = (picture[f, y + 1, x, c] - picture[f, y, x, c]) / 127.5
                    terms.append((right**2 + below**2) ** (power / 2))
    return sum(terms) / len(terms)


@pytest.mark.parametrize("power", [1, 2, 3])
def test_total_variation_is_the_literal_sum(power):
    expected = [literal_variation(picture, power) for picture in PICTURES.astype(float)]
    found = ops.convert_to_numpy(total_variation(PICTURES, power))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("power", [1, 2, 6])
def test_norm_is_the_literal_sum(power):
    expected = [
        sum(abs(pixel / 127.5 - 1) ** power for pixel in picture.ravel().tolist()) / picture.size
        for picture in PICTURES
    ]
    np.testing.assert_allclose(ops.convert_to_numpy(norm(PICTURES, power)), expected, rtol=1e-5)


def test_flicker_is_the_literal_sum():
    expected = [
        np.mean([((picture[f + 1] - picture[f]) / 127.5) ** 2 for f in range(2)])
        for picture in PICTURES
    ]
    np.testing.assert_allclose(ops.convert_to_numpy(flicker(PICTURES)), expected, rtol=1e-5)


def test_plain_grey_costs_nothing():
    grey = np.full((1, 2, 4, 4, 3), 127.5, np.float32)
    penalty = Regularisation(total_variation=1, norm=1, flicker=1).penalty(grey)
    np.testing.assert_array_equal(ops.convert_to_numpy(penalty), [0])


def test_single_frame_cannot_flicker():
    np.testing.assert_array_equal(ops.convert_to_numpy(flicker(PICTURES[:, :1])), [0, 0])


def test_weights_add_the_penalties_up():
    weights = Regularisation(total_variation=2, norm=0.5, flicker=3, norm_power=6)
    expected = 2 * total_variation(PICTURES) + 0.5 * norm(PICTURES, 6) + 3 * flicker(PICTURES)
    found = ops.convert_to_numpy(weights.penalty(PICTURES))
    np.testing.assert_allclose(found, ops.convert_to_numpy(expected), rtol=1e-6)


def test_strict_total_variation_has_a_finite_gradient_where_all_is_alike():
    grey = np.full((1, 1, 4, 4, 3), 127.5, np.float32)
    _, gradient = value_and_gradient(lambda x: total_variation(x, 1), grey)
    assert np.isfinite(gradient).all()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"norm": -1}, "norm=-1: a weight"), ({"norm_power": 0.5}, "norm_power=0.5: a power")],
)
def test_impossible_weights_are_refused(settings, message):
    with pytest.raises(InputError, match=message):
        Regularisation(**settings)
