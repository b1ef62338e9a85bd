"""A folder of clips, each with tables of text beside it: one person in a clip.

``annotations`` says what the tables are called and how they are read. With ``.csv`` and
``_emotions.csv`` the clip ``anna_3.mp4`` has the tables ``anna_3.csv`` and ``anna_3_emotions.csv``;
each has its options of the format ``generic``
(`emolib.data.annotations.formats.generic`). A clip may lack one of its tables.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emolib.data.annotations.formats import check_options
from emolib.data.annotations.sources import Source
from emolib.data.corpora import Corpus
from emolib.data.corpora.folder import read_table
from emolib.data.corpora.layout import (
    Problems,
    by_stem,
    existing_folder,
    files_below,
    is_video,
    people_table,
    video_row,
    video_table,
)
from emolib.errors import InputError


def describe(
    path: str | Path,
    annotations: Mapping[str, Mapping[str, Any]],
    people: str | Path | None = None,
) -> Corpus:
    """Describe a folder.

    Parameters
    ----------
    path : str or Path
        The folder that holds clips and tables, at any depth.
    annotations : mapping of str to mapping
        What is added to the name of a clip for the name of a table, and the table's options.
    people : str or Path, optional
        A table with the columns ``track`` (the name of a clip) and ``person``; if not given, every
        clip shows somebody else.

    Raises
    ------
    InputError
        If the folder is missing, an option is unknown, or no clip has a table.
    """
    folder, problems = existing_folder(path, "the folder of clips"), []
    for options in annotations.values():
        check_options("generic", options)
    files = list(files_below(folder))
    clips = by_stem(filter(is_video, files), "clip", problems)
    tables = _tables(files, clips, annotations, problems)
    persons = {} if people is None else _persons(Path(people), clips)
    sources = []
    for clip, ending, file in tables:
        # A table that does not say who rated is by the same rater as the other tables of its clip.
        rater = {} if "rater" in annotations[ending]["columns"] else {"rater": "rater"}
        sources.append(Source(file, "generic", rater | dict(annotations[ending]), clip))
    labelled = sorted({clip for clip, _, _ in tables})
    for clip in sorted(clips.keys() - set(labelled)):
        problems.append((clips[clip].name, f"{clips[clip]}: has no table, so it is not used"))
    rows = (video_row(clip, clips[clip], [clip]) for clip in labelled)
    people_rows = [
        {"track": clip, "video": clip, "person": persons.get(clip, clip)} for clip in labelled
    ]
    return Corpus(
        video_table(rows, folder, "your folder of clips"),
        people_table(people_rows, problems),
        sources,
        {"name": folder.resolve().name},
        problems,
    )


def _tables(
    files: list[Path], clips: Mapping[str, Path], endings: Mapping[str, Any], problems: Problems
) -> list[tuple[str, str, Path]]:
    """Return the clip, the ending and the path of every table; the longest ending counts."""
    tables, seen = [], {}
    for file in files:
        ending = max(filter(file.name.endswith, endings), key=len, default=None)
        if ending is None or is_video(file):
            continue
        clip = file.name.removesuffix(ending)
        if clip not in clips:
            problems.append((file.name, f"{file}: there is no clip {clip!r}"))
        elif seen.setdefault((clip, ending), file) != file:
            problems.append((file.name, f"{file}: {seen[clip, ending]} is used; remove one"))
        else:
            tables.append((clip, ending, file))
    return tables


def _persons(path: Path, clips: Mapping[str, Path]) -> dict[str, str]:
    table = read_table(path, ("track", "person"))
    for clip in clips:
        if clip not in set(table["track"]):
            raise InputError(f"{path}: does not say who is in {clip!r}; add a row for it")
    return dict(zip(table["track"], table["person"], strict=True))
