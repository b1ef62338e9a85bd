"""Tests of `emolib.models.folding`: fewer layers, the same predictions."""

import keras
import numpy as np
import pytest
from keras import layers

from emolib.models.backbones import load_backbone
from emolib.models.features import in_precision
from emolib.models.folding import folded


def normalisations(model):
    return [layer.name for layer in model.layers if isinstance(layer, layers.BatchNormalization)]


def learned(model, seed=3):
    """Give a network weights as if it had learned: variances are positive, nothing is 0 or 1."""
    generator = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(generator.uniform(0.5, 1.5, weight.shape))
    return model


def network(outputs):
    image = keras.Input((8, 8, 3))
    return learned(keras.Model(image, outputs(image)))


def assert_same(model, twin):
    image = np.random.default_rng(1).uniform(-1, 1, (5, *model.input_shape[1:])).astype(np.float32)
    found, expected = (np.asarray(each.predict_on_batch(image)) for each in (twin, model))
    np.testing.assert_allclose(found, expected, rtol=1e-4)


@pytest.mark.parametrize("kind", [layers.Conv2D, layers.SeparableConv2D])
def test_normalisation_after_a_convolution_is_folded(kind):
    def outputs(image):
        x = kind(4, 3, use_bias=False)(image)
        x = layers.BatchNormalization(name="first")(x)
        x = layers.ReLU()(x)
        return layers.BatchNormalization(name="second")(kind(2, 3, use_bias=False)(x))

    model = network(outputs)
    before = model.get_weights()
    twin = folded(model)
    assert normalisations(twin) == [] and normalisations(model) == ["first", "second"]
    assert_same(model, twin)
    assert twin.get_layer("first").output.shape == model.get_layer("first").output.shape
    fast = in_precision(twin, "bfloat16").predict_on_batch(np.zeros((1, 8, 8, 3), np.float32))
    np.testing.assert_allclose(fast, twin.predict_on_batch(np.zeros((1, 8, 8, 3))), rtol=0.05)
    for value, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, kept)


@pytest.mark.parametrize(
    "options", [{"use_bias": True}, {"use_bias": False, "activation": "relu"}], ids=str
)
def test_normalisation_after_a_bias_or_a_rectifier_stays(options):
    model = network(
        lambda image: layers.BatchNormalization()(layers.Conv2D(4, 3, **options)(image))
    )
    assert folded(model) is model


def test_normalisation_of_a_convolution_that_others_read_stays():
    def outputs(image):
        x = layers.Conv2D(4, 3, use_bias=False, padding="same")(image)
        normalised = layers.BatchNormalization(name="kept")(x)
        y = layers.Conv2D(4, 3, use_bias=False, padding="same")(normalised)
        return layers.Add()([x, layers.BatchNormalization(name="gone")(y)])

    model = network(outputs)
    twin = folded(model)
    assert normalisations(twin) == ["kept"]
    assert_same(model, twin)


def test_normalisation_of_the_image_stays():
    model = network(layers.BatchNormalization())
    assert folded(model) is model


@pytest.mark.slow
def test_xception_has_no_normalisation_left():
    model = load_backbone("xception", weights="simulated", pooling="average").model
    twin = folded(model)
    assert len(normalisations(model)) == 40 and normalisations(twin) == []
    faces = np.random.default_rng(2).integers(0, 256, (3, 72, 72, 3)).astype(np.float32)
    found, expected = (np.asarray(each.predict_on_batch(faces)) for each in (twin, model))
    np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max())


def test_network_without_normalisation_is_itself():
    model = network(lambda image: layers.Conv2D(4, 3)(image))
    assert folded(model) is model
