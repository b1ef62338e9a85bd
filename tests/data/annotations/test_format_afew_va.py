"""Tests of the AFEW-VA format, on files written here in its layout."""

import json

import pytest

from emolib.data.annotations.formats import afew_va
from emolib.errors import InputError


def frame(valence, arousal):
    return {"landmarks": [[1.5, 2.5]] * 68, "valence": valence, "arousal": arousal}


def write(folder, clip, frames, actor="an actor", **more):
    path = folder / f"{clip}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"video_id": path.stem, "actor": actor, "frames": frames, **more}
    path.write_text(json.dumps(content))
    return path


def test_read_tenths_at_the_numbered_frames(tmp_path):
    path = write(tmp_path, "001", {"00000": frame(-10, 10), "00001": frame(5.0, 0)})
    found = afew_va.read(path, fps=25)
    assert found.dimensional["time"].tolist() == [0.0, 0.04]
    assert found.dimensional["valence"].tolist() == [-1.0, 0.5]
    assert found.dimensional["arousal"].tolist() == [1.0, 0.0]
    assert set(found.dimensional["track"]) == {"001"} and found.categorical.empty
    assert found.provenance["actors"] == {"001": "an actor"}
    assert list(found.provenance["files"]) == [str(path)] and not found.problems


def test_read_frames_by_number_not_by_order_in_the_file(tmp_path):
    frames = {"00010": frame(3, 0), "00002": frame(2, 0), "00000": frame(1, 0)}
    found = afew_va.read(write(tmp_path, "001", frames), fps=10)
    assert found.dimensional["time"].tolist() == [0.0, 0.2, 1.0]
    assert found.dimensional["valence"].tolist() == pytest.approx([0.1, 0.2, 0.3])


def test_read_folder_of_clips_beside_folders_of_crops(tmp_path):
    for clip, actor in [("001", "x"), ("002", "y"), ("003", "x")]:
        write(tmp_path, f"{clip}/{clip}", {"00000": frame(0, 0)}, actor)
        (tmp_path / f"{clip}_cropped").mkdir()
        (tmp_path / f"{clip}_cropped" / "00000.png").write_bytes(b"")
    found = afew_va.read(tmp_path, fps=25)
    assert found.dimensional["track"].tolist() == ["001", "002", "003"]
    assert found.provenance["actors"] == {"001": "x", "002": "y", "003": "x"}


def test_read_same_clip_in_two_folders_is_read_once(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder, "001", {"00000": frame(0, 0)})
    found = afew_va.read(tmp_path, fps=25)
    assert len(found.dimensional) == 1
    assert "another file of clip '001'" in found.problems[0]
    assert found.provenance["dropped"] == {"files that cannot be used": 1}


def test_read_needs_times_from_outside(tmp_path):
    path = write(tmp_path, "001", {"00000": frame(0, 0), "00005": frame(0, 0)})
    with pytest.raises(InputError, match="give either fps"):
        afew_va.read(path)
    found = afew_va.read(path, frame_times=[0.0, 0.04, 0.08])
    assert found.dimensional["time"].tolist() == [0.0]
    assert found.provenance["dropped"] == {"frames beyond the last decoded one": 1}


def test_read_other_video_id_is_reported(tmp_path):
    found = afew_va.read(write(tmp_path, "001", {"00000": frame(0, 0)}, video_id="7"), fps=1)
    assert "video_id is '7'" in found.problems[0]


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ({"00000": frame(11, 0)}, r"001.json:frame 00000: valence 11 is outside \[-10, 10\]"),
        ({"00000": frame(0, 0.5)}, r"frame 00000: arousal 0.5 is not a whole number .* rescaled"),
        ({"00000": frame(None, 0)}, "valence None is not a whole number"),
        ({"00000": frame(float("nan"), 0)}, "valence nan is not a whole number"),
        ({"00000": frame(True, 0)}, "valence True is not a whole number"),
        ({"00000": frame("3", 0)}, "valence '3' is not a whole number"),
        ({"00000": []}, "valence None is not"),
        ({"first": frame(0, 0)}, "frame 'first' is not a number"),
        ({"00001": frame(0, 0), "1": frame(0, 0)}, "have the same number"),
        ({}, "no frames"),
    ],
)
def test_read_bad_frames_are_refused(tmp_path, frames, message):
    with pytest.raises(InputError, match=message):
        afew_va.read(write(tmp_path, "001", frames), fps=25)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"frames": {"0": 1, "0": 2}}', "the key '0' occurs twice"),
        (b'{\n"frames": }', "001.json:2: not JSON"),
        (b'{"actor": "\xe9"}', "not UTF-8 at byte 11"),
        (b"[]", "no frames"),
    ],
)
def test_read_what_is_no_clip_is_refused(tmp_path, content, message):
    (tmp_path / "001.json").write_bytes(content)
    with pytest.raises(InputError, match=message):
        afew_va.read(tmp_path, fps=25)


def test_read_missing_path_is_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        afew_va.read(tmp_path / "none", fps=25)


def test_matches_needs_the_three_keys(tmp_path):
    (format,) = afew_va.FORMATS
    assert format.matches(write(tmp_path / "a", "001", {}))
    assert format.matches(tmp_path / "a")
    (tmp_path / "b.json").write_text('{"frames": {}}')
    assert not format.matches(tmp_path / "b.json")
    assert not format.matches(tmp_path / "none.json")
