"""A simulated second rater of what somebody annotated: an example for measures of agreement.

The second rater sees the same and reacts later, has a hand of their own, sets the edges of
intervals elsewhere, and takes some emotions for others. How far the two agree then says nothing
about people, only whether a measure notices what was planted.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS
from emolib.simulation.expression import RATE, approach, ornstein_uhlenbeck
from emolib.simulation.movement import interpolate

CORPUS, SIMULATED = "corpus", "simulated"
"""Names of the two raters."""

_HAND = 0.3  # s; how fast a hand follows
_DRIFT = 2.0  # s; how long a hand stays too high or too low


class TwoRaters(NamedTuple):
    """Annotations by the raters `CORPUS` and `SIMULATED`."""

    dimensional: pd.DataFrame
    categorical: pd.DataFrame


def add_second_rater(
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    *,
    delay: float = 0.5,
    edge: float = 0.3,
    unsteadiness: float = 0.08,
    confusion: float = 0.15,
    seed: int = 0,
) -> TwoRaters:
    """Take one annotation of each track, and simulate a second one from it.

    Parameters
    ----------
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal``, ``rater``.
    categorical : DataFrame
        ``track``, ``start``, ``end`` (s), ``emotion``, ``rater``, ``pass``.
    delay : float
        Seconds by which the second rater's traces are late.
    edge : float
        Seconds by which an edge of an interval may be moved, either way.
    unsteadiness : float
        Standard deviation of the second rater's own movements, in units of valence and arousal.
    confusion : float
        Probability that the second rater takes an interval for another emotion.
    seed : int
        Where chance starts.

    Returns
    -------
    TwoRaters
        Of a track with several raters the first in alphabetical order is taken, and of passes the
        last.
    """
    generator = np.random.default_rng(seed)
    first_traces = _of_one_rater(dimensional)
    last = categorical.groupby(["track", "rater"])["pass"].transform("max")
    first_intervals = _of_one_rater(categorical[categorical["pass"] == last])
    traces = [
        _late_trace(generator, rows, delay, unsteadiness)
        for _, rows in first_traces.groupby("track")
    ]
    intervals = _moved_intervals(generator, first_intervals, edge, confusion)
    return TwoRaters(
        pd.concat([first_traces, *traces], ignore_index=True),
        pd.concat([first_intervals, intervals], ignore_index=True),
    )


def _of_one_rater(annotations: pd.DataFrame) -> pd.DataFrame:
    one = annotations.groupby("track")["rater"].transform("min")
    return annotations[annotations["rater"] == one].assign(rater=CORPUS)


def _late_trace(generator, rows: pd.DataFrame, delay: float, unsteadiness: float) -> pd.DataFrame:
    rows = rows.sort_values("time")
    times, values = rows["time"].to_numpy(float), rows[list(DIMENSIONS)].to_numpy(float)
    shape = int(times[-1] * RATE) + 2, len(DIMENSIONS)
    hand = approach(unsteadiness * ornstein_uhlenbeck(generator, shape, _DRIFT), _HAND)
    seen = np.stack([np.interp(times - delay, times, column) for column in values.T], axis=1)
    traced = np.clip(seen + interpolate(times, hand), *DIMENSION_RANGE)
    return rows.assign(**dict(zip(DIMENSIONS, traced.T, strict=True)), rater=SIMULATED)


def _moved_intervals(generator, rows: pd.DataFrame, edge: float, confusion: float) -> pd.DataFrame:
    start = rows["start"] + generator.uniform(-edge, edge, len(rows))
    end = rows["end"] + generator.uniform(-edge, edge, len(rows))
    other = generator.integers(1, len(EMOTIONS), len(rows))  # so many places further in the order
    index = [EMOTIONS.index(emotion) for emotion in rows["emotion"]]
    confused = generator.random(len(rows)) < confusion
    emotions = np.array(EMOTIONS)[(index + np.where(confused, other, 0)) % len(EMOTIONS)]
    end = end.clip(upper=rows.groupby("track")["end"].transform("max"))  # within the video
    moved = rows.assign(start=start.clip(lower=0.0), end=end, emotion=emotions, rater=SIMULATED)
    return moved[moved["end"] > moved["start"]]
