"""From videos to faces."""

import logging
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.config import Faces
from emolib.data.corrections import Correction, apply_corrections, read_corrections
from emolib.data.crops import ready_made, write_crops, write_ready_made
from emolib.data.detection import detect_faces
from emolib.data.detection import detector as find_detector
from emolib.data.face_tables import face_table_files, read_face_table
from emolib.data.faces import People, face_table, tell_apart
from emolib.data.video import STREAM_RATE, stream_pictures
from emolib.errors import InputError
from emolib.leftovers import end_with_parent
from emolib.pipeline.reporting import processes, report_problems
from emolib.sources import code_hash
from emolib.storage import (
    file_hash,
    forget,
    is_current,
    read_array,
    read_json,
    table_writer,
    value_hash,
    write_json,
    write_record,
    write_table,
)
from emolib.workspace import Workspace

FACE_MODULES = ("emolib.data.faces", "emolib.data.face_tables", "emolib.data.corrections")
"""What faces depend on, beside the videos, the settings and the corrections."""

COUNTS = ("left_out", "false_tracks", "corrected", "rejected")
"""What is counted in each video."""

Found = tuple[pd.DataFrame | None, dict[str, Any], str]
"""The faces of a video and counts of what was left out; or neither, and what went wrong."""

logger = logging.getLogger(__name__)


def extract_all_faces(workspace: Workspace, jobs: int | None = None) -> None:
    """Find and cut out the faces of every video; write ``faces.parquet`` and ``crops/``.

    Memory is that of the videos that are worked on side by side: their faces go into the table as
    soon as a video is done, in the order of ``videos.parquet``.

    Beside it goes ``face_counts.parquet``, a row a video: ``left_out`` (detections that belong to
    nobody), ``false_tracks`` (tracks among them), ``corrected`` and ``rejected`` (faces).

    Raises
    ------
    InputError
        If the detector cannot be had, the corrections cannot be followed, or no video shows a face.
    """
    videos = workspace.load("videos")
    settings = workspace.config.faces
    if settings.boxes is None:
        find_detector(settings.detector)  # one that cannot be had is no fault of a video
    corrections = _corrections(workspace, videos["video"])
    tracks = workspace.load("people").groupby("video")["track"].apply(list).to_dict()
    tasks = [
        joblib.delayed(_faces_of_video)(
            video,
            settings,
            workspace.folder,
            corrections.get(video["video"], []),
            tracks.get(video["video"], []),
        )
        for video in videos.to_dict("records")
    ]
    results = joblib.Parallel(n_jobs=processes(jobs), return_as="generator")(tasks)
    counts, problems = [], []
    with table_writer(workspace.faces) as write:
        for video, (table, count, problem) in zip(
            videos["video"],
            tqdm(results, total=len(tasks), desc="faces", unit="video"),
            strict=True,
        ):
            if problem:
                problems.append((video, problem))
                continue
            counts.append({"video": video} | count)
            if table.empty:
                problems.append((video, f"{video}: no face was found"))
            else:
                write(table)
        report_problems(workspace, "faces", problems)
        if len(problems) == len(tasks):
            raise InputError(
                f"{workspace.videos}: no face was found in any of {len(videos)} videos"
            )
        _report_counts(workspace, pd.DataFrame(counts, columns=["video", *COUNTS]))
    inputs = {"videos": file_hash(workspace.videos), "faces": settings}
    path = corrections_path(workspace)
    write_record(workspace.faces, inputs | {"corrections": file_hash(path) if path else ""})


def corrections_path(workspace: Workspace) -> Path | None:
    """Return the file of corrections: the one configured, or one of the user's corpus, if any."""
    if workspace.config.faces.corrections is not None:
        return workspace.config.faces.corrections
    usual = workspace.corpus / "corrections.csv"
    return usual if not workspace.simulated and usual.is_file() else None


def face_files(workspace: Workspace) -> list[str]:
    """Return the files, beside the videos, that the faces are made from."""
    corrections, boxes = corrections_path(workspace), workspace.config.faces.boxes
    files = list(boxes.folder.rglob("*.csv")) if boxes else []
    if corrections is not None and corrections.is_file():  # the stage explains what is missing
        files.append(corrections)
    return sorted(map(str, files))


def _corrections(workspace: Workspace, videos: pd.Series) -> dict[str, list[Correction]]:
    """Return the corrections of each video."""
    path = corrections_path(workspace)
    if path is None:
        return {}
    durations = {
        video: len(stream_pictures(_bounds(workspace.folder, video))) / STREAM_RATE
        for video in videos
    }
    by_video: dict[str, list[Correction]] = {}
    for row in read_corrections(path, durations):
        by_video.setdefault(row.video, []).append(row)
    return by_video


def _report_counts(workspace: Workspace, counts: pd.DataFrame) -> None:
    total = counts.drop(columns="video").sum()
    if total.any():
        logger.warning(
            "faces: %d detections left out, among them %d false tracks; %d faces corrected, "
            "%d rejected by hand",
            *total[list(COUNTS)],
        )
    write_table(counts, workspace.folder / "face_counts.parquet")


def _faces_of_video(
    video: Mapping[str, Any],
    settings: Faces,
    folder: Path,
    corrections: list[Correction],
    known_tracks: list[str],
) -> Found:
    """Return the faces of one video, from disk if nothing that they depend on has changed.

    Raises
    ------
    InputError
        If a correction cannot be followed. What is wrong with a video is returned instead.
    """
    end_with_parent()
    table_path = folder / "faces" / f"{video['video']}.parquet"
    counts_path = table_path.with_suffix(".json")
    try:
        inputs = _inputs(video, settings, corrections, known_tracks)
        if is_current(table_path, inputs):
            faces, crops = pd.read_parquet(table_path), folder / "crops"
            if all((crops / f"{track}.npy").is_file() for track in faces["track"].unique()):
                return faces, read_json(counts_path), ""
        # From here on the crops may be others than the record says, should this be killed.
        forget(table_path)
        found, files = _find(video, settings, folder)
    except InputError as error:
        return None, {}, str(error)
    if files is not None:
        for row in corrections:
            if row.action != "reject":
                raise row.error(f"{row.action} is not possible: others cut out these faces")
    faces = apply_corrections(found.faces, corrections, known_tracks)
    try:
        if files is None:
            rate = video["image_rate"]
            write_crops(
                video["path"],
                faces,
                folder / "crops",
                settings.crop_size,
                image_rate=rate,
                progress=False,  # the bar of all videos is enough
            )
        else:
            write_ready_made(files, folder / "crops", settings.crop_size)
    except InputError as error:
        return None, {}, str(error)
    counts = {
        "left_out": found.left_out,
        "false_tracks": found.false_tracks,
        "corrected": int((faces["status"] == "corrected").sum()),
        "rejected": int((faces["status"] == "rejected").sum()),
    }
    write_json(counts, counts_path)
    write_table(faces, table_path)
    write_record(table_path, inputs)
    return faces, counts, ""


def _inputs(video, settings: Faces, corrections, known_tracks) -> dict[str, Any]:
    """Return all that the faces of a video depend on."""
    files = []
    if settings.boxes is not None:
        files = face_table_files(settings.boxes.folder, video["video"])
    elif video["crops"]:
        folders = [Path(video["crops"]) / track for track in video["tracks"]]
        files = [file for place in folders if place.is_dir() for file in place.iterdir()]
    # Of ready-made faces there are millions: size and date have to tell whether one changed.
    states = sorted((str(f), f.stat().st_size, f.stat().st_mtime_ns) for f in files)
    return {
        "video": video["sha256"],
        "people": None if pd.isna(video["people"]) else int(video["people"]),
        "tracks": list(video["tracks"]),
        "faces": settings.model_dump(mode="json", exclude={"corrections"}),
        "files": value_hash(states),
        # Neither its line nor the corrections of other videos change what a correction does.
        "corrections": [str(row._replace(where="")) for row in corrections],
        "known_tracks": known_tracks if corrections else [],
        "code": code_hash(*FACE_MODULES),
    }


def _find(video, settings: Faces, folder: Path) -> tuple[People, dict[str, list[str]] | None]:
    """Return who is in a video and, where others cut the faces out, the files, by track."""
    name, tracks = video["video"], list(video["tracks"])
    bounds = _bounds(folder, name)
    if video["crops"]:
        return _take_over(name, tracks, video["crops"], stream_pictures(bounds))
    detect_every = settings.detect_every if settings.boxes is None else 1
    if settings.boxes is None:
        detections = _detections(video, settings, folder)
    else:
        detections = read_face_table(settings.boxes.folder, name, settings.boxes.format, bounds)
    people = tell_apart(
        name,
        detections,
        detect_every,
        n_people=None if pd.isna(video["people"]) else int(video["people"]),
        tracks=tracks,
        width=video["width"],
    )
    return people, None


def _take_over(
    name: str, tracks: list[str], crops: str, shown: np.ndarray
) -> tuple[People, dict[str, list[str]]]:
    """List faces that others cut out: where they were in the picture is not known."""
    tables, files = [], {}
    for track in tracks:
        if (Path(crops) / track).is_dir():  # what is lacking was reported with the videos
            listed = ready_made(crops, track, shown)
            files[track] = listed["file"].tolist()
            tables.append(listed[["frame"]].assign(track=track))
    if not tables:
        raise InputError(f"{crops}: holds no folder {' or '.join(tracks)}, so {name} has no faces")
    boxes = pd.concat(tables, ignore_index=True)
    boxes = boxes.assign(**dict.fromkeys("xywh", math.nan), confidence=1.0)
    return People(face_table(name, boxes), 0, 0), files


def _detections(video, settings: Faces, folder: Path) -> pd.DataFrame:
    """Return what the detector finds, from disk if it has searched this video before."""
    path = folder / "detections" / f"{video['video']}.parquet"
    inputs = {
        "video": video["sha256"],
        "detector": settings.detector,
        "detect_every": settings.detect_every,
        "image_rate": str(video["image_rate"]),  # as text, since NaN equals nothing
        "code": code_hash("emolib.data.detection"),
    }
    if not is_current(path, inputs):
        find = find_detector(settings.detector)
        rate = video["image_rate"]
        detections = detect_faces(
            video["path"], find, settings.detect_every, image_rate=rate, progress=False
        )
        write_table(detections, path)
        write_record(path, inputs)
    return pd.read_parquet(path)


def _bounds(folder: Path, video: str) -> np.ndarray:
    return read_array(folder / "stamps" / f"{video}.npy")
