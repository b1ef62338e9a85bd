"""What is put into a run that is looked into: pictures of faces, their features, a fresh LSTM."""

from pathlib import Path

import keras
import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.models.batches import TrackFeatures
from emolib.models.inspection import InspectedRun
from emolib.models.judging import predict_sequences
from emolib.storage import read_array, read_json, record_path


def read_crops(faces: pd.DataFrame, folder: str | Path) -> np.ndarray:
    """Return the pictures of faces, uint8 (n, size, size, 3), from ``<folder>/<track>.npy``."""
    if faces.empty:
        return np.zeros((0, 1, 1, 3), np.uint8)
    files = {track: read_array(Path(folder) / f"{track}.npy") for track in set(faces["track"])}
    return np.stack([files[face.track][face.row] for face in faces.itertuples()])


def has_features(run: InspectedRun, faces: pd.DataFrame, folder: str | Path) -> bool:
    """Return whether a folder holds the features of these faces by the run's own backbone.

    It never does for a backbone that was trained along.
    """
    return not run.spec.end_to_end and were_made_by(run.backbone.key, faces, folder)


def were_made_by(key: str, faces: pd.DataFrame, folder: str | Path) -> bool:
    """Return whether a folder holds features of all these faces by the backbone of this key."""
    files = [Path(folder) / f"{track}.npy" for track in faces["track"].unique()]
    return all(
        file.is_file()
        and record_path(file).is_file()
        and read_json(record_path(file)).get("backbone") == key
        for file in files
    )


def face_features(
    run: InspectedRun,
    faces: pd.DataFrame,
    crops: str | Path,
    stored: str | Path | None = None,
) -> np.ndarray:
    """Return the features of faces, as the network was trained on them.

    Parameters
    ----------
    run : InspectedRun
        The run.
    faces : pandas.DataFrame, n rows
        ``track`` and ``row``, the number of the face within its track.
    crops : path
        Holds ``<track>.npy``, the faces of every track.
    stored : path or None
        A folder where features may be. They are read if the run's backbone made them; else the
        pictures go through the backbone now, track by track, so that few are in memory.

    Returns
    -------
    numpy.ndarray of float16, shape (n, dimension)
        Row i belongs to row i of the table.

    Raises
    ------
    InputError
        If there is no face.
    """
    if faces.empty:
        raise InputError("there are no faces to take features of")
    if stored is not None and has_features(run, faces, stored):
        return TrackFeatures(faces, stored)[np.arange(len(faces))]
    features = np.empty((len(faces), run.backbone.dimension), np.float16)
    for rows in faces.reset_index(drop=True).groupby("track", sort=False).indices.values():
        features[rows] = run.features(read_crops(faces.iloc[rows], crops))
    return features


def trunk_states(
    trunk: keras.Model, features: TrackFeatures | np.ndarray, sequences: np.ndarray
) -> np.ndarray:
    """Return the states of an LSTM, face by face.

    Parameters
    ----------
    trunk : keras.Model
        `InspectedRun.trunk`, or what `untrained_trunk` returns.
    features : TrackFeatures or numpy.ndarray, shape (n, dimension)
        Of the faces.
    sequences : numpy.ndarray of int, shape (k, length)
        Positions of faces, each at most once; -1 for padding.

    Returns
    -------
    numpy.ndarray of float32, shape (n, units)
        NaN for a face that is in no sequence.
    """
    named = keras.Model(trunk.input, {"states": trunk.output})
    return predict_sequences(named, features, sequences)["states"]


def untrained_trunk(run: InspectedRun, seed: int) -> keras.Model:
    """Return the LSTM of a run as it was before training: with other initial weights.

    What can be read from its states comes from the features, a memory and chance.
    """
    trunk = keras.models.clone_model(run.trunk)
    lstm = trunk.get_layer("trunk")
    kernel, recurrent, bias = (weight.shape for weight in lstm.get_weights())
    values = [
        keras.initializers.GlorotUniform(seed)(kernel),
        keras.initializers.Orthogonal(seed=seed + 1)(recurrent),
        # Gates that forget start open, as Keras initialises them: input, forget, cell, output.
        np.repeat([0.0, 1.0, 0.0, 0.0], bias[0] // 4),
    ]
    lstm.set_weights([keras.ops.convert_to_numpy(value) for value in values])
    return trunk
