"""The people of a simulated corpus and the emotions that their story is about.

Sad people are many and all others few, which makes neutral and sadness four fifths of all labels,
as in Xia (2018), section 3.1. Themes are dealt by quota, because independent draws leave rare
emotions with too few people to split by person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

_WEIGHTS = {"sadness": 41, "happiness": 5, "anger": 4, "fear": 3, "surprise": 3, "disgust": 3}
_PEOPLE_PER_THEME = 2
_STREAM = 2


@dataclass(frozen=True)
class Character:
    """A person of the corpus: their number, main theme and occasional second theme."""

    person: int
    primary: str
    secondary: str


def cast_people(n_people: int, seed: int, emotions: Sequence[str]) -> list[Character]:
    """Deal themes to people.

    Parameters
    ----------
    n_people : int
        Number of people.
    seed : int
        Decides who gets which theme.
    emotions : sequence of str
        Categories of the corpus, neutral included; the others are the themes.

    Returns
    -------
    list of Character
        In the order of `person`. Every theme is primary for at least two people, or as many as
        there are people for.

    Examples
    --------
    >>> people = cast_people(59, 0, ("neutral", "happiness", "sadness"))
    >>> sum(character.primary == "sadness" for character in people)
    53
    """
    generator = np.random.default_rng([_STREAM, seed])
    primaries = generator.permutation(np.repeat(*_quotas(n_people, emotions)))
    # The first theme in the table is common enough without being anyone's second.
    rare = [emotion for emotion in _WEIGHTS if emotion in emotions][1:]
    turns = cycle(generator.permutation(rare) if rare else primaries[:1])
    characters = []
    for person, primary in enumerate(primaries):
        secondary = next(turns)
        if secondary == primary:
            secondary = next(turns)
        characters.append(Character(person, str(primary), str(secondary)))
    return characters


def _quotas(n_people: int, emotions: Sequence[str]) -> tuple[list[str], np.ndarray]:
    themes = [emotion for emotion in _WEIGHTS if emotion in emotions]
    weights = np.array([_WEIGHTS[theme] for theme in themes], float)
    exact = n_people * weights / weights.sum()
    counts = np.floor(exact).astype(int)
    largest_remainders = np.argsort(counts - exact, kind="stable")
    counts[largest_remainders[: n_people - counts.sum()]] += 1
    least = min(_PEOPLE_PER_THEME, max(n_people // len(themes), 1))
    while counts.min() < least and counts.max() > least:
        counts[counts.argmax()] -= 1
        counts[counts.argmin()] += 1
    return themes, counts
