"""How large the effect is that a claim speaks of, in the printed tables or in a build.

A measure takes evidence (`emolib.evaluation.evidence`) and returns an array: the effect with
everyone, then, for a build, the effect without each person, or for each draw of people. An effect
above zero is in the direction of the benefit that is claimed or denied. `Untestable` is raised
where the evidence lacks what the effect needs. `kinds_differ`, `backbones_differ` and
`layers_differ` return measures.
"""

import warnings
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation import published
from emolib.evaluation.evidence import (
    Build,
    Printed,
    Untestable,
    categories_from_dimensions,
    dimensions_from_category,
)
from emolib.labels import EMOTIONS

Evidence = Printed | Build
Measure = Callable[[Evidence], np.ndarray]

CONCORDANCES = ("ccc_valence", "ccc_arousal")

LENGTHS = (60, 80)
"""Sequence lengths that the thesis compares (4.5)."""

SECOND_REGION = 0.05
"""Share of its faces from which a side of valence counts as a region of a category."""


def kinds_differ(kind: str, *metrics: str) -> Measure:
    """Return the measure "combined minus `kind`-only", the mean over metrics and matched pairs.

    Each combined network is matched with the single one of its backbone nearest in layers.
    """
    return lambda evidence: _contrast(evidence, _matched_pairs(evidence, kind), metrics)


def minority_recall(evidence: Evidence) -> np.ndarray:
    """Return combined minus category-only in the mean recall of the rare categories."""
    pairs = _matched_pairs(evidence, "category")
    if not evidence.minorities:
        raise Untestable("no category is rare in this corpus")
    recalls = [_contrast(evidence, pairs, [f"recall_{name}"]) for name in evidence.minorities]
    return _mean_where(np.stack(recalls), ~np.isnan(recalls))


def headline_gain(evidence: Evidence) -> np.ndarray:
    """Return by which share the best combined network names more faces correctly.

    Compared are the category-only and the combined network picked for their total accuracy on
    validation, in total accuracy.
    """
    groups = [_of_kind(evidence, kind) for kind in ("combined", "category")]
    if not all(groups):
        raise Untestable("it needs a combined and a category-only network")
    best, other = (
        evidence.score([evidence.pick(names, ["accuracy"])], "accuracy") for names in groups
    )
    return np.divide(best, other, out=np.full_like(best, np.nan), where=other > 0) - 1


def backbones_differ(kinds: Sequence[str], *metrics: str) -> Measure:
    """Return the measure "VGG-19 minus the nearest other backbone", the least over some kinds.

    Of each backbone and kind the network is taken that is best on validation.
    """

    def measure(evidence: Evidence) -> np.ndarray:
        differences = []
        for kind in kinds:
            names = _of_kind(evidence, kind)
            picked = {
                backbone: evidence.pick([n for n in names if _backbone(n) == backbone], metrics)
                for backbone in dict.fromkeys(map(_backbone, names))
            }
            deepest = picked.pop("vgg19", None)
            if deepest:
                pairs = [(deepest, other) for other in picked.values()]
                differences += [_contrast(evidence, [pair], metrics) for pair in pairs]
        if not differences:
            raise Untestable("it needs networks on VGG-19 and on another backbone")
        return np.min(differences, axis=0)

    return measure


def layers_differ(kinds: Sequence[str], *metrics: str) -> Measure:
    """Return the measure "more fully connected layers minus fewer", the mean over all pairs."""

    def measure(evidence: Evidence) -> np.ndarray:
        names = _of_kind(evidence, *kinds)
        pairs = [
            (deeper, shallower)
            for deeper, shallower in product(names, names)
            if deeper.rpartition("-")[0] == shallower.rpartition("-")[0]
            and _layers(deeper) > _layers(shallower)
        ]
        if not pairs:
            raise Untestable(
                "it needs networks that differ in nothing but their fully connected layers"
            )
        return _contrast(evidence, pairs, metrics)

    return measure


def sequence_length(evidence: Evidence) -> np.ndarray:
    """Return the shorter of `LENGTHS` minus the longer, the mean over networks that have both.

    In total accuracy, or in the mean concordance where a network gives no category.
    """
    if isinstance(evidence, Printed):
        raise Untestable("the thesis prints no scores by sequence length")
    shorter, longer = (evidence.by_length.get(length, {}) for length in LENGTHS)
    both = [name for name in shorter if name in longer]
    if not both:
        here = ", ".join(map(str, sorted(evidence.by_length))) or "unknown"
        raise Untestable(
            "it needs a network with sequences of {} and of {} frames, which an ablation of "
            "training.sequence_length alone gives; here: {}".format(*LENGTHS, here)
        )
    differences = [
        _contrast(
            evidence,
            [(shorter[name], longer[name])],
            CONCORDANCES if published.kind(name) == "dimensional" else ["accuracy"],
        )
        for name in both
    ]
    return np.mean(differences, axis=0)


def share_and_recall(evidence: Evidence) -> np.ndarray:
    """Return the rank correlation, over categories, of share in train and recall.

    The recalls are those of the category-only networks. Categories that nobody shows are left
    out; with fewer than three, or equal recalls, the correlation is undefined.
    """
    names = _category_networks(evidence)
    recalls = np.stack([evidence.score(names, f"recall_{emotion}") for emotion in EMOTIONS])
    shares = evidence.train_shares()
    values = np.full(recalls.shape[1], np.nan)
    patterns, pattern_of = np.unique(~np.isnan(recalls), axis=1, return_inverse=True)
    for number, present in enumerate(patterns.T):
        if present.sum() > 2:
            columns = np.flatnonzero(pattern_of.ravel() == number)
            ranks = [
                stats.rankdata(table[np.ix_(present, columns)], axis=0)
                for table in (shares, recalls)
            ]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", stats.ConstantInputWarning)
                values[columns] = stats.pearsonr(*ranks, axis=0).statistic
    return values


def never_named(evidence: Evidence) -> np.ndarray:
    """Return the mean train share of named categories minus that of never named ones.

    A category is never named if some run of a category-only network names it for no face.
    """
    names = _category_networks(evidence)
    precision = np.stack([evidence.score(names, f"precision_{emotion}") for emotion in EMOTIONS])
    never, shares = np.isnan(precision), evidence.train_shares()
    if not never[:, 0].any():
        raise Untestable("every run names every category at least once")
    return _mean_where(shares, ~never) - _mean_where(shares, never)


def generalisation(evidence: Evidence) -> np.ndarray:
    """Return the concordance of dimensional-only networks on train minus that on strangers."""
    names = _of_kind(evidence, "dimensional")
    if not names:
        raise Untestable("it needs a dimensional-only network")
    known = mean_score(evidence, names, CONCORDANCES, "train")
    return known - mean_score(evidence, names, CONCORDANCES)


def one_region(evidence: Evidence) -> np.ndarray:
    """Return by how much the regions of happiness and fear hold more than half of their faces.

    Happiness belongs where both dimensions are positive, fear where valence is negative and
    arousal positive; the effect is the smaller of the two shares, minus a half.
    """
    samples = evidence.samples()
    right, left, up = samples["valence"] > 0, samples["valence"] < 0, samples["arousal"] > 0
    shares = [
        _share_in(evidence, "happiness", right & up),
        _share_in(evidence, "fear", left & up),
    ]
    return np.min(shares, axis=0) - 0.5


def two_regions(evidence: Evidence) -> np.ndarray:
    """Return by how much sadness, anger, surprise and disgust occur on both sides of valence.

    The effect is the smallest share of faces on a side, minus `SECOND_REGION`.
    """
    valence = evidence.samples()["valence"]
    shares = [
        _share_in(evidence, emotion, side)
        for emotion in ("sadness", "anger", "surprise", "disgust")
        for side in (valence < 0, valence > 0)
    ]
    return np.min(shares, axis=0) - SECOND_REGION


def dimensions_tell_category(evidence: Evidence) -> np.ndarray:
    """Return the mean recall of naming the category from annotated V/A, minus that of guessing."""
    table, n_categories = categories_from_dimensions(evidence.samples(), evidence.split)
    return evidence.score_of(table, "balanced_accuracy") - 1 / n_categories


def category_tells_dimensions(evidence: Evidence) -> np.ndarray:
    """Return the concordance of the mean valence and arousal of the annotated category."""
    table = dimensions_from_category(evidence.samples(), evidence.split)
    return np.mean([evidence.score_of(table, metric) for metric in CONCORDANCES], axis=0)


def mean_score(
    evidence: Evidence, networks: Sequence[str], metrics: Sequence[str], split: str | None = None
) -> np.ndarray:
    """Return the mean over networks and metrics, on a split or on the one judged."""
    return np.mean([evidence.score(networks, metric, split) for metric in metrics], axis=0)


def _contrast(
    evidence: Evidence, pairs: Sequence[tuple[str, str]], metrics: Sequence[str]
) -> np.ndarray:
    """Return first minus second, the mean over pairs of networks and over metrics."""
    first, second = zip(*pairs, strict=True)
    return mean_score(evidence, first, metrics) - mean_score(evidence, second, metrics)


def _matched_pairs(evidence: Evidence, kind: str) -> list[tuple[str, str]]:
    pairs = []
    for combined in _of_kind(evidence, "combined"):
        singles = [
            name for name in _of_kind(evidence, kind) if _backbone(name) == _backbone(combined)
        ]
        distances = [abs(_layers(name) - _layers(combined)) for name in singles]
        if singles:
            pairs.append((combined, singles[int(np.argmin(distances))]))
    if not pairs:
        raise Untestable(f"it needs a combined and a {kind}-only network on the same backbone")
    return pairs


def _category_networks(evidence: Evidence) -> list[str]:
    if isinstance(evidence, Printed):
        raise Untestable("the thesis prints no class shares")
    names = _of_kind(evidence, "category")
    if not names:
        raise Untestable("it needs a category-only network")
    return names


def _of_kind(evidence: Evidence, *kinds: str) -> list[str]:
    return [name for name in evidence.networks if published.kind(name) in kinds]


def _backbone(network: str) -> str:
    return network.split("-")[0]


def _layers(network: str) -> int:
    return int(network.rpartition("-")[2].removesuffix("fc"))


def _share_in(build: Build, emotion: str, region: pd.Series) -> np.ndarray:
    showing = build.samples()["emotion"] == emotion
    if not showing.any():
        raise Untestable(f"nobody shows {emotion}")
    return build.share(region, showing)


def _mean_where(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the mean down each column of the values chosen; NaN where none is."""
    with np.errstate(invalid="ignore"):
        return np.where(chosen, values, 0).sum(axis=0) / chosen.sum(axis=0)
