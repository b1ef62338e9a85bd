"""OMG-Emotion: clips or whole sources, utterances that overlap, people who come back."""

import numpy as np
import pytest

from emolib.data.annotations import read_sources
from emolib.data.corpora import describe
from emolib.errors import InputError

HEADER = "link,start,end,video,utterance,arousal,valence,EmotionMaxVote"
EMPTY = ",,,,,0.5,0.5,"


def row(source, start, end, video, utterance, arousal=0.75, valence=0.5, code=3):
    link = f"https://www.youtube.com/watch?v={source}"
    return f"{link},{start},{end},{video},utterance_{utterance}.mp4,{arousal},{valence},{code}"


def table(*rows):
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.fixture
def files():
    """Return a small corpus: two sources, one of which is in two lists."""
    return {
        "omg_TrainVideos.csv": table(
            row("aBc_1", 10, 14, "0a_1", 1),
            row("aBc_1", 13, 20, "0a_1", 3, valence=-0.5, code=5),
            row("x-y", 0, 5, "0b", 1, code=4),
            EMPTY,
            EMPTY,
        ),
        "omg_ValidationVideos.csv": table(row("aBc_1", 30, 34, "0c", 1)),
        "omg_TestVideos_WithoutLabels.csv": "link,start,end,video,utterance\nl,0,1,9,u_1.mp4\n",
    }


def test_cut_clips_are_tracks_and_people_go_by_link(lay_out, files):
    clips = ["Train/0a_1/utterance_1", "Train/0a_1/utterance_3", "Train/0b/utterance_1"]
    clips += ["Validation/0c/utterance_1"]
    corpus = describe("omg", path=lay_out(files | {f"{clip}.mp4": "" for clip in clips}))
    people = corpus.people.set_index("track")
    assert people["person"].to_dict() == {
        "0a_1_utterance_1": "aBc_1",
        "0a_1_utterance_3": "aBc_1",
        "0b_utterance_1": "x-y",
        "0c_utterance_1": "aBc_1",
    }
    assert people["part"].to_list() == ["", "", "train", ""]
    assert corpus.videos["tracks"].tolist() == [[track] for track in people.index]
    assert [text for _, text in corpus.problems] == [
        "0a_1_utterance_1, 0a_1_utterance_3, 0c_utterance_1: are or meet the same person, but are "
        "in train and validation; they are in no part"
    ]
    dimensional, categorical, problems = read_sources(corpus.sources)
    of_first = dimensional[dimensional["track"] == "0a_1_utterance_1"]
    assert 0 < of_first["time"].min() < 0.1 and 3.9 < of_first["time"].max() < 4
    assert of_first["time"].diff().max() <= 0.1 + 1e-9
    assert set(of_first["valence"]) == {0.5} and set(of_first["arousal"]) == {0.5}
    assert categorical[["track", "start", "end", "emotion"]].to_numpy().tolist() == [
        ["0a_1_utterance_1", 0, 4, "happiness"],
        ["0a_1_utterance_3", 0, 7, "sadness"],
        ["0b_utterance_1", 0, 5, "neutral"],
        ["0c_utterance_1", 0, 4, "happiness"],
    ]
    assert len(problems) == 1 and "left out 2 rows with empty cells" in problems[0][1]


def test_of_whole_sources_what_two_utterances_share_has_no_label(lay_out, files):
    folder = lay_out(files | {"videos/aBc_1.mp4": "", "videos/x-y.webm": ""})
    corpus = describe("omg", path=folder, videos="sources")
    assert corpus.videos["video"].tolist() == ["aBc_1", "x-y"]
    assert corpus.people[["track", "person", "part"]].to_numpy().tolist() == [
        ["aBc_1", "aBc_1", ""],
        ["x-y", "x-y", "train"],
    ]
    dimensional, categorical, problems = read_sources(corpus.sources)
    intervals = categorical[["track", "start", "end", "emotion"]].to_numpy().tolist()
    assert intervals == [
        ["aBc_1", 10, 13, "happiness"],
        ["aBc_1", 14, 20, "sadness"],
        ["x-y", 0, 5, "neutral"],
        ["aBc_1", 30, 34, "happiness"],
    ]
    times = dimensional.loc[dimensional["track"] == "aBc_1", "time"].to_numpy()
    assert not np.any((times > 13) & (times < 14)) and np.all(times >= 10)
    assert dimensional.groupby("track")["rater"].nunique().max() == 1
    assert any("left out 1 seconds that have two ratings" in text for _, text in problems)


def test_utterances_without_a_clip_and_clips_without_a_label_are_reported(lay_out, files):
    clips = {"0b/utterance_1.mp4": "", "0b/utterance_2.mp4": "", "copy/0b/utterance_1.mp4": ""}
    corpus = describe("omg", path=lay_out(files | clips))
    assert corpus.videos["video"].tolist() == ["0b_utterance_1"]
    text = " ".join(problem for _, problem in corpus.problems)
    assert "omg_TrainVideos.csv: there is no video '0a_1_utterance_3'" in text
    assert "0b/utterance_2.mp4: no list has a label for it" in text
    assert "copy/0b/utterance_1.mp4: " in text and "remove one of the two" in text
    assert len(corpus.sources) == 1


def test_folder_without_lists_or_videos_is_refused(lay_out, files):
    with pytest.raises(InputError, match="holds no list of utterances with labels"):
        describe("omg", path=lay_out({"a/utterance_1.mp4": ""}))
    with pytest.raises(InputError, match="holds no video with labels; is this OMG-Emotion"):
        describe("omg", path=lay_out(files, "lists"))
