"""What a cluster would gain: hand cases, and words that never call a guess a measurement."""

import numpy as np
import pandas as pd
import pytest

from emolib import planning
from emolib.planning import projection, scaling_prose
from emolib.planning.amounts import Job
from emolib.planning.costs import Pace, Reference, cores
from emolib.planning.jobs import all_jobs
from emolib.planning.projection import AFFWILD2, Cluster, fitted, load_scaling, project

PACES = dict.fromkeys(("faces", "features", "train", "match"), Pace(1.0, (1e9,), "reference"))
REFERENCE = Reference(
    {("train", "job"): 60.0, ("features", "job"): 90.0, ("faces", "job"): 80.0,
     ("match", "job"): 5.0}, {}
)  # fmt: skip
JOBS = [Job(stage, stage, {"job": 1}) for stage in ("faces", "match", "features")]
JOBS += [Job("train", f"network{number}", {"job": 1}) for number in range(6)]


def projected(*cluster):
    return project(JOBS, [], AFFWILD2, PACES, REFERENCE, Cluster(*cluster))


def test_trainings_share_gpus_and_single_jobs_gain_nothing_from_nodes():
    one, three = projected(1, 1, 16), projected(3, 1, 16)
    assert one.loc["train", "seconds"] == 6 * 60 / projection.GPU_TRAINING
    assert three.loc["train", "seconds"] == 2 * 60 / projection.GPU_TRAINING
    assert projected(9, 2, 16).loc["train", "seconds"] == 60 / projection.GPU_TRAINING
    for stage in ("faces", "match", "features"):
        assert one.loc[stage, "seconds"] == three.loc[stage, "seconds"]
    assert one.loc["features", "seconds"] == 90 / projection.GPU_FEATURES
    assert one.loc["faces", "seconds"] == pytest.approx(80 * cores() / 16)
    assert one.loc["match", "seconds"] == 5


def test_only_what_a_gpu_does_is_assumed_and_without_one_nothing_is():
    with_gpu, without = projected(2, 1, 4), projected(2, 0, 4)
    assert with_gpu["source"].eq("assumed").pipe(lambda rows: set(rows[rows].index)) == {
        "features", "train",
    }  # fmt: skip
    assert (without["source"] == "measured").all()
    assert without.loc["train", "seconds"] == 60 and without.loc["train", "what"] == "8 cores"
    assert any("is assumed to be 30 times" in note
               for note in projection.describe_projection(Cluster()))  # fmt: skip
    assert not any("GPU" in note for note in projection.describe_projection(Cluster(1, 0)))


def test_memory_grows_with_the_faces_by_what_was_measured(monkeypatch):
    table = pd.DataFrame({"stage": "match", "faces": [1000, 2000], "seconds": [1.0, 2.0],
                          "peak_mb": [10.0, 11.0]})  # fmt: skip
    train = table.assign(stage="train", peak_mb=20.0)
    monkeypatch.setattr(projection, "load_scaling", lambda: pd.concat([table, train]))
    memory = projected(1, 1, 16)["memory"]
    assert memory["match"] == 1e9 + 1000 * AFFWILD2.faces  # 1 MB for 1,000 faces
    assert memory["train"] == 1e9 + projection.INDEX_BYTES * AFFWILD2.faces
    assert memory["features"] == 1e9


def test_fit_finds_a_planted_power_and_memory_that_shrinks_grows_by_nothing():
    faces = np.array([1e4, 1e5, 1e6])
    table = pd.DataFrame({"stage": "x", "faces": faces, "seconds": 7 * (faces / 1e6) ** 1.5,
                          "peak_mb": [30.0, 50.0, 40.0]})  # fmt: skip
    small = pd.DataFrame({"stage": ["x"] * 2, "faces": [10, 20], "seconds": 9.0, "peak_mb": 1.0})
    more = table.assign(faces=table["faces"] * 2, seconds=table["seconds"] * 2**1.5)
    (row,) = fitted(pd.concat([table, more, small])).itertuples()
    assert row.rises and row.exponent == pytest.approx(
        1.5
    )  # sizes below the four largest are not fitted
    (row,) = fitted(table).itertuples()
    assert (row.exponent, row.seconds) == pytest.approx((1.5, 7))
    assert row.bytes_per_face == 0


def test_shipped_measurements_are_whole_and_say_where_they_are_from():
    table = load_scaling()
    assert set(table["stage"]) == set(scaling_prose.TITLES) == set(scaling_prose.HELD)
    assert (table.groupby("stage")["faces"].nunique() >= 3).all()
    assert set(projection.GROWING) <= set(table["stage"])
    assert (table[["seconds", "peak_mb"]] > 0).all(axis=None)
    assert "cores" in table["processor"].iloc[0] and "keras" in table["versions"].iloc[0]


def test_plan_projects_only_when_it_is_asked_to(make_workspace):
    workspace = make_workspace()
    lacking = all_jobs(workspace.config, workspace.folder)
    assert planning.plan_build(workspace, lacking).projection is None
    plan = planning.plan_build(workspace, lacking, cluster=Cluster(8))
    assert list(plan.projection.index) == list(plan.table.index)
    assert plan.projection["disk"].equals(plan.table["disk"])
    assert any("nothing in it was measured on such nodes" in note for note in plan.notes)


def test_projection_of_aff_wild2_has_every_stage_but_the_simulation(make_workspace):
    table = projection.project_corpus(make_workspace(), AFFWILD2, Cluster())
    assert "simulate" not in table.index and {"faces", "features", "train"} <= set(table.index)
    assert (table["seconds"] > 0).all()
    assert table.loc["faces", "disk"] == AFFWILD2.faces * 72 * 72 * 3


def test_sentences_follow_the_numbers():
    rows = [("train", n, n / 1e5, 100.0 + n / 1e6) for n in (1e4, 1e5, 1e6)]
    rows += [("match", n, (n / 1e5) ** 2, n / 1e3) for n in (1e4, 1e5, 1e6)]
    table = pd.DataFrame(rows, columns=["stage", "faces", "seconds", "peak_mb"])
    flat = scaling_prose.flat_sentence(table, ("train",))
    assert flat == "With 100 times the faces, training takes 1.01 times the memory."
    said = scaling_prose.exponent_sentence(fitted(table))
    assert "about in proportion to the faces: training" in said
    assert "faster than the faces: matching" in said
    assert "Matching (2.00) grows faster than a power of 1.1, which only a map" in said
    table.loc[table["stage"] == "match", "seconds"] = [1.0, 0.5, 4.0]
    uneven = scaling_prose.exponent_sentence(fitted(table))
    assert "took longer, so that no power fits: matching. No stage grows faster" in uneven
    assert scaling_prose.stage_table(fitted(table))["exponent of time"].isna().tolist() == [
        False, True,
    ]  # fmt: skip
    slow = scaling_prose.growth_sentence(fitted(table[table["stage"] == "train"]))
    assert "No stage grows faster than a power of 1.1" in slow and "1.00, is that of" in slow
    assert "at 3 sizes" in scaling_prose.sizes_sentence(table)
    assert scaling_prose.stage_table(fitted(table))["bytes a face"].tolist() == [1, 1000]
    few, many = Cluster(1), Cluster(8)
    both = {few: projected(1, 1, 16), many: projected(8, 1, 16)}
    both = {cluster: each.assign(disk=1e9) for cluster, each in both.items()}
    assert "8 nodes would be" in scaling_prose.gain_sentence(both)
    total = scaling_prose.projection_table(both).iloc[-1]
    assert total["stage"] == "total" and total["gigabytes on disk"] == 4
    assert total["hours, 8 nodes"] < total["hours, one node"]
