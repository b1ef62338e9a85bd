"""Networks against the best predictor that never looks at a face, with intervals over people."""

from collections.abc import Iterable, Mapping

import pandas as pd

from emolib.evaluation.baselines import baselines
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import predicts, select_split
from emolib.evaluation.tables import heading
from emolib.evaluation.uncertainty import Runs, bootstrap, bootstrap_difference

COLUMNS = ["network", "metric", "value", "baseline", "baseline_value", "difference", "low", "high"]


def advantage_table(
    runs: Mapping[str, Runs],
    metrics: Iterable[str],
    split: str,
    *,
    n_replicates: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Compare each network with the best trivial predictor of each metric.

    Parameters
    ----------
    runs : mapping of str to predictions
        Networks, one predictions table or one a seed, by the name to show.
    metrics : iterable of str
        Metrics in which larger is better. A network is compared in those it predicts.
    split : str
        The split judged; the predictors are fitted on train.
    n_replicates, confidence, seed
        As in `emolib.evaluation.uncertainty.bootstrap`.

    Returns
    -------
    pandas.DataFrame
        `COLUMNS`, one row a network and metric. The baseline is the one that scores best on this
        very split, which favours it and not the network; the interval is of the difference.
    """
    settings = {"n_replicates": n_replicates, "confidence": confidence, "seed": seed}
    rows = []
    for network, tables in runs.items():
        tables = [tables] if isinstance(tables, pd.DataFrame) else list(tables)
        judged = [select_split(table, split) for table in tables]
        trivial = {name: select_split(table, split) for name, table in baselines(tables[0]).items()}
        for metric in metrics:
            target = metric_target(metric)
            if not predicts(judged[0], target):
                continue
            scores = {
                name: bootstrap(table, metric, n_replicates=100, seed=seed).estimate
                for name, table in trivial.items()
                if predicts(table, target)
            }
            best = max(scores, key=scores.get)
            value = bootstrap(judged, metric, n_replicates=100, seed=seed).estimate
            interval = bootstrap_difference(judged, trivial[best], metric, **settings)
            rows.append((network, metric, value, best, scores[best], *interval[:3]))
    return pd.DataFrame(rows, columns=COLUMNS)


def difference_intervals(*tables: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """Reduce tables of differences to what `emolib.plots.interval_chart` draws.

    Parameters
    ----------
    *tables : pandas.DataFrame
        Columns ``metric, difference, low, high``.
    by : str
        A further column that the labels begin with, such as ``network``.

    Returns
    -------
    pandas.DataFrame
        Columns ``label, estimate, low, high``, in the order of the rows.
    """
    table = pd.concat(tables, ignore_index=True)
    labels = table["metric"].map(heading)
    if by:
        labels = table[by] + ", " + labels
    columns = table[["difference", "low", "high"]].rename(columns={"difference": "estimate"})
    return columns.assign(label=labels)[["label", "estimate", "low", "high"]]
