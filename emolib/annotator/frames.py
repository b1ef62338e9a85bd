"""Frames of the 30 fps stream of a video, by number and as JPEG, for a page that shows them.

A frame is the one that `emolib.data.video.read_frames` yields under this number, so what a rater
marks is what networks are trained on. Any frame can be had at any time, without decoding the video
from its beginning or holding much of it in memory.
"""

import math
from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np

from emolib.annotator.seeking import VideoFile
from emolib.data.pictures import read_picture, shown_pictures
from emolib.data.video import stream_pictures
from emolib.errors import InputError

QUALITY = 82
"""Of JPEG, from 0 to 100: no blocks are seen in faces, at some 60 kB a frame of 960 x 540."""

CACHE_BYTES = 128_000_000
"""Of encoded frames: a minute or two."""


class PictureFolder:
    """A folder of numbered pictures, shown at a given rate; see `VideoFile` for what it offers."""

    def __init__(self, path: Path, image_rate: float):
        if not 0 < image_rate < math.inf:
            raise InputError(
                f"{path}: a folder of pictures needs the number of pictures per second; found "
                f"{image_rate}"
            )
        self._paths = shown_pictures(path)
        self.bounds = np.arange(len(self._paths) + 1) / image_rate
        self.problems: list[str] = []
        self.height, self.width = self.image(0).shape[:2]

    def image(self, number: int, share: float = 1.0) -> np.ndarray:
        """Return a picture as uint8 (height, width, 3), RGB, at a share of its size."""
        image = read_picture(self._paths[number])
        return image if share == 1 else cv2.resize(image, None, fx=share, fy=share)

    def nearest(self, number: int) -> int:
        """Return the picture itself: each can be had at once."""
        return number

    def close(self) -> None:
        """Do nothing: a picture is closed when it is read."""


class FrameReader:
    """The frames of a video's stream.

    Parameters
    ----------
    path : str or Path
        A video file, or a folder of numbered pictures.
    image_rate : float
        Pictures per second where `path` is a folder; NaN for a file.
    cache_bytes : int
        Memory for encoded frames.

    Attributes
    ----------
    frames : int
        How many there are.
    width, height : int
        As displayed, px.
    duration : float
        s, from the first stamp to the end of the last picture: that of `probe`.
    problems : list of str
        Sentences about what cannot be shown; more may come while frames are read.

    Raises
    ------
    InputError
        If the file is missing, is not a video, is cut off before its index, or has no frame.
    """

    def __init__(
        self,
        path: str | Path,
        image_rate: float = math.nan,
        cache_bytes: int = CACHE_BYTES,
    ):
        path = Path(path)
        self._source = PictureFolder(path, image_rate) if path.is_dir() else VideoFile(path)
        self._shown = stream_pictures(self._source.bounds)
        self._cache: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._cache_bytes, self._cached_bytes = cache_bytes, 0
        self.frames = len(self._shown)
        self.width, self.height = self._source.width, self._source.height
        self.duration = float(self._source.bounds[-1])

    @property
    def problems(self) -> list[str]:  # noqa: D102
        return self._source.problems

    def image(self, frame: int) -> np.ndarray:
        """Return a frame as `read_frames` yields it: uint8 (height, width, 3), RGB."""
        return self._source.image(self._shown[frame])

    def jpegs(
        self, frames: Iterable[int], width: int, quick: bool = False
    ) -> tuple[list[int], list[bytes]]:
        """Return frames as JPEG files.

        Parameters
        ----------
        frames : iterable of int
            Numbers, from 0 to `frames` - 1. Consecutive ones are had fastest.
        width : int
            Of the pictures, px; they are never larger than the video.
        quick : bool
            Whether, where a frame takes long, an earlier one may be returned in its place.

        Returns
        -------
        numbers : list of int
            The frames that were read: all of them, or those before the place where the file is
            broken, or, when `quick`, those that are returned in their place.
        files : list of bytes
            In the same order.

        Raises
        ------
        InputError
            If there is no such frame, or the file is broken before all of them.
        """
        numbers, files = [], []
        for frame in frames:
            if not 0 <= frame < self.frames:
                raise InputError(f"there is no frame {frame}; the last one is {self.frames - 1}")
            try:
                number = self._quickest(frame, width) if quick else frame
                files.append(self._jpeg(self._shown[number], width))
            except InputError:
                if not numbers:
                    raise
                break
            numbers.append(number)
        return numbers, files

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def _quickest(self, frame: int, width: int) -> int:
        """Return a frame that can be had at once, this one or one before it."""
        picture = self._shown[frame]
        if (picture, width) in self._cache:
            return frame
        nearest = self._source.nearest(picture)
        return frame if nearest == picture else int(np.searchsorted(self._shown, nearest))

    def _jpeg(self, picture: int, width: int) -> bytes:
        """Return a picture as a JPEG file that is at most `width` px wide."""
        key = (picture, width)
        if key not in self._cache:
            image = self._source.image(picture, min(width / self.width, 1.0))
            options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
            file = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)[1]
            self._cache[key] = file.tobytes()
            self._cached_bytes += len(file)
            while self._cached_bytes > self._cache_bytes and len(self._cache) > 1:
                self._cached_bytes -= len(self._cache.popitem(last=False)[1])
        self._cache.move_to_end(key)
        return self._cache[key]
