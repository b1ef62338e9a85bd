"""What a chapter reads is noted as it happens, and told apart by what it is."""

import json
import sqlite3

import numpy as np
import pandas as pd
import pytest

from emolib import report, storage
from emolib.report import reading
from emolib.workspace import Workspace

TABLE = pd.DataFrame({"face": [1, 2]})


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Return a build that holds some files."""
    (tmp_path / "mine.yaml").write_text("corpus: {kind: simulated}")
    monkeypatch.chdir(tmp_path)
    work = tmp_path / "build" / "mine"
    for name in ("samples", "runs/a-seed1-00/predictions", "ablations/lag/samples"):
        storage.write_table(TABLE, work / f"{name}.parquet")
    for name in ("runs/a-seed2-01/metrics.json", "runs/b-seed1-02/metrics.json.inputs.json"):
        storage.write_json({}, work / name)
    storage.write_array(np.zeros(3), work / "features" / "vgg16" / "video1.npy")
    return report.open_chapter("claims", "mine.yaml").workspace


@pytest.fixture
def chapter(built, monkeypatch):
    """Return a chapter that publishes."""
    monkeypatch.setenv(report.PUBLISH, "claims")
    return report.open_chapter("claims", "mine.yaml")


def noted(chapter):
    path = reading.reads_path(chapter.workspace, "claims")
    return [line for line in path.read_text().splitlines() if line != "reads/claims.txt"]


def test_reads_are_noted_once_whoever_opens_the_file(chapter):
    work = chapter.workspace.folder
    chapter.workspace.load("samples")
    list(storage.read_chunks(work / "samples.parquet"))
    list(storage.read_chunks(work / "runs" / "a-seed1-00" / "predictions.parquet"))
    storage.read_json(work / "runs" / "a-seed2-01" / "metrics.json")
    storage.read_array(work / "features" / "vgg16" / "video1.npy")
    sqlite3.connect(work / "samples.parquet").close()
    assert noted(chapter) == [
        "samples.parquet",
        "runs/a-seed1-00/predictions.parquet",
        "runs/a-seed2-01/metrics.json",
        "features/vgg16/video1.npy",
    ]


def test_reads_leave_out_what_is_written_looked_at_or_elsewhere(chapter, tmp_path):
    work = chapter.workspace.folder
    storage.read_json(work / "runs" / "b-seed1-02" / "metrics.json.inputs.json")
    storage.write_json({}, work / "numbers" / "claims.json")
    (tmp_path / "elsewhere.txt").write_text("")
    (tmp_path / "elsewhere.txt").read_text()
    with pytest.raises(FileNotFoundError):
        open(work / "absent.txt")
    assert noted(chapter) == []


def test_reads_of_a_chapter_that_a_person_executes_are_not_noted(chapter, monkeypatch):
    chapter.workspace.load("samples")
    monkeypatch.delenv(report.PUBLISH)
    report.open_chapter("claims", "mine.yaml")
    assert noted(chapter) == ["samples.parquet"]
    monkeypatch.setenv(report.PUBLISH, "claims")
    report.open_chapter("claims", "mine.yaml")  # by the build again
    assert noted(chapter) == []


@pytest.fixture
def workspace(built):
    """Return the build, of which one chapter has read something, and another nothing."""
    lines = {
        "claims": ["samples.parquet", "ablations/lag/samples.parquet", "times/faces.tsv",
                   "runs/a-seed1-00/spec.json", "runs/a-seed1-00/history.csv",
                   "ablations/lag/runs/a-seed1-07/spec.json", "search/net/runs/x/history.csv"],
        "audit": [],
    }  # fmt: skip
    for name, paths in lines.items():
        file = reading.reads_path(built, name)
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{path}\n" for path in paths))
    return built


def test_reads_are_told_apart_by_run_table_and_stage(workspace):
    reads = reading.read_reads(workspace, "claims")
    assert reads.runs == ("ablations/lag/a-seed1-07", "a-seed1-00", "search/net/x")
    assert list(reads.tables) == ["ablations/lag/samples.parquet", "samples.parquet"]
    assert reads.files == {"samples": 1, "runs": 2, "ablations": 2, "searches": 1, "records": 1}


def test_data_hash_follows_the_contents_of_the_tables_alone(workspace):
    before = reading.read_reads(workspace, "claims").data_hash
    (workspace.folder / "times").mkdir()
    (workspace.folder / "times" / "faces.tsv").write_text("s\n9\n")
    assert reading.read_reads(workspace, "claims").data_hash == before
    storage.write_table(TABLE * 2, workspace.samples)
    assert reading.read_reads(workspace, "claims").data_hash != before


def test_all_reads_are_rows_of_stages_and_of_tables(workspace):
    reads = reading.all_reads(workspace, ["tsne", "claims", "audit"])
    assert list(reads) == ["claims", "audit"]  # as they are asked for; one was not executed
    rows = reading.stage_rows(reads)
    assert set(rows["chapter"]) == {"claims"} and set(rows["stage"]) <= set(reading.STAGE_NAMES)
    assert list(reading.read_rows(reads)["runs"]) == [3, 0]
    assert reading.read_rows(reads).loc[1, "data hash"] == "–"
    sentence = reading.reads_sentence(reads)
    assert sentence == (
        "Of the 2 other chapters, 1 opens runs; 1 opens nothing of it: what this one shows does "
        "not depend on the corpus."
    )
    times = reading.Reads((), {}, {reading.RECORDS: 57})
    assert "1 opens its records alone" in reading.reads_sentence({"performance": times})
    crops = {name: times._replace(files={"crops": 2}) for name in "ab"}
    assert reading.reads_sentence(crops).endswith("2 open other files of it.")


def test_reads_of_a_build_that_executed_nothing_are_none(tmp_path, workspace):
    nothing = Workspace(workspace.config, tmp_path / "other")
    assert reading.all_reads(nothing, ["claims"]) == {}
    assert reading.reads_sentence({}) == "No chapter of this build was executed yet."
    assert reading.stage_rows({}).empty
    assert json.dumps(reading.read_rows({}).to_dict()) is not None
