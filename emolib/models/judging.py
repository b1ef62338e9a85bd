"""What a network answers, batch by batch, and its losses over all frames of a split.

Neither the answers nor the targets of a split are ever in memory as a whole: a loss is computed
from sums, in double precision, that grow by one batch after the other. Memory is that of a batch.
"""

from collections.abc import Iterable, Iterator, Sequence

import keras
import numpy as np

from emolib.models.batches import Labels, TrackFeatures, even_batches, gather
from emolib.models.losses import EPSILON, dimensional_loss
from emolib.models.networks import network_spec
from emolib.models.runs import RunSpec

PREDICTION_BATCH = 32
"""Sequences predicted at a time; nothing depends on it but speed and memory."""

Answers = tuple[np.ndarray, dict[str, np.ndarray]]
"""A batch of sequences (k, length), and the answers (k, length, units) of each output."""


def prediction_batch(spec: RunSpec) -> int:
    """Return how many sequences to predict at a time; few where a backbone is in the loop."""
    return spec.batch_size if spec.end_to_end else PREDICTION_BATCH


def answers(
    model: keras.Model,
    features: TrackFeatures | np.ndarray,
    sequences: np.ndarray,
    batch_size: int = PREDICTION_BATCH,
) -> Iterator[Answers]:
    """Yield what a network answers to sequences, in order; parameters as `predict_sequences`."""
    for batch in even_batches(sequences, batch_size):
        outputs = model.predict_on_batch(gather(features, batch))
        yield batch, {name: np.asarray(values) for name, values in outputs.items()}


def predict_sequences(
    model: keras.Model,
    features: TrackFeatures | np.ndarray,
    sequences: np.ndarray,
    batch_size: int = PREDICTION_BATCH,
) -> dict[str, np.ndarray]:
    """Predict every sample that is in a sequence.

    Parameters
    ----------
    model : keras.Model
        From `emolib.models.training.train` or `load_run`.
    features : TrackFeatures or ndarray (n, ...)
        What the model reads, one row per sample: a feature vector, or a face for a model that
        was trained end to end.
    sequences : ndarray of int (k, length)
        Positions of samples, each at most once; -1 for padding.
    batch_size : int
        Sequences at a time.

    Returns
    -------
    dict of str to ndarray of float32
        ``category`` (n, 7) and ``dimensional`` (n, 2), or the one that the network has. NaN for
        a sample that is in no sequence.
    """
    outputs = {
        name: np.full((features.shape[0], output.shape[-1]), np.nan, np.float32)
        for name, output in model.output.items()
    }
    for batch, answered in answers(model, features, sequences, batch_size):
        valid = batch >= 0
        for name, values in answered.items():
            outputs[name][batch[valid]] = values[valid]
    return outputs


class SplitLosses:
    """The loss of a network over all frames of a split, from one batch after the other.

    Parameters
    ----------
    spec : RunSpec
        The training; its losses are those of `emolib.models.losses`.
    labels : Labels
        What should come out.
    weights : dict of str to float
        Of the loss of each output.
    """

    def __init__(self, spec: RunSpec, labels: Labels, weights: dict[str, float]):
        self._labels, self._weights = labels, weights
        self._sums = {
            output: _CategorySums() if output == "category" else _DIMENSIONAL_SUMS[spec.ccc]()
            for output in network_spec(spec.network).heads
        }

    def add(self, batch: np.ndarray, answered: dict[str, np.ndarray]) -> None:
        """Count the answers to some sequences."""
        for output, sums in self._sums.items():
            targets = self._labels.targets(output, batch)
            sums.add(targets[..., :-1], answered[output], targets[..., -1] > 0)

    def values(self) -> dict[str, float]:
        """Return the loss over all frames counted; with two outputs, each one's as well."""
        losses = {f"{output}_loss": float(sums.loss()) for output, sums in self._sums.items()}
        total = sum(self._weights[output] * losses[f"{output}_loss"] for output in self._sums)
        return {"loss": total, **losses} if len(losses) > 1 else {"loss": total}


def judged(judges: Sequence[SplitLosses], answered: Iterable[Answers]) -> list[dict[str, float]]:
    """Return the losses of all of some answers, by each of the judges."""
    for batch, outputs in answered:
        for losses in judges:
            losses.add(batch, outputs)
    return [losses.values() for losses in judges]


class _CategorySums:
    """As `emolib.models.losses.category_loss`."""

    def __init__(self):
        self._total, self._frames = 0.0, 0

    def add(self, truth: np.ndarray, prediction: np.ndarray, mask: np.ndarray) -> None:
        probability = (truth * prediction).sum(axis=-1, dtype=float)[mask]
        self._total -= np.log(np.maximum(probability, EPSILON)).sum()
        self._frames += len(probability)

    def loss(self) -> float:
        return self._total / max(self._frames, 1)


class _PooledSums:
    """As `emolib.models.losses.dimensional_loss` over all frames together."""

    def __init__(self):
        self._frames, self._sums = 0, np.zeros((5, 2))

    def add(self, truth: np.ndarray, prediction: np.ndarray, mask: np.ndarray) -> None:
        x, y = truth[mask].astype(float), prediction[mask].astype(float)  # frames, 2
        self._frames += len(x)
        self._sums += [each.sum(axis=0) for each in (x, y, x * x, y * y, x * y)]

    def loss(self) -> float:
        x, y, xx, yy, xy = self._sums / max(self._frames, 1)
        spread = (xx - x**2) + (yy - y**2)
        return (1 - 2 * (xy - x * y) / (spread + (x - y) ** 2 + EPSILON)).sum()


class _SequenceSums:
    """As `emolib.models.losses.dimensional_loss` of each sequence, and their mean."""

    def __init__(self):
        self._total, self._sequences = 0.0, 0

    def add(self, truth: np.ndarray, prediction: np.ndarray, mask: np.ndarray) -> None:
        valid = mask.any(axis=1)
        if valid.any():
            loss = dimensional_loss(truth[valid], prediction[valid], mask[valid], ccc="sequence")
            self._total += float(loss) * valid.sum()
            self._sequences += valid.sum()

    def loss(self) -> float:
        return self._total / max(self._sequences, 1)


_DIMENSIONAL_SUMS = {"batch": _PooledSums, "sequence": _SequenceSums}
