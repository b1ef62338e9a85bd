"""Where things of the tool lie in the folder of a corpus."""

from pathlib import Path

from emolib.data.corpora.folder import read_table
from emolib.data.video import list_videos


def corpus_folder(video: Path) -> Path:
    """Return the folder of the corpus that a video lies in: above ``videos/``, or its own."""
    folder = video.absolute().parent
    return folder.parent if folder.name == "videos" else folder


def videos_of(corpus: Path) -> list[Path]:
    """Return the videos of a corpus, sorted by name.

    Raises
    ------
    InputError
        If there is none.
    """
    return list_videos(corpus / "videos" if (corpus / "videos").is_dir() else corpus)


def people_of(corpus: Path, video: str) -> list[str]:
    """Return the tracks of a video that ``people.csv`` lists; none where there is no such file."""
    path = corpus / "people.csv"
    if not path.is_file():
        return []
    table = read_table(path, ("track", "video"))
    return table.loc[table["video"] == video, "track"].tolist()


def journal_path(corpus: Path, video: str, rater: str) -> Path:
    """Return where the journal of a rater on a video lies."""
    return corpus / "annotations" / f"{video}.{rater}.journal.jsonl"
