"""Face detectors by name: an RGB image or a video in, boxes with a confidence out.

The thesis found faces with the Menpo project's ffld2 detector (section 4.2), a deformable part
model [1]_. Its Python binding no longer installs on current systems, so the default is the
histogram-of-gradients detector of dlib, through menpodetect as well. The confidence has another
meaning, and another scale, for each detector:

==================== ==========================================================================
name                 confidence
==================== ==========================================================================
dlib                 distance to the separating plane of dlib's linear classifier, above 0
opencv_frontal_face  stage sum of the last stage of OpenCV's cascade, of the best merged window
opencv_profile_face  the same; finds faces turned to one side only
ffld2                score of the deformable part model, above 0.5
==================== ==========================================================================

References
----------
.. [1] M. Mathias, R. Benenson, M. Pedersoli, L. Van Gool: Face detection without bells and
   whistles. ECCV 2014.
"""

import math
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.data.video import Frame, read_frames
from emolib.errors import InputError

WINDOW = 80
"""Side in px of the smallest face that the detectors find reliably at an image's own size."""


class Detection(NamedTuple):
    """The box of one face, in px of the image that was searched; it may leave the image."""

    x: float
    y: float
    w: float
    h: float
    confidence: float


FaceFinder = Callable[[np.ndarray], list[Detection]]
"""A function from a uint8 (height, width, 3) RGB image to the faces in it; threads may share it."""

LOOKAHEAD = 4
"""Pictures of each thread that are decoded before their turn."""

DETECTION_COLUMNS = {"frame": "int64"} | dict.fromkeys(Detection._fields, "float64")
"""Columns of a table of detections: frame of the 30 fps stream, box in px, confidence."""


def detector(name: str = "dlib", smallest_face: float | None = None) -> FaceFinder:
    """Return a face detector.

    Parameters
    ----------
    name : str
        ``dlib``, ``opencv_frontal_face``, ``opencv_profile_face`` or ``ffld2``.
    smallest_face : float, optional
        Width in px of the smallest face to be found. Images are scaled so that such a face
        becomes 80 px wide before they are searched; time grows with the square of the scale. By
        default a sixth of the shorter side of the image, but not less than 80 px: large images
        are shrunk, small ones stay as they are.

    Returns
    -------
    callable
        Takes a uint8 (height, width, 3) RGB image, returns a list of `Detection`.

    Raises
    ------
    InputError
        If the name is unknown, or the detector is not installed.
    """
    if name not in _LOADERS:
        raise InputError(f"unknown face detector {name!r}; known are {', '.join(_LOADERS)}")
    of_thread = threading.local()  # a model is changed by its search, hence one for each
    of_thread.search = _LOADERS[name]()

    def find(image: np.ndarray) -> list[Detection]:
        if not hasattr(of_thread, "search"):
            of_thread.search = _LOADERS[name]()
        smallest = smallest_face or max(min(image.shape[:2]) / 6, WINDOW)
        scale = WINDOW / smallest
        boxes = of_thread.search(_resize(image, scale))
        return [Detection(*(side / scale for side in box[:4]), box.confidence) for box in boxes]

    return find


def detect_faces(
    video_path: str | Path,
    find: FaceFinder,
    detect_every: int = 1,
    *,
    image_rate: float = math.nan,
    threads: int = 1,
    progress: bool = True,
) -> pd.DataFrame:
    """Search a video's 30 fps stream for faces.

    Parameters
    ----------
    video_path : str or Path
        A video, or a folder of numbered pictures.
    find : callable
        What `detector` returns.
    detect_every : int
        Every so many-th frame is searched, from the first one on, and the last one.
    image_rate : float
        Pictures per second where the video is a folder.
    threads : int
        That search at the same time, which changes nothing in the result. More than one is for a
        single video; several are worked on side by side in processes.
    progress : bool
        Show a progress bar.

    Returns
    -------
    DataFrame
        The columns of `DETECTION_COLUMNS`, one row per face found.

    Raises
    ------
    InputError
        If the video cannot be read, or `detect_every` is less than 1.
    """
    if detect_every < 1:
        raise InputError(f"detect_every must be at least 1; found {detect_every}")
    stream = read_frames(video_path, image_rate=image_rate)
    title = f"{Path(video_path).name}: faces"
    with tqdm(stream, title, leave=False, disable=not progress) as frames:
        searched = _found(_searched(frames, detect_every), find, threads)
        found = [(index, *box) for index, boxes in searched for box in boxes]
    return pd.DataFrame(found, columns=list(DETECTION_COLUMNS)).astype(DETECTION_COLUMNS)


def _found(
    frames: Iterable[Frame], find: FaceFinder, threads: int
) -> Iterator[tuple[int, list[Detection]]]:
    """Yield the position of each frame and the faces in it; no more pictures are held than needed.

    Detectors leave Python's lock to others while they search.
    """
    with ThreadPoolExecutor(threads) as pool:
        image, boxes, waiting = None, None, deque()
        for frame in frames:
            if frame.image is not image:  # a slow video repeats its pictures
                image, boxes = frame.image, pool.submit(find, frame.image)
            waiting.append((frame.index, boxes))
            if len(waiting) > LOOKAHEAD * threads:
                index, first = waiting.popleft()
                yield index, first.result()
        for index, boxes in waiting:
            yield index, boxes.result()


def _searched(frames: Iterable[Frame], detect_every: int) -> Iterator[Frame]:
    """Yield every so many-th frame and the last one, after which no box could be interpolated."""
    last = None
    for frame in frames:
        if frame.index % detect_every == 0:
            yield frame
        last = frame
    if last is not None and last.index % detect_every:
        yield last


def _resize(image: np.ndarray, scale: float) -> np.ndarray:
    if scale == 1:
        return image
    interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=interpolation)


class _ScoredHog:
    """dlib's detector, which keeps the scores that menpodetect would drop."""

    def __init__(self, model):
        self.model, self.scores = model, []

    def __call__(self, image: np.ndarray, n_upscales: int):
        rectangles, self.scores, _ = self.model.run(image, n_upscales)
        return rectangles


class _ScoredCascade:
    """OpenCV's detector, which keeps the scores that menpodetect would drop."""

    def __init__(self, model):
        self.model, self.scores = model, []

    def detectMultiScale(self, image: np.ndarray, **options):  # noqa: N802 (OpenCV's name)
        rectangles, _, scores = self.model.detectMultiScale3(
            image, outputRejectLevels=True, **options
        )
        self.scores = np.ravel(scores)
        return rectangles


# menpo takes seconds to import, hence only when a detector is loaded.


def _load_dlib() -> FaceFinder:
    import emolib.data.compatibility  # noqa: F401, I001 (before menpo)
    import dlib
    from menpodetect import DlibDetector

    model = _ScoredHog(dlib.get_frontal_face_detector())
    return _through_menpo(DlibDetector(model), model)


def _load_cascade(kind: str) -> FaceFinder:
    import emolib.data.compatibility  # noqa: F401, I001 (before menpo)
    from menpodetect import OpenCVDetector
    from menpodetect.opencv import conversion

    path = getattr(conversion, f"opencv_{kind}_path")
    model = _ScoredCascade(cv2.CascadeClassifier(str(path)))
    find = _through_menpo(OpenCVDetector(model), model)
    return lambda image: find(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None])


def _through_menpo(menpo_detector, model) -> FaceFinder:
    from menpo.image import Image

    def find(image: np.ndarray) -> list[Detection]:
        shapes = menpo_detector(Image.init_from_channels_at_back(image))
        corners = [shape.bounds() for shape in shapes]  # ((top, left), (bottom, right))
        return [
            Detection(left, top, right - left, bottom - top, float(score))
            for ((top, left), (bottom, right)), score in zip(corners, model.scores, strict=True)
        ]

    return find


def _load_ffld2() -> FaceFinder:
    try:
        import cyffld2
    except ImportError as error:
        raise InputError(
            "face detector 'ffld2' needs the package cyffld2, which exists only for old Pythons: "
            "`conda install -c menpo cyffld2` there, or use 'dlib' here"
        ) from error
    model = cyffld2.get_frontal_face_mixture_model()

    def find(image: np.ndarray) -> list[Detection]:
        found = cyffld2.detect_objects(model, image, threshold=0.5, overlap=0.3)
        return [Detection(box.x, box.y, box.width, box.height, box.score) for box in found]

    return find


_LOADERS: dict[str, Callable[[], FaceFinder]] = {
    "dlib": _load_dlib,
    "opencv_frontal_face": lambda: _load_cascade("frontal_face"),
    "opencv_profile_face": lambda: _load_cascade("profile_face"),
    "ffld2": _load_ffld2,
}
