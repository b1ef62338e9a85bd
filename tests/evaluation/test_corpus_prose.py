"""Sentences on a corpus and its faces turn when their numbers turn."""

import pandas as pd
import pytest

from emolib.evaluation import corpus_prose as prose
from emolib.labels import EMOTIONS


def detections(true_faces, found, false_faces=0, wrong_person=0):
    counts = {"true_faces": true_faces, "found": found}
    return pd.DataFrame([counts | {"false_faces": false_faces, "wrong_person": wrong_person}])


def test_detection_sentence_never_rounds_up_to_all():
    assert "without true boxes" in prose.detection_sentence(None)
    assert prose.detection_sentence(pd.concat([detections(20_000, 19_999), detections(1, 1)])) == (
        "Of 20,001 true faces, 20,000 (> 99.9%) were found and 1 was missed; no detection was "
        "false, and no face went to the wrong person."
    )
    assert prose.detection_sentence(detections(100, 100, 1, 2)) == (
        "All of 100 true faces were found; 1 detection was false, and 2 faces went to the wrong "
        "person."
    )
    assert "0 (0%) were found and 3 were missed; 2 detections were false" in (
        prose.detection_sentence(detections(3, 0, 2))
    )


@pytest.mark.parametrize(
    ("left_out", "false_tracks", "said"),
    [
        (0, 0, "Every detection was given to somebody."),
        (1, 0, "1 detection was given to nobody: it continues no track."),
        (2, 0, "2 detections were given to nobody: they continue no track."),
        (9, 1, "9 detections were given to nobody, among them 1 false track: faces that were"),
    ],
)
def test_nobody_sentence_gives_the_reason_that_fits(left_out, false_tracks, said):
    assert prose.nobody_sentence(left_out, false_tracks).startswith(said)


def tracks(*covered):
    hole = [0.07 if share < 1 else 0.0 for share in covered]
    return pd.DataFrame({"covered": covered, "longest_hole": hole})


@pytest.mark.parametrize(
    ("covered", "said"),
    [
        ([1.0], "1 track, which has a face in every frame of its video."),
        ([1.0, 1.0], "2 tracks, each of which has a face in every frame of its video."),
        ([0.5], "1 track, which covers 50.0% of its video."),
        ([0.5, 0.7], "2 tracks, which on average cover 60.0% of their video."),
        (
            [0.9999, 1.0],
            "2 tracks, 1 of which has a face in every frame of the video; the other covers "
            "> 99.9% of it.",
        ),
        (
            [0.5, 0.7, 1.0, 1.0],
            "4 tracks, 2 of which have a face in every frame of the video; the others on average "
            "cover 60.0% of it.",
        ),
    ],
)
def test_tracks_sentence_tells_whole_tracks_from_others(covered, said):
    assert prose.tracks_sentence(tracks(*covered), 1) == f"1 video gave {said}"


def test_holes_sentence_says_how_many_are_listed():
    assert prose.holes_sentence(tracks(0.5, 1.0), 1) == "1 of 2 tracks has a hole."
    assert prose.holes_sentence(tracks(0.5, 0.6, 1.0), 1) == (
        "2 of 3 tracks have a hole; the longest is listed."
    )
    assert prose.holes_sentence(tracks(1.0), 0).startswith("No track has a hole")


def test_by_hand_sentence_counts_what_a_person_did():
    assert prose.by_hand_sentence(0, 0) == "In this build no face was corrected or rejected."
    assert prose.by_hand_sentence(1, 0) == (
        "In this build 1 face was corrected and no face was rejected."
    )
    assert "2 faces were corrected and 1,200 faces were" in prose.by_hand_sentence(2, 1200)


def test_coverage_sentence_names_only_what_there_is():
    coverage = pd.DataFrame(
        {
            "n_faces": 10,
            "with_both": [10, 0, 5, 5],
            "longest_hole": [1 / 30, 4.2 + 1 / 30, 0.0, 0.0],
        }
    )
    said = prose.coverage_sentence(coverage, 4)
    assert said.startswith(
        "Of 4 tracks, 1 has both kinds of label for every face, 2 for some faces and 1 for no face;"
    )
    assert "between two of a track is 4.20 s" in said and "Only" not in said
    assert "Only the 2 least covered" in prose.coverage_sentence(coverage, 2)
    alike = prose.coverage_sentence(coverage[2:], 4)
    assert alike == (
        "Each of 2 tracks has both kinds of label for some faces; no track lacks a face between "
        "its first and its last."
    )
    assert prose.coverage_sentence(coverage[:1], 4).startswith("The one track has both kinds")


@pytest.mark.parametrize(
    ("emotions", "said"),
    [
        (
            ["sadness"] * 5 + ["neutral"] * 4 + ["fear"],
            "Sadness and neutral together hold 90% of the labelled faces, where the thesis states "
            "more than 80% for its corpus. The rarest category that is seen, fear, holds 10.0%.",
        ),
        (
            ["fear"] * 6 + ["anger"] * 3 + ["neutral"],
            "Fear and anger together hold 90% of the labelled faces; neutral and sadness hold 10%, "
            "where the thesis states more than 80% for its corpus. The rarest category that is "
            "seen, neutral, holds 10.0%.",
        ),
        (["fear"], "Every labelled face shows fear, so there is nothing to tell apart."),
        ([], "No face of this corpus has both kinds of label."),
    ],
)
def test_imbalance_sentence_names_the_commonest_and_the_rarest(emotions, said):
    samples = pd.DataFrame({"emotion": pd.Series(emotions, dtype=str)})
    assert prose.imbalance_sentence(samples, 0.8) == said


def test_few_people_sentence_names_what_hangs_on_few():
    rows = [("test", person, emotion) for person in range(4) for emotion in EMOTIONS[:-1]]
    samples = pd.DataFrame(rows, columns=["split", "person", "emotion"])
    said = prose.few_people_sentence(samples, "test")
    assert said == f"Of the 4 test people, none shows {EMOTIONS[-1]}."
    rare = samples[(samples["emotion"] != "fear") | (samples["person"] < 2)]
    said = prose.few_people_sentence(rare, "test")
    assert f"none shows {EMOTIONS[-1]} and 2 show fear: what a network" in said
    everybody = samples[samples["emotion"].isin(EMOTIONS)]
    assert "at least" not in said
    full = pd.concat([everybody, everybody.assign(emotion=EMOTIONS[-1])])
    assert prose.few_people_sentence(full, "test").endswith("at least 4 show each category.")
    assert prose.few_people_sentence(samples, "train") == "No labelled face is in the part train."
