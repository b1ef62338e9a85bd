"""OMG-Emotion: utterances from videos of the web, each rated as a whole.

Lists such as ``omg_TrainVideos.csv`` are known by their first line; those without labels are not
read. The videos are either the clips that were cut out, ``<video>/utterance_<n>.mp4``, or the whole
sources, each named by the id at the end of its link. With clips a track is an utterance, with
sources it is a source, and what two overlapping utterances of it share has no label. Who speaks is
known by the link, which is one person in all clips and lists.
"""

from collections.abc import Iterable
from pathlib import Path

from emolib.data.annotations.delimited import read_delimited
from emolib.data.annotations.formats import formats
from emolib.data.annotations.formats.omg import source_name
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

STEP = 0.1
"""Seconds, at most, between the samples that hold the rating of an utterance."""


def describe(path: str | Path, videos: str = "clips") -> Corpus:
    """Describe a copy of the corpus.

    Parameters
    ----------
    path : str or Path
        The folder that holds lists and videos, at any depth.
    videos : str
        ``clips`` or ``sources``.

    Raises
    ------
    InputError
        If the folder is missing, or it holds no list with labels, or no video of one.
    """
    folder, problems = existing_folder(path, "OMG-Emotion"), []
    files = list(files_below(folder))
    lists = [file for file in files if file.suffix == ".csv" and formats()["omg"].matches(file)]
    if not lists:
        raise InputError(
            f"{folder}: holds no list of utterances with labels, such as omg_TrainVideos.csv"
        )
    found = _videos(filter(is_video, files), videos, problems)
    per = {"clips": "utterance", "sources": "source"}[videos]
    options = {"clock": per, "per": per, "step": STEP}
    sources, people = [], {}
    for file in lists:
        shown = _people_by_video(file, videos)
        for video, person in shown.items():
            if video in found:
                _add(people, video, person, part_of(file, folder), file, problems)
            else:
                problems.append((file.name, f"{file}: there is no video {video!r}"))
        tracks = {video: video for video in shown if video in found}
        if tracks:
            sources.append(Source(file, "omg", options, tracks))
    for video, place in found.items():
        if video not in people:
            problems.append((place.name, f"{place}: no list has a label for it"))
    rows = (video_row(video, found[video], [video]) for video in people)
    return Corpus(
        video_table(rows, folder, "OMG-Emotion"),
        people_table(people.values(), problems),
        sources,
        FACTS,
        problems,
    )


def _videos(files: Iterable[Path], videos: str, problems: Problems) -> dict[str, Path]:
    """Return clips by the name of their track, or sources by their id."""
    if videos == "sources":
        return by_stem(files, "source", problems)
    found: dict[str, Path] = {}
    for file in files:
        if file.stem.startswith("utterance_"):
            kept = found.setdefault(f"{file.parent.name}_{file.stem}", file)
            if kept != file:
                problems.append((file.name, f"{file}: {kept} is used; remove one of the two"))
    return found


def _people_by_video(file: Path, videos: str) -> dict[str, str]:
    """Return who is in the videos of a list."""
    table = read_delimited(file)
    cells = (table.text(name) for name in ("link", "video", "utterance"))
    people = {}
    for link, video, utterance in zip(*cells, strict=True):
        if link and video and utterance:
            person = source_name(link)
            clip = f"{video}_{utterance.removesuffix('.mp4')}"
            people[clip if videos == "clips" else person] = person
    return people


def _add(people: dict, video: str, person: str, part: str, file: Path, problems: Problems) -> None:
    """Note whom a video shows, and the part it is in unless two lists disagree."""
    row = people.setdefault(video, {"track": video, "video": video, "person": person, "part": part})
    if part != row["part"] and row["part"]:
        row["part"] = ""
        problems.append((file.name, f"{file}: {video!r} is in another part too; its part is open"))


FACTS = {
    "name": "OMG-Emotion",
    "citation": "Barros et al., The OMG-Emotion Behavior Dataset, IJCNN 2018",
    "licence": "CC BY-NC-SA 3.0 DE",
    "homepage": "https://github.com/knowledgetechnologyuhh/OMGEmotionChallenge",
}
