"""The journal of a rater on a video: a line of JSON for everything that was done, never rewritten.

The first line says which video and which rater; every other line is an operation
(`emolib.annotator.operations`) with its ``id``, the ``window`` it was done in and ``when``. A line
is on the disk before the page is told that it was done. Several windows append to one journal, one
at a time, and each reads what the others wrote.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from emolib.errors import InputError

FORMAT = 1


class Journal:
    """An append-only file of operations.

    Parameters
    ----------
    path : Path
        The file; it is made with its first line where it is not there yet.
    heading : dict
        Whose annotation of which video it is: ``video``, ``rater`` and what identifies the file
        of the video. What stands in the file must agree in ``video``, ``rater``, ``size`` and
        ``digest``.

    Raises
    ------
    InputError
        If the journal is about another video or rater, or the folder cannot be written to.
    """

    def __init__(self, path: Path, heading: dict[str, Any]):
        self.path = path
        self.problems: list[str] = []
        self._offset = 0  # bytes that were read
        self._line = 0
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = open(path, "ab+", buffering=0)
        except OSError as error:
            raise InputError(
                f"{path}: annotations cannot be written there ({error.strerror}); give the tool a "
                "corpus folder that you may write to"
            ) from error
        with self._locked():
            if os.fstat(self._file.fileno()).st_size == 0:
                self._write({"journal": FORMAT, **heading})
        self._check(heading)

    def read(self) -> list[dict[str, Any]]:
        """Return the operations that were written since the last call, by any window.

        Lines that cannot be read are left out, and said in `problems`.
        """
        with self._locked():
            return self._read()

    def append(self, operation: dict[str, Any]) -> list[dict[str, Any]]:
        """Write an operation to the disk; return what others wrote since the last call, and it."""
        with self._locked():
            others = self._read()
            self._write(operation)
            return others + self._read()

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _read(self) -> list[dict[str, Any]]:
        data = os.pread(self._file.fileno(), _REST, self._offset)
        while len(chunk := os.pread(self._file.fileno(), _REST, self._offset + len(data))):
            data += chunk
        entries = []
        for text in data.splitlines(keepends=True):
            if not text.endswith(b"\n"):
                break  # what a killed window left of a line; the next one to write ends it
            self._offset += len(text)
            self._line += 1
            entry = parse_line(text)
            if entry is None:
                self.problems.append(
                    f"{self.path}:{self._line}: this line is damaged and was left out; all other "
                    "lines are kept"
                )
            elif "journal" not in entry:
                entries.append(entry)
        return entries

    def _write(self, operation: dict[str, Any]) -> None:
        line = json.dumps(operation, ensure_ascii=False, separators=(",", ":")) + "\n"
        data = line.encode()
        descriptor = self._file.fileno()
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data  # a window was killed in the middle of a line
        try:
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        except OSError as error:
            os.ftruncate(descriptor, size)  # half a line would be taken for damage
            raise InputError(
                f"{self.path}: the last change could not be written ({error.strerror}), so that it "
                "was not made; free some space or restore the folder, then do it again"
            ) from error

    def _check(self, heading: dict[str, Any]) -> None:
        with open(self.path, "rb") as file:
            found = parse_line(file.readline())
        if found is None or "journal" not in found:
            return  # `read` says that the line is damaged
        if found["journal"] != FORMAT:
            raise InputError(
                f"{self.path}: was written by a version of the tool that is not this one "
                f"({found['journal']} for {FORMAT})"
            )
        for name in ("video", "rater", "size", "digest"):
            if name in heading and found.get(name) != heading[name]:
                raise InputError(
                    f"{self.path}: is the journal of another {_NAMED[name]} "
                    f"({found.get('video')!r} by {found.get('rater')!r}, "
                    f"{found.get('size')} bytes); if the file of the video was replaced by one "
                    "with other frames, move the journal away and begin again"
                )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)


_REST = 1 << 24  # bytes in a piece
_NAMED = {"video": "video", "rater": "rater", "size": "video file", "digest": "video file"}


def parse_line(line: bytes) -> dict[str, Any] | None:
    """Return the operation, or the heading, that a line of a journal holds; None if damaged."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and ("do" in entry or "journal" in entry) else None
