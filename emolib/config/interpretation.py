"""How much work the chapters on what the networks learned put in."""

from pydantic import Field

from emolib.config.section import Section


class Interpretation(Section):
    """Sizes of what is computed for the chapters on relation, maps, optimal inputs and saliency."""

    tsne_faces: int = Field(5000, ge=50)  # on a map of all frames, at most
    ascent_steps: int = Field(24, ge=1)  # of activation maximisation, for each image
    saliency_sequences: int = Field(28, ge=7)  # explained by every method
    svcca_faces: int = Field(2000, ge=50)  # that representations are compared on
    seed: int = 2018
