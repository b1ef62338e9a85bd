"""A build on a cluster: a real Slurm of one node runs the jobs, with the result of one machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from emolib.planning.requests import job_requests
from emolib.workspace import open_workspace

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
MEASURED = {"inputs", "times"}
"""Tables that say when files were made and how long it took, which differs."""


@pytest.fixture
def places(tmp_path):
    """Return two copies of what a build needs: for one machine, and for a cluster."""
    places = {name: tmp_path / name for name in ("alone", "spread")}
    for folder in places.values():
        for name in ("emolib", "workflow", "notebooks", "config", "book"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("_toc.yml", "_config.yml", "requirements.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
        (folder / "config" / "tiny.yaml").write_text(TINY)
    return places


def start(folder, config, target, profile, environment=os.environ, path=(), options=()):
    """Start to build a target of a configuration through a profile."""
    bin_folder = Path(sys.executable).parent
    command = [bin_folder / "snakemake", "--nolock", "--workflow-profile"]
    command += [f"workflow/profiles/{profile}", "--config", f"config={config}", *options]
    environment = environment | {
        "PATH": f"{bin_folder}:{environment['PATH']}",
        "PYTHONPATH": ":".join(map(str, (folder, *path))),
    }
    log = (folder / "build.log").open("w")
    return subprocess.Popen(
        [*command, "--", target], cwd=folder, env=environment, stdout=log, stderr=log
    )


def build_both(places, config, target, cluster, plugin):
    """Build the same on one machine and on a cluster, side by side."""
    # The node is this machine, so files appear at once.
    quick = ["--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5"]
    builds = {
        "alone": start(places["alone"], config, target, "default"),
        "spread": start(places["spread"], config, target, "slurm", cluster, [plugin], quick),
    }
    for name, build in builds.items():
        assert build.wait() == 0, (places[name] / "build.log").read_text()[-8000:]


def jobs_of(cluster):
    """Return what Slurm says of the jobs: rule -> the fields of its last one."""
    shown = subprocess.run(
        ["scontrol", "show", "job", "--oneliner"],
        env=cluster, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    jobs = [dict(re.findall(r"(\S+?)=(\S+)", line)) for line in shown.splitlines()]
    return {re.sub("^rule_|_wildcards_.*", "", job["Comment"]): job for job in jobs}


def mebibytes(text):
    """Return the number of mebibytes that Slurm writes as 500M or 2G."""
    return int(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]


def tables(folder):
    """Return every table of results of a build, by its path."""
    files = [*folder.glob("*.parquet"), *folder.glob("runs/*/predictions.parquet")]
    files += folder.glob("ablations/*/runs/*/predictions.parquet")
    files += [file for file in folder.glob("tables/*.csv") if file.stem not in MEASURED]
    read = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    return {str(file.relative_to(folder)): read[file.suffix](file) for file in files}


def assert_same_results(places, name, at_least):
    expected, found = (tables(place / "build" / name) for place in places.values())
    assert set(expected) == set(found) and len(expected) >= at_least
    for path, table in expected.items():
        pd.testing.assert_frame_equal(found[path], table, obj=path)


def test_cluster_trains_the_same_network(places, cluster, plugin, tmp_path):
    target = "build/tiny/trained/vgg16-combined-1fc"
    build_both(places, "config/tiny.yaml", target, cluster, plugin)
    assert_same_results(places, "tiny", 8)
    jobs = jobs_of(cluster)
    assert set(jobs) == {"simulate", "ingest", "faces", "features", "train"}
    assert {job["JobState"] for job in jobs.values()} == {"COMPLETED"}
    assert {rule for rule in jobs if jobs[rule].get("TresPerJob") == "gres:gpu:1"} == {
        "features",
        "train",
    }
    requests = job_requests(open_workspace(places["alone"] / "config/tiny.yaml", tmp_path / "none"))
    for rule, job in jobs.items():
        cores = 1 if rule in ("ingest", "train") else 8
        assert int(job["NumCPUs"]) == cores
        assert mebibytes(job["MinMemoryNode"]) == requests.mem_mb(rule, cores)
        assert job["TimeLimit"] == "00:15:00"


def test_cluster_builds_the_whole_smoke_book(places, cluster, plugin):
    if WHOLE not in os.environ:
        pytest.skip(f"THE WHOLE WORKFLOW WAS NOT TRIED ON A CLUSTER: set {WHOLE}=1 (15 minutes)")
    build_both(places, "config/smoke.yaml", "all", cluster, plugin)
    assert_same_results(places, "smoke", 50)
    assert {"chapter_comparison", "ablation"} <= set(jobs_of(cluster))
