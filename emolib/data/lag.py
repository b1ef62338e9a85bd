"""Estimates how late raters of valence and arousal react, from what faces show.

A rater who follows a running video sets down now what was seen a moment ago. Where ratings are
shifted back by that time, they go best with the faces; so of several lags the one is taken at
which a simple regression from faces to ratings does best on people it was not fitted to. The
estimate must be made on people who train networks, or it would have seen those who test them.

References
----------
Dalal, N., and Triggs, B. (2005). Histograms of oriented gradients for human detection. IEEE
Conference on Computer Vision and Pattern Recognition, 886-893. doi:10.1109/CVPR.2005.177
Mariooryad, S., and Busso, C. (2015). Correcting time-continuous emotional labels by modeling the
reaction lag of evaluators. IEEE Transactions on Affective Computing 6(2), 97-108.
doi:10.1109/TAFFC.2014.2334294
"""

import warnings
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from emolib.data.matching import nearest
from emolib.errors import InputError
from emolib.labels import DIMENSIONS
from emolib.storage import read_array

LAG_STEP = 0.1
"""Seconds between the lags that are tried."""

LAG_COLUMNS = ("lag", "ccc_valence", "ccc_arousal", "score", "chosen")
"""Columns of the table that `estimate_lag` returns."""

_SIDE = 48  # px; descriptors have 900 numbers
_PENALTIES = (0.1, 1.0, 10.0)  # of the ridge regression, per face
_MAX_FOLDS = 5
_MIN_FACES = 50


def estimate_lag(
    faces: pd.DataFrame,
    dimensional: pd.DataFrame,
    crops: Path,
    *,
    max_distance: float,
    max_lag: float = 3.0,
    n_faces: int = 5000,
    seed: int = 0,
) -> pd.DataFrame:
    """Score constant lags by how well ratings that late can be predicted from faces.

    The same faces, those that have a rating at every lag, are used for all. Each is described by
    histograms of oriented gradients (Dalal and Triggs 2005; the crop as 48 x 48 grey pixels,
    cells of 8, blocks of 16). The mean of each track is taken out of descriptors and ratings,
    because what tells tracks apart does not depend on the lag. A ridge regression is fitted in a
    cross-validation of up to five folds over people, and the score of a lag is the concordance of
    predicted and given values of all held-out faces, averaged over valence and arousal. The
    penalty is that which does best on average over lags.

    Parameters
    ----------
    faces : DataFrame
        Faces of the people who train: ``track``, ``person``, ``time`` (s) and ``row`` of the
        track's crops.
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal``; one rater a track.
    crops : Path
        Folder of ``<track>.npy``, uint8 (n, side, side, 3).
    max_distance : float
        Largest distance in s between a face and its rating, as in matching.
    max_lag : float
        Longest lag in s; those from 0 on are tried, in steps of `LAG_STEP`.
    n_faces : int
        Faces that are drawn, evenly from the people, before anything else; they bound the memory.
    seed : int
        Of the draw.

    Returns
    -------
    DataFrame
        Columns `LAG_COLUMNS`, a row for each lag (s); NaN for a dimension that nobody rated.
        ``chosen`` marks the lag with the highest score, of equal ones the shortest.

    Raises
    ------
    InputError
        If fewer than two people, or fewer than 50 faces, have a rating at every lag, or faces
        tell nothing about ratings at any lag.

    Warns
    -----
    UserWarning
        If the longest lag is chosen, so that a longer one might do still better.
    """
    lags = np.arange(int(max_lag / LAG_STEP + 1e-9) + 1) * LAG_STEP
    drawn = faces.iloc[_draw(faces["person"], n_faces, np.random.default_rng(seed))]
    ratings = _ratings(drawn, dimensional, lags, max_distance)
    rated = np.isfinite(ratings).any(axis=(0, 1))
    complete = np.isfinite(ratings[:, :, rated]).all(axis=(1, 2))
    used, ratings = drawn[complete], ratings[complete][:, :, rated]
    n_people = used["person"].nunique()
    if n_people < 2 or len(used) < _MIN_FACES or not rated.any():
        raise InputError(
            f"only {len(used)} faces of {n_people} people who train have a rating at every lag up "
            f"to {max_lag:g} s; set matching.lag to a number, or matching.max_lag to less"
        )
    scores = np.full((len(lags), len(DIMENSIONS)), np.nan)
    scores[:, rated] = _scores(_descriptors(used, crops), ratings, used)
    table = pd.DataFrame(scores, columns=LAG_COLUMNS[1:3])
    table.insert(0, "lag", lags.round(6))
    table["score"] = table[list(LAG_COLUMNS[1:3])].mean(axis=1)
    best = table["score"].fillna(0.0).idxmax()
    if not table["score"][best] > 0:
        raise InputError(
            "at no lag can ratings be predicted from the faces of other people who train, so none "
            "goes better with them than another; set matching.lag to a number"
        )
    if best == len(table) - 1:
        warnings.warn(
            f"ratings go best with faces at the longest lag that was tried, {max_lag:g} s; set "
            "matching.max_lag to more, and check the offset of the ratings",
            stacklevel=2,
        )
    return table.assign(chosen=table.index == best)


def chosen_lag(table: pd.DataFrame) -> float:
    """Return the lag in s that a table of `estimate_lag` marks."""
    return float(table.loc[table["chosen"], "lag"].iloc[0])


def _ratings(
    faces: pd.DataFrame, dimensional: pd.DataFrame, lags: np.ndarray, max_distance: float
) -> np.ndarray:
    """Return the ratings (faces, lags, 2) of each face at each lag; NaN where there is none."""
    ratings = np.full((len(faces), len(lags), len(DIMENSIONS)), np.nan)
    traces = dict(list(dimensional.groupby("track")))
    times = faces["time"].to_numpy(float)
    for track, rows in faces.groupby("track").indices.items():
        if track not in traces:
            continue
        stamps = traces[track]["time"].to_numpy(float)
        values = np.vstack([traces[track][list(DIMENSIONS)].to_numpy(float), [np.nan, np.nan]])
        for number, lag in enumerate(lags):
            index, _ = nearest(stamps, times[rows] + lag, max_distance)
            ratings[rows, number] = values[index]  # -1, no rating, takes the NaN at the end
    return ratings


def _draw(people: pd.Series, n_faces: int, generator: np.random.Generator) -> np.ndarray:
    """Return positions of faces, at most `n_faces`, each person giving as many as the others."""
    by_chance = people.reset_index(drop=True).sample(frac=1, random_state=generator)
    turn = by_chance.groupby(by_chance).cumcount()
    return np.sort(turn.sort_values(kind="stable").index[:n_faces].to_numpy())


def _descriptors(faces: pd.DataFrame, crops: Path) -> np.ndarray:
    """Return histograms of oriented gradients, float32 (faces, 900)."""
    histogram = cv2.HOGDescriptor((_SIDE, _SIDE), (16, 16), (8, 8), (8, 8), 9)
    found = np.empty((len(faces), histogram.getDescriptorSize()), np.float32)
    rows = faces["row"].to_numpy()
    for track, positions in faces.groupby("track").indices.items():
        pictures = read_array(Path(crops) / f"{track}.npy")
        for position in positions:
            grey = cv2.cvtColor(np.ascontiguousarray(pictures[rows[position]]), cv2.COLOR_RGB2GRAY)
            small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
            found[position] = histogram.compute(small).ravel()
    return found


def _scores(descriptors: np.ndarray, ratings: np.ndarray, faces: pd.DataFrame) -> np.ndarray:
    """Return the concordance (lags, dimensions) of predictions, with the best penalty."""
    # Scikit-learn takes a second to import, which every stage and every look at the graph would.
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GroupKFold

    tracks, people = pd.factorize(faces["track"])[0], faces["person"].to_numpy()
    descriptors = _within_tracks(descriptors, tracks)
    scale = descriptors.std(axis=0)
    descriptors /= np.where(scale > 0, scale, 1)
    # Lags and dimensions are targets of one regression: its matrix is the same for all.
    targets = _within_tracks(ratings.reshape(len(ratings), -1), tracks)
    folds = GroupKFold(min(_MAX_FOLDS, len(np.unique(people))))
    scores = []
    for penalty in _PENALTIES:
        predicted = np.empty_like(targets)
        for fit, held_out in folds.split(descriptors, groups=people):
            model = Ridge(alpha=penalty * len(fit)).fit(descriptors[fit], targets[fit])
            predicted[held_out] = model.predict(descriptors[held_out])
        scores.append(_concordance(targets, predicted))
    best = np.nan_to_num(scores).mean(axis=1).argmax()
    return scores[best].reshape(ratings.shape[1:])


def _within_tracks(values: np.ndarray, tracks: np.ndarray) -> np.ndarray:
    """Take the mean of each track out of values (n, k)."""
    sums = np.zeros((tracks.max() + 1, values.shape[1]))
    np.add.at(sums, tracks, values)
    return values - (sums / np.bincount(tracks)[:, None])[tracks]


def _concordance(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return Lin's concordance of each column; NaN for a truth that does not vary."""
    level, predicted_level = truth.mean(axis=0), prediction.mean(axis=0)
    covariance = ((truth - level) * (prediction - predicted_level)).mean(axis=0)
    spread = truth.var(axis=0) + prediction.var(axis=0) + (level - predicted_level) ** 2
    varies = truth.std(axis=0) > 1e-9  # taking out a mean leaves rounding
    return np.divide(2 * covariance, spread, out=np.full(spread.shape, np.nan), where=varies)
