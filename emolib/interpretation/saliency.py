"""Maps of a face that say which of its pixels an answer of a network rests on.

Five methods, from what a pixel's change would do (gradient, SmoothGrad) to what its absence does
(integrated gradients, occlusion) and where the last convolution found something (Grad-CAM). They
answer different questions, and a map looks plausible whether or not it says anything about the
network; `emolib.interpretation.faithfulness`, `.randomisation` and `.pointing` test them.

Notes
-----
Written here because the libraries do not fit: xplique 2.0.2 demands TensorFlow up to 2.20 and
SciPy up to 1.15, older than ours; tf-keras-vis 0.8.7 has three of the five, on TensorFlow alone,
and differentiates whole models, so that a frame of a sequence would cost a pass for every other.

References
----------
Simonyan, Vedaldi and Zisserman (2014), Deep Inside Convolutional Networks, section 3.
Smilkov et al. (2017), SmoothGrad. Sundararajan, Taly and Yan (2017), Axiomatic
Attribution for Deep Networks, equation 1. Selvaraju et al. (2017), Grad-CAM, section 3. Zeiler and
Fergus (2014), Visualizing and Understanding Convolutional Networks, section 4.2.
"""

from collections.abc import Iterable

import numpy as np

from emolib.errors import InputError
from emolib.interpretation.answers import Answer, pixel_gradients
from emolib.interpretation.gradcam import grad_cam
from emolib.interpretation.occlusion import occlusion

SAMPLES = 6
STEPS = 12
NOISE = 0.1


def gradient(answer: Answer, seed: int = 0) -> np.ndarray:
    """Return how much the score would change with each pixel, the channel that matters most.

    Returns
    -------
    ndarray of float32 (size, size)
        At least 0.
    """
    return np.abs(pixel_gradients(answer, answer.face[None])[0]).max(axis=-1)


def smooth_gradient(
    answer: Answer, seed: int = 0, samples: int = SAMPLES, noise: float = NOISE
) -> np.ndarray:
    """Return the gradient averaged over noisy copies of the face, without much of its speckle.

    Parameters
    ----------
    answer : Answer
        What is explained.
    seed : int
        Of the noise.
    samples : int
        Copies.
    noise : float
        Standard deviation as a share of the range of a pixel; the paper recommends 0.1 to 0.2.

    Returns
    -------
    ndarray of float32 (size, size)
        At least 0.
    """
    generator = np.random.default_rng(seed)
    shifts = generator.normal(0, noise * 255, (samples, *answer.face.shape))
    gradients = pixel_gradients(answer, answer.face + shifts)
    return np.abs(gradients.mean(axis=0)).max(axis=-1)


def integrated_gradients(answer: Answer, seed: int = 0, steps: int = STEPS) -> np.ndarray:
    """Return what each pixel contributes to the difference between the face and its blank.

    The gradient is integrated along the straight line from the blank to the face by
    Gauss-Legendre quadrature, and what it says is shared out among pixels without a rest: the
    map sums to the difference of the scores, as far as so many steps can follow the score.

    Parameters
    ----------
    answer : Answer
        What is explained, and the blank.
    seed : int
        Not used; every method takes one.
    steps : int
        At which the gradient is taken.

    Returns
    -------
    ndarray of float32 (size, size)
        In units of the score.
    """
    places, weights = np.polynomial.legendre.leggauss(steps)
    places, weights = (places + 1) / 2, weights / 2  # from [-1, 1] to [0, 1]
    difference = answer.face - answer.blank
    gradients = pixel_gradients(answer, answer.blank + places[:, None, None, None] * difference)
    return (difference * np.einsum("s,shwc->hwc", weights, gradients)).sum(axis=-1, dtype="float32")


METHODS = {
    "gradient": gradient,
    "SmoothGrad": smooth_gradient,
    "integrated gradients": integrated_gradients,
    "Grad-CAM": grad_cam,
    "occlusion": occlusion,
}
"""The methods by name: functions of an `Answer` and a seed that return a map (size, size)."""


def explain(answer: Answer, methods: Iterable[str] = tuple(METHODS), seed: int = 0) -> dict:
    """Return the maps of several methods, float32 (size, size), by name.

    Raises
    ------
    InputError
        If there is no such method.
    """
    unknown = [method for method in methods if method not in METHODS]
    if unknown:
        raise InputError(f"no method {unknown[0]!r}; there are {', '.join(METHODS)}")
    return {method: METHODS[method](answer, seed) for method in methods}


def completeness_error(answer: Answer, contributions: np.ndarray) -> float:
    """Return by how much contributions miss the difference of scores, as a share of it.

    Parameters
    ----------
    answer : Answer
        What is explained.
    contributions : ndarray (size, size)
        From `integrated_gradients`.
    """
    face, blank = np.asarray(answer.score(np.stack([answer.face, answer.blank])))
    return float(abs(contributions.sum() - (face - blank)) / max(abs(face - blank), 1e-6))
