"""Splits a corpus into train, validation and test so that no person and no video is in two.

A configuration asks for shares of the people, for one of several folds, or lists who is where
(`emolib.data.split_lists`). Who is the same person in several videos, the table of people says.

The thesis drew videos at random and then moved some by hand, to have every emotion in every part
where that could be done (section 4.2). Here balance is a cost, and the split is the best of many
random ones, improved by moving and swapping people for as long as that helps. The search is
seeded and counts exactly, so the same samples give the same split everywhere. What stays
unbalanced is reported.
"""

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import jensenshannon

from emolib.data.matching import N_NAMED, has_both, some
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS, SPLITS

N_BINS = 10
"""Bins of the histograms of valence and of arousal that are balanced and reported."""

_N_STARTS = 5  # random splits that are improved
_MISSING = 10.0  # cost of an emotion that a part lacks although every part could have it
_EMPTY = 100.0  # cost of a part without people or without labelled faces


def split_people(
    samples: pd.DataFrame, fractions: dict[str, float], seed: int, n_trials: int = 2000
) -> dict[str, str]:
    r"""Assign every person to one part of the corpus.

    People who share a video, directly or through others, stay together. The cost of a split sums,
    over its parts,

    .. math::

        \mathrm{TV}(e) + \tfrac12 \mathrm{TV}(v) + \tfrac12 \mathrm{TV}(a)
        + \frac{|f - f^*|}{f^*} + \frac{|p - f^*|}{f^*} + 10\, m

    where TV is the total variation distance between the part and the whole corpus of the shares
    of emotions and of the histograms of valence and arousal, :math:`f` and :math:`p` are the
    part's shares of faces and of people, :math:`f^*` the share asked for, and :math:`m` the number
    of emotions that the part lacks, of those that enough groups show for every part to have one.
    Only faces with both kinds of labels are counted.

    Parameters
    ----------
    samples : DataFrame
        ``person``, ``video``, ``valence``, ``arousal``, ``emotion``; one row per face.
    fractions : dict of str to float
        The parts, such as ``{"train": 0.6, "validation": 0.2, "test": 0.2}``; they sum to 1.
    seed : int
        Seed of the search.
    n_trials : int
        Random splits that are tried before the best five are improved.

    Returns
    -------
    dict of str to str
        The part of every person, in the order of names.

    Raises
    ------
    InputError
        If the fractions are not shares of 1, a face has no person, or there are fewer independent
        groups of people with labelled faces than parts.
    """
    shares = np.array(list(fractions.values()), float)
    if (shares <= 0).any() or abs(shares.sum() - 1) > 1e-6:
        raise InputError(f"the shares of the parts must be above 0 and sum to 1; found {fractions}")
    parts = list(fractions)
    assignment = _assign(samples, shares, seed, n_trials)
    return {person: parts[number] for person, number in assignment.items()}


def fold_people(
    samples: pd.DataFrame, folds: int, fold: int, seed: int, n_trials: int = 2000
) -> dict[str, str]:
    """Assign every person to one part, for one round of a cross-validation over people.

    The people are divided into `folds` parts of equal size, by the search and the cost of
    `split_people`; that division depends on everything but `fold`. So over all values of `fold`
    every person is tested exactly once.

    Parameters
    ----------
    samples, seed, n_trials
        As in `split_people`.
    folds : int
        Number of folds, at least 3.
    fold : int
        The fold that is tested, from 0; the next one (after the last, the first) validates, and
        the others train.

    Returns
    -------
    dict of str to str
        The part of every person, one of `SPLITS`, in the order of names.

    Raises
    ------
    InputError
        As `split_people`, and if there are fewer than three folds or no such fold.
    """
    if folds < 3 or not 0 <= fold < folds:
        raise InputError(f"fold {fold} of {folds}: give at least 3 folds, and one of them, from 0")
    assignment = _assign(samples, np.full(folds, 1 / folds), seed, n_trials)
    parts = {fold: "test", (fold + 1) % folds: "validation"}
    return {person: parts.get(number, "train") for person, number in assignment.items()}


def balance_report(samples: pd.DataFrame) -> pd.DataFrame:
    """Return how alike the parts of a corpus are.

    Parameters
    ----------
    samples : DataFrame
        ``split``, ``person``, ``valence``, ``arousal``, ``emotion``; one row per face.

    Returns
    -------
    DataFrame
        A row for each split, in the order of `SPLITS`, and one named ``all``. Columns:
        ``split``, ``n_people``, ``n_frames`` (faces with both kinds of labels, the ones that all
        that follows is about), the share of each emotion, ``valence_mean``, ``arousal_mean``, and
        ``js_emotion``, ``js_valence``, ``js_arousal``: the Jensen-Shannon distance (base 2, in
        [0, 1]) of the emotions and of the 10-bin histograms to those of the whole. NaN for a
        split without such faces.
    """
    both = samples[has_both(samples)]
    whole = _histograms(both)
    rows = []
    for split in [*(name for name in SPLITS if name in set(samples["split"])), "all"]:
        part = both if split == "all" else both[both["split"] == split]
        everyone = samples if split == "all" else samples[samples["split"] == split]
        of_part = _histograms(part)
        row = {
            "split": split,
            "n_people": everyone["person"].nunique(),
            "n_frames": len(part),
            **dict(zip(EMOTIONS, _shares(of_part["emotion"]), strict=True)),
            **{f"{name}_mean": part[name].mean() for name in DIMENSIONS},
        }
        for name, histogram in of_part.items():
            row[f"js_{name}"] = jensenshannon(_shares(histogram), _shares(whole[name]), base=2)
        rows.append(row)
    return pd.DataFrame(rows)


def assert_disjoint(samples: pd.DataFrame) -> None:
    """Refuse a split that would show networks whom they are tested on.

    Parameters
    ----------
    samples : DataFrame
        ``split``, ``person``, ``video``.

    Raises
    ------
    InputError
        If people or videos are in more than one split; names up to five, with the videos or the
        people that each has in each split.
    """
    for column, other in (("person", "video"), ("video", "person")):
        rows = samples[[column, other, "split"]].drop_duplicates()
        n_splits = rows.groupby(column)["split"].transform("nunique")
        leaked = rows[n_splits > 1].sort_values([column, "split", other])
        if len(leaked):
            names = leaked[column].unique()
            described = []
            for name in names[:N_NAMED]:
                by_split = leaked[leaked[column] == name].groupby("split", sort=True)[other]
                places = [f"{split} ({some(others)})" for split, others in by_split]
                described.append(f"{column} {name!r} is in {' and '.join(places)}")
            more = f"; and {len(names) - N_NAMED} more" if len(names) > N_NAMED else ""
            raise InputError(
                f"{'; '.join(described)}{more}: a network would be tested on whom it has seen; "
                "correct the lists, or say in people.csv who is who"
            )


def independent_groups(samples: pd.DataFrame) -> tuple[list[str], np.ndarray]:
    """Return the people, sorted, and for each the number of the group that must stay together.

    People who share a video, directly or through others, are one group.
    """
    if samples["person"].isna().any() or samples["video"].isna().any():
        raise InputError("a face has no person or no video; complete the table of people")
    pairs = samples[["person", "video"]].drop_duplicates()
    person, people = pd.factorize(pairs["person"], sort=True)
    video, videos = pd.factorize(pairs["video"])
    n_people, n_nodes = len(people), len(people) + len(videos)
    links = coo_array((np.ones(len(pairs)), (person, n_people + video)), shape=(n_nodes, n_nodes))
    _, component = connected_components(links, directed=False)
    return list(people), pd.factorize(component[:n_people])[0]


def _assign(samples: pd.DataFrame, shares: np.ndarray, seed: int, n_trials: int) -> dict[str, int]:
    """Return for every person the number of the part, of parts with these shares."""
    people, groups = independent_groups(samples)
    has_labels = set(samples.loc[has_both(samples), "person"])
    n_groups = len({g for p, g in zip(people, groups, strict=True) if p in has_labels})
    if n_groups < len(shares):
        raise InputError(
            f"{n_groups} independent groups of people have faces with both kinds of labels, too "
            f"few for {len(shares)} parts; people who share a video count as one group"
        )
    counts = _count(samples, people, groups)
    assignment = _search(counts, shares, np.random.default_rng(seed), n_trials)
    return {person: int(assignment[group]) for person, group in zip(people, groups, strict=True)}


def _histograms(samples: pd.DataFrame) -> dict[str, np.ndarray]:
    """Count emotions, and valence and arousal in bins."""
    counts = samples["emotion"].value_counts()
    histograms = {"emotion": np.array([counts.get(emotion, 0) for emotion in EMOTIONS], float)}
    for name in DIMENSIONS:
        bins, _ = np.histogram(samples[name], N_BINS, DIMENSION_RANGE)
        histograms[name] = bins.astype(float)
    return histograms


def _count(samples: pd.DataFrame, people: list[str], groups: np.ndarray) -> dict[str, np.ndarray]:
    """Return for each group its histograms (groups, bins), and its faces and people (groups,)."""
    both = samples[has_both(samples)]
    group_of = both["person"].map(dict(zip(people, groups, strict=True)))
    histograms = [_histograms(both[group_of == group]) for group in range(groups.max() + 1)]
    counts = {name: np.array([h[name] for h in histograms]) for name in ("emotion", *DIMENSIONS)}
    counts["faces"] = counts["emotion"].sum(axis=1)
    counts["people"] = np.bincount(groups).astype(float)
    return counts


def _search(
    counts: dict[str, np.ndarray], shares: np.ndarray, generator: np.random.Generator, n_trials: int
) -> np.ndarray:
    """Return the part of each group: the best of several random starts, improved."""
    n_groups = len(counts["faces"])
    order = np.argsort(generator.random((n_trials, n_groups)), axis=1)
    position = np.cumsum(counts["faces"][order], axis=1) - counts["faces"][order] / 2
    filled = position / counts["faces"].sum()
    part_in_order = np.searchsorted(np.cumsum(shares)[:-1], filled, side="right")
    starts = np.empty_like(part_in_order)
    np.put_along_axis(starts, order, part_in_order, axis=1)
    best = np.argsort(_cost(starts, counts, shares), kind="stable")[:_N_STARTS]
    improved = [_improve(starts[start], counts, shares, generator) for start in best]
    return min(improved, key=lambda assignment: _cost(assignment[None], counts, shares)[0])


def _improve(
    assignment: np.ndarray, counts: dict[str, np.ndarray], shares: np.ndarray, generator
) -> np.ndarray:
    """Move or swap groups, the best way for one group after the other, until nothing helps."""
    cost = _cost(assignment[None], counts, shares)[0]
    improving = True
    while improving:
        improving = False
        for group in generator.permutation(len(assignment)):
            neighbours = _neighbours(assignment, group, len(shares))
            costs = _cost(neighbours, counts, shares)
            if costs.min() < cost - 1e-9:
                assignment, cost = neighbours[costs.argmin()], costs.min()
                improving = True
    return assignment


def _neighbours(assignment: np.ndarray, group: int, n_parts: int) -> np.ndarray:
    """Return the assignments in which one group moved, or changed places with another one."""
    moves = np.repeat(assignment[None], n_parts, axis=0)
    moves[:, group] = np.arange(n_parts)
    others = np.flatnonzero(assignment != assignment[group])
    swaps = np.repeat(assignment[None], len(others), axis=0)
    swaps[np.arange(len(others)), others] = assignment[group]
    swaps[:, group] = assignment[others]
    return np.concatenate([moves, swaps])


def _cost(assignments: np.ndarray, counts: dict[str, np.ndarray], shares: np.ndarray) -> np.ndarray:
    """Return the cost of each of the assignments (candidates, groups)."""
    cost = np.zeros(len(assignments))
    possible = (counts["emotion"] > 0).sum(axis=0) >= len(shares)
    for part, share in enumerate(shares):
        chosen = (assignments == part).astype(float)
        totals = {name: chosen @ count for name, count in counts.items()}
        for name, weight in [("emotion", 1.0), ("valence", 0.5), ("arousal", 0.5)]:
            shares_of_part = np.nan_to_num(_shares(totals[name]))
            shares_of_whole = _shares(counts[name].sum(axis=0))
            cost += weight * np.abs(shares_of_part - shares_of_whole).sum(axis=1) / 2
        for name in ("faces", "people"):
            cost += np.abs(totals[name] / counts[name].sum() - share) / share
        cost += _MISSING * ((totals["emotion"] == 0) & possible).sum(axis=1)
        cost += _EMPTY * (totals["faces"] == 0)
    return cost


def _shares(counts: np.ndarray) -> np.ndarray:
    """Divide counts by their sum along the last axis; NaN where there is nothing."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.divide(counts, total, out=np.full(counts.shape, np.nan), where=total > 0)
