"""AFEW-VA: folders of pictures, ratings in JSON, actors who come back."""

import json

import numpy as np
import pytest

from emolib.data.annotations import read_sources
from emolib.data.corpora import describe
from emolib.errors import InputError


def clip(name, *ratings, actor="A", keys=None):
    """Return the JSON of a clip, its frames in any order."""
    keys = [f"{number:05d}" for number in range(len(ratings))] if keys is None else keys
    frames = {
        key: {"landmarks": [[0, 0]] * 68, "arousal": arousal, "valence": valence}
        for key, (valence, arousal) in zip(keys, ratings, strict=True)
    }
    return json.dumps({"video_id": name, "actor": actor, "frames": frames})


def pictures(name, count):
    return {f"{name}/{number:05d}.png": "" for number in range(count)}


def test_clips_are_folders_of_pictures_with_a_rate_from_outside(lay_out):
    folder = lay_out(
        pictures("01/001", 2)
        | pictures("01/001_cropped", 2)
        | pictures("12/600", 1)
        | {"01/001/001.json": clip("001", (5, -10), (0, 10)), "all/600.json": clip("600", (1, 1))}
    )
    corpus = describe("afew_va", path=folder, fps=25.0)
    videos = corpus.videos.set_index("video")
    assert videos["path"].str.removeprefix(f"{folder}/").to_dict() == {
        "001": "01/001",
        "600": "12/600",
    }
    assert videos["image_rate"].tolist() == [25.0, 25.0]
    assert not corpus.problems
    bounds = {"001": np.arange(3) / 25, "600": np.array([0.0, 0.04])}
    dimensional, _, _ = read_sources(corpus.sources, bounds)
    assert dimensional.loc[:1, ["track", "time", "valence", "arousal"]].to_numpy().tolist() == [
        ["001", 0.0, 0.5, -1.0],
        ["001", 0.04, 0.0, 1.0],
    ]


def test_an_actor_of_several_clips_is_one_person(lay_out):
    files = {name: pictures(name, 1) for name in ("001", "002", "003", "004")}
    folder = lay_out(
        {path: "" for of in files.values() for path in of}
        | {
            "001.json": clip("001", (0, 0), actor="Meryl"),
            "002.json": clip("002", (0, 0), actor="Robin"),
            "003.json": clip("003", (0, 0), actor="Meryl"),
            "004.json": clip("004", (0, 0), actor=""),
        }
    )
    people = describe("afew_va", path=folder, fps=25).people.set_index("track")["person"]
    assert people.to_dict() == {
        "001": "actor Meryl",
        "002": "actor Robin",
        "003": "actor Meryl",
        "004": "004",
    }


def test_frames_go_by_their_keys_not_by_their_order(lay_out):
    text = clip("001", (3, 0), (1, 0), (2, 0), keys=["00002", "00000", "00001"])
    folder = lay_out(pictures("001", 3) | {"001/001.json": text})
    corpus = describe("afew_va", path=folder, fps=10)
    dimensional, _, _ = read_sources(corpus.sources, {"001": np.arange(4) / 10})
    assert dimensional["valence"].tolist() == [0.1, 0.2, 0.3]
    assert dimensional["time"].tolist() == [0.0, 0.1, 0.2]


def test_ratings_of_more_frames_than_pictures_are_left_out_and_counted(lay_out):
    text = clip("001", (1, 1), (2, 2), (3, 3))
    corpus = describe("afew_va", path=lay_out(pictures("001", 2) | {"001/001.json": text}), fps=10)
    dimensional, _, problems = read_sources(corpus.sources, {"001": np.array([0.0, 0.1, 0.2])})
    assert dimensional["valence"].tolist() == [0.1, 0.2]
    assert "001.json: left out 1 frames beyond the last decoded one" in problems[0][1]


def test_what_does_not_fit_together_is_reported_and_the_rest_goes_on(lay_out):
    folder = lay_out(
        pictures("001", 1)
        | pictures("003", 1)
        | pictures("004", 1)
        | pictures("copy/001", 1)
        | {
            "001/001.json": clip("001", (0, 0)),
            "002.json": clip("002", (0, 0)),
            "004.json": b"\xff\xfe{}",
        }
    )
    corpus = describe("afew_va", path=folder, fps=25)
    assert corpus.videos["video"].tolist() == ["001"]
    sentences = {text.removeprefix(f"{folder}/") for _, text in corpus.problems}
    assert "002.json: there is no folder '002' with its pictures" in sentences
    assert "003: there is no 003.json, so the clip is not used" in sentences
    assert any(text.startswith("004.json: not UTF-8 at byte 0") for text in sentences)
    assert any(text.startswith("copy/001: ") for text in sentences)
    with pytest.raises(InputError, match="holds no video with labels; is this AFEW-VA"):
        describe("afew_va", path=lay_out({"x.txt": ""}, "other"), fps=25)
