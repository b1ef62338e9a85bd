"""What jobs ask of a cluster follows from the corpus, the configuration and what was timed."""

import pytest

from emolib.config import Config
from emolib.models.batches import MEMORY_BOUND
from emolib.planning.requests import (
    GPU_BYTES,
    LEAST,
    MEMORY_MARGIN,
    TIME_MARGIN,
    Requests,
    job_requests,
)
from emolib.workspace import Workspace

NETWORKS = ["vgg16-category-1fc", "vgg16-dimensional-1fc", "vgg16-combined-1fc"]


def workspace(folder, videos=55, **changes):
    corpus = {"kind": "simulated", "n_videos": videos, "duration": 600}
    values = {"training": {"networks": NETWORKS}, **changes}
    return Workspace(Config(name="toy", corpus=corpus, **values), folder)


def test_every_rule_that_is_submitted_has_a_request(tmp_path):
    ablations = {"lag": {"title": "lag", "matching": {"lag": 0.3}}}
    requests = job_requests(workspace(tmp_path, ablations=ablations))
    jobs = {("train", network) for network in NETWORKS} | {("ablation", "lag")}
    jobs |= {(stage, stage) for stage in ("simulate", "ingest", "faces", "features")}
    assert jobs <= set(requests.seconds)
    assert all(requests.seconds[job] > 0 for job in jobs)
    assert {"simulate", "ingest", "faces", "features", "train", "ablation", "chapters"} <= set(
        requests.memory
    )


def test_larger_corpus_asks_for_more_time_and_memory(tmp_path):
    small, large = (job_requests(workspace(tmp_path, videos)) for videos in (55, 550))
    for job in (("faces", "faces"), ("features", "features"), ("train", NETWORKS[0])):
        assert 5 < large.runtime(*job) / small.runtime(*job) <= 10, job
    assert large.mem_mb("train") > small.mem_mb("train")
    # Features are streamed from disk beyond a bound, so only the tables go on growing.
    assert large.memory["train"] - small.memory["train"] < MEMORY_BOUND + 500 * 600 * 30 * 1000


def test_more_epochs_ask_for_more_time_of_trainings_alone(tmp_path):
    short, long = (
        job_requests(workspace(tmp_path, training={"networks": NETWORKS, "epochs": epochs}))
        for epochs in (100, 1000)
    )
    changed = {job for job in short.seconds if short.seconds[job] != long.seconds[job]}
    assert changed == {("train", network) for network in NETWORKS}


def test_time_is_estimate_times_margin_shared_by_cores_and_grows_with_attempts():
    hour = 3600.0
    requests = Requests({("features", "features"): hour, ("train", "a"): hour}, {})
    assert requests.runtime("train", "a", threads=8) == TIME_MARGIN * 60
    assert requests.runtime("train", "a", attempt=3) == 3 * TIME_MARGIN * 60
    # The reference has two cores; what takes all of them takes a quarter of the time on eight.
    assert requests.runtime("features", threads=2) == TIME_MARGIN * 60
    assert requests.runtime("features", threads=8) == TIME_MARGIN * 15
    timed = Requests(requests.seconds, {}, frozenset({"features"}))
    assert timed.runtime("features", threads=8) == TIME_MARGIN * 60


def test_memory_is_estimate_times_margin_and_grows_with_processes_and_attempts():
    requests = Requests({}, {"faces": 4.0 * 2**30, "train": 4.0 * 2**30})
    assert requests.mem_mb("train", threads=8) == MEMORY_MARGIN * 4096
    assert requests.mem_mb("train", attempt=2) == 2 * MEMORY_MARGIN * 4096
    assert requests.mem_mb("faces", threads=8) == 4 * MEMORY_MARGIN * 4096
    assert requests.mem_mb("match") == LEAST / 2**20


def test_jobs_on_a_gpu_ask_for_what_its_libraries_take(tmp_path):
    requests = job_requests(workspace(tmp_path))
    assert requests.memory["features"] > requests.memory["match"] + GPU_BYTES


def test_what_was_timed_here_replaces_the_reference(built, tmp_path):
    requests = job_requests(built)
    assert "train" in requests.timed
    assert requests.runtime("train", built.config.training.networks[0]) >= 15


@pytest.mark.parametrize("stage", ["ingest", "chapters"])
def test_short_jobs_ask_for_a_decent_minimum(stage):
    assert Requests({}, {}).runtime(stage) == {"ingest": 15, "chapters": 120}[stage]
