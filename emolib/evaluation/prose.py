"""Sentences of the report that depend on numbers, so that they turn when the numbers turn."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from emolib.evaluation.comparisons import MEAN_OF_PAIRS
from emolib.evaluation.formatting import metric_name


def join_words(words: Iterable[str]) -> str:
    """Join words as a sentence does.

    Examples
    --------
    >>> join_words(["fear"]), join_words(["fear", "anger"]), join_words(["a", "b", "c"])
    ('fear', 'fear and anger', 'a, b and c')
    """
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def count_words(number: int, one: str, several: str = "") -> str:
    """Return a number with its noun, which takes an s where no other plural is given.

    Examples
    --------
    >>> count_words(1, "track"), count_words(1200, "track"), count_words(2, "person", "people")
    ('1 track', '1,200 tracks', '2 people')
    """
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def capital(text: str) -> str:
    """Return a text whose first letter is a capital; names further on keep theirs.

    Examples
    --------
    >>> capital("anger and VGG16")
    'Anger and VGG16'
    """
    return text[0].upper() + text[1:]


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
    name = metric_name(row["metric"])
    if math.isnan(row["low"]):
        return f"{name}: no interval can be given, so nothing is concluded."
    numbers = (
        f"{row['difference']:+z.2f} ({confidence:.0%} interval over people "
        f"{row['low']:+z.2f} to {row['high']:+z.2f}"
    ).replace("-", "−")
    if not math.isnan(row.get("p_holm", math.nan)):
        numbers += f", corrected p {_p_value(row['p_holm'])}"
    found = verdict(row["low"], row["high"])
    if found == "undecided":
        return f"{name}: {first} and {second} cannot be told apart, {numbers})."
    if not is_confirmed(row, confidence):
        numbers += ", which does not confirm it"
    return f"{name}: {first} is {found} than {second}, {numbers})."


def is_confirmed(row: pd.Series, confidence: float) -> bool:
    """Return whether a comparison's corrected p-value, if it was tested, is small enough."""
    return not row.get("p_holm", math.nan) > 1 - confidence


def pair_row(table: pd.DataFrame, metric: str) -> pd.Series | None:
    """Return the row that answers for all pairs in a metric: that of their mean, or the only one.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.comparisons.pair_table`.
    metric : str
        A metric; None is returned where no pair was compared in it.
    """
    rows = table[table["metric"] == metric].set_index("pair")
    if rows.empty:
        return None
    return rows.loc[MEAN_OF_PAIRS] if MEAN_OF_PAIRS in rows.index else rows.iloc[0]


def pair_sentence(table: pd.DataFrame, metric: str, single: str, confidence: float) -> str:
    """Say whether combined networks are better in a metric: in the mean, or the only pair.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.comparisons.pair_table`.
    metric : str
        One of its metrics.
    single : str
        What the combined networks are compared with, such as "the category-only".
    confidence : float
        Of the intervals, in (0, 1).
    """
    row = pair_row(table, metric)
    if row is None:
        return f"{metric_name(metric)}: this build has no pair of networks to compare."
    mean = "mean " if row.name == MEAN_OF_PAIRS else ""
    return difference_sentence(
        row, f"the {mean}combined network", f"the {mean}{single} one", confidence
    )


def rank_sentence(row: pd.Series, confidence: float) -> str:
    """Say whether the order of networks on validation is their order on test.

    Parameters
    ----------
    row : pandas.Series
        Of `emolib.evaluation.comparisons.rank_table`.
    confidence : float
        Of the interval, in (0, 1).
    """
    name = metric_name(row["metric"])
    if row["networks"] < 3:
        return f"{name}: an order takes three networks, and this build has {row['networks']}."
    place = (
        f"the best of {row['networks']} in it on validation is number {row['rank_on_test']} on test"
    )
    if math.isnan(row["spearman"]) or math.isnan(row["low"]):
        return f"{name}: {place}; a rank correlation cannot be given."
    numbers = (
        f"{row['spearman']:+z.2f}, {confidence:.0%} interval over people "
        f"{row['low']:+z.2f} to {row['high']:+z.2f}"
    ).replace("-", "−")
    return f"{name}: {place}; the rank correlation is {numbers}."


def rank_sentences(table: pd.DataFrame, confidence: float) -> str:
    """Put every row of a `rank_table` into a sentence, or all into one where all say the same."""
    if table["networks"].max() < 3:
        return "An order takes three networks of an output, and this build has fewer."
    return " ".join(rank_sentence(row, confidence) for _, row in table.iterrows())


def shift_sentence(table: pd.DataFrame, balanced: bool, alpha: float = 0.05) -> str:
    """Say between which splits the categories differ more than by chance, or less.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.shift.prior_shift_table`.
    balanced : bool
        Whether the people were dealt to the splits so as to balance the categories.
    alpha : float
        A p-value of at most that counts as more than chance.
    """
    if table.empty:
        return "The labels of the splits cannot be compared."
    shifted = table.loc[table["p"] <= alpha, "splits"]
    closer = table.loc[table["total_variation"] < table["low"], "splits"]
    sentence = (
        "Between no two splits do the shares of the categories differ more than they would if the "
        "same people were dealt to them at random."
    )
    if len(shifted):
        sentence = f"More than chance explains is the distance between {'; '.join(shifted)}."
    if len(closer):
        which = "all of them" if len(closer) == len(table) > 1 else "; ".join(closer)
        why = ", since people were dealt to them so as to balance the categories" * balanced
        sentence += f" Below the interval of such deals is the distance between {which}{why}."
    return sentence


def coverage_sentence(
    table: pd.DataFrame, method: str, people: int, titles: Mapping[str, str]
) -> str:
    """Say how often intervals of one kind hold the truth.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.coverage.coverage_table`.
    method : str
        One of its methods.
    people : int
        One of its numbers of people.
    titles : mapping of str to str
        The name of each metric.
    """
    rows = table[(table["method"] == method) & (table["people"] == people)]
    return join_words([f"{row.coverage:.1%} ({titles[row.metric]})" for row in rows.itertuples()])


def uniform_sentence(p_values: Mapping[str, ArrayLike], alpha: float = 0.05) -> str:
    """Say whether p-values are spread evenly, as they must be where there is nothing to find.

    Parameters
    ----------
    p_values : mapping of str to array_like
        P-values by what was tested.
    alpha : float
        Level of the test of Kolmogorov and Smirnov, and of the share that is named.
    """
    found: dict[bool, list[str]] = {True: [], False: []}
    for name, values in p_values.items():
        values = np.asarray(values)
        p = stats.kstest(values, "uniform").pvalue
        share = np.mean(values <= alpha)
        found[bool(p > alpha)].append(
            f"{name} (Kolmogorov-Smirnov p {_p_value(p)}; {share:.1%} are at most {alpha:g})"
        )
    endings = {True: "no departure from an even spread was found", False: "the spread is not even"}
    return " ".join(
        f"Among the p-values in {join_words(names)} {endings[even]}."
        for even, names in found.items()
        if names
    )


def power_sentence(table: pd.DataFrame, titles: Mapping[str, str], enough: float = 0.8) -> str:
    """Say how large a difference has to be to be found with good chances.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.coverage.power_table`.
    titles : mapping of str to str
        The name of each metric.
    enough : float
        Share of tests that find a difference, from which chances are called good.
    """
    found, lacking = [], []
    for metric, rows in table.groupby("metric", sort=False):
        enough_found = rows[rows["power"] >= enough]
        if enough_found.empty:
            lacking.append(f"{rows['difference'].max():.2f} in {titles[metric]}")
        else:
            found.append(f"{enough_found['difference'].min():.2f} in {titles[metric]}")
    sentences = []
    if found:
        sentences.append(
            f"Of the differences tried, the smallest that at least {enough:.0%} of the tests find "
            f"is {join_words(found)}."
        )
    if lacking:
        sentences.append(
            f"Not even the largest that was tried, {join_words(lacking)}, is found by {enough:.0%} "
            "of the tests."
        )
    return " ".join(sentences)


def inside_sentence(name: str) -> str:
    """Return a name with a small first letter, unless it is an abbreviation."""
    return name if name[1].isupper() else name[0].lower() + name[1:]


def _p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"
