"""How many bytes a build writes, and how many there are."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from emolib.models.networks import network_spec
from emolib.models.runs import RunSpec, run_specs
from emolib.planning.amounts import Job, feature_dimension, run_weights, size_factor
from emolib.planning.scale import Scale
from emolib.workspace import Workspace

BYTES = {
    "frame of a simulated video": 690,
    "face in the tables": 120,  # of faces, detections and samples
    "face in the predictions of a run": 50,
    "weight of a run": 12,  # float32, and the two moments of Adam
    "chapter": 1_200_000,  # the executed notebook and its tables
    "book": 22_000_000,  # all pages
}
"""Measured on the demo build; crops and features follow from their sizes."""

BACKBONE_BYTES = {"vgg16": 58_900_000, "vgg19": 80_100_000, "xception": 83_400_000}
"""Of the weights of a convolutional part, which a run that is trained end to end keeps."""

PLACES = {
    "simulate": ("corpus",),
    "faces": ("crops", "faces", "faces.parquet", "detections"),
    "match": ("samples.parquet",),
    "features": ("features",),
    "train": ("runs",),
    "search": ("search",),
    "chapters": ("chapters",),
    "book": ("html",),
}
"""Stage -> what it writes in the folder of a build."""


def stage_bytes(
    workspace: Workspace, scale: Scale, jobs: Sequence[Job], runs: Sequence[RunSpec]
) -> dict[str, float]:
    """Return how many bytes the stages of a build will have written when all is done.

    Parameters
    ----------
    workspace : Workspace
        The build.
    scale : Scale
        How large its corpus is.
    jobs : sequence of Job
        What is to be done; a stage that is not among them writes nothing.
    runs : sequence of RunSpec
        What is to be trained.
    """
    config = workspace.config
    cached = {spec.backbone: spec for spec in run_specs(config) if not spec.end_to_end}
    written = {
        "simulate": scale.frames * BYTES["frame of a simulated video"],
        "faces": scale.faces * config.faces.crop_size**2 * 3,
        "match": scale.faces * BYTES["face in the tables"],
        "features": scale.faces * sum(map(feature_dimension, cached.values())) * 2,
        "train": sum(_run_bytes(spec, scale) for spec in runs),
        "search": sum(
            _search_bytes(workspace, job.name, scale) for job in jobs if job.stage == "search"
        ),
        "chapters": sum(job.stage == "chapters" for job in jobs) * BYTES["chapter"],
        "book": BYTES["book"],
    }
    ablated = [job.amounts for job in jobs if job.stage == "features" and "job" not in job.amounts]
    for spec in cached.values():
        faces = sum(amounts[f"{spec.backbone} face"] for amounts in ablated)
        written["features"] += faces / size_factor(spec.crop_size) * feature_dimension(spec) * 2
    stages = {job.stage for job in jobs}
    return {stage: written.get(stage, 0.0) for stage in stages}


def _run_bytes(spec: RunSpec, scale: Scale) -> float:
    faces = scale.labelled(spec.faces, tuple(network_spec(spec.network).heads))
    weights = run_weights(spec) * BYTES["weight of a run"]
    if spec.end_to_end:
        weights += BACKBONE_BYTES[spec.backbone]
    return weights + faces * BYTES["face in the predictions of a run"]


def _search_bytes(workspace: Workspace, network: str, scale: Scale) -> float:
    """Return the bytes of the runs at the end of a search: of the best, and of the thesis."""
    specs = [spec for spec in run_specs(workspace.config) if spec.network == network]
    return 2 * sum(_run_bytes(spec, scale) for spec in specs)


def lacking_bytes(workspace: Workspace, written: dict[str, float]) -> float:
    """Return how many bytes the disk must have free: those written, less what they replace."""
    return sum(
        max(0.0, size - sum(_size(workspace.folder / place) for place in PLACES.get(stage, ())))
        for stage, size in written.items()
    )


def free_bytes(folder: Path) -> int:
    """Return how many bytes are free where a folder is, or would be."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def installed_bytes() -> int:
    """Return how much memory this machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.is_file() else 0
