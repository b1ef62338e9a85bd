"""From the operations of a journal to the state: what counts, what was undone, what comes back.

An undo does not take a line out of the journal: it is a line that says which operations no longer
count. Operations with one ``group``, or of one recording, are one step.
"""

from typing import Any

from emolib.annotator.operations import Scene, apply_operation
from emolib.annotator.state import State
from emolib.errors import InputError

STEERING = ("undo", "redo")


class History:
    """All operations of a rater on a video, and the state that they give.

    Attributes
    ----------
    state : State
        What counts now.
    ignored : list of str
        Why operations of other windows could not be done on what this one had done before.
    """

    def __init__(self, scene: Scene, window: str):
        self.state = State()
        self.ignored: list[str] = []
        self._scene = scene
        self._window = window
        self._operations: list[dict[str, Any]] = []
        self._undone: set[str] = set()
        self._undos: list[list[str]] = []  # steps that this window can do again, the last one last
        self._earlier: set[str] = set()  # ids from before this window was opened

    def load(self, operations: list[dict[str, Any]]) -> None:
        """Take in what earlier windows did."""
        self._earlier = {operation.get("id", "") for operation in operations}
        self._operations = list(operations)
        for operation in operations:
            self._steer(operation)
        self.ignored += self._fold()

    def add(self, operation: dict[str, Any], checked: State | None = None) -> None:
        """Take in an operation that stands in the journal.

        Parameters
        ----------
        operation : dict
            A line of the journal.
        checked : State, optional
            What it gives, if that is known already.
        """
        self._operations.append(operation)
        own = operation.get("window") == self._window
        if operation["do"] in STEERING:
            self._steer(operation, own)
            self._fold()
            return
        if own:
            self._undos.clear()
        try:
            self.state = checked or apply_operation(self.state, self._scene, operation)
        except InputError as error:
            self.ignored.append(str(error))

    def undo_step(self) -> list[dict[str, Any]]:
        """Return the operations that an undo in this window takes back; none if there are none."""
        step: list[dict[str, Any]] = []
        for operation in reversed(self._operations):  # mostly the last one is found at once
            if not self._can_undo(operation):
                continue
            if step and (_step(operation) is None or _step(operation) != _step(step[0])):
                break
            step.append(operation)
        return step

    def redo_step(self) -> list[dict[str, Any]]:
        """Return the operations that a redo in this window does again; none if there are none."""
        if not self._undos:
            return []
        wanted = set(self._undos[-1])
        return [one for one in self._operations if one.get("id") in wanted]

    def _can_undo(self, operation: dict[str, Any]) -> bool:
        """Return whether it counts, and was done in this window or before it was opened."""
        name = operation.get("id")
        own = operation.get("window") == self._window or name in self._earlier
        return own and operation["do"] not in STEERING and name not in self._undone

    def _steer(self, operation: dict[str, Any], own: bool = False) -> None:
        ids = operation.get("operations", [])
        if operation["do"] == "undo":
            self._undone |= set(ids)
            if own:
                self._undos.append(ids)
        elif operation["do"] == "redo":
            self._undone -= set(ids)
            if own and self._undos:
                self._undos.pop()

    def _fold(self) -> list[str]:
        """Compute the state anew; return what could not be done, since that was undone."""
        state, ignored = State(), []
        for operation in _whole_recordings(self._counting()):
            try:
                state = apply_operation(state, self._scene, operation)
            except InputError as error:
                ignored.append(str(error))
        self.state = state
        return ignored

    def _counting(self) -> list[dict[str, Any]]:
        return [
            operation
            for operation in self._operations
            if operation["do"] not in STEERING and operation.get("id") not in self._undone
        ]


def _step(operation: dict[str, Any]) -> str | None:
    """Return what operations of one step share."""
    return operation.get("group") or operation.get("recording")


def _whole_recordings(operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join the pieces of a recording that follow each other: a long one has thousands."""
    joined: list[dict[str, Any]] = []
    pieces: list[dict[str, Any]] = []
    for operation in [*operations, {"do": ""}]:
        if pieces and not (
            operation["do"] == "record"
            and all(operation.get(name) == pieces[-1].get(name) for name in _SAME)
            and operation["start"] == pieces[-1]["end"]
        ):
            joined.append(_one_recording(pieces))
            pieces = []
        if operation["do"] == "record":
            pieces.append(operation)
        elif operation["do"]:
            joined.append(operation)
    return joined


_SAME = ("recording", "track", "dimensions", "origin")


def _one_recording(pieces: list[dict[str, Any]]) -> dict[str, Any]:
    if len(pieces) == 1:
        return pieces[0]
    samples: dict[float, list[float]] = {}
    for piece in pieces:
        samples |= {sample[0]: sample for sample in piece["samples"]}
    return pieces[0] | {"end": pieces[-1]["end"], "samples": list(samples.values())}
