"""Answers of a datasheet, from a corpus small enough to know them."""

import numpy as np
import pandas as pd

from emolib.evaluation.datasheet import FACTS, NOT_STATED, corpus_facts, datasheet
from emolib.storage import write_json

VIDEOS = pd.DataFrame(
    {
        "video": ["a", "b"],
        "sha256": ["00", "11"],
        "duration": [3600.0, 7200.0],
        "mean_fps": [25.0, 29.97],
        "variable_fps": [False, True],
        "width": [640, 640],
        "height": [360, 360],
    }
)
SAMPLES = pd.DataFrame(
    {
        "video": ["a", "a", "b", "b"],
        "track": ["a_left", "a_right", "b", "b"],
        "person": ["p", "q", "r", "r"],
        "valence": [-0.5, 0.25, np.nan, 0.0],
        "arousal": [0.5, 0.25, np.nan, 0.0],
        "emotion": ["fear", "neutral", "", ""],
        "split": ["train", "train", "test", ""],
        "confidence": [1.0, np.nan, np.nan, np.nan],
        "status": ["auto", "auto", "auto", "corrected"],
    }
)
TRACES = pd.DataFrame(
    {"track": ["a_left", "b"], "time": 0.0, "valence": 0.0, "arousal": 0.0, "rater": ["x", "y"]}
)
INTERVALS = pd.DataFrame(
    {"track": ["a_left"], "start": 0.0, "end": 1.0, "emotion": "fear", "rater": "x", "pass": 3}
)
PROBLEMS = {"faces": pd.DataFrame({"stage": []}), "ingest": pd.DataFrame({"stage": ["ingest"]})}


def answers(facts=None, **changes):
    parts = {"videos": VIDEOS, "samples": SAMPLES, "dimensional": TRACES, "problems": PROBLEMS}
    parts |= {"categorical": INTERVALS, "facts": facts or {}, "detector": "dlib"} | changes
    return datasheet(**parts).set_index("question")["answer"]


def test_answers_are_computed_from_the_corpus():
    said = answers()
    assert said["What does it hold?"] == (
        "4 faces in 3 tracks of 3 people, from 2 videos, 1 of which shows several people"
    )
    assert said["How long are the videos?"].startswith("3.0 hours in all")
    assert said["How large are the pictures?"] == "640 × 360 px (2 videos)"
    assert said["At which rate were they taken?"] == (
        "25 to 29.97 frames per second, at a variable rate in 1 of 2 videos"
    )
    assert "3 faces (valence from −0.50 to 0.25" in said["Which labels are there?"]
    assert "a category of 2 (neutral 1," in said["Which labels are there?"]
    assert said["What is missing?"] == (
        "valence and arousal of 1 face (25.0%) and a category of 2 faces (50.0%); "
        "problems met: 1 in the stage ingest"
    )
    assert said["Which people are in which part?"] == (
        "2 in train, 0 in validation, 1 in test and 1 in none"
    )
    assert said["Who rated it?"] == (
        "valence and arousal: 1 rater in each of 2 tracks; "
        "categories: 1 rater in each of 1 track, in up to 3 passes"
    )
    assert "25% of them in their own frame" in said["How were faces found?"]
    assert "1 corrected by a person" in said["How were faces found?"]


def test_answers_where_there_is_nothing_to_tell_apart():
    alike = VIDEOS.assign(duration=[15.0, 14.98], variable_fps=False)
    one = SAMPLES[SAMPLES["video"] == "b"].assign(valence=0.0, arousal=0.0, emotion="fear")
    once = INTERVALS.assign(**{"pass": 1})
    said = answers(videos=alike, samples=one, categorical=once, problems={})
    assert said["What does it hold?"].endswith("2 videos, none of which shows several people")
    assert said["How long are the videos?"] == "0.5 minutes in all; each lasts 15.0 s"
    assert said["At which rate were they taken?"].endswith("at a constant rate in every video")
    assert said["What is missing?"] == (
        "valence and arousal of no face and a category of no face; no stage met a problem"
    )
    assert said["Who rated it?"].endswith(", in one pass")


def test_what_a_corpus_does_not_state_is_said_to_be_not_stated():
    said = answers(facts={"licence": "CC BY 4.0"})
    assert said["Under which licence?"] == "CC BY 4.0"
    assert (said == NOT_STATED).sum() == len(FACTS) - 1


def test_the_simulated_corpus_states_everything_and_its_seed(tmp_path):
    facts = corpus_facts(tmp_path / "none.json", {"kind": "simulated", "seed": 7})
    assert set(facts) == set(FACTS)
    assert "seed 7" in facts["citation"] and "simulated" in facts["licence"]


def test_a_published_corpus_states_what_its_makers_did(tmp_path):
    path = write_json({"name": "AFEW-VA", "licence": "on request"}, tmp_path / "corpus.json")
    said = answers(facts=corpus_facts(path, {"kind": "afew_va"}))
    assert said["What is it called?"] == "AFEW-VA"
    assert said["Under which licence?"] == "on request"
    assert said["What is to be cited?"] == NOT_STATED


def test_version_changes_with_a_video_and_not_with_their_order():
    version = "Which version is this?"
    assert answers()[version] == answers(videos=VIDEOS[::-1])[version]
    assert answers()[version] != answers(videos=VIDEOS.assign(sha256=["00", "12"]))[version]


def test_many_sizes_are_cut_short_and_unknown_rates_are_said():
    many = pd.concat([VIDEOS.assign(width=640 + i) for i in range(5)])
    assert answers(videos=many)["How large are the pictures?"].endswith(" and 2 other sizes")
    still = VIDEOS.assign(mean_fps=np.nan, variable_fps=False)
    assert answers(videos=still)["At which rate were they taken?"] == "no video has two pictures"


def test_a_corpus_without_one_kind_of_label_has_a_datasheet():
    without = SAMPLES.assign(emotion="", valence=np.nan, arousal=np.nan)
    said = answers(samples=without, dimensional=TRACES[:0], categorical=INTERVALS[:0])
    assert said["Which labels are there?"].startswith("valence and arousal of 0 faces; a category")
    assert said["Who rated it?"] == "valence and arousal: nobody; categories: nobody"
    assert said["Do raters agree?"] == "Nobody rated this corpus."
