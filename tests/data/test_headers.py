"""What headers state: durations and sizes, of files and of folders of pictures."""

import cv2
import numpy as np
import pytest

from emolib.data.headers import read_header
from emolib.errors import InputError


def test_header_of_a_file_states_its_length_and_size(write_video, grey_images):
    path = write_video(grey_images(20), [i / 10 for i in range(20)])
    header = read_header(path)
    assert header.duration == pytest.approx(2.0, abs=0.11)
    assert (header.width, header.height) == (48, 32)


def test_header_of_a_folder_follows_from_its_last_number(tmp_path):
    for number in (1, 50):
        cv2.imwrite(str(tmp_path / f"{number:05}.png"), np.zeros((20, 30, 3), np.uint8))
    assert read_header(tmp_path, 25.0) == (2.0, 30, 20)


@pytest.mark.parametrize("content", [None, b"", b"this is no video"])
def test_header_of_what_is_no_video_is_refused(tmp_path, content):
    path = tmp_path / "clip.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="clip.mp4: cannot be read as a video"):
        read_header(path)
