"""The stage of faces: tables and crops of others, names of tracks, corrections, what is redone."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.errors import InputError
from emolib.pipeline import faces as stage
from emolib.storage import read_array, write_table
from emolib.workspace import Workspace

N, SIDE = 40, 60
CORRECTIONS = "video,track,action,start,end,to,x,y,w,h,note\n"


@pytest.fixture
def corpus(tmp_path):
    """Return a folder with a video of two squares, 80 and 200 in grey, and where they are."""
    folder = tmp_path / "corpus"
    (folder / "videos").mkdir(parents=True)
    with av.open(str(folder / "videos" / "talk.mp4"), "w") as container:
        stream = container.add_stream("libx264", Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 320, 160, "yuv420p"
        for _ in range(N):
            image = np.full((160, 320, 3), 20, np.uint8)
            image[40 : 40 + SIDE, 40 : 40 + SIDE] = 80
            image[40 : 40 + SIDE, 200 : 200 + SIDE] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())
    (folder / "videos.csv").write_text("video,people\ntalk,2\n")
    (folder / "people.csv").write_text(
        "track,video,person\ntalk_left,talk,a\ntalk_right,talk,b\ntalk_guest,talk,c\n"
    )
    (folder / "annotations.csv").write_text("file,track,format\nx.eaf,talk_left,elan\n")
    (tmp_path / "tables").mkdir()
    table(tmp_path / "tables" / "talk.csv", (40, 200))
    return folder


def table(path, columns):
    rows = [(frame, x, 40, SIDE, SIDE, 0.9) for frame in range(N) for x in columns]
    names = ["frame", "FaceRectX", "FaceRectY", "FaceRectWidth", "FaceRectHeight", "FaceScore"]
    path.write_text(pd.DataFrame(rows, columns=names).to_csv(index=False))


@pytest.fixture
def workspace(corpus, tmp_path):
    """Return a workspace on that corpus, its videos read, whose faces come from tables."""
    config = tmp_path / "mine.yaml"
    config.write_text(
        "corpus: {kind: folder, path: corpus}\nfaces: {boxes: {format: py-feat, folder: tables}}"
    )
    workspace = Workspace(load_config(config), tmp_path / "build")
    pipeline.ingest(workspace)
    return workspace


def brightness(workspace, track):
    return read_array(workspace.crops / f"{track}.npy")[:, 36, 36, 0].astype(int)


def change_videos(workspace, **columns):
    videos = workspace.load("videos")
    for name, value in columns.items():
        videos[name] = [value]
    write_table(videos, workspace.videos)


def test_faces_from_tables_of_another_tool(workspace):
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert faces["track"].value_counts().to_dict() == {"talk_left": N, "talk_right": N}
    assert (abs(brightness(workspace, "talk_left") - 80) < 5).all()
    assert (abs(brightness(workspace, "talk_right") - 200) < 5).all()
    counts = pd.read_parquet(workspace.folder / "face_counts.parquet")
    assert counts.iloc[0].to_dict() == {
        "video": "talk", "left_out": 0, "false_tracks": 0, "corrected": 0, "rejected": 0
    }  # fmt: skip


def test_video_without_a_table_is_reported(workspace, tmp_path):
    (tmp_path / "tables" / "talk.csv").rename(tmp_path / "tables" / "else.csv")
    with pytest.raises(InputError, match="no face was found in any of 1 videos"):
        pipeline.extract_all_faces(workspace, jobs=1)
    problems = pd.read_csv(workspace.folder / "problems" / "faces.csv")
    assert "no such table of faces" in problems["problem"].iloc[0]


def test_names_that_the_corpus_gives_replace_left_and_right(workspace):
    change_videos(workspace, tracks=["talk", "talk_right"], people=pd.NA)
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert faces.groupby("track")["x"].mean().round().to_dict() == {"talk": 40, "talk_right": 200}


def test_one_of_two_named_people_takes_the_name_of_the_nearer_side(workspace, tmp_path, caplog):
    table(tmp_path / "tables" / "talk.csv", (200,))
    change_videos(workspace, tracks=["talk", "talk_right"])
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert set(faces["track"]) == {"talk_right"}
    assert "only 1 of 2 people were found" in caplog.text


def crop_files(folder, track, numbers):
    (folder / track).mkdir(parents=True)
    for number in numbers:
        path = str(folder / track / f"{number:05d}.png")
        cv2.imwrite(path, np.full((112, 112, 3), number, np.uint8))


def test_ready_made_crops_are_taken_with_their_holes(workspace, tmp_path):
    crop_files(tmp_path / "aligned", "talk", [3, 4, 10])
    change_videos(workspace, tracks=["talk"], crops=str(tmp_path / "aligned"))
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert faces["frame"].tolist() == [2, 3, 9]  # pictures count from 1
    assert brightness(workspace, "talk").tolist() == [3, 4, 10]
    assert read_array(workspace.crops / "talk.npy").shape == (3, 72, 72, 3)
    assert faces[list("xywh")].isna().all(axis=None) and (faces["confidence"] == 1).all()


def test_ready_made_crop_is_shown_as_long_as_its_picture(workspace, tmp_path):
    crop_files(tmp_path / "aligned", "talk", [1, 3])
    change_videos(workspace, tracks=["talk"], crops=str(tmp_path / "aligned"))
    np.save(workspace.stamps / "talk.npy", np.arange(4) / 10)  # as if of 10 pictures per second
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert faces["frame"].tolist() == [0, 1, 2, 6, 7, 8]
    assert brightness(workspace, "talk").tolist() == [1, 1, 1, 3, 3, 3]


def test_ready_made_crops_can_be_rejected_and_not_moved(workspace, corpus, tmp_path):
    crop_files(tmp_path / "aligned", "talk_left", range(1, 41))
    change_videos(workspace, tracks=["talk_left"], crops=str(tmp_path / "aligned"))
    (corpus / "corrections.csv").write_text(CORRECTIONS + "talk,talk_left,reject,1,,,,,,,\n")
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert (faces["status"] == "rejected").tolist() == [False] * 30 + [True] * 10
    (corpus / "corrections.csv").write_text(
        CORRECTIONS + "talk,talk_left,reassign,1,,talk_guest,,,,,\n"
    )
    with pytest.raises(InputError, match=r"corrections.csv:2: reassign is not possible"):
        pipeline.extract_all_faces(workspace, jobs=1)


def test_corrections_move_faces_with_their_crops(workspace, corpus, caplog):
    (corpus / "corrections.csv").write_text(
        CORRECTIONS
        + "talk,talk_left,reassign,1,,talk_right,,,,,\n"
        + "talk,talk_right,reassign,1,,talk_left,,,,,\n"
        + "talk,talk_left,reject,0,0.5,,,,,,hair before the face\n"
    )
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    left = brightness(workspace, "talk_left")
    assert (abs(left[:30] - 80) < 5).all() and (abs(left[30:] - 200) < 5).all()
    assert len(left) == (faces["track"] == "talk_left").sum() == N
    assert faces["status"].value_counts().to_dict() == {"auto": 45, "corrected": 20, "rejected": 15}
    assert "20 faces corrected, 15 rejected by hand" in caplog.text


def test_unknown_track_in_corrections_stops_the_stage(workspace, corpus):
    (corpus / "corrections.csv").write_text(CORRECTIONS + "\ntalk,talk_lfet,reject,1,,,,,,,\n")
    with pytest.raises(InputError, match=r"corrections.csv:3: there is no track 'talk_lfet'"):
        pipeline.extract_all_faces(workspace, jobs=1)


def test_only_videos_whose_inputs_changed_are_redone(workspace, corpus, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(stage, "apply_corrections", lambda faces, *rest: written.append(1) or faces)
    pipeline.extract_all_faces(workspace, jobs=1)
    counts = workspace.folder / "face_counts.parquet"
    first = pd.read_parquet(counts)
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(written) == 1
    pd.testing.assert_frame_equal(pd.read_parquet(counts), first)
    (corpus / "corrections.csv").write_text(CORRECTIONS + "talk,talk_left,reject,1,,,,,,,\n")
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(written) == 2
    # A comment line above changes the line of the row and nothing that it does.
    (corpus / "corrections.csv").write_text(CORRECTIONS + "\ntalk,talk_left,reject,1,,,,,,,\n")
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(written) == 2
    table(tmp_path / "tables" / "talk.csv", (30, 200))
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(written) == 3
    (workspace.crops / "talk_left.npy").unlink()
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(written) == 4 and (workspace.crops / "talk_left.npy").is_file()


def test_what_was_detected_outlives_a_change_of_corrections(corpus, tmp_path, monkeypatch):
    config = tmp_path / "detecting.yaml"
    config.write_text("corpus: {kind: folder, path: corpus}")
    workspace = Workspace(load_config(config), tmp_path / "build")
    pipeline.ingest(workspace)
    searched = []

    def find_squares(image):
        searched.append(image)
        mask = (image[..., 0] > 50).astype(np.uint8)
        return [
            (*map(float, box[:4]), 1.0) for box in cv2.connectedComponentsWithStats(mask)[2][1:]
        ]

    monkeypatch.setattr(stage, "find_detector", lambda name: find_squares)
    pipeline.extract_all_faces(workspace, jobs=1)
    assert len(searched) == N
    (corpus / "corrections.csv").write_text(CORRECTIONS + "talk,talk_left,reject,1,,,,,,,\n")
    pipeline.extract_all_faces(workspace, jobs=1)
    faces = workspace.load("faces")
    assert len(searched) == N and (faces["status"] == "rejected").sum() == 10
