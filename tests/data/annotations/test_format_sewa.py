"""Tests of the SEWA format, on files written here in its layout."""

import pytest

from emolib.data.annotations.formats import sewa
from emolib.errors import InputError

TEXT = "'Train_DE_01';0.0;0.125;0.5;-0.9\n'Train_DE_01';0.1;-0.25;1;0.3\n"


def test_arousal_comes_before_valence(write_text):
    found = sewa.read_sewa(write_text("Train_DE_01.csv", TEXT))
    assert found.dimensional["arousal"].tolist() == [0.125, -0.25]
    assert found.dimensional["valence"].tolist() == [0.5, 1.0]
    assert found.dimensional["time"].tolist() == [0.0, 0.1]
    assert found.dimensional["track"].tolist() == ["Train_DE_01", "Train_DE_01"]
    assert found.provenance["columns_not_read"] == ["liking"]
    assert not found.problems and found.categorical.empty


def test_first_line_is_data_for_there_is_no_header(write_text):
    assert len(sewa.read_sewa(write_text("a.csv", TEXT)).dimensional) == 2
    header = "name;time;arousal;valence;liking\n"
    with pytest.raises(InputError, match=r"b\.csv:1: valence 'valence' is not a number"):
        sewa.read_sewa(write_text("b.csv", header + TEXT))


def test_line_ends_and_options(write_text):
    path = write_text("a.csv", b"\xef\xbb\xbf" + b"x;0;5;-10;0\r\n")
    found = sewa.read_sewa(path, track="person", rater="anna", scale=10).dimensional
    assert found.to_numpy().tolist() == [["person", 0.0, -1.0, 0.5, "anna"]]


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("x;0;0;0\n", {}, r"a\.csv:1: 4 cells where 5 are expected"),
        ("x;0;0;-5;0\n", {}, r"a\.csv:1: valence -5 is outside \[-1, 1\]"),
        ("x;0;;0;0\n", {}, r"a\.csv:1: arousal '' is not a number"),
        ("", {}, r"a\.csv: holds no rows"),
        (TEXT, {"scale": 0}, "scale must be a number above 0; found 0"),
        (TEXT + "y;0;0;0;0\n", {"track": "x"}, "holds 2 instances"),
    ],
)
def test_bad_file_raises(write_text, text, options, problem):
    with pytest.raises(InputError, match=problem):
        sewa.read_sewa(write_text("a.csv", text), **options)


def test_matches_its_own_layout_only(write_text, tmp_path):
    matches = sewa.FORMATS[0].matches
    assert matches(write_text("a.csv", TEXT))
    assert not matches(write_text("b.csv", "time;A;B;C;D\n0;0;0;0;0\n"))
    assert not matches(tmp_path)
