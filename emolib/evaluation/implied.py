r"""Which class shares a table of recalls and total accuracies allows.

The recalls of a classifier, weighted by the shares of the categories, give its total accuracy:

.. math:: \sum_c s_c r_{nc} = t_n, \qquad \sum_c s_c = 1, \qquad s_c \ge 0

All classifiers :math:`n` judged on one split share the unknown :math:`s`. A printed number stands
for an interval of one unit of its last digit, and because no share is negative the extremes of the
left side are those of the recalls. What is left is a set of linear inequalities in :math:`s`, and
linear programmes give the smallest and the largest value of any linear function of the shares.

Conventions
-----------
- Results: a table with ``network``, ``recall_<emotion>`` for the seven categories and
  ``accuracy``, a row a classifier, rounded to two decimals, as
  `emolib.evaluation.audit.category_results` returns it.
- Bounds of results that no shares could have given do not exist; asking for them is an error.

Public functions: `consistent`, `smallest_conflicts`, `without`, `bounds`, `total_bounds`,
`least_distance`.
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import optimize

from emolib.errors import InputError
from emolib.evaluation.published import HALF_UNIT
from emolib.labels import EMOTIONS

RECALLS = [f"recall_{emotion}" for emotion in EMOTIONS]


def consistent(results: pd.DataFrame) -> bool:
    """Return whether any class shares could have given all rows."""
    return _smallest(results, np.zeros(len(EMOTIONS))) is not None


def smallest_conflicts(results: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return the smallest sets of rows without which the others are consistent.

    Returns
    -------
    list of tuple of str
        Names of networks; all sets of the smallest size. One empty set where nothing conflicts.

    Raises
    ------
    InputError
        If no row is consistent even by itself.
    """
    for size in range(len(results)):
        found = [
            names
            for names in combinations(results["network"], size)
            if consistent(without(results, names))
        ]
        if found:
            return found
    raise InputError("no row is consistent by itself; are recalls and accuracies in [0, 1]?")


def without(results: pd.DataFrame, networks: Iterable[str]) -> pd.DataFrame:
    """Return the rows of all other networks."""
    return results[~results["network"].isin(list(networks))]


def bounds(results: pd.DataFrame, emotions: Iterable[str]) -> tuple[float, float]:
    """Return the least and the largest share that some categories can have together.

    Raises
    ------
    InputError
        If the rows are not consistent.
    """
    indicator = np.isin(EMOTIONS, list(emotions)).astype(float)
    return _extremes(results, indicator, indicator)


def total_bounds(results: pd.DataFrame, recalls: ArrayLike) -> tuple[float, float]:
    """Return the least and the largest total accuracy that printed recalls can stand for.

    Parameters
    ----------
    results : pandas.DataFrame
        The rows that bound the class shares.
    recalls : array_like of shape (7,)
        Printed recalls of the network in question, which need not be among those rows.

    Raises
    ------
    InputError
        If the rows are not consistent.
    """
    return _extremes(results, *_rounding(np.asarray(recalls, float)))


def least_distance(first: pd.DataFrame, second: pd.DataFrame) -> float:
    """Return how far apart the class shares of two splits must at least be.

    The distance is the total variation, half the sum of absolute differences: the share of faces
    that would have to change their category to make the splits alike.

    Raises
    ------
    InputError
        If the rows of a split are not consistent.
    """
    n = len(EMOTIONS)
    (rows_a, limits_a), (rows_b, limits_b) = _inequalities(first), _inequalities(second)
    eye, none_a, none_b = np.eye(n), np.zeros((len(rows_a), n)), np.zeros((len(rows_b), n))
    # Unknowns: the shares of both, and upper bounds of their absolute differences.
    programme = optimize.linprog(
        np.repeat([0, 0, 0.5], n),
        A_ub=np.block(
            [
                [rows_a, none_a, none_a],
                [none_b, rows_b, none_b],
                [eye, -eye, -eye],
                [-eye, eye, -eye],
            ]
        ),
        b_ub=np.concatenate([limits_a, limits_b, np.zeros(2 * n)]),
        A_eq=np.kron(np.eye(2, 3), np.ones(n)),  # the shares of each split sum to one
        b_eq=[1, 1],
        bounds=(0, 1),
    )
    if not programme.success:
        raise InputError("rows of a split contradict each other; set smallest_conflicts aside")
    return float(programme.fun)


def _inequalities(results: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return A and b of the inequalities A s <= b that the rows put on the shares s."""
    totals = results["accuracy"].to_numpy()
    least, most = _rounding(results[RECALLS].to_numpy())
    return np.vstack([least, -most]), np.concatenate([totals + HALF_UNIT, HALF_UNIT - totals])


def _rounding(recalls: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.clip(recalls - HALF_UNIT, 0, 1), np.clip(recalls + HALF_UNIT, 0, 1)


def _smallest(results: pd.DataFrame, weights: np.ndarray) -> float | None:
    """Return the smallest weighted sum of shares that the rows allow; None if they allow none."""
    rows, limits = _inequalities(results)
    programme = optimize.linprog(
        weights, A_ub=rows, b_ub=limits, A_eq=np.ones((1, len(EMOTIONS))), b_eq=[1], bounds=(0, 1)
    )
    return float(programme.fun) if programme.success else None


def _extremes(results: pd.DataFrame, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """Return the smallest sum of shares weighted by `low` and the largest weighted by `high`."""
    least, most = _smallest(results, low), _smallest(results, -high)
    if least is None or most is None:
        raise InputError("rows contradict each other; set smallest_conflicts aside first")
    return least, -most
