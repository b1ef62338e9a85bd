"""AFEW-VA: a folder of pictures per clip, and a JSON file that rates each picture.

Expected below the folder: ``<clip>/00000.png`` and so on, and ``<clip>.json``, beside the pictures
or anywhere else. No file says how fast the pictures follow each other, so that has to be given. The
same actor plays in several clips and is one person. There are no categories.
"""

from pathlib import Path

from emolib.data.annotations.formats.afew_va import load_clip
from emolib.data.annotations.sources import Source
from emolib.data.corpora import Corpus
from emolib.data.corpora.layout import (
    Problems,
    by_stem,
    existing_folder,
    files_below,
    people_table,
    video_row,
    video_table,
)
from emolib.errors import InputError

CROPPED = "_cropped"
"""How the names of folders end that some copies add."""


def describe(path: str | Path, fps: float) -> Corpus:
    """Describe a copy of the corpus.

    Parameters
    ----------
    path : str or Path
        The folder.
    fps : float
        Pictures per second.

    Raises
    ------
    InputError
        If the folder is missing, or no clip in it has both pictures and ratings.
    """
    folder, problems = existing_folder(path, "AFEW-VA"), []
    files = list(files_below(folder))
    ratings = by_stem((file for file in files if file.suffix == ".json"), "rating", problems)
    pictures = _folders(files, problems)
    videos, people, sources = [], [], []
    for clip, file in ratings.items():
        if clip not in pictures:
            problems.append((file.name, f"{file}: there is no folder {clip!r} with its pictures"))
            continue
        try:
            actor = load_clip(file).get("actor")
        except InputError as error:
            problems.append((file.name, str(error)))
            continue
        videos.append(video_row(clip, pictures[clip], [clip], image_rate=fps))
        person = {} if actor in (None, "") else {"person": f"actor {actor}"}
        people.append({"track": clip, "video": clip, **person})
        sources.append(Source(file, "afew-va", {}, clip))
    for clip, place in pictures.items():
        if clip not in ratings:
            problems.append((clip, f"{place}: there is no {clip}.json, so the clip is not used"))
    return Corpus(
        video_table(videos, folder, "AFEW-VA"),
        people_table(people, problems),
        sources,
        FACTS,
        problems,
    )


def _folders(files: list[Path], problems: Problems) -> dict[str, Path]:
    """Return the folders of pictures by name, without those of faces cut out by others."""
    folders = dict.fromkeys(file.parent for file in files if file.suffix == ".png")
    found: dict[str, Path] = {}
    for place in folders:
        if place.name.endswith(CROPPED):
            continue
        kept = found.setdefault(place.name, place)
        if kept != place:
            problems.append((place.name, f"{place}: {kept} is used; remove one of the two"))
    return found


FACTS = {
    "name": "AFEW-VA",
    "citation": "Kossaifi et al., AFEW-VA database for valence and arousal estimation "
    "in-the-wild, Image and Vision Computing 65, 2017",
    "licence": "non-commercial research, by agreement with the authors",
    "homepage": "https://ibug.doc.ic.ac.uk/resources/afew-va-database/",
}
