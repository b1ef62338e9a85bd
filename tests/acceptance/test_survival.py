"""A build that is killed at any moment is finished by the next call, with the same result."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from emolib.config import load_config
from emolib.models.runs import run_specs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
TINY = """
emotions: [neutral]
corpus: {kind: simulated, n_videos: 6, n_pairs: 1, duration: 4}
faces: {detect_every: 3}
features: {weights: simulated, preprocessing: native}
training:
  networks: [vgg16-combined-1fc]
  seeds: [1]
  epochs: 2
  sequence_length: 20
  learning_rate: {category: 5.0e-4, dimensional: 5.0e-4, combined: 5.0e-4}
"""
RESULTS = ("samples.parquet", "coverage.parquet", "balance.parquet")


@pytest.fixture
def repository(tmp_path):
    """Return a copy of what a build needs, so that no other build is disturbed."""
    for name in ("emolib", "workflow", "notebooks", "config", "book"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("_toc.yml", "_config.yml", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("whole", "killed"):
        (tmp_path / "config" / f"{name}.yaml").write_text(TINY)
    return tmp_path


def start(repository, name):
    """Start a build of corpus, features and the run, in a process group of its own."""
    config = f"config/{name}.yaml"
    (network,) = (spec.network for spec in run_specs(load_config(repository / config)))
    bin_folder = Path(sys.executable).parent
    command = [bin_folder / "snakemake", "--nolock", "--workflow-profile"]
    command += ["workflow/profiles/default", "--config", f"config={config}", "--"]
    command += [f"build/{name}/trained/{network}"]
    environment = os.environ | {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "PYTHONPATH": str(repository),
    }
    log = (repository / f"{name}.log").open("a")
    return subprocess.Popen(
        command, cwd=repository, env=environment, stdout=log, stderr=log, start_new_session=True
    )


def results(repository, name):
    folder = repository / "build" / name
    tables = {file: pd.read_parquet(folder / file) for file in RESULTS}
    (run,) = (folder / "runs").iterdir()
    return tables | {"predictions": pd.read_parquet(run / "predictions.parquet")}


def test_killed_build_ends_as_an_undisturbed_one_does(repository):
    whole = start(repository, "whole")
    began = time.monotonic()
    assert whole.wait() == 0, (repository / "whole.log").read_text()[-4000:]
    duration = time.monotonic() - began

    moments = random.Random(7)
    for _ in range(4):
        build = start(repository, "killed")
        time.sleep(moments.uniform(0.05, 0.6) * duration)
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
    assert start(repository, "killed").wait() == 0, (repository / "killed.log").read_text()[-4000:]

    expected, found = results(repository, "whole"), results(repository, "killed")
    for name, table in expected.items():
        pd.testing.assert_frame_equal(found[name], table, obj=name)
