"""What a plan says in words: what is to be done, and what was assumed."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from emolib.models.batches import MEMORY_BOUND
from emolib.planning.amounts import (
    Job,
    PlannedRun,
    feature_dimension,
    total,
    updates_per_epoch,
)
from emolib.planning.costs import ALL_CORES, REFERENCE, REFERENCE_CORES, REFERENCE_MACHINE
from emolib.planning.jobs import Lacking
from emolib.planning.scale import Scale
from emolib.workspace import Workspace

TIMED_DETECTOR = "dlib"
"""The detector that the reference was measured with."""


def describe_work(
    workspace: Workspace, scale: Scale, jobs: Sequence[Job], runs: Sequence[PlannedRun]
) -> dict[str, str]:
    """Say what each stage has to do, in a few words."""
    frames, faces = f"{scale.frames:,.0f} frames", f"{scale.faces:,.0f} faces"
    videos, epochs = f"{scale.videos:,} videos", max((run.spec.epochs for run in runs), default=0)
    settings, of_training = workspace.config.search, workspace.config.training
    searched = settings.trials * sum(job.stage == "search" for job in jobs)
    through = total(job.amounts for job in jobs if job.stage == "features")
    seen = sum(amount for unit, amount in through.items() if unit.endswith(" face"))
    return {
        "simulate": f"{videos}, {frames}",
        "ingest": f"{videos}, {frames}",
        "faces": faces,
        "annotations": f"of {videos}",
        "match": faces,
        "features": f"{seen:,.0f} faces, any backbone",
        "train": f"{len(runs)} runs of {epochs} epochs",
        "search": f"{searched} trials of {settings.epochs or of_training.epochs} epochs",
        "chapters": f"{sum(job.stage == 'chapters' for job in jobs)} notebooks",
        "book": "all pages",
    }


def describe_updates(runs: Sequence[PlannedRun]) -> str:
    """Say how often each run changes its weights, which decides how long it takes."""
    if not runs:
        return "No run is to be trained."
    counts = {updates_per_epoch(*run) * run.spec.epochs for run in runs}
    span = f"{min(counts):,}" if len(counts) == 1 else f"{min(counts):,} to {max(counts):,}"
    frames = sorted({run.spec.batch_size * run.spec.sequence_length for run in runs})
    return f"Each run makes {span} updates, each from {' or '.join(map(str, frames))} frames."


def describe_assumptions(
    workspace: Workspace,
    scale: Scale,
    runs: Sequence[PlannedRun],
    lacking: Lacking,
    table: pd.DataFrame,
    n_cores: int,
) -> list[str]:
    """List what was assumed and not counted or measured, a sentence each."""
    config, notes = workspace.config, list(scale.notes)
    for source in sorted(set(table["source"]) - {REFERENCE}):
        notes.append(f"Rates from {Path(source).name} were measured here, in {source}.")
    reference = set(table.index[table["source"] == REFERENCE])
    if reference:
        notes.append(
            f"Rates from the {REFERENCE} were measured on another machine: {REFERENCE_MACHINE}."
        )
    if reference & set(ALL_CORES) and n_cores != REFERENCE_CORES:
        notes.append(f"Of those, what takes all of the {n_cores} cores here gains in proportion.")
    if "features" in reference:
        notes.append(
            "Without units for bfloat16 in the processor, features take about five times as long."
        )
    if "faces" in table.index and not scale.cut_out and config.faces.detector != TIMED_DETECTOR:
        notes.append(
            f"The detector {config.faces.detector} is taken to be as fast as {TIMED_DETECTOR}."
        )
    if any(run.spec.early_stopping for run in runs):
        notes.append("No training is taken to stop early.")
    if any(run.spec.end_to_end for run in runs):
        notes.append("Trainings with the backbone in the loop are extrapolated from few updates.")
    held = max((_feature_bytes(scale, run) for run in runs), default=0)
    if held > MEMORY_BOUND:
        notes.append(
            f"The features of a training take {held / 1e9:.1f} GB and are read from disk as they "
            "are needed; that the disk keeps up is assumed."
        )
    if "chapters" in table.index:
        notes.append("Chapters are taken to last as long as those of the build that was timed.")
    notes.append(
        "Stages other than features and trainings are counted in full where only a part is lacking."
    )
    notes.append("Memory is that of all jobs which run side by side; the total is the largest.")
    notes.append("No GPU is counted on; one would be faster, by how much is not known here.")
    if lacking.searches:
        notes.append(
            "Trials of searches are counted as trainings, with all of their epochs; those that "
            "are given up early, or done already, cost less."
        )
    if lacking.ablations:
        notes.append(
            f"Features and trainings of {len(lacking.ablations)} ablations are counted with those "
            "of the build."
        )
    if lacking.uncounted:
        notes.append(f"Not in the estimate: {', '.join(lacking.uncounted)}.")
    return notes


def _feature_bytes(scale: Scale, run: PlannedRun) -> float:
    if run.spec.end_to_end:
        return scale.both * run.spec.crop_size**2 * 3
    return scale.both * feature_dimension(run.spec) * 2
