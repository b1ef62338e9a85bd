"""How strongly real faces activate each unit: what an activation that was reached is held against.

A number such as a score of 12 says nothing by itself. Real faces are therefore shown to the
network in both ways in which optimal inputs are: held still for a whole sequence, and moving, as
the sequences that they were filmed in. Read is what the network says after the last frame.
"""

import numpy as np
import pandas as pd
from keras import ops

from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.interpretation.keyframes import last_scores
from emolib.interpretation.objectives import objective_table
from emolib.models.inspection import InspectedRun

PERCENTILES = {"low": 1, "median": 50, "high": 99}
"""The percentiles of real faces that are reported."""

_BATCH = 64  # sequences at a time


def sample_windows(
    faces: pd.DataFrame, length: int, max_gap: float, most: int, seed: int
) -> pd.DataFrame:
    """Draw stretches of film.

    Parameters
    ----------
    faces : DataFrame
        ``track``, ``time`` (s), ``row`` and whatever else, in the order of tracks and times.
    length : int
        Faces in each.
    max_gap : float
        Longest time in s between neighbours.
    most : int
        How many at most; all if there are no more.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        A multiple of `length` rows, a stretch after the other. Where a stretch is shorter, its
        last face is repeated.
    """
    windows = build_sequences(faces, length, max_gap)
    rng = np.random.default_rng(seed)
    windows = windows[np.sort(rng.permutation(len(windows))[:most])]
    last = (windows >= 0).sum(axis=1, keepdims=True) - 1
    places = np.minimum(np.arange(length), last)
    return faces.iloc[np.take_along_axis(windows, places, axis=1).ravel()].reset_index(drop=True)


def activations(run: InspectedRun, sequences: np.ndarray) -> pd.DataFrame:
    """Return the activation of every unit after the last frame of feature sequences.

    Parameters
    ----------
    run : InspectedRun
        The network.
    sequences : ndarray (n, length, dimension), or (n, 1, dimension) to be held still
        Features.

    Returns
    -------
    DataFrame, n rows
        A column for each of `emolib.interpretation.objectives.unit_objectives`.

    Raises
    ------
    InputError
        If there is no sequence.
    """
    if not len(sequences):
        raise InputError("there are no real faces to compare activations with")
    length, parts = run.scores.input_shape[1], []
    for start in range(0, len(sequences), _BATCH):
        batch = sequences[start : start + _BATCH].astype(np.float32)
        if batch.shape[1] == 1:
            batch = np.repeat(batch, length, axis=1)
        scores = last_scores(run.scores, ops.convert_to_tensor(batch))
        parts.append(objective_table({name: ops.convert_to_numpy(x) for name, x in scores.items()}))
    return pd.concat(parts, ignore_index=True)


def percentiles(values: pd.DataFrame) -> pd.DataFrame:
    """Summarise activations of real faces.

    Parameters
    ----------
    values : DataFrame
        A column for each objective.

    Returns
    -------
    DataFrame
        A row for each objective: ``unit, low, median, high`` (percentiles 1, 50 and 99, of linear
        interpolation), ``largest`` and ``faces``, their number.
    """
    table = pd.DataFrame(
        {name: np.percentile(values, share, axis=0) for name, share in PERCENTILES.items()}
    )
    table.insert(0, "unit", list(values))
    return table.assign(largest=values.max(axis=0).to_numpy(), faces=len(values))


def strongest(values: pd.Series, faces: pd.DataFrame, count: int) -> list[int]:
    """Return the positions of the faces that activate most, of as many people as there are.

    Parameters
    ----------
    values : Series
        The activation of each face.
    faces : DataFrame
        ``person`` of each, or at least ``track``.
    count : int
        How many.
    """
    who = faces["person" if "person" in faces else "track"].reset_index(drop=True)
    order = np.argsort(-values.to_numpy(), kind="stable")
    first = ~who.iloc[order].duplicated().to_numpy()
    return [int(place) for place in [*order[first], *order[~first]][:count]]
