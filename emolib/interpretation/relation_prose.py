"""Sentences of the chapter on how the representations relate, made from what was computed."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from emolib.evaluation.prose import join_words, verdict
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.ceilings import BALANCED, MAJORITY, NEIGHBOURS
from emolib.interpretation.information import Information
from emolib.interpretation.people import Estimate
from emolib.interpretation.plane import QUADRANTS
from emolib.interpretation.regions import LEAST_PEOPLE, Regions, planned_regions
from emolib.interpretation.transitions import from_neutral
from emolib.interpretation.wording import doubt, ends, with_interval
from emolib.labels import DIMENSIONS

THESIS_QUADRANTS = {"happiness": "first", "fear": "second", "disgust": "second", "anger": "second"}
"""Where the thesis sees most faces of a category (5.4)."""

THESIS_REGIONS = {"happiness": 1, "fear": 1, "sadness": 2, "disgust": 2, "anger": 2, "surprise": 2}
"""In how many regions the thesis sees a category (5.4)."""

UNKNOWN = "How many there are in truth, nobody knows here."

_NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}


def plane_sentences(
    quadrants: pd.DataFrame, found: Mapping[str, Regions], simulated: bool
) -> dict[str, str]:
    """Return the sentences on quadrants and regions, by name.

    Parameters
    ----------
    quadrants : pandas.DataFrame
        See `emolib.interpretation.plane.quadrant_table`.
    found : mapping of str to Regions
        See `emolib.interpretation.regions.region_table`.
    simulated : bool
        Whether it is known in how many regions people were made to feel something.
    """
    planned = {name: planned_regions(name) for name in found}
    return {
        "quadrants": quadrant_sentence(quadrants),
        "mapping": mapping_sentence(found),
        "thesis_mapping": thesis_mapping_sentence(found),
        "planned": planned_sentence(found, planned) if simulated else UNKNOWN,
    }


def information_sentences(found: Information, confidence: float) -> dict[str, str]:
    """Return the sentences on what category and values tell about each other, by name."""
    if math.isnan(found.told.value):
        return {
            "information": "There are not two categories that two people each show.",
            "telling": "So nothing can be said of single categories,",
            "remaining": "of what remains uncertain,",
            "many": "or of how many categories a pair of values means.",
        }
    return {
        "information": information_sentence(found, confidence),
        "telling": telling_sentence(found, confidence),
        "remaining": remaining_sentence(found, confidence),
        "many": many_sentence(found, confidence),
    }


def ceiling_sentences(
    names: pd.DataFrame,
    possible: Estimate,
    gain: Interval,
    values: pd.DataFrame,
    confidence: float,
) -> dict[str, str]:
    """Return the sentences on what knowing the other label brings, by name."""
    return {
        "ceiling": ceiling_sentence(names, possible, gain, confidence),
        "explained": explained_sentence(values),
    }


def time_sentences(
    episodes: pd.DataFrame, durations: pd.DataFrame, confidence: float
) -> dict[str, str]:
    """Return the sentences on episodes, by name."""
    return {
        "transitions": transition_sentence(episodes, from_neutral(episodes), confidence),
        "durations": duration_sentence(durations),
    }


def quadrant_sentence(table: pd.DataFrame) -> str:
    """Say in which quadrant the categories lie, and how far that is what the thesis says.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.interpretation.plane.quadrant_table`.
    """
    clear = table[table["low"] > 0.5]
    parts = []
    for place in QUADRANTS:
        rows = clear[clear["fullest"] == place]
        if len(rows):
            parts.append(f"{join_words(rows['emotion'])} in the {place} quadrant")
    if not parts:
        found = (
            "Of no category can it be said that more than half of its faces lie in one quadrant."
        )
    else:
        found = (
            "More than half of the faces, with an interval over people that says so, lie for "
            f"{'; for '.join(parts)}."
        )
    told = table[table["emotion"].isin(THESIS_QUADRANTS)].set_index("emotion")
    same = [name for name in told.index if told["fullest"][name] == THESIS_QUADRANTS[name]]
    if told.empty:
        return found
    return (
        f"{found} Of the {len(told)} categories that the thesis places in a quadrant, "
        f"{len(same)} {'has its' if len(same) == 1 else 'have their'} fullest quadrant where the "
        "thesis sees it."
    )


def mapping_sentence(found: Mapping[str, Regions]) -> str:
    """Say which categories are shown to lie in one region, in two, or in more.

    Parameters
    ----------
    found : mapping of str to Regions
        By category; see `emolib.interpretation.regions.region_table`.
    """
    sentences = []
    for number in sorted({regions.number for regions in found.values()} - {0}):
        names = [name for name, regions in found.items() if regions.number == number]
        word, several = _NUMBERS[number], len(names) > 1
        sentences.append(
            f"{join_words(names).capitalize()} {'lie' if several else 'lies'} in {word} "
            f"region{'s' * (number > 1)}{' each' * several} (one-to-{word}), as far as these "
            "people show."
        )
    lacking = [name for name, regions in found.items() if not regions.number]
    if lacking:
        shown = "are" if len(lacking) > 1 else "is"
        sentences.append(
            f"{join_words(lacking).capitalize()} {shown} shown by fewer than {LEAST_PEOPLE} "
            "people, which is too few to count regions."
        )
    return " ".join(sentences)


def thesis_mapping_sentence(found: Mapping[str, Regions]) -> str:
    """Say for which categories the number of regions is that of the thesis."""
    judged = [name for name in THESIS_REGIONS if name in found and found[name].number]
    if not judged:
        return "None of the categories that the thesis counts regions of can be judged here."
    same = [name for name in judged if found[name].number == THESIS_REGIONS[name]]
    more = [name for name in judged if found[name].number > THESIS_REGIONS[name]]
    fewer = [name for name in judged if found[name].number < THESIS_REGIONS[name]]
    parts = []
    if same:
        parts.append(f"That is the count of the thesis for {join_words(same)}.")
        if all(regions.number < 2 for regions in found.values()):
            parts.append("As no category is counted in two, that could hardly be otherwise.")
    if more:
        parts.append(f"More than the thesis saw are shown for {join_words(more)}.")
    if fewer:
        parts.append(f"Its second region of {join_words(fewer)} is neither shown nor excluded.")
    return " ".join(parts)


def planned_sentence(found: Mapping[str, Regions], planned: Mapping[str, int | None]) -> str:
    """Say for which categories the regions that a simulation was given are found again.

    What is not found is said to be missed, with the number of people.
    """
    judged = [name for name, regions in found.items() if regions.number and planned.get(name)]
    if not judged:
        return "No region that the simulation was given can be looked for here."
    whole = [name for name in judged if planned[name] == 1]
    parted = [name for name in judged if planned[name] > 1]
    shown = [name for name in parted if found[name].number >= planned[name]]
    missed = [
        f"{name} ({_NUMBERS[planned[name]]} planned, {found[name].people} people)"
        for name in parted
        if name not in shown
    ]
    text = "In this simulated corpus the number is known from how people were made to feel."
    if parted:
        text += (
            f" Of {_categories(len(parted))} planned in more than one region, "
            f"{_how_many(shown, parted)} shown to lie in as many"
        )
        text += f"; missed are the further regions of {join_words(missed)}." if missed else "."
    if whole:
        one = [name for name in whole if found[name].number == 1]
        text += (
            f" Of {_categories(len(whole))} planned in one, {_how_many(one, whole)} counted in one"
        )
        if missed and one:
            none = "no further region is found where one was planned"
            some = "further regions are found for some only of the categories that have them"
            text += f", which says little of {join_words(one)}: {some if shown else none}"
        text += "."
    return text


def _categories(count: int) -> str:
    return f"{count} {'category' if count == 1 else 'categories'}"


def _how_many(some: list[str], of: list[str]) -> str:
    count = "all" if len(some) == len(of) > 1 else len(some) or "none"
    return f"{count} {'are' if len(some) > 1 else 'is'}"


def information_sentence(found: Information, confidence: float) -> str:
    """Say how much valence and arousal tell of the category, together and alone."""
    told = found.told.interval(confidence)
    alone = (f"{name} alone {found.shared[name].value:.2f}" for name in DIMENSIONS)
    share = found.told.value / found.category.value
    sentence = (
        f"Valence and arousal together tell {_bits(told)} of the {found.category.value:.2f} bits "
        f"that a category is uncertain by, or {share:.0%}; {join_words(alone)}."
    ).replace("-", "−")
    if not told.low > 0:
        sentence += " As the interval is not above zero, they may tell nothing."
    if found.left_out:
        names = join_words(found.left_out).capitalize()
        shown = "are" if len(found.left_out) > 1 else "is"
        sentence += f" {names}, which {shown} shown by fewer than two people, had to be left out."
    return sentence


def remaining_sentence(found: Information, confidence: float) -> str:
    """Say what remains uncertain in each direction: how many categories, how large an area."""
    left, area = found.categories_left.interval(confidence), found.area_left.interval(confidence)
    return (
        "At a known valence and arousal there remain, on average, as many as "
        f"{with_interval(left, '.1f')} equally likely categories, of {2**found.category.value:.1f} "
        "before; at a known category, valence and arousal still spread over "
        f"{with_interval(area, '.0%')} of their area."
    )


def many_sentence(found: Information, confidence: float, claimed: int = 5) -> str:
    """Say whether a pair of values means at least five categories, as the thesis says."""
    left = found.categories_left.interval(confidence)
    if math.isnan(left.low):
        return "Whether that is many cannot be said of so few people."
    if left.high < claimed:
        return (
            f"The thesis says at least {claimed}: so many may occur, but so many are not to be "
            f"expected, as the interval lies below {claimed}."
        )
    if left.low > claimed:
        return f"The interval lies above {claimed}, which is what the thesis says."
    return f"The interval holds {claimed}, the number of the thesis."


def telling_sentence(found: Information, confidence: float) -> str:
    """Say of which category valence and arousal tell most in this sample, and of which least."""
    told = {name: each.interval(confidence) for name, each in found.by_category.items()}
    best, worst = ends(told)
    return (
        f"In this sample most is told of {best}, {_bits(told[best])} where it is shown, and least "
        f"of {worst}, {_bits(told[worst])}{doubt(told)}."
    )


def ceiling_sentence(
    table: pd.DataFrame, possible: Estimate, gain: Interval, confidence: float
) -> str:
    """Say how well the category can be named by who knows valence and arousal alone.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.interpretation.ceilings.category_ceiling_table`.
    possible : Estimate
        See `emolib.interpretation.ceilings.best_possible_accuracy`.
    gain : Interval
        See `emolib.interpretation.ceilings.gain_over_guessing`.
    confidence : float
        Of the intervals.
    """
    rows = table.set_index(["told_by", "metric"])[["estimate", "low", "high"]]

    def score(told_by: str, metric: str, form: str) -> str:
        return with_interval(Interval(*rows.loc[(told_by, metric)]), form)

    bound = Interval(*np.clip(possible.interval(confidence), 0, 1))
    told = {
        "higher": "more than",
        "lower": "less than",
        "undecided": "which cannot be told from",
    }[verdict(gain.low, gain.high)]
    return (
        "Whoever knows nothing but the annotated valence and arousal of a stranger names, by the "
        f"nearest faces of other people, {score(NEIGHBOURS, 'accuracy', '.0%')} of the faces "
        f"correctly, {told} the {score(MAJORITY, 'accuracy', '.0%')} of whoever always says the "
        f"most frequent category, a difference of {with_interval(gain, '+.0%')}. By the errors of "
        "the single nearest face, no more than "
        f"{with_interval(bound, '.0%')} are possible to anybody, "
        "which holds as faces become many. If the nearest faces count the more the rarer their "
        "category is, their mean recall is "
        f"{score(BALANCED, 'balanced_accuracy', '.2f')}, against "
        f"{rows.loc[(MAJORITY, 'balanced_accuracy'), 'estimate']:.2f}."
    )


def explained_sentence(table: pd.DataFrame) -> str:
    """Say how much of valence and arousal the category explains, for strangers.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.interpretation.ceilings.dimension_ceiling_table`.
    """
    rows = table[table["metric"] == "explained"]
    parts = [
        f"{with_interval(Interval(row.estimate, row.low, row.high), '.0%')} of the variance of "
        f"{row.dimension}"
        for row in rows.itertuples()
    ]
    sentence = f"The annotated category of a stranger explains {join_words(parts)}".replace(
        "-", "−"
    )
    nothing = [row.dimension for row in rows.itertuples() if not row.low > 0]
    if nothing:
        return f"{sentence}; for {join_words(nothing)} that is not more than chance allows."
    return f"{sentence}."


def transition_sentence(episodes: pd.DataFrame, neutral: Estimate, confidence: float) -> str:
    """Say how many episodes there are, and how often an emotion follows neutral."""
    followed = episodes["previous"] != ""
    sentence = (
        f"The annotations hold {len(episodes):,} episodes, of which {followed.sum():,} follow "
        "another one."
    )
    if math.isnan(neutral.value):
        return f"{sentence} None of them is an emotion that follows anything."
    share = Interval(*np.clip(neutral.interval(confidence), 0, 1))
    return (
        f"{sentence} Of the emotions that follow something, {with_interval(share, '.0%')} follow "
        "neutral."
    )


def duration_sentence(table: pd.DataFrame) -> str:
    """Say which category lasts longest and which shortest.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.interpretation.transitions.duration_table`.
    """
    known = table.dropna(subset="median")
    if known.empty:
        return "No category can be followed long enough to say how long it lasts."
    medians = {row.emotion: Interval(row.median, row.low, row.high) for row in known.itertuples()}
    longest, shortest = ends(medians)
    lasts, is_over = (with_interval(medians[name], ".1f") for name in (longest, shortest))
    if len(known) == 1:
        return f"{longest.capitalize()} lasts {lasts} s (median)."
    return (
        f"Half of the episodes of {longest} are over after {lasts} s, the longest median in this "
        f"sample, and of those of {shortest} after {is_over} s, the shortest"
        f"{doubt(medians)}."
    )


def _bits(interval: Interval) -> str:
    return f"{with_interval(interval, '.2f')} bits"
