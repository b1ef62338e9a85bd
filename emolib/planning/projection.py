"""What a build would take on a cluster: a projection, of which no part was measured there.

Work that processors do is taken from the measured rates of `emolib.planning.costs` and shared
among the cores and nodes as the workflow shares it. What a GPU gains is assumed, and stands here
as two numbers with their reasons. Memory is what a job was measured to take, plus what it grows by
with each face (``scaling.csv``, written by ``make bench NAMES=scaling``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
import pandas as pd

from emolib.models.runs import run_specs
from emolib.planning.amounts import (
    ALL_CORES,
    STAGES,
    Job,
    PlannedRun,
    expected_sequences,
    feature_dimension,
    planned_jobs,
)
from emolib.planning.costs import Pace, Reference, cores, find_paces, load_reference
from emolib.planning.disk import stage_bytes
from emolib.planning.jobs import all_jobs
from emolib.planning.scale import USUAL_MEGAPIXELS, Scale
from emolib.workspace import Workspace

GPU_FEATURES = 30.0
"""How many times as fast as the reference machine a GPU puts faces through a backbone: assumed.

VGG-16 takes 3.2 GFLOP for a face of 72 pixels. Data sheets of GPUs for computing centres promise
100 to 1,000 TFLOP/s in 16 bits; a sustained 26, which is 8,100 faces a second and 126 MB/s of crops
to be read, is a cautious share of that."""

GPU_TRAINING = 1.0
"""How many times as fast as a core a GPU trains: assumed. An update reads a few sequences and makes
sixty steps one after the other, so it waits and does not compute; with larger batches it gains."""

TRAIN_MEMORY = 2**30
"""Bytes of features that a training holds; the default of ``training.features_in_memory``."""

INDEX_BYTES = 35
"""What a training holds of each face that it uses: 25 of `emolib.data.samples`, the rest in
sequences. What was measured is less, since few faces of those tables had labels."""

GROWING = ("match", "train", "chapters")
"""Stages whose memory grows with the faces of the corpus, under the same name in ``scaling.csv``.
Faces and features are worked on video by video."""

FITTED = 4
"""Sizes that the growth of time is fitted to, the largest: those below are mostly start-up."""

AFFWILD2 = Scale(
    videos=594,
    tracks=594,
    frames=2.8e6,
    megapixels=USUAL_MEGAPIXELS,
    **dict.fromkeys(("faces", "category", "dimensional", "both"), 2.8e6),
)
"""The size of Aff-Wild2: every face is taken to have both kinds of label, which is too many."""


@dataclass(frozen=True)
class Cluster:
    """What a build may use.

    Attributes
    ----------
    nodes : int
        Machines.
    gpus_per_node : int
        In each; may be 0.
    cores_per_node : int
        In each, as fast as a core of the reference machine.
    """

    nodes: int = 1
    gpus_per_node: int = 1
    cores_per_node: int = 16

    def __str__(self) -> str:
        """Return it in words."""
        nodes = "one node" if self.nodes == 1 else f"{self.nodes} nodes"
        gpus = {0: "no GPU", 1: "one GPU"}.get(self.gpus_per_node, f"{self.gpus_per_node} GPUs")
        return f"{nodes} of {self.cores_per_node} cores and {gpus}"


def load_scaling() -> pd.DataFrame:
    """Return what stages took at four sizes or more, as the package ships it.

    Returns
    -------
    DataFrame
        Columns ``stage, faces, seconds`` (of one core), ``peak_mb`` (memory that the stage adds to
        a process which has imported what it needs), ``processor, versions``.
    """
    return pd.read_csv(resources.files(__package__) / "scaling.csv")


def fitted(scaling: pd.DataFrame) -> pd.DataFrame:
    r"""Fit how time and memory of each stage grow with the number of faces.

    Parameters
    ----------
    scaling : DataFrame
        As `load_scaling` returns it.

    Returns
    -------
    DataFrame
        A row a stage, in order: ``stage``; ``exponent`` and ``seconds`` of
        :math:`t = s\,(n / 10^6)^a`, the straight line through the logarithms of the four largest
        sizes by least squares; ``rises``, whether each of these took longer than the one before,
        or else no power fits; and ``bytes_per_face``, by which memory grows between the two largest
        sizes, at least 0.
    """
    rows = []
    for stage, of_stage in scaling.groupby("stage", sort=False):
        of_stage = of_stage.sort_values("faces")
        largest = of_stage.tail(FITTED)
        size, seconds = np.log(largest["faces"] / 1e6), np.log(largest["seconds"])
        exponent, level = np.polyfit(size, seconds, 1)
        rises = bool((seconds.diff().dropna() > 0).all())
        growth = of_stage["peak_mb"].diff() * 1e6 / of_stage["faces"].diff()
        rows.append((stage, exponent, np.exp(level), rises, max(growth.iloc[-1], 0.0)))
    return pd.DataFrame(rows, columns=["stage", "exponent", "seconds", "rises", "bytes_per_face"])


def project(
    jobs: Sequence[Job],
    runs: Sequence[PlannedRun],
    scale: Scale,
    paces: dict[str, Pace],
    reference: Reference,
    cluster: Cluster,
) -> pd.DataFrame:
    """Say what each stage of a build would take on a cluster.

    Jobs are those of the workflow: a network is trained by one job on one GPU (or, without any, one
    core), a chapter takes one core, and every other stage is one job on one node, which more nodes
    do not make faster.

    Returns
    -------
    DataFrame
        Indexed by stage, in order: ``what`` (where its jobs run), ``jobs``, ``seconds``, ``memory``
        (bytes of one job, at most) and ``source``, ``measured`` or ``assumed`` (a GPU).
    """
    rows, grows = {}, fitted(load_scaling()).set_index("stage")["bytes_per_face"]
    for stage in STAGES:
        works = [reference.work(job) for job in jobs if job.stage == stage]
        if not works:
            continue
        gpu = cluster.gpus_per_node > 0 and stage in ("features", "train")
        where, slots, factor = _place(stage, gpu, cluster, paces[stage].factor)
        seconds = factor * max(sum(works) / min(slots, len(works)), max(works))
        memory = paces[stage].memory(1) + (grows[stage] * scale.faces if stage in GROWING else 0)
        if stage == "train":
            memory += max(INDEX_BYTES - grows[stage], 0) * scale.faces
            memory += max((_held(scale, run) for run in runs), default=0.0)
        source = "assumed" if gpu else "measured"
        rows[stage] = (where, len(works), seconds, memory, source)
    columns = ["what", "jobs", "seconds", "memory", "source"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def project_corpus(workspace: Workspace, scale: Scale, cluster: Cluster) -> pd.DataFrame:
    """Say what all networks and chapters of a configuration would take on a corpus of some size.

    Rates are those of the reference machine. Columns are those of `project`, and ``disk`` (bytes).
    """
    config, reference = workspace.config, load_reference()
    lacking = all_jobs(config, workspace.folder.parents[1])
    lacking = lacking._replace(rules=lacking.rules - {"simulate", "ablation"}, ablations=())
    specs = run_specs(config)
    runs = [PlannedRun(spec, expected_sequences(spec, scale, config)) for spec in specs]
    jobs = planned_jobs(workspace, scale, lacking, runs)
    table = project(jobs, runs, scale, find_paces([], reference), reference, cluster)
    written = stage_bytes(workspace, scale, jobs, specs)
    return table.assign(disk=[written[stage] for stage in table.index])


def describe_projection(cluster: Cluster) -> list[str]:
    """List what a projection assumes, a sentence each."""
    notes = [
        "What is projected for a cluster is no measurement: nothing in it was measured on such "
        "nodes.",
        f"A core is taken to be as fast as one here, and {cluster.cores_per_node} cores to share "
        "out videos without loss; disk and network are taken to keep up.",
        "Features, faces and matching are one job each, so more nodes do not make them faster.",
        "Memory is that of one job, whose growth with the number of faces was measured.",
    ]
    if cluster.gpus_per_node:
        notes[1:1] = [
            f"A GPU is assumed to be {GPU_FEATURES:g} times as fast as the two cores of the "
            "reference at features, and at training "
            + ("as fast as a core" if GPU_TRAINING == 1 else f"{GPU_TRAINING:g} times a core")
            + ", since small batches keep it waiting."
        ]
    return notes


def _place(stage: str, gpu: bool, cluster: Cluster, pace: float) -> tuple[str, int, float]:
    """Return where the jobs of a stage run, how many side by side, and seconds of one of work."""
    if gpu and stage == "features":
        return "1 GPU", 1, 1 / GPU_FEATURES
    if gpu:
        slots = cluster.nodes * cluster.gpus_per_node
        return f"{slots} GPU{'s' * (slots > 1)}", slots, pace / GPU_TRAINING
    if stage in ALL_CORES:
        return f"{cluster.cores_per_node} cores", 1, pace * cores() / cluster.cores_per_node
    if stage in ("train", "chapters"):
        slots = cluster.nodes * cluster.cores_per_node
        return f"{slots} cores", slots, pace
    return "1 core", 1, pace


def _held(scale: Scale, run: PlannedRun) -> float:
    """Return the bytes of features that a training holds."""
    faces = scale.labelled(run.spec.faces, ("category", "dimensional"))
    size = run.spec.crop_size**2 * 3 if run.spec.end_to_end else feature_dimension(run.spec) * 2
    return min(faces * size, TRAIN_MEMORY)
