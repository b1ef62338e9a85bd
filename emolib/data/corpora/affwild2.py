"""Aff-Wild2: videos of two batches, labels per track and frame, and aligned faces.

Nothing is looked for by folder: videos (mp4 or avi, whatever their batch) are known by their whole
name, label files by their first line, and their part of the official partition by a folder or file
name with ``train`` or ``valid``. Aligned faces are the folder ``cropped_aligned``.

A track is a video, or one person of two in a video: ``video5_left`` and ``video5_right`` are two
people in ``video5``; beside a ``_right``, the bare name is the person on the left, and beside a
``_left`` the one on the right. Numbers at the end, as in ``video10_1`` or
``122-60-1920x1080-4``, are parts of one recording: videos of their own, that show the same people.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from emolib.data.annotations.delimited import read_delimited
from emolib.data.annotations.formats import formats
from emolib.data.annotations.formats.affwild2_tracks import read_test_tracks, video_name
from emolib.data.annotations.sources import Source
from emolib.data.corpora import Corpus
from emolib.data.corpora.layout import (
    Problems,
    by_stem,
    existing_folder,
    files_below,
    is_video,
    part_of,
    people_table,
    video_row,
    video_table,
)
from emolib.errors import InputError

LABELS = {"va": "affwild2-va", "expr": "affwild2-expr", "mtl": "affwild2-mtl"}
"""Formats of the kinds of labels."""

CROPS = "cropped_aligned"


def describe(
    path: str | Path,
    labels: Sequence[str] = ("va", "expr"),
    faces: str = "videos",
    crops: str | Path | None = None,
    fps: float | None = None,
    test_list: str | Path | None = None,
) -> Corpus:
    """Describe a copy of the corpus.

    Parameters
    ----------
    path : str or Path
        The folder that holds videos and labels, at any depth.
    labels : sequence of str
        Which labels to use: ``va``, ``expr`` or both, or ``mtl``.
    faces : str
        ``videos``: faces are found in the videos. ``crops``: the aligned faces are taken.
    crops : str or Path, optional
        The folder of aligned faces; ``cropped_aligned`` in `path` if not given.
    fps : float, optional
        Pictures per second of tracks whose video is not there but whose aligned faces are.
    test_list : str or Path, optional
        A list of tracks of the official test set, whose labels are not to be used.

    Raises
    ------
    InputError
        If a folder is missing, or there are no labels of a kind, or none fits a video.
    """
    folder, problems = existing_folder(path, "Aff-Wild2"), []
    files = list(files_below(folder, {CROPS}))
    aligned = _crops(folder, crops) if faces == "crops" else None
    found = _labels(folder, files, labels, problems)
    if test_list is not None:
        _leave_out_test(found, test_list, problems)
    videos = by_stem(filter(is_video, files), "video", problems)
    alone = set() if aligned is None or fps is None else _tracks_in(aligned)
    usable = _usable({track: found[track][0][1] for track in found}, videos, alone, problems)
    known = found.keys() | (set() if aligned is None else _tracks_in(aligned))
    rows, people = [], []
    for video, labelled in usable.items():
        if video in videos:
            tracks = _left_to_right(video, known)
            rows.append(video_row(video, videos[video], tracks, crops=aligned))
        else:
            tracks = [video]
            rows.append(video_row(video, aligned / video, tracks, image_rate=fps, crops=aligned))
        for track in labelled:
            if track not in tracks:
                file = found[track][0][1]
                names = " and ".join(tracks)
                problems.append(
                    (file.name, f"{file}: the people of {video!r} are {names}; who is {track!r}?")
                )
        people += [_person(track, video, found, folder, problems) for track in tracks]
    for video, file in videos.items():
        if video not in usable:
            problems.append((file.name, f"{file}: has no labels, so the video is not used"))
    tracks = {row["track"] for row in people}
    if aligned is not None:
        for track in sorted((tracks & found.keys()) - _tracks_in(aligned)):
            problems.append((track, f"{aligned / track}: there are no aligned faces of {track!r}"))
    return Corpus(
        video_table(rows, folder, "Aff-Wild2"),
        people_table(people, problems),
        _sources(found, tracks, aligned),
        FACTS,
        problems,
    )


# For each track: its kinds of labels with the files that hold them.
Found = dict[str, list[tuple[str, Path]]]


def _labels(
    folder: Path, files: Iterable[Path], kinds: Collection[str], problems: Problems
) -> Found:
    """Return the label files of every track; of two files of a kind the first is used."""
    matches = {kind: formats()[LABELS[kind]].matches for kind in kinds}
    of_kind: dict[str, list[Path]] = {kind: [] for kind in kinds}
    for file in files:
        if file.suffix == ".txt":
            for kind in kinds:
                if matches[kind](file):
                    of_kind[kind].append(file)
    found: Found = {}
    for kind, paths in of_kind.items():
        if not paths:
            raise InputError(
                f"{folder}: holds no labels of kind {kind!r}; list under `labels` only those that "
                "are there"
            )
        if kind == "mtl":
            for path in paths:
                for track in _tracks_of_images(path):
                    found.setdefault(track, []).append((kind, path))
        else:
            for track, path in by_stem(paths, f"{kind} file", problems).items():
                found.setdefault(track, []).append((kind, path))
    return found


def _tracks_of_images(path: Path) -> list[str]:
    """Return the tracks of a multi-task file, whose first column is ``<track>/<image>``."""
    table = read_delimited(path)
    return list(dict.fromkeys(row[0].strip().rpartition("/")[0] for row in table.rows))


def _leave_out_test(found: Found, test_list: str | Path, problems: Problems) -> None:
    for track in read_test_tracks(test_list):
        for _, path in found.pop(track, []):
            problems.append(
                (path.name, f"{path}: {track!r} is in the test set of {test_list}; its labels are "
                "not used")
            )  # fmt: skip


def _usable(
    labelled: dict[str, Path], videos: dict[str, Path], alone: set[str], problems: Problems
) -> dict[str, list[str]]:
    """Return the labelled tracks of every video that is there, by whole names only."""
    usable: dict[str, list[str]] = {}
    for track, file in sorted(labelled.items()):
        for name in (track, video_name(track)):
            if name in videos:
                usable.setdefault(name, []).append(track)
                break
        else:
            if track in alone:
                usable.setdefault(track, []).append(track)
            else:
                problems.append(
                    (file.name, f"{file}: there is no video {video_name(track)!r} for {track!r}")
                )
    return usable


def _left_to_right(video: str, known: Collection[str]) -> list[str]:
    """Return the tracks of a video.

    Examples
    --------
    >>> _left_to_right("video59", {"video59", "video59_right", "video591_left"})
    ['video59', 'video59_right']
    >>> _left_to_right("video2", {"video2", "video2_left"})
    ['video2_left', 'video2']
    >>> _left_to_right("video5", {"video5_left"}), _left_to_right("video51", {"video5_left"})
    (['video5_left', 'video5_right'], ['video51'])
    """
    left, right = f"{video}_left", f"{video}_right"
    if left not in known and right not in known:
        return [video]
    if video in known and right not in known:
        right = video
    elif video in known and left not in known:
        left = video
    return [left, right]


def _person(
    track: str, video: str, found: Found, folder: Path, problems: Problems
) -> dict[str, str]:
    files = [path for _, path in found.get(track, [])]
    parts = {part_of(path, folder) for path in files} - {""}
    if len(parts) > 1:
        listed = " and ".join(sorted(parts))
        problems.append(
            (track, f"{files[0]}: {track!r} is in {listed}, for different labels; its part is open")
        )
    return {
        "track": track,
        "video": video,
        "person": _recording(video) + track.removeprefix(video),
        "part": parts.pop() if len(parts) == 1 else "",
    }


def _recording(video: str) -> str:
    """Return the recording that a video is a part of.

    Examples
    --------
    >>> _recording("video10_1"), _recording("122-60-1920x1080-4"), _recording("102-30-640x360")
    ('video10', '122-60-1920x1080', '102-30-640x360')
    """
    whole = re.fullmatch(r"(video\d+)_\d+|(\d+-\d+-\d+x\d+)-\d+", video)
    return (whole[1] or whole[2]) if whole else video


def _crops(folder: Path, crops: str | Path | None) -> Path:
    place = folder / CROPS if crops is None else Path(crops)
    if not place.is_dir():
        raise InputError(
            f"{place}: no such folder of aligned faces; say under `crops` where it is, or take "
            "`faces: videos`"
        )
    return place


def _tracks_in(crops: Path) -> set[str]:
    return {place.name for place in crops.iterdir() if place.is_dir()}


def _sources(found: Found, tracks: Collection[str], aligned: Path | None) -> list[Source]:
    sources, split_files = [], {}
    for track in sorted(found.keys() & set(tracks)):
        for kind, path in found[track]:
            if kind == "mtl":
                split_files.setdefault(path, {})[track] = track
            else:
                crops = {} if aligned is None else {"crops": aligned}
                sources.append(Source(path, LABELS[kind], crops, track))
    return sources + [
        Source(path, LABELS["mtl"], {"tracks": sorted(names)}, names)
        for path, names in split_files.items()
    ]


FACTS = {
    "name": "Aff-Wild2",
    "citation": "Kollias and Zafeiriou, Expression, Affect, Action Unit Recognition: Aff-Wild2, "
    "Multi-Task Learning and ArcFace, BMVC 2019",
    "licence": "non-commercial research, by agreement with the authors",
    "homepage": "https://ibug.doc.ic.ac.uk/resources/aff-wild2/",
}
