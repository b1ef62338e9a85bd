"""What is exchanged: the two tables, checked before they are written and after they were read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.data.annotations.sources import OVERRUN
from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS, typed
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS

ORIGIN = {"origin": "str"}
"""Column beside those of the pipeline: ``hand``, ``proposal <run>`` or ``import <file>``."""

DIMENSIONAL = DIMENSIONAL_COLUMNS | ORIGIN
"""Columns of the table of valence and arousal, with their types."""

CATEGORICAL = CATEGORICAL_COLUMNS | ORIGIN
"""Columns of the table of intervals, with their types."""


class Found(NamedTuple):
    """What a file holds, before it is checked; `origin` is empty where the file has none."""

    dimensional: pd.DataFrame
    categorical: pd.DataFrame
    problems: list[str]
    video: str = ""
    """Name of the video that the file says it is about; empty where it does not say."""


class Imported(NamedTuple):
    """What was read from a file of annotations.

    Attributes
    ----------
    dimensional : pandas.DataFrame
        The columns of `DIMENSIONAL`, sorted by track and time.
    categorical : pandas.DataFrame
        The columns of `CATEGORICAL`, sorted by track and start.
    problems : list of str
        One sentence for each thing that was changed or left out.
    """

    dimensional: pd.DataFrame
    categorical: pd.DataFrame
    problems: list[str]


class Work(NamedTuple):
    """One rater's annotations of one video, fit to be written."""

    dimensional: pd.DataFrame
    categorical: pd.DataFrame
    rater: str
    tracks: list[str]

    def name(self, video: str | Path) -> str:
        """Return what its files are called, without suffix."""
        return f"{Path(video).stem}.{self.rater}".replace("/", "_")


def checked(dimensional: pd.DataFrame, categorical: pd.DataFrame) -> Work:
    """Check tables that are to be exported.

    Raises
    ------
    InputError
        If they are empty, of several raters, or hold a value, an emotion or an interval that no
        reader would take.
    """
    dimensional, categorical = typed([dimensional], DIMENSIONAL), typed([categorical], CATEGORICAL)
    raters = sorted({*dimensional["rater"], *categorical["rater"]})
    if not raters:
        raise InputError("there is nothing to export: neither an interval nor a trace is there yet")
    if len(raters) > 1:
        raise InputError(
            f"the annotations are by {len(raters)} people ({', '.join(raters)}); export the work "
            "of each by itself"
        )
    _check_values(dimensional)
    for row in categorical[~categorical["emotion"].isin(EMOTIONS)].head(1).itertuples():
        raise InputError(f"{row.track}: {row.emotion!r} is none of {', '.join(EMOTIONS)}")
    for row in categorical[~(categorical["end"] > categorical["start"])].head(1).itertuples():
        raise InputError(
            f"{row.track}: the interval of {row.emotion} ends at {row.end:g} s, not after its "
            f"start at {row.start:g} s"
        )
    tracks = sorted({*dimensional["track"], *categorical["track"]})
    order = ["track", "pass", "start", "end"]
    return Work(
        dimensional.sort_values(["track", "time"], ignore_index=True, kind="stable"),
        categorical.sort_values(order, ignore_index=True, kind="stable"),
        raters[0],
        tracks,
    )


def settled(
    path: Path,
    found: Found,
    *,
    rater: str | None,
    video: str | Path | None,
    duration: float | None,
    offset: float,
) -> Imported:
    """Check and complete what was read; `emolib.annotator.exchange` describes the options.

    Raises
    ------
    InputError
        If there is nothing, or it does not fit the video.
    """
    problems = list(found.problems)
    shifted = found.dimensional.assign(time=found.dimensional["time"] + offset)
    moved = {name: found.categorical[name] + offset for name in ("start", "end")}
    dimensional = typed([shifted], DIMENSIONAL)
    categorical = typed([found.categorical.assign(**moved)], CATEGORICAL)
    if dimensional.empty and categorical.empty:
        first = f"; the first problem is: {problems[0]}" if problems else ""
        raise InputError(f"{path}: holds no annotation that can be used{first}")
    if video is not None and found.video and Path(video).name != found.video:
        problems.append(
            f"{path}: says it is about {found.video!r}, and is imported for {Path(video).name!r}"
        )
    if duration is not None:
        _check_duration(path, dimensional, categorical, duration)
    dimensional = _within(path, dimensional, "time", duration, problems)
    categorical = _on_frames(path, categorical, duration, problems)
    for table in (dimensional, categorical):
        table["origin"] = table["origin"].mask(table["origin"] == "", f"import {path.name}")
        if rater is not None:
            table["rater"] = rater
        table["rater"] = table["rater"].mask(table["rater"] == "", path.stem)
    order = ["track", "rater", "pass", "start", "end"]
    return Imported(
        typed([dimensional.sort_values(["track", "rater", "time"], kind="stable")], DIMENSIONAL),
        typed([categorical.sort_values(order, kind="stable")], CATEGORICAL),
        problems,
    )


def check_overlaps(rows: pd.DataFrame, place: str, remedy: str) -> None:
    """Refuse intervals (``start``, ``end`` in s, ``emotion``) that overlap."""
    rows = rows.sort_values("start")
    latest = rows["end"].cummax().shift(fill_value=-np.inf)
    for i in np.flatnonzero(rows["start"] < latest)[:1]:
        row, before = rows.iloc[i], rows.iloc[:i][rows["end"].iloc[:i] == latest.iloc[i]].iloc[-1]
        raise InputError(
            f"{place}: {before['emotion']} from {before['start']:.3f} to {before['end']:.3f} s and "
            f"{row['emotion']} from {row['start']:.3f} to {row['end']:.3f} s overlap; {remedy}"
        )


def empty(columns: dict[str, str]) -> pd.DataFrame:
    """Return a table of these columns without rows."""
    return typed([], columns)


def joined(tables: Sequence[pd.DataFrame], columns: dict[str, str]) -> pd.DataFrame:
    """Join what was found; a column that a table lacks is empty there."""
    blank = {name: "" if kind == "str" else np.nan for name, kind in columns.items()}
    whole = [table.assign(**{k: v for k, v in blank.items() if k not in table}) for table in tables]
    return typed(whole, columns)


def _check_values(dimensional: pd.DataFrame) -> None:
    low, high = DIMENSION_RANGE
    for name in DIMENSIONS:
        outside = dimensional[(dimensional[name] < low) | (dimensional[name] > high)]
        for row in outside.head(1).itertuples():
            raise InputError(
                f"{row.track}: {name} {getattr(row, name):g} at {row.time:g} s is outside "
                f"[{low:g}, {high:g}]"
            )


def _check_duration(
    path: Path, dimensional: pd.DataFrame, categorical: pd.DataFrame, duration: float
) -> None:
    last = max([*dimensional["time"], *categorical["end"]])
    if last > duration + OVERRUN:
        unit = "; are its times in milliseconds?" if last > 100 * duration else ""
        raise InputError(
            f"{path}: goes on until {last:.2f} s, and the video ends at {duration:.2f} s"
            f"{unit or '; is it about another video, or about one that was cut?'}"
        )


def _within(
    path: Path, table: pd.DataFrame, time: str, duration: float | None, problems: list[str]
) -> pd.DataFrame:
    """Leave out samples before or after the video, and say so."""
    inside = table[time].between(0.0, np.inf if duration is None else duration)
    if not inside.all():
        problems.append(
            f"{path}: left out {(~inside).sum()} of {len(table)} samples of valence and arousal "
            "that lie before or after the video"
        )
    return table[inside]


def _on_frames(
    path: Path, table: pd.DataFrame, duration: float | None, problems: list[str]
) -> pd.DataFrame:
    """Bring the edges of intervals to frames of the stream, within the video."""
    last = np.inf if duration is None else np.round(duration * STREAM_RATE)
    frames = {
        name: np.clip(np.round(table[name].to_numpy(float) * STREAM_RATE), 0, last)
        for name in ("start", "end")
    }
    kept = frames["end"] > frames["start"]
    if not kept.all():
        problems.append(
            f"{path}: left out {(~kept).sum()} of {len(table)} intervals that hold no frame of the "
            "video"
        )
    return table.assign(**{name: at / STREAM_RATE for name, at in frames.items()})[kept]
