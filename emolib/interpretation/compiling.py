"""A function of tensors, compiled where the backend can do it from outside.

What runs some hundred times with the same shapes is worth a compilation. Keras 3 compiles models
when they are trained, but has no function for it.
"""

from collections.abc import Callable

import keras


def compiled(function: Callable) -> Callable:
    """Return a function that computes the same, faster from the second call on.

    Parameters
    ----------
    function : callable
        Of tensors, without side effects, made of Keras models and `keras.ops`. It is traced once
        for every shape; what it reads besides its arguments is read then.

    Returns
    -------
    callable
        On PyTorch, the function itself.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        import tensorflow as tf

        return tf.function(function)
    if backend == "jax":
        import jax

        return jax.jit(function)
    return function
