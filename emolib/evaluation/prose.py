"""Sentences of the report that depend on numbers, so that they turn when the numbers turn."""

import math
from collections.abc import Iterable

import pandas as pd

from emolib.evaluation.formatting import heading


def join_words(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> join_words(["fear"]), join_words(["fear", "anger"]), join_words(["a", "b", "c"])
    ('fear', 'fear and anger', 'a, b and c')
    """
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def verdict(low: float, high: float) -> str:
    """Say what an interval of a difference allows one to conclude.

    Parameters
    ----------
    low, high : float
        Limits of the interval of "first minus second".

    Returns
    -------
    str
        ``higher``, ``lower``, or ``undecided`` where the interval holds 0 or is undefined.

    Examples
    --------
    >>> verdict(0.01, 0.2), verdict(-0.2, -0.1), verdict(-0.1, 0.1), verdict(math.nan, math.nan)
    ('higher', 'lower', 'undecided', 'undecided')
    """
    if low > 0:
        return "higher"
    return "lower" if high < 0 else "undecided"


def difference_sentence(row: pd.Series, first: str, second: str, confidence: float) -> str:
    """Put one row of a comparison into a sentence.

    Parameters
    ----------
    row : pandas.Series
        ``metric, difference, low, high`` and, if it was tested, ``p_holm``.
    first, second : str
        What is compared, the difference being first minus second.
    confidence : float
        Of the interval, in (0, 1).

    Returns
    -------
    str
        One sentence with the difference, its interval and the conclusion that it allows.
    """
    name = heading(row["metric"])
    if math.isnan(row["low"]):
        return f"{name}: no interval can be given, so nothing is concluded."
    numbers = (
        f"{row['difference']:+.2f} ({confidence:.0%} interval over people "
        f"{row['low']:+.2f} to {row['high']:+.2f}"
    ).replace("-", "−")
    if not math.isnan(row.get("p_holm", math.nan)):
        numbers += f", corrected p {_p_value(row['p_holm'])}"
    found = verdict(row["low"], row["high"])
    if found == "undecided":
        return f"{name}: {first} and {second} cannot be told apart, {numbers})."
    return f"{name}: {first} is {found} than {second}, {numbers})."


def difference_sentences(
    table: pd.DataFrame, first: str, second: str, confidence: float
) -> dict[str, str]:
    """Put every row of a comparison into a sentence: metric -> sentence."""
    return {
        row["metric"]: difference_sentence(row, first, second, confidence)
        for _, row in table.iterrows()
    }


def advantage_sentence(table: pd.DataFrame) -> str:
    """Say which networks are above the best trivial predictor, and in what.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.comparisons.advantage_table`.
    """
    said = {"higher": [], "lower": [], "undecided": []}
    for row in table.itertuples():
        said[verdict(row.low, row.high)].append(f"{row.network} in {heading(row.metric)}")
    endings = {
        "higher": "above the best trivial predictor, with an interval that excludes it",
        "lower": "below the best trivial predictor",
        "undecided": "not distinguishable from the best trivial predictor",
    }
    sentences = [
        f"{_first_capital(join_words(who))} {'is' if len(who) == 1 else 'are'} {endings[found]}."
        for found, who in said.items()
        if who
    ]
    return " ".join(sentences)


def detection_sentence(table: pd.DataFrame | None) -> str:
    """Say how well faces were found, where the true boxes are known.

    Parameters
    ----------
    table : pandas.DataFrame or None
        See `emolib.evaluation.detection.detection_table`; None where no truth is known.
    """
    if table is None:
        return "This corpus comes without true boxes, so detection cannot be judged here."
    total = table[["true_faces", "found", "false_faces", "wrong_person"]].sum()
    return (
        f"Of {total.true_faces:,} true faces {total.found / total.true_faces:.2%} were found; "
        f"{total.false_faces:,} detections were no face, and {total.wrong_person:,} faces went to "
        "the wrong person."
    )


def imbalance_sentence(samples: pd.DataFrame) -> str:
    """Say which two categories hold most of the labelled faces, and which the fewest."""
    shares = samples["emotion"].value_counts(normalize=True)
    common, rarest = shares.index[:2], shares.index[-1]
    return (
        f"{_first_capital(join_words(common))} hold {shares.iloc[:2].sum():.0%} of the labelled "
        f"faces; the rarest category, {rarest}, holds {shares[rarest]:.1%}."
    )


def _first_capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
