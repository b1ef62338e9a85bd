"""The configuration of a build: one YAML file, checked, with the thesis's values as defaults.

A key that is left out takes the value of the thesis where the thesis states one (marked T in the
comments), so a configuration lists only what it changes. An unknown key is an error that names
the file, the line and the nearest known key.
"""

import difflib
import re
from pathlib import Path
from typing import get_args

import yaml
from pydantic import ValidationError, model_validator

from emolib.config.ablations import SECTIONS, Ablation, Mistake, check_ablation
from emolib.config.corpora import CORPORA, Corpus
from emolib.config.evaluation import Evaluation, Probe
from emolib.config.faces import Faces
from emolib.config.interpretation import Interpretation
from emolib.config.samples import Matching, Raters, Split
from emolib.config.search import Numbers, Search, Space, check_search
from emolib.config.section import Section
from emolib.config.training import KINDS, Features, Kind, LossWeights, PerKind, Training
from emolib.errors import InputError
from emolib.labels import EMOTIONS

__all__ = [
    "KINDS",
    "Ablation",
    "Config",
    "Evaluation",
    "Faces",
    "Features",
    "Interpretation",
    "Kind",
    "LossWeights",
    "Matching",
    "Numbers",
    "PerKind",
    "Probe",
    "Raters",
    "Search",
    "Section",
    "Space",
    "Split",
    "Training",
    "load_config",
]


class Config(Section):
    """A whole build. `name` is the stem of the file it was read from and of its workspace."""

    name: str
    emotions: tuple[str, ...] = EMOTIONS  # categories that the corpus must contain
    corpus: Corpus
    faces: Faces = Faces()
    raters: Raters = Raters()
    matching: Matching = Matching()
    split: Split = Split()
    features: Features = Features()
    training: Training = Training()
    probe: Probe = Probe()
    evaluation: Evaluation = Evaluation()
    interpretation: Interpretation = Interpretation()
    ablations: dict[str, Ablation] = {}
    search: Search = Search()

    @model_validator(mode="after")
    def _emotions_are_known(self) -> "Config":
        for emotion in self.emotions:
            if emotion not in EMOTIONS:
                raise ValueError(f"emotion {emotion!r} is none of {', '.join(EMOTIONS)}")
        return self

    @model_validator(mode="after")
    def _ablations_can_name_folders(self) -> "Config":
        for name in self.ablations:
            if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name):
                raise ValueError(
                    f"ablation {name!r} names a folder: use small letters, digits and hyphens"
                )
        return self

    def ablated(self, name: str) -> "Config":
        """Return the configuration of an ablation, which has no ablations of its own.

        Raises
        ------
        InputError
            If there is none of that name, or overrides of the build make it impossible.
        """
        if name not in self.ablations:
            known = ", ".join(self.ablations) or "none"
            raise InputError(f"unknown ablation {name!r}; {self.name} has: {known}")
        try:
            check_ablation(name, self.ablations[name], dict(self))
        except Mistake as mistake:
            place = ".".join(map(str, mistake.details["loc"]))
            raise InputError(f"{place}: {mistake}") from mistake
        changed = self.ablations[name].ablated(dict(self))
        return self.model_copy(update=changed | {"ablations": {}})

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
        A YAML file; its stem becomes `Config.name`. Paths of the corpus may begin with ``~`` or
        hold ``$VARIABLES``; relative ones start at the folder that holds the file.

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
        for name, ablation in config.ablations.items():
            check_ablation(name, ablation, dict(config))
        check_search(dict(config))
    except ValidationError as error:
        raise InputError(_explain(path, tree, error.errors()[0])) from error
    except Mistake as mistake:
        raise InputError(_explain(path, tree, mistake.details)) from mistake
    except TypeError as error:
        raise InputError(f"{path}: 'name' is taken from the file name; remove the key") from error
    folder = path.parent
    return config.model_copy(
        update={"corpus": config.corpus.resolved(folder), "faces": config.faces.resolved(folder)}
    )


def _explain(path: Path, tree: yaml.Node, first: dict) -> str:
    """Turn the first of pydantic's errors into one sentence with file and line."""
    # pydantic puts the discriminator value of `corpus` into the location; it is no key.
    is_corpus = first["loc"][:1] == ("corpus",)
    keys = [key for key in first["loc"] if not (is_corpus and key in CORPORA)]
    name = ".".join(map(str, keys)) or "the file"
    line = _line(tree, keys)
    if first["type"] == "extra_forbidden":
        known = _fields(first["loc"][:-1])
        near = difflib.get_close_matches(str(keys[-1]), known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
        return f"{path}:{line}: unknown key '{name}'; {hint}"
    is_value = first["type"] != "ablation" or first["input"] is not None
    found = f", found {first['input']!r}" if is_value else ""
    return f"{path}:{line}: {name}: {first['msg']}{found}"


def _fields(location: tuple) -> list[str]:
    if location[:1] == ("ablations",) and location[2:3] and location[2] in SECTIONS:
        location = location[2:]  # an ablation overrides the sections of the file
    model = Config
    for key in location:
        if location[0] == "corpus" and key in CORPORA:
            model = CORPORA[key]
        elif key != "corpus" and key in model.model_fields:
            annotation = model.model_fields[key].annotation
            model = next(filter(_is_section, (annotation, *get_args(annotation))), model)
    return [field for field in model.model_fields if field != "name"]


def _is_section(annotation: object) -> bool:
    """Return whether it is a section, as of `Boxes | None` or of `dict[str, Ablation]` a part."""
    return isinstance(annotation, type) and issubclass(annotation, Section)


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
