"""What a build says at its end about the jobs that failed, and about those that need them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from workflow.scripts.logs import ending


class Failure(NamedTuple):
    """A job that failed."""

    name: str
    log: str


def failures_of(workflow) -> str:
    """Return the summary of a Snakemake workflow that has ended; empty where no job failed."""
    dag, failed = workflow.dag, workflow.scheduler.failed
    needed = [job for job in dag.jobs if dag.needrun(job) and not job.is_norun]
    lacking = [job for job in needed if not dag.finished(job) and job not in failed]
    return summary(
        sorted(Failure(job_name(job), *map(str, job.log)) for job in failed),
        sorted(map(job_name, lacking)),
        len(needed),
    )


def job_name(job) -> str:
    """Return how a person would call a job: its rule, and what it is about."""
    return " ".join([job.rule.name.replace("_", " ", 1), *map(str, job.wildcards)])


def summary(failures: Sequence[Failure], not_run: Sequence[str], jobs: int) -> str:
    """Return which of so many jobs failed, why, where their logs are, and which did not run."""
    if not failures:
        return ""
    lines = [f"{len(failures)} of {jobs} jobs failed:"]
    for failure in failures:
        sentence = ending(Path(failure.log)).sentence
        lines.append(f"  {failure.name}: {sentence} (log: {failure.log})")
    if not_run:
        lines.append(f"Not run, since they need what failed: {', '.join(not_run)}.")
    lines.append("What was finished is kept; when that is put right, the same command goes on.")
    return "\n".join(lines)
