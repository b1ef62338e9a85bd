"""A build of any size that takes hardly any disk: tables in full, features as holes in files.

The tables hold what `emolib.pipeline` writes, drawn at random. The features are files of the right
length that were never written to, so they read as zeros; what a training costs does not depend on
what it reads.
"""

import math
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.config import load_config
from emolib.labels import EMOTIONS, SPLITS
from emolib.storage import table_writer, write_json, write_table
from emolib.workspace import Workspace

TRACK = 500
"""Faces of a track."""

PEOPLE = 40
"""People, whatever the number of tracks; every fifth validates and every fifth tests."""

SHARE = 0.5
"""Of the faces, those that have a category; all have valence and arousal."""

SEED = 2018

CONFIG = """
corpus: {{kind: folder, path: {path}}}
training:
  networks: [vgg16-combined-1fc]
  seeds: {seeds}
  epochs: {epochs}
  sequence_length: {length}
  batch_size: {batch}
  learning_rate: {{category: 1.0e-3, dimensional: 1.0e-3, combined: 1.0e-3}}
  features_in_memory: 0
"""


def sparse_build(
    folder: Path,
    faces: int,
    *,
    width: int = 64,
    updates: int = 0,
    sequence_length: int = 80,
    batch_size: int = 64,
    seeds: tuple[int, ...] = (1,),
) -> Workspace:
    """Write the tables and features of a build of which nothing is trained yet.

    Parameters
    ----------
    folder : Path
        Holds the configuration and ``build/``.
    faces : int
        In the tables; a multiple of `TRACK` times `PEOPLE`.
    width : int
        Length of a feature vector.
    updates : int
        Of the weights, at least; epochs follow from it.
    sequence_length, batch_size, seeds
        As in the configuration.
    """
    n_tracks = faces // TRACK
    train = SHARE * faces * 3 / 5 / sequence_length
    epochs = max(1, round(updates / math.ceil(train / batch_size)))
    path = folder / "sparse.yaml"
    text = CONFIG.format(
        path=folder / "corpus", epochs=epochs, length=sequence_length, batch=batch_size,
        seeds=list(seeds),
    )  # fmt: skip
    path.write_text(text)
    workspace = Workspace(load_config(path), folder / "build")
    names = [f"video{number:06d}" for number in range(n_tracks)]
    people = [f"person{number % PEOPLE:02d}" for number in range(n_tracks)]
    table = pd.DataFrame({"track": names, "video": names, "person": people, "part": ""})
    write_table(table, workspace.people)
    _write_features(workspace.features("vgg16"), names, width)
    with table_writer(workspace.faces) as found, table_writer(workspace.samples) as labelled:
        for number, (name, person) in enumerate(zip(names, people, strict=True)):
            table = _faces_of_track(name, person)
            found(table)
            labelled(_with_labels(table, number))
    return workspace


def _write_features(folder: Path, names: list[str], width: int) -> None:
    folder.mkdir(parents=True)
    for name in names:
        # As `np.lib.format.open_memmap` makes it: a header, and then as long as it must be.
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float16, (TRACK, width))
        write_json({"backbone": "sparse"}, folder / f"{name}.npy.inputs.json")


def _faces_of_track(name: str, person: str) -> pd.DataFrame:
    frame = np.arange(TRACK)
    box = {column: np.full(TRACK, 72.0) for column in "xywh"}
    return pd.DataFrame(
        {"track": name, "video": name, "person": person, "frame": frame, "time": frame / 30}
        | box
        | {"confidence": 1.0, "status": "auto"}
    )


def _with_labels(faces: pd.DataFrame, number: int) -> pd.DataFrame:
    """Return the faces of a track as samples: what `emolib match` adds."""
    rng = np.random.default_rng((SEED, number))
    emotion = rng.choice(EMOTIONS, TRACK)
    emotion[int(SHARE * TRACK) :] = ""
    affect = rng.uniform(-1, 1, (2, TRACK))
    place = number % PEOPLE % 5
    split = SPLITS[max(0, place - 2)]
    return faces.assign(
        row=np.arange(TRACK), valence=affect[0], arousal=affect[1],
        emotion=pd.Series(emotion, dtype="str"), distance=0.0, split=split,
    )  # fmt: skip
