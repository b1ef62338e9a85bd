"""`emolib predict` on a clip with one face, decode to CSV, against the clip's own duration.

Every repeat is what somebody at a terminal waits for: a process that starts, loads the libraries
and the network, finds the faces and writes the table. The network is a VGG-16 with an LSTM on top,
as large as a trained one; what it has learned does not matter to how long it takes.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.clips import RATE, person_clip
from benchmarks.harness import Row, at_least
from emolib.storage import write_json

SIZE = (640, 360)
SECONDS = 30.0
NETWORK = "vgg16-combined-1fc"
NOTE = (
    "Starting Python and loading TensorFlow takes some five seconds whatever the clip; then the "
    "detector takes most of the time, which searches every frame on all cores (a thread each). "
    "`--detect-every 3` is nearly three times as fast where heads move slowly."
)


def rows(repeats: int, size: tuple[int, int] = SIZE, seconds: float = SECONDS) -> Iterator[Row]:
    """Predict one clip again and again."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = folder / "clip.mp4"
        truth = person_clip(clip, *size, seconds)
        run = untrained_run(folder / "run")
        waits = []
        for repeat in range(repeats):
            table = folder / f"{repeat}.csv"
            start = time.perf_counter()
            predict(clip, run, table)
            waits.append(time.perf_counter() - start)
            require_every_face(pd.read_csv(table), len(truth))
    what = f"predict, {seconds:g} s of {size[0]} x {size[1]}, one face, start to CSV"
    speeds = (seconds / np.array(waits)).tolist()
    yield Row(what, f"real time ({RATE} frames/s)", "times real time", speeds, at_least(1), NOTE)


def predict(clip: Path, run: Path, table: Path) -> None:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "emolib", "predict", clip, "--model", run, "--out", table]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1000:]


def require_every_face(table: pd.DataFrame, frames: int) -> None:
    """Require that the work was done: one face in nearly every frame, each with an answer."""
    found = table["frame"].nunique()
    assert len(table) == found >= 0.98 * frames, f"{len(table)} faces in {frames} frames"
    answered = table[["valence", "arousal", "probability_neutral"]].notna().all(axis=None)
    assert answered, "faces without an answer"


def untrained_run(folder: Path) -> Path:
    """Write a run that was never trained, with the shipped weights of its backbone."""
    from emolib import __version__
    from emolib.config import Config
    from emolib.models.backbones import load_backbone
    from emolib.models.networks import build_network, network_spec
    from emolib.models.runs import run_specs

    config = Config(
        name="benchmark",
        corpus={"kind": "simulated"},
        features={"weights": "simulated", "preprocessing": "native"},
        training={"networks": [NETWORK], "seeds": [1]},
    )
    (spec,) = run_specs(config)
    backbone = load_backbone(
        spec.backbone,
        weights=spec.features.weights,
        preprocessing=spec.features.preprocessing,
        pooling=spec.features.pooling,
        input_size=spec.crop_size,
    )
    network = network_spec(spec.network)
    model = build_network(network, spec.sequence_length, backbone.dimension, spec.dropout)
    folder.mkdir()
    model.save(folder / "model.keras")
    write_json(spec, folder / "spec.json")
    write_json({"key": backbone.key}, folder / "backbone.json")
    write_json({"emolib": __version__}, folder / "environment.json")
    write_json({}, folder / "metrics.json")
    return folder
