"""Imported annotations as operations, so that they can be undone like all that a rater does."""

import uuid
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from emolib.annotator.exchange import Imported
from emolib.data.raters import MAX_HOLE
from emolib.data.video import STREAM_RATE
from emolib.labels import DIMENSIONS


def import_operations(imported: Imported) -> list[dict[str, Any]]:
    """Return the operations that make an annotation of what was imported: one step of undo.

    A trace is a stretch of recording wherever no two of its times are more than `MAX_HOLE` apart.
    """
    group = uuid.uuid4().hex[:12]
    found = [*_intervals(imported.categorical), *_stretches(imported.dimensional)]
    return [operation | {"group": group} for operation in found]


def _intervals(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in table.to_dict("records"):
        yield {
            "do": "add_interval",
            "interval": uuid.uuid4().hex[:12],
            "track": row["track"],
            "start": round(row["start"] * STREAM_RATE),
            "end": round(row["end"] * STREAM_RATE),
            "emotion": row["emotion"],
            "origin": row["origin"],
        }


def _stretches(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for track, rows in table.groupby("track", sort=False):
        rated = [name for name in DIMENSIONS if rows[name].notna().any()]
        rows = rows.dropna(subset=rated).drop_duplicates("time").sort_values("time")
        holes = np.cumsum(rows["time"].diff() > MAX_HOLE)
        for _, stretch in rows.groupby([holes, rows["origin"]], sort=False):
            yield {
                "do": "record",
                "recording": uuid.uuid4().hex[:12],
                "track": track,
                "dimensions": rated,
                "start": float(stretch["time"].iloc[0]),
                "end": float(stretch["time"].iloc[-1]),
                "samples": stretch[["time", *rated]].to_numpy(float).tolist(),
                "origin": stretch["origin"].iloc[0],
            }
