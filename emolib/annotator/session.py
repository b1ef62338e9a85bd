"""One rater at work on one video: what is done goes to the journal, then into the tables.

The tables are written after every change, except while a trace is recorded: then the journal, which
has every piece at once, is enough, and they follow when the recording ends.
"""

import hashlib
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from emolib.annotator.folders import journal_path
from emolib.annotator.history import STEERING, History
from emolib.annotator.journal import Journal, parse_line
from emolib.annotator.operations import Scene, apply_operation
from emolib.annotator.state import State
from emolib.annotator.tables import write_tables
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import DIMENSIONS

EDGE = 1 << 20  # bytes at either end of a video by which it is known


class Session:
    """A rater's annotation of a video, kept on the disk.

    Parameters
    ----------
    video : Path
        The video file.
    corpus : Path
        Folder of the corpus that the tables are written into.
    rater : str
        Who annotates.
    scene : Scene
        Number of frames of the video, and what is proposed.
    visible : mapping of str to ndarray of bool, shape (frames,)
        By track, in order: whether a face of the person was found in each frame.

    Raises
    ------
    InputError
        If the rater has no usable name, the folder cannot be written to, or the journal that lies
        there is about another video.
    """

    def __init__(
        self,
        video: Path,
        corpus: Path,
        rater: str,
        scene: Scene,
        visible: Mapping[str, np.ndarray],
    ):
        self.corpus, self.rater, self.name = corpus, _rater(rater), video.stem
        self.scene, self.visible = scene, visible
        self.window = uuid.uuid4().hex[:12]
        self.saved = ""
        self._revision = 0
        self._traces: dict[str, int] = {}  # how often the trace of a person changed
        self._journal = Journal(journal_path(corpus, self.name, rater), _heading(video, rater))
        self._history = History(scene, self.window)
        self._history.load(self._journal.read())
        self.problems = self._journal.problems + self._history.ignored
        self._ignored = len(self._history.ignored)
        self._unwritten = self._history.state != State()  # tables of a killed window may be older

    @property
    def state(self) -> State:
        """Return what the annotation is now."""
        return self._history.state

    @property
    def revision(self) -> int:
        """Return how often the annotation has changed in this session."""
        return self._revision

    def do(self, operation: Mapping[str, Any], write: bool = True) -> list[str]:
        """Do an operation, and put it on the disk.

        Parameters
        ----------
        operation : mapping
            See `emolib.annotator.operations`.
        write : bool
            Whether to write the tables too; pieces of a recording leave it to what comes next.

        Returns
        -------
        list of str
            What the rater is to be told: that another window changed something.

        Raises
        ------
        InputError
            If it cannot be done, or cannot be written; nothing has changed then.
        """
        told = self.sync()
        before = self.state
        entry = {
            "id": uuid.uuid4().hex[:12],
            "window": self.window,
            "when": datetime.now(UTC).isoformat(timespec="milliseconds"),
            **operation,
        }
        checked = None
        if entry.get("do") in STEERING:
            undo = entry["do"] == "undo"
            step = self._history.undo_step() if undo else self._history.redo_step()
            if not step:
                raise InputError(f"there is nothing to {entry['do']}")
            entry["operations"] = [one["id"] for one in step]
        else:
            checked = apply_operation(before, self.scene, entry)
        entries = self._journal.append(entry)
        for other in entries[:-1]:  # written since `sync`, an instant ago
            self._history.add(other)
        self._history.add(entry, checked if len(entries) == 1 else None)
        self._changed(before)
        if write and entry["do"] != "record":
            self.write()
        return told

    def sync(self) -> list[str]:
        """Take in what other windows did; return what the rater is to be told of it."""
        before = self.state
        entries = self._journal.read()
        for entry in entries:
            self._history.add(entry)
        told = [*self._history.ignored[self._ignored :]]
        self._ignored = len(self._history.ignored)
        if entries:
            self._changed(before)
            changes = "1 change" if len(entries) == 1 else f"{len(entries)} changes"
            told.append(
                f"This video is open in another window, which made {changes}; they are shown here."
            )
        return told

    def write(self) -> None:
        """Write the tables, if they are not what the journal gives."""
        if self._unwritten:
            write_tables(self.corpus, self.state, self.rater, self.name, list(self.visible))
            self._unwritten = False

    def view(self) -> dict[str, Any]:
        """Return what the page shows; see ``store.js``."""
        state, history = self.state, self._history
        undo, redo = history.undo_step(), history.redo_step()
        tracks = [*self.visible, *sorted(state.tracks - set(self.visible))]
        return {
            "revision": self._revision,
            "rater": self.rater,
            "tracks": [{"name": track} for track in tracks],
            "intervals": [
                asdict(one)
                for one in sorted(state.intervals.values(), key=lambda one: (one.track, one.start))
            ],
            "traces": {track: self._trace_view(track) for track in tracks},
            "corrections": [
                asdict(one) | {"kind": "reassign" if one.to else "reject_faces"}
                for one in state.corrections.values()
            ],
            "proposals": self._proposals_view(),
            "reviews": [asdict(one) for one in state.reviews],
            "stage": state.stage,
            "reviews_due": state.reviews_due,
            "notes": [
                asdict(one) for one in sorted(state.notes.values(), key=lambda one: one.frame)
            ],
            "undo": _describe(undo[-1]) if undo else None,
            "redo": _describe(redo[0]) if redo else None,
            "coverage": coverage(state, self.visible),
            "latency": state.calibration,
            "correct_latency": state.correct_latency,
            "saved": self.saved,
            "problems": self.problems,
        }

    def close(self) -> None:
        """Write what is not written yet, and let the journal go."""
        self.write()
        self._journal.close()

    def _changed(self, before: State) -> None:
        self._revision += 1
        self._unwritten = True
        self.saved = datetime.now().strftime("%H:%M:%S")
        for key in set(before.traces) | set(self.state.traces):
            if before.traces.get(key) is not self.state.traces.get(key):
                self._traces[key[0]] = self._revision

    def _trace_view(self, track: str) -> dict[str, Any]:
        traces = {name: self.state.trace(track, name) for name in DIMENSIONS}
        return {
            "revision": self._traces.get(track, 0),
            "samples": max(len(trace.time) for trace in traces.values()),
            "covered": {
                name: [[start, end] for start, end, _ in trace.stretches]
                for name, trace in traces.items()
            },
        }

    def _proposals_view(self) -> dict[str, Any]:
        traces: dict[str, int] = {}
        for (track, _), trace in self.scene.traces.items():
            traces[track] = max(traces.get(track, 0), len(trace.time))
        open_ones = [
            asdict(one)
            for one in self.scene.intervals.values()
            if one.id not in self.state.dismissed
        ]
        return {"run": self.scene.run, "intervals": open_ones, "traces": traces}


def read_state(corpus: Path, video: str, rater: str, frames: int) -> tuple[State, str]:
    """Return what a rater has said about a video so far, and when last (ISO 8601), or "".

    Nothing is written, and nobody has to wait.
    """
    path = journal_path(corpus, video, rater)
    history, last = History(Scene(frames, {}, {}), ""), ""
    if path.is_file():
        lines = map(parse_line, path.read_bytes().splitlines())
        operations = [entry for entry in lines if entry and "do" in entry]
        last = next((one["when"] for one in reversed(operations) if "when" in one), "")
        history.load(operations)
    return history.state, last


def coverage(state: State, visible: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Return the share of the faces that have a category, and that have valence and arousal."""
    total = sum(int(shown.sum()) for shown in visible.values())
    labelled = rated = 0
    for track, shown in visible.items():
        has_category = np.zeros(len(shown), dtype=bool)
        for one in state.intervals.values():
            if one.track == track:
                has_category[one.start : one.end] = True
        has_both = np.ones(len(shown), dtype=bool)
        for name in DIMENSIONS:
            has_one = np.zeros(len(shown), dtype=bool)
            for start, end, _ in state.trace(track, name).stretches:
                has_one[int(np.ceil(start * STREAM_RATE)) : int(end * STREAM_RATE) + 1] = True
            has_both &= has_one
        labelled += int((has_category & shown).sum())
        rated += int((has_both & shown).sum())
    return {"categories": labelled / max(total, 1), "dimensions": rated / max(total, 1)}


def _heading(video: Path, rater: str) -> dict[str, Any]:
    """Return the first line of a journal: enough to know the video again without reading it all."""
    if video.is_dir():
        return {"video": video.name, "rater": rater}
    size = video.stat().st_size
    digest = hashlib.sha256()
    with open(video, "rb") as file:
        digest.update(file.read(EDGE))
        file.seek(max(size - EDGE, 0), os.SEEK_SET)
        digest.update(file.read(EDGE))
    return {"video": video.stem, "rater": rater, "size": size, "digest": digest.hexdigest()[:16]}


def _rater(name: str) -> str:
    if not name or not all(letter.isalnum() or letter in "-_" for letter in name):
        raise InputError(
            f"rater {name!r}: say who annotates with letters, digits, - and _ alone, since it "
            "becomes part of the names of files"
        )
    return name


def _describe(operation: Mapping[str, Any]) -> str:
    """Say what an operation does, for the buttons of undo and redo."""
    words = operation["do"].replace("_", " ")
    return f"{words} {operation['emotion']}" if operation.get("emotion") else words


def visible_frames(
    faces: pd.DataFrame | None, video: str, frames: int, tracks: Sequence[str] = ()
) -> dict[str, np.ndarray]:
    """Return by track in which frames a face of it was found; without faces, one track is seen.

    Parameters
    ----------
    faces : DataFrame or None
        Rows of the columns ``track``, ``video``, ``frame`` and ``status``.
    video : str
        The name of the video.
    frames : int
        Frames of its stream.
    tracks : sequence of str
        Further people of the video.
    """
    visible = {track: np.zeros(frames, dtype=bool) for track in tracks}
    if faces is not None:
        rows = faces[(faces["video"] == video) & (faces["status"] != "rejected")]
        for track, found in rows.groupby("track", sort=False)["frame"]:
            seen = visible.setdefault(str(track), np.zeros(frames, dtype=bool))
            seen[found[(found >= 0) & (found < frames)].to_numpy()] = True
    if not visible:
        return {video: np.ones(frames, dtype=bool)}
    for seen in visible.values():
        if not seen.any():
            seen[:] = True  # nothing is known of where this person is
    return visible
