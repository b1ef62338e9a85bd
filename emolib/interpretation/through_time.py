"""Which earlier faces an answer rests on.

An answer is divided among the faces that led to it, by integrated gradients and by covering one
face at a time, both on the features that the LSTM reads; and the gradient by the pixels of every
face says where each would have changed it.
"""

import numpy as np
import pandas as pd
from keras import ops

from emolib.interpretation.answers import Answer, features_of, in_batches, seeing
from emolib.interpretation.gradients import value_and_gradient

STEPS = 24
WAYS = ("gradient", "integrated gradients", "occlusion")


def frame_weights(answer: Answer, crops: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return how much each face up to the last contributes, by `WAYS`.

    Parameters
    ----------
    answer : Answer
        What is explained, and its blank, which stands for a face that was not seen.
    crops : ndarray of uint8 (k, size, size, 3) or None
        The faces; the gradient by their pixels takes a pass for each, and is left out without.

    Returns
    -------
    dict of str to ndarray (k,)
        Integrated gradients: shares of the difference between this sequence and one of blanks
        only, which they sum to. Occlusion: the drop of the score without the face. Gradient: the
        sum of its absolute values over pixels and channels.
    """
    blank = features_of(answer.run, answer.blank[None])[0]
    weights = {
        "integrated gradients": _integrated(answer, blank),
        "occlusion": _occluded(answer, blank),
    }
    if crops is not None:
        maps = maps_through_time(answer, crops)
        weights = {"gradient": maps.sum(axis=(1, 2)), **weights}
    return weights


def maps_through_time(answer: Answer, crops: np.ndarray) -> np.ndarray:
    """Return the absolute gradient of the answer by the pixels of every face, summed over channels.

    One pass back through the LSTM gives the gradient by all features; the backbone then carries
    it to the pixels of each face, independently of the others.

    Parameters
    ----------
    answer : Answer
        At the last face.
    crops : ndarray of uint8 (k, size, size, 3)
        The faces whose features the answer holds.

    Returns
    -------
    ndarray of float32 (k, size, size)
        Score for a grey level.
    """
    _, by_features = value_and_gradient(answer.score_of_sequences, answer.features[None])
    see = seeing(answer.run.backbone.model)

    def maps(faces, towards):
        _, gradient = value_and_gradient(lambda x: ops.sum(see(x) * towards, axis=1), faces)
        return np.abs(gradient).sum(axis=-1)

    return in_batches(maps, crops, by_features[0])


def share_table(weights: dict[str, np.ndarray], times: np.ndarray, **about) -> pd.DataFrame:
    """Return the share of each face in the absolute weights.

    Parameters
    ----------
    weights : dict of str to ndarray (k,)
        From `frame_weights`.
    times : ndarray (k,)
        Seconds of the faces.
    **about
        Columns to add, such as ``person``.

    Returns
    -------
    DataFrame
        ``way, before`` (whole frames before the last face, by the times at 30 fps), ``share``.
    """
    before = np.round((times[-1] - times) * 30).astype(int)
    tables = [
        pd.DataFrame({"way": way, "before": before, "share": np.abs(of) / np.abs(of).sum()})
        for way, of in weights.items()
        if np.abs(of).sum() > 0
    ]
    columns = pd.DataFrame(columns=["way", "before", "share"])
    return pd.concat(tables, ignore_index=True).assign(**about) if tables else columns


def _integrated(answer: Answer, blank: np.ndarray) -> np.ndarray:
    places, weights = np.polynomial.legendre.leggauss(STEPS)
    places, weights = (places + 1) / 2, weights / 2
    difference = answer.features - blank
    between = blank + places[:, None, None] * difference
    _, gradients = value_and_gradient(answer.score_of_sequences, between)
    return np.einsum("s,skd,kd->k", weights, gradients, difference)


def _occluded(answer: Answer, blank: np.ndarray) -> np.ndarray:
    count = len(answer.features)
    covered = np.repeat(answer.features[None], count + 1, axis=0)
    covered[np.arange(1, count + 1), np.arange(count)] = blank
    scores = ops.convert_to_numpy(answer.score_of_sequences(ops.convert_to_tensor(covered)))
    return scores[0] - scores[1:]
