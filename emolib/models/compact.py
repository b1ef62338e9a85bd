"""Compact weight files: eight-bit kernels with a scale per output channel.

A file is a compressed ``.npz``. A weight ``name`` of two or more dimensions is stored as

    name/int8   round(w / scale), in [-127, 127]
    name/scale  float32 (channels,), max |w| / 127 over each output channel (the last axis)

and any other weight as ``name``: a depthwise kernel, whose last axis is 1 and would leave all
channels one scale, in float16, and what has one dimension, such as a bias or the statistics of a
normalisation, in float32. So no kernel is off by more than half a scale.
``metadata`` is JSON, and contains the SHA-256 of the arrays under ``sha256``. It is checked on
loading, since a damaged weight file would otherwise only show as a poorer network.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from emolib.errors import InputError
from emolib.storage import atomic_path

_LARGEST = 127


def named_weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Return a model's weights as ``{"<layer>/<weight>": array}``."""
    return {
        f"{layer.name}/{weight.name}": np.asarray(keras.ops.convert_to_numpy(weight), np.float32)
        for layer in model.layers
        for weight in layer.weights
    }


def assign_weights(model: keras.Model, weights: Mapping[str, np.ndarray]) -> None:
    """Give a model weights saved from a model of the same architecture.

    They are matched in order, by the name of the weight and its shape: Keras numbers the layers
    that an architecture leaves unnamed anew in every model.

    Raises
    ------
    InputError
        If number, names or shapes differ from those of the model.
    """
    variables = [weight for layer in model.layers for weight in layer.weights]
    expected = [(weight.name, tuple(weight.shape)) for weight in variables]
    found = [(name.rsplit("/", 1)[-1], value.shape) for name, value in weights.items()]
    if expected != found:
        raise InputError(
            f"the weights ({len(found)} arrays, {', '.join(map(str, found[:2]))}, ...) do not "
            f"belong to the model {model.name!r} ({len(expected)} arrays, "
            f"{', '.join(map(str, expected[:2]))}, ...); use the file of this architecture"
        )
    for variable, value in zip(variables, weights.values(), strict=True):
        variable.assign(value)


def save_compact(
    weights: Mapping[str, np.ndarray], path: str | Path, metadata: Mapping[str, Any]
) -> Path:
    """Write weights in eight bits.

    Parameters
    ----------
    weights : mapping of str to ndarray
        As `named_weights` returns them.
    path : str or Path
        Where to write; the suffix is ``.npz``.
    metadata : mapping
        Anything JSON can hold. ``sha256`` is added.

    Returns
    -------
    Path
    """
    arrays = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            arrays[name] = weight.astype(np.float32)
        elif weight.shape[-1] == 1:
            arrays[name] = weight.astype(np.float16)
        else:
            arrays[f"{name}/int8"], arrays[f"{name}/scale"] = _quantise(weight)
    text = json.dumps({**metadata, "sha256": _content_hash(arrays)}, sort_keys=True)
    path = Path(path)
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, metadata=np.array(text), **arrays)
    return path


def load_compact(path: str | Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read weights written by `save_compact`.

    Returns
    -------
    weights : dict of str to ndarray of float32
        As `named_weights` returns them; each kernel within half a scale of the original, a
        depthwise kernel within one part in two thousand.
    metadata : dict
        What was saved with them, and ``sha256``.

    Raises
    ------
    InputError
        If the file is not a compact weight file, or its arrays are not those that were saved.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        metadata = json.loads(arrays.pop("metadata").item())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a compact weight file ({error}); copy it again") from error
    if _content_hash(arrays) != metadata.get("sha256"):
        raise InputError(f"{path}: the weights do not match their checksum; copy the file again")
    weights = {}
    for name, array in arrays.items():
        if name.endswith("/int8"):
            scale = arrays[f"{name.removesuffix('/int8')}/scale"]
            weights[name.removesuffix("/int8")] = array.astype(np.float32) * scale
        elif not name.endswith("/scale"):
            weights[name] = array.astype(np.float32)
    return weights, metadata


def _quantise(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    largest = np.abs(weight).max(axis=tuple(range(weight.ndim - 1)))
    # A channel that is zero throughout stays so with any scale but zero.
    scale = np.where(largest > 0, largest / _LARGEST, 1).astype(np.float32)
    return np.round(weight / scale).astype(np.int8), scale


def _content_hash(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()
