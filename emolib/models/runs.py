"""The runs that a configuration asks for: one network, one seed, and all that determines it.

Listing runs needs no Keras, so the workflow and the command line can do it at once.
"""

from emolib.config import Config, Features, Kind, LossWeights, Section
from emolib.models.networks import network_spec
from emolib.storage import value_hash


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
    features : Features
        How the faces were turned into vectors.
    crop_size : int
        Side of the faces in pixels.
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
    features: Features
    crop_size: int = 72

    @property
    def kind(self) -> Kind:
        """Kind of network: category, dimensional or combined."""
        return network_spec(self.network).kind

    @property
    def backbone(self) -> str:
        """Name of the backbone whose features it reads."""
        return network_spec(self.network).backbone

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
    specs = []
    for network in training.networks:
        kind = network_spec(network).kind
        specs += [
            RunSpec(
                network=network,
                seed=seed,
                epochs=training.epochs,
                sequence_length=training.sequence_length,
                max_gap=training.max_gap,
                batch_size=training.batch_size,
                dropout=training.dropout,
                learning_rate=getattr(training.learning_rate, kind),
                decay=getattr(training.decay, kind),
                loss_weights=training.loss_weights if kind == "combined" else LossWeights(),
                features=config.features,
                crop_size=config.faces.crop_size,
            )
            for seed in training.seeds
        ]
    return specs
