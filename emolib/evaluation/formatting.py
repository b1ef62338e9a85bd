"""What the book prints of a table: words for columns, few digits, dashes for nothing."""

import numpy as np
import pandas as pd

SPREAD = "_sd"
"""Ending of a column that holds the standard deviation of the column of that name."""

P_VALUES = ("p", "p_holm")
"""Columns that hold p-values, printed with three digits whatever the table."""

HEADINGS = {
    "accuracy": "Total",
    "macro_f1": "Macro F1",
    "balanced_accuracy": "Balanced accuracy",
    "cka": "CKA",
    "f1": "F1",
    "p": "p",
    "p_holm": "p (Holm)",
    "pwcca": "PWCCA",
    "svcca": "SVCCA",
}
"""Headings of `format_table` that are not the column's own name with spaces and a capital."""


def format_table(table: pd.DataFrame, decimals: int = 2) -> pd.DataFrame:
    """Turn a table into the text that the book prints.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table. A column ``<name>_sd`` is printed behind the values of ``<name>``.
    decimals : int
        Digits after the point of numbers that are not integers.

    Returns
    -------
    pandas.DataFrame of str
        NaN as an en dash, negative numbers with a minus sign, thousands with a comma, p-values
        with three digits, squared errors, which are small, with a digit more unless the table holds
        no more digits (as those of the thesis), ``low`` and ``high`` as one column, column names
        and metric names as headings; a row of dashes for a table without rows.

    Examples
    --------
    >>> format_table(pd.DataFrame({"network": ["a"], "ccc_valence": [-0.031], "p": [np.nan]}))
      Network CCC valence  p
    0       a       −0.03  –
    """
    if table.empty:
        table = pd.DataFrame([[np.nan] * table.shape[1]], columns=table.columns)
    text = pd.DataFrame({name: _column_text(table, name, decimals) for name in table})
    for name in [name for name in table if f"{name}{SPREAD}" in table]:
        spread = text.pop(f"{name}{SPREAD}")
        text[name] += (" ± " + spread).where(spread != "–", "")
    if {"low", "high"} <= set(text):
        high = text.pop("high")
        text["low"] = (text["low"] + " to " + high).where(table["low"].notna(), "–")
        text = text.rename(columns={"low": "interval"})
    for column, words in (("metric", metric_name), ("emotion", heading)):
        if column in text:
            text[column] = text[column].map(words)
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


def metric_name(metric: str) -> str:
    """Return the name of a metric as it stands in a sentence or a cell.

    Examples
    --------
    >>> metric_name("accuracy"), metric_name("macro_f1"), metric_name("ccc_valence")
    ('Total accuracy', 'Macro F1', 'CCC valence')
    """
    return "Total accuracy" if metric == "accuracy" else heading(metric)


def link_place(text: str, place: str, target: str) -> str:
    """Return Markdown for a cell that a link can lead to and that itself leads to another place.

    Parameters
    ----------
    text : str
        What the cell shows.
    place, target : str
        Names of places, unique in the book: that of this cell and the one it leads to.

    Examples
    --------
    >>> link_place("VGG16", "network-a", "layers-a")
    '[]{#network-a}[VGG16](#layers-a)'
    """
    return f"[]{{#{place}}}[{text}](#{target})"


def kind_title(kind: str) -> str:
    """Return what a kind of network is called where others stand beside it.

    Examples
    --------
    >>> kind_title("category"), kind_title("combined")
    ('category-only', 'combined')
    """
    return f"{kind}-only" if kind in ("category", "dimensional") else kind


def small_share(share: float, least: float = 0.01) -> float | str:
    """Return a share, in words where it would be printed as 0 or 1 and is neither.

    Examples
    --------
    >>> small_share(0.25), small_share(0.0004), small_share(0.9996), small_share(0.0)
    (0.25, '< 0.01', '> 0.99', 0.0)
    """
    if 0 < share < least:
        return f"< {least:g}"
    return f"> {1 - least:g}" if 1 - least < share < 1 else float(share)


def _column_text(table: pd.DataFrame, name: str, decimals: int) -> list[str]:
    column = table[name]
    if name in P_VALUES:
        return [_format_p(value) for value in column]
    if _is_error(name):
        finer = [not column.round(decimals).equals(column)] * len(column)
    else:
        finer = map(_is_error, table["metric"] if "metric" in table else [name] * len(column))
    return [_format(value, decimals + more) for value, more in zip(column, finer, strict=True)]


def _is_error(name: str) -> bool:
    return str(name).startswith("mse_")


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
