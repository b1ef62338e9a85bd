"""Fixtures for the tests of annotation formats."""

import os
from pathlib import Path

import pytest


@pytest.fixture
def sample_data():
    """Return the folder of real files named by EMOLIB_SAMPLE_DATA, or skip."""
    folder = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not folder:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real annotation files to test with")
    return Path(folder)


@pytest.fixture
def write_text(tmp_path):
    """Return a function that writes text, or bytes, to a file below the temporary folder."""

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
