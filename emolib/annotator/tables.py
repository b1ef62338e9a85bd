"""The tables that the pipeline reads, from what a rater said, and the lists that name them.

In the folder of a corpus (`emolib.data.corpora.folder`) a rater's work on a track is
``annotations/<track>.<rater>.categorical.csv`` and ``....dimensional.csv``. Times are written in
full: rounded ones would move the edge of an interval to the next frame.
"""

import fcntl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.annotator.exchange import CATEGORICAL, DIMENSIONAL
from emolib.annotator.state import State
from emolib.data.annotations.tables import typed
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError
from emolib.labels import DIMENSIONS
from emolib.storage import atomic_path

MANIFEST = ("file", "track", "content", "delimiter", "columns", "time_unit", "scale", "rater")
CORRECTIONS = ("video", "track", "action", "start", "end", "to", "note")


def categorical_table(state: State, rater: str) -> pd.DataFrame:
    """Return the intervals: the columns of `emolib.annotator.exchange.CATEGORICAL`.

    All have the number of the last pass, since earlier passes gave what this one went on from.
    """
    intervals = sorted(state.intervals.values(), key=lambda one: (one.track, one.start, one.end))
    rows = [
        {
            "track": one.track,
            "start": one.start / STREAM_RATE,
            "end": one.end / STREAM_RATE,
            "emotion": one.emotion,
            "rater": rater,
            "pass": state.passes,
            "origin": one.origin,
        }
        for one in intervals
    ]
    return typed([pd.DataFrame(rows)] if rows else [], CATEGORICAL)


def dimensional_table(state: State, rater: str) -> pd.DataFrame:
    """Return valence and arousal: the columns of `emolib.annotator.exchange.DIMENSIONAL`.

    There is a row for every time at which the rater gave one dimension while the other is known
    too: that has the same time, or is interpolated between its neighbours in one stretch of
    recording. What has no partner is left out, unless a person was rated in one dimension alone.
    With a latency to correct, it is subtracted, and what then lies before the video is left out.
    """
    latency = (state.calibration or {}).get("latency", 0.0) if state.correct_latency else 0.0
    tables = []
    for track in sorted({track for track, _ in state.traces}):
        rated = [name for name in DIMENSIONS if (track, name) in state.traces]
        times = np.unique(np.concatenate([state.trace(track, name).time for name in rated]))
        values = {name: _values(state, track, name, times)[0] for name in rated}
        origins = _values(state, track, rated[0], times)[1]
        table = pd.DataFrame(
            {"track": track, "time": times - latency, "rater": rater, "origin": origins}
            | {name: values.get(name, np.nan) for name in DIMENSIONS}
        )
        tables.append(table.dropna(subset=rated))
    table = typed(tables, DIMENSIONAL)
    return table[table["time"] >= 0].reset_index(drop=True)


def write_tables(corpus: Path, state: State, rater: str, video: str, tracks: Sequence[str]) -> None:
    """Write the tables of a rater on a video into a corpus, and list them.

    Tables that would be empty are taken away. ``annotations.csv``, ``videos.csv``, ``people.csv``
    and ``corrections.csv`` keep all rows of others.

    Raises
    ------
    InputError
        If one of them cannot be written, or is there and cannot be read.
    """
    tables = {
        "categorical": categorical_table(state, rater),
        "dimensional": dimensional_table(state, rater),
    }
    listed = []
    try:
        with _alone(corpus):
            for track in sorted(set(tracks) | state.tracks):
                for content, table in tables.items():
                    rows = table[table["track"] == track].dropna(axis="columns", how="all")
                    path = corpus / "annotations" / f"{track}.{rater}.{content}.csv"
                    listed.append((path, track, _content(content, rows), rows))
            _write_lists(corpus, rater, video, tracks, state, listed)
    except OSError as error:
        raise InputError(
            f"{corpus}: the tables cannot be written ({error.strerror}); the journal holds what "
            "was done, and they are written with the next change"
        ) from error


def _content(content: str, rows: pd.DataFrame) -> str:
    """Return what the list of a corpus calls a table; one dimension alone has its own name."""
    rated = [name for name in DIMENSIONS if name in rows]
    return rated[0] if content == "dimensional" and len(rated) == 1 else content


def _write_lists(
    corpus: Path, rater: str, video: str, tracks: Sequence[str], state: State, listed: list
) -> None:
    manifest = _read(corpus / "annotations.csv", MANIFEST)
    people = _read(corpus / "people.csv", ("track", "video", "person"))
    videos = _read(corpus / "videos.csv", ("video", "people"))
    for path, track, content, rows in listed:
        name = path.relative_to(corpus).as_posix()
        manifest = manifest[manifest["file"] != name]
        if rows.empty:
            path.unlink(missing_ok=True)
            continue
        with atomic_path(path) as temporary:
            rows.to_csv(temporary, index=False)
        row = dict(zip(MANIFEST, (name, track, content, "comma", "", "s", "1", rater), strict=True))
        manifest = _with_row(manifest, row)
        if track not in set(people["track"]):
            people = _with_row(people, {"track": track, "video": video, "person": track})
    if video not in set(videos["video"]):
        count = len(set(tracks) | state.tracks)
        videos = _with_row(videos, {"video": video, "people": str(count)})
    _write(manifest, corpus / "annotations.csv")
    _write(people, corpus / "people.csv")
    _write(videos, corpus / "videos.csv")
    _write_corrections(corpus / "corrections.csv", state, rater, video)


def _write_corrections(path: Path, state: State, rater: str, video: str) -> None:
    mark = f"annotator {rater}"
    table = _read(path, CORRECTIONS)
    others = table[(table["video"] != video) | (table["note"] != mark)]
    if not state.corrections and len(others) == len(table):
        return
    for one in sorted(state.corrections.values(), key=lambda one: (one.start, one.track)):
        row = {
            "video": video,
            "track": one.track,
            "action": "reassign" if one.to else "reject",
            "start": repr(one.start / STREAM_RATE),
            "end": repr(one.end / STREAM_RATE),
            "to": one.to,
            "note": mark,
        }
        others = _with_row(others, row)
    _write(others, path)


def _values(
    state: State, track: str, dimension: str, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a dimension at times, NaN where nothing was said, and where it came from."""
    trace = state.trace(track, dimension)
    values, origins = np.full(len(times), np.nan), np.full(len(times), "", dtype=object)
    for start, end, origin in trace.stretches:
        inside = (trace.time >= start) & (trace.time <= end)
        asked = (times >= start) & (times <= end)
        if not inside.any() or not asked.any():
            continue
        known = trace.time[inside]
        asked &= (times >= known[0]) & (times <= known[-1])  # nothing is made up at the ends
        values[asked] = np.interp(times[asked], known, trace.value[inside])
        origins[asked] = origin
    return values, origins


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read a list of the corpus as text; an empty one if it is not there."""
    if not path.is_file():
        return pd.DataFrame(columns=list(columns), dtype=str)
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(
            f"{path}: cannot be read as a table in UTF-8 ({error}); annotations are not listed in "
            "it until it is mended or moved away"
        ) from error
    for column in columns:
        if column not in table:
            table[column] = ""
    return table


def _with_row(table: pd.DataFrame, row: dict[str, str]) -> pd.DataFrame:
    added = pd.DataFrame([{name: row.get(name, "") for name in table.columns}])
    return pd.concat([table, added], ignore_index=True)


def _write(table: pd.DataFrame, path: Path) -> None:
    text = table.to_csv(index=False)
    if path.is_file() and path.read_text(encoding="utf-8-sig") == text:
        return  # a pipeline that looks at times of files has nothing to do again
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def _alone(corpus: Path) -> Iterator[None]:
    """Wait until no other window writes the lists of the corpus."""
    (corpus / "annotations").mkdir(parents=True, exist_ok=True)
    with open(corpus / "annotations" / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
