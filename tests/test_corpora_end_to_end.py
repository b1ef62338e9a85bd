"""A corpus laid out like Aff-Wild2 gives the samples that its own layout gives."""

import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.storage import read_array
from emolib.workspace import Workspace

pytestmark = pytest.mark.slow

MAX_DISTANCE = 0.1  # s from a face to its valence and arousal, as configured by default
CODES = ["neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"]
CLASSES = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise"


@pytest.fixture(scope="module")
def native(tmp_path_factory):
    """Return the workspace of four simulated videos, one of which shows two people."""
    return build(tmp_path_factory.mktemp("native"), "{kind: simulated, n_videos: 4, n_pairs: 1, "
                 "duration: 4}")  # fmt: skip


@pytest.fixture(scope="module")
def affwild2(native, tmp_path_factory):
    """Return the workspace of the same videos and labels in the layout of Aff-Wild2."""
    folder = tmp_path_factory.mktemp("affwild2")
    write_affwild2(native, folder / "Aff-Wild2")
    return build(folder, "{kind: affwild2, path: Aff-Wild2}")


def build(folder, corpus):
    """Take a corpus through the stages up to samples."""
    config = folder / "corpus.yaml"
    # With equal shares two parts could change places at a slight change of the labels.
    shares = "{train: 0.6, validation: 0.15, test: 0.25}"
    config.write_text(f"corpus: {corpus}\nfaces: {{detect_every: 5}}\nsplit: {shares}\n")
    workspace = Workspace(load_config(config), folder / "build")
    if workspace.simulated:
        pipeline.simulate(workspace, jobs=1)
    pipeline.ingest(workspace)
    pipeline.extract_all_faces(workspace, jobs=1)
    pipeline.unify_annotations(workspace)
    pipeline.match_and_split(workspace)
    return workspace


def write_affwild2(native, folder):
    """Sample the annotations of a workspace at every decoded picture, and add a row at the end."""
    for place in ("batch1", "batch2"):
        (folder / place).mkdir(parents=True)
    videos = native.load("videos").set_index("video")["path"]
    for number, path in enumerate(map(native.corpus.joinpath, videos)):
        (folder / f"batch{number % 2 + 1}" / path.name).symlink_to(path.resolve())
    for track, video in native.load("people")[["track", "video"]].itertuples(index=False):
        stamps = read_array(native.stamps / f"{video}.npy")[:-1]
        write_labels(folder / "VA_Set/Training_Set" / f"{track}.txt", "valence,arousal", [
            "-5,-5" if pair is None else f"{pair[0]!r},{pair[1]!r}"
            for pair in (rated(native, track, stamp) for stamp in stamps)
        ])  # fmt: skip
        emotions = [emotion(native, track, stamp) for stamp in stamps]
        codes = [str(CODES.index(word)) if word else "-1" for word in emotions]
        write_labels(folder / "EXPR_Set/Training_Set" / f"{track}.txt", CLASSES, codes)


def write_labels(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("\r\n".join([header, *rows, rows[-1], ""]).encode())


def rated(workspace, track, time):
    """Return valence and arousal of the nearest annotation, None if there is none near."""
    trace = workspace.load("dimensional").query("track == @track")
    distance = (trace["time"] - time).abs().to_numpy()
    nearest = trace.iloc[distance.argmin()]
    near = distance.min() <= MAX_DISTANCE
    return (float(nearest["valence"]), float(nearest["arousal"])) if near else None


def emotion(workspace, track, time):
    """Return the emotion of the interval that holds a time, "" if none does."""
    intervals = workspace.load("categorical").query("track == @track")
    for row in intervals.itertuples():
        if row.start <= time < row.end:
            return row.emotion
    return ""


def test_faces_tracks_people_and_parts_are_the_same(native, affwild2):
    first, second = native.load("samples"), affwild2.load("samples")
    same = ["track", "video", "frame", "time", "x", "y", "w", "h", "status", "row", "split"]
    pd.testing.assert_frame_equal(first[same], second[same])
    assert set(first["track"]) == {
        "video01", "video02_left", "video02_right", "video03", "video04",
    }  # fmt: skip
    assert set(first["split"]) >= {"train", "validation", "test"}
    who = pd.DataFrame({"native": first["person"], "affwild2": second["person"]}).drop_duplicates()
    assert len(who) == first["person"].nunique() == second["person"].nunique()
    assert (second["person"] == second["track"]).all()


def test_labels_are_those_of_the_decoded_picture_nearest_to_the_face(native, affwild2):
    """An exact account of what reading labels by frame does to them."""
    samples = affwild2.load("samples").iloc[::7]
    for face in samples.itertuples():
        stamps = read_array(native.stamps / f"{face.video}.npy")[:-1]
        nearest = stamps[np.abs(stamps - face.time).argmin()]
        expected = rated(native, face.track, nearest)
        assert (face.valence, face.arousal) == pytest.approx(expected, abs=1e-12)
        shown = stamps[stamps <= face.time + 1e-9].max()
        assert face.emotion == emotion(native, face.track, shown)


def test_labels_differ_from_the_native_ones_by_less_than_the_trace_moves(native, affwild2):
    first, second = native.load("samples"), affwild2.load("samples")
    traces = native.load("dimensional").groupby("track")
    for name in ("valence", "arousal"):
        # The picture nearest to a face is at most half a picture away, so the annotation nearest
        # to that picture is the one nearest to the face, or a neighbour of it.
        step = traces[name].agg(lambda values: values.diff().abs().max())
        difference = (first[name] - second[name]).abs()
        assert first[name].notna().all() and second[name].notna().all()
        assert (difference <= first["track"].map(step) + 1e-12).all()
        assert difference.mean() < 0.005 and (difference == 0).mean() > 0.75
    agree = (first["emotion"] == second["emotion"]).groupby(first["track"]).mean()
    assert agree.min() > 0.97


def test_extra_rows_are_counted_and_nothing_else_is_left_out(affwild2):
    problems = pd.read_csv(affwild2.folder / "problems" / "annotations.csv")["problem"]
    assert problems.str.contains("left out 1 rows beyond the last decoded frame").sum() == 10
    unlabelled = problems.str.contains("labels 'no label'").sum()
    assert len(problems) == 10 + unlabelled and unlabelled > 0
    assert pd.read_csv(affwild2.folder / "problems" / "ingest.csv").empty
