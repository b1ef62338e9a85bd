"""Sentences on optimal inputs, which turn when the numbers turn."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from emolib.evaluation.prose import join_words
from emolib.interpretation.optimal_inputs import (
    BY_PIXEL,
    CONTROL,
    FILM,
    FROM_FACE,
    FROM_NOISE,
    RealFaces,
)
from emolib.labels import DIMENSION_RANGE

STILLS = (*FROM_NOISE, FROM_FACE, BY_PIXEL)
_WHERE = {
    **{way: f"from {way}" for way in FROM_NOISE},
    FROM_FACE: "from the mean face",
    BY_PIXEL: "pixel by pixel",
    FILM: "as a film",
    CONTROL: "with shuffled weights",
}
_NOTHING = "There is no network to look into."


def real_faces_sentence(real: Mapping[str, RealFaces], clip: str = "") -> str:
    """Say which real faces activations are held against.

    Parameters
    ----------
    real : mapping of str to RealFaces
        By kind of network.
    clip : str
        The video that they are from; empty for the corpus.
    """
    if not real:
        return _NOTHING
    stills = _span(len(each.stills) for each in real.values())
    films = _span(len(each.films) for each in real.values())
    people = max(each.faces["person"].nunique() for each in real.values())
    whose = f"the video {Path(clip).name}, which has no labels" if clip else "the corpus"
    told = (
        f"What is reached is held against real faces of {whose}: {stills} held still and {films} "
        f"stretches of film, of {people} {'people' if people > 1 else 'person'}."
    )
    if clip:
        told += " The mean face is that of the video."
    if min(len(each.stills) for each in real.values()) < 100:
        told += " The percentiles of so few are rough."
    return told


def reached_sentences(reached: pd.DataFrame) -> dict[str, str]:
    """Return all that is said of what was reached: see the functions that follow.

    Parameters
    ----------
    reached : DataFrame
        See `emolib.interpretation.activation_tables.reached_table`.
    """
    return {
        "reached": reached_sentence(reached),
        "films": reached_sentence(reached, film=True),
        "control": control_sentence(reached),
        "robustness": robustness_sentence(reached),
        "order": order_sentence(reached),
        "answers": answer_sentence(reached),
        "range": range_sentence(reached),
    }


def reached_sentence(reached: pd.DataFrame, film: bool = False) -> str:
    """Say how many inputs go beyond the 99th percentile of real faces, and which do not.

    Parameters
    ----------
    reached : DataFrame
        See `emolib.interpretation.activation_tables.reached_table`.
    film : bool
        Whether to speak of films, else of stills.
    """
    rows = reached[reached["way"].isin([FILM] if film else STILLS)]
    if rows.empty:
        return _NOTHING
    what = "film" if film else "still picture"
    missed = rows[~rows["exceeds"].astype(bool)]
    above = f"above the 99th percentile of {'moving' if film else 'still'} real faces"
    if missed.empty:
        return f"All {len(rows)} {what}s activate their unit {above}."
    sentence = f"{len(rows) - len(missed)} of {len(rows)} {what}s activate their unit {above}. "
    names = (
        missed["kind"] + " " + missed["unit"] + ("" if film else ", " + missed["way"].map(_WHERE))
    )
    names = list(dict.fromkeys(names))
    shown = "; ".join(names[:12])
    return f"{sentence}Not beyond it: {shown}{_more(len(names) - 12)}."


def control_sentence(reached: pd.DataFrame) -> str:
    """Say what the networks with shuffled weights make of the claim that a picture was found."""
    rows = reached[reached["way"] == CONTROL]
    if rows.empty:
        return "No network with shuffled weights was tried."
    count = int(rows["exceeds"].sum())
    told = f"{count} of {len(rows)} units of the networks with shuffled weights"
    trained = reached[reached["way"].isin(FROM_NOISE)]
    far = (
        f" On the scale of the chart, they go to {rows['relative'].median():.1f} in the median, "
        f"trained networks from noise to {trained['relative'].median():.1f}."
    )
    if count > len(rows) / 2:
        return (
            f"{told} can be driven above the 99th percentile of what they say of real faces as "
            "well, so that going beyond real faces is no sign that a network has learned anything."
            f"{far}"
        )
    if trained.empty or trained["exceeds"].mean() <= count / len(rows):
        return (
            f"Only {told} can be driven above the 99th percentile of what they say of real faces, "
            f"but units of trained networks no more often.{far}"
        )
    return (
        f"Only {told} can be driven above the 99th percentile of what they say of real faces, so "
        f"that going further takes more than the architecture.{far}"
    )


def robustness_sentence(reached: pd.DataFrame, enough: float = 0.5) -> str:
    """Say how much of an activation is left when a picture is moved, and call a trick a trick.

    Parameters
    ----------
    reached : DataFrame
        See `emolib.interpretation.activation_tables.reached_table`.
    enough : float
        A picture that keeps a smaller share is called a trick on the network.
    """
    rows = reached[reached["way"].isin(STILLS) & reached["kept"].notna()]
    if rows.empty:
        return "No picture goes beyond real faces, so nothing can be said of its robustness."
    waves, pixels = rows[rows["way"] != BY_PIXEL], rows[rows["way"] == BY_PIXEL]
    parts = [
        f"pictures {made} keep {part['kept'].median():.0%}"
        for made, part in (("made of waves", waves), ("made pixel by pixel", pixels))
        if len(part)
    ]
    lost = int((rows["kept"] < enough).sum())
    tricks = int((pixels["kept"] < enough).sum())
    if lost:
        made = {0: "none", lost: "all"}.get(tricks, str(tricks))
        verdict = (
            f"{lost} of these {len(rows)} lose{'s' * (lost == 1)} more than {1 - enough:.0%}, "
            f"{made} of them made pixel by pixel; what loses so much is a trick that depends on "
            "where each pixel stands."
        )
    else:
        verdict = f"none of these {len(rows)} loses more than {1 - enough:.0%}."
    return (
        f"Moved in ways that they were not made with, {join_words(parts)} of their distance from "
        f"the median real face (medians over the pictures that go beyond real faces), and {verdict}"
    )


def order_sentence(reached: pd.DataFrame, most: float = 0.8) -> str:
    """Say whether it matters in which order the pictures of a film are shown.

    Parameters
    ----------
    reached : DataFrame
        See `emolib.interpretation.activation_tables.reached_table`.
    most : float
        Order is said hardly to matter for a film that keeps a larger share of what it reaches
        when played backwards.
    """
    rows = reached[(reached["way"] == FILM) & (reached["activation"] > reached["median"])]
    if rows.empty:
        return "No film raised its unit, so nothing can be said of the order of its pictures."
    gain = rows["activation"] - rows["median"]
    kept = (rows["backwards"] - rows["median"]) / gain
    first, median, third = kept.quantile([0.25, 0.5, 0.75])
    less = int((kept < most).sum())
    if len(rows) == 1:
        return (
            f"Played backwards, the one film keeps {median:.0%} of its distance from the median "
            "real film, which says little of films."
        )
    found = (
        "order matters for most of them"
        if less > 0.75 * len(rows)
        else "order hardly matters for most of them"
        if less < 0.25 * len(rows)
        else "order matters for some and hardly for others"
    )
    return (
        f"Played backwards, films keep {median:.0%} of their distance from the median real film "
        f"(median over {len(rows)} films, half of which are between {first:.0%} and {third:.0%}), "
        f"and {less or 'none'} {'keeps' if less < 2 else 'keep'} less than {most:.0%}: {found}."
    ).replace("-", "−")


def answer_sentence(reached: pd.DataFrame) -> str:
    """Say whether networks also answer the category whose score was raised."""
    rows = reached[reached["way"].isin(STILLS) & reached["wins"].notna()]
    if rows.empty:
        return "No network with categories was looked into."
    lost = rows[rows["wins"] == 0]
    if lost.empty:
        return f"The category sought is also what the network answers for all {len(rows)} pictures."
    names = list(dict.fromkeys(lost["kind"] + " " + lost["unit"]))
    return (
        f"The category sought is also what the network answers for {len(rows) - len(lost)} of "
        f"{len(rows)} pictures; not always so for {'; '.join(names[:12])}{_more(len(names) - 12)}."
    )


def range_sentence(reached: pd.DataFrame) -> str:
    """Say whether valence and arousal were driven beyond the range that labels have."""
    rows = reached[reached["way"].isin(STILLS) & reached["wins"].isna()]
    if rows.empty:
        return "No network with valence and arousal was looked into."
    limit = DIMENSION_RANGE[1]
    beyond = int((rows["activation"] > limit).sum())
    largest = rows.loc[rows["activation"].idxmax()]
    value = -largest["activation"] if largest["unit"].endswith("down") else largest["activation"]
    told = f"the farthest answer is {value:+z.2f} for {largest['unit'].split()[0]}".replace(
        "-", "−"
    )
    if beyond:
        return (
            f"Of the answers in valence and arousal, {beyond} of {len(rows)} leave the range "
            f"that a label can have; {told}."
        )
    return f"No answer in valence or arousal leaves the range that a label can have; {told}."


def likeness_sentence(table: pd.DataFrame) -> str:
    """Say whether a picture tells of its unit: whether it returns from other noise.

    Parameters
    ----------
    table : DataFrame
        See `emolib.interpretation.activation_tables.likeness`.
    """
    rows = table.dropna()
    if rows.empty:
        return "With one seed or one unit, pictures cannot be compared."
    parts = [
        f"{row.same_unit:z.2f} ({row.low:z.2f} to {row.high:z.2f} over units) and "
        f"{row.other_units:z.2f} ({row.kind})"
        for row in rows.itertuples()
    ]
    told = (
        "The mean correlation between pixels, of pictures for the same unit from the two noises "
        f"tried and of pictures for different units from the same noise, is {'; '.join(parts)}."
    )
    apart, units = int(rows["apart"].sum()), int(rows["units"].sum())
    which = "every unit" if apart == units else f"{apart or 'none'} of {units} units"
    found = (
        f"For {which}, the two pictures are more alike than either is to a picture of another unit "
        "from the same noise: "
    )
    if not apart:
        found += "pictures depend on the noise they started from at least as much as on their unit."
    elif apart == units:
        found += "between the two noises tried, pictures tell units apart."
    else:
        found += (
            "between the two noises tried, pictures tell those units apart, and not the others."
        )
    return f"{told} {found}".replace("-0", "−0")


def _span(counts: Iterable[int]) -> str:
    low, *_, high = sorted([*counts] * 2)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _more(count: int) -> str:
    return f"; and {count} more" if count > 0 else ""
