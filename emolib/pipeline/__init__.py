"""The stages of a build, in order: corpus, videos, faces, annotations, samples, features, runs.

Each function does one stage of a `Workspace` and writes what the next one reads. A video or an
annotation file that cannot be used is reported, written to ``problems/<stage>.csv`` and left
out; the rest goes on. Work already done for an unchanged video or track is kept, so a stage that
was killed continues where it was.
"""

from emolib.config import KINDS
from emolib.data.detection import detector as find_detector
from emolib.errors import InputError
from emolib.models.runs import run_specs
from emolib.pipeline.ablations import check_ablations, is_trained, train_ablation
from emolib.pipeline.corpus import corpus_files, describe, ingest, simulate, unify_annotations
from emolib.pipeline.faces import extract_all_faces
from emolib.pipeline.runs import (
    delete_runs,
    extract_all_features,
    faces_of_run,
    find_runs,
    lacking_runs,
    run_folder,
    train_runs,
)
from emolib.pipeline.samples import match_and_split
from emolib.workspace import Workspace

__all__ = [
    "check",
    "corpus_files",
    "delete_runs",
    "describe",
    "extract_all_faces",
    "extract_all_features",
    "faces_of_run",
    "find_runs",
    "ingest",
    "is_trained",
    "lacking_runs",
    "match_and_split",
    "run_folder",
    "simulate",
    "train_ablation",
    "train_runs",
    "unify_annotations",
]


def check(workspace: Workspace) -> None:
    """Refuse, before anything starts, a configuration that no book can be built with.

    Raises
    ------
    InputError
        If a network is unknown, a kind of network is missing, an ablation changes nothing, the
        corpus is not there or holds nothing to use, or the detector cannot be had.
    """
    config = workspace.config
    kinds = {spec.kind for spec in run_specs(config)}
    for kind in KINDS:
        if kind not in kinds:
            raise InputError(
                f"{config.name}: training.networks holds no {kind} network; the book needs one of "
                f"each kind ({', '.join(KINDS)})"
            )
    check_ablations(workspace)
    if config.faces.boxes is None:
        find_detector(config.faces.detector)
    if not workspace.simulated:
        describe(workspace)
