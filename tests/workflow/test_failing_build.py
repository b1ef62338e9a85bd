"""Of a build in which jobs fail: who is tried again, who goes on, and what is said at the end."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workflow.scripts.logs import attempts

ROOT = Path(__file__).parents[2]

STAGES = r"""#!/bin/bash
# Stands in for the command line: every stage is done at once, but for the one that fails.
case $1 in
    simulate) touch build/x/corpus/{videos.csv,people.csv,annotations.csv,README.md.inputs.json} ;;
    ingest) touch build/x/{videos,people}.parquet build/x/corpus.json ;;
    annotations) touch build/x/{dimensional,categorical}.parquet ;;
    faces) FAIL ;;
esac
"""


@pytest.fixture
def build(tmp_path):
    """Return a function that builds the samples of a corpus, with `faces` failing as given."""
    for name in ("emolib", "workflow", "notebooks"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "_toc.yml", tmp_path)
    (tmp_path / "x.yaml").write_text("corpus: {kind: simulated}\n")
    stand_in = tmp_path / "bin" / "emolib"
    stand_in.parent.mkdir()

    def build(failure):
        stand_in.write_text(STAGES.replace("FAIL", failure))
        stand_in.chmod(0o755)
        path = f"{stand_in.parent}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        command = [sys.executable, "-m", "workflow.scripts.build", "x.yaml", "build/x", "snakemake"]
        command += ["--nolock", "--workflow-profile", "workflow/profiles/default", "--cores", "1"]
        return subprocess.run(
            [*command, "--config", "config=x.yaml", "--", "data"],
            cwd=tmp_path,
            env=os.environ | {"PATH": path, "PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return build


@pytest.mark.parametrize(
    ("failure", "tries", "sentence"),
    [
        ("echo 'error: clip.mp4: has no video stream'; exit 2", 1, "clip.mp4: has no video stream"),
        ("kill -KILL $$", 2, "it was killed (SIGKILL), as happens where memory is full"),
        (
            "[ -e build/again ] || { touch build/again; kill -KILL $$; }; exit 4",
            2,
            "it ended with status 4",
        ),
    ],
)
def test_failed_job_is_explained_and_others_go_on(build, tmp_path, failure, tries, sentence):
    done = build(failure)
    assert done.returncode != 0
    assert f"1 of 5 jobs failed:\n  faces: {sentence}" in done.stderr
    assert "(log: build/x/logs/faces.log)" in done.stderr
    assert "Not run, since they need what failed: match." in done.stderr
    assert len(attempts(tmp_path / "build/x/logs/faces.log")) == tries
    assert (tmp_path / "build/x/dimensional.parquet").exists()


def test_job_that_was_killed_once_is_done_at_the_second_attempt(build, tmp_path):
    once = "[ -e build/again ] || { touch build/again; kill -KILL $$; }"
    stages = "touch build/x/faces.parquet build/x/face_counts.parquet"
    done = build(f"{once}; {stages}")
    assert (tmp_path / "build/x/faces.parquet").exists()
    assert len(attempts(tmp_path / "build/x/logs/faces.log")) == 2
    assert "faces:" not in done.stderr.rpartition("jobs failed")[2]
