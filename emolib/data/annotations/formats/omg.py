"""OMG-Emotion: utterances from videos, each rated as a whole (Barros et al., 2018).

``omg``         the gold standard, a CSV per split with the columns ``link, start, end, video,
                utterance, arousal, valence, EmotionMaxVote``; arousal in [0, 1], valence in
                [-1, 1], start and end in s of the whole source video
``omg-raters``  a file per annotator and utterance, ``<video>/<utterance>/<annotator>.txt``, with
                the columns ``arousal, valence, emotion``; arousal in [0, 100], valence in
                [-100, 100], the emotion as a word

A track is one utterance, ``<video>_<utterance>``, since utterances of a video overlap and a moment
may so have two ratings. Its times are those of the utterance's own clip, from 0, or with the
option ``clock="source"`` those of the source video. With ``per="source"`` a track is instead the
source video, named by its id in the link, and moments with two ratings have none. A rating is one
sample in the middle of the utterance, or with the option ``step`` (s) samples at most that far
apart that hold it throughout.

Several ``video`` names may come from one source, even in different splits; the provenance of
``omg`` lists the ``links`` of the tracks, for a split by source.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.frames import dimensional_rows, interval_rows
from emolib.data.annotations.formats.gathering import (
    Gathering,
    decoded,
    demand_columns,
    files_of,
    first_line,
)
from emolib.data.annotations.tables import Annotations, normalise
from emolib.errors import InputError

CLASSES = {
    0: "anger",
    1: "disgust",
    2: "fear",
    3: "happy",
    4: "neutral",
    5: "sad",
    6: "surprise",
}
"""Emotions by their codes, which are in the order of the alphabet."""

SPAN_COLUMNS = ("start", "end", "video", "utterance")
GOLD_COLUMNS = (*SPAN_COLUMNS, "arousal", "valence", "EmotionMaxVote")
RATER_COLUMNS = ("arousal", "valence", "emotion")
CLOCKS = ("utterance", "source")


def read_gold(
    path: Path, *, clock: str = "utterance", per: str = "utterance", step: float | None = None
) -> Annotations:
    """Read the gold standard of a split.

    Parameters
    ----------
    path : Path
        The CSV file.
    clock : str
        ``utterance``: times since the start of the clip. ``source``: of the source video.
    per : str
        ``utterance`` or ``source``: what a track is; the latter needs the source clock.
    step : float, optional
        Largest distance in s between the samples that hold a rating; one sample if not given.

    Raises
    ------
    InputError
        If the file cannot be used.
    """
    _check_options(clock, step)
    if per not in CLOCKS or (per == "source" and clock != "source"):
        raise InputError(f"per {per!r} with clock {clock!r}: a source as a track has its own clock")
    gathering, path = Gathering("omg", {"clock": clock, "per": per, "step": step}), Path(path)
    table = _usable_rows(gathering, read_delimited(path), GOLD_COLUMNS)
    spans = _spans(table, clock)
    arousal = normalise(table.numbers("arousal"), 0, 1, path, table.lines, "arousal")
    valence = normalise(table.numbers("valence"), -1, 1, path, table.lines, "valence")
    emotions = gathering.emotions(path, decoded(table, "EmotionMaxVote", CLASSES))
    links = table.text("link") if "link" in table.names else []
    provenance = {
        "overlaps": _overlaps(table),
        "links": dict(zip(spans.index, links, strict=False)),
    }
    if per == "source":
        rows, spans = _unshared(gathering, table, spans)
        valence, arousal, emotions = valence[rows], arousal[rows], emotions[rows]
    elif clock == "source" and provenance["overlaps"]:
        gathering.problems.append(
            f"{path}: {provenance['overlaps']} utterances start before the previous one of their "
            "video ends, so a moment of the source may belong to two tracks"
        )
    tracks = spans.index.to_numpy()
    times, counts = _sample_times(spans, step)
    gathering.dimensional.append(
        dimensional_rows(
            np.repeat(tracks, counts),
            "omg",
            times,
            np.repeat(valence, counts),
            np.repeat(arousal, counts),
        )
    )
    gathering.categorical.append(
        interval_rows(tracks, "omg", spans["start"].to_numpy(), spans["end"].to_numpy(), emotions)
    )
    gathering.use(path)
    return gathering.annotations(**provenance)


def read_raters(
    path: Path,
    *,
    utterances: str | Path | None = None,
    duration: float | None = None,
    clock: str = "utterance",
    step: float | None = None,
) -> Annotations:
    """Read the ratings of single annotators, whose files say nothing about time.

    Parameters
    ----------
    path : Path
        A file in its folders, or a folder above such files.
    utterances : str or Path, optional
        The CSV of the gold standard, which has the times of the utterances.
    duration : float, optional
        Instead of it, how long every utterance lasts in s; then there is no source clock.
    clock, step
        See `read_gold`.

    Raises
    ------
    InputError
        If no file can be used.
    """
    _check_options(clock, step)
    if (utterances is None) == (duration is None):
        raise InputError(
            "these files have no times: give either utterances (the CSV of the gold standard) or "
            "duration (s, the same for all)"
        )
    if duration is not None and not (clock == "utterance" and 0 < duration < math.inf):
        raise InputError(
            f"duration {duration!r} must be a number of seconds above 0, with the utterance clock"
        )
    options = {"utterances": utterances, "duration": duration, "clock": clock, "step": step}
    gathering, seen = Gathering("omg-raters", options), set()
    spans = None if utterances is None else _gold_spans(gathering, Path(utterances), clock)

    def read_rating(file: Path) -> None:
        track = _track_of(file)
        if (track, file.stem) in seen:
            raise InputError(f"{file}: annotator {file.stem} has another file about {track}")
        if spans is not None and track not in spans.index:
            raise InputError(f"{file}: {utterances} has no times for {track}")
        span = (
            pd.DataFrame({"start": [0.0], "end": [duration]}, index=[track])
            if spans is None
            else spans.loc[[track]]
        )
        _add_rating(gathering, file, span, step)
        seen.add((track, file.stem))

    gathering.read_files(files_of(Path(path), "utterance_*/*.txt"), read_rating)
    return gathering.annotations()


def _add_rating(gathering: Gathering, path: Path, span: pd.DataFrame, step: float | None) -> None:
    table = read_delimited(path)
    demand_columns(table, RATER_COLUMNS)
    if len(table.rows) > 1:
        raise table.error(1, "a second rating, where a file holds one")
    track, rater = span.index[0], path.stem
    arousal = normalise(table.numbers("arousal"), 0, 100, path, table.lines, "arousal")
    valence = normalise(table.numbers("valence"), -100, 100, path, table.lines, "valence")
    times, _ = _sample_times(span, step)
    gathering.dimensional.append(
        dimensional_rows(track, rater, times, valence.item(), arousal.item())
    )
    emotions = gathering.emotions(path, table.text("emotion"))
    if emotions[0] is not None:
        gathering.categorical.append(
            interval_rows(track, rater, span["start"].to_numpy(), span["end"].to_numpy(), emotions)
        )


def _check_options(clock: str, step: float | None) -> None:
    if clock not in CLOCKS:
        raise InputError(f"clock {clock!r} is none of {', '.join(CLOCKS)}")
    if step is not None and not 0 < step < math.inf:
        raise InputError(f"step must be a number of seconds above 0; found {step!r}")


def _gold_spans(gathering: Gathering, path: Path, clock: str) -> pd.DataFrame:
    spans = _spans(_usable_rows(gathering, read_delimited(path), SPAN_COLUMNS), clock)
    gathering.use(path)
    return spans


def _usable_rows(gathering: Gathering, table: TextTable, columns: tuple[str, ...]) -> TextTable:
    """Leave out rows with empty cells, then those that last no time or repeat an utterance."""
    demand_columns(table, columns)
    path, cells = table.path, zip(*(table.text(column) for column in columns), strict=True)
    complete = np.array([all(row) for row in cells])
    gathering.leave_out(path, np.sum(~complete), "rows with empty cells")
    table = _rows(table, complete)
    lasting = table.numbers("end") > table.numbers("start")
    gathering.leave_out(path, np.sum(~lasting), "utterances that do not end after their start")
    table = _rows(table, lasting)
    repeated = pd.Series(_tracks(table), dtype="str").duplicated().to_numpy()
    gathering.leave_out(path, np.sum(repeated), "rows that repeat an utterance")
    return _rows(table, ~repeated)


def _rows(table: TextTable, kept: np.ndarray) -> TextTable:
    if not kept.any():
        raise InputError(f"{table.path}: holds no usable rows")
    places = np.flatnonzero(kept)
    return table._replace(
        rows=[table.rows[i] for i in places], lines=[table.lines[i] for i in places]
    )


def _tracks(table: TextTable) -> list[str]:
    pairs = zip(table.text("video"), table.text("utterance"), strict=True)
    return [f"{video}_{utterance.removesuffix('.mp4')}" for video, utterance in pairs]


def _spans(table: TextTable, clock: str) -> pd.DataFrame:
    """Return ``start`` and ``end`` of every utterance in s, indexed by track."""
    start, end = table.numbers("start"), table.numbers("end")
    origin = start if clock == "utterance" else 0.0
    return pd.DataFrame({"start": start - origin, "end": end - origin}, index=_tracks(table))


def _sample_times(spans: pd.DataFrame, step: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles of equal parts of every utterance, and how many it has."""
    times = []
    for start, end in spans[["start", "end"]].to_numpy():
        count = 1 if step is None else math.ceil((end - start) / step)
        times.append(start + (np.arange(count) + 0.5) * (end - start) / count)
    return np.concatenate(times), np.array([len(part) for part in times])


def _unshared(
    gathering: Gathering, table: TextTable, spans: pd.DataFrame
) -> tuple[np.ndarray, pd.DataFrame]:
    """Cut from utterances what others of their source cover too; count the seconds.

    Returns the row that each remaining piece is of, and its start and end by source.
    """
    demand_columns(table, ["link"])
    sources = np.array([source_name(link) for link in table.text("link")], dtype=object)
    start, end = spans["start"].to_numpy(), spans["end"].to_numpy()
    pieces, shared = [], 0.0
    for source in dict.fromkeys(sources):
        rows = np.flatnonzero(sources == source)
        edges = np.unique(np.concatenate([start[rows], end[rows]]))
        covers = (start[rows, None] <= edges[:-1]) & (edges[1:] <= end[rows, None])
        times = covers.sum(axis=0)
        shared += np.diff(edges)[times > 1].sum()
        for place, edge in np.argwhere(covers & (times == 1)):
            pieces.append((source, rows[place], edges[edge], edges[edge + 1]))
    if not pieces:
        raise InputError(f"{table.path}: every moment has two ratings; are rows repeated?")
    gathering.leave_out(table.path, math.ceil(shared), "seconds that have two ratings")
    sources, rows, starts, ends = map(np.array, zip(*pieces, strict=True))
    return rows, pd.DataFrame({"start": starts, "end": ends}, index=sources.astype(object))


def source_name(link: str) -> str:
    """Return the id of a source video, which is the last thing in its link.

    Examples
    --------
    >>> source_name("https://www.youtube.com/watch?v=zfB_7tu9R1c"), source_name("a.org/x_1.mp4")
    ('zfB_7tu9R1c', 'x_1')
    """
    return Path(link.strip().rstrip("/").rpartition("/")[2].rpartition("v=")[2]).stem


def _overlaps(table: TextTable) -> int:
    """Return how many rows start before the previous one of the same video ends."""
    video = np.array(table.text("video"))
    start, end = table.numbers("start"), table.numbers("end")
    return int(np.sum((video[1:] == video[:-1]) & (start[1:] < end[:-1])))


def _track_of(path: Path) -> str:
    """Return the track that a rater's file is about; old copies nest two utterance folders."""
    folders = [folder.name for folder in path.absolute().parents]
    depth = next(i for i, name in enumerate(folders) if not name.startswith("utterance_"))
    if depth == 0 or not folders[depth]:
        raise InputError(
            f"{path}: not in a folder such as <video>/utterance_1.mp4, which say what it is about"
        )
    return f"{folders[depth]}_{folders[0].removesuffix('.mp4')}"


def _matches_gold(path: Path) -> bool:
    return set(GOLD_COLUMNS) <= {cell.strip() for cell in first_line(path).split(",")}


def _matches_raters(path: Path) -> bool:
    if path.is_dir():
        path = next(path.rglob("utterance_*/*.txt"), path)
    cells = [cell.strip() for cell in first_line(path).split(",")]
    return cells == list(RATER_COLUMNS) and path.absolute().parent.name.startswith("utterance_")


FORMATS = (
    Format(
        "omg",
        "OMG-Emotion gold standard: a CSV of utterances, arousal in [0, 1], valence in [-1, 1]",
        read_gold,
        _matches_gold,
    ),
    Format(
        "omg-raters",
        "OMG-Emotion annotators: <video>/<utterance>/<annotator>.txt, values times 100",
        read_raters,
        _matches_raters,
    ),
)
