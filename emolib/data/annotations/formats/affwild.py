"""Aff-Wild before Aff-Wild2: the release of 2017, and the copy that was in use before it.

``affwild-2017`` has two files per video, ``valence/<id>.txt`` and ``arousal/<id>.txt``, with one
number in [-1, 1] per line and no header; the first line is the first decoded frame. Options:
``fps`` or ``frame_times`` (`emolib.data.annotations.formats.frames.FrameClock`), and ``arousal``,
the path of the second file where the path is that of a single valence file.

``affwild-prerelease`` has one file per video, ``<video>.txt``, with the columns frame, valence and
arousal between blanks; valence and arousal in [-1000, 1000]. Options: ``fps`` or ``frame_times``,
and ``first_frame``, the number that the files give to the first frame (0 unless said).

Both number the frames of the videos that they came with, so the times must be those of the same
encoding. The release of 2017 is described by Zafeiriou et al., "Aff-Wild: Valence and Arousal
'in-the-wild' Challenge", CVPR Workshops 2017.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.frames import FrameClock, dimensional_rows
from emolib.data.annotations.formats.gathering import (
    Gathering,
    demand_unbroken,
    files_of,
    first_line,
    whole_numbers,
)
from emolib.data.annotations.tables import Annotations, normalise
from emolib.errors import InputError
from emolib.labels import DIMENSIONS


def read_2017(
    path: Path,
    *,
    fps: float | Mapping[str, float] | None = None,
    frame_times=None,
    arousal: str | Path | None = None,
) -> Annotations:
    """Read the release of 2017.

    Parameters
    ----------
    path : Path
        A folder that holds ``valence`` and ``arousal``, at any depth, or one valence file.
    fps, frame_times
        See `FrameClock`; names are those of the files.
    arousal : str or Path, optional
        The arousal file, if `path` is a valence file.

    Raises
    ------
    InputError
        If no pair of files can be used.
    """
    options = {"fps": fps, "frame_times": frame_times, "arousal": arousal}
    gathering = Gathering("affwild-2017", options)
    clock = FrameClock(fps, frame_times)
    pairs = _pairs(Path(path), arousal, gathering)
    clock.check_tracks(len(pairs))

    def read_pair(valence_path: Path) -> None:
        _add_pair(gathering, valence_path, pairs[valence_path], clock)
        gathering.use(pairs[valence_path])

    gathering.read_files(pairs, read_pair)
    return gathering.annotations()


def read_prerelease(
    path: Path,
    *,
    fps: float | Mapping[str, float] | None = None,
    frame_times=None,
    first_frame: int = 0,
) -> Annotations:
    """Read the copy that was in use before the release.

    Parameters
    ----------
    path : Path
        A file, or a folder of them.
    fps, frame_times
        See `FrameClock`; names are those of the files.
    first_frame : int
        The number that the files give to the first frame.

    Raises
    ------
    InputError
        If no file can be used.
    """
    options = {"fps": fps, "frame_times": frame_times, "first_frame": first_frame}
    gathering = Gathering("affwild-prerelease", options)
    clock = FrameClock(fps, frame_times)
    files = files_of(Path(path), "*.txt")
    clock.check_tracks(len(files))
    gathering.read_files(files, lambda file: _add_numbered(gathering, file, clock, first_frame))
    return gathering.annotations()


def _pairs(path: Path, arousal: str | Path | None, gathering: Gathering) -> dict[Path, Path]:
    """Return the arousal file of each valence file; report those without the other."""
    if path.is_file():
        if arousal is None:
            raise InputError(f"{path}: one file holds valence only; give the other as 'arousal'")
        return {path: Path(arousal)}
    valence_files = sorted(path.rglob("valence/*.txt"))
    arousal_files = sorted(path.rglob("arousal/*.txt"))
    if not valence_files and not arousal_files:
        raise InputError(f"{path}: no folders 'valence' and 'arousal' with .txt files in it")
    pairs = {file: file.parent.with_name("arousal") / file.name for file in valence_files}
    missing = [file for file, other in pairs.items() if other not in arousal_files]
    for file in missing:
        gathering.leave_out(file, 1, "valence files that have no arousal file")
    for file in set(arousal_files) - set(pairs.values()):
        gathering.leave_out(file, 1, "arousal files that have no valence file")
    paired = {file: other for file, other in pairs.items() if file not in missing}
    if not paired:
        raise InputError(f"{path}: no valence file has an arousal file of the same name")
    return paired


def _add_pair(
    gathering: Gathering, valence_path: Path, arousal_path: Path, clock: FrameClock
) -> None:
    values, counts = {}, {}
    for name, path in zip(DIMENSIONS, (valence_path, arousal_path), strict=True):
        table = read_delimited(path, "whitespace", [name])
        demand_unbroken(table)
        values[name] = normalise(table.numbers(name), -1, 1, path, table.lines, name)
        counts[name] = len(table.rows)
    if counts["valence"] != counts["arousal"]:
        raise InputError(
            f"{valence_path}: {counts['valence']} values of valence but {counts['arousal']} of "
            f"arousal in {arousal_path}; they are paired by line, so one of them is incomplete"
        )
    track, count = valence_path.stem, counts["valence"]
    times = clock.bounds(count, track)[:-1]
    gathering.leave_out(valence_path, count - len(times), "rows beyond the last decoded frame")
    kept = [values[name][: len(times)] for name in DIMENSIONS]
    gathering.dimensional.append(dimensional_rows(track, "affwild-2017", times, *kept))


def _add_numbered(gathering: Gathering, path: Path, clock: FrameClock, first_frame: int) -> None:
    table = read_delimited(path, "whitespace", ("frame", *DIMENSIONS))
    frames = _increasing_frames(table, first_frame)
    values = [
        normalise(table.numbers(name), -1000, 1000, path, table.lines, name) for name in DIMENSIONS
    ]
    bounds = clock.bounds(int(frames[-1]) + 1, path.stem)
    timed = frames < len(bounds) - 1
    gathering.leave_out(path, np.sum(~timed), "rows beyond the last decoded frame")
    gathering.dimensional.append(
        dimensional_rows(
            path.stem,
            "affwild-prerelease",
            bounds[frames[timed]],
            *(dimension[timed] for dimension in values),
        )
    )


def _increasing_frames(table: TextTable, first_frame: int) -> np.ndarray:
    frames = whole_numbers(table, "frame") - first_frame
    if frames[0] < 0:
        raise table.error(
            0, f"frame {frames[0] + first_frame} comes before first_frame {first_frame}"
        )
    for row in np.flatnonzero(np.diff(frames) <= 0)[:1] + 1:
        raise table.error(
            row,
            f"frame {frames[row] + first_frame} does not come after frame "
            f"{frames[row - 1] + first_frame}; are the columns in another order?",
        )
    return frames


def _matches_2017(path: Path) -> bool:
    if path.is_dir():
        return any(path.rglob("valence/*.txt")) and any(path.rglob("arousal/*.txt"))
    return path.parent.name in DIMENSIONS and len(_number_cells(path)) == 1


def _matches_prerelease(path: Path) -> bool:
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    return bool(files) and len(_number_cells(files[0])) == 3


def _number_cells(path: Path) -> list[str]:
    """Return the cells of the first line if all are numbers."""
    cells = first_line(path).split() if path.suffix == ".txt" else []
    is_number = [cell.lstrip("+-").replace(".", "", 1).isdigit() for cell in cells]
    return cells if all(is_number) else []


FORMATS = (
    Format(
        "affwild-2017",
        "Aff-Wild 2017: valence/ and arousal/ with one value in [-1, 1] per frame and line",
        read_2017,
        _matches_2017,
    ),
    Format(
        "affwild-prerelease",
        "Aff-Wild before its release: frame, valence, arousal in [-1000, 1000] between blanks",
        read_prerelease,
        _matches_prerelease,
    ),
)
