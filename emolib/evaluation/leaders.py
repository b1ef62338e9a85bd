"""Which network is best, and how sure one may be of it.

The best network is chosen on validation people and judged on test people, whom no choice was made
on: the one chosen is then no luckier there than any other. Three things say how sure one may be.

- The interval of its score, over people.
- Each other network is compared with it on the same people. It is **below** or **above** where the
  interval of the difference, widened by Holm's procedure for the number of others, lies on one
  side of zero; else the two are **alike**, which means that nobody can tell, and not that they are
  equal. Those above or alike are the networks among which the best one may be.
- The share of draws of the people, with replacement, in which it has the highest score of all.

Conventions
-----------
- Metrics are better when larger.
- An undefined score is below no other and above none.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation.formatting import link_place
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.results import BASELINE, Network, best, trained
from emolib.evaluation.sufficient import PersonSums, score
from emolib.evaluation.tables import score_table
from emolib.evaluation.uncertainty import (
    Interval,
    difference_interval,
    draw_people,
    holm,
    interval,
)

COLUMNS = ["metric", "network", "networks", "people", "value", "low", "high", "rank"]
COLUMNS += ["trivial", "below", "alike", "above", "highest"]


def leader_table(
    networks: Mapping[str, Network],
    metrics: Sequence[str],
    split: str,
    *,
    trivial: Mapping[str, Network] | None = None,
    n_replicates: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Choose a network on validation and compare it with all others on another split.

    Parameters
    ----------
    networks : mapping of str to Network
        By the name to show; those that do not predict the target of a metric are left out, and so
        are trivial predictors.
    metrics : sequence of str
        Names known to `emolib.evaluation.metrics.metric_target`. The network chosen is the one
        whose mean of them all is highest on validation.
    split : str
        The split judged.
    trivial : mapping of str to Network, optional
        Predictors that never look at a face, of any target.
    n_replicates, confidence, seed
        As in `emolib.evaluation.uncertainty`.

    Returns
    -------
    pandas.DataFrame
        A row a metric, none where no network can be judged: ``metric, network, networks`` (how
        many it was chosen from), ``people`` (of the split), ``value, low, high, rank`` (1 is the
        highest), ``trivial`` (the value of the best trivial predictor, if any), how many others
        are ``below, alike, above``, and ``highest``, the share of draws of the people in which no
        other network scores higher; undefined for fewer than two people.
    """
    able = {
        name: network
        for name, network in trained(networks).items()
        if all(network.predicts(metric_target(metric)) for metric in metrics)
    }
    if not able:
        return pd.DataFrame(columns=COLUMNS)
    chosen = best(able, metrics, "validation")
    sums = {name: network.on(split) for name, network in able.items()}
    rows = []
    for metric in metrics:
        found = interval(sums[chosen], metric, confidence=confidence)
        others = [other for name, other in sums.items() if name != chosen]
        compared = places(sums[chosen], others, metric, confidence)
        rows.append(
            {
                "metric": metric,
                "network": chosen,
                "networks": len(able),
                "people": sums[chosen].statistics(metric_target(metric)).shape[1],
                "value": found.estimate,
                "low": found.low,
                "high": found.high,
                "rank": 1 + sum(other.value(metric) > found.estimate for other in others),
                "trivial": _best_trivial(trivial or {}, metric, split),
                **{place: compared.count(place) for place in ("below", "alike", "above")},
                "highest": _share_highest(sums[chosen], others, metric, n_replicates, seed),
            }
        )
    return pd.DataFrame(rows, columns=COLUMNS)


def leader_rows(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return tables of leaders as the book prints them, in one; any of them may be empty."""
    found = [table for table in tables if len(table)]
    table = pd.concat(found, ignore_index=True) if found else tables[0]
    return table.drop(columns=["networks", "people"])


def overview_table(
    kinds: Sequence[Mapping[str, Network]],
    metrics: Sequence[str],
    split: str,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the score of every network in some metrics, with intervals over people.

    Parameters
    ----------
    kinds : sequence of mapping of str to Network
        The networks of each kind, by the name to show; trivial predictors are one more kind.
    metrics : sequence of str
        Names known to `emolib.evaluation.metrics.metric_target`.
    split : str
        The split judged.
    confidence : float
        As in `emolib.evaluation.uncertainty.interval`.

    Returns
    -------
    pandas.DataFrame
        ``key`` (the name of the network in a configuration, or of the predictor), ``network, kind,
        metric, estimate, low, high``, network by network; a network has no row for what it does
        not predict.
    """
    columns = ["key", "network", "kind", "metric", "estimate", "low", "high"]
    tables = [
        score_table({name: network}, metrics, [split], confidence=confidence).assign(
            key=name
            if network.kind == BASELINE
            else f"{network.backbone}-{network.kind}-{network.layers}fc"
        )
        for networks in kinds
        for name, network in networks.items()
    ]
    return pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)[columns]


def overview_rows(table: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Return an `overview_table` as the book prints it: a line a network, a column a metric.

    The name of a network is a place that a link can lead to, ``#network-<key>``, and is itself a
    link to the line of the table of layers, ``#layers-<key>``; both are Markdown. Trivial
    predictors have no layers and no link.
    """
    rows = []
    for key, mine in table.groupby("key", sort=False):
        scores, name, kind = mine.set_index("metric"), mine["network"].iloc[0], mine["kind"].iloc[0]
        row = {"network": name, "kind": "trivial"}
        if kind != BASELINE:
            name = link_place(name, f"network-{key}", f"layers-{key}")
            row = {"network": name, "kind": kind}
        for metric in metrics:
            known = metric in scores.index
            row[metric] = _with_interval(scores.loc[metric]) if known else "–"
        rows.append(row)
    return pd.DataFrame(rows, columns=["network", "kind", *metrics])


def _best_trivial(trivial: Mapping[str, Network], metric: str, split: str) -> float:
    """Return the score of the best trivial predictor; NaN if none predicts what is judged."""
    able = {name: each for name, each in trivial.items() if each.predicts(metric_target(metric))}
    return able[best(able, [metric], split)].on(split).value(metric) if able else np.nan


def places(
    chosen: PersonSums, others: Sequence[PersonSums], metric: str, confidence: float
) -> list[str]:
    """Return where each other network is, seen from the chosen one: below, alike or above."""
    found = [difference_interval(chosen, other, metric, confidence=confidence) for other in others]
    people = chosen.statistics(metric_target(metric)).shape[1]
    certain = holm([_implied_p(each, people, confidence) for each in found]) <= 1 - confidence
    return [
        ("below" if difference.estimate > 0 else "above") if sure else "alike"
        for difference, sure in zip(found, certain, strict=True)
    ]


def _implied_p(difference: Interval, people: int, confidence: float) -> float:
    """Return the two-sided p-value of an interval by Student's t; NaN where there is none."""
    half = (difference.high - difference.low) / 2
    if not half > 0:
        return np.nan
    distance = abs(difference.estimate) / half * stats.t.ppf((1 + confidence) / 2, people - 1)
    return float(2 * stats.t.sf(distance, people - 1))


def _share_highest(
    chosen: PersonSums, others: Sequence[PersonSums], metric: str, n_replicates: int, seed: int
) -> float:
    """Return the share of draws of the people in which no other network scores higher."""
    target = metric_target(metric)
    counts = draw_people(chosen.statistics(target).shape[1], n_replicates, seed)
    drawn = np.array(
        [score(metric, counts @ each.statistics(target)).mean(axis=0) for each in (chosen, *others)]
    )
    drawn = drawn[:, ~np.isnan(drawn[0])]
    if not drawn.size:
        return np.nan
    return float((drawn[0] >= np.nanmax(drawn, axis=0)).mean())


def _with_interval(row: pd.Series) -> str:
    if np.isnan(row["estimate"]):
        return "–"
    text = f"{row['estimate']:z.2f}"
    if not np.isnan(row["low"]):
        text += f" ({row['low']:z.2f} to {row['high']:z.2f})"
    return text.replace("-", "−")
