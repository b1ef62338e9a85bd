"""The configuration of a build: one YAML file, checked, with the thesis's values as defaults.

A key that is left out takes the value of the thesis where the thesis states one (marked T in the
comments), so a configuration lists only what it changes. An unknown key is an error that names
the file, the line and the nearest known key.
"""

import difflib
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from emolib.errors import InputError
from emolib.labels import EMOTIONS

Kind = Literal["category", "dimensional", "combined"]
KINDS: tuple[Kind, ...] = ("category", "dimensional", "combined")


class Section(BaseModel):
    """A part of the configuration: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SimulatedCorpus(Section):
    """Videos of simulated people, made by `emolib.simulation`."""

    kind: Literal["simulated"] = "simulated"
    n_videos: int = Field(55, ge=3)  # T 4.2
    n_pairs: int = Field(4, ge=0)  # T 4.1: videos that show two people
    duration: float = Field(15.0, ge=4)  # seconds per video
    seed: int = 2018


class FolderCorpus(Section):
    """A folder with ``videos.csv``, ``people.csv``, ``annotations.csv`` and what they name."""

    kind: Literal["folder"]
    path: Path


class Faces(Section):
    """How faces are found and cut out."""

    detector: str = "dlib"  # any menpodetect detector, or ffld2 (T 4.2)
    detect_every: int = Field(1, ge=1)  # detect on every k-th frame, interpolate boxes between
    crop_size: int = Field(72, ge=32)  # pixels, T 4.3


class Matching(Section):
    """How a face finds its labels."""

    max_distance: float = Field(0.1, gt=0)  # seconds to the nearest annotation, at most
    lag: float = 0.0  # seconds by which annotations follow the face; T ignores it


class Split(Section):
    """Shares of the people in each part."""

    train: float = Field(0.6, gt=0, lt=1)
    validation: float = Field(0.2, gt=0, lt=1)
    test: float = Field(0.2, gt=0, lt=1)
    seed: int = 2018

    @model_validator(mode="after")
    def _sums_to_one(self) -> "Split":
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must sum to 1")
        return self


class Features(Section):
    """The frozen convolutional part and how faces are put through it."""

    weights: str = "imagenet"  # T 3.3; or simulated, random, a path
    preprocessing: Literal["native", "thesis"] = "thesis"  # T 4.3: [-1, 1] for every backbone
    pooling: Literal["flatten", "average"] = "flatten"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    batch_size: int = Field(256, ge=1)


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

    @model_validator(mode="after")
    def _lists_nothing_twice(self) -> "Training":
        for name in ("networks", "seeds"):
            if len(set(getattr(self, name))) < len(getattr(self, name)):
                raise ValueError(f"{name} lists something twice")
        return self


class Probe(Section):
    """How many simulated strangers judge the backbone weights (chapter *Backbone*)."""

    people: int = Field(100, ge=10)
    faces_per_person: int = Field(20, ge=7)


class Evaluation(Section):
    """How uncertain a result is said to be."""

    bootstrap_replicates: int = Field(2000, ge=100)
    confidence: float = Field(0.95, gt=0, lt=1)
    seed: int = 2018


class Config(Section):
    """A whole build. `name` is the stem of the file it was read from and of its workspace."""

    name: str
    emotions: tuple[str, ...] = EMOTIONS  # categories that the corpus must contain
    corpus: Annotated[SimulatedCorpus | FolderCorpus, Field(discriminator="kind")]
    faces: Faces = Faces()
    matching: Matching = Matching()
    split: Split = Split()
    features: Features = Features()
    training: Training = Training()
    probe: Probe = Probe()
    evaluation: Evaluation = Evaluation()

    @model_validator(mode="after")
    def _emotions_are_known(self) -> "Config":
        for emotion in self.emotions:
            if emotion not in EMOTIONS:
                raise ValueError(f"emotion {emotion!r} is none of {', '.join(EMOTIONS)}")
        return self

    def override_training(self, values: dict) -> "Config":
        """Return a copy with another ``training`` section, checked as a file's would be."""
        try:
            training = Training(**values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            raise InputError(f"{name}={first['input']!r}: {first['msg']}") from error
        return self.model_copy(update={"training": training})


def load_config(path: str | Path) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path : str or Path
        A YAML file; its stem becomes `Config.name`. A relative corpus path is resolved against
        the folder that holds the file.

    Returns
    -------
    Config

    Raises
    ------
    InputError
        If the file is missing, is not YAML, or holds an unknown key or an impossible value.
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path}: no such configuration file; the shipped ones are in config/")
    try:
        values = yaml.safe_load(path.read_text())
        tree = yaml.compose(path.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a YAML file: {' '.join(str(error).split())}") from error
    if not isinstance(values, dict):
        raise InputError(f"{path}: expected a mapping with the key 'corpus', found {values!r}")
    try:
        config = Config(name=path.stem, **values)
    except ValidationError as error:
        raise InputError(_explain(path, tree, error)) from error
    except TypeError as error:
        raise InputError(f"{path}: 'name' is taken from the file name; remove the key") from error
    if isinstance(config.corpus, FolderCorpus):
        corpus = config.corpus.model_copy(update={"path": path.parent / config.corpus.path})
        config = config.model_copy(update={"corpus": corpus})
    return config


def _explain(path: Path, tree: yaml.Node, error: ValidationError) -> str:
    """Turn the first of pydantic's errors into one sentence with file and line."""
    first = error.errors()[0]
    # pydantic puts the discriminator value of `corpus` into the location; it is no key.
    keys = [key for key in first["loc"] if key not in ("simulated", "folder")]
    name = ".".join(map(str, keys)) or "the file"
    line = _line(tree, keys)
    if first["type"] == "extra_forbidden":
        known = _fields(first["loc"][:-1])
        near = difflib.get_close_matches(str(keys[-1]), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
        return f"{path}:{line}: unknown key '{name}'; {hint}"
    return f"{path}:{line}: {name}: {first['msg']}, found {first['input']!r}"


def _fields(location: tuple) -> list[str]:
    model = Config
    for key in location:
        if key in ("simulated", "folder"):
            model = SimulatedCorpus if key == "simulated" else FolderCorpus
        elif key != "corpus" and key in model.model_fields:
            model = model.model_fields[key].annotation
    return [field for field in model.model_fields if field != "name"]


def _line(node: yaml.Node, keys: list) -> int:
    """Return the line (from 1) of the deepest of the nested `keys` that the file holds."""
    line = node.start_mark.line + 1
    for key in keys:
        if not isinstance(node, yaml.MappingNode):
            break
        for name, value in node.value:
            if name.value == str(key):
                line, node = name.start_mark.line + 1, value
                break
        else:
            break
    return line
