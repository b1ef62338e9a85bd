"""What is trained, on which features, with which hyperparameters."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from emolib.config.section import Section

Kind = Literal["category", "dimensional", "combined"]
KINDS: tuple[Kind, ...] = ("category", "dimensional", "combined")
Pooling = Literal["flatten", "average"]


class Features(Section):
    """The frozen convolutional part and how faces are put through it."""

    weights: str = "imagenet"  # T 3.3; or simulated, random, a path
    # T 4.3: [-1, 1] for every backbone; bgr_mean: the other scaling for every backbone
    preprocessing: Literal["native", "thesis", "bgr_mean"] = "thesis"
    pooling: Pooling = "flatten"
    pooling_of: dict[Literal["vgg16", "vgg19", "xception"], Pooling] = {}  # where one differs
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    batch_size: int = Field(256, ge=1)

    def of(self, backbone: str) -> "Features":
        """Return the settings of one backbone."""
        pooling = self.pooling_of.get(backbone, self.pooling)
        return self.model_copy(update={"pooling": pooling, "pooling_of": {}})


class PerKind(Section):
    """One value for each kind of network."""

    category: float
    dimensional: float
    combined: float


class LossWeights(Section):
    """Weights of the two losses of the combined network."""

    category: float = 0.33  # T 4.5
    dimensional: float = 1.0  # T 4.5


class Training(Section):
    """What is trained, and with which hyperparameters."""

    networks: tuple[str, ...] = Field(
        ("vgg16-category-1fc", "vgg16-dimensional-1fc", "vgg16-combined-1fc"), min_length=1
    )
    seeds: tuple[Annotated[int, Field(ge=0)], ...] = Field((1, 2, 3, 4, 5), min_length=1)
    epochs: int = Field(100, ge=1)
    sequence_length: int = Field(60, ge=1)  # frames, T 4.5
    max_gap: float = Field(1.0, gt=0)  # seconds; a longer hole ends a sequence
    batch_size: int = Field(2, ge=1)  # sequences, T 4.5
    dropout: float = Field(0.5, ge=0, lt=1)  # T 4.5
    learning_rate: PerKind = PerKind(category=1e-5, dimensional=1e-4, combined=1e-5)  # T 4.5
    decay: PerKind = PerKind(category=1e-4, dimensional=1e-4, combined=1e-5)  # T 4.5, per update
    loss_weights: LossWeights = LossWeights()
    # learned: from loss_weights on, the combined network weighs its losses itself
    loss_weighting: Literal["fixed", "learned"] = "fixed"
    head_units: int | None = Field(None, ge=1)  # of hidden layers; None: T's 64 or 128
    ccc: Literal["batch", "sequence"] = "batch"  # frames over which the CCC loss is computed
    faces: Literal["both", "any"] = "both"  # T 4.2: those with both kinds of label; or any of them
    early_stopping: int | None = Field(None, ge=1)  # epochs without a better one; None: never stop
    # auto: mixed_bfloat16 where the processor has units for it, which takes two thirds of the time
    precision: Literal["float32", "mixed_bfloat16", "auto"] = "float32"
    end_to_end: bool = False  # with the backbone in the loop, T 4.4, instead of cached features
    unfreeze: int = Field(0, ge=0)  # last convolutional layers that train too; T none
    features_in_memory: float = Field(1.0, ge=0)  # GiB; more is read from disk
    # mirrored: each run on several GPUs at once, a part of every batch on each; the result stays
    strategy: Literal["single", "mirrored"] = "single"
    checkpoint_every: int = Field(5, ge=1)  # epochs; a killed run goes on from there
    tensorboard: bool = False  # also write the losses for TensorBoard

    @property
    def replicas(self) -> int:
        """GPUs that a run can use at once: one, or mirrored as many as a batch has sequences."""
        return self.batch_size if self.strategy == "mirrored" else 1

    @model_validator(mode="after")
    def _has_a_sequence_for_each_of_several_devices(self) -> "Training":
        if self.strategy == "mirrored" and self.batch_size == 1:
            raise ValueError("strategy: mirrored needs a batch_size of 2 or more, to share it out")
        return self

    @model_validator(mode="after")
    def _unfreezes_what_is_in_the_loop(self) -> "Training":
        if self.unfreeze and not self.end_to_end:
            raise ValueError("unfreeze needs end_to_end: true, since cached features do not train")
        return self

    @model_validator(mode="after")
    def _lists_nothing_twice(self) -> "Training":
        for name in ("networks", "seeds"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} lists something twice")
        return self
