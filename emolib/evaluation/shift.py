"""How far the labels of two splits differ, beyond what drawing other people would do anyway."""

from itertools import combinations

import numpy as np
import pandas as pd

from emolib.evaluation.predictions import emotion_codes, has_truth
from emolib.evaluation.uncertainty import percentile_limits
from emolib.labels import EMOTIONS, SPLITS


def prior_shift_table(
    faces: pd.DataFrame,
    *,
    n_replicates: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    r"""Compare the shares of the categories between every two splits.

    Total variation is :math:`\frac{1}{2} \sum_c |p_c - q_c|`: the share of faces whose category
    would have to change to turn one split's shares into the other's.

    Parameters
    ----------
    faces : pandas.DataFrame
        Columns ``split, person, emotion``; faces without a category are left out.
    n_replicates : int
        How often people are dealt to the splits anew.
    confidence : float
        Share of the deals between the limits, in (0, 1).
    seed : int
        Seed of the deals.

    Returns
    -------
    pandas.DataFrame
        Columns ``splits, total_variation`` in [0, 1], ``by_chance`` (its mean when the same people
        are dealt to the two splits at random), ``low, high`` (between which it then lies) and
        ``p`` (the share of such deals with a total variation at least as large, the observed one
        among them). Never negative, total variation is above zero by chance alone; compare it
        with that. An interval from drawing people with replacement would not even hold the
        estimate where the splits are balanced: every draw unbalances them. A pair of splits is
        left out where one has no labelled face.
    """
    rows = faces[has_truth(faces, "emotion")]
    counts = {split: _person_counts(part) for split, part in rows.groupby("split", observed=True)}
    table = [
        {"splits": f"{first} and {second}"}
        | _shift(counts[first], counts[second], n_replicates, confidence, seed)
        for first, second in combinations([split for split in SPLITS if split in counts], 2)
    ]
    columns = ["splits", "total_variation", "by_chance", "low", "high", "p"]
    return pd.DataFrame(table, columns=columns)


def _person_counts(rows: pd.DataFrame) -> np.ndarray:
    """Return the faces of each person (rows) and category (columns)."""
    people, names = pd.factorize(rows["person"], sort=True)
    counts = np.zeros((len(names), len(EMOTIONS)))
    np.add.at(counts, (people, emotion_codes(rows["emotion"])), 1)
    return counts


def _shift(
    first: np.ndarray, second: np.ndarray, n_replicates: int, confidence: float, seed: int
) -> dict[str, float]:
    observed = _total_variation(first.sum(axis=0), second.sum(axis=0))
    dealt = _deal(np.concatenate([first, second]), len(first), n_replicates, seed)
    by_chance = _total_variation(*dealt)
    low, high = percentile_limits(by_chance, confidence)
    extreme = 1 + int((by_chance >= observed - 1e-12).sum())
    return {
        "total_variation": observed,
        "by_chance": by_chance.mean(),
        "low": low,
        "high": high,
        "p": extreme / (n_replicates + 1),
    }


def _deal(
    counts: np.ndarray, n_first: int, n_replicates: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the category counts of both sides when people are dealt to them at random."""
    order = np.random.default_rng(seed).random((n_replicates, len(counts))).argsort(axis=1)
    first = (order < n_first) @ counts
    return first, counts.sum(axis=0) - first


def _total_variation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    shares = [counts / counts.sum(axis=-1, keepdims=True) for counts in (first, second)]
    return np.abs(shares[0] - shares[1]).sum(axis=-1) / 2
