"""Sentences about a search for hyperparameters, which turn when the numbers turn."""

from collections.abc import Sequence

import pandas as pd

from emolib.evaluation.formatting import metric_name
from emolib.evaluation.prose import inside_sentence, join_words, verdict
from emolib.evaluation.searches import SEARCHED, TITLES, Searched

NONE = (
    "This build searched no hyperparameters; a configuration asks for it by naming networks of the "
    "build, such as “search: {networks: [vgg16-combined-1fc], trials: 40}”."
)

FEW_VALUES = 4
"""Up to so many values that come back are a list, and more are a range."""

FEW_TRIALS = 5
"""Trials a setting below which shares of the spread are called a hint."""

_ENDS = {
    "complete": "trained to the end",
    "pruned": "given up early",
    "diverged": "without a usable loss, their learning rate being too large",
}


def findings(searches: Sequence[Searched]) -> dict[str, str]:
    """Return the sentences about what was tried and found on the validation people, by key."""
    return {
        "tried": tried_sentence(searches),
        "time": time_sentence(searches),
        "pruning": pruning_sentence(searches),
        "found": found_sentence(searches),
        "edge": edge_sentence(searches),
        "left_out": left_out_sentence(searches),
        "importance": importance_sentence(searches),
    }


def tried_sentence(searches: Sequence[Searched]) -> str:
    """Say how many settings were tried of each network, and what became of them."""
    if not searches:
        return NONE
    parts = []
    for each in searches:
        ends = each.trials["end"].value_counts()
        found = [f"{ends[end]} {words}" for end, words in _ENDS.items() if end in ends]
        count = f"{len(each.trials)} trials"
        if len(each.trials) == 1:
            count = "1 trial"
        parts.append(f"{each.network}: {count} ({join_words(found)})")
    return f"{'; '.join(parts)}."


def time_sentence(searches: Sequence[Searched]) -> str:
    """Say how long the trials took, and how many workers did them."""
    if not searches:
        return ""
    trials = pd.concat([each.trials for each in searches])
    seconds = trials["seconds"].sum()
    workers = trials.loc[trials["worker"] != "", "worker"].nunique()
    amount = f"{seconds / 3600:.1f} hours" if seconds > 7200 else f"{seconds / 60:.1f} minutes"
    who = "1 process" if workers == 1 else f"{workers} processes"
    return f"They took {amount} of computing, done by {who}."


def pruning_sentence(searches: Sequence[Searched]) -> str:
    """Say whether trials are given up, and from when on."""
    unpruned = _unpruned(searches)
    if unpruned is None:
        return "Every trial trains the network once, to the end."
    return (
        f"Every trial trains the network once. When {unpruned} have been trained to the end, "
        "others are given up as soon as their loss is worse than that of half of those at the same "
        "epoch."
    )


def left_out_sentence(searches: Sequence[Searched]) -> str:
    """Say which trials the shares of the spread leave out, and which bad ones they do not."""
    unpruned = _unpruned(searches)
    if unpruned is None:
        return ""
    return (
        f"Trials that were given up are not in it, but the first {unpruned} are, as far as "
        "they were drawn and however bad they are, since they could not be given up."
    )


def found_sentence(searches: Sequence[Searched]) -> str:
    """Say what the best setting of each network is worth on the validation people."""
    return " ".join(map(_found, searches))


def importance_sentence(searches: Sequence[Searched], much: float = 0.2) -> str:
    """Say which settings explain much of how the trials differ.

    Parameters
    ----------
    searches : sequence of Searched
        The studies.
    much : float
        Share of the variance from which a setting is named.
    """
    sentences = []
    for each in searches:
        table = each.importance
        complete = int(((each.trials["end"] == "complete") & _drawn(each)).sum())
        if table.empty:
            sentences.append(
                f"{each.network}: too few settings that were drawn were trained to the end "
                f"({complete}) to say what matters."
            )
            continue
        named = table[table["importance"] >= much]
        shown = (named if len(named) else table.head(1)).itertuples()
        parts = [f"{TITLES[row.setting]} ({row.importance:.0%})" for row in shown]
        hint = ""
        if complete < FEW_TRIALS * len(table):
            hint = f", which {complete} trials of {len(table)} settings can only hint at"
        sentences.append(
            f"{each.network}: of the spread over {complete} complete trials, most goes to "
            f"{join_words(parts)}{hint}."
        )
    return " ".join(sentences)


def edge_sentence(searches: Sequence[Searched]) -> str:
    """Say which best values lie at the edge of what was drawn, where a wider range may do better.

    An edge is the outermost twentieth of the values that were drawn from a range, and the smallest
    or largest of a list of numbers.
    """
    sentences = []
    for each in searches:
        found = []
        for name in TITLES:
            if name not in each.trials or each.trials[name].map(type).eq(str).all():
                continue
            values = each.trials.loc[_drawn(each), name].dropna().astype(float)
            if where := _edge(values, float(each.best[name])):
                found.append(f"{TITLES[name]} ({where})")
        if found:
            lie = "lies" if len(found) == 1 else "lie"
            sentences.append(
                f"Of {each.network}, the best {join_words(found)} {lie} at the edge of what was "
                "drawn; a wider range might hold better ones."
            )
    if searches and not sentences:
        return "No best value lies at the edge of what was drawn."
    return " ".join(sentences)


def outcome_sentence(table: pd.DataFrame, confidence: float) -> str:
    """Say whether the best settings do better on the test people.

    Parameters
    ----------
    table : pandas.DataFrame
        See `emolib.evaluation.ablations.ablation_table`; ``ablated`` is the best setting.
    confidence : float
        Of the intervals; a corrected p-value above one minus it confirms no difference.
    """
    if table.empty:
        return "There is no other setting to compare with."
    found = pd.Series([verdict(row.low, row.high) for row in table.itertuples()], table.index)
    found = found.where(table["p_holm"] <= 1 - confidence, "undecided")
    parts = []
    for result, words in (("higher", "better"), ("lower", "worse")):
        rows = table[found == result]
        if len(rows):
            named = [
                f"{inside_sentence(metric_name(row.metric))} ({row.ablation}, "
                f"{_signed(row.difference)})"
                for row in rows.itertuples()
            ]
            parts.append(f"{words} in {join_words(named)}")
    if not parts:
        return (
            f"On people who had no part in the search, none of {len(table)} comparisons finds a "
            "difference that interval and corrected p-value agree on: the search found nothing "
            "that is better beyond doubt."
        )
    rest = int((found == "undecided").sum())
    others = f"; {rest} of {len(table)} comparisons leave it open" if rest else ""
    return (
        "On people who had no part in the search, and as far as interval and corrected p-value "
        f"agree, the best setting is {join_words(parts)}{others}."
    )


def optimism_sentence(validation: pd.DataFrame, test: pd.DataFrame) -> str:
    """Say how much of what the best gains on validation it keeps on test, metric by metric.

    Parameters
    ----------
    validation, test : pandas.DataFrame
        See `emolib.evaluation.ablations.ablation_table`, of the same comparisons.
    """
    if validation.empty or test.empty:
        return ""
    gains = [
        table.groupby("metric", sort=False)["difference"].mean() for table in (validation, test)
    ]
    parts = [
        f"{_signed(gains[0][metric])} and {_signed(gains[1][metric])} in "
        f"{inside_sentence(metric_name(metric))}"
        for metric in gains[0].index
    ]
    several = test["ablation"].nunique()
    over, intervals = "Beside the one other setting", ""
    if several > 1:
        over = f"In the mean over {several} other settings"
        intervals = "; these means come without an interval, which each comparison has"
    return (
        f"{over}, the best gains on the validation people, by whom it was chosen, and on the test "
        f"people {join_words(parts)}{intervals}."
    )


def _signed(value: float) -> str:
    return f"{value:+z.2f}".replace("-", "−")


def _drawn(search: Searched) -> pd.Series:
    return search.trials["origin"] == SEARCHED


def _edge(drawn: pd.Series, best: float) -> str:
    """Return the best value of a setting, and of which list, if it lies at the edge; else ""."""
    below, above = (drawn < best).mean(), (drawn > best).mean()
    different = drawn.nunique()
    if different > FEW_VALUES:
        return f"{best:g}" if min(below, above) <= 0.05 else ""
    if different < 2 or different == len(drawn) or min(below, above) > 0:
        return ""  # set and not drawn, or too few trials to tell a list from a range, or inside
    several = len({*drawn, best})  # one that was given may be in no list
    side = ("smaller", "smallest") if below == 0 else ("larger", "largest")
    return f"{best:g}, the {side[several > 2]} of {several}"


def _found(each: Searched) -> str:
    best, trials = each.best, each.trials
    given = trials[(trials["origin"] != SEARCHED) & trials["loss"].notna()]
    known = [f"{row.loss:.3f} with the setting of {row.origin}" for row in given.itertuples()]
    if best["origin"] != SEARCHED:
        others = given[given["origin"] != best["origin"]]
        beside = [f"{row.loss:.3f} of {row.origin}" for row in others.itertuples()]
        ending = f" (beside {join_words(beside)})" if beside else ""
        return (
            f"{each.network}: no setting that was drawn did better on the validation people than "
            f"that of {best['origin']}, whose loss is {best['loss']:.3f}{ending}."
        )
    return (
        f"{each.network}: the best, trial {best['trial']} of {len(trials)}, has a validation loss "
        f"of {best['loss']:.3f}; it is {join_words(known)}."
    )


def _unpruned(searches: Sequence[Searched]) -> int | None:
    """Return how many trials are trained to the end before others can be given up; None: all."""
    counts = (each.unpruned for each in searches if each.unpruned is not None)
    return max(counts, default=None)
