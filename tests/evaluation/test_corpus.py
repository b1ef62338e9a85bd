"""What a corpus holds, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from emolib.evaluation.corpus import (
    agreement_sentence,
    agreement_table,
    category_split_table,
    corpus_table,
    left_out_table,
    missing_table,
    read_problems,
    recordings_table,
    split_table,
)
from emolib.evaluation.formatting import format_table

SAMPLES = pd.DataFrame(
    {
        "video": ["a", "a", "a", "b", "b"],
        "track": ["a_left", "a_right", "a_right", "b", "b"],
        "person": ["p", "q", "q", "r", "r"],
        "split": ["train", "train", "train", "test", ""],
        "emotion": ["fear", "fear", "", "neutral", "fear"],
        "valence": [0.5, np.nan, 0.5, -0.5, -0.1],
        "arousal": [0.5, np.nan, 0.5, 0.5, 0.1],
        "w": [50.0, 60.0, 60.0, 70.0, 70.0],
    }
)
VIDEOS = pd.DataFrame(
    {
        "video": ["a", "b", "c"],
        "duration": [10.0, 20.0, 60.0],
        "mean_fps": [25.0, 30.0, np.nan],
        "width": [640, 640, 1280],
        "height": [360, 360, 720],
    }
)
NOTHING = pd.DataFrame(columns=["stage", "item", "problem"])


def traces(**values):
    """Return traces of a track each second; a rater's valence and arousal are the same."""
    tables = [
        pd.DataFrame({"track": "b", "time": range(len(v)), "valence": v, "arousal": v, "rater": r})
        for r, v in values.items()
    ]
    return pd.concat(tables, ignore_index=True)


def intervals(rows):
    table = pd.DataFrame(rows, columns=["track", "start", "end", "emotion", "rater"])
    return table.assign(**{"pass": 1})


ONE = traces(anna=[0.1, 0.2, 0.3]), intervals([("b", 0.0, 1.0, "fear", "anna")])
TWO = (
    traces(anna=[0.1, 0.2, 0.3], ben=[0.1, 0.2, 0.3]),
    intervals([("b", 0.0, 4.0, "fear", "anna"), ("b", 0.0, 2.0, "fear", "ben")])
)  # fmt: skip


def test_corpus_table_counts_each_kind_of_label():
    table = corpus_table(VIDEOS, SAMPLES).set_index("quantity")
    assert table["this_build"].to_dict() == {
        "videos": 3,
        "people": 3,
        "tracks": 3,
        "videos with several people": 1,
        "faces": 5,
        "faces with valence and arousal": 4,
        "faces with a category": 4,
        "faces with both kinds of label": 3,
    }
    assert table.loc["faces", "published"] == 265_663
    assert table.loc["faces with a category", "published"] == 107_640
    assert pd.isna(table.loc["tracks", "published"])


def test_recordings_table_gives_quartiles_and_sums_only_what_adds_up():
    table = recordings_table(VIDEOS, SAMPLES).set_index("quantity")
    duration = table.loc["duration of a video (s)"]
    assert duration.tolist() == [10, 15, 20, 40, 60, 90]
    assert table.loc["frames per second", "median"] == 27.5
    assert table.loc["faces in a video"].tolist() == [0, 1, 2, 2, 3, 5]  # none in video c
    printed = format_table(table.reset_index(), decimals=1).set_index("Quantity")
    assert printed.loc["width of a picture (px)", "Smallest"] == "640"
    assert printed.loc["duration of a video (s)", "Smallest"] == "10.0"
    assert table.loc["of these with both kinds of label", "total"] == 3
    assert table["total"].isna().sum() == 4


def test_missing_table_counts_faces_and_the_problems_of_every_stage():
    problems = {"faces": NOTHING, "ingest": pd.DataFrame({"stage": ["ingest"] * 2})}
    table = missing_table(SAMPLES, problems).set_index("missing")
    assert table["count"].tolist() == [1, 1, 0, 1, 0, 2]
    assert table.loc["faces without a category", "share"] == 0.2
    assert table.loc["problems that the stage ingest met", "count"] == 2


def test_read_problems_knows_stages_that_met_none(tmp_path):
    NOTHING.to_csv(tmp_path / "faces.csv", index=False)
    (tmp_path / "ingest.csv").write_text("stage,item,problem\ningest,7.mp4,cut off\n")
    problems = read_problems(tmp_path)
    assert list(problems) == ["faces", "ingest"] and problems["faces"].empty
    assert left_out_table(problems)["item"].tolist() == ["7.mp4"]


@pytest.mark.parametrize(("n", "rows"), [(0, 1), (1, 1), (20, 20), (600, 20)])
def test_left_out_table_is_never_empty_and_never_long(n, rows):
    stage = pd.DataFrame({"stage": "ingest", "item": [f"{i}.mp4" for i in range(n)]})
    table = left_out_table({"ingest": stage.assign(problem="cut off"), "faces": NOTHING})
    assert len(table) == rows
    assert (table["item"].iloc[-1] == "581 more") == (n == 600)
    assert (table["item"].iloc[0] == "nothing") == (n == 0)


def test_agreement_table_of_one_rater_a_track_is_undefined():
    # Raters who are named after their files share no track, however many there are.
    dimensional, categorical = ONE
    other = dimensional.assign(track="a", rater="carl")
    table = agreement_table(pd.concat([dimensional, other]), categorical).set_index("label")
    assert table["tracks"].tolist() == [2, 2, 1]
    assert table["most_raters"].tolist() == [1, 1, 1]
    assert table[["ccc_of_two", "kappa"]].isna().all(axis=None)
    assert "one rater" in agreement_sentence(table.reset_index())


def test_agreement_table_of_two_raters_says_how_far_they_agree():
    table = agreement_table(*TWO)
    by_label = table.set_index("label")
    assert by_label.loc["valence", "ccc_of_two"] == pytest.approx(1)
    assert by_label["tracks_with_several"].tolist() == [1, 1, 1]
    assert by_label.loc["category", "agreement"] == 1
    sentence = agreement_sentence(table)
    assert "valence 1.00 (1 track, up to 2 raters)" in sentence
    assert "kappa of the categories cannot be computed" in sentence  # only fear was ever chosen


def test_agreement_of_a_corpus_that_nobody_rated_is_a_sentence():
    table = agreement_table(*(rows[:0] for rows in ONE))
    assert table["tracks"].tolist() == [0, 0, 0]
    assert agreement_sentence(table) == "Nobody rated this corpus."


LABELLED = SAMPLES[SAMPLES["emotion"] != ""].assign(split=[*["train"] * 2, *["test"] * 2])


def test_category_split_table_counts_faces_and_people_of_every_part():
    table = category_split_table(LABELLED).set_index("category")
    assert np.allclose(table[["train", "test", "all"]].sum(), 1)
    assert table["validation"].isna().all()
    assert table.loc["neutral", ["test", "all"]].tolist() == [0.5, 0.25]
    assert table.loc["fear", ["train people", "test people"]].tolist() == [2, 1]
    assert table.loc["anger", "validation people"] == 0
    assert category_split_table(LABELLED[:0])["all"].isna().all()


def test_split_table_has_sizes_means_and_distances():
    distances = {"js_emotion": 0.1, "js_valence": 0.2, "js_arousal": 0.3}
    balance = pd.DataFrame([{"split": "test"} | distances])
    table = split_table(LABELLED, balance).set_index("split")
    assert table["people"].tolist() == [2, 0, 1, 3]
    assert table["faces"].tolist() == [2, 0, 2, 4]
    assert table.loc["test", "mean valence"] == pytest.approx(-0.3)
    assert table.loc["test", "distance of arousal"] == 0.3
    assert table.loc["train"].filter(like="distance").isna().all()
