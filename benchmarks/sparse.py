"""A build of any size that takes hardly any disk: tables in full, features as holes in files.

The tables hold what `emolib.pipeline` writes, drawn at random. The features are files of the right
length that were never written to, so they read as zeros; what a training costs does not depend on
what it reads.
"""

import math
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.config import load_config
from emolib.labels import DIMENSIONS, EMOTIONS, SPLITS
from emolib.storage import table_writer, write_json, write_table
from emolib.workspace import Workspace

TRACK = 500
"""Faces of a track."""

PEOPLE = 40
"""People, whatever the number of tracks; every fifth validates and every fifth tests."""

SHARE = 0.15
"""Of the faces, those that have a category; all have valence and arousal."""

SEED = 2018

CONFIG = """
corpus: {{kind: folder, path: {path}}}
training:
  networks: [vgg16-combined-1fc]
  seeds: [1]
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
    sequence_length: int = 60,
    batch_size: int = 64,
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
        Of the weights; the number of epochs follows from it, and is one at least.
    sequence_length, batch_size
        As in the configuration.
    """
    labelled = SHARE * faces * 3 / 5
    epochs = max(1, round(updates / math.ceil(labelled / sequence_length / batch_size)))
    path = folder / "sparse.yaml"
    path.write_text(
        CONFIG.format(
            path=folder / "corpus", epochs=epochs, length=sequence_length, batch=batch_size
        )
    )
    workspace = Workspace(load_config(path), folder / "build")
    table = tracks(range(faces // TRACK)).assign(part="")
    write_table(table, workspace.people)
    of_video = {"people": 1, "crops": "", "duration": TRACK / 30, "width": 640, "height": 360}
    write_table(table[["video"]].assign(**of_video), workspace.videos)
    _write_features(workspace.features("vgg16"), table["track"], width)
    with (
        table_writer(workspace.faces) as found,
        table_writer(workspace.samples) as labelled,
        table_writer(workspace.dimensional) as rated,
        table_writer(workspace.categorical) as named,
    ):
        for block in _blocks(faces):
            table = faces_of(tracks(block))
            found(table)
            samples = with_labels(table, block.start, SHARE)
            labelled(samples)
            rated(samples[["track", "time", *DIMENSIONS]].assign(rater="a"))
            named(_intervals(tracks(block)))
    return workspace


def predictions_file(path: Path, faces: int) -> None:
    """Write what a combined network may have answered for so many faces, all of them labelled."""
    columns = ["track", "person", "video", "frame", "time", "split", "emotion", *DIMENSIONS]
    with table_writer(path) as write:
        for block in _blocks(faces):
            table = with_labels(faces_of(tracks(block)), block.start, 1)[columns]
            rng = np.random.default_rng((SEED, block.start))
            answers = {"predicted_emotion": rng.choice(EMOTIONS, len(table))}
            answers |= {f"probability_{name}": np.float32(1 / len(EMOTIONS)) for name in EMOTIONS}
            for name in DIMENSIONS:
                noise = rng.normal(0, 0.2, len(table))
                answers[f"predicted_{name}"] = np.float32(0.5 * table[name] + noise)
            write(table.assign(**answers))


def tracks(numbers: range) -> pd.DataFrame:
    """Return track, video and person of some tracks, a row each."""
    names = [f"video{number:06d}" for number in numbers]
    people = [f"person{number % PEOPLE:02d}" for number in numbers]
    return pd.DataFrame({"track": names, "video": names, "person": people})


def faces_of(listed: pd.DataFrame) -> pd.DataFrame:
    """Return the faces of some tracks as `emolib faces` finds them."""
    rows = np.repeat(np.arange(len(listed)), TRACK)
    frame = np.tile(np.arange(TRACK), len(listed))
    box = dict.fromkeys("xywh", 72.0)
    return (
        listed.iloc[rows]
        .reset_index(drop=True)
        .assign(frame=frame, time=frame / 30, **box, confidence=1.0, status="auto")
    )


def with_labels(faces: pd.DataFrame, seed: int, share: float) -> pd.DataFrame:
    """Return faces as samples: what `emolib match` adds; this share of them has a category."""
    rng = np.random.default_rng((SEED, seed))
    emotion = np.where(faces["frame"] < share * TRACK, rng.choice(EMOTIONS, len(faces)), "")
    place = faces["person"].str[-2:].astype(int) % 5
    affect = rng.uniform(-1, 1, (2, len(faces)))
    return faces.assign(
        row=faces["frame"], valence=affect[0], arousal=affect[1],
        emotion=pd.Series(emotion, dtype="str"), distance=0.0,
        split=np.array(SPLITS)[np.maximum(0, place - 2)],
    )  # fmt: skip


def _intervals(listed: pd.DataFrame) -> pd.DataFrame:
    """Return an interval of each emotion in each track."""
    borders = np.linspace(0, SHARE * TRACK / 30, len(EMOTIONS) + 1)
    table = pd.DataFrame({"start": borders[:-1], "end": borders[1:], "emotion": EMOTIONS})
    return listed[["track"]].merge(table.assign(rater="a", **{"pass": 1}), how="cross")


def _write_features(folder: Path, names: Iterable[str], width: int) -> None:
    folder.mkdir(parents=True)
    for name in names:
        # A header, and then as long as it must be: what was never written takes no disk.
        np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float16, (TRACK, width))
    write_json({"backbone": "sparse"}, folder / f"{name}.npy.inputs.json")


def _blocks(faces: int) -> Iterator[range]:
    """Yield the numbers of all tracks, some dozens at a time."""
    for start in range(0, faces // TRACK, PEOPLE):
        yield range(start, min(start + PEOPLE, faces // TRACK))
