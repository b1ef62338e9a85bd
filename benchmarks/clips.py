"""Clips of one simulated person, of any size and length, with the true boxes of the face."""

import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pandas as pd

from emolib.labels import EMOTIONS
from emolib.simulation.cast import cast_people
from emolib.simulation.expression import simulate_affect
from emolib.simulation.face import Face
from emolib.simulation.filming import Actor, encode, film
from emolib.simulation.identity import sample_identity, sample_manner
from emolib.simulation.movement import simulate_movement

RATE = 30
FACE_SHARE = 0.17
"""Half a face width, as a share of the height of the picture."""

SEED = 2018


def person_clip(path: Path, width: int, height: int, duration: float) -> pd.DataFrame:
    """Write a clip of a person who moves, at 30 frames per second, in full.

    Returns
    -------
    pandas.DataFrame
        One row a frame: video, track, frame, time (s), x, y, w, h (px) of the true box.
    """
    times = np.arange(round(duration * RATE)) / RATE
    actor = _actor(width, height, times, duration)
    encode(film([actor], width, height, times, [SEED]), path, Fraction(RATE))
    boxes = np.array([actor.pose(frame).box() for frame in range(len(times))])
    columns = {"video": path.stem, "track": path.stem, "frame": np.arange(len(times))}
    return pd.DataFrame(columns | {"time": times, **dict(zip("xywh", boxes.T, strict=True))})


def long_clip(path: Path, width: int, height: int, minutes: int, seconds: int = 1) -> None:
    """Write a clip of a face that wanders through the picture, quickly, whatever the length.

    One picture is rendered and shifted from side to side, farther each second; what was encoded of
    these seconds, with one key picture, is repeated, without being encoded again.
    """
    still = next(
        film([_actor(width, height, np.zeros(1), 4.0)], width, height, np.zeros(1), [SEED])
    )
    times = np.arange(seconds * RATE) / RATE
    swing = np.sin(2 * np.pi * times) * (1 + times // 1 / seconds) * width / 40
    stretch = path.with_name(f"{path.stem}-stretch{path.suffix}")
    encode((np.roll(still, round(shift), axis=1) for shift in swing), stretch, Fraction(RATE))
    with av.open(str(stretch)) as source, av.open(str(path), "w") as target:
        template = source.streams.video[0]
        stream = target.add_stream_from_template(template)
        ticks = round(seconds / template.time_base)
        packets = [packet for packet in source.demux(template) if packet.dts is not None]
        for number in range(math.ceil(minutes * 60 / seconds)):
            for packet in packets:
                copy = av.Packet(bytes(packet))
                copy.pts, copy.dts = packet.pts + number * ticks, packet.dts + number * ticks
                copy.duration, copy.time_base = packet.duration, template.time_base
                copy.is_keyframe, copy.stream = packet.is_keyframe, stream
                target.mux(copy)


def _actor(width: int, height: int, times: np.ndarray, duration: float) -> Actor:
    (character,) = cast_people(1, SEED, EMOTIONS)
    generator = np.random.default_rng(SEED)
    identity, manner = sample_identity(generator), sample_manner(generator)
    affect = simulate_affect(character, duration, SEED)
    movement = simulate_movement(affect, manner, duration, SEED, character.person).at(times)
    face = Face(identity, generator, manner.asymmetry)
    return Actor(face, identity, movement, width / 2, height * 0.42, height * FACE_SHARE)
