"""One network on two logical processors: the losses, weights and checkpoints of one device."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.errors import InputError
from emolib.models import mirroring
from emolib.models.losses import dimensional_loss
from emolib.models.mirroring import choose_devices
from emolib.models.runs import run_specs

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    """Return what the two strategies gave, from a process with two logical processors."""
    path = [str(HERE.parents[1]), str(HERE)]
    result = subprocess.run(
        [sys.executable, HERE / "mirrored_worker.py", tmp_path_factory.mktemp("mirrored")],
        env=os.environ | {"PYTHONPATH": ":".join(path), "KERAS_BACKEND": "tensorflow"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-4000:]
    return json.loads(result.stdout.splitlines()[-1])


@pytest.mark.parametrize("case", ["combined", "uneven batch", "end to end"])
def test_mirrored_has_the_loss_curve_of_one_device(answer, case):
    single, mirrored = (pd.DataFrame(found["losses"]) for found in answer[case])
    assert list(single) == list(mirrored) and len(single) == 20
    np.testing.assert_allclose(mirrored, single, rtol=0, atol=1e-4)
    assert single["loss"].std() > 0.01  # a curve, not a constant


@pytest.mark.parametrize("case", ["combined", "uneven batch", "end to end"])
def test_mirrored_has_the_weights_of_one_device(answer, case):
    single, mirrored = (np.array(found["weights"]) for found in answer[case])
    np.testing.assert_allclose(mirrored, single, rtol=0, atol=1e-3)
    assert np.abs(single).max() > 0.1


def test_mirrored_training_goes_on_with_one_device_where_it_was_killed(answer):
    one, both = (pd.read_csv(io.StringIO(text)) for text in answer["resumed"])
    pd.testing.assert_frame_equal(one, both, rtol=1e-4)
    assert one["epoch"].max() == 4


def test_mean_over_parts_is_another_loss_than_that_of_the_batch():
    """What mirroring would compute if each device judged its own part alone."""
    generator = np.random.default_rng(3)
    truth, predicted = generator.uniform(-1, 1, (2, 2, 6, 2))
    mask = np.ones((2, 6))
    mask[0, 3:] = 0
    parts = [dimensional_loss(truth[[i]], predicted[[i]], mask[[i]]) for i in range(2)]
    assert abs(np.mean(parts) - dimensional_loss(truth, predicted, mask)) > 0.05


@pytest.mark.parametrize(
    ("devices", "sentence"),
    [
        (["gpu:0"], "the only device here is gpu:0; set it to single"),
        (["gpu:0", "gpu:1", "gpu:2"], "over 3 devices, but a batch has 2 sequences; raise"),
    ],
)
def test_devices_that_cannot_share_a_batch_are_refused(monkeypatch, devices, sentence):
    monkeypatch.setattr(mirroring, "device_names", lambda: devices)
    with pytest.raises(InputError, match=sentence):
        choose_devices(batch_size=2)


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(mirroring.keras.backend, "backend", lambda: "jax")
    with pytest.raises(InputError, match="needs Keras's TensorFlow backend, and this is jax"):
        choose_devices(batch_size=2)


def test_strategy_does_not_name_a_run_anew():
    single, mirrored = (
        Config(name="toy", corpus={"kind": "simulated"}, training={"strategy": strategy})
        for strategy in ("single", "mirrored")
    )
    assert [run.name for run in run_specs(single)] == [run.name for run in run_specs(mirrored)]
    assert (single.training.replicas, mirrored.training.replicas) == (1, 2)
