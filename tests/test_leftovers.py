"""What killed processes leave is told from what living ones are writing."""

import os
import signal
import subprocess
import sys
import time

import joblib
import pytest

from emolib import leftovers


def sleeper(**environment):
    """Start a process that sleeps, with these variables."""
    return subprocess.Popen(["sleep", "60"], env=os.environ | environment)


@pytest.fixture
def dead():
    """Return the number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_temporary_name_keeps_folder_and_suffix_and_is_this_process_s(tmp_path):
    name = leftovers.temporary_beside(tmp_path / "clip.mp4")
    assert (name.parent, name.suffix, name.name[0]) == (tmp_path, ".mp4", ".")
    assert str(os.getpid()) in name.name


def test_only_files_and_folders_of_ended_processes_are_removed(tmp_path, dead):
    def temporary(name, pid, host=leftovers.HOST):
        (tmp_path / "runs").mkdir(exist_ok=True)
        path = leftovers.temporary_beside(tmp_path / "runs" / name)
        return path.with_name(path.name.replace(f"{leftovers.HOST}-{os.getpid()}", f"{host}-{pid}"))

    gone = [temporary("table.parquet", dead), temporary("run-a.seed1", dead)]
    kept = [temporary("table.csv", os.getpid()), temporary("here.npy", dead, "other")]
    kept += [tmp_path / "runs" / name for name in (".run.checkpoint.npz", "x.npy", f".x.{dead}")]
    old = temporary("there.npy", os.getpid(), "other")
    gone[1].mkdir()
    for path in (gone[0], gone[1] / "metrics.json", *kept, old):
        path.touch()
    os.utime(old, (0, time.time() - leftovers.QUIET_SECONDS - 60))
    assert leftovers.remove_leftovers(tmp_path) == sorted([*gone, old])
    assert sorted((tmp_path / "runs").iterdir()) == sorted(kept)


def test_marked_processes_are_found_by_the_beginning_of_the_mark_and_ended():
    ours, others = sleeper(EMOLIB_TEST="/a/b@1"), sleeper(EMOLIB_TEST="/a/bc@1")
    try:
        assert leftovers.marked_processes("EMOLIB_TEST", "/a/b@") == [ours.pid]
        assert leftovers.end_marked("EMOLIB_TEST", "/a/b@") == [ours.pid]
        assert ours.wait() == -signal.SIGTERM
        assert others.poll() is None
    finally:
        others.kill()
        others.wait()


def test_process_that_does_not_listen_is_killed_after_a_while():
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{deaf}; time.sleep(60)"],
        env=os.environ | {"EMOLIB_TEST": "deaf"},
        stdout=subprocess.PIPE,
    )
    process.stdout.readline()
    assert leftovers.end_marked("EMOLIB_TEST", "deaf", patience=0.3) == [process.pid]
    assert process.wait() == -signal.SIGKILL


WORKERS = """
import os, sys, time
import joblib
from tests.test_leftovers import work
joblib.Parallel(n_jobs=2)(joblib.delayed(work)(sys.argv[1]) for _ in range(2))
"""


def work(folder):
    """Note the number of this worker and be busy for a minute."""
    leftovers.end_with_parent()
    with open(os.path.join(folder, str(os.getpid())), "w"):
        time.sleep(60)


def test_workers_end_with_the_process_that_started_them(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", WORKERS, str(tmp_path)])
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = [int(path.name) for path in tmp_path.iterdir()]
    assert len(workers) == 2 and all(map(leftovers.is_alive, workers))
    process.kill()
    process.wait()
    deadline = time.monotonic() + 20
    while any(map(leftovers.is_alive, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(leftovers.is_alive, workers))


def test_process_that_is_no_worker_is_not_bound_to_its_parent(monkeypatch):
    monkeypatch.setattr(leftovers.threading, "Thread", None)  # starting one would fail
    leftovers.end_with_parent()
    assert joblib.Parallel(n_jobs=1)([joblib.delayed(leftovers.end_with_parent)()]) == [None]
