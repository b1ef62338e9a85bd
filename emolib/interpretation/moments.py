"""Which moments of which people are explained: sequences that end at the face in question."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.labels import EMOTIONS
from emolib.storage import read_array


@dataclass(frozen=True)
class Moment:
    """A face and what the network sees before it.

    Attributes
    ----------
    track, person, emotion : str
        Whose face, and its category; "" where it has none.
    frame : int
        Of the face in the 30 fps stream.
    times : ndarray (k,)
        Seconds from the start of the video, of the faces up to this one.
    crops : ndarray of uint8 (k, size, size, 3)
        Those faces, RGB.
    """

    track: str
    person: str
    emotion: str
    frame: int
    times: np.ndarray
    crops: np.ndarray

    def last(self, count: int) -> "Moment":
        """Return the same moment with at most so many faces, the last of them."""
        return replace(self, times=self.times[-count:], crops=self.crops[-count:])


def choose_moments(
    faces: pd.DataFrame, folder: str | Path, length: int, max_gap: float, count: int, seed: int
) -> list[Moment]:
    """Choose moments, of all categories equally many as far as there are, each of another person.

    Faces are cut into the sequences on which networks are trained and judged. Of each sequence
    and category the last face is taken, so that much lies before it, and people come first in
    whose sequences most does.

    Parameters
    ----------
    faces : DataFrame
        From `emolib.report.Chapter.faces`; of people in the split ``test``, if there are any.
    folder : str or Path
        Where their crops are, ``<track>.npy``.
    length : int
        Faces in a sequence.
    max_gap : float
        Longest time in s between neighbours in a sequence.
    count : int
        How many; fewer if there are fewer sequences.
    seed : int
        Of the order of people.

    Returns
    -------
    list of Moment
        Category by category.
    """
    unseen = faces[faces["split"] == "test"]
    faces = (faces if unseen.empty else unseen).reset_index(drop=True)
    candidates = _candidates(faces, build_sequences(faces, length, max_gap), seed)
    chosen = candidates.sort_values("turn", kind="stable").head(count)
    order = chosen["emotion"].map({emotion: n for n, emotion in enumerate(("", *EMOTIONS))})
    chosen = chosen.loc[order.sort_values(kind="stable").index]
    return [_load(faces.iloc[list(of.positions)], folder) for of in chosen.itertuples()]


def _candidates(faces: pd.DataFrame, sequences: np.ndarray, seed: int) -> pd.DataFrame:
    """Return a row per sequence and category: ``emotion, positions, turn`` to be taken in."""
    rows = []
    for sequence in sequences:
        positions = sequence[sequence >= 0]
        shown = faces["emotion"].to_numpy()[positions]
        for emotion in np.unique(shown):
            last = int(np.flatnonzero(shown == emotion)[-1])
            person = faces["person"].iloc[positions[0]]
            rows.append((emotion, person, last + 1, tuple(positions[: last + 1])))
    table = pd.DataFrame(rows, columns=["emotion", "person", "before", "positions"])
    table = table.sample(frac=1, random_state=seed).sort_values(
        "before", ascending=False, kind="stable"
    )
    # First one sequence of each person, then the second of each, and so on.
    table["round"] = table.groupby(["emotion", "person"]).cumcount()
    table = table.sort_values("round", kind="stable")
    table["turn"] = table.groupby("emotion").cumcount()
    return table.reset_index(drop=True)


def _load(rows: pd.DataFrame, folder: str | Path) -> Moment:
    last = rows.iloc[-1]
    crops = read_array(Path(folder) / f"{last['track']}.npy")[rows["row"].to_numpy()]
    times = rows["time"].to_numpy(float)
    return Moment(
        last["track"], last["person"], last["emotion"], int(last["frame"]), times, np.array(crops)
    )
