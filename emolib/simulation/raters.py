"""Annotation files of a simulated corpus, as different raters and tools would leave them.

Valence and arousal come in three layouts, at irregular times and some tenths of a second late;
categories come as intervals. A manifest says how to read each file.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.simulation.expression import Affect, approach, ornstein_uhlenbeck
from emolib.simulation.movement import interpolate
from emolib.simulation.plan import Role
from emolib.storage import atomic_path, write_table

_STREAM = 5
_COLUMNS = ("file", "track", "content", "delimiter", "columns", "time_unit", "scale")
_BOUNDARY_ERROR = 0.1
_LAYOUTS = (
    (".csv", "comma", "", "s", 1),
    (".txt", "whitespace", "time valence arousal", "ms", 1000),
    (".csv", "comma", "", "ms", 1),
)


def manifest(roles: Sequence[Role]) -> pd.DataFrame:
    """Return the table that says how each annotation file is written.

    Columns: ``file`` relative to the corpus; ``track``; ``content``, dimensional or categorical;
    ``delimiter``, comma or whitespace; ``columns``, the names in file order where the file has no
    header; ``time_unit``, s or ms; ``scale``, so that value in file = scale * value in [-1, 1].
    """
    rows = []
    for role in roles:
        track, (suffix, *layout) = role.track, _layout(role)
        rows.append((f"annotations/{track}{suffix}", track, "dimensional", *layout))
        rows.append(
            (f"annotations/{track}_emotions.csv", track, "categorical", "comma", "", "s", 1)
        )
    return pd.DataFrame(rows, columns=_COLUMNS)


def write_annotations(folder: Path, role: Role, duration: float, seed: int) -> None:
    """Write the two annotation files of a person in a video.

    Parameters
    ----------
    folder : Path
        Folder of the corpus.
    role : Role
        What the rater sees; decides the layout, too.
    duration : float
        Seconds.
    seed : int
        Of the corpus; with the person it determines the rater.
    """
    generator = np.random.default_rng([_STREAM, seed, role.character.person])
    times, values = _rate(generator, role.affect, duration)
    suffix, _, columns, unit, scale = _layout(role)
    path = folder / "annotations" / f"{role.track}{suffix}"
    if columns:
        rows = np.column_stack([np.round(times * 1000), np.round(values * scale)]).astype(int)
        with atomic_path(path) as temporary:
            np.savetxt(temporary, rows, fmt="%d")
    else:
        write_table(_with_header(times, values, unit), path)
    intervals = _intervals(generator, role.affect, duration)
    write_table(intervals, folder / "annotations" / f"{role.track}_emotions.csv")


def _layout(role: Role) -> tuple[str, str, str, str, int]:
    return _LAYOUTS[role.character.person % len(_LAYOUTS)]


def _rate(generator, affect: Affect, duration: float) -> tuple[np.ndarray, np.ndarray]:
    """Return times (n,) in s and the rater's valence and arousal (n, 2), late and unsteady."""
    rate, lag = generator.uniform(10, 25), generator.uniform(0.2, 0.4)
    steps = generator.uniform(0.6, 1.4, int(2 * rate * duration) + 2) / rate
    times = np.cumsum(steps)
    times = times[times < duration]
    hand = 0.03 * ornstein_uhlenbeck(generator, affect.valence_arousal.shape, 1.0)
    traced = interpolate(times - lag, affect.valence_arousal + approach(hand, 0.1))
    tremor = 0.008 * generator.standard_normal(traced.shape)
    return times, np.clip(traced + tremor, -1, 1)


def _with_header(times: np.ndarray, values: np.ndarray, unit: str) -> pd.DataFrame:
    valence, arousal = np.round(values.T, 4)
    if unit == "s":
        return pd.DataFrame({"time": np.round(times, 3), "valence": valence, "arousal": arousal})
    milliseconds = np.round(times * 1000).astype(int)
    return pd.DataFrame({"timestamp": milliseconds, "arousal": arousal, "valence": valence})


def _intervals(generator, affect: Affect, duration: float) -> pd.DataFrame:
    labelled = [segment for segment in affect.segments if segment.emotion]
    bounds = np.array([segment.labelled for segment in labelled]).reshape(-1, 2)
    bounds = bounds + generator.uniform(-_BOUNDARY_ERROR, _BOUNDARY_ERROR, bounds.shape)
    start, end = np.round(np.clip(bounds, 0, duration), 3).T
    emotions = [segment.emotion for segment in labelled]
    return pd.DataFrame({"start": start, "end": end, "emotion": emotions})
