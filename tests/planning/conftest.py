"""A build of three videos whose stages were timed, and a configuration like it."""

import os

import numpy as np
import pandas as pd
import pytest

from emolib.config import load_config
from emolib.labels import SPLITS
from emolib.models.runs import run_specs
from emolib.storage import write_array, write_json, write_record, write_table
from emolib.workspace import Workspace

CONFIG = """
corpus: {kind: simulated, n_videos: 3, n_pairs: 0, duration: 4}
faces: {detect_every: 2}
features: {weights: simulated, pooling: average}
training: {networks: [vgg16-category-1fc, vgg16-combined-1fc], seeds: [1, 2], epochs: 5,
  sequence_length: 10, batch_size: 2}
"""
FACES = 120  # of each video: 4 s at 30 pictures a second
NOW = 1_700_000_000.0
TIMES = {
    **{"simulate": 9.0, "ingest": 2.0, "faces": 8.0, "annotations": 1.5, "match": 1.5},
    **{"features": 7.0, "train/vgg16-category-1fc": 20.0, "train/vgg16-combined-1fc": 22.0},
    "chapters/dataset": 11.0,
}
"""Seconds of each job."""


@pytest.fixture
def make_workspace(tmp_path):
    """Return a function that opens the workspace of a configuration, given as text."""

    def make(text=CONFIG, name="toy", more=""):
        (tmp_path / f"{name}.yaml").write_text(text + more)
        return Workspace(load_config(tmp_path / f"{name}.yaml"), tmp_path / "build")

    return make


@pytest.fixture
def built(make_workspace):
    """Return a workspace of which every stage was executed and timed."""
    workspace = make_workspace()
    folder, names = workspace.folder, [f"video{i}" for i in range(3)]
    write_table(
        pd.DataFrame(
            {"video": names, "duration": 4.0, "width": 500, "height": 200, "crops": "",
             "people": pd.array([1, 1, 1], "Int64"), "path": names}
        ),
        workspace.videos,
    )  # fmt: skip
    table = pd.DataFrame(
        {"track": np.repeat(names, FACES), "frame": np.tile(np.arange(FACES), 3),
         "split": np.repeat(SPLITS, FACES), "emotion": "anger", "valence": 0.1, "arousal": 0.1}
    )  # fmt: skip
    table["time"], table["row"], table["person"] = table["frame"] / 30, table["frame"], "x"
    table["video"] = table["track"]
    table.loc[table["frame"] >= 100, "emotion"] = ""
    write_table(table, workspace.faces)
    write_record(workspace.faces, {"faces": {"detect_every": 2}})
    write_table(table, workspace.samples)
    for name in names:
        (folder / "corpus" / "videos").mkdir(parents=True, exist_ok=True)
        (folder / "corpus" / "videos" / f"{name}.mp4").touch()
        write_array(np.zeros(1), workspace.stamps / f"{name}.npy")
        for place in ("faces", "detections"):
            write_table(table[table["track"] == name], folder / place / f"{name}.parquet")
        write_array(np.zeros((FACES, 72, 72, 3), np.uint8), workspace.crops / f"{name}.npy")
        write_array(np.zeros((FACES, 512), np.float16), workspace.features("vgg16") / f"{name}.npy")
    for spec in run_specs(workspace.config):
        run = workspace.runs / spec.name
        write_json(spec, run / "spec.json")
        write_json({"emolib": emolib_version()}, run / "environment.json")
        write_table(pd.DataFrame({"epoch": [1, 2, 3, 4, 5]}), run / "history.csv")
        write_json({}, run / "metrics.json")
    for path in folder.rglob("*"):
        os.utime(path, (NOW, NOW))
    for name, seconds in TIMES.items():
        write_time(folder, name, seconds)
    return workspace


def emolib_version():
    from emolib import __version__

    return __version__


def write_time(folder, name, seconds, memory=100.0, ended=NOW):
    """Write the file that Snakemake leaves for a job."""
    path = folder / "times" / f"{name}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\th:m:s\tmax_rss\tcpu_time\n{seconds}\t0:00:01\t{memory}\t0.5\n")
    os.utime(path, (ended, ended))


@pytest.fixture
def time_job():
    return write_time
