"""Fixtures for the tests of `emolib.data`: tiny videos, and the folder of real samples if any."""

import contextlib
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

TICKS = 15360  # per second; divisible by 24, 30 and 60


@contextlib.contextmanager
def ordinary_scheduling():
    """Give the thread its scheduling back.

    SVT-AV1, where root runs it, leaves its caller with the highest real-time priority. Every
    process that is started later inherits it, and a browser among them starves the machine.
    """
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


@pytest.fixture
def write_video(tmp_path):
    """Return a function that writes images, each with its time in seconds, as a video."""

    def write(images, times, name="clip.mp4", codec="libx264", pixels="yuv420p", **options):
        rotation, format_options = options.get("rotation"), options.get("format_options", {})
        path = tmp_path / name
        ticks = options.get("ticks", TICKS)
        coding = {"g": "12"} | options.get("codec_options", {})
        height, width = images[0].shape[:2]
        with ordinary_scheduling(), av.open(str(path), "w", options=format_options) as container:
            stream = container.add_stream(codec, rate=30, options=coding)
            stream.width, stream.height, stream.pix_fmt = width, height, pixels
            stream.codec_context.time_base = Fraction(1, ticks)
            stream.time_base = Fraction(1, ticks)
            if "sample_aspect_ratio" in options:
                stream.codec_context.sample_aspect_ratio = options["sample_aspect_ratio"]
            if rotation is not None:
                stream.set_display_rotation(rotation)
            for image, time in zip(images, times, strict=True):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24")
                frame.pts, frame.time_base = round(time * ticks), Fraction(1, ticks)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return write


@pytest.fixture
def grey_images():
    """Return a function that makes `n` images whose grey level is 40 + `step` x their number."""

    def make(n, step=3, height=32, width=48):
        return [np.full((height, width, 3), 40 + step * i, np.uint8) for i in range(n)]

    return make


@pytest.fixture
def sample_videos():
    """Return the folder of real clips named by EMOLIB_SAMPLE_DATA, or skip."""
    folder = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not folder:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real clips to test with")
    return Path(folder) / "videos"
