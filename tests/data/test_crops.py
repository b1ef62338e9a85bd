"""Tests of `emolib.data.crops`: how a face is cut out, and which faces are shown."""

import cv2
import numpy as np
import pandas as pd
import pytest

from emolib.data.crops import crop_face, ready_made, sample_crops
from emolib.errors import InputError


def test_crop_face_inside_is_the_scaled_region():
    image = np.random.default_rng(0).integers(0, 255, (100, 120, 3), dtype=np.uint8)
    crop = crop_face(image, (10.2, 19.7, 72, 72), 72)
    np.testing.assert_array_equal(crop, image[20:92, 10:82])


@pytest.mark.parametrize("box", [(-20, -30, 80, 80), (90, 70, 50, 60), (-300, 0, 20, 20)])
def test_crop_face_outside_repeats_the_border(box):
    image = np.random.default_rng(0).integers(0, 255, (100, 120, 3), dtype=np.uint8)
    border = 400
    padded = cv2.copyMakeBorder(image, *[border] * 4, cv2.BORDER_REPLICATE)
    x, y, w, h = box
    expected = crop_face(padded, (x + border, y + border, w, h), 48)
    np.testing.assert_array_equal(crop_face(image, box, 48), expected)


def test_ready_made_pictures_count_from_one_and_may_lack_or_be_too_many(tmp_path):
    (tmp_path / "talk_left").mkdir()
    for number in (2, 3, 9):
        (tmp_path / "talk_left" / f"{number:05d}.jpg").touch()
    listed = ready_made(tmp_path, "talk_left", shown=np.array([0, 0, 1, 1, 2, 3]))
    assert listed["frame"].tolist() == [2, 3, 4]
    names = listed["file"].str[-9:].tolist()
    assert names == ["00002.jpg", "00002.jpg", "00003.jpg"]


def test_ready_made_track_without_pictures_is_explained(tmp_path):
    with pytest.raises(InputError, match="talk_left: no such folder of pictures"):
        ready_made(tmp_path, "talk_left", np.arange(3))


def test_sample_crops_are_spread_from_the_first_to_the_last(tmp_path):
    for track, n in (("a", 101), ("b", 2)):
        grey = np.arange(n, dtype=np.uint8)[:, None, None, None]
        np.save(tmp_path / f"{track}.npy", np.broadcast_to(grey, (n, 8, 8, 3)))
    faces = pd.DataFrame({"track": ["a"] * 101 + ["b"] * 2, "frame": [*range(101), 0, 1]})
    rows, crops = sample_crops(faces, tmp_path, ["b", "a"], 5)
    assert rows["track"].tolist() == ["b"] * 2 + ["a"] * 5
    assert rows["frame"].tolist() == crops[:, 0, 0, 0].tolist() == [0, 1, 0, 25, 50, 75, 100]
