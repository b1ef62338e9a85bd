"""Many training steps in a row, with as little as possible between one and the next.

Keras's own loop spends a quarter of the time of these small steps on handing over data and results.
On the TensorFlow backend, the batches of a chunk go over at once and one compiled function trains
on all of them; on other backends, Keras trains on one after the other. Adam, too, is one operation
a weight here, where Keras takes a dozen.
"""

from collections.abc import Callable

import keras
import numpy as np

CHUNK_BYTES = 2**23
"""Bytes of inputs and targets in a chunk: some seventeen batches of the thesis. While it is trained
on, a chunk takes several times as much memory."""


@keras.saving.register_keras_serializable("emolib")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` in its default form, as TensorFlow's single operation where it can.

    References
    ----------
    Kingma and Ba (2015), Adam: A Method for Stochastic Optimization, end of section 2.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Update a variable and the two moments of its gradient."""
        if keras.backend.backend() != "tensorflow":
            return super().update_step(gradient, variable, learning_rate)
        import tensorflow as tf

        index = self._get_variable_index(variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=self.beta_1**step,
            beta2_power=self.beta_2**step,
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )


def step_function(model: keras.Model) -> Callable[[np.ndarray, dict], dict[str, float]]:
    """Return a function that trains a compiled model on the batches of a chunk, one by one.

    Parameters
    ----------
    model : keras.Model
        Compiled.

    Returns
    -------
    callable
        Of inputs (steps, batch, ...) and of targets (steps, batch, ...) by output; it returns the
        mean of each loss over the steps.
    """
    if keras.backend.backend() == "tensorflow":
        return _compiled_steps(model)

    def train_one_by_one(inputs, targets):
        logs = [
            model.train_on_batch(
                batch, {name: of[step] for name, of in targets.items()}, return_dict=True
            )
            for step, batch in enumerate(inputs)
        ]
        return {name: float(np.mean([each[name] for each in logs])) for name in logs[0]}

    return train_one_by_one


def _compiled_steps(model: keras.Model) -> Callable[[np.ndarray, dict], dict[str, float]]:
    import tensorflow as tf

    model.optimizer.build(model.trainable_variables)

    @tf.function(reduce_retracing=True)
    def train_all(inputs, targets):
        for step in tf.range(tf.shape(inputs)[0]):
            model.train_step((inputs[step], {name: of[step] for name, of in targets.items()}))

    def train(inputs, targets):
        model.reset_metrics()
        train_all(inputs, targets)
        return {name: float(value) for name, value in model.get_metrics_result().items()}

    return train
