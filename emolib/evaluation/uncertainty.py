r"""Intervals and tests for metrics of faces that come in clusters, the people.

Faces of one person resemble each other, so the person is the unit that is resampled or swapped.
A replicate never touches a face: each metric is a function of sums over faces, those sums are
taken once per person (the sufficient statistics: a confusion matrix, or n and the sums, squares
and products of truth and prediction), and a resample of people is a row of multinomial counts, so
that all replicates together are one matrix product (see `emolib.evaluation.sufficient`).

Conventions
-----------
- Runs: one predictions table, or several of the same network with different seeds. With several,
  the statistic is the mean of the metric over seeds. Seeds are not resampled: an interval speaks
  about other people, for these trained networks.
- Intervals are percentile intervals. With fewer than two people they are NaN.
- A metric undefined in a replicate (the recall of a category that nobody drawn shows) leaves that
  replicate out of the percentiles.

Public functions: `bootstrap`, `bootstrap_difference`, `permutation_test`, `holm`.

References
----------
Efron, B., and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.
Phipson, B., and Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
Applications in Genetics and Molecular Biology 9(1), 39. doi:10.2202/1544-6115.1585
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
Statistics 6(2), 65-70.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emolib.errors import InputError
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import labelled, require_same_faces
from emolib.evaluation.sufficient import person_statistics, score

Runs = pd.DataFrame | Sequence[pd.DataFrame]
"""Predictions of one network: one table, or one per seed."""


class Interval(NamedTuple):
    """An estimate, its percentile interval, and the replicates behind it."""

    estimate: float
    low: float
    high: float
    replicates: np.ndarray


class Permutation(NamedTuple):
    """An observed difference, its two-sided p-value, and whether all swaps were enumerated."""

    difference: float
    p: float
    exact: bool


def bootstrap(
    predictions: Runs, metric: str, *, n_replicates: int = 2000, confidence: float = 0.95, seed: int
) -> Interval:
    """Percentile interval of a metric under resampling of people with replacement.

    Parameters
    ----------
    predictions : pandas.DataFrame or sequence of pandas.DataFrame
        The rows of one split; several tables are the seeds of one network.
    metric : str
        A name in `CATEGORY_METRICS` or `DIMENSIONAL_METRICS` of `emolib.evaluation.metrics`.
    n_replicates : int
        How many times people are drawn.
    confidence : float
        Coverage aimed at, in (0, 1).
    seed : int
        Seed of the draws.

    Returns
    -------
    Interval
        ``replicates`` has shape (n_replicates,).

    Raises
    ------
    InputError
        If the metric is unknown, the network does not predict its target, or the tables do not
        cover the same faces.
    """
    (statistics,) = _aligned([predictions], metric)
    counts = _draws(statistics.shape[1], n_replicates, seed)
    return _interval(_mean_score(metric, counts @ statistics), confidence)


def bootstrap_difference(
    a: Runs, b: Runs, metric: str, *, n_replicates: int = 2000, confidence: float = 0.95, seed: int
) -> Interval:
    """Percentile interval of metric(a) - metric(b), both on the same resampled people.

    Parameters and errors are those of `bootstrap`; `a` and `b` may differ in their number of
    seeds, and must cover the same faces.
    """
    statistics_a, statistics_b = _aligned([a, b], metric)
    counts = _draws(statistics_a.shape[1], n_replicates, seed)
    differences = _mean_score(metric, counts @ statistics_a)
    differences -= _mean_score(metric, counts @ statistics_b)
    return _interval(differences, confidence)


def permutation_test(
    a: Runs, b: Runs, metric: str, *, n_permutations: int = 9999, seed: int
) -> Permutation:
    """Test whether two networks differ, by swapping whole people's predictions between them.

    Under the null hypothesis the label "a" or "b" of a person's predictions is arbitrary. With
    several seeds, seed i of `a` is paired with seed i of `b`, and a person is swapped in all
    pairs at once; a single table is paired with every seed of the other side.

    Parameters
    ----------
    a, b : pandas.DataFrame or sequence of pandas.DataFrame
        The rows of one split, the same faces in each.
    metric : str
        As in `bootstrap`.
    n_permutations : int
        Number of random swaps. When there are no more than that many ways to swap (2 to the
        number of people), all are enumerated instead and the p-value is exact.
    seed : int
        Seed of the random swaps.

    Returns
    -------
    Permutation
        ``p`` is the share of swaps whose difference is at least as large in absolute value;
        random swaps count the observed labelling among them ("+1"), as the exact test does by
        itself. A swap with an undefined metric counts as at least as large. NaN when the observed
        difference is undefined.

    Raises
    ------
    InputError
        As `bootstrap`, and if the numbers of seeds differ and neither is one.
    """
    statistics_a, statistics_b = _aligned([a, b], metric)
    seeds_a, seeds_b = len(statistics_a), len(statistics_b)
    if seeds_a != seeds_b and 1 not in (seeds_a, seeds_b):
        raise InputError(
            f"cannot pair {seeds_a} runs with {seeds_b}; "
            "give both networks the same number of seeds"
        )
    swaps, exact = _swaps(statistics_a.shape[1], n_permutations, seed)
    moved = swaps @ (statistics_b - statistics_a)  # seeds, permutations, statistics
    totals_a = statistics_a.sum(axis=1, keepdims=True) + moved
    totals_b = statistics_b.sum(axis=1, keepdims=True) - moved
    differences = _mean_score(metric, totals_a) - _mean_score(metric, totals_b)
    observed, differences = float(differences[0]), differences[1:]
    if np.isnan(observed):
        return Permutation(np.nan, np.nan, exact)
    # The margin absorbs the rounding of sums that are equal on paper.
    smaller = np.abs(differences) < abs(observed) - 1e-12
    extreme = 1 + int((~smaller).sum())
    return Permutation(observed, extreme / len(swaps), exact)


def holm(p_values: ArrayLike) -> np.ndarray:
    """Adjust p-values of one family of tests for their number (Holm 1979).

    Parameters
    ----------
    p_values : array_like of shape (n,)
        In [0, 1]; NaN marks a test that could not be made and is not counted.

    Returns
    -------
    numpy.ndarray of shape (n,)
        Adjusted p-values, NaN where the input is.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    adjusted = np.array(p_values, dtype=float)
    tested = np.flatnonzero(~np.isnan(adjusted))
    order = tested[np.argsort(adjusted[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(factors * adjusted[order]))
    return adjusted


def _aligned(networks: Sequence[Runs], metric: str) -> list[np.ndarray]:
    """Return the statistics of each network, shape (seeds, people, k), after checking faces."""
    target = metric_target(metric)
    seeds = [[runs] if isinstance(runs, pd.DataFrame) else list(runs) for runs in networks]
    if not all(seeds):
        raise InputError("no run to evaluate: the list of predictions tables is empty")
    rows = [[labelled(table, target) for table in tables] for tables in seeds]
    for tables in rows:
        for table in tables:
            if table is not rows[0][0]:
                require_same_faces(rows[0][0], table)
    return [np.stack([person_statistics(table, target) for table in tables]) for tables in rows]


def _draws(people: int, n_replicates: int, seed: int) -> np.ndarray:
    """Return how often each person is drawn: row 0 once each, then a row per replicate."""
    everyone = np.ones((1, people))
    if people < 2:
        return everyone
    shares = np.full(people, 1 / people)
    drawn = np.random.default_rng(seed).multinomial(people, shares, size=n_replicates)
    return np.concatenate([everyone, drawn])


def _interval(values: np.ndarray, confidence: float) -> Interval:
    """Return the percentile interval of values whose first is the estimate."""
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
    estimate, replicates = float(values[0]), values[1:]
    defined = replicates[~np.isnan(replicates)]
    if not len(defined):
        return Interval(estimate, np.nan, np.nan, replicates)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), replicates)


def _swaps(people: int, n_permutations: int, seed: int) -> tuple[np.ndarray, bool]:
    """Return 0/1 rows marking the people to swap, row 0 nobody; and whether these are all."""
    if 2**people <= n_permutations:
        codes = np.arange(2**people)[:, None]
        return (codes >> np.arange(people) & 1).astype(float), True
    swaps = np.random.default_rng(seed).integers(0, 2, size=(n_permutations, people))
    return np.concatenate([np.zeros((1, people)), swaps]), False


def _mean_score(metric: str, totals: np.ndarray) -> np.ndarray:
    """Return the mean over seeds, shape (m,), from totals of shape (seeds, m, k)."""
    return score(metric, totals).mean(axis=0)
