"""Gradients by the input: analytic cases, finite differences, several items at once."""

import keras
import numpy as np
import pytest
from keras import ops

from emolib.errors import InputError
from emolib.interpretation.gradients import value_and_gradient
from emolib.models.lstm import LSTM


def test_gradient_of_a_scalar_is_the_analytic_one():
    value, gradient = value_and_gradient(lambda x: ops.sum(ops.sin(x)), [0.0, 1.0, 2.0])
    assert value.shape == ()
    np.testing.assert_allclose(value, np.sin([0, 1, 2]).sum(), rtol=1e-6)
    np.testing.assert_allclose(gradient, np.cos([0, 1, 2]), rtol=1e-6)


def test_each_item_gets_the_gradient_of_its_own_value():
    inputs = np.arange(6).reshape(3, 2)
    value, gradient = value_and_gradient(lambda x: x[:, 0] * x[:, 1], inputs)
    np.testing.assert_array_equal(value, [0, 6, 20])
    np.testing.assert_array_equal(gradient, inputs[:, ::-1])


def test_gradient_through_convolution_and_lstm_is_the_difference_quotient():
    keras.utils.set_random_seed(1)
    frames = keras.Input((3, 6, 6, 2))
    maps = keras.layers.Conv2D(4, 3, activation="tanh")(ops.reshape(frames, (-1, 6, 6, 2)))
    states = LSTM(5)(ops.reshape(maps, (-1, 3, 64)))
    model = keras.Model(frames, keras.layers.Dense(1)(states))
    at = np.random.default_rng(1).normal(size=(2, 3, 6, 6, 2)).astype(np.float32)
    value, gradient = value_and_gradient(lambda x: model(x)[:, -1, 0], at)
    assert value.shape == (2,) and gradient.shape == at.shape
    step = np.zeros_like(at)
    step[1, 0, 2, 3, 1] = 0.01
    above, below = model(at + step)[1, -1, 0], model(at - step)[1, -1, 0]
    np.testing.assert_allclose(gradient[1, 0, 2, 3, 1], (above - below) / 0.02, rtol=0.02)


def test_gradient_is_zero_where_nothing_depends_on_the_input():
    value, gradient = value_and_gradient(lambda x: ops.zeros(2), np.ones((2, 3)))
    np.testing.assert_array_equal(value, [0, 0])
    np.testing.assert_array_equal(gradient, np.zeros((2, 3)))


def test_backend_without_gradients_is_refused(monkeypatch):
    monkeypatch.setattr(keras.backend, "backend", lambda: "numpy")
    with pytest.raises(InputError, match="KERAS_BACKEND is numpy"):
        value_and_gradient(ops.sum, [1.0])
