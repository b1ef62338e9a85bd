"""The command line: what it lists, converts and refuses."""

import errno
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from emolib import __version__, cli, pipeline, planning
from emolib.config import load_config
from emolib.data.annotations.formats import formats
from emolib.errors import InputError
from emolib.labels import EMOTIONS, SPLITS
from emolib.models.runs import run_specs
from emolib.storage import record_path, write_json, write_table


def call(*arguments):
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


def refused(*arguments):
    """Return the sentence with which a call is refused."""
    result = call(*arguments)
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


@pytest.fixture
def trace(tmp_path):
    path = tmp_path / "trace.csv"
    path.write_text("time,valence,arousal\n0,500,250\n40,-1000,0\n")
    return path


def test_version_is_that_of_the_package():
    assert call("--version").output.strip() == __version__


def test_formats_has_a_line_for_each():
    lines = call("formats").output.splitlines()
    assert [line.split()[0] for line in lines] == list(formats())
    assert all(len(line.split()) > 3 for line in lines)


def test_convert_writes_the_unified_table(trace, tmp_path):
    out = tmp_path / "out.csv"
    options = ["columns={time: time, valence: valence, arousal: arousal}", "time_unit=ms"]
    options += ["scale=1000"]
    flags = [flag for option in options for flag in ("-o", option)]
    result = call("convert", trace, "--out", out, "--format", "generic", *flags)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert table["time"].tolist() == [0, 0.04]
    assert table["valence"].tolist() == [0.5, -1]
    assert "2 rows" in result.output


def test_convert_without_a_format_suggests_and_does_nothing(trace, tmp_path):
    sentence = refused("convert", trace, "--out", tmp_path / "out.csv")
    assert "generic" in sentence
    assert not (tmp_path / "out.csv").exists()


def test_convert_explains_formats_and_options_that_it_does_not_know(trace, tmp_path):
    out = ("--out", tmp_path / "out.csv", "--format")
    assert "unknown format 'affwild9'" in refused("convert", trace, *out, "affwild9")
    assert "needs the option 'columns'" in refused("convert", trace, *out, "generic")
    assert "no option 'scal'" in refused("convert", trace, *out, "generic", "-o", "scal=1")
    assert "write it as name=value" in refused("convert", trace, *out, "generic", "-o", "scale")


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Return the folder of runs of a build with two runs, the first of them finished."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.yaml").write_text(
        "corpus: {kind: simulated}\n"
        "training: {networks: [vgg16-category-1fc], seeds: [1, 2], dropout: 0.6}\n"
    )
    workspace = cli._workspace(tmp_path / "toy.yaml")
    spec, _ = run_specs(load_config(tmp_path / "toy.yaml"))
    write_run(workspace.runs / spec.name, spec, right=0.5)
    inputs = {"emolib": __version__, **pipeline.runs._run_inputs(workspace, spec)}
    write_json(inputs, record_path(workspace.runs / spec.name / "metrics.json"))
    return workspace.runs


def write_run(folder, spec, right):
    """Write what comparing and deleting a run need; `right` is its accuracy."""
    write_json(spec, folder / "spec.json")
    write_json({}, folder / "metrics.json")
    truth = np.tile(EMOTIONS, 2 * len(SPLITS))
    wrong = np.arange(len(truth)) % 100 >= 100 * right
    table = pd.DataFrame({"split": np.repeat(SPLITS, 2 * len(EMOTIONS)), "emotion": truth})
    table["predicted_emotion"] = np.where(wrong, np.roll(truth, 1), truth)
    for column in ("track", "person", "video"):
        table[column] = "a"
    write_table(table.assign(frame=np.arange(len(table))), folder / "predictions.parquet")


def names(config):
    return [spec.name for spec in run_specs(load_config(config))]


def test_runs_lists_those_of_a_configuration_also_without_a_command(build):
    first, second = names("toy.yaml")
    listed = call("runs", "--config", "toy.yaml")
    assert listed.output.splitlines() == [
        *(f"{first}  trained", f"{second}  lacking", "1 of 2 are trained and up to date")
    ]
    assert call("runs", "list", "--config", "toy.yaml").output == listed.output
    as_json = call("runs", "list", "--json", "--config", "toy.yaml").output
    assert json.loads(as_json) == {first: True, second: False}


def test_runs_list_names_a_run_that_other_code_trained(build):
    write_json({"emolib": "0.0.1"}, record_path(build / names("toy.yaml")[0] / "metrics.json"))
    assert "of other data or code" in call("runs", "--config", "toy.yaml").output


def test_runs_compare_shows_what_differs_and_nothing_else(build):
    first, _ = names("toy.yaml")
    spec = run_specs(load_config("toy.yaml"))[0].model_copy(update={"dropout": 0.7})
    write_run(build / "other", spec, right=1.0)
    output = call("runs", "compare", first, "other", "--config", "toy.yaml").output
    settings, metrics = output.split("Metrics")
    assert [line.split() for line in settings.splitlines()[2:] if line] == [
        ["dropout", "0.6", "0.7"]
    ]
    assert any(line.split()[:2] == ["test", "Total"] for line in metrics.splitlines())


def test_runs_compare_with_one_that_is_not_there_is_refused(build):
    first, second = names("toy.yaml")
    sentence = refused("runs", "compare", first, second, "--config", "toy.yaml")
    assert f"no run '{second}'; `emolib runs` lists" in sentence


def test_runs_delete_names_what_it_removes_asks_and_touches_no_other(build):
    first, _ = names("toy.yaml")
    write_json({}, build / "other" / "spec.json")
    (build / f".{first}.checkpoint.npz").touch()
    stamp = build.parent / "trained" / "vgg16-category-1fc"
    stamp.parent.mkdir()
    stamp.touch()
    arguments = ("runs", "delete", first, "--config", "toy.yaml")
    asked = CliRunner().invoke(cli.app, list(arguments), input="n\n")
    assert str(build.relative_to(build.parents[2]) / first) in asked.output
    assert asked.exit_code == 1 and (build / first).is_dir()
    assert call(*arguments, "--yes").exit_code == 0
    assert [path.name for path in build.iterdir()] == ["other"]
    assert not stamp.exists()


@pytest.mark.parametrize("name", ["none", "..", "../runs", ""])
def test_runs_delete_of_what_is_no_run_deletes_nothing(build, name):
    first, _ = names("toy.yaml")
    assert "no run" in refused("runs", "delete", first, name, "--yes", "--config", "toy.yaml")
    assert (build / first).is_dir()


@pytest.fixture
def planned(tmp_path, monkeypatch):
    """Return a function that plans for the corpus of a configuration, none of which is built."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)

    def plan(text, *arguments, name="mine"):
        (tmp_path / f"{name}.yaml").write_text(text)
        return call("plan", "--config", f"{name}.yaml", *arguments)

    return plan


OWN = "corpus: {kind: folder, path: corpus}"


def test_plan_prints_every_stage_the_totals_and_what_is_assumed(planned):
    result = planned(OWN, name="thesis")
    assert result.exit_code == 0, result.output
    rows = {line.split()[0]: line for line in result.output.splitlines() if line.strip()}
    for stage in ("ingest", "faces", "annotations", "match", "features", "train", "book"):
        assert rows[stage].rstrip().endswith("reference"), rows[stage]
    total = sum(float(rows[stage].split()[-3]) for stage in ("faces", "features", "train"))
    assert float(rows["total"].split()[2]) == pytest.approx(total, abs=0.05)
    assert "15 runs of 100 epochs" in rows["train"]
    assert "Each run makes 54,800 updates, each from 120 frames." in result.output
    assert "that of the thesis is assumed: 55 videos and 265,663 faces" in result.output
    assert "…" not in result.output
    said = planned(OWN, "--faces", 265663, "--videos", 55, name="thesis").output
    assert said.partition("What is assumed")[0] == result.output.partition("What is assumed")[0]


def test_plan_for_a_corpus_that_is_not_there_is_refused_unless_its_size_is_given(planned):
    result = planned(OWN)
    assert isinstance(result.exception, InputError)
    assert "no such folder; `path` in the configuration" in str(result.exception)
    result = planned(OWN, "--faces", 1000, "--videos", 3, "--labelled", 500)
    assert "1,000 faces" in result.output and "as large as you say" in result.output


def test_plan_asks_snakemake_and_warns_of_a_full_disk(planned, monkeypatch):
    asked = []
    lacking = planning.Lacking(frozenset({"simulate", "book"}), (), ())
    monkeypatch.setattr(planning, "lacking_jobs", lambda config: asked.append(config) or lacking)
    monkeypatch.setattr(planning, "free_bytes", lambda folder: 10)
    output = planned("corpus: {kind: simulated}").output
    assert [str(config) for config in asked] == ["mine.yaml"]
    assert "Warning: the disk has 0.0 GB free and the build needs" in output
    monkeypatch.setattr(planning, "lacking_jobs", lambda config: planning.Lacking(set(), (), ()))
    assert planned("corpus: {kind: simulated}").output == "build/mine: nothing is lacking.\n"


def test_train_of_an_unknown_run_is_one_sentence(build):
    sentence = refused("train", "vgg99", "--config", "toy.yaml")
    assert sentence == "unknown run 'vgg99'; `emolib runs` lists those of a configuration"


def test_train_trains_what_is_lacking_and_the_rest_only_again(build, monkeypatch):
    trained = []
    monkeypatch.setattr(pipeline, "train_runs", lambda workspace, names: trained.append(names))
    first, second = names("toy.yaml")
    call("train", "--config", "toy.yaml")
    call("train", first, "--config", "toy.yaml")
    call("train", first, "--again", "--config", "toy.yaml")
    call("train", "vgg16-category-1fc", "--again", "--config", "toy.yaml")
    assert trained == [[second], [], [first], [first, second]]


@pytest.fixture
def ablated(tmp_path, monkeypatch):
    """Return a configuration with an ablation of one run."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy.yaml").write_text(
        "corpus: {kind: simulated}\n"
        "training: {networks: [vgg16-category-1fc], seeds: [1, 2]}\n"
        "ablations: {random: {title: random, seeds: [2], features: {weights: random}}}\n"
    )
    return tmp_path / "toy.yaml"


def test_runs_lists_those_of_an_ablation(ablated):
    printed = call("runs", "--ablation", "random", "--config", ablated).output
    (name,) = (spec.name for spec in run_specs(load_config(ablated).ablated("random")))
    assert printed == f"{name}  lacking\n0 of 1 are trained and up to date\n"
    assert call("runs", "list", "--ablation", "random", "--config", ablated).output == printed
    assert name not in names(ablated)


def test_train_of_an_ablation_makes_what_it_needs_first(ablated, monkeypatch):
    trained = []
    monkeypatch.setattr(
        pipeline,
        "train_ablation",
        lambda ablation, runs, again: trained.append((ablation.name, runs, again)),
    )
    output = call("train", "--ablation", "random", "--config", ablated).output
    assert "trained and up to date" in output
    (spec,) = run_specs(load_config(ablated).ablated("random"))
    call("train", "--ablation", "random", "--again", "--config", ablated)
    assert trained == [("random", [spec.name], again) for again in (False, True)]


def test_ablation_that_is_not_configured_is_one_sentence(ablated):
    sentence = refused("train", "--ablation", "late", "--config", ablated)
    assert sentence == "unknown ablation 'late'; toy has: random"


def test_export_of_what_is_no_run_is_one_sentence(tmp_path):
    assert "no finished run" in refused("export", tmp_path, "--out", tmp_path / "out")


def test_check_says_that_a_configuration_can_be_used():
    output = call("check", "--config", "config/smoke.yaml").output
    assert output == "config/smoke.yaml: a book can be built with it.\n"


def test_main_shows_an_input_error_alone_and_exits_with_two(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["emolib", "check", "--config", "none.yaml"])
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    assert exit_.value.code == 2
    assert capsys.readouterr().err == (
        "error: none.yaml: no such configuration file; the shipped ones are in config/\n"
    )


def test_main_ends_cleanly_on_sigterm(tmp_path):
    script = "import os, sys, time; from emolib import cli, storage; from pathlib import Path\n"
    script += "def wait():\n    with storage.atomic_path(Path(sys.argv[1]) / 'x.npy') as path:\n"
    script += "        path.touch(); print('begun', flush=True); time.sleep(60)\n"
    script += "cli.app = wait; cli.main()"
    process = subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.terminate()
    assert b"ended by SIGTERM; the same command goes on" in process.communicate()[1]
    assert process.returncode == 143
    assert not list(tmp_path.iterdir())


def test_main_says_that_the_disk_is_full_and_hides_no_other_failure(monkeypatch, capsys):
    def fail(number):
        def stage(*arguments):
            raise OSError(number, "No space left on device", "build/toy/faces.parquet")

        monkeypatch.setattr(pipeline, "match_and_split", stage)
        monkeypatch.setattr(sys, "argv", ["emolib", "match", "--config", "config/demo.yaml"])
        cli.main()

    with pytest.raises(SystemExit) as exit_:
        fail(errno.ENOSPC)
    assert exit_.value.code == 2
    assert capsys.readouterr().err.startswith(
        "error: build/toy/faces.parquet: the disk is full; free some space and try again"
    )
    with pytest.raises(OSError, match="faces.parquet"):
        fail(errno.EACCES)
