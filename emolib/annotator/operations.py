"""What a rater can do to an annotation: each operation checks itself and gives the next state.

An operation is a dictionary with the name of what it does under ``do``; its other fields are the
arguments of the function of that name below. Frames count the 30 fps stream from 0, times are in s.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emolib.annotator.state import HAND, Correction, Interval, Note, Review, State, Trace
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS

REVIEW_KINDS = ("watched", "marked", "reviewed")


@dataclass(frozen=True)
class Scene:
    """What operations refer to and do not change: the video, and what a network proposes.

    Attributes
    ----------
    frames : int
        Frames of the 30 fps stream.
    intervals : mapping of str to Interval
        Proposed intervals by their id.
    traces : mapping of (str, str) to Trace
        Proposed traces by track and dimension.
    run : str
        The run that proposes; empty without one.
    """

    frames: int
    intervals: Mapping[str, Interval]
    traces: Mapping[tuple[str, str], Trace]
    run: str = ""


def apply_operation(state: State, scene: Scene, operation: Mapping[str, Any]) -> State:
    """Return the state after an operation.

    Raises
    ------
    InputError
        If the operation is unknown, lacks a field, or cannot be done in this state.
    """
    fields = {name: value for name, value in operation.items() if name not in ENVELOPE}
    function = OPERATIONS.get(operation.get("do", ""))
    if function is None:
        raise InputError(f"the operation {operation.get('do')!r} is unknown to this version")
    if function is review:
        fields["when"] = operation.get("when", "")
    try:
        inspect.signature(function).bind(state, scene, **fields)
    except TypeError as error:
        raise InputError(f"the operation {operation['do']!r} cannot be done: {error}") from error
    if function in _MARKING and state.stage == "watch":
        raise InputError(
            "watch the video from beginning to end first, and mark it as watched: what comes later "
            "decides what an expression means"
        )
    try:
        return function(state, scene, **fields)
    except (TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the operation {operation['do']!r} is damaged: {error}") from error


ENVELOPE = frozenset({"do", "id", "window", "when", "group"})
"""Fields that say what was done where and when; they are not arguments."""


def add_interval(
    state: State,
    scene: Scene,
    interval: str,
    track: str,
    start: int,
    end: int,
    emotion: str,
    origin: str = HAND,
    proposal: str = "",
) -> State:
    """Mark an emotion; with `proposal`, take a proposed interval, as it is or changed."""
    if interval in state.intervals:
        raise InputError(f"there is an interval {interval!r} already")
    made = Interval(interval, _name(track), int(start), int(end), emotion, origin)
    if proposal:
        proposed = scene.intervals.get(proposal)
        if proposed is None:
            raise InputError(f"there is no proposal {proposal!r}; the tool was opened without it")
        same = replace(proposed, id=interval, origin=origin) == made
        made = replace(made, origin=f"proposal {scene.run}{'' if same else ', changed'}")
        state = state.put(dismissed=state.dismissed | {proposal})
    return _put(state, scene, made)


def change_interval(
    state: State,
    scene: Scene,
    interval: str,
    start: int | None = None,
    end: int | None = None,
    emotion: str | None = None,
    track: str | None = None,
) -> State:
    """Move edges of an interval, call it another emotion, or give it to another person."""
    old = _interval(state, interval)
    new = replace(
        old,
        start=old.start if start is None else int(start),
        end=old.end if end is None else int(end),
        emotion=emotion or old.emotion,
        track=track or old.track,
    )
    if new != old and old.origin.startswith("proposal ") and not old.origin.endswith(", changed"):
        new = replace(new, origin=f"{old.origin}, changed")
    return _put(state, scene, new)


def delete_interval(state: State, scene: Scene, interval: str) -> State:
    """Take an interval away."""
    _interval(state, interval)
    return state.put(intervals=_without(state.intervals, interval))


def split_interval(state: State, scene: Scene, interval: str, at: int, right: str) -> State:
    """Cut an interval in two before the frame `at`; the second is called `right`."""
    old = _interval(state, interval)
    if not old.start < at < old.end:
        raise InputError(
            f"frame {at} is not inside the interval from {old.start} to {old.end}, so that it "
            "cannot be split there"
        )
    if right in state.intervals:
        raise InputError(f"there is an interval {right!r} already")
    state = _put(state, scene, replace(old, end=int(at)))
    return _put(state, scene, replace(old, id=right, start=int(at)))


def merge_intervals(state: State, scene: Scene, intervals: Sequence[str]) -> State:
    """Make one of several intervals of a person; it has the emotion of the first in time."""
    merged = sorted((_interval(state, name) for name in intervals), key=lambda one: one.start)
    if len(merged) < 2 or len({one.track for one in merged}) > 1:
        raise InputError("only two or more intervals of one person can be merged")
    kept = replace(merged[0], end=max(one.end for one in merged))
    if len({one.origin for one in merged}) > 1:
        kept = replace(kept, origin=HAND)
    rest = _without(state.intervals, *(one.id for one in merged[1:]))
    return _put(state.put(intervals=rest), scene, kept)


def record(
    state: State,
    scene: Scene,
    recording: str,
    track: str,
    dimensions: Sequence[str],
    start: float,
    end: float,
    samples: Sequence[Sequence[float]],
    speed: float = 1.0,
    device: str = "",
    origin: str = HAND,
) -> State:
    """Put samples in place of what was said from `start` to `end` (s).

    A sample is its time in s, and a value for each of `dimensions` in their order.
    """
    for name in dimensions:
        _dimension(name)
    table = np.asarray(samples, dtype=float).reshape(-1, 1 + len(dimensions))
    low, high = DIMENSION_RANGE
    values = table[:, 1:]
    if not np.isfinite(table).all() or (values < low).any() or (values > high).any():
        raise InputError(f"a sample lies outside [{low:g}, {high:g}], or is no number")
    if (np.diff(table[:, 0]) <= 0).any():
        raise InputError("the times of the samples do not increase")
    start, end = _stretch(scene, start, end)
    if len(table) and not (start <= table[0, 0] and table[-1, 0] <= end):
        raise InputError(
            f"samples from {table[0, 0]:.3f} to {table[-1, 0]:.3f} s do not lie in the stretch "
            f"from {start:.3f} to {end:.3f} s that they are said to be of"
        )
    for column, name in enumerate(dimensions):
        trace = state.trace(_name(track), name)
        trace = trace.with_stretch(start, end, table[:, 0], values[:, column], origin)
        state = state.put_trace(track, name, trace)
    return state


def erase(
    state: State, scene: Scene, track: str, dimensions: Sequence[str], start: float, end: float
) -> State:
    """Take away what was said of dimensions from `start` to `end` (s)."""
    start, end = _stretch(scene, start, end)
    for name in dimensions:
        trace = state.trace(track, _dimension(name)).without(start, end)
        state = state.put_trace(track, name, trace)
    return state


def accept_trace(state: State, scene: Scene, track: str, start: float, end: float) -> State:
    """Put the proposed trace in place of what was said from `start` to `end` (s)."""
    start, end = _stretch(scene, start, end)
    found = False
    for name in DIMENSIONS:
        proposed = scene.traces.get((track, name), Trace())
        for first, last, _ in proposed.stretches:
            first, last = max(first, start), min(last, end)
            inside = (proposed.time >= first) & (proposed.time <= last)
            if not inside.any():
                continue
            found = True
            samples = proposed.time[inside], proposed.value[inside]
            trace = state.trace(track, name).with_stretch(
                first, last, *samples, f"proposal {scene.run}"
            )
            state = state.put_trace(track, name, trace)
    if not found:
        raise InputError(f"nothing is proposed for {track} from {start:.2f} to {end:.2f} s")
    return state


def reassign(
    state: State, scene: Scene, correction: str, track: str, start: int, end: int, to: str
) -> State:
    """Give the faces of a person to another one, from a frame to a frame."""
    if _name(to) == track:
        raise InputError(f"these faces are of {track} already")
    return _correct(state, scene, Correction(correction, _name(track), int(start), int(end), to))


def reject_faces(
    state: State, scene: Scene, correction: str, track: str, start: int, end: int
) -> State:
    """Say that the faces of a track are no faces, or nobody's, from a frame to a frame."""
    return _correct(state, scene, Correction(correction, _name(track), int(start), int(end), ""))


def delete_correction(state: State, scene: Scene, correction: str) -> State:
    """Take a correction of faces back."""
    _known(state.corrections, correction, "correction")
    return state.put(corrections=_without(state.corrections, correction))


def review(
    state: State, scene: Scene, kind: str, coverage: float, seconds: float, when: str = ""
) -> State:
    """Record that the rater went through the video."""
    if kind not in REVIEW_KINDS:
        raise InputError(f"{kind!r} is none of {', '.join(REVIEW_KINDS)}")
    if kind == "reviewed" and "marked" not in {one.kind for one in state.reviews}:
        raise InputError("finish marking before you review: there is nothing yet to go through")
    made = Review(kind, when, float(np.clip(coverage, 0, 1)), float(seconds))
    return state.put(reviews=(*state.reviews, made))


def note(
    state: State, scene: Scene, note: str, text: str, frame: int = 0, track: str = ""
) -> State:
    """Write a remark, or write it again."""
    if not text.strip():
        raise InputError("an empty note says nothing; write it, or delete it")
    return state.put(notes={**state.notes, note: Note(note, text.strip(), int(frame), track)})


def delete_note(state: State, scene: Scene, note: str) -> State:
    """Take a remark away."""
    _known(state.notes, note, "note")
    return state.put(notes=_without(state.notes, note))


def calibrate(state: State, scene: Scene, latency: float, spread: float, trials: int) -> State:
    """Keep by how much the rater's hand follows a moving dot late (s)."""
    if not 0 <= latency <= 2:
        raise InputError(f"a latency of {latency:g} s is not one of a hand; calibrate again")
    measured = {"latency": float(latency), "spread": float(spread), "trials": int(trials)}
    return state.put(calibration=measured)


def correct_latency(state: State, scene: Scene, on: bool) -> State:
    """Choose whether the tables subtract the calibrated latency from times of traces."""
    if on and state.calibration is None:
        raise InputError("there is no latency to correct; calibrate first")
    return state.put(correct_latency=bool(on))


def dismiss_proposal(state: State, scene: Scene, proposal: str) -> State:
    """Refuse a proposed interval."""
    return state.put(dismissed=state.dismissed | {proposal})


OPERATIONS: dict[str, Callable[..., State]] = {
    function.__name__: function
    for function in (
        *(add_interval, change_interval, delete_interval, split_interval, merge_intervals),
        *(record, erase, accept_trace, reassign, reject_faces, delete_correction),
        *(review, note, delete_note, calibrate, correct_latency, dismiss_proposal),
    )
}
"""The operations by name."""

_MARKING = {
    *(add_interval, change_interval, split_interval, merge_intervals),
    *(record, erase, accept_trace),
}


def _put(state: State, scene: Scene, interval: Interval) -> State:
    if interval.emotion not in EMOTIONS:
        raise InputError(f"{interval.emotion!r} is none of {', '.join(EMOTIONS)}")
    if not 0 <= interval.start < interval.end <= scene.frames:
        raise InputError(
            f"an interval from frame {interval.start} to {interval.end} holds no frame of this "
            f"video, which has {scene.frames}"
        )
    return state.put(intervals={**state.intervals, interval.id: interval})


def _correct(state: State, scene: Scene, correction: Correction) -> State:
    if not 0 <= correction.start < correction.end <= scene.frames:
        raise InputError(
            f"a correction from frame {correction.start} to {correction.end} holds no frame of "
            f"this video, which has {scene.frames}"
        )
    return state.put(corrections={**state.corrections, correction.id: correction})


def _interval(state: State, name: str) -> Interval:
    return _known(state.intervals, name, "interval")


def _known(things: Mapping[str, Any], name: str, what: str) -> Any:
    if name not in things:
        raise InputError(f"this {what} is not there any more; another window may have deleted it")
    return things[name]


def _without(things: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: thing for name, thing in things.items() if name not in names}


def _name(track: str) -> str:
    """Return the name of a person's track; it becomes a file's name and a word in tables."""
    if not track.strip() or set(track) & set("/\\,;\"'\n\t") or track.startswith("."):
        raise InputError(f"{track!r} cannot be the name of a person; use letters, digits, - and _")
    return track


def _dimension(name: str) -> str:
    if name not in DIMENSIONS:
        raise InputError(f"{name!r} is none of {', '.join(DIMENSIONS)}")
    return name


def _stretch(scene: Scene, start: float, end: float) -> tuple[float, float]:
    """Return a stretch cut to the video; a recording may end a little after it."""
    if not (np.isfinite([start, end]).all() and start <= end):
        raise InputError(f"a stretch from {start} to {end} s ends before it starts")
    return max(float(start), 0.0), float(end)
