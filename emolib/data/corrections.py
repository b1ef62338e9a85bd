"""Corrections that a person makes to the faces that were found: a table, laid over the result.

``corrections.csv`` has the columns ``video``, ``track``, ``action``, ``start``, ``end`` (s),
``to``, ``x``, ``y``, ``w``, ``h`` (px) and ``note``; a column that no row needs may be lacking.

========  ========================================================================================
action    what happens to the faces of the track from start to end
========  ========================================================================================
reject    they are no faces, or not of this person: they stay in the table, with the status
          ``rejected``, and are neither matched nor trained on
reassign  they are of the track ``to``; two rows with each other's tracks swap two people
redraw    they get other boxes, also where none was found. Each row is a key, whose box holds at its
          ``start``; between one key of a track and the next, boxes are interpolated, until a key
          has an ``end``, up to which its box stays
========  ========================================================================================

A row holds its start and not its end; for reject and reassign, an empty ``start`` is the beginning
and an empty ``end`` the end of the video. All times are those of the table of faces. Rows are read
as one: it does not matter in which order they come.
"""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.faces import FACE_COLUMNS
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError

ACTIONS = ("reject", "reassign", "redraw")

TOLERANCE = 0.1
"""Seconds by which a row may end after the video: players and people round."""

_BOX = tuple("xywh")


class Correction(NamedTuple):
    """One row of the file."""

    where: str
    """File and line, for messages."""
    video: str
    track: str
    action: str
    start: float
    """In s."""
    end: float
    """In s; NaN for a key of redraw at which the box does not stay."""
    to: str
    """The track that faces are given to; empty unless they are."""
    box: tuple[float, ...]
    """x, y, w, h in px; empty unless the action is redraw."""

    def error(self, problem: str) -> InputError:
        """Return an error about the row, to be raised."""
        return InputError(f"{self.where}: {problem}")


def read_corrections(path: str | Path, durations: dict[str, float]) -> list[Correction]:
    """Read a file of corrections.

    Parameters
    ----------
    path : str or Path
        The file.
    durations : dict
        Length in s of the 30 fps stream of every video of the corpus, by name.

    Returns
    -------
    list of Correction
        In the order of the file.

    Raises
    ------
    InputError
        If the file cannot be read, or a row names an unknown video or action, a time outside the
        video, or says too little. Tracks are checked where they are known, by `apply_corrections`.
    """
    table = read_delimited(path)
    for column in ("video", "track", "action", "start", "end"):
        if column not in table.names:
            raise InputError(f"{path}: no column {column!r} among {', '.join(table.names)}")
    return [_correction(table, row, durations) for row in range(len(table.rows))]


def apply_corrections(
    faces: pd.DataFrame, corrections: list[Correction], tracks: list[str]
) -> pd.DataFrame:
    """Lay corrections over the faces of one video.

    Parameters
    ----------
    faces : DataFrame
        Its table of faces, as it was found.
    corrections : list of Correction
        Those about this video.
    tracks : list of str
        Tracks that the corpus knows in this video, beside those that were found.

    Returns
    -------
    DataFrame
        The table of faces, corrected: one row for a track and a frame at most, ordered as before,
        new tracks last. Redrawn boxes have no confidence. A rejected face whose place another
        face was given is left out.

    Raises
    ------
    InputError
        If a row names an unknown track, if two rows contradict each other, or if a track would get
        two faces in one frame.
    """
    if not corrections:
        return faces
    order = list(dict.fromkeys([*faces["track"], *tracks]))
    for row in corrections:
        for name in filter(None, (row.track, row.to)):
            if name not in order:
                raise row.error(
                    f"there is no track {name!r} in video {row.video!r}, only "
                    f"{', '.join(order) or 'none'}; a new one has to be listed with its video "
                    "among the people of the corpus first"
                )
    _refuse_contradictions(corrections)
    corrected = faces.copy()
    for row in corrections:
        if row.action != "redraw":
            concerned = _within(faces, row.track, row.start, row.end)
            if row.action == "reject":
                corrected.loc[concerned, "status"] = "rejected"
            else:
                corrected.loc[concerned, ["track", "status"]] = row.to, "corrected"
    redrawn = [_redrawn(stretch, faces) for stretch in _stretches(corrections)]
    for boxes in redrawn:
        replaced = corrected.set_index(["track", "frame"]).index.isin(
            boxes.set_index(["track", "frame"]).index
        )
        corrected = corrected[~replaced]
    corrected = pd.concat([corrected, *redrawn], ignore_index=True)
    corrected["person"] = corrected["track"]
    return _in_order(corrected, order, corrections)


def _correction(table: TextTable, row: int, durations: dict[str, float]) -> Correction:
    cells = {name: cell.strip() for name, cell in zip(table.names, table.rows[row], strict=True)}
    video, action = cells["video"], cells["action"]
    if video not in durations:
        raise table.error(
            row, f"unknown video {video!r}; it is not in the corpus, or could not be read"
        )
    if action not in ACTIONS:
        raise table.error(row, f"unknown action {action!r}; known are {', '.join(ACTIONS)}")
    needed = {"reject": (), "reassign": ("to",), "redraw": ("start", *_BOX)}[action]
    for name in ("track", *needed):
        if not cells.get(name):
            raise table.error(row, f"{action} needs a {name!r}")
    numbers = {
        name: _number(table, row, name, cells.get(name, "")) for name in ("start", "end", *_BOX)
    }
    start, end, duration = numbers["start"], numbers["end"], durations[video]
    if math.isnan(start):
        start = 0.0
    if math.isnan(end) and action != "redraw":
        end = duration
    if not 0 <= start < duration or end > duration + TOLERANCE:
        raise table.error(
            row, f"{start:g} to {end:g} s is not within {video!r}, which lasts {duration:.2f} s"
        )
    end = end if math.isnan(end) else min(end, duration)
    if end <= start:
        raise table.error(row, f"ends at {end:g} s, not after its start at {start:g} s")
    box = tuple(numbers[name] for name in _BOX) if action == "redraw" else ()
    if box and min(box[2:]) <= 0:
        raise table.error(row, f"a box of {box[2]:g} x {box[3]:g} px; give its width and height")
    to = cells.get("to", "") if action == "reassign" else ""
    where = f"{table.path}:{table.lines[row]}"
    return Correction(where, video, cells["track"], action, start, end, to, box)


def _number(table: TextTable, row: int, name: str, cell: str) -> float:
    try:
        number = float(cell or "nan")
    except ValueError:
        number = math.inf
    if math.isinf(number):
        raise table.error(row, f"{name} {cell!r} is not a number")
    return number


def _within(faces: pd.DataFrame, track: str, start: float, end: float) -> pd.Series:
    """Return which faces are of a track and from start to end; half a frame either way is none."""
    frames = np.ceil([start * STREAM_RATE - 1e-6, end * STREAM_RATE - 1e-6])
    return (faces["track"] == track) & faces["frame"].between(frames[0], frames[1] - 1)


def _stretches(corrections: list[Correction]) -> list[list[Correction]]:
    """Return the keys of every stretch of redrawn boxes, in time."""
    keys = [row for row in corrections if row.action == "redraw"]
    stretches: list[list[Correction]] = []
    for row in sorted(keys, key=lambda row: (row.track, row.start)):
        last = stretches[-1][-1] if stretches else None
        if last is None or last.track != row.track or not math.isnan(last.end):
            stretches.append([])
        stretches[-1].append(row)
    return stretches


def _span(stretch: list[Correction]) -> tuple[float, float]:
    """Return when redrawing starts and ends; a last key without an end is one frame long."""
    last = stretch[-1]
    return stretch[0].start, last.start + 1 / STREAM_RATE if math.isnan(last.end) else last.end


def _redrawn(stretch: list[Correction], faces: pd.DataFrame) -> pd.DataFrame:
    start, end = _span(stretch)
    frames = np.arange(math.ceil(start * STREAM_RATE - 1e-6), math.ceil(end * STREAM_RATE - 1e-6))
    times = frames / STREAM_RATE
    keys = [key.start for key in stretch]
    boxes = {
        side: np.interp(times, keys, [key.box[place] for key in stretch])
        for place, side in enumerate(_BOX)
    }
    columns = {"track": stretch[0].track, "video": stretch[0].video, "person": stretch[0].track}
    columns |= {"frame": frames, "time": times, **boxes}
    table = pd.DataFrame(columns | {"confidence": math.nan, "status": "corrected"})
    return table[list(FACE_COLUMNS)].astype(FACE_COLUMNS)


def _refuse_contradictions(corrections: list[Correction]) -> None:
    spans = [(row, row.start, row.end) for row in corrections if row.action != "redraw"] + [
        (stretch[0], *_span(stretch)) for stretch in _stretches(corrections)
    ]
    for number, (row, start, end) in enumerate(spans):
        for other, other_start, other_end in spans[:number]:
            overlap = row.track == other.track and start < other_end and other_start < end
            same = row.action == other.action != "redraw" and row.to == other.to
            if overlap and not same:
                raise row.error(
                    f"{row.action} of {row.track!r} from {start:g} to {end:g} s contradicts "
                    f"{other.action} in {other.where.rpartition(':')[2]}"
                )


def _in_order(faces: pd.DataFrame, order: list[str], corrections: list[Correction]) -> pd.DataFrame:
    """Sort by track and frame; of two faces in one place, keep the one that is not rejected."""
    faces = faces.assign(
        rank=faces["track"].map({track: rank for rank, track in enumerate(order)}),
        rejected=faces["status"] == "rejected",
    ).sort_values(["rank", "frame", "rejected"], kind="stable")
    place = ["track", "frame"]
    faces = faces[~(faces["rejected"] & faces.duplicated(place))]
    doubled = faces[faces.duplicated(place)]
    if len(doubled):
        track, time = doubled["track"].iloc[0], doubled["time"].iloc[0]
        row = next(row for row in corrections if row.to == track and row.end > time)
        raise row.error(
            f"{track!r} gets a second face at {time:.2f} s; reassign or reject its own faces there"
        )
    return faces[list(FACE_COLUMNS)].reset_index(drop=True)
