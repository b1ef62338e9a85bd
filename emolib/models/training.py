"""Train one network on cached features, keep the best epoch, write what it predicts.

A run's folder holds ``spec.json``, ``history.csv`` (epoch, split, metric, value), ``model.keras``,
``predictions.parquet`` (a row per face, all splits), ``environment.json`` and ``metrics.json``
(best epoch, losses, seconds). It appears under its name only when it is whole.

The loss of an epoch on the validation people is computed over all their frames at once. The CCC
of a batch depends on which sequences share it; that of a whole split does not.
"""

import os
import platform
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib import __version__
from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.models.batches import Labels, TrackFeatures, even_batches, gather
from emolib.models.devices import device_names, make_deterministic
from emolib.models.losses import category_loss, dimensional_loss
from emolib.models.lstm import LSTM
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import RunSpec
from emolib.storage import read_json, write_json, write_table

LOSSES = {"category": category_loss, "dimensional": dimensional_loss}
"""The loss of each output."""

_PREDICTION_BATCH = 32  # sequences; nothing depends on it but speed
_FACE_COLUMNS = ["track", "person", "video", "frame", "time", "split", "emotion", *DIMENSIONS]


@dataclass(frozen=True)
class Run:
    """A trained network and what it was trained with."""

    spec: RunSpec
    model: keras.Model


def train(
    spec: RunSpec,
    samples: pd.DataFrame,
    features_folder: str | Path,
    run_folder: str | Path,
    *,
    progress: bool = True,
) -> Run:
    """Train a network and write its run folder.

    Two trainings of the same specification on the same samples and machine are identical.

    Parameters
    ----------
    spec : RunSpec
        What to train.
    samples : DataFrame
        Faces with ``track, person, video, frame, time, split, emotion, valence, arousal`` and
        ``row``, the number of the face within its track. A face without a category takes no part
        in the category loss, one without valence and arousal none in the other.
    features_folder : str or Path
        Holds ``<track>.npy``, as `emolib.models.features.extract_tracks` writes it.
    run_folder : str or Path
        Where to write; an older run there is replaced once this one is whole.
    progress : bool
        Show a progress bar.

    Returns
    -------
    Run
        With the weights of the epoch of lowest validation loss, the earliest of equals.

    Raises
    ------
    InputError
        If a column or a track's features are missing, a label is impossible, or a split has no
        labelled face.
    """
    started = time.perf_counter()
    samples = _checked(samples)
    features, labels = TrackFeatures(samples, features_folder), Labels(samples)
    sequences = build_sequences(samples, spec.sequence_length, spec.max_gap)
    parts = _parts(samples, sequences, labels, spec)
    make_deterministic(spec.seed)
    model = _compiled(spec, features.dimension)
    history, best = _fit(model, spec, features, labels, parts, progress)
    outputs = predict_sequences(model, features, sequences)
    metrics = {"best_epoch": best, "seconds": time.perf_counter() - started}
    for split in SPLITS:
        losses = _losses(outputs, labels, parts[split], spec)
        metrics |= {f"{split}_{name}": value for name, value in losses.items()}
    with _whole_folder(Path(run_folder)) as folder:
        write_json(spec, folder / "spec.json")
        write_table(history, folder / "history.csv")
        model.save(folder / "model.keras")
        write_table(_predictions(samples, outputs), folder / "predictions.parquet")
        write_json(_environment(), folder / "environment.json")
        write_json(metrics, folder / "metrics.json")
    return Run(spec, model)


def load_run(run_folder: str | Path) -> Run:
    """Load a trained network, to predict from new features.

    Raises
    ------
    InputError
        If the folder holds no finished run.
    """
    folder = Path(run_folder)
    if not (folder / "metrics.json").is_file():
        raise InputError(f"{folder}: no finished run; `emolib runs` lists those of a configuration")
    layers = {"emolib>LSTM": LSTM}
    model = keras.models.load_model(folder / "model.keras", layers, compile=False)
    return Run(RunSpec(**read_json(folder / "spec.json")), model)


def predict_sequences(
    model: keras.Model, features: TrackFeatures | np.ndarray, sequences: np.ndarray
) -> dict[str, np.ndarray]:
    """Predict every sample that is in a sequence.

    Parameters
    ----------
    model : keras.Model
        From `train` or `load_run`.
    features : TrackFeatures or ndarray (n, d)
        One vector per sample.
    sequences : ndarray of int (k, length)
        Positions of samples, each at most once; -1 for padding.

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
    for batch in even_batches(sequences, _PREDICTION_BATCH):
        valid = batch >= 0
        for name, values in model.predict_on_batch(gather(features, batch)).items():
            outputs[name][batch[valid]] = np.asarray(values)[valid]
    return outputs


def _checked(samples: pd.DataFrame) -> pd.DataFrame:
    lacking = [column for column in (*_FACE_COLUMNS, "row") if column not in samples]
    if lacking:
        raise InputError(f"samples: no column {lacking[0]!r}; run `emolib match` first")
    return samples[samples["split"].isin(SPLITS)].reset_index(drop=True)


def _parts(
    samples: pd.DataFrame, sequences: np.ndarray, labels: Labels, spec: RunSpec
) -> dict[str, np.ndarray]:
    """Return the sequences of each split."""
    split = samples["split"].to_numpy(str)[sequences[:, 0]]
    parts = {name: sequences[split == name] for name in SPLITS}
    for name, part in parts.items():
        for output in network_spec(spec.network).heads:
            if not labels.count(output, part[part >= 0]):
                raise InputError(
                    f"samples: the {name} split has no face with a label for the {output} output; "
                    "annotate more people or change the shares under 'split'"
                )
    return parts


def _compiled(spec: RunSpec, dimension: int) -> keras.Model:
    model = build_network(network_spec(spec.network), spec.sequence_length, dimension, spec.dropout)
    rate = keras.optimizers.schedules.InverseTimeDecay(spec.learning_rate, 1, spec.decay)
    weights = _loss_weights(spec)
    model.compile(
        keras.optimizers.Adam(rate),
        {output: _on_targets(LOSSES[output]) for output in weights},
        loss_weights=weights,
    )
    return model


def _loss_weights(spec: RunSpec) -> dict[str, float]:
    if spec.kind == "combined":
        return spec.loss_weights.model_dump()
    return {spec.kind: 1.0}


def _on_targets(loss):
    """Return a masked loss as Keras calls it; the mask is the last column of the targets."""

    def on_targets(targets, prediction):
        return loss(targets[..., :-1], prediction, targets[..., -1])

    return on_targets


def _fit(
    model: keras.Model,
    spec: RunSpec,
    features: TrackFeatures,
    labels: Labels,
    parts: dict[str, np.ndarray],
    progress: bool,
) -> tuple[pd.DataFrame, int]:
    """Train; leave the best weights in the model; return the history and the best epoch."""
    generator = np.random.default_rng(spec.seed)
    rows, lowest, best_epoch, best_weights = [], np.inf, 0, model.get_weights()
    bar = tqdm(range(1, spec.epochs + 1), spec.name, unit="epoch", disable=not progress)
    for epoch in bar:
        shuffled = generator.permutation(parts["train"])
        train_losses = _train_epoch(model, spec, features, labels, shuffled)
        outputs = predict_sequences(model, features, parts["validation"])
        validation_losses = _losses(outputs, labels, parts["validation"], spec)
        for split, losses in (("train", train_losses), ("validation", validation_losses)):
            rows += [(epoch, split, metric, value) for metric, value in losses.items()]
        loss = validation_losses["loss"]
        if not np.isfinite(loss):
            raise InputError(
                f"{spec.name}: the validation loss is {loss} after epoch {epoch}; lower "
                f"training.learning_rate.{spec.kind}, now {spec.learning_rate:g}"
            )
        if loss < lowest:
            lowest, best_epoch, best_weights = loss, epoch, model.get_weights()
        bar.set_postfix(loss=f"{train_losses['loss']:.3f}", validation=f"{loss:.3f}")
    model.set_weights(best_weights)
    return pd.DataFrame(rows, columns=["epoch", "split", "metric", "value"]), best_epoch


def _train_epoch(
    model: keras.Model,
    spec: RunSpec,
    features: TrackFeatures,
    labels: Labels,
    sequences: np.ndarray,
) -> dict[str, float]:
    """Update once per batch; return the mean of each loss over the batches."""
    weights = _loss_weights(spec)
    per_batch = []
    for batch in even_batches(sequences, spec.batch_size):
        targets = {output: labels.targets(output, batch) for output in weights}
        logs = model.train_on_batch(gather(features, batch), targets, return_dict=True)
        per_batch.append({name: float(value) for name, value in logs.items()})
    return pd.DataFrame(per_batch).mean().to_dict()


def _losses(
    outputs: dict[str, np.ndarray], labels: Labels, sequences: np.ndarray, spec: RunSpec
) -> dict[str, float]:
    """Return the loss over all frames of these sequences; with two outputs, each one's as well."""
    weights, losses = _loss_weights(spec), {}
    for output in weights:
        targets = labels.targets(output, sequences)
        predicted = np.zeros((*sequences.shape, outputs[output].shape[1]), np.float32)
        predicted[sequences >= 0] = outputs[output][sequences[sequences >= 0]]
        losses[f"{output}_loss"] = float(_on_targets(LOSSES[output])(targets, predicted))
    loss = sum(weights[output] * losses[f"{output}_loss"] for output in weights)
    return {"loss": loss, **losses} if len(losses) > 1 else {"loss": loss}


def _predictions(samples: pd.DataFrame, outputs: dict[str, np.ndarray]) -> pd.DataFrame:
    table = samples[_FACE_COLUMNS].copy()
    if "category" in outputs:
        table["predicted_emotion"] = np.array(EMOTIONS)[outputs["category"].argmax(axis=1)]
        for column, emotion in enumerate(EMOTIONS):
            table[f"probability_{emotion}"] = outputs["category"][:, column]
    if "dimensional" in outputs:
        for column, dimension in enumerate(DIMENSIONS):
            table[f"predicted_{dimension}"] = outputs["dimensional"][:, column]
    return table


def _environment() -> dict[str, str]:
    packages = ("keras", "numpy", "pandas", keras.backend.backend())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "backend": keras.backend.backend(),
        "devices": ", ".join(device_names()),
        "emolib": __version__,
        **{package: version(package) for package in packages},
    }


@contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `folder`; put it in its place when the block succeeds."""
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}")
    # A killed process of the same number may have left its own.
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        yield temporary
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
