"""Every benchmark once, tiny: does it compare like with like, and notice when it does not?"""

import numpy as np
import pandas as pd
import pytest

from benchmarks.__main__ import SUBJECTS, subject
from benchmarks.clips import RATE, long_clip, person_clip
from benchmarks.subjects import annotator, bootstrap, faces, matching, memory, tsne
from emolib.annotator.frames import FrameReader
from emolib.data.video import probe, read_frames

FRAMES = 36
TINY = {
    "annotator": {"size": (160, 120), "minutes": 1},
    "bootstrap": {"frames": 300, "people": 5, "replicates": 50, "looped": 10},
    "faces": {"size": (360, 270), "duration": 0.3, "every": 2},
    "matching": {"faces": 200},
    "tsne": {"faces": 120, "dimension": 60, "larger": 150},
}


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Return a short clip of a simulated person, and the true boxes."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    return path, person_clip(path, 320, 240, FRAMES / RATE)


@pytest.mark.parametrize("name", sorted(TINY))
def test_benchmark_agrees_with_its_peers_and_yields_ratios(name):
    rows = list(subject(name).rows(2, **TINY[name]))
    assert rows and all(np.isfinite(row.values).all() for row in rows)
    assert all(len(row.values) in (1, 2) for row in rows)


def test_every_benchmark_is_tried_here_or_in_a_file_of_its_own():
    elsewhere = {"demo", "extraction", "memory", "parallel", "precision", "predict", "rebuild"}
    assert set(SUBJECTS) == {*TINY, *elsewhere, "scaling", "training"}


def test_matching_peers_leave_the_same_faces_without_annotation():
    stamps, times = matching.recording(500)
    ours = matching.nearest(stamps, times, matching.MAX_DISTANCE)
    assert 0 < (ours[0] < 0).sum() < 500
    wrong = ours[0].copy()
    wrong[0] += 1
    with pytest.raises(AssertionError):
        matching.agree(ours, (wrong, ours[1]))


def test_bootstrap_loop_is_compared_replicate_by_replicate():
    ours = np.array([0.5, 0.4, 0.3])
    bootstrap.agree(ours, ours[:2])
    with pytest.raises(AssertionError):
        bootstrap.agree(ours, ours[1:])


def test_tsne_maps_must_be_as_trustworthy_as_the_peer_s():
    agree = tsne.agree(120, 60)
    made = tsne.maps(tsne.features(120, 60), n_jobs=1)
    ours = made["emolib"]()
    agree(ours, ours)
    with pytest.raises(AssertionError, match="trustworthiness of 120 faces"):
        agree(np.random.default_rng(0).permutation(ours), ours)


def test_tsne_without_a_larger_size_yields_one_ratio(monkeypatch):
    seconds = pd.DataFrame({"emolib": [1.0, 2.0], "scikit-learn": [2.0, 5.0]})
    monkeypatch.setattr(tsne, "race", lambda *_, **__: seconds)
    (row,) = tsne.rows(7, faces=100, dimension=20, larger=None)
    assert row.values == [2.0, 2.5] and row.goal.limit == 1
    growth = tsne.growth({100: seconds, 300: seconds * [3, 9]}, 100, 300)
    assert growth.values == [3.0] and "ours: 3.0 times" in growth.what


def test_person_clip_says_where_the_face_is(clip):
    path, truth = clip
    assert probe(path)["n_frames"] == len(truth) == FRAMES
    assert truth["x"].between(0, 320).all() and truth["w"].gt(40).all()
    faces.require_same_detections(path, 3)


def test_faces_refuses_a_clip_without_a_face(tmp_path, monkeypatch):
    monkeypatch.setattr(faces, "detector", lambda: lambda image: [])
    with pytest.raises(AssertionError, match="no face"):
        faces.require_same_detections(_still(tmp_path), 3)


def test_long_clip_repeats_a_second_without_a_jump_in_time(tmp_path):
    path = tmp_path / "long.mp4"
    long_clip(path, 160, 120, 1)
    facts = probe(path)
    assert (facts["n_frames"], facts["variable_fps"]) == (60 * RATE, False)
    assert facts["duration"] == pytest.approx(60)
    frames = [frame.image for frame in read_frames(path) if frame.index % RATE == 7]
    assert len(frames) == 60 and (frames[0] == frames[-1]).all()


def test_annotator_notices_other_frames_than_those_of_read_frames(tmp_path):
    path = tmp_path / "long.mp4"
    long_clip(path, 160, 120, 1, annotator.GROUP)
    reader = FrameReader(path)
    assert reader.frames == 64 * RATE  # whole stretches

    class Late:
        frames = reader.frames - 1

        def image(self, frame):
            return reader.image(frame + 1)

    annotator.require_same_frames(reader, path, np.random.default_rng(0))
    with pytest.raises(AssertionError):
        annotator.require_same_frames(Late(), path, np.random.default_rng(0))


def test_memory_is_that_of_the_child_and_the_work_is_checked(clip):
    path, _ = clip
    ballast = np.ones(40_000_000)  # 320 MB that the child must not be charged with
    measured = memory.measure(path, detect_every=3)
    assert len(ballast) and 50 < measured["peak_MB"] < 320
    assert measured["frames"] == FRAMES and measured["faces"] == measured["crops"] > 0
    full = {"frames": 1800, "faces": 1800, "crops": 1800}
    memory.require_all_faces(full | {"peak_MB": 1.0}, 1)
    with pytest.raises(AssertionError, match="1 min should give"):
        memory.require_all_faces(full | {"crops": 1799}, 1)


def test_memory_rows_compare_a_clip_with_one_twice_as_long(monkeypatch):
    peaks = {1: 400.0, 2: 500.0}

    def measured(clip):
        minutes = round(probe(clip)["duration"] / 60)
        counts = dict.fromkeys(("frames", "faces", "crops"), minutes * 1800)
        return counts | {"peak_MB": peaks[minutes]}

    monkeypatch.setattr(memory, "measure", measured)
    rows = pd.DataFrame(row.summary() for row in memory.rows(5, size=(160, 120), minutes=1))
    assert rows["median"].tolist() == [400, 500, 1.25]
    assert rows["reached"].tolist() == ["yes", "yes", "no"]


def _still(folder):
    path = folder / "still.mp4"
    person_clip(path, 160, 120, 0.2)
    return path
