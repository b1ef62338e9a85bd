"""What one rater has said about one video: a value that operations turn into the next one.

Nothing here changes in place, so that every earlier state stays what it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from emolib.labels import DIMENSIONS

HAND = "hand"
"""Origin of what a person marked without help."""

REVIEWS_DUE = 3
"""Times that annotations are gone through again once they are made (thesis, section 4.1.1)."""


@dataclass(frozen=True)
class Interval:
    """One emotion of one person, from a frame to a frame."""

    id: str
    track: str
    start: int
    """First frame of the 30 fps stream."""
    end: int
    """The frame after the last one."""
    emotion: str
    origin: str = HAND


@dataclass(frozen=True)
class Trace:
    """One dimension of one person over time.

    Attributes
    ----------
    time : ndarray of float64, shape (n,)
        s since the first frame, strictly increasing.
    value : ndarray of float32, shape (n,)
        In [-1, 1].
    stretches : tuple of (float, float, str)
        From when to when (s) it was recorded, and where it came from; in order, none overlapping.
        Between the samples of one stretch a value holds; between stretches nothing was said.
    """

    time: np.ndarray = field(default_factory=lambda: np.empty(0))
    value: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))
    stretches: tuple[tuple[float, float, str], ...] = ()

    def without(self, start: float, end: float) -> "Trace":
        """Return the trace without what was said between `start` and `end` (s)."""
        kept = (self.time <= start) | (self.time >= end)
        stretches = []
        for first, last, origin in self.stretches:
            if first < start:
                stretches.append((first, min(last, start), origin))
            if last > end:
                stretches.append((max(first, end), last, origin))
        return Trace(self.time[kept], self.value[kept], tuple(stretches))

    def with_stretch(
        self, start: float, end: float, time: np.ndarray, value: np.ndarray, origin: str
    ) -> "Trace":
        """Return the trace with new samples from `start` to `end` in place of the old ones."""
        rest = self.without(start, end)
        kept = ~np.isin(rest.time, time)  # pieces of a recording may share the sample at their seam
        times = np.concatenate([rest.time[kept], time])
        values = np.concatenate([rest.value[kept], np.asarray(value, np.float32)])
        order = np.argsort(times, kind="stable")
        stretches = _joined(sorted([*rest.stretches, (start, end, origin)]))
        return Trace(times[order], values[order], stretches)


@dataclass(frozen=True)
class Correction:
    """Faces that are another person's, or nobody's, from a frame to a frame."""

    id: str
    track: str
    start: int
    end: int
    to: str
    """The track that they are given to; empty where they are rejected."""


@dataclass(frozen=True)
class Review:
    """One time that the rater went through the video."""

    kind: str
    """``watched``, ``marked`` or ``reviewed``."""
    when: str
    """ISO 8601."""
    coverage: float
    """Share of the frames that were shown while playing, in [0, 1]."""
    seconds: float
    """How long it took."""


@dataclass(frozen=True)
class Note:
    """A remark of the rater."""

    id: str
    text: str
    frame: int
    track: str


@dataclass(frozen=True)
class State:
    """All that one rater has said about one video."""

    intervals: Mapping[str, Interval] = field(default_factory=dict)
    traces: Mapping[tuple[str, str], Trace] = field(default_factory=dict)
    """By track and dimension."""
    corrections: Mapping[str, Correction] = field(default_factory=dict)
    reviews: tuple[Review, ...] = ()
    notes: Mapping[str, Note] = field(default_factory=dict)
    dismissed: frozenset[str] = frozenset()
    """Proposals that were refused or taken."""
    calibration: Mapping[str, float] | None = None
    """``latency`` and ``spread`` in s, ``trials``."""
    correct_latency: bool = False

    @property
    def stage(self) -> str:
        """Return what comes next: ``watch``, ``mark``, ``refine``, or ``done``."""
        kinds = [review.kind for review in self.reviews]
        if "watched" not in kinds:
            return "watch"
        if "marked" not in kinds:
            return "mark"
        return "refine" if self.reviews_due else "done"

    @property
    def reviews_due(self) -> int:
        """Return how many times the annotation is still to be gone through again."""
        return max(REVIEWS_DUE - sum(review.kind == "reviewed" for review in self.reviews), 0)

    @property
    def passes(self) -> int:
        """Return how often the rater went through the video marking or reviewing, at least 1."""
        return max(sum(review.kind != "watched" for review in self.reviews), 1)

    @property
    def tracks(self) -> set[str]:
        """Return whoever something was said about."""
        named = {interval.track for interval in self.intervals.values()}
        named |= {track for track, _ in self.traces}
        named |= {name for one in self.corrections.values() for name in (one.track, one.to)}
        return named - {""}

    def trace(self, track: str, dimension: str) -> Trace:
        """Return a trace, an empty one where nothing was said."""
        return self.traces.get((track, dimension), Trace())

    def put(self, **values) -> "State":
        """Return the state with other values."""
        return replace(self, **values)

    def put_trace(self, track: str, dimension: str, trace: Trace) -> "State":
        """Return the state with another trace."""
        assert dimension in DIMENSIONS
        traces = {**self.traces, (track, dimension): trace}
        if not trace.stretches:
            del traces[track, dimension]
        return replace(self, traces=traces)


def _joined(stretches: list[tuple[float, float, str]]) -> tuple[tuple[float, float, str], ...]:
    """Make one of stretches that touch each other and have one origin."""
    joined: list[tuple[float, float, str]] = []
    for start, end, origin in stretches:
        if joined and joined[-1][2] == origin and start <= joined[-1][1] + 1e-9:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), origin)
        else:
            joined.append((start, end, origin))
    return tuple(joined)
