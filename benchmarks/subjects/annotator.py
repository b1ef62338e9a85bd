"""What a rater waits for: opening a long video, frames in a row, frames at random, and memory.

Everything is measured in a process of its own. The clip repeats one stretch, so that the frames
read anywhere in it can be compared with those that `read_frames` yields from its beginning.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from benchmarks.clips import RATE, long_clip
from benchmarks.harness import Row, at_least, at_most
from benchmarks.subjects.memory import peak_memory

SIZE = (1280, 720)
WIDTH = 960
"""Of the pictures, px: a large one in a notebook."""

GROUP = 8
"""Seconds between key pictures: about what encoders choose where nobody asks."""

AT_ONCE = 6
"""Frames that the page asks for together while it plays."""

IN_A_ROW, AT_RANDOM = 300, 30
GOALS = {
    "opening": ("s", at_most(2)),
    "frames in a row": ("frames/s", at_least(60)),
    "a frame at random": ("ms", at_most(150)),
    "what is shown at once instead": ("ms", at_most(60)),
}


def rows(repeats: int, size: tuple[int, int] = SIZE, minutes: int = 30) -> Iterator[Row]:
    """Measure a long clip with few key pictures."""
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        long_clip(clip, *size, minutes, GROUP)
        measured = measure(clip, repeats)
    for what, (unit, goal) in GOALS.items():
        what_of = f"{what}, {minutes} min of {size[0]} x {size[1]}"
        yield Row(what_of, f"{goal.limit:g} {unit}", unit, measured[what], goal)
    what = f"peak memory of that, {minutes} min of {size[0]} x {size[1]}"
    yield Row(what, "800 MB", "MB", [measured["peak_MB"]], at_most(800))


def measure(clip: Path, repeats: int) -> dict:
    """Read a clip in another process; return the values of every repeat, and its peak memory."""
    command = [sys.executable, "-m", __name__, str(clip), str(repeats)]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode:
        raise AssertionError(f"{clip.name} was not read as `read_frames` reads it")
    return json.loads(result.stdout)


def _work(clip: Path, repeats: int) -> dict:
    from emolib.annotator.frames import FrameReader

    generator = np.random.default_rng(0)
    measured = {name: [] for name in GOALS}
    for _ in range(repeats):
        start = time.perf_counter()
        reader = FrameReader(clip)
        measured["opening"].append(time.perf_counter() - start)
        first = int(generator.integers(0, reader.frames - IN_A_ROW))
        reader.jpegs([first], WIDTH)
        start = time.perf_counter()
        for frame in range(first + 1, first + IN_A_ROW, AT_ONCE):
            reader.jpegs(range(frame, min(frame + AT_ONCE, first + IN_A_ROW)), WIDTH)
        seconds = time.perf_counter() - start
        measured["frames in a row"].append((IN_A_ROW - 1) / seconds)
        for name, quick in (("what is shown at once instead", True), ("a frame at random", False)):
            frames = generator.integers(0, reader.frames, AT_RANDOM).tolist()
            waits = [_milliseconds(reader, frame, quick) for frame in frames]
            measured[name].append(float(np.median(waits)))
        require_same_frames(reader, clip, generator)
        reader.close()
    return measured | {"peak_MB": peak_memory()}


def require_same_frames(reader, clip: Path, generator: np.random.Generator) -> None:
    """Require frames of the whole clip to be those of its first stretch, which it repeats."""
    from emolib.data.video import read_frames

    period = GROUP * RATE
    wanted = sorted(generator.integers(0, reader.frames, 5).tolist(), key=lambda one: one % period)
    stretch = islice(read_frames(clip), period)  # held one by one: memory is measured here
    known = next(stretch)
    for frame in wanted:
        while known.index < frame % period:
            known = next(stretch)
        np.testing.assert_array_equal(reader.image(frame), known.image)


def _milliseconds(reader, frame: int, quick: bool) -> float:
    start = time.perf_counter()
    reader.jpegs([frame], WIDTH, quick)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    print(json.dumps(_work(Path(sys.argv[1]), int(sys.argv[2]))))
