"""Sentences of the first pages: which network is best, whether both at once is better, the corpus.

All of them turn when the numbers turn, and say it when nothing can be said.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import metric_name
from emolib.evaluation.prose import inside_sentence, is_confirmed, join_words, pair_row, verdict

ANSWERS = {
    ("higher",): "Yes",
    ("lower",): "No",
    ("higher", "lower"): "Better in one, worse in another",
    (): "Undecided",
}
"""The answer in short, by what is certain of any metric."""


def answer_sentence(tables: Mapping[str, pd.DataFrame], confidence: float) -> str:
    """Answer whether combined networks are better than single ones, over all metrics at once.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        The metrics that are asked for, and the table that holds each; see
        `emolib.evaluation.comparisons.pair_table`.
    confidence : float
        Of the intervals, in (0, 1). A difference is certain where its interval lies on one side
        of zero and the corrected p-value is at most one minus that.

    Returns
    -------
    str
        The answer in short, and the metrics that it rests on.
    """
    found: dict[str, list[str]] = {"higher": [], "lower": [], "undecided": [], "lacking": []}
    for metric, table in tables.items():
        row = pair_row(table, metric)
        name = inside_sentence(metric_name(metric))
        if row is None:
            found["lacking"].append(name)
            continue
        said = verdict(row["low"], row["high"]) if is_confirmed(row, confidence) else "undecided"
        found[said].append(name)
    if len(found["lacking"]) == len(tables):
        return "Not tested: this build has no combined and single networks to compare."
    certain = tuple(said for said in ("higher", "lower") if found[said])
    parts = [
        f"{how} in {join_words(found[said])}"
        for said, how in (("higher", "better"), ("lower", "worse"))
        if found[said]
    ]
    if found["undecided"]:
        parts.append(f"not certain to differ in {join_words(found['undecided'])}")
    if found["lacking"]:
        parts.append(f"not compared in {join_words(found['lacking'])}")
    return (
        f"{ANSWERS[certain]}. Beside networks that learn one representation alone, those that "
        f"learn both are {join_words(parts)}."
    )


def leader_sentence(table: pd.DataFrame, of_what: str, split: str, confidence: float) -> str:
    """Say which network is best, how it scores, and how sure one may be of it.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.leaders.leader_table`.
    of_what : str
        What the network gives, such as "categories".
    split : str
        The split judged.
    confidence : float
        Of the intervals, in (0, 1).
    """
    if table.empty:
        return f"This build trained no network for {of_what}."
    first = table.iloc[0]
    scores = join_words([_score(row, confidence) for _, row in table.iterrows()])
    on = f"on the {first['people']} {split} people it reaches {scores}."
    if first["networks"] == 1:
        return f"The one network for {of_what} is {first['network']}; {on}"
    opening = (
        f"Of {first['networks']} networks for {of_what}, validation chooses "
        f"{first['network']}; {on}"
    )
    return " ".join([opening, *[_certainty(row) for _, row in table.iterrows()]])


def corpus_sentence(samples: pd.DataFrame, videos: int, kind: str, split: str) -> str:
    """Say in one sentence what corpus a build rests on, and that it is simulated if it is.

    Parameters
    ----------
    samples : pandas.DataFrame
        The faces that carry both kinds of label: ``person, split``.
    videos : int
        Number of usable videos.
    kind : str
        ``corpus.kind`` of the configuration.
    split : str
        The split judged.
    """
    people = samples["person"].nunique()
    judged = samples.loc[samples["split"] == split, "person"].nunique()
    counted = (
        f"{videos:,} videos; {len(samples):,} faces of {people:,} people carry a category, valence "
        f"and arousal, and the {judged:,} {split} people are those that networks are judged on"
    )
    if kind == "simulated":
        return f"The corpus is simulated, rendered by this software: {counted}."
    return f"The corpus is one of real recordings, read as {kind}: {counted}."


def _score(row: pd.Series, confidence: float) -> str:
    name = inside_sentence(metric_name(row["metric"]))
    if np.isnan(row["value"]):
        return f"no defined {name}"
    text = f"{name} {row['value']:z.2f}"
    if not np.isnan(row["low"]):
        text += f" ({confidence:.0%} interval {row['low']:z.2f} to {row['high']:z.2f})"
    return text.replace("-", "−")


def _certainty(row: pd.Series) -> str:
    """Say of one metric how many others are below, above or alike, and draw the conclusion."""
    name, others = inside_sentence(metric_name(row["metric"])), row["networks"] - 1
    if np.isnan(row["value"]):
        return f"In {name} nothing can be said of its place."
    if row["below"] == others:
        conclusion = "that it is the best is as certain as these intervals are"
    elif row["above"]:
        conclusion = "it is not the best there"
    else:
        conclusion = "which is the best stays open"
    places = {
        "below": "are certainly below it",
        "alike": "are not to be told from it",
        "above": "are certainly above it",
    }
    counted = {place: row[place] for place in places if row[place]}
    parts = [
        f"{count} {places[place] if count > 1 else places[place].replace('are', 'is', 1)}"
        for place, count in counted.items()
    ]
    said = f"of the {others} others {join_words(parts)}"
    if len(counted) == 1:
        (place,) = counted
        said = f"all {others} others {places[place]}"
        said = said if others > 1 else f"the other {places[place].replace('are', 'is', 1)}"
    return (
        f"In {name} it is number {row['rank']} of {row['networks']} on these people; {said}: "
        f"{conclusion}."
    )
