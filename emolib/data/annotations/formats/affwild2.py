"""Aff-Wild2 as given out for the ABAW challenges (https://ibug.doc.ic.ac.uk/resources/aff-wild2/).

=================  ============================================================================
``affwild2-va``    one file per track, header ``valence,arousal``, one row per frame, [-1, 1];
                   -5 in either column makes a row invalid
``affwild2-expr``  one file per track, whose first line lists the classes (seven, or eight with
                   Other); one code per frame, -1 where there is none
``affwild2-mtl``   one file per split, header ``image,valence,arousal,expression,...``; the image
                   is ``<track>/<number>.jpg``; markers -5, -5 and -1 are independent
=================  ============================================================================

Images are numbered from 1, so row ``i`` (from 0, without the header) is image ``i + 1`` and frame
``i``. Options: ``fps`` or ``frame_times`` (`emolib.data.annotations.formats.frames.FrameClock`) by
track or video; for the first two ``crops``, the folder ``cropped_aligned``, to compare images and
rows; for the last ``tracks``, those to read. The rate in the name of a track is often not that of
its file, and is not used.

A track is one person; `emolib.data.annotations.formats.affwild2_tracks` tells people from parts of
recordings, and reads the lists of tracks of the test sets.
"""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.affwild2_tracks import compare_with_crops, video_name
from emolib.data.annotations.formats.frames import (
    FrameClock,
    dimensional_rows,
    interval_rows,
    runs,
)
from emolib.data.annotations.formats.gathering import (
    Gathering,
    decoded,
    demand_columns,
    demand_unbroken,
    files_of,
    first_line,
)
from emolib.data.annotations.tables import Annotations, normalise
from emolib.errors import InputError
from emolib.labels import DIMENSIONS

INVALID = -5.0
"""Valence or arousal of a frame that was not rated."""

CLASSES = ("Neutral", "Anger", "Disgust", "Fear", "Happiness", "Sadness", "Surprise", "Other")
"""Expressions in the order of their codes; the first two challenges lack the last."""

UNLABELLED = {-1: "no label"}


def read_va(
    path: Path,
    *,
    fps: float | Mapping[str, float] | None = None,
    frame_times=None,
    crops: str | Path | None = None,
) -> Annotations:
    """Read valence and arousal.

    Parameters
    ----------
    path : Path
        The file of a track, or a folder of them.
    fps, frame_times
        See `FrameClock`; names are those of tracks or of videos.
    crops : str or Path, optional
        The folder that holds a folder of images per track.

    Raises
    ------
    InputError
        If no file can be used.
    """
    return _read_tracks("affwild2-va", _add_va, path, fps, frame_times, crops)


def read_expr(
    path: Path,
    *,
    fps: float | Mapping[str, float] | None = None,
    frame_times=None,
    crops: str | Path | None = None,
) -> Annotations:
    """Read expressions; parameters are those of `read_va`. "Other" is left out and counted."""
    return _read_tracks("affwild2-expr", _add_expr, path, fps, frame_times, crops)


def read_mtl(
    path: Path,
    *,
    fps: float | Mapping[str, float] | None = None,
    frame_times=None,
    tracks: Collection[str] | None = None,
) -> Annotations:
    """Read valence, arousal and expression of many tracks from one file of the multi-task set.

    Parameters
    ----------
    path : Path
        The file of a split.
    fps, frame_times
        See `FrameClock`; names are those of tracks or of videos.
    tracks : collection of str, optional
        Which ones to read; all if not given.

    Raises
    ------
    InputError
        If the file cannot be used, or holds none of the tracks.
    """
    gathering = Gathering("affwild2-mtl", {"fps": fps, "frame_times": frame_times})
    path, clock = Path(path), FrameClock(fps, frame_times)
    table = read_delimited(path)
    demand_columns(table, ("image", *DIMENSIONS, "expression"))
    table = _sorted_by_image(_of_tracks(table, tracks))
    names, frames = _images(table)
    clock.check_tracks(len(set(names)))
    valence, arousal, valid = _valid_dimensions(table)
    emotions = gathering.emotions(path, decoded(table, "expression", _codes(CLASSES)))
    gathering.leave_out(path, np.sum(~valid), f"rows with the marker {INVALID:g}")
    for track, rows in pd.Series(names).groupby(np.asarray(names)).indices.items():
        _add_frames(
            gathering,
            path,
            clock,
            track,
            frames[rows],
            valence[rows],
            arousal[rows],
            emotions[rows],
        )
    gathering.use(path)
    return gathering.annotations()


def _read_tracks(name: str, add, path, fps, frame_times, crops) -> Annotations:
    gathering = Gathering(name, {"fps": fps, "frame_times": frame_times, "crops": crops})
    clock = FrameClock(fps, frame_times)
    files = files_of(Path(path), "*.txt")
    clock.check_tracks(len(files))

    def read_track(file: Path) -> None:
        count = add(gathering, file, clock)
        lacking = clock.frames_after(count, file.stem, video_name(file.stem))
        if lacking:
            gathering.problems.append(f"{file}: the last {lacking} decoded frames have no row")
        if crops is not None:
            compare_with_crops(gathering, file, count, Path(crops) / file.stem)

    gathering.read_files(files, read_track)
    return gathering.annotations()


def _add_va(gathering: Gathering, path: Path, clock: FrameClock) -> int:
    table = read_delimited(path)
    if [name.lower() for name in table.names] != list(DIMENSIONS):
        raise InputError(
            f"{path}:1: the header is {','.join(table.names)!r}, not 'valence,arousal'"
        )
    table = table._replace(names=list(DIMENSIONS))
    demand_unbroken(table)
    valence, arousal, valid = _valid_dimensions(table)
    count = len(table.rows)
    nothing = np.full(count, None, dtype=object)
    _add_frames(gathering, path, clock, path.stem, np.arange(count), valence, arousal, nothing)
    gathering.leave_out(path, np.sum(~valid), f"rows with the marker {INVALID:g}")
    return count


def _add_expr(gathering: Gathering, path: Path, clock: FrameClock) -> int:
    # The first line has as many cells as there are classes and the others have one, so the lines
    # are read whole.
    whole = read_delimited(path, "whitespace", ["expression"])
    classes = [word.strip() for word in whole.rows[0][0].split(",")]
    if classes not in (list(CLASSES), list(CLASSES[:-1])):
        raise whole.error(
            0, f"the first line is {','.join(classes)!r}, not the classes {','.join(CLASSES)}"
        )
    if len(whole.rows) == 1:
        raise InputError(f"{path}: holds no rows")
    demand_unbroken(whole)
    table = whole._replace(rows=whole.rows[1:], lines=whole.lines[1:])
    words = decoded(table, "expression", _codes(classes))
    count = len(words)
    nothing = np.full(count, np.nan)
    emotions = gathering.emotions(path, words)
    _add_frames(gathering, path, clock, path.stem, np.arange(count), nothing, nothing, emotions)
    return count


def _codes(classes) -> dict[int, str]:
    return {**UNLABELLED, **dict(enumerate(word.lower() for word in classes))}


def _valid_dimensions(table: TextTable) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return valence and arousal, NaN in both where either is invalid, and where they are valid."""
    values = [table.numbers(name) for name in DIMENSIONS]
    valid = np.all([dimension != INVALID for dimension in values], axis=0)
    lines = np.asarray(table.lines)[valid].tolist()
    cleaned = []
    for name, dimension in zip(DIMENSIONS, values, strict=True):
        whole = np.full(len(dimension), np.nan)
        whole[valid] = normalise(dimension[valid], -1, 1, table.path, lines, name)
        cleaned.append(whole)
    return *cleaned, valid


def _add_frames(gathering, path, clock, track, frames, valence, arousal, emotions) -> None:
    """Add what is known about increasing frames of a track; NaN and None are unknown."""
    bounds = clock.bounds(int(frames[-1]) + 1, track, video_name(track))
    timed = frames < len(bounds) - 1
    gathering.leave_out(path, np.sum(~timed), "rows beyond the last decoded frame")
    rated = timed & ~np.isnan(valence)
    if rated.any():
        gathering.dimensional.append(
            dimensional_rows(
                track, "affwild2", bounds[frames[rated]], valence[rated], arousal[rated]
            )
        )
    first, last, labels = runs(frames[timed], emotions[timed])
    if len(first):
        gathering.categorical.append(
            interval_rows(track, "affwild2", bounds[first], bounds[last + 1], labels)
        )


def _of_tracks(table: TextTable, tracks: Collection[str] | None) -> TextTable:
    """Return the rows of some tracks."""
    if tracks is None:
        return table
    wanted = set(tracks)
    kept = [
        row for row, image in enumerate(table.text("image")) if image.rpartition("/")[0] in wanted
    ]
    if not kept:
        raise InputError(f"{table.path}: holds none of the tracks {', '.join(sorted(wanted))}")
    return table._replace(
        rows=[table.rows[row] for row in kept], lines=[table.lines[row] for row in kept]
    )


def _sorted_by_image(table: TextTable) -> TextTable:
    """Sort rows by the name of the image, of which each is to occur once."""
    images = table.text("image")
    order = sorted(range(len(images)), key=images.__getitem__)
    for before, after in zip(order, order[1:], strict=False):
        if images[before] == images[after]:
            raise table.error(after, f"image {images[after]!r} is listed twice")
    return table._replace(
        rows=[table.rows[i] for i in order], lines=[table.lines[i] for i in order]
    )


def _images(table: TextTable) -> tuple[list[str], np.ndarray]:
    """Return the track and the frame number, from 0, of every row."""
    tracks, frames = [], np.empty(len(table.rows), dtype=np.int64)
    for row, image in enumerate(table.text("image")):
        track, _, file = image.rpartition("/")
        number = Path(file).stem
        if not track or not number.isdecimal() or int(number) < 1:
            raise table.error(
                row, f"image {image!r} is not <track>/<number>.jpg with numbers from 1"
            )
        tracks.append(track)
        frames[row] = int(number) - 1
    return tracks, frames


def _matches_header(is_header, many: bool):
    """Return a check of the first line of a file, or of the first file in a folder."""

    def matches(path: Path) -> bool:
        if path.is_dir():
            path = next(iter(sorted(path.glob("*.txt"))), path) if many else path
        return is_header(first_line(path).lower().replace(" ", ""))

    return matches


FORMATS = (
    Format(
        "affwild2-va",
        "Aff-Wild2 valence and arousal: a row in [-1, 1] per frame, -5 where invalid",
        read_va,
        _matches_header(lambda line: line == "valence,arousal", many=True),
    ),
    Format(
        "affwild2-expr",
        "Aff-Wild2 expressions: a code per frame below the list of classes, -1 for none",
        read_expr,
        _matches_header(
            lambda line: (
                line.split(",")
                in ([*_codes(CLASSES).values()][1:], [*_codes(CLASSES[:-1]).values()][1:])
            ),
            many=True,
        ),
    ),
    Format(
        "affwild2-mtl",
        "Aff-Wild2 multi-task: image, valence, arousal, expression and action units of a split",
        read_mtl,
        _matches_header(
            lambda line: line.startswith("image,valence,arousal,expression"), many=False
        ),
    ),
)
