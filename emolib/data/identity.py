"""Tells the people in a video apart by where their faces are (thesis, section 4.2).

Three steps, each on coordinates alone:

1. from frame to frame, every face found continues the **tracklet** whose predicted position it
   fits best, all assignments of a frame being solved together (Hungarian method); a face that
   fits none begins a tracklet;
2. a tracklet that ends and a later one that begins in about the same place are joined, again all
   together: a person who was not found for a while is still the same person;
3. the tracklets that last are the people, numbered from left to right; the rest is rejected.

Coordinates cannot tell apart two people who appear one after the other in the same place, as in
an interview cut between speakers; such a video has to be corrected by hand.
"""

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from emolib.data.video import STREAM_RATE
from emolib.errors import InputError

REJECTED = -1
"""Person number of a detection that belongs to nobody."""

# Distances are in face widths, times in stream frames.
_REACH = 0.75  # how far from its prediction a face may be found in the next frame
_DRIFT = 0.03  # added to the reach for every frame without a detection
_MEMORY = 15  # frames without a detection after which a tracklet ends
_JOIN_REACH = 1.0  # how far apart two tracklets may be that are joined over a short absence
_JOIN_DRIFT = 1 / STREAM_RATE  # added to that for every frame of the absence
_SHORTEST = 3  # detections; a shorter tracklet is a false alarm
_LASTING = 30  # frames that a tracklet must cover to count as a person
_SMALLEST = 0.5  # smallest width of a person's face, as a share of the main person's


def assign_people(detections: pd.DataFrame, n_people: int | None = None) -> pd.Series:
    """Return who each detected face belongs to.

    Parameters
    ----------
    detections : DataFrame
        ``frame`` (position in the 30 fps stream), ``x``, ``y``, ``w``, ``h`` (px); one row per
        face, in any order.
    n_people : int, optional
        How many people the video shows at most. By default the largest number of lasting
        tracklets that are seen together for long enough; tracklets whose faces are less than
        half as wide as the main person's do not count.

    Returns
    -------
    Series of int
        With the index of `detections`: 0 for the person with the smallest mean x, and so on; -1
        for a detection that belongs to nobody.

    Raises
    ------
    InputError
        If `n_people` is less than 1.
    """
    if n_people is not None and n_people < 1:
        raise InputError(f"n_people must be at least 1, or None to find out; found {n_people}")
    frames = detections["frame"].to_numpy()
    faces = _centres_and_widths(detections)
    people = np.full(len(detections), REJECTED)
    groups = _join(_tracklets(frames, faces), frames, faces)
    for person, rows in enumerate(_select(groups, frames, faces, n_people)):
        people[rows] = person
    return pd.Series(people, index=detections.index, name="person", dtype=np.int64)


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
        self.rows, self.frame, self.face = [row], frame, face
        self.velocity = np.zeros(2)  # px per frame

    def prediction(self, frame: int) -> np.ndarray:
        # Boxes jitter by several px, so a velocity holds for a few frames only.
        ahead = min(frame - self.frame, 5)
        return np.append(self.face[:2] + ahead * self.velocity, self.face[2])

    def extend(self, row: int, frame: int, face: np.ndarray) -> None:
        velocity = (face[:2] - self.face[:2]) / (frame - self.frame)
        self.velocity = 0.7 * self.velocity + 0.3 * velocity
        self.rows.append(row)
        self.frame, self.face = frame, face


def _tracklets(frames: np.ndarray, faces: np.ndarray) -> list[np.ndarray]:
    """Return the rows of each tracklet of at least `_SHORTEST` detections."""
    order = np.argsort(frames, kind="stable")
    starts = np.flatnonzero(np.diff(frames[order], prepend=-1))
    memory = max(_MEMORY, _SHORTEST * _step(frames))
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
        reach = np.array([_REACH + _DRIFT * (frame - t.frame - 1) for t in tracklets])
        misfit = _misfit(predicted[:, None], faces[rows][None])  # tracklets, faces
        for i, j in _best_pairs(misfit, misfit <= reach[:, None]):
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
    absence = frames[first][None] - frames[last][:, None]  # of the one that ends, that begins
    misfit = _misfit(faces[last][:, None], faces[first][None])
    possible = (absence > 0) & (misfit <= _JOIN_REACH + _JOIN_DRIFT * absence)
    follows = {j: i for i, j in _best_pairs(misfit, possible)}
    chains = {}
    for j, rows in enumerate(tracklets):  # in time order, so the chain it continues is there
        chain = chains.pop(follows[j]) if j in follows else []
        chains[j] = [*chain, rows]
    return [np.concatenate(chain) for chain in chains.values()]


def _best_pairs(misfit: np.ndarray, possible: np.ndarray) -> list[tuple[int, int]]:
    """Return as many possible pairs (row, column) as there can be, of the smallest total misfit."""
    cost = np.where(possible, misfit, 1e6)
    return [(i, j) for i, j in zip(*linear_sum_assignment(cost), strict=True) if possible[i, j]]


def _select(groups, frames, faces, n_people: int | None) -> list[np.ndarray]:
    """Return the groups that are people, from left to right."""
    groups = sorted(groups, key=lambda rows: -faces[rows, 2].sum())
    if n_people is None and groups:
        least = min(_LASTING, np.ptp(frames) / 2) / _step(frames)
        smallest = _SMALLEST * np.median(faces[groups[0], 2])
        groups = [
            rows for rows in groups if len(rows) >= least and np.median(faces[rows, 2]) >= smallest
        ]
        n_people = _together(groups, frames, least)
    return sorted(groups[:n_people], key=lambda rows: faces[rows, 0].mean())


def _together(groups: list[np.ndarray], frames: np.ndarray, least: float) -> int:
    """Return how many groups are seen at once in at least `least` frames."""
    if not groups:
        return 0
    _, seen = np.unique(np.concatenate([frames[rows] for rows in groups]), return_counts=True)
    return max([n for n in range(2, len(groups) + 1) if (seen >= n).sum() >= least], default=1)


def _step(frames: np.ndarray) -> int:
    """Return the number of stream frames between two frames that were searched for faces."""
    steps = np.diff(np.unique(frames))
    return int(steps.min()) if len(steps) else 1
