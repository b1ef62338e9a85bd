"""A stage that fills the disk leaves nothing half-written, and goes on once there is space."""

import os
import subprocess
import sys

import pytest

from emolib.leftovers import remove_leftovers

pytestmark = pytest.mark.slow

CONFIG = """
corpus: {kind: simulated, n_videos: 3, n_pairs: 0, duration: 4}
"""


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def disk(tmp_path):
    """Return the folder of a disk that has room for one video of three, and for no more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = mount("-t", "tmpfs", "-o", "size=160k", "tmpfs", str(folder))
    if mounted.returncode:
        pytest.skip(f"only root can make a small disk to fill: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", folder], check=True)


def simulate(folder):
    """Render a corpus there; return the exit status and what was said."""
    (folder / "tiny.yaml").write_text(CONFIG)
    command = [sys.executable, "-m", "emolib", "simulate", "--config", "tiny.yaml", "--jobs", "1"]
    environment = os.environ | {"PYTHONPATH": os.getcwd()}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def contents(folder):
    files = sorted(path for path in (folder / "build").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_stage_on_a_full_disk_goes_on_where_it_was_when_there_is_space(disk, tmp_path):
    status, said = simulate(disk)
    assert status == 2 and "Traceback" not in said
    assert "the disk is full; free some space and try again" in said
    kept = contents(disk)
    assert not remove_leftovers(disk)
    assert "build/tiny/corpus/videos/video01.mp4" in kept
    assert "build/tiny/corpus/README.md" not in kept
    mount("-o", "remount,size=20m", str(disk))
    assert simulate(disk)[0] == 0
    (tmp_path / "whole").mkdir()
    assert simulate(tmp_path / "whole")[0] == 0
    assert contents(disk) == contents(tmp_path / "whole")
