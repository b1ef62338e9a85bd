"""How ratings are combined, how faces find their labels, and how people are split."""

import math
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from emolib.config.section import Section
from emolib.labels import SPLITS


class Raters(Section):
    """What is done where several people rated the same track (see `emolib.data.raters`)."""

    fuse: Literal["none", "mean", "ewe"] = "none"  # none: several raters of a track are an error
    align: bool = False  # shift each rater's trace to the others' before fusing
    max_shift: float = Field(2.0, gt=0)  # seconds, at most, either way

    @model_validator(mode="after")
    def _aligns_to_fuse(self) -> "Raters":
        if self.align and self.fuse == "none":
            raise ValueError("align shifts raters who are fused; set fuse to mean or ewe")
        return self


class Matching(Section):
    """How a face finds its labels."""

    max_distance: float = Field(0.1, gt=0)  # seconds to the nearest annotation, at most
    lag: float | Literal["estimate"] = 0.0  # seconds by which ratings are late; T ignores it
    max_lag: float = Field(3.0, gt=0)  # seconds, the longest lag that `estimate` tries

    @field_validator("lag", mode="before")
    @classmethod
    def _is_known_or_asked_for(cls, lag: Any) -> Any:
        is_number = isinstance(lag, int | float) and not isinstance(lag, bool)
        if lag != "estimate" and not (is_number and math.isfinite(lag)):
            raise ValueError("give a number of seconds, or 'estimate'")
        return lag


class Split(Section):
    """Who is in which part: shares of the people, folds, or lists."""

    train: float = Field(0.6, gt=0, lt=1)
    validation: float = Field(0.2, gt=0, lt=1)
    test: float = Field(0.2, gt=0, lt=1)
    seed: int = 2018
    folds: int | None = Field(None, ge=3)  # instead of shares: so many parts of equal size
    fold: int = Field(0, ge=0)  # the fold that is tested; the next one validates
    # Instead of shares: part -> a file of the corpus; or `corpus`, the parts that it comes in.
    lists: dict[str, Path] | Literal["corpus"] | None = None

    @field_validator("lists", mode="before")
    @classmethod
    def _lists_every_part(cls, lists: Any) -> Any:
        files = lists if isinstance(lists, dict) else {}
        has_all = sorted(files) == sorted(SPLITS) and all(
            isinstance(x, str) for x in files.values()
        )
        if lists not in (None, "corpus") and not has_all:
            raise ValueError(f"give a text file for each of {', '.join(SPLITS)}, or 'corpus'")
        return lists

    @model_validator(mode="after")
    def _asks_for_one_thing(self) -> "Split":
        if abs(self.train + self.validation + self.test - 1) > 1e-6:
            raise ValueError("train, validation and test must sum to 1")
        if self.folds is not None and self.lists is not None:
            raise ValueError("folds and lists exclude each other; keep one")
        if self.fold and self.folds is None:
            raise ValueError(f"fold is {self.fold}, but folds does not say of how many")
        if self.folds is not None and self.fold >= self.folds:
            raise ValueError(f"fold {self.fold} does not exist; {self.folds} count from 0")
        return self
