"""Tests of `emolib.data.corrections` on two people in ten seconds."""

import numpy as np
import pandas as pd
import pytest

from emolib.data.corrections import apply_corrections, read_corrections
from emolib.data.faces import face_table
from emolib.errors import InputError

HEADER = "video,track,action,start,end,to,x,y,w,h,note\n"
DURATION = 10.0


@pytest.fixture
def faces():
    """Return two people, one at 100 px and one at 300 px, in all 300 frames."""
    tables = [
        pd.DataFrame({"track": track, "frame": np.arange(300), "x": x, "y": 50.0}).assign(
            w=80.0, h=90.0, confidence=1.0
        )
        for track, x in (("talk_left", 100.0), ("talk_right", 300.0))
    ]
    return face_table("talk", pd.concat(tables, ignore_index=True))


@pytest.fixture
def correct(tmp_path, faces):
    """Return a function that lays rows of text over the faces."""

    def run(*rows, tracks=(), of=faces):
        path = tmp_path / "corrections.csv"
        path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        corrections = read_corrections(path, {"talk": DURATION})
        return apply_corrections(of, corrections, list(tracks))

    return run


def at(faces, track, frame):
    rows = faces[(faces["track"] == track) & (faces["frame"] == frame)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_reject_keeps_the_faces_and_says_so(correct, faces):
    corrected = correct("talk,talk_left,reject,2,3,,,,,,a poster")
    rejected = corrected[corrected["status"] == "rejected"]
    assert set(rejected["track"]) == {"talk_left"}
    assert rejected["frame"].tolist() == list(range(60, 90))  # holds its start and not its end
    unchanged = corrected.drop(columns="status")
    pd.testing.assert_frame_equal(unchanged, faces.drop(columns="status"))


def test_reject_without_times_is_the_whole_video(correct):
    corrected = correct("talk,talk_right,reject,,,,,,,,")
    assert (corrected.groupby("track")["status"].unique().str[0]).to_dict() == {
        "talk_left": "auto",
        "talk_right": "rejected",
    }


def test_two_rows_swap_two_people(correct):
    corrected = correct(
        "talk,talk_left,reassign,4,6,talk_right,,,,,", "talk,talk_right,reassign,4,6,talk_left,,,,,"
    )
    assert at(corrected, "talk_left", 119).x == 100 and at(corrected, "talk_left", 180).x == 100
    assert at(corrected, "talk_left", 120).x == 300 and at(corrected, "talk_right", 179).x == 100
    changed = corrected["status"] == "corrected"
    assert set(corrected.loc[changed, "frame"]) == set(range(120, 180)) and changed.sum() == 120
    assert (corrected["person"] == corrected["track"]).all()
    assert corrected.groupby("track")["frame"].is_monotonic_increasing.all()


def test_reassign_to_a_track_that_only_the_corpus_knows(correct):
    corrected = correct("talk,talk_right,reassign,5,,talk_guest,,,,,", tracks=["talk_guest"])
    assert corrected["track"].unique().tolist() == ["talk_left", "talk_right", "talk_guest"]
    assert corrected["track"].value_counts()["talk_guest"] == 150


def test_reassigned_faces_take_the_place_of_rejected_ones(correct):
    corrected = correct(
        "talk,talk_left,reject,0,1,,,,,,", "talk,talk_right,reassign,0,1,talk_left,,,,,"
    )
    assert at(corrected, "talk_left", 0).x == 300 and at(corrected, "talk_left", 30).x == 100
    assert not (corrected["status"] == "rejected").any() and len(corrected) == 570


def test_redraw_interpolates_between_keys_and_stays_until_an_end(correct, faces):
    hole = faces[~faces["frame"].between(60, 100)]
    corrected = correct(
        "talk,talk_left,redraw,3,3.5,,120,60,100,100,",
        "talk,talk_left,redraw,2,,,100,50,80,80,first key",  # keys may come in any order
        of=hole,
    )
    drawn = corrected[corrected["status"] == "corrected"]
    assert drawn["frame"].tolist() == list(range(60, 105)) and set(drawn["track"]) == {"talk_left"}
    half = at(corrected, "talk_left", 75)
    assert (half.x, half.y, half.w, half.h) == pytest.approx((110, 55, 90, 90))
    assert at(corrected, "talk_left", 104).x == 120 and at(corrected, "talk_left", 105).x == 100
    assert drawn["confidence"].isna().all()


def test_redraw_stretches_are_apart_after_an_end(correct):
    corrected = correct(
        "talk,talk_left,redraw,1,1.5,,10,0,50,50,", "talk,talk_left,redraw,8,,,20,0,50,50,"
    )
    drawn = corrected.loc[corrected["status"] == "corrected", "frame"]
    assert drawn.tolist() == [*range(30, 45), 240]  # the last key has no end: one frame


def test_redraw_of_a_reassigned_face_wins(correct):
    corrected = correct(
        "talk,talk_left,reject,0,2,,,,,,",
        "talk,talk_right,reassign,0,2,talk_left,,,,,",
        "talk,talk_right,redraw,2,3,,5,5,70,70,",
    )
    assert at(corrected, "talk_left", 59).x == 300 and at(corrected, "talk_right", 60).x == 5


def test_no_corrections_change_nothing(faces):
    assert apply_corrections(faces, [], ["talk_guest"]) is faces


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["tlak,talk_left,reject,,,,,,,,"], r":2: unknown video 'tlak'"),
        (
            ["talk,left,reject,,,,,,,,"],
            r":2: there is no track 'left' .*only talk_left, talk_right",
        ),
        (["talk,talk_left,reassign,,,guest,,,,,"], r":2: there is no track 'guest'"),
        (["talk,talk_left,delete,,,,,,,,"], r":2: unknown action 'delete'; known are reject"),
        (["talk,talk_left,reject,9,12,,,,,,"], r":2: 9 to 12 s is not within 'talk'.*10.00 s"),
        (["talk,talk_left,reject,-1,2,,,,,,"], r":2: -1 to 2 s is not within"),
        (["talk,talk_left,reject,5,5,,,,,,"], r":2: ends at 5 s, not after its start"),
        (["talk,talk_left,reject,soon,5,,,,,,"], r":2: start 'soon' is not a number"),
        (["talk,talk_left,reassign,1,5,,,,,,"], r":2: reassign needs a 'to'"),
        (["talk,talk_left,redraw,1,5,,1,1,50,,"], r":2: redraw needs a 'h'"),
        (["talk,talk_left,redraw,1,5,,1,1,50,0,"], r":2: a box of 50 x 0 px"),
        (["talk,talk_left,reassign,1,2,talk_right,,,,,"], r":2: 'talk_right' gets a second face"),
        (
            ["talk,talk_left,reject,1,3,,,,,,", "talk,talk_left,redraw,2,4,,1,1,50,50,"],
            r":3: redraw of 'talk_left' from 2 to 4 s contradicts reject in 2|"
            r":2: reject .* contradicts redraw in 3",
        ),
        (
            ["talk,talk_left,redraw,1,3,,1,1,50,50,", "talk,talk_left,redraw,2,4,,9,9,50,50,"],
            r":3: redraw .* contradicts redraw in 2",
        ),
    ],
)
def test_row_that_cannot_be_followed_names_file_and_line(correct, rows, message):
    with pytest.raises(InputError, match=f"corrections.csv{message}"):
        correct(*rows)


def test_rows_that_say_the_same_are_no_contradiction(correct):
    corrected = correct("talk,talk_left,reject,1,3,,,,,,", "talk,talk_left,reject,2,4,,,,,,")
    assert (corrected["status"] == "rejected").sum() == 90
