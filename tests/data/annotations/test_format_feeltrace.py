"""Tests of the FEELTRACE format, on files written here in its layout."""

import numpy as np
import pytest

from emolib.data.annotations.formats import feeltrace
from emolib.errors import InputError

VALENCE = "0.02 0.5\n0.04\t-0.25\n"
AROUSAL = "0.02 -1\n0.04 1\n"


def test_pair_of_equal_stamps_gives_joint_rows_from_either_file(write_text):
    valence = write_text("R1S1TUDV.txt", VALENCE)
    arousal = write_text("R1S1TUDA.txt", AROUSAL)
    for path in (valence, arousal):
        found = feeltrace.read_feeltrace(path)
        assert found.dimensional.to_numpy().tolist() == [
            ["R1S1TU", 0.02, 0.5, -1.0, "R1S1TU"],
            ["R1S1TU", 0.04, -0.25, 1.0, "R1S1TU"],
        ]
        assert found.provenance["same_stamps"] and len(found.provenance["files"]) == 2


def test_pair_of_other_stamps_is_not_interpolated(write_text):
    path = write_text("aDV.txt", VALENCE)
    write_text("aDA.txt", "0.03 0.75\n")
    found = feeltrace.read_feeltrace(path, track="v", rater="anna")
    expected = [[0.02, 0.5, np.nan], [0.04, -0.25, np.nan], [0.03, np.nan, 0.75]]
    values = found.dimensional[["time", "valence", "arousal"]].to_numpy()
    np.testing.assert_array_equal(values, expected)
    assert set(found.dimensional["track"]) == {"v"} and set(found.dimensional["rater"]) == {"anna"}
    assert not found.provenance["same_stamps"]


def test_user_and_operator_are_different_pairs(write_text):
    user = write_text("s1TUDV.txt", VALENCE)
    write_text("s1TODA.txt", AROUSAL)
    found = feeltrace.read_feeltrace(user)
    assert found.dimensional["arousal"].isna().all() and len(found.provenance["files"]) == 1


def test_time_unit_is_an_option(write_text):
    path = write_text("aDV.txt", "20 0\n")
    assert feeltrace.read_feeltrace(path, time_unit="ms").dimensional["time"].tolist() == [0.02]
    with pytest.raises(InputError, match="time_unit 'h' is none of s, ms"):
        feeltrace.read_feeltrace(path, time_unit="h")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.txt", VALENCE, r"ends in neither of DV\.txt, DA\.txt"),
        ("DV.txt", VALENCE, "ends in neither"),
        ("aDV.txt", "0 0 0\n", r"aDV\.txt:1: 3 cells where 2 are expected"),
        ("aDV.txt", "0 0\n\n1 1.5\n", r"aDV\.txt:3: valence 1\.5 is outside"),
        ("aDA.txt", "0 nan\n", r"aDA\.txt:1: value 'nan' is not a number"),
        ("aDA.txt", b"0 \xff\n", r"aDA\.txt:1: byte 0xff"),
    ],
)
def test_bad_file_raises(write_text, name, text, problem):
    with pytest.raises(InputError, match=problem):
        feeltrace.read_feeltrace(write_text(name, text))


def test_missing_file_raises_although_the_other_of_its_pair_is_there(write_text):
    path = write_text("aDV.txt", VALENCE)
    with pytest.raises(InputError, match=r"aDA\.txt: no such file"):
        feeltrace.read_feeltrace(path.with_name("aDA.txt"))


def test_matches_its_own_layout_only(write_text, tmp_path):
    matches = feeltrace.FORMATS[0].matches
    assert matches(write_text("aDV.txt", VALENCE)) and not matches(write_text("a.txt", VALENCE))
    assert not matches(write_text("bDV.txt", "time value\n")) and not matches(tmp_path)
