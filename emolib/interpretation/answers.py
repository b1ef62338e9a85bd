"""What a network says at one moment, as a function of the face that it is shown then.

Every map of a face needs what the network says of that face with its pixels changed, or the
gradient of it. The network says it of a whole sequence, but what it has seen before stays as it
is, and its backbone is frozen: the features of the earlier faces are computed once. A face then
costs one pass through the backbone instead of one for each face of the sequence, and the gradient
by its pixels is exactly that of the whole network, since they act through its own features alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

import cv2
import keras
import numpy as np
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.compiling import compiled
from emolib.interpretation.gradients import value_and_gradient
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.inspection import InspectedRun

BATCH = 12
"""Faces that are shown to the backbone at a time, always so many: it is compiled for that."""

BLUR = 7
"""Sides of a face in standard deviations of the blur that takes its features away."""


@dataclass(frozen=True)
class Answer:
    """One answer of a network at the last face of a sequence.

    Attributes
    ----------
    run : InspectedRun
        Of the network.
    features : ndarray of float32 (k, dimension)
        Of the faces up to the one in question, which is the last.
    face : ndarray of float32 (size, size, 3)
        That face, raw RGB in [0, 255].
    name : str
        A category, ``valence`` or ``arousal``.
    sign : float
        1, or -1 for a value below zero, of which is then explained how far below zero it is.
        What speaks for the answer has a positive part in it either way.
    kept : dict
        Features of changed faces that a method computed and that other answers can use as well.
    """

    run: InspectedRun
    features: np.ndarray
    face: np.ndarray
    name: str
    sign: float = 1.0
    kept: dict = field(default_factory=dict, repr=False)

    @property
    def output(self) -> str:
        """Name of the network's output that holds the answer."""
        return "category" if self.name in EMOTIONS else "dimensional"

    @property
    def unit(self) -> int:
        """Position of the answer in that output."""
        return (EMOTIONS if self.output == "category" else DIMENSIONS).index(self.name)

    @cached_property
    def said(self) -> np.ndarray:
        """The output at the last face, (units,): scores of all categories, or both dimensions."""
        return ops.convert_to_numpy(self._outputs(ops.convert_to_tensor(self.features[None])))[0]

    @cached_property
    def blank(self) -> np.ndarray:
        """The face without its features, where a method takes something away; see `blurred`."""
        return blurred(self.face)

    def score(self, faces):
        """Return the score if the last face were another; can be differentiated.

        Parameters
        ----------
        faces : tensor of float32 (n, size, size, 3)

        Returns
        -------
        tensor of float32 (n,)
            Before the softmax if the answer is a category.
        """
        return self.score_of_features(seeing(self.run.backbone.model)(faces))

    def score_of_features(self, features):
        """Return the score if the last face had other features, tensor (n, dimension)."""
        return self.sign * self._at_last(features)[:, self.unit]

    def score_of_sequences(self, features):
        """Return the score of whole sequences, tensor (n, k, dimension) of features."""
        return self.sign * self._outputs(features)[:, self.unit]

    def outcome(self, faces: np.ndarray) -> np.ndarray:
        """Return what the network would say of other faces, (n,), from (n, size, size, 3).

        The probability of a category in [0, 1]; a dimension as it is, times the sign.
        """
        outputs = self._at_last(ops.convert_to_tensor(features_of(self.run, faces)))
        if self.output == "category":
            return ops.convert_to_numpy(ops.softmax(outputs))[:, self.unit]
        return self.sign * ops.convert_to_numpy(outputs)[:, self.unit]

    def _at_last(self, features):
        earlier = ops.convert_to_tensor(self.features[None, :-1])
        earlier = ops.repeat(earlier, len(features), axis=0)
        return self._outputs(ops.concatenate([earlier, features[:, None]], axis=1))

    def _outputs(self, features):
        """Return the output (n, units) at the last of k faces."""
        # The network wants sequences of one length, and looks at the past only.
        lacking = self.run.scores.input_shape[1] - len(self.features)
        padded = ops.pad(features, ((0, 0), (0, lacking), (0, 0)))
        return self.run.scores(padded)[self.output][:, len(self.features) - 1]


def ask(run: InspectedRun, crops: np.ndarray, name: str = "") -> Answer:
    """Show a sequence of faces to a network and take one of its answers to the last.

    Parameters
    ----------
    run : InspectedRun
        The network.
    crops : ndarray of uint8 (k, size, size, 3)
        RGB faces, as many as the network's sequences are long, or fewer.
    name : str
        A category, ``valence`` or ``arousal``; "" takes the category that the network gives.

    Raises
    ------
    InputError
        If the network does not give the answer, or the sequence is too long or empty.
    """
    longest = run.scores.input_shape[1]
    if not 0 < len(crops) <= longest:
        raise InputError(f"{len(crops)} faces; this network takes 1 to {longest}")
    face = crops[-1].astype(np.float32)
    return ask_again(Answer(run, features_of(run, crops), face, EMOTIONS[0]), name)


def ask_again(answer: Answer, name: str = "", run: InspectedRun | None = None) -> Answer:
    """Take another answer to the same faces, without computing their features again.

    Parameters
    ----------
    answer : Answer
        To the same faces.
    name : str
        As for `ask`.
    run : InspectedRun or None
        Another network on the same backbone; None is the same network.

    Raises
    ------
    InputError
        If the network does not give the answer.
    """
    answer = replace(answer, run=run or answer.run, name=name or EMOTIONS[0], sign=1.0)
    if answer.output not in answer.run.outputs:
        given = ", ".join(answer.run.outputs)
        raise InputError(f"a network with the output {given} says no {name or 'category'!r}")
    if not name:
        return replace(answer, name=EMOTIONS[int(answer.said.argmax())])
    below = answer.output == "dimensional" and answer.said[answer.unit] < 0
    return replace(answer, sign=-1.0) if below else answer


def features_of(run: InspectedRun, faces: np.ndarray) -> np.ndarray:
    """Return the features of faces, float32 (n, dimension), as they are differentiated.

    `InspectedRun.features` rounds them, which steps of a derivative must not be.
    """
    see = seeing(run.backbone.model)
    return in_batches(lambda batch: ops.convert_to_numpy(see(batch)), faces)


def pixel_gradients(answer: Answer, faces: np.ndarray) -> np.ndarray:
    """Return the gradient of the score by the pixels of faces, each in the place of the last.

    Parameters
    ----------
    answer : Answer
        Whose score.
    faces : ndarray (n, size, size, 3)

    Returns
    -------
    ndarray of float32 (n, size, size, 3)
        Score for a grey level.
    """
    return in_batches(lambda batch: value_and_gradient(answer.score, batch)[1], faces)


@lru_cache(maxsize=4)
def seeing(backbone: keras.Model) -> Callable:
    """Return a backbone compiled, which takes a third of the time where it is differentiated."""
    return compiled(backbone)


def in_batches(function: Callable, *arrays: np.ndarray) -> np.ndarray:
    """Call a function on `BATCH` rows of arrays at a time, float32, and join what it returns.

    The last rows are filled up with zeros, so that nothing has to be compiled for their number;
    what the function makes of these is left out.
    """
    results = []
    for start in range(0, len(arrays[0]), BATCH):
        parts = [np.asarray(array[start : start + BATCH], np.float32) for array in arrays]
        lacking = BATCH - len(parts[0])
        filled = [np.pad(p, [(0, lacking)] + [(0, 0)] * (p.ndim - 1)) for p in parts]
        results.append(function(*filled)[: len(parts[0])])
    return np.concatenate(results)


def blurred(face: np.ndarray) -> np.ndarray:
    """Return a face of which light and colours remain but no feature, float32.

    Black or grey pixels are nothing that a network was trained on, and their edges are features
    of their own; hence a blur, as Fong and Vedaldi (2017) and Petsiuk et al. (2018, insertion) use.

    Parameters
    ----------
    face : ndarray (size, size, 3)
    """
    deviation = len(face) / BLUR
    return cv2.GaussianBlur(
        np.asarray(face, np.float32), (0, 0), deviation, borderType=cv2.BORDER_REPLICATE
    )
