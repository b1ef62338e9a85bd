"""Claims on GPUs, with a stand-in for `nvidia-smi`: none is shared, nobody waits for the dead."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from emolib.gpus import claim_gpus, list_gpus

ROOT = Path(__file__).parents[1]
# Claims, says what it got, and holds it until it is told to end.
HOLDER = """
import os, sys
from emolib.gpus import claim_gpus
with claim_gpus(int(sys.argv[1])) as gpus:
    print(",".join(gpus), os.environ.get("CUDA_VISIBLE_DEVICES"), flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that gives this machine so many GPUs; it has none of its own."""
    for name in ("CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def give(count):
        lines = "".join(f"{number}, GPU-{number}abc\n" for number in range(count))
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\nprintf '{lines}'\n" if count else "#!/bin/sh\nexit 9\n")
        program.chmod(0o755)

    return give


@pytest.fixture
def hold():
    """Return a function that starts a process which claims GPUs and holds them."""
    holders = []

    def start(count=1):
        command = [sys.executable, "-c", HOLDER, str(count)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        holders.append(subprocess.Popen(command, text=True, **pipes))
        return holders[-1]

    yield start
    for holder in holders:
        holder.kill()
        holder.communicate()


def said(holder):
    return holder.stdout.readline().split()


@pytest.mark.parametrize(
    ("visible", "expected"),
    [
        (None, ["0", "1", "2"]),
        ("2,0", ["2", "0"]),
        ("GPU-1abc", ["1"]),
        ("1,7,2", ["1"]),  # as CUDA does, which ignores what follows a device that is not there
        ("", []),
        ("-1", []),
    ],
)
def test_list_gpus_are_those_that_cuda_would_show(machine, monkeypatch, visible, expected):
    machine(3)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert list_gpus() == expected


def test_list_gpus_without_a_driver_is_empty(machine):
    machine(0)
    assert list_gpus() == []


def test_each_process_gets_a_gpu_of_its_own(machine, hold):
    machine(2)
    assert [said(hold()), said(hold())] == [["0", "0"], ["1", "1"]]


def test_claim_waits_for_a_gpu_and_takes_that_of_a_killed_process(machine, hold):
    machine(1)
    first = hold()
    assert said(first) == ["0", "0"]
    second = hold()
    assert "other jobs use the GPUs (0); waiting for them" in second.stderr.readline()
    first.send_signal(signal.SIGKILL)
    assert said(second) == ["0", "0"]


def test_claim_of_several_takes_all_or_none(machine, hold):
    machine(2)
    one = hold()
    assert said(one) == ["0", "0"]
    both = hold(2)
    both.stderr.readline()  # it waits, and holds nothing while it does
    other = hold()
    assert said(other) == ["1", "1"]
    for holder in (one, other):
        holder.kill()
    assert said(both) == ["0,1", "0,1"]


def test_claim_of_more_than_there_are_takes_all(machine, hold):
    machine(2)
    assert said(hold(8)) == ["0,1", "0,1"]


def test_claim_leaves_alone_what_a_cluster_has_chosen(machine, hold, monkeypatch):
    machine(2)
    monkeypatch.setenv("SLURM_JOB_ID", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert said(hold()) == ["1"]


def test_claim_ends_with_its_block(machine):
    machine(1)
    for _ in range(2):
        with claim_gpus(1) as gpus:
            assert gpus == ["0"] and os.environ["CUDA_VISIBLE_DEVICES"] == "0"
        assert "CUDA_VISIBLE_DEVICES" not in os.environ


def test_claim_without_gpus_changes_nothing(machine, hold):
    machine(0)
    assert said(hold()) == ["None"]
