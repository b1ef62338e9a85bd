"""Tests of `emolib.data.annotations`: files written here in the layouts that tools leave."""

import os
from pathlib import Path

import numpy as np
import pytest

from emolib.data.annotations import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS, read_annotations
from emolib.data.annotations.delimited import read_delimited, rename_known
from emolib.data.annotations.vocabulary import EMOTION_WORDS, column_name, emotion_name
from emolib.errors import InputError
from emolib.labels import EMOTIONS

HEADER = "file,track,content,delimiter,columns,time_unit,scale"
TRACE = "time,valence,arousal\n0.00,0.5,-0.25\n0.04,0.6,-0.5\n"


@pytest.fixture
def corpus(tmp_path):
    """Return a function that writes annotations.csv and files, and reads them."""

    def read(manifest, **files):
        (tmp_path / "annotations.csv").write_text("\n".join([HEADER, *manifest]) + "\n")
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_annotations(tmp_path)

    return read


def test_read_annotations_three_layouts_mean_the_same(corpus):
    manifest = [
        "a.csv,a,dimensional,comma,,s,1",
        "b.txt,b,dimensional,whitespace,time valence arousal,ms,1000",
        "c.csv,c,dimensional,semicolon,,ms,10",
    ]
    dimensional, categorical, problems = corpus(
        manifest,
        a__csv=TRACE,
        b__txt="0 500 -250\n40  600\t-500\n",
        c__csv="Name;Timestamp ;AROUSAL;Valence;liking\r\nx;0;-2.5;5;1\r\n\r\nx;40;-5;6;1\r\n",
    )
    assert not problems and categorical.empty
    assert list(dimensional.columns) == list(DIMENSIONAL_COLUMNS)
    for track in "abc":
        rows = dimensional[dimensional["track"] == track]
        np.testing.assert_allclose(rows["time"], [0.0, 0.04])
        np.testing.assert_allclose(rows["valence"], [0.5, 0.6])
        np.testing.assert_allclose(rows["arousal"], [-0.25, -0.5])
        assert set(rows["rater"]) == {track}


def test_read_annotations_intervals_of_any_words(corpus):
    text = "Onset,Offset,Label,rater,pass\n0,1500,HAPPY,anna,1\n1500,2000,sad,anna,2\n"
    _, categorical, problems = corpus(["e.csv,v_left,categorical,comma,,ms,1"], e__csv=text)
    assert not problems
    assert list(categorical.columns) == list(CATEGORICAL_COLUMNS)
    assert categorical.to_numpy().tolist() == [
        ["v_left", 0.0, 1.5, "happiness", "anna", 1],
        ["v_left", 1.5, 2.0, "sadness", "anna", 2],
    ]


def test_read_annotations_other_emotions_are_counted_and_never_neutral(corpus):
    text = "start,end,emotion\n0,1,contempt\n1,2,fear\n2,3,contempt\n3,4,other\n"
    _, categorical, problems = corpus(["e.csv,v,categorical,comma,,s,1"], e__csv=text)
    assert categorical["emotion"].tolist() == ["fear"]
    assert len(problems) == 1
    assert "left out 3 of 4 intervals" in problems[0]
    assert "'contempt' 2, 'other' 1" in problems[0]


def test_read_annotations_bad_file_is_reported_and_the_rest_goes_on(corpus):
    manifest = [
        "a.csv,a,dimensional,comma,,s,1",
        "bad.csv,b,dimensional,comma,,s,1",
        "gone.csv,c,categorical,comma,,s,1",
        "a.csv,d,dimensions,comma,,s,1",
    ]
    dimensional, _, problems = corpus(manifest, a__csv=TRACE, bad__csv="time,valence\n0,1\n")
    assert set(dimensional["track"]) == {"a"}
    assert len(problems) == 3
    assert "annotations.csv:5: content 'dimensions' is none of" in problems[0]
    assert "bad.csv: no column for arousal" in problems[1]
    assert "gone.csv: no such file" in problems[2]


LINE = "a.csv,v,dimensional,comma,,s,1"
NO_HEADER = "a.csv,v,dimensional,comma,time valence arousal,s,1"
INTERVALS = "a.csv,v,categorical,comma,,s,1"


@pytest.mark.parametrize(
    ("manifest", "text", "problem"),
    [
        (LINE, "time,valence,arousal\n0,0.1,0.2\n1,0.1\n", r"a\.csv:3: 2 cells where 3 are expec"),
        (LINE, TRACE + "1,,0.1\n", r"a\.csv:4: valence '' is not a number; remove the row or fill"),
        (LINE, TRACE + "1,nan,0.1\n", r"a\.csv:4: valence 'nan' is not a number"),
        (LINE, TRACE + "1,inf,0.1\n", r"a\.csv:4: valence 'inf' is not a number"),
        (LINE, TRACE + '\n1,"0,5",0.1\n', r"a\.csv:5: valence '0,5' .* decimals with a point"),
        (LINE, TRACE + "x,0.5,0.1\n", r"a\.csv:4: time 'x' is not a number"),
        (LINE, TRACE + "1,1.5,0\n", r"a\.csv:4: valence 1\.5 is outside \[-1, 1\] .* like 10,"),
        (LINE, TRACE + "1,0,-740\n", r"a\.csv:4: arousal -740 is outside .* like 1000, not 1"),
        (LINE, "time,valence,arousal\n", r"a\.csv: holds no rows"),
        (LINE, "", r"a\.csv: holds no rows"),
        (LINE, "0,0.1,0.2\n1,0.1,0.2\n", r"a\.csv: no column for time .* among 0, 0\.1, 0\.2"),
        (LINE, "t,time,valence,arousal\n0,0,0,0\n", r"a\.csv: 2 columns for time"),
        (NO_HEADER, TRACE, r"a\.csv:1: time 'time' .* this is a header"),
        (INTERVALS, "start,end,emotion\n0,1,fear\n2,2,fear\n", r"a\.csv:3: ends at 2 s, not after"),
        (LINE, b"time,valence,arousal\n0,0,0\n\xe9,0,0\n", r"a\.csv:3: byte 0xe9 at position 27"),
        (LINE.replace(",1", ",x"), TRACE, r"annotations\.csv:2: scale 'x' is not a number above 0"),
        (LINE.replace(",1", ",0"), TRACE, r"annotations\.csv:2: scale '0' is not a number above 0"),
        (LINE.replace("s,1", "h,1"), TRACE, r"annotations\.csv:2: time_unit 'h' is none of s, ms"),
        (LINE.replace("comma", "tab"), TRACE, r"annotations\.csv:2: delimiter 'tab' is none of"),
        (LINE.replace("a.csv", ""), TRACE, r"annotations\.csv:2: file is empty"),
    ],
)  # fmt: skip
def test_read_annotations_nothing_usable_raises_with_file_and_line(corpus, manifest, text, problem):
    with pytest.raises(InputError, match=problem) as error:
        corpus([manifest], a__csv=text)
    assert "none of the annotation files can be used" in str(error.value)


def test_read_annotations_file_listed_twice_is_read_once(corpus):
    dimensional, _, problems = corpus([LINE, LINE], a__csv=TRACE)
    assert len(dimensional) == 2
    assert problems[0].endswith("annotations.csv:3: a.csv is listed twice")


def test_read_annotations_byte_order_mark_is_ignored(corpus):
    dimensional, _, problems = corpus([LINE], a__csv=b"\xef\xbb\xbf" + TRACE.encode())
    assert len(dimensional) == 2 and not problems


def test_read_annotations_without_manifest_raises(tmp_path):
    with pytest.raises(InputError, match=r"annotations\.csv: no such file"):
        read_annotations(tmp_path)


def test_read_annotations_manifest_without_a_column_raises(tmp_path):
    (tmp_path / "annotations.csv").write_text("file,track\na.csv,v\n")
    with pytest.raises(InputError, match="no column 'content'; it needs file, track"):
        read_annotations(tmp_path)


def test_vocabulary_knows_the_seven_and_its_own_names():
    assert tuple(EMOTION_WORDS) == EMOTIONS
    assert all(emotion_name(emotion) == emotion for emotion in EMOTIONS)
    for column in ("time", "valence", "arousal", "start", "end", "emotion", "rater", "pass"):
        assert column_name(column) == column


@pytest.fixture
def sample_data():
    folder = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not folder:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real annotation files to test with")
    return Path(folder)


def test_read_delimited_real_tool_exports(sample_data):
    fused = read_delimited(sample_data / "muse_toolbox/processed/arousal/11.csv")
    assert rename_known(fused, ["time"]).numbers("time")[:3].tolist() == [0, 500, 1000]
    dump = sample_data / "carma/20211213T073640.csv"
    values = read_delimited(dump, columns=["time", "valence"]).numbers("valence")
    assert len(values) == 26 and values[0] == -0.5597


def test_emotion_name_real_labellers_write_in_mixed_case(sample_data):
    legend = read_delimited(sample_data / "facial_expressions/legend.csv")
    unknown = {word for word in legend.text("emotion") if emotion_name(word) is None}
    assert {word.lower() for word in unknown} == {"contempt"}
