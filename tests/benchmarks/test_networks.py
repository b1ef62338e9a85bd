"""The benchmarks of the networks, tiny: do they compare like with like, and notice a difference?"""

import numpy as np
import pandas as pd
import pytest

from benchmarks.subjects import extraction, precision, training
from emolib.models.backbones import load_backbone

TASK = training.make_task(steps=2, batch=2, length=3, features=4, units=3)
KERAS_ONLY = {"steps": {2: 2}, "features": 4, "length": 3, "units": 3}


@pytest.fixture(scope="module")
def backbone():
    """Return a small VGG-16; drawing its weights anew for each test would take seconds."""
    return load_backbone("vgg16", weights="random", preprocessing="bgr_mean", input_size=32)


@pytest.fixture
def small(backbone, monkeypatch):
    """Let the benchmarks load that one."""
    for module in (extraction, training):
        monkeypatch.setattr(module, "load_backbone", lambda *_, **__: backbone)


@pytest.mark.usefixtures("small")
def test_extraction_yields_a_speed_and_a_rate_of_arithmetic():
    found = list(extraction.rows(2, ["vgg16"], faces=2, size=32, product=16))
    assert [len(row.values) for row in found] == [2, 2]
    assert all(np.isfinite(row.values).all() for row in found)
    assert found[0].against == extraction.PEER and "At the rate of the matrix" in found[0].note


def test_extraction_goal_is_that_of_the_processor(monkeypatch):
    seconds = pd.DataFrame(
        {"emolib": [1.0], extraction.PEER: [3.0], "product in float32": [2.0]}
        | {"product in bfloat16": [0.5]}
    )
    goals = {}
    for flags in (["amx_bf16"], ["avx512_bf16"]):
        monkeypatch.setattr(extraction, "machine", lambda flags=flags: {"flags": flags})
        speed, rate = extraction.rows_of("vgg16", seconds, "two faces", 10.0, 4.0)
        goals[flags[0]] = speed.goal.limit, rate.goal and rate.goal.limit
        assert speed.values == [3.0] and rate.values == [10 / 8] and "faces" in speed.what
        assert ("without AMX" in speed.what) is (flags != ["amx_bf16"])
    assert goals == {"amx_bf16": (5.5, 1), "avx512_bf16": (1.1, None)}


@pytest.mark.parametrize("kind", ["float32", "bfloat16"])
def test_extraction_refuses_other_features(kind):
    expected = np.random.default_rng(0).normal(size=(3, 50)).astype(np.float32)
    extraction.agree(kind)(expected.astype(np.float16), expected)
    wrong = expected.copy()
    wrong[1, :10] += 1
    with pytest.raises(AssertionError):
        extraction.agree(kind)(wrong.astype(np.float16), expected)


def test_operations_are_those_of_the_kernels_at_every_position(backbone):
    first = 2 * 32 * 32 * 9 * (3 * 64 + 64 * 64)
    second = 2 * 16 * 16 * 9 * (64 * 128 + 128 * 128)
    third = 2 * 8 * 8 * 9 * (128 * 256 + 2 * 256 * 256)
    fourth = 2 * 4 * 4 * 9 * (256 * 512 + 2 * 512 * 512)
    fifth = 2 * 2 * 2 * 9 * 3 * 512 * 512
    assert extraction.operations(backbone.model) == first + second + third + fourth + fifth


@pytest.mark.usefixtures("small")
def test_training_yields_ratios_or_says_loudly_that_there_is_no_pytorch():
    settings = KERAS_ONLY | {"backbones": ["vgg16"], "updates": 2, "size": 32}
    of_keras, of_pytorch, epoch = training.rows(2, **settings)
    assert np.isfinite([of_keras.values, epoch.values]).all() and len(epoch.values) == 2
    assert of_keras.goal.limit == 7 and of_pytorch.goal.limit == 1 and epoch.goal.limit == 100
    assert np.isfinite(of_pytorch.values).all() or "NOT MEASURED" in of_pytorch.against


def test_training_without_pytorch_has_no_number_and_misses_its_goal(monkeypatch):
    monkeypatch.setattr(training, "has_pytorch", lambda: False)
    seconds = pd.DataFrame({"emolib": [1.0], training.KERAS: [8.0]})
    monkeypatch.setattr(training, "race", lambda *_: seconds)
    of_keras, of_pytorch = training.lstm_rows(2, TASK)
    assert of_keras.values == [8.0]
    assert "NOT MEASURED" in of_pytorch.against and of_pytorch.summary()["reached"] == "no"


def test_training_refuses_other_gradients_and_other_losses():
    _, gradients = training.ours(TASK)
    found = gradients()
    training.require_same_gradients(found, found)
    for number in range(len(found)):
        wrong = [array * (1.01 if index == number else 1) for index, array in enumerate(found)]
        with pytest.raises(AssertionError):
            training.require_same_gradients(found, wrong)
    with pytest.raises(AssertionError):
        training.same_loss(1.0, 1.01)
    with pytest.raises(AssertionError, match="category_loss"):
        training.same_loss_of_heads({"category_loss": 1.0}, {"category_loss": 1.1})


def test_precision_compares_seed_by_seed_with_the_range_over_seeds():
    exact, fast = pd.Series([0.2, 0.3, 0.4]), pd.Series([0.25, 0.1, 0.4])
    row = precision.metric_row("macro_f1", exact, fast)
    np.testing.assert_allclose(row.values, [0.25, 1, 0], atol=1e-9)
    assert row.summary()["reached"] == "yes" and "over 3 seeds" in row.against


def test_precision_takes_faces_at_even_distances(tmp_path):
    class Workspace:
        crops = tmp_path

        def load(self, name):
            return pd.DataFrame({"track": ["a"] * 4 + ["b"] * 3, "row": [0, 1, 2, 3, 5, 6, 7]})

    for track, count in (("a", 4), ("b", 8)):
        np.save(tmp_path / f"{track}.npy", np.arange(count) + (100 if track == "b" else 0))
    assert precision.faces(Workspace(), 3).tolist() == [0, 3, 107]
