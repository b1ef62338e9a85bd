"""Sentences of the results chapters: beside trivial predictors, what was chosen, on how few people.

All of them turn when the numbers turn, and say it when nothing can be said.
"""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import metric_name
from emolib.evaluation.metrics import metric_range, metric_target
from emolib.evaluation.prose import capital, inside_sentence, join_words, verdict
from emolib.evaluation.results import Network

FEW = 2
"""Up to so many people, a score says more of them than of what they show."""

_NUMBERS = {1: "one", 2: "two"}


def advantage_sentences(table: pd.DataFrame, trivial: Mapping[str, Network], split: str) -> str:
    """Count the networks that are ahead of the best trivial predictor, and those that are not.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.comparisons.advantage_table`.
    trivial : mapping of str to Network
        The predictors that it was made from.
    split : str
        The split it judges.

    Returns
    -------
    str
        One sentence for all metrics in which the same was found.
    """
    if table.empty:
        return f"This build trained no network that could be judged on the {split} people."
    said: dict[str, list[str]] = {}
    for metric, rows in table.groupby("metric", sort=False):
        able = sum(each.predicts(metric_target(metric)) for each in trivial.values())
        rival = "the best trivial predictor" if able > 1 else "the trivial predictor"
        found = Counter(
            standing(row.low, row.high, lower_is_better(metric)) for row in rows.itertuples()
        )
        words = standing_words(found, "network", rival)
        said.setdefault(words, []).append(f"by {inside_sentence(metric_name(metric))}")
    where = [f" on the {split} people", *[""] * (len(said) - 1)]
    return " ".join(
        f"Judged {join_words(metrics)}{people}, {words}."
        for people, (words, metrics) in zip(where, said.items(), strict=True)
    )


def error_sentence(table: pd.DataFrame, trivial: Mapping[str, Network], split: str) -> str:
    """Say what squared error a trivial predictor makes, and whether networks make less.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.comparisons.advantage_table`; rows of other metrics are passed over.
    trivial, split
        As for `advantage_sentences`, which has the last word.
    """
    parts = []
    rows = table[table["metric"].map(lower_is_better).astype(bool)]
    for metric, mine in rows.groupby("metric", sort=False):
        values, error = mine["value"], mine["baseline_value"].iloc[0]
        lower, total = int((error < values).sum()), len(values)
        if total == 1:
            of = f"{'lower' if lower else 'not lower'} than that of the one network"
        elif lower in (0, total):
            of = "lower than that of all" if lower else "not lower than that of any of the"
            of += f" {total} networks"
        else:
            of = f"lower than that of {lower} of the {total} networks"
        ends = dict.fromkeys(f"{value:.3f}" for value in (values.min(), values.max()))
        parts.append(f"{error:.3f} in {metric.removeprefix('mse_')}, {of} ({' to '.join(ends)})")
    if not parts:
        return f"On the {split} people there is no network to set its squared error beside."
    return (
        f"On the {split} people its squared error is {', and '.join(parts)}. "
        f"{advantage_sentences(rows, trivial, split)}"
    )


def choice_sentence(
    chosen: pd.DataFrame, judged: pd.DataFrame, by: str, split: str, confidence: float
) -> str:
    """Say which network validation chooses, whether others are told from it, and what it reaches.

    Parameters
    ----------
    chosen, judged : pandas.DataFrame
        See `emolib.evaluation.leaders.leader_table`: on the validation people, and on others.
    by : str
        The score that it is chosen by, such as ``macro F1``: the mean of the metrics.
    split : str
        The split of `judged`.
    confidence : float
        Of the intervals, in (0, 1).
    """
    if chosen.empty:
        return "This build trained no network to choose from, so a trivial predictor is shown."
    first, score = chosen.iloc[0], chosen["value"].mean()
    others = first["networks"] - 1
    if np.isnan(score):
        opening = f"Validation defines no {by}, so the first network is taken, {first['network']}."
    elif not others:
        opening = f"The one network is {first['network']}; its {by} on the validation people is "
        opening += f"{_number(score)}."
    else:
        opening = (
            f"The highest {by} on the validation people, {_number(score)}, belongs to "
            f"{first['network']}; {_told_apart(chosen, others)}."
        )
    scores = join_words([_score(row, confidence) for _, row in judged.iterrows()])
    people = judged["people"].iloc[0]
    noun = f"one {split} person" if people == 1 else f"{people:,} {split} people"
    return f"{opening} On the {noun} it reaches {scores}."


def few_people_sentence(table: pd.DataFrame, split: str) -> str:
    """Name the categories that so few people show that a score says little of others.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.tables.precision_recall_table`.
    split : str
        The split it judges.
    """
    shown = table[table["emotion"].map(lambda name: not name.endswith(" average"))]
    shown = shown[shown["people"] > 0].set_index("emotion")["people"]
    if shown.empty:
        return f"Nobody among the {split} people shows a category."
    few = [(count, list(shown.index[shown == count])) for count in range(1, FEW + 1)]
    few = [(count, names) for count, names in few if names]
    if not few:
        return f"Each category that is shown has at least {shown.min()} {split} people."
    noun, parts = f" {split} {'person' if few[0][0] == 1 else 'people'}", []
    for count, names in few:
        verb = "" if parts else " are shown" if len(names) > 1 else " is shown"
        each = " each" if len(names) > 1 else ""
        parts.append(f"{join_words(names)}{verb} by {_NUMBERS[count]}{noun}{each}")
        noun = ""
    whole = ", ".join(parts)
    return (
        f"{capital(whole)}: scores that rest on so few say more of these people than "
        "of the category."
    )


def lower_is_better(metric: str) -> bool:
    """Return whether a metric is an error."""
    return metric_range(metric)[1] == np.inf


def standing(low: float, high: float, lower_wins: bool = False) -> str:
    """Say whether the first of two is ahead, from the interval of the difference.

    Examples
    --------
    >>> standing(0.1, 0.2), standing(-0.2, -0.1), standing(-0.1, 0.1), standing(0.1, 0.2, True)
    ('ahead', 'behind', 'open', 'behind')
    """
    return {
        "undecided": "open",
        "higher": "behind" if lower_wins else "ahead",
        "lower": "ahead" if lower_wins else "behind",
    }[verdict(low, high)]


def standing_words(found: Counter, noun: str, rival: str) -> str:
    """Count those that are ahead of a rival, not to be told from it, or behind it.

    Parameters
    ----------
    found : Counter
        How many are ``ahead``, ``open`` and ``behind``, as `standing` says; at least one.
    noun : str
        What they are, in the singular.
    rival : str
        What they are compared with.
    """
    total = found.total()
    if total > 1 and found["open"] == total:
        return f"none of the {total} {noun}s is to be told from {rival}"
    counted = {each: found[each] for each in ("ahead", "open", "behind") if found[each]}
    parts = []
    for each, count in counted.items():
        apart = f"with {'intervals' if count > 1 else 'an interval'} that exclude"
        apart += f"{'' if count > 1 else 's'} 0"
        ending = {
            "ahead": f"ahead of {rival}, {apart}",
            "open": f"not to be told from {rival}",
            "behind": f"behind {rival}, {apart}",
        }[each]
        who = str(count)
        if len(counted) == 1:
            who = f"the one {noun}" if total == 1 else f"all {total} {noun}s"
        parts.append(f"{who} {'are' if count > 1 else 'is'} {ending}")
        rival = "it"
    words = ("; " if any(", " in part for part in parts[:-1]) else " and ").join(parts)
    return words if len(counted) == 1 else f"of {total} {noun}s {words}"


def _told_apart(table: pd.DataFrame, others: int) -> str:
    """Say how many others cannot be told from the chosen network, metric by metric."""
    open_in = table[table["alike"] > 0]
    names = [inside_sentence(metric_name(metric)) for metric in open_in["metric"]]
    who = f"all {others} others are" if others > 1 else "the one other is"
    if not names:
        place = "told from it" if table["above"].any() else "certainly below it"
        return f"{who} {place} there, where it was picked, which favours it"
    counts = list(open_in["alike"])
    if len(table) == 1:
        parts = [str(counts[0])]
    else:
        parts = [f"{count} in {name}" for count, name in zip(counts, names, strict=True)]
    if set(counts) != {others}:
        return f"of the {others} others, {join_words(parts)} cannot be told from it there"
    where = f" in {join_words(names)}" if len(table) > 1 else ""
    none = f"none of the {others} others can" if others > 1 else "the one other cannot"
    return f"{none} be told from it there{where}"


def _score(row: pd.Series, confidence: float) -> str:
    name = inside_sentence(metric_name(row["metric"]))
    if np.isnan(row["value"]):
        return f"no defined {name}"
    text = f"{name} {_number(row['value'])}"
    if np.isnan(row["low"]):
        return f"{text} (no interval can be given)"
    limits = f"{_number(row['low'])} to {_number(row['high'])}"
    return f"{text} ({confidence:.0%} interval over people {limits})"


def _number(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")
