"""What a search for hyperparameters tries: by default what the thesis tried (section 4.5)."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from emolib.config.ablations import Mistake
from emolib.config.section import Section
from emolib.config.training import Training


class Numbers(Section):
    """Numbers to try: a list of them, or all from one to another."""

    choices: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False  # as many between 0.1 and 1 as between 1 and 10

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_list(cls, values: Any) -> Any:
        if isinstance(values, int | float):
            values = [values]
        return {"choices": values} if isinstance(values, list | tuple) else values

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> "Numbers":
        limits = (self.low, self.high)
        if self.choices:
            if limits != (None, None) or self.log:
                raise ValueError("give a list of numbers, or low and high")
        elif None in limits:
            raise ValueError("give a list of numbers, or both low and high")
        elif self.low >= self.high:
            raise ValueError("low must be less than high")
        elif self.log and self.low <= 0:
            raise ValueError("a logarithmic range starts above 0")
        return self

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest number."""
        values = self.choices or (self.low, self.high)
        return min(values), max(values)


class Space(Section):
    """What is tried of each setting. A single value is not searched but set."""

    sequence_length: tuple[int, ...] = Field((60, 80), min_length=1)  # frames, T 4.5
    batch_size: tuple[int, ...] = Field((1, 2, 3, 4), min_length=1)  # sequences, T 4.5
    learning_rate: Numbers = Numbers(low=1e-6, high=1e-1, log=True)  # T 4.5
    decay: Numbers = Numbers(low=1e-6, high=1e-2, log=True)  # T 4.5 found 1e-4 and 1e-5
    dropout: Numbers = Numbers(low=0.5, high=0.8)  # T 4.5
    head_units: tuple[int, ...] = Field((64, 128), min_length=1)  # T 4.4.1
    category_weight: Numbers = Numbers(low=0.1, high=1.0, log=True)  # T 4.5 found 0.33, beside 1
    loss_weighting: tuple[Literal["fixed", "learned"], ...] = Field(
        ("fixed", "learned"), min_length=1
    )

    @model_validator(mode="after")
    def _holds_what_can_be_trained(self) -> "Space":
        for name in ("sequence_length", "batch_size", "head_units", "loss_weighting"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} lists something twice")
            if any(isinstance(value, int) and value < 1 for value in values):
                raise ValueError(f"{name} must be at least 1")
        for name in ("learning_rate", "category_weight"):
            if getattr(self, name).limits[0] <= 0:
                raise ValueError(f"{name} must be more than 0")
        if self.decay.limits[0] < 0:
            raise ValueError("decay must be at least 0")
        if self.dropout.limits[0] < 0 or self.dropout.limits[1] >= 1:
            raise ValueError("dropout must be at least 0 and less than 1")
        return self


class Search(Section):
    """Which networks are searched for better hyperparameters, and how."""

    networks: tuple[str, ...] = ()  # of the build, a study each; none: no search
    trials: int = Field(40, ge=1)  # of each study, by all workers together
    epochs: int | None = Field(None, ge=1)  # of a trial; None: as many as in training
    seed: int = Field(2018, ge=0)
    sampler: Literal["tpe", "random"] = "tpe"
    startup: int = Field(10, ge=1)  # trials at random before the sampler has something to go by
    pruning: bool = True  # give up a trial that is worse than half of the others were by then
    # Where the trials are kept: a database (postgresql://host/name), or a file that nodes share
    # (journal:/shared/trials.log); None: a file in the workspace, for one machine.
    storage: str | None = None
    silence: int = Field(60, ge=2)  # seconds after which a worker that says nothing is given up
    space: Space = Space()

    @model_validator(mode="before")
    @classmethod
    def _may_be_empty(cls, values: Any) -> Any:
        return {} if values is None else values


def check_search(sections: Mapping[str, Section]) -> None:
    """Refuse a search of networks that the build does not train, or not from cached features.

    Raises
    ------
    Mistake
        With its place in the file.
    """
    search, training = sections["search"], sections["training"]
    assert isinstance(search, Search) and isinstance(training, Training)
    if len(set(search.networks)) < len(search.networks):
        _refuse(("search", "networks"), "lists something twice", list(search.networks))
    for network in search.networks:
        if network not in training.networks:
            known = ", ".join(training.networks)
            reason = f"the build trains none to compare with; training.networks holds {known}"
            _refuse(("search", "networks"), reason, network)
    if search.networks and training.end_to_end:
        reason = "a search needs cached features, and training.end_to_end asks for none"
        _refuse(("search", "networks"), reason, list(search.networks))


def _refuse(place: tuple[str, ...], reason: str, value: Any) -> None:
    raise Mistake({"type": "search", "loc": place, "msg": reason, "input": value})
