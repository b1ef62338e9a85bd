"""Networks against each other: differences on the same people, and whether a rank carries over.

Conventions
-----------
- Intervals leave out people, p-values swap people (see `emolib.evaluation.uncertainty`).
- In a table of pairs, the tests of their mean are one family, those of single pairs another:
  ``p_holm`` is adjusted for the number of tests in its family.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation.metrics import metric_range, metric_target
from emolib.evaluation.results import Network, best, trained
from emolib.evaluation.sufficient import PersonSums, score
from emolib.evaluation.uncertainty import (
    difference_interval,
    draw_people,
    holm,
    percentile_limits,
    permutation_test,
)

Pair = tuple[Network, Network]
"""The combined network, and the single one that it is compared with."""

MEAN_OF_PAIRS = "mean of the pairs"
BEST_PAIR = "best on validation"


def by_kind(*networks: Mapping[str, Network]) -> dict[str, Network]:
    """Return networks of several kinds under names that tell the kinds apart."""
    return {
        f"{name}, {network.kind}": network for kind in networks for name, network in kind.items()
    }


def matched_pairs(
    combined: Mapping[str, Network], single: Mapping[str, Network]
) -> dict[str, Pair]:
    """Pair each combined network with the single one that differs in kind alone, if there is one.

    Parameters
    ----------
    combined, single : mapping of str to Network
        By the name to show.

    Returns
    -------
    dict of str to tuple of Network
        The pairs of combined networks that have a single one with the same backbone: of those, the
        one with the same number of fully connected layers, or else with the nearest number (the
        larger of two equally near). The name says which, where the layers differ.
    """
    pairs = {}
    for name, network in combined.items():
        candidates = {
            other: candidate
            for other, candidate in single.items()
            if candidate.backbone == network.backbone
        }
        if candidates:
            match = min(candidates, key=lambda other: _distance(candidates[other], network))
            same = candidates[match].layers == network.layers
            label = name if same else f"{name} (single {candidates[match].layers}FC)"
            pairs[label] = network, candidates[match]
    return pairs


def best_pair(
    combined: Mapping[str, Network], single: Mapping[str, Network], metrics: Iterable[str]
) -> dict[str, Pair]:
    """Pair the networks of each kind that are best on validation, under a name that says so."""
    metrics = list(metrics)
    if not combined or not single:
        return {}
    pair = (
        combined[best(combined, metrics, "validation")],
        single[best(single, metrics, "validation")],
    )
    return {BEST_PAIR: pair}


def pair_table(
    pairs: Mapping[str, Pair],
    metrics: Iterable[str],
    split: str,
    *,
    extra: Mapping[str, Pair] | None = None,
    n_permutations: int = 9999,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Take the single from the combined network of each pair, metric by metric.

    Parameters
    ----------
    pairs : mapping of str to pair
        The pairs compared. Where there are several, their mean is compared as well.
    metrics : iterable of str
        Names known to `emolib.evaluation.metrics.metric_target`.
    split : str
        The split judged.
    extra : mapping of str to pair, optional
        Pairs that are compared and do not enter the mean; left out where one is the only pair.
    n_permutations, seed
        As in `emolib.evaluation.uncertainty.permutation_test`.
    confidence : float
        As in `emolib.evaluation.uncertainty.difference_interval`.

    Returns
    -------
    pandas.DataFrame
        Columns ``pair, metric, combined, single, difference, low, high, p, p_holm``; no row where
        there is no pair.
    """
    sums = {name: tuple(network.on(split) for network in pair) for name, pair in pairs.items()}
    if len(sums) > 1:
        sides = zip(*sums.values(), strict=True)
        sums[MEAN_OF_PAIRS] = tuple(
            PersonSums([table for side_sums in side for table in side_sums.tables])
            for side in sides
        )
    for name, pair in (extra or {}).items():
        if list(pairs.values()) == [pair]:
            continue  # the only pair need not be tested twice
        sums[name] = tuple(network.on(split) for network in pair)
    columns = ["pair", "metric", "combined", "single", "difference", "low", "high", "p", "p_holm"]
    table = pd.DataFrame(
        [
            _compared(name, pair, metric, confidence, n_permutations, seed)
            for metric in metrics
            for name, pair in sums.items()
        ],
        columns=columns[:-1],
    )
    families = table["p"].astype(float).groupby(table["pair"] == MEAN_OF_PAIRS)
    return table.assign(p_holm=families.transform(holm))


def best_table(
    kinds: Mapping[str, Mapping[str, Network]], metrics: Iterable[str], columns: Iterable[str]
) -> pd.DataFrame:
    """Show the network of each kind that is best on validation, there and on test.

    Parameters
    ----------
    kinds : mapping of str to networks
        The networks of each kind, by its name.
    metrics : iterable of str
        By whose mean on validation the best is chosen.
    columns : iterable of str
        Metrics shown.

    Returns
    -------
    pandas.DataFrame
        Columns ``kind, network, split``, then `columns`.
    """
    metrics, columns = list(metrics), list(columns)
    rows = []
    for kind, networks in kinds.items():
        if not networks:
            continue
        name = best(networks, metrics, "validation")
        for split in ("validation", "test"):
            sums = networks[name].on(split)
            values = {column: sums.value(column) for column in columns}
            rows.append({"kind": kind, "network": name, "split": split, **values})
    return pd.DataFrame(rows, columns=["kind", "network", "split", *columns])


def rank_table(
    networks: Mapping[str, Network],
    metrics: Iterable[str],
    *,
    n_replicates: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Ask whether the order of the networks on validation is their order on test.

    Parameters
    ----------
    networks : mapping of str to Network
        Networks of any kind; those that do not predict the target of a metric are left out of it.
    metrics : iterable of str
        Names known to `emolib.evaluation.metrics.metric_target`.
    n_replicates, confidence, seed
        The people of both splits are drawn with replacement; percentiles of the correlation.

    Returns
    -------
    pandas.DataFrame
        Columns ``metric, networks`` (their number), ``spearman, low, high``, undefined for fewer
        than three networks, and ``best`` (on validation), ``rank_on_test`` (1 is best).
    """
    rows = []
    for metric in metrics:
        target = metric_target(metric)
        judged = {name: each for name, each in trained(networks).items() if each.predicts(target)}
        validation, test = (
            np.array([each.on(split).value(metric) for each in judged.values()])
            for split in ("validation", "test")
        )
        row = {"metric": metric, "networks": len(judged), "spearman": np.nan}
        row |= {"low": np.nan, "high": np.nan, "best": "–", "rank_on_test": pd.NA}
        if len(judged) > 2:
            drawn = [
                _drawn_scores(judged.values(), metric, split, n_replicates, seed + offset)
                for offset, split in enumerate(("validation", "test"))
            ]
            row["spearman"] = _spearman(validation, test)
            row["low"], row["high"] = percentile_limits(_spearman(*drawn), confidence)
        if judged:
            row["best"] = best(judged, [metric], "validation")
            order = test if metric_range(metric)[1] == np.inf else -test
            ranks = dict(zip(judged, stats.rankdata(order, "min"), strict=True))
            row["rank_on_test"] = int(ranks[row["best"]])
        rows.append(row)
    return pd.DataFrame(rows).astype({"rank_on_test": "Int64"})


def advantage_table(
    networks: Mapping[str, Network],
    trivial: Mapping[str, Network],
    metrics: Iterable[str],
    split: str,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare each network with the trivial baseline that is best in each metric.

    Parameters
    ----------
    networks : mapping of str to Network
        Networks of any kind; a network is left out of metrics whose target it does not predict.
    trivial : mapping of str to Network
        The baselines, of any target.
    metrics : iterable of str
        Metrics to compare in.
    split : str
        The split judged. The best baseline is picked on it too, which favours the baseline.
    confidence : float
        As in `emolib.evaluation.uncertainty.difference_interval`.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, metric, value, baseline`` (its name), ``baseline_value, difference,
        low, high``.
    """
    rows = []
    for metric in metrics:
        target = metric_target(metric)
        able = {name: each for name, each in trivial.items() if each.predicts(target)}
        baseline = best(able, [metric], split)
        for name, network in networks.items():
            if not network.predicts(target):
                continue
            pair = network.on(split), able[baseline].on(split)
            found = difference_interval(*pair, metric, confidence=confidence)
            rows.append(
                {
                    "network": name,
                    "metric": metric,
                    "value": pair[0].value(metric),
                    "baseline": baseline,
                    "baseline_value": pair[1].value(metric),
                    "difference": found.estimate,
                    "low": found.low,
                    "high": found.high,
                }
            )
    columns = ["network", "metric", "value", "baseline", "baseline_value", "difference"]
    return pd.DataFrame(rows, columns=[*columns, "low", "high"])


def _distance(candidate: Network, network: Network) -> tuple[int, int]:
    """Order single networks by how far their number of layers is; of equals, the larger first."""
    return abs(candidate.layers - network.layers), -candidate.layers


def _compared(
    name: str,
    pair: tuple[PersonSums, PersonSums],
    metric: str,
    confidence: float,
    n_permutations: int,
    seed: int,
) -> dict[str, float | str]:
    found = difference_interval(*pair, metric, confidence=confidence)
    return {
        "pair": name,
        "metric": metric,
        "combined": pair[0].value(metric),
        "single": pair[1].value(metric),
        "difference": found.estimate,
        "low": found.low,
        "high": found.high,
        "p": permutation_test(*pair, metric, n_permutations=n_permutations, seed=seed).p,
    }


def _drawn_scores(
    networks: Iterable[Network], metric: str, split: str, n_replicates: int, seed: int
) -> np.ndarray:
    """Return the metric of each network on the same draws of people: replicates, networks."""
    target = metric_target(metric)
    columns = []
    for network in networks:
        statistics = network.on(split).statistics(target)
        counts = draw_people(statistics.shape[1], n_replicates, seed)
        columns.append(score(metric, counts @ statistics).mean(axis=0))
    return np.stack(columns, axis=-1)


def _spearman(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation along the last axis, NaN where a side is constant."""
    centred = []
    for values in (first, second):
        ranks = stats.rankdata(values, axis=-1)
        centred.append(ranks - ranks.mean(axis=-1, keepdims=True))
    covariance, *variances = (
        (a * b).sum(axis=-1)
        for a, b in (centred, (centred[0], centred[0]), (centred[1], centred[1]))
    )
    with np.errstate(invalid="ignore"):
        return covariance / np.sqrt(variances[0] * variances[1])
