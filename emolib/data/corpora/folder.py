"""A folder of one's own, or a simulated one: three tables, the videos, and the annotation files.

``videos.csv`` has a row per video: ``video`` (the stem of the file in ``videos/``), ``people``
(how many to follow, empty if unknown) and, where a video is a folder of numbered pictures,
``image_rate`` (pictures per second). ``people.csv`` has a row per track: ``track``, ``video``,
``person`` and, if the corpus comes in parts, ``part``. ``annotations.csv`` lists the annotations
(`emolib.data.annotations.manifest`).
"""

import math
from pathlib import Path

import pandas as pd

from emolib.data.annotations.manifest import read_manifest
from emolib.data.corpora import Corpus
from emolib.data.corpora.layout import (
    PEOPLE_COLUMNS,
    VIDEO_COLUMNS,
    Problems,
    existing_folder,
)
from emolib.data.video import list_videos
from emolib.errors import InputError
from emolib.labels import SPLITS

TABLES = ("videos.csv", "people.csv", "annotations.csv")


def describe(path: str | Path) -> Corpus:
    """Describe a folder.

    Raises
    ------
    InputError
        If a table is missing or unusable, or there is no video.
    """
    folder = existing_folder(path, "your corpus")
    for name in TABLES:
        if not (folder / name).is_file():
            raise InputError(
                f"{folder / name}: no such file; the page 'Use your own corpus' says what a corpus "
                "holds"
            )
    sources, unusable = read_manifest(folder)
    problems = [("annotations.csv", problem) for problem in unusable]
    videos = _videos(folder, problems)
    return Corpus(videos, _people(folder), sources, {"name": folder.resolve().name}, problems)


def _videos(folder: Path, problems: Problems) -> pd.DataFrame:
    table = read_table(folder / "videos.csv", ("video", "people")).set_index("video")
    rates = _rates(folder / "videos.csv", table)
    paths = {video: folder / "videos" / video for video in rates}
    if len(rates) < max(len(table), 1):
        paths |= {file.stem: file for file in list_videos(folder / "videos")}
    for video in table.index.difference(list(paths)):
        problems.append(
            (
                video,
                f"{folder / 'videos.csv'}: lists the video {video!r}, of which there is no file",
            )
        )
    rows = [
        {"video": video, "path": str(file), "image_rate": rates.get(video, math.nan), "crops": ""}
        for video, file in sorted(paths.items())
    ]
    videos = pd.DataFrame(rows)
    videos["tracks"] = [[] for _ in rows]
    videos["people"] = videos["video"].map(_expected_people(folder / "videos.csv", table))
    return videos[list(VIDEO_COLUMNS)].astype({"people": "Int64"})


def _expected_people(path: Path, table: pd.DataFrame) -> pd.Series:
    for video, people in table["people"].items():
        if people and not people.isdigit():
            raise InputError(
                f"{path}: video {video} has {people!r} people; give a whole number, or nothing "
                "where it is not known"
            )
    return pd.to_numeric(table["people"].replace("", None))


def _rates(path: Path, table: pd.DataFrame) -> dict[str, float]:
    """Return the rate of every video that is a folder of pictures."""
    rates = {}
    for video, cell in table.get("image_rate", pd.Series(dtype="str")).items():
        if cell:
            try:
                rates[video] = float(cell)
            except ValueError as error:
                raise InputError(
                    f"{path}: video {video} has the image_rate {cell!r}; give a number of pictures "
                    "per second, or nothing for a video file"
                ) from error
    return rates


def _people(folder: Path) -> pd.DataFrame:
    path = folder / "people.csv"
    table = read_table(path, ("track", "video", "person"))
    table["part"] = table.get("part", "")
    unknown = table.loc[~table["part"].isin(["", *SPLITS]), "part"]
    if len(unknown):
        raise InputError(f"{path}: part {unknown.iloc[0]!r} is none of {', '.join(SPLITS)}")
    return table[list(PEOPLE_COLUMNS)]


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table of a corpus as text; its first column identifies a row.

    Raises
    ------
    InputError
        If the file is missing, or lacks a column, or lists something twice.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file; it needs the columns {', '.join(columns)}")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputError(f"{path}: cannot be read as a table in UTF-8: {error}") from error
    for column in columns:
        if column not in table:
            raise InputError(f"{path}: no column {column!r}; it needs {', '.join(columns)}")
    doubled = table[columns[0]][table[columns[0]].duplicated()]
    if len(doubled):
        raise InputError(f"{path}: {columns[0]} {doubled.iloc[0]!r} is listed twice")
    return table
