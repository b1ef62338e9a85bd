"""Keras's LSTM, with its loop over time as one operation on a processor.

An LSTM multiplies each input by one matrix and each state by another. Only the second product has
to wait for the step before. On a processor, Keras runs some thirty small operations per step, and
as many again for the gradient; starting them takes longer than their arithmetic. Here one product
serves the inputs of all steps, and the loop, forward and backward, is one NumPy function each,
with the gradient derived by hand. On a GPU (cuDNN) and on Keras's other backends the layer is
Keras's own.

References
----------
Hochreiter and Schmidhuber (1997), Long Short-Term Memory; Gers, Schmidhuber and Cummins (2000),
Learning to Forget; Appleyard, Kocisky and Blunsom (2016), Optimizing Performance of Recurrent
Neural Networks on GPUs.
"""

import keras
import numpy as np
from keras import ops

from emolib.models.devices import has_gpu

_FEW_ROWS = 4  # up to so many are faster one by one: BLAS rearranges a matrix for more than one


@keras.saving.register_keras_serializable("emolib")
class LSTM(keras.layers.LSTM):
    """`keras.layers.LSTM` in its default form, with the same weights, faster on a processor.

    It has that layer's name too, since Keras names the weights in a file after the class: the
    weights of either load into the other. It takes no mask and no dropout of its own; whole
    sequences go in and come out, and every sequence starts from a state of zeros.

    Parameters
    ----------
    units : int
        Length of the state.
    **options
        As of `keras.layers.Layer`.
    """

    def __init__(self, units: int, **options):
        super().__init__(units, **{**options, "return_sequences": True})

    def call(self, sequences, initial_state=None, mask=None, training=False):
        """Return the state after each step, (batch, time, units)."""
        if keras.backend.backend() != "tensorflow" or has_gpu():
            return super().call(sequences, initial_state, mask, training)
        # As one matrix: a product of a stack of matrices makes a kernel's gradient for each.
        rows = ops.reshape(sequences, (-1, sequences.shape[-1]))
        rows = ops.matmul(rows, self.cell.kernel) + self.cell.bias
        projected = ops.reshape(rows, (-1, *ops.shape(sequences)[1:2], 4 * self.units))
        states = _recur(projected, self.cell.recurrent_kernel)
        return ops.cast(states, self.compute_dtype)


def forward(projected: np.ndarray, kernel: np.ndarray) -> tuple[np.ndarray, ...]:
    """Run the recurrence.

    Parameters
    ----------
    projected : ndarray of float32 (batch, time, 4 units)
        Inputs times the input kernel, plus bias; input gate, forget gate, candidate, output gate,
        as Keras orders them.
    kernel : ndarray of float32 (units, 4 units)
        The recurrent kernel.

    Returns
    -------
    states : ndarray (batch, time, units)
    gates : ndarray (time, batch, 4 units)
        After their activations.
    carries : ndarray (time + 1, batch, units)
        The first is zero. Gates and carries are what `backward` needs.
    """
    batch, steps, width = projected.shape
    units = width // 4
    # sigmoid(x) = tanh(x / 2) / 2 + 1 / 2, so that one tanh serves all four gates.
    scale = np.repeat(np.float32([0.5, 0.5, 1, 0.5]), units)
    shift = np.repeat(np.float32([0.5, 0.5, 0, 0.5]), units)
    gates = np.multiply(projected.transpose(1, 0, 2), scale, order="C")
    kernel = kernel * scale
    states = np.zeros((steps + 1, batch, units), np.float32)
    carries = np.zeros_like(states)
    entry, forget, candidate, output = np.split(gates, 4, axis=2)
    for step in range(steps):
        gate, state, carry = gates[step], states[step + 1], carries[step + 1]
        gate += _product(states[step], kernel)
        np.tanh(gate, out=gate)
        gate *= scale
        gate += shift
        np.multiply(forget[step], carries[step], out=carry)
        carry += entry[step] * candidate[step]
        np.tanh(carry, out=state)
        state *= output[step]
    return np.ascontiguousarray(states[1:].transpose(1, 0, 2)), gates, carries


def backward(
    gradient: np.ndarray,
    kernel: np.ndarray,
    states: np.ndarray,
    gates: np.ndarray,
    carries: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient by ``projected`` and by ``kernel``, given that by the states."""
    steps, batch, width = gates.shape
    units = width // 4
    entry, forget, candidate, output = np.split(gates, 4, axis=2)
    # What does not wait for a later step is computed for all of them at once: by how much the
    # carry moves the state, and each gate's input the carry or, the output gate's, the state.
    squashed = np.tanh(carries[1:])
    through = output * (1 - squashed * squashed)
    slope = np.empty_like(gates)
    slope[..., :units] = candidate * entry * (1 - entry)
    slope[..., units : 2 * units] = carries[:-1] * forget * (1 - forget)
    slope[..., 2 * units : 3 * units] = entry * (1 - candidate * candidate)
    slope[..., 3 * units :] = squashed * output * (1 - output)
    by_carry, by_output = slope[..., : 3 * units], slope[..., 3 * units :]
    by_carry = by_carry.reshape(steps, batch, 3, units)
    transposed = np.ascontiguousarray(kernel.T)
    gradient = gradient.transpose(1, 0, 2)
    d_carry = d_state = np.zeros((batch, units), np.float32)
    for step in reversed(range(steps)):
        d_state = d_state + gradient[step]
        d_carry = d_carry + d_state * through[step]
        by_carry[step] *= d_carry[:, None]
        by_output[step] *= d_state
        d_carry = d_carry * forget[step]
        d_state = _product(slope[step], transposed)
    before = np.zeros((steps, batch, units), np.float32)
    before[1:] = states.transpose(1, 0, 2)[:-1]
    d_kernel = before.reshape(-1, units).T @ slope.reshape(-1, width)
    return np.ascontiguousarray(slope.transpose(1, 0, 2)), d_kernel


def _product(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return the product of two matrices, the first of which has a row for each sequence."""
    if len(rows) > _FEW_ROWS:
        return rows @ matrix
    return (rows[:, None] @ matrix)[:, 0]


def _recur(projected, kernel):
    """Run the two functions above as one differentiable TensorFlow operation, in float32."""
    import tensorflow as tf

    @tf.custom_gradient
    def recurrence(projected, kernel):
        kept = tf.numpy_function(forward, [projected, kernel], [tf.float32] * 3, stateful=False)
        kept[0].set_shape((*projected.shape[:2], kernel.shape[0]))

        def gradient(by_states):
            found = tf.numpy_function(
                backward, [by_states, kernel, *kept], [tf.float32] * 2, stateful=False
            )
            for value, of in zip(found, (projected, kernel), strict=True):
                value.set_shape(of.shape)
            return found

        return kept[0], gradient

    # A custom gradient must be given the value of a variable, not the variable.
    return recurrence(tf.cast(projected, tf.float32), tf.cast(tf.identity(kernel), tf.float32))
