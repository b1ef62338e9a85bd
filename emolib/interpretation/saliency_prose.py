"""Sentences about maps, which turn when the numbers turn."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from emolib.evaluation.prose import capital, count_words, join_words, verdict
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.randomisation import CASCADE
from emolib.interpretation.wording import with_interval

ALIKE = 0.5
"""Correlation above which a map is said not to have noticed that its network forgot everything."""

NOTHING = "No network here gives such an answer, so there is nothing to explain."

UNKNOWN = (
    "Where the expression of the faces explained here lies, nobody knows, so nothing can be "
    "compared with it."
)


def faces_sentence(names: list[str], people: int, recognised: int) -> str:
    """Say how many faces are explained, and how many of them are recognised.

    Parameters
    ----------
    names : list of str
        The answer explained at each face.
    people : int
        Whose faces they are.
    recognised : int
        Of how many the network gives that answer.
    """
    if not names:
        return NOTHING
    counts = {name: names.count(name) for name in dict.fromkeys(names)}
    each = join_words(f"{count} of {name}" for name, count in counts.items())
    return (
        f"{count_words(len(names), 'face')} of {count_words(people, 'person', 'people')} "
        f"{'is' if len(names) == 1 else 'are'} explained ({each}); the network gives "
        f"{recognised} of them the category that is explained."
    )


def networks_sentence(titles: Mapping[str, str], chosen: bool) -> str:
    """Say which networks are explained.

    Parameters
    ----------
    titles : mapping of str to str
        What the network is called whose ``category``, and whose ``dimensional`` answers are
        explained.
    chosen : bool
        Whether somebody chose the network, and not its loss on validation.
    """
    if not titles:
        return NOTHING
    how = "network of its kind with the lowest loss on validation"
    names = list(dict.fromkeys(titles.values()))
    if len(names) == 2:
        return (
            f"Maps of a category explain {titles['category']}, and maps of valence and arousal "
            f"{titles['dimensional']}, each the {how}."
        )
    how = "chosen for this page" if chosen else f"the {how}"
    what = {("category",): "a category", ("dimensional",): "valence and arousal"}
    maps = f"Maps of {what[tuple(titles)]}" if len(titles) == 1 else "All maps"
    return f"{maps} explain {names[0]}, {how}."


def completeness_sentence(error: float) -> str:
    """Say how nearly integrated gradients add up; `error` is a share of the difference."""
    if math.isnan(error):
        return NOTHING
    close = "close enough to be read" if error < 0.1 else "too much for single pixels to be trusted"
    return (
        f"With as many steps as are taken here they miss it by {error:.1%} at the median face, "
        f"which is {close}."
    )


def removal_sentence(means: pd.DataFrame, confidence: float) -> str:
    """Say which methods are better than the blind map at finding what the answer rests on.

    Parameters
    ----------
    means : DataFrame
        From `person_means`, with the quantity ``over_blind``.
    confidence : float
        Of the intervals.
    """
    rows = means[(means["quantity"] == "over_blind") & (means["method"] != "blind")]
    found = _versus(rows, "better", "the blind map", "worse")
    if rows.dropna(subset="low").empty:
        return found
    return f"{found[:-1]} ({confidence:.0%} intervals over people)."


def randomisation_sentence(means: pd.DataFrame, confidence: float) -> str:
    """Say which maps stay alike when every weight of the network has been dealt anew.

    Parameters
    ----------
    means : DataFrame
        From `person_means`, whose quantities are the steps of the cascade.
    confidence : float
        Of the intervals.
    """
    rows = means[means["quantity"] == CASCADE[-1]].dropna(subset="estimate")
    if rows.empty:
        return NOTHING
    faces, people = int(rows["faces"].max()), int(rows["people"].max())
    intervals = "" if rows["low"].isna().all() else f", {confidence:.0%} intervals over people"
    numbers = join_words(f"{row.method} {_limits(row)}" for row in rows.itertuples())
    text = (
        "With every weight dealt anew, the correlation with the original map is "
        f"({count_words(faces, 'face')} of {count_words(people, 'person', 'people')}{intervals}): "
        f"{numbers}."
    )
    if not intervals:
        return f"{text} With faces of a single person, no method can be said to pass or fail."
    failed, passed = rows["low"] > ALIKE, rows["high"] < ALIKE
    if failed.any():
        names = rows.loc[failed, "method"]
        text += (
            f" {capital(join_words(names))} {'fails' if len(names) == 1 else 'fail'} the check, "
            "beyond the interval above the half at which a line is drawn here: such a map tells "
            "more of the picture than of the network, and must not be read as what the network "
            "looks at."
        )
    if not (failed | passed).all():
        names = rows.loc[~(failed | passed), "method"]
        text += (
            f" Of {join_words(names)} it cannot be told whether more than a half remains, which is "
            "where a line is drawn here."
        )
    if passed.all():
        text += (
            " No method fails the check by staying alike to more than a half, which is where a "
            "line is drawn here: every interval ends below it."
        )
    left = rows.loc[(rows["low"] > 0) & ~failed, "method"]
    if left.empty:
        return text
    return (
        f"{text} What remains of {join_words(left)} is more than nothing, beyond its interval, "
        "and comes from the picture, since nothing that was learned is left."
    )


def pointing_sentence(means: pd.DataFrame, confidence: float) -> str:
    """Say which maps lie where the face moves more than chance, middle and edges of the crop do.

    Parameters
    ----------
    means : DataFrame
        From `person_means`, with the quantities ``share``, ``area``, ``over_area``,
        ``over_centre`` and ``over_edges``, of methods and of maps that no network took part in.
    confidence : float
        Of the intervals.
    """
    of = means.dropna(subset="estimate").set_index(["quantity", "method"])
    if of.empty:
        return UNKNOWN
    blind = ("middle of the picture", "edges of the picture")
    rows = means[~means["method"].isin(blind)]
    area = of.loc["area", "estimate"].iloc[0]
    faces = int(of.loc["area", "faces"].iloc[0])
    chance, centre, edges = (
        _versus(rows[rows["quantity"] == quantity], "lying there more", name, "lying there less")
        for quantity, name in (
            ("over_area", "by chance"),
            ("over_centre", "a blob in the middle of the crop"),
            ("over_edges", "a map of the edges in it"),
        )
    )
    shares = [
        with_interval(Interval(*of.loc[("share", name), ["estimate", "low", "high"]]), ".0%")
        for name in blind
    ]
    return (
        f"The region takes up {area:.0%} of the picture on average ({count_words(faces, 'face')}; "
        f"{confidence:.0%} intervals over people). {chance} {centre} {edges} The blob has "
        f"{shares[0]} of itself in the region, the map of edges {shares[1]}."
        f"{_beyond_edges(rows[rows['quantity'] == 'over_edges'].dropna(subset='low'))}"
    )


def _beyond_edges(rows: pd.DataFrame) -> str:
    """Give the shares of maps less those of edges, and name the maps that are not above these."""
    if rows.empty:
        return ""
    numbers = join_words(f"{row.method} {_limits(row, '+.2f')}" for row in rows.itertuples())
    text = f" Less that of the edges, the shares of maps are: {numbers}."
    others = rows.loc[~(rows["low"] > 0), "method"]
    if others.empty:
        return text
    return (
        f"{text} By this test, {join_words(others)} {'is' if len(others) == 1 else 'are'} not "
        "shown to be better than a map that knows edges and no network."
    )


def time_sentence(shares: pd.DataFrame) -> str:
    """Say how much of an answer rests on the face in question and how much on the half second.

    Parameters
    ----------
    shares : DataFrame
        ``way, before, share`` as from `emolib.interpretation.saliency_study.time_rows`.
    """
    if shares.empty:
        return NOTHING
    faces = shares[shares["before"] == 0].groupby("way", sort=False).size()
    parts = []
    for way, of_way in shares.groupby("way", sort=False):
        last = of_way.loc[of_way["before"] == 0, "share"].sum() / faces[way]
        near = of_way.loc[of_way["before"] < 15, "share"].sum() / faces[way]
        parts.append(f"{last:.0%} and {near:.0%} ({way})")
    return (
        "The last face itself and all faces of the last half second hold, of the whole: "
        f"{join_words(parts)}."
    )


def _versus(rows: pd.DataFrame, better: str, other: str, worse: str) -> str:
    """Sort methods into those above another map, those not to be told from it, and those below."""
    rows = rows.dropna(subset="estimate")
    if rows.empty:
        return NOTHING
    if rows["low"].isna().all():
        other = other.removeprefix("by ")
        return f"With faces of a single person, no map can be compared with {other}."
    found = {row.method: verdict(row.low, row.high) for row in rows.itertuples()}
    # The first group names what is compared with, and the others call it "it".
    named = iter([other])
    starts = {
        "higher": f"{better} than",
        "undecided": "not to be told from",
        "lower": f"{worse} than",
    }
    parts = []
    for each, start in starts.items():
        methods = [method for method, of_method in found.items() if of_method == each]
        if methods:
            than = f"{start} {next(named, 'it')}"
            parts.append(f"{than} {'is' if len(methods) == 1 else 'are'} {join_words(methods)}")
    text = "; ".join(parts)
    return f"{capital(text)}."


def _limits(row: NamedTuple, form: str = ".2f") -> str:
    return with_interval(Interval(row.estimate, row.low, row.high), form)
