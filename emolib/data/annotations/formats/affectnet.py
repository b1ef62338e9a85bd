"""AffectNet: still images from the web (Mollahosseini, Hasani and Mahoor, 2019).

``affectnet`` is a CSV per split with the columns ``subDirectory_filePath, face_x, face_y,
face_width, face_height, facial_landmarks, expression, valence, arousal``; the landmarks are one
cell with semicolons. The header is there in some copies and in others not. Valence and arousal are
in [-1, 1], and -2 where not rated. There are no options.

Every image is a track of its own, called like its file, and its annotations are those of a video
of one frame: a sample at 0 s, and an interval of `STILL_SECONDS`. Contempt and the codes of images
without an expression or a face are left out and counted; "None" is not neutral.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.delimited import TextTable, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.frames import dimensional_rows, interval_rows
from emolib.data.annotations.formats.gathering import (
    Gathering,
    decoded,
    demand_columns,
    first_line,
)
from emolib.data.annotations.tables import Annotations, normalise
from emolib.labels import DIMENSIONS

COLUMNS = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
"""The columns in the order of a file without a header."""

CLASSES = {
    0: "neutral",
    1: "happiness",
    2: "sadness",
    3: "surprise",
    4: "fear",
    5: "disgust",
    6: "anger",
    7: "contempt",
    8: "none",
    9: "uncertain",
    10: "no face",
}
"""Expressions by their codes."""

NOT_RATED = -2.0
"""Valence or arousal of an image that was not rated."""

STILL_SECONDS = 1.0
"""How long an image is shown, s."""


def read(path: Path) -> Annotations:
    """Read the file of a split.

    Raises
    ------
    InputError
        If it cannot be used.
    """
    gathering, path = Gathering("affectnet", {}), Path(path)
    table = _without_repeats(gathering, _read_table(path))
    tracks = np.array(table.text("subDirectory_filePath"), dtype=object)
    emotions = gathering.emotions(path, decoded(table, "expression", CLASSES))
    values = [table.numbers(name) for name in DIMENSIONS]
    rated = np.all([dimension != NOT_RATED for dimension in values], axis=0)
    lines = np.asarray(table.lines)[rated].tolist()
    valence, arousal = (
        normalise(dimension[rated], -1, 1, path, lines, name)
        for name, dimension in zip(DIMENSIONS, values, strict=True)
    )
    gathering.leave_out(path, np.sum(~rated), f"rows with the marker {NOT_RATED:g}")
    gathering.dimensional.append(
        dimensional_rows(tracks[rated], "affectnet", np.zeros(len(valence)), valence, arousal)
    )
    labelled = np.array([emotion is not None for emotion in emotions])
    start = np.zeros(labelled.sum())
    gathering.categorical.append(
        interval_rows(
            tracks[labelled], "affectnet", start, start + STILL_SECONDS, emotions[labelled]
        )
    )
    gathering.use(path)
    return gathering.annotations()


def _read_table(path: Path) -> TextTable:
    """Read a file by the names of its header, or by the usual order if it has none."""
    if _has_header(path):
        table = read_delimited(path)
    else:
        table = read_delimited(path, columns=COLUMNS)
    demand_columns(table, (COLUMNS[0], "expression", *DIMENSIONS))
    return table


def _has_header(path: Path) -> bool:
    return COLUMNS[0] in [cell.strip() for cell in first_line(path).split(",")]


def _without_repeats(gathering: Gathering, table: TextTable) -> TextTable:
    repeated = pd.Series(table.text(COLUMNS[0]), dtype="str").duplicated().to_numpy()
    gathering.leave_out(table.path, np.sum(repeated), "rows that repeat an image")
    kept = np.flatnonzero(~repeated)
    return table._replace(rows=[table.rows[i] for i in kept], lines=[table.lines[i] for i in kept])


def _matches(path: Path) -> bool:
    """Return whether there is the header, or a first row with landmarks in the sixth of nine."""
    cells = first_line(path).split(",")
    return _has_header(path) or (len(cells) == len(COLUMNS) and cells[5].count(";") > 1)


FORMATS = (
    Format(
        "affectnet",
        "AffectNet: a CSV of still images, valence and arousal in [-1, 1], -2 where not rated",
        read,
        _matches,
    ),
)
