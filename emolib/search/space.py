"""Settings that are searched: what a trial takes from the space, and what it means for a training.

A *setting* is a plain dictionary, such as ``{"sequence_length": 60, "learning_rate": 1e-5, ...}``,
of the names of `emolib.config.Space`, as far as a network has a use for them: one without hidden
layers has no ``head_units``, one with a single output nothing to weigh.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from emolib.config import Config, Kind, LossWeights, Numbers, Space, Training
from emolib.models.networks import network_spec
from emolib.models.runs import RunSpec, run_specs

if TYPE_CHECKING:  # at run time only a search itself needs Optuna, whose import takes a second
    import optuna

Setting = dict[str, int | float | str]

PER_KIND = ("learning_rate", "decay")
"""Those that a configuration holds for each kind of network."""


def setting_names(network: str) -> tuple[str, ...]:
    """Return the names of the settings that a network has a use for.

    Examples
    --------
    >>> setting_names("vgg16-category-1fc")
    ('sequence_length', 'batch_size', 'learning_rate', 'decay', 'dropout')
    >>> setting_names("vgg16-combined-3fc")[5:]
    ('head_units', 'category_weight', 'loss_weighting')
    """
    spec = network_spec(network)
    unused = set() if spec.hidden else {"head_units"}
    unused |= set() if spec.kind == "combined" else {"category_weight", "loss_weighting"}
    return tuple(name for name in Space.model_fields if name not in unused)


def setting_of(training: Training, network: str) -> Setting:
    """Return the setting with which a configuration trains a network.

    The weights of two losses are told by their ratio, ``category_weight`` beside 1.
    """
    spec, weights = network_spec(network), training.loss_weights
    values = training.model_dump() | {
        name: getattr(getattr(training, name), spec.kind) for name in PER_KIND
    }
    values["head_units"] = training.head_units or next(iter(spec.hidden), None)
    values["category_weight"] = weights.category / weights.dimensional
    return {name: values[name] for name in setting_names(network)}


def references(training: Training, network: str) -> dict[str, Setting]:
    """Return the settings that a search has to beat, by whose they are.

    Those of the build, and those of the thesis where they are others.
    """
    found = {"this build": setting_of(training, network)}
    thesis = setting_of(Training(), network)
    return found if thesis == found["this build"] else found | {"the thesis": thesis}


def suggest(
    trial: "optuna.trial.BaseTrial", space: Space, network: str, given: Mapping[str, Any]
) -> Setting:
    """Return the setting of a trial.

    Parameters
    ----------
    trial : optuna.trial.BaseTrial
        Asked for what the space leaves open.
    space : Space
        What may be tried.
    network : str
        The network.
    given : mapping
        What the trial has to try; of these, values outside the space are set and not asked for.
        Empty for a trial that is free.
    """
    setting: Setting = {}
    for name in setting_names(network):
        domain = getattr(space, name)
        if name in given and not _holds(domain, given[name]):
            setting[name] = given[name]
        elif isinstance(domain, Numbers) and not domain.choices:
            value = trial.suggest_float(name, domain.low, domain.high, log=domain.log)
            setting[name] = float(f"{value:.3g}")  # more digits would only look like knowledge
        else:
            choices = domain.choices if isinstance(domain, Numbers) else domain
            several = len(choices) > 1
            setting[name] = trial.suggest_categorical(name, choices) if several else choices[0]
    return setting


def in_space(space: Space, setting: Mapping[str, Any]) -> Setting:
    """Return that part of a setting that the space leaves open and holds."""
    return {
        name: value
        for name, value in setting.items()
        if _holds(getattr(space, name), value) and _is_open(getattr(space, name))
    }


def training_with(training: Training, network: str, setting: Mapping[str, Any]) -> Training:
    """Return a ``training`` section that trains one network with a setting."""
    values = training.model_dump() | {"networks": (network,)}
    return Training(**(values | _section(training, network_spec(network).kind, setting)))


def spec_with(config: Config, network: str, setting: Mapping[str, Any]) -> RunSpec:
    """Return the run, of the first seed, of a network with a setting."""
    training = training_with(config.training, network, setting)
    return run_specs(config.model_copy(update={"training": training}))[0]


def as_yaml(training: Training, network: str, setting: Mapping[str, Any], remark: str) -> str:
    """Return a setting as text to be pasted into a configuration, below remarks."""
    section = _section(training, network_spec(network).kind, setting)
    lines = [f"# {line}" for line in remark.splitlines()]
    return "\n".join([*lines, yaml.safe_dump({"training": section}, sort_keys=False)])


def _section(training: Training, kind: Kind, setting: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of ``training`` that a setting decides, as a file would hold them."""
    section = dict(setting)
    for name in section.keys() & set(PER_KIND):
        section[name] = getattr(training, name).model_dump() | {kind: setting[name]}
    if "category_weight" in section:
        weight = section.pop("category_weight")
        section["loss_weights"] = LossWeights(category=weight, dimensional=1.0).model_dump()
    return section


def _holds(domain: Numbers | tuple, value: Any) -> bool:
    if not isinstance(domain, Numbers):
        return value in domain
    return value in domain.choices if domain.choices else domain.low <= value <= domain.high


def _is_open(domain: Numbers | tuple) -> bool:
    choices = domain.choices if isinstance(domain, Numbers) else domain
    return len(choices) != 1
