"""Small runs to look into: one of real parts, one that by construction looks for a red patch."""

import keras
import numpy as np

from emolib.labels import EMOTIONS
from emolib.models.backbones import Backbone, load_backbone
from emolib.models.inspection import InspectedRun
from emolib.models.lstm import LSTM
from emolib.models.networks import network_spec

SIZE, LENGTH = 36, 4
PATCH = np.s_[20:28, 6:14]
"""Where the faces of `red_faces` are red."""


def vgg_run(length=3, network="vgg16-combined-1fc"):
    """Return an untrained network on an untrained VGG-16 for faces of 32 px."""
    from emolib.models.networks import build_network

    keras.utils.set_random_seed(3)
    backbone = load_backbone("vgg16", weights="random", input_size=32)
    built = build_network(network_spec(network), length, backbone.dimension, 0.5)
    return InspectedRun(None, built, backbone)


def red_run():
    """Return a run whose every category and dimension rises with how much red there is.

    The first convolution passes red on and nothing else, and all other weights are positive.
    """
    face = keras.Input((SIZE, SIZE, 3), name="face")
    maps = keras.layers.Conv2D(4, 3, padding="same", activation="relu", name="conv1")(face)
    maps = keras.layers.Conv2D(4, 3, 2, padding="same", activation="relu", name="conv2")(maps)
    pooled = keras.layers.MaxPooling2D(3)(maps)
    backbone = keras.Model(face, keras.layers.Flatten(name="features")(pooled), name="toy")
    first, second = backbone.get_layer("conv1"), backbone.get_layer("conv2")
    red = np.zeros((3, 3, 3, 4))
    red[1, 1] = np.outer([1, -1, -0.5], [0.02, 0.01, 0.015, 0.005])
    first.set_weights([red, np.full(4, -0.4)])
    second.set_weights([np.full((3, 3, 4, 4), 0.05), np.zeros(4)])
    features = keras.Input((LENGTH, backbone.output_shape[-1]), name="features")
    states = LSTM(6, name="trunk")(features)
    outputs = {
        "category": keras.layers.Dense(len(EMOTIONS), "softmax", name="category")(states),
        "dimensional": keras.layers.Dense(2, name="dimensional")(states),
    }
    network = keras.Model(features, outputs)
    generator = np.random.default_rng(5)
    for layer in network.layers:
        layer.set_weights([generator.uniform(0.0, 0.1, w.shape) for w in layer.get_weights()])
    return InspectedRun(None, network, Backbone("vgg16", backbone, backbone.output_shape[-1], ""))


def red_faces(count=LENGTH, seed=1):
    """Return grey noise with a red patch and two others, uint8 (count, SIZE, SIZE, 3)."""
    generator = np.random.default_rng(seed)
    faces = np.repeat(generator.integers(90, 160, (count, SIZE, SIZE, 1)), 3, axis=-1)
    faces[:, *PATCH] = (230, 30, 30)
    faces[:, 4:12, 5:13] = (30, 200, 40)
    faces[:, 15:23, 23:31] = (30, 40, 230)
    return faces.astype(np.uint8)


def patch_region():
    """Return where the faces are red, bool (SIZE, SIZE)."""
    region = np.zeros((SIZE, SIZE), bool)
    region[PATCH] = True
    return region
