"""Sentences of the first pages: which network is best, whether both at once is better, the corpus.

All of them turn when the numbers turn, and say it when nothing can be said.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from emolib.evaluation.comparisons import BEST_PAIR, MEAN_OF_PAIRS
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
        The answer in short, the metrics that it rests on, and, since it is that of a mean, what is
        certain of single pairs and of the one that validation chooses.
    """
    found: dict[str, list[str]] = {"higher": [], "lower": [], "undecided": [], "lacking": []}
    for metric, table in tables.items():
        row = pair_row(table, metric)
        name = inside_sentence(metric_name(metric))
        if row is None:
            found["lacking"].append(name)
            continue
        found[_confirmed(row, confidence)].append(name)
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
    sizes = {len(_single_pairs(table, metric)) for metric, table in tables.items()} - {0}
    of = f"the {sizes.pop()} pairs" if len(sizes) == 1 else "all pairs"
    mean = "" if of == "the 1 pairs" else f", in the mean of {of}, "
    answer = (
        f"{ANSWERS[certain]}. Beside networks that learn one representation alone, those that "
        f"learn both are{mean or ' '}{join_words(parts)}."
    )
    return " ".join([answer, *_pair_by_pair(tables, confidence), *_chosen(tables, confidence)])


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
    people = f"{first['people']} {split} {'people' if first['people'] > 1 else 'person'}"
    on = f"on the {people} it reaches {scores}{_faceless(table)}."
    if first["networks"] == 1:
        return f"The one network for {of_what} is {first['network']}; {on}"
    names = join_words([inside_sentence(metric_name(metric)) for metric in table["metric"]])
    by = names if len(table) == 1 else f"the mean of {names}"
    opening = (
        f"Of {first['networks']} networks for {of_what}, validation chooses "
        f"{first['network']}, by {by}; {on}"
    )
    return " ".join([opening, *[_certainty(row, confidence) for _, row in table.iterrows()]])


def trivial_sentence(table: pd.DataFrame, split: str) -> str:
    """Say what is reached without a face, and which networks are not certainly above it.

    Parameters
    ----------
    table : pandas.DataFrame
        Every network beside the best trivial predictor; see
        `emolib.evaluation.comparisons.advantage_table`.
    split : str
        The split judged.
    """
    said: dict[str, list[str]] = {}
    for metric, rows in table.groupby("metric", sort=False):
        first = rows.iloc[0]
        found = {
            word: [row.network for row in rows.itertuples() if verdict(row.low, row.high) == word]
            for word in ("higher", "undecided", "lower")
        }
        endings = [
            f"{join_words(found[word])} {'are' if len(found[word]) > 1 else 'is'} {ending}"
            for word, ending in (("undecided", "not to be told from it"), ("lower", "below it"))
            if found[word]
        ]
        sure = len(found["higher"])
        above = f"{sure} of {len(rows)} networks {'are' if sure > 1 else 'is'} certainly above that"
        if len(found["higher"]) == len(rows):
            above = f"all {len(rows)} networks are certainly above that"
            above = above if len(rows) > 1 else "the one network is certainly above that"
        elif not found["higher"]:
            above = "no network is certainly above that"
        text = (
            f"the best of them on the {split} people, {first['baseline']}, reaches "
            f"{_number(first['baseline_value'])}: {'; '.join([above, *endings])}."
        )
        said.setdefault(text, []).append(inside_sentence(metric_name(metric)))
    found = [f"In {join_words(names)} {text}" for text, names in said.items()]
    return " ".join(found) or "This build trained no network to set beside them."


def both_sentence(combined: Sequence[str]) -> str:
    """Say that combined networks are counted among those for either output.

    Parameters
    ----------
    combined : sequence of str
        Their names.
    """
    if not combined:
        return "No network of this build gives both."
    if len(combined) == 1:
        return "One network gives both, and counts in each."
    return f"{len(combined)} networks give both, and count in each."


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


def _confirmed(row: pd.Series, confidence: float) -> str:
    return verdict(row["low"], row["high"]) if is_confirmed(row, confidence) else "undecided"


def _single_pairs(table: pd.DataFrame, metric: str) -> pd.DataFrame:
    return table[(table["metric"] == metric) & ~table["pair"].isin([MEAN_OF_PAIRS, BEST_PAIR])]


def _pair_by_pair(tables: Mapping[str, pd.DataFrame], confidence: float) -> list[str]:
    """Say how many single pairs differ for certain; metrics of which the same is said, at once."""
    said: dict[str, list[str]] = {}
    for metric, table in tables.items():
        rows = _single_pairs(table, metric)
        if len(rows) < 2:
            continue
        found = Counter(_confirmed(row, confidence) for _, row in rows.iterrows())
        parts = [f"{word} for {found[word]}" for word in ("higher", "lower") if found[word]]
        parts += [f"undecided for {found['undecided']}"] if found["undecided"] else []
        if len(found) == 1:
            (word,) = found
            parts = [f"{word} for all {len(rows)}"]
        said.setdefault(join_words(parts), []).append(inside_sentence(metric_name(metric)))
    if not said:
        return []
    parts = [
        f"{join_words(names)} {'are' if len(names) > 1 else 'is'} {found}"
        for found, names in said.items()
    ]
    return [f"Pair by pair, {'; '.join(parts)}."]


def _chosen(tables: Mapping[str, pd.DataFrame], confidence: float) -> list[str]:
    """Say what is certain of the pair that validation chooses."""
    found: dict[str, list[str]] = {"higher": [], "lower": [], "undecided": []}
    for metric, table in tables.items():
        rows = table[(table["metric"] == metric) & (table["pair"] == BEST_PAIR)]
        for _, row in rows.iterrows():
            found[_confirmed(row, confidence)].append(inside_sentence(metric_name(metric)))
    parts = [f"{word} in {join_words(names)}" for word, names in found.items() if names]
    if not parts:
        return []
    who = "Of those that validation chooses, the combined network"
    if len(found["undecided"]) == sum(map(len, found.values())):
        return [f"{who} differs for certain from the single one in none of these."]
    return [f"{who} is {join_words(parts)}."]


def _number(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")


def _score(row: pd.Series, confidence: float) -> str:
    name = inside_sentence(metric_name(row["metric"]))
    if np.isnan(row["value"]):
        return f"no defined {name}"
    text = f"{name} {_number(row['value'])}"
    if not np.isnan(row["low"]):
        text += f" ({confidence:.0%} interval {_number(row['low'])} to {_number(row['high'])})"
    return text


def _faceless(table: pd.DataFrame) -> str:
    """Say what the best trivial predictor reaches in each metric, where it is known."""
    known = table.dropna(subset="trivial")
    if known.empty:
        return ""
    reached = list(dict.fromkeys(map(_number, known["trivial"])))
    if len(reached) > 1:
        names = [inside_sentence(metric_name(metric)) for metric in known["metric"]]
        pairs = zip(known["trivial"], names, strict=True)
        reached = [f"{_number(value)} in {name}" for value, name in pairs]
    return f", where the best predictor that never looks at a face reaches {join_words(reached)}"


def _draws(row: pd.Series) -> str:
    """Say in which share of draws of the people it is the highest; nothing if that is unknown."""
    share = row["highest"]
    if np.isnan(share):
        return ""
    said = f"{share:.0%}"
    if share in (0, 1):
        said = "all" if share else "none"
    elif said in ("0%", "100%"):
        said = "less than 1%" if share < 0.5 else "more than 99%"
    return f", and the highest in {said} of the draws of them"


def _certainty(row: pd.Series, confidence: float) -> str:
    """Say of one metric how many others are below, above or alike, and draw the conclusion."""
    name, others = inside_sentence(metric_name(row["metric"])), row["networks"] - 1
    if np.isnan(row["value"]):
        return f"In {name} nothing can be said of its place."
    if row["below"] == others:
        conclusion = "that it is the best is as certain as these intervals are"
    elif row["above"]:
        conclusion = "it is not the best there"
    elif row["rank"] > 1 and row["highest"] < 1 - confidence:
        conclusion = "which is the best stays open, and hardly is it this one"
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
        f"In {name} it is number {row['rank']} of {row['networks']} on these people"
        f"{_draws(row)}; {said}: {conclusion}."
    )
