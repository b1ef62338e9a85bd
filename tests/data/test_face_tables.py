"""Tests of `emolib.data.face_tables`: tables as the tools write them, made here, and real ones."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emolib.data.detection import DETECTION_COLUMNS
from emolib.data.face_tables import read_face_table
from emolib.data.faces import tell_apart
from emolib.errors import InputError

AT_30 = np.arange(11) / 30
"""Bounds of a video of ten pictures, one a frame of the stream."""


def landmarks(x, y, width, height):
    """Return 68 points in the rectangle, two of which are its corners."""
    across = np.concatenate([[0, 1], np.linspace(0.1, 0.9, 66)])
    cells = {f"x_{i}": x + share * width for i, share in enumerate(across)}
    return cells | {f"y_{i}": y + share * height for i, share in enumerate(across)}


def openface(rows, **columns):
    """Return OpenFace's text, with the blank after each comma of the header."""
    table = pd.DataFrame(
        [
            {"frame": frame, "timestamp": 0.001 * frame, "confidence": 0.9, "success": success}
            | landmarks(*box)
            for frame, success, *box in rows
        ]
    ).assign(**columns)
    body = table.to_csv(index=False, header=False)
    return ", ".join(table.columns) + "\n" + body


def py_feat(rows):
    names = ["FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore", "frame"]
    return pd.DataFrame(rows, columns=names).to_csv(index=False)


def test_openface_frames_count_from_one_and_boxes_hold_the_forehead(tmp_path):
    rows = [(frame, 1, 100, 60, 80, 100) for frame in range(1, 11)]
    (tmp_path / "clip.csv").write_text(openface(rows))
    faces = read_face_table(tmp_path, "clip", "openface", AT_30)
    assert list(faces.columns) == list(DETECTION_COLUMNS)
    assert faces["frame"].tolist() == list(range(10))
    # A square of 1.13 x 100 px about (140, 110), raised by a tenth.
    expected = {"x": 83.5, "y": 42.2, "w": 113.0, "h": 113.0, "confidence": 0.9}
    for name, value in expected.items():
        assert faces[name].to_numpy() == pytest.approx(value)


def test_openface_faces_that_were_lost_are_left_out(tmp_path):
    rows = [(frame, int(frame != 4), 100, 60, 80, 100) for frame in range(1, 11)]
    (tmp_path / "clip.csv").write_text(openface(rows))
    faces = read_face_table(tmp_path, "clip", "openface", AT_30)
    assert faces["frame"].tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]


def test_openface_two_faces_become_two_people_whatever_their_face_id(tmp_path):
    rows = [
        (frame, 1, x, 60, 80, 80)
        for frame in range(1, 11)
        for x in ((100, 400), (400, 100))[frame % 2]
    ]
    (tmp_path / "clip.csv").write_text(openface(rows, face_id=[0, 1] * 10))
    faces = tell_apart("clip", read_face_table(tmp_path, "clip", "openface", AT_30)).faces
    assert faces.groupby("track")["x"].mean().diff().iloc[1] == pytest.approx(300)
    assert faces["track"].value_counts().to_dict() == {"clip_left": 10, "clip_right": 10}


def test_openface_picture_is_shown_as_long_as_its_stamps_say(tmp_path):
    rows = [(1, 1, 0, 0, 80, 80), (2, 1, 50, 0, 80, 80), (3, 1, 90, 0, 80, 80)]
    (tmp_path / "clip.csv").write_text(openface(rows))
    bounds = np.array([0, 0.1, 0.11, 0.2])  # the second picture falls between two frames
    faces = read_face_table(tmp_path, "clip", "openface", bounds)
    assert faces["frame"].tolist() == [0, 1, 2, 3, 4, 5]
    assert (faces["x"].round() == faces["x"].round().iloc[0]).tolist() == [True] * 3 + [False] * 3


@pytest.mark.parametrize("first", [0, 1])
def test_openface_image_mode_takes_the_number_from_the_name(tmp_path, first):
    (tmp_path / "clip").mkdir()
    for picture in (0, 3):
        cells = {"face": 0, "confidence": 0.8} | landmarks(10, 10, 80, 80)
        table = pd.DataFrame([cells])
        text = ", ".join(table.columns) + "\n" + table.to_csv(index=False, header=False)
        (tmp_path / "clip" / f"{picture + first:05d}.csv").write_text(text)
    faces = read_face_table(tmp_path, "clip", "openface", AT_30)
    assert faces["frame"].tolist() == [0, 3] and (faces["confidence"] == 0.8).all()


def test_py_feat_frames_count_from_zero_and_empty_boxes_are_no_face(tmp_path):
    rows = [(10, 20, 30, 40, 0.9, 0), (None, None, None, None, None, 1), (11, 21, 30, 40, 0.8, 2)]
    (tmp_path / "clip.csv").write_text(py_feat(rows))
    faces = read_face_table(tmp_path, "clip", "py-feat", AT_30)
    expected = [(0, 10, 20, 30, 40, 0.9), (2, 11, 21, 30, 40, 0.8)]
    assert list(faces.itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize(
    ("text", "layout", "message"),
    [
        (openface([(12, 1, 0, 0, 9, 9)]), "openface", "face in picture 12 of a video that has 10"),
        (openface([(0, 1, 0, 0, 9, 9)]), "openface", "has a frame 0, but OpenFace counts from 1"),
        (openface([(1, 1, 0, 0, 9, 9)]), "py-feat", "no column FaceRectX; is it the output"),
        (py_feat([(1, 1, 9, 9, 0.9, 0)]), "openface", "no column confidence"),
        (py_feat([(1, 1, 9, "wide", 0.9, 0)]), "py-feat", r"csv:2: FaceRectHeight is 'wide'"),
        (py_feat([(1, 1, 9, 9, 0.9, None)]), "py-feat", r"csv:2: frame is 'nan', not a number"),
    ],
)
def test_unusable_table_is_explained(tmp_path, text, layout, message):
    (tmp_path / "clip.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        read_face_table(tmp_path, "clip", layout, AT_30)


def test_video_without_a_table_is_explained(tmp_path):
    with pytest.raises(InputError, match=r"other.csv: no such table of faces"):
        read_face_table(tmp_path, "other", "openface", AT_30)


@pytest.fixture
def samples(tmp_path):
    if "EMOLIB_SAMPLE_DATA" not in os.environ:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real tables to test with")
    return Path(os.environ["EMOLIB_SAMPLE_DATA"]) / "openface"


def test_real_openface_table_is_one_person(samples):
    faces = read_face_table(samples, "OpenFace_Test", "openface", np.arange(101) / 30)
    assert faces["frame"].tolist() == list(range(100))
    assert set(tell_apart("v", faces).faces["track"]) == {"v"}
    assert faces["w"].between(100, 140).all() and faces["confidence"].between(0.8, 1).all()


def test_real_py_feat_table_is_one_face(samples):
    faces = read_face_table(samples, "Feat_Test", "py-feat", np.array([0, 0.1]))
    assert faces["frame"].tolist() == [0, 1, 2] and (faces["h"].round(2) == 257.64).all()
