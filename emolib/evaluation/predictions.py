"""The predictions table that evaluation reads: one row per face, truth beside prediction.

Conventions
-----------
Columns: ``track, person, video, frame, time, split``, the truth ``emotion, valence, arousal`` and
the predictions ``predicted_emotion`` with seven ``probability_<emotion>`` (absent for a
dimensional-only network) and ``predicted_valence, predicted_arousal`` (absent for a category-only
one). A face is identified by its track and frame. A missing truth means that nobody labelled the
face in that respect, so it takes no part in that metric; a missing prediction is an error.

A table is a DataFrame, or a `PredictionsFile` on disk that is read in chunks, and only the columns
that are asked for, so that memory does not grow with the corpus.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import ArrayLike

from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.storage import read_chunks

TARGETS = ("emotion", *DIMENSIONS)
"""What a network may predict, named as the truth columns are."""

FACE = ["track", "frame"]
"""The columns that identify a face."""


class PredictionsFile:
    """The predictions of a run as they lie on disk: those of all splits, or of one.

    Parameters
    ----------
    path : str or Path
        ``predictions.parquet``.
    split : str or None
        The only split whose faces count; None: all.
    """

    def __init__(self, path: str | Path, split: str | None = None):
        self.path = Path(path)
        self.split = split

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return pq.read_schema(self.path).names

    def __contains__(self, column: str) -> bool:
        """Return whether there is such a column, as for a DataFrame."""
        return column in self.columns

    def chunks(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """Yield the rows in order, some ten thousand at a time; of these columns, or of all."""
        wanted = self.columns if columns is None else list(columns)
        for chunk in read_chunks(self.path, list(dict.fromkeys([*wanted, "split"]))):
            yield chunk if self.split is None else chunk[chunk["split"] == self.split]

    def table(self) -> pd.DataFrame:
        """Return all rows at once."""
        return pd.concat(self.chunks())


Predictions = pd.DataFrame | PredictionsFile
"""A predictions table, in memory or on disk."""


def as_table(predictions: Predictions) -> pd.DataFrame:
    """Return a predictions table in memory."""
    return predictions if isinstance(predictions, pd.DataFrame) else predictions.table()


def as_chunks(predictions: Predictions, target: str) -> Iterator[pd.DataFrame]:
    """Yield a table piece by piece, as far as `labelled` needs it for a target."""
    if isinstance(predictions, pd.DataFrame):
        yield predictions
    else:
        columns = [*FACE, "person", target, f"predicted_{target}"]
        yield from predictions.chunks([name for name in columns if name in predictions])


def predicts(predictions: Predictions, target: str) -> bool:
    """Return whether the network behind a table predicts `target`, one of `TARGETS`."""
    return f"predicted_{target}" in predictions


def has_truth(predictions: pd.DataFrame, target: str) -> pd.Series:
    """Return for each face, as booleans, whether somebody labelled it with `target`."""
    return predictions[target].notna() & (predictions[target] != "")


def select_split(predictions: Predictions, split: str) -> Predictions:
    """Return the rows of one split.

    Raises
    ------
    InputError
        If the table has no row of that split.
    """
    if isinstance(predictions, PredictionsFile):
        present = set()
        for chunk in predictions.chunks(["split"]):
            present |= set(chunk["split"].unique())
            if split in present:
                return PredictionsFile(predictions.path, split)
    else:
        rows = predictions[predictions["split"] == split]
        if len(rows):
            return rows
        present = set(predictions["split"].unique())
    listed = ", ".join(sorted(present)) or "none"
    raise InputError(f"predictions have no face in split {split!r}; splits present: {listed}")


def labelled(predictions: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the faces that carry a truth for one target, with only the columns evaluation needs.

    Parameters
    ----------
    predictions : pandas.DataFrame
        Predictions table, the rows of one split.
    target : str
        ``emotion``, ``valence`` or ``arousal``.

    Returns
    -------
    pandas.DataFrame
        Columns ``track, frame, person, truth, prediction``; emotions as class indices.

    Raises
    ------
    InputError
        If a column is absent, rows of several splits are mixed, a labelled face has no
        prediction or person, or an emotion is not one of the seven.
    """
    columns = [*FACE, "person", target, f"predicted_{target}"]
    absent = [column for column in (*columns, "split") if column not in predictions]
    if absent:
        raise InputError(
            f"predictions have no column {', '.join(absent)}; "
            f"does this network predict {target} at all?"
        )
    if predictions["split"].nunique() > 1:
        raise InputError(
            f"predictions mix {predictions['split'].nunique()} splits, which would pool seen and "
            "unseen people; select one split first"
        )
    rows = predictions.loc[has_truth(predictions, target), columns]
    rows.columns = [*FACE, "person", "truth", "prediction"]
    for column, remedy in (
        ("prediction", "was the network applied to every sample?"),
        ("person", "name the person of every track"),
    ):
        missing = int(rows[column].isna().sum())
        if missing:
            raise InputError(
                f"{missing} of {len(rows)} faces labelled with {target} have no {column}; {remedy}"
            )
    if target == "emotion":
        rows = rows.assign(
            truth=emotion_codes(rows["truth"]), prediction=emotion_codes(rows["prediction"])
        )
    return rows


def emotion_codes(emotions: ArrayLike) -> np.ndarray:
    """Return class indices, int array of the same length, for emotion names.

    Raises
    ------
    InputError
        If a name is not one of the seven, or missing.

    Examples
    --------
    >>> emotion_codes(["disgust", "neutral"])
    array([6, 0])
    """
    codes = pd.Index(EMOTIONS).get_indexer(emotions)
    if (codes < 0).any():
        unknown = sorted({str(name) for name in np.asarray(emotions, object)[codes < 0]})
        raise InputError(
            f"{int((codes < 0).sum())} labels are not among the seven emotions: "
            f"{', '.join(unknown[:5])}; expected {', '.join(EMOTIONS)}"
        )
    return codes


def by_face(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table made by `labelled`, sorted and indexed by `FACE`.

    Raises
    ------
    InputError
        If a face is repeated.
    """
    rows = rows.set_index(FACE)
    if not rows.index.is_unique:
        repeated = int(rows.index.duplicated().sum())
        raise InputError(
            f"{repeated} faces occur more than once; a predictions table has one row per "
            "track and frame"
        )
    return rows if rows.index.is_monotonic_increasing else rows.sort_index()


def require_same_faces(reference: pd.DataFrame, other: pd.DataFrame) -> None:
    """Check that two tables made by `by_face` hold the same faces with the same truth.

    Raises
    ------
    InputError
        If a face is held by one table only, or if persons or truths differ. The message gives the
        counts.
    """
    if len(reference) != len(other) or not reference.index.equals(other.index):
        raise InputError(
            f"the two tables do not cover the same faces: "
            f"{len(reference.index.difference(other.index))} only in the first, "
            f"{len(other.index.difference(reference.index))} only in the second; "
            "compare networks evaluated on the same samples"
        )
    for column in ("person", "truth"):
        unequal = int((reference[column].to_numpy() != other[column].to_numpy()).sum())
        if unequal:
            raise InputError(
                f"{column} differs between the two tables for {unequal} of {len(other)} faces; "
                "were they made from the same samples?"
            )
