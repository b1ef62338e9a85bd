"""The ascent: it finds known tops, in pixels and in waves alike, and repeats itself."""

import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.activation_max import ascend, noise
from emolib.interpretation.objectives import objective_values, unit, weight_matrices
from emolib.interpretation.parameterisation import Fourier, Pixels
from emolib.interpretation.regularisers import Regularisation
from emolib.interpretation.transforms import Movements

SIZE = 6
SHAPE = (2, 1, SIZE, SIZE, 3)
WAYS = {"pixels": Pixels(), "waves": Fourier(size=SIZE)}
each_way = pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
# Smooth targets and weights: waves reach fine noise too, but take longer.
WAVE = np.sin(np.arange(SIZE) / SIZE * 2 * np.pi)
PATTERN = np.stack([np.outer(WAVE, WAVE), np.outer(WAVE, np.ones(SIZE))])[:, None, :, :, None]
PATTERN = np.broadcast_to(PATTERN, SHAPE).astype(np.float32)  # in [-1, 1]


def linear(pictures):
    """Return the mean of weight times pixel, with pixels in [-1, 1], as a linear unit does."""
    return ops.mean((pictures / 127.5 - 1) * PATTERN, axis=(1, 2, 3, 4))


def bowl(pictures):
    return -ops.mean(ops.square((pictures - 127.5) / 127.5 - 0.6 * PATTERN), axis=(1, 2, 3, 4))


def climb(objective, way, steps=300, **options):
    start = noise(SHAPE, 0.1, seed=1)
    return ascend(objective, start, way, steps=steps, seed=1, step_size=0.05, **options)


@each_way
def test_quadratic_bowl_is_climbed_to_its_top(way):
    ascent = climb(bowl, way)
    assert ascent.pictures.dtype == np.uint8
    np.testing.assert_allclose(ascent.pictures, 127.5 * (1 + 0.6 * PATTERN), atol=2)
    np.testing.assert_allclose(ascent.values[-1], [0, 0], atol=1e-3)


@each_way
def test_linear_unit_under_an_l2_penalty_is_climbed_to_its_top(way):
    # The mean of w x - x² is largest at x = w / 2.
    ascent = climb(linear, way, regularisation=Regularisation(norm=1.0, norm_power=2))
    np.testing.assert_allclose(ascent.pictures, 127.5 * (1 + PATTERN / 2), atol=2)
    top = np.mean(PATTERN**2, axis=(1, 2, 3, 4)) / 4
    np.testing.assert_allclose(ascent.values[-1], top, rtol=0.01)


def test_pixels_and_waves_agree_on_the_top():
    pixels, waves = (climb(bowl, way).pictures.astype(int) for way in WAYS.values())
    assert np.abs(pixels - waves).max() <= 2


def test_linear_unit_without_penalty_goes_to_the_limits_of_pixels():
    ascent = climb(linear, Pixels(), steps=400)
    strong = np.abs(PATTERN) > 0.5
    np.testing.assert_allclose(ascent.pictures[strong], 255 * (PATTERN[strong] > 0), atol=8)


def test_ascent_repeats_with_its_seed_and_differs_with_another():
    movements = Movements(jitter=1, scale=0.1, rotation=10)
    same, again = (climb(bowl, Pixels(), steps=5, movements=movements) for _ in range(2))
    np.testing.assert_array_equal(same.values, again.values)
    np.testing.assert_array_equal(same.pictures, again.pictures)
    start = noise(SHAPE, 0.1, seed=1)
    other = ascend(bowl, start, Pixels(), steps=5, seed=2, movements=movements)
    assert (other.values != same.values).any()
    assert (noise(SHAPE, 0.1, seed=2) != start).any()


def test_silenced_head_does_not_matter():
    def scores(pictures, weight):
        flat = ops.mean(pictures, axis=(1, 2, 3)) / 255  # items, 3
        category = ops.pad(flat, [(0, 0), (0, 4)])
        return {"category": category, "dimensional": weight * flat[:, :2]}

    matrices = weight_matrices([unit("neutral"), unit("sadness")], ["category", "dimensional"])
    found = [
        climb(lambda x, w=weight: objective_values(scores(x, w), matrices), Pixels(), steps=10)
        for weight in (1.0, -100.0)
    ]
    np.testing.assert_array_equal(found[0].pictures, found[1].pictures)
    sought, others = found[0].pictures[..., 0], found[0].pictures[..., 1]
    assert sought[0].mean() > 140 and others[0].mean() == pytest.approx(127.5, abs=3)


def test_items_of_a_batch_do_not_move_each_other():
    start, movements = noise(SHAPE, 0.1, seed=1), Movements()
    alone = ascend(
        lambda x: -ops.mean(ops.square(x / 127.5 - 1 - PATTERN[:1]), axis=(1, 2, 3, 4)),
        start[:1], Pixels(), steps=20, seed=1, movements=movements,
    )  # fmt: skip
    both = ascend(
        lambda x: -ops.mean(ops.square(x / 127.5 - 1 - PATTERN), axis=(1, 2, 3, 4)),
        start, Pixels(), steps=20, seed=1, movements=movements,
    )  # fmt: skip
    assert np.abs(alone.pictures[0].astype(int) - both.pictures[0]).max() <= 1


@pytest.mark.parametrize("options", [{"steps": 0}, {"steps": 3, "step_size": 0.0}])
def test_ascent_without_steps_is_refused(options):
    with pytest.raises(InputError, match="both must be more than 0"):
        ascend(bowl, noise(SHAPE, 0.1, 1), Pixels(), seed=1, **options)


def test_objective_that_is_no_number_is_an_error():
    with pytest.raises(InputError, match="step 0: the objective is not a number"):
        ascend(lambda x: bowl(x) * np.nan, noise(SHAPE, 0.1, 1), Pixels(), steps=2, seed=1)
