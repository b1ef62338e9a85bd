r"""Intervals and tests for metrics of faces that come in clusters, the people.

Faces of one person resemble each other, so the person is the unit that is left out, drawn or
swapped. Nothing here touches a face more than once: each metric is a function of sums over faces,
those sums are taken once per person (see `emolib.evaluation.sufficient`), and ten thousand
rearrangements of people are one matrix product. Memory is 8 bytes times the square of the number
of people, or times rearrangements and people, whatever the number of faces.

Conventions
-----------
- Runs: the predictions of one network on one split, as a table, one table per seed, or
  `PersonSums`. With several seeds, the statistic is the mean of the metric over them. Seeds are
  not resampled: an interval speaks about other people, for these trained networks.
- `interval` and `difference_interval` leave out one person at a time and take quantiles of
  Student's t with one degree of freedom less than there are people. Percentile intervals of the
  bootstrap are too narrow for as few people as a corpus can spare for testing; how much,
  `emolib.evaluation.coverage` measures.
- With fewer than two people an interval is NaN, and so it is where the metric is undefined without
  some person, as is the recall of a category that a single person shows.
- Statistics that jump, such as ranks, have no such interval: `draw_people` with replacement and
  take `percentile_limits`.

Public functions: `interval`, `difference_interval`, `permutation_test`, `holm`; for arrays of sums,
`left_out_scores`, `left_out_error`, `student_limits`, `draw_people`, `percentile_limits`,
`draw_swaps`, `swapped_differences`, `p_value`.

References
----------
Efron, B., and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman and Hall.
MacKinnon, J. G., Nielsen, M. O., and Webb, M. D. (2023). Fast and reliable jackknife and bootstrap
methods for cluster-robust inference. Journal of Applied Econometrics 38(5), 671-694.
Phipson, B., and Smyth, G. K. (2010). Permutation p-values should never be zero. Statistical
Applications in Genetics and Molecular Biology 9(1), 39. doi:10.2202/1544-6115.1585
Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal of
Statistics 6(2), 65-70.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from emolib.errors import InputError
from emolib.evaluation.metrics import metric_range, metric_target
from emolib.evaluation.predictions import Predictions
from emolib.evaluation.sufficient import PersonSums, require_alike, score

Runs = Predictions | Sequence[Predictions] | PersonSums
"""Predictions of one network on one split: a table, one per seed, or their sums."""


class Interval(NamedTuple):
    """An estimate and its interval."""

    estimate: float
    low: float
    high: float


class Permutation(NamedTuple):
    """An observed difference, its two-sided p-value, and whether all swaps were enumerated."""

    difference: float
    p: float
    exact: bool


def interval(runs: Runs, metric: str, *, confidence: float = 0.95) -> Interval:
    """Interval of a metric over people, from leaving out one person at a time.

    Parameters
    ----------
    runs : predictions
        Of one network on one split.
    metric : str
        A name in `CATEGORY_METRICS` or `DIMENSIONAL_METRICS` of `emolib.evaluation.metrics`.
    confidence : float
        Coverage aimed at, in (0, 1).

    Returns
    -------
    Interval
        Its limits are cut off at the range of the metric.

    Raises
    ------
    InputError
        If the metric is unknown, the network does not predict its target, or the tables do not
        cover the same faces.
    """
    (statistics,) = _aligned([runs], metric)
    estimate, left_out = _estimate_and_left_out(metric, statistics)
    limits = student_limits(estimate, left_out, confidence)
    low, high = np.clip(limits, *metric_range(metric))
    return Interval(estimate, float(low), float(high))


def difference_interval(a: Runs, b: Runs, metric: str, *, confidence: float = 0.95) -> Interval:
    """Interval of metric(a) - metric(b), from leaving out the same person of both at a time.

    Parameters
    ----------
    a, b : predictions
        Of two networks on one split, over the same faces; they may differ in their number of seeds.
    metric : str
        As for `interval`.
    confidence : float
        Coverage aimed at, in (0, 1).

    Returns
    -------
    Interval
        Of the difference.

    Raises
    ------
    InputError
        As for `interval`, or if the two do not cover the same faces.
    """
    (value_a, left_out_a), (value_b, left_out_b) = (
        _estimate_and_left_out(metric, statistics) for statistics in _aligned([a, b], metric)
    )
    difference = value_a - value_b
    low, high = student_limits(difference, left_out_a - left_out_b, confidence)
    return Interval(difference, float(low), float(high))


def left_out_scores(metric: str, statistics: np.ndarray) -> np.ndarray:
    """Return a metric without each person in turn, shape (..., people).

    Parameters
    ----------
    metric : str
        Its name.
    statistics : numpy.ndarray, shape (..., people, k)
        See `emolib.evaluation.sufficient.person_statistics`.
    """
    everyone_but_one = 1 - np.eye(statistics.shape[-2])
    return score(metric, everyone_but_one @ statistics)


def student_limits(
    estimate: ArrayLike, left_out: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the limits of estimates from their values without each person.

    With :math:`\hat\theta_{(i)}` the value without person i of n, the standard error is
    :math:`s^2 = \frac{n - 1}{n} \sum_i (\hat\theta_{(i)} - \hat\theta_{(\cdot)})^2` (Efron and
    Tibshirani 1993, equation 11.5) and the limits are :math:`\hat\theta \pm t_{n-1} s`, which
    MacKinnon, Nielsen and Webb (2023) recommend for few clusters.

    Parameters
    ----------
    estimate : array_like, shape (...)
        With everyone.
    left_out : numpy.ndarray, shape (..., people)
        Without each person in turn.
    confidence : float
        Coverage aimed at, in (0, 1).
    """
    _require_share(confidence)
    people = left_out.shape[-1]
    if people < 2:
        return np.full_like(estimate, np.nan), np.full_like(estimate, np.nan)
    margin = stats.t.ppf((1 + confidence) / 2, people - 1) * left_out_error(left_out)
    return estimate - margin, estimate + margin


def left_out_error(left_out: np.ndarray) -> np.ndarray:
    """Return the standard error of estimates from their values without each person in turn."""
    return np.sqrt((left_out.shape[-1] - 1) * left_out.var(axis=-1))


def draw_people(people: int, n_replicates: int, seed: int) -> np.ndarray:
    """Return how often each person is drawn, a row a replicate; no row for fewer than two."""
    if people < 2:
        return np.zeros((0, people))
    drawn = np.random.default_rng(seed).integers(people, size=(n_replicates, people))
    # Counted in all replicates at once: a person has another number in each.
    drawn += people * np.arange(n_replicates)[:, np.newaxis]
    return np.bincount(drawn.ravel(), minlength=n_replicates * people).reshape(-1, people)


def percentile_limits(replicates: np.ndarray, confidence: float) -> tuple[float, float]:
    """Return the percentiles of the replicates that are defined; NaN if none is."""
    _require_share(confidence)
    defined = replicates[~np.isnan(replicates)]
    if not len(defined):
        return np.nan, np.nan
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def permutation_test(
    a: Runs, b: Runs, metric: str, *, n_permutations: int = 9999, seed: int
) -> Permutation:
    """Test whether two networks differ, by swapping whole people's predictions between them.

    Under the null hypothesis the label "a" or "b" of a person's predictions is arbitrary. With
    several seeds, seed i of `a` is paired with seed i of `b`, and a person is swapped in all
    pairs at once; a single table is paired with every seed of the other side.

    Parameters
    ----------
    a, b : predictions
        On one split, the same faces in each.
    metric : str
        As in `interval`.
    n_permutations : int
        Number of random swaps. When there are no more than that many ways to swap (2 to the
        number of people), all are enumerated instead and the p-value is exact.
    seed : int
        Seed of the random swaps.

    Returns
    -------
    Permutation
        See `p_value`. NaN when the observed difference is undefined.

    Raises
    ------
    InputError
        As `interval`, and if the numbers of seeds differ and neither is one.
    """
    statistics_a, statistics_b = _aligned([a, b], metric)
    seeds_a, seeds_b = len(statistics_a), len(statistics_b)
    if seeds_a != seeds_b and 1 not in (seeds_a, seeds_b):
        raise InputError(
            f"cannot pair {seeds_a} runs with {seeds_b}; "
            "give both networks the same number of seeds"
        )
    swaps, exact = draw_swaps(statistics_a.shape[1], n_permutations, seed)
    differences = swapped_differences(metric, statistics_a, statistics_b, swaps)
    return Permutation(float(differences[0]), p_value(differences), exact)


def draw_swaps(people: int, n_permutations: int, seed: int) -> tuple[np.ndarray, bool]:
    """Return 0/1 rows marking the people to swap, row 0 nobody; and whether these are all."""
    if 2**people <= n_permutations:
        codes = np.arange(2**people)[:, None]
        return (codes >> np.arange(people) & 1).astype(float), True
    swaps = np.random.default_rng(seed).integers(0, 2, size=(n_permutations, people))
    return np.concatenate([np.zeros((1, people)), swaps]), False


def swapped_differences(
    metric: str, statistics_a: np.ndarray, statistics_b: np.ndarray, swaps: np.ndarray
) -> np.ndarray:
    """Return metric(a) - metric(b), mean over seeds, after each swap; shape (swaps,).

    Statistics have the shape (seeds, people, k); the rows of `swaps` are those of `draw_swaps`.
    """
    moved = swaps @ (statistics_b - statistics_a)  # seeds, swaps, k
    totals_a = statistics_a.sum(axis=1, keepdims=True) + moved
    totals_b = statistics_b.sum(axis=1, keepdims=True) - moved
    return _mean_score(metric, totals_a) - _mean_score(metric, totals_b)


def p_value(differences: np.ndarray) -> float:
    """Return the share of differences at least as large, in absolute value, as the first.

    The first is the observed one, so that it counts among them (Phipson and Smyth 2010). An
    undefined difference counts as at least as large; NaN when the observed one is undefined.
    """
    if np.isnan(differences[0]):
        return np.nan
    # The margin absorbs the rounding of sums that are equal on paper.
    smaller = np.abs(differences[1:]) < abs(differences[0]) - 1e-12
    return (1 + int((~smaller).sum())) / len(differences)


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
    sums = [runs if isinstance(runs, PersonSums) else PersonSums(runs) for runs in networks]
    for other in sums[1:]:
        require_alike(sums[0], other, target)
    return [each.statistics(target) for each in sums]


def _estimate_and_left_out(metric: str, statistics: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean over seeds with everyone, and without each person, shape (people,)."""
    estimate = score(metric, statistics.sum(axis=1)).mean()
    return float(estimate), left_out_scores(metric, statistics).mean(axis=0)


def _mean_score(metric: str, totals: np.ndarray) -> np.ndarray:
    """Return the mean over seeds, shape (m,), from totals of shape (seeds, m, k)."""
    return score(metric, totals).mean(axis=0)


def _require_share(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence}; give a share between 0 and 1, such as 0.95")
