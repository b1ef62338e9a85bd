"""Deletion and insertion: whether an answer goes and comes with what a map calls important.

Reference
---------
Petsiuk, Das and Saenko (2018), RISE: Randomized Input Sampling for Explanation of Black-box
Models (deletion and insertion). Both start or end here at the blurred face, so that
no edge is drawn into it.
"""

from collections.abc import Callable

import cv2
import numpy as np

STEPS = 5
BLIND = "blind"
"""Name of the map that no network took part in, which every method must be better than."""


def removal_curves(
    outcome: Callable[[np.ndarray], np.ndarray],
    face: np.ndarray,
    blank: np.ndarray,
    evidence: np.ndarray,
    steps: int = STEPS,
) -> np.ndarray:
    """Take the pixels of a face away from the most important on, and bring them back likewise.

    Parameters
    ----------
    outcome : callable
        What the network says, (n,), of faces (n, size, size, 3).
    face, blank : ndarray (size, size, 3)
        The face, and what is left where pixels are taken away.
    evidence : ndarray (size, size)
        Importance; only its order counts.
    steps : int
        Equal shares of the pixels that are moved at a time.

    Returns
    -------
    ndarray (2, steps + 1)
        The outcome after each step, of deletion and of insertion.
    """
    rank = np.empty(evidence.size, int)
    rank[np.argsort(-evidence, axis=None, kind="stable")] = np.arange(evidence.size)
    rank = rank.reshape(evidence.shape)
    moved = [rank < round(share * rank.size) for share in np.linspace(0, 1, steps + 1)]
    moved = np.array(moved)[..., None]
    # The ends are the same for both: the face, and the blank.
    pictures = np.concatenate([np.where(moved, blank, face), np.where(moved, face, blank)[1:-1]])
    found = np.asarray(outcome(pictures))
    deletion, between = found[: steps + 1], found[steps + 1 :]
    return np.stack([deletion, np.concatenate([deletion[-1:], between, deletion[:1]])])


def areas(curves: np.ndarray) -> np.ndarray:
    """Return the mean height of curves (..., steps + 1) over the share of pixels from 0 to 1."""
    return np.trapezoid(curves, axis=-1) / (curves.shape[-1] - 1)


def blind_map(size: int, seed: int) -> np.ndarray:
    """Return a random map as smooth as maps are, (size, size), of which no network knows.

    Pixels in an order without any pattern would be harder on a network than any map is, since
    they leave a face that is speckled all over.
    """
    noise = np.random.default_rng(seed).normal(size=(size, size))
    return cv2.GaussianBlur(noise, (0, 0), size / 12, borderType=cv2.BORDER_REFLECT)
