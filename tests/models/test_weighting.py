"""Learned weights of losses: the objective by hand, their optimum, training, what is kept."""

import keras
import numpy as np
import pandas as pd
import pytest

from emolib.models.steps import step_function
from emolib.models.training import load_run
from emolib.models.weighting import FACTORS, SelfWeighting, plain
from tests.models.test_training import make_corpus, make_spec, run


def absolute(targets, prediction):
    return keras.ops.mean(keras.ops.abs(targets - prediction))


def make_model(start, rate=0.1):
    """Return a network of one input whose outputs never change, with weights that are learned."""
    inputs = keras.Input((1,))
    outputs = {name: keras.layers.Dense(1, name=name, trainable=False)(inputs) for name in FACTORS}
    model = SelfWeighting(
        keras.Model(inputs, outputs, name="toy"), dict.fromkeys(FACTORS, absolute), start
    )
    model.compile(keras.optimizers.SGD(rate), jit_compile=False)
    return model


def losses_of(values):
    """Return inputs of zero, which the network answers with zero, and targets at a distance."""
    return np.zeros((4, 1), np.float32), {
        name: np.full((4, 1), value, np.float32) for name, value in values.items()
    }


def test_loss_starts_at_the_weights_given_plus_half_the_log_variances():
    start, values = {"category": 0.33, "dimensional": 1.0}, {"category": 2.0, "dimensional": 0.5}
    model = make_model(start)
    inputs, targets = losses_of(values)
    expected = 0.33 * 2.0 + 1.0 * 0.5 + (np.log(1 / 0.33) + np.log(0.5 / 1.0)) / 2
    loss = model.compute_loss(inputs, targets, model(inputs))
    assert float(loss) == pytest.approx(expected, rel=1e-5)
    assert model.learned_weights() == pytest.approx(
        {"category_weight": 0.33, "dimensional_weight": 1.0}
    )


def test_weights_move_to_where_each_loss_counts_as_half():
    # The derivative c e^-s L = 1/2 is the optimum: weight times loss is 1/2 whatever the loss.
    values = {"category": 2.0, "dimensional": 0.25}
    model = make_model({"category": 1.0, "dimensional": 1.0})
    inputs, targets = losses_of(values)
    steps = 300
    chunk = {name: np.repeat(of[None], steps, 0) for name, of in targets.items()}
    logs = step_function(model)(np.repeat(inputs[None], steps, 0), chunk)
    found = model.learned_weights()
    for name, value in values.items():
        assert found[f"{name}_weight"] * value == pytest.approx(0.5, rel=1e-3)
        assert logs[f"{name}_loss"] == pytest.approx(value)


def test_plain_network_answers_the_same_and_has_no_weights_of_losses():
    model = make_model({"category": 1.0, "dimensional": 1.0})
    inputs = np.ones((2, 1))
    bare = plain(model)
    assert type(bare) is not SelfWeighting and plain(bare) is bare
    assert len(bare.weights) == len(model.weights) - len(FACTORS)
    for name, values in bare(inputs).items():
        np.testing.assert_array_equal(values, model(inputs)[name])


def test_train_with_learned_weights_writes_a_run_like_any_other(tmp_path):
    samples = make_corpus(tmp_path)
    for name, weighting in (("fixed", "fixed"), ("learned", "learned"), ("again", "learned")):
        run(tmp_path, samples, make_spec(epochs=3, loss_weighting=weighting), name)
    tables = {
        name: pd.read_parquet(tmp_path / name / "predictions.parquet")
        for name in ("fixed", "learned", "again")
    }
    pd.testing.assert_frame_equal(tables["learned"], tables["again"], check_exact=True)
    assert not tables["fixed"].equals(tables["learned"])
    model = load_run(tmp_path / "learned").model
    assert not any("variance" in weight.path for weight in model.weights)
    history = pd.read_csv(tmp_path / "learned" / "history.csv")
    table = history[history["split"] == "train"].pivot(
        index="epoch", columns="metric", values="value"
    )
    assert (table[["category_weight", "dimensional_weight"]] > 0).all(axis=None)
    assert table["category_weight"].nunique() == 3
    # Both parts are judged by the weights that were asked for, so that they can be compared.
    for split, rows in history.groupby("split"):
        each = rows.pivot(index="epoch", columns="metric", values="value")
        total = 0.33 * each["category_loss"] + each["dimensional_loss"]
        np.testing.assert_allclose(each["loss"], total, rtol=1e-4, err_msg=split)


def test_single_network_has_nothing_to_weigh_and_hidden_layers_are_as_wide_as_asked():
    usual = make_spec("vgg16-dimensional-1fc")
    assert make_spec("vgg16-dimensional-1fc", loss_weighting="learned", head_units=32) == usual
    wide = make_spec("vgg16-combined-3fc", loss_weighting="learned", head_units=32)
    assert (wide.loss_weighting, wide.architecture.hidden) == ("learned", (32, 32))
    assert make_spec("vgg16-combined-3fc").architecture.hidden == (128, 128)
