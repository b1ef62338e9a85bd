"""How long a build takes, and how much disk and memory: amounts of work times measured rates.

The rate of a stage is its *pace*: the time it took in the largest build on this machine, divided by
what ``reference.csv`` gives for the same work. A stage that was never timed here has the pace 1: it
takes as long as on the reference machine. One measured number for each stage thus corrects all
rates of its units, which one build alone could not tell apart.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.planning.amounts import ALL_CORES, SIDE_BY_SIDE, STAGES, Job
from emolib.planning.measured import Timing

REFERENCE_CORES = 2
REFERENCE_MACHINE = "two cores, x86-64 with AVX-512 BF16 and no AMX, 24 GiB of memory"
"""The machine on which ``reference.csv`` was measured: the times of a build of config/demo.yaml
with little beside it. The shares of the units of a stage are from single runs of each, and what
trainings take in float32 was found from a build that shared the machine."""

REFERENCE = "reference"
"""Source of a rate that was not measured here."""

USUAL_CHAPTER = "chapter"
"""Unit that stands for a chapter of which the reference knows nothing."""


class Pace(NamedTuple):
    """How fast this machine is, beside the reference, at one stage."""

    factor: float
    """Time measured here, of the time of the reference."""
    memories: tuple[float, ...]
    """Bytes at the peak of each job that was measured; those of one too short are not known."""
    source: str
    """The build that was measured, or `REFERENCE`."""

    def memory(self, abreast: int) -> float:
        """Return the bytes at the peak of the largest jobs side by side; NaN if unknown."""
        known = sorted((m for m in self.memories if not np.isnan(m)), reverse=True)
        if not known:
            return np.nan
        return sum(known[:abreast]) + max(0, abreast - len(known)) * known[-1]


@dataclass(frozen=True)
class Reference:
    """What a unit of work costs on the reference machine.

    Attributes
    ----------
    seconds : dict
        (stage, unit) -> s.
    memories : dict
        Stage -> bytes at the peak of each job that was measured.
    """

    seconds: dict[tuple[str, str], float]
    memories: dict[str, tuple[float, ...]]

    def work(self, job: Job) -> float:
        """Return the seconds that a job takes on the reference machine."""
        return sum(
            amount * self._cost(job.stage, unit) for unit, amount in job.amounts.items() if amount
        )

    def _cost(self, stage: str, unit: str) -> float:
        if (stage, unit) not in self.seconds and stage == "chapters":
            return 0.0 if unit == "job" else self.seconds[stage, USUAL_CHAPTER]
        return self.seconds[stage, unit]


def load_reference() -> Reference:
    """Read the rates that the package ships."""
    table = pd.read_csv(resources.files(__package__) / "reference.csv")
    seconds = table.set_index(["stage", "unit"])["seconds"].to_dict()
    memories = (table.dropna().groupby("stage")["memory_mb"].agg(tuple)).to_dict()
    # A trial of a search costs what a training costs.
    seconds |= {("search", unit): s for (stage, unit), s in seconds.items() if stage == "train"}
    memories["search"] = memories["train"]
    return Reference(
        seconds, {stage: tuple(mb * 2**20 for mb in each) for stage, each in memories.items()}
    )


def find_paces(timings: Iterable[Timing], reference: Reference) -> dict[str, Pace]:
    """Return the pace of every stage, of the build here that did most of it.

    Parameters
    ----------
    timings : iterable of Timing
        What was timed on this machine, in any build.
    reference : Reference
        What it is set beside.
    """
    by_stage: dict[str, dict[str, list[Timing]]] = {stage: {} for stage in STAGES}
    for timing in timings:
        by_stage[timing.job.stage].setdefault(timing.build, []).append(timing)
    paces = {}
    for stage, builds in by_stage.items():
        work = {
            name: sum(reference.work(timing.job) for timing in measured)
            for name, measured in builds.items()
        }
        if work:
            largest = max(work, key=work.get)
            seconds = sum(timing.seconds for timing in builds[largest])
            memories = tuple(timing.memory for timing in builds[largest])
            paces[stage] = Pace(seconds / work[largest], memories, largest)
        else:
            # What takes all cores takes less time where there are more of them.
            factor = REFERENCE_CORES / cores() if stage in ALL_CORES else 1.0
            paces[stage] = Pace(factor, reference.memories.get(stage, ()), REFERENCE)
    return paces | {"search": paces["train"]}


def estimate(
    jobs: Sequence[Job], paces: dict[str, Pace], reference: Reference, n_cores: int
) -> pd.DataFrame:
    """Say what each stage of a build costs.

    Parameters
    ----------
    jobs : sequence of Job
        What is to be done.
    paces : dict of str to Pace
        From `find_paces`.
    reference : Reference
        The same as there.
    n_cores : int
        Cores of the machine.

    Returns
    -------
    DataFrame
        Indexed by stage, in the order of `STAGES`: ``jobs``, ``seconds`` (from the first to the
        last of them), ``memory`` (bytes at the peak of all that run side by side; NaN if unknown)
        and ``source``.
    """
    rows = {}
    for stage in STAGES:
        works = [reference.work(job) for job in jobs if job.stage == stage]
        if not works:
            continue
        pace, abreast = paces[stage], 1
        if stage in SIDE_BY_SIDE:
            abreast = min(n_cores, len(works))
        seconds = pace.factor * max(sum(works) / abreast, max(works))
        rows[stage] = (len(works), seconds, pace.memory(abreast), pace.source)
    return pd.DataFrame.from_dict(
        rows, orient="index", columns=["jobs", "seconds", "memory", "source"]
    )


def cores() -> int:
    """Return how many cores this machine has."""
    return os.cpu_count() or 1
