"""A backbone and a network as one model: pixels in, predictions out.

Cached features give the same predictions in a fraction of the time, as long as the backbone is
frozen. The whole model is what the thesis trained (4.4), what training some of the backbone's
layers needs, and what is exported.
"""

import keras
from keras import ops

from emolib.errors import InputError
from emolib.models.backbones import ARCHITECTURES, Backbone
from emolib.models.features import in_precision


def assemble(backbone: Backbone, network: keras.Model, precision: str = "float32") -> keras.Model:
    """Put a network on its backbone.

    Parameters
    ----------
    backbone : Backbone
        From `emolib.models.backbones.load_backbone`.
    network : keras.Model
        From `emolib.models.networks.build_network`, for sequences of one length.
    precision : str
        What the backbone computes in, ``float32`` or ``bfloat16``.

    Returns
    -------
    keras.Model
        From ``pixels`` (batch, time, size, size, 3), raw RGB in [0, 255], to the network's
        outputs.
    """
    convolutions = in_precision(backbone.model, precision)
    convolutions.trainable = backbone.model.trainable
    length, dimension = network.input_shape[1:]
    pixels = keras.Input((length, *convolutions.input_shape[1:]), name="pixels")
    faces = ops.reshape(pixels, (-1, *convolutions.input_shape[1:]))
    features = ops.reshape(convolutions(faces), (-1, length, dimension))
    return keras.Model(pixels, network(features), name=f"{network.name}_end_to_end")


def unfreeze(backbone: Backbone, count: int) -> None:
    """Let the last convolutional layers of a backbone train; all others stay frozen.

    Batch normalisation stays as it is everywhere: the few people of a batch of sequences say
    little about the mean of all.

    Raises
    ------
    InputError
        If the backbone has fewer convolutional layers.
    """
    names = ARCHITECTURES[backbone.name].convolutions
    if count > len(names):
        raise InputError(
            f"training.unfreeze is {count}, but {backbone.name} has {len(names)} convolutional "
            "layers; lower it"
        )
    backbone.model.trainable = True
    for layer in backbone.model.layers:
        layer.trainable = layer.name in names[len(names) - count :]
