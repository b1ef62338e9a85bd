"""The gradient of what a model says by what it is shown, on any backend of Keras.

Keras 3 has no function for it: a model is written in Keras's operations, but each backend
differentiates in its own way. What looks into networks goes through this one seam.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import ops
from numpy.typing import ArrayLike

from emolib.errors import InputError


def value_and_gradient(function: Callable, inputs: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the value of a function and its gradient by its input.

    Parameters
    ----------
    function : callable
        From a tensor to a tensor, made of Keras models and `keras.ops`: a scalar, or a value for
        each item of a batch, where no value depends on another item. The sum is differentiated,
        so each item gets the gradient of its own value.
    inputs : array-like of numbers
        Where to differentiate; taken as float32.

    Returns
    -------
    value : ndarray of float32
        As `function` returns it.
    gradient : ndarray of float32, shape of `inputs`
        Zero where the value does not depend on the input.

    Raises
    ------
    InputError
        If Keras runs on a backend without gradients.

    Examples
    --------
    >>> value, gradient = value_and_gradient(lambda x: ops.sum(x**2, axis=1), [[1, 2], [3, 4]])
    >>> value.tolist(), gradient.tolist()
    ([5.0, 25.0], [[2.0, 4.0], [6.0, 8.0]])
    """
    backend = keras.backend.backend()
    if backend not in _BACKENDS:
        raise InputError(
            f"KERAS_BACKEND is {backend}, which has no gradients; use {', '.join(_BACKENDS)}"
        )
    tensor = ops.convert_to_tensor(np.asarray(inputs, np.float32))
    value, gradient = _BACKENDS[backend](function, tensor)
    return ops.convert_to_numpy(value), ops.convert_to_numpy(gradient)


def _tensorflow(function, inputs):
    import tensorflow as tf

    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(inputs)
        value = function(inputs)
    # A value that does not depend on the input has no gradient, rather than a gradient of zero.
    return value, tape.gradient(value, inputs, unconnected_gradients="zero")


def _torch(function, inputs):
    import torch

    inputs = inputs.detach().clone().requires_grad_(True)
    value = function(inputs)
    if not value.requires_grad:
        return value, torch.zeros_like(inputs)
    (gradient,) = torch.autograd.grad(value.sum(), inputs, allow_unused=True)
    return value.detach(), torch.zeros_like(inputs) if gradient is None else gradient


def _jax(function, inputs):
    import jax

    def total(inputs):
        value = function(inputs)
        return value.sum(), value

    (_, value), gradient = jax.value_and_grad(total, has_aux=True)(inputs)
    return value, gradient


_BACKENDS = {"tensorflow": _tensorflow, "torch": _torch, "jax": _jax}
