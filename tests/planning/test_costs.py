"""Measured rates and what follows from them: hand cases, which build is believed, linearity."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emolib.models.runs import run_specs
from emolib.planning import costs
from emolib.planning.amounts import STAGES, Job, Sequences, training_amounts
from emolib.planning.costs import (
    REFERENCE,
    Pace,
    Reference,
    estimate,
    find_paces,
    load_reference,
)
from emolib.planning.measured import Timing, read_timings
from emolib.storage import write_json

TOY = Reference(
    {("features", "job"): 2.0, ("features", "face"): 0.5, ("train", "job"): 1.0,
     ("train", "update"): 0.1, ("chapters", "chapter"): 10.0, ("chapters", "chapter a"): 30.0},
    {"features": (100.0,), "train": (7.0,)},
)  # fmt: skip


def features(faces):
    return Job("features", "features", {"job": 1, "face": faces})


def training(network, updates):
    return Job("train", network, {"job": 1, "update": updates})


def timed(build, job, seconds, memory=5.0):
    return Timing(build, job, seconds, memory)


def timings_of(workspace):
    return {(t.job.stage, t.job.name): t for t in read_timings(workspace.folder.parent)}


def test_timings_of_a_build_say_how_much_was_done(built):
    timings = timings_of(built)
    assert timings["simulate", "simulate"].job.amounts == {"job": 1, "frame": 360}
    assert timings["ingest", "ingest"].job.amounts == {"job": 1, "megapixel": 36}
    assert timings["faces", "faces"].job.amounts == {
        "job": 1, "megapixel": 36, "searched megapixel": 18,
    }  # fmt: skip
    assert timings["annotations", "annotations"].job.amounts == {"job": 1, "video": 3}
    assert timings["match", "match"].job.amounts == {"job": 1, "face": 360}
    assert timings["features", "features"].job.amounts == {"job": 1, "vgg16 face": 360}
    assert timings["chapters", "dataset"].job.amounts == {"job": 1, "chapter dataset": 1}
    one = training_amounts(run_specs(built.config)[0], Sequences(10, 10, 30))
    trained = timings["train", "vgg16-category-1fc"]
    assert trained.job.amounts == {"job": 1, **{unit: 2 * n for unit, n in one.items()}}
    assert (trained.seconds, trained.memory) == (20.0, 100 * 2**20)


def test_a_job_is_believed_for_what_it_made_alone(built, time_job):
    # Two tracks and one run are older than the jobs that were timed.
    for path in (built.features("vgg16") / "video0.npy", built.features("vgg16") / "video1.npy",
                 next(built.runs.glob("vgg16-category-1fc-seed1*")) / "metrics.json"):  # fmt: skip
        os.utime(path, (1_600_000_000, 1_600_000_000))
    timings = timings_of(built)
    assert timings["features", "features"].job.amounts == {"job": 1, "vgg16 face": 120}
    assert timings["train", "vgg16-category-1fc"].job.amounts["run"] == 1
    time_job(built.folder, "features", 7.0, ended=1_800_000_000.0)
    assert ("features", "features") not in timings_of(built)


def test_run_that_stopped_early_counts_its_epochs(built):
    folder = next(built.runs.glob("vgg16-category-1fc-seed1*"))
    (folder / "history.csv").write_text("epoch\n1\n2\n")
    amounts = timings_of(built)["train", "vgg16-category-1fc"].job.amounts
    assert amounts["update"] == (5 + 2) * 5


def test_times_that_tell_nothing_are_left_out(built, time_job, tmp_path):
    write_json({"emolib": "0.0.1"}, next(built.runs.glob("vgg16-category*")) / "environment.json")
    time_job(built.folder, "ablations/match", 5.0)
    (built.folder / "times" / "faces.tsv").write_text("s\tmax_rss\nNA\tNA\n")
    time_job(tmp_path / "build" / "empty", "match", 5.0)
    found = timings_of(built)
    assert ("train", "vgg16-category-1fc") not in found and ("faces", "faces") not in found
    assert not any(t.build.endswith("empty") for t in found.values())
    assert found["match", "match"].seconds == 1.5
    assert read_timings(tmp_path / "nowhere") == []


def test_memory_of_a_job_too_short_to_be_looked_at_is_unknown(built, time_job):
    time_job(built.folder, "match", 1.5, memory="-")
    assert np.isnan(timings_of(built)["match", "match"].memory)


def test_pace_is_time_measured_over_time_of_the_reference():
    paces = find_paces([timed("a", features(100), 26.0), timed("b", features(50), 1.0)], TOY)
    assert paces["features"] == Pace(26 / 52, (5.0,), "a")


def test_pace_of_several_jobs_is_that_of_their_sums():
    jobs = [timed("a", training("x", 90), 30.0, 4.0), timed("a", training("y", 190), 15.0, 9.0)]
    assert find_paces(jobs, TOY)["train"] == Pace(45 / 30, (4.0, 9.0), "a")


def test_stage_that_was_never_timed_takes_the_rate_of_the_reference(monkeypatch):
    monkeypatch.setattr(costs, "cores", lambda: 8)
    paces = find_paces([], TOY)
    assert paces["train"] == Pace(1.0, (7.0,), REFERENCE)
    assert paces["features"] == Pace(0.25, (100.0,), REFERENCE)  # two cores there, eight here
    assert paces["match"].memories == ()


def test_estimate_hand_case():
    paces = find_paces([timed("a", features(100), 104.0)], TOY)
    jobs = [features(20), training("x", 90), training("y", 190), training("z", 10)]
    table = estimate(jobs, paces, TOY, n_cores=2)
    assert list(table.index) == ["features", "train"]
    assert table.loc["features"].tolist() == [1, 24.0, 5.0, "a"]
    assert table.loc["train"].tolist() == [3, 20.0, 14.0, REFERENCE]  # the longest, not 32 / 2


def test_chapter_that_the_reference_does_not_know_takes_as_long_as_others_do():
    chapters = [Job("chapters", name, {"job": 1, f"chapter {name}": 1}) for name in ("a", "new")]
    table = estimate(chapters, find_paces([], TOY), TOY, n_cores=1)
    assert table.loc["chapters", "seconds"] == 40
    assert np.isnan(table.loc["chapters", "memory"])


@given(st.floats(0.01, 100), st.integers(1, 10**6))
def test_a_build_as_large_as_the_measured_one_takes_as_long(seconds, faces):
    paces = find_paces([timed("a", features(faces), seconds)], TOY)
    table = estimate([features(faces)], paces, TOY, n_cores=4)
    assert table.loc["features", "seconds"] == pytest.approx(seconds)


@given(st.floats(0.1, 10), st.integers(1, 10**6))
def test_estimate_is_linear_in_the_pace(factor, faces):
    for n_cores in (1, 4):
        once, more = (
            estimate(
                [features(faces), training("x", faces)],
                {"features": Pace(pace, (), "a"), "train": Pace(pace, (), "a")},
                TOY,
                n_cores,
            )["seconds"]
            for pace in (1.0, factor)
        )
        assert more.tolist() == pytest.approx((factor * once).tolist())


def test_memory_is_that_of_the_largest_jobs_side_by_side():
    pace = Pace(1.0, (3.0, np.nan, 9.0, 5.0), "a")
    assert [pace.memory(n) for n in (1, 2, 3, 5)] == [9, 14, 17, 23]
    assert np.isnan(Pace(1.0, (np.nan,), "a").memory(1))


def test_reference_knows_every_unit_of_work(built):
    reference = load_reference()
    assert {stage for stage, _ in reference.seconds} == set(STAGES)
    for timing in timings_of(built).values():
        assert reference.work(timing.job) > 0
    assert all(value >= 0 for value in reference.seconds.values())
    for backbone in ("vgg16", "vgg19", "xception"):
        job = Job("train", "x", {f"{backbone} face end to end": 1})
        assert reference.work(job) > reference.work(Job("features", "x", {f"{backbone} face": 1}))
