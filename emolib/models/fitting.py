"""The loop over epochs: train, judge on the validation people, keep the best, survive a kill.

The loss of an epoch on the validation people is that of all their frames together. The CCC of a
batch depends on which sequences share it; that of a whole split does not. Memory is that of a chunk
of batches (`emolib.models.steps.CHUNK_BYTES`), whatever the number of faces.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.batches import Labels, TrackFeatures, even_batches, gather
from emolib.models.checkpoints import Checkpoint, Progress
from emolib.models.judging import SplitLosses, answers, judged, prediction_batch
from emolib.models.losses import category_loss, dimensional_loss
from emolib.models.mirroring import choose_devices, mirrored_step_function
from emolib.models.runs import RunSpec
from emolib.models.steps import CHUNK_BYTES, Adam, step_function
from emolib.models.weighting import SelfWeighting

TARGET_BYTES = 4 * (len(EMOTIONS) + len(DIMENSIONS) + 2)
"""Of the targets of a frame, at most."""


class Diverged(InputError):
    """The validation loss stopped being a number."""


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


def compile_model(model: keras.Model, spec: RunSpec) -> keras.Model:
    """Return the network to train, with its losses and its optimizer.

    It is the one given; or, where the weights of the losses are learned, one that has them too.
    """
    rate = keras.optimizers.schedules.InverseTimeDecay(spec.learning_rate, 1, spec.decay)
    losses, weights = target_losses(spec), loss_weights(spec)
    if spec.loss_weighting == "learned":
        model = SelfWeighting(model, losses, weights)
        model.compile(Adam(rate), jit_compile=False)
    else:
        model.compile(Adam(rate), losses, loss_weights=weights, jit_compile=False)
    return model


def loss_weights(spec: RunSpec) -> dict[str, float]:
    """Return the weight of each output's loss, by which an epoch is judged."""
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
    checkpoint: Checkpoint | None,
    *,
    strategy: str = "single",
    checkpoint_every: int = 5,
    tensorboard: Path | None = None,
    progress: bool = True,
    judged_as: Sequence[RunSpec] = (),
    on_epoch: Callable[[int, list[float]], None] | None = None,
) -> tuple[pd.DataFrame, int]:
    """Train a compiled network; leave the best weights in it.

    Parameters
    ----------
    model : keras.Model
        As initialised, from `compile_model`.
    spec : RunSpec
        How to train it.
    material : Material
        What on.
    checkpoint : Checkpoint or None
        Resumed if it is there; None writes none.
    strategy : str
        ``single``, or ``mirrored`` over all devices that Keras sees, with the same result.
    checkpoint_every : int
        Epochs between checkpoints.
    tensorboard : Path or None
        Folder for the events that TensorBoard shows.
    progress : bool
        Show a progress bar.
    judged_as : sequence of RunSpec
        Trainings of the same outputs by whose losses the validation faces are judged as well.
    on_epoch : callable or None
        Called after each epoch with its number and its validation losses: by `spec`, and by each of
        `judged_as`. What it raises ends the training.

    Returns
    -------
    history : DataFrame
        epoch, split, metric, value.
    best_epoch : int
        The epoch of lowest validation loss, the earliest of equals.

    Raises
    ------
    InputError
        If the devices cannot share a batch, or cannot learn the weights of the losses.
    Diverged
        If the validation loss stops being a number.
    """
    state = (checkpoint and checkpoint.restore(model)) or Progress(model.get_weights())
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
            if isinstance(model, SelfWeighting):
                losses["train"] |= _fixed_total(losses["train"], spec) | model.learned_weights()
            found = answers(
                model, material.features, material.parts["validation"], prediction_batch(spec)
            )
            judges = [
                SplitLosses(each, material.labels, loss_weights(each))
                for each in (spec, *judged_as)
            ]
            losses["validation"], *others = judged(judges, found)
            _record(state, epoch, losses, model, spec)
            events.write(epoch, losses)
            if checkpoint and epoch % checkpoint_every == 0:
                checkpoint.save(model, state)
            if on_epoch:
                on_epoch(epoch, [each["loss"] for each in (losses["validation"], *others)])
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
    if isinstance(model, SelfWeighting):
        raise InputError(
            "training.strategy is mirrored and training.loss_weighting learned, which cannot be "
            "together; set one of them to its default"
        )
    devices = choose_devices(spec.batch_size)
    return mirrored_step_function(model, target_losses(spec), loss_weights(spec), devices)


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
    train = material.parts["train"]
    order = np.random.default_rng((spec.seed, epoch)).permutation(len(train))
    frames = spec.batch_size * train.shape[1]
    size = frames * (np.prod(features.shape[1:]) * features.dtype.itemsize + TARGET_BYTES)
    per_chunk = max(1, int(CHUNK_BYTES // size)) * spec.batch_size
    losses = []
    for start in range(0, len(order), per_chunk):
        sequences = train[order[start : start + per_chunk]]
        chunk = np.stack(list(even_batches(sequences, spec.batch_size)))
        targets = {output: labels.targets(output, chunk) for output in loss_weights(spec)}
        means = train_on(gather(features, chunk), targets)
        losses += [means] * len(chunk)
    return pd.DataFrame(losses).mean().to_dict()


def _fixed_total(losses: dict[str, float], spec: RunSpec) -> dict[str, float]:
    """Return the loss by the weights that were asked for, to be set beside the validation loss."""
    weights = loss_weights(spec)
    return {"loss": sum(weights[output] * losses[f"{output}_loss"] for output in weights)}


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
        raise Diverged(
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
