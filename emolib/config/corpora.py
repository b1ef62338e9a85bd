"""Where videos, people and annotations come from: a section for each kind of corpus."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from emolib.config.section import Section


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
