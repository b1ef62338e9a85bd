"""Finding faces in every third frame against finding them in every frame."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.clips import person_clip
from benchmarks.harness import Row, at_least, race, speedup
from emolib.data.detection import detect_faces, detector
from emolib.data.faces import extract_faces
from emolib.data.video import read_frames
from emolib.evaluation.detection import detection_table

SIZE = (640, 360)
EVERY = 3


def rows(
    repeats: int, size: tuple[int, int] = SIZE, duration: float = 10.0, every: int = EVERY
) -> Iterator[Row]:
    """Compare the time for a clip, then both against the true boxes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        truth = person_clip(clip, *size, duration)
        require_same_detections(clip, every)
        found = {}

        def extract(step: int) -> None:
            found[step] = extract_faces(
                clip, folder / "faces.parquet", folder, detect_every=step, progress=False
            )

        contenders = {
            f"detect_every={every}": lambda: extract(every),
            "detection in every frame": lambda: extract(1),
        }
        seconds = race(contenders, lambda *_: None, repeats)
    what = f"faces of {duration:g} s of {size[0]} x {size[1]}, detect_every={every}"
    yield speedup(what, seconds, "detection in every frame", at_least(2))
    thinned, full = detection_table(found[every], truth), detection_table(found[1], truth)
    for measure, of, goal in (("recall", _recall, 0.99), ("mean IoU", _iou, 0.75)):
        against = f"the true boxes (every frame: {of(full):.3f})"
        yield Row(what, against, measure, [of(thinned)], at_least(goal))


def require_same_detections(clip: Path, every: int) -> None:
    """Require that what is found in a frame does not depend on which other frames are searched."""
    find = detector()
    thinned = detect_faces(clip, find, every, progress=False)
    full = detect_faces(clip, find, 1, progress=False)
    last = sum(1 for _ in read_frames(clip)) - 1  # is always searched
    searched = full[(full["frame"] % every == 0) | (full["frame"] == last)]
    assert len(thinned), f"no face was found in {clip.name}"
    thinned, searched = (table.to_numpy(float) for table in (thinned, searched))
    np.testing.assert_allclose(thinned, searched, rtol=0, atol=1e-6)


def _recall(table: pd.DataFrame) -> float:
    return float(table["found"].sum() / table["true_faces"].sum())


def _iou(table: pd.DataFrame) -> float:
    return float(table["mean_iou"].iloc[0])
