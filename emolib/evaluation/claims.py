"""The claims of the thesis's chapters 5 and 6, each with a test, an effect and a verdict.

A claim either asserts a benefit (its effect is above zero) or denies one (its effect is too small
to matter), and names the smallest effect worth claiming. The rule reads the interval of the effect
over people and a one-sided p-value, corrected by Holm for the number of claims tested:

- **A benefit is asserted.** Supported: the interval lies above zero and reaches the smallest
  effect, and the corrected p is below alpha. Not supported: the interval lies below the smallest
  effect.
- **A benefit is denied.** Supported: the interval lies below the smallest effect, and the
  corrected p is below alpha. Not supported: it lies above zero and reaches the smallest effect.
- **Undecided** in all other cases, and **not tested**, with the reason, where the evidence lacks
  what the claim needs.

Intervals leave out one person at a time, as everywhere in the report. Two effects jump as people
come and go, a rank correlation and a mean over categories that are never named; for these, people
are drawn with replacement instead (see `emolib.evaluation.evidence`).

So an effect shown to be negligible counts against a claimed benefit, and an interval that is merely
wide counts for nothing. The p-value is that of "the effect is at most zero" for an asserted benefit
and of "it is at least the smallest worth claiming" for a denied one; alpha is one minus the
confidence of the intervals.

The thesis drew its conclusions on validation people; here claims are judged on test people, whom no
choice was made on.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation import effects, published
from emolib.evaluation.effects import CONCORDANCES, SECOND_REGION, Measure
from emolib.evaluation.evidence import Build, Printed, Untestable
from emolib.evaluation.uncertainty import holm

VERDICTS = ("supported", "not supported", "undecided", "not tested")

# Two faces in a hundred, and a twentieth of perfect agreement, are taken to be worth claiming.
SHARE, CONCORDANCE = 0.02, 0.05

BOTH_WAYS = (-2.0, 2.0)
"""Range of a difference of two concordances."""

WITH_CATEGORY, WITH_DIMENSIONS = ("category", "combined"), ("dimensional", "combined")


@dataclass(frozen=True)
class Claim:
    """A claim and how it is judged.

    Attributes
    ----------
    name : str
        Short and unique.
    statement : str
        What is claimed, in our words: a clause without a full stop.
    opposite : str
        The statement without its negation, where it has one: what is left open if it is.
    where : str
        Section of the thesis, and table.
    test : str
        What the effect is.
    smallest : float
        Smallest effect worth claiming, in units of the effect.
    measure : callable
        From evidence to the effect, see `emolib.evaluation.effects`.
    denies : bool
        Whether a benefit is denied instead of asserted.
    range : tuple of float
        Between which values the effect can lie; intervals end there.
    drawn : bool
        Whether the effect jumps as people come and go, so that they are drawn with replacement.
    by_category : bool
        Whether the effect counts rare categories like common ones.
    """

    name: str
    statement: str
    where: str
    test: str
    smallest: float
    measure: Measure
    denies: bool = False
    range: tuple[float, float] = (-1.0, 1.0)
    opposite: str = ""
    drawn: bool = False
    by_category: bool = False


def _published_gain() -> float:
    statements = published.statements().set_index("quantity")["published"]
    return statements["gain of the combined over the category-only network of table 5.4"]


CLAIMS = (
    Claim(
        "combined accuracy",
        "Learning valence and arousal too lets a network name more faces correctly",
        "5.3, tables 5.1 and 5.3",
        "total accuracy, combined minus category-only, mean over matched pairs",
        SHARE,
        effects.kinds_differ("category", "accuracy"),
    ),
    Claim(
        "combined macro-F1",
        "Learning valence and arousal too improves the recognition of categories, each counted "
        "alike",
        "5.3, tables 5.1 and 5.3",
        "macro-F1, combined minus category-only, mean over matched pairs",
        SHARE,
        effects.kinds_differ("category", "macro_f1"),
        by_category=True,
    ),
    Claim(
        "headline gain",
        "The best combined network names a quarter more faces correctly than the best "
        "category-only one",
        "5.3 and 6.1, table 5.4",
        "ratio of total accuracies minus one, of the networks picked on validation; as printed, of "
        "those of table 5.4",
        _published_gain(),
        effects.headline_gain,
        range=(-1.0, np.inf),
    ),
    Claim(
        "rare categories",
        "Rare categories are recognised better by combined networks",
        "5.3, tables 5.1 and 5.3",
        "mean recall of the rare categories, combined minus category-only, mean over matched pairs",
        SHARE,
        effects.minority_recall,
        by_category=True,
    ),
    Claim(
        "combined valence",
        "Valence does not benefit from learning categories too",
        "5.3, tables 5.2, 5.6 and 5.7",
        "concordance of valence, combined minus dimensional-only, mean over matched pairs",
        CONCORDANCE,
        effects.kinds_differ("dimensional", "ccc_valence"),
        denies=True,
        opposite="Valence benefits from learning categories too",
        range=BOTH_WAYS,
    ),
    Claim(
        "combined arousal",
        "Arousal does not benefit from learning categories too",
        "5.3, tables 5.2, 5.6 and 5.7",
        "concordance of arousal, combined minus dimensional-only, mean over matched pairs",
        CONCORDANCE,
        effects.kinds_differ("dimensional", "ccc_arousal"),
        denies=True,
        opposite="Arousal benefits from learning categories too",
        range=BOTH_WAYS,
    ),
    Claim(
        "VGG-19 for categories",
        "VGG-19 is the best backbone for categories",
        "5.3, tables 5.1 and 5.3",
        "total accuracy, VGG-19 minus the nearest other backbone, networks picked on validation",
        SHARE,
        effects.backbones_differ(WITH_CATEGORY, "accuracy"),
    ),
    Claim(
        "VGG-19 for dimensions",
        "VGG-19 is the best backbone for valence and arousal",
        "5.3, tables 5.2 and 5.6",
        "mean concordance, VGG-19 minus the nearest other backbone, networks picked on validation",
        CONCORDANCE,
        effects.backbones_differ(WITH_DIMENSIONS, *CONCORDANCES),
        range=BOTH_WAYS,
    ),
    Claim(
        "layers for categories",
        "More fully connected layers do not help with categories",
        "5.3, tables 5.1 and 5.3",
        "total accuracy, more layers minus fewer",
        SHARE,
        effects.layers_differ(WITH_CATEGORY, "accuracy"),
        denies=True,
        opposite="More fully connected layers help with categories",
    ),
    Claim(
        "layers for dimensions",
        "More fully connected layers do not help with valence and arousal",
        "5.3, tables 5.2 and 5.6",
        "mean concordance, more layers minus fewer",
        CONCORDANCE,
        effects.layers_differ(WITH_DIMENSIONS, *CONCORDANCES),
        denies=True,
        opposite="More fully connected layers help with valence and arousal",
        range=BOTH_WAYS,
    ),
    Claim(
        "sequence length",
        "Sequences of {} frames are better than those of {}".format(*effects.LENGTHS),
        "4.5",
        "total accuracy, or mean concordance where there is none, with one length minus the other",
        SHARE,
        effects.sequence_length,
    ),
    Claim(
        "share and recall",
        "Categories are recognised the worse the rarer they are in train",
        "5.1",
        "rank correlation of share in train and recall, category-only",
        0.3,
        effects.share_and_recall,
        drawn=True,
    ),
    Claim(
        "never named",
        "The categories that are never named are the rare ones",
        "5.1",
        "mean share in train of named minus never named categories, category-only",
        SHARE,
        effects.never_named,
        drawn=True,
    ),
    Claim(
        "one region",
        "Happiness and fear lie in one region each of the plane of valence and arousal",
        "5.4, figures 5.3 and 5.4",
        "share of their faces in that quadrant minus one half, the smaller of the two",
        0.0,
        effects.one_region,
        range=(-0.5, 0.5),
    ),
    Claim(
        "two regions",
        "Sadness, anger, surprise and disgust lie in two regions, on both sides of valence",
        "5.4, figures 5.5 to 5.8",
        f"smallest share of their faces on a side of valence minus {SECOND_REGION}",
        0.0,
        effects.two_regions,
        range=(-SECOND_REGION, 0.5 - SECOND_REGION),
    ),
    Claim(
        "dimensions tell category",
        "Valence and arousal are a sign of the category",
        "5.5",
        "mean recall, minus guessing, of a Gaussian for each category with equal priors, fitted to "
        "annotated valence and arousal",
        SHARE,
        effects.dimensions_tell_category,
    ),
    Claim(
        "category tells dimensions",
        "The category is too coarse a sign of valence and arousal to be of use",
        "5.5",
        "mean concordance of the train means of the annotated category",
        CONCORDANCE,
        effects.category_tells_dimensions,
        denies=True,
    ),
    Claim(
        "generalisation",
        "Valence and arousal are predicted worse on strangers than on the training people",
        "6.2",
        "mean concordance on train minus that on the people judged, dimensional-only",
        CONCORDANCE,
        effects.generalisation,
        range=BOTH_WAYS,
    ),
)
"""The claims, in the order in which the thesis makes them."""


def ledger(build: Build, confidence: float = 0.95) -> pd.DataFrame:
    """Judge every claim on a build, beside what the printed tables give by the same measure.

    Parameters
    ----------
    build : Build
        Runs and labels.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    pandas.DataFrame
        One row a claim: ``name, claim, opposite, where, test, smallest, denies, drawn,
        published_validation, published_test`` (the effect in the printed tables; NaN where they do
        not hold it), ``effect, low, high, p, people`` (how many the effect rests on), ``rests_on``
        (how few show a rare category, in words; else empty), ``reason`` (why it was not tested;
        else empty), ``p_holm, verdict``.
    """
    table = pd.DataFrame([_judged(claim, build, confidence) for claim in CLAIMS])
    table["p_holm"] = holm(table["p"])
    return table.assign(verdict=[verdict(row, 1 - confidence) for row in table.itertuples()])


def verdict(row: tuple, alpha: float) -> str:
    """Return the verdict on a claim, one of `VERDICTS`, by the rule of this module.

    Parameters
    ----------
    row : named tuple
        ``low, high, p_holm, smallest, denies, reason``.
    alpha : float
        Level of the corrected p-value.
    """
    if row.reason:
        return "not tested"
    benefit = row.low > 0 and row.high >= row.smallest
    negligible = row.high < row.smallest
    claimed, opposite = (negligible, benefit) if row.denies else (benefit, negligible)
    if opposite:
        return "not supported"
    return "supported" if claimed and row.p_holm < alpha else "undecided"


def _judged(claim: Claim, build: Build, confidence: float) -> dict:
    row = {
        "name": claim.name,
        "claim": claim.statement,
        "opposite": claim.opposite,
        "where": claim.where,
        "test": claim.test,
        "smallest": claim.smallest,
        "denies": claim.denies,
        "drawn": claim.drawn,
        "published_validation": _printed_effect(claim, "validation"),
        "published_test": _printed_effect(claim, "test"),
    }
    evidence = build.afresh(drawn=claim.drawn)
    try:
        values = claim.measure(evidence)
        if np.isnan(values[0]):
            raise Untestable("the effect is undefined here")
    except Untestable as lacking:
        unknown = dict.fromkeys(("effect", "low", "high", "p"), np.nan)
        return row | unknown | {"people": 0, "rests_on": "", "reason": str(lacking)}
    low, high, error, people = evidence.limits(values, confidence)
    low, high = np.clip([low, high], *claim.range)
    effect = float(values[0])
    distance = claim.smallest - effect if claim.denies else effect
    p = float(stats.t.sf(distance / error, people - 1)) if error > 0 else np.nan
    row |= {"effect": effect, "low": low, "high": high, "p": p, "people": people, "reason": ""}
    return row | {"rests_on": _rests_on(build) if claim.by_category else ""}


def _rests_on(build: Build) -> str:
    """Say how many people show a rare category; nothing where none is rare or shown."""
    shown = build.showing()[list(build.minorities)]
    shown = shown[shown > 0]
    if shown.empty:
        return ""
    few, many = shown.min(), shown.max()
    number = f"{few} to {many}" if few < many else f"{few}"
    return f"judged on {number} {'people' if many > 1 else 'person'} per rare category"


def _printed_effect(claim: Claim, split: str) -> float:
    try:
        return float(claim.measure(Printed(split))[0])
    except Untestable:
        return np.nan
