"""Peak memory of reading a video and cutting out its faces, which must not grow with its length.

A peak hardly varies, and a long clip takes minutes, so each is measured once, whatever `repeats`
says, in a process of its own.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clips import RATE, long_clip
from benchmarks.harness import Row, at_most

SIZE = (1280, 720)
LIMIT_MB = 600
DETECT_EVERY = 30
"""Frames; detection is slow and holds one picture, so memory is the same whatever this is."""


def rows(repeats: int, size: tuple[int, int] = SIZE, minutes: int = 3) -> Iterator[Row]:
    """Measure a clip, and one twice as long."""
    peaks = {}
    for length in (minutes, 2 * minutes):
        with tempfile.TemporaryDirectory() as folder:
            clip = Path(folder) / "clip.mp4"
            long_clip(clip, *size, length)
            measured = measure(clip)
        require_all_faces(measured, length)
        peaks[length] = measured["peak_MB"]
        what = f"peak of ingest and faces, {length} min of {size[0]} x {size[1]}"
        yield Row(what, f"{LIMIT_MB} MB", "MB", [peaks[length]], at_most(LIMIT_MB))
    what = f"the same, {2 * minutes} min over {minutes} min"
    yield Row(
        what, "no growth (1)", "times the peak", [peaks[2 * minutes] / peaks[minutes]], at_most(1.1)
    )


def measure(clip: Path, detect_every: int = DETECT_EVERY) -> dict[str, float]:
    """Read a clip and find its faces in another process; return its counts and peak memory."""
    command = [sys.executable, "-m", __name__, str(clip), str(detect_every)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(output)


def require_all_faces(measured: dict[str, float], minutes: int) -> None:
    """Require that the work was done: every frame was read and has its face."""
    expected = dict.fromkeys(("frames", "faces", "crops"), minutes * 60 * RATE)
    found = {name: measured[name] for name in expected}
    assert found == expected, f"{minutes} min should give {expected}; found {found}"


def peak_memory() -> float:
    """Return the largest resident size of this process so far, in MB (10^6 bytes).

    `resource.getrusage` will not do: it counts what the parent held when it started this process.
    """
    status = Path("/proc/self/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024 / 1e6


def _work(clip: Path, detect_every: int) -> dict[str, float]:
    from emolib.data.faces import extract_faces
    from emolib.data.video import probe
    from emolib.storage import read_array

    facts = probe(clip)
    folder = clip.parent / "crops"
    faces = extract_faces(
        clip, folder / "faces.parquet", folder, detect_every=detect_every, progress=False
    )
    crops = sum(len(read_array(folder / f"{track}.npy")) for track in faces["track"].unique())
    counts = {"frames": facts["n_frames"], "faces": len(faces), "crops": crops}
    return counts | {"peak_MB": peak_memory()}


if __name__ == "__main__":
    print(json.dumps(_work(Path(sys.argv[1]), int(sys.argv[2]))))
