"""The smoke build as a whole: what it found, what it split, what it kept."""

import pandas as pd
import pytest

from emolib.evaluation.detection import detection_table
from emolib.storage import read_json

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def samples(smoke):
    return pd.read_parquet(smoke / "samples.parquet")


def test_faces_are_found_none_is_false_and_nobody_is_swapped(smoke):
    truth = pd.concat(
        pd.read_parquet(file).assign(video=file.stem)
        for file in (smoke / "corpus" / "truth").glob("*.parquet")
    )
    table = detection_table(pd.read_parquet(smoke / "faces.parquet"), truth)
    total = table[["true_faces", "found", "false_faces", "wrong_person"]].sum()
    assert total["found"] / total["true_faces"] > 0.97
    assert total["false_faces"] == 0
    assert total["wrong_person"] == 0


def test_every_face_of_a_labelled_stretch_has_both_labels(samples):
    assert samples["valence"].notna().mean() > 0.98
    assert 0.4 < (samples["emotion"] != "").mean() < 0.75


def test_labels_agree_with_the_simulation(smoke, samples):
    """The pipeline recovers, from video and annotation files alone, what was simulated."""
    truth = pd.concat(
        pd.read_parquet(file) for file in (smoke / "corpus" / "truth").glob("*.parquet")
    )
    pairs = pd.merge_asof(
        samples[samples["emotion"] != ""].sort_values("time"),
        truth.sort_values("time"),
        on="time",
        by="track",
        suffixes=("", "_true"),
    )
    assert (pairs["emotion"] == pairs["emotion_true"]).mean() > 0.9
    assert pairs["valence"].corr(pairs["valence_true"]) > 0.8


def test_no_person_and_no_video_is_in_two_parts(samples):
    split = samples[samples["split"] != ""]
    assert split.groupby("person")["split"].nunique().max() == 1
    assert split.groupby("video")["split"].nunique().max() == 1
    assert set(split["split"]) == {"train", "validation", "test"}


def test_runs_predict_every_labelled_face_once(smoke, samples):
    labelled = samples[(samples["emotion"] != "") & samples["valence"].notna()]
    for file in (smoke / "runs").glob("*/predictions.parquet"):
        predictions = pd.read_parquet(file)
        assert len(predictions) == len(labelled)
        assert not predictions.duplicated(["track", "frame"]).any()


def test_seeds_differ_and_are_recorded(smoke):
    first, second = sorted((smoke / "runs").glob("vgg16-combined-1fc-seed*"))
    assert {read_json(run / "spec.json")["seed"] for run in (first, second)} == {1, 2}
    answers = [pd.read_parquet(run / "predictions.parquet") for run in (first, second)]
    assert not answers[0]["predicted_valence"].equals(answers[1]["predicted_valence"])


def test_every_table_and_number_of_the_book_has_no_unexplained_gap(smoke):
    results = ("overview", "category", "dimensional", "combined", "comparison", "conclusion")
    for chapter in ("dataset", *results, "uncertainty"):
        numbers = read_json(smoke / "numbers" / f"{chapter}.json")
        assert numbers
        assert all(value is not None for value in numbers.values()), chapter
