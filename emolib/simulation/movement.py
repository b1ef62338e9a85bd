"""How a simulated person moves: action units, head, gaze, blinks and speech, from what they feel.

Everything is sampled at `emolib.simulation.expression.RATE` and interpolated to frame times.
"""

from dataclasses import dataclass

import numpy as np

from emolib.labels import EMOTIONS
from emolib.simulation.action_units import ACTION_UNITS, INDEX
from emolib.simulation.expression import (
    RATE,
    Affect,
    Segment,
    approach,
    ornstein_uhlenbeck,
    sample_times,
)
from emolib.simulation.identity import Manner, limited
from emolib.simulation.prototypes import PROTOTYPES, vary

_STREAM = 4
_ONSET = 0.14


@dataclass(frozen=True)
class Movement:
    """Time series of one person, at any common set of n times.

    `action_units` (n, 17); `turn` (n, 3) yaw, pitch and roll in radian; `sway` (n, 2) displacement
    of the head and `gaze` (n, 2) of the irises, right and down, in units of half a face width.
    """

    action_units: np.ndarray
    turn: np.ndarray
    sway: np.ndarray
    gaze: np.ndarray

    def at(self, times: np.ndarray) -> "Movement":
        """Interpolate movements sampled at `RATE` from time 0 on to the given times."""
        return Movement(
            *(interpolate(times, a) for a in (self.action_units, self.turn, self.sway, self.gaze))
        )


def interpolate(times: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return a series (n, k) sampled at `RATE` at other times, (m, k), linearly."""
    position = np.clip(np.asarray(times) * RATE, 0, len(series) - 1)
    before = np.minimum(position.astype(int), len(series) - 2)
    share = (position - before)[:, None]
    return series[before] * (1 - share) + series[before + 1] * share


def simulate_movement(
    affect: Affect, manner: Manner, duration: float, seed: int, person: int
) -> Movement:
    """Simulate how a person moves.

    Parameters
    ----------
    affect : Affect
        What they feel.
    manner : Manner
        How strongly they show it.
    duration : float
        Seconds, as for `affect`.
    seed, person : int
        Determine the rest.

    Returns
    -------
    Movement
        Sampled at `RATE`.
    """
    generator = np.random.default_rng([_STREAM, seed, person])
    times = sample_times(duration)
    intended, nod = _intended(generator, affect, times)
    shown = manner.shown(approach(intended, _ONSET))
    shown = shown + 0.06 * ornstein_uhlenbeck(generator, shown.shape, 0.7)
    shown[:, [INDEX[25], INDEX[26]]] += _speech(generator, times)
    shown[:, INDEX[43]] += _blinks(generator, times)

    posture = generator.normal(0, (0.10, 0.06, 0.0))
    liveliness = 0.5 + 1.3 * np.maximum(affect.valence_arousal[:, 1:], 0)
    turning = ornstein_uhlenbeck(generator, (len(times), 3), 1.0) * (0.13, 0.06, 0.05) * liveliness
    turn = posture + turning
    turn[:, 1] += approach(nod[:, None], 0.4)[:, 0]
    sway = 0.07 * ornstein_uhlenbeck(generator, (len(times), 2), 1.5) * liveliness
    gaze = ornstein_uhlenbeck(generator, (len(times), 2), 0.4) * (0.025, 0.012)
    return Movement(limited(shown), turn, sway, gaze)


def _intended(generator, affect: Affect, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return action units before gain, rest and jitter, (n, 17), and the nod of the head, (n,)."""
    valence, arousal = affect.valence_arousal.T
    intensity = np.clip(0.35 + 0.5 * (np.abs(valence) + arousal), 0.15, 1)
    intended = np.zeros((len(times), len(ACTION_UNITS)))
    nod = np.zeros(len(times))
    for segment in affect.segments:
        during = (times >= segment.start) & (times < segment.end)
        expression = vary(generator, _expression(generator, segment))
        intended[during] = expression * intensity[during, None]
        nod[during] = {"sadness": 0.10, "surprise": -0.05}.get(segment.emotion, 0.0)
    for unit, amount in _always_on(valence, arousal).items():
        intended[:, INDEX[unit]] += np.maximum(amount, 0)
    return intended, nod


def _expression(generator, segment: Segment) -> np.ndarray:
    """Return the prototype of a segment, mixed where valence or a transition asks for it."""
    if segment.emotion == "":
        first, second = generator.integers(0, len(EMOTIONS), 2)
        return 0.45 * PROTOTYPES[first] + 0.35 * PROTOTYPES[second]
    expression = PROTOTYPES[EMOTIONS.index(segment.emotion)]
    if segment.target[0] > 0 and segment.emotion in ("sadness", "anger", "disgust", "surprise"):
        return expression + 0.45 * PROTOTYPES[EMOTIONS.index("happiness")]
    if segment.emotion == "surprise":
        return expression + 0.4 * PROTOTYPES[EMOTIONS.index("fear")]
    return expression


def _always_on(valence: np.ndarray, arousal: np.ndarray) -> dict[int, np.ndarray]:
    """Return the traces that valence and arousal leave on any face."""
    return {
        12: 0.30 * valence,
        6: 0.20 * valence,
        15: -0.18 * valence,
        4: -0.18 * valence,
        5: 0.60 * (arousal - 0.1),
        25: 0.40 * (arousal - 0.2),
        43: 0.70 * (0.15 - arousal),
    }


def _speech(generator, times: np.ndarray) -> np.ndarray:
    """Return what talking adds to AU25 and AU26, (n, 2): bursts of 2.5 to 4 syllables a second."""
    talking = ornstein_uhlenbeck(generator, (len(times), 1), 1.2) > 0.7
    loudness = approach(talking.astype(float), 0.1)
    syllables = np.cumsum(generator.uniform(2.5, 4.0, len(times))) / RATE
    opening = 0.5 - 0.5 * np.cos(2 * np.pi * (syllables + generator.random()))
    return loudness * opening[:, None] * (0.45, 0.30)


def _blinks(generator, times: np.ndarray) -> np.ndarray:
    """Return what blinking adds to AU43, (n,): a quarter to half a blink a second."""
    rate = generator.uniform(0.25, 0.5)
    moments = generator.uniform(0, times[-1], generator.poisson(rate * times[-1]))
    return np.exp(-0.5 * ((times[:, None] - moments) / 0.06) ** 2).sum(axis=1)
