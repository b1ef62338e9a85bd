r"""How well people who rated the same videos agree: the ceiling of what a network can learn.

Conventions
-----------
- Ratings are compared as they were given: not shifted in time, not fused, not interpolated.
- Valence and arousal: time is cut into bins as long as the slowest rater's median step in that
  track, and a rater's value in a bin is the mean of the samples in it. Where raters share their
  stamps that is sample against sample. Bins that a rater left empty say nothing about that rater.
- Categories: time is cut wherever somebody's interval starts or ends. Nothing changes within a
  piece, so a piece counts by its length, and no rate of sampling enters.
- With fewer than two raters there is nothing to compare, and the tables are empty.

References
----------
Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
Measurement 20(1), 37-46. doi:10.1177/001316446002000104
Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16,
297-334. doi:10.1007/BF02310555
Fleiss, J. L. (1971). Measuring nominal scale agreement among many raters. Psychological Bulletin
76(5), 378-382. doi:10.1037/h0031619
McGraw, K. O., and Wong, S. P. (1996). Forming inferences about some intraclass correlation
coefficients. Psychological Methods 1(1), 30-46. doi:10.1037/1082-989X.1.1.30
Shrout, P. E., and Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater
reliability. Psychological Bulletin 86(2), 420-428. doi:10.1037/0033-2909.86.2.420
"""

from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.metrics import cohen_kappa_score

from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.labels import DIMENSIONS

DIMENSIONAL_COLUMNS = (
    "dimension", "raters", "tracks", "n", "mean_ccc", "icc_2_1", "icc_2_k", "alpha"
)  # fmt: skip
"""Columns of `dimensional_agreement`."""

CATEGORICAL_COLUMNS = ("raters", "statistic", "kappa", "agreement", "overlap", "seconds", "tracks")
"""Columns of `categorical_agreement`."""


class Reliability(NamedTuple):
    """Coefficients of a two-way table of targets and raters; NaN where undefined."""

    icc_2_1: float
    icc_2_k: float
    alpha: float


def reliability(ratings: ArrayLike) -> Reliability:
    r"""Intraclass correlations of a complete table of ratings, and Cronbach's alpha.

    With the mean squares of a two-way analysis of variance without replication, of targets
    :math:`T`, of raters :math:`R` and of the residual :math:`E`,

    .. math::

        \mathrm{ICC}(2,1) = \frac{T - E}{T + (k - 1) E + k (R - E) / n}, \quad
        \mathrm{ICC}(2,k) = \frac{T - E}{T + (R - E) / n}, \quad
        \alpha = \frac{T - E}{T}

    (Shrout and Fleiss 1979; ICC(A,1) and ICC(A,k) of McGraw and Wong 1996). The first two say how
    far one rater, and the mean of these `k`, can stand for any others, differences in level
    included; alpha, which equals ICC(3,k), forgives differences in level.

    Parameters
    ----------
    ratings : array_like of shape (n, k)
        One row a target, one column a rater; no NaN.

    Returns
    -------
    Reliability
        Each at most 1; negative where raters agree less than by chance; NaN for fewer than two
        targets or raters, or where targets do not differ at all.

    Raises
    ------
    InputError
        If the table is not two-dimensional or a rating is missing.
    """
    ratings = np.asarray(ratings, float)
    if ratings.ndim != 2 or not np.isfinite(ratings).all():
        raise InputError(
            f"ratings of shape {ratings.shape} must be a complete table of targets and raters; "
            "leave out targets that somebody did not rate"
        )
    n, k = ratings.shape
    if n < 2 or k < 2:
        return Reliability(np.nan, np.nan, np.nan)
    by_target = ratings.mean(axis=1, keepdims=True) - ratings.mean()
    by_rater = ratings.mean(axis=0, keepdims=True) - ratings.mean()
    residual = ratings - ratings.mean() - by_target - by_rater
    targets = k * (by_target**2).sum() / (n - 1)
    raters = n * (by_rater**2).sum() / (k - 1)
    error = (residual**2).sum() / ((n - 1) * (k - 1))
    level = (raters - error) / n
    return Reliability(
        _ratio(targets - error, targets + (k - 1) * error + k * level),
        _ratio(targets - error, targets + level),
        _ratio(targets - error, targets),
    )


def ccc_matrix(dimensional: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Concordance of every two raters over the times that both rated, all tracks pooled.

    Parameters
    ----------
    dimensional : pandas.DataFrame
        ``track, time`` (s), ``valence, arousal, rater``; NaN where a dimension was not rated.
    dimension : str
        ``valence`` or ``arousal``.

    Returns
    -------
    pandas.DataFrame of float, rater x rater
        Symmetric, raters sorted; NaN for raters without two times in common. Empty for fewer
        than two raters.

    Raises
    ------
    InputError
        If `dimension` is neither of the two.
    """
    if dimension not in DIMENSIONS:
        raise InputError(f"unknown dimension {dimension!r}; it is one of {', '.join(DIMENSIONS)}")
    return _ccc_matrix(_side_by_side(dimensional, dimension))


def dimensional_agreement(dimensional: pd.DataFrame) -> pd.DataFrame:
    """Say how far raters of valence and of arousal agree.

    Parameters
    ----------
    dimensional : pandas.DataFrame
        As in `ccc_matrix`.

    Returns
    -------
    pandas.DataFrame
        One row a dimension that several people rated, columns `DIMENSIONAL_COLUMNS`: number of
        ``raters``; ``tracks`` with more than one; ``n`` times that all of them rated; mean
        concordance of two; and the coefficients of `reliability` over those `n` times.
    """
    rows = []
    for dimension in DIMENSIONS:
        ratings = _side_by_side(dimensional, dimension)
        if ratings.shape[1] < 2:
            continue
        pairs = _ccc_matrix(ratings).to_numpy()[np.triu_indices(ratings.shape[1], 1)]
        several = ratings[ratings.notna().sum(axis=1) > 1]
        everybody = ratings.dropna()
        rows.append(
            (
                dimension,
                ratings.shape[1],
                several.index.get_level_values("track").nunique(),
                len(everybody),
                float(np.nanmean(pairs)) if np.isfinite(pairs).any() else np.nan,
                *reliability(everybody),
            )
        )
    return pd.DataFrame(rows, columns=DIMENSIONAL_COLUMNS)


def fleiss_kappa(counts: ArrayLike, weights: ArrayLike | None = None) -> float:
    r"""Fleiss' kappa: agreement of any number of raters beyond chance (Fleiss 1971, eq. 1-8).

    Parameters
    ----------
    counts : array_like of shape (n, categories)
        How many raters put each target into each category; every row has the same sum, at
        least 2.
    weights : array_like of shape (n,), optional
        How much each target counts, such as its duration; equally by default.

    Returns
    -------
    float
        At most 1; NaN without targets, or where all ratings are of one category.

    Raises
    ------
    InputError
        If the numbers of ratings differ between targets, or are less than 2.
    """
    counts = np.asarray(counts, float)
    weights = np.ones(len(counts)) if weights is None else np.asarray(weights, float)
    if not weights.sum() > 0:
        return np.nan
    n_raters = counts.sum(axis=1)
    if n_raters.min() < 2 or np.ptp(n_raters):
        raise InputError(
            f"targets have {n_raters.min():g} to {n_raters.max():g} ratings; Fleiss' kappa needs "
            "the same number for each, and at least 2"
        )
    k = n_raters[0]
    agreement = np.average((counts * (counts - 1)).sum(axis=1) / (k * (k - 1)), weights=weights)
    chance = (np.average(counts / k, axis=0, weights=weights) ** 2).sum()
    return _ratio(agreement - chance, 1 - chance)


def categorical_agreement(categorical: pd.DataFrame) -> pd.DataFrame:
    """Say how far raters of categories agree, every two of them and all together.

    Of a rater who went through a track several times the last pass counts. Kappas and agreement
    are about the time that all the compared raters labelled; ``overlap`` says how much that is.

    Parameters
    ----------
    categorical : pandas.DataFrame
        ``track, start, end`` (s), ``emotion, rater, pass``.

    Returns
    -------
    pandas.DataFrame
        Columns `CATEGORICAL_COLUMNS`. A row for every two raters (``raters`` such as
        ``anna, ben``; ``statistic`` ``Cohen``) and, of more than two, one for all (``all``,
        ``Fleiss``): ``kappa``; ``agreement``, the share of common time in which all chose the
        same, in [0, 1]; ``overlap``, common time as a share of the time that any of them
        labelled; ``seconds`` of common time; ``tracks`` that hold some. NaN without common time.
    """
    pieces = _pieces(categorical)
    labels, seconds = pieces.drop(columns="seconds"), pieces["seconds"]
    groups = list(combinations(labels.columns, 2))
    if labels.shape[1] > 2:
        groups.append(tuple(labels.columns))
    rows = []
    for raters in groups:
        chosen = labels[list(raters)]
        common = (chosen != "").all(axis=1)
        anyone = (chosen != "").any(axis=1)
        common_labels, weights = chosen[common], seconds[common]
        alike = common_labels.eq(common_labels.iloc[:, 0], axis=0).all(axis=1)
        pair = len(raters) == 2
        kappa = _cohen(common_labels, weights) if pair else _fleiss(common_labels, weights)
        rows.append(
            (
                ", ".join(raters) if pair else "all",
                "Cohen" if pair else "Fleiss",
                kappa,
                _ratio(weights[alike].sum(), weights.sum()),
                _ratio(weights.sum(), seconds[anyone].sum()),
                weights.sum(),
                common_labels.index.nunique(),
            )
        )
    return pd.DataFrame(rows, columns=CATEGORICAL_COLUMNS)


def _side_by_side(dimensional: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """Return (track, bin) x rater: the mean of each rater's samples in each bin of time."""
    stamps = dimensional.sort_values("time", ignore_index=True)
    step = stamps.groupby(["track", "rater"])["time"].diff()
    by_rater = stamps.assign(step=step.where(step > 0)).groupby(["track", "rater"])["step"]
    width = by_rater.median().groupby("track").max()
    rated = stamps[stamps[dimension].notna()]
    width = rated["track"].map(width).astype(float).fillna(1.0)
    # Rounding puts stamps that are multiples of the width into the middle of their bins.
    position = (rated["time"] / width).round().astype(np.int64).rename("bin")
    return rated.groupby(["track", position, "rater"])[dimension].mean().unstack("rater")


def _ccc_matrix(ratings: pd.DataFrame) -> pd.DataFrame:
    names = ratings.columns if ratings.shape[1] > 1 else ratings.columns[:0]
    matrix = pd.DataFrame(np.nan, names, names)
    for first in names:
        for second in names:
            common = ratings[[first, second]].dropna().to_numpy()
            matrix.loc[first, second] = ccc(common[:, 0], common[:, -1])
    return matrix.rename_axis(index="rater", columns="rater")


def _pieces(categorical: pd.DataFrame) -> pd.DataFrame:
    """Return rows of constant labels: index track, a column a rater ("" none), ``seconds``."""
    last = categorical.groupby(["track", "rater"])["pass"].transform("max")
    categorical = categorical[categorical["pass"] == last].sort_values("start", kind="stable")
    raters = sorted(categorical["rater"].unique())
    tables = [pd.DataFrame(columns=[*raters, "seconds"])]
    for track, intervals in categorical.groupby("track"):
        bounds = np.unique(intervals[["start", "end"]])
        labels = np.full((len(bounds) - 1, len(raters)), "", dtype=object)
        first, last = (np.searchsorted(bounds, intervals[name]) for name in ("start", "end"))
        columns = np.searchsorted(raters, intervals["rater"])
        for i, emotion in enumerate(intervals["emotion"]):  # later ones cover earlier ones
            labels[first[i] : last[i], columns[i]] = emotion
        table = pd.DataFrame(labels, [track] * len(labels), raters)
        tables.append(table.assign(seconds=np.diff(bounds)))
    return pd.concat(tables[1:] or tables)


def _cohen(labels: pd.DataFrame, weights: pd.Series) -> float:
    if labels.empty or np.unique(labels).size < 2:
        return np.nan
    return float(
        cohen_kappa_score(labels.iloc[:, 0], labels.iloc[:, 1], sample_weight=weights.to_numpy())
    )


def _fleiss(labels: pd.DataFrame, weights: pd.Series) -> float:
    counts = [(labels == emotion).sum(axis=1) for emotion in np.unique(labels.to_numpy(str))]
    return fleiss_kappa(np.transpose(counts), weights) if counts else np.nan


def _ratio(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator else np.nan
