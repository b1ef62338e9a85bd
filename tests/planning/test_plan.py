"""A whole plan: every stage of a toy build, the disk, the warnings, what Snakemake lacks."""

from collections import namedtuple
from dataclasses import replace

import pytest

from emolib import planning
from emolib.config import load_config
from emolib.errors import InputError
from emolib.models.runs import run_specs
from emolib.planning import disk
from emolib.planning.costs import REFERENCE, cores
from emolib.planning.jobs import Lacking, all_jobs, lacking_jobs, read_summary
from emolib.planning.scale import corpus_scale
from emolib.planning.searches import search_jobs

GIGABYTE = 10**9


def with_free(monkeypatch, size):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder: usage(size, 0, size))


def everything(workspace):
    return all_jobs(workspace.config, workspace.folder)


def test_plan_of_the_build_that_was_timed_is_what_it_took(built):
    redone = frozenset({"faces", "annotations", "features", "train", "book"})
    lacking = Lacking(redone, built.config.training.networks, ("dataset",))
    table = planning.plan_build(built, lacking).table
    took = {"faces": 8, "annotations": 1.5, "features": 7, "chapters": 11}
    took["train"] = 42 if cores() == 1 else 22  # the longer of the two, side by side
    for stage, seconds in took.items():
        assert table.loc[stage, "seconds"] == pytest.approx(seconds, rel=0.1), stage
        assert table.loc[stage, "source"] == str(built.folder)
    assert table.loc["book", "source"] == REFERENCE


def test_plan_without_any_build_takes_the_reference_and_says_so(make_workspace):
    workspace = make_workspace()
    plan = planning.plan_build(workspace, everything(workspace))
    assert set(plan.table["source"]) == {"reference"}
    assert any("two cores, x86-64" in note for note in plan.notes)
    assert any("No GPU is counted on" in note for note in plan.notes)
    assert (plan.table["seconds"] > 0).all()


def test_plan_of_what_is_complete_is_empty(built):
    plan = planning.plan_build(built, Lacking(frozenset({"all"}), (), ()))
    assert plan.table.empty and plan.lacking == 0 and plan.warnings == []
    assert plan.updates == "No run is to be trained."


def test_updates_are_stated(built):
    lacking = Lacking(frozenset({"train", "features"}), ("vgg16-category-1fc",), ())
    plan = planning.plan_build(built, lacking)
    assert plan.updates == "Each run makes 25 updates, each from 20 frames."


def test_bytes_hand_case(make_workspace):
    workspace = make_workspace()
    scale = replace(corpus_scale(workspace), faces=1000, both=100)
    lacking = everything(workspace)
    runs = planning.planned_runs(workspace, scale, lacking)
    jobs = planning.planned_jobs(workspace, scale, lacking, runs)
    specs = run_specs(workspace.config)
    written = disk.stage_bytes(workspace, scale, jobs, specs)
    assert written["faces"] == 1000 * 72 * 72 * 3
    assert written["features"] == 1000 * 512 * 2
    assert written["train"] == 4 * (12 * 4 * 128 * (512 + 128 + 1) + 100 * 50)
    assert disk.stage_bytes(workspace, scale, [], []) == {}
    loop = [spec.model_copy(update={"end_to_end": True}) for spec in specs]
    more = disk.stage_bytes(workspace, scale, jobs, loop)["train"] - written["train"]
    assert more == 4 * disk.BACKBONE_BYTES["vgg16"]


def test_what_is_replaced_needs_no_space(built):
    crops = sum(path.stat().st_size for path in built.crops.iterdir())
    others = sum(f.stat().st_size for f in (built.folder / "faces").iterdir())
    others += sum(f.stat().st_size for f in (built.folder / "detections").iterdir())
    others += built.faces.stat().st_size
    there = crops + others
    assert disk.lacking_bytes(built, {"faces": there + 7.0, "match": 0.0}) == 7
    assert disk.lacking_bytes(built, {"faces": 1.0}) == 0


def test_a_disk_that_is_too_small_is_warned_of(make_workspace, monkeypatch):
    workspace = make_workspace()
    with_free(monkeypatch, 1000)
    plan = planning.plan_build(workspace, everything(workspace))
    assert "the disk has 0.0 GB free and the build needs" in plan.warnings[0]
    with_free(monkeypatch, 10**15)
    assert planning.plan_build(workspace, everything(workspace)).warnings == []


def test_memory_that_is_not_there_is_warned_of(make_workspace, monkeypatch):
    workspace = make_workspace()
    monkeypatch.setattr(planning, "installed_bytes", lambda: GIGABYTE)
    assert (
        "of memory and this machine has 1.0 GB"
        in planning.plan_build(workspace, everything(workspace)).warnings[0]
    )


def test_free_space_is_that_of_the_folder_that_will_hold_the_build(tmp_path):
    assert disk.free_bytes(tmp_path / "not" / "yet") == disk.free_bytes(tmp_path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("faces: {detector: ffld2}", "ffld2 is taken to be as fast as dlib"),
     ("training: {early_stopping: 3}", "No training is taken to stop early"),
     ("training: {end_to_end: true}", "extrapolated from few updates")],
)  # fmt: skip
def test_assumptions_name_what_the_configuration_makes_uncertain(make_workspace, text, sentence):
    workspace = make_workspace(f"corpus: {{kind: simulated}}\n{text}\n")
    notes = planning.plan_build(workspace, everything(workspace)).notes
    assert any(sentence in note for note in notes)
    plain = make_workspace("corpus: {kind: simulated}\n")
    assert not any(sentence in n for n in planning.plan_build(plain, everything(plain)).notes)


def test_features_that_memory_does_not_hold_and_unknown_rules_are_named(make_workspace):
    workspace = make_workspace("corpus: {kind: simulated, n_videos: 600, duration: 60}\n")
    lacking = everything(workspace)
    lacking = lacking._replace(rules=lacking.rules | {"ablation_lag"})
    notes = planning.plan_build(workspace, lacking).notes
    assert any("GB and are read from disk" in note for note in notes)
    assert "Not in the estimate: ablation_lag." in notes


def test_summary_of_snakemake_tells_what_is_lacking():
    rows = [("build/x/html/index.html", "book", "update pending"),
            ("build/x/tables/a.csv", "chapter_category", "update pending"),
            ("build/x/chapters/category.ipynb", "chapter_category", "update pending"),
            ("build/x/chapters/faces.ipynb", "chapter_faces", "no update"),
            ("build/x/trained/vgg16-category-1fc", "train", "update pending"),
            ("build/x/trained/vgg16-combined-1fc", "train", "no update")]  # fmt: skip
    lines = [f"{file}\t-\t{rule}\t-\tmissing\t{plan}" for file, rule, plan in rows]
    head = "output_file\tdate\trule\tlog-file(s)\tstatus\tplan"
    lacking = read_summary("\n".join([head, *lines]))
    assert lacking == Lacking(
        frozenset({"book", "chapter_category", "train"}), ("vgg16-category-1fc",), ("category",)
    )


def test_configuration_that_snakemake_refuses_is_an_error(tmp_path):
    with pytest.raises(InputError, match="Snakemake cannot say what is lacking"):
        lacking_jobs("config/none.yaml", tmp_path)


def test_all_jobs_are_those_of_an_empty_workspace():
    for config in ("config/smoke.yaml", "config/demo.yaml"):
        everything = all_jobs(load_config(config))
        assert everything.chapters and everything.networks
        assert {"simulate", "train", "book"} <= everything.rules


SEARCH = """
search: {networks: [vgg16-combined-1fc], trials: 6, epochs: 3,
  space: {sequence_length: [10, 20], batch_size: [2]}}
"""


def test_search_counts_its_trials_and_the_trainings_at_its_end(make_workspace):
    workspace = make_workspace(more=SEARCH)
    lacking = everything(workspace)
    assert lacking.searches == ("vgg16-combined-1fc",) and lacking.uncounted == []
    (job,) = search_jobs(workspace, corpus_scale(workspace), lacking)
    # The best and the thesis's setting are trained with both seeds.
    assert job.stage == "search" and job.amounts["run"] == 6 + 2 * 2
    more = make_workspace(more=SEARCH.replace("trials: 6", "trials: 12"), name="more")
    (larger,) = search_jobs(more, corpus_scale(more), everything(more))
    assert larger.amounts["run"] == 12 + 2 * 2
    assert larger.amounts["update"] > job.amounts["update"]
    plan = planning.plan_build(workspace, lacking)
    assert plan.table.loc["search", "what"] == "6 trials of 3 epochs"
    assert plan.table.loc["search", "seconds"] > 0 and plan.table.loc["search", "disk"] > 0
    assert any("Trials of searches" in note for note in plan.notes)
    without = planning.plan_build(workspace, lacking._replace(searches=()))
    assert "search" not in without.table.index
