"""A folder of clips with tables beside them."""

import pytest

from emolib.data.annotations import read_sources
from emolib.data.corpora import describe
from emolib.errors import InputError

TRACE = {"columns": {"time": "t", "valence": "v", "arousal": "a"}, "time_unit": "ms", "scale": 10}
INTERVALS = {"columns": {"start": "on", "end": "off", "emotion": "what"}, "time_unit": "s"}


def test_every_clip_has_its_tables_by_their_endings(lay_out):
    folder = lay_out(
        {
            "anna_3.mp4": "",
            "more/ben.avi": "",
            "anna_3.csv": "t,v,a\r\n0,5,-5\r\n40,10,0\r\n",
            "anna_3_emotions.csv": "on,off,what\n0,1,joy\n",
            "more/ben_emotions.csv": "on,off,what\n0,2,calm\n",
            "notes.csv": "nothing\n",
            "eve.mov": "",
        }
    )
    endings = {".csv": TRACE, "_emotions.csv": INTERVALS}
    corpus = describe("clips", path=folder, annotations=endings)
    assert corpus.videos["video"].tolist() == ["anna_3", "ben"]
    assert corpus.people["person"].tolist() == ["anna_3", "ben"]
    assert corpus.problems == [
        ("notes.csv", f"{folder}/notes.csv: there is no clip 'notes'"),
        ("eve.mov", f"{folder}/eve.mov: has no table, so it is not used"),
    ]
    dimensional, categorical, problems = read_sources(corpus.sources)
    assert dimensional[["track", "time", "valence", "arousal"]].to_numpy().tolist() == [
        ["anna_3", 0.0, 0.5, -0.5],
        ["anna_3", 0.04, 1.0, 0.0],
    ]
    assert categorical[["track", "end", "emotion"]].to_numpy().tolist() == [
        ["anna_3", 1.0, "happiness"],
        ["ben", 2.0, "neutral"],
    ]
    assert not problems


def test_valence_and_arousal_in_two_tables_are_joined(lay_out):
    columns = {"columns": {"time": "t", "valence": "x"}, "time_unit": "s", "scale": 1}
    other = columns | {"columns": {"time": "t", "arousal": "x"}}
    folder = lay_out(
        {"a.mp4": "", "a_valence.csv": "t,x\n0,0.5\n1,0.25\n", "a_arousal.csv": "t,x\n0,1\n1,0\n"}
    )
    endings = {"_valence.csv": columns, "_arousal.csv": other}
    corpus = describe("clips", path=folder, annotations=endings)
    dimensional, _, problems = read_sources(corpus.sources)
    assert dimensional[["time", "valence", "arousal"]].to_numpy().tolist() == [
        [0.0, 0.5, 1.0],
        [1.0, 0.25, 0.0],
    ]
    assert not problems


def test_people_come_from_a_table(lay_out):
    files = {"a1.mp4": "", "a2.mp4": "", "a1.csv": "t,v,a\n0,0,0\n", "a2.csv": "t,v,a\n0,0,0\n"}
    folder = lay_out(files | {"people.txt": "track,person\na1,anna\na2,anna\n"})
    options = {"path": folder, "annotations": {".csv": TRACE}}
    corpus = describe("clips", **options, people=folder / "people.txt")
    assert corpus.people["person"].tolist() == ["anna", "anna"]
    (folder / "people.txt").write_text("track,person\na1,anna\n")
    with pytest.raises(InputError, match="does not say who is in 'a2'; add a row for it"):
        describe("clips", **options, people=folder / "people.txt")


def test_options_that_the_format_does_not_have_are_refused_at_once(lay_out):
    folder = lay_out({"a.mp4": "", "a.csv": "t,v,a\n0,0,0\n"})
    with pytest.raises(InputError, match="format generic has no option 'speed'"):
        describe("clips", path=folder, annotations={".csv": TRACE | {"speed": 2}})
    with pytest.raises(InputError, match="format generic needs the option 'columns'"):
        describe("clips", path=folder, annotations={".csv": {}})
