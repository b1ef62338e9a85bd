"""How results are judged."""

from pydantic import Field

from emolib.config.section import Section


class Probe(Section):
    """How many simulated strangers judge the backbone weights (chapter *Backbone*)."""

    people: int = Field(100, ge=10)
    faces_per_person: int = Field(20, ge=7)


class Evaluation(Section):
    """How uncertain a result is said to be."""

    bootstrap_replicates: int = Field(2000, ge=100)
    confidence: float = Field(0.95, gt=0, lt=1)
    seed: int = 2018
