"""Tests of the MuSe-Toolbox formats, on files written here in their layouts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data.annotations.delimited import TextTable
from emolib.data.annotations.formats import muse
from emolib.data.annotations.formats.bins import middles
from emolib.errors import InputError

RAW = "timestamp,1,2,3\n0.50,0.1,0.2,0.3\n1.00,-0.1,-0.2,-0.3\n1.50,1,0,-1\n"
FUSED = "Time,value\n0,0.2\n500,-0.2\n1000,0\n"


def test_raw_stamp_is_the_end_of_a_bin_and_fused_its_start(write_text):
    raw = muse.read_raw(write_text("raw/arousal/11.csv", RAW))
    fused = muse.read_fused(write_text("processed/arousal/11.csv", FUSED))
    one = raw.dimensional[raw.dimensional["rater"] == "2"]
    assert one["time"].tolist() == fused.dimensional["time"].tolist() == [0.25, 0.75, 1.25]
    assert one["arousal"].tolist() == pytest.approx(fused.dimensional["arousal"].tolist())
    assert (raw.provenance["time_shift"], fused.provenance["time_shift"]) == (-0.25, 0.25)


def test_raw_has_a_column_for_each_rater(write_text):
    found = muse.read_raw(write_text("valence/11.csv", RAW)).dimensional
    assert len(found) == 9
    assert found["rater"].unique().tolist() == ["1", "2", "3"]
    assert found.loc[found["rater"] == "3", "valence"].tolist() == pytest.approx([0.3, -0.3, -1])
    assert found["arousal"].isna().all() and set(found["track"]) == {"11"}


def test_fused_is_in_milliseconds_and_raw_is_not(write_text):
    with pytest.raises(InputError, match="the first column is 'Time', not 'timestamp'"):
        muse.read_raw(write_text("valence/a.csv", FUSED))
    with pytest.raises(InputError, match="the first column is 'timestamp', not 'Time'"):
        muse.read_fused(write_text("valence/b.csv", RAW))
    text = FUSED.replace("value", "other")
    with pytest.raises(InputError, match="the header is 'Time,other'"):
        muse.read_fused(write_text("valence/c.csv", text))


def test_fused_beyond_the_range_needs_a_scale(write_text):
    path = write_text("valence/a.csv", "Time,value\n0,1.5\n500,-2\n")
    with pytest.raises(InputError, match=r"a\.csv:2: valence 1\.5 is outside"):
        muse.read_fused(path)
    found = muse.read_fused(path, scale=2, track="v", rater="ewe").dimensional
    assert found["valence"].tolist() == [0.75, -1.0]
    assert set(found["track"]) == {"v"} and set(found["rater"]) == {"ewe"}


@pytest.mark.parametrize(
    ("text", "options", "problem"),
    [
        ("timestamp,1\n0.5,0\n", {}, "width of a single bin is unknown"),
        ("timestamp,1\n1,0\n1,0\n", {}, r"a\.csv:3: time 1 s is not after the 1 s before it"),
        ("timestamp,1\n1,0\n2,0\n3.4,0\n", {}, r"a\.csv:4: a step of 1\.4 s is not a whole"),
        ("timestamp,1\n0.5,0\n", {"bin_width": -1}, "bin_width must be a number above 0"),
    ],
)
def test_raw_without_regular_bins_raises(write_text, text, options, problem):
    # A bin of given width is checked only where two stamps can disagree with it.
    text = text + "1,0\n" if options else text
    with pytest.raises(InputError, match=problem):
        muse.read_raw(write_text("valence/a.csv", text), **options)


def test_raw_single_bin_of_given_width(write_text):
    path = write_text("valence/a.csv", "timestamp,1\n0.5,0\n")
    assert muse.read_raw(path, bin_width=0.5).dimensional["time"].tolist() == [0.25]


@given(
    bins=st.lists(st.integers(1, 500), min_size=2, max_size=30, unique=True),
    width=st.sampled_from([0.25, 0.5, 1.0, 2.0]),
)
def test_middles_of_either_edge_agree_whatever_bins_are_missing(bins, width):
    starts = np.sort(bins) * width
    table = TextTable("a.csv", ["time"], [[str(start)] for start in starts], list(range(len(bins))))
    by_start, _ = middles(starts, table, "start", width)
    by_end, shift = middles(starts + width, table, "end", width)
    np.testing.assert_array_equal(by_start, by_end)
    assert shift == -width / 2


def test_formats_match_their_own_layout_only(write_text, tmp_path):
    raw, fused = write_text("a.csv", RAW), write_text("b.csv", FUSED)
    for number, own in enumerate([raw, fused]):
        for path in (raw, fused, tmp_path):
            assert muse.FORMATS[number].matches(path) == (path == own)


@pytest.mark.parametrize(("name", "rows"), [("11", 618), ("32", 598)])
def test_real_files_correspond_row_by_row(sample_data, name, rows):
    raw = muse.read_raw(sample_data / f"muse_toolbox/raw/arousal/{name}.csv").dimensional
    fused = muse.read_fused(sample_data / f"muse_toolbox/processed/arousal/{name}.csv").dimensional
    assert len(fused) == rows and len(raw) == 3 * rows
    raters = raw.pivot(index="time", columns="rater", values="arousal")
    np.testing.assert_allclose(raters.index, fused["time"])
    mean, signal = raters.mean(axis=1).to_numpy(), fused["arousal"].to_numpy()
    agreement = {
        shift: np.corrcoef(mean[2 + shift : rows - 2 + shift], signal[2:-2])[0, 1]
        for shift in range(-2, 3)
    }
    assert max(agreement, key=agreement.get) == 0
