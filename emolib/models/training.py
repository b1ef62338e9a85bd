"""Train one network, keep the best epoch, write what it predicts.

A run's folder holds ``spec.json``, ``history.csv`` (epoch, split, metric, value), ``model.keras``,
``predictions.parquet`` (a row per face, all splits), ``environment.json``, ``backbone.json`` (the
key of the weights behind the features), ``metrics.json`` (best epoch, losses, seconds, categories
that a split lacks) and the record of what it was made from. It appears under its name only when it
is whole.

Memory: features up to a stated bound, about 35 bytes a face of an index (a third of a gigabyte for
ten million), and what does not grow with the corpus: the network, a chunk of batches, and a chunk
of predictions, which are written as they are made.
"""

import hashlib
import logging
import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from emolib import __version__
from emolib.data.samples import SampleFile
from emolib.data.sequences import build_sequences, codes
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.models.backbones import Backbone
from emolib.models.batches import Labels, TrackFeatures
from emolib.models.checkpoints import Checkpoint
from emolib.models.devices import device_names, dtype_policy, make_deterministic
from emolib.models.end_to_end import assemble, unfreeze
from emolib.models.fitting import Material, compile_model, fit, loss_weights
from emolib.models.judging import Answers, SplitLosses, answers, prediction_batch
from emolib.models.lstm import LSTM
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import RunSpec, read_spec
from emolib.models.steps import Adam
from emolib.models.weighting import plain
from emolib.storage import (
    ROWS,
    table_writer,
    value_hash,
    whole_folder,
    write_json,
    write_record,
    write_table,
)

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
    samples: pd.DataFrame | SampleFile,
    features: TrackFeatures | str | Path,
    run_folder: str | Path,
    *,
    backbone: Backbone | None = None,
    backbone_key: str = "",
    inputs: Mapping[str, str] | None = None,
    strategy: str = "single",
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
    samples : DataFrame or SampleFile
        Faces with ``track, person, video, frame, time, split, emotion, valence, arousal`` and
        ``row``, the number of the face within its track; those of a file are all in a split. A
        face without a category takes no part in the category loss, one without valence and arousal
        none in the other.
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
    strategy, checkpoint_every, tensorboard, progress
        As in `emolib.models.fitting.fit`.

    Returns
    -------
    Run
        With the weights of the epoch of lowest validation loss, the earliest of equals.

    Raises
    ------
    InputError
        If a column or a track's features are missing, a label is impossible, a split has no
        labelled face, the devices cannot share a batch, or the disk is full.
    """
    started, run_folder, inputs = time.perf_counter(), Path(run_folder), dict(inputs or {})
    if not isinstance(samples, SampleFile):
        samples = usable_samples(samples)
    index = samples.index if isinstance(samples, SampleFile) else samples
    if not isinstance(features, TrackFeatures):
        features = TrackFeatures(index, features)
    sequences, material = read_material(spec, index, features)
    labels = material.labels
    without = _categories_without_faces(index, spec)
    model = new_model(spec, features, backbone)
    checkpoint = Checkpoint(
        run_folder.with_name(f".{run_folder.name}.checkpoint.npz"),
        value_hash([__version__, spec, inputs, _digest(samples)]),
    )
    history, best = fit(
        model,
        spec,
        material,
        checkpoint,
        strategy=strategy,
        checkpoint_every=checkpoint_every,
        tensorboard=tensorboard,
        progress=progress,
    )
    model = plain(model)
    with whole_folder(run_folder) as folder:
        judges = {split: SplitLosses(spec, labels, loss_weights(spec)) for split in SPLITS}
        answered = answers(model, features, sequences, prediction_batch(spec))
        rows = _judged_rows(answered, judges, index["split"])
        with table_writer(folder / "predictions.parquet") as write:
            for piece in _predictions(_pieces(samples), rows):
                write(piece)
        metrics = {"best_epoch": best, "without_faces": without}
        for split, judge in judges.items():
            metrics |= {f"{split}_{name}": value for name, value in judge.values().items()}
        metrics["seconds"] = time.perf_counter() - started
        write_json(spec, folder / "spec.json")
        write_table(history, folder / "history.csv")
        model.save(folder / "model.keras")
        write_json(_environment(spec, strategy), folder / "environment.json")
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
    usable = samples["split"].isin(SPLITS)
    if usable.all() and isinstance(samples.index, pd.RangeIndex) and not samples.index.start:
        return samples  # which may take a good part of the memory
    return samples[usable].reset_index(drop=True)


def read_material(
    spec: RunSpec, samples: pd.DataFrame, features: TrackFeatures, splits: Sequence[str] = SPLITS
) -> tuple[np.ndarray, Material]:
    """Return all sequences of some samples, and what a network learns from.

    Parameters
    ----------
    spec : RunSpec
        How it is trained.
    samples : DataFrame
        From `usable_samples`.
    features : TrackFeatures
        Of these samples.
    splits : sequence of str
        Those that must have faces; the material holds their sequences.

    Raises
    ------
    InputError
        If one has no face with a label for some output of the network.
    """
    sequences = build_sequences(samples, spec.sequence_length, spec.max_gap)
    labels = Labels(samples)
    split, names = codes(samples["split"])
    of_sequence = split[sequences[:, 0]]
    parts = {name: sequences[of_sequence == names.get_indexer([name])[0]] for name in splits}
    for name, part in parts.items():
        for output in network_spec(spec.network).heads:
            if not labels.count(output, part[part >= 0]):
                raise InputError(
                    f"samples: the {name} split has no face with a label for the {output} output; "
                    "annotate more people or change the shares under 'split'"
                )
    return sequences, Material(features, labels, parts)


def new_model(
    spec: RunSpec, features: TrackFeatures, backbone: Backbone | None = None
) -> keras.Model:
    """Return the network of a run as it is before training, the same each time, compiled."""
    make_deterministic(spec.seed)
    dimension = backbone.dimension if spec.end_to_end else features.shape[1]
    policy = dtype_policy(spec.precision)
    model = build_network(spec.architecture, spec.sequence_length, dimension, spec.dropout, policy)
    if spec.end_to_end:
        unfreeze(backbone, spec.unfreeze)
        model = assemble(backbone, model, policy.removeprefix("mixed_"))
    return compile_model(model, spec)


def _categories_without_faces(samples: pd.DataFrame, spec: RunSpec) -> dict[str, list[str]]:
    """Return the categories that no face of a split shows, by split, and warn of them."""
    if "category" not in network_spec(spec.network).heads:
        return {}
    lacking = {
        split: [emotion for emotion in EMOTIONS if emotion not in set(shown)]
        for split, shown in samples.groupby("split", observed=True)["emotion"].unique().items()
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


def _digest(samples: pd.DataFrame | SampleFile) -> str:
    """Return what changes with any value of the samples that training depends on."""
    if isinstance(samples, SampleFile):
        return samples.digest()
    digest = hashlib.sha256()
    for piece in _pieces(samples[[*_FACE_COLUMNS, "row"]]):
        digest.update(pd.util.hash_pandas_object(piece, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def _pieces(samples: pd.DataFrame | SampleFile) -> Iterator[pd.DataFrame]:
    """Return the faces in order, some ten thousand at a time."""
    if isinstance(samples, SampleFile):
        return samples.chunks([*_FACE_COLUMNS, "row"])
    return (samples.iloc[start : start + ROWS] for start in range(0, len(samples), ROWS))


def _judged_rows(
    answered: Iterable[Answers], judges: dict[str, SplitLosses], split: pd.Series
) -> Iterator[dict[str, np.ndarray]]:
    """Yield the answers, a row a face in order, and let the judge of their split count them."""
    numbers, names = codes(split)
    for batch, outputs in answered:
        of_sequence = np.where(batch[:, 0] < 0, -1, numbers[batch[:, 0]])
        for name, judge in judges.items():
            here = of_sequence == names.get_loc(name)
            judge.add(batch[here], {output: values[here] for output, values in outputs.items()})
        yield {output: values[batch >= 0] for output, values in outputs.items()}


def _predictions(
    pieces: Iterable[pd.DataFrame], rows: Iterator[dict[str, np.ndarray]]
) -> Iterator[pd.DataFrame]:
    """Yield the pieces of a table of faces with what was answered beside each face."""
    held = next(rows)
    for faces in pieces:
        while len(next(iter(held.values()))) < len(faces):
            more = next(rows)
            held = {name: np.concatenate([values, more[name]]) for name, values in held.items()}
        yield _with_answers(faces, {name: values[: len(faces)] for name, values in held.items()})
        held = {name: values[len(faces) :] for name, values in held.items()}


def _with_answers(faces: pd.DataFrame, outputs: dict[str, np.ndarray]) -> pd.DataFrame:
    table = faces[_FACE_COLUMNS].copy()
    if "category" in outputs:
        table["predicted_emotion"] = np.array(EMOTIONS)[outputs["category"].argmax(axis=1)]
        for column, emotion in enumerate(EMOTIONS):
            table[f"probability_{emotion}"] = outputs["category"][:, column]
    if "dimensional" in outputs:
        for column, dimension in enumerate(DIMENSIONS):
            table[f"predicted_{dimension}"] = outputs["dimensional"][:, column]
    return table


def _environment(spec: RunSpec, strategy: str) -> dict[str, str]:
    packages = ("keras", "numpy", "pandas", keras.backend.backend())
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "backend": keras.backend.backend(),
        "devices": ", ".join(device_names()),
        "strategy": strategy,
        "precision": dtype_policy(spec.precision),
        "emolib": __version__,
        **{package: version(package) for package in packages},
    }
