"""Aff-Wild2: the traps of its names, its label files and its aligned faces, one test each."""

import numpy as np
import pytest

from emolib.data.annotations import read_sources
from emolib.data.corpora import describe
from emolib.errors import InputError

SEVEN = "Neutral,Anger,Disgust,Fear,Happiness,Sadness,Surprise"
EIGHT = SEVEN + ",Other"
TRAIN, VALIDATION = "VA_Set/Training_Set", "VA_Set/Validation_Set"


def va(*rows, end="\n"):
    return end.join(["valence,arousal", *rows]) + end


def expr(*codes, header=SEVEN):
    return "\n".join([header, *map(str, codes)]) + "\n"


def clock(*names, frames=3, step=0.1):
    return {name: np.arange(frames + 1) * step for name in names}


def tracks_of(corpus):
    return corpus.videos.set_index("video")["tracks"].to_dict()


def test_videos_of_both_batches_and_suffixes_are_found_by_whole_names(lay_out):
    folder = lay_out(
        {
            "batch1/102.avi": "",
            "batch1/video5.mp4": "",
            "batch2/102-30-640x360.mp4": "",
            "batch2/video51.mp4": "",
            f"{TRAIN}/102.txt": va("0,0"),
            f"{TRAIN}/102-30-640x360.txt": va("0,0"),
            f"{VALIDATION}/video51.txt": va("0,0"),
            f"{TRAIN}/video5_left.txt": va("0,0"),
            f"{TRAIN}/video5_right.txt": va("0,0"),
        }
    )
    corpus = describe("affwild2", path=folder, labels=["va"])
    paths = corpus.videos.set_index("video")["path"].str.removeprefix(f"{folder}/").to_dict()
    assert paths == {
        "102": "batch1/102.avi",
        "102-30-640x360": "batch2/102-30-640x360.mp4",
        "video5": "batch1/video5.mp4",
        "video51": "batch2/video51.mp4",
    }
    assert tracks_of(corpus)["video5"] == ["video5_left", "video5_right"]
    assert tracks_of(corpus)["video51"] == ["video51"]
    parts = corpus.people.set_index("track")["part"].to_dict()
    assert parts["video5_left"] == "train" and parts["video51"] == "validation"
    assert not corpus.problems


@pytest.mark.parametrize(
    ("labelled", "tracks"),
    [
        (["video59", "video59_right"], ["video59", "video59_right"]),
        (["video2", "video2_left"], ["video2_left", "video2"]),
        (["video29_right"], ["video29_left", "video29_right"]),
        (["video10_1_left", "video10_1_right"], ["video10_1_left", "video10_1_right"]),
        (["video45_3"], ["video45_3"]),
    ],
)
def test_a_bare_name_is_a_person_beside_a_left_or_a_right_one(lay_out, labelled, tracks):
    video = labelled[-1].removesuffix("_right").removesuffix("_left")
    files = {f"{TRAIN}/{track}.txt": va("0,0") for track in labelled}
    corpus = describe("affwild2", path=lay_out(files | {f"{video}.mp4": ""}), labels=["va"])
    assert tracks_of(corpus) == {video: tracks}
    assert corpus.videos["people"].tolist() == [len(tracks)]
    assert corpus.people["track"].tolist() == tracks and not corpus.problems


def test_a_bare_name_beside_both_sides_is_nobody(lay_out):
    names = ("video5", "video5_left", "video5_right")
    files = {f"{TRAIN}/{name}.txt": va("0,0") for name in names}
    corpus = describe("affwild2", path=lay_out(files | {"video5.mp4": ""}), labels=["va"])
    assert tracks_of(corpus) == {"video5": ["video5_left", "video5_right"]}
    assert [source.tracks for source in corpus.sources] == ["video5_left", "video5_right"]
    assert "are video5_left and video5_right; who is 'video5'?" in corpus.problems[0][1]


def test_parts_of_a_recording_show_the_same_people(lay_out):
    names = ["video10_1_left", "video10_2_left", "122-60-1920x1080-4", "122-60-1920x1080-1"]
    files = {f"{TRAIN}/{name}.txt": va("0,0") for name in names}
    videos = {f"{name.removesuffix('_left')}.mp4": "" for name in names}
    corpus = describe("affwild2", path=lay_out(files | videos), labels=["va"])
    people = corpus.people.set_index("track")["person"]
    assert people["video10_1_left"] == people["video10_2_left"] == "video10_left"
    assert people["video10_1_right"] == people["video10_2_right"] == "video10_right"
    assert people["122-60-1920x1080-4"] == people["122-60-1920x1080-1"] == "122-60-1920x1080"
    assert len(corpus.videos) == 4


def test_labels_whose_video_is_not_there_are_reported_with_their_file(lay_out):
    folder = lay_out(
        {
            "video51.mp4": "",
            f"{TRAIN}/video51.txt": va("0,0"),
            f"{TRAIN}/video5.txt": va("0,0"),
            f"{TRAIN}/video7_left.txt": va("0,0"),
            "silent.mp4": "",
        }
    )
    corpus = describe("affwild2", path=folder, labels=["va"])
    assert corpus.videos["video"].tolist() == ["video51"]
    assert corpus.problems == [
        ("video5.txt", f"{folder}/{TRAIN}/video5.txt: there is no video 'video5' for 'video5'"),
        (
            "video7_left.txt",
            f"{folder}/{TRAIN}/video7_left.txt: there is no video 'video7' for 'video7_left'",
        ),
        ("silent.mp4", f"{folder}/silent.mp4: has no labels, so the video is not used"),
    ]


def test_label_files_are_known_by_their_first_line_in_folders_of_any_name(lay_out):
    folder = lay_out(
        {
            "1.mp4": "",
            "VA_Estimation_Challenge/Train_Set/1.txt": va("0.5,-0.5", "0.5,-0.5", "-5,0.1"),
            "EXPR_Recognition_Challenge/Train_Set/1.txt": expr(4, 4, 7, header=EIGHT),
            "AU_Set/Train_Set/1.txt": "AU1,AU2\n0,1\n",
            "VA_test_set_release.txt": "video90\nvideo91\n",
            "readme.txt": b"\xff\xfe no text",
        }
    )
    corpus = describe("affwild2", path=folder)
    assert sorted(source.format for source in corpus.sources) == ["affwild2-expr", "affwild2-va"]
    dimensional, categorical, problems = read_sources(corpus.sources, clock("1"))
    assert dimensional[["time", "valence", "arousal"]].to_numpy().tolist() == [
        [0.0, 0.5, -0.5],
        [0.1, 0.5, -0.5],
    ]
    intervals = categorical[["track", "start", "end", "emotion"]].to_numpy().tolist()
    assert intervals == [["1", 0.0, 0.2, "happiness"]]
    counted = " ".join(problem for _, problem in problems)
    assert "left out 1 rows with the marker -5" in counted and "1 labels 'other'" in counted


def test_rate_in_the_name_is_not_that_of_the_video(lay_out):
    files = {"67-24-640x360.mp4": "", f"{TRAIN}/67-24-640x360.txt": va("0,0", "0,0")}
    corpus = describe("affwild2", path=lay_out(files), labels=["va"])
    dimensional, _, _ = read_sources(corpus.sources, clock("67-24-640x360", step=1 / 30))
    assert dimensional["time"].tolist() == [0.0, 1 / 30]


def test_one_row_more_than_frames_is_left_out_and_counted(lay_out):
    files = {"1.mp4": "", f"{TRAIN}/1.txt": va("0,0", "0.1,0", "0.2,0", "0.9,0", end="\r\n")}
    corpus = describe("affwild2", path=lay_out(files), labels=["va"])
    dimensional, _, problems = read_sources(corpus.sources, clock("1", frames=3))
    assert dimensional["valence"].tolist() == [0.0, 0.1, 0.2]
    assert "1.txt: left out 1 rows beyond the last decoded frame" in problems[0][1]


def test_two_people_take_the_clock_of_their_one_video(lay_out):
    files = {f"{TRAIN}/video5_{side}.txt": va("0,0", "0,0") for side in ("left", "right")}
    corpus = describe("affwild2", path=lay_out(files | {"video5.avi": ""}), labels=["va"])
    bounds = clock("video5", "video5_left", "video5_right", step=0.2)
    dimensional, _, problems = read_sources(corpus.sources, bounds)
    assert dimensional["track"].tolist() == ["video5_left"] * 2 + ["video5_right"] * 2
    assert dimensional["time"].tolist() == [0.0, 0.2, 0.0, 0.2]
    assert sum("the last 1 decoded frames have no row" in text for _, text in problems) == 2


def test_aligned_faces_with_holes_number_frames_from_one(lay_out):
    files = {"1.mp4": "", f"{TRAIN}/1.txt": va("0,0", "0.1,0", "0.2,0")}
    crops = {f"cropped_aligned/1/{number:05d}.jpg": "" for number in (2, 3)}
    folder = lay_out(files | crops)
    corpus = describe("affwild2", path=folder, labels=["va"], faces="crops")
    assert corpus.videos["crops"].tolist() == [str(folder / "cropped_aligned")]
    assert corpus.videos["path"].tolist() == [str(folder / "1.mp4")]
    dimensional, _, problems = read_sources(corpus.sources, clock("1"))
    assert dimensional["valence"].tolist() == [0.0, 0.1, 0.2]  # row i is image i + 1
    assert not problems and not corpus.problems
    assert describe("affwild2", path=folder, labels=["va"]).videos["crops"].tolist() == [""]


def test_aligned_faces_tell_that_there_are_two_people(lay_out):
    files = {"video59.mp4": "", f"{TRAIN}/video59.txt": va("0,0")}
    crops = {f"faces/{track}/00001.jpg": "" for track in ("video59", "video59_right")}
    folder = lay_out(files | crops)
    corpus = describe("affwild2", path=folder, labels=["va"], faces="crops", crops=folder / "faces")
    assert tracks_of(corpus) == {"video59": ["video59", "video59_right"]}


def test_aligned_faces_alone_need_a_rate(lay_out):
    files = {f"{TRAIN}/video5_left.txt": va("0,0"), f"{TRAIN}/2.txt": va("0,0"), "2.mp4": ""}
    crops = {f"cropped_aligned/{track}/00001.jpg": "" for track in ("video5_left", "2")}
    folder = lay_out(files | crops)
    corpus = describe("affwild2", path=folder, labels=["va"], faces="crops", fps=30.0)
    videos = corpus.videos.set_index("video")
    assert videos["tracks"].to_dict() == {"2": ["2"], "video5_left": ["video5_left"]}
    assert videos.loc["video5_left", "path"] == str(folder / "cropped_aligned" / "video5_left")
    assert videos.loc["video5_left", "image_rate"] == 30 and np.isnan(videos.loc["2", "image_rate"])
    without = describe("affwild2", path=folder, labels=["va"], faces="crops")
    assert without.videos["video"].tolist() == ["2"]
    assert "there is no video 'video5' for 'video5_left'" in without.problems[0][1]


def test_labelled_track_without_aligned_faces_is_reported(lay_out):
    files = {name: "" for name in ("1.mp4", "2.mp4", "cropped_aligned/1/00001.jpg")}
    files |= {f"{TRAIN}/{name}.txt": va("0,0") for name in "12"}
    corpus = describe("affwild2", path=lay_out(files), labels=["va"], faces="crops")
    assert "there are no aligned faces of '2'" in corpus.problems[0][1]
    assert len(corpus.problems) == 1


def mtl(*rows):
    units = ",".join(f"AU{unit}" for unit in (1, 2, 4, 6, 7, 10, 12, 15, 23, 24, 25, 26))
    lines = [f"image,valence,arousal,expression,{units}", *(row + ",-1" * 12 for row in rows)]
    return "\n".join(lines) + "\n"


def test_multi_task_lists_hold_many_tracks_and_some_have_no_video(lay_out):
    folder = lay_out(
        {
            "1.mp4": "",
            "2.mp4": "",
            "MTL/train_set.txt": mtl("1/00002.jpg,0.5,0.5,4", "9_left/00001.jpg,0,0,0"),
            "MTL/validation_set.txt": mtl("2/00003.jpg,-5,-5,1", "2/00001.jpg,0.1,0.2,-1"),
        }
    )
    corpus = describe("affwild2", path=folder, labels=["mtl"])
    assert corpus.people[["track", "part"]].to_numpy().tolist() == [
        ["1", "train"],
        ["2", "validation"],
    ]
    assert [name for name, _ in corpus.problems] == ["train_set.txt"]
    dimensional, categorical, _ = read_sources(corpus.sources, clock("1", "2"))
    assert dimensional[["track", "time", "valence"]].to_numpy().tolist() == [
        ["1", 0.1, 0.5],
        ["2", 0.0, 0.1],
    ]
    assert categorical[["track", "emotion"]].to_numpy().tolist() == [
        ["1", "happiness"],
        ["2", "anger"],
    ]
    assert categorical["start"].round(6).tolist() == [0.1, 0.2]


def test_tracks_of_the_official_test_set_get_no_labels_and_are_reported(lay_out):
    folder = lay_out(
        {
            "1.mp4": "",
            "2.mp4": "",
            f"{TRAIN}/1.txt": va("0,0"),
            f"{TRAIN}/2.txt": va("0,0"),
            "lists/VA_test_set_release.txt": "2\nvideo90\n",
        }
    )
    test_list = folder / "lists/VA_test_set_release.txt"
    corpus = describe("affwild2", path=folder, labels=["va"], test_list=test_list)
    assert corpus.videos["video"].tolist() == ["1"]
    assert [source.tracks for source in corpus.sources] == ["1"]
    sentences = dict(corpus.problems)
    assert "'2' is in the test set of" in sentences["2.txt"]
    assert "has no labels" in sentences["2.mp4"]


def test_track_in_different_parts_for_different_labels_has_no_part(lay_out):
    files = {"1.mp4": "", f"{TRAIN}/1.txt": va("0,0"), "EXPR_Set/Validation_Set/1.txt": expr(0)}
    corpus = describe("affwild2", path=lay_out(files))
    assert corpus.people["part"].tolist() == [""]
    assert "'1' is in train and validation, for different labels" in corpus.problems[0][1]


def test_people_who_would_be_learned_from_and_judged_on_have_no_part(lay_out):
    split = {TRAIN: ["video1_1", "video2_left", "video3"], VALIDATION: ["video1_2", "video2_right"]}
    files = {f"{part}/{track}.txt": va("0,0") for part, of in split.items() for track in of}
    videos = {f"{name}.mp4": "" for name in ("video1_1", "video1_2", "video2", "video3")}
    corpus = describe("affwild2", path=lay_out(files | videos), labels=["va"])
    parts = corpus.people.set_index("track")["part"]
    assert parts[parts != ""].to_dict() == {"video3": "train"}
    assert [text.partition(":")[0] for _, text in corpus.problems] == [
        "video1_1, video1_2",
        "video2_left, video2_right",
    ]


def test_second_label_file_of_a_track_is_not_used(lay_out):
    files = {"1.mp4": "", f"ABAW3/{TRAIN}/1.txt": va("0,0"), f"ABAW5/{TRAIN}/1.txt": va("1,1")}
    corpus = describe("affwild2", path=lay_out(files), labels=["va"])
    assert len(corpus.sources) == 1 and "ABAW3" in str(corpus.sources[0].path)
    assert "another va file of '1'" in corpus.problems[0][1]


def test_what_is_asked_for_and_not_there_is_refused(lay_out):
    folder = lay_out({"1.mp4": "", f"{TRAIN}/1.txt": va("0,0")})
    with pytest.raises(InputError, match="holds no labels of kind 'expr'; list under `labels`"):
        describe("affwild2", path=folder)
    with pytest.raises(InputError, match="cropped_aligned: no such folder of aligned faces"):
        describe("affwild2", path=folder, labels=["va"], faces="crops")
    with pytest.raises(InputError, match="holds no video with labels; is this Aff-Wild2"):
        describe("affwild2", path=lay_out({f"{TRAIN}/1.txt": va("0,0")}, "none"), labels=["va"])
