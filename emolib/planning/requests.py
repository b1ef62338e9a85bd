"""What to ask a cluster for: memory and time of each job of a build.

They are the estimates of a plan, of all jobs and not only of those that are lacking, times a
margin: a request that is too small kills a job, one that is too large makes it wait a little. Rates
come from the builds that were timed in the same folder, so the requests of a second build on a
cluster rest on what its own nodes took; those of the first on the reference machine, without a GPU.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emolib.models.runs import RunSpec, run_specs
from emolib.planning.amounts import (
    ALL_CORES,
    Job,
    PlannedRun,
    expected_sequences,
    feature_dimension,
    planned_jobs,
    total,
    training_amounts,
)
from emolib.planning.costs import REFERENCE, REFERENCE_CORES, Pace, find_paces, load_reference
from emolib.planning.jobs import all_jobs
from emolib.planning.measured import read_timings
from emolib.planning.scale import Scale, corpus_scale
from emolib.workspace import Workspace

TIME_MARGIN = 2.0
"""Times the estimated time: nodes differ, and a shared disk is slow at times."""

MEMORY_MARGIN = 1.5
"""Times the estimated memory."""

SHORTEST = {"chapters": 120}
"""Minutes that are asked for at least; how a chapter grows with the corpus is not known."""

USUALLY_SHORTEST = 15
"""The same of every other stage: starting Python from a shared disk may take one of them."""

LEAST = 2 * 2**30
"""Bytes that are asked for at least."""

FACE_BYTES = 1000
"""Of a face in the tables that a job holds in memory, with the copies that it makes of them."""

GPU_BYTES = 4 * 2**30
"""Of a process that uses a GPU, in the memory of its node: libraries and buffers."""

GPU_STAGES = ("features", "train", "search", "ablation")
"""Stages whose jobs use a GPU where there is one."""

PROCESSES = ("simulate", "faces")
"""Stages that start a process a core, so that their memory grows with the cores."""


@dataclass(frozen=True)
class Requests:
    """What the jobs of a build are expected to need.

    Attributes
    ----------
    seconds : mapping
        (stage, name) -> s, on `REFERENCE_CORES` where no build here was timed and the stage takes
        all cores. The name is that of the network, ablation or chapter, or the stage again.
    memory : mapping
        Stage -> bytes at the peak of one of its jobs.
    timed : frozenset of str
        Stages that were timed here, with as many cores as their jobs get.
    """

    seconds: Mapping[tuple[str, str], float]
    memory: Mapping[str, float]
    timed: frozenset[str] = frozenset()

    def runtime(
        self, stage: str, name: str | None = None, threads: int = 1, attempt: int = 1
    ) -> int:
        """Return the minutes to ask for, for a job with so many cores, at the k-th attempt."""
        seconds = self.seconds.get((stage, name or stage), 0.0)
        if stage in ALL_CORES and stage not in self.timed:
            seconds *= REFERENCE_CORES / threads
        shortest = SHORTEST.get(stage, USUALLY_SHORTEST)
        return attempt * max(shortest, math.ceil(TIME_MARGIN * seconds / 60))

    def mem_mb(self, stage: str, threads: int = 1, attempt: int = 1) -> int:
        """Return the mebibytes to ask for, for a job with so many cores, at the k-th attempt."""
        memory = self.memory.get(stage, 0.0)
        if stage in PROCESSES and stage not in self.timed:
            memory *= max(1.0, threads / REFERENCE_CORES)
        return attempt * math.ceil(max(LEAST, MEMORY_MARGIN * memory) / 2**20)


def job_requests(workspace: Workspace) -> Requests:
    """Estimate what each job of a build needs when all of its work is to be done.

    Parameters
    ----------
    workspace : Workspace
        The build; the builds beside it, as far as they were timed, say how fast the machines are.

    Raises
    ------
    InputError
        If the corpus is not there or holds nothing to use.
    """
    scale, reference = corpus_scale(workspace), load_reference()
    paces = find_paces(read_timings(workspace.folder.parent), reference)
    runs = _all_runs(workspace, scale)
    seconds = dict.fromkeys((("ablation", name) for name in workspace.config.ablations), 0.0)
    for job in planned_jobs(workspace, scale, all_jobs(workspace.config), runs):
        # The features that an ablation makes for itself are a part of its one job.
        key = ("ablation", job.name) if ("ablation", job.name) in seconds else (job.stage, job.name)
        seconds[key] = seconds.get(key, 0.0) + _factor(paces[job.stage]) * reference.work(job)
    for name in workspace.config.ablations:
        ablated = _all_runs(workspace.ablation(name), scale)
        work = total(training_amounts(*run) for run in ablated)
        seconds["ablation", name] += _factor(paces["train"]) * reference.work(
            Job("train", name, {"job": 1, **work})
        )
        runs += ablated
    timed = frozenset(stage for stage, pace in paces.items() if pace.source != REFERENCE)
    held = max((_features_held(scale, run.spec) for run in runs), default=0.0)
    held = min(held, workspace.config.training.features_in_memory * 2**30)
    return Requests(seconds, _memory(scale, paces, held), timed)


def _all_runs(workspace: Workspace, scale: Scale) -> list[PlannedRun]:
    return [
        PlannedRun(spec, expected_sequences(spec, scale, workspace.config))
        for spec in run_specs(workspace.config)
    ]


def _factor(pace: Pace) -> float:
    """Return the pace of a stage that was timed here; else that of the reference machine."""
    return 1.0 if pace.source == REFERENCE else pace.factor


def _memory(scale: Scale, paces: Mapping[str, Pace], held: float) -> dict[str, float]:
    """Return the peak of a job of each stage: what was measured, and what grows with the corpus."""
    tables = FACE_BYTES * scale.faces
    memory = {stage: _known(pace.memory(1)) + tables for stage, pace in paces.items()}
    for stage in ("train", "search", "chapters"):
        memory[stage] += held
    memory["ablation"] = max(memory["features"], memory["train"])
    return {
        stage: bytes_ + (GPU_BYTES if stage in GPU_STAGES else 0)
        for stage, bytes_ in memory.items()
    }


def _features_held(scale: Scale, spec: RunSpec) -> float:
    """Return the bytes of the features, or of the faces, that a training reads."""
    item = spec.crop_size**2 * 3 if spec.end_to_end else 2 * feature_dimension(spec)
    return item * scale.faces


def _known(memory: float) -> float:
    return 0.0 if math.isnan(memory) else memory
