"""A few pictures shown for a whole sequence: each goes through the backbone once.

A network answers for sequences of the length it was trained on. A still picture is the same frame
all along, so its features need computing once and can be repeated; that is a thirtieth of the work
for thirty frames, and the same answer. With several pictures, each stands for an equal share of
the sequence, one after the other.
"""

import keras
import numpy as np
from keras import ops

from emolib.interpretation.compiling import compiled
from emolib.models.devices import resolve_precision
from emolib.models.features import in_precision
from emolib.models.inspection import InspectedRun


class KeyframeScores:
    """The scores of a run at the end of a sequence, as a differentiable function of pictures.

    Parameters
    ----------
    run : InspectedRun
        Whose scores.
    precision : str
        What the backbone computes in: ``float32``, ``bfloat16``, or ``auto`` for whichever suits
        the machine.
    """

    def __init__(self, run: InspectedRun, precision: str = "auto"):
        self.length = run.scores.input_shape[1]
        self.outputs = run.outputs
        self._backbone = in_precision(run.backbone.model, resolve_precision(precision))
        self._scores = run.scores
        self._call = compiled(self._compute)

    def __call__(self, pictures) -> dict:
        """Return the scores after the last frame.

        Parameters
        ----------
        pictures : tensor of float32 (items, frames, size, size, 3)
            Raw RGB in [0, 255].

        Returns
        -------
        dict of str to tensor of float32 (items, units)
            By output.
        """
        return self._call(pictures)

    def evaluate(self, pictures: np.ndarray) -> dict[str, np.ndarray]:
        """Return the same as arrays, for pictures in any type."""
        tensor = ops.convert_to_tensor(np.asarray(pictures, np.float32))
        return {name: ops.convert_to_numpy(value) for name, value in self(tensor).items()}

    def _compute(self, pictures) -> dict:
        items, frames = pictures.shape[:2]
        faces = ops.reshape(pictures, (-1, *pictures.shape[2:]))
        features = ops.cast(self._backbone(faces, training=False), "float32")
        features = ops.reshape(features, (items, frames, -1))
        sequence = ops.take(features, shown_frame(frames, self.length), axis=1)
        return last_scores(self._scores, sequence)


def last_scores(scores: keras.Model, sequence) -> dict:
    """Return the scores after the last frame of feature sequences, (items, units) by output."""
    return {name: value[:, -1] for name, value in scores(sequence, training=False).items()}


def shown_frame(frames: int, length: int) -> np.ndarray:
    """Return which of `frames` pictures is shown at each step of a sequence.

    Examples
    --------
    >>> shown_frame(3, 8).tolist()
    [0, 0, 0, 1, 1, 1, 2, 2]
    """
    return np.arange(length) * frames // length
