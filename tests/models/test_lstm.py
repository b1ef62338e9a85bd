"""The fused LSTM: against stock Keras in outputs, gradients, training and files."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from emolib.models import lstm
from emolib.models.lstm import LSTM

FEATURES = 6


def sequences(count=2, length=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, length, FEATURES)).astype(np.float32)


def output_and_gradients(layer, inputs):
    inputs = tf.constant(inputs)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        output = layer(inputs)
        # Each step weighs differently, so that a gradient taken for another step's would show.
        weight = np.arange(1, output.shape[1] + 1, dtype=np.float32)[:, None]
        loss = tf.reduce_sum(weight * tf.sin(output))
    return [output, *tape.gradient(loss, [inputs, *layer.trainable_weights])]


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 6),
    length=st.integers(1, 9),
    units=st.integers(1, 7),
    scale=st.sampled_from([0.1, 1.0, 30.0]),
)
def test_lstm_equals_stock_keras_forward_and_backward(seed, count, length, units, scale):
    keras.utils.set_random_seed(seed)
    inputs = scale * sequences(count, length, seed)
    stock, fused = keras.layers.LSTM(units, return_sequences=True), LSTM(units)
    for layer in (stock, fused):
        layer.build((None, length, FEATURES))
    generator = np.random.default_rng(seed)
    stock.set_weights([generator.normal(0, 0.5, w.shape) for w in stock.get_weights()])
    fused.set_weights(stock.get_weights())
    expected, found = (output_and_gradients(layer, inputs) for layer in (stock, fused))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * scale)


def test_lstm_gradient_equals_finite_differences():
    generator = np.random.default_rng(1)
    projected = generator.normal(size=(2, 4, 12)).astype(np.float32)
    kernel = generator.normal(size=(3, 12)).astype(np.float32)
    towards = generator.normal(size=(2, 4, 3)).astype(np.float32)
    by_projected, by_kernel = lstm.backward(towards, kernel, *lstm.forward(projected, kernel))
    for array, gradient in ((projected, by_projected), (kernel, by_kernel)):
        for index in np.ndindex(array.shape):
            kept, sums = array[index], []
            for step in (0.01, -0.01):
                array[index] = kept + step
                sums.append(float((towards * lstm.forward(projected, kernel)[0]).sum()))
            array[index] = kept
            assert gradient[index] == pytest.approx((sums[0] - sums[1]) / 0.02, abs=5e-3)


def test_lstm_saturated_gates_stay_finite():
    projected = np.full((1, 3, 8), 1e4, np.float32)
    projected[..., ::2] *= -1
    states, gates, carries = lstm.forward(projected, np.ones((2, 8), np.float32))
    gradients = lstm.backward(states, np.ones((2, 8), np.float32), states, gates, carries)
    assert all(np.isfinite(array).all() for array in (states, gates, carries, *gradients))


def test_lstm_takes_sequences_of_any_length():
    inputs = keras.Input((None, FEATURES))
    model = keras.Model(inputs, LSTM(4)(inputs))
    assert model.output_shape == (None, None, 4)
    long, short = sequences(length=7), sequences(length=7)[:, :3]
    found = model.predict_on_batch(long)[:, :3]
    np.testing.assert_allclose(found, model.predict_on_batch(short), atol=1e-6)


def test_lstm_trains_as_stock_keras_does():
    models = []
    for layer in (keras.layers.LSTM(4, return_sequences=True), LSTM(4)):
        inputs = keras.Input((5, FEATURES))
        models.append(keras.Model(inputs, layer(inputs)))
        models[-1].compile("adam", "mse", jit_compile=False)
    models[1].set_weights(models[0].get_weights())
    targets = np.random.default_rng(5).normal(size=(2, 5, 4)).astype(np.float32)
    for _ in range(5):
        losses = [model.train_on_batch(sequences(), targets) for model in models]
    assert losses[0] == pytest.approx(losses[1], rel=1e-4)
    for one, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_lstm_on_a_gpu_is_that_of_keras(monkeypatch):
    monkeypatch.setattr(lstm, "has_gpu", lambda: True)
    monkeypatch.setattr(lstm, "_recur", None)  # would fail if it were called
    layer = LSTM(4)
    assert layer(sequences()).shape == (2, 5, 4)


def test_lstm_weights_load_into_stock_keras(tmp_path):
    inputs = keras.Input((5, FEATURES))
    fused = keras.Model(inputs, LSTM(4, name="trunk")(inputs))
    stock = keras.Model(inputs, keras.layers.LSTM(4, return_sequences=True, name="trunk")(inputs))
    fused.save_weights(tmp_path / "lstm.weights.h5")
    stock.load_weights(tmp_path / "lstm.weights.h5")
    np.testing.assert_allclose(
        stock.predict_on_batch(sequences()),
        fused.predict_on_batch(sequences()),
        rtol=1e-4,
        atol=1e-6,
    )


def test_lstm_saves_and_loads_as_a_model(tmp_path):
    inputs = keras.Input((5, FEATURES))
    model = keras.Model(inputs, LSTM(4)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict_on_batch(sequences()), model.predict_on_batch(sequences())
    )
