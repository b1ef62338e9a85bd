"""Makes one annotation of several people's, where a configuration asks for it.

Valence and arousal
    The raters of a track are brought to the union of their time stamps. Between two samples of a
    rater the value is interpolated linearly, but never across a hole longer than `MAX_HOLE`, and
    never beyond a rater's first and last sample; there the rater says nothing. Values that are
    missing or outside [-1, 1] are removed before anything else. At each time the fused value is
    the weighted mean of the raters who say something.
Categories
    Time is cut wherever an interval of somebody starts or ends, and in each piece every rater of
    the track has a vote: for a category, or for none. The choice of most is taken, and none where
    the vote is tied. Of a rater who went through a track several times the last pass counts.

References
----------
Grimm, M., and Kroschel, K. (2005). Evaluation of natural emotions using self assessment manikins.
IEEE Workshop on Automatic Speech Recognition and Understanding, 381-385.
doi:10.1109/ASRU.2005.1566530
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS, typed
from emolib.data.matching import interval_labels
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS

MAX_HOLE = 1.0
"""Longest time between two samples of a rater, in s, across which values are interpolated."""

MAJORITY = "majority"
"""Rater of the intervals that several people voted for."""

RATER_COLUMNS = ("rater", "dimension", "n", "correlation", "weight", "shift")
"""Columns of the table of raters that `fuse_dimensional` returns."""

_SHIFT_STEP = 0.04  # s
_MAX_ROUNDS = 10


class Fused(NamedTuple):
    """Fused traces, and what became of each rater."""

    dimensional: pd.DataFrame
    raters: pd.DataFrame


def fuse_dimensional(
    dimensional: pd.DataFrame, method: str, *, align: bool = False, max_shift: float = 2.0
) -> Fused:
    """Fuse the valence and the arousal of the raters of each track.

    With ``mean`` raters count alike. With ``ewe``, the evaluator-weighted estimator (Grimm and
    Kroschel 2005), a rater's weight in a dimension is the correlation, over all times of the
    corpus that the rater shares with somebody, between the rater and the mean of the others.
    A negative correlation gives weight 0, and so does a rater who never moves. A rater who shares
    no time with anybody keeps weight 1, which then decides nothing. Times at which only raters
    of weight 0 say something get no value.

    Parameters
    ----------
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal``, ``rater``; times in any order, of equal
        ones of a rater the first counts.
    method : str
        ``mean`` or ``ewe``.
    align : bool
        First shift every rater by a constant, see `rater_shifts`.
    max_shift : float
        Largest shift in s, either way.

    Returns
    -------
    Fused
        ``dimensional``: the columns of `DIMENSIONAL_COLUMNS`, the rater being the method; tracks
        with a single rater keep rater and values. ``raters``: a row for each rater and dimension:
        ``n`` (times shared with others), ``correlation`` with the mean of the others (after
        alignment; NaN where undefined), ``weight``, ``shift`` (s that were subtracted from the
        rater's times).

    Raises
    ------
    InputError
        If the method is unknown, or in a dimension no rater who shares a track has a weight.
    """
    if method not in ("mean", "ewe"):
        raise InputError(f"raters cannot be fused by {method!r}; the methods are mean and ewe")
    names = sorted(dimensional["rater"].unique())
    shifts = dict.fromkeys(names, 0.0)
    if align:
        shifts |= rater_shifts(dimensional, max_shift)
        shift = dimensional["rater"].map(shifts).astype(float)
        dimensional = dimensional.assign(time=dimensional["time"] - shift)
    alone, several = _by_number_of_raters(dimensional)
    traces = list(several.groupby("track"))
    grids = [np.unique(rows["time"]) for _, rows in traces]
    fused = pd.DataFrame(
        {
            "track": np.repeat([track for track, _ in traces], [len(grid) for grid in grids]),
            "time": np.concatenate([[], *grids]),
            "rater": method,
        }
    )
    reports = []
    for dimension in DIMENSIONS:
        sampled = [_sampled(traces, grids, rater, dimension) for rater in names]
        ratings = np.array(sampled).reshape(len(names), len(fused)).T
        report = _weights(ratings, names, dimension, method)
        fused[dimension] = _weighted_mean(ratings, report["weight"].to_numpy(float))
        reports.append(report)
    fused = fused.dropna(subset=list(DIMENSIONS), how="all")
    raters = pd.concat(reports, ignore_index=True)
    raters["shift"] = raters["rater"].map(shifts).astype(float)
    return Fused(typed([alone, fused], DIMENSIONAL_COLUMNS), raters[list(RATER_COLUMNS)])


def rater_shifts(dimensional: pd.DataFrame, max_shift: float) -> dict[str, float]:
    """Find by how much each rater is later than the others.

    One rater after the other is shifted by the constant that maximises the correlation with the
    mean of the others, averaged over valence and arousal and over all tracks together, until
    nobody moves. Of equally good shifts the smallest is taken. What all raters share cannot be
    seen here, so the shifts of those who can be compared have mean 0.

    Parameters
    ----------
    dimensional : DataFrame
        As in `fuse_dimensional`.
    max_shift : float
        Largest shift in s, either way, before the mean is taken out; steps are of 0.04 s.

    Returns
    -------
    dict of str to float
        Seconds to subtract from the times of each rater; 0 for one who shares no track.
    """
    names = sorted(dimensional["rater"].unique())
    _, several = _by_number_of_raters(dimensional)
    compared = sorted(several["rater"].unique())
    reach = int(max_shift / _SHIFT_STEP + 1e-9)
    steps = sorted(range(-reach, reach + 1), key=lambda step: (abs(step), step))
    traces = list(several.groupby("track"))
    # Each track ends in silence that the difference of two shifts cannot bridge: a shift is a roll.
    grids = [
        np.arange(rows["time"].min(), rows["time"].max() + 2 * max_shift + _SHIFT_STEP, _SHIFT_STEP)
        for _, rows in traces
    ]
    ratings = {
        rater: np.stack([_sampled(traces, grids, rater, name) for name in DIMENSIONS])
        for rater in compared
    }
    shift = dict.fromkeys(compared, 0)
    for _ in range(_MAX_ROUNDS):
        before = dict(shift)
        for rater in compared:
            others = [np.roll(ratings[x], -shift[x], axis=1) for x in compared if x != rater]
            target = _mean(np.stack(others))
            scores = [_similarity(np.roll(ratings[rater], -step, axis=1), target) for step in steps]
            if np.isfinite(scores).any():
                shift[rater] = steps[int(np.nanargmax(scores))]
        if shift == before:
            break
    mean = np.mean(list(shift.values())) if compared else 0.0
    return {
        name: float((shift[name] - mean) * _SHIFT_STEP) if name in shift else 0.0 for name in names
    }


def fuse_categorical(categorical: pd.DataFrame) -> pd.DataFrame:
    """Let the raters of each track vote, instant by instant.

    Parameters
    ----------
    categorical : DataFrame
        ``track``, ``start``, ``end`` (s), ``emotion``, ``rater``, ``pass``.

    Returns
    -------
    DataFrame
        The columns of `CATEGORICAL_COLUMNS`. In tracks of several raters, intervals that do not
        overlap, of the rater `MAJORITY`; in others the last pass, as it was.
    """
    alone, several = _by_number_of_raters(last_pass(categorical))
    voted = [_vote(rows).assign(track=track) for track, rows in several.groupby("track")]
    return typed([alone, *voted], CATEGORICAL_COLUMNS)


def last_pass(categorical: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals of the last time that each rater went through each track."""
    last = categorical.groupby(["track", "rater"])["pass"].transform("max")
    return categorical[categorical["pass"] == last]


def interpolate_trace(trace: pd.DataFrame, dimension: str, at: np.ndarray) -> np.ndarray:
    """Return what one rater says of one track at any times.

    Parameters
    ----------
    trace : DataFrame
        ``time`` (s) in any order, and the dimension; of equal times the first counts.
    dimension : str
        ``valence`` or ``arousal``.
    at : ndarray, shape (n,)
        Times in s.

    Returns
    -------
    ndarray of float, shape (n,)
        NaN beyond the first and last sample, and within holes longer than `MAX_HOLE`.
    """
    low, high = DIMENSION_RANGE
    trace = trace[trace[dimension].between(low, high)]  # NaN is not between
    times, first = np.unique(trace["time"].to_numpy(float), return_index=True)
    if not len(times):
        return np.full(len(at), np.nan)
    values = np.interp(at, times, trace[dimension].to_numpy(float)[first], np.nan, np.nan)
    after = np.searchsorted(times, at).clip(1, max(len(times) - 1, 1)) % len(times)
    in_hole = (times[after] - times[after - 1] > MAX_HOLE) & ~np.isin(at, times)
    return np.where(in_hole, np.nan, values)


def _by_number_of_raters(annotations: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of tracks with one rater, and those of tracks with several."""
    several = annotations.groupby("track")["rater"].transform("nunique") > 1
    return annotations[~several], annotations[several]


def _sampled(traces: list, grids: list[np.ndarray], rater: str, dimension: str) -> np.ndarray:
    """Return what a rater says at the times of all tracks, one after the other; NaN: nothing."""
    pieces = [
        interpolate_trace(rows[rows["rater"] == rater], dimension, grid)
        for (_, rows), grid in zip(traces, grids, strict=True)
    ]
    return np.concatenate([[], *pieces])


def _weights(ratings: np.ndarray, names: list[str], dimension: str, method: str) -> pd.DataFrame:
    """Return a row for each rater: times shared, correlation with the others, weight."""
    rows = []
    for i, name in enumerate(names):
        others = _mean(np.delete(ratings, i, axis=1).T)
        n = int((np.isfinite(others) & np.isfinite(ratings[:, i])).sum())
        correlation = _correlation(ratings[:, i], others)
        is_weighed = method == "ewe" and n > 0
        weight = float(np.fmax(correlation, 0.0)) if is_weighed else 1.0
        rows.append((name, dimension, n, correlation, weight))
    report = pd.DataFrame(rows, columns=RATER_COLUMNS[:-1])
    shares = report[report["n"] > 0]
    if len(shares) and not shares["weight"].any():
        raise InputError(
            f"no rater of {dimension} goes with the others ({', '.join(shares['rater'])}), so all "
            "weights are 0; look at the traces, or set raters.fuse to mean"
        )
    return report


def _weighted_mean(ratings: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of (n, raters) over the raters who say something; NaN where none does."""
    says = np.isfinite(ratings)
    total = says @ weights
    mean = np.full(len(ratings), np.nan)
    return np.divide(np.where(says, ratings, 0.0) @ weights, total, out=mean, where=total > 0)


def _mean(ratings: np.ndarray) -> np.ndarray:
    """Return the mean over the first axis without NaN; NaN where there is nothing else."""
    says = np.isfinite(ratings)
    total, n = np.where(says, ratings, 0.0).sum(axis=0), says.sum(axis=0)
    return np.divide(total, n, out=np.full(total.shape, np.nan), where=n > 0)


def _similarity(rater: np.ndarray, others: np.ndarray) -> float:
    """Return the correlation averaged over the dimensions that have one; NaN if none has."""
    return float(_mean(np.array([_correlation(x, y) for x, y in zip(rater, others, strict=True)])))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    """Return the correlation over what both say; NaN where one of them never moves there."""
    both = np.isfinite(x) & np.isfinite(y)
    x, y = x[both], y[both]
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return np.nan
    return float(np.corrcoef(x, y)[0, 1])


def _vote(intervals: pd.DataFrame) -> pd.DataFrame:
    """Return the intervals that most raters of a track chose."""
    bounds = np.unique(intervals[["start", "end"]])
    votes = pd.DataFrame(
        {
            rater: interval_labels(rows["start"], rows["end"], rows["emotion"], bounds[:-1])
            for rater, rows in intervals.groupby("rater")
        }
    )
    counts = pd.DataFrame({name: (votes == name).sum(axis=1) for name in np.unique(votes)})
    most = counts.max(axis=1)
    tied = counts.eq(most, axis=0).sum(axis=1) > 1
    chosen = counts.idxmax(axis=1).mask(tied, "")
    run = (chosen != chosen.shift()).cumsum()
    pieces = pd.DataFrame({"start": bounds[:-1], "end": bounds[1:], "emotion": chosen})
    merged = pieces.groupby(run).agg({"start": "first", "end": "last", "emotion": "first"})
    merged = merged[merged["emotion"] != ""]
    return merged.assign(rater=MAJORITY, **{"pass": 1})
