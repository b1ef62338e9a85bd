"""A workspace is built by one at a time, and a lock that was left can be understood and cleared."""

import fcntl
import json
import os
import subprocess
import sys

import pytest

from workflow.scripts import lock
from workflow.scripts.lock import Locked

HOLD = """
import sys, time
from pathlib import Path
from workflow.scripts.lock import take
file = take(Path(sys.argv[1]), "config/x.yaml")
print("taken", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """Return a process that holds the lock of a workspace."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, tmp_path], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "taken\n"
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def left(tmp_path):
    """Return a function that leaves a lock which is held and says something of its holder."""
    with (tmp_path / lock.NAME).open("a+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        def say(**holder):
            known = {"host": lock.HOST, "process": os.getpid(), "since": "noon", "birth": 1}
            (tmp_path / lock.NAME).write_text(json.dumps(known | holder) if holder else "")

        yield say


def test_second_build_hears_who_builds_and_since_when(tmp_path, holder):
    with pytest.raises(Locked, match=rf"process {holder.pid} on this machine .* since 20\d\d-"):
        lock.take(tmp_path, "config/x.yaml")
    with pytest.raises(Locked, match=f"which is running; .* `kill {holder.pid}`"):
        lock.unlock(tmp_path)


def test_lock_of_a_killed_holder_is_free_at_once(tmp_path, holder):
    holder.kill()
    holder.wait()
    file = lock.take(tmp_path, "config/x.yaml")
    assert json.loads((tmp_path / lock.NAME).read_text())["process"] == os.getpid()
    lock.release(file)
    assert (tmp_path / lock.NAME).read_text() == ""


@pytest.mark.parametrize(
    ("holder", "sentence"),
    [
        ({"host": "node7"}, "process .* on node7 since noon; .* that machine is gone"),
        ({"birth": 1}, "process .* which is gone; clear its lock"),
        ({}, "did not say who it is"),
    ],
)
def test_lock_that_was_left_is_explained_and_cleared(tmp_path, left, holder, sentence):
    left(**holder)
    with pytest.raises(Locked, match=sentence + ".*: `make unlock CONFIG=config/x.yaml`"):
        lock.take(tmp_path, "config/x.yaml")
    assert "is cleared; it was held by" in lock.unlock(tmp_path)
    lock.release(lock.take(tmp_path, "config/x.yaml"))


def test_unlock_of_what_is_not_locked_says_so(tmp_path):
    assert "is not locked" in lock.unlock(tmp_path / "never-built")
    lock.release(lock.take(tmp_path, "config/x.yaml"))
    assert "is not locked" in lock.unlock(tmp_path)


def test_disk_without_locks_is_named(tmp_path, monkeypatch):
    def refuse(*arguments):
        raise OSError(lock.errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with pytest.raises(Locked, match="this disk cannot lock files"):
        lock.take(tmp_path, "config/x.yaml")
