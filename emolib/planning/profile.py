"""What the stages of one build took, as Snakemake recorded it when each was last executed."""

import os
from pathlib import Path

import pandas as pd

from emolib.planning.amounts import STAGES

MEBIBYTE = 2**20 / 1e9
"""In GB; Snakemake counts memory in MiB."""

JOB_COLUMNS = ["stage", "job", "seconds", "peak_gb"]
ORDER = [*STAGES[: STAGES.index("search")], "ablations", *STAGES[STAGES.index("search") :]]
"""Of the stages; others come last."""


def job_times(folder: str | Path) -> pd.DataFrame:
    """Return the time and peak memory of each job of a build, in order of execution.

    Parameters
    ----------
    folder : str or Path
        The build. It may have recorded nothing.

    Returns
    -------
    DataFrame
        ``stage``, ``job`` (the network, chapter or ablation; empty where a stage is one job),
        ``seconds`` (wall clock), ``peak_gb`` (10^9 bytes of its processes together, what they share
        counted for each; NaN for a job that ended before it was looked at). A job that found some
        of its work done was timed for the rest alone.
    """
    root, rows = Path(folder) / "times", []
    for file in sorted(root.rglob("*.tsv"), key=os.path.getmtime):
        measured = pd.read_csv(file, sep="\t", na_values="-").iloc[-1]
        stage, *job = file.relative_to(root).with_suffix("").parts
        seconds, memory = float(measured["s"]), float(measured["max_rss"])
        rows.append((stage, " ".join(job), seconds, memory * MEBIBYTE))
    return pd.DataFrame(rows, columns=JOB_COLUMNS).astype({"seconds": float, "peak_gb": float})


def stage_profile(jobs: pd.DataFrame) -> pd.DataFrame:
    """Sum up the jobs of each stage.

    Parameters
    ----------
    jobs : DataFrame
        As `job_times` returns it.

    Returns
    -------
    DataFrame
        A row a stage, in the order in which they follow from each other: ``stage``, ``jobs`` (how
        many), ``seconds`` (of all, one after the other), ``longest`` (the job that took longest),
        ``longest_seconds``, ``peak_gb`` (of one job, the largest) and ``largest`` (that job).
    """
    rows, by_stage = [], dict(list(jobs.groupby("stage")))
    for stage in sorted(by_stage, key=lambda one: ORDER.index(one) if one in ORDER else len(ORDER)):
        of_stage = by_stage[stage]
        longest = of_stage.loc[of_stage["seconds"].idxmax()]
        measured = of_stage.dropna(subset="peak_gb")
        largest = measured.loc[measured["peak_gb"].idxmax()] if len(measured) else None
        rows.append(
            {
                "stage": stage,
                "jobs": len(of_stage),
                "seconds": of_stage["seconds"].sum(),
                "longest": longest["job"],
                "longest_seconds": longest["seconds"],
                "peak_gb": float("nan") if largest is None else largest["peak_gb"],
                "largest": "" if largest is None else largest["job"],
            }
        )
    columns = ["stage", "jobs", "seconds", "longest", "longest_seconds", "peak_gb", "largest"]
    numbers = dict.fromkeys(("seconds", "longest_seconds", "peak_gb"), float)
    return pd.DataFrame(rows, columns=columns).astype(numbers)
