"""What a trained run proposes to a rater: intervals and traces, from what it predicts for a video.

The predictions are those that ``emolib predict`` writes. Intervals are made so:

1. the category of a frame is the most probable one; where its probability is below `threshold`, or
   where there is no face, the frame is open;
2. of the frames in a window about each frame the majority decides, open being one of the choices;
   of equally frequent categories the one that is more probable over the window is taken;
3. a run shorter than `shortest` between two runs of the same category becomes part of them; other
   short runs are left open.

Traces are thinned, so that a rater can move them: at some frames, `rate` in a second, they have the
mean of the predictions about that frame, and between these they are straight. How far that is at
most from what the network said is told.

A proposal has a name that depends on nothing but the run and what is proposed, so that what a rater
refused stays refused when the tool is opened again.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.data.raters import MAX_HOLE
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS
from emolib.storage import value_hash

PROBABILITIES = tuple(f"probability_{emotion}" for emotion in EMOTIONS)
"""Columns of predictions that say categories, in the order of `EMOTIONS`."""

INTERVAL_COLUMNS = {
    "id": "str",
    "track": "str",
    "start": "float64",  # s
    "end": "float64",  # s
    "emotion": "str",
    "probability": "float64",  # mean of the emotion over the interval, in [0, 1]
    "origin": "str",
}
"""Columns of proposed intervals, with their types."""

TRACE_COLUMNS = {
    "id": "str",  # of the stretch; a hole without a face ends one
    "track": "str",
    "time": "float64",  # s
    "valence": "float64",
    "arousal": "float64",
    "origin": "str",
}
"""Columns of proposed traces, with their types."""

OPEN = len(EMOTIONS)  # the choice beside the categories


class Proposals(NamedTuple):
    """What a run proposes for a video.

    Attributes
    ----------
    intervals : pandas.DataFrame
        The columns of `INTERVAL_COLUMNS`, sorted by track and start; none overlap in a track. Empty
        of a run without categories.
    traces : pandas.DataFrame
        The columns of `TRACE_COLUMNS`, sorted by track and time. Empty of a run without dimensions.
    error : dict of str to float
        By dimension, the largest distance between the thinned trace and the prediction of a frame;
        empty without traces.
    run : str
        The run that proposes.
    """

    intervals: pd.DataFrame
    traces: pd.DataFrame
    error: dict[str, float]
    run: str = ""


def propose(
    predictions: pd.DataFrame,
    run: str,
    *,
    threshold: float = 0.5,
    window: float = 0.5,
    shortest: float = 0.4,
    rate: float = 5.0,
) -> Proposals:
    """Propose intervals and traces from predictions.

    Parameters
    ----------
    predictions : DataFrame
        What ``emolib predict`` writes: ``track``, ``frame`` (of the 30 fps stream); the columns
        `PROBABILITIES`, or ``valence`` and ``arousal``, or all of them. Rows in any order.
    run : str
        Name of the run, for ``origin``.
    threshold : float
        Probability from which on a category counts, in [0, 1].
    window : float
        Length in s of the window of the majority.
    shortest : float
        Length in s of the shortest interval.
    rate : float
        Samples of a trace in a second.

    Raises
    ------
    InputError
        If a column is missing, a frame is given twice, a value is impossible, or an option is.
    """
    _check_options(threshold=threshold, window=window, shortest=shortest, rate=rate)
    has_category, has_dimensions = _check(predictions)
    origin = f"proposal {run}"
    frames = [max(1, round(length * STREAM_RATE)) for length in (window, shortest)]
    step = max(1, round(STREAM_RATE / rate))
    intervals, traces, errors = [], [], []
    for track, rows in predictions.sort_values("frame").groupby("track"):
        named = {"track": track, "origin": origin}
        if has_category:
            for start, end, emotion, probability in _intervals(rows, threshold, *frames):
                spoken = {"start": start / STREAM_RATE, "end": end / STREAM_RATE}
                name = value_hash([run, track, start, end, emotion])
                row = {"id": name, **named, **spoken, "emotion": emotion}
                intervals.append({**row, "probability": probability})
        if has_dimensions:
            for stretch in _stretches(rows):
                thinned, error = _thinned(stretch, step)
                ends = [int(thinned["frame"].iloc[place]) for place in (0, -1)]
                name = value_hash([run, track, *ends, "trace"])
                times = thinned["frame"] / STREAM_RATE
                traces.append(thinned.assign(id=name, **named, time=times))
                errors.append(error)
    worst = np.max(errors, axis=0) if errors else []
    return Proposals(
        pd.DataFrame(intervals, columns=list(INTERVAL_COLUMNS)).astype(INTERVAL_COLUMNS),
        _table(traces),
        dict(zip(DIMENSIONS, map(float, worst), strict=False)),
        run,
    )


def _check_options(*, threshold: float, **lengths: float) -> None:
    if not 0 <= threshold <= 1:
        raise InputError(f"threshold must be in [0, 1]; found {threshold}")
    for name, value in lengths.items():
        if not 0 < value < np.inf:
            raise InputError(f"{name} must be a number above 0; found {value}")


def _check(predictions: pd.DataFrame) -> tuple[bool, bool]:
    """Return whether there are categories, and whether there are dimensions."""
    for column in ("track", "frame"):
        if column not in predictions:
            raise InputError(
                f"the predictions have no column {column!r}; take the table that `emolib predict` "
                "writes"
            )
    has_category = set(PROBABILITIES) <= set(predictions)
    has_dimensions = set(DIMENSIONS) <= set(predictions)
    if not (has_category or has_dimensions):
        raise InputError(
            f"the predictions have neither {PROBABILITIES[0]} and the like nor "
            f"{' and '.join(DIMENSIONS)}; take the table that `emolib predict` writes"
        )
    doubled = predictions[predictions.duplicated(["track", "frame"])]
    for row in doubled.head(1).itertuples():
        raise InputError(
            f"the predictions hold frame {row.frame} of {row.track!r} twice; give those of one "
            "video"
        )
    ranges = dict.fromkeys(PROBABILITIES if has_category else (), (0.0, 1.0))
    ranges |= dict.fromkeys(DIMENSIONS if has_dimensions else (), DIMENSION_RANGE)
    for column, (low, high) in ranges.items():
        for value in predictions.loc[~predictions[column].between(low, high), column].head(1):
            raise InputError(
                f"the predictions hold {column} {value:g}, outside [{low:g}, {high:g}]"
            )
    return has_category, has_dimensions


def _intervals(
    rows: pd.DataFrame, threshold: float, window: int, shortest: int
) -> Iterator[tuple[int, int, str, float]]:
    """Yield start, end (frames), emotion and mean probability of each interval of a track."""
    frame = rows["frame"].to_numpy()
    given = np.zeros((frame[-1] - frame[0] + 1, len(EMOTIONS)))
    given[frame - frame[0]] = rows[list(PROBABILITIES)].to_numpy(float)
    choice = np.where(given.max(axis=1) >= max(threshold, 1e-9), given.argmax(axis=1), OPEN)
    choice = _majority(choice, given, window)
    for start, end, emotion in _long_runs(choice, shortest):
        seen = given[start:end].any(axis=1)
        probability = float(given[start:end, emotion][seen].mean())
        yield int(frame[0]) + start, int(frame[0]) + end, EMOTIONS[emotion], probability


def _majority(choice: np.ndarray, probability: np.ndarray, window: int) -> np.ndarray:
    """Return the most frequent choice in a window about each frame."""
    votes = np.eye(OPEN + 1)[choice]
    votes[:, :OPEN] += 0.5 * probability / len(choice)  # in sum less than one vote
    before, after = (window - 1) // 2, window // 2
    sums = np.cumsum(np.vstack([np.zeros(OPEN + 1), votes]), axis=0)
    place = np.arange(len(choice))
    first, last = np.maximum(place - before, 0), np.minimum(place + after + 1, len(choice))
    return (sums[last] - sums[first]).argmax(axis=1)


def _long_runs(choice: np.ndarray, shortest: int) -> list[tuple[int, int, int]]:
    """Return start, end and emotion of runs, after short ones were merged or left out."""
    runs = _runs(choice)
    for place in range(1, len(runs) - 1):
        (before, short, after) = runs[place - 1 : place + 2]
        between = before[2] == after[2] != OPEN and short[2] != OPEN
        if between and short[1] - short[0] < shortest:
            choice[short[0] : short[1]] = before[2]
    return [run for run in _runs(choice) if run[2] != OPEN and run[1] - run[0] >= shortest]


def _runs(choice: np.ndarray) -> list[tuple[int, int, int]]:
    bounds = [0, *(np.flatnonzero(np.diff(choice)) + 1).tolist(), len(choice)]
    return [(a, b, int(choice[a])) for a, b in zip(bounds[:-1], bounds[1:], strict=True)]


def _stretches(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the rows of a track between holes that no trace may cross."""
    holes = rows["frame"].diff() > MAX_HOLE * STREAM_RATE
    for _, stretch in rows.groupby(holes.cumsum()):
        yield stretch


def _thinned(stretch: pd.DataFrame, step: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the mean about every so many frames, and the largest distance to any frame."""
    frame = stretch["frame"].to_numpy()
    values = stretch[list(DIMENSIONS)].to_numpy(float)
    slot = frame // step  # of all frames, so that the same ones are kept wherever a stretch begins
    kept = np.flatnonzero(np.diff(slot, prepend=slot[0] - 1) > 0)
    kept = np.unique([*kept, len(frame) - 1])
    first = np.searchsorted(frame, frame[kept] - step / 2)
    last = np.searchsorted(frame, frame[kept] + step / 2, side="right")
    sums = np.cumsum(np.vstack([np.zeros(len(DIMENSIONS)), values]), axis=0)
    means = (sums[last] - sums[first]) / (last - first)[:, None]
    thinned = pd.DataFrame(np.clip(means, *DIMENSION_RANGE), columns=list(DIMENSIONS))
    drawn = [np.interp(frame, frame[kept], thinned[name]) for name in DIMENSIONS]
    error = np.abs(np.transpose(drawn) - values).max(axis=0)
    return thinned.assign(frame=frame[kept]), error


def _table(traces: list[pd.DataFrame]) -> pd.DataFrame:
    empty = pd.DataFrame(columns=list(TRACE_COLUMNS))
    table = pd.concat(traces, ignore_index=True) if traces else empty
    return table[list(TRACE_COLUMNS)].astype(TRACE_COLUMNS)
