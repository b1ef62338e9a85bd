"""How much work the chapters on what the networks learned put in."""

from pydantic import Field

from emolib.config.section import Section


class Interpretation(Section):
    """Sizes of what is computed for the chapters on relation, maps, optimal inputs and saliency."""

    relation_faces: int = Field(4000, ge=100)  # of which information and ceilings are measured
    probe_faces: int = Field(12000, ge=100)  # whose states are read out, at most
    tsne_faces: int = Field(3000, ge=50)  # on a map of all frames, at most
    ascent_steps: int = Field(24, ge=1)  # of activation maximisation, for each image
    saliency_sequences: int = Field(21, ge=1)  # explained by every method
    svcca_faces: int = Field(2000, ge=50)  # that representations are compared on
    seed: int = 2018
