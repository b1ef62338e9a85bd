"""Matching faces with a trace: `emolib.data.matching.nearest`, pandas, and a loop in Python."""

from bisect import bisect_left
from collections.abc import Iterator

import numpy as np
import pandas as pd

from benchmarks.harness import Row, at_least, at_most, race, speedup
from emolib.data.matching import nearest

FACES = 265_663
"""As many as in the thesis (section 4.2)."""

MULTIPLES = (1, 2, 4, 8)
MAX_DISTANCE = 0.02
"""Seconds; near enough to leave some faces without an annotation."""

NOTE = (
    "Half of the time is NumPy's binary search and the other half compares the neighbours on both "
    "sides, in place since fresh memory costs most; both run in compiled code on one core."
)
GROWTH_NOTE = (
    "A binary search takes the logarithm of the length of the trace, and longer traces leave the "
    "caches of the processor. In a corpus each video has a trace of its own, so this is the growth "
    "with the length of one video."
)

Matched = tuple[np.ndarray, np.ndarray]


def rows(repeats: int, faces: int = FACES) -> Iterator[Row]:
    """Compare the time for a corpus of `faces`, and see how it grows with the corpus."""
    stamps, times = recording(faces)
    trace = pd.DataFrame({"time": stamps, "stamp": stamps, "index": np.arange(faces)})
    frames = pd.DataFrame({"time": times})
    lists = stamps.tolist(), times.tolist()  # each side gets its own kind of input, ready made
    contenders = {
        "emolib": lambda: nearest(stamps, times, MAX_DISTANCE),
        "pandas.merge_asof": lambda: merge_asof(trace, frames),
        "a Python bisect loop": lambda: bisect_loop(*lists),
    }
    seconds = race(contenders, agree, repeats)
    what = f"match {faces:,} faces with a trace as long"
    yield speedup(what, seconds, "pandas.merge_asof", at_least(1.2), NOTE)
    yield speedup(what, seconds, "a Python bisect loop", at_least(12), NOTE)
    yield growth(repeats, faces)


def growth(repeats: int, faces: int) -> Row:
    """Fit time = c n^p to recordings of several lengths; p is 1 where time is linear in n."""
    sizes = [faces * multiple for multiple in MULTIPLES]
    works = {f"{size:,}": _work(*recording(size)) for size in sizes}
    seconds = race(works, lambda *_: None, repeats)  # nobody to agree with: other work
    slopes, _ = np.polyfit(np.log(sizes), np.log(seconds.to_numpy().T), 1)
    multiples = ", ".join(map(str, MULTIPLES))
    return Row(
        f"growth with the number n of faces ({multiples} times as many)",
        "linear in n (exponent 1)",
        "exponent",
        slopes.tolist(),
        at_most(1.1),
        GROWTH_NOTE,
    )


def recording(faces: int) -> Matched:
    """Return irregular stamps of a trace and the times of as many frames, both increasing, in s."""
    generator = np.random.default_rng(2018)
    stamps = np.sort(generator.uniform(0, faces / 30, faces))
    return stamps, np.arange(faces) / 30


def merge_asof(trace: pd.DataFrame, frames: pd.DataFrame) -> Matched:
    """Match with pandas; a trace has ``time``, ``stamp`` (the same) and ``index``."""
    matched = pd.merge_asof(frames, trace, on="time", direction="nearest", tolerance=MAX_DISTANCE)
    distance = (matched["stamp"] - matched["time"]).abs().to_numpy()
    return matched["index"].fillna(-1).to_numpy(dtype=int), distance


def bisect_loop(trace: list[float], times: list[float]) -> Matched:
    """Match as one would write it without NumPy."""
    index, distance, last = [], [], len(trace) - 1
    for time in times:
        best = min(bisect_left(trace, time), last)
        if best and time - trace[best - 1] <= abs(trace[best] - time):
            best -= 1
        away = abs(trace[best] - time)
        index.append(best if away <= MAX_DISTANCE else -1)
        distance.append(away)
    return np.array(index), np.array(distance)


def agree(ours: Matched, peer: Matched) -> None:
    """Require the same annotation for every face, and the same distance to it."""
    np.testing.assert_array_equal(ours[0], peer[0])
    found = ours[0] >= 0
    np.testing.assert_allclose(ours[1][found], peer[1][found], rtol=0, atol=1e-9)


def _work(stamps: np.ndarray, times: np.ndarray):
    return lambda: nearest(stamps, times, MAX_DISTANCE)
