"""What others reached, year by year, and how much of it is known here.

Conventions
-----------
- A number counts as a result of a round unless it was measured on validation people. Where a
  publication does not say on which people, it is taken as the challenge ranked it, and the table
  says ``not stated``.
- The best result of a year is the best that is shipped, not the best that there is: `gap_sentence`
  says how many rounds lack a number.
- Challenges on valence and arousal rank by the mean of both concordances. Where a publication
  prints the two and not the mean, `best_by_year` takes the mean of what is printed.
- Numbers of different corpora, and of one corpus in different years, were measured on different
  people. Nothing here subtracts one from another.
"""

import pandas as pd

from emolib.evaluation.prose import join_words

BASELINE = "baseline"
"""The ``place`` of the organisers' own system."""

METRICS = {
    "ccc_valence": "CCC of valence",
    "ccc_arousal": "CCC of arousal",
    "ccc_mean": "CCC, mean of both",
    "macro_f1": "macro F1",
    "accuracy": "total accuracy",
}
"""Metric -> its name above a panel of the chart, in the order shown."""

STEADY = 0.1
"""A range of baselines below this counts as steady in `baseline_sentence`."""


def best_by_year(results: pd.DataFrame) -> pd.DataFrame:
    """Return the best result of every corpus, metric and year, and the best baseline beside it.

    Parameters
    ----------
    results : pandas.DataFrame
        As `published.related` returns them.

    Returns
    -------
    pandas.DataFrame
        ``metric, corpus, year, system, place, value, source, split, baseline``; the last is True
        for the organisers' systems. Sorted by the order of `METRICS`, corpus and year.

    Examples
    --------
    >>> from emolib.evaluation import published
    >>> best = best_by_year(published.related())
    >>> best.loc[(best["corpus"] == "SEWA") & ~best["baseline"], ["metric", "value"]].values
    array([['ccc_valence', 0.756],
           ['ccc_arousal', 0.675],
           ['ccc_mean', 0.7155]], dtype=object)
    """
    ranked = results[results["split"] != "validation"]
    ranked = pd.concat([ranked, _means(ranked)], ignore_index=True)
    ranked = ranked.assign(baseline=ranked["place"] == BASELINE)
    keys = ["metric", "corpus", "year", "baseline"]
    best = ranked.loc[ranked.groupby(keys)["value"].idxmax()]
    order = best["metric"].map(list(METRICS).index)
    best = best.assign(order=order).sort_values(["order", "corpus", "year", "baseline"])
    columns = ["metric", "corpus", "year", "system", "place", "value", "source", "split"]
    return best[[*columns, "baseline"]].reset_index(drop=True)


def coverage(rounds: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    """Return for every round of a challenge whether a number of it is known, and the winner's.

    Parameters
    ----------
    rounds, results : pandas.DataFrame
        As `published.rounds` and `published.related` return them.

    Returns
    -------
    pandas.DataFrame
        ``challenge, year, task, known, winner``; the last two are truth values. A baseline alone
        makes no round known.
    """
    keys = ["challenge", "year", "task"]
    ranked = results[(results["split"] != "validation") & (results["place"] != BASELINE)]
    known = pd.MultiIndex.from_frame(ranked[keys])
    won = pd.MultiIndex.from_frame(ranked.loc[ranked["place"] == "1", keys])
    index = pd.MultiIndex.from_frame(rounds[keys])
    return rounds[keys].assign(known=index.isin(known), winner=index.isin(won))


def result_rows(results: pd.DataFrame) -> pd.DataFrame:
    """Return the results as the book prints them: newest first, sources as citations.

    The cells of ``source`` hold the markup of a citation, which the book resolves.
    """
    rows = results.sort_values(["corpus", "year", "metric", "value"], ascending=[True, False] * 2)
    return pd.DataFrame(
        {
            "corpus": rows["corpus"],
            "year": rows["year"].astype(str),
            "system": rows["system"],
            "place": _place(rows),
            "metric": rows["metric"],
            "value": rows["printed"],
            "people": rows["split"],
            "source": _citation(rows["source"]),
            "where": rows["where"] + rows["hand"].map({"first": "", "second": ", second hand"}),
        }
    )


def count_sentence(results: pd.DataFrame) -> str:
    """Say how many numbers there are, from how many publications, and how they were read."""
    second = (results["hand"] == "second").sum()
    validation = (results["split"] == "validation").sum()
    return (
        f"It holds {len(results)} numbers from {results['source'].nunique()} publications: "
        f"{len(results) - second} were read in the publication of those who measured them, and "
        f"{second} in one that reports what others measured, which the last column calls second "
        f"hand; {validation} of all were measured on validation people and stay out of the chart."
    )


def gap_sentence(table: pd.DataFrame) -> str:
    """Say which rounds of `coverage` have no number here.

    Examples
    --------
    >>> rows = [("ABAW", 2020, "expression", False, False), ("ABAW", 2021, "expression", True, True)]
    >>> gap_sentence(pd.DataFrame(rows, columns=["challenge", "year", "task", "known", "winner"]))
    "Of 2 rounds, 1 has a number here of a system on test people, or on people that the source does not name, and it is the winner's. No such number could be verified for ABAW expression 2020."
    """  # noqa: E501
    known, won = int(table["known"].sum()), int(table["winner"].sum())
    has = "has" if known == 1 else "have"
    winners = f"{won or 'none'} of them the winner's"
    if known == 1:
        winners = "and it is the winner's" if won else "and it is not the winner's"
    said = (
        f"Of {len(table)} rounds, {known or 'none'} {has} a number here of a system on test "
        "people, or on people that the source does not name"
    )
    said += f", {winners}." if known else "."
    lacking = table[~table["known"]]
    if lacking.empty:
        return said
    years = lacking.groupby(["challenge", "task"], sort=False)["year"]
    named = [
        f"{challenge} {task} {join_words(map(str, group))}" for (challenge, task), group in years
    ]
    return f"{said} No such number could be verified for {'; '.join(named)}."


def best_sentence(best: pd.DataFrame, corpus: str) -> str:
    """Say what is the highest number of each metric on one corpus, and on which people.

    Parameters
    ----------
    best : pandas.DataFrame
        As `best_by_year` returns it.
    corpus : str
        Its name there.
    """
    rows = best[(best["corpus"] == corpus) & ~best["baseline"]]
    if rows.empty:
        return f"No number is known here for {corpus}."
    highest = rows.loc[rows.groupby("metric", sort=False)["value"].idxmax()]
    named = [
        f"{METRICS[row.metric]} {row.value:.2f} ({row.year}{_people(row.split)})"
        for row in highest.itertuples()
    ]
    return (
        f"The highest numbers known here on {corpus}, those of validation people left out, are "
        f"{join_words(named)}."
    )


def baseline_sentence(best: pd.DataFrame, corpus: str) -> str:
    """Say whether the organisers' baselines on a corpus moved over the years.

    Parameters
    ----------
    best : pandas.DataFrame
        As `best_by_year` returns it.
    corpus : str
        Its name there.
    """
    rows = best[(best["corpus"] == corpus) & best["baseline"]]
    spans = rows.groupby("metric", sort=False)["value"].agg(["min", "max", "size"])
    spans = spans[spans["size"] > 1]
    if spans.empty:
        return f"Too few baselines on {corpus} are known here to say how they moved."
    steady = (spans["max"] - spans["min"] < STEADY).all()
    moved = "hardly moved" if steady else "moved"
    meaning = (
        "which gives no sign that the test became easier"
        if steady
        else "so part of any change between years may be the test and not the systems"
    )
    named = [
        f"{METRICS[metric]} between {span['min']:.2f} and {span['max']:.2f}, "
        f"{span['size']:.0f} years known"
        for metric, span in spans.iterrows()
    ]
    return (
        f"Over the years the organisers' baselines on {corpus} {moved} ({'; '.join(named)}), "
        f"{meaning}."
    )


def _means(results: pd.DataFrame) -> pd.DataFrame:
    both = results[results["metric"].isin(["ccc_valence", "ccc_arousal"])]
    keys = ["year", "challenge", "corpus", "task", "system", "place", "source", "split"]
    found = both.groupby(keys, as_index=False)["value"].agg(["mean", "size"])
    found = found[found["size"] == 2].rename(columns={"mean": "value"})
    return found.assign(metric="ccc_mean")[[*keys, "metric", "value"]]


def _people(split: str) -> str:
    return "" if split == "test" else f", people {split}"


def _citation(keys: pd.Series) -> pd.Series:
    return "{cite:t}`" + keys + "`"


def _place(rows: pd.DataFrame) -> pd.Series:
    elsewhere = rows["place_source"] != ""
    said = rows["place"].replace("", "–")
    return said.mask(elsewhere, said + " (" + _citation(rows["place_source"]) + ")")
