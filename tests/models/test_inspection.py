"""A run opened for inspection says what the run says, from features and from pixels."""

import numpy as np
import pytest
from scipy.special import log_softmax

from emolib import __version__
from emolib.config import Config
from emolib.errors import InputError
from emolib.models.backbones import load_backbone
from emolib.models.end_to_end import assemble
from emolib.models.inspection import inspect_run
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import run_specs
from emolib.storage import write_json

SIZE, LENGTH = 32, 4


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("vgg16", weights="random", input_size=SIZE, pooling="average")


def write_run(folder, backbone, key="", **training):
    """Write an untrained run, and return its folder."""
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": SIZE},
        features={"weights": "random", "preprocessing": "native", "pooling": "average"},
        training={"networks": ["vgg16-combined-3fc"], "sequence_length": LENGTH, **training},
    )
    spec = run_specs(config)[0]
    model = build_network(network_spec(spec.network), LENGTH, backbone.dimension, spec.dropout)
    folder.mkdir()
    write_json(spec, folder / "spec.json")
    (assemble(backbone, model) if spec.end_to_end else model).save(folder / "model.keras")
    write_json({"emolib": __version__}, folder / "environment.json")
    write_json({"key": key or backbone.key}, folder / "backbone.json")
    write_json({}, folder / "metrics.json")
    return folder


@pytest.fixture
def crops():
    generator = np.random.default_rng(1)
    return generator.integers(0, 256, (2, LENGTH, SIZE, SIZE, 3), dtype=np.uint8)


@pytest.mark.parametrize("end_to_end", [False, True])
def test_inspected_run_gives_the_scores_behind_its_answers(tmp_path, backbone, crops, end_to_end):
    run = inspect_run(write_run(tmp_path / "run", backbone, end_to_end=end_to_end))
    assert run.outputs == ("category", "dimensional")
    features = run.features(crops.reshape(-1, SIZE, SIZE, 3)).reshape(2, LENGTH, -1)
    answers = run.network.predict_on_batch(features)
    from_features = run.scores.predict_on_batch(features)
    from_pixels = run.pixel_scores.predict_on_batch(crops.astype(np.float32))
    for scores in (from_features, from_pixels):
        said = log_softmax(scores["category"], axis=-1)
        np.testing.assert_allclose(said, np.log(answers["category"]), atol=0.02)
        np.testing.assert_allclose(scores["dimensional"], answers["dimensional"], atol=0.02)


def test_inspected_run_gives_the_states_that_its_heads_read(tmp_path, backbone):
    run = inspect_run(write_run(tmp_path / "run", backbone))
    features = np.random.default_rng(2).normal(size=(3, LENGTH, backbone.dimension))
    states = run.trunk.predict_on_batch(features.astype(np.float32))
    assert states.shape == (3, LENGTH, 128)
    kernel, bias = run.network.get_layer("category_hidden1").get_weights()
    hidden = np.maximum(states @ kernel + bias, 0)
    kernel, bias = run.network.get_layer("category_hidden2").get_weights()
    hidden = np.maximum(hidden @ kernel + bias, 0)
    kernel, bias = run.network.get_layer("category").get_weights()
    expected = run.scores.predict_on_batch(features.astype(np.float32))["category"]
    np.testing.assert_allclose(hidden @ kernel + bias, expected, atol=1e-4)


def test_run_whose_backbone_weights_were_replaced_is_not_opened(tmp_path, backbone):
    folder = write_run(tmp_path / "run", backbone, key="vgg16-other")
    with pytest.raises(InputError, match="was trained on the features of vgg16-other"):
        inspect_run(folder)
