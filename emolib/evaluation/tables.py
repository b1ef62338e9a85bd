"""The tables of the results chapters: networks in rows, trivial baselines below them.

Conventions
-----------
- A cell is the mean over the seeds of a network, and undefined where any seed is. A column
  ``<name>_sd`` beside it is the standard deviation between seeds (``ddof=1``), undefined for one.
- Undefined is NaN; `emolib.evaluation.formatting` shows it as an en dash.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import SPREAD
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.results import Network, require_target
from emolib.evaluation.uncertainty import interval
from emolib.labels import EMOTIONS, SPLITS

CATEGORY_COLUMNS = (*(f"recall_{emotion}" for emotion in EMOTIONS), "accuracy", "macro_f1")
"""Metrics of `category_table`: those of tables 5.1 and 5.3 of the thesis, and macro-F1."""

DIMENSIONAL_COLUMNS = ("ccc_valence", "ccc_arousal", "mse_valence", "mse_arousal")
"""Metrics of `dimensional_table`: those of tables 5.2 and 5.6 of the thesis."""


def category_table(networks: Mapping[str, Network], split: str) -> pd.DataFrame:
    """Recall of each category, total accuracy and macro-F1.

    Parameters
    ----------
    networks : mapping of str to Network
        Networks and baselines that predict categories, by the name to show.
    split : str
        The split judged.

    Returns
    -------
    pandas.DataFrame
        Column ``network``, then `CATEGORY_COLUMNS`, the last two with their spread.

    Raises
    ------
    InputError
        If there is no network, one does not predict categories, or its tables lack the split.
    """
    return _network_table(networks, split, CATEGORY_COLUMNS, ("accuracy", "macro_f1"))


def dimensional_table(networks: Mapping[str, Network], split: str) -> pd.DataFrame:
    """Concordance and mean squared error of valence and arousal.

    Parameters, layout and errors are those of `category_table`, with `DIMENSIONAL_COLUMNS`, each
    with its spread.
    """
    return _network_table(networks, split, DIMENSIONAL_COLUMNS, DIMENSIONAL_COLUMNS)


def by_split_table(networks: Mapping[str, Network], metric: str) -> pd.DataFrame:
    """One metric on every split: ``network``, then each split with its spread."""
    require_target(networks, metric)
    rows = []
    for name, network in networks.items():
        row = {"network": name}
        for split in SPLITS:
            row |= _with_spread(split, network.on(split).values(metric))
        rows.append(row)
    return pd.DataFrame(rows)


def precision_recall_table(network: Network, split: str) -> pd.DataFrame:
    """Precision, recall and F1 of each category of one network, and their averages.

    Parameters
    ----------
    network : Network
        One that predicts categories.
    split : str
        The split judged.

    Returns
    -------
    pandas.DataFrame
        Columns ``emotion, precision, recall, f1, faces, people``; rows the seven categories, then
        ``weighted average`` (by faces, the average of thesis table 5.5, whose recall is the total
        accuracy) and ``macro average``, both over the categories present in the truth. Scores are
        means over seeds. A category that is present but that a seed never predicts counts there
        with precision 0, or the averages would reward leaving it out.
    """
    sums = network.on(split)
    by_person = sums.statistics("emotion")[0].reshape(-1, len(EMOTIONS), len(EMOTIONS)).sum(axis=2)
    faces, people = by_person.sum(axis=0).astype(int), (by_person > 0).sum(axis=0)
    present = faces > 0
    table = pd.DataFrame(index=EMOTIONS)
    for name in ("precision", "recall", "f1"):
        seeds = np.stack([sums.values(f"{name}_{emotion}") for emotion in EMOTIONS])
        table[name] = np.where(present[:, np.newaxis] & np.isnan(seeds), 0, seeds).mean(axis=1)
    scores = table[present]
    if len(scores):
        table.loc["weighted average"] = np.average(scores, axis=0, weights=faces[present])
        table.loc["macro average"] = scores.mean()
    n_averages = len(table) - len(EMOTIONS)
    table["faces"] = [*faces, *[faces.sum()] * n_averages]
    table["people"] = [*people, *[len(by_person)] * n_averages]
    return table.rename_axis("emotion").reset_index()


def confusion_table(network: Network, split: str) -> pd.DataFrame:
    """Faces of each true (rows) and predicted (columns) category, the mean over seeds."""
    statistics = network.on(split).statistics("emotion")
    counts = statistics.sum(axis=1).mean(axis=0).reshape(len(EMOTIONS), len(EMOTIONS))
    return pd.DataFrame(
        counts,
        index=pd.Index(EMOTIONS, name="emotion"),
        columns=pd.Index(EMOTIONS, name="predicted_emotion"),
    )


def score_table(
    networks: Mapping[str, Network],
    metrics: Iterable[str],
    splits: Sequence[str] = SPLITS,
    *,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Every network in some metrics on some splits, with intervals over people.

    Parameters
    ----------
    networks : mapping of str to Network
        By the name to show; a network is left out of metrics whose target it does not predict.
    metrics : iterable of str
        Names known to `emolib.evaluation.metrics.metric_target`.
    splits : sequence of str
        The splits judged.
    confidence : float
        As in `emolib.evaluation.uncertainty.interval`.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, kind, metric, split, estimate, low, high, lowest, highest``, the last
        two of the seeds.
    """
    rows = [
        {
            "network": name,
            "kind": network.kind,
            "metric": metric,
            "split": split,
            **interval(network.on(split), metric, confidence=confidence)._asdict(),
            "lowest": network.on(split).values(metric).min(),
            "highest": network.on(split).values(metric).max(),
        }
        for metric in metrics
        for name, network in networks.items()
        if network.predicts(metric_target(metric))
        for split in splits
    ]
    return pd.DataFrame(rows)


def _network_table(
    networks: Mapping[str, Network], split: str, metrics: Sequence[str], spread: Sequence[str]
) -> pd.DataFrame:
    require_target(networks, metrics[0])
    rows = []
    for name, network in networks.items():
        row = {"network": name}
        for metric in metrics:
            values = _with_spread(metric, network.on(split).values(metric))
            row |= values if metric in spread else {metric: values[metric]}
        rows.append(row)
    return pd.DataFrame(rows)


def _with_spread(name: str, values: np.ndarray) -> dict[str, float]:
    """Return the mean of the seeds and their standard deviation, NaN for a single one."""
    spread = values.std(ddof=1) if len(values) > 1 else np.nan
    return {name: values.mean(), f"{name}{SPREAD}": spread}
