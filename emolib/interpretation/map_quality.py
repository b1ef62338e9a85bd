r"""How good a map is, and what is near on it: the same person, or the same emotion.

Two things are asked of a map. Is what lies close together on it close in the features too
(`trustworthiness`, `kept_neighbours`)? And does a face agree with its neighbours, more than it
would with faces taken at random (`neighbour_agreement`)?

Conventions
-----------
- Faces of the same track that are close in time are nearly the same picture. They are no
  neighbours of each other here, or every map would look splendid.
- Agreement of two faces is 1 where they show the same person or emotion and 0 where they do not;
  in valence or arousal it is 1 minus half of the distance, which is in [0, 1] too.
- Chance is the mean agreement of a face with all faces that may be its neighbours. The *gain* is

  .. math:: g = \frac{\sum_i a_i - c_i}{\sum_i 1 - c_i}

  over the asking faces i, where a is the mean agreement with the k nearest and c is chance. It is 0
  at chance and 1 where all neighbours agree, like Cohen's kappa, so that persons and emotions can
  be compared although many more persons than emotions could be hit upon.
- Intervals leave out one asking person at a time (`emolib.evaluation.uncertainty`); the map and
  the neighbours stay. They speak about other people on this map.

References
----------
Venna, J., and Kaski, S. (2001). Neighborhood preservation in nonlinear projection methods: an
experimental study. ICANN, 485-491. Trustworthiness.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from sklearn import manifold

from emolib.errors import InputError
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.people import Estimate
from emolib.labels import DIMENSION_RANGE, DIMENSIONS

NEIGHBOURS = 10
"""Nearest faces that are asked."""

APART = 2.0
"""Seconds between faces of a track from which they may be neighbours."""

_BLOCK = 512  # rows of distances in memory at a time


@dataclass(frozen=True)
class Question:
    """In what a face may agree with its neighbours.

    Attributes
    ----------
    column : str
        ``person``, ``emotion``, ``valence`` or ``arousal``.
    strangers : bool
        Whether only other people may be neighbours.
    """

    column: str
    strangers: bool = False


PERSON, EMOTION = "same person", "same emotion"
EMOTION_OF_OTHERS = "same emotion, other people"
QUESTIONS = {
    PERSON: Question("person"),
    EMOTION: Question("emotion"),
    EMOTION_OF_OTHERS: Question("emotion", strangers=True),
    "similar valence, other people": Question("valence", strangers=True),
    "similar arousal, other people": Question("arousal", strangers=True),
}
"""What is asked of a map, by the name to show."""


@dataclass(frozen=True)
class Agreement:
    """How far faces agree with their neighbours: sums for each person who asks.

    Attributes
    ----------
    people : ndarray of str (p,)
        Who asks; a person none of whose faces has a label and a neighbour is not among them.
    faces : ndarray of int (p,)
        Faces of each.
    found : ndarray of float (p,)
        Sum of their mean agreement with their neighbours.
    expected : ndarray of float (p,)
        Sum of their mean agreement with all possible neighbours.
    """

    people: np.ndarray
    faces: np.ndarray
    found: np.ndarray
    expected: np.ndarray

    @property
    def share(self) -> float:
        """Mean agreement with the neighbours, in [0, 1]; NaN if nobody asks."""
        return _ratio(self.found.sum(), self.faces.sum())

    @property
    def chance(self) -> float:
        """Mean agreement with all possible neighbours, in [0, 1]; NaN if nobody asks."""
        return _ratio(self.expected.sum(), self.faces.sum())

    @property
    def gain(self) -> float:
        """How much of what chance leaves open is found; NaN where it leaves nothing open."""
        return float(self._gain(np.ones(len(self.people))))

    def of(self, people: Collection[str]) -> "Agreement":
        """Return the agreement that some of the people find."""
        asked = np.isin(self.people, list(people))
        return Agreement(*(x[asked] for x in vars(self).values()))

    def gains_without_each(self) -> np.ndarray:
        """Return the gain without each person in turn, (p,)."""
        return self._gain(1 - np.eye(len(self.people)))

    def interval(self, confidence: float = 0.95) -> Interval:
        """Return the gain with its interval over people, cut off at 1; NaN for fewer than two."""
        gain, low, high = Estimate(self.gain, self.gains_without_each()).interval(confidence)
        return Interval(gain, low, float(np.minimum(high, 1)))

    def _gain(self, weights: np.ndarray) -> np.ndarray:
        found, expected, faces = (
            weights @ sums for sums in (self.found, self.expected, self.faces.astype(float))
        )
        return _ratio(found - expected, faces - expected)


def gain_difference(a: Agreement, b: Agreement, confidence: float = 0.95) -> Interval:
    """Return gain(a) - gain(b) with an interval that leaves the same person out of both.

    People who ask in one of them only are left out of the comparison.
    """
    people = np.intersect1d(a.people, b.people)
    a, b = a.of(people), b.of(people)
    if list(a.people) != list(b.people):
        raise InputError("the people of two agreements are not in the same order")
    left_out = a.gains_without_each() - b.gains_without_each()
    return Estimate(a.gain - b.gain, left_out).interval(confidence)


def neighbour_agreement(
    asking: pd.DataFrame,
    asking_at: np.ndarray,
    faces: pd.DataFrame,
    faces_at: np.ndarray,
    *,
    questions: Mapping[str, Question] = QUESTIONS,
    k: int = NEIGHBOURS,
    apart: float = APART,
) -> dict[str, Agreement]:
    """Ask faces whether they agree with those near them.

    Parameters
    ----------
    asking, faces : DataFrame
        The faces that ask and those that answer, often the same: ``track, time`` (s), ``person``,
        ``emotion, valence, arousal``. A face without a label neither asks nor answers about it.
    asking_at, faces_at : ndarray (n, d) and (m, d)
        Where they lie, on a map or in the space of features.
    questions : mapping of str to Question
        What they are asked.
    k : int
        Neighbours of a face; ties at the last place are broken arbitrarily. A face with fewer
        that may be asked asks all of them, and one without any does not ask.
    apart : float
        Seconds; a face of the same track that is nearer in time is no neighbour.

    Returns
    -------
    dict of str to Agreement
        By question, in their order.

    Raises
    ------
    InputError
        If there are not as many positions as faces.
    """
    for table, at in ((asking, asking_at), (faces, faces_at)):
        if len(table) != len(at):
            raise InputError(f"{len(table)} faces but {len(at)} positions; one each is needed")
    found = {name: np.full((len(asking), 2), np.nan) for name in questions}
    codes = {column: _coded(asking, faces, column) for column in ("track", "person", "emotion")}
    for start in range(0, len(asking), _BLOCK):
        rows = slice(start, start + _BLOCK)
        distance = cdist(asking_at[rows], faces_at, "sqeuclidean")
        gap = np.abs(asking["time"].to_numpy()[rows, None] - faces["time"].to_numpy())
        near_in_time = _same(codes["track"], rows) & (gap < apart)
        for name, question in questions.items():
            agrees = _agreement(asking, faces, codes, question.column, rows)
            barred = near_in_time | np.isnan(agrees)
            if question.strangers:
                barred |= _same(codes["person"], rows)
            found[name][rows] = _nearest_and_all(distance, agrees, barred, k)
    return {name: _sums(asking["person"], values) for name, values in found.items()}


def shuffled_p_value(
    labels: np.ndarray, positions: np.ndarray, *, k: int, n_permutations: int = 999, seed: int
) -> float:
    """Test whether faces of different people share their label with the nearest more than chance.

    The labels are dealt to the faces again and again; the p-value is the share of deals in which
    at least as many neighbours agree, the real one among them. It takes faces that can be
    exchanged for each other, such as one of each video.

    Parameters
    ----------
    labels : ndarray (n,)
        Of the faces.
    positions : ndarray (n, d)
        Where they lie.
    k : int
        Neighbours of a face.
    n_permutations : int
        Deals.
    seed : int
        Of the deals.

    Returns
    -------
    float
        In (0, 1].
    """
    k = min(k, len(positions) - 1)
    _, nearest = cKDTree(positions).query(positions, k + 1)
    neighbours = nearest[:, 1:]
    codes, rng = pd.factorize(labels)[0], np.random.default_rng(seed)
    deals = np.stack([codes, *(rng.permutation(codes) for _ in range(n_permutations))])
    agree = (deals[:, neighbours] == deals[:, :, None]).sum(axis=(1, 2))
    return float(np.mean(agree >= agree[0]))


def trustworthiness(
    features: np.ndarray,
    positions: np.ndarray,
    *,
    k: int = NEIGHBOURS,
    most: int = 2000,
    seed: int,
) -> float:
    """Return how far neighbours on a map are neighbours in the features, in [0, 1].

    Parameters
    ----------
    features : ndarray (n, dimension)
        As they were before any reduction.
    positions : ndarray (n, 2)
        On the map.
    k : int
        Neighbours; fewer than half of the faces.
    most : int
        Faces that it is computed on; more are sampled, since it compares all with all.
    seed : int
        Of the sample.

    References
    ----------
    Venna and Kaski (2001), as `sklearn.manifold.trustworthiness` computes it.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(features))[:most])
    k = min(k, (len(rows) - 1) // 2)
    return float(
        manifold.trustworthiness(
            np.asarray(features[rows], np.float32), positions[rows], n_neighbors=k
        )
    )


def kept_neighbours(
    features: np.ndarray,
    map_features: np.ndarray,
    positions: np.ndarray,
    map_positions: np.ndarray,
    *,
    k: int = NEIGHBOURS,
) -> float:
    """Return which share of the faces nearest to placed ones are nearest on the map as well.

    Parameters
    ----------
    features, positions : ndarray (m, d) and (m, 2)
        Of the placed faces; the features may be reduced.
    map_features, map_positions : ndarray (n, d) and (n, 2)
        Of the faces that the map was made from.
    k : int
        Neighbours. By chance, k / n of them would be kept.
    """
    k = min(k, len(map_positions))
    near = np.argsort(cdist(features, map_features, "sqeuclidean"), axis=1)[:, :k]
    near_on_map = np.argsort(cdist(positions, map_positions, "sqeuclidean"), axis=1)[:, :k]
    return float((near[:, :, None] == near_on_map[:, None, :]).any(axis=2).mean())


def _nearest_and_all(
    distance: np.ndarray, agrees: np.ndarray, barred: np.ndarray, k: int
) -> np.ndarray:
    """Return each row's mean agreement with the k nearest and with all that are not barred."""
    allowed = ~barred
    n_allowed = allowed.sum(axis=1)
    agrees = np.where(allowed, agrees, 0.0)
    k = min(k, distance.shape[1])
    nearest = np.argpartition(np.where(allowed, distance, np.inf), k - 1, axis=1)[:, :k]
    found = np.take_along_axis(agrees, nearest, axis=1).sum(axis=1)
    return np.column_stack(
        [_ratio(found, np.minimum(n_allowed, k)), _ratio(agrees.sum(axis=1), n_allowed)]
    )


def _agreement(
    asking: pd.DataFrame,
    faces: pd.DataFrame,
    codes: Mapping[str, tuple[np.ndarray, np.ndarray]],
    column: str,
    rows: slice,
) -> np.ndarray:
    """Return how far asking faces agree with all faces, (rows, m); NaN where a label lacks."""
    if column in DIMENSIONS:
        low, high = DIMENSION_RANGE
        values = asking[column].to_numpy(float)[rows, None]
        return 1 - np.abs(values - faces[column].to_numpy(float)) / (high - low)
    asked, answered = codes[column]
    same = (asked[rows, None] == answered).astype(float)
    same[asked[rows] < 0] = np.nan
    same[:, answered < 0] = np.nan
    return same


def _coded(asking: pd.DataFrame, faces: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of a column as numbers that are equal where they are; -1 for none."""
    values = pd.concat([asking[column], faces[column]])
    codes = pd.factorize(values.where(values != ""))[0]
    return codes[: len(asking)], codes[len(asking) :]


def _same(codes: tuple[np.ndarray, np.ndarray], rows: slice) -> np.ndarray:
    return codes[0][rows, None] == codes[1]


def _sums(person: pd.Series, values: np.ndarray) -> Agreement:
    table = pd.DataFrame({"found": values[:, 0], "expected": values[:, 1]}).assign(
        person=person.to_numpy()
    )
    by_person = table.dropna().groupby("person")
    sums = by_person.sum()
    return Agreement(
        sums.index.to_numpy(str),
        by_person.size().to_numpy(int),
        sums["found"].to_numpy(float),
        sums["expected"].to_numpy(float),
    )


def _ratio(numerator, denominator):
    """Return a quotient, NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.asarray(numerator, float) / denominator
    return np.where(np.isfinite(ratio), ratio, np.nan)[()]
