"""The frozen convolutional parts: VGG-16, VGG-19 and Xception, with weights from a stated source.

A backbone differs from another by its entry in `ARCHITECTURES` and by nothing else. Its input is
raw RGB, 0 to 255; the scaling that its weights expect is the first part of the model, so that it
cannot be forgotten or applied twice. Two scalings exist:

- *symmetric*: x / 127.5 - 1, in [-1, 1];
- *bgr_mean*: channels reversed to BGR, the ImageNet mean of each subtracted, no division.

``preprocessing="native"`` takes the one that the weights were trained with, ``"thesis"`` takes
symmetric for every backbone (thesis 4.3), ``"bgr_mean"`` takes the other for every backbone.

Weights come from ``simulated`` (shipped), ``imagenet``, ``random`` or a path. A source that cannot
be had is an error with the remedy; no source stands in for another.

References
----------
Simonyan and Zisserman (2015), VGG; Chollet (2017), Xception; thesis 3.3 and 4.3.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from emolib.errors import InputError
from emolib.models.compact import assign_weights, load_compact
from emolib.storage import value_hash

_URL = "https://storage.googleapis.com/tensorflow/keras-applications/"
_PRETRAINED = Path(__file__).parent / "pretrained"
_IMAGENET_MEAN_BGR = (103.939, 116.779, 123.68)


@dataclass(frozen=True)
class Architecture:
    """What distinguishes one backbone from another.

    Attributes
    ----------
    constructor : callable
        From `keras.applications`.
    native : str
        Scaling for which its ImageNet weights were trained, ``symmetric`` or ``bgr_mean``.
    convolutions : tuple of str
        Names of its convolutional layers, from input to output.
    address : str
        Where Keras publishes the ImageNet weights; the file name is the last part.
    md5 : str
        Checksum of that file, as Keras publishes it.
    """

    constructor: Callable[..., keras.Model]
    native: str
    convolutions: tuple[str, ...]
    address: str
    md5: str

    @property
    def title(self) -> str:
        """Name in print."""
        return self.constructor.__name__

    @property
    def file(self) -> str:
        """Name of the file with the ImageNet weights."""
        return self.address.rsplit("/", 1)[-1]


def _vgg(*convolutions_per_block: int) -> tuple[str, ...]:
    return tuple(
        f"block{block}_conv{number}"
        for block, count in enumerate(convolutions_per_block, 1)
        for number in range(1, count + 1)
    )


_XCEPTION = (
    "block1_conv1",
    "block1_conv2",
    *(
        f"block{block}_sepconv{number}"
        for block in range(2, 15)
        for number in range(1, 4 if 5 <= block <= 12 else 3)
    ),
)

ARCHITECTURES: dict[str, Architecture] = {
    "vgg16": Architecture(
        keras.applications.VGG16,
        "bgr_mean",
        _vgg(2, 2, 3, 3, 3),
        _URL + "vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "6d6bbae143d832006294945121d1f1fc",
    ),
    "vgg19": Architecture(
        keras.applications.VGG19,
        "bgr_mean",
        _vgg(2, 2, 4, 4, 4),
        _URL + "vgg19/vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "253f8cb515780f3b799900260a226db6",
    ),
    "xception": Architecture(
        keras.applications.Xception,
        "symmetric",
        _XCEPTION,
        _URL + "xception/xception_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "b0042744bf5b25fce3cb969f33bebb97",
    ),
}
"""The backbones by the name that configurations and network names use."""


@dataclass(frozen=True)
class Backbone:
    """A frozen convolutional part that turns faces into vectors.

    Attributes
    ----------
    name : str
        Key of `ARCHITECTURES`.
    model : keras.Model
        From ``face``, float32 (n, size, size, 3), raw RGB in [0, 255], to features,
        float32 (n, dimension). Not trainable, always in inference mode.
    dimension : int
        Length of a feature vector.
    key : str
        ``<name>-<weights>-<preprocessing>-<pooling>-<hash>``; the hash is of the weight values,
        the scaling and the input size, so equal keys mean equal features.
    """

    name: str
    model: keras.Model
    dimension: int
    key: str


def load_backbone(
    name: str,
    *,
    weights: str | Path = "simulated",
    preprocessing: str = "native",
    pooling: str = "flatten",
    input_size: int = 72,
    seed: int = 0,
) -> Backbone:
    """Build a backbone and give it its weights.

    Parameters
    ----------
    name : str
        ``vgg16``, ``vgg19`` or ``xception``.
    weights : str or Path
        - ``simulated``: pre-trained on simulated people, shipped with the package;
        - ``imagenet``: the file that Keras publishes, looked for in the folder that the
          environment variable ``EMOLIB_WEIGHTS`` names, then in Keras's cache, then downloaded;
        - ``random``: fan-in scaled normal kernels (He et al. 2015), drawn with `seed`;
        - a path: a compact file (``.npz``) or Keras weights of the convolutional part (``.h5``),
          for which ``native`` means the scaling of the architecture's ImageNet weights.
    preprocessing : str
        ``native``, ``thesis`` or ``bgr_mean``.
    pooling : str
        ``flatten`` (every position of the last map) or ``average`` (their mean).
    input_size : int
        Side of a face in pixels.
    seed : int
        Of ``random`` weights.

    Returns
    -------
    Backbone

    Raises
    ------
    InputError
        If an option is unknown, or the weights are missing, damaged or of another architecture.
    """
    _check("backbone", name, tuple(ARCHITECTURES))
    _check("preprocessing", preprocessing, ("native", "thesis", "bgr_mean"))
    _check("pooling", pooling, ("flatten", "average"))
    source, values, native = _load_weights(name, weights, input_size, seed)
    scaling = {"native": native, "thesis": "symmetric", "bgr_mean": "bgr_mean"}[preprocessing]
    model = _assemble(name, scaling, pooling, input_size)
    model.set_weights(values)
    model.trainable = False
    hashed = value_hash([_digest(values), scaling, input_size], 8)
    key = f"{name}-{source}-{preprocessing}-{pooling}-{hashed}"
    return Backbone(name, model, model.output_shape[-1], key)


def shipped_weights(name: str) -> Path:
    """Return where the package keeps the weights of a backbone trained on simulated people."""
    return _PRETRAINED / f"{name}_simulated.npz"


def convolutional_part(name: str, input_size: int = 72) -> keras.Model:
    """Return the plain convolutional part of an architecture, freshly initialised."""
    return ARCHITECTURES[name].constructor(
        weights=None, include_top=False, input_shape=(input_size, input_size, 3)
    )


def _assemble(name: str, scaling: str, pooling: str, input_size: int) -> keras.Model:
    """Return scaling, convolutional part and pooling as one flat model."""
    face = keras.Input((input_size, input_size, 3), name="face")
    if scaling == "bgr_mean":
        offset = [-mean for mean in _IMAGENET_MEAN_BGR]
        scaled = keras.layers.Rescaling(1.0, offset, name="scaling")(face[..., ::-1])
    else:
        scaled = keras.layers.Rescaling(1 / 127.5, -1.0, name="scaling")(face)
    part = ARCHITECTURES[name].constructor(weights=None, include_top=False, input_tensor=scaled)
    if pooling == "flatten":
        features = keras.layers.Flatten(name="features")(part.output)
    else:
        features = keras.layers.GlobalAveragePooling2D(name="features")(part.output)
    return keras.Model(face, features, name=name)


def _load_weights(
    name: str, weights: str | Path, input_size: int, seed: int
) -> tuple[str, list[np.ndarray], str]:
    """Return a short name of the source, the weight values in model order, and the scaling."""
    architecture = ARCHITECTURES[name]
    part = convolutional_part(name, input_size)
    if weights == "random":
        return "random", _random_weights(part, seed), "symmetric"
    if weights == "imagenet":
        _load_keras_file(part, _imagenet_file(architecture))
        return "imagenet", part.get_weights(), architecture.native
    path = shipped_weights(name) if weights == "simulated" else Path(weights)
    if not path.is_file():
        raise InputError(
            f"{path}: no such weight file for {name}; "
            + (
                "run `make weights`"
                if weights == "simulated"
                else "weights are simulated, imagenet, random or the path of a .npz or .h5 file"
            )
        )
    source = "simulated" if weights == "simulated" else "file"
    if path.suffix != ".npz":
        _load_keras_file(part, path)
        return source, part.get_weights(), architecture.native
    values, metadata = load_compact(path)
    if metadata.get("backbone") != name:
        raise InputError(f"{path}: holds weights of {metadata.get('backbone')}, not of {name}")
    assign_weights(part, values)
    return source, part.get_weights(), metadata["preprocessing"]


def _imagenet_file(architecture: Architecture) -> Path:
    folder = os.environ.get("EMOLIB_WEIGHTS")
    if folder and (path := Path(folder) / architecture.file).is_file():
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found != architecture.md5:
            raise InputError(
                f"{path}: MD5 {found}, expected {architecture.md5}; copy it again from "
                f"{architecture.address}"
            )
        return path
    try:
        return Path(
            keras.utils.get_file(
                architecture.file,
                architecture.address,
                cache_subdir="models",
                file_hash=architecture.md5,
            )
        )
    except Exception as error:  # get_file raises bare Exception and ValueError
        raise InputError(
            f"{architecture.file}: not in the folder EMOLIB_WEIGHTS={folder or '(unset)'} nor in "
            f"Keras's cache (~/.keras/models), and it could not be downloaded ({error}); where "
            f"there is a network, fetch {architecture.address} (MD5 {architecture.md5}), copy it "
            "into a folder of this machine, and set EMOLIB_WEIGHTS to that folder"
        ) from error


def _load_keras_file(part: keras.Model, path: Path) -> None:
    try:
        part.load_weights(path)
    except (ValueError, OSError, KeyError) as error:
        raise InputError(
            f"{path}: not Keras weights of the convolutional part of {part.name}: {error}"
        ) from error


def _random_weights(part: keras.Model, seed: int) -> list[np.ndarray]:
    """Draw kernels that keep the variance (He et al. 2015); leave all else as initialised."""
    generator = np.random.default_rng(seed)
    values = []
    for weight in part.weights:
        shape = tuple(weight.shape)
        if len(shape) < 2:
            values.append(keras.ops.convert_to_numpy(weight))
            continue
        if "depthwise" in weight.name:  # sums over one channel only, and no rectifier follows
            variance = 1 / np.prod(shape[:2])
        else:
            variance = 2 / np.prod(shape[:-1])
        values.append(generator.normal(0, np.sqrt(variance), shape).astype(np.float32))
    return values


def _digest(values: list[np.ndarray]) -> str:
    digest = hashlib.sha256()
    for value in values:
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()


def _check(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise InputError(f"unknown {what} {value!r}; known are {', '.join(known)}")
