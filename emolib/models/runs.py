"""The runs that a configuration asks for: one network, one seed, and all that determines it.

Listing runs needs no Keras, so the workflow and the command line can do it at once.
"""

from dataclasses import replace
from pathlib import Path

from emolib import __version__
from emolib.config import Config, Features, Kind, LossWeights, Section, Training
from emolib.errors import InputError
from emolib.models.networks import NetworkSpec, network_spec
from emolib.storage import read_json, value_hash


class RunSpec(Section):
    """Everything that determines a training, apart from the samples.

    Attributes
    ----------
    network : str
        Key of `emolib.models.networks.NETWORKS`.
    seed : int
        Of initial weights, dropout and the order of the sequences.
    epochs : int
        Passes over the training sequences.
    sequence_length : int
        Frames in a sequence.
    max_gap : float
        Seconds; a longer hole ends a sequence.
    batch_size : int
        Sequences in a batch.
    dropout : float
        Share of units dropped.
    learning_rate, decay : float
        The rate at update k is ``learning_rate / (1 + decay k)``.
    loss_weights : LossWeights
        Of the two losses of a combined network; a single loss has weight 1.
    loss_weighting : str
        ``fixed``; or ``learned``, when those weights are where the network starts from.
    head_units : int or None
        Units of the hidden fully connected layers; None for those of the thesis.
    features : Features
        How the faces were turned into vectors.
    crop_size : int
        Side of the faces in pixels.
    ccc : str
        Frames over which the CCC loss is computed, of a ``batch`` or of each ``sequence``.
    faces : str
        Trained on and predicted: faces with ``both`` kinds of label, or with ``any`` that an
        output of the network can use.
    early_stopping : int or None
        Epochs without a better one after which training ends.
    precision : str
        Keras's dtype policy of the network, ``float32`` or ``mixed_bfloat16``, or ``auto`` for
        whichever suits the machine.
    end_to_end : bool
        Whether the backbone is in the loop, instead of cached features.
    unfreeze : int
        How many of its last convolutional layers train too.
    """

    network: str
    seed: int
    epochs: int
    sequence_length: int
    max_gap: float
    batch_size: int
    dropout: float
    learning_rate: float
    decay: float
    loss_weights: LossWeights
    loss_weighting: str
    head_units: int | None
    features: Features
    crop_size: int
    ccc: str
    faces: str
    early_stopping: int | None
    precision: str
    end_to_end: bool
    unfreeze: int

    @property
    def kind(self) -> Kind:
        """Kind of network: category, dimensional or combined."""
        return network_spec(self.network).kind

    @property
    def backbone(self) -> str:
        """Name of the backbone whose features it reads."""
        return network_spec(self.network).backbone

    @property
    def architecture(self) -> NetworkSpec:
        """The network to build, with hidden layers as wide as asked for."""
        spec = network_spec(self.network)
        return replace(spec, hidden=tuple(self.head_units or units for units in spec.hidden))

    @property
    def name(self) -> str:
        """``<network>-seed<seed>-<hash>``; equal names mean equal specifications."""
        return f"{self.network}-seed{self.seed}-{value_hash(self, 8)}"


def run_specs(config: Config) -> list[RunSpec]:
    """Return the runs of a configuration: for each network in its order, each seed.

    Raises
    ------
    InputError
        If the configuration names an unknown network.
    """
    training = config.training
    by_kind = {"learning_rate", "decay", "loss_weights", "loss_weighting", "head_units", "ccc"}
    shared = {name: getattr(training, name) for name in _common_settings() - by_kind}
    specs = []
    for network in training.networks:
        kind, backbone = network_spec(network).kind, network_spec(network).backbone
        specs += [
            RunSpec(
                network=network,
                seed=seed,
                learning_rate=getattr(training.learning_rate, kind),
                decay=getattr(training.decay, kind),
                # What a kind has no use for must not name its runs anew when it changes.
                loss_weights=training.loss_weights if kind == "combined" else LossWeights(),
                loss_weighting=training.loss_weighting if kind == "combined" else "fixed",
                head_units=training.head_units if network_spec(network).hidden else None,
                ccc=training.ccc if kind != "category" else "batch",
                features=config.features.of(backbone),
                crop_size=config.faces.crop_size,
                **shared,
            )
            for seed in training.seeds
        ]
    return specs


def read_spec(run_folder: str | Path) -> RunSpec:
    """Return the specification of a trained run.

    Raises
    ------
    InputError
        If the folder holds no finished run, or one of another version of the package.
    """
    folder = Path(run_folder)
    if not (folder / "metrics.json").is_file():
        raise InputError(f"{folder}: no finished run; `emolib runs` lists those of a configuration")
    made_by = read_json(folder / "environment.json").get("emolib", "an unknown version")
    values = read_json(folder / "spec.json")
    if made_by != __version__ or values.keys() != RunSpec.model_fields.keys():
        raise InputError(
            f"{folder}: was trained by emolib {made_by}, whose runs this version ({__version__}) "
            "cannot read; train it again, or install that version"
        )
    return RunSpec(**values)


def _common_settings() -> set[str]:
    return RunSpec.model_fields.keys() & Training.model_fields.keys()
