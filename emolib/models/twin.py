"""A VGG network's twin with batch normalisation, and the way back to the plain network.

At inference, a batch normalisation after a convolution is another convolution. So a network may be
trained with normalisation, which very deep plain networks need to learn quickly, and be used
without.

References
----------
Ioffe and Szegedy (2015), Batch Normalization: Accelerating Deep Network Training.
"""

import keras
import numpy as np

from emolib.models.compact import named_weights

_NORMALISED = "_normalised"  # suffix of the layer that follows a convolution in the twin


def batch_normalised_twin(
    plain: keras.Model, outputs: int, precision: str = "float32"
) -> keras.Model:
    """Return a network like `plain` with batch normalisation, average pooling and a linear head.

    Parameters
    ----------
    plain : keras.Model
        A chain of 3 x 3 convolutions with rectifier, and max pooling.
    outputs : int
        Units of the head.
    precision : str
        Keras dtype policy of all but the head, which is float32.

    Returns
    -------
    keras.Model
        Freshly initialised; its input is an RGB image in [-1, 1] of any size.
    """
    x = inputs = keras.Input((None, None, 3), name="image")
    for layer in plain.layers:
        if isinstance(layer, keras.layers.Conv2D):
            x = keras.layers.Conv2D(
                layer.filters,
                3,
                padding="same",
                use_bias=False,
                dtype=precision,
                name=layer.name,
                kernel_initializer="he_normal",
            )(x)
            # 0.95: at 72 x 72 there are only a few hundred steps to follow the statistics.
            x = keras.layers.BatchNormalization(
                momentum=0.95, dtype=precision, name=layer.name + _NORMALISED
            )(x)
            x = keras.layers.ReLU(dtype=precision)(x)
        elif isinstance(layer, keras.layers.MaxPooling2D):
            x = keras.layers.MaxPooling2D(dtype=precision, name=layer.name)(x)
    x = keras.layers.GlobalAveragePooling2D(dtype="float32")(x)
    return keras.Model(inputs, keras.layers.Dense(outputs, dtype="float32", name="head")(x))


def fold_batch_norm(twin: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights of the plain network that computes what the twin computes at inference.

    With the moving mean m and variance v of a normalisation of scale g, offset b and epsilon e,
    a kernel k becomes k g / sqrt(v + e), and the bias b - m g / sqrt(v + e).

    Parameters
    ----------
    twin : keras.Model
        Made by `batch_normalised_twin`.

    Returns
    -------
    dict of str to ndarray
        ``{"<layer>/kernel": ..., "<layer>/bias": ...}`` of each convolution.
    """
    weights = named_weights(twin)
    folded = {}
    for layer in twin.layers:
        if not isinstance(layer, keras.layers.BatchNormalization):
            continue
        name = layer.name.removesuffix(_NORMALISED)
        gamma, beta, mean, variance = (
            weights[f"{layer.name}/{part}"]
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        factor = gamma / np.sqrt(variance + layer.epsilon)
        folded[f"{name}/kernel"] = weights[f"{name}/kernel"] * factor
        folded[f"{name}/bias"] = beta - mean * factor
    return folded
