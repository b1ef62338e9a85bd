"""Logs of jobs: how an attempt ended, why, and the few earlier ones that are kept.

Snakemake deletes the log of a job before it runs it again. Each attempt therefore writes a file of
its own, in the folder ``attempts`` beside the log, and the log is a link to the last one.
"""

import os
import re
import signal
import time
from pathlib import Path
from typing import NamedTuple

KEPT = 4
"""Attempts of a job whose logs are kept, the last one included."""

PASSING = (
    "DeadKernelError",  # what a chapter ran in was killed
    "MemoryError",
    "ResourceExhaustedError",  # of TensorFlow: no memory, on a GPU mostly
    "Stale file handle",
    "Input/output error",
    "Connection timed out",
    "Connection reset",
    "Transport endpoint is not connected",
)
"""Words of an error after which another attempt may succeed."""

_TRAILER = re.compile(r"# ended (?:with status (?P<status>\d+)|by (?P<signal>SIG\w+)) after .*")
_EXCEPTION = re.compile(r"(?P<kind>[\w.]*(?:Error|Exception|Interrupt)): (?P<text>.*\S.*)")
_OF_SPHINX = re.compile(r"\S+: (?:WARNING|ERROR|CRITICAL): .+")
_WORDS = {
    signal.SIGKILL: "it was killed (SIGKILL), as happens where memory is full",
    signal.SIGTERM: "it was told to end (SIGTERM)",
    signal.SIGINT: "it was interrupted",
}


class Ending(NamedTuple):
    """How the last execution of a job ended, as its log tells."""

    build: str
    """The mark of the build that it belonged to; empty where there is none."""
    status: int | None
    """Its exit status, 128 + n where signal n ended it; None where it could not write that."""
    sentence: str
    """What went wrong, for a person."""

    @property
    def passing(self) -> bool:
        """Whether another attempt may succeed."""
        killed = self.status is None or self.status > 128
        return killed or any(words in self.sentence for words in PASSING)


def attempts(log: Path) -> list[Path]:
    """Return the logs of the attempts that are kept, the oldest first."""
    pattern = re.compile(re.escape(log.stem) + r"\.\d{8}-\d{6}-\d+" + re.escape(log.suffix))
    folder = log.parent / "attempts"
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    return [folder / name for name in names if pattern.fullmatch(name)]


def begin(log: Path) -> Path:
    """Return where a new attempt writes; the log leads there, and old attempts are dropped."""
    name = f"{log.stem}.{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}{log.suffix}"
    attempt = log.parent / "attempts" / name
    attempt.parent.mkdir(parents=True, exist_ok=True)
    attempt.touch()
    for older in attempts(log)[:-KEPT]:
        older.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    log.symlink_to(Path("attempts") / name)
    return attempt


def ending(log: Path) -> Ending:
    """Read how the last attempt of a job ended."""
    if not (kept := attempts(log)):
        return Ending("", None, "it never began")
    lines = re.split(r"[\r\n]+", kept[-1].read_text(errors="replace"))
    build = next((line[8:] for line in lines[:3] if line.startswith("# build ")), "")
    trailers = [match for line in lines if (match := _TRAILER.fullmatch(line))]
    if not trailers:
        return Ending(build, None, "it was killed, or the machine that it ran on was lost")
    if number := trailers[-1]["signal"]:
        number = signal.Signals[number]
        return Ending(build, 128 + number, _WORDS.get(number, f"{number.name} ended it"))
    status = int(trailers[-1]["status"])
    said = [line.strip() for line in lines if line.strip() and not line.startswith("# ")]
    return Ending(build, status, _sentence(said, status))


def trailer(status: int, seconds: float) -> str:
    """Return the last line of a log; a status of -n, or 128 + n, says that signal n ended it."""
    number = -status if status < 0 else status - 128
    if number > 0 and number in set(signal.Signals):
        return f"\n# ended by {signal.Signals(number).name} after {seconds:.0f} s\n"
    return f"\n# ended with status {status} after {seconds:.0f} s\n"


def _sentence(said: list[str], status: int) -> str:
    if status == 0:
        return "its results could not be put in place; what Snakemake printed above says why"
    for line in reversed(said):
        if line.startswith("error: "):
            return line.removeprefix("error: ")
        if match := _EXCEPTION.fullmatch(line):
            ours = match["kind"].rpartition(".")[2] == "InputError"
            return match["text"] if ours else line
    # Sphinx goes on after what it calls an error here, and complains of the consequences.
    of_sphinx = [line for line in said if _OF_SPHINX.fullmatch(line)]
    return (of_sphinx[:1] or said[-1:] or [f"it ended with status {status} and said nothing"])[0]
