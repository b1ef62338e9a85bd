"""Predictions drawn on the clip they were made from."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
from tqdm import tqdm

from emolib.data.video import STREAM_RATE, read_frames
from emolib.labels import COLOURS, DIMENSIONS
from emolib.storage import atomic_path

INK = (255, 255, 255)
PAD = 4  # pixels around a caption


def write_overlay(video: str | Path, predictions: pd.DataFrame, path: str | Path) -> Path:
    """Write the clip at 30 fps with a box, the emotion and the two dimensions on every face.

    Parameters
    ----------
    video : path
        The clip that `predictions` were made from.
    predictions : pandas.DataFrame
        See `emolib.predict.predict_video`; a face without a place is not drawn.
    path : path
        The H.264 file to write; it has no sound.

    Returns
    -------
    Path
        `path`.
    """
    by_frame = dict(list(predictions.groupby("frame")))
    with atomic_path(path) as temporary, av.open(str(temporary), "w") as container:
        stream = None
        for frame in tqdm(read_frames(video), desc=f"{Path(video).name}: overlay", unit="frame"):
            # H.264 with 4:2:0 chroma needs even sides.
            image = np.ascontiguousarray(
                frame.image[: frame.image.shape[0] // 2 * 2, : frame.image.shape[1] // 2 * 2]
            )
            if stream is None:
                stream = container.add_stream("libx264", Fraction(int(STREAM_RATE)))
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuv420p"
            for face in by_frame.get(frame.index, pd.DataFrame()).itertuples():
                if np.isfinite(face.x):  # a face that others cut out has no place
                    _draw_face(image, face)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        if stream is not None:
            container.mux(stream.encode())
    return Path(path)


def _draw_face(image: np.ndarray, face) -> None:
    emotion = getattr(face, "emotion", None)
    colour = _rgb(COLOURS[emotion]) if emotion else _rgb(COLOURS["neutral"])
    left, top = round(face.x), round(face.y)
    right, bottom = round(face.x + face.w), round(face.y + face.h)
    thickness = max(2, round(face.w / 60))
    cv2.rectangle(image, (left, top), (right, bottom), colour, thickness)
    scale = max(0.4, face.w / 260)
    if emotion:
        share = getattr(face, f"probability_{emotion}")
        _caption(image, f"{emotion} {share:.0%}", (left, top), scale, colour)
    if hasattr(face, DIMENSIONS[0]):
        text = f"V {face.valence:+.2f}  A {face.arousal:+.2f}"
        _caption(image, text, (left, bottom), scale, colour, below=True)


def _caption(image, text, corner, scale, colour, *, below=False) -> None:
    (width, height), baseline = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    box = height + baseline + 2 * PAD
    # A caption that would leave the picture is moved inside it.
    left = int(np.clip(corner[0], 0, max(0, image.shape[1] - width - 2 * PAD)))
    top = corner[1] if below else corner[1] - box
    top = int(np.clip(top, 0, max(0, image.shape[0] - box)))
    cv2.rectangle(image, (left, top), (left + width + 2 * PAD, top + box), colour, cv2.FILLED)
    origin = (left + PAD, top + PAD + height)
    cv2.putText(image, text, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, INK, 1, cv2.LINE_AA)


def _rgb(colour: str) -> tuple[int, int, int]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
