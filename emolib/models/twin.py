"""The network that is trained in place of a plain convolutional part, and the way back.

A VGG network trains as a *twin* with batch normalisation between each convolution and its
rectifier, which very deep plain networks need to learn quickly. At inference, a normalisation after
a convolution is another convolution, so it folds into the kernels and the plain network remains.
Xception has normalisations of its own and trains as it is.

References
----------
Ioffe and Szegedy (2015), Batch Normalization: Accelerating Deep Network Training.
"""

from collections.abc import Mapping

import keras
import numpy as np

from emolib.models.compact import named_weights
from emolib.models.folding import folded_weights

_NORMALISED = "_normalised"  # suffix of the layer that follows a convolution in the twin
_HEAD = "head"
# At 72 x 72 there are only a few hundred steps to follow the statistics.
_MOMENTUM = 0.95


def trainable_twin(plain: keras.Model, outputs: int, precision: str = "float32") -> keras.Model:
    """Return a network like `plain` with batch normalisation, average pooling and a linear head.

    Parameters
    ----------
    plain : keras.Model
        Either a network with batch normalisation of its own, or a chain of 3 x 3 convolutions with
        rectifier, and max pooling.
    outputs : int
        Units of the head.
    precision : str
        Keras dtype policy of all but the head, which is float32.

    Returns
    -------
    keras.Model
        Freshly initialised; its input is an RGB image in [-1, 1] of any size.
    """
    image = keras.Input((None, None, 3), name="image")
    maps = (
        _copied(plain, image, precision)
        if any(isinstance(layer, keras.layers.BatchNormalization) for layer in plain.layers)
        else _with_normalisation(plain, image, precision)
    )
    pooled = keras.layers.GlobalAveragePooling2D(dtype="float32")(maps)
    return keras.Model(image, keras.layers.Dense(outputs, dtype="float32", name=_HEAD)(pooled))


def _copied(plain: keras.Model, image: keras.KerasTensor, precision: str) -> keras.KerasTensor:
    def copy(operation: keras.Operation) -> keras.Operation:
        config = operation.get_config() | {"dtype": precision}
        if isinstance(operation, keras.layers.BatchNormalization):
            config["momentum"] = _MOMENTUM
        return operation.__class__.from_config(config)

    return keras.models.clone_model(plain, input_tensors=image, clone_function=copy).output


def _with_normalisation(
    plain: keras.Model, image: keras.KerasTensor, precision: str
) -> keras.KerasTensor:
    x = image
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
            x = keras.layers.BatchNormalization(
                momentum=_MOMENTUM, dtype=precision, name=layer.name + _NORMALISED
            )(x)
            x = keras.layers.ReLU(dtype=precision)(x)
        elif isinstance(layer, keras.layers.MaxPooling2D):
            x = keras.layers.MaxPooling2D(dtype=precision, name=layer.name)(x)
    return x


def plain_weights(twin: keras.Model) -> dict[str, np.ndarray]:
    """Return the weights of the plain network that computes what the twin computes at inference.

    Parameters
    ----------
    twin : keras.Model
        Made by `trainable_twin`.

    Returns
    -------
    dict of str to ndarray
        Of every layer but the head, in order: ``{"<layer>/kernel": ..., "<layer>/bias": ...}`` of
        a convolution whose normalisation was folded in, and any other layer's as they are.
    """
    weights = named_weights(twin)
    normalisations = {layer.name: layer for layer in _normalisations(twin)}
    plain = {}
    for name, value in weights.items():
        layer = name.rsplit("/", 1)[0]
        normalisation = normalisations.get(layer + _NORMALISED)
        if normalisation is not None:
            plain[name], plain[f"{layer}/bias"] = folded_weights(value, normalisation)
        elif layer != _HEAD and layer not in normalisations:
            plain[name] = value
    return plain


def deepened(weights: Mapping[str, np.ndarray], deeper: keras.Model) -> dict[str, np.ndarray]:
    """Return weights with which a deeper network computes what a shallower one does.

    A 3 x 3 convolution that the shallower network lacks passes its input on unchanged, which is
    exact because it stands behind a rectifier and before another.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Of the shallower network, as `named_weights` returns them.
    deeper : keras.Model
        The plain deeper network; a layer that both have goes by the same name in both.

    Returns
    -------
    dict of str to ndarray
        A value for every weight of `deeper`, in its order.
    """
    values = {}
    for name, fresh in named_weights(deeper).items():
        identity = np.zeros_like(fresh)
        if fresh.ndim == 4:
            identity[1, 1] = np.eye(*fresh.shape[2:])
        values[name] = weights.get(name, identity)
    return values


def start_twin(twin: keras.Model, weights: Mapping[str, np.ndarray], images: np.ndarray) -> None:
    """Let a twin compute what a plain network computes.

    The normalisations take their statistics from the images, and scale and offset so that they
    change nothing at inference. A training batch then looks to every layer about as it should.

    Parameters
    ----------
    twin : keras.Model
        Made by `trainable_twin` from a network without normalisation. Changed in place.
    weights : mapping of str to ndarray
        Of the plain network, as `plain_weights` returns them.
    images : ndarray of float32 (n, size, size, 3)
        RGB in [-1, 1].
    """
    normalisations = _normalisations(twin)
    for normalisation in normalisations:
        name = normalisation.name.removesuffix(_NORMALISED)
        twin.get_layer(name).set_weights([weights[f"{name}/kernel"]])
        _let_through(normalisation, weights[f"{name}/bias"], mean=0.0, variance=1.0)
    sums = keras.Model(twin.input, [normalisation.input for normalisation in normalisations])
    for normalisation, values in zip(normalisations, sums.predict_on_batch(images), strict=True):
        values = np.asarray(values, np.float32)
        bias = normalisation.get_weights()[1]
        _let_through(normalisation, bias, values.mean((0, 1, 2)), values.var((0, 1, 2)))


def _let_through(
    normalisation: keras.layers.BatchNormalization,
    bias: np.ndarray,
    mean: np.ndarray | float,
    variance: np.ndarray | float,
) -> None:
    """Give a normalisation these statistics, and make it add the bias and nothing else."""
    mean, variance = np.broadcast_to(mean, bias.shape), np.broadcast_to(variance, bias.shape)
    scale = np.sqrt(variance + normalisation.epsilon)
    normalisation.set_weights([scale, bias + mean, mean, variance])


def _normalisations(twin: keras.Model) -> list[keras.layers.BatchNormalization]:
    """Return the normalisations that the twin has and its plain network lacks."""
    return [layer for layer in twin.layers if layer.name.endswith(_NORMALISED)]
