"""Sentences on what networks hold of either representation, made from what was computed."""

import math

import pandas as pd

from emolib.evaluation.formatting import metric_name
from emolib.evaluation.prose import verdict
from emolib.interpretation.information import Information
from emolib.interpretation.probes import CATEGORY_STATES, COMBINED_STATES, DIMENSIONAL_STATES
from emolib.labels import DIMENSION_RANGE, DIMENSIONS


def probe_sentences(contrasts: pd.DataFrame, confidence: float) -> dict[str, str]:
    """Return the sentences on what is read from the states of each kind of network, by name."""
    by_states = {
        "category_states": CATEGORY_STATES,
        "dimensional_states": DIMENSIONAL_STATES,
        "combined_states": COMBINED_STATES,
    }
    return {
        key: contrast_sentences(contrasts[contrasts["first"] == states], confidence)
        for key, states in by_states.items()
    }


def contrast_sentences(table: pd.DataFrame, confidence: float) -> str:
    """Put every row of a contrast table into a sentence."""
    if table.empty:
        return "This build lacks what would be compared."
    return " ".join(contrast_sentence(row, confidence) for _, row in table.iterrows())


def contrast_sentence(row: pd.Series, confidence: float) -> str:
    """Put one row of `emolib.interpretation.probes.contrast_table` into a sentence."""
    name = metric_name(row["metric"])
    name = name if name[1].isupper() else name[0].lower() + name[1:]
    numbers = (
        f"{row['difference']:+z.2f}, {confidence:.0%} interval {row['low']:+z.2f} to "
        f"{row['high']:+z.2f}"
    ).replace("-", "−")
    if math.isnan(row["low"]):
        return f"In {name}, no interval can be given of {row['first']} minus {row['second']}."
    relation = {
        "higher": "hold more than",
        "lower": "hold less than",
        "undecided": "cannot be told from",
    }[verdict(row["low"], row["high"])]
    return f"In {name}, {row['first']} {relation} {row['second']} ({numbers})."


def answer_sentences(
    said: pd.DataFrame, answered: Information, annotated: Information, clip: str
) -> dict[str, str]:
    """Return the sentences on what a combined network says of faces, by name.

    Parameters
    ----------
    said : pandas.DataFrame
        See `emolib.interpretation.states.answers_of`.
    answered, annotated : Information
        In the answers, and in the annotations of the corpus.
    clip : str
        The video, or "" where the faces are those of the test people.
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
    share = answered.told.value / answered.category.value
    sentence += (
        f" Its values tell {answered.told.value:.2f} of the {answered.category.value:.2f} bits of "
        f"its category, or {share:.0%}"
    )
    if not math.isnan(annotated.told.value):
        of_annotators = annotated.told.value / annotated.category.value
        sentence += (
            f"; in the annotations of the corpus that is {of_annotators:.0%}, so the network ties "
            f"the two {'closer' if share > of_annotators else 'less closely'} than people did"
        )
    return {"whose": faces, "answers": f"{sentence}.".replace("-", "−")}
