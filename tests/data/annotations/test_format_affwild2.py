"""Tests of the Aff-Wild2 formats, on files written here in their layouts."""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.data.annotations.formats import affwild2, affwild2_tracks
from emolib.data.annotations.formats.frames import runs
from emolib.errors import InputError

SEVEN = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise"
EIGHT = SEVEN + ",Other"
UNITS = ",".join(f"AU{unit}" for unit in (1, 2, 4, 6, 7, 10, 12, 15, 23, 24, 25, 26))
MTL_HEADER = f"image,valence,arousal,expression,{UNITS}"


def write(folder, name, *lines):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(map(str, lines)) + "\n")
    return path


def intervals(found):
    return found.categorical[["start", "end", "emotion"]].to_numpy().tolist()


def test_va_row_zero_is_image_one_at_time_zero(tmp_path):
    path = write(tmp_path, "video1.txt", "valence,arousal", "0.5,-0.25", "1,-1")
    found = affwild2.read_va(path, fps=25)
    assert found.dimensional["time"].tolist() == [0.0, 0.04]
    assert found.dimensional["valence"].tolist() == [0.5, 1.0]
    assert found.dimensional["arousal"].tolist() == [-0.25, -1.0]
    assert not found.problems and found.categorical.empty
    assert found.provenance["format"] == "affwild2-va"
    assert list(found.provenance["files"]) == [str(path)]


def test_va_marker_in_either_column_removes_the_row_and_nothing_else(tmp_path):
    rows = ["0.1,0.2", "-5,0.3", "0.4,-5", "-5.0,-5", "0.5,0.6"]
    path = write(tmp_path, "1.txt", "valence,arousal", *rows)
    found = affwild2.read_va(path, fps=10)
    np.testing.assert_allclose(found.dimensional["time"], [0.0, 0.4])
    np.testing.assert_allclose(found.dimensional["valence"], [0.1, 0.5])
    np.testing.assert_allclose(found.dimensional["arousal"], [0.2, 0.6])
    assert found.provenance["dropped"] == {"rows with the marker -5": 3}
    assert found.problems == [f"{path}: left out 3 rows with the marker -5"]


def test_va_other_values_out_of_range_are_refused_by_line(tmp_path):
    path = write(tmp_path, "1.txt", "valence,arousal", "-5,-5", "0.1,-4.9")
    with pytest.raises(InputError, match=r"1.txt:3: arousal -4.9 is outside \[-1, 1\]"):
        affwild2.read_va(path, fps=10)


def test_va_track_without_any_valid_row_gives_an_empty_table(tmp_path):
    found = affwild2.read_va(write(tmp_path, "1.txt", "valence,arousal", "-5,-5"), fps=10)
    assert found.dimensional.empty and found.provenance["dropped"]


def test_va_columns_in_another_order_are_refused(tmp_path):
    path = write(tmp_path, "1.txt", "arousal,valence", "0.1,0.2")
    with pytest.raises(InputError, match="not 'valence,arousal'"):
        affwild2.read_va(path, fps=10)


def test_va_blank_line_is_refused_since_it_would_shift_frames(tmp_path):
    path = write(tmp_path, "1.txt", "valence,arousal", "0.1,0.2", "", "0.1,0.2")
    with pytest.raises(InputError, match=r"1.txt:2: a blank line follows"):
        affwild2.read_va(path, fps=10)


def test_va_folder_of_any_name_with_people_and_parts(tmp_path):
    names = ["video10_1_left", "video10_1_right", "video45_3", "122-60-1920x1080-4", "102"]
    for name in names:
        write(tmp_path, f"VA_Set/Train_Set/{name}.txt", "valence,arousal", "0,0", "0,0")
    rates = {"video10_1": 10, "video45_3": 20, "122-60-1920x1080-4": 30, "102": 40}
    found = affwild2.read_va(tmp_path, fps=rates)
    assert set(found.dimensional["track"]) == set(names)
    last = found.dimensional.groupby("track")["time"].max()
    assert last["video10_1_left"] == last["video10_1_right"] == 0.1
    assert last["122-60-1920x1080-4"] == 1 / 30 and last["102"] == 1 / 40


def test_va_rate_in_the_name_is_not_used(tmp_path):
    path = write(tmp_path, "67-24-640x360.txt", "valence,arousal", "0,0", "0,0")
    with pytest.raises(InputError, match="the number in a file name is often wrong"):
        affwild2.read_va(path)
    assert affwild2.read_va(path, fps=30).dimensional["time"].tolist() == [0.0, 1 / 30]


def test_va_rate_of_a_track_precedes_that_of_its_video(tmp_path):
    path = write(tmp_path, "video5_left.txt", "valence,arousal", "0,0", "0,0")
    found = affwild2.read_va(path, fps={"video5": 10, "video5_left": 20, "video51": 30})
    assert found.dimensional["time"].tolist() == [0.0, 0.05]


def test_va_more_rows_than_decoded_frames_are_counted(tmp_path):
    path = write(tmp_path, "1.txt", "valence,arousal", "0,0", "0,0", "0,0")
    found = affwild2.read_va(path, frame_times={"1": [0.0, 0.1]})
    assert found.dimensional["time"].tolist() == [0.0, 0.1]
    assert found.provenance["dropped"] == {"rows beyond the last decoded frame": 1}


def test_va_fewer_rows_than_decoded_frames_are_reported(tmp_path):
    path = write(tmp_path, "video5_left.txt", "valence,arousal", "0,0")
    found = affwild2.read_va(path, frame_times={"video5": [0.0, 0.1, 0.2]})
    assert found.dimensional["time"].tolist() == [0.0]
    assert found.problems == [f"{path}: the last 2 decoded frames have no row"]


def test_va_more_and_fewer_rows_than_images_are_reported(tmp_path):
    for track, numbers in [("more", (1, 2)), ("fewer", (3, 4, 9)), ("holes", (2, 5)), ("same", ())]:
        write(tmp_path, f"va/{track}.txt", "valence,arousal", *["0,0"] * 5)
        for number in numbers:
            write(tmp_path, f"cropped_aligned/{track}/{number:05d}.jpg", "")
    found = affwild2.read_va(tmp_path / "va", fps=30, crops=tmp_path / "cropped_aligned")
    assert len(found.dimensional) == 20
    fewer, more, same = found.problems
    assert "fewer.txt: 1 images" in fewer and "5 rows and the last image is 9" in fewer
    assert "more.txt: 3 of 5 rows come after the last image, 2" in more
    assert "same.txt: no images such as 00001.jpg" in same


def test_expr_seven_classes_by_code_as_runs(tmp_path):
    codes = [0, 1, 2, 3, 4, 5, 6, 6]
    found = affwild2.read_expr(write(tmp_path, "1.txt", SEVEN, *codes), fps=10)
    words = ["neutral", "anger", "disgust", "fear", "happiness", "sadness", "surprise"]
    assert found.categorical["emotion"].tolist() == words
    assert found.categorical["end"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8])
    assert set(found.categorical["pass"]) == {1} and found.dimensional.empty
    assert not found.problems


def test_expr_other_and_unlabelled_are_dropped_and_never_neutral(tmp_path):
    path = write(tmp_path, "1.txt", EIGHT, 0, 7, 0, -1, 4)
    found = affwild2.read_expr(path, fps=1)
    assert intervals(found) == [[0, 1, "neutral"], [2, 3, "neutral"], [4, 5, "happiness"]]
    assert sum(found.provenance["dropped"].values()) == 2
    assert any("left out 1 labels 'other'" in problem for problem in found.problems)
    assert any("left out 1 labels 'no label'" in problem for problem in found.problems)


def test_expr_first_line_is_classes_not_columns(tmp_path):
    found = affwild2.read_expr(write(tmp_path, "1.txt", EIGHT, 3, 3), fps=1)
    assert intervals(found) == [[0, 2, "fear"]]
    with pytest.raises(InputError, match=r"1.txt:1: the first line is '3', not the classes"):
        affwild2.read_expr(write(tmp_path, "1.txt", 3, 3), fps=1)


def test_expr_counts_nothing_of_a_file_that_is_not_used(tmp_path):
    write(tmp_path, "a.txt", EIGHT, 7, 0)
    write(tmp_path, "b.txt", EIGHT, 7, 7, 0)
    found = affwild2.read_expr(tmp_path, fps={"a": 1})
    assert sorted(found.provenance["dropped"].values()) == [1, 1]
    assert len(found.problems) == 2 and "fps lists nothing under 'b'" in found.problems[1]
    assert len(found.provenance["files"]) == 1


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([SEVEN, 7], r"1.txt:2: expression 7 is none of the codes"),
        ([EIGHT, 8], r"1.txt:2: expression 8 is none of the codes"),
        ([EIGHT, 0.5], r"1.txt:2: expression 0.5 is not a whole number"),
        ([EIGHT], "holds no rows"),
        ([EIGHT, 0, "", 0], r"1.txt:2: a blank line follows"),
        ([EIGHT, "1,2"], r"1.txt:2: expression '1,2' is not a number"),
    ],
)
def test_expr_bad_rows_are_refused(tmp_path, lines, message):
    with pytest.raises(InputError, match=message):
        affwild2.read_expr(write(tmp_path, "1.txt", *lines), fps=1)


def test_expr_interval_ends_at_the_next_decoded_frame(tmp_path):
    path = write(tmp_path, "1.txt", SEVEN, 0, 0, 1)
    found = affwild2.read_expr(path, frame_times=[0.0, 0.1, 0.3])
    assert intervals(found)[0] == [0.0, 0.3, "neutral"]
    assert intervals(found)[1] == [0.3, pytest.approx(0.45), "anger"]


def mtl_row(image, valence, arousal, expression):
    return f"{image},{valence},{arousal},{expression}," + ",".join(["-1"] * 12)


def test_mtl_markers_are_independent(tmp_path):
    rows = [
        mtl_row("video1/00001.jpg", -5, 0.5, 4),
        mtl_row("video1/00002.jpg", 0.25, -0.5, -1),
        mtl_row("video1/00003.jpg", 0.5, 0.5, 4),
    ]
    found = affwild2.read_mtl(write(tmp_path, "train_set.txt", MTL_HEADER, *rows), fps=1)
    values = found.dimensional[["time", "valence", "arousal"]].to_numpy().tolist()
    assert values == [[1.0, 0.25, -0.5], [2.0, 0.5, 0.5]]
    assert intervals(found) == [[0, 1, "happiness"], [2, 3, "happiness"]]
    assert sum(found.provenance["dropped"].values()) == 2


def test_mtl_frames_come_from_the_image_not_the_row(tmp_path):
    rows = [
        mtl_row("b_right/00010.jpg", 0, 0, 1),
        mtl_row("a/00002.jpg", 0, 0, 7),
        mtl_row("b_right/00003.jpg", 0.5, 0, 1),
    ]
    path = write(tmp_path, "train_set.txt", MTL_HEADER, *rows)
    found = affwild2.read_mtl(path, fps={"a": 1, "b": 2})
    times = {track: rows["time"].tolist() for track, rows in found.dimensional.groupby("track")}
    assert times == {"a": [1.0], "b_right": [1.0, 4.5]}
    assert intervals(found) == [[1.0, 1.5, "anger"], [4.5, 5.0, "anger"]]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["video1/00000.jpg"], "numbers from 1"),
        (["00001.jpg"], "is not <track>/<number>.jpg"),
        (["a/00001.jpg", "a/00001.jpg"], r":3: image 'a/00001.jpg' is listed twice"),
    ],
)
def test_mtl_bad_images_are_refused(tmp_path, rows, message):
    lines = [mtl_row(image, 0, 0, 0) for image in rows]
    with pytest.raises(InputError, match=message):
        affwild2.read_mtl(write(tmp_path, "train_set.txt", MTL_HEADER, *lines), fps=1)


def test_mtl_lacking_column_is_refused(tmp_path):
    path = write(tmp_path, "x.txt", "image,valence,arousal", "a/00001.jpg,0,0")
    with pytest.raises(InputError, match="should hold 'expression' once"):
        affwild2.read_mtl(path, fps=1)


def test_read_test_tracks_plain_names(tmp_path):
    path = write(tmp_path, "release.txt", "video10_1_left", "102", "", "102-30-640x360")
    assert affwild2_tracks.read_test_tracks(path) == ["video10_1_left", "102", "102-30-640x360"]
    with pytest.raises(InputError, match=r"release.txt:2: track '102' is listed twice"):
        affwild2_tracks.read_test_tracks(write(tmp_path, "release.txt", "102", "102"))
    with pytest.raises(InputError, match="without extension"):
        affwild2_tracks.read_test_tracks(write(tmp_path, "release.txt", "102.mp4"))


@pytest.mark.parametrize(
    ("track", "video"),
    [
        ("video5_left", "video5"),
        ("video10_1_right", "video10_1"),
        ("video45_3", "video45_3"),
        ("122-60-1920x1080-4", "122-60-1920x1080-4"),
        ("10-60-1280x720_right", "10-60-1280x720"),
        ("left_video", "left_video"),
    ],
)
def test_video_name_left_and_right_are_people_numbers_are_parts(track, video):
    assert affwild2_tracks.video_name(track) == video


def test_matches_by_first_line(tmp_path):
    by_name = {format.name: format for format in affwild2.FORMATS}
    paths = {
        "affwild2-va": write(tmp_path, "va/1.txt", "valence,arousal", "0,0"),
        "affwild2-expr": write(tmp_path, "expr/1.txt", EIGHT, "0"),
        "affwild2-mtl": write(tmp_path, "mtl/1.txt", MTL_HEADER, "0"),
    }
    for name, path in paths.items():
        assert [other for other in by_name if by_name[other].matches(path)] == [name]
    assert by_name["affwild2-va"].matches(tmp_path / "va")
    assert by_name["affwild2-expr"].matches(write(tmp_path, "seven.txt", SEVEN, "0"))
    assert not by_name["affwild2-mtl"].matches(tmp_path)


@given(st.lists(st.sampled_from(["fear", "anger", None]), max_size=30))
def test_runs_cover_every_labelled_frame_once(labels):
    labels = np.array(labels, dtype=object)
    painted = np.full(len(labels), None, dtype=object)
    found = list(zip(*runs(np.arange(len(labels)), labels), strict=True))
    for first, last, label in found:
        assert all(painted[first : last + 1] == None)  # noqa: E711
        painted[first : last + 1] = label
    assert painted.tolist() == labels.tolist()
    for (_, last, label), (first, _, following) in zip(found, found[1:], strict=False):
        assert last + 1 < first or label != following


@pytest.fixture(scope="session")
def real_crops(tmp_path_factory):
    """Return a folder of empty images, numbered as real tracks are, and the track's numbers."""
    samples = os.environ.get("EMOLIB_SAMPLE_DATA")
    if not samples:
        pytest.skip("EMOLIB_SAMPLE_DATA is not set: no real frame lists to test with")
    numbers = {}
    for track in ("242", "10-60-1280x720_right"):
        path = Path(samples) / "affwild2_frame_index" / f"{track}.csv"
        with path.open() as file:
            numbers[track] = [int(row["frame"]) for row in csv.DictReader(file)]
    folder = tmp_path_factory.mktemp("cropped_aligned")
    for track, frames in numbers.items():
        for number in frames:
            write(folder, f"{track}/{number:05d}.jpg", "")
    return folder, numbers


def test_real_tracks_keep_rows_in_place_despite_holes(real_crops, tmp_path):
    crops, numbers = real_crops
    assert len(numbers["242"]) == 31 and max(numbers["242"]) == 6158
    late = numbers["10-60-1280x720_right"]
    assert min(late) == 304 and max(np.diff(late)) == 750
    for track, frames in numbers.items():
        codes = [4 if number in set(frames) else -1 for number in range(1, max(frames) + 1)]
        write(tmp_path, f"{track}.txt", EIGHT, *codes)
    found = affwild2.read_expr(tmp_path, fps=30, crops=crops)
    assert all("no label" in problem for problem in found.problems)
    starts = found.categorical.groupby("track")["start"].min()
    assert starts["10-60-1280x720_right"] == 303 / 30 and starts["242"] == 2 / 30
    seconds = (found.categorical["end"] - found.categorical["start"]).sum()
    assert seconds * 30 == pytest.approx(31 + len(late))
