"""Prediction on new clips, with a run of the smoke build, as somebody at a terminal does it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emolib import cli
from emolib.labels import EMOTIONS

pytestmark = pytest.mark.slow

BOXES = ["track", "frame", "time", "x", "y", "w", "h", "confidence"]


@pytest.fixture
def emolib(monkeypatch, capfd):
    """Return a function that runs the command line in this process, where Keras is loaded once."""

    def call(*arguments):
        command = ["emolib", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", command)
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capfd.readouterr()
        return subprocess.CompletedProcess(command, end.value.code, said.out, said.err)

    heeded = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, heeded)


@pytest.fixture(scope="module")
def run(smoke):
    """Return the folder of a combined run of the smoke build."""
    return next(iter(sorted((smoke / "runs").glob("vgg16-combined-1fc-seed1-*"))))


@pytest.fixture(scope="module")
def clips():
    folder = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not folder:
        pytest.skip("NO REAL CLIP WAS TRIED: set EMOLIB_SAMPLE_DATA to a folder of samples")
    return Path(folder) / "videos"


@pytest.fixture(scope="module")
def real(clips, run, tmp_path_factory):
    """Predict all real clips in one call; return the folder of results and the process."""
    out = tmp_path_factory.mktemp("real")
    names = (
        "single_face.mp4",
        "two_people_head_pose.mp4",
        "face_noface.mov",
        "no_face.mp4",
        "asl/yes.mkv",
    )
    command = [sys.executable, "-m", "emolib", "predict", *(clips / name for name in names)]
    command += ["--model", run, "--out", out]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return out, result


def check(table):
    """Assert what holds for the predictions of a combined network on any clip."""
    probabilities = table[[f"probability_{emotion}" for emotion in EMOTIONS]]
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-3)
    assert table[["valence", "arousal"]].abs().max().max() <= 1
    assert not table.duplicated(["track", "frame"]).any()
    assert np.allclose(table["time"], table["frame"] / 30, atol=1e-3)


def test_predict_single_face_is_one_track_with_a_row_every_frame(real):
    table = pd.read_csv(real[0] / "single_face.csv")
    check(table)
    assert table["track"].unique().tolist() == ["single_face"]
    assert len(table) == 72
    # Seen in the clip: one man, in the middle of a 640 x 360 picture.
    centre = (table["x"] + table["w"] / 2).mean(), (table["y"] + table["h"] / 2).mean()
    assert 200 < centre[0] < 440
    assert 60 < centre[1] < 300


def test_predict_two_people_are_never_swapped(real):
    table = pd.read_csv(real[0] / "two_people_head_pose.csv")
    check(table)
    middles = (table["x"] + table["w"] / 2).groupby(table["track"])
    assert (middles.max() - middles.min()).max() < 150  # nobody jumps across the 480 px picture


def test_predict_variable_rate_hevc_has_faces_in_its_first_part_only(real):
    table = pd.read_csv(real[0] / "face_noface.csv")
    check(table)
    assert table["track"].nunique() == 1
    assert 2.0 < table["time"].max() < 3.0


def test_predict_without_a_face_writes_the_header_and_says_so(real):
    out, result = real
    table = pd.read_csv(out / "no_face.csv")
    assert table.empty
    assert table.columns.tolist() == [
        *BOXES,
        *(f"probability_{emotion}" for emotion in EMOTIONS),
        "emotion",
        "valence",
        "arousal",
    ]
    assert "no_face.mp4: no face was found" in result.stdout


def test_predict_simulated_pair_finds_both_and_draws_the_overlay(emolib, smoke, run, tmp_path):
    videos = pd.read_csv(smoke / "corpus" / "videos.csv")
    pair = videos.loc[videos["people"] == 2, "video"].iloc[0]
    clip = smoke / "corpus" / "videos" / f"{pair}.mp4"
    table_path = tmp_path / "result.parquet"
    result = emolib("predict", clip, "--model", run, "--out", table_path, "--overlay")
    assert result.returncode == 0, result.stderr
    table = pd.read_parquet(table_path)
    check(table)
    assert set(table["track"]) == {f"{pair}_left", f"{pair}_right"}
    assert (tmp_path / "result_overlay.mp4").stat().st_size > 10_000


def test_predict_equals_the_predictions_of_the_build(emolib, smoke, run, tmp_path):
    """The same faces, features and network give the same answer outside the build."""
    predictions = pd.read_parquet(run / "predictions.parquet")
    samples = pd.read_parquet(smoke / "samples.parquet")
    whole = samples.groupby("track")["emotion"].apply(lambda emotion: (emotion != "").sum())
    track = predictions[~predictions["track"].str.contains("_")]["track"].iloc[0]
    clip = smoke / "corpus" / "videos" / f"{track}.mp4"
    result = emolib("predict", clip, "--model", run, "--out", tmp_path, "--detect-every", 3)
    assert result.returncode == 0, result.stderr
    table = pd.read_csv(tmp_path / f"{track}.csv")
    assert len(table) == (samples["track"] == track).sum() >= whole[track]
    both = table.merge(predictions[predictions["track"] == track], on=["track", "frame"])
    # Unlabelled faces are part of the sequence here, so the memory of the LSTM differs a little.
    for dimension in ("valence", "arousal"):  # which `predict` keeps within their range
        built = both[f"predicted_{dimension}"].clip(-1, 1)
        assert (both[f"{dimension}_x"] - built).abs().mean() < 0.2
    for emotion in EMOTIONS:
        names = (f"probability_{emotion}_{side}" for side in "xy")
        assert np.subtract(*(both[name] for name in names)).abs().mean() < 0.1


def test_predict_bad_clips_fail_alone_with_a_sentence_each(emolib, smoke, run, tmp_path):
    good = smoke / "corpus" / "videos" / "video01.mp4"
    text = tmp_path / "text.mp4"
    text.write_text("this is no film")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(good.read_bytes()[:20_000])
    absent = tmp_path / "absent.mp4"
    result = emolib("predict", text, cut, absent, good, "--model", run, "--out", tmp_path / "out")
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    for clip in (text, cut, absent):
        assert f"{clip}: left out: " in result.stdout
    assert pd.read_csv(tmp_path / "out" / "video01.csv").shape[0] > 100


@pytest.mark.parametrize(
    ("model", "out", "sentence"),
    [
        ("runs/none", "out", "no finished run"),
        ("", "out.csv", "one table cannot hold 2 clips"),
    ],
)
def test_predict_unusable_arguments_are_one_sentence(
    emolib, smoke, run, tmp_path, model, out, sentence
):
    clip = smoke / "corpus" / "videos" / "video01.mp4"
    other = smoke / "corpus" / "videos" / "video02.mp4"
    folder = smoke / model if model else run
    result = emolib("predict", clip, other, "--model", folder, "--out", tmp_path / out)
    assert result.returncode == 2
    assert result.stderr.startswith("error: ") or "\nerror: " in result.stderr
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
