"""Faces through a frozen backbone, once, into memory maps that every training then reads.

Row i of ``<track>.npy`` belongs to face i of the track, as row i of its crops does. Features are
float16: their rounding, one part in two thousand, is far below what a face differs by from one
frame to the next, and halves what a training reads.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from emolib.errors import InputError
from emolib.models.backbones import Backbone
from emolib.models.devices import resolve_precision
from emolib.models.folding import folded
from emolib.sources import code_hash
from emolib.storage import (
    file_hash,
    is_current,
    read_array,
    value_hash,
    write_array,
    write_record,
)

_BATCH_STEP = 16  # batch sizes are multiples of it, so that few of them have to be compiled


def extract_features(
    crops: np.ndarray,
    backbone: Backbone,
    *,
    precision: str = "auto",
    batch_size: int = 256,
    progress: bool = False,
) -> np.ndarray:
    """Return the features of faces.

    Parameters
    ----------
    crops : ndarray of uint8 (n, size, size, 3)
        RGB faces; may be a memory map.
    backbone : Backbone
        From `emolib.models.backbones.load_backbone`.
    precision : str
        ``auto``, ``float32`` or ``bfloat16``; see `emolib.models.devices.resolve_precision`.
    batch_size : int
        Most faces computed at a time.
    progress : bool
        Show a progress bar.

    Returns
    -------
    ndarray of float16 (n, backbone.dimension)
        Row i belongs to crop i.

    Raises
    ------
    InputError
        If the crops are not of the backbone's size and type, or a feature exceeds float16.
    """
    model = in_precision(folded(backbone.model), resolve_precision(precision))
    return _extract(crops, model, batch_size, "the crops", progress)


def extract_tracks(
    tracks: Sequence[str],
    crops_folder: str | Path,
    out_folder: str | Path,
    backbone: Backbone,
    *,
    precision: str = "auto",
    batch_size: int = 256,
    rows: Mapping[str, Sequence[int]] | None = None,
    progress: bool = True,
) -> None:
    """Write ``<out_folder>/<track>.npy`` for every track whose features are not there yet.

    Features are current if they were made from the same rows of the same crops, with the same
    backbone key and the same precision; all of them are recorded beside them.

    Parameters
    ----------
    tracks : sequence of str
        Names of the tracks; each has crops in ``<crops_folder>/<track>.npy``.
    crops_folder, out_folder : str or Path
        Where crops are read and features written.
    backbone : Backbone
        From `emolib.models.backbones.load_backbone`.
    precision, batch_size
        As in `extract_features`.
    rows : mapping or None
        The faces of each track that are needed, by position. The features of all others are NaN,
        so that they are not used by accident. None: all.
    progress : bool
        Show a progress bar.

    Raises
    ------
    InputError
        If a track has no crops, or they cannot be used.
    """
    precision = resolve_precision(precision)
    model = in_precision(folded(backbone.model), precision)
    for track in tqdm(tracks, f"features, {backbone.name}", unit="track", disable=not progress):
        crops, out = Path(crops_folder) / f"{track}.npy", Path(out_folder) / f"{track}.npy"
        if not crops.is_file():
            raise InputError(f"{crops}: no crops of track {track}; run the faces stage again")
        inputs = {"backbone": backbone.key, "precision": precision, "crops": file_hash(crops)}
        inputs["code"] = code_hash(__name__)
        if rows is not None:
            inputs["rows"] = value_hash(list(rows[track]))
        if not is_current(out, inputs):
            faces = read_array(crops)
            needed = slice(None) if rows is None else list(rows[track])
            features = np.full((len(faces), backbone.dimension), np.nan, np.float16)
            features[needed] = _extract(faces[needed], model, batch_size, str(crops), False)
            write_array(features, out)
            write_record(out, inputs)


def in_precision(model: keras.Model, precision: str) -> keras.Model:
    """Return the model itself, or a copy whose layers compute in bfloat16.

    The scaling of the input stays in float32: pixels minus a mean need more than eight bits.
    """
    if precision == "float32":
        return model

    def copy(operation: keras.Operation) -> keras.Operation:
        config = operation.get_config()
        if isinstance(operation, keras.layers.Layer) and operation.name not in ("face", "scaling"):
            config["dtype"] = "mixed_bfloat16"
        return operation.__class__.from_config(config)

    twin = keras.models.clone_model(model, clone_function=copy)
    twin.set_weights(model.get_weights())
    return twin


def _extract(
    crops: np.ndarray, model: keras.Model, batch_size: int, name: str, progress: bool
) -> np.ndarray:
    expected = model.input_shape[1:]
    if crops.shape[1:] != expected or crops.dtype != np.uint8:
        raise InputError(
            f"{name}: {crops.dtype} of shape {crops.shape}, expected uint8 (n, *{expected}); "
            "the backbone's input_size and the configured crop_size must agree"
        )
    features = np.empty((len(crops), model.output_shape[-1]), np.float16)
    size = _even_batch_size(len(crops), batch_size)
    for start in tqdm(range(0, len(crops), size), "features", disable=not progress):
        batch = np.zeros((size, *expected), np.float32)  # zeros fill up the last batch
        faces = crops[start : start + size]
        batch[: len(faces)] = faces
        outputs = keras.ops.convert_to_numpy(model.predict_on_batch(batch))
        with np.errstate(over="ignore"):  # reported below
            features[start : start + size] = outputs[: len(faces)]
    if not np.isfinite(features).all():
        raise InputError(
            f"{name}: features exceed float16; the weights do not suit the preprocessing"
        )
    return features


def _even_batch_size(n: int, largest: int) -> int:
    """Return the multiple of `_BATCH_STEP` that fills the fewest batches with the least padding.

    >>> _even_batch_size(450, 256)
    240
    """
    n_batches = max(1, -(-n // largest))
    per_batch = -(-n // n_batches)
    return max(1, min(largest, -(-per_batch // _BATCH_STEP) * _BATCH_STEP))
