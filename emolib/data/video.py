"""Videos as a stream of RGB frames at one constant rate, and the facts about a video file.

The thesis converts every video to 30 frames per second before it cuts out faces (section 4.1).
Here no file is re-encoded: frame ``i`` of the stream is what a player would show ``i / 30``
seconds after the first frame. Decoded time stamps are the only clock; the rates and frame counts
that headers and file names claim are often wrong, and phone clips have no constant rate at all.

A folder of numbered pictures (`emolib.data.pictures`) is read like a video whose rate is given.
"""

import math
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from emolib.data.pictures import folder_hash, read_picture, shown_pictures
from emolib.errors import InputError
from emolib.storage import file_hash

STREAM_RATE = 30.0
"""Frames per second of every stream (thesis, section 4.1)."""

VIDEO_SUFFIXES = (".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm", ".wmv")
"""Suffixes by which `list_videos` knows a video."""


ROUNDING = 0.001
"""Seconds: the coarsest resolution of common containers that store rounded time stamps."""


class Frame(NamedTuple):
    """One frame of the constant-rate stream."""

    index: int
    """Position in the stream, from 0."""
    time: float
    """Seconds since the first frame of the video: ``index / rate``."""
    rgb: Callable[[], np.ndarray]
    """Returns the image, which is made when it is asked for first: many are never looked at."""

    @property
    def image(self) -> np.ndarray:
        """uint8 (height, width, 3), RGB. Frames that show the same picture share one array."""
        return self.rgb()


def list_videos(folder: str | Path) -> list[Path]:
    """Return the video files directly inside a folder, sorted by name.

    Parameters
    ----------
    folder : str or Path
        The folder to look into; sub-folders are not searched.

    Returns
    -------
    list of Path
        Files whose suffix is one of `VIDEO_SUFFIXES`, in upper or lower case. Hidden files are
        left out: a killed writer may have left a half video under a temporary name.

    Raises
    ------
    InputError
        If the folder is missing or holds no video, or if two files differ only in their suffix:
        the stem is the name of a video everywhere else.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of videos")
    videos = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in VIDEO_SUFFIXES and not path.name.startswith(".")
    )
    if not videos:
        raise InputError(f"{folder}: holds no video; known suffixes: {' '.join(VIDEO_SUFFIXES)}")
    seen: dict[str, Path] = {}
    for video in videos:
        other = seen.setdefault(video.stem, video)
        if other != video:
            raise InputError(
                f"{folder}: {other.name} and {video.name} would both be video {video.stem!r}; "
                "rename or remove one"
            )
    return videos


def probe(path: str | Path, image_rate: float = math.nan) -> dict[str, Any]:
    """Return the facts about a video, found by decoding it once from beginning to end.

    Parameters
    ----------
    path : str or Path
        A video file, or a folder of numbered pictures.
    image_rate : float
        Pictures per second where `path` is a folder; NaN for a file.

    Returns
    -------
    dict
        ``video`` (stem of the file), ``path``, ``sha256``; ``width`` and ``height`` (px, as
        displayed: rotated and with square pixels); ``n_frames`` (decoded); ``duration`` (s, from
        the first stamp to the end of the last frame); ``mean_fps`` (NaN for a single frame);
        ``variable_fps`` (whether the steps between stamps differ by more than the rounding of
        stamps and 5 % of the median step); ``bounds`` (float64 ``(n_frames + 1,)``: the stamp of
        every decoded picture in s, the first being 0, and the end of the last one).

    Raises
    ------
    InputError
        If the file is missing, is not a video, is cut off before its index, or has no frame.
    """
    path = Path(path)
    times, height, width, end = [], 0, 0, 0.0
    for picture in _pictures(path, image_rate):
        if not times:
            height, width = picture.rgb().shape[:2]
        times.append(picture.time)
        end = picture.end
    steps = np.diff(times)
    return {
        "video": path.name if path.is_dir() else path.stem,
        "path": str(path),
        "sha256": folder_hash(path) if path.is_dir() else file_hash(path),
        "width": width,
        "height": height,
        "n_frames": len(times),
        "duration": end,
        "mean_fps": len(steps) / times[-1] if len(steps) else math.nan,
        "variable_fps": bool(
            len(steps) and np.ptp(steps) > max(1.5 * ROUNDING, 0.05 * float(np.median(steps)))
        ),
        "bounds": np.array([*times, end]),
    }


def read_frames(
    path: str | Path, rate: float = STREAM_RATE, image_rate: float = math.nan
) -> Iterator[Frame]:
    """Yield a video as a stream of constant rate, holding two decoded frames at most.

    Frame ``i`` shows the last decoded picture whose stamp, counted from the first one, is not
    later than ``i / rate``. Containers round stamps, so a picture up to `ROUNDING` late still
    counts. There is a frame for every instant before the end of the last picture (less two times
    `ROUNDING`), and at least one.

    Parameters
    ----------
    path : str or Path
        A video file, or a folder of numbered pictures.
    rate : float
        Frames per second of the stream.
    image_rate : float
        Pictures per second where `path` is a folder; NaN for a file.

    Yields
    ------
    Frame

    Raises
    ------
    InputError
        If the file is missing, is not a video, is cut off before its index, or has no frame.
        A picture of a folder that cannot be read is an error of who asks for its image.

    Warns
    -----
    UserWarning
        If the file breaks off before its end; the frames before that are yielded.
    """
    index, shown, end = 0, None, 0.0
    for picture in _pictures(Path(path), image_rate):
        if shown is not None:
            stop = math.ceil((picture.time - ROUNDING) * rate)
            yield from _held(shown, index, stop, rate)
            index = max(index, stop)
        shown, end = picture, picture.end
    yield from _held(shown, index, stream_length(end, rate), rate)


def stream_length(duration: float, rate: float = STREAM_RATE) -> int:
    """Return how many frames the stream of a video has: one for every instant before its end.

    Parameters
    ----------
    duration : float
        From the first stamp to the end of the last picture in s, as `probe` returns it.
    rate : float
        Frames per second of the stream.

    Examples
    --------
    >>> stream_length(15.0), stream_length(14.98)
    (450, 450)
    """
    return max(math.ceil((duration - 2 * ROUNDING) * rate), 1)


def stream_pictures(bounds: np.ndarray, rate: float = STREAM_RATE) -> np.ndarray:
    """Return the number of the decoded picture that each frame of the stream shows.

    Parameters
    ----------
    bounds : ndarray, shape (n + 1,)
        Stamps of the decoded pictures in s, from 0, and the end of the last one: the ``bounds``
        of `probe`.
    rate : float
        Frames per second of the stream.

    Returns
    -------
    ndarray of int, shape (number of frames that `read_frames` yields,)
        From 0.

    Examples
    --------
    >>> stream_pictures(np.array([0.0, 0.04, 0.08, 0.12])).tolist()
    [0, 0, 1, 2]
    """
    bounds = np.asarray(bounds, dtype=float)
    first = np.ceil((bounds[:-1] - ROUNDING) * rate).astype(np.int64)  # frame that shows each
    frames = np.arange(max(first[-1], stream_length(bounds[-1], rate)))
    return np.searchsorted(first, frames, side="right") - 1


def _held(picture: "_Picture", start: int, stop: int, rate: float) -> Iterator[Frame]:
    """Yield frames `start` to `stop` - 1, all of which show one picture."""
    rgb = cache(picture.rgb)
    for index in range(start, stop):
        yield Frame(index, index / rate, rgb)


class _Picture(NamedTuple):
    """A decoded frame, not yet converted to RGB: many are never shown."""

    time: float  # s since the first frame
    end: float  # s at which the next frame is due
    rgb: Callable[[], np.ndarray]  # uint8 (height, width, 3), as displayed


def _pictures(path: Path, image_rate: float) -> Iterator[_Picture]:
    """Yield the pictures of a file or a folder with strictly increasing times from 0."""
    if not path.is_dir():
        yield from _decoded(path)
        return
    if not 0 < image_rate < math.inf:
        raise InputError(
            f"{path}: a folder of pictures needs the number of pictures per second; found "
            f"{image_rate}"
        )
    for number, picture in enumerate(shown_pictures(path)):
        yield _Picture(
            number / image_rate, (number + 1) / image_rate, partial(read_picture, picture)
        )


def _decoded(path: Path) -> Iterator[_Picture]:
    """Decode a video file once."""
    with open_video(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"  # videos run side by side in processes; also breaks alike
        tick = float(stream.time_base)
        pixel_aspect = float(stream.sample_aspect_ratio or 1) or 1.0
        reformatter = VideoReformatter()  # shared by the pictures of a video, else 3x slower
        first, time, step, out_of_order = None, -math.inf, 0.0, 0
        for frame in _decode(path, container, stream):
            stamp = frame.pts if frame.pts is not None else frame.dts
            if stamp is None:
                raise InputError(
                    f"{path}: its frames carry no time stamps; put the stream into a container, "
                    f"for instance with `ffmpeg -i {path.name} -c copy {path.stem}.mp4`"
                )
            first = stamp if first is None else first
            previous, time = time, max(time, (stamp - first) * tick)
            if time == previous:
                out_of_order += 1
                continue
            step = (frame.duration or 0) * tick or (step if time == 0 else time - previous)
            yield _Picture(time, time + step, partial(upright, frame, pixel_aspect, reformatter))
        if first is None:
            raise no_frame(path)
        if out_of_order:
            warnings.warn(
                f"{path}: left out {out_of_order} frames whose stamps do not increase", stacklevel=2
            )
        if short := shortfall(path, container, stream, first * tick, time + step):
            warnings.warn(short, stacklevel=2)


def upright(
    frame: av.VideoFrame,
    pixel_aspect: float,
    reformatter: VideoReformatter,
    share: float = 1.0,
) -> np.ndarray:
    """Return a decoded frame as it is displayed.

    Parameters
    ----------
    frame : av.VideoFrame
        As decoded: perhaps to be turned, and of pixels that are not square.
    pixel_aspect : float
        Width over height of a stored pixel.
    reformatter : VideoReformatter
        To be shared by the frames of a video.
    share : float
        Size of the result as a share of the displayed size.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB.
    """
    width, height = frame.width * pixel_aspect * share, frame.height * share
    size = {"width": max(round(width), 1), "height": max(round(height), 1)}
    image = reformatter.reformat(frame, format="rgb24", threads=1, **size).to_ndarray()
    quarter_turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, quarter_turns)) if quarter_turns else image


def open_video(path: Path) -> "av.container.InputContainer":
    """Open a file that has a video stream.

    Raises
    ------
    InputError
        If the file is missing, is not a video, is cut off before its index, or has no picture.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such video file")
    try:
        container = av.open(str(path))
    except av.FFmpegError as error:
        raise InputError(
            f"{path}: cannot be read as a video ({error.strerror}); it is of another kind, or was "
            "cut off while it was copied or recorded"
        ) from error
    if not container.streams.video:
        kinds = ", ".join(sorted({stream.type for stream in container.streams})) or "nothing"
        container.close()
        raise InputError(f"{path}: has no video stream, only {kinds}")
    return container


def _decode(path: Path, container, stream) -> Iterator[av.VideoFrame]:
    """Decode until the end, or until the file breaks, which is a warning and not an error."""
    frame = None
    try:
        for frame in container.decode(stream):
            yield frame
    except av.FFmpegError as error:
        reached = 0.0 if frame is None or frame.time is None else frame.time
        warnings.warn(
            f"{path}: broken after {reached:.2f} s ({error.strerror}); only the frames before "
            "that are used",
            stacklevel=2,
        )


def no_frame(path: Path) -> InputError:
    """Return the error of a file of which no frame can be decoded, to be raised."""
    return InputError(f"{path}: not one frame could be decoded; the file is cut off or bad")


def shortfall(path: Path, container, stream, start: float, reached: float) -> str | None:
    """Return a sentence where a video ends more than a second before its header says so.

    Parameters
    ----------
    path, container, stream
        The file, opened.
    start : float
        Stamp of its first frame, in s.
    reached : float
        End of its last frame, in s since the first.
    """
    if stream.duration is not None:
        stated = float(stream.duration * stream.time_base)
    elif len(container.streams) == 1 and container.duration is not None:
        stated = container.duration / av.time_base - start
    else:
        return None
    if reached >= stated - 1.0:
        return None
    return (
        f"{path}: ends after {reached:.2f} s although its header states {stated:.2f} s; "
        "it was probably cut off, and only the frames before that are used"
    )
