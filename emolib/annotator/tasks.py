"""What there is to do: the videos of a corpus, and how far a rater has come with each."""

from pathlib import Path

import numpy as np
import pandas as pd

from emolib.annotator.folders import people_of, videos_of
from emolib.annotator.frames import FrameReader
from emolib.annotator.session import coverage, read_state, visible_frames
from emolib.data.video import STREAM_RATE
from emolib.errors import InputError

TASK_COLUMNS = {
    "video": "str",
    "duration": "float64",  # s
    "watched": "bool",
    "marked": "bool",
    "reviews": "int64",  # passes after marking
    "coverage_categories": "float64",  # share of the faces that have a category, in [0, 1]
    "coverage_dimensions": "float64",  # share that have valence and arousal
    "notes": "int64",
    "last_change": "datetime64[ns, UTC]",  # NaT where nothing was done
    "problem": "str",  # why the video cannot be annotated; empty if it can
}
"""Columns of the list of tasks, with their types."""


def annotation_tasks(
    corpus: str | Path, rater: str, faces: pd.DataFrame | None = None
) -> pd.DataFrame:
    """List the videos of a corpus and how far a rater has come with each.

    Parameters
    ----------
    corpus : str or Path
        The folder that holds ``videos/``, or the videos themselves.
    rater : str
        Whose work is asked for.
    faces : DataFrame, optional
        The faces of the corpus; without them every frame of a video counts.

    Returns
    -------
    DataFrame
        The columns of `TASK_COLUMNS`, in the order of names. A video that cannot be read has its
        reason in ``problem``.

    Raises
    ------
    InputError
        If there is no video.
    """
    rows = [_task(Path(corpus), path, rater, faces) for path in videos_of(Path(corpus))]
    table = pd.DataFrame(rows, columns=list(TASK_COLUMNS))
    table["last_change"] = pd.to_datetime(table["last_change"], utc=True)  # also if all are NaT
    return table.astype(TASK_COLUMNS)


def _task(corpus: Path, path: Path, rater: str, faces: pd.DataFrame | None) -> dict:
    row = {"video": path.stem, "duration": np.nan, "problem": ""}
    empty = {"watched": False, "marked": False, "reviews": 0, "notes": 0}
    try:
        frames = FrameReader(path).frames
    except InputError as error:
        return row | empty | {"problem": str(error)}
    state, last = read_state(corpus, path.stem, rater, frames)
    kinds = [review.kind for review in state.reviews]
    covered = coverage(
        state, visible_frames(faces, path.stem, frames, people_of(corpus, path.stem))
    )
    return row | {
        "duration": frames / STREAM_RATE,
        "watched": "watched" in kinds,
        "marked": "marked" in kinds,
        "reviews": kinds.count("reviewed"),
        "coverage_categories": covered["categories"],
        "coverage_dimensions": covered["dimensions"],
        "notes": len(state.notes),
        "last_change": pd.Timestamp(last) if last else pd.NaT,
    }
