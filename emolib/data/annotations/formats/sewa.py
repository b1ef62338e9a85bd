"""SEWA as AVEC 2018 hands it out: one file a recording, without a header.

Semicolons; instance name, time in s, arousal, valence, liking: **arousal comes before valence**.
Values go from -1 to 1 (Ringeval et al. 2018). Liking is not read.
"""

from pathlib import Path

from emolib.data.annotations.delimited import read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import normalised, positive, rated_rows
from emolib.data.annotations.formats.text import are_numbers, first_lines
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError
from emolib.labels import DIMENSIONS

COLUMNS = ("name", "time", "arousal", "valence", "liking")


def read_sewa(
    path: str | Path, *, track: str | None = None, rater: str = "gold", scale: float = 1.0
) -> Annotations:
    """Read a recording.

    Parameters
    ----------
    path : str or Path
        The file.
    track : str, optional
        Whom it is of; else the instance name in each row.
    rater : str
        What to call the fused raters.
    scale : float
        What 1 is written as.
    """
    path, scale = Path(path), positive("scale", scale)
    gathering = Gathering("sewa-avec2018", {"track": track, "rater": rater, "scale": scale})
    table = read_delimited(path, "semicolon", COLUMNS)
    names = [name.strip("'\"") for name in table.text("name")]
    if track is not None and len(set(names)) > 1:
        raise InputError(f"{path}: holds {len(set(names))} instances; they cannot be one track")
    values = {name: normalised(table, name, -scale, scale, name) for name in DIMENSIONS}
    gathering.dimensional.append(rated_rows(track or names, rater, table.numbers("time"), **values))
    gathering.use(path)
    return gathering.annotations(columns_not_read=["liking"])


def _matches(path: Path) -> bool:
    cells = "".join(first_lines(path)).split(";")
    return len(cells) == len(COLUMNS) and are_numbers(cells[1:]) and not are_numbers(cells[:1])


FORMATS = (
    Format(
        "sewa-avec2018",
        "SEWA of AVEC 2018 (semicolons, no header): name, time in s, arousal, valence, liking",
        read_sewa,
        _matches,
    ),
)
