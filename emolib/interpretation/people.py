"""Means over the faces that were explained, with intervals over their people."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from emolib.evaluation.uncertainty import student_limits

SHARES = ("share", "hit", "area", "deletion", "insertion")
"""Columns that lie in [0, 1], at which their intervals are cut off."""


def person_means(
    table: pd.DataFrame, by: Sequence[str], columns: Sequence[str], confidence: float
) -> pd.DataFrame:
    """Average columns over rows that come in clusters, the people.

    Parameters
    ----------
    table : DataFrame
        A row per face and group, with a column ``person``.
    by : sequence of str
        Columns that name a group.
    columns : sequence of str
        What to average; rows without a value are left out.
    confidence : float
        Of the intervals, in (0, 1).

    Returns
    -------
    DataFrame
        A row per group and column, in the order of the table: `by`, ``quantity`` (the column),
        ``estimate, low, high`` from leaving out one person at a time
        (`emolib.evaluation.uncertainty.student_limits`), ``faces`` and ``people``.
    """
    rows = []
    for group, of_group in table.groupby(list(by), sort=False):
        for column in columns:
            defined = of_group.dropna(subset=column)
            sums = defined.groupby("person")[column].agg(["sum", "count"]).to_numpy(float)
            total = sums.sum(axis=0) if len(sums) else np.array([np.nan, 0])
            estimate = total[0] / max(total[1], 1)
            without = total - sums
            left_out = without[:, 0] / np.maximum(without[:, 1], 1)
            low, high = student_limits(estimate, left_out, confidence)
            if column in SHARES:
                low, high = np.clip([low, high], 0, 1)
            found = (column, estimate, float(low), float(high), int(total[1]), len(sums))
            rows.append((*group, *found))
    names = [*by, "quantity", "estimate", "low", "high", "faces", "people"]
    return pd.DataFrame(rows, columns=names)
