"""Ablations: networks of a build trained once more, with something done in another way.

An ablation overrides settings of three sections and shares everything else with its build, so it
costs what differs and no more.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from emolib.config.section import Section
from emolib.config.training import Training

SECTIONS = ("matching", "features", "training")
"""The sections that an ablation may override."""

DEFAULT_NETWORKS: tuple[str, ...] = Training.model_fields["networks"].default

_BESIDE = ("networks", "seeds")  # which runs, not how


class Ablation(Section):
    """What is done in another way; a setting that is left out is the build's own."""

    title: str = Field(min_length=1, max_length=30)  # as charts name it
    networks: tuple[str, ...] | None = Field(None, min_length=1)  # of the build; None: see ablated
    seeds: tuple[int, ...] | None = Field(None, min_length=1)  # of the build; None: all of them
    matching: dict[str, Any] = {}
    features: dict[str, Any] = {}
    training: dict[str, Any] = {}

    def settings(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        """Yield the place of each setting that is overridden, such as (training, faces)."""
        for section in SECTIONS:
            yield from _leaves((section,), getattr(self, section))

    def changes_only(self, *setting: str) -> bool:
        """Return whether a setting, such as training, faces, is the only one overridden."""
        return [place for place, _ in self.settings()] == [setting]

    def ablated(self, sections: Mapping[str, Section]) -> dict[str, Section]:
        """Return the sections of a build with the overrides of this ablation.

        Trained are the networks and seeds that the ablation names. Without any: those of the
        thesis's default that the build trains, and all seeds of the build.

        Raises
        ------
        pydantic.ValidationError
            If an overridden section cannot be.
        """
        changed = {
            name: type(sections[name])(**_merged(sections[name].model_dump(), getattr(self, name)))
            for name in SECTIONS
        }
        training = sections["training"]
        usual = tuple(name for name in DEFAULT_NETWORKS if name in training.networks)
        runs = {"networks": self.networks or usual, "seeds": self.seeds or training.seeds}
        return changed | {"training": changed["training"].model_copy(update=runs)}


class Mistake(ValueError):
    """A setting of an ablation that cannot be, in the form of pydantic's error details."""

    def __init__(self, details: dict[str, Any]):
        super().__init__(details["msg"])
        self.details = details


def check_ablation(name: str, ablation: Ablation, sections: Mapping[str, Section]) -> None:
    """Refuse an ablation that cannot be, changes nothing, or has nothing to be compared with.

    Raises
    ------
    Mistake
        With the place in the file of the first mistake.
    """
    place = ("ablations", name)
    for setting in _BESIDE:
        if setting in ablation.training:
            _refuse((*place, "training", setting), "stands beside 'training', not under it", None)
    for section in SECTIONS:
        only = {other: {} for other in SECTIONS if other != section}
        try:
            ablation.model_copy(update=only).ablated(sections)
        except ValidationError as error:
            first = error.errors()[0]
            raise Mistake(first | {"loc": (*place, section, *first["loc"])}) from error
    after = ablation.ablated(sections)
    for setting, value in ablation.settings():
        if _value(sections, setting) == _value(after, setting):
            _refuse((*place, *setting), "is so in this build already and changes nothing", value)
    if not list(ablation.settings()):
        _refuse(place, f"changes nothing; override a setting of {', '.join(SECTIONS)}", None)
    for setting in _BESIDE:
        there = getattr(sections["training"], setting)
        for value in getattr(after["training"], setting):
            if value not in there:
                reason = "the build trains none to compare with; training.{} holds {}"
                known = ", ".join(map(str, there))
                _refuse((*place, setting), reason.format(setting, known), value)
    if not after["training"].networks:
        reason = "name some of training.networks; the build trains none of the default ones"
        _refuse((*place, "networks"), reason, None)


def _refuse(place: tuple[str, ...], reason: str, value: Any) -> None:
    raise Mistake({"type": "ablation", "loc": place, "msg": reason, "input": value})


def _merged(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested values with some of them changed."""
    nested = {
        name: _merged(values[name], change)
        for name, change in changes.items()
        if isinstance(change, Mapping) and isinstance(values.get(name), Mapping)
    }
    return {**values, **changes, **nested}


def _leaves(place: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[tuple]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _leaves((*place, name), value)
        else:
            yield (*place, name), value


def _value(sections: Mapping[str, Section], place: tuple[str, ...]) -> Any:
    value: Any = sections
    for name in place:
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name)
    return value.model_dump() if isinstance(value, BaseModel) else value
