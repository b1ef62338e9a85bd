"""The eighteen networks of the thesis: LSTM and fully connected heads on a backbone's features.

A network maps a sequence of feature vectors to a prediction for every frame: an LSTM of 128 units
(the trunk), dropout, and one or two heads. ``category`` ends in seven probabilities,
``dimensional`` in valence and arousal. Networks of the combined kind have both heads on one trunk.

Every layer looks at the past only, and padding stands at the end of a sequence. What a padded
frame contains can therefore not reach a valid one, and the network needs no mask; the losses do.

References
----------
Thesis 3.3.3 and 4.4, tables 4.1 to 4.3. The activation of the hidden fully connected layers is
not stated there; rectifiers are our choice.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emolib.config import Kind
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, EMOTIONS

if TYPE_CHECKING:  # at run time only `build_network` needs Keras, whose import takes seconds
    import keras

TRUNK_UNITS = 128
"""Units of the LSTM (thesis 4.4.1)."""

_DISPLAY = {"vgg16": "VGG16", "vgg19": "VGG19", "xception": "Xception"}


@dataclass(frozen=True)
class NetworkSpec:
    """One network.

    Attributes
    ----------
    backbone : str
        Key of `emolib.models.backbones.ARCHITECTURES`.
    kind : str
        ``category``, ``dimensional`` or ``combined``.
    hidden : tuple of int
        Units of the hidden fully connected layers of each head.
    """

    backbone: str
    kind: Kind
    hidden: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """``<backbone>-<kind>-<n>fc``."""
        return f"{self.backbone}-{self.kind}-{len(self.hidden) + 1}fc"

    @property
    def display(self) -> str:
        """The name in the thesis's tables, such as ``VGG16+LSTM+1FC``."""
        return f"{_DISPLAY[self.backbone]}+LSTM+{len(self.hidden) + 1}FC"

    @property
    def heads(self) -> dict[str, int]:
        """Units of each output, by name."""
        units = {"category": len(EMOTIONS), "dimensional": len(DIMENSIONS)}
        return units if self.kind == "combined" else {self.kind: units[self.kind]}


_SPECS = (
    NetworkSpec("vgg16", "category"),
    NetworkSpec("vgg16", "category", (64,)),
    NetworkSpec("vgg19", "category"),
    NetworkSpec("vgg19", "category", (128,)),
    NetworkSpec("xception", "category"),
    NetworkSpec("xception", "category", (128,)),
    NetworkSpec("vgg16", "dimensional"),
    NetworkSpec("vgg16", "dimensional", (64,)),
    NetworkSpec("vgg19", "dimensional"),
    NetworkSpec("vgg19", "dimensional", (128,)),
    NetworkSpec("xception", "dimensional"),
    NetworkSpec("xception", "dimensional", (128,)),
    NetworkSpec("vgg16", "combined"),
    NetworkSpec("vgg16", "combined", (128, 128)),
    NetworkSpec("vgg19", "combined"),
    NetworkSpec("vgg19", "combined", (128,)),
    NetworkSpec("xception", "combined", (128,)),
    NetworkSpec("xception", "combined", (128, 128)),
)

NETWORKS: dict[str, NetworkSpec] = {spec.name: spec for spec in _SPECS}
"""The networks by name, in the order of the thesis's tables."""


def network_spec(name: str) -> NetworkSpec:
    """Return a network by name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in NETWORKS:
        raise InputError(f"unknown network {name!r}; known are {', '.join(NETWORKS)}")
    return NETWORKS[name]


def build_network(
    spec: NetworkSpec,
    sequence_length: int | None,
    feature_dimension: int,
    dropout: float,
    precision: str = "float32",
) -> "keras.Model":
    """Return a freshly initialised network.

    Parameters
    ----------
    spec : NetworkSpec
        Which one.
    sequence_length : int or None
        Frames in a sequence; None accepts any.
    feature_dimension : int
        Length of a feature vector.
    dropout : float
        Share of units dropped after the trunk and after each hidden layer, in [0, 1).
    precision : str
        Keras's dtype policy, ``float32`` or ``mixed_bfloat16``. Outputs are float32 with either.

    Returns
    -------
    keras.Model
        From ``features`` (batch, time, feature_dimension) to a dictionary of ``category``
        (batch, time, 7), which sums to 1 over the last axis, and ``dimensional`` (batch, time, 2);
        one of them alone if the kind is not combined.
    """
    import keras

    features = keras.Input((sequence_length, feature_dimension), name="features")
    trunk = _trunk(features, dropout, precision)
    outputs = {
        output: _head(trunk, output, units, spec.hidden, dropout, precision)
        for output, units in spec.heads.items()
    }
    return keras.Model(features, outputs, name=spec.name.replace("-", "_"))


def _trunk(features: "keras.KerasTensor", dropout: float, precision: str) -> "keras.KerasTensor":
    from keras import layers

    from emolib.models.lstm import LSTM

    states = LSTM(TRUNK_UNITS, name="trunk", dtype=precision)(features)
    return layers.Dropout(dropout, name="trunk_dropout", dtype=precision)(
        states
    )  # batch, time, 128


def _head(
    trunk: "keras.KerasTensor",
    output: str,
    units: int,
    hidden: tuple[int, ...],
    dropout: float,
    precision: str,
) -> "keras.KerasTensor":
    from keras import layers

    for number, width in enumerate(hidden, 1):
        dense = layers.Dense(width, "relu", name=f"{output}_hidden{number}", dtype=precision)
        drop = layers.Dropout(dropout, name=f"{output}_dropout{number}", dtype=precision)
        trunk = drop(dense(trunk))
    activation = "softmax" if output == "category" else "linear"
    return layers.Dense(units, activation, name=output, dtype="float32")(
        trunk
    )  # batch, time, units
