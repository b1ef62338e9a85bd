"""The sound of a stretch is what is heard then, wherever the stretch begins."""

from fractions import Fraction

import av
import numpy as np
import pytest

from emolib.annotator.sound import has_sound, read_sound
from emolib.errors import InputError

BEEPS = (0.5, 1.75, 3.2)
"""Seconds at which a beep of a tenth of a second begins."""


def write(path, codec="aac", rate=48000, layout="stereo", late=0.0, duration=4.0):
    """Write pictures from `late` s on, and beeps at times counted from the first picture."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=30)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream(codec, rate=rate, layout=layout)
        for number in range(round(duration * 30)):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = round(late * 30) + number, Fraction(1, 30)
            container.mux(video.encode(frame))
        times = np.arange(round((duration + late) * rate)) / rate - late
        on = np.any([(times >= beep) & (times < beep + 0.1) for beep in BEEPS], axis=0)
        wave = (0.5 * np.sin(2 * np.pi * 700 * times) * on).astype(np.float32)
        channels = 2 if layout == "stereo" else 1
        for start in range(0, len(wave), 1024):
            piece = np.repeat(wave[None, start : start + 1024], channels, axis=0)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece), "fltp", layout)
            frame.sample_rate, frame.pts = rate, start
            frame.time_base = Fraction(1, rate)
            container.mux(audio.encode(frame))
        container.mux(video.encode())
        container.mux(audio.encode())
    return path


def loud(rate, samples, start):
    """Return when beeps begin and end, in s."""
    envelope = np.convolve(np.abs(samples.astype(float)), np.ones(rate // 200), "same") / (
        rate // 200
    )
    on = np.concatenate([[False], envelope > 2000, [False]])
    edges = np.flatnonzero(np.diff(on.astype(int)))
    return (start + edges[::2] / rate).tolist(), (start + edges[1::2] / rate).tolist()


@pytest.mark.parametrize(
    ("name", "codec", "rate", "layout", "late"),
    [
        ("a.mp4", "aac", 48000, "stereo", 0.0),
        ("a.mkv", "aac", 44100, "mono", 0.0),
        ("a.mp4", "aac", 16000, "mono", 0.4),
        ("a.mkv", "libopus", 48000, "stereo", 0.4),
    ],
)
@pytest.mark.parametrize("stretch", [(0.0, 4.0), (1.0, 3.5), (1.8, 4.0), (3.0, 5.0)])
def test_beeps_are_heard_when_they_sound(tmp_path, name, codec, rate, layout, late, stretch):
    path = write(tmp_path / name, codec, rate, layout, late)
    assert has_sound(path)
    start, end = stretch
    found, samples = read_sound(path, start, end)
    assert found == min(rate, 24000)
    assert samples.dtype == np.int16 and samples.shape == (round((end - start) * found),)
    begins, ends = loud(found, samples, start)
    within = [beep for beep in BEEPS if beep + 0.1 > start]
    assert begins == pytest.approx([max(beep, start) for beep in within], abs=0.03)
    assert ends == pytest.approx([beep + 0.1 for beep in within], abs=0.03)


def test_stretches_join_without_a_gap(tmp_path):
    path = write(tmp_path / "a.mp4")
    rate, whole = read_sound(path, 0.4, 2.4)
    halves = [read_sound(path, start, start + 1.0)[1] for start in (0.4, 1.4)]
    error = np.concatenate(halves).astype(float) - whole
    assert np.abs(error).mean() < 0.01 * np.abs(whole.astype(float)).mean()


def test_video_without_sound_has_none(tmp_path, write_video, grey_images):
    assert not has_sound(write_video(grey_images(3), [0, 1, 2]))
    assert not has_sound(tmp_path)  # a folder of pictures
    with pytest.raises(InputError, match="no such video file"):
        has_sound(tmp_path / "missing.mp4")
