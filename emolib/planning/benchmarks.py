"""The measurements beside named peers that ``make bench`` makes, as the package ships them."""

from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.storage import read_table

COLUMNS = ["benchmark", "what", "against", "unit", "median", "lower_quartile", "upper_quartile"]
COLUMNS += ["repeats", "goal", "reached", "note", "processor", "versions", "load"]


def load_benchmarks(path: str | Path = "") -> pd.DataFrame:
    """Return what was measured, a row a number, with what it was measured on.

    Parameters
    ----------
    path : str or Path
        A table that ``make bench`` wrote; empty: the one that the package ships.

    Returns
    -------
    DataFrame
        ``benchmark``; ``number`` (its name, and which of its rows, where it has several);
        ``what`` was measured ``against`` whom, in which ``unit``; ``median``, ``lower_quartile``
        and ``upper_quartile`` of so many ``repeats``; ``goal`` (``≥ 5``, or a dash) and whether it
        was ``reached``; ``kept``, ``kept_low``, ``kept_high``, by which factor median and quartiles
        keep the goal (1: just so; NaN without a goal); ``note``, what bounds the number, where
        it misses its goal; ``processor``, ``versions`` and ``load`` (average, before it began).

    Raises
    ------
    InputError
        If the table lacks a column.
    """
    path = path or resources.files(__package__) / "benchmarks.csv"
    table = read_table(path, remedy="`make bench` writes such a table")
    if lacking := [name for name in COLUMNS if name not in table]:
        raise InputError(
            f"{path}: no column {lacking[0]!r}, so `make bench` of this version did not write it; "
            "measure again"
        )
    text = ["benchmark", "what", "against", "unit", "goal", "reached", "note"]
    table[text] = table[text].fillna("").astype(str)
    sign, _, limit = zip(*table["goal"].str.partition(" ").to_numpy(), strict=True)
    limit = pd.to_numeric(pd.Series(limit, index=table.index), errors="coerce")
    more = pd.Series(sign, index=table.index) == "≥"
    ends = {"kept": ("median",) * 2, "kept_low": ("lower_quartile", "upper_quartile")}
    ends["kept_high"] = ends["kept_low"][::-1]
    for name, (large, small) in ends.items():
        table[name] = np.where(more, table[large] / limit, limit / table[small])
    counted = (table.groupby("benchmark").cumcount() + 1).astype(str)
    several = table["benchmark"].duplicated(keep=False)
    table["number"] = table["benchmark"] + (" " + counted).where(several, "")
    return table
