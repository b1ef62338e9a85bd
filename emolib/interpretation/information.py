r"""How much the category of a face and its valence and arousal tell about each other, in bits.

With :math:`C` the category and :math:`X` the pair of valence and arousal, all that is said here
follows from the mutual information

.. math:: I(C; X) = H(C) - H(C \mid X) = h(X) - h(X \mid C).

Conventions
-----------
- :math:`H` is the entropy of a category in bits, :math:`h` the differential entropy of a pair of
  values in [-1, 1]: the logarithm of the area over which it spreads, which may be negative.
- Densities are estimated by nearest neighbours (Ross 2014, with the maximum norm of Kraskov et
  al. 2004) among the faces of *other* people. The nearest neighbours of a frame are the frames
  before and after it, which would tell the category of any frame whatever its valence and arousal
  are; leaving out what is near in time (Theiler 1986) is here leaving out the person.
- People who differ from the others make the estimate smaller, for the density of others fits them
  less well: the information is what the annotation of a stranger tells.
- The mutual information is a mean of :math:`\log p(c, x) / p(c) p(x)` over faces. That is also its
  influence function (Kandasamy et al. 2015), so an interval needs no more than the mean
  without each person in turn. For 30 people who differ in nothing but what they happened to
  feel, nine of ten such 95 % intervals hold the truth (see the tests).

References
----------
Kandasamy, K., Krishnamurthy, A., Poczos, B., Wasserman, L., and Robins, J. M. (2015).
Nonparametric von Mises estimators for entropies, divergences and mutual informations. Advances
in Neural Information Processing Systems 28.
Kraskov, A., Stoegbauer, H., and Grassberger, P. (2004). Estimating mutual information. Physical
Review E 69, 066138. doi:10.1103/PhysRevE.69.066138
Ross, B. C. (2014). Mutual information between discrete and continuous data sets. PLoS ONE 9(2),
e87357. doi:10.1371/journal.pone.0087357
Theiler, J. (1986). Spurious dimension from correlation algorithms applied to limited time-series
data. Physical Review A 34(3), 2427-2432. doi:10.1103/PhysRevA.34.2427
Zahl, S. (1977). Jackknifing an index of diversity. Ecology 58(4), 907-913. doi:10.2307/1936227
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from scipy.special import digamma

from emolib.evaluation.predictions import emotion_codes
from emolib.interpretation.people import Estimate, combine, ratio
from emolib.labels import DIMENSIONS, EMOTIONS

NEIGHBOURS = 10
"""Faces of others within reach of which a density is taken. Three, the usual number, assume
independent faces, and those of one episode of one other person are not."""

BOTH = " and ".join(DIMENSIONS)


@dataclass(frozen=True)
class Information:
    """What category and valence and arousal tell about each other, in bits.

    Attributes
    ----------
    category : Estimate
        Entropy of the category, H(C), between 0 and 2.8; freed of the bias that few people bring.
    plane : Estimate
        Differential entropy of valence and arousal, h(X), at most 2.
    shared : dict of str to Estimate
        Mutual information of the category with valence, with arousal, and with both.
    by_category : dict of str to Estimate
        What valence and arousal tell where the category is that one: the mean of the same terms
        over its faces, which may be negative.
    left_out : tuple of str
        Categories that fewer than two people show; nothing can be said of them.
    people : tuple of str
        Whose faces count, in sorted order.
    """

    category: Estimate
    plane: Estimate
    shared: dict[str, Estimate]
    by_category: dict[str, Estimate]
    left_out: tuple[str, ...]
    people: tuple[str, ...] = ()

    @property
    def told(self) -> Estimate:
        """Mutual information of the category with both dimensions."""
        return self.shared[BOTH]

    @property
    def share(self) -> Estimate:
        """Share of the entropy of the category that both dimensions tell."""
        return combine(np.divide, self.told, self.category)

    @property
    def category_left(self) -> Estimate:
        """Entropy of the category where valence and arousal are known, H(C | X)."""
        return combine(np.subtract, self.category, self.told)

    @property
    def plane_left(self) -> Estimate:
        """Differential entropy of valence and arousal where the category is known, h(X | C)."""
        return combine(np.subtract, self.plane, self.told)

    @property
    def categories_left(self) -> Estimate:
        """As how many equally likely categories there are, on average, at a known pair."""
        return combine(np.exp2, self.category_left)

    @property
    def area_left(self) -> Estimate:
        """Share of the area that valence and arousal still spread over at a known category."""
        return combine(lambda told: np.exp2(-told), self.told)


def measure_information(
    samples: pd.DataFrame, *, seed: int, neighbours: int = NEIGHBOURS
) -> Information:
    """Measure what category and valence and arousal tell about each other.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, emotion, valence, arousal``, all of them labelled; some time apart, or it takes
        long (time and memory grow with the square of the number of faces).
    seed : int
        Of what is added to tell equal ratings apart, at most half their spacing.
    neighbours : int
        See `NEIGHBOURS`.

    Returns
    -------
    Information
        Of the categories that two people show; NaN where there are not two of them.
    """
    people = samples.groupby("emotion")["person"].nunique()
    usable = samples[samples["emotion"].map(people) >= 2]
    left_out = tuple(emotion for emotion in EMOTIONS if people.get(emotion, 2) < 2)
    if usable["emotion"].nunique() < 2:
        nothing = Estimate(np.nan, np.full(1, np.nan))
        shared = dict.fromkeys((*DIMENSIONS, BOTH), nothing)
        return Information(nothing, nothing, shared, {}, left_out)
    person, codes = usable["person"].to_numpy(), emotion_codes(usable["emotion"])
    values = _tell_apart(usable[list(DIMENSIONS)].to_numpy(float), seed)
    columns = {name: [number] for number, name in enumerate(DIMENSIONS)} | {BOTH: [0, 1]}
    category = category_entropy(codes, person)
    terms = {
        name: _local_terms(codes, values[:, used], person, neighbours)
        for name, used in columns.items()
    }
    return Information(
        category=category,
        plane=ratio(local_entropy(values, person, neighbours), 1, person),
        shared={
            name: combine(np.add, category, ratio(told, 1, person))
            for name, (_, told) in terms.items()
        },
        by_category={
            emotion: ratio(sum(terms[BOTH]) * (codes == code), codes == code, person)
            for code, emotion in enumerate(EMOTIONS)
            if (codes == code).any()
        },
        left_out=left_out,
        people=tuple(np.unique(person)),
    )


def share_difference(first: Information, second: Information) -> Estimate:
    """Return by how much more of its category the first tells, where both are of the same faces.

    Whose faces count on one side only, as of a category that nobody else shows, changes nothing on
    the other one when left out.
    """
    everyone = sorted({*first.people, *second.people})
    shares = []
    for each in (first, second):
        without = dict(zip(each.people, each.share.left_out, strict=True))
        left_out = [without.get(person, each.share.value) for person in everyone]
        shares.append(Estimate(each.share.value, np.array(left_out)))
    return combine(np.subtract, *shares)


def information_table(found: Information, *, confidence: float) -> pd.DataFrame:
    """Put what each dimension tells, and both, into a table.

    Returns
    -------
    pandas.DataFrame
        ``known, bits, low, high`` (the mutual information), ``of the category`` (its share of the
        entropy of the category) and ``categories left`` (equally likely ones, on average, of as
        many as the first row says).
    """
    whole = found.category
    rows = [("nothing", 0.0, np.nan, np.nan, 0.0, 2**whole.value)]
    for name, told in found.shared.items():
        left = combine(np.subtract, whole, told)
        share = combine(np.divide, told, whole).value
        rows.append((name, *told.interval(confidence), share, 2**left.value))
    columns = ["known", "bits", "low", "high", "of the category", "categories left"]
    return pd.DataFrame(rows, columns=columns)


def local_information(
    category: ArrayLike, values: ArrayLike, person: ArrayLike, neighbours: int = NEIGHBOURS
) -> np.ndarray:
    r"""Estimate log2 p(category, values) / p(category) p(values) at each face, from other people.

    With N faces of other people, of which N' show the category, k of these N' within the distance
    of the k-th nearest of them, and m of all N within it, the estimate is
    :math:`\psi(N + 1) - \psi(N' + 1) + \psi(k) - \psi(m)` (Ross 2014, equation 4, where every
    sample is a person). Its mean over faces is the mutual information.

    Parameters
    ----------
    category : array_like, shape (n,)
    values : array_like, shape (n, d)
    person : array_like, shape (n,)
    neighbours : int
        k, at least 1; all there are where others show the category less often.

    Returns
    -------
    numpy.ndarray, shape (n,)
        In bits; NaN where nobody else shows the category.
    """
    return sum(_local_terms(category, values, person, neighbours))


def local_entropy(values: ArrayLike, person: ArrayLike, neighbours: int = NEIGHBOURS) -> np.ndarray:
    """Estimate -log2 of the density of values at each face, from other people.

    The estimate of Kozachenko and Leonenko, as Kraskov et al. (2004, equation 20) write it; the
    mean over faces is the differential entropy. Parameters are those of `local_information`.
    """
    values = np.asarray(values, float)
    result = np.full(len(values), np.nan)
    for own, others, distances in _to_other_people(values, person):
        k = min(neighbours, len(others))
        if k:
            sides = 2 * _kth_smallest(distances, k)
            volume = values.shape[1] * np.log(np.maximum(sides, np.finfo(float).tiny))
            result[own] = digamma(len(others) + 1) - digamma(k) + volume
    return result / np.log(2)


def category_entropy(category: ArrayLike, person: ArrayLike) -> Estimate:
    """Estimate the entropy of the category, in bits.

    Few people show too few categories, which makes the entropy of their faces too small. The
    jackknife (Zahl 1977) takes that away, here with people in place of faces: a correction by the
    number of faces, such as that of Miller and Madow, would take every frame for a new person.
    """
    counts = pd.crosstab(np.asarray(person), np.asarray(category)).to_numpy(float)
    plain, left_out = _entropy(counts.sum(axis=0)), _entropy(counts.sum(axis=0) - counts)
    bias = (len(counts) - 1) * (left_out.mean() - plain)
    # Few people may be corrected for too much; no entropy exceeds that of equal shares.
    bias = max(bias, plain - np.log2(len(EMOTIONS)))
    return Estimate(float(plain - bias), left_out - bias)


def _local_terms(
    category: ArrayLike, values: ArrayLike, person: ArrayLike, neighbours: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return -log2 p(category) and log2 p(category | values), the terms of `local_information`.

    The mean of the first is larger than the entropy of the category, since it asks other people
    about this one; `measure_information` therefore takes that entropy in its place.
    """
    category = np.asarray(category)
    surprise, told = np.full((2, len(category)), np.nan)
    for own, others, distances in _to_other_people(values, person):
        for name in np.unique(category[own]):
            rows, columns = category[own] == name, category[others] == name
            k = min(neighbours, int(columns.sum()))
            if k:
                radius = _kth_smallest(distances[np.ix_(rows, columns)], k)
                within = (distances[rows] <= radius[:, None]).sum(axis=1)
                surprise[own[rows]] = digamma(len(others) + 1) - digamma(columns.sum() + 1)
                told[own[rows]] = digamma(k) - digamma(within)
    return surprise / np.log(2), told / np.log(2)


def _entropy(counts: np.ndarray) -> np.ndarray:
    shares = counts / np.maximum(counts.sum(axis=-1, keepdims=True), 1)
    return -(shares * np.log2(np.where(shares > 0, shares, 1))).sum(axis=-1)


def _to_other_people(values: ArrayLike, person: ArrayLike):
    """Yield each person's faces, those of all others, and the distances, (own, others)."""
    values, (codes, names) = np.asarray(values, float), pd.factorize(np.asarray(person))
    for number in range(len(names)):
        own, others = np.flatnonzero(codes == number), np.flatnonzero(codes != number)
        yield own, others, cdist(values[own], values[others], "chebyshev")


def _kth_smallest(distances: np.ndarray, k: int) -> np.ndarray:
    return np.partition(distances, k - 1, axis=1)[:, k - 1]


def _tell_apart(values: np.ndarray, seed: int) -> np.ndarray:
    """Spread equal ratings over the interval that was rounded to them.

    Distances between ratings in tenths are zero or a tenth. The spacing is taken as the median
    gap between neighbouring values that occur; it is next to nothing for continuous traces.
    """
    generator = np.random.default_rng(seed)
    spaced = values.copy()
    for column in spaced.T:
        gaps = np.diff(np.unique(column))
        if len(gaps):
            column += generator.uniform(-0.5, 0.5, len(column)) * np.median(gaps)
    return spaced
