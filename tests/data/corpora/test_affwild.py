"""Aff-Wild of 2017: pairs of text files, and videos with names that begin alike."""

import math

import numpy as np
import pytest

from emolib.data.annotations import read_sources
from emolib.data.corpora import describe
from emolib.errors import InputError


def labels(video, valence="0.5\n-0.25\n", arousal="0.1\n0.2\n", part="train"):
    return {
        f"annotations/{part}/valence/{video}.txt": valence,
        f"annotations/{part}/arousal/{video}.txt": arousal,
    }


def test_pairs_of_files_become_a_track_with_both_dimensions(lay_out):
    folder = lay_out(
        {"videos/train/105.mp4": "", "videos/train/10.avi": "", "videos/test/7.mp4": ""}
        | labels("105")
        | labels("10", "0\r\n1\r\n", "1\r\n0\r\n")
    )
    corpus = describe("affwild", path=folder)
    videos = corpus.videos.set_index("video")
    assert videos["path"].to_dict() == {
        "10": str(folder / "videos/train/10.avi"),
        "105": str(folder / "videos/train/105.mp4"),
    }
    assert videos["people"].tolist() == [1, 1] and videos["tracks"].tolist() == [["10"], ["105"]]
    assert math.isnan(videos["image_rate"].iloc[0]) and set(videos["crops"]) == {""}
    assert corpus.people.to_numpy().tolist() == [
        ["10", "10", "10", "train"],
        ["105", "105", "105", "train"],
    ]
    bounds = {name: np.array([0.0, 0.1, 0.2]) for name in videos.index}
    dimensional, categorical, problems = read_sources(corpus.sources, bounds)
    assert dimensional[["track", "time", "valence", "arousal"]].to_numpy().tolist() == [
        ["10", 0.0, 0.0, 1.0],
        ["10", 0.1, 1.0, 0.0],
        ["105", 0.0, 0.5, 0.1],
        ["105", 0.1, -0.25, 0.2],
    ]
    assert categorical.empty and not problems
    assert corpus.problems == [
        ("7.mp4", f"{folder}/videos/test/7.mp4: has no labels, so the video is not used")
    ]


def test_files_per_frame_are_not_looked_through(lay_out):
    noise = {"bboxs/train/105/0.txt": "1 2\n", "landmarks/train/valence/105.txt": "1\n"}
    corpus = describe("affwild", path=lay_out({"videos/train/105.mp4": ""} | labels("105") | noise))
    assert not corpus.problems and len(corpus.sources) == 1


def test_what_does_not_fit_together_is_reported_and_the_rest_goes_on(lay_out):
    lonely = labels("30")
    del lonely["annotations/train/arousal/30.txt"]
    folder = lay_out(
        {"videos/train/1.mp4": "", "videos/train/30.mp4": "", "more/1.avi": ""}
        | labels("1")
        | labels("10")
        | lonely
    )
    corpus = describe("affwild", path=folder)
    assert corpus.videos["video"].tolist() == ["1"]
    sentences = dict(corpus.problems)
    assert "another video of '1'" in sentences["1.mp4"]
    assert "there is no video 10.mp4 or 10.avi" in sentences["10.txt"]
    assert "the other dimension of '30' is not there" in sentences["30.txt"]
    assert "has no labels" in sentences["30.mp4"]


def test_folder_without_the_corpus_is_refused(lay_out, tmp_path):
    with pytest.raises(InputError, match="no such folder; `path` in the configuration"):
        describe("affwild", path=tmp_path / "absent")
    with pytest.raises(InputError, match="holds no video with labels; is this Aff-Wild"):
        describe("affwild", path=lay_out({"videos/train/105.mp4": ""}))


def test_added_annotations_give_categories_to_a_corpus_without(lay_out):
    folder = lay_out({"videos/train/105.mp4": ""} | labels("105"))
    added = lay_out(
        {
            "annotations.csv": "file,track,content,delimiter,columns,time_unit,scale\n"
            "105.csv,105,categorical,comma,,s,1\n105.csv,105,emotions,comma,,s,1\n",
            "105.csv": "start,end,emotion\n0,0.1,happy\n",
        },
        "categories",
    )
    corpus = describe("affwild", path=folder, added_annotations=added)
    dimensional, categorical, _ = read_sources(corpus.sources, {"105": np.array([0, 0.1, 0.2])})
    assert len(dimensional) == 2
    assert categorical[["track", "emotion"]].to_numpy().tolist() == [["105", "happiness"]]
    assert "annotations.csv:3: content 'emotions' is none of" in corpus.problems[0][1]
    with pytest.raises(InputError, match=r"none/annotations.csv: no such file"):
        describe("affwild", path=folder, added_annotations=folder / "none")
