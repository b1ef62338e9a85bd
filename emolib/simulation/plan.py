"""The plan of a simulated corpus: who is in which video, and what everybody feels."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from emolib.simulation.cast import Character, cast_people
from emolib.simulation.expression import (
    Affect,
    label_faults,
    people_showing,
    simulate_affect,
)

_STREAM = 6
_FRAME_RATES = (Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30))
_ATTEMPTS = 64


@dataclass(frozen=True)
class Role:
    """A person in a video: `track` names them there."""

    track: str
    character: Character
    affect: Affect


@dataclass(frozen=True)
class Video:
    """A video to be made; `close` says that its two people sit side by side."""

    number: int
    name: str
    frame_rate: Fraction
    roles: tuple[Role, ...]
    close: bool


def plan_corpus(
    n_videos: int, n_pairs: int, duration: float, seed: int, emotions: Sequence[str]
) -> tuple[list[Video], list[str]]:
    """Plan all videos.

    Parameters
    ----------
    n_videos : int
        Number of videos.
    n_pairs : int
        How many of them, chosen at random, show two people; the first chosen is a close pair.
    duration : float
        Seconds per video.
    seed : int
        Determines the plan.
    emotions : sequence of str
        Categories that occur.

    Returns
    -------
    videos : list of Video
        In order.
    faults : list of str
        What the labels lack, see `label_faults`. Labels are simulated anew until they lack
        nothing; after 64 attempts the one whose rarest emotion has the most people is taken.
    """
    characters = cast_people(n_videos + n_pairs, seed, emotions)
    affects, faults = _acceptable_affects(characters, duration, seed, emotions)
    generator = np.random.default_rng([_STREAM, seed])
    paired = generator.permutation(n_videos)[:n_pairs].tolist()
    rates = generator.permutation(np.arange(n_videos) % len(_FRAME_RATES))
    digits = max(len(str(n_videos)), 2)
    people = zip(characters, affects, strict=True)
    videos = []
    for number in range(n_videos):
        name = f"video{number + 1:0{digits}d}"
        sides = ("_left", "_right") if number in paired else ("",)
        roles = tuple(Role(name + side, *next(people)) for side in sides)
        rate = _FRAME_RATES[rates[number]]
        videos.append(Video(number, name, rate, roles, close=paired[:1] == [number]))
    return videos, faults


def _acceptable_affects(
    characters: list[Character], duration: float, seed: int, emotions: Sequence[str]
) -> tuple[list[Affect], list[str]]:
    candidates = []
    for attempt in range(_ATTEMPTS):
        affects = [simulate_affect(person, duration, seed, attempt) for person in characters]
        faults = label_faults(affects, duration, emotions)
        if not faults:
            return affects, faults
        people = people_showing(affects, duration)
        rarest = min(people[emotion] for emotion in emotions)
        candidates.append((-rarest, len(faults), attempt, affects, faults))
    return min(candidates)[3:]
