"""Cuts faces out of videos, and takes over faces that others cut out.

The crops of a track are one array on disk, to which one crop after the other is appended: what is
in memory does not grow with the video, as the pages of a memory map would. Row ``i`` of a track in
the table of faces is row ``i`` of its array.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.data.pictures import numbered_pictures, read_picture
from emolib.data.video import read_frames
from emolib.errors import InputError
from emolib.storage import atomic_path, read_array


def write_crops(
    video_path: str | Path,
    faces: pd.DataFrame,
    folder: str | Path,
    size: int = 72,
    *,
    image_rate: float = math.nan,
    progress: bool = True,
) -> None:
    """Decode a video and write the crops of each track.

    Parameters
    ----------
    video_path : str or Path
        A video, or a folder of numbered pictures.
    faces : DataFrame
        Its table of faces, those of a track in the order of frames.
    folder : str or Path
        Where ``<track>.npy`` is written: uint8 (n, size, size, 3), RGB.
    size : int
        Side of a crop in px; see `crop_face`.
    image_rate : float
        Pictures per second where the video is a folder.
    progress : bool
        Show a progress bar.

    Raises
    ------
    InputError
        If the video cannot be read, or is shorter than its faces say.
    """
    video_path = Path(video_path)
    by_frame = faces[["frame", "track", *"xywh"]].sort_values("frame", kind="stable")
    waiting = by_frame.itertuples(index=False)
    stream = read_frames(video_path, image_rate=image_rate)
    with _arrays(faces["track"], Path(folder), size) as append:
        face = next(waiting, None)
        title = f"{video_path.name}: crops"
        for frame in tqdm(stream, title, leave=False, disable=not progress):
            while face is not None and face.frame == frame.index:
                append(face.track, crop_face(frame.image, face[2:], size))
                face = next(waiting, None)
            if face is None:
                break
        if face is not None:
            raise InputError(f"{video_path}: ended earlier when it was read again; was it changed?")


def ready_made(crops: str | Path, track: str, shown: np.ndarray) -> pd.DataFrame:
    """List the frames of the 30 fps stream of which somebody else has cut out the face.

    Parameters
    ----------
    crops : str or Path
        The folder that holds ``<track>/00001.jpg`` and so on. The number of a picture is that of
        the decoded picture it was cut from, from 1; a number that is lacking is a hole.
    track : str
        Whose faces.
    shown : ndarray of int
        The picture, from 0, that each frame of the stream shows
        (`emolib.data.video.stream_pictures`).

    Returns
    -------
    DataFrame
        ``frame`` and ``file``.

    Raises
    ------
    InputError
        If there is no such folder, or it holds no picture.
    """
    files = numbered_pictures(Path(crops) / track)
    frames = np.flatnonzero(np.isin(shown + 1, list(files)))
    return pd.DataFrame(
        {"frame": frames, "file": [str(files[number]) for number in shown[frames] + 1]}
    )


def write_ready_made(files: Mapping[str, Sequence[str]], folder: str | Path, size: int) -> None:
    """Write faces that somebody else has cut out, by track, scaled to squares of `size` px.

    Raises
    ------
    InputError
        If a picture cannot be read.
    """
    tracks = [track for track, of_track in files.items() for _ in of_track]
    with _arrays(pd.Series(tracks, dtype="str"), Path(folder), size) as append:
        for track, of_track in files.items():
            read, crop = "", None
            for file in of_track:
                if file != read:  # a slow video repeats its pictures
                    image = read_picture(Path(file))
                    height, width = image.shape[:2]
                    read, crop = file, crop_face(image, (0, 0, width, height), size)
                append(track, crop)


def sample_crops(
    faces: pd.DataFrame, folder: str | Path, tracks: Sequence[str], per_track: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """Take faces of tracks, evenly spaced from the first to the last, with their crops.

    Parameters
    ----------
    faces : DataFrame
        All faces of at least these tracks.
    folder : str or Path
        Where their crops are.
    tracks : sequence of str
        Of whom.
    per_track : int
        How many of each, or all where there are fewer.

    Returns
    -------
    DataFrame
        The rows of `faces`, track by track.
    ndarray of uint8, shape (n, height, width, 3)
        Their crops.
    """
    tables, crops = [], []
    for track in tracks:
        of_track = faces[faces["track"] == track]
        places = np.linspace(0, len(of_track) - 1, min(per_track, len(of_track))).round()
        tables.append(of_track.iloc[places.astype(int)])
        crops.append(read_array(Path(folder) / f"{track}.npy")[places.astype(int)])
    return pd.concat(tables, ignore_index=True), np.concatenate(crops)


@contextmanager
def _arrays(
    tracks: pd.Series, folder: Path, size: int
) -> Iterator[Callable[[str, np.ndarray], None]]:
    """Begin an array for each track, with as many rows as it is named; all or none stay.

    What is yielded appends a crop to the array of a track.
    """
    header = {"descr": "|u1", "fortran_order": False}
    with ExitStack() as stack:
        files = {}
        for track, n in tracks.value_counts().items():
            path = stack.enter_context(atomic_path(folder / f"{track}.npy"))
            files[track] = stack.enter_context(path.open("wb"))
            shape = (int(n), size, size, 3)
            np.lib.format.write_array_header_1_0(files[track], header | {"shape": shape})
        yield lambda track, crop: files[track].write(np.ascontiguousarray(crop))


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
