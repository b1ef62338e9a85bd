"""What the header of a video states, read without decoding it.

Headers are often wrong, so nothing is computed from them but an estimate of how long a build takes.
"""

import math
from pathlib import Path
from typing import NamedTuple

import av

from emolib.data.pictures import numbered_pictures, read_picture
from emolib.errors import InputError


class Header(NamedTuple):
    """What is stated about a video."""

    duration: float
    """Seconds; NaN where the container states none, as streams that were recorded live."""
    width: int
    """Pixels, as stored."""
    height: int
    """Pixels, as stored."""


def read_header(path: str | Path, image_rate: float = math.nan) -> Header:
    """Read what a video states about itself, in milliseconds.

    Parameters
    ----------
    path : str or Path
        A video file, or a folder of numbered pictures.
    image_rate : float
        Pictures per second where `path` is a folder; NaN for a file.

    Returns
    -------
    Header

    Raises
    ------
    InputError
        If it is missing, or nothing that can be read as a video.
    """
    path = Path(path)
    if path.is_dir():
        pictures = numbered_pictures(path)
        height, width = read_picture(next(iter(pictures.values()))).shape[:2]
        return Header(max(pictures) / image_rate, width, height)
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise InputError(f"{path}: has no video stream")
            stream = container.streams.video[0]
            if stream.duration is not None:
                duration = float(stream.duration * stream.time_base)
            elif container.duration is not None:
                duration = container.duration / av.time_base
            else:
                duration = math.nan
            return Header(duration, stream.width, stream.height)
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"{path}: cannot be read as a video ({error.strerror})") from error
