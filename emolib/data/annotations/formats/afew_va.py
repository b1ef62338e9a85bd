"""AFEW-VA: short clips from films, rated frame by frame (Kossaifi et al., 2017).

``afew-va`` is one JSON file per clip, ``<clip>.json``: an object with ``video_id``, ``actor`` and
``frames``, which maps the number of a frame, five digits from 0, to ``valence`` and ``arousal``,
whole numbers in [-10, 10], and ``landmarks``, which are not read. The path is one such file, or a
folder with all of them, in folders of their own or together.

No file says how long a frame lasts, so ``fps`` or ``frame_times`` is needed
(`emolib.data.annotations.formats.frames.FrameClock`), by clip if the clips differ. An actor occurs
in several clips; the provenance lists the ``actors`` of the tracks, for a split by person.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.frames import FrameClock, dimensional_rows
from emolib.data.annotations.formats.gathering import Gathering, files_of
from emolib.data.annotations.tables import Annotations, normalise
from emolib.errors import InputError
from emolib.labels import DIMENSIONS


def read(
    path: Path, *, fps: float | Mapping[str, float] | None = None, frame_times=None
) -> Annotations:
    """Read clips; their tracks are named like their files.

    Parameters
    ----------
    path : Path
        The file of a clip, or a folder.
    fps, frame_times
        See `FrameClock`; names are those of the clips.

    Raises
    ------
    InputError
        If no file can be used.
    """
    gathering = Gathering("afew-va", {"fps": fps, "frame_times": frame_times})
    clock = FrameClock(fps, frame_times)
    files = files_of(Path(path), "*.json")
    clock.check_tracks(len(files))
    actors: dict[str, str] = {}
    gathering.read_files(files, lambda file: _add_clip(gathering, file, clock, actors))
    return gathering.annotations(actors=actors)


def _add_clip(gathering: Gathering, path: Path, clock: FrameClock, actors: dict[str, str]) -> None:
    track = path.stem
    if track in actors:
        raise InputError(f"{path}: another file of clip {track!r} was read already; remove one")
    clip = load_clip(path)
    frames = clip.get("frames")
    if not isinstance(frames, dict) or not frames:
        raise InputError(f"{path}: no frames; expected an object with video_id, actor and frames")
    keys = _sorted_keys(path, frames)
    places = [f"frame {key}" for key in keys]
    values = [
        normalise(_dimension(path, frames, keys, name), -10, 10, path, places, name)
        for name in DIMENSIONS
    ]
    numbers = np.array([int(key) for key in keys])
    bounds = clock.bounds(int(numbers[-1]) + 1, track)
    timed = numbers < len(bounds) - 1
    if str(clip.get("video_id", track)) != track:
        gathering.problems.append(
            f"{path}: video_id is {clip['video_id']!r}; the track is called {track!r} like the file"
        )
    gathering.leave_out(path, np.sum(~timed), "frames beyond the last decoded one")
    gathering.dimensional.append(
        dimensional_rows(
            track, "afew-va", bounds[numbers[timed]], *(dimension[timed] for dimension in values)
        )
    )
    actors[track] = str(clip.get("actor", ""))


def load_clip(path: Path) -> dict[str, Any]:
    """Read the file of a clip, and refuse keys that occur twice, of which one would be lost.

    Raises
    ------
    InputError
        If it is not a JSON object in UTF-8.
    """

    def unique(pairs):
        found = dict(pairs)
        if len(found) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise InputError(f"{path}: the key {twice!r} occurs twice in one object")
        return found

    try:
        clip = json.loads(path.read_bytes().decode("utf-8-sig"), object_pairs_hook=unique)
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}: not JSON: {error.msg}") from error
    if not isinstance(clip, dict):
        raise InputError(f"{path}: no frames; expected an object with video_id, actor and frames")
    return clip


def _sorted_keys(path: Path, frames: dict[str, Any]) -> list[str]:
    """Return the frames in the order of their numbers, which need not be that of the file."""
    for key in frames:
        if not key.isdecimal():
            raise InputError(f"{path}: frame {key!r} is not a number such as 00000")
    keys = sorted(frames, key=int)
    for before, after in zip(keys, keys[1:], strict=False):
        if int(before) == int(after):
            raise InputError(f"{path}: frames {before!r} and {after!r} have the same number")
    return keys


def _dimension(path: Path, frames: dict[str, Any], keys: list[str], name: str) -> np.ndarray:
    values = []
    for key in keys:
        value = frames[key].get(name) if isinstance(frames[key], dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
            raise InputError(
                f"{path}: frame {key}: {name} {value!r} is not a whole number in [-10, 10]; has "
                "the file been rescaled?"
            )
        values.append(float(value))
    return np.array(values)


def _matches(path: Path) -> bool:
    """Return whether the first JSON file is one of a clip."""
    if path.is_dir():
        path = next(iter(sorted(path.rglob("*.json"))), path)
    if path.suffix != ".json" or not path.is_file():
        return False
    try:
        return {"video_id", "actor", "frames"} <= set(load_clip(path))
    except InputError:
        return False


FORMATS = (
    Format(
        "afew-va",
        "AFEW-VA: JSON of a clip, valence and arousal as whole numbers in [-10, 10] per frame",
        read,
        _matches,
    ),
)
