r"""In how many regions of the plane of valence and arousal a category lies.

The thesis (5.4) calls a category *one-to-one* where its faces lie in one region and *one-to-two*
where they lie in two, by eye. Here the number is computed:

1. The density of a category is a mixture of Gaussians. How many is decided by how well a mixture
   fitted to the other people predicts the faces of people it has not seen: the fewest whose mean
   log-likelihood on them is within one standard error of the best
   (Hastie et al. 2009, section 7.10).
2. A region is a part of that density with a peak of its own: components between which the density
   hardly dips are one region (Ray and Lindsay 2005; Hennig 2010), since one region of any other
   than Gaussian shape takes several components.
3. A region holds at least `LEAST_SHARE` of the faces.

The number is a lower bound. Data can show that a density has two peaks, but never that it has no
second one, however small (Donoho 1988); with few people only coarse regions are found.

Why not the Bayesian information criterion: it grows with the logarithm of the number of
independent observations, and a category that six people show in ten episodes each has sixty of
them at most, not the thousands of frames; with the frames it takes every episode for a region.
Nobody knows the effective number beforehand, and people left out need none.

References
----------
Donoho, D. L. (1988). One-sided inference about functionals of a density. The Annals of Statistics
16(4), 1390-1420. doi:10.1214/aos/1176351045
Hastie, T., Tibshirani, R., and Friedman, J. (2009). The Elements of Statistical Learning, second
edition. Springer. doi:10.1007/978-0-387-84858-7
Hennig, C. (2010). Methods for merging Gaussian mixture components. Advances in Data Analysis and
Classification 4, 3-34. doi:10.1007/s11634-010-0058-3
Ray, S., and Lindsay, B. G. (2005). The topography of multivariate normal mixtures. The Annals of
Statistics 33(5), 2042-2065. doi:10.1214/009053605000000417
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.sparse.csgraph import connected_components
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GroupKFold

from emolib.errors import InputError
from emolib.evaluation.uncertainty import student_limits
from emolib.interpretation.people import at_most_each
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.simulation.expression import REGIONS

MOST_COMPONENTS = 4
LEAST_PEOPLE = 4
"""People that have to show a category before its regions can be counted."""

LEAST_SHARE = 0.05
"""Of the faces of a category, in a region; as in the claims ledger."""

DIP = 0.7
"""Two components are apart where the density between them falls below this share of the lower
peak. Two equal Gaussians do so from 2.9 standard deviations on, where 7 % of the faces of each are
nearer to the other."""

FACES_PER_PERSON = 60
"""Faces of a category that count of one person at most, or long videos would make the regions."""

_FOLDS = 10
# Added to every variance: what is narrower than a tenth is an episode of one person, and a mixture
# that follows episodes predicts nobody else.
_SMOOTHING = 0.1**2
_STARTS = 3


@dataclass(frozen=True)
class Regions:
    """The regions of one category.

    Attributes
    ----------
    people : int
        Who show the category.
    components : int
        Gaussians of the mixture chosen.
    number : int
        Regions; 0 where too few people show the category to count them.
    table : pandas.DataFrame
        A row a region, the largest first: ``share`` of the faces, ``valence, arousal`` (its mean).
    gain : float
        What the mixture chosen predicts better than a single Gaussian, in bits for each face of
        people not seen, the mean over people.
    low, high : float
        Its interval over people; where one Gaussian is chosen, of the next larger mixture.
    """

    people: int
    components: int
    number: int
    table: pd.DataFrame
    gain: float
    low: float
    high: float


def find_regions(
    values: ArrayLike, person: ArrayLike, *, seed: int, confidence: float = 0.95
) -> Regions:
    """Count and describe the regions of the plane that some faces lie in.

    Parameters
    ----------
    values : array_like, shape (n, 2)
        Valence and arousal of the faces of a category, in [-1, 1].
    person : array_like, shape (n,)
        Whose faces they are; a person's in the order of time.
    seed : int
        Of the starts of the mixtures.
    confidence : float
        Of the interval of the gain, in (0, 1).
    """
    faces = pd.DataFrame(np.asarray(values, float), columns=list(DIMENSIONS))
    faces = at_most_each(faces.assign(person=np.asarray(person)), FACES_PER_PERSON)
    people = faces["person"].nunique()
    if people < LEAST_PEOPLE:
        nothing = pd.DataFrame(columns=["share", *DIMENSIONS], dtype=float)
        return Regions(people, 0, 0, nothing, np.nan, np.nan, np.nan)
    values, person = faces[list(DIMENSIONS)].to_numpy(), faces["person"].to_numpy()
    likelihood = held_out_likelihood(values, person, seed)
    components = choose_components(likelihood)
    mixture = _fit(values, components, seed)
    region = merge_components(mixture)
    table = _describe(values, region[mixture.predict(values)])
    compared = likelihood[:, max(components, 2) - 1] - likelihood[:, 0]
    gain = compared.mean()
    left_out = (compared.sum() - compared) / (len(compared) - 1)
    low, high = student_limits(gain, left_out, confidence)
    return Regions(people, components, len(table), table, gain, float(low), float(high))


def held_out_likelihood(values: np.ndarray, person: np.ndarray, seed: int) -> np.ndarray:
    """Return how well mixtures of 1, 2, ... Gaussians predict people that they were not fitted on.

    Returns
    -------
    numpy.ndarray, shape (people, MOST_COMPONENTS)
        The mean log2-likelihood of a person's faces, in bits.
    """
    codes, names = pd.factorize(person, sort=True)
    scores = np.empty((len(values), MOST_COMPONENTS))
    folds = GroupKFold(min(_FOLDS, len(names)), shuffle=True, random_state=seed)
    for fitted, unseen in folds.split(values, groups=codes):
        for number in range(MOST_COMPONENTS):
            mixture = _fit(values[fitted], number + 1, seed)
            scores[unseen, number] = mixture.score_samples(values[unseen]) / np.log(2)
    return pd.DataFrame(scores).groupby(codes).mean().to_numpy()


def choose_components(likelihood: np.ndarray) -> int:
    """Return the fewest components within one standard error of the best.

    The standard error is that of the difference to the best, over people.

    Parameters
    ----------
    likelihood : numpy.ndarray, shape (people, k)
        See `held_out_likelihood`.
    """
    best = likelihood[:, likelihood.mean(axis=0).argmax()]
    loss = best[:, None] - likelihood
    error = loss.std(axis=0, ddof=1) / np.sqrt(len(loss))
    return int(np.argmax(loss.mean(axis=0) <= error)) + 1


def merge_components(mixture: GaussianMixture) -> np.ndarray:
    """Return the number of the region, from 0, that each component of a mixture belongs to.

    Two components are in one region if, on the way from one to the other along their ridgeline
    (Ray and Lindsay 2005, equation 4), the density never falls below `DIP` of the lower of its
    peaks on that way; and if both are so with a third one.
    """
    n = len(mixture.means_)
    together = np.eye(n, dtype=bool)
    for a in range(n):
        for b in range(a):
            density = np.exp(mixture.score_samples(_ridgeline(mixture, a, b)))
            together[a, b] = _dip(density) >= DIP
    return connected_components(together, directed=False)[1]


def region_table(
    samples: pd.DataFrame, *, seed: int, confidence: float
) -> tuple[pd.DataFrame, dict[str, Regions]]:
    """Count the regions of every category.

    Parameters
    ----------
    samples : pandas.DataFrame
        ``person, emotion, valence, arousal``, those of a track in the order of time.
    seed, confidence
        See `find_regions`.

    Returns
    -------
    pandas.DataFrame
        ``emotion, people, components, regions`` (both missing where they cannot be counted),
        ``gain, low, high`` as in `Regions`, and ``where``, in words.
    dict of str to Regions
        By category.

    Raises
    ------
    InputError
        If no face has a category.
    """
    found = {
        emotion: find_regions(
            rows[list(DIMENSIONS)], rows["person"], seed=seed, confidence=confidence
        )
        for emotion in EMOTIONS
        if len(rows := samples[samples["emotion"] == emotion])
    }
    if not found:
        raise InputError("no face has a category; there are no regions to count")
    table = pd.DataFrame(
        {
            "emotion": emotion,
            "people": regions.people,
            "components": regions.components or np.nan,
            "regions": regions.number or np.nan,
            "gain": regions.gain,
            "low": regions.low,
            "high": regions.high,
            "where": describe_regions(regions),
        }
        for emotion, regions in found.items()
    )
    return table.astype({"components": "Int64", "regions": "Int64"}), found


def region_centres(found: dict[str, Regions]) -> pd.DataFrame:
    """Return the mean of every region: ``emotion, share, valence, arousal``."""
    tables = [regions.table.assign(emotion=emotion) for emotion, regions in found.items()]
    return pd.concat(tables, ignore_index=True)[["emotion", "share", *DIMENSIONS]]


def planned_regions(emotion: str) -> int | None:
    """Return in how many regions the simulation makes people feel an emotion, counted as here.

    None for neutral, which has no place of its own there: it lies towards the next emotion.
    """
    if emotion not in REGIONS:
        return None
    parts = REGIONS[emotion]
    mixture = GaussianMixture(len(parts))
    mixture.weights_ = np.array([part.share for part in parts])
    mixture.means_ = np.array([part.mean for part in parts])
    mixture.covariances_ = np.stack([np.diag(np.square(part.spread)) for part in parts])
    mixture.precisions_ = np.linalg.inv(mixture.covariances_)
    mixture.precisions_cholesky_ = np.sqrt(mixture.precisions_)
    return len(set(merge_components(mixture)))


def with_planned(table: pd.DataFrame, simulated: bool) -> pd.DataFrame:
    """Return the table of `region_table` with a column ``planned``, if the corpus is simulated."""
    if not simulated:
        return table
    planned = table["emotion"].map(planned_regions).astype("Int64")
    table = table.copy()
    table.insert(list(table).index("regions") + 1, "planned", planned)
    return table


def describe_regions(regions: Regions) -> str:
    """Return where regions are: the share and the mean of each.

    Examples
    --------
    >>> table = pd.DataFrame({"share": [0.8, 0.2], "valence": [-0.5, 0.3], "arousal": [0.3, 0.3]})
    >>> describe_regions(Regions(9, 2, 2, table, 0.1, 0.0, 0.2))
    '80% at (−0.50, 0.30); 20% at (0.30, 0.30)'
    """
    places = (
        f"{row.share:.0%} at ({row.valence:.2f}, {row.arousal:.2f})"
        for row in regions.table.itertuples()
    )
    return "; ".join(places).replace("-", "−") or "–"


def _fit(values: np.ndarray, components: int, seed: int) -> GaussianMixture:
    components = min(components, len(values))
    return GaussianMixture(components, reg_covar=_SMOOTHING, n_init=_STARTS, random_state=seed).fit(
        values
    )


def _describe(values: np.ndarray, region: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(values, columns=list(DIMENSIONS)).groupby(region).mean()
    table.insert(0, "share", np.bincount(region, minlength=len(table))[table.index] / len(values))
    table = table[table["share"] >= LEAST_SHARE].sort_values("share", ascending=False)
    return table.reset_index(drop=True)


def _ridgeline(mixture: GaussianMixture, a: int, b: int) -> np.ndarray:
    """Return points from component a to b on which all peaks of these two lie."""
    precision_a, precision_b = mixture.precisions_[[a, b]]
    mean_a, mean_b = mixture.means_[[a, b]]
    way = np.linspace(0, 1, 101)[:, None, None]
    both = (1 - way) * precision_a + way * precision_b
    weighted = (1 - way) * (precision_a @ mean_a)[:, None] + way * (precision_b @ mean_b)[:, None]
    return np.linalg.solve(both, weighted)[..., 0]


def _dip(density: np.ndarray) -> float:
    """Return the lowest density between two peaks as a share of the lower one; 1 without a dip."""
    before = np.maximum.accumulate(density)
    after = np.maximum.accumulate(density[::-1])[::-1]
    return float((density / np.minimum(before, after)).min())
