"""WebVTT: intervals as captions that any player shows, traces as cues that scripts read.

A caption is ``<v track>emotion``; its identifier says its number, its pass and where it came from.
The first NOTE names video and rater. A sample of a trace is a cue of a second file, shown until the
next sample; its text is JSON, with the time of the sample in full, since cues count whole ms.
Neither file resamples anything.
"""

import json
import math
import re
from html import escape, unescape
from pathlib import Path

import numpy as np
import pandas as pd
import webvtt
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Timestamp

from emolib.annotator.exchange.contents import CATEGORICAL, DIMENSIONAL, Found, checked, joined
from emolib.annotator.exchange.remarks import read_remark, remark
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import add_intervals
from emolib.data.raters import MAX_HOLE
from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS
from emolib.storage import atomic_path

TRACES_ENDING = ".traces.vtt"
"""End of the name of a file of metadata cues."""

_NUMBER = re.compile(r"^\d+ ")
_SHORTEST = 0.001  # s; a cue has to last


def export_webvtt(
    dimensional: pd.DataFrame, categorical: pd.DataFrame, video: str | Path, folder: str | Path
) -> list[Path]:
    """Write captions, and metadata cues; times of captions in whole ms.

    Parameters
    ----------
    dimensional, categorical, video, folder
        As for `emolib.annotator.exchange.export_csv`.

    Returns
    -------
    list of Path
        What was written; no file for a table without rows.

    Raises
    ------
    InputError
        If the tables cannot be exported, or a name holds what a cue cannot.
    """
    work = checked(dimensional, categorical)
    for name in (*work.tracks, work.rater):
        if "-->" in name or "\n" in name or not name.strip():
            raise InputError(f"the name {name!r} cannot be written into a WebVTT file; rename it")
    base = Path(folder) / work.name(video)
    note = json.dumps({"video": Path(video).name, "rater": work.rater}, ensure_ascii=False)
    files = []
    for ending, captions in (
        (".vtt", _captions(work.categorical)),
        (TRACES_ENDING, _metadata(work.dimensional)),
    ):
        if captions:
            document = webvtt.WebVTT(captions=captions, header_comments=[note])
            files.append(base.with_name(f"{base.name}{ending}"))
            with atomic_path(files[-1]) as temporary:
                temporary.write_text(document.content + "\n", encoding="utf-8")
    return files


def read_webvtt(path: Path, *, track: str | None) -> Found:
    """Read captions or metadata cues, and the other file where the two were exported together.

    Raises
    ------
    InputError
        If one cannot be read, or it is not known whom a caption is about.
    """
    gathering = Gathering("webvtt", {})
    video = ""
    for file in _both(path):
        document = _document(file)
        about = _note(document)
        video = video or about.get("video", "")
        if file.name.endswith(TRACES_ENDING):
            gathering.dimensional += _samples(file, document, track, about.get("rater", ""))
        else:
            _add_captions(gathering, file, document, track, about.get("rater", ""))
    return Found(
        joined(gathering.dimensional, DIMENSIONAL),
        joined(gathering.categorical, CATEGORICAL),
        gathering.problems,
        video,
    )


def _captions(categorical: pd.DataFrame) -> list[webvtt.Caption]:
    rows = categorical.sort_values(["start", "end", "track"], kind="stable").to_dict("records")
    return [
        webvtt.Caption(
            _stamp(row["start"]),
            _stamp(row["end"]),
            f"<v {escape(row['track'], quote=False)}>{row['emotion']}",
            f"{number} {remark(row['pass'], row['origin'])}",
        )
        for number, row in enumerate(rows, 1)
    ]


def _metadata(dimensional: pd.DataFrame) -> list[webvtt.Caption]:
    cues = []
    for track, rows in dimensional.groupby("track"):
        times = rows["time"].to_numpy(float)
        steps = np.diff(times, append=times[-1] + _SHORTEST)
        steps = np.clip(steps, _SHORTEST, MAX_HOLE)
        for row, step in zip(rows.to_dict("records"), steps, strict=True):
            said = {name: row[name] for name in DIMENSIONS if math.isfinite(row[name])}
            sample = {"track": track, "time": row["time"], **said, "origin": row["origin"]}
            start = _stamp(row["time"])
            end = max(_stamp(row["time"] + step), _stamp(row["time"] + _SHORTEST))
            text = json.dumps(sample, ensure_ascii=False)
            cues.append((row["time"], webvtt.Caption(start, end, text)))
    return [cue for _, cue in sorted(cues, key=lambda cue: cue[0])]


def _both(path: Path) -> list[Path]:
    stem = path.name.removesuffix(TRACES_ENDING).removesuffix(".vtt")
    pair = [path.with_name(f"{stem}.vtt"), path.with_name(f"{stem}{TRACES_ENDING}")]
    return [file for file in pair if file == path or file.is_file()]


def _document(path: Path) -> webvtt.WebVTT:
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        return webvtt.read(str(path), encoding="utf-8-sig")
    except (MalformedFileError, MalformedCaptionError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a WebVTT file in UTF-8: {error}") from error


def _note(document: webvtt.WebVTT) -> dict[str, str]:
    """Return what the first NOTE says, if the tool wrote it."""
    for comment in document.header_comments[:1]:
        try:
            note = json.loads(comment)
        except json.JSONDecodeError:
            continue
        if isinstance(note, dict):
            return {name: str(value) for name, value in note.items()}
    return {}


def _add_captions(
    gathering: Gathering, path: Path, document: webvtt.WebVTT, track: str | None, rater: str
) -> None:
    cues = list(document)
    voices = [track or unescape(cue.voice or "").strip() for cue in cues]
    if "" in voices:
        raise InputError(
            f"{path}: caption {voices.index('') + 1} has no voice tag such as <v name>; say whom "
            "it is about"
        )
    said = [read_remark(_NUMBER.sub("", cue.identifier or "")) for cue in cues]
    add_intervals(
        gathering,
        path,
        [f"caption {number}" for number in range(1, len(cues) + 1)],
        np.array(voices, dtype=object),
        rater,
        np.array([_seconds(cue.start_time) for cue in cues]),
        np.array([_seconds(cue.end_time) for cue in cues]),
        [cue.text.strip() for cue in cues],
        np.array([number for number, _ in said], dtype=np.int64),
    )
    rows = gathering.categorical.pop()
    gathering.categorical.append(rows.assign(origin=[said[row][1] for row in rows.index]))


def _samples(
    path: Path, document: webvtt.WebVTT, track: str | None, rater: str
) -> list[pd.DataFrame]:
    rows = []
    for number, cue in enumerate(document, 1):
        try:
            sample = json.loads(cue.raw_text)
            row = {name: float(sample.get(name, math.nan)) for name in DIMENSIONS}
            row["time"] = float(sample["time"])
            row["track"] = track or sample["track"]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"{path}: cue {number} is not a sample such as "
                '{"track": "anna", "time": 1.5, "valence": 0.2}'
            ) from error
        low, high = DIMENSION_RANGE
        for name in DIMENSIONS:
            if not (math.isnan(row[name]) or low <= row[name] <= high):
                raise InputError(
                    f"{path}: cue {number}: {name} {row[name]:g} is outside [{low:g}, {high:g}]"
                )
        rows.append({**row, "rater": rater, "origin": str(sample.get("origin", ""))})
    return [pd.DataFrame(rows)] if rows else []


def _stamp(seconds: float) -> str:
    hours, rest = divmod(round(seconds * 1000), 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return str(Timestamp(hours, minutes, *divmod(rest, 1000)))


def _seconds(stamp: Timestamp) -> float:
    hours, minutes, seconds, milliseconds = stamp.to_tuple()
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
