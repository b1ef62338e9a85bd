"""Training in chunks and Adam as one operation: the same as Keras, batch by batch."""

import keras
import numpy as np
import pytest

from emolib.models.steps import Adam, step_function

BATCHES, BATCH = 7, 3


def network():
    keras.utils.set_random_seed(2)
    inputs = keras.Input((4,))
    hidden = keras.layers.Dropout(0.3, seed=1)(keras.layers.Dense(5, "tanh")(inputs))
    return keras.Model(inputs, {"a": keras.layers.Dense(2)(hidden)})


def data():
    generator = np.random.default_rng(3)
    inputs = generator.normal(size=(BATCHES, BATCH, 4)).astype(np.float16)
    return inputs, {"a": generator.normal(size=(BATCHES, BATCH, 2)).astype(np.float32)}


def compiled(optimizer):
    model = network()
    rate = keras.optimizers.schedules.InverseTimeDecay(0.05, 1, 0.1)
    model.compile(optimizer(rate), {"a": "mse"}, jit_compile=False)
    return model


def test_adam_in_chunks_equals_stock_adam_batch_by_batch():
    chunked, stock = compiled(Adam), compiled(keras.optimizers.Adam)
    inputs, targets = data()
    means = step_function(chunked)(inputs, targets)
    losses = [
        stock.train_on_batch(batch, {"a": target}, return_dict=True)["loss"]
        for batch, target in zip(inputs, targets["a"], strict=True)
    ]
    assert means["loss"] == pytest.approx(np.mean(losses), rel=1e-5)
    assert int(chunked.optimizer.iterations) == BATCHES
    for found, expected in zip(
        [*chunked.variables, *chunked.optimizer.variables],
        [*stock.variables, *stock.optimizer.variables],
        strict=True,
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_steps_on_another_backend_are_those_of_keras(monkeypatch):
    expected, found = compiled(Adam), compiled(Adam)
    inputs, targets = data()
    means = step_function(expected)(inputs, targets)
    monkeypatch.setattr(keras.backend, "backend", lambda: "another")
    assert step_function(found)(inputs, targets)["loss"] == pytest.approx(means["loss"], rel=1e-5)
    for one, other in zip(found.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_two_chunks_equal_one():
    once, twice = compiled(Adam), compiled(Adam)
    inputs, targets = data()
    step_function(once)(inputs, targets)
    train = step_function(twice)
    train(inputs[:3], {"a": targets["a"][:3]})
    train(inputs[3:], {"a": targets["a"][3:]})
    for found, expected in zip(twice.get_weights(), once.get_weights(), strict=True):
        np.testing.assert_array_equal(found, expected)
