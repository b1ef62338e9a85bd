"""Tests of the generic format: tables of text described by options."""

import numpy as np
import pytest

from emolib.data.annotations.formats import generic
from emolib.errors import InputError

TRACE = "ms;who;A;V;liking\n0;anna;-500;250;1\n40;ben;-5;-5;1\n80;anna;1000;0;1\n"
READ = {"delimiter": "semicolon", "time_unit": "ms", "scale": 1000}
BOTH = {"time": "ms", "valence": "V", "arousal": "A"}


def test_columns_unit_scale_and_offset_are_those_of_the_options(write_text):
    path = write_text("a.csv", TRACE)
    found = generic.read_generic(path, columns=BOTH, offset=1.5, rater="x", track="v", **READ)
    assert found.dimensional.iloc[[0, 2]].to_numpy().tolist() == [
        ["v", 1.5, 0.25, -0.5, "x"],
        ["v", 1.58, 0.0, 1.0, "x"],
    ]
    assert found.categorical.empty and not found.problems


def test_invalid_markers_go_before_any_arithmetic(write_text):
    path = write_text("a.csv", TRACE.replace("-5;-5", "-5.0;-5"))
    found = generic.read_generic(path, columns=BOTH, invalid=["-5"], **READ)
    assert found.dimensional["time"].tolist() == [0.0, 0.08]
    assert sum(found.provenance["dropped"].values()) == 1 and len(found.problems) == 1


def test_invalid_marker_within_the_scale_is_not_taken_for_a_value_nor_rescaled(write_text):
    text = "t,v\n0,0.5\n1,-5\n2,\n"
    path = write_text("a.csv", text)
    columns, unit = {"time": "t", "valence": "v"}, {"time_unit": "s", "scale": 1}
    with pytest.raises(InputError, match=r"a\.csv:3: valence -5 is outside \[-1, 1\]"):
        generic.read_generic(path, columns=columns, invalid=[""], **unit)
    found = generic.read_generic(path, columns=columns, invalid=["", -5], **unit)
    assert found.dimensional["valence"].tolist() == [0.5]


def test_one_dimension_alone_leaves_the_other_nan_and_a_column_can_name_raters(write_text):
    columns = {"time": "ms", "arousal": "A", "rater": "who"}
    found = generic.read_generic(write_text("a.csv", TRACE), columns=columns, **READ).dimensional
    assert found["valence"].isna().all()
    assert found["rater"].tolist() == ["anna", "ben", "anna"] and set(found["track"]) == {"a"}


def test_scale_can_be_the_two_ends_of_a_range(write_text):
    path = write_text("a.txt", b"\xef\xbb\xbf0 1 9\r\n1 5 7\r\n")
    found = generic.read_generic(
        path,
        columns=BOTH | {"time": "t"},
        header=["t", "V", "A"],
        delimiter="whitespace",
        time_unit="s",
        scale=(1, 9),
    ).dimensional
    np.testing.assert_array_equal(found[["valence", "arousal"]], [[-1, 1], [0, 0.5]])


def test_intervals_of_words_with_pass_and_track(write_text):
    text = "on,off,mood,clip,round\n0,1,HAPPY,a,1\n1,2,contempt,a,1\n2,3,sad,b,2\n"
    columns = {"start": "on", "end": "off", "emotion": "mood", "track": "clip", "pass": "round"}
    found = generic.read_generic(write_text("x.csv", text), columns=columns, time_unit="s")
    assert found.categorical.to_numpy().tolist() == [
        ["a", 0.0, 1.0, "happiness", "x", 1],
        ["b", 2.0, 3.0, "sadness", "x", 2],
    ]
    assert len(found.problems) == 1 and "'contempt'" in found.problems[0]
    assert found.dimensional.empty


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"columns": {"time": "ms"}}, "columns must name time with valence"),
        ({"columns": {"start": "ms", "end": "A"}}, "columns must name time with valence"),
        ({"columns": BOTH | {"start": "ms"}}, "columns must name time with valence"),
        ({"columns": BOTH | {"mood": "A"}}, "columns: 'mood' is none of track"),
        ({"columns": BOTH | {"time": "t"}}, "should hold 't' once"),
        ({"scale": None}, "scale is needed"),
        ({"scale": 0}, "scale must be a number above 0"),
        ({"scale": (9, 1)}, "is not a low end and a high end"),
        ({"scale": 1}, r"a\.csv:2: valence 250 is outside \[-1, 1\]"),
        ({"time_unit": "h"}, "time_unit: 'h' is none of s, ms"),
        ({"delimiter": "tab"}, "delimiter: 'tab' is none of comma"),
        ({"delimiter": "comma"}, "should hold 'ms' once"),
        ({"columns": BOTH | {"rater": "who"}, "rater": "x"}, "rater is given twice"),
        ({"columns": BOTH | {"valence": "who"}}, r"a\.csv:2: who 'anna' is not a number"),
    ],
)
def test_options_that_do_not_fit_raise(write_text, options, problem):
    path = write_text("a.csv", TRACE)
    with pytest.raises(InputError, match=problem):
        generic.read_generic(path, **({"columns": BOTH} | READ | options))


def test_interval_that_ends_before_it_starts_raises_with_line(write_text):
    path = write_text("a.csv", "start,end,emotion\n0,1,sad\n2,2,sad\n")
    columns = {name: name for name in generic.INTERVAL}
    with pytest.raises(InputError, match=r"a\.csv:3: ends at 2 s, not after its start"):
        generic.read_generic(path, columns=columns, time_unit="s")


def test_matches_text_only(write_text, tmp_path):
    matches = generic.FORMATS[0].matches
    assert matches(write_text("a.csv", TRACE))
    assert not matches(write_text("b.csv", b"\xff\xfe")) and not matches(tmp_path)
    assert not matches(write_text("c.csv", "")) and not matches(write_text("d.png", TRACE))


def test_real_fused_signal(sample_data):
    path = sample_data / "muse_toolbox/processed/arousal/11.csv"
    columns = {"time": "Time", "arousal": "value"}
    found = generic.read_generic(path, columns=columns, time_unit="ms", scale=1).dimensional
    assert len(found) == 618 and found["time"].iloc[1] == 0.5
    assert found["arousal"].iloc[0] == pytest.approx(0.0501)
