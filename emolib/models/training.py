"""Train one network, keep the best epoch, write what it predicts.

A run's folder holds ``spec.json``, ``history.csv`` (epoch, split, metric, value), ``model.keras``,
``predictions.parquet`` (a row per face, all splits), ``environment.json``, ``backbone.json`` (the
key of the weights behind the features), ``metrics.json`` (best epoch, losses, seconds, categories
that a split lacks) and the record of what it was made from. It appears under its name only when it
is whole.
"""

import logging
import platform
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from emolib import __version__
from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.models.backbones import Backbone
from emolib.models.batches import Labels, TrackFeatures
from emolib.models.checkpoints import Checkpoint
from emolib.models.devices import device_names, dtype_policy, make_deterministic
from emolib.models.end_to_end import assemble, unfreeze
from emolib.models.fitting import (
    Material,
    compile_model,
    fit,
    predict_sequences,
    prediction_batch,
    split_losses,
)
from emolib.models.lstm import LSTM
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import RunSpec, read_spec
from emolib.models.steps import Adam
from emolib.storage import value_hash, whole_folder, write_json, write_record, write_table

logger = logging.getLogger(__name__)

CUSTOM_OBJECTS = {"emolib>LSTM": LSTM, "emolib>Adam": Adam}
"""What Keras has to know to load a run."""

_FACE_COLUMNS = ["track", "person", "video", "frame", "time", "split", "emotion", *DIMENSIONS]


@dataclass(frozen=True)
class Run:
    """A trained network and what it was trained with."""

    spec: RunSpec
    model: keras.Model


def train(
    spec: RunSpec,
    samples: pd.DataFrame,
    features: TrackFeatures | str | Path,
    run_folder: str | Path,
    *,
    backbone: Backbone | None = None,
    backbone_key: str = "",
    inputs: Mapping[str, str] | None = None,
    checkpoint_every: int = 5,
    tensorboard: Path | None = None,
    progress: bool = True,
) -> Run:
    """Train a network and write its run folder.

    Two trainings of the same specification on the same samples and machine are identical, also
    when one of them was killed and resumed.

    Parameters
    ----------
    spec : RunSpec
        What to train.
    samples : DataFrame
        Faces with ``track, person, video, frame, time, split, emotion, valence, arousal`` and
        ``row``, the number of the face within its track. A face without a category takes no part
        in the category loss, one without valence and arousal none in the other.
    features : TrackFeatures or path
        The features of these samples, or the folder of ``<track>.npy`` that holds them, as
        `emolib.models.features.extract_tracks` writes it. For a run that is trained end to end:
        the crops.
    run_folder : str or Path
        Where to write; an older run there is replaced once this one is whole.
    backbone : Backbone or None
        For a run that is trained end to end: the backbone; some of it is changed if the
        specification says so.
    backbone_key : str
        Key of the backbone behind the features.
    inputs : mapping or None
        Hashes of what the run is made from, to be recorded.
    checkpoint_every, tensorboard, progress
        As in `emolib.models.fitting.fit`.

    Returns
    -------
    Run
        With the weights of the epoch of lowest validation loss, the earliest of equals.

    Raises
    ------
    InputError
        If a column or a track's features are missing, a label is impossible, a split has no
        labelled face, or the disk is full.
    """
    started, run_folder, inputs = time.perf_counter(), Path(run_folder), dict(inputs or {})
    samples = usable_samples(samples)
    if not isinstance(features, TrackFeatures):
        features = TrackFeatures(samples, features)
    sequences, labels = (
        build_sequences(samples, spec.sequence_length, spec.max_gap),
        Labels(samples),
    )
    material = Material(features, labels, _parts(samples, sequences, labels, spec))
    without = _categories_without_faces(samples, spec)
    make_deterministic(spec.seed)
    model = _model(spec, features, backbone)
    checkpoint = Checkpoint(
        run_folder.with_name(f".{run_folder.name}.checkpoint.npz"),
        value_hash([__version__, spec, inputs, _digest(samples)]),
    )
    history, best = fit(
        model,
        spec,
        material,
        checkpoint,
        checkpoint_every=checkpoint_every,
        tensorboard=tensorboard,
        progress=progress,
    )
    outputs = predict_sequences(model, features, sequences, prediction_batch(spec))
    metrics = {"best_epoch": best, "without_faces": without}
    for split in SPLITS:
        losses = split_losses(outputs, material, split, spec)
        metrics |= {f"{split}_{name}": value for name, value in losses.items()}
    metrics["seconds"] = time.perf_counter() - started
    with whole_folder(run_folder) as folder:
        write_json(spec, folder / "spec.json")
        write_table(history, folder / "history.csv")
        model.save(folder / "model.keras")
        write_table(_predictions(samples, outputs), folder / "predictions.parquet")
        write_json(_environment(spec), folder / "environment.json")
        write_json({"key": backbone.key if backbone else backbone_key}, folder / "backbone.json")
        write_json(metrics, folder / "metrics.json")
        write_record(folder / "metrics.json", inputs)
    checkpoint.remove()
    return Run(spec, model)


def load_run(run_folder: str | Path) -> Run:
    """Load a trained network, to predict from new features.

    Raises
    ------
    InputError
        If the folder holds no finished run, or one of another version of the package.
    """
    spec = read_spec(run_folder)
    path = Path(run_folder) / "model.keras"
    return Run(spec, keras.models.load_model(path, CUSTOM_OBJECTS, compile=False))


def usable_samples(samples: pd.DataFrame) -> pd.DataFrame:
    """Return the samples that are in a split, numbered from 0.

    Raises
    ------
    InputError
        If a column is missing.
    """
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


def _categories_without_faces(samples: pd.DataFrame, spec: RunSpec) -> dict[str, list[str]]:
    """Return the categories that no face of a split shows, by split, and warn of them."""
    if "category" not in network_spec(spec.network).heads:
        return {}
    lacking = {
        split: [emotion for emotion in EMOTIONS if emotion not in set(rows["emotion"])]
        for split, rows in samples.groupby("split")
    }
    for split, emotions in lacking.items():
        if emotions:
            logger.warning(
                "%s: no face of the %s split shows %s; what is said of them there is undefined",
                spec.name,
                split,
                ", ".join(emotions),
            )
    return {split: emotions for split, emotions in lacking.items() if emotions}


def _model(spec: RunSpec, features: TrackFeatures, backbone: Backbone | None) -> keras.Model:
    dimension = backbone.dimension if spec.end_to_end else features.shape[1]
    policy = dtype_policy(spec.precision)
    model = build_network(
        network_spec(spec.network), spec.sequence_length, dimension, spec.dropout, policy
    )
    if spec.end_to_end:
        unfreeze(backbone, spec.unfreeze)
        model = assemble(backbone, model, policy.removeprefix("mixed_"))
    compile_model(model, spec)
    return model


def _digest(samples: pd.DataFrame) -> str:
    """Return what changes with any value of the samples that training depends on."""
    table = samples[[*_FACE_COLUMNS, "row"]]
    return value_hash(pd.util.hash_pandas_object(table, index=False).tolist())


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


def _environment(spec: RunSpec) -> dict[str, str]:
    packages = ("keras", "numpy", "pandas", keras.backend.backend())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "backend": keras.backend.backend(),
        "devices": ", ".join(device_names()),
        "precision": dtype_policy(spec.precision),
        "emolib": __version__,
        **{package: version(package) for package in packages},
    }
