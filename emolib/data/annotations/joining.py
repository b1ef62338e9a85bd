"""Puts valence and arousal together that were rated in separate files, or in separate rows.

Of every track and rater, a row that has valence alone is joined with one that has arousal alone,
if each is the other's nearest in time and both lie within `SAME_MOMENT`, half a frame of the 30 fps
stream: then no frame could tell their stamps apart. The joined row has the stamp of the valence.
A row without a partner is left out and counted, since a face that took it would have half a label.
Where a rater gave only one dimension to a track, there is nothing to join and the rows stay.
"""

import numpy as np
import pandas as pd

from emolib.data.video import STREAM_RATE
from emolib.labels import DIMENSIONS

SAME_MOMENT = 0.5 / STREAM_RATE
"""Seconds by which the stamps of one moment may differ."""


def join_dimensions(dimensional: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Join the rows of valence alone with those of arousal alone.

    Parameters
    ----------
    dimensional : DataFrame
        ``track``, ``time`` (s), ``valence``, ``arousal`` (NaN where not rated) and ``rater``.

    Returns
    -------
    joined : DataFrame
        The same columns; rows that needed no partner first, in their order.
    problems : list of str
        One sentence for each track and rater of which rows were left out, or where one rater gave
        valence alone and another arousal alone.
    """
    lacking = dimensional[list(DIMENSIONS)].isna()
    if not lacking.to_numpy().any():
        return dimensional, []
    kept, joined, problems = [dimensional[~lacking.any(axis=1)]], [], []
    whole = set(zip(kept[0]["track"], kept[0]["rater"], strict=True))
    alone: dict[str, dict[str, str]] = {}
    for (track, rater), rows in dimensional[lacking.any(axis=1)].groupby(
        ["track", "rater"], sort=False
    ):
        valence, arousal = (rows[rows[name].notna()] for name in DIMENSIONS)
        if (valence.empty or arousal.empty) and (track, rater) not in whole:
            kept.append(rows)
            given = DIMENSIONS[0] if arousal.empty else DIMENSIONS[1]
            alone.setdefault(track, {})[given] = rater
            continue
        first, second = _pairs(valence["time"].to_numpy(), arousal["time"].to_numpy())
        pairs = valence.iloc[first].assign(arousal=arousal["arousal"].to_numpy()[second])
        joined.append(pairs)
        if len(rows) > 2 * len(pairs):
            problems.append(
                f"track {track}, rater {rater}: left out {len(valence) - len(pairs)} of "
                f"{len(valence)} rows with valence alone and {len(arousal) - len(pairs)} of "
                f"{len(arousal)} with arousal alone, since no row of the other dimension has their "
                "stamp; bring both onto the same times"
            )
    for track, raters in alone.items():
        if len(raters) == len(DIMENSIONS):
            problems.append(
                f"track {track}: {raters['valence']} rated valence alone and {raters['arousal']} "
                "arousal alone; if they are one rater, say so in both rows of the list, under "
                "'rater'"
            )
    return pd.concat([*kept, *joined], ignore_index=True), problems


def _pairs(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of times that are each other's nearest and belong to one moment."""
    if not (len(first) and len(second)):
        return np.empty(0, dtype=int), np.empty(0, dtype=int)
    to_second, to_first = _nearest(first, second), _nearest(second, first)
    places = np.arange(len(first))
    mutual = to_first[to_second] == places
    near = np.abs(first - second[to_second]) <= SAME_MOMENT
    return places[mutual & near], to_second[mutual & near]


def _nearest(times: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return the position of the other time that is nearest to each, the earlier of two."""
    order = np.argsort(others, kind="stable")
    ordered = others[order]
    after = np.clip(np.searchsorted(ordered, times), 1, max(len(others) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(others) - 1)
    is_before = times - ordered[before] <= ordered[after] - times
    return order[np.where(is_before, before, after)]
