"""The face that each emotion shows when nothing else interferes.

References
----------
Friesen and Ekman (1983), EMFACS-7: Emotional Facial Action Coding System; Ekman, Friesen and Hager
(2002), Facial Action Coding System, Investigator's Guide, chapter 12. The combinations are theirs;
the intensities were chosen for this simulation.
"""

import numpy as np

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import ACTION_UNITS, INDEX

_COMBINATIONS: dict[str, dict[int, float]] = {
    "neutral": {},
    "happiness": {6: 0.8, 12: 1.0, 25: 0.6},
    "sadness": {1: 0.9, 4: 0.6, 15: 0.9, 17: 0.5, 43: 0.25},
    "anger": {4: 1.15, 5: 0.35, 7: 1.0, 23: 1.0, 17: 0.4},
    "fear": {1: 0.9, 2: 0.6, 4: 0.6, 5: 0.9, 20: 0.9, 25: 0.6, 26: 0.2},
    "surprise": {1: 1.0, 2: 1.0, 5: 0.8, 25: 0.6, 26: 0.9},
    "disgust": {9: 1.0, 10: 0.8, 15: 0.3, 17: 0.4, 7: 0.4, 4: 0.3},
}


def _table() -> np.ndarray:
    table = np.zeros((len(EMOTIONS), len(ACTION_UNITS)))
    for row, emotion in enumerate(EMOTIONS):
        for unit, intensity in _COMBINATIONS[emotion].items():
            table[row, INDEX[unit]] = intensity
    return table


PROTOTYPES = _table()
"""Action unit intensities of each emotion, (7, 17), in the orders of EMOTIONS and ACTION_UNITS."""


def vary(generator: np.random.Generator, action_units: np.ndarray) -> np.ndarray:
    """Vary expressions as people do: each unit stronger or weaker, one in eight nearly absent.

    Parameters
    ----------
    generator : numpy.random.Generator
        Source of randomness.
    action_units : ndarray (..., 17)
        Intensities.

    Returns
    -------
    ndarray (..., 17)
        Each intensity times a factor of its own in [0.5, 1.05], and times 0.25 with
        probability 0.12.
    """
    factor = generator.uniform(0.5, 1.05, action_units.shape)
    faint = generator.random(action_units.shape) < 0.12
    return action_units * np.where(faint, 0.25 * factor, factor)
