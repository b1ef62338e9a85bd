"""Which of many representations are alike: pair by pair, and on average over kinds of pairs.

Every number comes with two levels of chance. ``other_faces`` pairs each face of one side with a
face of somebody else and compares as before; it keeps what the resemblance of neighbouring frames
and of one person's faces does. ``chance`` is what independent Gaussian numbers of the same size
have on average, in theory; it is lower, because it knows of no resemblance. Networks that were
initialised but not trained are members like others and say what is shared without training.

Intervals are over people: everything is compared without one person at a time, with the directions
that all faces chose.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from emolib.evaluation.formatting import kind_title
from emolib.evaluation.uncertainty import Interval, student_limits
from emolib.interpretation.svcca import (
    Subspace,
    chance_correlation,
    linear_cka,
    other_faces,
    pwcca,
    subspace,
    svcca,
)

MEMBER_COLUMNS = ("backbone", "kind", "network", "seed", "trained")
"""What is known of a run whose representation takes part."""

SAME_NETWORK = "same network, other seed"
SAME_KIND = "same kind, other layers behind the LSTM"
OTHER_BACKBONE = "other backbone, same kind"
OTHER_BOTH = "other backbone, other kind"
UNTRAINED = "both untrained, same backbone"
HALF_TRAINED = "one untrained, same backbone"
UNTRAINED_OTHER = "both untrained, other backbone"
HALF_TRAINED_OTHER = "one untrained, other backbone"

KINDS = ("category", "dimensional", "combined")
"""The kinds of network, in the order of the report."""


@dataclass(frozen=True)
class Relations:
    """Similarity by what two runs have in common.

    Attributes
    ----------
    table : DataFrame
        A row a relation, in a fixed order: ``relation``; ``pairs``, their number; ``svcca`` with
        its limits ``low`` and ``high`` over people, NaN for fewer than two; ``other_faces`` and
        ``chance``; ``pwcca``; ``cka``. Means over the pairs.
    without : dict of str to ndarray (people,)
        SVCCA of each relation without each person in turn.
    """

    table: pd.DataFrame
    without: dict[str, np.ndarray]

    def difference(self, first: str, second: str, confidence: float) -> Interval | None:
        """Return how much more alike pairs of the first relation are, with its interval.

        None where there is no pair of one of them.
        """
        if not {first, second} <= set(self.without):
            return None
        means = self.table.set_index("relation")["svcca"]
        difference = float(means[first] - means[second])
        without = self.without[first] - self.without[second]
        low, high = student_limits(difference, without, confidence)
        return Interval(difference, float(low), float(high))


def known_answers(
    states: ArrayLike, people: ArrayLike, *, most: int, draws: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Compare a representation with others of which the answer is known.

    Parameters
    ----------
    states : array_like (n, d)
        Any representation.
    people : array_like of str (n,)
        Whose face each row is.
    most : int
        Directions kept of it, at most.
    draws : int
        Random matrices and pairings that a row is the mean of.
    seed : int
        Of these.

    Returns
    -------
    DataFrame
        ``compared_with``; ``directions``, how many; ``expected``, what SVCCA must give, NaN where
        nobody knows; ``svcca``, ``pwcca``, ``cka``. Compared are the directions kept with
        themselves after an invertible linear map; with half of them, the rest being random numbers;
        with random numbers; and with themselves on other faces. Without a row for a constant
        representation.
    """
    kept = subspace(states, most=most)
    faces, size = kept.faces, kept.directions
    columns = ["compared_with", "directions", "expected", "svcca", "pwcca", "cka"]
    if not size:
        return pd.DataFrame(columns=columns)
    rng, half = np.random.default_rng(seed), size // 2
    scores = kept.scores / np.linalg.norm(kept.scores, axis=0) * np.sqrt(faces)
    # What both sides share is out of the way of the rest, which has fewer degrees of freedom left.
    partly = chance_correlation(faces - half, size - half, size - half)
    expected = {
        "itself, its directions mixed": 1.0,
        "half of itself, half random numbers": (half + (size - half) * partly) / size,
        "random numbers": chance_correlation(faces, size, size),
        "itself on other faces": np.nan,
    }
    found = []
    for _ in range(draws):
        random = rng.normal(size=(faces, size))
        others = [
            scores @ rng.normal(size=(size, size)),
            np.hstack([scores[:, :half], random[:, half:]]),
            random,
            scores[other_faces(people, rng)],
        ]
        found.append([_all_measures(scores, values) for values in others])
    rows = [
        (name, size, value, *measured)
        for (name, value), measured in zip(
            expected.items(), np.mean(found, axis=0).tolist(), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=columns)


def pair_table(
    parts: Mapping[str, Subspace], people: ArrayLike, *, draws: int = 5, seed: int = 0
) -> pd.DataFrame:
    """Compare every representation with every other.

    Parameters
    ----------
    parts : mapping of str to Subspace
        Representations of the same n faces.
    people : array_like of str (n,)
        Whose face each is; those of one person in the order of time.
    draws : int
        Mismatched pairings that ``other_faces`` is the mean of.
    seed : int
        Of these.

    Returns
    -------
    DataFrame
        ``first, second``, in the order given; ``svcca``; ``other_faces`` and ``chance``, its levels
        for unrelated representations; ``pwcca``, the mean of both orders; ``cka``. NaN where a
        representation is constant.

    Raises
    ------
    InputError
        If there are too few faces for the directions kept.
    """
    unrelated = other_faces_table(parts, people, draws=draws, seed=seed)
    rows = [
        {
            "first": a,
            "second": b,
            "svcca": svcca(parts[a], parts[b]),
            "other_faces": unrelated[a, b],
            "chance": chance_correlation(parts[a].faces, parts[a].directions, parts[b].directions),
            "pwcca": (pwcca(parts[a], parts[b]) + pwcca(parts[b], parts[a])) / 2,
            "cka": linear_cka(parts[a], parts[b]),
        }
        for a, b in combinations(parts, 2)
    ]
    columns = ["first", "second", "svcca", "other_faces", "chance", "pwcca", "cka"]
    return pd.DataFrame(rows, columns=columns)


def other_faces_table(
    parts: Mapping[str, Subspace], people: ArrayLike, *, draws: int, seed: int
) -> dict[tuple[str, str], float]:
    """Return SVCCA on mismatched faces for every pair, the mean over the draws.

    Parameters are those of `pair_table`. A draw mismatches all pairs in the same way.
    """
    rng = np.random.default_rng(seed)
    found = {pair: [] for pair in combinations(parts, 2)}
    for _ in range(draws):
        partner = other_faces(people, rng)
        moved = {name: part.of(partner) for name, part in parts.items()}
        for a, b in found:
            found[a, b].append(svcca(parts[a], moved[b]))
    return {pair: float(np.mean(values)) for pair, values in found.items()}


def without_each_person(
    parts: Mapping[str, Subspace], people: ArrayLike, pairs: Iterable[tuple[str, str]]
) -> np.ndarray:
    """Return SVCCA of pairs without each person in turn, (pairs, people); NaN for a single one.

    The directions kept are those of all faces; without a person they are centred and made
    orthonormal anew.
    """
    people, pairs = np.asarray(people), list(pairs)
    names = np.unique(people)
    if len(names) < 2 or not pairs:
        return np.full((len(pairs), len(names)), np.nan)
    columns = []
    for name in names:
        others = people != name
        bases = {part: _basis(each.basis[others]) for part, each in parts.items()}
        columns.append([_mean_correlation(bases[a], bases[b]) for a, b in pairs])
    return np.array(columns).T


def relations(
    pairs: pd.DataFrame,
    members: pd.DataFrame,
    parts: Mapping[str, Subspace],
    people: ArrayLike,
    confidence: float,
) -> Relations:
    """Average the similarity of runs by what they have in common.

    Parameters
    ----------
    pairs : DataFrame
        See `pair_table`.
    members : DataFrame
        `MEMBER_COLUMNS`, indexed by the name of the representation.
    parts, people
        As of `pair_table`.
    confidence : float
        Of the intervals, in (0, 1).
    """
    known = members[list(MEMBER_COLUMNS)].to_dict("index")
    named = list(zip(pairs["first"], pairs["second"], strict=True))
    pairs = pairs.assign(relation=[relation(known[a], known[b]) for a, b in named])
    without = without_each_person(parts, people, named)
    rows, left_out = [], {}
    for name in _ordered(pairs["relation"]):
        mine = (pairs["relation"] == name).to_numpy()
        values = pairs[mine]
        left_out[name] = without[mine].mean(axis=0)
        estimate = values["svcca"].mean()
        low, high = np.clip(student_limits(estimate, left_out[name], confidence), 0, 1)
        means = values[["other_faces", "chance", "pwcca", "cka"]].mean()
        rows.append(
            {"relation": name, "pairs": len(values), "svcca": estimate, "low": low, "high": high}
            | means.to_dict()
        )
    columns = ["relation", "pairs", "svcca", "low", "high"]
    columns += ["other_faces", "chance", "pwcca", "cka"]
    return Relations(pd.DataFrame(rows, columns=columns), left_out)


def relation(first: Mapping, second: Mapping) -> str:
    """Say what two runs have in common.

    Parameters
    ----------
    first, second : mapping
        `MEMBER_COLUMNS` of each.

    Examples
    --------
    >>> run = {"backbone": "vgg16", "kind": "category", "network": "a", "seed": 1, "trained": True}
    >>> relation(run, run | {"seed": 2})
    'same network, other seed'
    >>> relation(run, run | {"kind": "combined", "network": "b"})
    'category-only and combined, same backbone'
    >>> relation(run, run | {"backbone": "xception", "network": "c", "trained": False})
    'one untrained, other backbone'
    """
    same_backbone = first["backbone"] == second["backbone"]
    trained = first["trained"] + second["trained"]
    if trained == 0:
        return UNTRAINED if same_backbone else UNTRAINED_OTHER
    if trained == 1:
        return HALF_TRAINED if same_backbone else HALF_TRAINED_OTHER
    same_kind = first["kind"] == second["kind"]
    if not same_backbone:
        return OTHER_BACKBONE if same_kind else OTHER_BOTH
    if not same_kind:
        return between_kinds(first["kind"], second["kind"])
    return SAME_NETWORK if first["network"] == second["network"] else SAME_KIND


def between_kinds(first: str, second: str) -> str:
    """Return the name of the relation of two kinds of network on one backbone."""
    kinds = sorted((first, second), key=KINDS.index)
    return " and ".join(kind_title(kind) for kind in kinds) + ", same backbone"


def _ordered(found: Iterable[str]) -> list[str]:
    kinds = [between_kinds(*pair) for pair in combinations(KINDS, 2)]
    order = [SAME_NETWORK, SAME_KIND, *kinds, OTHER_BACKBONE, OTHER_BOTH]
    order += [HALF_TRAINED, UNTRAINED, HALF_TRAINED_OTHER, UNTRAINED_OTHER]
    return [name for name in order if name in set(found)]


def _all_measures(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    a, b = subspace(first, variance=1), subspace(second, variance=1)
    return svcca(a, b), pwcca(a, b), linear_cka(a, b)


def _basis(values: np.ndarray) -> np.ndarray:
    """Return orthonormal columns that span the centred ones."""
    return subspace(values, variance=1).basis if values.shape[1] else values


def _mean_correlation(first: np.ndarray, second: np.ndarray) -> float:
    if not first.shape[1] or not second.shape[1]:
        return np.nan
    return float(np.linalg.svd(first.T @ second, compute_uv=False).clip(0, 1).mean())
