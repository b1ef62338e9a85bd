"""From a video to a table of face boxes per person and an array of cropped faces per track.

A video is decoded twice, one frame in memory at a time: first faces are found and given to
people; then, when every box is known, the crops are cut out and written straight to disk.
Row ``i`` of a track in the table is row ``i`` of the track's array.
"""

import logging
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from tqdm import tqdm

from emolib.data import detection
from emolib.data.detection import FaceFinder
from emolib.data.identity import assign_people, track_names
from emolib.data.video import STREAM_RATE, read_frames
from emolib.errors import InputError
from emolib.storage import atomic_path, write_table

FACE_COLUMNS = {
    "track": "str",  # one person in one video
    "video": "str",  # stem of the video file
    "person": "str",  # the track, until a table of people says who that is
    "frame": "int64",  # position in the 30 fps stream, from 0
    "time": "float64",  # s since the first frame
    "x": "float64",  # px, left side of the box
    "y": "float64",  # px, upper side
    "w": "float64",  # px
    "h": "float64",  # px
    "confidence": "float64",  # of the detector; NaN where the box was interpolated
    "status": "str",  # auto; corrected or rejected by a person later
}
"""Columns of a table of faces, in their order, with their types."""

BRIDGE = 0.5
"""Longest hole between two detections of a person, in s, across which boxes are interpolated."""

SMOOTHING = 0.1
"""Standard deviation, in s, of the Gaussian that smooths boxes over time; it is symmetric, so
there is no lag. Detectors place a box on a coarse grid of positions and sizes, so that unsmoothed
crops tremble; on simulated faces, whose place is known, this much smoothing errs least."""

logger = logging.getLogger(__name__)


def extract_faces(
    video_path: str | Path,
    faces_path: str | Path,
    crops_folder: str | Path,
    *,
    detector: str | FaceFinder = "dlib",
    detect_every: int = 1,
    crop_size: int = 72,
    n_people: int | None = None,
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
        Faces are looked for in every so many-th frame of the 30 fps stream. Boxes in between,
        and in holes of up to 0.5 s, are interpolated linearly.
    crop_size : int
        Side of a crop in px. The box is cut out as it is, repeated pixels of the border stand
        for what lies outside the image, and height and width are scaled separately.
    n_people : int, optional
        How many people the video shows at most; found out when None.
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
    if detect_every < 1:
        raise InputError(f"detect_every must be at least 1; found {detect_every}")
    video_path = Path(video_path)
    find = detection.detector(detector) if isinstance(detector, str) else detector
    detections = detect_faces(video_path, find, detect_every, progress=progress)
    faces = _table(video_path.stem, detections, detect_every, n_people)
    _write_crops(video_path, faces, Path(crops_folder), crop_size, progress)
    write_table(faces, faces_path)
    return faces


def detect_faces(
    video_path: str | Path, find: FaceFinder, detect_every: int = 1, *, progress: bool = True
) -> pd.DataFrame:
    """Search every `detect_every`-th frame of a video's 30 fps stream for faces.

    Returns
    -------
    DataFrame
        ``frame``, ``x``, ``y``, ``w``, ``h`` (px) and ``confidence``, one row per face found.
    """
    found, image, boxes = [], None, []
    title = f"{Path(video_path).name}: faces"
    with tqdm(read_frames(video_path), title, leave=False, disable=not progress) as frames:
        for frame in frames:
            if frame.index % detect_every:
                continue
            if frame.image is not image:  # a slow video repeats its pictures
                image, boxes = frame.image, find(frame.image)
            found += [(frame.index, *box) for box in boxes]
    table = pd.DataFrame(found, columns=["frame", "x", "y", "w", "h", "confidence"])
    return table.astype({name: FACE_COLUMNS[name] for name in table.columns})


def _table(
    video: str, detections: pd.DataFrame, detect_every: int, n_people: int | None
) -> pd.DataFrame:
    """Give detections to people and fill holes; return the table of faces."""
    people = assign_people(detections, n_people)
    rejected = int((people < 0).sum())
    if rejected:
        logger.warning(
            "%s: %d of %d detections belong to nobody and are left out",
            video, rejected, len(people),
        )  # fmt: skip
    bridge = max(BRIDGE * STREAM_RATE, detect_every)
    tracks = [
        _fill(detections[people == person], bridge).assign(track=track)
        for person, track in enumerate(track_names(video, people.max() + 1 if len(people) else 0))
    ]
    faces = pd.concat(tracks or [detections.assign(track="")[:0]], ignore_index=True)
    faces = faces.assign(
        video=video, person=faces["track"], time=faces["frame"] / STREAM_RATE, status="auto"
    )
    return faces[list(FACE_COLUMNS)].astype(FACE_COLUMNS)


def _fill(boxes: pd.DataFrame, bridge: float) -> pd.DataFrame:
    """Interpolate one person's boxes across holes of at most `bridge` frames, then smooth."""
    known = boxes.sort_values("frame")
    runs = (known["frame"].diff() > bridge).cumsum()
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


def _write_crops(
    video_path: Path, faces: pd.DataFrame, folder: Path, size: int, progress: bool
) -> None:
    """Decode the video again and write the crops of each track to its array."""
    with ExitStack() as stack:
        arrays = {}
        for track, n in faces["track"].value_counts().items():
            path = stack.enter_context(atomic_path(folder / f"{track}.npy"))
            arrays[track] = np.lib.format.open_memmap(path, "w+", np.uint8, (n, size, size, 3))
        by_frame = faces.assign(row=faces.groupby("track").cumcount()).sort_values("frame")
        waiting = by_frame[["frame", "track", "row", *"xywh"]].itertuples(index=False)
        face = next(waiting, None)
        title = f"{video_path.name}: crops"
        for frame in tqdm(read_frames(video_path), title, leave=False, disable=not progress):
            while face is not None and face.frame == frame.index:
                arrays[face.track][face.row] = crop_face(frame.image, face[3:], size)
                face = next(waiting, None)
            if face is None:
                break
        if face is not None:
            raise InputError(f"{video_path}: ended earlier when it was read again; was it changed?")
        for array in arrays.values():
            array.flush()


def crop_face(image: np.ndarray, box: tuple[float, float, float, float], size: int) -> np.ndarray:
    """Cut a box out of an image and scale it to a square.

    Parameters
    ----------
    image : ndarray, uint8 (height, width, 3)
        The image.
    box : tuple of float
        x, y, w, h in px; rounded to whole pixels. Where it leaves the image, the pixels of the
        border are repeated.
    size : int
        Side of the crop in px.

    Returns
    -------
    ndarray, uint8 (size, size, 3)
    """
    x, y, w, h = box
    left, right = round(x), max(round(x + w), round(x) + 1)
    top, bottom = round(y), max(round(y + h), round(y) + 1)
    height, width = image.shape[:2]
    if left < 0 or top < 0 or right > width or bottom > height:
        columns = np.clip(np.arange(left, right), 0, width - 1)
        rows = np.clip(np.arange(top, bottom), 0, height - 1)
        face = image[np.ix_(rows, columns)]
    else:
        face = image[top:bottom, left:right]
    shrinks = face.shape[0] >= size
    return cv2.resize(
        face, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    )
