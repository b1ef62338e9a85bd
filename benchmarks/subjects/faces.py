"""Finding faces in some frames of a video against finding them in every frame."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.clips import person_clip
from benchmarks.harness import FASTER, Row, at_least, race, speedup
from emolib.data.detection import detect_faces, detector
from emolib.data.faces import extract_faces
from emolib.data.video import read_frames
from emolib.evaluation.detection import detection_table

SIZE = (640, 360)
EVERY = 8
"""Frames: a quarter of a second, in which a head that talks moves little."""

USUAL = 3
"""What `config/demo.yaml` has."""

FULL = "detection in every frame"
NOTE = (
    "Every frame is decoded twice and every face is cut out, whatever is searched, so that fewer "
    "searches gain less and less; searching in smaller pictures was not tried, since it loses "
    "small faces."
)


def rows(
    repeats: int, size: tuple[int, int] = SIZE, duration: float = 10.0, every: int = EVERY
) -> Iterator[Row]:
    """Compare the time for a clip, then the boxes with those of every frame and the true ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        truth = person_clip(clip, *size, duration)
        require_same_detections(clip, every)
        find, found = detector(), {}

        def extract(step: int) -> None:
            found[step] = extract_faces(
                clip,
                folder / "faces.parquet",
                folder,
                detector=find,
                detect_every=step,
                progress=False,
            )

        contenders = {f"every {step}": lambda step=step: extract(step) for step in (every, USUAL)}
        seconds = race(contenders | {FULL: lambda: extract(1)}, lambda *_: None, repeats)
    clip_of = f"faces of {duration:g} s of {size[0]} x {size[1]}"
    yield speedup(f"{clip_of}, every {every}th frame", seconds, FULL, at_least(5), NOTE)
    ratios = seconds[FULL] / seconds[f"every {USUAL}"]
    yield Row(f"{clip_of}, every {USUAL}rd frame", FULL, FASTER, ratios.tolist(), None)
    thinned = detection_table(found[every], found[1])
    yield Row(f"recall, every {every}th frame", FULL, "recall", [_recall(thinned)], at_least(0.99))
    yield Row(f"overlap, every {every}th frame", FULL, "mean IoU", [_iou(thinned)], at_least(0.95))
    thinned, full = (detection_table(found[step], truth) for step in (every, 1))
    against = f"the true boxes (every frame: {_iou(full):.3f})"
    yield Row(f"overlap, every {every}th frame", against, "mean IoU", [_iou(thinned)], None)


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
