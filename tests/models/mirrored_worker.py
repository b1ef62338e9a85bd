"""Train the same networks on one of two logical processors and on both; print what came out.

TensorFlow divides a processor only before it does anything else, hence a process of its own.
usage: python mirrored_worker.py FOLDER
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

processor = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(processor, [tf.config.LogicalDeviceConfiguration()] * 2)

from emolib.config import Config  # noqa: E402
from emolib.models.devices import make_deterministic  # noqa: E402
from emolib.models.fitting import compile_model, loss_weights, target_losses  # noqa: E402
from emolib.models.mirroring import choose_devices, mirrored_step_function  # noqa: E402
from emolib.models.networks import build_network, network_spec  # noqa: E402
from emolib.models.runs import run_specs  # noqa: E402
from emolib.models.steps import step_function  # noqa: E402

STEPS, LENGTH, DIMENSION = 20, 6, 8


def make_spec(network, **changes):
    rate = dict.fromkeys(("category", "dimensional", "combined"), 0.01)
    training = {"networks": [network], "sequence_length": LENGTH, "learning_rate": rate, **changes}
    return run_specs(Config(name="toy", corpus={"kind": "simulated"}, training=training))[0]


def make_batches(batch_size):
    """Return inputs and targets of which the two halves of a batch have unequally many frames."""
    generator = np.random.default_rng(5)
    shape = (STEPS, batch_size, LENGTH)
    inputs = generator.normal(size=(*shape, DIMENSION)).astype(np.float16)
    masks = {name: generator.random(shape) < 0.6 for name in ("category", "dimensional")}
    masks["category"][3, 0] = masks["dimensional"][4, -1] = False  # one device has no frame at all
    values = {
        "category": np.eye(7)[generator.integers(0, 7, shape)],
        "dimensional": generator.uniform(-1, 1, (*shape, 2)),
    }
    return inputs, {
        name: np.concatenate([of, masks[name][..., None]], axis=-1).astype(np.float32)
        for name, of in values.items()
    }


def network_of(spec):
    return build_network(network_spec(spec.network), LENGTH, DIMENSION, spec.dropout)


def end_to_end(spec):
    """Return a network behind a toy backbone of which one layer is frozen."""
    pixels = keras.Input((LENGTH, DIMENSION))
    faces = keras.Input((DIMENSION,))
    frozen = keras.layers.Dense(DIMENSION, "relu", trainable=False)
    backbone = keras.Model(faces, keras.layers.Dense(DIMENSION, "relu")(frozen(faces)))
    features = keras.ops.reshape(
        backbone(keras.ops.reshape(pixels, (-1, DIMENSION))), (-1, LENGTH, DIMENSION)
    )
    return keras.Model(pixels, network_of(spec)(features))


def curves(spec, build=network_of):
    """Return the loss of each step, and all weights after the last, with either strategy."""
    inputs, targets = make_batches(spec.batch_size)
    targets = {name: targets[name] for name in loss_weights(spec)}
    found = []
    for mirrored in (False, True):
        make_deterministic(1)
        model = build(spec)
        compile_model(model, spec)
        if mirrored:
            devices = choose_devices(spec.batch_size)
            assert len(devices) == 2
            losses, weights = target_losses(spec), loss_weights(spec)
            train, hand_over = mirrored_step_function(model, losses, weights, devices)
        else:
            train, hand_over = step_function(model), lambda: None
        losses = [
            train(inputs[step : step + 1], {n: of[step : step + 1] for n, of in targets.items()})
            for step in range(STEPS)
        ]
        hand_over()
        weights = np.concatenate([np.ravel(weight) for weight in model.get_weights()])
        found.append({"losses": losses, "weights": weights.tolist()})
    return found


def resumed(folder):
    """Return the histories of a training on one device, and of one that changes over halfway."""
    from test_training import make_corpus

    from emolib.models import fitting
    from emolib.models.training import train

    samples = make_corpus(folder)
    spec = make_spec("vgg16-combined-1fc", seeds=[1], epochs=4, sequence_length=5)
    histories = []

    class Killed(BaseException):
        pass

    def die(state, epoch, *rest, record=fitting._record):
        if epoch == 3:
            raise Killed
        record(state, epoch, *rest)

    settings = {"checkpoint_every": 1, "progress": False}
    for name, strategies in (("one", ["single"]), ("both", ["mirrored", "single"])):
        for strategy in strategies:
            unchanged = fitting._record
            fitting._record = die if len(strategies) > 1 and strategy == "mirrored" else unchanged
            try:
                train(spec, samples, folder, folder / name, strategy=strategy, **settings)
            except Killed:
                assert (folder / f".{name}.checkpoint.npz").is_file()
            finally:
                fitting._record = unchanged
        histories.append((folder / name / "history.csv").read_text())
    return histories


def main(folder):
    answer = {
        "combined": curves(make_spec("vgg16-combined-3fc", batch_size=2)),
        "uneven batch": curves(
            make_spec("vgg16-dimensional-1fc", batch_size=3, ccc="sequence", dropout=0.3)
        ),
        "end to end": curves(make_spec("vgg16-category-1fc", batch_size=4), end_to_end),
        "resumed": resumed(folder),
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
