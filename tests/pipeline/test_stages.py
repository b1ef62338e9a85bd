"""Stages of a build meet bad input: a sentence for each, and the rest goes on."""

import json
import os
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.errors import InputError
from emolib.pipeline import corpus
from emolib.storage import read_json, write_table
from emolib.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    """Return a workspace on a corpus folder of one's own without videos."""
    (tmp_path / "corpus" / "videos").mkdir(parents=True)
    (tmp_path / "corpus" / "people.csv").write_text("track,video,person\n")
    (tmp_path / "corpus" / "annotations.csv").write_text("file,track,format\nx.eaf,x,elan\n")
    config = tmp_path / "mine.yaml"
    config.write_text("corpus: {kind: folder, path: corpus}")
    return Workspace(load_config(config), tmp_path / "build")


def film(path, n_frames=12):
    """Write a grey clip, in which nobody has a face."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(n_frames):
            image = np.full((120, 160, 3), 128, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        container.mux(stream.encode())


def list_videos(workspace, *names):
    rows = [(name, f"videos/{name}.mp4", 1) for name in names]
    write_table(
        pd.DataFrame(rows, columns=["video", "file", "people"]), workspace.corpus / "videos.csv"
    )


def with_training(workspace, **values):
    config = workspace.config
    changed = config.override_training(config.training.model_dump() | values)
    return Workspace(changed, workspace.folder.parent)


def test_check_names_the_table_that_the_corpus_lacks(workspace):
    with pytest.raises(InputError, match=r"videos.csv: no such file; the page"):
        pipeline.check(workspace)


def test_check_refuses_what_would_fail_after_hours(workspace):
    single = with_training(workspace, networks=("vgg16-category-1fc",))
    with pytest.raises(InputError, match="holds no dimensional network"):
        pipeline.check(single)
    with pytest.raises(InputError, match="vgg99"):
        pipeline.check(with_training(workspace, networks=("vgg99-category-1fc",)))
    faces = workspace.config.faces.model_copy(update={"detector": "dlbi"})
    misspelt = Workspace(workspace.config.model_copy(update={"faces": faces}))
    with pytest.raises(InputError, match="dlbi"):
        pipeline.check(misspelt)


def test_ingest_knows_videos_whose_names_are_numbers(workspace):
    for name in ("001", "105"):
        film(workspace.corpus / "videos" / f"{name}.mp4")
    (workspace.corpus / "videos.csv").write_text("video,people\n001,2\n105,\n")
    videos = pipeline.ingest(workspace).set_index("video")
    assert videos.loc["001", "people"] == 2
    assert pd.isna(videos.loc["105", "people"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,people\ngood,two\n", "video good has 'two' people"),
        ("video,number\ngood,1\n", "no column 'people'"),
        ("video,people\ngood,1\ngood,2\n", "video 'good' is listed twice"),
    ],
)
def test_ingest_explains_an_unusable_list_of_videos(workspace, text, message):
    film(workspace.corpus / "videos" / "good.mp4")
    (workspace.corpus / "videos.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        pipeline.ingest(workspace)


def test_faces_a_detector_that_cannot_be_had_is_no_fault_of_the_videos(workspace):
    film(workspace.corpus / "videos" / "good.mp4")
    list_videos(workspace, "good")
    pipeline.ingest(workspace)
    faces = workspace.config.faces.model_copy(update={"detector": "ffld2"})
    config = workspace.config.model_copy(update={"faces": faces})
    with pytest.raises(InputError, match="cyffld2"):
        pipeline.extract_all_faces(Workspace(config, workspace.folder.parent))


def test_simulate_refuses_to_write_into_a_corpus_of_ones_own(workspace):
    with pytest.raises(InputError, match="this corpus is yours"):
        pipeline.simulate(workspace)


def test_ingest_empty_folder_is_an_error(workspace):
    with pytest.raises(InputError, match="videos"):
        pipeline.ingest(workspace)


def test_ingest_leaves_out_what_is_no_video_and_says_so(workspace, caplog):
    film(workspace.corpus / "videos" / "good.mp4")
    (workspace.corpus / "videos" / "text.mp4").write_text("no film")
    list_videos(workspace, "good", "text")
    videos = pipeline.ingest(workspace)
    assert videos["video"].tolist() == ["good"]
    problems = pd.read_csv(workspace.folder / "problems" / "ingest.csv")
    assert problems["item"].tolist() == ["text.mp4"]
    assert "ingest: 1 left out; the rest goes on" in caplog.text


def test_ingest_without_a_list_of_videos_says_what_is_missing(workspace):
    film(workspace.corpus / "videos" / "good.mp4")
    with pytest.raises(InputError, match=r"videos.csv: no such file"):
        pipeline.ingest(workspace)


def test_ingest_when_nothing_can_be_read_is_an_error(workspace):
    (workspace.corpus / "videos" / "text.mp4").write_text("no film")
    list_videos(workspace, "text")
    with pytest.raises(InputError, match="none of its 1 videos can be read; .*text.mp4: cannot"):
        pipeline.ingest(workspace)


def test_faces_when_nobody_is_seen_is_an_error(workspace):
    film(workspace.corpus / "videos" / "good.mp4")
    list_videos(workspace, "good")
    pipeline.ingest(workspace)
    with pytest.raises(InputError, match="no face was found in any of 1 videos"):
        pipeline.extract_all_faces(workspace, jobs=1)


@pytest.fixture
def matched(workspace):
    """Return the workspace with faces of six people who are neutral or happy."""
    people = [f"p{i}" for i in range(6)]
    frames = np.arange(60)
    faces = pd.concat(
        pd.DataFrame({"track": name, "video": name, "person": name, "frame": frames})
        for name in people
    )
    faces = faces.assign(
        time=faces["frame"] / 30, x=0.0, y=0.0, w=9.0, h=9.0, confidence=1.0, status="auto"
    )
    times = np.arange(0, 2, 0.05)
    dimensional = pd.concat(
        pd.DataFrame({"track": name, "time": times, "valence": np.sin(times), "arousal": 0.5})
        for name in people
    ).assign(rater="r")
    categorical = pd.concat(
        pd.DataFrame(
            {
                "track": name,
                "start": [0.0, 1.0],
                "end": [1.0, 2.0],
                "emotion": ["neutral", "happiness"],
            }
        )
        for name in people
    ).assign(rater="r", **{"pass": 1})
    write_table(faces, workspace.faces)
    write_table(dimensional, workspace.dimensional)
    write_table(categorical, workspace.categorical)
    rows = [(name, name, name) for name in people]
    write_table(pd.DataFrame(rows, columns=["track", "video", "person"]), workspace.people)
    return workspace


def with_emotions(workspace, emotions):
    config = workspace.config.model_copy(update={"emotions": emotions})
    return Workspace(config, workspace.folder.parent)


def test_match_refuses_a_category_that_the_corpus_lacks(matched):
    with pytest.raises(InputError, match=r"asks for sadness, anger, .* but no face"):
        pipeline.match_and_split(matched)


def test_match_numbers_faces_within_their_track_and_splits_people(matched):
    workspace = with_emotions(matched, ("neutral", "happiness"))
    samples = pipeline.match_and_split(workspace)
    assert samples.groupby("track")["row"].apply(list).iloc[0] == list(range(60))
    assert set(samples["split"]) == {"train", "validation", "test"}
    assert samples.groupby("person")["split"].nunique().max() == 1
    pd.testing.assert_frame_equal(pd.read_parquet(workspace.samples), samples)


def test_match_leaves_out_rejected_faces_and_keeps_the_rows_of_the_others(matched):
    faces = matched.load("faces")
    faces.loc[faces["track"].eq("p2") & faces["frame"].between(10, 19), "status"] = "rejected"
    write_table(faces, matched.faces)
    samples = pipeline.match_and_split(with_emotions(matched, ("neutral", "happiness")))
    rows = samples.loc[samples["track"] == "p2", "row"].tolist()
    assert rows == [*range(10), *range(20, 60)]


def test_match_names_tracks_of_which_nobody_says_who_they_are(matched):
    people = matched.load("people")
    write_table(people[people["track"] != "p3"], matched.people)
    with pytest.raises(InputError, match=r"people.csv: no person is given for track p3"):
        pipeline.match_and_split(with_emotions(matched, ("neutral", "happiness")))


def test_train_unknown_run_points_to_the_list(matched):
    pipeline.match_and_split(with_emotions(matched, ("neutral", "happiness")))
    with pytest.raises(InputError, match="unknown run 'vgg99'; `emolib runs` lists"):
        pipeline.train_runs(matched, ["vgg99"])


def test_stage_without_the_one_before_says_what_to_run(workspace):
    with pytest.raises(InputError, match=r"faces.parquet: no such file; run `make data` first"):
        pipeline.match_and_split(workspace)


def test_pictures_of_a_corpus_with_an_adapter_are_ingested_and_labelled(tmp_path):
    folder = tmp_path / "AFEW-VA" / "001"
    folder.mkdir(parents=True)
    for number in range(4):
        cv2.imwrite(str(folder / f"{number:05d}.png"), np.full((40, 60, 3), 99, np.uint8))
    frames = {f"{number:05d}": {"valence": number, "arousal": -number} for number in range(5)}
    (folder / "001.json").write_text(
        json.dumps({"video_id": "001", "actor": "Meryl", "frames": frames})
    )
    (tmp_path / "AFEW-VA" / "002.json").write_text("{}")
    config = tmp_path / "afew.yaml"
    config.write_text("corpus: {kind: afew_va, path: AFEW-VA, fps: 25}")
    workspace = Workspace(load_config(config), tmp_path / "build")
    video = pipeline.ingest(workspace).iloc[0]
    assert (video["video"], video["image_rate"], video["n_frames"]) == ("001", 25.0, 4)
    assert list(workspace.load("videos")["tracks"].iloc[0]) == ["001"]
    assert workspace.load("people").to_numpy().tolist() == [["001", "001", "actor Meryl", ""]]
    np.testing.assert_allclose(np.load(workspace.stamps / "001.npy"), np.arange(5) / 25)
    assert read_json(workspace.folder / "corpus.json")["name"] == "AFEW-VA"
    pipeline.unify_annotations(workspace)
    dimensional = workspace.load("dimensional")
    assert dimensional["time"].tolist() == [0.0, 0.04, 0.08, 0.12]
    assert dimensional["arousal"].tolist() == [0.0, -0.1, -0.2, -0.3]
    problems = [
        pd.read_csv(workspace.folder / "problems" / f"{stage}.csv")["problem"].item()
        for stage in ("ingest", "annotations")
    ]
    assert "002.json: there is no folder '002' with its pictures" in problems[0]
    assert "left out 1 frames beyond the last decoded one" in problems[1]


def test_ingest_decodes_only_videos_that_are_new_or_changed(workspace, monkeypatch):
    for name in ("same", "changed"):
        film(workspace.corpus / "videos" / f"{name}.mp4")
    list_videos(workspace, "same", "changed", "new")
    before = pipeline.ingest(workspace)
    assert before["n_frames"].tolist() == [12, 12]
    for name in ("changed", "new"):
        film(workspace.corpus / "videos" / f"{name}.mp4", n_frames=20)
    decoded = []
    probe = corpus.probe
    monkeypatch.setattr(
        corpus, "probe", lambda path, rate: decoded.append(path) or probe(path, rate)
    )
    after = pipeline.ingest(workspace)
    assert [path.stem for path in decoded] == ["changed", "new"]
    assert after["n_frames"].tolist() == [20, 20, 12]
    assert len(np.load(workspace.stamps / "changed.npy")) == 21
    same = after.set_index("video").loc["same"].drop("tracks")
    pd.testing.assert_series_equal(same, before.set_index("video").loc["same"].drop("tracks"))


def test_ingest_that_was_killed_between_stamps_and_facts_looks_at_the_video_again(
    workspace, monkeypatch
):
    video = workspace.corpus / "videos" / "clip.mp4"
    film(video)
    list_videos(workspace, "clip")
    before, content, state = pipeline.ingest(workspace), video.read_bytes(), video.stat()

    def killed(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        film(video, n_frames=20)
        patch.setattr(corpus, "write_json", killed)
        with pytest.raises(KeyboardInterrupt):
            pipeline.ingest(workspace)
    video.write_bytes(content)
    os.utime(video, ns=(state.st_atime_ns, state.st_mtime_ns))
    pd.testing.assert_frame_equal(pipeline.ingest(workspace), before)
    assert len(np.load(workspace.stamps / "clip.npy")) == 13


def test_annotations_wait_for_the_videos_whose_frames_are_their_clock(workspace):
    list_videos(workspace, "x")
    film(workspace.corpus / "videos" / "x.mp4")
    with pytest.raises(InputError, match=r"videos.parquet: no such file; run `make data` first"):
        pipeline.unify_annotations(workspace)


def test_annotations_none_of_which_can_be_used_are_an_error(workspace):
    list_videos(workspace, "x")
    film(workspace.corpus / "videos" / "x.mp4")
    pipeline.ingest(workspace)
    with pytest.raises(InputError, match="none of its annotations can be used; .* needs the opt"):
        pipeline.unify_annotations(workspace)


@pytest.mark.parametrize(("scale", "doubted"), [(1, False), (10, True), (1000, True)])
def test_annotations_divided_by_a_scale_too_large_are_doubted(workspace, caplog, scale, doubted):
    list_videos(workspace, "x")
    film(workspace.corpus / "videos" / "x.mp4")
    table = "track,file,content,columns,time_unit,scale,delimiter\n"
    table += f"x,x.csv,dimensional,,s,{scale},comma\n"
    (workspace.corpus / "annotations.csv").write_text(table)
    (workspace.corpus / "x.csv").write_text("time,valence,arousal\n0,0.5,-1\n0.1,0.2,0\n")
    pipeline.ingest(workspace)
    pipeline.unify_annotations(workspace)
    warned = [text for text in caplog.messages if "a scale that is too large" in text]
    assert len(warned) == doubted
    if doubted:
        assert f"of 2 exceeds {1 / scale:g}, of a range from -1 to 1" in warned[0]


def test_corpus_files_are_those_that_a_build_depends_on(workspace):
    list_videos(workspace, "x")
    film(workspace.corpus / "videos" / "x.mp4")
    (workspace.corpus / "x.eaf").touch()
    files = {
        stage: [Path(path).name for path in paths]
        for stage, paths in pipeline.corpus_files(workspace).items()
    }
    tables = ["annotations.csv", "people.csv", "videos.csv"]
    assert files == {"videos": [*tables, "x.mp4"], "annotations": [*tables, "x.eaf"]}
