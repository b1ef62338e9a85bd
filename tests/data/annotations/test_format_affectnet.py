"""Tests of the AffectNet format, on files written here in its layout."""

import pytest

from emolib.data.annotations.formats import affectnet
from emolib.errors import InputError

HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,"
    "expression,valence,arousal"
)
LANDMARKS = ";".join(["12.5"] * 136)


def row(image, code, valence, arousal):
    return f"{image},1,2,30,40,{LANDMARKS},{code},{valence},{arousal}"


@pytest.fixture
def split(tmp_path):
    """Return a function that writes a split and returns its path."""

    def write(*lines):
        path = tmp_path / "training.csv"
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def test_read_same_with_and_without_header(split):
    rows = [row("1/a.jpg", 1, 0.5, -0.25), row("1/b.jpg", 0, 0, 1)]
    for lines in ([HEADER, *rows], rows):
        found = affectnet.read(split(*lines))
        assert found.dimensional[["track", "time", "valence", "arousal"]].to_numpy().tolist() == [
            ["1/a.jpg", 0.0, 0.5, -0.25],
            ["1/b.jpg", 0.0, 0.0, 1.0],
        ]
        assert found.categorical[["start", "end", "emotion"]].to_numpy().tolist() == [
            [0.0, 1.0, "happiness"],
            [0.0, 1.0, "neutral"],
        ]
        assert not found.problems and len(found.provenance["files"]) == 1


def test_read_columns_go_by_name_where_there_is_a_header(split):
    header = "expression,arousal,valence,subDirectory_filePath"
    found = affectnet.read(split(header, "4,0.25,-0.5,1/a.jpg"))
    assert found.dimensional[["valence", "arousal"]].to_numpy().tolist() == [[-0.5, 0.25]]
    assert found.categorical["emotion"].tolist() == ["fear"]


def test_read_codes_are_those_of_affectnet(split):
    rows = [row(f"{code}.jpg", code, 0, 0) for code in range(7)]
    words = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"]
    assert affectnet.read(split(HEADER, *rows)).categorical["emotion"].tolist() == words


def test_read_contempt_none_uncertain_and_no_face_are_dropped_and_never_neutral(split):
    found = affectnet.read(split(HEADER, *[row(f"{c}.jpg", c, 0.5, 0) for c in range(6, 11)]))
    assert found.categorical["emotion"].tolist() == ["anger"]
    assert len(found.dimensional) == 5
    assert sum(found.provenance["dropped"].values()) == 4
    for word in ("contempt", "none", "uncertain", "no face"):
        assert any(f"left out 1 labels {word!r}" in problem for problem in found.problems)


def test_read_marker_in_either_dimension_leaves_the_category(split):
    rows = [row("a", 1, -2, -2), row("b", 2, -2.0, 0.5), row("c", 3, 0.5, -2), row("d", 4, 0, 0)]
    found = affectnet.read(split(HEADER, *rows))
    assert found.dimensional["track"].tolist() == ["d"]
    assert len(found.categorical) == 4
    assert found.provenance["dropped"] == {"rows with the marker -2": 3}


def test_read_split_that_is_nowhere_rated_has_no_dimensions(split):
    found = affectnet.read(split(row("a", 10, -2, -2)))
    assert found.dimensional.empty and found.categorical.empty
    assert len(found.problems) == 2


def test_read_repeated_image_is_counted(split):
    found = affectnet.read(split(row("a", 1, 0.5, 0), row("a", 2, -0.5, 0)))
    assert found.dimensional["valence"].tolist() == [0.5]
    assert found.provenance["dropped"] == {"rows that repeat an image": 1}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([HEADER, row("a", 11, 0, 0)], r"training.csv:2: expression 11 is none of the codes"),
        ([HEADER, row("a", 1, -2, 0), row("b", 1, 0, -1.5)], r":3: arousal -1.5 is outside"),
        ([row("a", 1, "", 0)], r"training.csv:1: valence '' is not a number"),
        ([row("a", 1, 0, 0) + ",0"], r"training.csv:1: 10 cells where 9 are expected"),
        ([HEADER], "holds no rows"),
        ([HEADER.replace("arousal", "x"), row("a", 1, 0, 0)], "should hold 'arousal' once"),
    ],
)
def test_read_bad_rows_are_refused(split, lines, message):
    with pytest.raises(InputError, match=message):
        affectnet.read(split(*lines))


def test_read_windows_file_with_byte_order_mark(split):
    path = split("")
    path.write_bytes(f"\ufeff{HEADER}\r\n{row('a', 1, 0.5, 0)}\r\n".encode())
    assert affectnet.read(path).dimensional["track"].tolist() == ["a"]


def test_matches_with_and_without_header(split, tmp_path):
    (format,) = affectnet.FORMATS
    assert format.matches(split(HEADER))
    assert format.matches(split(row("a", 1, 0, 0)))
    assert not format.matches(split("time,valence,arousal"))
    assert not format.matches(split("1,2,3,4,5,6,7,8,9"))
    assert not format.matches(tmp_path)
