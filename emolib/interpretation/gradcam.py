"""Grad-CAM: where the last convolution found what an answer rests on.

Reference
---------
Selvaraju et al. (2017), Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization, equations 1 and 2.
"""

from functools import lru_cache

import cv2
import keras
import numpy as np
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.answers import Answer
from emolib.interpretation.gradients import value_and_gradient


def grad_cam(answer: Answer, seed: int = 0) -> np.ndarray:
    """Return the maps of the last convolution, weighted by what they do to the score.

    A map's weight is the mean gradient of the score by its cells; what is negative in the sum is
    cut off. A face of 72 px leaves the last convolution of a VGG network as 4 x 4 cells, so this
    can tell a mouth from an eye but no edge of either; between cells it is interpolated.

    Parameters
    ----------
    answer : Answer
        What is explained.
    seed : int
        Not used; every method takes one.

    Returns
    -------
    ndarray of float32 (size, size)
        At least 0.
    """
    before, after = _cut(answer.run.backbone.model)
    maps = ops.convert_to_numpy(before(answer.face[None]))
    _, gradients = value_and_gradient(lambda x: answer.score_of_features(after(x)), maps)
    weights = gradients[0].mean(axis=(0, 1))
    cells = np.maximum(maps[0] @ weights, 0)
    size = answer.face.shape[1::-1]
    return cv2.resize(cells.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)


@lru_cache(maxsize=4)
def _cut(backbone: keras.Model) -> tuple[keras.Model, keras.Model]:
    """Return the backbone up to its last convolution, with rectifier, and what follows."""
    last = None
    for layer in backbone.layers:
        # What pools has no map of its own; what flattens has none at all.
        if len(layer.output.shape) == 4 and "Pooling" not in type(layer).__name__:
            last = layer
    if last is None or isinstance(last, keras.layers.InputLayer):
        raise InputError(f"{backbone.name}: has no convolution, which Grad-CAM needs")
    before = keras.Model(backbone.input, last.output)
    return before, keras.Model(last.output, backbone.output)
