"""A trained run taken apart for inspection: its frozen backbone, its network, what lies between.

A network's answers end in a softmax, whose gradient vanishes where it is sure of itself. What
explains a network therefore looks at its *scores*: the category output before the softmax, and
valence and arousal as they are.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import keras
import numpy as np

from emolib.errors import InputError
from emolib.models.backbones import Backbone, load_backbone
from emolib.models.end_to_end import assemble
from emolib.models.features import extract_features
from emolib.models.runs import RunSpec
from emolib.models.training import Run, load_run
from emolib.storage import read_json


@dataclass(frozen=True)
class InspectedRun:
    """A trained run, opened.

    Attributes
    ----------
    spec : RunSpec
        What was trained.
    network : keras.Model
        From ``features`` (batch, time, dimension) to ``category`` (batch, time, 7), which sums to
        1, and ``dimensional`` (batch, time, 2), or the one that the network has, by name.
    backbone : Backbone
        From float32 faces (n, size, size, 3), raw RGB in [0, 255], to their features.
    """

    spec: RunSpec
    network: keras.Model
    backbone: Backbone

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs: ``category``, ``dimensional`` or both."""
        return tuple(self.network.output)

    def features(self, crops: np.ndarray) -> np.ndarray:
        """Return the features of faces.

        Parameters
        ----------
        crops : ndarray of uint8 (n, size, size, 3)

        Returns
        -------
        ndarray of float16 (n, dimension)
        """
        return extract_features(crops, self.backbone, precision=self.spec.features.precision)

    @cached_property
    def scores(self) -> keras.Model:
        """The network with its category output before the softmax; all else is the same."""

        def copy(layer: keras.Operation) -> keras.Operation:
            config = layer.get_config()
            if layer.name == "category":
                config["activation"] = "linear"
            return layer.__class__.from_config(config)

        twin = keras.models.clone_model(self.network, clone_function=copy)
        twin.set_weights(self.network.get_weights())
        twin.trainable = False
        return twin

    @cached_property
    def pixel_scores(self) -> keras.Model:
        """The backbone and the scores as one model.

        From ``pixels``, float32 (batch, time, size, size, 3), raw RGB in [0, 255], time being that
        of training, to the scores by output. It can be differentiated by its input.
        """
        return assemble(self.backbone, self.scores)

    @cached_property
    def trunk(self) -> keras.Model:
        """The network up to the LSTM: from features to states (batch, time, 128)."""
        return keras.Model(self.network.input, self.network.get_layer("trunk").output)


def inspect_run(run_folder: str | Path) -> InspectedRun:
    """Open a trained run.

    Raises
    ------
    InputError
        If the folder holds no finished run, one of another version of the package, or one whose
        backbone weights are others now.
    """
    run = load_run(run_folder)
    backbone = load_backbone_of(run, run_folder)
    if not run.spec.end_to_end:
        return InspectedRun(run.spec, run.model, backbone)
    convolutions, network = (x for x in run.model.layers if isinstance(x, keras.Model))
    return InspectedRun(run.spec, network, replace(backbone, model=convolutions))


def load_backbone_of(run: Run, run_folder: str | Path) -> Backbone:
    """Load the backbone that a run was trained on.

    Raises
    ------
    InputError
        If its weights are others now, such as a file that was replaced since.
    """
    backbone = load_backbone(
        run.spec.backbone,
        weights=run.spec.features.weights,
        preprocessing=run.spec.features.preprocessing,
        pooling=run.spec.features.pooling,
        input_size=run.spec.crop_size,
    )
    trained_on = read_json(Path(run_folder) / "backbone.json")["key"]
    if backbone.key != trained_on:
        raise InputError(
            f"{run_folder}: was trained on the features of {trained_on}, but these weights are "
            f"{backbone.key} now; train the run again"
        )
    return backbone
