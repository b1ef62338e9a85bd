"""Reads where faces are from the tables of OpenFace and py-feat, in place of a detector.

=========  =====================================================================================
layout     what is read
=========  =====================================================================================
openface   ``frame`` (from 1), ``confidence`` and the landmarks ``x_0``-``x_67``, ``y_0``-``y_67``
           in px; rows whose ``success`` is 0 are left out. ``timestamp`` is not read, since some
           versions write no seconds there. Names of columns may begin with a blank.
py-feat    ``frame`` (from 0), ``FaceRectX``, ``FaceRectY``, ``FaceRectWidth``,
           ``FaceRectHeight`` in px and ``FaceScore``; rows without a box are left out
=========  =====================================================================================

A table is named like its video. OpenFace's image mode writes a table per picture instead, which
begins with the column ``face`` and has no ``frame``; those lie in a folder named like the video and
are themselves named by the number of the picture. In either layout a frame has a row for each face,
and whose face it is gets decided later, by `emolib.data.identity`: the numbers that trackers give
to faces change whenever they lose one.

A frame of a table is a decoded picture of the video, whose time stamp says when it is shown.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.detection import DETECTION_COLUMNS
from emolib.data.video import stream_pictures
from emolib.errors import InputError

SIDE, RISE = 1.13, 0.1
"""How landmarks become a box like a frontal detector's, which also holds the forehead: a square
with `SIDE` times the larger of their width and height, centred on their bounding box and raised by
`RISE` of its side. The 68 landmarks reach from the chin to the brows only."""

_LANDMARKS = {axis: [f"{axis}_{point}" for point in range(68)] for axis in "xy"}
_RECTANGLE = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight"]


def read_face_table(
    folder: str | Path, video: str, layout: str, bounds: np.ndarray
) -> pd.DataFrame:
    """Return the faces that a tool found in a video, by frame of the 30 fps stream.

    Parameters
    ----------
    folder : str or Path
        The folder that holds ``<video>.csv``, or ``<video>/`` with a table per picture.
    video : str
        Name of the video.
    layout : str
        ``openface`` or ``py-feat``.
    bounds : ndarray, shape (n + 1,)
        Stamps of the decoded pictures of the video in s and the end of the last one
        (`emolib.data.video.probe`).

    Returns
    -------
    DataFrame
        The columns of `emolib.data.detection.DETECTION_COLUMNS`.

    Raises
    ------
    InputError
        If there is no table, it lacks a column or holds something else than numbers, or it goes on
        after the end of the video.
    """
    source = _find(Path(folder), video)
    faces = _LAYOUTS[layout](source)
    n_pictures = len(bounds) - 1
    last = faces["picture"].max()
    if last > n_pictures:  # one more is a matter of how the end of a video is counted
        raise InputError(
            f"{source}: has a face in picture {last + 1} of a video that has {n_pictures}; it was "
            "made from another video, or from a copy at another frame rate"
        )
    shown = stream_pictures(bounds)
    stream = pd.DataFrame({"frame": np.arange(len(shown)), "picture": shown})
    return stream.merge(faces, on="picture")[list(DETECTION_COLUMNS)].astype(DETECTION_COLUMNS)


def face_table_files(folder: str | Path, video: str) -> list[Path]:
    """Return the table of a video, or those of its pictures.

    Raises
    ------
    InputError
        If there is none.
    """
    source = _find(Path(folder), video)
    return [source] if source.is_file() else sorted(source.glob("*.csv"))


def _find(folder: Path, video: str) -> Path:
    file, pictures = folder / f"{video}.csv", folder / video
    if not file.is_file() and not pictures.is_dir():
        raise InputError(
            f"{file}: no such table of faces; make one of the video {video!r}, or leave out "
            "'boxes' to search the videos here"
        )
    return file if file.is_file() else pictures


def _openface(source: Path) -> pd.DataFrame:
    landmarks = _LANDMARKS["x"] + _LANDMARKS["y"]
    if source.is_dir():
        table = _numbered_tables(source, ["confidence", *landmarks])
    else:
        table = _read(source, ["frame", "confidence", *landmarks], optional=["success"])
        if (table["frame"] < 1).any():
            raise InputError(
                f"{source}: has a frame {table['frame'].min():g}, but OpenFace counts from 1; is "
                "it a table of py-feat?"
            )
        table = table.assign(picture=table["frame"] - 1)
        if "success" in table:
            table = table[table["success"] != 0]
    x, y = (table[names].to_numpy() for names in _LANDMARKS.values())
    side = SIDE * np.maximum(np.ptp(x, axis=1), np.ptp(y, axis=1))
    centre_x, centre_y = ((of.min(axis=1) + of.max(axis=1)) / 2 for of in (x, y))
    return pd.DataFrame(
        {
            "picture": table["picture"].astype(np.int64),
            "x": centre_x - side / 2,
            "y": centre_y - (0.5 + RISE) * side,
            "w": side,
            "h": side,
            "confidence": table["confidence"],
        }
    )


def _py_feat(source: Path) -> pd.DataFrame:
    table = _read(source, ["frame", *_RECTANGLE, "FaceScore"], empty=[*_RECTANGLE, "FaceScore"])
    table = table.dropna(subset=_RECTANGLE)
    boxes = dict(zip("xywh", (table[name] for name in _RECTANGLE), strict=True))
    return pd.DataFrame(
        {"picture": table["frame"].astype(np.int64), **boxes, "confidence": table["FaceScore"]}
    )


def _numbered_tables(folder: Path, columns: list[str]) -> pd.DataFrame:
    """Join the tables of single pictures; they count from 0 where there is a 0, else from 1."""
    files = {int(file.stem): file for file in folder.glob("*.csv") if file.stem.isdecimal()}
    if not files:
        raise InputError(f"{folder}: holds no tables named by the number of a picture")
    start = min(min(files), 1)
    tables = [
        _read(file, columns).assign(picture=number - start)
        for number, file in sorted(files.items())
    ]
    return pd.concat(tables, ignore_index=True)


def _read(path: Path, columns: list[str], *, optional=(), empty=()) -> pd.DataFrame:
    """Read columns of a file as numbers; cells of those in `empty` may be."""
    wanted = {*columns, *optional}
    try:
        table = pd.read_csv(
            path,
            skipinitialspace=True,
            skip_blank_lines=False,  # so that a row's position tells its line
            usecols=lambda name: name.strip() in wanted,
            low_memory=False,
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a table with commas: {error}") from error
    table = table.rename(columns=str.strip)
    lacking = [name for name in columns if name not in table]
    if lacking:
        raise InputError(
            f"{path}: no column {lacking[0]}; is it the output of the tool that 'format' names?"
        )
    numbers = table.apply(pd.to_numeric, errors="coerce")
    for name in numbers:
        required = table[name].notna() if name in empty else np.ones(len(table), bool)
        bad = np.flatnonzero(required & ~np.isfinite(numbers[name]))
        if len(bad):
            raise InputError(
                f"{path}:{bad[0] + 2}: {name} is '{table[name].iloc[bad[0]]}', not a number; was "
                "the file cut off?"
            )
    return numbers


_LAYOUTS: dict[str, Callable[[Path], pd.DataFrame]] = {"openface": _openface, "py-feat": _py_feat}
