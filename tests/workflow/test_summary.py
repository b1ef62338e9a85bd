"""A build says at its end what failed, why, and what was not run for it."""

from pathlib import Path

import pytest

from workflow.scripts.logs import begin, trailer
from workflow.scripts.summary import Failure, summary


@pytest.fixture
def logs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = {"faces": "error: no face was found\n", "train-a": "ValueError: loss is nan\n"}
    for name, text in said.items():
        begin(Path("logs") / f"{name}.log").write_text(f"# x\n# y\n{text}{trailer(2, 3)}")


def test_summary_names_jobs_reasons_logs_and_what_was_not_run(logs):
    failures = [Failure("faces", "logs/faces.log"), Failure("train a", "logs/train-a.log")]
    assert summary(failures, ["book", "chapter faces"], 24).splitlines() == [
        "2 of 24 jobs failed:",
        "  faces: no face was found (log: logs/faces.log)",
        "  train a: ValueError: loss is nan (log: logs/train-a.log)",
        "Not run, since they need what failed: book, chapter faces.",
        "What was finished is kept; when that is put right, the same command goes on.",
    ]


def test_summary_of_a_build_without_failures_is_empty():
    assert summary([], ["book"], 24) == ""
