"""One build at a time in a workspace, and what to do about a lock whose holder is gone.

The system drops the lock when its holder ends, however it ends. On a network disk it may not, when
a whole machine is lost; therefore the file says who holds it.

usage: python -m workflow.scripts.lock WORKSPACE    clear a lock that was left (`make unlock`)
"""

import errno
import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple, TextIO

from emolib.leftovers import HOST

NAME = ".lock"


class Locked(Exception):
    """Another build holds the lock; the message says who, since when, and what to do."""


class Holder(NamedTuple):
    """Who holds a lock."""

    host: str
    process: int
    since: str
    birth: int
    """When the process was started, in ticks since the machine was, which tells it from another of
    the same number."""

    @property
    def here(self) -> bool:
        """Whether it runs, or ran, on this machine."""
        return self.host == HOST

    @property
    def alive(self) -> bool:
        """Whether it still runs; only to be asked of a holder on this machine."""
        return _birth(self.process) == self.birth

    def __str__(self) -> str:
        """Return who it is and since when, for a sentence."""
        place = f"this machine ({self.host})" if self.here else self.host
        return f"process {self.process} on {place} since {self.since}"


def take(workspace: Path, config: str) -> TextIO:
    """Lock a workspace for this process, for as long as the file that is returned is open.

    Raises
    ------
    Locked
        If another process holds the lock, or the disk has no locks.
    """
    workspace.mkdir(parents=True, exist_ok=True)
    file = _lock(workspace)
    if file is None:
        raise Locked(_explained(workspace, config, _holder(workspace)))
    holder = Holder(HOST, os.getpid(), time.strftime("%Y-%m-%d %H:%M:%S"), _birth(os.getpid()))
    file.truncate(0)
    file.write(json.dumps(holder._asdict()) + "\n")
    file.flush()
    return file


def release(file: TextIO) -> None:
    """Give a lock back; who held it is no longer of interest."""
    file.truncate(0)
    file.close()


def unlock(workspace: Path) -> str:
    """Clear a lock whose holder is gone; return what was done.

    Raises
    ------
    Locked
        If the holder runs on this machine.
    """
    file = _lock(workspace) if (workspace / NAME).is_file() else None
    if file is not None or not (workspace / NAME).is_file():
        if file is not None:
            release(file)
        return f"{workspace} is not locked; there is nothing to clear."
    holder = _holder(workspace)
    if holder is not None and holder.here and holder.alive:
        raise Locked(
            f"{workspace} is being built by {holder}, which is running; wait for it to end, or end "
            f"it with `kill {holder.process}`."
        )
    (workspace / NAME).unlink()  # a lock hangs on the file, and the next build makes a new one
    return f"The lock of {workspace} is cleared; it was held by {holder or 'nobody knows whom'}."


def _lock(workspace: Path) -> TextIO | None:
    """Return the open file that holds the lock; None where another process has it."""
    while True:
        file = (workspace / NAME).open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except OSError as error:
            raise Locked(
                f"{workspace}: this disk cannot lock files ({os.strerror(error.errno)}), so two "
                "builds could spoil each other; mount it with locks, or build on another one."
                if error.errno in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
                else f"{workspace / NAME}: cannot be locked: {error.strerror}"
            ) from error
        try:
            if os.fstat(file.fileno()).st_ino == (workspace / NAME).stat().st_ino:
                return file
        except FileNotFoundError:
            pass
        file.close()  # it was cleared meanwhile


def _explained(workspace: Path, config: str, holder: Holder | None) -> str:
    remedy = f"`make unlock CONFIG={config}`"
    if holder is None:
        return (
            f"{workspace} is locked by a build that did not say who it is; wait for it to end, or, "
            f"where none is running on any machine: {remedy}."
        )
    if not holder.here:
        return (
            f"{workspace} is being built by {holder}; wait for it to end, or, where that process "
            f"or that machine is gone: {remedy}."
        )
    if holder.alive:
        return f"{workspace} is being built by {holder}; wait for it to end."
    return f"{workspace} is locked by {holder}, which is gone; clear its lock: {remedy}."


def _holder(workspace: Path) -> Holder | None:
    try:
        return Holder(**json.loads((workspace / NAME).read_text()))
    except (OSError, ValueError, TypeError):  # none, or one that is just being written
        return None


def _birth(pid: int) -> int:
    """Return when a process of this machine was started; 0 where there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    # The name, in brackets, may hold blanks; the start is the 22nd field.
    return int(stat.rpartition(")")[2].split()[19])


def main(workspace: str) -> int:
    """Clear the lock of a workspace; return the exit status."""
    try:
        print(unlock(Path(workspace)))
    except Locked as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
