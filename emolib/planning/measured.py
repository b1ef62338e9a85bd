"""What the builds on this machine took, and for how much work.

Snakemake's ``benchmark`` directive leaves a file in ``times/`` for each job: its wall time ``s``
and its peak memory ``max_rss``, of the last time it was executed. A job that found some of its work
done was timed for the rest alone. What a job made is therefore told by the dates of its files:
those that are younger than its start. Of a run that was resumed within its epochs, all count, so
it looks faster than it was.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.models.runs import read_spec
from emolib.planning.amounts import (
    SEQUENCE_COLUMNS,
    Job,
    counted_sequences,
    size_factor,
    total,
    training_amounts,
)
from emolib.storage import count_rows, read_array, read_json, read_table, record_path

SLACK = 5.0
"""Seconds by which the start of a job may seem too late: its time is written after its end."""

logger = logging.getLogger(__name__)


class Timing(NamedTuple):
    """A job that a build executed."""

    build: str
    """Folder of the build."""
    job: Job
    """What it did."""
    seconds: float
    """Wall time."""
    memory: float
    """Peak memory of its processes together, in bytes; NaN for a job too short to be looked at."""


def read_timings(root: str | Path) -> list[Timing]:
    """Return every timed job of the builds in a folder whose amount of work can be told.

    Parameters
    ----------
    root : str or Path
        The folder of all builds; may be absent.
    """
    timings = []
    for folder in sorted(path.parent for path in Path(root).glob("*/times")):
        for path in sorted((folder / "times").rglob("*.tsv")):
            try:
                timing = _timing(folder, path)
            except (InputError, OSError, KeyError, ValueError) as error:
                logger.info("%s: what was timed there cannot be told: %s", path, error)
                continue
            if timing is not None:
                timings.append(timing)
    return timings


def _timing(folder: Path, path: Path) -> Timing | None:
    """Return what one file tells; None where it tells of no work that can be counted."""
    stage = path.stem if path.parent.name == "times" else path.parent.name
    row = pd.read_csv(path, sep="\t", na_values="-").iloc[-1]
    seconds, memory = float(row["s"]), float(row["max_rss"]) * 2**20
    if stage not in _AMOUNTS or not seconds > 0:
        return None
    started = path.stat().st_mtime - seconds - SLACK

    def made(files: Iterable[Path]) -> list[Path]:
        return [file for file in files if file.stat().st_mtime >= started]

    amounts = _AMOUNTS[stage](folder, path.stem, made)
    job = Job(stage, path.stem, {"job": 1, **amounts})
    return Timing(str(folder), job, seconds, memory) if any(amounts.values()) else None


Made = Callable[[Iterable[Path]], list[Path]]
"""Returns those files that the job has made."""


def _simulated(folder: Path, name: str, made: Made) -> dict[str, float]:
    return {"frame": _videos(folder, made((folder / "corpus" / "videos").glob("*.mp4")))[0]}


def _ingested(folder: Path, name: str, made: Made) -> dict[str, float]:
    return {"megapixel": _videos(folder, made((folder / "stamps").glob("*.npy")))[1]}


def _faces(folder: Path, name: str, made: Made) -> dict[str, float]:
    searched = made((folder / "detections").glob("*.parquet"))
    every = read_json(record_path(folder / "faces.parquet"))["faces"]["detect_every"]
    return {
        "megapixel": _videos(folder, made((folder / "faces").glob("*.parquet")))[1],
        "searched megapixel": _videos(folder, searched)[1] / every,
    }


def _videos(folder: Path, files: list[Path]) -> tuple[float, float]:
    """Return the frames, and their megapixels, of the videos for which these files were made."""
    videos = read_table(folder / "videos.parquet")
    videos = videos[videos["video"].isin([file.stem for file in files])]
    frames = videos["duration"] * STREAM_RATE
    return frames.sum(), (frames * videos["width"] * videos["height"]).sum() / 1e6


def _annotations(folder: Path, name: str, made: Made) -> dict[str, float]:
    return {"video": len(read_table(folder / "videos.parquet"))}


def _matched(folder: Path, name: str, made: Made) -> dict[str, float]:
    return {"face": count_rows(folder / "faces.parquet")}


def _features(folder: Path, name: str, made: Made) -> dict[str, float]:
    amounts = {}
    for backbone in (folder / "features").iterdir():
        for track in made(backbone.glob("*.npy")):
            side = read_array(folder / "crops" / track.name).shape[1]
            faces = len(read_array(track)) * size_factor(side)
            unit = f"{backbone.name} face"
            amounts[unit] = amounts.get(unit, 0) + faces
    return amounts


def _trained(folder: Path, network: str, made: Made) -> dict[str, float]:
    samples = read_table(folder / "samples.parquet", columns=SEQUENCE_COLUMNS)
    runs = []
    for metrics in made((folder / "runs").glob(f"{network}-seed*/metrics.json")):
        spec = read_spec(metrics.parent)
        epochs = int(pd.read_csv(metrics.parent / "history.csv")["epoch"].max())
        spec = spec.model_copy(update={"epochs": epochs})  # fewer, if it stopped early
        runs.append(training_amounts(spec, counted_sequences(samples, spec)))
    return total(runs)


def _chapter(folder: Path, name: str, made: Made) -> dict[str, float]:
    return {f"chapter {name}": 1}


_AMOUNTS = {
    "simulate": _simulated,
    "ingest": _ingested,
    "faces": _faces,
    "annotations": _annotations,
    "match": _matched,
    "features": _features,
    "train": _trained,
    "chapters": _chapter,
}
"""Stage -> what a job of it did: the folder of its build, its name, and what it has made."""
