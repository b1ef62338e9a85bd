"""What the layers of backbones and networks answer to the same faces, a row each.

An LSTM's state depends on the faces before, so networks read whole sequences, cut as in training;
compared are faces at even distances, since neighbours in a film are almost the same face twice.
Maps of a backbone are averaged over their positions. Networks answer as in use: no unit is dropped,
and the category output is taken before the softmax, which would bend what is linear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from emolib.data.sequences import build_sequences
from emolib.errors import InputError
from emolib.interpretation.inputs import were_made_by
from emolib.models.backbones import Backbone
from emolib.models.batches import TrackFeatures
from emolib.models.devices import dtype_policy, resolve_precision
from emolib.models.features import extract_features, in_precision
from emolib.models.inspection import InspectedRun, inspect_run, load_backbone_of
from emolib.models.judging import predict_sequences
from emolib.models.networks import build_network
from emolib.models.runs import RunSpec, read_spec
from emolib.models.training import load_run
from emolib.storage import read_json

TRUNK = "trunk"
"""Name of the LSTM in a network."""

FEATURES = "features"
"""Name of what a backbone hands to a network."""

_BATCH = 100  # faces put through a backbone at a time


@dataclass(frozen=True)
class FaceSample:
    """Faces that representations are compared on, with what stands around them.

    Attributes
    ----------
    faces : DataFrame
        All faces that networks read: person by person, track by track, in the order of time.
    compared : ndarray of int (n,)
        Positions of those that are compared, ascending.
    crops : Path
        Folder of the crops, ``<track>.npy``.
    features : Path or None
        Folder with a folder of features for each backbone; None where there are none yet.
    """

    faces: pd.DataFrame
    compared: np.ndarray
    crops: Path
    features: Path | None = None
    _computed: dict = field(default_factory=dict, repr=False)

    @property
    def people(self) -> np.ndarray:
        """Whose face each compared one is, (n,)."""
        return self.faces["person"].to_numpy(str)[self.compared]

    def sequences(self, spec: RunSpec) -> np.ndarray:
        """Return the sequences that hold a compared face, as a run was trained on, (k, length)."""
        sequences = build_sequences(self.faces, spec.sequence_length, spec.max_gap)
        return sequences[np.isin(sequences, self.compared).any(axis=1)]

    def pixels(self, positions: np.ndarray) -> np.ndarray:
        """Return the crops at these positions, uint8 (k, size, size, 3)."""
        return TrackFeatures(self.faces, self.crops, memory_bound=0)[positions]

    def inputs(self, run_folder: Path) -> TrackFeatures | np.ndarray:
        """Return what a network with a frozen backbone reads of all faces, a row each.

        Features that are stored are read, others computed, either once a backbone.
        """
        key = read_json(Path(run_folder) / "backbone.json")["key"]
        return self.remember(f"features of {key}", lambda: self._features(run_folder, key))

    def remember(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return what was computed for these faces under a name, computed the first time."""
        if name not in self._computed:
            self._computed[name] = compute()
        return self._computed[name]

    def _features(self, run_folder: Path, key: str) -> TrackFeatures | np.ndarray:
        spec = read_spec(run_folder)
        if self.features is not None:
            folder = self.features / spec.backbone
            if were_made_by(key, self.faces, folder):
                return TrackFeatures(self.faces, folder)
        backbone = load_backbone_of(load_run(run_folder), run_folder)
        pixels = self.pixels(np.arange(len(self.faces)))
        return extract_features(pixels, backbone, precision=spec.features.precision)


def sample_faces(
    faces: pd.DataFrame, crops: str | Path, most: int, features: Path | None = None
) -> FaceSample:
    """Choose the faces to compare representations on, at even distances.

    Parameters
    ----------
    faces : DataFrame
        ``track, person, time, row``; of one split, or of a clip.
    crops : path
        Folder of their crops.
    most : int
        Faces to compare, at most.
    features : Path or None
        As of `FaceSample`.

    Raises
    ------
    InputError
        If there is no face.
    """
    if faces.empty:
        raise InputError(
            "there is no face to compare representations on; choose a split that has some"
        )
    faces = faces.sort_values(["person", "track", "time"], kind="stable").reset_index(drop=True)
    places = np.linspace(0, len(faces) - 1, min(most, len(faces))).round().astype(int)
    return FaceSample(faces, np.unique(places), Path(crops), features)


def run_layers(
    run_folder: str | Path, sample: FaceSample, layers: Sequence[str] | None = (TRUNK,)
) -> dict[str, np.ndarray]:
    """Return what layers of a trained network answer, by name.

    Parameters
    ----------
    run_folder : path
        The run.
    sample : FaceSample
        The faces.
    layers : sequence of str or None
        Names of layers; None takes all that `network_layers` lists.

    Returns
    -------
    dict of str to ndarray of float32 (n, units)
        A row for every compared face.
    """
    spec = read_spec(run_folder)
    if spec.end_to_end:  # its backbone may be one of its own
        run = inspect_run(run_folder)
        network, inputs = run.network, run.features(sample.pixels(np.arange(len(sample.faces))))
    else:
        network, inputs = load_run(run_folder).model, sample.inputs(Path(run_folder))
    if layers is None or set(network_layers(network)[1:]) & set(layers):
        network = InspectedRun(spec, network, None).scores
    return answers(network, spec, sample, inputs, layers)


def untrained_layers(
    run_folder: str | Path,
    sample: FaceSample,
    seed: int,
    layers: Sequence[str] | None = (TRUNK,),
) -> dict[str, np.ndarray]:
    """Return what the network of a run would answer if it had only been initialised, from a seed.

    Parameters and result are those of `run_layers`; the features are those of the run's backbone.
    """
    spec = read_spec(run_folder)
    inputs = sample.inputs(Path(run_folder))
    keras.utils.set_random_seed(seed)
    network = build_network(
        spec.architecture,
        spec.sequence_length,
        inputs.shape[1],
        spec.dropout,
        dtype_policy(spec.precision),
    )
    return answers(InspectedRun(spec, network, None).scores, spec, sample, inputs, layers)


def network_layers(network: keras.Model) -> list[str]:
    """Return the names of a network's layers that are compared: LSTM, hidden ones, outputs."""
    return [TRUNK] + [
        layer.name for layer in network.layers if isinstance(layer, keras.layers.Dense)
    ]


def answers(
    network: keras.Model,
    spec: RunSpec,
    sample: FaceSample,
    inputs: TrackFeatures | np.ndarray,
    layers: Sequence[str] | None = None,
) -> dict[str, np.ndarray]:
    """Return what layers of a network answer to the compared faces.

    Parameters
    ----------
    network : keras.Model
        From features to outputs, or scores.
    spec : RunSpec
        Says how faces are cut into sequences.
    sample : FaceSample
        The faces.
    inputs : TrackFeatures or ndarray (all faces, dimension)
        Their features.
    layers : sequence of str or None
        Names of layers; None takes all that `network_layers` lists.

    Returns
    -------
    dict of str to ndarray of float32 (n, units)
    """
    names = network_layers(network) if layers is None else layers
    model = keras.Model(network.input, {name: network.get_layer(name).output for name in names})
    found = predict_sequences(model, inputs, sample.sequences(spec))
    return {name: found[name][sample.compared] for name in names}


def backbone_layers(
    backbone: Backbone, sample: FaceSample, precision: str = "auto"
) -> dict[str, np.ndarray]:
    """Return what the blocks of a backbone answer, averaged over positions, and its features.

    Parameters
    ----------
    backbone : Backbone
        Any.
    sample : FaceSample
        The faces.
    precision : str
        As of `emolib.models.features.extract_features`.

    Returns
    -------
    dict of str to ndarray of float32 (n, channels)
        ``block 1`` to the last, and ``features`` as a network reads them. The last block is left
        out where the features are its average.
    """
    model = in_precision(backbone.model, resolve_precision(precision))
    blocks = _block_outputs(model)
    if isinstance(model.get_layer(FEATURES), keras.layers.GlobalAveragePooling2D):
        blocks.popitem()
    pooled = {
        name: keras.layers.GlobalAveragePooling2D(dtype="float32")(output)
        for name, output in blocks.items()
    }
    pooled[FEATURES] = keras.layers.Activation("linear", dtype="float32")(model.output)
    model = keras.Model(model.input, pooled)
    pixels, found = sample.pixels(sample.compared), []
    for start in range(0, len(pixels), _BATCH):
        batch = np.zeros((_BATCH, *pixels.shape[1:]), np.float32)  # one shape, compiled once
        faces = pixels[start : start + _BATCH]
        batch[: len(faces)] = faces
        outputs = model.predict_on_batch(batch)
        found.append({name: np.asarray(of)[: len(faces)] for name, of in outputs.items()})
    return {name: np.concatenate([each[name] for each in found]) for name in pooled}


def layer_title(name: str) -> str:
    """Return the name of a layer in print.

    Examples
    --------
    >>> layer_title("trunk"), layer_title("category_hidden1"), layer_title("dimensional")
    ('LSTM', 'category, hidden 1', 'dimensional scores')
    """
    if name == TRUNK:
        return "LSTM"
    if "_hidden" in name:
        return name.replace("_hidden", ", hidden ")
    return name if name == FEATURES or name.startswith("block") else f"{name} scores"


def _block_outputs(model: keras.Model) -> dict[str, keras.KerasTensor]:
    """Return the output of each block: what the first layer of the next one reads."""
    starts: dict[int, keras.Layer] = {}
    for layer in model.layers:
        if layer.name.startswith("block"):
            starts.setdefault(int(layer.name.removeprefix("block").split("_")[0]), layer)
    outputs = {f"block {number - 1}": starts[number].input for number in list(starts)[1:]}
    return outputs | {f"block {max(starts)}": model.get_layer(FEATURES).input}
