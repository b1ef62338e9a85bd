"""Tests of the RECOLA formats, on files written here in their layouts."""

import numpy as np
import pytest

from emolib.data.annotations.formats import recola
from emolib.errors import InputError

HEAD = """@relation GOLDSTANDARD

@attribute Instance_name string
@attribute frameTime numeric
@attribute GoldStandard numeric


@data

"""
RATERS = "time;FM1 ;FM2 ;FF1\n0;0.5;-0.25;1\n0.04;0.25;0;-1\n"


def test_gold_name_is_unquoted_although_declared_string(write_text):
    path = write_text("valence/dev_1.arff", HEAD + "dev_1,0,0.5\ndev_1,0.04,-0.25\n")
    found = recola.read_gold(path)
    assert found.dimensional["track"].tolist() == ["dev_1", "dev_1"]
    assert found.dimensional["time"].tolist() == [0.0, 0.04]
    assert found.dimensional["valence"].tolist() == [0.5, -0.25]
    assert found.dimensional["arousal"].isna().all()
    assert set(found.dimensional["rater"]) == {"gold"}
    assert found.categorical.empty and not found.problems
    assert found.provenance["options"]["dimension"] == "valence"
    assert [len(value) for value in found.provenance["files"].values()] == [64]


def test_gold_quoted_name_crlf_comment_and_byte_order_mark_mean_the_same(write_text):
    plain = write_text("a.arff", HEAD + "dev_1,0,0.5\n")
    text = "% a remark\n" + HEAD.upper() + "'dev_1',0,0.5\n% the end\n"
    other = write_text("b.arff", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    frames = [recola.read_gold(path, dimension="arousal").dimensional for path in (plain, other)]
    assert frames[0].equals(frames[1])


def test_gold_missing_value_is_left_out_and_counted(write_text):
    path = write_text("a.arff", HEAD + "d,0,0.5\nd,0.04,?\nd,0.08,1\n")
    found = recola.read_gold(path, dimension="valence")
    assert found.dimensional["time"].tolist() == [0.0, 0.08]
    assert len(found.problems) == 1 and "left out 1 rows without a value" in found.problems[0]
    assert sum(found.provenance["dropped"].values()) == 1


def test_gold_scale_is_an_option_and_never_guessed(write_text):
    path = write_text("a.arff", HEAD + "d,0,500\nd,0.04,-1000\n")
    found = recola.read_gold(path, dimension="valence", scale=1000)
    np.testing.assert_allclose(found.dimensional["valence"], [0.5, -1.0])
    with pytest.raises(InputError, match=r"a\.arff:10: valence 500 is outside \[-1, 1\]"):
        recola.read_gold(path, dimension="valence")


def test_gold_track_option_refuses_several_instances(write_text):
    path = write_text("a.arff", HEAD + "d,0,0\ne,0,0\n")
    assert recola.read_gold(path, dimension="valence").dimensional["track"].tolist() == ["d", "e"]
    with pytest.raises(InputError, match="holds 2 instances"):
        recola.read_gold(path, dimension="valence", track="x")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (HEAD + "d,0\n", r"a\.arff:10: 2 cells where 3 are expected"),
        (HEAD + "d,x,0\n", r"a\.arff:10: time 'x' is not a number"),
        (HEAD, r"a\.arff: holds no rows"),
        ("d,0,0\n", r"no line '@data'"),
        (HEAD.replace("@attribute frameTime numeric\n", "") + "d,0\n", "declares 2 attributes"),
        (HEAD.encode() + b"\xe9,0,0\n", r"a\.arff:10: byte 0xe9 .* not UTF-8"),
    ],
)
def test_gold_bad_file_raises_with_line(write_text, text, problem):
    with pytest.raises(InputError, match=problem):
        recola.read_gold(write_text("a.arff", text), dimension="valence")


def test_dimension_is_option_or_folder_and_else_refused(write_text):
    path = write_text("arousal/P16.csv", RATERS)
    assert recola.read_raters(path).dimensional["arousal"].notna().all()
    assert recola.read_raters(path, dimension="valence").dimensional["arousal"].isna().all()
    with pytest.raises(InputError, match="no dimension is given"):
        recola.read_raters(write_text("other/P16.csv", RATERS))
    with pytest.raises(InputError, match="dimension 'dominance' is unknown"):
        recola.read_raters(path, dimension="dominance")


def test_raters_names_ending_in_a_blank_are_stripped(write_text):
    found = recola.read_raters(write_text("valence/P16.csv", RATERS)).dimensional
    assert found["rater"].unique().tolist() == ["FM1", "FM2", "FF1"]
    assert set(found["track"]) == {"P16"}
    assert found.loc[found["rater"] == "FF1", "valence"].tolist() == [1.0, -1.0]
    assert found.loc[found["rater"] == "FM2", "time"].tolist() == [0.0, 0.04]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("t;FM1 \n0;0\n", "the first column is 't', not 'time'"),
        ("time\n0\n", "one named column for each rater .* found none"),
        ("time;A;A \n0;0;0\n", "one named column for each rater"),
        ("time;A\n0;1.2\n", r"P16\.csv:2: valence 1\.2 is outside"),
        ("time;A\n0;\n", r"P16\.csv:2: A '' is not a number"),
        ("time,A\n0,1\n", "the first column is 'time,A'"),
    ],
)
def test_raters_bad_file_raises(write_text, text, problem):
    with pytest.raises(InputError, match=problem):
        recola.read_raters(write_text("valence/P16.csv", text))


def test_formats_match_their_own_layout_only(write_text, tmp_path):
    gold = write_text("a.arff", HEAD + "d,0,0\n")
    raters = write_text("b.csv", RATERS)
    binary = write_text("c.csv", b"\xff\xfe\x00")
    for number, own in enumerate([gold, raters]):
        for path in (gold, raters, binary, tmp_path, tmp_path / "gone.csv"):
            assert recola.FORMATS[number].matches(path) == (path == own)


def test_gold_real_file_has_both_ends(sample_data):
    path = sample_data / "recola_avec/templateGS.arff"
    found = recola.read_gold(path, dimension="arousal").dimensional
    assert len(found) == 7501
    assert (found["time"].min(), found["time"].max()) == (0.0, 300.0)
    np.testing.assert_allclose(np.diff(found["time"]), 0.04, atol=1e-6)
    assert set(found["track"]) == {"dev_1"}
    assert recola.FORMATS[0].matches(path)
