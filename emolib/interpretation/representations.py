"""What a trained run makes of faces: features of its backbone, states of its LSTM, and controls.

The state of the LSTM at a face depends on the faces before it in its sequence, so whole sequences
are run, cut from the corpus as for training. The controls are the same architectures without
training: a backbone with random weights, and an LSTM as it is initialised.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.evaluation.formatting import kind_title
from emolib.interpretation.inputs import (
    face_features,
    has_features,
    read_crops,
    trunk_states,
    untrained_trunk,
)
from emolib.models.backbones import ARCHITECTURES, load_backbone
from emolib.models.batches import TrackFeatures
from emolib.models.features import extract_features
from emolib.models.inspection import InspectedRun

RANDOM_CNN, RANDOM_LSTM = "CNN, random weights", "LSTM, untrained"
CONTROLS = (RANDOM_CNN, RANDOM_LSTM)
"""Names of the controls."""


@dataclass(frozen=True)
class SequenceInputs:
    """The features of some faces and of those that share a sequence with them.

    Attributes
    ----------
    features : TrackFeatures or ndarray (m, dimension)
        Of the faces of these sequences.
    sequences : ndarray of int (k, length)
        Positions in the features; -1 for padding.
    wanted : ndarray of int (n,)
        Positions in the features of the faces that were asked for, in their order.
    """

    features: TrackFeatures | np.ndarray
    sequences: np.ndarray
    wanted: np.ndarray


def cnn_name(run: InspectedRun) -> str:
    """Return what the features of a run's backbone are called, such as ``CNN, VGG16``."""
    return f"CNN, {ARCHITECTURES[run.spec.backbone].title}"


def lstm_name(run: InspectedRun) -> str:
    """Return what the states of a run's LSTM are called, such as ``LSTM, category-only``."""
    return f"LSTM, {kind_title(run.spec.kind)}"


def read_inputs(
    run: InspectedRun,
    faces: pd.DataFrame,
    wanted: np.ndarray,
    crops: str | Path,
    cache: str | Path | None = None,
) -> SequenceInputs:
    """Return the features of faces and of their sequences, in the way that a run was trained.

    Parameters
    ----------
    run : InspectedRun
        Its backbone and its sequences are used.
    faces : DataFrame, n rows
        ``track, time, row``; the faces of a track together and in the order of time.
    wanted : ndarray of int
        Positions of the faces that are asked for.
    crops : path
        The folder of ``<track>.npy`` with the pictures.
    cache : path or None
        A folder with features of the tracks. It is used if they were made by the same backbone;
        else the pictures go through the backbone now.
    """
    sequences = build_sequences(faces, run.spec.sequence_length, run.spec.max_gap)
    sequences = sequences[np.isin(sequences, wanted).any(axis=1)]
    valid = sequences >= 0
    shared = np.sort(sequences[valid])
    place = np.full(len(faces), -1)
    place[shared] = np.arange(len(shared))
    nearby = faces.iloc[shared]
    if cache and has_features(run, nearby, cache):
        features = TrackFeatures(nearby, cache)
    else:
        features = face_features(run, nearby, crops)
    return SequenceInputs(features, np.where(valid, place[sequences], -1), place[wanted])


def cnn_features(inputs: SequenceInputs) -> np.ndarray:
    """Return the features of the backbone, float16 (n, dimension), of the faces asked for."""
    return inputs.features[inputs.wanted]


def lstm_states(trunk: keras.Model, inputs: SequenceInputs) -> np.ndarray:
    """Return the states of an LSTM, float32 (n, units), at the faces asked for.

    Parameters
    ----------
    trunk : keras.Model
        From features (batch, time, dimension) to states (batch, time, units).
    inputs : SequenceInputs
        From `read_inputs`.
    """
    return trunk_states(trunk, inputs.features, inputs.sequences)[inputs.wanted]


def random_features(
    run: InspectedRun, faces: pd.DataFrame, crops: str | Path, *, seed: int
) -> np.ndarray:
    """Return what the backbone of a run makes of faces with random weights, float16 (n, d)."""
    spec = run.spec
    backbone = load_backbone(
        spec.backbone,
        weights="random",
        preprocessing=spec.features.preprocessing,
        pooling=spec.features.pooling,
        input_size=spec.crop_size,
        seed=seed,
    )
    return extract_features(read_crops(faces, crops), backbone, precision=spec.features.precision)


def all_representations(
    runs: Mapping[str, InspectedRun],
    faces: pd.DataFrame,
    wanted: np.ndarray,
    crops: str | Path,
    caches: Mapping[str, str | Path],
    *,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return every representation of some faces that a map is made of.

    Parameters
    ----------
    runs : mapping of str to InspectedRun
        Runs by kind; the last one's backbone is looked into, and its architecture serves as
        control.
    faces, wanted, crops
        As in `read_inputs`.
    caches : mapping of str to path
        The folder of the build's features of each backbone.
    seed : int
        Of the controls.

    Returns
    -------
    dict of str to ndarray (n, dimension)
        The features of the last run's backbone, the states of every run's LSTM, then those with
        random weights and of an LSTM that was not trained, by the names to show.
    """
    *_, main = runs.values()
    states: dict[str, np.ndarray] = {}
    for run in runs.values():
        inputs = read_inputs(run, faces, wanted, crops, caches.get(run.spec.backbone))
        states[lstm_name(run)] = lstm_states(run.trunk, inputs)
    return {
        cnn_name(main): cnn_features(inputs),
        **states,
        RANDOM_CNN: random_features(main, faces.iloc[wanted], crops, seed=seed),
        RANDOM_LSTM: lstm_states(untrained_trunk(main, seed), inputs),
    }


def of_run(
    run: InspectedRun,
    faces: pd.DataFrame,
    wanted: np.ndarray,
    crops: str | Path,
    caches: Mapping[str, str | Path],
) -> dict[str, np.ndarray]:
    """Return the features of one run's backbone and the states of its LSTM, by the names to show.

    Parameters are those of `all_representations`.
    """
    inputs = read_inputs(run, faces, wanted, crops, caches.get(run.spec.backbone))
    return {
        cnn_name(run): cnn_features(inputs),
        lstm_name(run): lstm_states(run.trunk, inputs),
    }
