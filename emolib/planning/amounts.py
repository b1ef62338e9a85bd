"""What a build has to do, counted in units whose cost can be measured.

A `Job` is what Snakemake executes and times at once. Its amounts are counts of `UNITS`; what one of
a unit costs stands in ``reference.csv``.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from emolib import pipeline
from emolib.config import Config
from emolib.data.sequences import build_sequences
from emolib.labels import DIMENSIONS, SPLITS
from emolib.models.networks import TRUNK_UNITS, network_spec
from emolib.models.runs import RunSpec, run_specs
from emolib.planning.jobs import Lacking
from emolib.planning.scale import Scale
from emolib.sources import code_hash
from emolib.storage import read_array, read_json, record_path
from emolib.workspace import Workspace

STAGES = (
    "simulate",
    "ingest",
    "faces",
    "annotations",
    "match",
    "features",
    "train",
    "search",
    "chapters",
    "book",
)
"""Stages in the order in which a build executes them."""

SIDE_BY_SIDE = ("train", "search", "chapters")
"""Stages whose jobs take one core each, so that as many run as there are cores."""

ALL_CORES = ("simulate", "faces", "features")
"""Stages whose one job takes all cores."""

PREDICTION_BATCH = 32  # that of `emolib.models.judging`, whose import takes seconds
SEQUENCE_COLUMNS = ["track", "time", "split", "emotion", *DIMENSIONS]
"""Of the samples, what sequences are counted from."""

FORWARD = 1 / 2
"""Of the cost of an update with some data, that of predicting from them."""

SIZE = 72
"""Side of the faces in pixels, for which backbones were timed."""


class Job(NamedTuple):
    """What is executed and timed at once."""

    stage: str
    """One of `STAGES`."""
    name: str
    """The network or chapter, else the stage."""
    amounts: Mapping[str, float]
    """Units that are to be done -> how many."""


class Sequences(NamedTuple):
    """How many sequences a network trains on, is judged on, and predicts."""

    train: float
    validation: float
    all: float


class PlannedRun(NamedTuple):
    """A run that is to be trained."""

    spec: RunSpec
    sequences: Sequences


def planned_runs(workspace: Workspace, scale: Scale, lacking: Lacking) -> list[PlannedRun]:
    """Return the runs that a build and its ablations will train: those that are not up to date.

    Parameters are those of `planned_jobs`.
    """
    redone = lacking.rules & {"match", "features"}
    counted = workspace.samples.is_file() and "match" not in lacking.rules
    samples = workspace.load("samples", SEQUENCE_COLUMNS) if counted else None
    specs = [
        spec for spec in _runs_to_train(workspace, bool(redone)) if spec.network in lacking.networks
    ]
    for name in lacking.ablations:
        specs += _runs_to_train(workspace.ablation(name), bool(redone))
    # An ablation that finds other labels is taken to find as many as its build.
    return [
        PlannedRun(
            spec,
            expected_sequences(spec, scale, workspace.config)
            if samples is None
            else counted_sequences(samples, spec),
        )
        for spec in specs
    ]


def _runs_to_train(workspace: Workspace, all_of_them: bool) -> list[RunSpec]:
    names = set() if all_of_them else set(pipeline.lacking_runs(workspace))
    return [spec for spec in run_specs(workspace.config) if all_of_them or spec.name in names]


def planned_jobs(
    workspace: Workspace, scale: Scale, lacking: Lacking, runs: Sequence[PlannedRun]
) -> list[Job]:
    """Return what is to be done for a build, in its order.

    Parameters
    ----------
    workspace : Workspace
        The build.
    scale : Scale
        How large its corpus is.
    lacking : Lacking
        Which jobs Snakemake would execute.
    runs : sequence of PlannedRun
        From `planned_runs`.
    """
    config, jobs = workspace.config, []
    frames, pixels = scale.frames, scale.frames * scale.megapixels
    searched = 0 if scale.cut_out or config.faces.boxes else pixels / config.faces.detect_every
    single = {
        "simulate": {"frame": frames},
        "ingest": {"megapixel": pixels},
        "faces": {"megapixel": pixels, "searched megapixel": searched},
        "annotations": {"video": scale.videos},
        "match": {"face": scale.faces},
        "features": feature_amounts(workspace, scale, "faces" in lacking.rules),
        "book": {},
    }
    for stage in STAGES:
        if stage in single and stage in lacking.rules:
            jobs.append(Job(stage, stage, {"job": 1, **single[stage]}))
    for name in lacking.ablations:
        if faces := _ablated(workspace, scale, name):
            jobs.append(Job("features", name, faces))
    jobs += _training_jobs(runs)
    jobs += [Job("chapters", name, {f"chapter {name}": 1}) for name in lacking.chapters]
    return sorted(jobs, key=lambda job: STAGES.index(job.stage))


def feature_amounts(workspace: Workspace, scale: Scale, all_of_them: bool) -> dict[str, float]:
    """Return how many faces each backbone has yet to see, in faces of 72 pixels.

    A track whose features were made by the present code from crops that are not younger counts as
    done; whether its crops are still the same is left to the build to find out.
    """
    specs = {spec.backbone: spec for spec in run_specs(workspace.config) if not spec.end_to_end}
    return {
        f"{name} face": size_factor(spec.crop_size)
        * (scale.faces - (0 if all_of_them else _faces_with_features(workspace, name)))
        for name, spec in specs.items()
    }


def _ablated(workspace: Workspace, scale: Scale, name: str) -> Counter:
    """Return how many faces an ablation puts through backbones that its build does not use so."""
    ablation, faces = workspace.ablation(name), Counter()
    for spec in run_specs(ablation.config):
        if ablation.has_own_features(spec.backbone) and not spec.end_to_end:
            outputs = tuple(network_spec(spec.network).heads)
            seen = scale.labelled(spec.faces, outputs) * size_factor(spec.crop_size)
            faces[f"{spec.backbone} face"] = max(faces[f"{spec.backbone} face"], seen)
    return faces


def training_amounts(spec: RunSpec, sequences: Sequences) -> Counter:
    """Return what one run has to do.

    Parameters
    ----------
    spec : RunSpec
        The run. With early stopping it may do less.
    sequences : Sequences
        How many it has, of ``spec.sequence_length`` frames.

    Returns
    -------
    Counter
        ``run``; ``update``; ``time step`` (of the loop of the LSTM), ``weight`` (a row of input
        weights updated) and ``value`` (a number of a feature vector put through the trunk), each
        in all updates; and ``<backbone> face end to end``, if the backbone is in the loop.
    """
    dimension = feature_dimension(spec)
    updates, length = spec.epochs * updates_per_epoch(spec, sequences), spec.sequence_length
    batch = spec.batch_size if spec.end_to_end else PREDICTION_BATCH
    predicted = spec.epochs * sequences.validation + sequences.all
    calls = math.ceil(sequences.validation / batch) * spec.epochs + sequences.all / batch
    trained = updates * spec.batch_size
    amounts = Counter(
        {
            "run": 1,
            "update": updates,
            "time step": length * (updates + FORWARD * calls),
            "weight": dimension * updates,
            "value": length * dimension * (trained + FORWARD * predicted),
        }
    )
    if spec.end_to_end:
        # Backwards through a layer takes about twice as long as forwards.
        backwards = 2 if spec.unfreeze else 0
        faces = length * (trained * (1 + backwards) + predicted)
        amounts[f"{spec.backbone} face end to end"] = faces * size_factor(spec.crop_size)
    return amounts


def updates_per_epoch(spec: RunSpec, sequences: Sequences) -> int:
    """Return how often a run changes its weights in one pass over its sequences.

    Examples
    --------
    The thesis has 107,640 labelled faces, of which three fifths train.

    >>> from emolib.config import Config
    >>> spec = run_specs(Config(name="thesis", corpus={"kind": "simulated"}))[0]
    >>> updates_per_epoch(spec, Sequences(train=1077, validation=359, all=1794))
    539
    """
    return math.ceil(sequences.train / spec.batch_size)


def expected_sequences(spec: RunSpec, scale: Scale, config: Config) -> Sequences:
    """Return how many sequences a run will have, before the faces are found.

    A track ends in one that is half filled, on average.
    """
    faces = scale.labelled(spec.faces, tuple(network_spec(spec.network).heads))
    n = faces / spec.sequence_length + scale.tracks / 2
    split = config.split
    train, validation = split.train, split.validation
    if split.folds:
        train, validation = 1 - 2 / split.folds, 1 / split.folds
    return Sequences(n * train, n * validation, n)


def counted_sequences(samples: pd.DataFrame, spec: RunSpec) -> Sequences:
    """Return how many sequences a run has, counted in the samples of a build."""
    faces = pipeline.faces_of_run(samples[samples["split"].isin(SPLITS)], spec)
    sequences = build_sequences(faces, spec.sequence_length, spec.max_gap)
    split = faces["split"].iloc[sequences[:, 0]]
    return Sequences(int((split == "train").sum()), int((split == "validation").sum()), len(split))


def feature_dimension(spec: RunSpec) -> int:
    """Return the length of a feature vector, from the shape of a backbone's last map.

    Examples
    --------
    >>> from emolib.config import Config
    >>> config = Config(name="toy", corpus={"kind": "simulated"})
    >>> feature_dimension(run_specs(config)[0])
    2048
    """
    size = spec.crop_size
    if spec.backbone == "xception":
        side, channels = (size - 3) // 2 - 1, 2048  # two convolutions without padding
        for _ in range(4):
            side = math.ceil(side / 2)
    else:
        side, channels = size // 32, 512
    return channels * (side**2 if spec.features.pooling == "flatten" else 1)


def run_weights(spec: RunSpec) -> int:
    """Return how many weights the trunk of a run has, which are nearly all that train."""
    return 4 * TRUNK_UNITS * (feature_dimension(spec) + TRUNK_UNITS + 1)


def size_factor(crop_size: int) -> float:
    """Return what a face of this side costs, in faces of `SIZE` pixels."""
    return (crop_size / SIZE) ** 2


def total(amounts: Iterable[Mapping[str, float]]) -> Counter:
    """Return the sum of some amounts."""
    whole = Counter()
    for some in amounts:
        whole.update(some)
    return whole


def _training_jobs(runs: Sequence[PlannedRun]) -> list[Job]:
    by_network: dict[str, list[Counter]] = {}
    for spec, sequences in runs:
        by_network.setdefault(spec.network, []).append(training_amounts(spec, sequences))
    return [
        Job("train", network, {"job": 1, **total(amounts)})
        for network, amounts in by_network.items()
    ]


def _faces_with_features(workspace: Workspace, backbone: str) -> int:
    code, done = code_hash("emolib.models.features"), 0
    for path in workspace.features(backbone).glob("*.npy"):
        crops, record = workspace.crops / path.name, record_path(path)
        if crops.is_file() and record.is_file() and read_json(record).get("code") == code:
            if crops.stat().st_mtime <= path.stat().st_mtime:
                done += len(read_array(path))
    return done
