"""What each stage costs as a corpus grows: seconds and peak memory at four sizes or more.

Every size is measured in a process of its own, and in three where that is quick, of which the
median counts, on builds that hardly take disk (`benchmarks.sparse`). The four largest double from
one to the next, and the time of a stage is fitted to them; a smaller one beside them gives memory a
range of a hundred. Seconds are those that one core works, which hardly depend on what else the
machine does. Memory is what a stage adds to a process that has imported all it needs. The
measurements go to ``build/bench/scaling.csv``; shipped, they are what the chapter *Scaling* shows
and what plans take their memory from.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from tqdm import tqdm

from benchmarks.harness import Row, at_most
from benchmarks.machine import machine
from benchmarks.sparse import predictions_file, sparse_build
from benchmarks.subjects.memory import peak_memory
from emolib.planning.projection import fitted
from emolib.storage import write_table

TABLES = (20_000, 260_000, 520_000, 1_040_000, 2_080_000)
"""Faces of the tables: about once, twice, four and eight times those of the thesis, and few."""

SIZES = {
    "faces": (120, 240, 480, 960),
    "match": TABLES,
    "features": (128, 256, 512, 1024),
    "train": TABLES,
    "evaluate": TABLES,
    "tsne": (500, 1000, 2000, 4000),
    "plan": TABLES,
    "chapters": TABLES,
}
"""Stage -> faces. Videos and backbones take so long that fewer have to do."""

PREPARED = (("plan", "chapters", "train", "match"), ("evaluate",), ("faces",), ("features",))
PREPARED += (("tsne",),)
"""Stages that are measured on what is prepared once; the last one replaces its samples."""

FLAT = ("train", "evaluate")
"""Stages whose memory must not grow with the corpus."""

LIMIT = 1.5
"""Times the memory that a hundred times the faces may take."""

GROWTH = 1.1
"""Largest power of the number of faces that the time of a stage may grow with."""

EXEMPT = {"tsne": "its peer is in the benchmark tsne"}
"""Stages of which the growth of time is not judged here, and why. Nor is it judged where a larger
size took less time than a smaller one, so that no power fits."""

NOTE = (
    "Between these sizes tables outgrow the caches of the processor, and every piece of fresh "
    "memory has to be given by the system; the work itself is counted in faces."
)

ONE_CORE = {
    name: "1" for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
} | {"TQDM_DISABLE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
"""Environment of what is measured."""

TIMES, QUICK = 3, 4.0
"""Times that a stage is measured which takes less than so many seconds. What one execution of a
second takes can be half or twice of what the next one takes, as the system finds memory for it."""

UPDATES = 12
"""Updates of a training, whatever the size of the corpus, or one epoch."""

Work = Callable[[Path, int], Callable[[], object]]
"""Takes a folder and a number of faces; prepares, imports, and returns what is measured."""


def rows(repeats: int, output: Path = Path("build/bench/scaling.csv")) -> Iterator[Row]:
    """Measure all stages, however often `repeats` says; memory and growth are judged."""
    measured = []
    for stages in PREPARED:
        for size in tqdm(SIZES[stages[0]], ", ".join(stages), unit="size"):
            measured += measure_all(stages, size)
    table = pd.DataFrame(measured)
    table = table.sort_values(
        "stage", key=lambda names: names.map(list(SIZES).index), kind="stable"
    )
    about = machine()
    table = table.assign(
        processor=f"{about['processor']}, {about['cores']} cores",
        versions=", ".join(f"{name} {about['versions'][name]}" for name in ("keras", "tensorflow")),
    )
    write_table(table, output)
    fits = fitted(table).set_index("stage")
    for stage, sizes in SIZES.items():
        what = f"time of {stage}, {min(sizes[-4:]):,} to {max(sizes):,} faces"
        judged = stage not in EXEMPT and fits.loc[stage, "rises"]
        goal = at_most(GROWTH) if judged else None
        exponent = fits.loc[stage, "exponent"]
        yield Row(what, "linear growth (1)", "exponent", [exponent], goal, NOTE)
    for stage in FLAT:
        peaks = table.loc[table["stage"] == stage, "peak_mb"].tolist()
        what = f"memory of {stage}, {SIZES[stage][-1] // SIZES[stage][0]} times the faces"
        yield Row(what, "the smallest", "times", [peaks[-1] / peaks[0]], at_most(LIMIT))


def measure(stage: str, faces: int) -> dict[str, float | str]:
    """Do the work of a stage in another process; return its seconds and its memory in MB."""
    return measure_all((stage,), faces, times=1)[0]


def measure_all(
    stages: Sequence[str], faces: int, times: int = TIMES
) -> list[dict[str, float | str]]:
    """Do the work of stages, one after the other, on what is prepared for the first of them.

    A stage that takes less than `QUICK` seconds is executed `times` times; medians are returned.
    """
    with tempfile.TemporaryDirectory() as folder:
        _run("prepare", stages[0], folder, faces)
        return [
            {"stage": stage, "faces": faces, **_measured(stage, folder, faces, times)}
            for stage in stages
        ]


def _measured(stage: str, folder: str, faces: int, times: int) -> dict[str, float]:
    found = [json.loads(_run("work", stage, folder, faces))]
    if found[0]["seconds"] < QUICK:
        found += [json.loads(_run("work", stage, folder, faces)) for _ in range(times - 1)]
    return {name: float(np.median([each[name] for each in found])) for name in found[0]}


def _run(step: str, stage: str, folder: str, faces: int) -> str:
    """Do a step in a process of its own; return the last line that it prints."""
    command = [sys.executable, "-m", __name__, step, stage, folder, str(faces)]
    environment = {**os.environ, **ONE_CORE}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"{step} {stage} with {faces} faces: {done.stderr[-2000:]}")
    return (done.stdout.splitlines() or [""])[-1]


def _tables(folder: Path, faces: int) -> None:
    sparse_build(folder, faces, updates=UPDATES)


def _clip(folder: Path, faces: int) -> None:
    from benchmarks.clips import RATE, person_clip

    person_clip(folder / "clip.mp4", 640, 360, faces / RATE)


def _nothing(folder: Path, faces: int) -> None:
    """Prepare nothing."""


def _predictions(folder: Path, faces: int) -> None:
    predictions_file(folder / "predictions.parquet", faces)


def _find_faces(folder: Path, faces: int) -> Callable[[], object]:
    from emolib.data.faces import extract_faces

    return lambda: extract_faces(
        folder / "clip.mp4", folder / "faces.parquet", folder, progress=False
    )


def _match(folder: Path, faces: int) -> Callable[[], object]:
    from emolib import pipeline

    workspace = _workspace(folder)
    return lambda: pipeline.match_and_split(workspace)


def _extract(folder: Path, faces: int) -> Callable[[], object]:
    from emolib.models.backbones import load_backbone
    from emolib.models.features import extract_features, in_precision, resolve_precision

    backbone = load_backbone("vgg16", weights="simulated")
    in_precision(backbone.model, resolve_precision("auto"))
    crops = np.zeros((faces, 72, 72, 3), np.uint8)
    return lambda: extract_features(crops, backbone)


def _train(folder: Path, faces: int) -> Callable[[], object]:
    from emolib import pipeline
    from emolib.models import training  # noqa: F401  imported before memory is looked at

    workspace = _workspace(folder)
    return lambda: pipeline.train_runs(workspace, pipeline.find_runs(workspace))


def _evaluate(folder: Path, faces: int) -> Callable[[], object]:
    from emolib.evaluation.metrics import metric_target
    from emolib.evaluation.predictions import PredictionsFile
    from emolib.evaluation.results import Network
    from emolib.evaluation.sufficient import score
    from emolib.evaluation.uncertainty import draw_people, interval, permutation_test

    def judge() -> None:
        one, other = (Network(PredictionsFile(folder / "predictions.parquet")) for _ in range(2))
        for metric in ("macro_f1", "ccc_valence"):
            sums = one.on("test")
            interval(sums, metric)
            permutation_test(sums, other.on("test"), metric, n_permutations=999, seed=1)
            (statistics,) = sums.statistics(metric_target(metric))
            score(metric, draw_people(len(statistics), 2000, 1) @ statistics)

    return judge


def _map(folder: Path, faces: int) -> Callable[[], object]:
    from emolib.interpretation.tsne import fit_map

    features = np.random.default_rng(1).normal(size=(faces, 128))
    return lambda: fit_map(features, seed=1)


def _plan(folder: Path, faces: int) -> Callable[[], object]:
    from emolib import planning

    workspace = _workspace(folder)
    lacking = planning.Lacking(frozenset({"train"}), workspace.config.training.networks, ())
    return lambda: planning.plan_build(workspace, lacking)


def _read_as_chapters_do(folder: Path, faces: int) -> Callable[[], object]:
    from emolib.data.sequences import labelled

    workspace = _workspace(folder)

    def read() -> list[pd.DataFrame]:
        everything = workspace.load("samples")
        return [workspace.load("faces"), everything, labelled(everything)]

    return read


def _workspace(folder: Path):
    from emolib.workspace import open_workspace

    return open_workspace(folder / "sparse.yaml", folder / "build")


STAGES: dict[str, tuple[Callable[[Path, int], None], Work]] = {
    "faces": (_clip, _find_faces),
    "match": (_tables, _match),
    "features": (_nothing, _extract),
    "train": (_tables, _train),
    "evaluate": (_predictions, _evaluate),
    "tsne": (_nothing, _map),
    "plan": (_tables, _plan),
    "chapters": (_tables, _read_as_chapters_do),
}
"""Stage -> what is prepared, and the work."""


def _main(step: str, stage: str, folder: str, faces: str) -> None:
    prepare, work = STAGES[stage]
    if step == "prepare":
        prepare(Path(folder), int(faces))
        return
    job = work(Path(folder), int(faces))
    before, start = peak_memory(), time.process_time()
    job()
    seconds = time.process_time() - start
    print(json.dumps({"seconds": round(seconds, 3), "peak_mb": round(peak_memory() - before, 1)}))


if __name__ == "__main__":
    _main(*sys.argv[1:])
