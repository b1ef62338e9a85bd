"""Fixtures for the tests of `emolib.annotator`: those of the tests of `emolib.data`."""

from tests.data.conftest import grey_images, sample_videos, write_video

__all__ = ["grey_images", "sample_videos", "write_video"]
