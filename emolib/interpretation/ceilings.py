r"""How well either representation can be told from the other alone: what knowing it could bring.

A combined network learns the other representation beside its own. If somebody told it the other
label of every face, and it could see nothing else, this is how far it would get.

Conventions
-----------
- Everything is fitted on other people than it is judged on (groups of people are left out in
  turn) and judged on all people of the corpus; intervals leave out one person at a time.
- Nearest neighbours: the category is that of most of the :math:`\sqrt n` nearest faces in
  valence and arousal, which comes to be the best possible choice as faces become many (Stone
  1977). What it reaches can be reached; the best possible is at least that, for these people.
- The single nearest neighbour errs at most twice as often as the best possible choice, so that
  its error bounds what is possible (Cover and Hart 1967), as faces become many.

References
----------
Cover, T. M., and Hart, P. E. (1967). Nearest neighbor pattern classification. IEEE Transactions on
Information Theory 13(1), 21-27. doi:10.1109/TIT.1967.1053964
Stone, C. J. (1977). Consistent nonparametric regression. The Annals of Statistics 5(4), 595-620.
doi:10.1214/aos/1176343886
"""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from emolib.errors import InputError
from emolib.evaluation.sufficient import PersonSums, score
from emolib.evaluation.uncertainty import (
    Interval,
    difference_interval,
    interval,
    left_out_scores,
)
from emolib.interpretation.people import Estimate, combine
from emolib.labels import DIMENSIONS

CATEGORY_SCORES = ("accuracy", "balanced_accuracy", "macro_f1")
MAJORITY, NEAREST, NEIGHBOURS, BALANCED = (
    "the most frequent category",
    "the nearest face",
    "many nearest faces",
    "many nearest faces, all categories alike",
)
"""What the category is told by; the last weighs each category by its rarity."""

_FOLDS = 10
_EVERYONE = "all"


def category_ceiling(samples: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Name the category of each face from its annotated valence and arousal, in several ways.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``track, frame, person, emotion, valence, arousal``.

    Returns
    -------
    dict of str to pandas.DataFrame
        Predictions tables by the way of naming.

    Raises
    ------
    InputError
        If there is only one person.
    """
    _require_several(samples)
    n = max(1, round(np.sqrt(len(samples))))
    ways = {
        MAJORITY: DummyClassifier(strategy="most_frequent"),
        NEAREST: KNeighborsClassifier(1),
        NEIGHBOURS: KNeighborsClassifier(n),
    }
    values, emotion = samples[list(DIMENSIONS)].to_numpy(float), samples["emotion"].to_numpy(str)
    named = {way: _unseen(model, values, emotion, samples["person"]) for way, model in ways.items()}
    votes = _unseen(KNeighborsClassifier(n), values, emotion, samples["person"], "predict_proba")
    names, counts = np.unique(emotion, return_counts=True)
    named[BALANCED] = names[np.argmax(votes / counts, axis=1)]
    everyone = samples.assign(split=_EVERYONE)
    return {way: everyone.assign(predicted_emotion=each) for way, each in named.items()}


def category_ceiling_table(
    tables: Mapping[str, pd.DataFrame], *, confidence: float
) -> pd.DataFrame:
    """Judge the predictions of `category_ceiling`.

    Returns
    -------
    pandas.DataFrame
        ``told_by, metric, estimate, low, high``, a row for each way and metric of
        `CATEGORY_SCORES`.
    """
    rows = [
        (way, metric, *interval(table, metric, confidence=confidence))
        for way, table in tables.items()
        for metric in CATEGORY_SCORES
    ]
    return pd.DataFrame(rows, columns=["told_by", "metric", "estimate", "low", "high"])


def gain_over_guessing(tables: Mapping[str, pd.DataFrame], *, confidence: float) -> Interval:
    """Return by how much `NEIGHBOURS` names more faces correctly than `MAJORITY`."""
    return difference_interval(
        tables[NEIGHBOURS], tables[MAJORITY], "accuracy", confidence=confidence
    )


def best_possible_accuracy(nearest: pd.DataFrame) -> Estimate:
    r"""Return the most that any way of naming the category can reach, by Cover and Hart.

    With M categories and the error R of the nearest neighbour, no error is below
    :math:`\frac{M - 1}{M} \left(1 - \sqrt{1 - \frac{M}{M - 1} R}\right)`.

    Parameters
    ----------
    nearest : pandas.DataFrame
        The predictions of `category_ceiling` by `NEAREST`.
    """
    statistics = PersonSums(nearest).statistics("emotion")[0]
    accuracy = Estimate(
        float(score("accuracy", statistics.sum(axis=0))), left_out_scores("accuracy", statistics)
    )
    return combine(lambda right: cover_hart(right, nearest["emotion"].nunique()), accuracy)


def cover_hart(accuracy: np.ndarray, categories: int) -> np.ndarray:
    """Return the highest possible accuracy by that of the nearest neighbour.

    Examples
    --------
    >>> float(cover_hart(np.float64(1.0), 7)), round(float(cover_hart(np.float64(0.5), 2)), 3)
    (1.0, 0.5)
    """
    most = (categories - 1) / categories
    return 1 - most * (1 - np.sqrt(np.maximum(1 - (1 - accuracy) / most, 0)))


def dimension_ceiling(samples: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predict valence and arousal of each face as the mean over other people of its category.

    Returns
    -------
    pandas.DataFrame
        The predictions.
    pandas.DataFrame
        Those of the mean over other people whatever the category.

    Raises
    ------
    InputError
        If there is only one person.
    """
    _require_several(samples)
    # All categories are declared, so that one which others do not show takes the common mean.
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    models = (make_pipeline(encoder, LinearRegression()), DummyRegressor())
    everyone = samples.assign(split=_EVERYONE)
    emotion, truth = samples[["emotion"]].to_numpy(str), samples[list(DIMENSIONS)].to_numpy(float)
    tables = []
    for model in models:
        predicted = _unseen(model, emotion, truth, samples["person"])
        columns = {f"predicted_{name}": predicted[:, i] for i, name in enumerate(DIMENSIONS)}
        tables.append(everyone.assign(**columns))
    return tables[0], tables[1]


def explained_variance(
    predictions: pd.DataFrame, baseline: pd.DataFrame, dimension: str
) -> Estimate:
    """Return the share of the variance of a dimension that predictions explain.

    One minus the squared error relative to that of the baseline, people left out in both; below 0
    where the predictions are worse than the baseline.
    """
    errors = []
    for table in (predictions, baseline):
        statistics, metric = PersonSums(table).statistics(dimension)[0], f"mse_{dimension}"
        value = float(score(metric, statistics.sum(axis=0)))
        errors.append(Estimate(value, left_out_scores(metric, statistics)))
    return combine(lambda error, whole: 1 - error / whole, *errors)


def dimension_ceiling_table(samples: pd.DataFrame, *, confidence: float) -> pd.DataFrame:
    """Say how much of valence and arousal the category explains.

    Returns
    -------
    pandas.DataFrame
        ``dimension, metric, estimate, low, high``; the metric ``explained`` or ``ccc``, which is
        close to 0 for the mean.
    """
    by_category, mean = dimension_ceiling(samples)
    rows = []
    for dimension in DIMENSIONS:
        explained = explained_variance(by_category, mean, dimension).interval(confidence)
        rows.append((dimension, "explained", *explained))
        concordance = interval(by_category, f"ccc_{dimension}", confidence=confidence)
        rows.append((dimension, "ccc", *concordance))
    return pd.DataFrame(rows, columns=["dimension", "metric", "estimate", "low", "high"])


def _unseen(
    model: BaseEstimator, inputs, targets, person: pd.Series, method: str = "predict"
) -> np.ndarray:
    """Return what a model says of each person, fitted without them."""
    folds = GroupKFold(min(_FOLDS, person.nunique()))
    with warnings.catch_warnings():
        # A category that only the people left out show gets no vote, which is what is meant.
        warnings.filterwarnings("ignore", "Number of classes in training fold")
        return cross_val_predict(model, inputs, targets, groups=person, cv=folds, method=method)


def _require_several(samples: pd.DataFrame) -> None:
    if samples["person"].nunique() < 2:
        raise InputError("the labelled faces are of one person only; two are needed")
