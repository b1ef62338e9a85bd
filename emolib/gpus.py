"""Which GPUs this machine has, and a claim on some that no other job of the package uses.

TensorFlow takes nearly all memory of every GPU that it sees, so two jobs must not see the same one.
A cluster shows a job its own GPUs alone. On one machine, a job locks a file for each GPU that it
claims. The system drops the lock when the job ends, however it ends, so no claim outlives its
process. This has to happen before TensorFlow is imported.
"""

import fcntl
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""Variable that says which GPUs CUDA shows to a process, by number or by identifier."""

PAUSE = 1.0
"""Seconds between two looks at whether a GPU has become free."""

logger = logging.getLogger(__name__)


def list_gpus() -> list[str]:
    """Return the GPUs that a process may use, by number; none where there is no NVIDIA driver.

    Those that ``CUDA_VISIBLE_DEVICES`` names, where it is set, else all that ``nvidia-smi`` lists.
    """
    numbers = _installed()
    if VISIBLE not in os.environ:
        return list(dict.fromkeys(numbers.values()))
    # As CUDA does: what follows a device that is not there counts for nothing.
    named = [name.strip() for name in os.environ[VISIBLE].split(",")]
    known = [numbers.get(name, name) for name in named]
    there = set(numbers.values())
    return known[: next((i for i, name in enumerate(known) if name not in there), len(known))]


@contextmanager
def claim_gpus(count: int) -> Iterator[list[str]]:
    """Wait for free GPUs and hold them for the block; CUDA shows no others meanwhile.

    Parameters
    ----------
    count : int
        How many to hold, or all if there are fewer.

    Yields
    ------
    list of str
        Their numbers; none where the machine has no GPU, or where a cluster has chosen already.
    """
    gpus = [] if "SLURM_JOB_ID" in os.environ else list_gpus()
    if not gpus:
        yield []
        return
    held = _wait_for(gpus, min(count, len(gpus)))
    # In this order, the numbers are those of nvidia-smi.
    shown = {VISIBLE: ",".join(held), "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    before = {name: os.environ.pop(name, None) for name in shown}
    os.environ.update(shown)
    try:
        yield list(held)
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value
        for file in held.values():
            file.close()


def _wait_for(gpus: list[str], count: int) -> dict[str, IO]:
    """Return so many GPUs, with the files that hold their locks."""
    waiting = False
    # All at once or none: two jobs that each held one and waited for another would wait forever.
    while len(free := _lock_free(gpus, count)) < count:
        for file in free.values():
            file.close()
        if not waiting:
            logger.warning("other jobs use the GPUs (%s); waiting for them", ", ".join(gpus))
        waiting = True
        time.sleep(PAUSE)
    return free


def _installed() -> dict[str, str]:
    """Return the number of each GPU, by number and by identifier."""
    if shutil.which("nvidia-smi") is None:
        return {}
    command = ["nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader"]
    asked = subprocess.run(command, capture_output=True, text=True, check=False)
    if asked.returncode:  # tools without a driver, or a driver without a GPU
        return {}
    pairs = [tuple(map(str.strip, line.split(","))) for line in asked.stdout.splitlines() if line]
    return {name: number for number, uuid in pairs for name in (number, uuid)}


def _lock_free(gpus: list[str], count: int) -> dict[str, IO]:
    """Lock up to `count` GPUs that nobody has locked; return the files that hold the locks."""
    folder = Path(tempfile.gettempdir()) / f"emolib-gpus-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    locked: dict[str, IO] = {}
    for gpu in gpus:
        if len(locked) == count:
            break
        file = (folder / f"{gpu}.lock").open("w")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
        else:
            locked[gpu] = file
    return locked
