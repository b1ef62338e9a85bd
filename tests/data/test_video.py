"""Tests of `emolib.data.video` on videos whose pictures carry their own number as a grey level."""

import warnings

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data import video
from emolib.data.video import list_videos, probe, read_frames, stream_pictures, upright
from emolib.errors import InputError

STEP = 3


def shown(path, rate=30.0):
    """Return the number of the picture that each frame of the stream shows."""
    return [round((f.image.mean() - 40) / STEP) for f in read_frames(path, rate)]


def player(times, end, rate=30.0):
    """Return the same by definition: for each instant, the last picture already due."""
    instants = [i / rate for i in range(round(end * rate))]
    return [max(k for k, t in enumerate(times) if t <= i + 0.0005) for i in instants]


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 60])
@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
def test_read_frames_constant_rate_shows_what_a_player_shows(write_video, grey_images, fps, name):
    times = [i / fps for i in range(40)]
    path = write_video(grey_images(40), times, name)
    # How long the last picture lasts is up to the writer.
    assert shown(path)[: len(player(times, times[-1]))] == player(times, times[-1])


def test_read_frames_thirty_fps_shows_every_picture_once(write_video, grey_images):
    path = write_video(grey_images(50), [i / 30 for i in range(50)], "clip.mkv")
    frames = list(read_frames(path))
    assert shown(path) == list(range(50))
    assert [frame.index for frame in frames] == list(range(50))
    assert [frame.time for frame in frames] == [i / 30 for i in range(50)]
    assert frames[0].image.dtype == np.uint8 and frames[0].image.shape == (32, 48, 3)


def test_read_frames_variable_rate_follows_the_stamps(write_video, grey_images):
    steps = [1 / 24, 1 / 30, 1 / 30, 0.3, 1 / 60, 1 / 60, 1 / 24] * 4
    times = np.concatenate([[0.0], np.cumsum(steps)])
    path = write_video(grey_images(len(times)), times)
    expected = player(times, times[-1])
    assert shown(path)[: len(expected)] == expected
    facts = probe(path)
    assert facts["variable_fps"] and facts["n_frames"] == len(times)
    assert facts["mean_fps"] == pytest.approx(len(steps) / times[-1], rel=1e-3)


def test_read_frames_late_first_stamp_counts_from_it(write_video, grey_images):
    path = write_video(grey_images(10), [2 + i / 30 for i in range(10)], "clip.mkv")
    assert shown(path) == list(range(10))


def test_read_frames_other_rate_resamples(write_video, grey_images):
    path = write_video(grey_images(30), [i / 30 for i in range(30)])
    assert shown(path, rate=10.0) == list(range(0, 30, 3))


def test_probe_constant_rate_gives_facts(write_video, grey_images):
    path = write_video(grey_images(48), [i / 24 for i in range(48)])
    facts = probe(path)
    assert (facts["video"], facts["width"], facts["height"]) == ("clip", 48, 32)
    assert facts["n_frames"] == 48 and not facts["variable_fps"]
    assert facts["mean_fps"] == pytest.approx(24)
    assert facts["duration"] == pytest.approx(2.0, abs=0.02)
    assert len(facts["sha256"]) == 64


def test_read_frames_rotated_clip_is_upright(write_video):
    image = np.zeros((32, 48, 3), np.uint8)
    image[:16, :24] = 255  # bright upper left quarter of the stored picture
    upright = {}
    for rotation in (0, 90, 180, -90):
        path = write_video([image] * 3, [0, 1 / 30, 2 / 30], f"{rotation}.mp4", rotation=rotation)
        upright[rotation] = next(iter(read_frames(path))).image
        facts = probe(path)
        assert (facts["height"], facts["width"]) == upright[rotation].shape[:2]
    for rotation, picture in upright.items():
        assert np.abs(picture - np.rot90(image, rotation // 90).astype(float)).mean() < 8


def test_read_frames_odd_size_and_alpha_and_grey_and_ten_bit(write_video, grey_images):
    odd = grey_images(6, height=33, width=47)
    times = [i / 30 for i in range(6)]
    for codec, pixels in [("ffv1", "bgra"), ("ffv1", "gray"), ("ffv1", "yuv420p10le")]:
        path = write_video(odd, times, f"{pixels}.mkv", codec, pixels)
        assert shown(path) == list(range(6))
        assert next(iter(read_frames(path))).image.shape == (33, 47, 3)


def test_read_frames_wide_pixels_become_square(write_video, grey_images):
    path = write_video(grey_images(4), [i / 30 for i in range(4)], sample_aspect_ratio=2)
    assert next(iter(read_frames(path))).image.shape == (32, 96, 3)
    assert probe(path)["width"] == 96


def test_read_frames_memory_is_one_array_per_picture(write_video, grey_images):
    path = write_video(grey_images(3), [0, 1, 2])
    frames = list(read_frames(path))
    assert len({id(frame.image) for frame in frames}) == 3


def test_probe_missing_file_raises(tmp_path):
    with pytest.raises(InputError, match="nothing.mp4: no such video file"):
        probe(tmp_path / "nothing.mp4")


def test_probe_text_file_raises(tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("not a video\n" * 500)
    with pytest.raises(InputError, match="text.mp4: cannot be read as a video"):
        probe(path)


def test_probe_empty_file_raises(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    with pytest.raises(InputError, match="empty.mp4: cannot be read as a video"):
        probe(path)


def test_probe_mp4_without_index_raises(write_video, grey_images):
    path = write_video(grey_images(60), [i / 30 for i in range(60)])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])  # the index is at the end
    with pytest.raises(InputError, match="cut off"):
        probe(path)


def test_probe_audio_only_raises(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(InputError, match="no video stream, only audio"):
        probe(path)


def noise_images(n):
    generator = np.random.default_rng(7)
    return list(generator.integers(0, 255, (n, 64, 64, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    ("name", "options"), [("clip.mp4", {"movflags": "faststart"}), ("clip.mkv", {})]
)
def test_read_frames_cut_off_file_yields_what_is_before_and_warns(write_video, name, options):
    times = [i / 30 for i in range(150)]
    path = write_video(noise_images(150), times, name, format_options=options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.warns(UserWarning, match=r"(broken|ends) after \d\.\d\d s"):
        n_frames = sum(1 for _ in read_frames(path))
    assert 30 < n_frames < 120


def test_read_frames_whole_file_does_not_warn(write_video, grey_images):
    path = write_video(grey_images(60), [i / 30 for i in range(60)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(list(read_frames(path))) == 60


def test_list_videos_sorts_and_ignores_other_files(tmp_path):
    for name in ("b.MP4", "a.avi", "notes.txt", "c.mkv"):
        (tmp_path / name).touch()
    assert [path.name for path in list_videos(tmp_path)] == ["a.avi", "b.MP4", "c.mkv"]


def test_list_videos_skips_the_half_file_of_a_killed_writer(tmp_path):
    for name in ("video01.mp4", ".video02.4711.mp4"):
        (tmp_path / name).touch()
    assert [path.name for path in list_videos(tmp_path)] == ["video01.mp4"]


def test_list_videos_empty_or_missing_folder_raises(tmp_path):
    with pytest.raises(InputError, match="holds no video"):
        list_videos(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        list_videos(tmp_path / "absent")


def test_list_videos_same_stem_raises(tmp_path):
    (tmp_path / "a.avi").touch()
    (tmp_path / "a.mp4").touch()
    with pytest.raises(InputError, match=r"a\.avi and a\.mp4 would both be video 'a'"):
        list_videos(tmp_path)


def test_probe_phone_clip_has_variable_rate(sample_videos):
    facts = probe(sample_videos / "face_noface.mov")
    assert facts["variable_fps"] and facts["n_frames"] == 169
    assert facts["duration"] == pytest.approx(6.4, abs=0.05)


RHYTHMS = {
    "constant": [1 / 30] * 30,
    "variable": [1 / 24, 1 / 30, 1 / 30, 0.3, 1 / 60, 1 / 60, 1 / 24] * 4,
    "24 fps": [1 / 24] * 40,
    "29.97 fps": [1001 / 30000] * 70,
    "60 fps": [1 / 60] * 61,
    "slow": [0.4, 1.1, 0.25, 0.7],
    "single picture": [],
}


@pytest.mark.parametrize("name", ["clip.mp4", "clip.mkv"])
@pytest.mark.parametrize("rhythm", list(RHYTHMS))
@pytest.mark.parametrize("rate", [30.0, 10.0])
def test_stream_pictures_are_those_that_read_frames_shows(
    write_video, grey_images, rhythm, name, rate
):
    times = np.concatenate([[0.0], np.cumsum(RHYTHMS[rhythm])])
    path = write_video(grey_images(len(times)), times, name)
    bounds = probe(path)["bounds"]
    assert stream_pictures(bounds, rate).tolist() == shown(path, rate)


def test_probe_bounds_are_the_stamps_and_the_end(write_video, grey_images):
    times = [2.0, 2.25, 3.0, 3.125]
    facts = probe(write_video(grey_images(4), times))
    assert facts["bounds"].dtype == np.float64
    np.testing.assert_allclose(facts["bounds"][:-1], [0, 0.25, 1, 1.125], atol=1e-4)
    assert facts["bounds"][-1] == facts["duration"] > facts["bounds"][-2]


@given(st.lists(st.floats(0.002, 0.2), min_size=1, max_size=60))
def test_stream_pictures_never_go_back_and_last_as_long_as_the_video(steps):
    bounds = np.concatenate([[0.0], np.cumsum(steps)])
    pictures = stream_pictures(bounds)
    assert pictures[0] == 0
    assert np.all(np.diff(pictures) >= 0) and pictures[-1] < len(steps)
    assert abs(len(pictures) / 30 - bounds[-1]) < 1 / 30 + 0.003


def write_pictures(folder, images, suffix=".png"):
    """Write images by number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in images.items():
        cv2.imwrite(str(folder / f"{number:05d}{suffix}"), image[..., ::-1])
    return folder


def test_folder_of_pictures_is_read_like_a_video(tmp_path, write_video, grey_images):
    images = grey_images(20)
    folder = write_pictures(tmp_path / "001.cropped", dict(enumerate(images)))
    video = write_video(images, [i / 25 for i in range(20)], "clip.mkv", "ffv1")
    frames = list(read_frames(folder, image_rate=25.0))
    pictures = [round((frame.image.mean() - 40) / STEP) for frame in frames]
    assert pictures == shown(video)
    facts = probe(folder, 25.0)
    assert facts["video"] == "001.cropped" and not facts["variable_fps"]
    assert (facts["width"], facts["height"], facts["n_frames"]) == (48, 32, 20)
    assert facts["mean_fps"] == pytest.approx(25) and facts["duration"] == pytest.approx(0.8)
    np.testing.assert_allclose(facts["bounds"], np.arange(21) / 25)
    assert stream_pictures(facts["bounds"]).tolist() == pictures


def test_folder_of_pictures_keeps_colours(tmp_path):
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 250
    folder = write_pictures(tmp_path / "red", {0: red})
    assert next(read_frames(folder, image_rate=30)).image[0, 0].tolist() == [250, 0, 0]


def test_folder_of_pictures_with_holes_holds_the_picture_before(tmp_path, grey_images):
    images = grey_images(9)
    folder = write_pictures(tmp_path / "holes", {n: images[n] for n in (3, 4, 7)})
    pictures = [
        round((frame.image.mean() - 40) / STEP) for frame in read_frames(folder, image_rate=30)
    ]
    assert pictures == [3, 3, 3, 4, 4, 4, 7]  # frame 0 is picture 1
    write_pictures(folder, {0: images[0]})
    pictures = [
        round((frame.image.mean() - 40) / STEP) for frame in read_frames(folder, image_rate=30)
    ]
    assert pictures == [0, 0, 0, 3, 4, 4, 4, 7]  # frame 0 is picture 0


def test_folder_of_pictures_changes_its_hash_with_a_picture(tmp_path, grey_images):
    folder = write_pictures(tmp_path / "clip", dict(enumerate(grey_images(3))))
    before = probe(folder, 30)["sha256"]
    (folder / "clip.json").write_text("{}")
    assert probe(folder, 30)["sha256"] == before
    write_pictures(folder, {1: grey_images(1)[0]})
    assert probe(folder, 30)["sha256"] != before


def test_folder_of_pictures_that_cannot_be_used_is_explained(tmp_path, grey_images):
    with pytest.raises(InputError, match="holds no numbered pictures such as 00001.png"):
        probe(tmp_path, 30)
    folder = write_pictures(tmp_path / "clip", dict(enumerate(grey_images(3))))
    with pytest.raises(InputError, match="needs the number of pictures per second; found nan"):
        probe(folder)
    write_pictures(folder, {1: grey_images(1)[0]}, ".jpg")
    with pytest.raises(InputError, match=r"00001.jpg and 00001.png have the same number"):
        probe(folder, 30)
    (folder / "00001.jpg").unlink()
    (folder / "00002.png").write_text("no picture")
    with pytest.raises(InputError, match=r"00002.png: cannot be read as a picture"):
        [frame.image for frame in read_frames(folder, image_rate=30)]


def test_read_frames_makes_an_image_once_and_when_it_is_asked_for(
    write_video, grey_images, monkeypatch
):
    path = write_video(grey_images(6), [i / 15 for i in range(6)], "clip.mkv")
    made = []

    def counted(frame, *arguments):
        made.append(frame.pts)
        return upright(frame, *arguments)

    monkeypatch.setattr(video, "upright", counted)
    first, second, *_ = read_frames(path)
    assert not made
    assert first.image is second.image  # 15 pictures a second are shown twice each
    assert first.image is first.image and len(made) == 1
