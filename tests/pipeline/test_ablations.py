"""Ablations make and train what differs, and read everything else from their build."""

import numpy as np
import pandas as pd
import pytest

from emolib import pipeline
from emolib.config import load_config
from emolib.errors import InputError
from emolib.labels import SPLITS
from emolib.storage import read_array, read_json, write_array, write_table
from emolib.workspace import Workspace

SIZE, FACES = 32, 8
CONFIG = """
corpus: {kind: simulated}
emotions: [happiness]
faces: {crop_size: 32}
features: {weights: random, pooling: average, precision: float32}
training:
  networks: [vgg16-category-1fc, vgg16-dimensional-1fc, vgg16-combined-1fc]
  seeds: [1, 2]
  epochs: 1
  sequence_length: 4
ablations:
  any-faces:
    title: faces with any label
    networks: [vgg16-combined-1fc]
    seeds: [1]
    training: {faces: any}
  lag:
    title: lag taken out
    networks: [vgg16-dimensional-1fc]
    seeds: [1]
    matching: {lag: 0.1}
  scaling:
    title: other scaling
    networks: [vgg16-dimensional-1fc]
    seeds: [1]
    features: {preprocessing: bgr_mean}
"""


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Return a build with samples, features and none trained: a track a split, half labelled."""
    folder = tmp_path_factory.mktemp("build")
    (folder / "toy.yaml").write_text(CONFIG)
    workspace = Workspace(load_config(folder / "toy.yaml"), folder / "build")
    generator, faces, traces, intervals = np.random.default_rng(1), [], [], []
    names = [f"video{number}" for number in range(len(SPLITS))]
    times = np.arange(FACES) / 10
    for name in names:
        crops = generator.integers(0, 256, (FACES, SIZE, SIZE, 3), dtype=np.uint8)
        write_array(crops, workspace.crops / f"{name}.npy")
        faces.append(pd.DataFrame({"track": name, "video": name, "time": times}))
        rated = pd.DataFrame({"track": name, "time": times, "rater": "r"})
        rated = rated.assign(valence=np.linspace(-0.5, 0.5, FACES), arousal=times)
        traces.append(rated)
        intervals.append({"track": name, "start": 0.0, "end": 0.35, "emotion": "happiness"})
    table = pd.concat(faces, ignore_index=True).assign(status="auto", person="")
    table["frame"] = (table["time"] * 30).round().astype(int)
    write_table(table, workspace.faces)
    write_table(pd.concat(traces, ignore_index=True), workspace.dimensional)
    write_table(
        pd.DataFrame(intervals).assign(rater="r", **{"pass": 1}), workspace.categorical
    )  # fmt: skip
    people = pd.DataFrame({"track": names, "video": names, "person": names, "part": ""})
    write_table(people, workspace.people)
    pipeline.match_and_split(workspace)
    pipeline.extract_all_features(workspace)
    return workspace


def predictions(workspace):
    (name,) = pipeline.find_runs(workspace)
    return pd.read_parquet(workspace.runs / name / "predictions.parquet")


def test_any_faces_trains_its_own_run_alone_on_the_samples_and_features_of_the_build(build):
    ablation = build.ablation("any-faces")
    assert not pipeline.is_trained(ablation)
    trained = pipeline.train_ablation(ablation)
    assert trained == pipeline.find_runs(ablation) and len(trained) == 1
    assert sorted(path.name for path in ablation.folder.iterdir()) == ["runs"]
    assert not build.runs.exists()
    assert len(predictions(ablation)) == len(SPLITS) * FACES
    assert pipeline.is_trained(ablation)
    assert pipeline.train_ablation(ablation) == []
    assert pipeline.train_ablation(ablation, again=True) == trained


def test_lag_has_labels_of_its_own_and_leaves_everybody_where_the_build_put_them(build):
    ablation = build.ablation("lag")
    pipeline.train_ablation(ablation)
    own, of_build = ablation.load("samples"), build.load("samples")
    pd.testing.assert_series_equal(own["split"], of_build["split"])
    first = own.groupby("track")["arousal"].first().unique()
    np.testing.assert_allclose(first, 0.1)
    np.testing.assert_allclose(of_build.groupby("track")["arousal"].first(), 0)
    assert not (ablation.folder / "features").exists()
    assert pipeline.is_trained(ablation)


def test_lag_is_matched_again_when_the_samples_of_the_build_change(build):
    ablation = build.ablation("lag")
    pipeline.train_ablation(ablation)
    samples = build.load("samples")
    swapped = samples.replace({"split": {"train": "test", "test": "train"}})
    write_table(swapped, build.samples)
    try:
        assert not pipeline.is_trained(ablation)
        assert pipeline.train_ablation(ablation) == pipeline.find_runs(ablation)
        assert list(ablation.load("samples")["split"]) == list(swapped["split"])
    finally:
        write_table(samples, build.samples)


def test_scaling_puts_only_the_faces_that_it_reads_through_its_own_backbone(build):
    ablation = build.ablation("scaling")
    pipeline.train_ablation(ablation)
    features = read_array(ablation.features("vgg16") / "video0.npy")
    assert np.isfinite(features[:4]).all() and np.isnan(features[4:]).all()
    assert np.isfinite(read_array(build.features("vgg16") / "video0.npy")).all()
    (name,) = pipeline.find_runs(ablation)
    key = read_json(ablation.runs / name / "backbone.json")["key"]
    assert key.startswith("vgg16-random-bgr_mean-average")
    assert pipeline.is_trained(ablation)


def test_run_that_the_ablation_does_not_have_is_refused(build):
    with pytest.raises(InputError, match="unknown run 'vgg16-category-1fc'"):
        pipeline.train_ablation(build.ablation("lag"), ["vgg16-category-1fc"])


def test_check_refuses_an_ablation_that_changes_nothing_for_a_network(tmp_path):
    path = tmp_path / "toy.yaml"
    path.write_text(CONFIG + "  ccc: {title: ccc, training: {ccc: sequence}}\n")
    sentence = "toy: ablations.ccc changes nothing for vgg16-category-1fc; list under its 'networ"
    with pytest.raises(InputError, match=sentence):
        pipeline.check(Workspace(load_config(path), tmp_path / "build"))
