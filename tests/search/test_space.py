"""What may be tried: defaults of the thesis, lists and ranges, refusals, and what a trial takes."""

import optuna
import pytest

from emolib.config import Config, Space, Training, load_config
from emolib.errors import InputError
from emolib.models.networks import NETWORKS
from emolib.search.space import (
    in_space,
    references,
    setting_names,
    setting_of,
    spec_with,
    suggest,
    training_with,
)


def test_space_is_that_of_the_thesis_and_holds_what_it_found_best():
    space = Space()
    assert space.sequence_length == (60, 80) and space.batch_size == (1, 2, 3, 4)
    assert space.learning_rate.limits == (1e-6, 1e-1) and space.dropout.limits == (0.5, 0.8)
    for network in NETWORKS:
        best = setting_of(Training(), network)
        assert in_space(space, best) == best


@pytest.mark.parametrize("network", NETWORKS)
def test_setting_and_training_are_two_forms_of_the_same(network):
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        training={"networks": [network], "batch_size": 3, "head_units": 32, "dropout": 0.6},
    )
    own = setting_of(config.training, network)
    assert set(own) == set(setting_names(network))
    assert setting_of(training_with(Training(), network, own), network) == own
    assert spec_with(config, network, own) == spec_with(config, network, {})


def test_references_are_one_where_the_build_is_as_the_thesis():
    network = "vgg16-combined-3fc"
    assert list(references(Training(), network)) == ["this build"]
    assert list(references(Training(batch_size=4), network)) == ["this build", "the thesis"]


def test_suggest_asks_for_what_is_open_and_takes_what_is_given():
    space, network = Space(dropout=[0.5], batch_size=[2]), "vgg16-combined-3fc"
    study = optuna.create_study()
    free = study.ask()
    setting = suggest(free, space, network, {})
    assert set(setting) == set(setting_names(network))
    assert (setting["dropout"], setting["batch_size"]) == (0.5, 2)
    assert {"dropout", "batch_size"}.isdisjoint(free.params)
    assert 1e-6 <= setting["learning_rate"] <= 1e-1
    given = setting_of(Training(sequence_length=7), network)
    study.enqueue_trial(in_space(space, given))
    trial = study.ask()
    assert suggest(trial, space, network, given) == given
    assert "sequence_length" not in trial.params  # 7 is not in the space
    assert trial.params["learning_rate"] == 1e-5


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("{networks: [vgg16-category-2fc]}", "the build trains none to compare with"),
        ("{networks: [vgg16-category-1fc, vgg16-category-1fc]}", "lists something twice"),
        ("{trial: 3}", "unknown key 'search.trial'; did you mean 'trials'?"),
        ("{space: {dropout: {low: 0.5}}}", "give a list of numbers, or both low and high"),
        ("{space: {dropout: {low: 0.5, high: 1.5}}}", "dropout must be at least 0 and less than 1"),
        ("{space: {decay: {low: 2, high: 1}}}", "low must be less than high"),
        ("{space: {learning_rate: {low: 0, high: 1, log: true}}}", "starts above 0"),
        ("{space: {learning_rate: [0, 1]}}", "learning_rate must be more than 0"),
        ("{space: {batch_size: [0]}}", "batch_size must be at least 1"),
        ("{space: {batch_size: [2, 2]}}", "batch_size lists something twice"),
        ("{space: {batch_sizes: [2]}}", "did you mean 'batch_size'?"),
        ("{space: {loss_weighting: [guessed]}}", "Input should be 'fixed' or 'learned'"),
    ],
)
def test_impossible_search_is_one_sentence_with_its_line(tmp_path, search, words):
    path = tmp_path / "toy.yaml"
    path.write_text(f"corpus: {{kind: simulated}}\nsearch: {search}\n")
    with pytest.raises(InputError) as refusal:
        load_config(path)
    assert words in str(refusal.value) and f"{path}:2: " in str(refusal.value)


def test_search_with_the_backbone_in_the_loop_is_refused(tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(
        "corpus: {kind: simulated}\ntraining: {end_to_end: true}\n"
        "search: {networks: [vgg16-category-1fc]}\n"
    )
    with pytest.raises(InputError, match="needs cached features"):
        load_config(path)


@pytest.mark.parametrize("text", ["", "search:\n", "search: {}\n"])
def test_search_that_is_absent_or_empty_is_none(tmp_path, text):
    path = tmp_path / "toy.yaml"
    path.write_text(f"corpus: {{kind: simulated}}\n{text}")
    assert load_config(path).search.networks == ()
