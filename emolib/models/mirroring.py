"""One network trained on several devices at once, with the result of one device.

Each device, a *replica*, holds a copy of the network and computes on its part of every batch; the
sum of their gradients updates all copies alike. For that sum to be the gradient of the whole batch,
nothing may be computed over a part that is meant over the batch:

- The CCC of a batch is a ratio of moments of all its frames, and no mean of the CCC of parts; and
  parts differ in how many frames count. So every replica gathers the predictions of all, computes
  the loss of the whole batch, and takes its share of the gradient of that.
- Dropout draws one mask for the batch. So every replica draws that of the whole batch and takes its
  own rows.

What remains is rounding, since sums are taken in another order. Works on the TensorFlow backend.

References
----------
Goyal et al. (2017), Accurate, Large Minibatch SGD, section 3.
"""

from collections.abc import Callable, Mapping
from functools import cache

import keras
import numpy as np
from keras import ops

from emolib.errors import InputError
from emolib.models.checkpoints import variables_of
from emolib.models.devices import device_names
from emolib.models.steps import Adam


def choose_devices(batch_size: int) -> list[str]:
    """Return the devices that share a batch: all GPUs that the process sees, else all processors.

    Raises
    ------
    InputError
        If there is one device alone, more than a batch has sequences, or Keras runs on a backend
        other than TensorFlow.
    """
    backend, devices = keras.backend.backend(), device_names()
    if backend != "tensorflow":
        raise InputError(
            f"training.strategy is mirrored, which needs Keras's TensorFlow backend, and this is "
            f"{backend}; set it to single, or KERAS_BACKEND to tensorflow"
        )
    if len(devices) == 1:
        raise InputError(
            f"training.strategy is mirrored, but the only device here is {devices[0]}; set it to "
            "single, or let CUDA_VISIBLE_DEVICES show several GPUs"
        )
    if len(devices) > batch_size:
        raise InputError(
            f"training.strategy is mirrored over {len(devices)} devices, but a batch has "
            f"{batch_size} sequences; raise training.batch_size, or let CUDA_VISIBLE_DEVICES show "
            "fewer GPUs"
        )
    return devices


def mirrored_step_function(
    model: keras.Model,
    losses: Mapping[str, Callable],
    weights: Mapping[str, float],
    devices: list[str],
) -> tuple[Callable[[np.ndarray, dict], dict[str, float]], Callable[[], None]]:
    """Return a function that trains copies of a model, and one that hands over what they learned.

    Parameters
    ----------
    model : keras.Model
        Compiled. What it is when this is called is where the copies start.
    losses : mapping
        Output -> its loss, of targets and prediction (batch, ...), a scalar.
    weights : mapping
        Output -> the weight of its loss.
    devices : list of str
        From `choose_devices`.

    Returns
    -------
    train : callable
        As of `emolib.models.steps.step_function`; each batch is shared out to the devices.
    hand_over : callable
        Makes `model` and its optimizer what they would be, had they been trained themselves.
    """
    import tensorflow as tf

    strategy = _strategy(*devices)
    uncompiled = keras.Model(model.input, model.output)  # else the losses would have to be copied
    with strategy.scope():
        twin = keras.models.clone_model(uncompiled, clone_function=_copy_of, recursive=True)
        optimizer = Adam.from_config(model.optimizer.get_config())
        optimizer.build(twin.trainable_variables)
    own, outputs = [*twin.variables, *optimizer.variables], list(losses)
    _assign(own, variables_of(model))

    def train_once(inputs, targets):
        """Update a replica; return the losses of the whole batch, the same on each."""
        context = tf.distribute.get_replica_context()
        with tf.GradientTape() as tape:
            predicted = twin(_own_rows(inputs, context), training=True)
            of_all = context.all_gather(predicted, axis=0)
            found = [losses[name](targets[name], of_all[name]) for name in outputs]
            total = sum(weights[name] * loss for name, loss in zip(outputs, found, strict=True))
            # What goes back through the gathering to a replica's rows is the sum over the losses of
            # all replicas, which are the same; the optimizer then adds up what the rows give.
            share = total / context.num_replicas_in_sync
        gradients = tape.gradient(share, twin.trainable_variables)
        optimizer.apply(gradients, twin.trainable_variables)
        return tf.stack([total, *found])

    @tf.function(reduce_retracing=True)
    def train_all(inputs, targets):
        summed = tf.zeros(1 + len(outputs))
        for step in tf.range(tf.shape(inputs)[0]):
            batch = inputs[step], {name: of[step] for name, of in targets.items()}
            summed += strategy.reduce("MEAN", strategy.run(train_once, batch), axis=None)
        return summed

    def train(inputs, targets):
        padded = {name: _pad(of, len(devices)) for name, of in targets.items()}
        means = train_all(_pad(inputs, len(devices)), padded).numpy() / len(inputs)
        names = ["loss", *(f"{name}_loss" for name in outputs)]
        named = dict(zip(names, map(float, means), strict=True))
        return named if len(outputs) > 1 else {"loss": named["loss"]}

    return train, lambda: _assign(variables_of(model), own)


@cache
def _strategy(*devices: str):
    """Return TensorFlow's mirroring over some devices.

    One for all runs of a process: two would number what they exchange from the same number on.
    """
    import tensorflow as tf

    return tf.distribute.MirroredStrategy([name.upper() for name in devices])


class _Dropout(keras.layers.Dropout):
    """`keras.layers.Dropout` of which every replica draws the whole batch's mask."""

    def call(self, inputs, training=False):
        import tensorflow as tf

        context = tf.distribute.get_replica_context()
        if not training or context is None:
            return super().call(inputs, training)
        # As many rows as the batch has; which values they hold matters to the own ones alone.
        batch = tf.concat([inputs] * context.num_replicas_in_sync, axis=0)
        return _own_rows(super().call(batch, training), context)


def _own_rows(values, context):
    """Return the rows of a batch that belong to a replica."""
    count = ops.shape(values)[0] // context.num_replicas_in_sync
    start = context.replica_id_in_sync_group * count
    return values[start : start + count]


def _pad(chunk: np.ndarray, replicas: int) -> np.ndarray:
    """Add empty sequences, of which no frame counts, so that all replicas get equally many."""
    lacking = -chunk.shape[1] % replicas
    return np.pad(chunk, [(0, 0), (0, lacking), *[(0, 0)] * (chunk.ndim - 2)])


def _copy_of(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return a layer of the same settings, as `keras.models.clone_model` asks for it."""
    kind = _Dropout if type(layer) is keras.layers.Dropout else type(layer)
    return kind.from_config(layer.get_config())


def _assign(targets: list[keras.Variable], sources: list[keras.Variable]) -> None:
    """Give variables, each on all devices that have it, the values of others."""
    for target, source in zip(targets, sources, strict=True):
        target.assign(np.asarray(source))
