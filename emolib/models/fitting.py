"""The loop over epochs: train, judge on the validation people, keep the best, survive a kill.

The loss of an epoch on the validation people is computed over all their frames at once. The CCC
of a batch depends on which sequences share it; that of a whole split does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.errors import InputError
from emolib.models.batches import Labels, TrackFeatures, even_batches, gather
from emolib.models.checkpoints import Checkpoint, Progress
from emolib.models.losses import category_loss, dimensional_loss
from emolib.models.mirroring import choose_devices, mirrored_step_function
from emolib.models.runs import RunSpec
from emolib.models.steps import CHUNK_BYTES, Adam, step_function

PREDICTION_BATCH = 32
"""Sequences predicted at a time; nothing depends on it but speed and memory."""


@dataclass(frozen=True)
class Material:
    """What a network learns from.

    Attributes
    ----------
    features : TrackFeatures
        What goes in, a row per sample.
    labels : Labels
        What should come out.
    parts : dict of str to ndarray
        The sequences of each split.
    """

    features: TrackFeatures
    labels: Labels
    parts: dict[str, np.ndarray]


def compile_model(model: keras.Model, spec: RunSpec) -> None:
    """Give a network its losses and its optimizer."""
    rate = keras.optimizers.schedules.InverseTimeDecay(spec.learning_rate, 1, spec.decay)
    model.compile(
        Adam(rate), target_losses(spec), loss_weights=loss_weights(spec), jit_compile=False
    )


def loss_weights(spec: RunSpec) -> dict[str, float]:
    """Return the weight of each output's loss."""
    if spec.kind == "combined":
        return spec.loss_weights.model_dump()
    return {spec.kind: 1.0}


def loss(output: str, spec: RunSpec) -> Callable:
    """Return the loss of an output, of truth, prediction and mask."""
    return category_loss if output == "category" else partial(dimensional_loss, ccc=spec.ccc)


def target_losses(spec: RunSpec) -> dict[str, Callable]:
    """Return the loss of each output, of targets, whose last column is a mask, and prediction."""
    return {output: _on_targets(loss(output, spec)) for output in loss_weights(spec)}


def fit(
    model: keras.Model,
    spec: RunSpec,
    material: Material,
    checkpoint: Checkpoint,
    *,
    strategy: str = "single",
    checkpoint_every: int = 5,
    tensorboard: Path | None = None,
    progress: bool = True,
) -> tuple[pd.DataFrame, int]:
    """Train a compiled network; leave the best weights in it.

    Parameters
    ----------
    model : keras.Model
        As initialised.
    spec : RunSpec
        How to train it.
    material : Material
        What on.
    checkpoint : Checkpoint
        Resumed if it is there.
    strategy : str
        ``single``, or ``mirrored`` over all devices that Keras sees, with the same result.
    checkpoint_every : int
        Epochs between checkpoints.
    tensorboard : Path or None
        Folder for the events that TensorBoard shows.
    progress : bool
        Show a progress bar.

    Returns
    -------
    history : DataFrame
        epoch, split, metric, value.
    best_epoch : int
        The epoch of lowest validation loss, the earliest of equals.

    Raises
    ------
    InputError
        If the validation loss stops being a number, or the devices cannot share a batch.
    """
    state = checkpoint.restore(model) or Progress(model.get_weights())
    train_on, hand_over = _step_functions(model, spec, strategy)
    events = _Events(tensorboard)
    bar = tqdm(
        total=spec.epochs, initial=state.epoch, desc=spec.name, unit="epoch", disable=not progress
    )
    with bar, events:
        while state.epoch < spec.epochs and not _exhausted(state, spec):
            epoch = state.epoch + 1
            losses = {"train": _train_epoch(train_on, spec, material, epoch)}
            hand_over()
            outputs = predict_sequences(
                model, material.features, material.parts["validation"], prediction_batch(spec)
            )
            losses["validation"] = split_losses(outputs, material, "validation", spec)
            _record(state, epoch, losses, model, spec)
            events.write(epoch, losses)
            if epoch % checkpoint_every == 0:
                checkpoint.save(model, state)
            bar.update()
            shown = {split: f"{values['loss']:.3f}" for split, values in losses.items()}
            bar.set_postfix(loss=shown["train"], validation=shown["validation"])
    model.set_weights(state.best_weights)
    history = pd.DataFrame(state.rows, columns=["epoch", "split", "metric", "value"])
    return history, state.best_epoch


def _step_functions(
    model: keras.Model, spec: RunSpec, strategy: str
) -> tuple[Callable, Callable[[], None]]:
    """Return what trains on the batches of a chunk, and what then brings the model up to date."""
    if strategy == "single":
        return step_function(model), lambda: None
    devices = choose_devices(spec.batch_size)
    return mirrored_step_function(model, target_losses(spec), loss_weights(spec), devices)


def prediction_batch(spec: RunSpec) -> int:
    """Return how many sequences to predict at a time; few where a backbone is in the loop."""
    return spec.batch_size if spec.end_to_end else PREDICTION_BATCH


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
    for batch in even_batches(sequences, batch_size):
        valid = batch >= 0
        for name, values in model.predict_on_batch(gather(features, batch)).items():
            outputs[name][batch[valid]] = np.asarray(values)[valid]
    return outputs


def split_losses(
    outputs: dict[str, np.ndarray], material: Material, split: str, spec: RunSpec
) -> dict[str, float]:
    """Return the loss over all frames of a split; with two outputs, each one's as well."""
    sequences, weights, losses = material.parts[split], loss_weights(spec), {}
    valid = sequences >= 0
    for output in weights:
        targets = material.labels.targets(output, sequences)
        predicted = np.zeros((*sequences.shape, outputs[output].shape[1]), np.float32)
        predicted[valid] = outputs[output][sequences[valid]]
        losses[f"{output}_loss"] = float(target_losses(spec)[output](targets, predicted))
    total = sum(weights[output] * losses[f"{output}_loss"] for output in weights)
    return {"loss": total, **losses} if len(losses) > 1 else {"loss": total}


def _on_targets(loss: Callable) -> Callable:
    """Return a masked loss as Keras calls it; the mask is the last column of the targets."""

    def on_targets(targets, prediction):
        return loss(targets[..., :-1], prediction, targets[..., -1])

    return on_targets


def _train_epoch(
    train_on: Callable, spec: RunSpec, material: Material, epoch: int
) -> dict[str, float]:
    """Update once per batch; return the mean of each loss over the batches."""
    features, labels = material.features, material.labels
    order = np.random.default_rng((spec.seed, epoch)).permutation(material.parts["train"])
    batches = np.stack(list(even_batches(order, spec.batch_size)))
    size = batches[0].size * np.prod(features.shape[1:]) * features.dtype.itemsize
    per_chunk = max(1, int(CHUNK_BYTES // size))
    losses = []
    for start in range(0, len(batches), per_chunk):
        chunk = batches[start : start + per_chunk]
        targets = {output: labels.targets(output, chunk) for output in loss_weights(spec)}
        means = train_on(gather(features, chunk), targets)
        losses += [means] * len(chunk)
    return pd.DataFrame(losses).mean().to_dict()


def _record(
    state: Progress,
    epoch: int,
    losses: dict[str, dict[str, float]],
    model: keras.Model,
    spec: RunSpec,
) -> None:
    """Note an epoch, and its weights if none before was better."""
    for split, values in losses.items():
        state.rows += [[epoch, split, metric, value] for metric, value in values.items()]
    state.epoch, validation = epoch, losses["validation"]["loss"]
    if not np.isfinite(validation):
        raise InputError(
            f"{spec.name}: the validation loss is {validation} after epoch {epoch}; lower "
            f"training.learning_rate.{spec.kind}, now {spec.learning_rate:g}"
        )
    if validation < state.lowest:
        state.lowest, state.best_epoch, state.best_weights = validation, epoch, model.get_weights()


def _exhausted(state: Progress, spec: RunSpec) -> bool:
    """Return whether there was no better epoch for as long as the training may wait."""
    return spec.early_stopping is not None and state.epoch - state.best_epoch >= spec.early_stopping


class _Events:
    """Losses as TensorBoard reads them; nothing where no folder is given."""

    def __init__(self, folder: Path | None):
        self._writer = None
        if folder is not None:
            import tensorflow as tf

            self._writer = tf.summary.create_file_writer(str(folder))

    def write(self, epoch: int, losses: dict[str, dict[str, float]]) -> None:
        if self._writer is None:
            return
        import tensorflow as tf

        # What `tf.summary.scalar` does, which needs the tensorboard package.
        kind = tf.compat.v1.SummaryMetadata(plugin_data={"plugin_name": "scalars"}, data_class=1)
        with self._writer.as_default():
            for split, values in losses.items():
                for metric, value in values.items():
                    tf.summary.write(f"{metric}/{split}", np.float32(value), epoch, kind)

    def __enter__(self) -> "_Events":
        return self

    def __exit__(self, *error) -> None:
        if self._writer is not None:
            self._writer.close()
