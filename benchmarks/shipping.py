"""Put measurements into the package, whose book shows them where nobody measured anything else."""

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from emolib.storage import write_table

SHIPPED = Path("emolib/planning")
"""Where the tables lie that the chapters *Performance* and *Scaling* show."""


def ship(output: Path, names: Collection[str], shipped: Path = SHIPPED) -> list[Path]:
    """Replace the rows of some benchmarks among those that the package ships.

    Parameters
    ----------
    output : Path
        Where they were written: ``benchmarks.csv``, and ``scaling.csv`` if `names` has it.
    names : collection of str
        The benchmarks. Rows of others stay as they were measured.
    shipped : Path
        The folder of the tables.

    Returns
    -------
    list of Path
        What was written.
    """
    if not names:
        return []
    measured = pd.read_csv(output / "benchmarks.csv", keep_default_na=False)
    measured = measured[measured["benchmark"].isin(names)]
    target = shipped / "benchmarks.csv"
    if target.is_file():
        former = pd.read_csv(target, keep_default_na=False)
        measured = pd.concat([former[~former["benchmark"].isin(names)], measured])
    measured = measured.sort_values("benchmark", kind="stable")
    written = [write_table(measured, target)]
    if "scaling" in names:
        written.append(write_table(pd.read_csv(output / "scaling.csv"), shipped / "scaling.csv"))
    return written
