"""How faces find their labels, and how people are split."""

from pydantic import Field, model_validator

from emolib.config.section import Section


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
