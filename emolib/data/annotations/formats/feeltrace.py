"""FEELTRACE traces as in SEMAINE: a text file a dimension, without a header.

Each line holds time and value, blanks between them, the value from -1 to 1. The name ends in
``DV.txt`` for valence and ``DA.txt`` for arousal; what comes before names the pair (McKeown et al.
2012). The dimensions are traced one after the other, so their stamps need not agree.
"""

from pathlib import Path

import numpy as np

from emolib.data.annotations.delimited import TIME_UNITS, read_delimited
from emolib.data.annotations.formats import Format
from emolib.data.annotations.formats.gathering import Gathering
from emolib.data.annotations.formats.rating import normalised, rated_rows
from emolib.data.annotations.formats.text import are_numbers, first_lines
from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

ENDINGS = {"valence": "DV.txt", "arousal": "DA.txt"}


def read_feeltrace(
    path: str | Path,
    *,
    track: str | None = None,
    rater: str | None = None,
    time_unit: str = "s",
) -> Annotations:
    """Read a trace and, if it lies beside it, the trace of the other dimension.

    Where both have the same stamps a row holds both dimensions. Otherwise each has its own rows,
    with NaN for the other: nothing is interpolated.

    Parameters
    ----------
    path : str or Path
        Either file of a pair.
    track, rater : str, optional
        Whom it is of and who rated; else what the names of the pair have in common.
    time_unit : str
        ``s`` or ``ms``.
    """
    path = Path(path)
    if time_unit not in TIME_UNITS:
        raise InputError(f"time_unit {time_unit!r} is none of {', '.join(TIME_UNITS)}")
    stem = _pair_name(path)
    options = {"track": track, "rater": rater, "time_unit": time_unit}
    gathering = Gathering("feeltrace", options)
    traces = {}
    for dimension, ending in ENDINGS.items():
        file = path.with_name(stem + ending)
        if file == path or file.is_file():
            traces[dimension] = _trace(file, dimension, TIME_UNITS[time_unit])
            gathering.use(file)
    times = [times for times, _ in traces.values()]
    same = all(np.array_equal(times[0], other) for other in times)
    for group in [traces] if same else [{name: trace} for name, trace in traces.items()]:
        values = {dimension: values for dimension, (_, values) in group.items()}
        stamps = next(iter(group.values()))[0]
        gathering.dimensional.append(rated_rows(track or stem, rater or stem, stamps, **values))
    return gathering.annotations(same_stamps=same)


def _trace(path: Path, dimension: str, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    table = read_delimited(path, "whitespace", ("time", "value"))
    return table.numbers("time") * seconds, normalised(table, "value", -1.0, 1.0, dimension)


def _pair_name(path: Path) -> str:
    for ending in ENDINGS.values():
        if path.name.endswith(ending) and len(path.name) > len(ending):
            return path.name.removesuffix(ending)
    raise InputError(f"{path}: the name ends in neither of {', '.join(ENDINGS.values())}")


def _matches(path: Path) -> bool:
    cells = "".join(first_lines(path)).split()
    ends = path.name.endswith(tuple(ENDINGS.values()))
    return ends and len(cells) == 2 and are_numbers(cells)


FORMATS = (
    Format(
        "feeltrace",
        "FEELTRACE as in SEMAINE (text, a file a dimension): time and value from -1 to 1",
        read_feeltrace,
        _matches,
    ),
)
