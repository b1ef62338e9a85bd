"""Occlusion: what an answer loses when a part of the face is covered.

Reference
---------
Zeiler and Fergus (2014), Visualizing and Understanding Convolutional Networks, section 4.2.
"""

import numpy as np
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.answers import Answer, features_of

PATCH = 4
"""Patches beside each other on a side of the face."""


def occlusion(answer: Answer, seed: int = 0, patch: int | None = None, stride: int | None = None):
    """Return by how much the score drops when a patch over each pixel is covered.

    What covers is the blank, not grey, whose edges a network would see. A pixel gets the mean
    over the patches that cover it.

    Parameters
    ----------
    answer : Answer
        What is explained, and the blank.
    seed : int
        Not used; every method takes one.
    patch : int or None
        Side of a patch in px; None is a quarter of the face.
    stride : int or None
        Between patches in px; None is two thirds of a patch.

    Returns
    -------
    ndarray of float32 (size, size)
        In units of the score; below zero where the answer rises.
    """
    size = len(answer.face)
    patch = patch or max(1, size // PATCH)
    stride = stride or max(1, patch * 2 // 3)
    masks = patches(size, patch, stride)
    if (patch, stride) not in answer.kept:
        covered = np.where(masks[..., None], answer.blank, answer.face)
        pictures = np.concatenate([answer.face[None], covered])
        answer.kept[patch, stride] = features_of(answer.run, pictures)
    shown = answer.kept[patch, stride]
    scores = ops.convert_to_numpy(answer.score_of_features(ops.convert_to_tensor(shown)))
    drops = scores[0] - scores[1:]
    drop = np.einsum("n,nhw->hw", drops, masks.astype(np.float32))
    return (drop / masks.sum(axis=0)).astype(np.float32)


def patches(size: int, patch: int, stride: int) -> np.ndarray:
    """Return square patches that cover all of a picture, bool (n, size, size), row by row.

    The last of a row or column ends at the border, so it may lie closer to the one before.

    Raises
    ------
    InputError
        If they would leave gaps, or do not fit in.

    Examples
    --------
    >>> patches(3, 2, 2)[:, 0].astype(int).tolist()
    [[1, 1, 0], [0, 1, 1], [0, 0, 0], [0, 0, 0]]
    """
    if not 0 < stride <= patch <= size:
        raise InputError(
            f"stride is {stride} px, patch {patch} px, face {size} px; none may exceed the next"
        )
    starts = sorted({*range(0, size - patch + 1, stride), size - patch})
    line = np.zeros((len(starts), size), bool)
    for row, start in enumerate(starts):
        line[row, start : start + patch] = True
    return (line[:, None, :, None] & line[None, :, None, :]).reshape(-1, size, size)
