"""What a process that was killed leaves: temporary files, and processes that it had started.

A temporary file carries the host and the number of the process that writes it in its name, so that
another process can tell whether it is still being written. Processes are found by a mark in their
environment, which every process inherits from the one that started it; a killed parent takes
nothing of that away. Needs Linux, and nothing but the standard library.
"""

import ctypes
import multiprocessing
import os
import re
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname().partition(".")[0]) or "localhost"
"""The name of this machine, as it stands in names of files."""

QUIET_SECONDS = 86_400
"""A temporary file of another machine is taken for left when nobody wrote to it for this long."""

_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_TEMPORARY = re.compile(r"\..+\.tmp-(?P<host>[A-Za-z0-9-]+)-(?P<pid>\d+)(\.[^.]*)?")
_watching: set[int] = set()


def temporary_beside(path: str | Path) -> Path:
    """Return the name under which this process writes a file or folder before it is whole.

    It is hidden, lies in the same folder, and ends as `path` does, because encoders and writers
    choose a format by the suffix.
    """
    path = Path(path)
    return path.with_name(f".{path.stem}.tmp-{HOST}-{os.getpid()}{path.suffix}")


def remove_leftovers(folder: str | Path) -> list[Path]:
    """Remove the temporary files and folders below `folder` whose writer is gone.

    Whether a process of another machine is gone cannot be seen from here; what it was writing is
    removed after `QUIET_SECONDS` without a change.

    Returns
    -------
    list of Path
        What was removed, in order.
    """
    removed = []
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            match, path = _TEMPORARY.fullmatch(name), Path(place, name)
            if match and _is_left(path, match["host"], int(match["pid"])):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(True)
                removed.append(path)
        folders[:] = [name for name in folders if not _TEMPORARY.fullmatch(name)]
    return sorted(removed)


def is_alive(pid: int) -> bool:
    """Return whether this machine has a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of somebody else
        return True
    return True


def end_with_parent() -> None:
    """End this process, within a second, when the process that started it has ended.

    For worker processes: when their parent is killed nobody tells them, and they would go on
    writing. Does nothing in a process that is no worker, or when it is called again.
    """
    if multiprocessing.parent_process() is not None and os.getpid() not in _watching:
        _watching.add(os.getpid())
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def follow_parent(number: int) -> None:
    """Have the system send this process a signal when the one that started it ends, anyhow.

    For ``preexec_fn`` of a process that is no worker of ours, and cannot watch for itself.
    """
    ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, number)


def heed_signals() -> list[int]:
    """Note the signals that ask this process to end, in the list that is returned, and go on.

    What is ignored, as hang-ups are after ``nohup``, stays so.
    """
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda number, frame: told.append(number))
    return told


def marked_processes(variable: str, value: str) -> list[int]:
    """Return the other processes of this machine whose environment says ``variable=value...``.

    Parameters
    ----------
    variable, value : str
        Name, and how the value begins. What this user may not look into is left out, and so is
        this process.
    """
    mark = f"{variable}={value}".encode()
    return sorted(pid for pid in _others() if any(e.startswith(mark) for e in _environment(pid)))


def end_marked(variable: str, value: str, patience: float = 10.0) -> list[int]:
    """End the processes that `marked_processes` finds: first by SIGTERM, later by SIGKILL.

    Parameters
    ----------
    variable, value : str
        As there.
    patience : float
        Seconds that they are given to end cleanly.

    Returns
    -------
    list of int
        Those that were found.
    """
    found: set[int] = set()
    deadline = time.monotonic() + patience
    while running := marked_processes(variable, value):
        late = time.monotonic() > deadline
        for pid in running:
            if late or pid not in found:
                _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
        found.update(running)
        time.sleep(0.05)
    return sorted(found)


def _is_left(path: Path, host: str, pid: int) -> bool:
    if host == HOST:
        return not is_alive(pid)
    try:
        return time.time() - path.stat().st_mtime > QUIET_SECONDS
    except OSError:  # renamed meanwhile
        return False


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _others() -> Iterator[int]:
    return (int(n) for n in os.listdir("/proc") if n.isdigit() and int(n) != os.getpid())


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # of somebody else, or gone meanwhile
        return []


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass
