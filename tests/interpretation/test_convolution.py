"""One convolution: by hand, against Keras, and on a backbone's own kernels."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from emolib.errors import InputError
from emolib.interpretation.block_prose import convolution_sentence
from emolib.interpretation.convolution import (
    CLASSIC,
    convolve,
    first_convolution,
    grey_face,
    learned_kernels,
    max_pool,
)
from emolib.models.backbones import load_backbone

FACE = np.random.default_rng(3).uniform(-1, 1, (8, 8))


@pytest.fixture(scope="module")
def backbone():
    return load_backbone("vgg16", weights="random", input_size=32)


def test_grey_face_takes_means_over_pixels_and_colours():
    crop = np.zeros((4, 4, 3), np.uint8)
    crop[:2, :2] = (255, 255, 255)
    crop[2:, 2:] = (255, 0, 0)
    np.testing.assert_allclose(grey_face(crop, 2), [[1, -1], [-1, -1 / 3]])
    uneven = grey_face(np.full((72, 72, 3), 51, np.uint8), 34)
    np.testing.assert_allclose(uneven, np.full((34, 34), -0.6))
    for side in (3, 6):
        with pytest.raises(InputError, match=f"side {side}"):
            grey_face(crop, side)


@pytest.mark.parametrize("name", CLASSIC)
def test_convolve_and_pool_equal_keras(name):
    layer = keras.layers.Conv2D(1, 3, padding="same", use_bias=False)
    layer.build((None, 8, 8, 1))
    layer.set_weights([CLASSIC[name][..., None, None]])
    maps = layer(FACE[None, ..., None].astype(np.float32))
    pooled = keras.layers.MaxPooling2D(2)(maps)
    own = convolve(FACE, CLASSIC[name])
    np.testing.assert_allclose(own, np.asarray(maps)[0, ..., 0], atol=1e-5)
    np.testing.assert_allclose(max_pool(own), np.asarray(pooled)[0, ..., 0], atol=1e-5)


def test_learned_kernels_are_the_backbones_and_unlike_each_other(backbone):
    found = learned_kernels(backbone, FACE, 3)
    weights = backbone.model.get_layer("block1_conv1").get_weights()[0]
    strength = []
    for name, kernel in found.items():
        number = int(name.removeprefix("VGG16, kernel "))
        # On a grey picture the colours of a kernel act as their sum.
        np.testing.assert_allclose(kernel, weights[..., number - 1].sum(axis=2))
        strength.append(convolve(FACE, kernel)[1:-1, 1:-1].std())
    assert len(found) == 3 and strength == sorted(strength, reverse=True)
    flat = np.stack([kernel.ravel() / np.linalg.norm(kernel) for kernel in found.values()])
    assert np.abs(flat @ flat.T - np.eye(3)).max() <= 0.9


def test_first_convolution_counts_what_sharing_saves(backbone):
    first = first_convolution(backbone)
    assert (first.title, first.kernels, first.weights) == ("VGG16", 64, 64 * 28)
    assert first.unshared == (32 * 32 * 3 + 1) * 32 * 32 * 64
    assert "1,792 weights, biases included" in convolution_sentence(first)
    assert "without biases" in convolution_sentence(replace(first, biases=False))
    assert "201.4 million" in convolution_sentence(first)
