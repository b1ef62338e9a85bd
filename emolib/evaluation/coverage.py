r"""Whether the intervals and tests of this report keep what they promise, on people made up for it.

The truth is known here: faces are drawn from a population of people whose answers differ from
person to person (random effects), and the value of each metric in that population is a formula.
An interval covers if it holds that value. What is tried is the code that the chapters use, on the
same sums over the faces of a person.

The population
--------------
- Dimensions: the truth of a face is a mean of its person plus a deviation of its own, both normal
  (variances `PERSON_VARIANCE` and `FACE_VARIANCE`); the prediction is ``skill`` times the truth,
  plus an offset of the person and noise of the face, both normal with variance
  `ERROR_VARIANCE`.
- Categories: each person shows categories with shares of its own, Dirichlet around `PRIOR`, and is
  recognised with a probability of its own, Beta around ``skill``; what is not recognised is named
  at random with the shares of `PRIOR`.

What a corpus may have and this population has not
--------------------------------------------------
- Its faces are independent once the person is given, where those of a video follow each other.
- Two networks suit a person independently of each other, where two that learnt from the same faces
  err alike, so that smaller differences between them are found.
- Everybody shows several categories, where a rare one may be shown by one or two people only.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation.metrics import metric_target
from emolib.evaluation.sufficient import dimension_sums, score
from emolib.evaluation.uncertainty import (
    draw_people,
    draw_swaps,
    left_out_scores,
    p_value,
    percentile_limits,
    student_limits,
    swapped_differences,
)
from emolib.labels import EMOTIONS

PERSON_VARIANCE, FACE_VARIANCE, ERROR_VARIANCE = 0.05, 0.05, 0.02
PRIOR = np.array([0.36, 0.06, 0.33, 0.08, 0.07, 0.05, 0.05])
"""Shares of the categories of `emolib.labels.EMOTIONS`, uneven as in the thesis (section 4.2)."""
PRIOR_STRENGTH, SKILL_STRENGTH = 8.0, 6.0
"""The smaller, the more people differ: sums of the parameters of Dirichlet and Beta."""
SKILL = 0.6
"""How well people are recognised on average."""

METHODS = ("people left out", "people drawn", "faces left out")
"""The intervals compared: those of this report; percentiles of the bootstrap over people; and the
first again, but for single faces, as if these were independent."""


def simulate_truth(metric: str, people: int, faces: int, rng: np.random.Generator) -> np.ndarray:
    """Draw what the faces of some people show, shape (people, faces); categories as class indices.

    Parameters
    ----------
    metric : str
        Whose target is simulated.
    people, faces : int
        How many people, and how many faces of each.
    rng : numpy.random.Generator
        Where chance comes from.
    """
    if metric_target(metric) == "emotion":
        shares = rng.dirichlet(PRIOR * PRIOR_STRENGTH, size=(people, 1))
        return _choose(rng, shares, (people, faces))
    of_people = _normal(rng, PERSON_VARIANCE, (people, 1))
    return of_people + _normal(rng, FACE_VARIANCE, (people, faces))


def simulate_answers(
    metric: str, truth: np.ndarray, rng: np.random.Generator, skill: float = SKILL
) -> np.ndarray:
    """Let a network answer, and return its sums face by face.

    Parameters
    ----------
    metric : str
        Whose target is simulated.
    truth : numpy.ndarray, shape (people, faces)
        As `simulate_truth` draws it.
    rng : numpy.random.Generator
        Where chance comes from.
    skill : float
        How well people are recognised on average, in (0, 1).

    Returns
    -------
    numpy.ndarray, shape (people, faces, k)
        Summed over faces, the `person_statistics` of `emolib.evaluation.sufficient`.
    """
    people, faces = truth.shape
    if metric_target(metric) == "emotion":
        beta = SKILL_STRENGTH * skill, SKILL_STRENGTH * (1 - skill)
        right = rng.random((people, faces)) < rng.beta(*beta, size=(people, 1))
        named = np.where(right, truth, _choose(rng, PRIOR, (people, faces)))
        cells = len(EMOTIONS) * truth + named
        return np.eye(len(EMOTIONS) ** 2)[cells]
    offset = _normal(rng, ERROR_VARIANCE, (people, 1))
    noise = _normal(rng, ERROR_VARIANCE, (people, faces))
    return dimension_sums(truth, skill * truth + offset + noise)


def population_value(metric: str, skill: float = SKILL) -> float:
    """Return a metric over infinitely many people of the simulated population.

    Not known for sign agreement, which is NaN.
    """
    if metric_target(metric) != "emotion":
        x = PERSON_VARIANCE + FACE_VARIANCE
        y = skill**2 * x + 2 * ERROR_VARIANCE
        # Per face: n, and the moments of x, y, x^2, y^2, xy; a million makes n - 1 and n alike.
        moments = np.array([1, 0, 0, x, y, skill * x, np.nan])
        return float(score(metric, 1e6 * moments))
    named = skill * np.eye(len(EMOTIONS)) + (1 - skill) * PRIOR
    return float(score(metric, (PRIOR[:, None] * named).reshape(-1)))


def coverage_table(
    metrics: Iterable[str],
    people: Iterable[int],
    *,
    replications: int,
    faces: int = 40,
    n_replicates: int = 400,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Count how often intervals hold the value of the population.

    Parameters
    ----------
    metrics : iterable of str
        Metrics whose value in the population `population_value` knows.
    people : iterable of int
        Numbers of people of a corpus that are tried.
    replications : int
        Corpora drawn of each size.
    faces : int
        Faces of each person.
    n_replicates : int
        Bootstrap draws of people for an interval.
    confidence : float
        Coverage aimed at, in (0, 1).
    seed : int
        Where chance starts.

    Returns
    -------
    pandas.DataFrame
        Columns ``metric, people, method`` (of `METHODS`), ``coverage`` in [0, 1], ``low, high``
        (within which a share of so many corpora stays in 95 of 100 trials, if the interval kept its
        promise) and ``width``, the mean over corpora. An undefined interval covers nothing.
    """
    rows = []
    rng = np.random.default_rng(seed)
    band = stats.binom.interval(0.95, replications, confidence)
    for metric in metrics:
        value = population_value(metric)
        for number in people:
            limits: dict[str, list] = {method: [] for method in METHODS}
            drawn = draw_people(number, n_replicates, seed)
            for _ in range(replications):
                truth = simulate_truth(metric, number, faces, rng)
                by_face = simulate_answers(metric, truth, rng)
                found = _limits(metric, by_face, drawn, confidence)
                for method, each in zip(METHODS, found, strict=True):
                    limits[method].append(each)
            for method, found in limits.items():
                low, high = np.transpose(found)
                rows.append(
                    {
                        "metric": metric,
                        "people": number,
                        "method": method,
                        "coverage": np.mean((low <= value) & (value <= high)),
                        "low": band[0] / replications,
                        "high": band[1] / replications,
                        "width": np.nanmean(high - low),
                    }
                )
    return pd.DataFrame(rows)


def p_values(
    metric: str,
    effect: float,
    *,
    replications: int,
    people: int,
    faces: int = 40,
    n_permutations: int = 499,
    seed: int,
) -> np.ndarray:
    """Test pairs of networks whose skill differs by a known amount.

    Both answer for the same faces; how well a person suits a network is drawn for each anew, and so
    independently of the other network.

    Parameters
    ----------
    metric : str
        What the networks are compared in, as in
        `emolib.evaluation.uncertainty.permutation_test`.
    effect : float
        Skill of the first network minus that of the second; 0 is the null hypothesis.
    replications, people, faces : int
        Pairs drawn; people of a corpus; faces of each person.
    n_permutations : int
        Swaps of people in a test.
    seed : int
        Where chance starts.

    Returns
    -------
    numpy.ndarray, shape (replications,)
        The p-value of each pair.
    """
    rng = np.random.default_rng(seed)
    found = []
    for replication in range(replications):
        truth = simulate_truth(metric, people, faces, rng)
        pair = [
            simulate_answers(metric, truth, rng, SKILL + side * effect / 2).sum(axis=1)[None]
            for side in (1, -1)
        ]
        swaps, _ = draw_swaps(people, n_permutations, seed + replication)
        found.append(p_value(swapped_differences(metric, *pair, swaps)))
    return np.array(found)


def power_table(
    metrics: Iterable[str], effects: Iterable[float], *, alpha: float = 0.05, **settings
) -> pd.DataFrame:
    """Count how often the permutation test finds an effect of a known size.

    Parameters
    ----------
    metrics : iterable of str
        What networks are compared in.
    effects : iterable of float
        Differences of skill that are planted; 0 for none.
    alpha : float
        A p-value of at most that counts as found.
    **settings
        As in `p_values`.

    Returns
    -------
    pandas.DataFrame
        Columns ``metric, effect, difference`` (of the metric, in the population) and ``power``, the
        share of tests that found it.
    """
    rows = []
    for metric in metrics:
        for effect in effects:
            high, low = (population_value(metric, SKILL + side * effect / 2) for side in (1, -1))
            power = np.mean(p_values(metric, effect, **settings) <= alpha)
            rows.append(
                {"metric": metric, "effect": effect, "difference": high - low, "power": power}
            )
    return pd.DataFrame(rows)


def _limits(
    metric: str, by_face: np.ndarray, drawn: np.ndarray, confidence: float
) -> list[tuple[float, float]]:
    """Return the limits of each of `METHODS`."""
    statistics = by_face.sum(axis=1)
    total = statistics.sum(axis=0)
    estimate = score(metric, total)
    faces = by_face.reshape(-1, by_face.shape[-1])
    return [
        student_limits(estimate, left_out_scores(metric, statistics), confidence),
        percentile_limits(score(metric, drawn @ statistics), confidence),
        student_limits(estimate, score(metric, total - faces), confidence),
    ]


def _normal(rng: np.random.Generator, variance: float, shape: tuple[int, ...]) -> np.ndarray:
    return rng.normal(0, np.sqrt(variance), shape)


def _choose(rng: np.random.Generator, shares: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Draw class indices with shares (..., 7) that fit `shape`."""
    edges = np.cumsum(shares, axis=-1)[..., :-1]  # (..., 6), the last edge is 1
    return (rng.random(shape)[..., None] > edges).sum(axis=-1)
