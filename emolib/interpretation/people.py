"""Faces that come in clusters, the people: fewer of them, and intervals of sums over them.

Neighbouring frames of a person are nearly the same face with nearly the same rating. What looks at
single faces therefore takes them some time apart, and whatever says how sure a number is leaves
out one person at a time, as `emolib.evaluation.uncertainty` does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emolib.errors import InputError
from emolib.evaluation.uncertainty import Interval, student_limits

SHARES = ("share", "hit", "area", "deletion", "insertion")
"""Columns of shares, at whose ends in [0, 1] intervals are cut off."""


@dataclass(frozen=True)
class Estimate:
    """A number, and what it is without each person in turn.

    Attributes
    ----------
    value : float
        With everyone.
    left_out : numpy.ndarray, shape (people,)
        Without each person, people in sorted order.
    """

    value: float
    left_out: np.ndarray

    def interval(self, confidence: float) -> Interval:
        """Return the interval over people; see `emolib.evaluation.uncertainty.student_limits`."""
        low, high = student_limits(self.value, self.left_out, confidence)
        return Interval(self.value, float(low), float(high))


def combine(function: Callable[..., np.ndarray], *estimates: Estimate) -> Estimate:
    """Return a function of estimates over the same people, such as their difference.

    Examples
    --------
    >>> one, two = Estimate(1.0, np.array([0.9, 1.1])), Estimate(2.0, np.full(2, 2.0))
    >>> both = combine(np.multiply, one, two)
    >>> both.value, both.left_out.tolist()
    (2.0, [1.8, 2.2])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = function(*(np.float64(each.value) for each in estimates))
        left_out = function(*(each.left_out for each in estimates))
    return Estimate(float(value), np.broadcast_to(left_out, estimates[0].left_out.shape))


def ratio(part: ArrayLike, whole: ArrayLike, person: ArrayLike) -> Estimate:
    """Return the sum of one quantity over faces, as a share of the sum of another.

    Parameters
    ----------
    part, whole : array_like, shape (n,)
        What each face adds; a scalar stands for the same of every face.
    person : array_like of str, shape (n,)
        Whose face it is.
    """
    codes, names = pd.factorize(np.asarray(person), sort=True)
    sums = [
        np.bincount(codes, np.broadcast_to(each, codes.shape), minlength=len(names))
        for each in (part, whole)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.float64(sums[0].sum()) / sums[1].sum()
        left_out = (sums[0].sum() - sums[0]) / (sums[1].sum() - sums[1])
    return Estimate(float(value), left_out)


def person_means(
    table: pd.DataFrame, by: Sequence[str], columns: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Average columns over rows, with intervals over their people.

    Parameters
    ----------
    table : DataFrame
        A row per face and group, with a column ``person``.
    by : sequence of str
        Columns that name a group.
    columns : sequence of str
        What to average; rows without a value are left out.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        A row per group and column, in the order of the table: `by`, ``quantity`` (the column),
        ``estimate, low, high``, ``faces`` and ``people``.
    """
    rows = []
    for group, of_group in table.groupby(list(by), sort=False):
        for column in columns:
            defined = of_group.dropna(subset=column)
            mean = ratio(defined[column], 1.0, defined["person"])
            low, high = mean.interval(confidence)[1:]
            if column in SHARES:
                low, high = np.clip([low, high], 0, 1)
            counts = len(defined), len(mean.left_out)
            rows.append((*group, column, mean.value, float(low), float(high), *counts))
    names = [*by, "quantity", "estimate", "low", "high", "faces", "people"]
    return pd.DataFrame(rows, columns=names)


def thin(samples: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many faces, evenly spread over those of each person.

    All people are thinned by the same factor, so that nobody's weight changes; everyone keeps a
    face.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person``; the faces of a track in the order of time.
    most : int
        Faces aimed at, at least 1; a few more remain where there are many people with few faces.

    Raises
    ------
    InputError
        If `most` is less than 1.
    """
    if most < 1:
        raise InputError(f"cannot keep {most} faces; give 1 or more")
    step = -(-len(samples) // most)
    return samples[samples.groupby("person").cumcount() % max(step, 1) == 0]


def at_most_each(samples: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many faces of every person, evenly spread over the person's faces."""
    groups = samples.groupby("person")
    place, size = groups.cumcount(), groups["person"].transform("size")
    kept = np.minimum(size, most)
    # Face i is kept where the running share of kept ones passes the next whole number.
    return samples[(place * kept) // size != ((place - 1) * kept) // size]
