"""How categories follow each other, and how long each lasts.

Conventions
-----------
- An *episode* is a stretch of one category of one track. It ends where another category or no
  category begins, or where the faces stop for longer than a stated gap.
- One episode follows another if nothing but faces without a category, or nothing longer than the
  gap, is between them. Two episodes of the same category follow each other where something
  unlabelled is in between.
- An episode that begins or ends within `EDGE` of the beginning or end of a track, or of a gap, may
  have lasted longer than is seen. Such durations are censored; the median is that of Kaplan and
  Meier (1958), NaN where fewer than half of the episodes can be followed so far.

References
----------
Kaplan, E. L., and Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal
of the American Statistical Association 53(282), 457-481. doi:10.1080/01621459.1958.10501452
"""

import numpy as np
import pandas as pd
from scipy import stats

from emolib.evaluation.uncertainty import draw_people, percentile_limits
from emolib.interpretation.people import Estimate, ratio
from emolib.labels import EMOTIONS

EDGE = 0.5
"""Seconds: a label that begins so soon after the first face was cut off by it, or began with it."""


def find_episodes(samples: pd.DataFrame, max_gap: float) -> pd.DataFrame:
    """Return the episodes of a corpus in the order of time.

    Parameters
    ----------
    samples : pandas.DataFrame
        All faces, with or without a category: ``track, person, time`` (s), ``emotion`` ("" where
        there is none); those of a track together and in the order of time.
    max_gap : float
        Longest time in s between neighbouring faces of an episode.

    Returns
    -------
    pandas.DataFrame
        ``track, person, emotion, start, end, duration`` (s; one frame for a single face),
        ``complete`` (whether both its ends were seen) and ``previous``, the category of the
        episode before it, "" where there is none.
    """
    columns = ["track", "person", "emotion", "start", "end", "duration", "complete", "previous"]
    if samples.empty:
        return pd.DataFrame(columns=columns)
    faces = samples[["track", "person", "time"]].assign(emotion=samples["emotion"].fillna(""))
    new_track = faces["track"] != faces["track"].shift()
    step = faces["time"].diff()
    broken = new_track | (step > max_gap)
    changed = broken | (faces["emotion"] != faces["emotion"].shift())
    frame = float(step[~broken].median()) if (~broken).any() else 0.0
    runs = (
        faces.assign(stretch=broken.cumsum())
        .groupby(changed.cumsum())
        .agg(
            track=("track", "first"),
            person=("person", "first"),
            emotion=("emotion", "first"),
            start=("time", "first"),
            end=("time", "last"),
            stretch=("stretch", "first"),
        )
    )
    runs["duration"] = runs["end"] - runs["start"] + frame
    stretch = runs.groupby("stretch")
    after_start = runs["start"] - stretch["start"].transform("first")
    before_end = stretch["end"].transform("last") - runs["end"]
    runs["complete"] = (after_start > EDGE) & (before_end > EDGE)
    episodes = runs[runs["emotion"] != ""]
    before = episodes.groupby("stretch")["emotion"].shift().fillna("")
    return episodes.assign(previous=before)[columns].reset_index(drop=True)


def transition_matrix(episodes: pd.DataFrame) -> pd.DataFrame:
    """Count how often each category (columns) follows each (rows), shape (7, 7)."""
    followed = episodes[episodes["previous"] != ""]
    counts = pd.crosstab(followed["previous"], followed["emotion"])
    counts = counts.reindex(index=list(EMOTIONS), columns=list(EMOTIONS), fill_value=0)
    return counts.rename_axis(index="previous", columns="emotion")


def from_neutral(episodes: pd.DataFrame) -> Estimate:
    """Return the share of emotional episodes with a predecessor that follow a neutral one.

    The thesis (5.4) says that neutral usually initiates the other six.
    """
    followed = episodes[(episodes["previous"] != "") & (episodes["emotion"] != "neutral")]
    return ratio(followed["previous"] == "neutral", 1, followed["person"])


def duration_table(
    episodes: pd.DataFrame, *, confidence: float, n_replicates: int, seed: int
) -> pd.DataFrame:
    """Say how long the episodes of each category last.

    Returns
    -------
    pandas.DataFrame
        ``emotion, episodes, people, seen whole`` (their share), ``median`` (s) and ``low, high``,
        the percentiles of medians with people drawn again.
    """
    rows = []
    for number, emotion in enumerate(EMOTIONS):
        mine = episodes[episodes["emotion"] == emotion]
        if mine.empty:
            continue
        durations = mine["duration"].to_numpy(float)
        complete = mine["complete"].to_numpy(bool)
        codes, names = pd.factorize(mine["person"], sort=True)
        draws = draw_people(len(names), n_replicates, seed + number).astype(int)
        medians = [
            median_duration(np.repeat(durations, times), np.repeat(complete, times))
            for times in draws[:, codes]
        ]
        low, high = percentile_limits(np.array(medians), confidence)
        median = median_duration(durations, complete)
        low, high = (low, high) if not np.isnan(median) else (np.nan, np.nan)
        rows.append((emotion, len(mine), len(names), complete.mean(), median, low, high))
    columns = ["emotion", "episodes", "people", "seen whole", "median", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def median_duration(durations: np.ndarray, complete: np.ndarray) -> float:
    """Return the median of durations of which some were not seen to their end.

    Examples
    --------
    >>> durations = np.array([1.0, 2.0, 3.0, 4.0])
    >>> median_duration(durations, np.array([True, True, True, True]))
    2.0
    >>> median_duration(durations, np.array([True, False, True, True]))
    3.0
    """
    data = stats.CensoredData.right_censored(durations, ~complete)
    survival = stats.ecdf(data).sf
    below = np.flatnonzero(survival.probabilities <= 0.5 + 1e-12)
    return float(survival.quantiles[below[0]]) if len(below) else np.nan
