"""Exported models: another process, which knows nothing of emolib, predicts the same."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from emolib.config import Config
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS
from emolib.models.backbones import load_backbone
from emolib.models.export import export_model
from emolib.models.features import extract_features
from emolib.models.judging import predict_sequences
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import run_specs
from emolib.models.training import Run

SIZE, LENGTH = 32, 4

ELSEWHERE = """
import sys
import keras, numpy as np, tensorflow as tf
folder = sys.argv[1]
pixels = np.load(folder + "/pixels.npy")
model = keras.models.load_model(folder + "/out/model.keras")
served = tf.saved_model.load(folder + "/out/saved_model")
answers = {
    "keras": model.predict_on_batch(pixels),
    "serve": served.serve(tf.constant(pixels, tf.float32)),
    "serve_uint8": served.serve_uint8(tf.constant(pixels)),
}
arrays = {f"{way} {name}": np.asarray(v) for way, of in answers.items() for name, v in of.items()}
assert not [name for name in sys.modules if name.startswith("emolib")]
np.savez(folder + "/answers.npz", **arrays)
"""


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("vgg16", weights="random", input_size=SIZE, pooling="average")


def make_run(backbone, **training):
    config = Config(
        name="toy",
        corpus={"kind": "simulated"},
        faces={"crop_size": SIZE},
        features={"weights": "random", "pooling": "average"},
        training={"networks": ["vgg16-combined-1fc"], "sequence_length": LENGTH, **training},
    )
    spec = run_specs(config)[0]
    network = network_spec(spec.network)
    return Run(spec, build_network(network, LENGTH, backbone.dimension, 0.5, spec.precision))


def test_exported_model_gives_the_same_answers_where_emolib_is_not(tmp_path, backbone):
    run = make_run(backbone)
    faces = np.random.default_rng(2).integers(0, 256, (2 * LENGTH, SIZE, SIZE, 3), dtype=np.uint8)
    np.save(tmp_path / "pixels.npy", faces.reshape(2, LENGTH, SIZE, SIZE, 3))
    export_model(run, backbone, tmp_path / "out")
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", ELSEWHERE, tmp_path]
    result = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr[-3000:]
    features = extract_features(faces, backbone, precision="float32")
    sequences = np.arange(2 * LENGTH).reshape(2, LENGTH)
    expected = predict_sequences(run.model, features, sequences)
    answers = np.load(tmp_path / "answers.npz")
    assert len(answers.files) == 6
    for answer in answers.files:
        found = answers[answer].reshape(2 * LENGTH, -1)
        np.testing.assert_allclose(found, expected[answer.split()[1]], atol=2e-3)  # float16
        np.testing.assert_allclose(
            answers[answer], answers[f"keras {answer.split()[1]}"], rtol=1e-4, atol=1e-6
        )


def test_exported_model_says_what_goes_in_and_comes_out(tmp_path, backbone):
    export_model(make_run(backbone, precision="mixed_bfloat16"), backbone, tmp_path / "out")
    description = json.loads((tmp_path / "out" / "model.json").read_text())
    assert description["input"]["time"] == LENGTH
    assert description["input"]["face"] == [SIZE, SIZE, 3]
    assert description["outputs"] == {"category": list(EMOTIONS), "dimensional": list(DIMENSIONS)}


def test_export_never_overwrites(tmp_path, backbone):
    (tmp_path / "mine.txt").touch()
    with pytest.raises(InputError, match="is there already; name a new folder"):
        export_model(make_run(backbone), backbone, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
