"""Run one command of a build, keep its log and those of earlier attempts, leave nothing running.

usage: python -m workflow.scripts.job [--show] LOG COMMAND...

Standard output and error go to LOG, and to the terminal too with --show; logs of a few earlier
attempts stay in ``attempts`` beside it. When this process is told to end, or the build is gone, the
command and all that it started end too. A command that failed for a lasting reason is not run again
within one build, which leaves Snakemake's second attempt to those that were killed or met a passing
trouble.
"""

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from emolib.leftovers import HOST, end_marked, follow_parent, heed_signals
from workflow.scripts.logs import begin, ending, trailer

MARK = "EMOLIB_JOB"
"""Environment variable that marks what a job starts: the path of its log."""


def main(*arguments: str) -> int:
    """Run the command that the arguments name; return its exit status."""
    show = arguments[0] == "--show"
    log, *command = arguments[show:]
    log = Path(log)
    build = os.environ.get("EMOLIB_BUILD", "")
    last = ending(log)
    if build and last.build == build and last.status and not last.passing:
        return last.status  # as it would again
    mark = str(log.absolute())
    end_marked(MARK, mark)  # what an attempt that was killed has left running
    started = time.monotonic()
    with begin(log).open("ab", buffering=0) as file:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        file.write(
            f"# {shlex.join(command)}\n# {HOST}, process {os.getpid()}, {when}\n"
            f"# build {build or 'by hand'}\n".encode()
        )
        status = run(command, mark, file, show)
        with suppress(OSError):  # on a full disk the log lacks its end, as after a kill
            file.write(trailer(status, time.monotonic() - started).encode())
    return status if status >= 0 else 128 - status


def run(command: list[str], mark: str, file, show: bool) -> int:
    """Run a command until it ends or has to; return its status, -n where signal n ended it."""
    told = heed_signals()
    ancestors = _ancestors()
    process = subprocess.Popen(
        command,
        env=os.environ | {MARK: mark},
        stdout=subprocess.PIPE if show else file,
        stderr=subprocess.STDOUT,
        preexec_fn=partial(follow_parent, signal.SIGTERM),
    )
    copying = threading.Thread(target=_copy, args=(process, file)) if show else None
    if copying:
        copying.start()
    while process.poll() is None and not told and _ancestors() == ancestors:
        time.sleep(0.1)
    if process.poll() is None:
        end_marked(MARK, mark)
    process.wait()
    end_marked(MARK, mark)  # workers of one that was killed
    if copying:
        copying.join()
    return -told[0] if told else process.returncode


def _ancestors() -> tuple[int, int]:
    """Return who started this process, usually a shell, and who started that one, Snakemake."""
    parent = os.getppid()
    try:
        stat = Path(f"/proc/{parent}/stat").read_text()
    except OSError:
        return parent, 0
    return parent, int(stat.rpartition(")")[2].split()[1])


def _copy(process: subprocess.Popen, file) -> None:
    while block := os.read(process.stdout.fileno(), 65536):
        # Where the disk is full or nobody reads any longer, the other one goes on.
        for descriptor in (file.fileno(), sys.stdout.fileno()):
            with suppress(OSError):
                os.write(descriptor, block)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
