"""What adapters share: how folders are searched, and the tables that they return."""

import math
import os
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import pandas as pd

from emolib.data.splits import independent_groups
from emolib.data.video import VIDEO_SUFFIXES
from emolib.errors import InputError

Problems = list[tuple[str, str]]

VIDEO_COLUMNS = ("video", "path", "image_rate", "people", "tracks", "crops")
PEOPLE_COLUMNS = ("track", "video", "person", "part")


def existing_folder(path: str | Path, name: str) -> Path:
    """Return the folder of a corpus, or refuse one that is not there."""
    folder = Path(path)
    if not folder.is_dir():
        raise InputError(
            f"{folder}: no such folder; `path` in the configuration should be where {name} lies"
        )
    return folder


def files_below(folder: Path, skip: Collection[str] = ()) -> Iterator[Path]:
    """Yield all files at any depth in order, but not hidden ones nor those in folders to skip."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in skip and name[0] != ".")
        yield from (Path(parent, name) for name in sorted(files) if name[0] != ".")


def by_stem(files: Iterable[Path], what: str, problems: Problems) -> dict[str, Path]:
    """Return files by their whole stem; where two share it, keep the first and report the other."""
    found: dict[str, Path] = {}
    for path in files:
        kept = found.setdefault(path.stem, path)
        if kept != path:
            problems.append(
                (path.name, f"{path}: another {what} of {path.stem!r}, {kept}, is used; remove one")
            )
    return found


def is_video(path: Path) -> bool:
    """Return whether a file is a video by its suffix."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def part_of(path: Path, root: Path) -> str:
    """Return the part of the corpus that the folders or the name of a file state, else ""."""
    for name in reversed(path.relative_to(root).with_suffix("").parts):
        for part, word in [("train", "train"), ("validation", "valid"), ("test", "test")]:
            if word in name.lower():
                return part
    return ""


def video_row(
    video: str,
    path: Path,
    tracks: Collection[str],
    *,
    image_rate: float = math.nan,
    crops: Path | None = None,
) -> dict:
    """Return a row of the table of videos, for a video whose tracks are known."""
    return {
        "video": video,
        "path": str(path),
        "image_rate": image_rate,
        "people": len(tracks),
        "tracks": list(tracks),
        "crops": "" if crops is None else str(crops),
    }


def video_table(rows: Iterable[dict], folder: Path, name: str) -> pd.DataFrame:
    """Return the table of videos; refuse a corpus without any."""
    table = pd.DataFrame(list(rows), columns=list(VIDEO_COLUMNS))
    if table.empty:
        raise InputError(
            f"{folder}: holds no video with labels; is this {name}, unpacked as it was handed out?"
        )
    types = {"video": "str", "path": "str", "image_rate": "float64", "people": "Int64"}
    return table.astype(types)


def people_table(rows: Iterable[dict], problems: Problems) -> pd.DataFrame:
    """Return the table of people; a track is a person, of no part, unless its row says more.

    People who must stay together, since they are the same or share a video, are in no part if the
    corpus puts them into several: whoever was learned from would be judged on.
    """
    table = pd.DataFrame([{"person": row["track"], "part": "", **row} for row in rows])
    table = table.reindex(columns=list(PEOPLE_COLUMNS)).astype("str")
    group = table["person"].map(dict(zip(*independent_groups(table), strict=True)))
    stated = table["part"].where(table["part"] != "").groupby(group).unique()
    for number, parts in stated.items():
        parts = sorted(part for part in parts if isinstance(part, str))
        if len(parts) > 1:
            together = table.loc[group == number, "track"].tolist()
            more = f" and {len(together) - 5} more" if len(together) > 5 else ""
            problems.append(
                (
                    together[0],
                    f"{', '.join(together[:5])}{more}: are or meet the same person, but are in "
                    f"{' and '.join(parts)}; they are in no part",
                )
            )
            table.loc[group == number, "part"] = ""
    return table
