"""Networks: the table of eighteen, their shapes and sizes, causality, the faster LSTM."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from emolib.errors import InputError
from emolib.models.lstm import LSTM
from emolib.models.networks import NETWORKS, build_network, network_spec

FEATURES = 6


def sequences(count=2, length=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, length, FEATURES)).astype(np.float32)


def test_networks_are_the_eighteen_of_the_thesis():
    assert list(NETWORKS) == [
        *(f"{b}-category-{n}fc" for b in ("vgg16", "vgg19", "xception") for n in (1, 2)),
        *(f"{b}-dimensional-{n}fc" for b in ("vgg16", "vgg19", "xception") for n in (1, 2)),
        *("vgg16-combined-1fc", "vgg16-combined-3fc", "vgg19-combined-1fc"),
        *("vgg19-combined-2fc", "xception-combined-2fc", "xception-combined-3fc"),
    ]


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("vgg16-category-2fc", (64,)), ("vgg19-dimensional-2fc", (128,)),
     ("vgg16-combined-3fc", (128, 128)), ("xception-combined-2fc", (128,))],
)  # fmt: skip
def test_networks_hidden_layers_are_as_wide_as_the_tables_say(name, hidden):
    assert NETWORKS[name].hidden == hidden


def test_network_display_is_the_name_in_the_thesis():
    assert NETWORKS["xception-combined-3fc"].display == "Xception+LSTM+3FC"


def test_network_spec_unknown_lists_the_known():
    with pytest.raises(InputError, match="vgg16-category-9fc.*vgg16-category-1fc"):
        network_spec("vgg16-category-9fc")


@pytest.mark.parametrize(
    "name", ["vgg16-category-2fc", "vgg19-dimensional-1fc", "vgg16-combined-3fc"]
)
def test_build_network_outputs_and_parameters_match_a_hand_count(name):
    spec = NETWORKS[name]
    network = build_network(spec, 5, FEATURES, 0.5)
    outputs = network.predict_on_batch(sequences())
    assert {k: v.shape for k, v in outputs.items()} == {k: (2, 5, u) for k, u in spec.heads.items()}
    if "category" in outputs:
        np.testing.assert_allclose(outputs["category"].sum(-1), 1, rtol=1e-5)
    count = 4 * 128 * (FEATURES + 128 + 1)
    for units in spec.heads.values():
        widths = [128, *spec.hidden, units]
        count += sum((a + 1) * b for a, b in zip(widths, widths[1:], strict=False))
    assert network.count_params() == count


def test_build_network_later_frames_do_not_reach_earlier_ones():
    network = build_network(NETWORKS["vgg16-combined-1fc"], None, FEATURES, 0.5)
    first, second = sequences(), sequences()
    second[:, 3:] = 100
    for output in ("category", "dimensional"):
        a, b = (network.predict_on_batch(x)[output] for x in (first, second))
        np.testing.assert_array_equal(a[:, :3], b[:, :3])
        assert not np.array_equal(a[:, 3:], b[:, 3:])


def test_fast_lstm_equals_stock_keras_forward_and_backward():
    keras.utils.set_random_seed(3)
    stock, fast = keras.layers.LSTM(4, return_sequences=True), LSTM(4)
    values = [], []
    for layer, found in zip((stock, fast), values, strict=True):
        layer.build((None, 5, FEATURES))
        layer.set_weights(stock.get_weights())
        x = tf.constant(sequences())
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = layer(x)
            loss = tf.reduce_sum(output**2)
        found += [output, *tape.gradient(loss, [x, *layer.trainable_weights])]
    for expected, found in zip(*values, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_fast_lstm_weights_load_into_stock_keras(tmp_path):
    inputs = keras.Input((5, FEATURES))
    fast = keras.Model(inputs, LSTM(4, name="trunk")(inputs))
    stock = keras.Model(inputs, keras.layers.LSTM(4, return_sequences=True, name="trunk")(inputs))
    fast.save_weights(tmp_path / "lstm.weights.h5")
    stock.load_weights(tmp_path / "lstm.weights.h5")
    np.testing.assert_allclose(
        stock.predict_on_batch(sequences()),
        fast.predict_on_batch(sequences()),
        rtol=1e-4,
        atol=1e-6,
    )


def test_fast_lstm_saves_and_loads_as_a_model(tmp_path):
    inputs = keras.Input((5, FEATURES))
    model = keras.Model(inputs, LSTM(4)(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict_on_batch(sequences()), model.predict_on_batch(sequences())
    )
