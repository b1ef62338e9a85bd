"""Tells the people in a video apart by where their faces are (thesis, section 4.2).

Three steps, each on coordinates alone:

1. from frame to frame, every face found continues the **tracklet** whose predicted position it
   fits best, all assignments of a frame being solved together (Hungarian method); a face that
   fits none begins a tracklet;
2. a tracklet that ends and a later one that begins where the first was going are joined, again all
   together: a person who was not found for a while is still the same person, and two who walk past
   each other both keep walking;
3. the tracklets that last are the people, numbered from left to right; the rest is rejected.

What coordinates cannot tell, a person has to correct: two people who change seats while neither
is seen, or appear one after the other in the same place, as in an interview cut between speakers;
and a portrait on the wall that is about as large as the faces before it, unless the number of
people is given.
"""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from emolib.data.video import STREAM_RATE
from emolib.errors import InputError

STRAY = -1
"""Person number of a detection that belongs to no track at all."""

# Distances are in face widths, times in stream frames.
_REACH = 0.35  # how far from its prediction a face may be found in the next frame
_DRIFT = 0.03  # added to the reach for every frame without a detection
_MEMORY = 15  # frames without a detection after which a tracklet ends, at least
_INERTIA = 30.0  # frames in which the velocity of a face that is not seen fades to 1 / e
_JOIN_REACH = 1.0  # how far apart two tracklets may be that are joined over a short absence
_JOIN_DRIFT = 1 / STREAM_RATE  # added to that for every frame of the absence
_SHORTEST = 3  # detections; a shorter tracklet is a false alarm
_LASTING = 30  # frames through which a face must be followed to count as a person
_SMALLEST = 0.5  # smallest width of a person's face, as a share of the main person's


def assign_people(detections: pd.DataFrame, n_people: int | None = None) -> pd.Series:
    """Return who each detected face belongs to.

    Parameters
    ----------
    detections : DataFrame
        ``frame`` (position in the 30 fps stream), ``x``, ``y``, ``w``, ``h`` (px); one row per
        face, in any order.
    n_people : int, optional
        How many people the video shows at most; of more, the largest and longest seen are taken,
        and those whose faces are less than half as wide as the main person's come last. One
        person may be seen in several places, one after the other, as where a video was cut.
        By default the largest number of lasting tracklets that are seen together for long
        enough; tracklets of small faces do not count.

    Returns
    -------
    Series of int
        With the index of `detections`: 0 for the person with the smallest mean x, and so on.
        Negative for a detection that belongs to nobody: -1 where it stands alone, and -2, -3, ...
        for each false track.

    Raises
    ------
    InputError
        If `n_people` is less than 1.
    """
    if n_people is not None and n_people < 1:
        raise InputError(f"n_people must be at least 1, or None to find out; found {n_people}")
    frames = detections["frame"].to_numpy()
    faces = _centres_and_widths(detections)
    numbers = np.full(len(detections), STRAY)
    groups = _join(_tracklets(frames, faces), frames, faces)
    people, others = _select(groups, frames, faces, n_people)
    for person, rows in enumerate(people):
        numbers[rows] = person
    for other, rows in enumerate(others):
        numbers[rows] = STRAY - 1 - other
    return pd.Series(numbers, index=detections.index, name="person", dtype=np.int64)


def track_names(video: str, n_people: int) -> list[str]:
    """Return the track of each person of a video, in the order of their numbers.

    Examples
    --------
    >>> track_names("video12", 1)
    ['video12']
    >>> track_names("video12", 2)
    ['video12_left', 'video12_right']
    >>> track_names("video12", 3)
    ['video12_person1', 'video12_person2', 'video12_person3']
    """
    if n_people == 1:
        return [video]
    if n_people == 2:
        return [f"{video}_left", f"{video}_right"]
    return [f"{video}_person{person + 1}" for person in range(n_people)]


def _centres_and_widths(boxes: pd.DataFrame) -> np.ndarray:
    """Return (n, 3): centre x, centre y and width of boxes."""
    x, y, w, h = (boxes[side].to_numpy(float) for side in "xywh")
    return np.stack([x + w / 2, y + h / 2, w], axis=1)


def _misfit(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return how badly two faces (..., 3) fit: distance in widths plus log ratio of widths."""
    width = (first[..., 2] + second[..., 2]) / 2
    offset = first[..., :2] - second[..., :2]
    ratio = np.abs(np.log(first[..., 2] / second[..., 2]))
    return np.hypot(offset[..., 0], offset[..., 1]) / width + ratio


class _Tracklet:
    """A run of detections of one face: its rows, and where the face will be next."""

    def __init__(self, row: int, frame: int, face: np.ndarray):
        self.rows, self.frames, self.faces = [row], [frame], [face]

    @property
    def frame(self) -> int:
        """The frame of the last detection."""
        return self.frames[-1]

    def prediction(self, frame: int) -> np.ndarray:
        frames, faces = (np.array(of[-_MEMORY:]) for of in (self.frames, self.faces))
        return faces[-1] + _travel(frame - self.frame) * _velocity(frames, faces, -1)

    def extend(self, row: int, frame: int, face: np.ndarray) -> None:
        self.rows.append(row)
        self.frames.append(frame)
        self.faces.append(face)


def _velocity(frames: np.ndarray, faces: np.ndarray, end: int) -> np.ndarray:
    """Return (dx, dy, 0), in px per frame, of a run of faces at its end (-1) or start (0).

    Detectors jitter, so a single difference says little; this is the slope of the line through
    the faces of half a second.
    """
    near = np.abs(frames - frames[end]) <= _MEMORY
    time = frames[near] - frames[near].mean()
    return time @ faces[near] / max(time @ time, 1.0) * (1, 1, 0)


def _travel(absence):
    """Return the way of a face that is not seen for some frames, in frames at its velocity."""
    return _INERTIA * (1 - np.exp(-absence / _INERTIA))


def _tracklets(frames: np.ndarray, faces: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each tracklet of at least `_SHORTEST` detections."""
    order = np.argsort(frames, kind="stable")
    starts = np.flatnonzero(np.diff(frames[order], prepend=-1))
    memory = _memory(_step(frames))
    ended, open_tracklets = [], []
    for rows in np.split(order, starts[1:]) if len(order) else []:
        frame = frames[rows[0]]
        ended += [t for t in open_tracklets if frame - t.frame > memory]
        open_tracklets = [t for t in open_tracklets if frame - t.frame <= memory]
        open_tracklets += _continue(open_tracklets, rows, frame, faces)
    return [np.array(t.rows) for t in ended + open_tracklets if len(t.rows) >= _SHORTEST]


def _continue(tracklets: list[_Tracklet], rows, frame: int, faces) -> list[_Tracklet]:
    """Give the faces of a frame to the tracklets; return new ones for the faces left over."""
    left_over = set(rows)
    if tracklets:
        predicted = np.array([t.prediction(frame) for t in tracklets])
        drift = _DRIFT * np.array([[frame - t.frame - 1] for t in tracklets])
        misfit = _misfit(predicted[:, None], faces[rows][None])  # tracklets, faces
        # Of two that would fit, a face that was just seen has the better claim.
        for i, j in _best_pairs(misfit + drift, misfit <= _REACH + drift):
            tracklets[i].extend(rows[j], frame, faces[rows[j]])
            left_over.remove(rows[j])
    return [_Tracklet(row, frame, faces[row]) for row in sorted(left_over)]


def _join(tracklets: list[np.ndarray], frames, faces) -> list[np.ndarray]:
    """Join tracklets over absences; return the rows of each chain of tracklets."""
    if not tracklets:
        return []
    tracklets = sorted(tracklets, key=lambda rows: frames[rows[0]])
    first = np.array([rows[0] for rows in tracklets])
    last = np.array([rows[-1] for rows in tracklets])
    leaving, coming = (
        np.array([_velocity(frames[rows], faces[rows], end) for rows in tracklets])
        for end in (-1, 0)
    )
    cost = np.full((len(tracklets), len(tracklets)), np.inf)
    for i, j in enumerate(np.searchsorted(frames[first], frames[last], side="right")):
        # Only those from j on begin after i has ended.
        absence = (frames[first[j:]] - frames[last[i]])[:, None]
        before, after = faces[last[i]], faces[first[j:]]
        ahead = _misfit(before + _travel(absence) * leaving[i], after)
        back = _misfit(before, after - _travel(absence) * coming[j:])
        misfit = (ahead + back) / 2
        nearest = np.minimum(misfit, _misfit(before, after))  # who turns round comes back, too
        possible = nearest <= _JOIN_REACH + _JOIN_DRIFT * absence[:, 0]
        cost[i, j:] = np.where(possible, misfit, np.inf)
    follows = {j: i for i, j in _best_pairs(cost, np.isfinite(cost))}
    chains = {}
    for j, rows in enumerate(tracklets):  # in time order, so the chain it continues is there
        chain = chains.pop(follows[j]) if j in follows else []
        chains[j] = [*chain, rows]
    return [np.concatenate(chain) for chain in chains.values()]


def _best_pairs(misfit: np.ndarray, possible: np.ndarray) -> list[tuple[int, int]]:
    """Return as many possible pairs (row, column) as there can be, of the smallest total misfit."""
    cost = np.where(possible, misfit, 1e6)
    return [(i, j) for i, j in zip(*linear_sum_assignment(cost), strict=True) if possible[i, j]]


def _select(
    groups, frames, faces, n_people: int | None
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return the groups that are people, from left to right, and the others."""
    if not groups:
        return [], []
    width = np.array([np.median(faces[rows, 2]) for rows in groups])
    area = np.array([(faces[rows, 2] ** 2).sum() for rows in groups])
    large = width >= _SMALLEST * width[area.argmax()]
    least = min(_LASTING, np.ptp(frames) / 2)
    lasting = large & np.array(
        [_longest_run(frames[rows], _step(frames)) >= least for rows in groups]
    )
    if n_people is None:
        ranked = [i for i in np.argsort(-area) if lasting[i]]
        n_people = _together([groups[i] for i in ranked], frames, least / _step(frames))
        chosen = ranked[:n_people]
        people = [groups[i] for i in chosen]
    else:
        chosen = np.lexsort((-area, ~large))[:n_people].tolist()
        people = [groups[i] for i in chosen]
        if n_people == 1:
            for i in np.argsort(-area):
                if lasting[i] and not np.isin(frames[groups[i]], frames[people[0]]).any():
                    people[0] = np.concatenate([people[0], groups[i]])
                    chosen.append(i)
    others = [rows for i, rows in enumerate(groups) if i not in chosen]
    return sorted(people, key=lambda rows: faces[rows, 0].mean()), others


def _longest_run(frames: np.ndarray, step: int) -> int:
    """Return the frames of the longest time in which a face was found at least now and then.

    False alarms add up in a long video; what tells a person is that they follow each other.
    """
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > _memory(step)) + 1)
    dense = [run for run in runs if 2 * step * len(run) > np.ptp(run)]
    return max((np.ptp(run) + step for run in dense), default=0)


def _memory(step: int) -> int:
    """Return the frames without a detection after which a tracklet ends."""
    return max(_MEMORY, _SHORTEST * step)


def _together(groups: list[np.ndarray], frames: np.ndarray, least: float) -> int:
    """Return how many groups are seen at once in at least `least` frames."""
    if not groups:
        return 0
    _, seen = np.unique(np.concatenate([frames[rows] for rows in groups]), return_counts=True)
    return max([n for n in range(2, len(groups) + 1) if (seen >= n).sum() >= least], default=1)


def _step(frames: np.ndarray) -> int:
    """Return the number of stream frames between two frames that were searched for faces."""
    steps = np.diff(np.unique(frames))  # mostly that; more after a miss, less at the last frame
    return int(np.median(steps)) if len(steps) else 1
