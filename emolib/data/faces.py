"""From a video to a table of face boxes per person and an array of cropped faces per track.

A video is decoded twice, one frame in memory at a time: first faces are found and given to
people; then, when every box is known, the crops are cut out and written straight to disk.
Row ``i`` of a track in the table is row ``i`` of the track's array.
"""

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import linear_sum_assignment

from emolib.data import detection
from emolib.data.crops import write_crops
from emolib.data.detection import FaceFinder, detect_faces
from emolib.data.identity import STRAY, assign_people, track_names
from emolib.data.video import STREAM_RATE
from emolib.storage import write_table

FACE_COLUMNS = {
    "track": "str",  # one person in one video
    "video": "str",  # stem of the video file
    "person": "str",  # the track, until a table of people says who that is
    "frame": "int64",  # position in the 30 fps stream, from 0
    "time": "float64",  # s since the first frame
    "x": "float64",  # px, left side of the box; NaN, as y, w and h, where others cut the face out
    "y": "float64",  # px, upper side
    "w": "float64",  # px
    "h": "float64",  # px
    "confidence": "float64",  # of the detector; NaN where no detector set the box
    "status": "str",  # auto; corrected or rejected by a person (`emolib.data.corrections`)
}
"""Columns of a table of faces, in their order, with their types."""

BRIDGE = 0.5
"""Longest hole between two detections of a person, in s, across which boxes are interpolated."""

JUMP = 1.0
"""Way between two detections of a person, in face widths, across which they are not: a cut."""

SMOOTHING = 0.1
"""Standard deviation, in s, of the Gaussian that smooths boxes over time; it is symmetric, so
there is no lag. Detectors place a box on a coarse grid of positions and sizes, so that unsmoothed
crops tremble; on simulated faces, whose place is known, this much smoothing errs least."""

logger = logging.getLogger(__name__)


class People(NamedTuple):
    """Who was found in a video, and what was left out."""

    faces: pd.DataFrame
    """The columns of `FACE_COLUMNS`, ordered by track (from left to right) and frame."""
    left_out: int
    """Detections that belong to nobody."""
    false_tracks: int
    """Tracks among them: faces followed for a while that are no person of this video."""


def extract_faces(
    video_path: str | Path,
    faces_path: str | Path,
    crops_folder: str | Path,
    *,
    detector: str | FaceFinder = "dlib",
    detect_every: int = 1,
    crop_size: int = 72,
    n_people: int | None = None,
    threads: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """Find, tell apart and cut out the faces of a video; write them, and return their table.

    Parameters
    ----------
    video_path : str or Path
        The video.
    faces_path : str or Path
        Where the table is written, as Parquet.
    crops_folder : str or Path
        Where ``<track>.npy`` is written for every track: uint8 (n, crop_size, crop_size, 3), RGB.
    detector : str or callable
        A name that `emolib.data.detection.detector` knows, or a function like those it returns.
    detect_every : int
        Faces are looked for in every so many-th frame of the 30 fps stream and in the last one.
        Boxes in between, and in holes of up to 0.5 s, are interpolated linearly.
    crop_size : int
        Side of a crop in px. The box is cut out as it is, repeated pixels of the border stand
        for what lies outside the image, and height and width are scaled separately.
    n_people : int, optional
        How many people the video shows at most; found out when None.
    threads : int
        That search for faces at the same time; the result does not depend on it.
    progress : bool
        Show progress bars.

    Returns
    -------
    DataFrame
        The columns of `FACE_COLUMNS`, ordered by track (from left to right) and frame; no rows
        when the video shows no face.

    Raises
    ------
    InputError
        If the video cannot be read, the detector is unknown, or `detect_every` is less than 1.
    """
    video_path = Path(video_path)
    find = detection.detector(detector) if isinstance(detector, str) else detector
    detections = detect_faces(video_path, find, detect_every, threads=threads, progress=progress)
    faces = tell_apart(video_path.stem, detections, detect_every, n_people=n_people).faces
    write_crops(video_path, faces, crops_folder, crop_size, progress=progress)
    write_table(faces, faces_path)
    return faces


def tell_apart(
    video: str,
    detections: pd.DataFrame,
    detect_every: int = 1,
    *,
    n_people: int | None = None,
    tracks: Sequence[str] = (),
    width: float = math.nan,
) -> People:
    """Give the detections of a video to people, and fill holes.

    Parameters
    ----------
    video : str
        Its name, by which tracks are named (`emolib.data.identity.track_names`).
    detections : DataFrame
        See `emolib.data.detection.detect_faces`.
    detect_every : int
        Every so many-th frame was searched.
    n_people : int, optional
        How many people the video shows at most; found out when None.
    tracks : sequence of str
        Names of the people from left to right, where they are known; then they also say how many
        there are. If fewer are found, each takes the name whose place in the picture, of equally
        wide places side by side, is nearest, which is logged.
    width : float
        Of the picture in px; needed with several `tracks`.

    Returns
    -------
    People
    """
    people = assign_people(detections, len(tracks) or n_people)
    left_out = int((people < 0).sum())
    false_tracks = people[people < STRAY].nunique()
    if left_out:
        logger.warning(
            "%s: %d of %d detections belong to nobody and are left out (%d false tracks)",
            video, left_out, len(people), false_tracks,
        )  # fmt: skip
    bridge = max(BRIDGE * STREAM_RATE, detect_every)
    filled = [
        _fill(detections[people == person], bridge)
        for person in range(people.max() + 1 if len(people) else 0)
    ]
    names = _names(video, filled, tracks, width)
    tables = [boxes.assign(track=track) for track, boxes in zip(names, filled, strict=True)]
    faces = pd.concat(tables or [detections.assign(track="")[:0]], ignore_index=True)
    return People(face_table(video, faces), left_out, false_tracks)


def face_table(video: str, boxes: pd.DataFrame) -> pd.DataFrame:
    """Return the table of faces of a video: ``track``, ``frame``, box and confidence are given."""
    faces = boxes.assign(
        video=video, person=boxes["track"], time=boxes["frame"] / STREAM_RATE, status="auto"
    )
    return faces[list(FACE_COLUMNS)].astype(FACE_COLUMNS)


def _names(video: str, people: list[pd.DataFrame], tracks: Sequence[str], width: float):
    """Return the track of each person, from left to right."""
    if not tracks:
        return track_names(video, len(people))
    if len(people) == len(tracks):
        return list(tracks)
    found = np.array([(boxes["x"] + boxes["w"] / 2).mean() / width for boxes in people])
    places = (np.arange(len(tracks)) + 0.5) / len(tracks)
    _, chosen = linear_sum_assignment(np.abs(found[:, None] - places))
    names = [tracks[place] for place in sorted(chosen)]
    logger.warning(
        "%s: only %d of %d people were found; by their place in the picture taken for %s",
        video, len(people), len(tracks), ", ".join(names) or "nobody",
    )  # fmt: skip
    return names


def _fill(boxes: pd.DataFrame, bridge: float) -> pd.DataFrame:
    """Interpolate one person's boxes across holes of at most `bridge` frames, then smooth."""
    known = boxes.sort_values("frame")
    centres = known[["x", "y"]].to_numpy() + known[["w", "h"]].to_numpy() / 2
    way = np.linalg.norm(np.diff(centres, axis=0, prepend=centres[:1]), axis=1)
    runs = ((known["frame"].diff() > bridge) | (way > JUMP * known["w"])).cumsum()
    return pd.concat([_fill_run(run) for _, run in known.groupby(runs)], ignore_index=True)


def _fill_run(run: pd.DataFrame) -> pd.DataFrame:
    frames = np.arange(run["frame"].iloc[0], run["frame"].iloc[-1] + 1)
    sides = {
        side: gaussian_filter1d(
            np.interp(frames, run["frame"], run[side]), SMOOTHING * STREAM_RATE, mode="nearest"
        )
        for side in "xywh"
    }
    confidence = run.set_index("frame")["confidence"].reindex(frames).to_numpy()
    return pd.DataFrame({"frame": frames, **sides, "confidence": confidence})
