"""Write a simulated corpus: videos, annotations, and the truth that annotators did not see.

The corpus has the shape of the one in Xia (2018), chapter 4: its number of videos and people, its
imbalance of categories, two people in a few videos, mixed frame rates and annotation layouts. It
exists so that everything else can be run, checked and compared with a known truth.

Layout of the folder::

    README.md               that this is simulated, with settings and label statistics
    videos.csv              video, file, people (expected number of people)
    people.csv              track, video, person
    annotations.csv         how to read each annotation file (`emolib.simulation.raters.manifest`)
    videos/<video>.mp4
    annotations/<track>...  valence and arousal; <track>_emotions.csv: category intervals
    truth/<video>.parquet   per native frame and track: time (s), box (px), action units, emotion
                            ("" where unlabelled), valence, arousal
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.errors import InputError
from emolib.labels import EMOTIONS
from emolib.leftovers import end_with_parent
from emolib.simulation.expression import sample_times
from emolib.simulation.plan import Role, Video, plan_corpus
from emolib.simulation.raters import manifest
from emolib.simulation.shoot import shoot, truth_path
from emolib.sources import code_hash
from emolib.storage import (
    atomic_path,
    forget,
    is_current,
    record_path,
    write_record,
    write_table,
)


def write_corpus(
    folder: str | Path,
    *,
    n_videos: int = 55,
    n_pairs: int = 4,
    duration: float = 15.0,
    seed: int = 2018,
    jobs: int = 1,
    rest: float = 0.11,
    emotions: Sequence[str] = EMOTIONS,
    progress: bool = True,
) -> None:
    """Write a corpus of simulated videos.

    A video that was already written with the same settings is left alone, so that an interrupted
    run resumes; ``README.md`` is written last, when all is whole. The result does not depend on
    `jobs`.

    Parameters
    ----------
    folder : str or Path
        Where to. Videos, annotations and truth of an earlier, different corpus are removed.
    n_videos : int
        Number of videos, at least 3.
    n_pairs : int
        How many of them show two people.
    duration : float
        Seconds per video, at least 4.
    seed : int
        Determines everything.
    jobs : int
        Processes that render at the same time.
    rest : float
        Spread of resting faces; larger makes expressions harder to tell from habits.
    emotions : sequence of str
        Categories that occur: neutral and at least one other.
    progress : bool
        Whether to show a progress bar.

    Raises
    ------
    InputError
        If a setting is out of its range.

    Notes
    -----
    Labels are simulated until they are fit for use (`emolib.simulation.expression.label_faults`).
    When no attempt is, which happens with few or very short videos, what the best one lacks is
    logged as a warning and stated in the README.
    """
    _check(n_videos, n_pairs, duration, emotions)
    folder = Path(folder)
    inputs = {
        "n_videos": n_videos,
        "n_pairs": n_pairs,
        "duration": float(duration),
        "seed": seed,
        "rest": rest,
        "emotions": list(emotions),
        "code": code_hash(__name__),
    }
    videos, faults = plan_corpus(n_videos, n_pairs, duration, seed, emotions)
    for fault in faults:
        logging.getLogger(__name__).warning("simulated corpus: %s", fault)
    if not is_current(folder / "README.md", inputs):
        _remove_stale(folder, videos)

    missing = [video for video in videos if not _is_made(folder, video, inputs)]
    if not missing and is_current(folder / "README.md", inputs):
        return
    for video in missing:
        forget(truth_path(folder, video))  # it vouches for all files of a video
    with joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        made = joblib.Parallel(return_as="generator_unordered")(
            joblib.delayed(_shoot)(folder, video, duration, seed, rest) for video in missing
        )
        for truth in tqdm(made, "simulate", len(missing), unit="video", disable=not progress):
            write_record(truth, inputs)
    write_table(_list_videos(videos), folder / "videos.csv")
    write_table(_list_people(videos), folder / "people.csv")
    write_table(manifest(_roles(videos)), folder / "annotations.csv")
    with atomic_path(folder / "README.md") as temporary:
        temporary.write_text(_readme(videos, faults, duration, inputs))
    write_record(folder / "README.md", inputs)


def _shoot(*arguments) -> Path:
    """Do as `shoot` does, and no longer than the process that asked for it lives."""
    end_with_parent()
    return shoot(*arguments)


def _check(n_videos: int, n_pairs: int, duration: float, emotions: Sequence[str]) -> None:
    if n_videos < 3:
        raise InputError(f"n_videos is {n_videos}; a corpus to split in three needs at least 3")
    if not 0 <= n_pairs <= n_videos:
        raise InputError(f"n_pairs is {n_pairs}; it must lie between 0 and n_videos ({n_videos})")
    if not duration >= 4:
        raise InputError(f"duration is {duration} s; a video needs at least 4 s")
    unknown = [emotion for emotion in emotions if emotion not in EMOTIONS]
    if unknown:
        raise InputError(f"unknown emotion {unknown[0]!r}; the seven are {', '.join(EMOTIONS)}")
    if "neutral" not in emotions or len(set(emotions)) < 2:
        raise InputError(
            f"emotions are {', '.join(emotions) or 'empty'}; people start from neutral, so list "
            "neutral and at least one other"
        )


def _is_made(folder: Path, video: Video, inputs: dict[str, Any]) -> bool:
    files = _files(folder, [video])
    return is_current(truth_path(folder, video), inputs) and all(file.exists() for file in files)


def _files(folder: Path, videos: list[Video]) -> set[Path]:
    annotations = manifest(_roles(videos))["file"]
    truths = [truth_path(folder, video) for video in videos]
    return {
        *(folder / "videos" / f"{video.name}.mp4" for video in videos),
        *(folder / file for file in annotations),
        *truths,
        *(record_path(truth) for truth in truths),
    }


def _remove_stale(folder: Path, videos: list[Video]) -> None:
    """Remove the README, which vouches for the whole, and files of no video in this plan."""
    for path in (folder / "README.md", record_path(folder / "README.md")):
        path.unlink(missing_ok=True)
    planned = _files(folder, videos)
    for part in ("videos", "annotations", "truth"):
        for path in (folder / part).glob("*video*"):
            if path not in planned:
                path.unlink()


def _roles(videos: list[Video]) -> list[Role]:
    return [role for video in videos for role in video.roles]


def _list_videos(videos: list[Video]) -> pd.DataFrame:
    rows = [(video.name, f"videos/{video.name}.mp4", len(video.roles)) for video in videos]
    return pd.DataFrame(rows, columns=["video", "file", "people"])


def _list_people(videos: list[Video]) -> pd.DataFrame:
    rows = [
        (role.track, video.name, f"person{role.character.person + 1:02d}")
        for video in videos
        for role in video.roles
    ]
    return pd.DataFrame(rows, columns=["track", "video", "person"])


def _readme(videos: list[Video], faults: list[str], duration: float, inputs: dict[str, Any]) -> str:
    times = sample_times(duration)
    labels = [role.affect.emotions(times) for role in _roles(videos)]
    pooled = np.concatenate(labels)
    labelled = np.count_nonzero(pooled != "")
    lines = [
        "# A SIMULATED corpus",
        "",
        "Every face here is drawn by a program and every label comes from a random process. The",
        "corpus exercises the software; nothing measured on it says anything about people.",
        "",
        *(f"- {name}: {value}" for name, value in inputs.items()),
        "",
        f"{labelled / len(pooled):.0%} of the time carries a category:",
        "",
        "| category | people | share of labelled time |",
        "|---|---|---|",
    ]
    for emotion in inputs["emotions"]:
        people = sum(emotion in shown for shown in labels)
        share = np.count_nonzero(pooled == emotion) / max(labelled, 1)
        lines.append(f"| {emotion} | {people} | {share:.1%} |")
    lines += ["", *(f"Shortcoming: {fault}." for fault in faults)]
    return "\n".join(lines).rstrip() + "\n"
