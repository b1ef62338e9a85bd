"""A folder to annotate in that is not the corpus of a build, whose files the build depends on."""

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from emolib.annotator.state import REVIEWS_DUE
from emolib.data.video import VIDEO_SUFFIXES, list_videos
from emolib.errors import InputError
from emolib.storage import atomic_path, value_hash, write_table


def practice_folder(
    folder: str | Path, videos: pd.DataFrame, people: pd.DataFrame, root: str | Path, most: int
) -> Path:
    """Make a folder with links to videos of a corpus, and with its list of people.

    What was annotated in it stays; links that are there are set again. Videos of other content get
    a folder of their own, since annotations of the old ones are not about them.

    Parameters
    ----------
    folder : path
        What the folder lies in.
    videos : DataFrame
        ``video``, ``path``, ``sha256``. Videos that are folders of pictures are left out.
    people : DataFrame
        ``track``, ``video``, ``person``.
    root : path
        What relative paths start from.
    most : int
        How many videos, in the order of their names.

    Returns
    -------
    Path
        The folder; its ``videos/`` is empty where the corpus has only pictures.
    """
    folder, root = Path(folder) / value_hash(sorted(videos["sha256"])), Path(root)
    paths = [root / path for path in videos.sort_values("video")["path"]]
    paths = [path for path in paths if path.suffix.lower() in VIDEO_SUFFIXES][:most]
    (folder / "videos").mkdir(parents=True, exist_ok=True)
    for path in paths:
        with atomic_path(folder / "videos" / path.name) as temporary:
            os.symlink(path.resolve(), temporary)
    if not (folder / "people.csv").is_file():
        known = people[people["video"].isin([path.stem for path in paths])]
        write_table(known[["track", "video", "person"]], folder / "people.csv")
    return folder


def choose_video(files: Mapping[str, Path], tasks: pd.DataFrame, video: str = "") -> Path | None:
    """Return the video to open: the named one, or the first that is not finished.

    Parameters
    ----------
    files : mapping of str to Path
        The videos by name.
    tasks : DataFrame
        What `emolib.annotator.annotation_tasks` returns.
    video : str
        A name; empty takes the first video that can be read and is not finished, or else the
        first that can be read, or None.

    Raises
    ------
    InputError
        If no video has the name.
    """
    if video:
        if video not in files:
            raise InputError(f"no video {video!r}; there are {', '.join(files) or 'none'}")
        return files[video]
    readable = tasks[tasks["problem"] == ""]
    unfinished = readable[~(readable["marked"] & (readable["reviews"] >= REVIEWS_DUE))]
    first = [*unfinished["video"], *readable["video"]][:1]
    return files[first[0]] if first else None


def video_files(folder: str | Path) -> dict[str, Path]:
    """Return the videos in a folder, or in its ``videos/``, by name; none if there is none."""
    folder = Path(folder)
    try:
        found = list_videos(folder / "videos" if (folder / "videos").is_dir() else folder)
    except InputError:
        if not folder.is_dir():
            raise
        return {}
    return {path.stem: path for path in found}
