import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emolib.config import load_config
from emolib.planning.jobs import Lacking, all_jobs, lacking_jobs

ROOT = Path(__file__).parents[1]
STAGES = ["simulate", "ingest", "faces", "annotations", "match", "features", "train"]
# What follows any chapter.
AFTER_CHAPTERS = {"chapter_performance", "chapter_provenance", "colophon", "book", "all"}
# Stands in for a training: claims what a training claims, and says when it had it.
TRAINING = """
import os, sys, time
from emolib.gpus import claim_gpus
def note(event):
    with open("events.txt", "a") as events:
        events.write(f"{event} {os.environ['CUDA_VISIBLE_DEVICES']}\\n")
with claim_gpus(1):
    note("start")
    time.sleep(1)
    os.makedirs(f"build/smoke/runs/{sys.argv[2]}-seed1-toy")
    note("end")
"""
COPIED = ["emolib", "workflow", "notebooks", "config", "book", "_toc.yml", "_config.yml"]


def snakemake(folder, config, *options):
    """Run Snakemake on a configuration in a copy of the repository; return what it printed."""
    bin_folder = Path(sys.executable).parent
    command = [bin_folder / "snakemake", "--config", f"config={config}", "--cores", "1", *options]
    # A folder `bin` in the copy stands in for programs.
    environment = os.environ | {"PATH": f"{folder}/bin:{bin_folder}:{os.environ['PATH']}"}
    environment["PYTHONPATH"] = str(folder)
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def planned_rules(folder, config):
    """Return the names of the rules that a build would execute."""
    printed = snakemake(folder, config, "--dry-run", "--quiet", "host", "reason", "--", "all")
    lines = printed.partition("Job stats:")[2].partition("total")[0].splitlines()[3:]
    return {line.split()[0] for line in lines if line.strip()}


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Return a copy of the repository in which Snakemake takes the smoke build for finished."""
    folder = tmp_path_factory.mktemp("workflow")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    shutil.copy(ROOT / "requirements.txt", folder)
    config = "config/smoke.yaml"
    for line in snakemake(folder, config, "--summary", "all").splitlines():
        file = line.split("\t")[0]
        if file.startswith("build/"):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).touch()
    snakemake(folder, config, "--touch", "all")
    assert planned_rules(folder, config) == set()
    return folder


@pytest.fixture
def copy(built, tmp_path):
    return Path(shutil.copytree(built, tmp_path / "repository"))


def test_graph_holds_every_stage_in_order(built):
    printed = snakemake(built, "config/demo.yaml", "--rulegraph", "dot", "--", "all")
    names = dict(re.findall(r'(\d+)\[label = "(\w+)"', printed))
    arrows = re.findall(r"(\d+) -> (\d+)", printed)
    follows = {(names[first], names[second]) for first, second in arrows}
    assert {*STAGES, "colophon", "book"} <= set(names.values())
    for pair in (
        ("simulate", "ingest"),
        ("ingest", "faces"),
        ("faces", "match"),
        ("annotations", "match"),
        ("faces", "features"),
        ("features", "train"),
        ("train", "chapter_comparison"),
        ("chapter_comparison", "book"),
        ("match", "ablation"),
        ("features", "ablation"),
        ("ablation", "chapter_ablations"),
        ("features", "search"),
        ("search", "chapter_hyperparameters"),
        ("train", "chapter_hyperparameters"),
        ("chapter_claims", "chapter_provenance"),
        ("chapter_comparison", "chapter_performance"),  # which tells how long it took
    ):
        assert pair in follows


def test_change_of_epochs_repeats_training_and_what_reads_it(copy):
    change(copy / "config/smoke.yaml", "epochs: 3", "epochs: 4")
    rules = planned_rules(copy, "config/smoke.yaml")
    assert {"train", "chapter_category", "colophon", "book"} <= rules
    assert rules.isdisjoint({*STAGES, "chapter_dataset"} - {"train"})


def test_change_of_an_ablation_repeats_it_and_its_chapter_only(copy):
    change(copy / "config/smoke.yaml", "matching: {lag: 0.3}", "matching: {lag: 0.4}")
    rules = planned_rules(copy, "config/smoke.yaml")
    assert {"ablation", "chapter_ablations"} <= rules <= {
        "ablation", "chapter_ablations", *AFTER_CHAPTERS
    }  # fmt: skip


def test_change_of_the_search_repeats_it_and_its_chapter_only(copy):
    change(copy / "config/smoke.yaml", "batch_size: [4, 8]}", "batch_size: [4, 8, 16]}")
    rules = planned_rules(copy, "config/smoke.yaml")
    assert {"search", "chapter_hyperparameters"} <= rules <= {
        "search", "chapter_hyperparameters", *AFTER_CHAPTERS
    }  # fmt: skip


def test_plan_counts_the_jobs_that_snakemake_would_execute(copy):
    assert lacking_jobs("config/smoke.yaml", copy) == Lacking(frozenset(), (), ())
    change(copy / "config/smoke.yaml", "epochs: 3", "epochs: 4")
    lacking = lacking_jobs("config/smoke.yaml", copy)
    assert lacking.rules | {"all"} == planned_rules(copy, "config/smoke.yaml")
    assert len(lacking.networks) == 3 and "vgg16-combined-1fc" in lacking.networks
    everything = all_jobs(load_config(copy / "config/demo.yaml"), copy)
    asked = lacking_jobs("config/demo.yaml", copy)
    assert (asked.rules, set(asked.chapters)) == (everything.rules, set(everything.chapters))
    assert set(asked.networks) == set(everything.networks)
    assert asked.searches == everything.searches == ("vgg16-combined-3fc",)


def test_trainings_run_side_by_side_each_on_a_gpu_of_its_own(copy, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setenv("TMPDIR", str(copy))
    programs = {
        "nvidia-smi": "#!/bin/sh\nprintf '0, GPU-a\\n1, GPU-b\\n'\n",
        "emolib": f"#!{sys.executable}\n{TRAINING}",
    }
    for name, text in programs.items():
        (copy / "bin").mkdir(exist_ok=True)
        (copy / "bin" / name).write_text(text)
        (copy / "bin" / name).chmod(0o755)
    change(copy / "config/smoke.yaml", "epochs: 3", "epochs: 4")
    networks = load_config(copy / "config/smoke.yaml").training.networks
    targets = [f"build/smoke/trained/{network}" for network in networks]
    snakemake(copy, "config/smoke.yaml", "--cores", "4", "--", *targets)
    lines = [line.split() for line in (copy / "events.txt").read_text().splitlines()]
    assert len(lines) == 2 * len(networks) == 6
    running = set()
    most = 0
    for event, gpu in lines:
        assert (gpu in running) == (event == "end")  # nobody shares a GPU
        running ^= {gpu}
        most = max(most, len(running))
    assert most == 2
    # What has no GPU yet is not started, and takes no core.
    assert "waiting" not in "".join(log.read_text() for log in copy.glob("build/smoke/logs/train*"))


def test_change_of_a_plot_repeats_chapters_only(copy):
    with (copy / "emolib/plots/style.py").open("a") as module:
        module.write("\n# changed\n")
    rules = planned_rules(copy, "config/smoke.yaml")
    assert "chapter_dataset" in rules
    assert rules.isdisjoint(STAGES)


def test_change_of_a_page_repeats_the_book_only(copy):
    change(copy / "book/index.md", "How to read it", "How to read this")
    assert planned_rules(copy, "config/smoke.yaml") <= {"book", "all"}


def test_touch_of_a_module_repeats_nothing(copy):
    (copy / "emolib/labels.py").touch()
    assert planned_rules(copy, "config/smoke.yaml") == set()


def test_another_configuration_has_its_own_workspace(copy):
    shutil.copy(copy / "config/smoke.yaml", copy / "config/other.yaml")
    assert "simulate" in planned_rules(copy, "config/other.yaml")
    assert planned_rules(copy, "config/smoke.yaml") == set()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("corpus: {kind: simulated}\ntraning: {epochs: 3}\n", "did you mean 'training'?"),
        ("corpus: {kind: simulated}\ntraining: {epochs: 0}\n", "training.epochs"),
    ],
)
def test_make_explains_an_unusable_configuration_in_a_sentence(tmp_path, text, sentence):
    config = tmp_path / "wrong.yaml"
    config.write_text(text)
    result = subprocess.run(
        ["make", "book", f"CONFIG={config}", "OPEN=no"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert not (ROOT / "build" / "wrong").exists()
