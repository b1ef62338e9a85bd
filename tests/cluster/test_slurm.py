"""A build on a cluster: a real Slurm of one node runs the jobs, with the result of one machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
WHOLE = "EMOLIB_SLURM_SMOKE"
"""Variable that asks for the whole smoke build on the cluster, and on one machine beside it."""

TINY = """
emotions: [neutral]
corpus: {kind: simulated, n_videos: 4, n_pairs: 0, duration: 4}
faces: {detect_every: 3}
features: {weights: simulated, preprocessing: native}
training:
  networks: [vgg16-combined-1fc]
  seeds: [1]
  epochs: 2
  sequence_length: 20
  batch_size: 2
"""
OF_THE_BUILD = {"departures", "inputs", "settings", "software", "times"}
"""Tables that say what a build was made of and how long it took, which differs."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """Return a copy of what a build needs, with two configurations of each size, alike in all."""
    folder = tmp_path_factory.mktemp("repository")
    for name in ("emolib", "workflow", "notebooks", "config", "book"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in ("_toc.yml", "_config.yml", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    for name in ("alone", "spread"):
        (folder / "config" / f"{name}.yaml").write_text(TINY)
        shutil.copy(ROOT / "config/smoke.yaml", folder / "config" / f"whole-{name}.yaml")
    return folder


def start(repository, name, target, profile, environment=os.environ, path=(), options=()):
    """Start to build a target of a configuration through a profile."""
    bin_folder = Path(sys.executable).parent
    command = [bin_folder / "snakemake", "--nolock", "--workflow-profile"]
    command += [f"workflow/profiles/{profile}", "--config", f"config=config/{name}.yaml", *options]
    environment = environment | {
        "PATH": f"{bin_folder}:{environment['PATH']}",
        "PYTHONPATH": ":".join(map(str, (repository, *path))),
    }
    log = (repository / f"{name}.log").open("w")
    return subprocess.Popen(
        [*command, "--", target], cwd=repository, env=environment, stdout=log, stderr=log
    )


def build_both(repository, prefix, target, cluster, plugin):
    """Build the same on one machine and on a cluster, side by side."""
    names = [f"{prefix}{name}" for name in ("alone", "spread")]
    # The node is this machine, so files appear at once.
    quick = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]
    builds = [
        start(repository, names[0], target.format(name=names[0]), "default"),
        start(
            repository, names[1], target.format(name=names[1]), "slurm", cluster, [plugin], quick
        ),
    ]
    for name, build in zip(names, builds, strict=True):
        assert build.wait() == 0, (repository / f"{name}.log").read_text()[-8000:]


def jobs_of(cluster):
    """Return what Slurm was asked for: rule -> the fields of its last job."""
    shown = subprocess.run(
        ["squeue", "--states=all", "--noheader", "--format=%i;%k;%m;%l;%C;%b;%T"],
        env=cluster, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    fields = ("number", "comment", "memory", "limit", "cores", "gpus", "state")
    rows = [dict(zip(fields, line.split(";"), strict=True)) for line in shown.splitlines()]
    return {re.sub("^rule_|_wildcards_.*", "", row["comment"]): row for row in rows}


def tables(folder):
    """Return every table of results of a build, by its path."""
    files = [*folder.glob("*.parquet"), *folder.glob("runs/*/predictions.parquet")]
    files += [file for file in folder.glob("tables/*.csv") if file.stem not in OF_THE_BUILD]
    read = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    return {str(file.relative_to(folder)): read[file.suffix](file) for file in files}


def assert_same_results(repository, prefix, at_least):
    expected = tables(repository / "build" / f"{prefix}alone")
    found = tables(repository / "build" / f"{prefix}spread")
    assert set(expected) == set(found) and len(expected) >= at_least
    for path, table in expected.items():
        pd.testing.assert_frame_equal(found[path], table, obj=path)


def test_cluster_trains_the_same_network(repository, cluster, plugin):
    target = "build/{name}/trained/vgg16-combined-1fc"
    build_both(repository, "", target, cluster, plugin)
    assert_same_results(repository, "", 8)
    jobs = jobs_of(cluster)
    print(jobs)
    assert set(jobs) == {"simulate", "ingest", "faces", "features", "train"}
    assert {job["state"] for job in jobs.values()} == {"COMPLETED"}


def test_cluster_builds_the_whole_smoke_book(repository, cluster, plugin):
    if WHOLE not in os.environ:
        pytest.skip(f"THE WHOLE WORKFLOW WAS NOT TRIED ON A CLUSTER: set {WHOLE}=1 (15 minutes)")
    build_both(repository, "whole-", "all", cluster, plugin)
    assert_same_results(repository, "whole-", 50)
    assert "chapter_comparison" in jobs_of(cluster)
