"""Where two trained runs differ: in their settings, and in what they reach."""

from pathlib import Path

import pandas as pd

from emolib.evaluation.metrics import evaluate
from emolib.storage import read_json


def compare_runs(first: Path, second: Path) -> dict[str, pd.DataFrame]:
    """Compare two run folders.

    Parameters
    ----------
    first, second : Path
        Folders with ``spec.json`` and ``predictions.parquet``.

    Returns
    -------
    dict of str to DataFrame
        ``Settings``: those that differ, by dotted name. ``Metrics``: each on each split; NaN
        where a metric is undefined or a network has no such output. Besides the names, there is a
        column for each run and, for metrics, ``difference``, the second minus the first.
    """
    folders = {"first": first, "second": second}
    settings = pd.DataFrame({name: _settings(folder) for name, folder in folders.items()})
    differing = settings[settings["first"] != settings["second"]]
    metrics = pd.DataFrame(
        {
            name: evaluate(pd.read_parquet(folder / "predictions.parquet"))
            .set_index(["split", "metric"])["value"]
            for name, folder in folders.items()
        }
    )  # fmt: skip
    metrics["difference"] = metrics["second"] - metrics["first"]
    return {
        "Settings": differing.rename_axis("setting").reset_index(),
        "Metrics": metrics.reset_index(),
    }


def _settings(folder: Path) -> pd.Series:
    """Return a run's settings as text, by dotted name."""
    return pd.json_normalize(read_json(folder / "spec.json")).iloc[0].map(str)
