"""Tables that the annotation tool wrote go through the pipeline and train a network."""

import shutil

import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.annotator.operations import Scene
from emolib.annotator.session import Session, visible_frames
from emolib.config import load_config
from emolib.data.video import STREAM_RATE, stream_pictures
from emolib.labels import EMOTIONS
from emolib.storage import read_array
from emolib.workspace import Workspace

pytestmark = pytest.mark.slow

CORPUS = "corpus: {kind: simulated, n_videos: 4, n_pairs: 1, duration: 4}\n"
REST = """
faces: {detect_every: 5, crop_size: 32}
features: {weights: random, pooling: average, precision: float32}
split: {train: 0.5, validation: 0.25, test: 0.25}
training:
  networks: [vgg16-dimensional-1fc, vgg16-combined-1fc]
  seeds: [1]
  epochs: 1
  sequence_length: 10
"""


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """Return the workspace of four simulated videos with their faces, one of two people."""
    folder = tmp_path_factory.mktemp("simulated")
    (folder / "simulated.yaml").write_text(CORPUS + REST)
    workspace = Workspace(load_config(folder / "simulated.yaml"), folder / "build")
    pipeline.simulate(workspace, jobs=1)
    pipeline.ingest(workspace)
    pipeline.extract_all_faces(workspace, jobs=1)
    return workspace


@pytest.fixture(scope="module")
def annotated(simulated, tmp_path_factory):
    """Return a corpus of the same videos that only the tool has written into, and what it did."""
    corpus, done = tmp_path_factory.mktemp("mine") / "corpus", {}
    (corpus / "videos").mkdir(parents=True)
    faces = simulated.load("faces")
    for path in simulated.load("videos")["path"]:
        video = corpus / "videos" / simulated.corpus.joinpath(path).name
        shutil.copy(simulated.corpus.joinpath(path), video)
        bounds = read_array(simulated.stamps / f"{video.stem}.npy")
        frames = len(stream_pictures(bounds))
        visible = visible_frames(faces, video.stem, frames)
        session = Session(video, corpus, "ann", Scene(frames, {}, {}), visible)
        session.do({"do": "review", "kind": "watched", "coverage": 1.0, "seconds": 4.0})
        for track in visible:
            done[track] = annotate(session, track, frames, seed=len(done))
        session.close()
    return corpus, done


def annotate(session, track, frames, seed):
    """Mark what comes into the generator's head; return the emotion of every frame."""
    generator = np.random.default_rng(seed)
    edges = np.unique([0, *generator.integers(1, frames, 8), frames])
    labels = np.full(frames, "", dtype=object)
    for number, (start, end) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        emotion = EMOTIONS[(seed + number) % len(EMOTIONS)]
        if number == 2:
            continue  # a gap
        labels[start:end] = emotion
        fields = {"interval": f"{track}{number}", "track": track, "emotion": emotion}
        session.do({"do": "add_interval", "start": int(start), "end": int(end), **fields})
    times = np.arange(0, frames / STREAM_RATE, 1 / 60)
    values = np.column_stack([times, np.sin(times + seed), np.cos(2 * times)])
    for first in range(0, len(times), 15):
        piece = values[first : first + 15]
        ends = {"start": times[first], "end": times[min(first + 15, len(times) - 1)]}
        fields = {"recording": "r", "track": track, "dimensions": ["valence", "arousal"]}
        session.do({"do": "record", "samples": piece.tolist(), **fields, **ends})
    return labels


@pytest.fixture(scope="module")
def samples(annotated, tmp_path_factory):
    corpus, _ = annotated
    folder = tmp_path_factory.mktemp("configuration")
    config = folder / "mine.yaml"
    config.write_text(f"corpus: {{kind: folder, path: {corpus}}}\n" + REST)
    workspace = Workspace(load_config(config), folder / "build")
    pipeline.ingest(workspace)
    pipeline.extract_all_faces(workspace, jobs=1)
    pipeline.unify_annotations(workspace)
    pipeline.match_and_split(workspace)
    return workspace


def test_every_face_has_the_emotion_that_was_marked_in_its_frame(annotated, samples):
    _, done = annotated
    table = samples.load("samples")
    assert set(table["track"]) == set(done) and len(done) == 5
    assert pd.read_csv(samples.folder / "problems" / "annotations.csv").empty
    for track, rows in table.groupby("track"):
        assert rows["emotion"].tolist() == done[track][rows["frame"]].tolist()
    seed = {track: number for number, track in enumerate(done)}
    valence = np.sin(table["time"] + table["track"].map(seed))
    assert np.abs(table["valence"] - valence).max() < 1 / 60


def test_a_network_is_trained_on_them(samples):
    pipeline.extract_all_features(samples)
    pipeline.train_runs(samples, pipeline.find_runs(samples))
    for run in samples.runs.iterdir():
        predictions = pd.read_parquet(run / "predictions.parquet")
        assert len(predictions) and set(predictions["split"]) == {"train", "validation", "test"}
