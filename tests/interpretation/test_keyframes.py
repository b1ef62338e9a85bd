"""Pictures that stand for a whole sequence: the same scores as with every frame computed."""

import keras
import numpy as np
import pytest

from emolib.interpretation.gradients import value_and_gradient
from emolib.interpretation.keyframes import KeyframeScores, shown_frame


@pytest.fixture(name="scores", scope="module")
def _scores(toy_run):
    return KeyframeScores(toy_run, "float32")


def whole(run, pictures):
    """Return what the whole model says after the last frame of a sequence of pictures."""
    answers = run.pixel_scores.predict(pictures[:, shown_frame(pictures.shape[1], 6)], verbose=0)
    return {name: value[:, -1] for name, value in answers.items()}


@pytest.mark.parametrize("frames", [1, 4, 6])
def test_scores_are_those_of_the_whole_sequence(toy_run, scores, frames):
    pictures = np.random.default_rng(1).uniform(0, 255, (3, frames, 16, 16, 3)).astype(np.float32)
    found, expected = scores.evaluate(pictures), whole(toy_run, pictures)
    assert set(found) == {"category", "dimensional"}
    for name in found:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-3, atol=1e-4)


def test_gradient_is_that_of_the_whole_sequence(toy_run, scores):
    picture = np.random.default_rng(2).uniform(0, 255, (2, 1, 16, 16, 3)).astype(np.float32)
    _, found = value_and_gradient(lambda x: scores(x)["category"][:, 2], picture)
    _, expected = value_and_gradient(
        lambda x: toy_run.pixel_scores(keras.ops.repeat(x, 6, axis=1))["category"][:, -1, 2],
        picture,
    )
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-6)
    assert np.abs(found).max() > 0


def test_every_picture_is_shown_for_an_equal_share():
    assert shown_frame(1, 5).tolist() == [0] * 5
    assert shown_frame(5, 5).tolist() == [0, 1, 2, 3, 4]
    assert np.bincount(shown_frame(4, 30)).tolist() == [8, 7, 8, 7]
