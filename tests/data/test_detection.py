"""Tests of `emolib.data.detection`: real clips where they are, stand-in models elsewhere."""

import sys
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest

import emolib.data.compatibility
from emolib.data import detection
from emolib.data.detection import Detection, detect_faces, detector
from emolib.data.video import Frame, read_frames
from emolib.errors import InputError

BLANK = np.full((120, 160, 3), 128, np.uint8)


def test_detector_unknown_name_lists_known_ones():
    with pytest.raises(InputError, match="unknown face detector 'mtcnn'; known are dlib, opencv_"):
        detector("mtcnn")


def test_detector_ffld2_absent_says_how_to_get_it():
    with pytest.raises(InputError, match="conda install -c menpo cyffld2"):
        detector("ffld2")


@pytest.mark.parametrize("name", ["dlib", "opencv_frontal_face", "opencv_profile_face"])
def test_detector_blank_image_finds_nothing(name):
    assert detector(name)(BLANK) == []


@pytest.fixture
def stand_in(monkeypatch):
    """Install a module with the interface of cyffld2 that finds one box; return its images."""
    images = []

    def detect_objects(model, image, padding=6, interval=5, threshold=0.5, overlap=0.3):
        assert model == "frontal faces" and image.dtype == np.uint8 and image.ndim == 3
        images.append(image)
        return [SimpleNamespace(x=10, y=20, width=80, height=90, score=1.5)]

    module = SimpleNamespace(
        get_frontal_face_mixture_model=lambda: "frontal faces", detect_objects=detect_objects
    )
    monkeypatch.setitem(sys.modules, "cyffld2", module)
    return images


def test_detector_ffld2_present_is_used(stand_in):
    assert detector("ffld2")(BLANK) == [Detection(10, 20, 80, 90, 1.5)]
    assert stand_in[0].shape == BLANK.shape


def test_detector_large_image_is_shrunk_and_boxes_scaled_back(stand_in):
    box = detector("ffld2")(np.zeros((960, 1280, 3), np.uint8))[0]
    assert stand_in[0].shape == (480, 640, 3)
    assert box == Detection(20, 40, 160, 180, 1.5)


def test_detector_small_faces_enlarge_the_image(stand_in):
    box = detector("ffld2", smallest_face=40)(BLANK)[0]
    assert stand_in[0].shape == (240, 320, 3)
    assert box == Detection(5, 10, 40, 45, 1.5)


@pytest.mark.parametrize("every", [1, 3])
def test_threads_find_the_same_in_the_same_order(monkeypatch, every):
    read, done = [], []

    def frames(*_, **__):
        for index in range(40):
            if index % 2 == 0:  # every picture is shown twice
                image = np.full((2, 2, 3), index, np.uint8)
            read.append(index)
            yield Frame(index, index / 30, lambda image=image: image)

    def find(image):
        time.sleep(0.002 if image[0, 0, 0] % 4 else 0)
        done.append(threading.get_ident())
        return [Detection(float(image[0, 0, 0]), 0, 1, 1, 0.5)]

    monkeypatch.setattr(detection, "read_frames", frames)
    tables, searched = [], []
    for threads in (1, 3):
        read.clear(), done.clear()
        tables.append(detect_faces("clip", find, every, threads=threads, progress=False))
        searched.append(len(done))
        assert len(set(done)) <= threads and len(read) == 40
    assert tables[0].equals(tables[1]) and searched[0] == searched[1]
    assert tables[0]["frame"].tolist() == sorted({*range(0, 40, every), 39})
    assert (tables[0]["x"] == tables[0]["frame"] // 2 * 2).all()
    assert searched[0] == (20 if every == 1 else 14)


def test_detector_loads_a_model_for_every_thread(monkeypatch):
    loaded = []
    load = lambda: loaded.append(threading.get_ident()) or (lambda image: [])  # noqa: E731
    monkeypatch.setitem(detection._LOADERS, "toy", load)
    find = detector("toy")
    other = threading.Thread(target=lambda: [find(BLANK), find(BLANK)])
    other.start()
    other.join()
    assert find(BLANK) == [] and len(loaded) == len(set(loaded)) == 2


def test_issubclass_shim_is_false_for_what_is_no_class():
    shim = emolib.data.compatibility.np.issubclass_  # noqa: NPY201
    assert shim(np.float64, np.floating)
    assert not shim("float64", np.floating)


@pytest.mark.parametrize("name", ["dlib", "opencv_frontal_face"])
def test_detector_real_face_is_found_once_with_confidence(sample_videos, name):
    image = next(iter(read_frames(sample_videos / "single_face.mp4"))).image
    (box,) = detector(name)(image)
    assert 100 < box.w < 220 and 0.8 < box.w / box.h < 1.25 and box.confidence > 0


def test_detector_animation_without_face_finds_none(sample_videos):
    find = detector("dlib")
    frames = list(read_frames(sample_videos / "no_face.mp4", rate=2.0))
    assert len(frames) == 9 and not any(find(frame.image) for frame in frames)
