"""Amounts of work: hand cases, what is done already, twice the work for twice the corpus."""

import os
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.config import Config
from emolib.models import judging
from emolib.models.backbones import convolutional_part
from emolib.models.runs import run_specs
from emolib.planning import amounts
from emolib.planning.amounts import Sequences
from emolib.planning.jobs import Lacking, all_jobs
from emolib.planning.scale import corpus_scale
from emolib.sources import code_hash
from emolib.storage import write_record


def spec_of(network="vgg16-category-1fc", crop_size=72, pooling="flatten", **training):
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": crop_size},
        features={"pooling": pooling},
        training={"networks": [network], "seeds": [1], **training},
    )
    return run_specs(config)[0]


def jobs_of(workspace, lacking=None, scale=None):
    lacking = all_jobs(workspace.config, workspace.folder) if lacking is None else lacking
    scale = scale or corpus_scale(workspace, redone=lacking.rules)
    runs = amounts.planned_runs(workspace, scale, lacking)
    return amounts.planned_jobs(workspace, scale, lacking, runs)


def test_training_amounts_hand_case():
    spec = spec_of(epochs=10, batch_size=2, sequence_length=5)
    found = amounts.training_amounts(spec, Sequences(train=7, validation=4, all=16))
    updates = 10 * 4
    assert found["run"] == 1
    assert found["update"] == updates
    assert found["weight"] == updates * 2048
    assert found["time step"] == 5 * (updates + 0.5 * (10 * 1 + 16 / 32))
    assert found["value"] == 5 * 2048 * (updates * 2 + 0.5 * (10 * 4 + 16))


def test_predictions_are_counted_in_the_batches_in_which_they_are_made():
    assert amounts.PREDICTION_BATCH == judging.PREDICTION_BATCH
    assert amounts.SIZE == Config(name="toy", corpus={"kind": "simulated"}).faces.crop_size


def test_training_end_to_end_counts_faces_through_the_backbone():
    sequences, settings = Sequences(8, 4, 16), {"epochs": 3, "batch_size": 2, "sequence_length": 5}
    unit = "vgg16 face end to end"
    frozen = amounts.training_amounts(spec_of(end_to_end=True, **settings), sequences)
    assert frozen[unit] == 5 * (3 * 8 + 3 * 4 + 16)
    free = amounts.training_amounts(spec_of(end_to_end=True, unfreeze=1, **settings), sequences)
    assert free[unit] == 5 * (3 * 3 * 8 + 3 * 4 + 16)
    assert unit not in amounts.training_amounts(spec_of(**settings), sequences)


@settings(max_examples=20)
@given(st.integers(1, 200), st.integers(1, 50), st.integers(1, 6))
def test_training_is_linear_in_epochs(train, validation, factor):
    sequences = Sequences(train, validation, 0)  # nothing is predicted at the end
    once = amounts.training_amounts(spec_of(epochs=2), sequences)
    more = amounts.training_amounts(spec_of(epochs=2 * factor), sequences)
    for unit in ("update", "time step", "weight", "value"):
        assert more[unit] == pytest.approx(factor * once[unit])


@pytest.mark.parametrize("network", ["vgg19-category-1fc", "xception-category-1fc"])
@pytest.mark.parametrize("size", [72, 96])
def test_feature_dimension_is_that_of_the_backbone(network, size):
    shape = convolutional_part(network.partition("-")[0], size).output_shape[1:]
    assert amounts.feature_dimension(spec_of(network, size)) == np.prod(shape)
    assert amounts.feature_dimension(spec_of(network, size, "average")) == shape[-1]


def test_sequences_that_are_expected_are_near_those_that_are_counted(built):
    samples, scale = built.load("samples"), corpus_scale(built)
    spec = run_specs(built.config)[0]
    counted = amounts.counted_sequences(samples, spec)
    assert counted == Sequences(train=10, validation=10, all=30)
    expected = amounts.expected_sequences(spec, scale, built.config)
    assert expected.all == pytest.approx(counted.all, abs=scale.tracks / 2)
    assert expected.train == pytest.approx(0.6 * expected.all)


def test_sequences_of_any_label_and_of_folds(built):
    spec = run_specs(built.config)[-1].model_copy(update={"faces": "any"})
    assert amounts.counted_sequences(built.load("samples"), spec).all == 36
    split = built.config.split.model_copy(update={"folds": 5})
    config = built.config.model_copy(update={"split": split})
    expected = amounts.expected_sequences(spec, corpus_scale(built), config)
    assert (expected.train, expected.validation) == pytest.approx(
        (0.6 * expected.all, 0.2 * expected.all)
    )


def test_planned_jobs_of_a_build_from_nothing(make_workspace):
    jobs = {(job.stage, job.name): job.amounts for job in jobs_of(make_workspace())}
    assert jobs["simulate", "simulate"] == {"job": 1, "frame": 360}
    megapixels = 360 * 0.0803
    assert jobs["faces", "faces"] == pytest.approx(
        {"job": 1, "megapixel": megapixels, "searched megapixel": megapixels / 2}
    )
    assert jobs["features", "features"] == {"job": 1, "vgg16 face": 360}
    assert jobs["train", "vgg16-combined-1fc"]["run"] == 2
    assert list(dict.fromkeys(stage for stage, _ in jobs)) == [
        *("simulate", "ingest", "faces", "annotations", "match", "features", "train", "book")
    ]


def test_fewer_pictures_are_searched_where_the_configuration_says_so(make_workspace, tmp_path):
    text = "corpus: {kind: simulated}\nfaces: {%s}\n"
    every, third = (
        {job.stage: job for job in jobs_of(make_workspace(text % setting))}["faces"].amounts
        for setting in ("detect_every: 1", "detect_every: 3")
    )
    assert third["searched megapixel"] == pytest.approx(every["searched megapixel"] / 3)
    boxes = make_workspace(text % "boxes: {format: openface, folder: x}")
    assert {job.stage: job for job in jobs_of(boxes)}["faces"].amounts["searched megapixel"] == 0


@settings(max_examples=20)
@given(factor=st.integers(2, 50))
def test_twice_the_corpus_is_twice_the_work(factor, tmp_path_factory):
    config = Config(name="toy", corpus={"kind": "simulated"}, training={"batch_size": 1})
    workspace = amounts.Workspace(config, tmp_path_factory.getbasetemp() / "none")
    scale = replace(corpus_scale(workspace), tracks=0)  # whose last sequences are half empty
    names = ("videos", "frames", "faces", "category", "dimensional", "both")
    larger = replace(scale, **{name: factor * getattr(scale, name) for name in names})
    once, more = (
        {job.stage: job.amounts for job in jobs_of(workspace, scale=size)}
        for size in (scale, larger)
    )
    for stage, units in once.items():
        for unit, amount in units.items():
            grown = amount if unit in ("job", "run") else factor * amount
            assert more[stage][unit] == pytest.approx(grown, rel=0.01), (stage, unit)


def test_only_what_is_lacking_is_counted(built, monkeypatch):
    monkeypatch.setattr(amounts.pipeline, "lacking_runs", lambda w: [run_specs(w.config)[0].name])
    lacking = Lacking(frozenset({"train", "chapter_category", "book"}),
                      ("vgg16-category-1fc",), ("category",))  # fmt: skip
    jobs = jobs_of(built, lacking)
    assert [(job.stage, job.name) for job in jobs] == [
        ("train", "vgg16-category-1fc"), ("chapters", "category"), ("book", "book")
    ]  # fmt: skip
    assert jobs[0].amounts["run"] == 1
    assert jobs_of(built, Lacking(frozenset(), (), ())) == []


def test_features_of_unchanged_crops_count_as_done(built):
    scale = corpus_scale(built)
    for name in ("video0", "video1"):
        path = built.features("vgg16") / f"{name}.npy"
        write_record(path, {"code": code_hash("emolib.models.features")})
    assert amounts.feature_amounts(built, scale, False) == {"vgg16 face": 120}
    assert amounts.feature_amounts(built, scale, True) == {"vgg16 face": 360}
    os.utime(built.crops / "video1.npy")  # cut out again
    assert amounts.feature_amounts(built, scale, False) == {"vgg16 face": 240}


ABLATIONS = """
ablations:
  random:
    title: random weights
    networks: [vgg16-combined-1fc]
    seeds: [1]
    features: {weights: random}
  any-faces: {title: any label, networks: [vgg16-combined-1fc], training: {faces: any}}
"""


def test_ablations_are_counted_with_the_trainings_and_the_features_they_make(make_workspace):
    workspace, build = make_workspace(more=ABLATIONS), make_workspace(name="build")
    found, alone = (
        {(job.stage, job.name): job.amounts for job in jobs_of(each)} for each in (workspace, build)
    )
    runs = found["train", "vgg16-combined-1fc"]["run"], alone["train", "vgg16-combined-1fc"]["run"]
    assert runs == (2 + 1 + 2, 2)
    assert found["train", "vgg16-category-1fc"] == alone["train", "vgg16-category-1fc"]
    scale = corpus_scale(workspace)
    assert found["features", "random"] == {"vgg16 face": scale.labelled("both", ())}
    assert ("features", "any-faces") not in found
    only = Lacking(frozenset({"ablation"}), (), (), ("any-faces",))
    assert {(job.stage, job.name) for job in jobs_of(workspace, only)} == {
        ("train", "vgg16-combined-1fc")
    }
