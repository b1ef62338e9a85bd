"""Predictions drawn on a clip: what is written, and where it shows."""

from fractions import Fraction

import av
import numpy as np
import pandas as pd
import pytest

from emolib.data.video import probe, read_frames
from emolib.labels import COLOURS
from emolib.overlay import write_overlay


@pytest.fixture
def grey_clip(tmp_path):
    """Ten grey frames of odd size at 15 frames per second."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", Fraction(15))
        stream.width, stream.height, stream.pix_fmt = 161, 121, "bgr0"
        for _ in range(10):
            image = np.full((121, 161, 3), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    return path


def prediction(**more):
    return {
        "track": "clip",
        "frame": 3,
        "time": 0.1,
        "x": 40.0,
        "y": 30.0,
        "w": 60.0,
        "h": 60.0,
        "confidence": 1.0,
        "emotion": "fear",
        "probability_fear": 0.9,
        "valence": -0.5,
        "arousal": 0.6,
    } | more


def colour_of(emotion):
    return [int(COLOURS[emotion][i : i + 2], 16) for i in (1, 3, 5)]


def test_overlay_has_the_stream_rate_and_even_sides(grey_clip, tmp_path):
    path = write_overlay(grey_clip, pd.DataFrame([prediction()]), tmp_path / "overlay.mp4")
    facts = probe(path)
    assert (facts["width"], facts["height"]) == (160, 120)
    assert facts["mean_fps"] == pytest.approx(30, abs=0.1)
    assert facts["n_frames"] == len(list(read_frames(grey_clip)))


def test_overlay_draws_the_colour_of_the_emotion_on_its_frame_only(grey_clip, tmp_path):
    path = write_overlay(grey_clip, pd.DataFrame([prediction()]), tmp_path / "overlay.mp4")
    frames = [frame.image for frame in read_frames(path)]
    edge = frames[3][60, 40].astype(int)
    assert np.abs(edge - colour_of("fear")).max() < 40
    assert np.abs(frames[0][60, 40].astype(int) - 128).max() < 20


def test_overlay_face_at_the_border_keeps_its_caption_in_the_picture(grey_clip, tmp_path):
    face = prediction(x=-20.0, y=-10.0, w=200.0, h=200.0)
    path = write_overlay(grey_clip, pd.DataFrame([face]), tmp_path / "overlay.mp4")
    drawn = [frame.image for frame in read_frames(path)][3].astype(int)
    assert (np.abs(drawn - colour_of("fear")).max(axis=2) < 40).sum() > 200


def test_overlay_without_predictions_is_the_clip(grey_clip, tmp_path):
    empty = pd.DataFrame(columns=["track", "frame"])
    path = write_overlay(grey_clip, empty, tmp_path / "overlay.mp4")
    assert all(np.abs(frame.image.astype(int) - 128).max() < 20 for frame in read_frames(path))


def test_overlay_of_a_face_without_a_place_is_the_clip(grey_clip, tmp_path):
    nowhere = prediction(**dict.fromkeys("xywh", np.nan))
    path = write_overlay(grey_clip, pd.DataFrame([nowhere]), tmp_path / "overlay.mp4")
    assert all(np.ptp(frame.image) < 12 for frame in read_frames(path))
