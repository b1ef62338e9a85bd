"""Run Snakemake in a workspace of which this process holds the lock, and see that it ends well.

usage: python -m workflow.scripts.build CONFIG WORKSPACE SNAKEMAKE...

What a killed build left, files and processes, is removed first. When this process is told to end,
or the one that started it is gone, the jobs of the build end too. Prints one sentence and returns 1
where another build holds the lock.
"""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

from emolib.leftovers import end_marked, follow_parent, heed_signals, remove_leftovers
from workflow.scripts.lock import Locked, release, take

MARK = "EMOLIB_BUILD"
"""Environment variable that marks every process of a build: ``<workspace>@<start in ns>``."""


def main(config: str, workspace: str, *command: str) -> int:
    """Run the command under the lock of a workspace; return its exit status."""
    folder = Path(workspace)
    try:
        lock = take(folder, config)
    except Locked as error:
        print(error, file=sys.stderr)
        return 1
    place = f"{folder.resolve()}@"
    if end_marked(MARK, place):
        print("Ended what a build that was killed had left running.", file=sys.stderr)
    if left := remove_leftovers(folder):
        print(f"Removed {len(left)} half-written files of a killed build.", file=sys.stderr)
    try:
        return run(command, place)
    finally:
        release(lock)


def run(command: tuple[str, ...], place: str) -> int:
    """Run a command until it ends or this process has to; return the exit status."""
    told = heed_signals()
    parent = os.getppid()
    environment = os.environ | {MARK: f"{place}{time.time_ns()}"}
    process = subprocess.Popen(
        command, env=environment, preexec_fn=partial(follow_parent, signal.SIGKILL)
    )
    while process.poll() is None:
        if told or os.getppid() != parent:
            stop(process, place, by_terminal=signal.SIGINT in told)
            print("The build was ended; the same command goes on where it was.", file=sys.stderr)
            return 128 + (told[0] if told else signal.SIGHUP)
        time.sleep(0.1)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def stop(process: subprocess.Popen, place: str, by_terminal: bool) -> None:
    """End Snakemake and its jobs; it is given some seconds to note which were not finished."""
    if not by_terminal:  # which sends it to all of the build
        process.send_signal(signal.SIGINT)
    end_marked(MARK, place, patience=15)
    process.wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
