"""Make one video of a simulated corpus: the file, its annotations and its truth."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from emolib.simulation.action_units import ACTION_UNITS
from emolib.simulation.face import Face
from emolib.simulation.filming import Actor, encode, film
from emolib.simulation.identity import sample_identity, sample_manner
from emolib.simulation.movement import interpolate, simulate_movement
from emolib.simulation.plan import Role, Video
from emolib.simulation.raters import write_annotations
from emolib.storage import atomic_path, write_table

_PERSON_STREAM, _STAGE_STREAM, _VIDEO_STREAM = 7, 8, 9
_SINGLE_SIZE, _PAIR_SIZE = (320, 240), (480, 270)
_PAIR_COLUMNS = (0.28, 0.72)
# Sway brings two heads 0.24 units nearer at most, so a close pair stays 2.5 units apart.
_CLOSE_DISTANCE = 2.75


def shoot(folder: Path, video: Video, duration: float, seed: int, rest: float) -> Path:
    """Write a video, the annotations of its tracks and, last, its truth.

    Parameters
    ----------
    folder : Path
        Folder of the corpus; ``videos``, ``annotations`` and ``truth`` are made in it.
    video : Video
        What to make.
    duration : float
        Seconds.
    seed : int
        Of the corpus.
    rest : float
        Spread of resting faces.

    Returns
    -------
    Path
        Of the truth, which vouches for the rest.
    """
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        times = np.arange(int(duration * video.frame_rate)) / float(video.frame_rate)
        actors = place_actors(video, duration, seed, rest, times)
        frames = film_video(video, actors, seed, times)
        with atomic_path(folder / "videos" / f"{video.name}.mp4") as temporary:
            encode(frames, temporary, video.frame_rate)
    finally:
        cv2.setNumThreads(threads)
    for role in video.roles:
        write_annotations(folder, role, duration, seed)
    tables = [_truth(*pair, times) for pair in zip(video.roles, actors, strict=True)]
    truth = pd.concat(tables).sort_values(["frame", "track"], ignore_index=True)
    return write_table(truth, truth_path(folder, video))


def truth_path(folder: Path, video: Video) -> Path:
    """Return where the truth of a video lies."""
    return folder / "truth" / f"{video.name}.parquet"


def place_actors(
    video: Video, duration: float, seed: int, rest: float, times: np.ndarray
) -> list[Actor]:
    """Return the people of a video, with their movements at the times given, in its order of roles.

    Parameters are those of `shoot`; `times` (n,) are in seconds.
    """
    generator = np.random.default_rng([_STAGE_STREAM, seed, video.number])
    pair = len(video.roles) == 2
    scale = float(generator.uniform(50, 62) if pair else generator.uniform(46, 60))
    width, height = _size(video)
    if video.close:
        columns = [width / 2 + side * _CLOSE_DISTANCE * scale / 2 for side in (-1, 1)]
    elif pair:
        columns = [width * share for share in _PAIR_COLUMNS]
    else:
        columns = [width * float(generator.uniform(0.44, 0.56))]
    actors = []
    for role, column in zip(video.roles, columns, strict=True):
        person = role.character.person
        own = np.random.default_rng([_PERSON_STREAM, seed, person])
        identity, manner = sample_identity(own), sample_manner(own, rest)
        face = Face(identity, own, manner.asymmetry)
        movement = simulate_movement(role.affect, manner, duration, seed, person)
        row = height * 0.42 + float(generator.uniform(-5, 5))
        actors.append(Actor(face, identity, movement.at(times), column, row, scale))
    return actors


def film_video(
    video: Video, actors: list[Actor], seed: int, times: np.ndarray
) -> Iterator[np.ndarray]:
    """Yield the pictures of a video before they are encoded; see `emolib.simulation.filming.film`.

    Room, clothes, light and camera are the same whatever the actors do and, as long as the last
    time stays the same, whatever the times are.
    """
    return film(actors, *_size(video), times, [_VIDEO_STREAM, seed, video.number])


def _size(video: Video) -> tuple[int, int]:
    return _SINGLE_SIZE if len(video.roles) == 1 else _PAIR_SIZE


def _truth(role: Role, actor: Actor, times: np.ndarray) -> pd.DataFrame:
    boxes = np.array([actor.pose(frame).box() for frame in range(len(times))])
    columns: dict[str, Any] = {"track": role.track, "frame": np.arange(len(times)), "time": times}
    columns |= dict(zip("xywh", boxes.T, strict=True))
    shown = actor.movement.action_units.T
    columns |= {f"au{unit}": series for unit, series in zip(ACTION_UNITS, shown, strict=True)}
    columns["emotion"] = role.affect.emotions(times)
    columns["valence"], columns["arousal"] = interpolate(times, role.affect.valence_arousal).T
    return pd.DataFrame(columns)
