"""Logs of jobs: how an attempt ended, why, and the few earlier ones that are kept."""

import re
import signal
from pathlib import Path
from typing import NamedTuple

KEPT = 3
"""Logs of earlier executions that stay beside the last one."""

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


def ending(log: Path) -> Ending:
    """Read how the last execution of a job ended."""
    if not log.is_file():
        return Ending("", None, "it never began")
    lines = re.split(r"[\r\n]+", log.read_text(errors="replace"))
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


def move_aside(log: Path) -> None:
    """Move a log to LOG.1, and what is there to LOG.2, and so on; the oldest is dropped."""
    for number in reversed(range(KEPT)):
        older = log.with_name(f"{log.name}.{number}") if number else log
        if older.is_file():
            older.replace(log.with_name(f"{log.name}.{number + 1}"))


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
