"""Trials on toy features: nobody of the test split is read, and what is found can be used."""

import shutil

import numpy as np
import optuna
import pandas as pd
import pytest
import yaml

from emolib import pipeline, search
from emolib.config import load_config
from emolib.errors import InputError
from emolib.models.runs import run_specs
from emolib.search.results import importance_table
from emolib.search.space import references
from emolib.search.trials import GIVEN, Objective, read_samples
from emolib.storage import read_json, write_json, write_table
from emolib.workspace import Workspace
from tests.models.test_training import make_corpus

NETWORK = "vgg16-combined-3fc"
CONFIG = """
corpus: {kind: simulated}
training:
  networks: [vgg16-combined-3fc]
  seeds: [2]
  epochs: 2
  sequence_length: 5
  learning_rate: {category: 0.01, dimensional: 0.01, combined: 1.0e-6} # beaten by any other
search:
  networks: [vgg16-combined-3fc]
  trials: 3
  epochs: 1
  space:
    sequence_length: [5, 6]
    batch_size: [2, 4]
    learning_rate: {low: 0.01, high: 0.03, log: true}
"""


def make_build(folder):
    """Return a build with samples and features, two people a split."""
    (folder / "toy.yaml").write_text(CONFIG)
    workspace = Workspace(load_config(folder / "toy.yaml"), folder / "build")
    features = workspace.features("vgg16")
    features.mkdir(parents=True)
    samples = make_corpus(features)
    for track in samples["track"].unique():
        write_json({"backbone": "toy", "track": track}, features / f"{track}.npy.inputs.json")
    write_table(samples, workspace.samples)
    return workspace


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """Return a build whose search is complete."""
    workspace = make_build(tmp_path_factory.mktemp("searched"))
    search.try_settings(workspace, NETWORK, progress=False)
    search.write_findings(workspace, NETWORK)
    search.confirm(workspace, NETWORK)
    return workspace


def trials_of(workspace):
    table = pd.read_parquet(workspace.searches / NETWORK / "trials.parquet")
    return table.drop(columns=["seconds", "worker"])


def test_search_has_as_many_trials_as_asked_for_those_to_be_beaten_among_them(searched):
    table = trials_of(searched)
    assert list(table["origin"]) == ["this build", "the thesis", "search"]
    assert list(table["trial"]) == [1, 2, 3]
    build, thesis = table.iloc[0], table.iloc[1]
    assert (build["sequence_length"], build["batch_size"], build["head_units"]) == (5, 2, 128)
    assert (thesis["sequence_length"], thesis["learning_rate"]) == (60, 1e-5)
    assert set(table["sequence_length"][2:]) <= {5, 6}
    assert (table["end"] == "complete").all() and (table["epochs"] == 1).all()
    epochs = pd.read_parquet(searched.searches / NETWORK / "epochs.parquet")
    np.testing.assert_allclose(epochs["loss"], table["loss"])


def test_search_reads_nothing_of_the_test_people(searched, tmp_path):
    # With their labels wrong, their features gone and some of them not there, all stays the same.
    other = make_build(tmp_path)
    samples = other.load("samples")
    test = samples["split"] == "test"
    assert test.any()
    samples.loc[test, ["valence", "arousal"]] = 7.0  # which nobody could train on
    samples.loc[test, "emotion"] = "boredom"
    for track in samples.loc[test, "track"].unique():
        (other.features("vgg16") / f"{track}.npy").unlink()
        (other.features("vgg16") / f"{track}.npy.inputs.json").unlink()
    write_table(samples.drop(samples.index[test][:5]), other.samples)
    assert search.study_name(other, NETWORK) == search.study_name(searched, NETWORK)
    search.try_settings(other, NETWORK, progress=False)
    search.write_findings(other, NETWORK)
    pd.testing.assert_frame_equal(trials_of(other), trials_of(searched), check_exact=True)
    for name in ("best.yaml", "best.json"):
        texts = [(w.searches / NETWORK / name).read_text() for w in (other, searched)]
        assert texts[0] == texts[1]


def test_search_depends_on_who_trains_and_validates(searched, tmp_path):
    other = make_build(tmp_path)
    samples = other.load("samples")
    for split in ("train", "validation"):
        changed = samples.copy()
        changed.loc[changed.index[changed["split"] == split][0], "valence"] = 0.123
        write_table(changed, other.samples)
        assert search.study_name(other, NETWORK) != search.study_name(searched, NETWORK)


def test_search_refuses_a_person_who_trains_and_validates(tmp_path):
    workspace = make_build(tmp_path)
    samples = workspace.load("samples")
    write_table(samples.replace({"person": {"person2": "person0"}}), workspace.samples)
    with pytest.raises(InputError, match="person0"):
        read_samples(workspace.samples)


def test_best_can_be_pasted_into_a_configuration(searched, tmp_path):
    folder = searched.searches / NETWORK
    config = yaml.safe_load(CONFIG)
    pasted = yaml.safe_load((folder / "best.yaml").read_text())
    config["training"] |= pasted["training"]
    (tmp_path / "toy.yaml").write_text(yaml.safe_dump(config))
    specs = run_specs(load_config(tmp_path / "toy.yaml"))
    variant = search.variants(searched, NETWORK)["best"]
    assert specs == run_specs(variant.config)
    best = read_json(folder / "best.json")
    assert (specs[0].learning_rate, specs[0].head_units) == (
        best["learning_rate"],
        best["head_units"],
    )
    table = trials_of(searched)
    assert best["decay"] == table.loc[table["loss"].idxmin(), "decay"]


def test_best_and_thesis_are_trained_with_all_seeds_beside_the_runs_of_the_build(searched):
    assert not searched.runs.exists()
    variants = search.variants(searched, NETWORK)
    assert set(variants) == {"best", "the thesis"}
    for variant in variants.values():
        assert pipeline.lacking_runs(variant) == []
        assert [spec.seed for spec in run_specs(variant.config)] == [2]
        assert {spec.epochs for spec in run_specs(variant.config)} == {2}
    assert search.is_searched(searched, NETWORK)
    assert search.confirm(searched, NETWORK) == []


def test_setting_of_the_build_is_not_trained_again_where_nothing_is_better(searched, tmp_path):
    build = tmp_path / "build"
    shutil.copytree(searched.folder.parent, build)
    workspace = Workspace(searched.config, build)
    own = references(workspace.config.training, NETWORK)["this build"]
    write_json(own, workspace.searches / NETWORK / "best.json")
    assert set(search.variants(workspace, NETWORK)) == {"the thesis"}


def test_more_trials_go_on_with_the_study_and_the_build_is_then_not_searched(searched, tmp_path):
    build = tmp_path / "build"
    shutil.copytree(searched.folder.parent, build)
    (tmp_path / "toy.yaml").write_text(CONFIG.replace("trials: 3", "trials: 4"))
    more = Workspace(load_config(tmp_path / "toy.yaml"), build)
    assert not search.is_searched(more, NETWORK)
    search.try_settings(more, NETWORK, progress=False)
    search.write_findings(more, NETWORK)
    pd.testing.assert_frame_equal(trials_of(more)[:3], trials_of(searched), check_exact=True)
    assert len(trials_of(more)) == 4


class Always(optuna.pruners.BasePruner):
    def prune(self, study, trial):
        return True


def test_trial_ends_where_the_pruner_says_so_or_the_loss_is_no_number(searched):
    config = searched.config.model_copy(
        update={"search": searched.config.search.model_copy(update={"epochs": 3})}
    )
    workspace = Workspace(config, searched.folder.parent)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(pruner=Always())
    objective = Objective(workspace, NETWORK)
    study.optimize(objective, n_trials=1)
    study.enqueue_trial({}, {GIVEN: {"learning_rate": 1e30}})
    study.optimize(objective, n_trials=1)
    pruned, diverged = study.trials
    assert list(pruned.intermediate_values) == [1] and "diverged" not in pruned.user_attrs
    assert diverged.state == optuna.trial.TrialState.PRUNED and diverged.user_attrs["diverged"]
    assert diverged.intermediate_values == {}


def test_losses_are_weighed_as_in_the_build_whatever_a_trial_trains_with(searched):
    seen = {}
    for weight in (0.1, 0.9):
        trial = optuna.trial.FixedTrial(
            {"sequence_length": 5, "batch_size": 2, "learning_rate": 1e-6, "decay": 1e-4,
             "dropout": 0.5, "head_units": 64, "category_weight": weight,
             "loss_weighting": "fixed"}
        )  # fmt: skip
        seen[weight] = Objective(searched, NETWORK)(trial)
    # Hardly anything is learned at that rate, so that only the weights could make a difference.
    assert seen[0.1] == pytest.approx(seen[0.9], rel=1e-3)


def test_importance_tells_the_setting_that_matters_from_the_one_that_does_not():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(
        lambda trial: trial.suggest_float("dropout", 0, 1) + 0 * trial.suggest_float("decay", 0, 1),
        n_trials=30,
    )
    table = importance_table(study, seed=1)
    assert list(table["setting"]) == ["dropout", "decay"]
    assert table["importance"].iloc[0] > 0.9 and table["importance"].sum() == pytest.approx(1)
    few = optuna.create_study()
    few.add_trials(study.trials[:3])
    assert importance_table(few, seed=1).empty


def test_network_that_the_build_does_not_train_is_refused(searched):
    with pytest.raises(InputError, match="trains no such network; it trains vgg16-combined-3fc"):
        search.try_settings(searched, "vgg16-category-1fc")
