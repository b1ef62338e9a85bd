"""Any frame in any order is the one that `read_frames` yields, pixel by pixel."""

import os
import warnings

import av
import cv2
import numpy as np
import pytest

from emolib.annotator import frames as module
from emolib.annotator.frames import FrameReader
from emolib.annotator.seeking import VideoFile
from emolib.data.video import probe, read_frames
from emolib.errors import InputError

CONSTANT = [i / 30 for i in range(100)]
STEPS = [1 / 24, 1 / 30, 1 / 30, 0.3, 1 / 60, 1 / 60, 1 / 24] * 12
VARIABLE = np.concatenate([[0.0], np.cumsum(STEPS)]).tolist()


def numbered(n, height=48, width=64):
    """Return pictures that differ everywhere and from each other, and move, as in a film."""
    rows, columns = np.mgrid[:height, :width]
    for number in range(n):
        waves = np.sin((columns + 3 * number) / 7) + np.cos((rows - 2 * number) / 5)
        image = np.stack([waves * 40 + 128, waves * 30 + 100, rows * 2 + number % 60], axis=2)
        yield image.clip(0, 255).astype(np.uint8)


def expected(path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [frame.image for frame in read_frames(path, **options)]


def require_same(reader, images, seed=0):
    """Require all frames, in order, backwards and at random, to be those of `read_frames`."""
    assert reader.frames == len(images)
    assert (reader.height, reader.width) == images[0].shape[:2]
    forward = list(range(len(images)))
    at_random = np.random.default_rng(seed).permutation(forward)[:60].tolist()
    for number in [*at_random[:30], *forward, *forward[::-1][:80], *at_random[30:]]:
        np.testing.assert_array_equal(reader.image(number), images[number], str(number))


CODECS = {
    "h264 with B-frames": ("clip.mp4", "libx264", "yuv420p", {"bf": "3", "g": "20"}),
    "h264 open GOP": ("clip.mkv", "libx264", "yuv420p", {"x264-params": "open-gop=1:keyint=15"}),
    "h264 long GOP": ("clip.mov", "libx264", "yuv420p", {"g": "250"}),
    "h264 intra refresh": ("clip.mp4", "libx264", "yuv420p", {"x264-params": "intra-refresh=1"}),
    "h264 pictures alone": ("clip.mp4", "libx264", "yuv420p", {"g": "1"}),
    "h264 in ts": ("clip.ts", "libx264", "yuv420p", {"bf": "2"}),
    "h264 in avi": ("clip.avi", "libx264", "yuv420p", {"bf": "2"}),
    "h264 in flv": ("clip.flv", "libx264", "yuv420p", {"bf": "2"}),
    "h265 open GOP": ("clip.mp4", "libx265", "yuv420p", {"x265-params": "log-level=0:keyint=15"}),
    "vp8": ("clip.webm", "libvpx", "yuv420p", {"auto-alt-ref": "1", "lag-in-frames": "12"}),
    "vp9": ("clip.webm", "libvpx-vp9", "yuv420p", {"cpu-used": "8", "lag-in-frames": "20"}),
    "av1": ("clip.mkv", "libsvtav1", "yuv420p", {"preset": "12"}),
    "mpeg4 with B-frames": ("clip.avi", "mpeg4", "yuv420p", {"bf": "2"}),
    "mpeg2": ("clip.mpg", "mpeg2video", "yuv420p", {"bf": "2"}),
    "wmv": ("clip.wmv", "wmv2", "yuv420p", {}),
    "mjpeg": ("clip.avi", "mjpeg", "yuvj420p", {}),
    "lossless": ("clip.mkv", "ffv1", "yuv420p", {}),
}


@pytest.mark.parametrize("codec", list(CODECS))
def test_frames_constant_rate_are_those_of_read_frames(write_video, codec):
    name, encoder, pixels, options = CODECS[codec]
    ticks = 30 if encoder.startswith("mpeg") else 15360
    images = list(numbered(100))
    path = write_video(images, CONSTANT, name, encoder, pixels, codec_options=options, ticks=ticks)
    reader = FrameReader(path)
    require_same(reader, expected(path))
    assert reader.duration == pytest.approx(probe(path)["duration"], abs=1e-9)
    assert reader.problems == []
    assert os.sched_getscheduler(0) == os.SCHED_OTHER  # else all that follows starves the machine


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.mov"])
@pytest.mark.parametrize("start", [0.0, 2.5])
def test_frames_variable_rate_are_those_of_read_frames(write_video, name, start):
    times = [start + time for time in VARIABLE]
    path = write_video(list(numbered(len(times))), times, name)
    reader = FrameReader(path)
    require_same(reader, expected(path))
    assert reader.problems == []


def test_frames_of_rotated_video_with_wide_pixels_are_upright(write_video):
    for rotation in (90, 180, -90):
        images = list(numbered(30))
        path = write_video(
            images, CONSTANT[:30], "turned.mp4", rotation=rotation, sample_aspect_ratio=2
        )
        reader = FrameReader(path)
        require_same(reader, expected(path))
        small = decoded(reader.jpegs([7], 32)[1][0])
        assert small.shape[1] == 32
        assert small.shape[0] == round(32 * reader.height / reader.width)


@pytest.mark.parametrize("rate", [12, 24, 25, 60, 120])
def test_frames_other_rates_are_those_of_read_frames(write_video, rate):
    path = write_video(list(numbered(100)), [i / rate for i in range(100)], "clip.mkv")
    require_same(FrameReader(path), expected(path))


def test_frames_stamps_that_start_again_are_those_of_read_frames(write_video, tmp_path):
    images = list(numbered(120))
    first = write_video(images[:60], CONSTANT[:60], "first.ts").read_bytes()
    second = write_video(images[60:], CONSTANT[:60], "second.ts").read_bytes()
    path = tmp_path / "joined.ts"
    path.write_bytes(first + second)  # as some cameras cut long recordings
    with pytest.warns(UserWarning, match="stamps do not increase"):
        images = [frame.image for frame in read_frames(path)]
    reader = FrameReader(path)
    assert "stamps do not increase" in reader.problems[0]
    require_same(reader, images)


@pytest.mark.parametrize(
    ("name", "options"), [("clip.mp4", {"movflags": "faststart"}), ("clip.mkv", {}), ("a.ts", {})]
)
@pytest.mark.parametrize("share", [0.35, 0.5, 0.7])
def test_frames_of_a_video_that_was_cut_off_end_where_read_frames_does(
    write_video, name, options, share
):
    images = list(numbered(150))
    path = write_video(images, [i / 30 for i in range(150)], name, format_options=options)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        shown = [frame.image for frame in read_frames(path)]
    reader = FrameReader(path)
    assert reader.frames == len(shown)
    for number in range(len(shown) - 3):  # the last ones may lack a part, which is guessed
        np.testing.assert_array_equal(reader.image(number), shown[number], str(number))
    told = [problem for problem in reader.problems if "damaged at" not in problem]
    assert bool(told) == bool(caught) == (name != "a.ts")
    assert all(f"{path}: " in problem and " after " in problem for problem in told)


def damaged(write_video, name):
    """Return a video of 150 frames, with a key every 12, that has 400 wrong bytes in its middle."""
    codec = "mpeg4" if name == "clip.avi" else "libx264"
    path = write_video(list(numbered(150)), [i / 30 for i in range(150)], name, codec, ticks=30)
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(3).bytes(400)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv", "clip.avi"])
def test_frames_of_a_damaged_video_are_those_of_read_frames_up_to_the_damage(write_video, name):
    path = damaged(write_video, name)
    images = expected(path)
    reader = FrameReader(path)
    assert reader.frames >= len(images)
    differing = [n for n, image in enumerate(images) if not (reader.image(n) == image).all()]
    backwards = [n for n in range(len(images))[::-1] if not (reader.image(n) == images[n]).all()]
    for numbers in (differing, backwards):
        assert not numbers or max(numbers) - min(numbers) < 24  # as far as the next whole key
        assert not numbers or "damaged at" in reader.problems[0]
    if len(images) < reader.frames:
        with pytest.raises(InputError, match=r"broken after \d\.\d\d s"):
            reader.jpegs([len(images)], 64)
        assert reader.jpegs([len(images) - 1, len(images)], 64)[0] == [len(images) - 1]


def test_frames_after_lost_packets_are_those_of_read_frames_wherever_one_jumps(write_video):
    path = damaged(write_video, "clip.avi")  # its index still counts what was lost
    images = expected(path)
    assert len(images) == 144
    for number in (143, 66, 100, 54, 71):
        np.testing.assert_array_equal(FrameReader(path).image(number), images[number], str(number))


def test_frames_of_a_folder_are_those_of_read_frames(tmp_path):
    for number, image in enumerate(numbered(20)):
        if number not in (4, 5):
            cv2.imwrite(str(tmp_path / f"{number:05d}.png"), image[..., ::-1])
    reader = FrameReader(tmp_path, image_rate=25.0)
    require_same(reader, expected(tmp_path, image_rate=25.0))
    assert reader.problems == []
    with pytest.raises(InputError, match="needs the number of pictures per second; found nan"):
        FrameReader(tmp_path)


def decoded(file):
    return cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]


def test_jpegs_are_the_frames_smaller_but_never_larger(write_video):
    path = write_video(list(numbered(60, 96, 128)), CONSTANT[:60])
    reader, images = FrameReader(path), expected(path)
    numbers, files = reader.jpegs([3, 50, 12], 64)
    assert numbers == [3, 50, 12]
    for number, file in zip(numbers, files, strict=True):
        small = cv2.resize(images[number], (64, 48), interpolation=cv2.INTER_AREA)
        assert np.abs(decoded(file) - small.astype(float)).mean() < 4
    assert decoded(reader.jpegs([3], 4000)[1][0]).shape == (96, 128, 3)


def test_jpegs_are_kept_up_to_a_number_of_bytes(write_video, monkeypatch):
    path = write_video(list(numbered(60)), CONSTANT[:60])
    reader = FrameReader(path, cache_bytes=10_000)
    size = len(reader.jpegs([0], 64)[1][0])
    files = reader.jpegs(range(60), 64)[1]
    assert len(reader._cache) == pytest.approx(10_000 / size, abs=3)
    monkeypatch.setattr(module.VideoFile, "image", None)  # what is kept is not decoded again
    assert reader.jpegs([59, 58], 64)[1] == [files[59], files[58]]


def test_quick_frames_carry_their_own_number(write_video):
    path = write_video(list(numbered(100)), [i / 60 for i in range(100)], codec_options={"g": "45"})
    reader, images = FrameReader(path), expected(path)
    (number,), (file,) = reader.jpegs([44], 64, quick=True)
    assert number == 23  # the first that shows picture 46: the key picture, 45, is never shown
    np.testing.assert_array_equal(decoded(file), decoded(reader.jpegs([23], 64)[1][0]))
    assert np.abs(decoded(file) - images[23].astype(float)).mean() < 6
    exact = reader.jpegs([44], 64)
    assert exact[0] == [44]
    assert reader.jpegs([44], 64, quick=True) == exact  # now it is there


def test_stepping_back_does_not_decode_again(write_video, monkeypatch):
    path = write_video(list(numbered(100)), CONSTANT, codec_options={"g": "100"})
    reader, images = FrameReader(path), expected(path)
    reader.image(90)
    monkeypatch.setattr(VideoFile, "_seek", None)
    for number in range(89, 60, -1):
        np.testing.assert_array_equal(reader.image(number), images[number])


def test_frames_beyond_the_end_are_refused(write_video):
    reader = FrameReader(write_video(list(numbered(30)), CONSTANT[:30]))
    for frame in (-1, reader.frames):
        with pytest.raises(InputError, match=f"no frame {frame}; the last one is 29"):
            reader.jpegs([frame], 64)


def test_files_that_are_no_videos_raise_what_probe_raises(tmp_path, write_video):
    text, empty, missing = tmp_path / "text.mp4", tmp_path / "empty.mp4", tmp_path / "missing.mp4"
    text.write_text("not a video\n" * 500)
    empty.touch()
    half = write_video(list(numbered(60)), CONSTANT[:60], "half.mp4")
    half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
    for path in (text, empty, missing, half):
        with pytest.raises(InputError) as of_probe:
            probe(path)
        with pytest.raises(InputError) as of_reader:
            FrameReader(path)
        assert str(of_reader.value) == str(of_probe.value)


def test_pictures_without_stamps_are_refused(write_video, tmp_path):
    path = tmp_path / "raw.h264"
    with av.open(str(write_video(list(numbered(30)), CONSTANT[:30], "clip.ts"))) as source:
        path.write_bytes(b"".join(bytes(packet) for packet in source.demux(video=0)))
    with pytest.raises(InputError, match="carry no time stamps"):
        FrameReader(path)


@pytest.mark.parametrize("name", ["face_noface.mov", "single_face.mp4", "two_people_head_pose.gif"])
def test_frames_of_real_clips_are_those_of_read_frames(sample_videos, name):
    require_same(FrameReader(sample_videos / name), expected(sample_videos / name))
