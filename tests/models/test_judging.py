"""Losses from sums over batches equal those of all frames at once."""

import numpy as np
import pandas as pd
import pytest

from emolib.config import Config
from emolib.labels import EMOTIONS
from emolib.models.batches import Labels
from emolib.models.judging import SplitLosses
from emolib.models.losses import category_loss, dimensional_loss
from emolib.models.runs import run_specs

WEIGHTS = {"category": 0.33, "dimensional": 1.0}


def make_spec(network="vgg16-combined-1fc", ccc="batch"):
    training = {"networks": [network], "seeds": [1], "ccc": ccc}
    return run_specs(Config(name="toy", corpus={"kind": "simulated"}, training=training))[0]


@pytest.fixture
def answered():
    """Return labels of 90 samples, some of them missing, sequences and answers to them."""
    rng, n = np.random.default_rng(4), 90
    affect = rng.uniform(-1, 1, (2, n))
    affect[:, ::7] = np.nan
    table = pd.DataFrame(
        {"emotion": rng.choice([*EMOTIONS, ""], n), "valence": affect[0], "arousal": affect[1]}
    )
    sequences = np.append(np.arange(n), [-1] * 6).reshape(16, 6).astype(np.int32)
    category = rng.dirichlet(np.ones(7), (16, 6)).astype(np.float32)
    dimensional = rng.normal(0, 0.5, (16, 6, 2)).astype(np.float32)
    return Labels(table), sequences, {"category": category, "dimensional": dimensional}


@pytest.mark.parametrize("ccc", ["batch", "sequence"])
@pytest.mark.parametrize("batch", [1, 5, 16])
def test_losses_in_batches_equal_the_loss_of_all_frames(answered, ccc, batch):
    labels, sequences, outputs = answered
    losses = SplitLosses(make_spec(ccc=ccc), labels, WEIGHTS)
    for start in range(0, len(sequences), batch):
        part = slice(start, start + batch)
        losses.add(sequences[part], {name: of[part] for name, of in outputs.items()})
    found = losses.values()
    expected = {}
    for name, loss in (("category", category_loss), ("dimensional", dimensional_loss)):
        targets = labels.targets(name, sequences)
        options = {"ccc": ccc} if name == "dimensional" else {}
        expected[name] = float(loss(targets[..., :-1], outputs[name], targets[..., -1], **options))
        assert found[f"{name}_loss"] == pytest.approx(expected[name], rel=2e-6)
    total = sum(WEIGHTS[name] * value for name, value in expected.items())
    assert found["loss"] == pytest.approx(total, rel=2e-6)


def test_single_output_has_one_loss_and_no_frame_is_no_loss(answered):
    labels, sequences, _ = answered
    losses = SplitLosses(make_spec("vgg16-category-1fc"), labels, {"category": 1.0})
    assert losses.values() == {"loss": 0.0}
    certain = np.full((16, 6, 7), 1.0, np.float32)
    losses.add(sequences, {"category": certain})
    assert losses.values() == {"loss": 0.0}
