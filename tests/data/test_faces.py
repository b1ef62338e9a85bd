"""Tests of `emolib.data.faces`: squares of known place and brightness stand for faces."""

import cv2
import numpy as np
import pandas as pd
import pytest

from emolib.data.detection import Detection
from emolib.data.faces import FACE_COLUMNS, extract_faces
from emolib.errors import InputError
from emolib.storage import read_array, read_table

WIDTH, HEIGHT, SIDE = 320, 240, 60


def squares(n, *paths):
    """Return `n` images; each path maps a frame to the (x, y, grey) of a square, or to None."""
    images = []
    for i in range(n):
        image = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
        for path in paths:
            if path(i) is not None:
                x, y, grey = path(i)
                image[y : y + SIDE, x : x + SIDE] = grey
        images.append(image)
    return images


def find_squares(image):
    """Find bright squares: a face detector for these tests."""
    mask = (image[..., 0] > 60).astype(np.uint8)
    _, _, boxes, _ = cv2.connectedComponentsWithStats(mask)
    return [Detection(*map(float, box[:4]), 1.0) for box in boxes[1:] if box[4] > 500]


@pytest.fixture
def extract(tmp_path, write_video):
    def run(images, fps=30, **options):
        path = write_video(images, [i / fps for i in range(len(images))], "video7.mkv")
        options = {"detector": find_squares, **options}
        faces = extract_faces(path, tmp_path / "faces.parquet", tmp_path / "crops", **options)
        return faces, tmp_path / "crops"

    return run


def moving(i):
    return 20 + 2 * i, 60, 100 + 2 * i


def test_extract_faces_one_person_gives_table_and_crops(extract, tmp_path):
    faces, crops = extract(squares(60, moving))
    assert list(faces.columns) == list(FACE_COLUMNS)
    assert set(faces["track"]) == set(faces["person"]) == set(faces["video"]) == {"video7"}
    assert faces["frame"].tolist() == list(range(60))
    np.testing.assert_allclose(faces["time"], np.arange(60) / 30)
    assert np.abs(faces["x"] - (20 + 2 * faces["frame"])).max() < 6  # smoothed at the ends
    assert np.abs(faces["x"] - (20 + 2 * faces["frame"]))[12:-12].max() < 1.5
    pd.testing.assert_frame_equal(faces, read_table(tmp_path / "faces.parquet"))
    array = read_array(crops / "video7.npy")
    assert array.shape == (60, 72, 72, 3) and array.dtype == np.uint8
    # The brightness of a crop tells its frame: row i of the table is row i of the array.
    assert np.abs(array[:, 36, 36, 0] - (100.0 + 2 * np.arange(60))).max() < 4


@pytest.mark.parametrize("detect_every", [1, 4, 7])
def test_extract_faces_between_detections_interpolates(extract, detect_every):
    calls = []

    def counted(image):
        calls.append(image)
        return find_squares(image)

    faces, crops = extract(squares(57, moving), detector=counted, detect_every=detect_every)
    assert len(calls) == len(range(0, 57, detect_every))
    assert faces["frame"].tolist() == list(range(57))
    middle = faces[16:-16]
    assert np.abs(middle["x"] - (20 + 2 * middle["frame"])).max() < 1.5
    assert faces["confidence"].isna().sum() == 57 - len(calls)
    brightness = read_array(crops / "video7.npy")[:, 36, 36, 0].astype(float)
    assert np.abs(brightness - (100 + 2 * np.arange(57))).max() < 4


def test_extract_faces_short_hole_is_bridged_and_long_one_is_not(extract):
    def blinking(i):
        return None if 20 <= i < 30 or 50 <= i < 80 else (100, 60, 200)

    faces, _ = extract(squares(100, blinking))
    assert faces["frame"].tolist() == [i for i in range(100) if not 50 <= i < 80]
    assert faces["confidence"].isna().sum() == 10
    assert set(faces["track"]) == {"video7"}


def test_extract_faces_box_does_not_glide_across_a_cut(extract):
    faces, _ = extract(squares(60, lambda i: (20 if i < 30 else 230, 60, 200)), n_people=1)
    assert faces["frame"].tolist() == list(range(60)) and set(faces["track"]) == {"video7"}
    assert faces["x"][:30].max() < 22 and faces["x"][30:].min() > 228


def test_extract_faces_two_people_give_left_and_right(extract):
    faces, crops = extract(squares(45, lambda i: (200, 50, 220), lambda i: (30 + i, 90, 120)))
    assert faces["track"].unique().tolist() == ["video7_left", "video7_right"]
    for track, brightness in [("video7_left", 120), ("video7_right", 220)]:
        array = read_array(crops / f"{track}.npy")
        assert len(array) == 45 and np.abs(array[:, 36, 36].astype(float) - brightness).max() < 4


def test_extract_faces_slow_video_searches_each_picture_once(extract):
    calls = []

    def counted(image):
        calls.append(image)
        return find_squares(image)

    faces, _ = extract(squares(24, moving), fps=12, detector=counted)
    assert len(calls) == 24 and len(faces) > 55


def test_extract_faces_no_face_gives_empty_table_with_types(extract, tmp_path):
    faces, crops = extract(squares(10))
    assert faces.empty and not list(crops.glob("*"))
    assert list(faces.columns) == list(FACE_COLUMNS)
    full, _ = extract(squares(40, moving))
    assert (faces.dtypes == full.dtypes).all()
    assert read_table(tmp_path / "faces.parquet").columns.tolist() == list(FACE_COLUMNS)


def test_extract_faces_rejected_detections_are_counted(extract, caplog):
    def flashing(i):
        return (230, 20, 200) if i in (3, 30) else None

    faces, _ = extract(squares(40, lambda i: (60, 80, 150), flashing))
    assert len(faces) == 40
    assert (
        "video7: 2 of 42 detections belong to nobody and are left out (0 false tracks)"
        in caplog.text
    )


def test_extract_faces_interrupted_leaves_nothing(extract, tmp_path):
    def failing(image):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(squares(5, moving), detector=failing)
    assert not (tmp_path / "faces.parquet").exists()
    assert not list(tmp_path.rglob("*.npy"))


def test_extract_faces_detect_every_zero_raises(extract):
    with pytest.raises(InputError, match="detect_every must be at least 1; found 0"):
        extract(squares(5, moving), detect_every=0)


def test_extract_faces_real_clip_follows_one_face(sample_videos, tmp_path):
    clip = sample_videos / "single_face.mp4"
    faces = extract_faces(clip, tmp_path / "f.parquet", tmp_path, detect_every=6)
    assert set(faces["track"]) == {"single_face"} and len(faces) >= 66
    assert faces["w"].between(120, 220).all()


def test_extract_faces_real_clip_without_face_is_empty(sample_videos, tmp_path):
    clip = sample_videos / "no_face.mp4"
    assert extract_faces(clip, tmp_path / "f.parquet", tmp_path, detect_every=10).empty
