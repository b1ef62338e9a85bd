"""Tests of `emolib.data.split_lists`."""

import warnings

import pandas as pd
import pytest

from emolib.data.split_lists import listed_people, published_people
from emolib.errors import InputError

TRACKS = pd.DataFrame(
    [
        ("v1", "v1", "anna"), ("v2", "v2", "anna"), ("v3_left", "v3", "ben"),
        ("v3_right", "v3", "carl"), ("v4", "v4", "dora"), ("v5", "v5", "emil"),
    ],
    columns=["track", "video", "person"],
)  # fmt: skip
SAMPLES = pd.concat([TRACKS, TRACKS], ignore_index=True)


@pytest.fixture
def lists(tmp_path):
    """Return a function that writes the three lists and returns their paths."""

    def write(train, validation, test):
        texts = {"train": train, "validation": validation, "test": test}
        paths = {part: tmp_path / f"{part}.txt" for part in texts}
        for part, text in texts.items():
            paths[part].write_text(text, encoding="utf-8")
        return paths

    return write


def test_names_are_of_tracks_videos_or_people(lists):
    paths = lists("v1\n", "# those of the third film\n\n  v3  \n", "\ufeffdora\nemil")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts = listed_people(SAMPLES, paths)
    assert parts == {
        "anna": "train", "ben": "validation", "carl": "validation", "dora": "test", "emil": "test"
    }  # fmt: skip
    assert list(parts) == sorted(parts)


def test_a_name_of_a_track_is_not_taken_for_a_person(lists):
    samples = SAMPLES.replace({"person": {"dora": "v1"}})  # dora is called as anna's track is
    with pytest.warns(UserWarning, match="1 of 5 people are in no list, and so in no part: v1"):
        parts = listed_people(samples, lists("v1", "v3", "v5"))
    assert parts["anna"] == "train" and "v1" not in parts


def test_names_without_a_face_and_people_in_no_list_are_counted(lists):
    paths = lists("v1\nv9\nv8", "v3", "v4")
    with pytest.warns(UserWarning) as record:
        parts = listed_people(SAMPLES, paths)
    messages = [str(warning.message) for warning in record]
    assert any("2 of 3 names have no face in this corpus: v8, v9" in m for m in messages)
    assert "1 of 5 people are in no list, and so in no part: emil" in messages
    assert "emil" not in parts


def test_a_list_of_another_corpus_is_refused(lists):
    with pytest.raises(InputError, match=r"train.txt: none of its 2 names \(x1, x2\) is a track"):
        listed_people(SAMPLES, lists("x1\nx2", "v3", "v4"))


def test_a_person_in_two_lists_is_named_with_the_lines(lists):
    with pytest.raises(InputError) as error:
        listed_people(SAMPLES, lists("v1", "v3\nv5", "v4\nv2"))
    assert "anna into train (" in str(error.value) and "train.txt:1, 'v1')" in str(error.value)
    assert "anna into test (" in str(error.value) and "test.txt:2, 'v2')" in str(error.value)


def test_people_who_share_a_video_cannot_be_in_two_lists(lists):
    with pytest.raises(InputError, match=r"ben into train .* and carl into test .*share a video"):
        listed_people(SAMPLES, lists("v3_left", "v4", "v3_right"))


def test_conflicts_beyond_five_are_counted(lists):
    samples = pd.DataFrame({"track": [f"t{i}" for i in range(8)]})
    samples = samples.assign(video=samples["track"], person=samples["track"])
    everybody = "\n".join(samples["track"])
    with pytest.raises(InputError, match=r"t4 into validation .*; and 3 more: one person") as error:
        listed_people(samples, lists(everybody, everybody, "t1"))
    assert "t5" not in str(error.value)


def test_lists_that_cannot_be_read_raise(lists):
    paths = lists("v1", "v3", "\n# nobody\n")
    with pytest.raises(InputError, match=r"test.txt: names nobody"):
        listed_people(SAMPLES, paths)
    paths["test"].write_bytes(b"\xff\xfe\x00v4")
    with pytest.raises(InputError, match=r"test.txt: cannot be read as a list"):
        listed_people(SAMPLES, paths)
    paths["test"].unlink()
    with pytest.raises(InputError, match=r"test.txt: cannot be read as a list"):
        listed_people(SAMPLES, paths)


def people_with(parts):
    return TRACKS.assign(part=parts)


def test_published_parts_are_those_of_the_corpus():
    people = people_with(["train", "train", "test", "test", "validation", ""])
    with pytest.warns(UserWarning, match="1 of 5 people are in no list, and so in no part: emil"):
        parts = published_people(SAMPLES, people)
    assert parts == {"anna": "train", "ben": "test", "carl": "test", "dora": "validation"}


def test_published_parts_that_share_people_are_refused():
    people = people_with(["train", "test", "test", "test", "validation", ""])
    leak = r"anna into train \(track v1\) and anna into test \(track v2\): .* split by shares"
    with pytest.raises(InputError, match=leak):
        published_people(SAMPLES, people)


def test_published_parts_of_a_corpus_without_any_are_refused():
    with pytest.raises(InputError, match="does not come in parts"):
        published_people(SAMPLES, people_with([""] * 6))
