"""Aff-Wild as released in 2017: a text file per video and dimension, a number per line and frame.

Expected below the folder: ``videos/train/<id>.mp4`` or ``.avi``, and
``annotations/train/valence/<id>.txt`` with ``annotations/train/arousal/<id>.txt``. The videos of
the test set have no labels and are not used. There are no categories.
"""

from pathlib import Path

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
from emolib.labels import DIMENSIONS

BOXES = ("bboxs", "bboxes", "landmarks")
"""Folders with a file per frame, in which nothing is looked for."""


def describe(path: str | Path) -> Corpus:
    """Describe a copy of the release.

    Raises
    ------
    InputError
        If the folder is missing, or no video in it has labels.
    """
    folder = existing_folder(path, "Aff-Wild")
    files, problems = list(files_below(folder, BOXES)), []
    videos = by_stem(filter(is_video, files), "video", problems)
    labels = {
        name: by_stem(
            (file for file in files if file.suffix == ".txt" and file.parent.name == name),
            f"file of {name}",
            problems,
        )
        for name in DIMENSIONS
    }
    pairs = _pairs(labels, videos, problems)
    for video, file in videos.items():
        if video not in pairs:
            problems.append((file.name, f"{file}: has no labels, so the video is not used"))
    sources = [
        Source(valence, "affwild-2017", {"arousal": arousal}, video)
        for video, (valence, arousal) in pairs.items()
    ]
    people = [
        {"track": video, "video": video, "part": part_of(valence, folder)}
        for video, (valence, _) in pairs.items()
    ]
    rows = (video_row(video, videos[video], [video]) for video in pairs)
    return Corpus(
        video_table(rows, folder, "Aff-Wild"),
        people_table(people, problems),
        sources,
        FACTS,
        problems,
    )


def _pairs(
    labels: dict[str, dict[str, Path]], videos: dict[str, Path], problems: Problems
) -> dict[str, tuple[Path, Path]]:
    """Return the files of valence and arousal of every video that has both."""
    pairs = {}
    valence, arousal = (labels[name] for name in DIMENSIONS)
    for video in sorted(valence.keys() | arousal.keys()):
        file = valence.get(video) or arousal[video]
        if video not in valence or video not in arousal:
            problems.append((file.name, f"{file}: the other dimension of {video!r} is not there"))
        elif video not in videos:
            problems.append((file.name, f"{file}: there is no video {video}.mp4 or {video}.avi"))
        else:
            pairs[video] = (valence[video], arousal[video])
    return pairs


FACTS = {
    "name": "Aff-Wild",
    "citation": "Zafeiriou et al., Aff-Wild: Valence and Arousal 'In-the-Wild' Challenge, "
    "CVPR Workshops 2017",
    "licence": "non-commercial research, by agreement with the authors",
    "homepage": "https://ibug.doc.ic.ac.uk/resources/first-affect-wild-challenge/",
}
