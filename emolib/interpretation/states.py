"""What a network holds of each face: the features it reads, the states of its LSTM, its answers."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.interpretation.inputs import face_features, trunk_states, untrained_trunk
from emolib.interpretation.probes import (
    CATEGORY_STATES,
    COMBINED_STATES,
    DIMENSIONAL_STATES,
    RANDOM,
)
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS
from emolib.models.backbones import ARCHITECTURES
from emolib.models.inspection import InspectedRun
from emolib.models.judging import predict_sequences

STATES = {
    "category": CATEGORY_STATES,
    "dimensional": DIMENSIONAL_STATES,
    "combined": COMBINED_STATES,
}
"""Names of the states of each kind of network."""


def whole_sequences(inspected: InspectedRun, faces: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many faces, in whole sequences evenly spread over every split.

    A state depends on all frames of its sequence before it, so single faces cannot be left out.

    Parameters
    ----------
    inspected : InspectedRun
        Whose sequences are meant.
    faces : pandas.DataFrame
        ``track, time, split``; those of a track together and in the order of time.
    most : int
        Faces aimed at; one sequence of every split is kept in any case.

    Raises
    ------
    InputError
        If there is no face.
    """
    if faces.empty:
        raise InputError("there are no faces to put through a network")
    sequences = _sequences(inspected, faces)
    step = -(-len(faces) // max(most, 1))
    split = pd.Series(faces["split"].to_numpy(str)[sequences[:, 0]])
    kept = sequences[(split.groupby(split).cumcount() % step == 0).to_numpy()]
    return faces.iloc[np.sort(kept[kept >= 0])].reset_index(drop=True)


def network_states(
    runs: Mapping[str, InspectedRun],
    faces: pd.DataFrame,
    crops: str | Path,
    features: Callable[[str], Path],
    *,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return what networks hold of faces, and what holds as much without training.

    Parameters
    ----------
    runs : mapping of str to InspectedRun
        By kind of network.
    faces : pandas.DataFrame
        ``track, time, row``; those of a track together and in the order of time.
    crops : path
        Holds the faces of every track.
    features : callable
        From the name of a backbone to where its features may be found.
    seed : int
        Of random LSTMs.

    Returns
    -------
    dict of str to numpy.ndarray, shape (n, d)
        For each backbone its features and the states of an LSTM with random weights; then the
        states of each network.
    """
    controls, states = {}, {}
    for kind, inspected in runs.items():
        backbone = ARCHITECTURES[inspected.spec.backbone].title
        held = face_features(inspected, faces, crops, features(inspected.spec.backbone))
        sequences = _sequences(inspected, faces)
        if f"{backbone} features" not in controls:
            random = untrained_trunk(inspected, seed)
            controls[f"{backbone} features"] = held
            controls[f"{backbone} {RANDOM}"] = trunk_states(random, held, sequences)
        states[STATES[kind]] = trunk_states(inspected.trunk, held, sequences)
    return controls | states


def answers_of(
    runs: Mapping[str, InspectedRun],
    faces: pd.DataFrame,
    crops: str | Path,
    features: Callable[[str], Path],
) -> pd.DataFrame:
    """Return what the combined network among some runs says of faces, in place of their labels.

    Parameters
    ----------
    runs, faces, crops, features
        As in `network_states`.

    Returns
    -------
    pandas.DataFrame
        The faces with ``emotion``, ``valence`` and ``arousal`` as the network says them; without
        a row where there is no combined network. Values beyond [-1, 1], which an output without
        bounds may give, are cut off.
    """
    if "combined" not in runs:
        return faces.iloc[:0]
    inspected, faces = runs["combined"], faces.reset_index(drop=True)
    held = face_features(inspected, faces, crops, features(inspected.spec.backbone))
    outputs = predict_sequences(inspected.network, held, _sequences(inspected, faces))
    values = np.clip(outputs["dimensional"], *DIMENSION_RANGE)
    return faces.assign(
        emotion=np.array(EMOTIONS)[outputs["category"].argmax(axis=1)],
        **{name: values[:, column] for column, name in enumerate(DIMENSIONS)},
    )


def _sequences(inspected: InspectedRun, faces: pd.DataFrame) -> np.ndarray:
    spec = inspected.spec
    return build_sequences(faces, spec.sequence_length, spec.max_gap)
