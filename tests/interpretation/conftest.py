"""A network that looks at pictures of 16 x 16 and takes no time."""

import keras
import pytest

from emolib.config import Config
from emolib.models.backbones import Backbone
from emolib.models.inspection import InspectedRun
from emolib.models.networks import build_network, network_spec
from emolib.models.runs import run_specs

SIDE, LENGTH, DIMENSION = 16, 6, 8


def make_run(kind="combined", seed=1):
    """Return a run of two small convolutions and an LSTM, as it was initialised."""
    network = f"vgg16-{kind}-1fc"
    spec = run_specs(
        Config(
            name="toy",
            corpus={"kind": "simulated"},
            faces={"crop_size": SIDE + 16},  # the least that may be configured; not read here
            features={"weights": "random", "precision": "float32"},
            training={"networks": [network], "seeds": [1], "sequence_length": LENGTH},
        )
    )[0]
    keras.utils.set_random_seed(seed)
    face = keras.Input((SIDE, SIDE, 3), name="face")
    maps = keras.layers.Rescaling(1 / 127.5, -1.0, name="scaling")(face)
    maps = keras.layers.Conv2D(6, 5, 2, activation="relu")(maps)
    maps = keras.layers.Conv2D(DIMENSION, 3, 2, activation="relu")(maps)
    model = keras.Model(face, keras.layers.GlobalAveragePooling2D(name="features")(maps))
    model.trainable = False
    network = build_network(network_spec(network), LENGTH, DIMENSION, 0.5)
    return InspectedRun(spec, network, Backbone("vgg16", model, DIMENSION, "toy"))


@pytest.fixture(scope="session")
def toy_run():
    """Return an untrained combined network on a small backbone."""
    return make_run()
