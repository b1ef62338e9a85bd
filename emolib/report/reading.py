"""What a chapter reads of its build, noted while it is executed.

A chapter says nowhere what it reads; it is watched. Python announces every file that a process
opens to its audit hooks (PEP 578), and `emolib.storage` announces those that Arrow opens. The first
time a file of the build is opened for reading, its path is written to ``reads/<chapter>.txt``.

Records of what something was made from (``*.inputs.json``) are left out: they are looked at to see
whether a run is lacking, and no number comes from them. What a chapter reads in other processes is
not noted; chapters have none.

References
----------
PEP 578, Python Runtime Audit Hooks, https://peps.python.org/pep-0578/
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TextIO

import pandas as pd

from emolib.storage import READ, file_hash, value_hash
from emolib.workspace import Workspace

STAGES = {
    **dict.fromkeys(("corpus", "corpus.json", "videos.parquet", "people.parquet"), "videos"),
    **dict.fromkeys(("stamps", "problems", "clips"), "videos"),
    **dict.fromkeys(("faces", "faces.parquet", "face_counts.parquet", "detections"), "faces"),
    "crops": "crops",
    **dict.fromkeys(("dimensional.parquet", "categorical.parquet", "annotate"), "annotations"),
    **dict.fromkeys(("samples.parquet", "coverage.parquet", "balance.parquet"), "samples"),
    **dict.fromkeys(("lag.parquet", "raters.parquet"), "samples"),
    "features": "features",
    "runs": "runs",
    "ablations": "ablations",
    "search": "searches",
}
"""What lies in a workspace -> what it is called; everything else is a record of the build."""

RECORDS = "records"
"""What files are called that tell of the build itself: times, and what chapters read."""

STAGE_NAMES = (*dict.fromkeys(STAGES.values()), RECORDS)
"""What can be read, in the order in which it is made."""


class Reads(NamedTuple):
    """What a chapter read of its build."""

    runs: tuple[str, ...]
    """Runs of which a result was opened, as folders of the workspace without ``runs/``."""
    tables: dict[str, str]
    """Tables of the build, by path in the workspace, with the SHA-256 of each."""
    files: dict[str, int]
    """How many files of each value of `STAGES` were opened, in the order of the stages."""

    @property
    def data_hash(self) -> str:
        """Twelve digits that change with any of the tables."""
        return value_hash(self.tables)


def note_reads(workspace: Workspace, chapter: str) -> Path:
    """Note from now on which files of a build this process reads; return where.

    What was noted of an earlier execution of the chapter is forgotten. A process notes for one
    chapter at a time.
    """
    global _note
    path = reads_path(workspace, chapter)
    path.parent.mkdir(parents=True, exist_ok=True)
    if _note is None:
        sys.addaudithook(_watch)
    else:
        _note.file.close()
    # A line at a time, at once: a kernel that has to end does not say so before.
    _note = _Note(path.open("w", buffering=1), workspace.folder.absolute())
    return path


def read_reads(workspace: Workspace, chapter: str) -> Reads:
    """Return what a chapter of a build read when the build executed it.

    Raises
    ------
    FileNotFoundError
        If the build has not executed it.
    """
    paths = [Path(line) for line in reads_path(workspace, chapter).read_text().splitlines()]
    runs, tables, files = {}, {}, dict.fromkeys(STAGE_NAMES, 0)
    for path in sorted(paths):
        folders = path.parts[:-1]
        files[STAGES.get(path.parts[0], RECORDS)] += 1
        if "runs" in folders:
            place = folders.index("runs")
            runs["/".join((*folders[:place], *folders[place + 1 : place + 2]))] = None
        elif path.suffix == ".parquet" and folders[:1] in ((), ("ablations",), ("search",)):
            tables[str(path)] = file_hash(workspace.folder / path)
    return Reads(tuple(runs), tables, {stage: n for stage, n in files.items() if n})


def all_reads(workspace: Workspace, chapters: Iterable[str]) -> dict[str, Reads]:
    """Return what each of these chapters read, in their order, if the build has executed it."""
    executed = [name for name in chapters if reads_path(workspace, name).is_file()]
    return {name: read_reads(workspace, name) for name in executed}


def stage_rows(reads: Mapping[str, Reads]) -> pd.DataFrame:
    """Return ``chapter, stage, files``: how many files of each stage every chapter opened."""
    rows = [(name, *pair) for name, each in reads.items() for pair in each.files.items()]
    return pd.DataFrame(rows, columns=["chapter", "stage", "files"])


def read_rows(reads: Mapping[str, Reads]) -> pd.DataFrame:
    """Return what each chapter read as the book prints it: tables, runs, and one hash."""
    rows = [
        (
            name,
            ", ".join(each.tables) or "–",
            len(each.runs),
            each.data_hash if each.tables else "–",
        )
        for name, each in reads.items()
    ]
    return pd.DataFrame(rows, columns=["chapter", "tables", "runs", "data hash"])


def reads_sentence(reads: Mapping[str, Reads]) -> str:
    """Return how many chapters, that of provenance not counted, rest on what, in a sentence."""
    if not reads:
        return "No chapter of this build was executed yet."
    found = Counter(map(_rests_on, reads.values()))
    endings = {
        "runs": "open{s} runs",
        "tables": "open{s} tables of this build but no run",
        "files": "open{s} other files of it",
        "records": "open{s} its records alone, and so show{s} what it cost and not what it found",
        "nothing": "open{s} nothing of it: what {these} does not depend on the corpus",
    }
    said = [
        f"{found[kind]} "
        + ending.format(
            s="s" * (found[kind] == 1),
            these="this one shows" if found[kind] == 1 else "these show",
        )
        for kind, ending in endings.items()
        if found[kind]
    ]
    return f"Of the {len(reads)} other chapters, {'; '.join(said)}."


def reads_path(workspace: Workspace, chapter: str) -> Path:
    """Return where it is noted what a chapter reads."""
    return workspace.folder / "reads" / f"{chapter}.txt"


def _rests_on(reads: Reads) -> str:
    """Return what of a build a chapter opened, the most that it rests on."""
    if reads.runs:
        return "runs"
    if reads.tables:
        return "tables"
    if reads.files.keys() - {RECORDS}:
        return "files"
    return "records" if reads.files else "nothing"


class _Note:
    """The files below a folder that were read, each written to `file` once."""

    def __init__(self, file: TextIO, folder: Path):
        self.file = file
        self.start = f"{folder}{os.sep}"
        self.seen: set[str] = set()

    def add(self, name: str) -> None:
        path = os.path.abspath(name)
        if path in self.seen or not path.startswith(self.start):
            return
        self.seen.add(path)
        # What is written has a hidden name until it is whole, and is opened once more for that.
        hidden = os.path.basename(path).startswith(".")
        if not (hidden or path.endswith(".inputs.json")) and os.path.isfile(path):
            self.file.write(path.removeprefix(self.start) + "\n")


_note: _Note | None = None


def _watch(event: str, arguments: tuple) -> None:
    """Hear of everything that Python announces; what is raised here would fail what it is about."""
    if event == "open":
        name, _, flags = arguments
        reading = flags & os.O_ACCMODE == os.O_RDONLY
    elif event in (READ, "sqlite3.connect"):
        name, reading = arguments[0], True
    else:
        return
    if reading and isinstance(name, str | os.PathLike) and not _note.file.closed:
        _note.add(os.fspath(name))
