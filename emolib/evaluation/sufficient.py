"""Sufficient statistics: sums over the faces of a person from which metrics can be computed.

Sums of several people add up, so a metric of any resample of people is `score` of a sum of rows of
`person_statistics`, whatever the number of faces behind them. The definitions are those of
`emolib.evaluation.metrics`, for whole arrays of sums at once.

A table on disk is summed up chunk by chunk. Memory is that of a chunk and of the sums: 400 bytes a
person for emotions, 56 for a dimension.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import (
    Predictions,
    PredictionsFile,
    as_chunks,
    as_table,
    by_face,
    labelled,
    predicts,
    require_same_faces,
)
from emolib.labels import EMOTIONS


class Identity(NamedTuple):
    """What two tables have in common if they hold the same faces, persons and truths."""

    count: int
    """Faces that carry a truth."""
    digest: int
    """Sum of a hash of every face, person and truth."""


class PersonSums:
    """The seeds of one network on one split, as sums over the faces of each person.

    The sums of a target are taken once, when they are first asked for, and serve every metric,
    interval and test from then on.

    Parameters
    ----------
    tables : predictions or sequence of predictions
        The rows of one split, one table a seed; a `PredictionsFile` is never read as a whole.
    """

    def __init__(self, tables: Predictions | Sequence[Predictions]):
        one = isinstance(tables, pd.DataFrame | PredictionsFile)
        self.tables = [tables] if one else list(tables)
        if not self.tables:
            raise InputError("no run to evaluate: the list of predictions tables is empty")
        self._made: dict[str, tuple[Identity, np.ndarray, np.ndarray]] = {}

    def predicts(self, target: str) -> bool:
        """Return whether every seed predicts a target."""
        return all(predicts(table, target) for table in self.tables)

    def table(self) -> pd.DataFrame:
        """Return the predictions of the first seed, all in memory."""
        return as_table(self.tables[0])

    def identity(self, target: str) -> Identity:
        """Return which faces carry a truth, in short."""
        return self._sums(target)[0]

    def statistics(self, target: str) -> np.ndarray:
        """Return the sums of `person_statistics`, shape (seeds, people, k).

        Raises
        ------
        InputError
            If the network does not predict the target or its seeds cover other faces.
        """
        return self._sums(target)[1]

    def people(self, target: str) -> np.ndarray:
        """Return who is shown, in the order of `statistics`."""
        return self._sums(target)[2]

    def values(self, metric: str) -> np.ndarray:
        """Return a metric over all faces, shape (seeds,)."""
        return score(metric, self.statistics(metric_target(metric)).sum(axis=1))

    def value(self, metric: str) -> float:
        """Return the mean of a metric over seeds; undefined where any seed is."""
        return float(self.values(metric).mean())

    def _sums(self, target: str) -> tuple[Identity, np.ndarray, np.ndarray]:
        if target not in self._made:
            identity, statistics, people = _summed(self.tables[0], target)
            all_statistics = [statistics]
            for other in self.tables[1:]:
                other_identity, statistics, _ = _summed(other, target)
                if other_identity != identity:
                    _require_same(self.tables[0], other, target)
                all_statistics.append(statistics)
            self._made[target] = identity, np.stack(all_statistics), people
        return self._made[target]


def require_alike(first: PersonSums, other: PersonSums, target: str) -> None:
    """Check that two networks were run on the same faces, with the same persons and truths.

    Raises
    ------
    InputError
        If they were not; with counts.
    """
    if first.identity(target) != other.identity(target):
        _require_same(first.tables[0], other.tables[0], target)


def _require_same(first: Predictions, other: Predictions, target: str) -> None:
    """Raise what is wrong with two tables of other identity, which takes looking at each face."""
    require_same_faces(*(by_face(labelled(as_table(each), target)) for each in (first, other)))


def _summed(table: Predictions, target: str) -> tuple[Identity, np.ndarray, np.ndarray]:
    """Return which faces a table holds, the sums over those of each person, and who these are."""
    sums, count, digest, last = [], 0, 0, {}
    for chunk in as_chunks(table, target):
        rows = by_face(labelled(chunk, target))
        people = np.sort(rows["person"].unique().astype(object))
        sums.append(pd.DataFrame(person_statistics(rows, target), people))
        if len(sums) > 1:  # what is in one piece was summed up by pandas, to the last digit
            sums = [pd.concat(sums).groupby(level=0).sum()]
        hashed = pd.util.hash_pandas_object(rows[["person", "truth"]]).to_numpy()
        count, digest = count + len(rows), digest + int(hashed.sum(dtype=np.uint64))
        if _overlap(rows.index, last):  # faces may be repeated: have a look at all of them
            by_face(labelled(as_table(table), target))
    return Identity(count, digest % 2**64), sums[0].to_numpy(), sums[0].index.to_numpy()


def _overlap(faces: pd.MultiIndex, last: dict[str, int]) -> bool:
    """Return whether a track has faces before the last one of an earlier chunk; note the last."""
    frames = faces.to_frame(index=False).groupby("track", observed=True)["frame"]
    found = False
    for track, first, end in frames.agg(["min", "max"]).itertuples():
        found |= first <= last.get(track, first - 1)
        last[track] = max(end, last.get(track, end))
    return found


def person_statistics(rows: pd.DataFrame, target: str) -> np.ndarray:
    """Sum up the faces of each person into what every metric of a target can be computed from.

    Parameters
    ----------
    rows : pandas.DataFrame
        Columns ``person, truth, prediction``, as made by
        `emolib.evaluation.predictions.labelled`.
    target : str
        ``emotion``, ``valence`` or ``arousal``.

    Returns
    -------
    numpy.ndarray, shape (people, k)
        People in sorted order. For emotions k = 49, the confusion matrix row by row. For a
        dimension k = 7: n, and the sums of x, y, x^2, y^2, xy and of sign agreement, where x is
        the truth and y the prediction.
    """
    people, names = pd.factorize(rows["person"], sort=True)
    if target == "emotion":
        cell = rows["truth"].to_numpy() * len(EMOTIONS) + rows["prediction"].to_numpy()
        n_cells = len(EMOTIONS) ** 2
        counts = np.bincount(people * n_cells + cell, minlength=len(names) * n_cells)
        return counts.reshape(len(names), n_cells).astype(float)
    sums = dimension_sums(rows["truth"].to_numpy(float), rows["prediction"].to_numpy(float))
    return pd.DataFrame(sums).groupby(people).sum().to_numpy()


def dimension_sums(truth: np.ndarray, prediction: np.ndarray) -> np.ndarray:
    """Return what single faces add to `person_statistics` of a dimension, shape (..., 7)."""
    x, y = truth, prediction
    agree = (np.sign(x) == np.sign(y)).astype(float)
    return np.stack([np.ones_like(x), x, y, x * x, y * y, x * y, agree], axis=-1)


def score(metric: str, totals: np.ndarray) -> np.ndarray:
    """Compute a metric from statistics summed over people.

    Parameters
    ----------
    metric : str
        A name known to `emolib.evaluation.metrics.metric_target`.
    totals : numpy.ndarray, shape (..., k)
        Sums of rows of `person_statistics`.

    Returns
    -------
    numpy.ndarray, shape (...)
        The metric as `emolib.evaluation.metrics` defines it, NaN where undefined.
    """
    target = metric_target(metric)
    with np.errstate(divide="ignore", invalid="ignore"):
        if target == "emotion":
            shape = (*totals.shape[:-1], len(EMOTIONS), len(EMOTIONS))
            return _category_score(metric, totals.reshape(shape))
        return _dimensional_score(metric.removesuffix(f"_{target}"), totals)


def _category_score(metric: str, confusion: np.ndarray) -> np.ndarray:
    correct = np.diagonal(confusion, axis1=-2, axis2=-1)
    truth, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    if metric == "accuracy":
        return correct.sum(axis=-1) / confusion.sum(axis=(-2, -1))
    per_category = {
        "recall": correct / truth,
        "precision": correct / predicted,
        "f1": 2 * correct / (truth + predicted),
    }
    if metric in ("macro_f1", "balanced_accuracy"):
        values = per_category["f1" if metric == "macro_f1" else "recall"]
        present = truth > 0
        return np.where(present, values, 0).sum(axis=-1) / present.sum(axis=-1)
    name, emotion = metric.split("_")
    return per_category[name][..., EMOTIONS.index(emotion)]


def _dimensional_score(name: str, totals: np.ndarray) -> np.ndarray:
    n, x, y, xx, yy, xy, agree = np.moveaxis(totals, -1, 0)
    if name == "sign_agreement":
        return agree / n
    if name in ("mse", "rmse"):
        squared_error = np.maximum(xx + yy - 2 * xy, 0) / n
        return np.sqrt(squared_error) if name == "rmse" else squared_error
    variance_x, variance_y = _variance(n, x, xx), _variance(n, y, yy)
    covariance = xy / n - x * y / n**2
    # A constant series covaries with nothing; what is left of the sums is rounding.
    covariance = np.where((variance_x == 0) | (variance_y == 0), 0.0, covariance)
    if name == "pearson":
        value = covariance / np.sqrt(variance_x * variance_y)
    else:
        offset = (x - y) / n
        offset = np.where(np.abs(offset) > 1e-14, offset, 0.0)
        value = 2 * covariance / (variance_x + variance_y + offset**2)
    return np.where(n < 2, np.nan, value)


def _variance(n: np.ndarray, total: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Return the population variance from sums; what is below their rounding error is zero."""
    mean_square = squares / n
    variance = mean_square - (total / n) ** 2
    return np.where(variance > 1e-14 * mean_square, variance, 0.0)
