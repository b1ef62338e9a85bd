"""Fixtures for the tests of corpora: trees of files in the layouts in which they are handed out."""

import pytest


@pytest.fixture
def lay_out(tmp_path):
    """Return a function that writes files below a folder, from a mapping of paths to contents."""

    def write(files, folder="corpus"):
        for name, content in files.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / folder

    return write
