"""Tests of the CARMA formats, on files written here in their layouts."""

import numpy as np
import pytest

from emolib.data.annotations.formats import carma
from emolib.errors import InputError

OLD_HEADER = (
    "Filename,Lower Label,Upper Label,Minimum Value,Midpoint Value,Maximum Value,Number of Steps,"
    "Second,Rating\n"
)
OLD_ROW = "C:\\Users\\a b\\Desktop\\clip_08.avi,very negative,very positive,-100,0,100,9,"
OLD = OLD_HEADER + f"{OLD_ROW}1,50\n{OLD_ROW}2,-100\n{OLD_ROW}3,25\n"
CURRENT = """Button pressed at 3.2 4.5,12-May-2017
Multimedia File,clip_08.mp4
Lower Label,low
Upper Label,high
Minimum Value,0
Maximum Value,10
Number of Steps,9
Second,Rating
%%%%%%,%%%%%%
0.5,10
1,NaN
1.5,
2,7.5
"""
CRASH = "0,0\n0,0\n0,0.5\n0.151,-1\n0.25454,0.25\n"


def test_old_second_is_the_end_of_a_bin(write_text):
    found = carma.read_old(write_text("valence/clip_08_AP.csv", OLD))
    assert found.dimensional["time"].tolist() == [0.5, 1.5, 2.5]
    assert found.provenance["time_shift"] == -0.5


def test_old_range_is_the_one_stated_in_the_file(write_text):
    found = carma.read_old(write_text("valence/clip_08_AP.csv", OLD))
    assert found.dimensional["valence"].tolist() == [0.5, -1.0, 0.25]
    assert found.dimensional["arousal"].isna().all()
    text = OLD.replace("-100,0,100", "0,100,200").replace("2,-100", "2,100")
    other = carma.read_old(write_text("arousal/clip_08_AP.csv", text)).dimensional
    assert other["arousal"].tolist() == [-0.5, 0.0, -0.75]


def test_old_track_comes_from_a_windows_path(write_text):
    found = carma.read_old(write_text("valence/clip_08_AP.csv", OLD)).dimensional
    assert set(found["track"]) == {"clip_08"} and set(found["rater"]) == {"clip_08_AP"}


def test_old_metadata_that_differ_between_rows_raise(write_text):
    text = OLD.replace("-100,0,100,9,2", "-50,0,50,9,2")
    with pytest.raises(InputError, match="Minimum Value differs between rows: -100, -50"):
        carma.read_old(write_text("valence/a.csv", text))


def test_current_ratings_begin_after_the_percent_signs_whatever_the_first_key(write_text):
    found = carma.read_current(write_text("arousal/a.csv", CURRENT))
    assert found.dimensional["arousal"].tolist() == [1.0, 0.5]
    assert set(found.dimensional["track"]) == {"clip_08"}
    more = CURRENT.replace("Button pressed", "Second,Rating\nMinimum, Maximum")
    assert carma.read_current(write_text("arousal/b.csv", more)).dimensional["time"].tolist() == [
        0.25,
        1.75,
    ]


def test_current_empty_bins_are_left_out_before_arithmetic_and_counted(write_text):
    found = carma.read_current(write_text("arousal/a.csv", CURRENT.replace("\n", "\r\n")))
    assert found.dimensional["time"].tolist() == [0.25, 1.75]
    assert found.provenance["time_shift"] == -0.25
    assert list(found.provenance["dropped"].values()) == [2]
    assert "a.csv: left out 2 bins without a rating" in found.problems[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (CURRENT.replace("%%%%%%", "%"), "no line %%%%%%,%%%%%%"),
        (CURRENT.replace("Minimum Value,0", "Min,0"), "no line for 'Minimum Value' before line 9"),
        (CURRENT.replace("Maximum Value,10", "Maximum Value,0"), "scale from '0' to '0' does not"),
        (CURRENT.replace("Minimum Value,0", "Minimum Value,low"), "scale from 'low' to '10'"),
        (CURRENT.replace("2,7.5", "2,70"), r"a\.csv:13: valence 70 is outside \[0, 10\]"),
        (CURRENT.replace("2,7.5", "2.3,7.5"), r"a\.csv:13: a step of 0\.8 s is not a whole number"),
        (CURRENT.replace("2,7.5", "2,7.5,1"), r"a\.csv:13: 3 cells where 2 are expected"),
        (CURRENT[: CURRENT.index("0.5,10")], "holds no rows"),
    ],
)
def test_current_bad_file_raises(write_text, text, problem):
    with pytest.raises(InputError, match=problem):
        carma.read_current(write_text("valence/a.csv", text))


def test_crash_range_is_demanded_for_the_file_states_none(write_text):
    path = write_text("valence/20200101T000000.csv", CRASH)
    with pytest.raises(TypeError, match="minimum"):
        carma.read_crash(path)
    values = carma.read_crash(path, minimum=-2, maximum=2).dimensional["valence"]
    assert values.tolist() == [0, 0, 0.25, -0.5, 0.125]
    with pytest.raises(InputError, match=r"valence/2.*:4: valence -1 is outside \[0, 1\]"):
        carma.read_crash(path, minimum=0, maximum=1)


def test_crash_equal_stamps_are_kept_and_never_shifted(write_text):
    path = write_text("valence/20200101T000000.csv", CRASH)
    found = carma.read_crash(path, minimum=-1, maximum=1, rater="anna")
    assert found.dimensional["time"].tolist() == [0, 0, 0, 0.151, 0.25454]
    assert set(found.dimensional["rater"]) == {"anna"}
    assert "time_shift" not in found.provenance


def test_formats_match_their_own_layout_only(write_text, tmp_path):
    files = [
        write_text("old.csv", OLD),
        write_text("current.csv", CURRENT),
        write_text("crash.csv", CRASH),
    ]
    for number, own in enumerate(files):
        for path in (*files, tmp_path):
            assert carma.FORMATS[number].matches(path) == (path == own)


def test_real_old_export(sample_data):
    path = sample_data / "carma/2F10_08_AP.csv"
    found = carma.read_old(path, dimension="valence")
    rows = found.dimensional
    assert len(rows) == 42 and not found.problems
    np.testing.assert_allclose(rows["time"], np.arange(42) + 0.5)
    assert rows["valence"].iloc[0] == pytest.approx(0.078010475)
    assert set(rows["track"]) == {"2F10_08"} and carma.FORMATS[0].matches(path)


def test_real_crash_dump(sample_data):
    path = sample_data / "carma/20211213T073640.csv"
    rows = carma.read_crash(path, dimension="valence", minimum=-1, maximum=1).dimensional
    assert len(rows) == 26 and (rows["time"] == 0).sum() == 3
    assert rows["valence"].iloc[0] == pytest.approx(-0.5597) and carma.FORMATS[2].matches(path)
