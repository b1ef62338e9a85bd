"""Gives every face the annotation of its moment (thesis, section 4.2).

Valence and arousal are sampled at irregular times, so a face takes the sample nearest in time,
provided that it is near enough. Categories are intervals, so a face takes the interval that it
falls into. No face is dropped here: what has no annotation says so, with NaN or an empty string.
All times are seconds since the first frame of the video.
"""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.labels import DIMENSIONS

COVERAGE_COLUMNS = (
    "track",
    "n_faces",
    "with_dimensions",  # faces
    "with_category",
    "with_both",
    "longest_hole",  # s between neighbouring faces
)
"""Columns of the second table that `match` returns, a row a track."""

N_NAMED = 5
"""Names that a message gives before it only counts."""

_BLOCK = 16_384
"""Frames looked at together: what is computed for so many stays in the caches of a processor."""


def nearest(
    annotation_times: np.ndarray, frame_times: np.ndarray, max_distance: float
) -> tuple[np.ndarray, np.ndarray]:
    r"""Return the annotation nearest to each frame.

    For a frame at time :math:`t` that is

    .. math:: \arg\min_i |a_i - t| \quad\text{where}\quad |a_i - t| \le d_{\max}

    Of annotations equally near the earlier one is taken, and of annotations with the same stamp
    the one that comes first in the array. Several frames may share an annotation.

    Parameters
    ----------
    annotation_times : ndarray, shape (m,)
        Times of the annotations in s, in any order.
    frame_times : ndarray, shape (n,)
        Times of the frames in s, in any order.
    max_distance : float
        Largest distance in s at which an annotation still counts.

    Returns
    -------
    index : ndarray of int, shape (n,)
        Positions in `annotation_times`; -1 where no annotation is near enough.
    distance : ndarray of float, shape (n,)
        Distance in s to the nearest annotation, also where it is too far; infinite if ``m`` is 0.

    Raises
    ------
    InputError
        If a time is not finite, or `max_distance` is negative.

    Examples
    --------
    >>> index, distance = nearest(np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.9, 9.0]), 0.5)
    >>> index.tolist(), distance.round(1).tolist()
    ([0, 2, -1], [0.5, 0.1, 7.0])
    """
    annotation_times = _finite("annotation", annotation_times)
    frame_times = _finite("frame", frame_times)
    if not max_distance >= 0:
        raise InputError(f"max_distance must be at least 0 s; found {max_distance}")
    if not len(annotation_times):
        return np.full(len(frame_times), -1), np.full(len(frame_times), np.inf)
    times, first = annotation_times, None
    if not (times[1:] > times[:-1]).all():  # looking is a hundredth of the work of sorting
        times, first = np.unique(times, return_index=True)
    padded = np.concatenate([[-np.inf], times, [np.inf]])
    index, distance = np.empty(len(frame_times), dtype=np.int64), np.empty(len(frame_times))
    for start in range(0, len(frame_times), _BLOCK):
        block = slice(start, start + _BLOCK)
        index[block], distance[block] = _nearest_in_order(padded, frame_times[block])
    if first is not None:
        index = first[index]
    index[distance > max_distance] = -1
    return index, distance


def _nearest_in_order(padded: np.ndarray, frame_times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Do the work of `nearest` for increasing annotations between two infinitely far ones."""
    first, last = np.searchsorted(padded, (frame_times.min(), frame_times.max()))
    after = np.searchsorted(padded[first:last], frame_times)
    after += first  # place of the first annotation not before the frame
    to_before, to_after = frame_times - padded[after - 1], padded[after] - frame_times
    return after - 1 - (to_before <= to_after), np.minimum(to_before, to_after)


def interval_labels(
    starts: np.ndarray, ends: np.ndarray, labels: np.ndarray, times: np.ndarray
) -> np.ndarray:
    """Return the label of the interval that each time falls into.

    An interval holds its start and not its end. Where intervals overlap, the one that started
    last counts, and of those that started together the one that comes last in the arrays.

    Parameters
    ----------
    starts, ends : ndarray, shape (m,)
        Bounds of the intervals in s.
    labels : ndarray of str, shape (m,)
        Their labels.
    times : ndarray, shape (n,)
        Times to be labelled in s, in any order.

    Returns
    -------
    ndarray of object, shape (n,)
        Labels; an empty string where there is no interval.

    Examples
    --------
    >>> times = np.array([0.0, 1.0, 2.0, 3.0])
    >>> interval_labels([0.0, 1.0], [3.0, 2.0], ["sadness", "fear"], times).tolist()
    ['sadness', 'fear', 'sadness', '']
    """
    starts, ends = _finite("interval", starts), _finite("interval", ends)
    labels, times = np.asarray(labels, dtype=object), _finite("frame", times)
    order = np.argsort(times, kind="stable")
    in_order = np.full(len(times), "", dtype=object)
    lower = np.searchsorted(times[order], starts)
    upper = np.searchsorted(times[order], ends)
    for interval in np.argsort(starts, kind="stable"):  # later intervals cover earlier ones
        in_order[lower[interval] : upper[interval]] = labels[interval]
    found = np.empty_like(in_order)
    found[order] = in_order
    return found


def match(
    faces: pd.DataFrame,
    dimensional: pd.DataFrame,
    categorical: pd.DataFrame,
    *,
    max_distance: float,
    lag: float = 0.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Match the faces of a corpus with its annotations, track by track.

    Parameters
    ----------
    faces : DataFrame
        A table of faces; ``track`` and ``time`` (s) are used.
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal``, ``rater``.
    categorical : DataFrame
        ``track``, ``start``, ``end`` (s), ``emotion``, ``rater``, ``pass``.
    max_distance : float
        Largest distance in s between a face and its valence-arousal sample.
    lag : float
        Seconds by which raters of valence and arousal, who follow a running video, react late:
        a face at ``t`` takes the sample nearest to ``t + lag``. Categories, which are set on a
        standing picture, do not lag.

    Returns
    -------
    samples : DataFrame
        The faces with ``valence``, ``arousal`` (NaN where none), ``emotion`` (empty where none)
        and ``distance`` (s to the sample used, NaN where none).
    coverage : DataFrame
        One row per track, sorted; columns `COVERAGE_COLUMNS`.

    Raises
    ------
    InputError
        If a track has several raters or passes, or if its stamps look like milliseconds.

    Warns
    -----
    UserWarning
        If tracks have faces and no annotation, annotations and no face, or both but nothing in
        common.
    """
    _one_source(dimensional, ["rater"])
    _one_source(categorical, ["rater", "pass"])
    _warn_about_lone_tracks(faces, dimensional, categorical)
    traces = dimensional.groupby("track").indices
    stamps = dimensional["time"].to_numpy(float)
    values = {name: dimensional[name].to_numpy(float) for name in DIMENSIONS}
    intervals = dict(list(categorical.groupby("track")))
    columns = {name: np.full(len(faces), np.nan) for name in (*DIMENSIONS, "distance")}
    emotions = np.full(len(faces), "", dtype=object)
    face_times, counts = faces["time"].to_numpy(float), []
    for track, rows in sorted(faces.groupby("track").indices.items()):
        times = face_times[rows]
        if track in traces:
            trace = traces[track]
            _check_unit(track, stamps[trace], times)
            index, distance = nearest(stamps[trace], times + lag, max_distance)
            found = index >= 0
            for name in DIMENSIONS:
                columns[name][rows[found]] = values[name][trace[index[found]]]
            columns["distance"][rows[found]] = distance[found]
        if track in intervals:
            of_track = intervals[track]
            emotions[rows] = interval_labels(
                of_track["start"], of_track["end"], of_track["emotion"], times
            )
        has_dimensions = np.isfinite([columns[name][rows] for name in DIMENSIONS]).all(axis=0)
        counts.append((track, *_counts(times, has_dimensions, emotions[rows] != "")))
    distance = columns.pop("distance")
    emotion = pd.Series(emotions, faces.index, dtype="str")
    samples = faces.assign(**columns, emotion=emotion, distance=distance)
    coverage = pd.DataFrame(counts, columns=COVERAGE_COLUMNS)
    _warn_about_unmatched(coverage, traces, intervals)
    return samples, coverage


def has_both(samples: pd.DataFrame) -> pd.Series:
    """Return which samples have valence and arousal and a category."""
    return samples[list(DIMENSIONS)].notna().all(axis=1) & (samples["emotion"] != "")


def some(names: Iterable[str]) -> str:
    """Name the first `N_NAMED` of some things, sorted, as a message does."""
    names = sorted(names)
    return ", ".join(names[:N_NAMED]) + (", ..." if len(names) > N_NAMED else "")


def _finite(what: str, times) -> np.ndarray:
    times = np.asarray(times, dtype=float)
    bad = np.flatnonzero(~np.isfinite(times))
    if len(bad):
        raise InputError(f"{what} time number {bad[0]} is {times[bad[0]]}, not a number of seconds")
    return times


def _one_source(annotations: pd.DataFrame, names: list[str]) -> None:
    """Refuse tracks that were annotated more than once."""
    sources = annotations[["track", *names]].drop_duplicates()
    doubled = sources[sources["track"].duplicated(keep=False)].sort_values(["track", *names])
    if len(doubled):
        tracks, track = doubled["track"].nunique(), doubled["track"].iloc[0]
        of_track = doubled.loc[doubled["track"] == track, names].itertuples(index=False)
        listed = [
            ", ".join(f"{name} {value}" for name, value in zip(names, source, strict=True))
            for source in of_track
        ]
        raise InputError(
            f"track {track!r} was annotated {len(listed)} times ({'; '.join(listed)}), as "
            f"{tracks} tracks were; set raters.fuse to mean or ewe to combine raters, or keep one"
        )


def _check_unit(track: str, annotation_times: np.ndarray, times: np.ndarray) -> None:
    """Refuse milliseconds taken for seconds: a hundred times the video, in steps of seconds."""
    last = annotation_times.max()
    if len(times) and last > 100 * max(times.max(), 1.0):
        steps = np.diff(np.unique(annotation_times))
        if not len(steps) or np.median(steps) > 2.0:
            raise InputError(
                f"track {track!r}: annotations go on until {last:g} s but its faces end at "
                f"{times.max():g} s; the stamps are probably milliseconds: set time_unit to ms"
            )


def _warn_about_lone_tracks(faces, dimensional, categorical) -> None:
    seen = set(faces["track"].unique())
    annotated = {*dimensional["track"].unique(), *categorical["track"].unique()}
    for tracks, words in [
        (seen - annotated, "have faces but no annotation"),
        (annotated - seen, "have annotations but no face"),
    ]:
        if tracks:
            warnings.warn(f"{len(tracks)} tracks {words}: {some(tracks)}", stacklevel=3)


def _warn_about_unmatched(coverage: pd.DataFrame, traces: dict, intervals: dict) -> None:
    for column, annotated in [("with_dimensions", traces), ("with_category", intervals)]:
        tracks = coverage.loc[(coverage[column] == 0) & coverage["track"].isin(annotated), "track"]
        if len(tracks):
            warnings.warn(
                f"{len(tracks)} tracks are annotated but no face is {column.replace('_', ' ')}, "
                f"so check the time unit and the offset: {some(tracks)}",
                stacklevel=3,
            )


def _counts(times: np.ndarray, has_dimensions: np.ndarray, has_category: np.ndarray) -> tuple:
    """Return what the coverage says of a track, but for its name."""
    both = has_dimensions & has_category
    hole = np.diff(np.sort(times)).max(initial=0.0)
    return len(times), has_dimensions.sum(), has_category.sum(), both.sum(), hole
