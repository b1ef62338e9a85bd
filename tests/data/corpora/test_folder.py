"""A folder of one's own: three tables, videos or folders of pictures."""

import math

import pandas as pd
import pytest

from emolib.data.corpora import describe
from emolib.errors import InputError

FILES = {
    "videos.csv": "video,people\ntalk,2\n001,\n",
    "people.csv": "track,video,person\ntalk_left,talk,anna\ntalk_right,talk,ben\n001,001,anna\n",
    "annotations.csv": "file,track,format\na.eaf,001,elan\n",
    "videos/talk.mp4": "",
    "videos/001.avi": "",
}


def test_tables_say_who_is_in_which_video(lay_out):
    folder = lay_out(FILES)
    corpus = describe("folder", path=folder)
    videos = corpus.videos.set_index("video")
    assert videos["path"].to_dict() == {
        "001": str(folder / "videos/001.avi"),
        "talk": str(folder / "videos/talk.mp4"),
    }
    assert videos.loc["talk", "people"] == 2 and pd.isna(videos.loc["001", "people"])
    assert videos["tracks"].tolist() == [[], []] and set(videos["crops"]) == {""}
    assert all(map(math.isnan, videos["image_rate"]))
    assert corpus.people["person"].tolist() == ["anna", "ben", "anna"]
    assert set(corpus.people["part"]) == {""} and not corpus.problems
    assert corpus.sources[0].format == "elan" and corpus.sources[0].path == folder / "a.eaf"


def test_a_video_may_be_a_folder_of_pictures_and_have_a_part(lay_out):
    folder = lay_out(
        FILES
        | {
            "videos.csv": "video,people,image_rate\nfilm,1,23.976\ntalk,2,\n001,,\n",
            "people.csv": "track,video,person,part\nfilm,film,eve,test\n001,001,eve,\n",
            "videos/film/00001.png": "",
        }
    )
    corpus = describe("folder", path=folder)
    film = corpus.videos.set_index("video").loc["film"]
    assert film["path"] == str(folder / "videos/film") and film["image_rate"] == 23.976
    assert corpus.people["part"].tolist() == ["test", ""]


def test_listed_video_without_a_file_is_reported(lay_out):
    corpus = describe("folder", path=lay_out(FILES | {"videos.csv": "video,people\ngone,1\n"}))
    assert corpus.problems[0][0] == "gone" and "of which there is no file" in corpus.problems[0][1]
    assert corpus.videos["video"].tolist() == ["001", "talk"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("videos.csv", None, r"videos\.csv: no such file; the page 'Use your own corpus'"),
        ("people.csv", None, r"people\.csv: no such file; the page"),
        ("annotations.csv", None, r"annotations\.csv: no such file; the page"),
        ("videos.csv", "video,people\ntalk,two\n", "video talk has 'two' people"),
        ("videos.csv", "video,people,image_rate\ntalk,1,fast\n", "image_rate 'fast'"),
        ("videos.csv", b"video,people\n\xff,1\n", r"videos\.csv: cannot be read as a table"),
        ("videos.csv", "", r"videos\.csv: cannot be read as a table"),
        ("people.csv", "track,person\ntalk,anna\n", "no column 'video'"),
        ("people.csv", "track,video,person\na,a,b\na,a,b\n", "track 'a' is listed twice"),
        ("people.csv", "track,video,person,part\na,a,b,dev\n", "part 'dev' is none of train"),
    ],
)
def test_unusable_tables_are_explained(lay_out, name, text, message):
    folder = lay_out({key: value for key, value in FILES.items() if key != name})
    if text is not None:
        lay_out({name: text})
    with pytest.raises(InputError, match=message):
        describe("folder", path=folder)
