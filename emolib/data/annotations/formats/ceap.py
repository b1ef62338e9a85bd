"""CEAP-360VR: a JSON file a participant, with a list of samples for each video.

Three stages of the same ratings, told apart by the key the file itself gives:

- ``Raw``: the position of a joystick, mapped here as the corpus does it, see `disc_to_square`;
- ``Transformed`` and ``Frame``: valence and arousal from 1 to 9 with 5 as neutral, at the stamps of
  the joystick and at the frames of the video, the latter rounded to milliseconds.

The track is the video, the rater is the participant, ``P10`` in every stage although ``Frame``
files write ``10`` (Xue et al. 2021).
"""

import json
from pathlib import Path

import numpy as np

from emolib.data.annotations.delimited import read_lines
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import rated_rows
from emolib.data.annotations.formats.text import first_lines
from emolib.data.annotations.tables import Annotations, normalise
from emolib.errors import InputError

STAGES = {
    "Raw": ("TimeStamp_Xvalue_Yvalue", ("X_Value", "Y_Value"), (-1.01, 1.01)),
    "Trans": ("TimeStamp_Valence_Arousal", ("Valence", "Arousal"), (1.0, 9.0)),
    "Frame": ("TimeStamp_Valence_Arousal", ("Valence", "Arousal"), (1.0, 9.0)),
}
"""For every stage: the list of samples, what stands for valence and arousal, and its range.

A joystick may go past either end by a few thousandths.
"""


def read_ceap(path: str | Path) -> Annotations:
    """Read all videos of a participant.

    Parameters
    ----------
    path : str or Path
        A file of any of the three stages.
    """
    path = Path(path)
    gathering = Gathering("ceap-360vr", {})
    document = _parse(path)
    stage = next((stage for stage in STAGES if _key(stage) in document), None)
    if stage is None:
        raise InputError(f"{path}: holds none of {', '.join(map(_key, STAGES))}")
    try:
        for participant in document[_key(stage)]:
            rater = "P" + str(participant["ParticipantID"]).removeprefix("P")
            for video in participant[f"Video_Annotation_{stage}Data"]:
                gathering.dimensional.append(_video_rows(path, stage, rater, video))
    except InputError:  # itself a ValueError, and clearer
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: not laid out as CEAP-360VR lays it out: {error}") from error
    gathering.use(path)
    return gathering.annotations(stage=stage)


def disc_to_square(positions: np.ndarray) -> np.ndarray:
    r"""Stretch the unit disc onto the square of valence and arousal, each from -1 to 1.

    A point keeps its direction; what lies on the circle comes to lie on the edge of the square:

    .. math:: (v, a) = (x, y) \cdot \frac{\sqrt{x^2 + y^2}}{\max(|x|, |y|)}

    clipped to [-1, 1], since a joystick may leave the circle.

    Parameters
    ----------
    positions : ndarray, shape (n, 2)
        Horizontal and vertical position of the joystick.

    Returns
    -------
    ndarray, shape (n, 2)
        Valence and arousal.

    Examples
    --------
    >>> disc_to_square(np.array([[0.0, 0.0], [0.5, 0.0], [0.6, 0.8]])).round(3).tolist()
    [[0.0, 0.0], [0.5, 0.0], [0.75, 1.0]]
    """
    radius = np.hypot(positions[:, 0], positions[:, 1])
    side = np.abs(positions).max(axis=1)
    stretch = np.divide(radius, side, out=np.ones_like(radius), where=side > 0)
    return np.clip(positions * stretch[:, None], -1.0, 1.0)


def _video_rows(path: Path, stage: str, rater: str, video: dict):
    listed, names, (low, high) = STAGES[stage]
    samples = np.array(
        [[sample[name] for name in ("TimeStamp", *names)] for sample in video[listed]], dtype=float
    ).reshape(-1, 3)
    places = [f"{video['VideoID']} sample {number}" for number in range(1, len(samples) + 1)]
    for row in np.flatnonzero(~np.isfinite(samples).all(axis=1))[:1]:
        raise InputError(f"{path}:{places[row]}: {samples[row].tolist()} are not all numbers")
    values = np.stack(
        [normalise(samples[:, i + 1], low, high, path, places, names[i]) for i in range(2)], axis=1
    )
    if stage == "Raw":
        values = disc_to_square(samples[:, 1:])
    return rated_rows(
        video["VideoID"], rater, samples[:, 0], valence=values[:, 0], arousal=values[:, 1]
    )


def _parse(path: Path) -> dict:
    try:
        document = json.loads("\n".join(read_lines(path)))
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(document, dict):
        raise InputError(f"{path}: holds no JSON object")
    return document


def _key(stage: str) -> str:
    return f"ContinuousAnnotation_{stage}Data"


def _matches(path: Path) -> bool:
    start = "".join(first_lines(path, 3, {".json"}))[:200]
    return any(_key(stage) in start for stage in STAGES)


FORMATS = (
    Format(
        "ceap-360vr",
        "CEAP-360VR (JSON, a file a participant): Raw joystick in a disc, Transformed or Frame 1-9",
        read_ceap,
        _matches,
    ),
)
