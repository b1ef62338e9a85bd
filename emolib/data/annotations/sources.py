"""Reads the annotation sources of a corpus, each in its format, into the two tables."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from emolib.data.annotations.formats import counts_frames, read
from emolib.data.annotations.joining import join_dimensions
from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS, typed
from emolib.errors import InputError

OVERRUN = 1.0
"""Seconds by which annotations may outlast their video before it is reported."""


class Source(NamedTuple):
    """A file or folder of annotations, and how it is to be read."""

    path: Path
    format: str
    """One of `emolib.data.annotations.formats.formats`."""
    options: Mapping[str, Any] = {}
    """What the format asks for."""
    tracks: str | Mapping[str, str] | None = None
    """What the tracks of the source are called in the corpus: the name of its only track, or a
    mapping from names in the source; None where the names are the same."""
    rater: str | None = None
    """What the only rater of the source is called, if the source does not say it well."""


def read_sources(
    sources: Iterable[Source], bounds: Mapping[str, np.ndarray] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, list[tuple[str, str]]]:
    """Read every source; report what cannot be used, and go on with the rest.

    Parameters
    ----------
    sources : iterable of Source
        In the order in which their rows are to come.
    bounds : mapping of str to ndarray, optional
        By track and by video: the stamps of its decoded pictures in s, and the end of the last
        one. A format that counts frames takes its times from them, unless an option says
        otherwise; other annotations are compared with the end of their video.

    Returns
    -------
    dimensional : DataFrame
        The columns of `DIMENSIONAL_COLUMNS`; valence and arousal of separate sources are joined
        (`emolib.data.annotations.joining`).
    categorical : DataFrame
        The columns of `CATEGORICAL_COLUMNS`.
    problems : list of (str, str)
        The name of the file and a sentence for each thing that was left out.
    """
    bounds = {} if bounds is None else bounds
    tables, problems = [], []
    for source in sources:
        name = Path(source.path).name
        try:
            dimensional, categorical, found = _read(source, bounds)
            tables.append((dimensional, categorical))
            problems += [(name, problem) for problem in found]
        except InputError as error:
            problems.append((name, str(error)))
    dimensional, unjoined = join_dimensions(
        typed([table for table, _ in tables if len(table)], DIMENSIONAL_COLUMNS)
    )
    problems += [("valence and arousal", problem) for problem in unjoined]
    return (
        dimensional,
        typed([table for _, table in tables if len(table)], CATEGORICAL_COLUMNS),
        problems,
    )


def _read(source: Source, bounds: Mapping[str, np.ndarray]):
    options = dict(source.options)
    if counts_frames(source.format) and not options.keys() & {"fps", "frame_times"}:
        options["frame_times"] = _frame_times(source, bounds)
    found = read(source.path, source.format, **options)
    tables = [_renamed(table, source) for table in (found.dimensional, found.categorical)]
    problems = list(found.problems)
    for table, time in zip(tables, ("time", "start"), strict=True):
        for track, times in table.groupby("track")[time]:
            if track in bounds:
                problems += _overrun(source, track, times.to_numpy(), float(bounds[track][-1]))
    return *tables, problems


def _frame_times(source: Source, bounds: Mapping[str, np.ndarray]):
    """Return the stamps of the pictures of one track, or by the names that the source uses."""
    if source.tracks is None:
        return {name: bounds[name][:-1] for name in bounds}
    if isinstance(source.tracks, str):
        if source.tracks not in bounds:
            raise InputError(
                f"{source.path}: counts frames, but no video of track {source.tracks!r} was read "
                "to take their times from"
            )
        return bounds[source.tracks][:-1]
    return {name: bounds[track][:-1] for name, track in source.tracks.items() if track in bounds}


def _renamed(table: pd.DataFrame, source: Source) -> pd.DataFrame:
    if isinstance(source.tracks, str):
        table = table.assign(track=_only(table, "track", source, source.tracks))
    elif source.tracks is not None:
        table = table[table["track"].isin(list(source.tracks))]
        table = table.assign(track=table["track"].map(dict(source.tracks)))
    if source.rater is not None:
        table = table.assign(rater=_only(table, "rater", source, source.rater))
    return table


def _only(table: pd.DataFrame, column: str, source: Source, name: str) -> str:
    found = sorted(set(table[column]))
    if len(found) > 1:
        raise InputError(
            f"{source.path}: is said to be about {column} {name!r}, but it holds {len(found)} "
            f"({', '.join(found[:5])}); leave the {column} empty if they have their right names"
        )
    return name


def _overrun(source: Source, track: str, times: np.ndarray, end: float) -> list[str]:
    """Report annotations after the end of their video; refuse milliseconds taken for seconds."""
    late = int(np.sum(times > end + OVERRUN))
    if not late:
        return []
    if times.max() > 100 * max(end, OVERRUN):
        raise InputError(
            f"{source.path}: the annotations of track {track!r} go on until {times.max():g} s, but "
            f"its video ends at {end:g} s; are the stamps in milliseconds?"
        )
    return [
        f"{source.path}: {late} of {len(times)} annotations of track {track!r} come after its "
        f"video, which ends at {end:.2f} s; no face can have them"
    ]
