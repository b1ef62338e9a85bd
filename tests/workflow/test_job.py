"""Jobs keep their logs, end with what started them, and are tried again only where it may help."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emolib.leftovers import is_alive, marked_processes
from workflow.scripts.logs import KEPT, attempts, ending

ROOT = Path(__file__).parents[2]


def job(log, command, *, build="", wait=True):
    """Run a command of the shell as a job; return its exit status, or the process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "workflow.scripts.job", log, "bash", "-c", command],
        cwd=ROOT,
        env=os.environ | {"EMOLIB_BUILD": build},
        preexec_fn=heed_signals,
    )
    return process.wait() if wait else process


def heed_signals():
    """Let a process be interrupted where the tests are not, as under nohup."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def until(condition, seconds=20):
    """Wait for something; fail if it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "logs" / "train-a.log"


def test_logs_of_earlier_attempts_stay_and_the_oldest_goes(log):
    for number in range(KEPT + 2):
        assert job(log, f"echo attempt {number}; exit {number}") == number
        log.with_name("train-a.b.log").touch()  # of another job
    kept = attempts(log)
    assert len(kept) == KEPT
    assert [f"attempt {n}\n" in path.read_text() for n, path in enumerate(kept, 2)] == [True] * KEPT
    log_text = log.read_text()
    assert log_text == kept[-1].read_text()
    assert f"attempt {KEPT + 1}" in log_text and "# ended with status 5 after 0 s" in log_text
    log.unlink()  # as Snakemake does before it runs a job again
    assert ending(log).status == KEPT + 1


@pytest.mark.parametrize(
    ("command", "status", "passing", "sentence"),
    [
        ("echo 'error: x.csv, line 3: no such person' >&2; exit 2", 2, False, "x.csv, line 3: no"),
        ("echo 'emolib.errors.InputError: too few people'; exit 1", 1, False, "too few people"),
        ("echo 'KeyError: 3'; exit 1", 1, False, "KeyError: 3"),
        ("echo 'nbclient.exceptions.DeadKernelError: Kernel died'; exit 1", 1, True, "Kernel died"),
        ("echo 'OSError: [Errno 116] Stale file handle'; exit 1", 1, True, "Stale file handle"),
        ("kill -KILL $$", 137, True, "killed (SIGKILL), as happens where memory is full"),
        ("exit 3", 3, False, "ended with status 3 and said nothing"),
        (
            "echo '/book/x.md:3: WARNING: no such label'; echo 'done, with warnings'; exit 1",
            1,
            False,
            "/book/x.md:3: WARNING: no such label",
        ),
    ],
)
def test_job_is_tried_again_where_it_may_help_only(
    log, tmp_path, command, status, passing, sentence
):
    counted = f"echo . >> {tmp_path}/attempts; {command}"
    assert job(log, counted, build="/work@1") == status
    found = ending(log)
    assert (found.status, found.passing) == (status, passing)
    assert sentence in found.sentence
    assert job(log, counted, build="/work@1") == status
    tried = (tmp_path / "attempts").read_text().count(".")
    assert tried == (2 if passing else 1)
    assert job(log, counted, build="/work@2") == status  # a new build tries everything again
    assert (tmp_path / "attempts").read_text().count(".") == tried + 1


def test_job_whose_machine_was_lost_may_be_tried_again(log):
    process = job(log, "echo begun; sleep 60", build="/work@1", wait=False)
    until(lambda: log.exists() and "\nbegun\n" in log.read_text())
    process.kill()
    process.wait()
    assert ending(log).passing and "was lost" in ending(log).sentence
    # The next attempt ends what is left of this one.
    assert job(log, "true", build="/work@1") == 0
    assert not marked_processes("EMOLIB_JOB", str(log))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_job_that_is_told_to_end_leaves_nothing_running(log, number):
    process = job(log, "sleep 61 & sleep 62 & echo begun; wait", wait=False)
    until(lambda: log.exists() and "\nbegun\n" in log.read_text())
    assert len(marked_processes("EMOLIB_JOB", str(log))) == 3
    process.send_signal(number)
    assert process.wait() == 128 + number
    assert not marked_processes("EMOLIB_JOB", str(log))
    assert f"# ended by {signal.Signals(number).name}" in log.read_text()


def test_job_that_is_shown_goes_to_the_log_and_the_terminal(log):
    command = [sys.executable, "-m", "workflow.scripts.job", "--show", log, "seq", "20000"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    numbers = "".join(f"{n}\n" for n in range(1, 20001))
    assert shown == numbers and numbers in log.read_text()


def test_job_that_is_shown_ends_though_nobody_reads(log):
    command = [sys.executable, "-m", "workflow.scripts.job", "--show", log, "seq", "200000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    process.stdout.close()
    assert process.wait(timeout=60) == 0
    assert "\n200000\n" in log.read_text()


def test_job_that_was_started_by_nohup_outlives_a_hang_up(log):
    command = ["nohup", sys.executable, "-m", "workflow.scripts.job", log, "cat"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE)
    until(lambda: marked_processes("EMOLIB_JOB", str(log)))
    process.send_signal(signal.SIGHUP)
    process.stdin.close()  # which ends `cat`
    assert process.wait() == 0


def test_job_ends_when_the_build_is_killed(log):
    command = [sys.executable, "-m", "workflow.scripts.job", log, "sleep", "63"]
    # As in a build: Snakemake, a shell, the job.
    shell = ["bash", "-c", '"$@"; true', "-", *command]
    nest = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    build = subprocess.Popen([sys.executable, "-c", nest, *shell], cwd=ROOT)
    until(lambda: marked_processes("EMOLIB_JOB", str(log)))
    (pid,) = marked_processes("EMOLIB_JOB", str(log))
    build.kill()
    build.wait()
    until(lambda: not is_alive(pid))
    until(lambda: "# ended" in log.read_text())
