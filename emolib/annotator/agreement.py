r"""How far raters of the same videos agree, and where they differ.

Conventions
-----------
- Everything is compared frame by frame of the 30 fps stream. A frame has the category of the
  interval that holds its middle, and valence and arousal interpolated at its time; of a rater who
  went through a track several times the last pass counts (`emolib.data.raters`).
- Nothing is shifted in time: a rater who reacts late disagrees.
- Cohen's kappa is over the frames that both raters labelled, the concordance over the frames at
  which both gave a value. How many frames only one of them labelled is told beside it, since two
  raters may agree on all that both marked and yet have marked different things.
- What is undefined is NaN, and never 0.

`emolib.evaluation.agreement` judges a whole corpus, any number of raters together; this module
shows two raters what to talk about.

References
----------
Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and Psychological
Measurement 20(1), 37-46. doi:10.1177/001316446002000104
"""

from collections.abc import Mapping
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from emolib.data.matching import interval_labels
from emolib.data.raters import interpolate_trace, last_pass
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.evaluation.metrics import ccc
from emolib.labels import DIMENSIONS

ALL_VIDEOS = "all videos"
"""What the rows over all videos have for a video."""

PAIR_COLUMNS = (
    "video", "first", "second",
    "labelled_by_both", "labelled_by_one", "same_label", "kappa",
    "rated_by_both", "ccc_valence", "ccc_arousal",
)  # fmt: skip
"""Columns of `pair_agreement`."""

DIFFERENCE_COLUMNS = (
    "track", "content", "start", "end", "seconds", "first_said", "second_said", "difference"
)  # fmt: skip
"""Columns of `differences`."""

NOTHING = ""
"""What a rater said who marked nothing."""


def most_different(differences: pd.DataFrame, categorical: pd.DataFrame) -> str:
    """Return the track whose raters differ for the longest time, in categories if they do there.

    Parameters
    ----------
    differences : DataFrame
        What `differences` returns.
    categorical : DataFrame
        All intervals; the first track of those is taken where nobody differs.
    """
    in_categories = differences[differences["content"] == "emotion"]
    counted = in_categories if len(in_categories) else differences
    if counted.empty:
        return min(categorical["track"], default="")
    return counted.groupby("track")["seconds"].sum().idxmax()


class Timeline(NamedTuple):
    """What two raters said of a track.

    Attributes
    ----------
    intervals : pandas.DataFrame
        ``rater``, ``start``, ``end`` (s), ``emotion``, of the last pass.
    traces : pandas.DataFrame
        ``rater``, ``time`` (s), ``valence``, ``arousal``; NaN where nothing was said.
    """

    intervals: pd.DataFrame
    traces: pd.DataFrame


def pair_agreement(
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    videos: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Say of every two raters how far they agree, in every video and over all.

    Parameters
    ----------
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal``, ``rater``.
    categorical : DataFrame
        ``track``, ``start``, ``end`` (s), ``emotion``, ``rater``, ``pass``.
    videos : mapping of str to str, optional
        The video of each track; a track that is not named is a video of its own.

    Returns
    -------
    DataFrame
        The columns `PAIR_COLUMNS`. A row for every two raters and video with a track that both
        annotated, and one over `ALL_VIDEOS`, pairs in alphabetical order: frames
        ``labelled_by_both`` and ``labelled_by_one`` alone; ``same_label``, the share of the former
        with the same category, in [0, 1]; ``kappa``; frames ``rated_by_both`` in valence or
        arousal; the concordances. NaN where there is nothing to compare, or only one category.
    """
    categorical, named = last_pass(categorical), {} if videos is None else dict(videos)
    rows = []
    for first, second in combinations(_raters(dimensional, categorical), 2):
        frames = [
            _side_by_side(dimensional, categorical, track, (first, second)).assign(
                video=named.get(track, track)
            )
            for track in _shared_tracks(dimensional, categorical, first, second)
        ]
        if not frames:
            continue
        together = pd.concat(frames)
        parts = [*together.groupby("video"), (ALL_VIDEOS, together)]
        rows += [(video, first, second, *_scores(part)) for video, part in parts]
    return pd.DataFrame(rows, columns=PAIR_COLUMNS)


def differences(
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    first: str,
    second: str,
    *,
    tolerance: float = 0.2,
) -> pd.DataFrame:
    """List the stretches in which two raters differ, the longest first.

    Parameters
    ----------
    dimensional, categorical : DataFrame
        As for `pair_agreement`.
    first, second : str
        The raters.
    tolerance : float
        Difference of valence, or of arousal, from which on two raters differ; above 0.

    Returns
    -------
    DataFrame
        The columns `DIFFERENCE_COLUMNS`: ``content`` is ``emotion``, ``valence`` or ``arousal``;
        ``start`` and ``end`` in s; what each said is an emotion (empty where nothing was marked) or
        the mean value with two decimals; ``difference`` is the mean absolute difference of values,
        NaN of emotions. Where only one rater gave values, nothing is compared.

    Raises
    ------
    InputError
        If a rater annotated nothing, or the tolerance is impossible.
    """
    categorical = last_pass(categorical)
    if not tolerance > 0:
        raise InputError(f"tolerance must be above 0; found {tolerance}")
    known = _raters(dimensional, categorical)
    for rater in (first, second):
        if rater not in known:
            raise InputError(f"no rater {rater!r}; there are {', '.join(known) or 'none'}")
    rows = []
    for track in _shared_tracks(dimensional, categorical, first, second):
        frames = _side_by_side(dimensional, categorical, track, (first, second))
        rows += _category_stretches(track, frames)
        for name in DIMENSIONS:
            rows += _value_stretches(track, frames, name, tolerance)
    table = pd.DataFrame(rows, columns=DIFFERENCE_COLUMNS)
    order = ["seconds", "track", "start"]
    return table.sort_values(order, ascending=[False, True, True], ignore_index=True)


def timeline(
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    track: str,
    raters: tuple[str, str],
    *,
    rate: float = 5.0,
) -> Timeline:
    """Return what two raters said of a track, for a chart.

    Parameters
    ----------
    dimensional, categorical : DataFrame
        As for `pair_agreement`.
    track : str
        The track.
    raters : tuple of str
        The two.
    rate : float
        Values of a trace in a second.
    """
    intervals = last_pass(categorical[categorical["track"] == track])
    traces = dimensional[dimensional["track"] == track]
    times = np.arange(0.0, np.nan_to_num(traces["time"].max()) + 1 / rate, 1 / rate)
    drawn = []
    for rater in raters:
        own = traces[traces["rater"] == rater]
        values = {name: interpolate_trace(own, name, times) for name in DIMENSIONS}
        drawn.append(pd.DataFrame({"rater": rater, "time": times, **values}))
    columns = ["rater", "start", "end", "emotion"]
    intervals = intervals.loc[intervals["rater"].isin(raters), columns]
    return Timeline(intervals.sort_values(columns[:2]), pd.concat(drawn, ignore_index=True))


def _raters(dimensional: pd.DataFrame, categorical: pd.DataFrame) -> list[str]:
    return sorted({*dimensional["rater"], *categorical["rater"]})


def _shared_tracks(
    dimensional: pd.DataFrame, categorical: pd.DataFrame, first: str, second: str
) -> list[str]:
    """Return the tracks that both raters annotated, in whatever way."""
    both = pd.concat([table[["track", "rater"]] for table in (dimensional, categorical)])
    tracks = [set(both.loc[both["rater"] == rater, "track"]) for rater in (first, second)]
    return sorted(tracks[0] & tracks[1])


def _side_by_side(
    dimensional: pd.DataFrame, categorical: pd.DataFrame, track: str, raters: tuple[str, str]
) -> pd.DataFrame:
    """Return a row for each frame: ``emotion``, ``valence``, ``arousal`` of raters 1 and 2."""
    traces = dimensional[dimensional["track"] == track]
    intervals = categorical[categorical["track"] == track]
    last = max(traces["time"].max(), intervals["end"].max(), key=np.nan_to_num)
    frame = np.arange(int(np.ceil(last * STREAM_RATE)) + 1)
    columns = {"frame": frame}
    for number, rater in enumerate(raters, 1):
        own = intervals[intervals["rater"] == rater]
        middles = (frame + 0.5) / STREAM_RATE  # of a frame: edges that were rounded move none
        columns[f"emotion_{number}"] = interval_labels(
            own["start"], own["end"], own["emotion"], middles
        )
        for name in DIMENSIONS:
            columns[f"{name}_{number}"] = interpolate_trace(
                traces[traces["rater"] == rater], name, frame / STREAM_RATE
            )
    return pd.DataFrame(columns)


def _scores(frames: pd.DataFrame) -> tuple:
    labels = frames[["emotion_1", "emotion_2"]]
    count = (labels != NOTHING).sum(axis=1)
    both = labels[count == 2]
    alike = both["emotion_1"] == both["emotion_2"]
    rated, concordances = np.zeros(len(frames), dtype=bool), []
    for name in DIMENSIONS:
        values = frames[[f"{name}_1", f"{name}_2"]].to_numpy(float)
        given = np.isfinite(values).all(axis=1)
        rated |= given
        concordances.append(ccc(*values[given].T))
    return (
        len(both),
        int((count == 1).sum()),
        float(alike.mean()) if len(both) else np.nan,
        _kappa(both),
        int(rated.sum()),
        *concordances,
    )


def _kappa(labels: pd.DataFrame) -> float:
    if labels.empty or np.unique(labels.to_numpy(str)).size < 2:
        return np.nan
    return float(cohen_kappa_score(labels["emotion_1"], labels["emotion_2"]))


def _category_stretches(track: str, frames: pd.DataFrame) -> list[tuple]:
    differ = (frames["emotion_1"] != frames["emotion_2"]).to_numpy()
    said = frames["emotion_1"] + "|" + frames["emotion_2"]
    rows = []
    for start, end in _runs(differ, pd.factorize(said)[0]):
        first, second = frames.loc[start, ["emotion_1", "emotion_2"]]
        rows.append((track, "emotion", *_times(start, end), first, second, np.nan))
    return rows


def _value_stretches(track: str, frames: pd.DataFrame, name: str, tolerance: float) -> list[tuple]:
    first, second = (frames[f"{name}_{number}"].to_numpy() for number in (1, 2))
    apart = np.abs(first - second)
    differ = np.nan_to_num(apart) >= tolerance
    return [
        (
            *(track, name, *_times(start, end)),
            f"{first[start:end].mean():.2f}",
            f"{second[start:end].mean():.2f}",
            float(apart[start:end].mean()),
        )
        for start, end in _runs(differ, np.sign(np.nan_to_num(first - second)))
    ]


def _runs(wanted: np.ndarray, kind: np.ndarray) -> list[tuple[int, int]]:
    """Return where wanted frames of one kind begin, and where they have ended."""
    changes = np.flatnonzero((np.diff(wanted) != 0) | (np.diff(kind) != 0)) + 1
    bounds = [0, *changes.tolist(), len(wanted)]
    return [pair for pair in zip(bounds[:-1], bounds[1:], strict=True) if wanted[pair[0]]]


def _times(start: int, end: int) -> tuple[float, float, float]:
    return start / STREAM_RATE, end / STREAM_RATE, (end - start) / STREAM_RATE
