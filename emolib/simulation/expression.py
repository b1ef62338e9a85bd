"""What a simulated person feels: episodes of emotion, and valence and arousal through them.

A person goes round a cycle of neutral, transition, emotion, transition (a semi-Markov process with
gamma-distributed durations). Transitions carry no label. Each emotion lies in one or more
regions of the valence-arousal plane, and valence and arousal drift about the target of the
current segment (Ornstein-Uhlenbeck processes).

The regions follow the description in Xia (2018), section 5.4; all numbers are choices of this
simulation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from emolib.labels import EMOTIONS
from emolib.simulation.cast import Character

RATE = 60
"""Samples per second of every simulated process; frames are interpolated from it."""

_STREAM = 3
_PRIMARY_SHARE = 0.82
_DURATIONS = {
    "neutral": 5.0,
    "happiness": 2.6,
    "sadness": 5.2,
    "anger": 2.6,
    "fear": 2.3,
    "surprise": 1.7,
    "disgust": 2.0,
}
_NEUTRAL_BETWEEN_SADNESS = 3.25
_SHORTEST = 0.6
_LABEL_TRIM = 0.15
_REVERSION = 2.5
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True)
class Region:
    """A Gaussian region of the valence-arousal plane and how often an emotion lies in it."""

    share: float
    mean: tuple[float, float]
    spread: tuple[float, float]


REGIONS: dict[str, tuple[Region, ...]] = {
    "happiness": (Region(1.0, (0.52, 0.38), (0.17, 0.15)),),
    "fear": (Region(1.0, (-0.52, 0.58), (0.17, 0.14)),),
    "sadness": (
        Region(0.80, (-0.48, 0.28), (0.20, 0.15)),
        Region(0.10, (-0.40, -0.12), (0.15, 0.08)),
        Region(0.10, (0.28, 0.32), (0.12, 0.12)),
    ),
    "disgust": (
        Region(0.88, (-0.48, 0.38), (0.17, 0.14)),
        Region(0.12, (0.20, 0.30), (0.08, 0.10)),
    ),
    "anger": (
        Region(0.90, (-0.48, 0.58), (0.18, 0.14)),
        Region(0.10, (0.20, 0.45), (0.08, 0.10)),
    ),
    "surprise": (
        Region(0.5, (0.38, 0.55), (0.15, 0.13)),
        Region(0.5, (-0.38, 0.58), (0.15, 0.13)),
    ),
}
"""Where each emotion lies: the simulated truth that the relation chapter should recover."""


@dataclass(frozen=True)
class Segment:
    """A stretch of time with one target; `emotion` is "" in a transition."""

    start: float
    end: float
    emotion: str
    target: tuple[float, float]

    @property
    def labelled(self) -> tuple[float, float]:
        """Start and end of the label, which is a little shorter than the segment."""
        return self.start + _LABEL_TRIM, self.end - _LABEL_TRIM


@dataclass(frozen=True)
class Affect:
    """What one person feels: segments that cover the video, and V/A (n, 2) at `RATE`."""

    segments: tuple[Segment, ...]
    valence_arousal: np.ndarray

    def emotions(self, times: np.ndarray) -> np.ndarray:
        """Return the label at each time, (n,); "" where there is none."""
        labels = np.full(len(times), "", dtype=f"<U{max(map(len, EMOTIONS))}")
        for segment in self.segments:
            start, end = segment.labelled
            if segment.emotion:
                labels[(times >= start) & (times < end)] = segment.emotion
        return labels


def sample_times(duration: float) -> np.ndarray:
    """Return the times in seconds at which processes are simulated."""
    return np.arange(int(np.ceil(duration * RATE)) + 1) / RATE


def simulate_affect(character: Character, duration: float, seed: int, attempt: int = 0) -> Affect:
    """Simulate what a person feels during a video.

    Parameters
    ----------
    character : Character
        Who, and their themes.
    duration : float
        Seconds.
    seed : int
        Of the corpus; with the person and the attempt it determines the result.
    attempt : int
        Counts corpora that were tried with this seed; see `label_faults`.

    Returns
    -------
    Affect
    """
    generator = np.random.default_rng([_STREAM, seed, attempt, character.person])
    segments = _simulate_segments(generator, character, duration)
    times = sample_times(duration)
    starts = [segment.start for segment in segments]
    current = np.searchsorted(starts, times, side="right") - 1
    target = np.array([segment.target for segment in segments])[np.clip(current, 0, None)]
    drift = ornstein_uhlenbeck(generator, (len(times), 2), 1 / _REVERSION) * (0.10, 0.08)
    valence_arousal = approach(target, 1 / _REVERSION) + drift
    return Affect(tuple(segments), np.clip(valence_arousal, -1, 1))


def approach(target: np.ndarray, time_constant: float) -> np.ndarray:
    """Return a signal (n, k) that follows `target` exponentially, starting on it."""
    keep = float(np.exp(-1 / (RATE * time_constant)))
    start = keep * target[:1]
    return lfilter([1 - keep], [1, -keep], target, axis=0, zi=start)[0]


def ornstein_uhlenbeck(
    generator: np.random.Generator, shape: tuple[int, int], time_constant: float
) -> np.ndarray:
    """Return independent stationary drifts of zero mean and unit variance, down the columns."""
    keep = float(np.exp(-1 / (RATE * time_constant)))
    shocks = generator.standard_normal(shape)
    shocks[1:] *= np.sqrt(1 - keep**2)
    return lfilter([1.0], [1, -keep], shocks, axis=0)


def _simulate_segments(generator, character: Character, duration: float) -> list[Segment]:
    neutral_mean = _DURATIONS["neutral"]
    if character.primary == "sadness":
        neutral_mean = _NEUTRAL_BETWEEN_SADNESS
    episodes: Counter[str] = Counter()
    segments: list[Segment] = []
    # The video opens somewhere in the middle of a cycle, not always on a neutral face.
    now = -generator.uniform(0, 8)
    while now < duration:
        primary = generator.random() < _PRIMARY_SHARE
        emotion = character.primary if primary else character.secondary
        target = _sample_target(generator, emotion, 3 * character.person + episodes[emotion])
        episodes[emotion] += 1
        for name, mean, probability in (
            ("neutral", neutral_mean, 0.5),
            ("", 1.6, 0.7),
            (emotion, _DURATIONS[emotion], 1.0),
            ("", 2.0, 0.6),
        ):
            if generator.random() >= probability:
                continue
            length = float(np.clip(generator.gamma(4, mean / 4), _SHORTEST, 3 * mean))
            start, end = max(now, 0.0), min(now + length, duration)
            now += length
            if end > start:
                # A remnant at either end of the video is too short to be recognised as anything.
                shown = name if end - start >= _SHORTEST else ""
                segments.append(Segment(start, end, shown, _near(generator, name, target)))
    return segments


def _sample_target(generator, emotion: str, draw: int) -> np.ndarray:
    """Draw a target; successive draws visit the regions of an emotion in turn.

    The golden-ratio sequence keeps the share of each region close to nominal even for a handful of
    draws, where independent draws would often miss a rare region altogether.
    """
    level = (0.5 + draw * _GOLDEN) % 1.0
    shares = np.cumsum([region.share for region in REGIONS[emotion]])
    region = REGIONS[emotion][min(int(np.searchsorted(shares, level)), len(shares) - 1)]
    return np.clip(generator.normal(region.mean, region.spread), -0.95, 0.95)


def _near(generator, name: str, target: np.ndarray) -> tuple[float, float]:
    if name == "neutral":
        spread = generator.normal((-0.03, 0.06), (0.16, 0.12))
        target = generator.uniform(0.2, 0.7) * target + spread
    elif name == "":
        target = generator.uniform(0.5, 0.6) * target
    return float(target[0]), float(target[1])


def people_showing(affects: Sequence[Affect], duration: float) -> Counter[str]:
    """Count for each emotion the people who have a label of it."""
    times = sample_times(duration)
    return Counter(shown for a in affects for shown in set(a.emotions(times).tolist()) - {""})


def label_faults(affects: Sequence[Affect], duration: float, emotions: Sequence[str]) -> list[str]:
    """Return what is wrong with the labels of a corpus, as sentences; empty when acceptable.

    Every emotion needs two people at least, to be split by person. A corpus of thesis size (59
    people, the seven emotions) needs six, and must have the imbalance of the thesis: neutral and
    sadness are 80 to 88 % of labelled time, and arousal is rarely negative.
    """
    thesis_size = len(affects) >= 59 and set(emotions) == set(EMOTIONS)
    least = 6 if thesis_size else 2
    people = people_showing(affects, duration)
    faults = [
        f"{emotion} is shown by {people[emotion]} of {len(affects)} people; {least} are wanted"
        for emotion in emotions
        if people[emotion] < least
    ]
    if thesis_size:
        labels = np.concatenate([affect.emotions(sample_times(duration)) for affect in affects])
        common = np.isin(labels, ("neutral", "sadness")).sum() / max((labels != "").sum(), 1)
        arousal = np.concatenate([affect.valence_arousal[:, 1] for affect in affects])
        if not 0.80 <= common <= 0.88:
            faults.append(f"neutral and sadness are {common:.1%} of labelled time")
        if np.mean(arousal < 0) >= 0.15:
            faults.append(f"arousal is negative for {np.mean(arousal < 0):.1%} of the time")
    return faults
