"""Tests of the OMG-Emotion formats, on files written here in their layouts and on real ones."""

import os
from pathlib import Path

import numpy as np
import pytest

from emolib.data.annotations.formats import omg
from emolib.errors import InputError
from emolib.labels import EMOTIONS

HEADER = "link,start,end,video,utterance,arousal,valence,EmotionMaxVote"


def row(start, end, arousal=0.5, valence=0.0, code=4, video="0a_1", utterance=1, link="l"):
    return f"{link},{start},{end},{video},utterance_{utterance}.mp4,{arousal},{valence},{code}"


@pytest.fixture
def gold(tmp_path):
    """Return a function that writes a gold standard and returns its path."""

    def write(*rows, header=HEADER):
        path = tmp_path / "omg_TrainVideos.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return write


def write_rating(folder, text, video="05f", utterance="utterance_8.mp4", annotator=1):
    path = folder / "DetailedAnnotation" / "train" / video / utterance / f"{annotator}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(f"arousal,valence,emotion\r\n{text}\r\n".encode())
    return path


def test_gold_arousal_comes_before_valence_and_starts_at_zero(gold):
    found = omg.read_gold(gold(row(10, 14, 0.25, -0.5), row(20, 22, 0, 1, 3, utterance=4)))
    assert found.dimensional["arousal"].tolist() == [-0.5, -1.0]
    assert found.dimensional["valence"].tolist() == [-0.5, 1.0]
    assert found.dimensional["time"].tolist() == [2.0, 1.0]
    assert found.dimensional["track"].tolist() == ["0a_1_utterance_1", "0a_1_utterance_4"]
    assert found.categorical[["start", "end", "emotion"]].to_numpy().tolist() == [
        [0.0, 4.0, "neutral"],
        [0.0, 2.0, "happiness"],
    ]
    assert not found.problems and found.provenance["overlaps"] == 0


def test_gold_columns_go_by_name(gold):
    path = gold(
        "0.5,1.0,0,4,v,utterance_1.mp4,0",
        header="valence,arousal,start,end,video,utterance,EmotionMaxVote",
    )
    found = omg.read_gold(path)
    assert found.dimensional[["valence", "arousal"]].to_numpy().tolist() == [[0.5, 1.0]]


def test_gold_codes_are_alphabetical(gold):
    rows = [row(i, i + 1, code=i, utterance=i) for i in range(7)]
    found = omg.read_gold(gold(*rows))
    words = ["anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise"]
    assert found.categorical["emotion"].tolist() == words


def test_gold_source_clock_keeps_times_and_reports_overlaps(gold):
    rows = [row(5790, 5794), row(5793, 5795, utterance=2), row(0, 9, video="b")]
    found = omg.read_gold(gold(*rows), clock="source")
    assert found.dimensional["time"].tolist() == [5792.0, 5794.0, 4.5]
    assert found.categorical["start"].tolist() == [5790.0, 5793.0, 0.0]
    assert found.provenance["overlaps"] == 1
    assert "1 utterances start before the previous one" in found.problems[0]
    assert found.dimensional["track"].nunique() == 3


def test_gold_step_holds_a_rating_through_the_utterance(gold):
    found = omg.read_gold(gold(row(10, 11, valence=0.25), row(20, 20.3, utterance=2)), step=0.25)
    first = found.dimensional[found.dimensional["track"] == "0a_1_utterance_1"]
    assert first["time"].tolist() == [0.125, 0.375, 0.625, 0.875]
    assert set(first["valence"]) == {0.25}
    second = found.dimensional[found.dimensional["track"] == "0a_1_utterance_2"]
    np.testing.assert_allclose(second["time"], [0.075, 0.225])
    assert len(found.categorical) == 2


def test_gold_rows_with_empty_cells_are_left_out_and_counted(gold):
    found = omg.read_gold(gold(row(0, 1), ",,,,,0.5,0.25,", ",,,,,0.5,0.25,"))
    assert len(found.dimensional) == len(found.categorical) == 1
    assert found.provenance["dropped"] == {"rows with empty cells": 2}
    assert "omg_TrainVideos.csv: left out 2 rows with empty cells" in found.problems[0]


def test_gold_rows_without_length_and_repeated_rows_are_counted(gold):
    found = omg.read_gold(gold(row(0, 1), row(3, 3, utterance=2), row(5, 6)))
    assert found.dimensional["track"].tolist() == ["0a_1_utterance_1"]
    assert sorted(found.provenance["dropped"].values()) == [1, 1]


def test_gold_links_tell_one_source_under_two_names(gold):
    found = omg.read_gold(gold(row(0, 1, video="a_1", link="x"), row(0, 1, video="b", link="x")))
    assert found.provenance["links"] == {"a_1_utterance_1": "x", "b_utterance_1": "x"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(0, 1), row(1, 2, arousal=1.5, utterance=2)], r"csv:3: arousal 1.5 is outside \[0, 1"),
        ([row(0, 1, arousal=-0.5)], r"csv:2: arousal -0.5 is outside \[0, 1\]"),
        ([row(0, 1, valence=30)], r"csv:2: valence 30 is outside \[-1, 1\]"),
        ([row(0, 1, code=7)], r"csv:2: EmotionMaxVote 7 is none of the codes 0 anger"),
        ([row("soon", 1)], r"csv:2: start 'soon' is not a number"),
        ([row(1, 0)], "holds no usable rows"),
        ([], "holds no rows"),
    ],
)
def test_gold_bad_rows_are_refused(gold, rows, message):
    with pytest.raises(InputError, match=message):
        omg.read_gold(gold(*rows))


def test_gold_split_without_labels_is_refused(gold):
    path = gold("l,0,1,v,utterance_1.mp4", header="link,start,end,video,utterance")
    with pytest.raises(InputError, match="should hold 'arousal' once"):
        omg.read_gold(path)


@pytest.mark.parametrize("options", [{"clock": "wall"}, {"step": 0}, {"step": -1.0}])
def test_gold_bad_options_are_refused(gold, options):
    with pytest.raises(InputError, match="clock 'wall'|step must be"):
        omg.read_gold(gold(row(0, 1)), **options)


def test_raters_hundredfold_values_and_words(tmp_path, gold):
    write_rating(tmp_path, "75.0,-28.5,Anger")
    write_rating(tmp_path, "0,100,Happy", annotator=2)
    utterances = gold(row(3, 7, video="05f", utterance=8))
    found = omg.read_raters(tmp_path / "DetailedAnnotation", utterances=utterances)
    assert found.dimensional["track"].tolist() == ["05f_utterance_8"] * 2
    assert found.dimensional["arousal"].tolist() == [0.5, -1.0]
    assert found.dimensional["valence"].tolist() == pytest.approx([-0.285, 1.0])
    assert found.dimensional["rater"].tolist() == ["1", "2"]
    assert found.dimensional["time"].tolist() == [2.0, 2.0]
    assert found.categorical["emotion"].tolist() == ["anger", "happiness"]
    assert set(found.categorical["end"]) == {4.0} and not found.problems
    assert len(found.provenance["files"]) == 3


def test_raters_source_clock_is_that_of_the_gold_standard(tmp_path, gold):
    path = write_rating(tmp_path, "50,0,Neutral")
    utterances = gold(row(3, 7, video="05f", utterance=8))
    found = omg.read_raters(path, utterances=utterances, clock="source")
    assert found.dimensional["time"].tolist() == [5.0]
    assert found.categorical[["start", "end"]].to_numpy().tolist() == [[3.0, 7.0]]


def test_raters_second_level_of_utterances_means_the_same(tmp_path):
    path = write_rating(tmp_path, "50,0,Neutral", utterance="utterance_8.mp4/utterance_8.mp4")
    found = omg.read_raters(path, duration=2.0)
    assert set(found.dimensional["track"]) == {"05f_utterance_8"}


def test_raters_same_rating_in_two_places_is_read_once(tmp_path):
    write_rating(tmp_path, "50,0,Neutral")
    write_rating(tmp_path, "50,0,Neutral", utterance="utterance_8.mp4/utterance_8.mp4")
    found = omg.read_raters(tmp_path, duration=2.0)
    assert len(found.dimensional) == 1
    assert "has another file about 05f_utterance_8" in found.problems[0]


def test_raters_words_beyond_the_seven_are_dropped_with_a_count(tmp_path):
    write_rating(tmp_path, "50,0,Contempt")
    found = omg.read_raters(tmp_path, duration=1.0)
    assert len(found.dimensional) == 1 and found.categorical.empty
    assert sum(found.provenance["dropped"].values()) == 1
    assert "'contempt'" in found.problems[0].lower()


def test_raters_utterance_without_times_is_reported(tmp_path, gold):
    write_rating(tmp_path, "50,0,Neutral")
    write_rating(tmp_path, "50,0,Neutral", utterance="utterance_9.mp4")
    utterances = gold(row(3, 7, video="05f", utterance=8))
    found = omg.read_raters(tmp_path, utterances=utterances)
    assert len(found.dimensional) == 1
    assert "has no times for 05f_utterance_9" in found.problems[0]


@pytest.mark.parametrize(
    "options",
    [{}, {"duration": 1.0, "utterances": "x.csv"}, {"duration": 0.0},
     {"duration": 1.0, "clock": "source"}],
)  # fmt: skip
def test_raters_need_exactly_one_source_of_times(tmp_path, options):
    path = write_rating(tmp_path, "50,0,Neutral")
    with pytest.raises(InputError, match="give either utterances|duration .* above 0"):
        omg.read_raters(path, **options)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("101,0,Anger", r"1.txt:2: arousal 101 is outside \[0, 100\]"),
        ("-1,0,Anger", r"1.txt:2: arousal -1 is outside \[0, 100\]"),
        ("0,,Anger", r"1.txt:2: valence '' is not a number"),
        ("0,0,Anger\r\n0,0,Fear", r"1.txt:3: a second rating"),
    ],
)
def test_raters_bad_files_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        omg.read_raters(write_rating(tmp_path, text), duration=1.0)


def test_raters_file_outside_its_folders_is_refused(tmp_path):
    (tmp_path / "1.txt").write_text("arousal,valence,emotion\n0,0,Fear\n")
    with pytest.raises(InputError, match="not in a folder such as"):
        omg.read_raters(tmp_path / "1.txt", duration=1.0)


def test_matches_tells_gold_from_raters(tmp_path, gold):
    gold_format, rater_format = omg.FORMATS
    path, rating = gold(row(0, 1)), write_rating(tmp_path, "0,0,Fear")
    assert gold_format.matches(path) and not rater_format.matches(path)
    assert rater_format.matches(rating) and not gold_format.matches(rating)
    assert rater_format.matches(tmp_path) and not gold_format.matches(tmp_path)


@pytest.fixture(scope="session")
def real():
    """Return the folder of real OMG-Emotion files, or skip."""
    folder = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not folder:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real annotation files to test with")
    return Path(folder) / "omg_emotion"


def test_real_gold_standard_has_the_known_counts_and_extremes(real):
    found = omg.read_gold(real / "omg_ValidationVideos.csv")
    assert len(found.dimensional) == len(found.categorical) == 617
    assert found.dimensional["track"].nunique() == 617
    assert (
        found.dimensional["track"].str.replace(r"_utterance_\d+$", "", regex=True).nunique() == 60
    )
    arousal = (found.dimensional["arousal"] + 1) / 2  # as in the file
    assert arousal.min() == 0 and round(arousal.max(), 3) == 0.985
    valence = found.dimensional["valence"]
    assert valence.min() == -1 and round(valence.max(), 3) == 0.911
    assert found.provenance["overlaps"] == 236
    assert not found.provenance["dropped"] and not found.problems
    assert set(found.categorical["emotion"]) == set(EMOTIONS)
    assert found.categorical["emotion"].value_counts()["happiness"] == 207


def test_real_gold_standard_in_the_source_clock(real):
    found = omg.read_gold(real / "omg_ValidationVideos.csv", clock="source")
    assert found.categorical["start"].iloc[0] == pytest.approx(0.8757512)
    assert "236 utterances" in found.problems[0]


def test_real_raters_have_the_known_values(real):
    found = omg.read_raters(real / "DetailedAnnotation", duration=1.0)
    values = {
        (track, rater): (round((arousal + 1) * 50, 6), round(valence * 100, 6))
        for track, rater, arousal, valence in found.dimensional[
            ["track", "rater", "arousal", "valence"]
        ].itertuples(index=False)
    }
    assert values == {
        ("05f6b3a3f_1_utterance_8", "1"): (56.9, -28.5),
        ("05f6b3a3f_1_utterance_10", "3"): (96.0, 90.3),
        ("0741917c2_1_utterance_4", "2"): (10.1, 13.6),
    }
    assert sorted(found.categorical["emotion"]) == ["anger", "neutral", "surprise"]
