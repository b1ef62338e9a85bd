"""Sentences on what networks hold of either representation, made from what was computed."""

import math
from typing import NamedTuple

import pandas as pd

from emolib.evaluation.formatting import metric_name
from emolib.evaluation.prose import inside_sentence, join_words, verdict
from emolib.evaluation.uncertainty import Interval
from emolib.interpretation.information import Information, share_difference
from emolib.interpretation.probes import RANDOM
from emolib.interpretation.wording import with_interval
from emolib.labels import DIMENSION_RANGE, DIMENSIONS


def probe_sentences(contrasts: pd.DataFrame, confidence: float) -> dict[str, str]:
    """Return the sentences on what is read from the states of networks, by name.

    Parameters
    ----------
    contrasts : pandas.DataFrame
        See `emolib.interpretation.probes.contrast_table`.
    confidence : float
        Of its intervals; a corrected p-value of at most one minus that confirms a difference.
    """
    return {
        "told_apart": told_apart_sentence(contrasts, confidence),
        "not_told_apart": not_told_apart_sentence(contrasts, confidence),
        "supposition": supposition_sentence(contrasts, confidence),
    }


def told_apart_sentence(contrasts: pd.DataFrame, confidence: float) -> str:
    """Name the differences that are more than chance, corrected for how many were looked at."""
    if contrasts.empty:
        return "This build lacks what would be compared."
    rows = contrasts[_is_confirmed(contrasts, confidence)]
    count = f"Of {len(contrasts)} comparison{'s' * (len(contrasts) > 1)}"
    holm = "when p-values are corrected for their number (Holm)"
    if rows.empty:
        return f"{count}, none finds a difference {holm}."
    told = "; ".join(_contrast(row) for row in rows.itertuples())
    return (
        f"{count}, {len(rows)} {'find' if len(rows) > 1 else 'finds'} a difference {holm}: {told}."
    )


def not_told_apart_sentence(contrasts: pd.DataFrame, confidence: float) -> str:
    """Name what cannot be told apart, pair by pair."""
    rows = contrasts[~_is_confirmed(contrasts, confidence)]
    if rows.empty:
        return ""
    pairs = []
    for (first, second), group in rows.groupby(["first", "second"], sort=False):
        numbers = join_words(f"{_name(row.metric)}, {_numbers(row)}" for row in group.itertuples())
        pairs.append(f"{first} and {second} in {numbers}")
    text = f"Not to be told apart are {'; '.join(pairs)}."
    lost = rows[(rows["low"] > 0) | (rows["high"] < 0)]
    if len(lost):
        which = "one of these intervals excludes" if len(lost) == 1 else "some of these exclude"
        text += f" That {which} zero is no more than so many comparisons bring about by chance."
    return text


def supposition_sentence(contrasts: pd.DataFrame, confidence: float) -> str:
    """Say whether training brings part of the other representation, as the thesis supposes."""
    rows = contrasts[contrasts["second"].str.endswith(RANDOM)] if len(contrasts) else contrasts
    if rows.empty:
        return "Whether the thesis is right in what it supposes cannot be told from this build."
    shown = rows[_is_confirmed(rows, confidence) & (rows["difference"] > 0)]
    if shown.empty:
        return (
            "So what the thesis supposes is not shown here: what a network of one kind holds of "
            "the other representation is not clearly more than the same LSTM passes on untrained."
        )
    parts = [
        f"of {join_words(_name(each) for each in group['metric'])} in {first}"
        for first, group in shown.groupby("first", sort=False)
    ]
    told = (
        "So what the thesis supposes is shown here in part: training leaves more"
        if len(shown) < len(rows)
        else "So what the thesis supposes is shown here: training leaves more"
    )
    return f"{told} {join_words(parts)} than the same LSTM passes on untrained."


def _is_confirmed(contrasts: pd.DataFrame, confidence: float) -> pd.Series:
    """Return which intervals exclude zero with a corrected p-value that agrees."""
    apart = (contrasts["low"] > 0) | (contrasts["high"] < 0)
    return (apart & (contrasts["p_holm"] <= 1 - confidence)).astype(bool)


def _contrast(row: NamedTuple) -> str:
    relation = "more" if row.difference > 0 else "less"
    return f"{row.first} hold {relation} than {row.second} in {_name(row.metric)}, {_numbers(row)}"


def _name(metric: str) -> str:
    return inside_sentence(metric_name(metric))


def _numbers(row: NamedTuple) -> str:
    return with_interval(Interval(row.difference, row.low, row.high), "+.2f")


def answer_sentences(
    said: pd.DataFrame, answered: Information, annotated: Information, clip: str, confidence: float
) -> dict[str, str]:
    """Return the sentences on what a combined network says of faces, by name.

    Parameters
    ----------
    said : pandas.DataFrame
        See `emolib.interpretation.states.answers_of`.
    answered, annotated : Information
        In the answers, and in the annotations of the same faces.
    clip : str
        The video, or "" where the faces are those of the test people.
    confidence : float
        Of the intervals.
    """
    faces = "the faces of your clip" if clip else "the test people"
    if said.empty:
        return {"whose": faces, "answers": "This build has no combined network."}
    common = said["emotion"].value_counts(normalize=True)
    sentence = f"It says {common.index[0]} of {common.iloc[0]:.0%} of {len(said):,} faces."
    beyond = (said[list(DIMENSIONS)].abs() >= DIMENSION_RANGE[1]).any(axis=1).mean()
    if beyond > 0:
        sentence += f" The values of {beyond:.1%} lie beyond the range and are drawn at its border."
    if math.isnan(answered.told.value):
        return {
            "whose": faces,
            "answers": f"{sentence} Its category and values cannot be put into bits: that takes "
            "two categories that it says of two people each.",
        }
    sentence += (
        f" Its values tell {answered.told.value:.2f} of the {answered.category.value:.2f} bits of "
        f"its category, or {with_interval(answered.share.interval(confidence), '.0%')}"
    ).replace("-", "−")
    if not math.isnan(annotated.told.value):
        sentence += _tie(answered, annotated, confidence)
    return {"whose": faces, "answers": f"{sentence}."}


def _tie(answered: Information, annotated: Information, confidence: float) -> str:
    """Say whether answers tie category and values closer than annotations of the same faces."""
    by_people = with_interval(annotated.share.interval(confidence), ".0%")
    found = share_difference(answered, annotated).interval(confidence)
    text = f"; in the annotations of the same faces it is {by_people}"
    if math.isnan(found.low):
        return f"{text}, and of a single person nothing is concluded"
    numbers = f"the difference is {with_interval(found, '+.0%')}"
    closer = {"higher": "closer", "lower": "less closely"}.get(verdict(found.low, found.high))
    if closer is None:
        return f"{text}, and which of them ties the two closer cannot be told: {numbers}"
    return f"{text}, so the network ties the two {closer} than the annotations do: {numbers}"
