"""Benchmarks that start processes: what they compare, and what they notice. None is started."""

import subprocess

import pandas as pd
import pytest

from benchmarks.harness import Skipped
from benchmarks.subjects import demo, parallel, predict, rebuild
from emolib.models.inspection import load_backbone_of
from emolib.models.training import load_run
from emolib.pipeline import find_runs
from emolib.workspace import open_workspace


def test_parallel_trains_the_same_runs_on_both_sides(monkeypatch, tmp_path):
    started = []

    def start(command, env, **_):
        workspace = open_workspace(*command[3:5])
        for run in find_runs(workspace, command[5:]):
            started.append((run, env.get("OMP_NUM_THREADS")))
            folder = workspace.runs / run
            folder.mkdir(parents=True)
            pd.DataFrame({"predicted_valence": [0.5]}).to_parquet(folder / "predictions.parquet")

    monkeypatch.setattr(subprocess, "run", start)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    row = parallel.trainings(1, tmp_path, ["vgg16-category-1fc", "vgg16-combined-1fc"], (1, 2), 1)
    assert len(row.values) == 1 and "2 networks with 2 seeds" in row.what
    ours, peer = started[:4], started[4:]
    assert sorted(run for run, _ in ours) == sorted(run for run, _ in peer)
    assert len(set(ours)) == 4
    assert {threads for _, threads in ours} == {"1"} and {threads for _, threads in peer} == {None}


def test_demo_trains_every_run_on_both_sides_and_leaves_the_build_as_it_is(monkeypatch, tmp_path):
    def start(command, **_):
        workspace = open_workspace(*command[3:5])
        assert workspace.samples.read_text() == "samples"
        for run in find_runs(workspace, command[5:]):
            folder = workspace.runs / run
            folder.mkdir(parents=True)
            pd.DataFrame({"predicted_valence": [0.5]}).to_parquet(folder / "predictions.parquet")

    monkeypatch.setattr(subprocess, "run", start)
    config = "config/demo.yaml"
    built = open_workspace(config, tmp_path)
    with pytest.raises(Skipped, match="make book CONFIG=config/demo.yaml"):
        next(demo.rows(5, config, tmp_path))
    built.runs.mkdir(parents=True)
    (built.runs / "kept").touch()
    built.samples.write_text("samples")
    (row,) = demo.rows(5, config, tmp_path)
    assert len(row.values) == 1 and "all 18 networks with 3 seeds of the build demo" in row.what
    assert [path.name for path in built.runs.iterdir()] == ["kept"]


def test_demo_notices_other_runs_and_other_faces():
    table = pd.DataFrame({"frame": [1], "predicted_valence": [0.5]})
    demo.require_runs_alike({"a": table}, {"a": table.assign(predicted_valence=0.6)})
    with pytest.raises(AssertionError, match="other runs"):
        demo.require_runs_alike({"a": table}, {"b": table})
    with pytest.raises(AssertionError):
        demo.require_runs_alike({"a": table}, {"a": table.assign(frame=2)})


def test_parallel_notices_other_answers_and_other_files():
    table = pd.DataFrame({"predicted_valence": [0.5]})
    parallel.require_same_runs({"a": table}, {"a": table + 1e-6})
    with pytest.raises(AssertionError):
        parallel.require_same_runs({"a": table}, {"a": table + 0.1})
    with pytest.raises(AssertionError, match="other runs"):
        parallel.require_same_runs({"a": table}, {"b": table})
    parallel.require_same_files({"a.mp4": "1"}, {"a.mp4": "1"})
    with pytest.raises(AssertionError, match="differ"):
        parallel.require_same_files({"a.mp4": "1"}, {"a.mp4": "2"})


def test_predict_takes_the_duration_of_the_clip_over_the_wait(monkeypatch):
    faces = pd.DataFrame({"frame": range(9), "valence": 0.1, "arousal": 0.1})
    faces["probability_neutral"] = 0.5
    monkeypatch.setattr(predict, "untrained_run", lambda folder: folder)
    monkeypatch.setattr(predict, "predict", lambda clip, run, table: faces.to_csv(table))
    (row,) = predict.rows(2, size=(160, 120), seconds=0.3)
    assert len(row.values) == 2 and min(row.values) > 0 and row.unit == "times real time"
    with pytest.raises(AssertionError, match="9 faces in 20 frames"):
        predict.require_every_face(faces, 20)
    with pytest.raises(AssertionError, match="without an answer"):
        predict.require_every_face(faces.assign(valence=float("nan")), 9)


def test_predict_uses_a_run_that_can_be_opened(tmp_path):
    folder = predict.untrained_run(tmp_path / "run")
    run = load_run(folder)
    assert run.spec.network == predict.NETWORK
    assert load_backbone_of(run, folder).dimension == run.model.input_shape[-1]


def test_rebuild_reads_the_largest_job_and_times_a_build_that_lacks_nothing(monkeypatch, tmp_path):
    with pytest.raises(Skipped, match="make smoke"):
        rebuild.finished(tmp_path)
    for job, memory in (("train/a", 100), ("train/b", 5000), ("match", "-")):
        path = tmp_path / "smoke" / "times" / f"{job}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"s\tmax_rss\n3\t{memory}\n")
    monkeypatch.setattr(rebuild, "finished", lambda root: "smoke")
    monkeypatch.setattr(rebuild, "make_book", lambda name: 4.0)
    again, memory = (row.summary() for row in rebuild.rows(5, tmp_path))
    assert (again["median"], again["repeats"], again["reached"]) == (4, 5, "yes")
    assert memory["median"] == pytest.approx(5000 * 2**20 / 1e9) and memory["reached"] == "no"
    assert "train b" in memory["what"]


def test_rebuild_refuses_a_build_of_which_something_was_done(monkeypatch):
    done = subprocess.CompletedProcess([], 0, "The book is ready: file://x", "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(AssertionError, match="not up to date"):
        rebuild.make_book("smoke")
    done.stdout = "The book is up to date: file://x"
    assert rebuild.make_book("smoke") >= 0
