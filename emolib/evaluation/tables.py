"""The tables of the results chapters: networks in rows, beside trivial baselines.

Conventions
-----------
- A network's runs are one predictions table or one per seed; a cell is the mean over seeds, and
  undefined where any seed is.
- Each table of predictions holds all splits: baselines are fitted on the train rows of the first
  run that a table is given, and judged on the split the table is about.
- Undefined is NaN; `format_table` shows it as an en dash.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import product

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.evaluation.baselines import baselines
from emolib.evaluation.metrics import evaluate, metric_target
from emolib.evaluation.predictions import labelled, predicts, select_split
from emolib.evaluation.uncertainty import Runs, bootstrap_difference, holm, permutation_test
from emolib.labels import EMOTIONS

CATEGORY_COLUMNS = (*(f"recall_{emotion}" for emotion in EMOTIONS), "accuracy", "macro_f1")
"""Columns of `category_table`: those of tables 5.1 and 5.3 of the thesis, and macro-F1."""

DIMENSIONAL_COLUMNS = ("ccc_valence", "ccc_arousal", "mse_valence", "mse_arousal")
"""Columns of `dimensional_table`: those of tables 5.2 and 5.6 of the thesis."""

ERRORS = ("mse", "rmse")
"""Beginnings of the names of metrics that are better when smaller."""

P_VALUES = ("p", "p_holm")
"""Columns that hold p-values, printed with three digits whatever the table."""

HEADINGS = {
    "accuracy": "Total",
    "macro_f1": "Macro F1",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "p": "p",
    "p_holm": "p (Holm)",
}
"""Headings of `format_table` that are not the column's own name with spaces and a capital."""


def category_table(runs: Mapping[str, Runs], split: str) -> pd.DataFrame:
    """Recall of each category, total accuracy and macro-F1, for networks and baselines.

    Parameters
    ----------
    runs : mapping of str to predictions
        Networks that predict categories, by the name to show.
    split : str
        The split judged.

    Returns
    -------
    pandas.DataFrame
        Column ``network``, then `CATEGORY_COLUMNS`. Baselines follow the networks.

    Raises
    ------
    InputError
        If there is no run, a table lacks the split or has no train rows, or a network does not
        predict categories.
    """
    return _network_table(runs, split, CATEGORY_COLUMNS)


def dimensional_table(runs: Mapping[str, Runs], split: str) -> pd.DataFrame:
    """Concordance and mean squared error of valence and arousal, for networks and baselines.

    Parameters, layout and errors are those of `category_table`, with `DIMENSIONAL_COLUMNS`.
    """
    return _network_table(runs, split, DIMENSIONAL_COLUMNS)


def precision_recall_table(runs: Runs, split: str) -> pd.DataFrame:
    """Precision, recall and F1 of each category of one network, and their averages.

    Parameters
    ----------
    runs : predictions
        A network that predicts categories.
    split : str
        The split judged.

    Returns
    -------
    pandas.DataFrame
        Columns ``emotion, precision, recall, f1, faces``; rows the seven categories, then
        ``weighted average`` (by faces, the average of thesis table 5.5, whose recall is the total
        accuracy) and ``macro average``. Both are over the categories present in the truth; a
        category that is present but never predicted counts with precision 0 there, or the
        averages would reward leaving it out.
    """
    values = _mean_metrics(runs, split)
    truth = labelled(_on_split(runs, split)[0], "emotion")["truth"]
    table = pd.DataFrame(
        {
            name: [values[f"{name}_{emotion}"] for emotion in EMOTIONS]
            for name in ("precision", "recall", "f1")
        },
        index=EMOTIONS,
    )
    faces = np.bincount(truth, minlength=len(EMOTIONS))
    scores = table[faces > 0].fillna(0)
    if len(scores):
        table.loc["weighted average"] = np.average(scores, axis=0, weights=faces[faces > 0])
        table.loc["macro average"] = scores.mean()
    table["faces"] = [*faces, *[faces.sum()] * (len(table) - len(EMOTIONS))]
    return table.rename_axis("emotion").reset_index()


def comparison_table(
    combined: Runs,
    single: Runs,
    metrics: Iterable[str],
    split: str,
    *,
    n_replicates: int = 2000,
    n_permutations: int = 9999,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Compare two networks on the same faces, metric by metric, beside the trivial baselines.

    Parameters
    ----------
    combined, single : predictions
        The two networks; the difference is the first minus the second.
    metrics : iterable of str
        Names known to `emolib.evaluation.metrics.metric_target`. They are one family of tests.
    split : str
        The split judged.
    n_replicates, confidence, seed
        As in `emolib.evaluation.uncertainty.bootstrap`.
    n_permutations
        As in `emolib.evaluation.uncertainty.permutation_test`.

    Returns
    -------
    pandas.DataFrame
        Columns ``metric, combined, single``, one column per baseline of their kind,
        ``difference, low, high`` (interval over people), ``p`` (swapping people) and ``p_holm``
        (adjusted for the number of metrics).
    """
    metrics = list(metrics)
    networks = {"combined": combined, "single": single, **_baselines(combined, metrics)}
    values = {name: _mean_metrics(tables, split) for name, tables in networks.items()}
    pair = [_on_split(runs, split) for runs in (combined, single)]
    rows = []
    for metric in metrics:
        interval = bootstrap_difference(
            *pair, metric, n_replicates=n_replicates, confidence=confidence, seed=seed
        )
        test = permutation_test(*pair, metric, n_permutations=n_permutations, seed=seed)
        rows.append(
            {
                "metric": metric,
                **{name: scores.get(metric, np.nan) for name, scores in values.items()},
                "difference": interval.estimate,
                "low": interval.low,
                "high": interval.high,
                "p": test.p,
            }
        )
    table = pd.DataFrame(rows)
    return table.assign(p_holm=holm(table["p"]))


def advantage_table(
    runs: Mapping[str, Runs],
    metrics: Iterable[str],
    split: str,
    *,
    n_replicates: int = 2000,
    confidence: float = 0.95,
    seed: int,
) -> pd.DataFrame:
    """Compare each network with the trivial baseline that is best in each metric.

    Parameters
    ----------
    runs : mapping of str to predictions
        Networks of any kind, by the name to show.
    metrics : iterable of str
        Metrics to compare in; a network is left out of those whose target it does not predict.
    split : str
        The split judged. The best baseline is picked on it too, which favours the baseline.
    n_replicates, confidence, seed
        As in `emolib.evaluation.uncertainty.bootstrap`.

    Returns
    -------
    pandas.DataFrame
        Columns ``network, metric, value, baseline`` (its name), ``baseline_value, difference,
        low, high``.
    """
    rows = []
    for (name, tables), metric in product(runs.items(), list(metrics)):
        if not predicts(_seeds(tables)[0], metric_target(metric)):
            continue
        trivial = _baselines(tables, [metric])
        values = {key: _mean_metrics(table, split)[metric] for key, table in trivial.items()}
        baseline = _best(values, metric)
        interval = bootstrap_difference(
            _on_split(tables, split),
            _on_split(trivial[baseline], split),
            metric,
            n_replicates=n_replicates,
            confidence=confidence,
            seed=seed,
        )
        rows.append(
            {
                "network": name,
                "metric": metric,
                "value": _mean_metrics(tables, split)[metric],
                "baseline": baseline,
                "baseline_value": values[baseline],
                "difference": interval.estimate,
                "low": interval.low,
                "high": interval.high,
            }
        )
    return pd.DataFrame(rows)


def difference_intervals(*comparisons: pd.DataFrame) -> pd.DataFrame:
    """Return ``label, estimate, low, high`` of the rows of comparison tables, for a chart."""
    table = pd.concat(comparisons, ignore_index=True)
    return _intervals(table, table["metric"].map(heading))


def advantage_intervals(advantage: pd.DataFrame) -> pd.DataFrame:
    """Return ``label, estimate, low, high`` of the rows of an advantage table, for a chart."""
    return _intervals(advantage, advantage["network"] + ", " + advantage["metric"].map(heading))


def format_table(table: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """Turn a table into the text that the book prints.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table of this module.
    decimals : int
        Digits after the point of numbers that are not integers.

    Returns
    -------
    pandas.DataFrame of str
        NaN as an en dash, negative numbers with a minus sign, thousands with a comma, p-values
        with three digits, column names and metric names as headings.

    Examples
    --------
    >>> format_table(pd.DataFrame({"network": ["a"], "ccc_valence": [-0.031], "p": [np.nan]}))
      Network CCC valence  p
    0       a       −0.03  –
    """
    text = pd.DataFrame(
        {
            name: column.map(_format_p if name in P_VALUES else partial(_format, decimals=decimals))
            for name, column in table.items()
        }
    )
    for column in ("metric", "emotion"):
        if column in text:
            text[column] = text[column].map(heading)
    return text.rename(columns=heading)


def heading(name: str) -> str:
    """Return the heading of a column or metric.

    Examples
    --------
    >>> heading("recall_neutral"), heading("ccc_arousal"), heading("network"), heading("accuracy")
    ('Neutral', 'CCC arousal', 'Network', 'Total')
    """
    if name in HEADINGS:
        return HEADINGS[name]
    words = name.removeprefix("recall_").split("_")
    if words[0] in ("ccc", "mse", "rmse"):
        return " ".join([words[0].upper(), *words[1:]])
    return " ".join(words).capitalize()


def _network_table(runs: Mapping[str, Runs], split: str, columns: Sequence[str]) -> pd.DataFrame:
    if not runs:
        raise InputError("no run to tabulate: the mapping of networks is empty")
    target = metric_target(columns[0])
    for name, tables in runs.items():
        if not all(predicts(table, target) for table in _seeds(tables)):
            raise InputError(f"network {name!r} does not predict {target}; leave it out here")
    trivial = _baselines(next(iter(runs.values())), columns)
    rows = {name: _mean_metrics(tables, split) for name, tables in {**runs, **trivial}.items()}
    table = pd.DataFrame.from_dict(rows, orient="index")[list(columns)]
    return table.rename_axis("network").reset_index()


def _mean_metrics(runs: Runs, split: str) -> pd.Series:
    """Return every metric of a network on a split, the mean over seeds."""
    tables = map(evaluate, _on_split(runs, split))
    values = [table.set_index("metric")["value"] for table in tables]
    return pd.concat(values, axis=1).mean(axis=1, skipna=False)


def _baselines(runs: Runs, metrics: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the baselines that predict the target of any of the metrics."""
    targets = set(map(metric_target, metrics))
    tables = baselines(_seeds(runs)[0])
    return {
        name: table
        for name, table in tables.items()
        if any(predicts(table, target) for target in targets)
    }


def _best(values: Mapping[str, float], metric: str) -> str:
    """Return the name with the best value; an undefined value is never better than a number."""
    sign = -1 if metric.startswith(ERRORS) else 1
    return max(values, key=lambda name: -np.inf if pd.isna(values[name]) else sign * values[name])


def _intervals(table: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": labels,
            "estimate": table["difference"],
            "low": table["low"],
            "high": table["high"],
        }
    )


def _on_split(runs: Runs, split: str) -> list[pd.DataFrame]:
    return [select_split(table, split) for table in _seeds(runs)]


def _seeds(runs: Runs) -> list[pd.DataFrame]:
    tables = [runs] if isinstance(runs, pd.DataFrame) else list(runs)
    if not tables:
        raise InputError("no run to evaluate: the list of predictions tables is empty")
    return tables


def _format(value, decimals: int) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}".replace("-", "−")
    return f"{value:z,.{decimals}f}".replace("-", "−")


def _format_p(p: float) -> str:
    return "< 0.001" if p < 0.001 else _format(p, 3)
