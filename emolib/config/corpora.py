"""Where videos, people and annotations come from: a section for each kind of corpus.

The fields of a corpus of one's own, but for ``kind``, are the parameters of its adapter in
`emolib.data.corpora`, which says what they mean.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from emolib.config.section import Section


class SimulatedCorpus(Section):
    """Videos of simulated people, made by `emolib.simulation`."""

    kind: Literal["simulated"] = "simulated"
    n_videos: int = Field(55, ge=3)  # T 4.2
    n_pairs: int = Field(4, ge=0)  # T 4.1: videos that show two people
    duration: float = Field(15.0, ge=4)  # seconds per video
    seed: int = 2018

    def resolved(self, folder: Path) -> "SimulatedCorpus":
        """Return itself: it has no paths."""
        return self


class OwnCorpus(Section):
    """A corpus that is not made here."""

    path: Path
    added_annotations: Path | None = None  # a folder with an annotations.csv, beside what comes

    def resolved(self, folder: Path) -> "OwnCorpus":
        """Return a copy whose paths no longer depend on where one is.

        ``~`` and ``$VARIABLES`` are expanded; relative paths start at `folder`, which holds the
        configuration file.
        """
        paths = {
            name: folder / os.path.expanduser(os.path.expandvars(value))
            for name, value in self
            if isinstance(value, Path)
        }
        return self.model_copy(update=paths)


class FolderCorpus(OwnCorpus):
    """A folder with ``videos.csv``, ``people.csv``, ``annotations.csv`` and what they name."""

    kind: Literal["folder"]


class AffWildCorpus(OwnCorpus):
    """Aff-Wild, release of 2017."""

    kind: Literal["affwild"]


class AffWild2Corpus(OwnCorpus):
    """Aff-Wild2, with its labels of the ABAW challenges."""

    kind: Literal["affwild2"]
    labels: tuple[Literal["va", "expr", "mtl"], ...] = Field(("va", "expr"), min_length=1)
    faces: Literal["videos", "crops"] = "videos"
    crops: Path | None = None  # aligned faces, if they are not in `path`
    fps: float | None = Field(None, gt=0)  # of tracks that have aligned faces but no video
    test_list: Path | None = None  # tracks whose labels are not to be used

    @model_validator(mode="after")
    def _asks_for_one_label_of_a_frame(self) -> "AffWild2Corpus":
        if "mtl" in self.labels and len(self.labels) > 1:
            raise ValueError("labels: mtl holds va and expr already; list it alone")
        if len(set(self.labels)) < len(self.labels):
            raise ValueError("labels lists something twice")
        return self


class AfewVaCorpus(OwnCorpus):
    """AFEW-VA."""

    kind: Literal["afew_va"]
    fps: float = Field(gt=0)  # pictures per second, which the corpus does not say


class OmgCorpus(OwnCorpus):
    """OMG-Emotion."""

    kind: Literal["omg"]
    videos: Literal["clips", "sources"] = "clips"


class ClipsCorpus(OwnCorpus):
    """A folder of clips with tables of text beside them."""

    kind: Literal["clips"]
    annotations: dict[str, dict[str, Any]] = Field(min_length=1)  # ending -> options of `generic`
    people: Path | None = None


CORPORA: dict[str, type[Section]] = {
    "simulated": SimulatedCorpus,
    "folder": FolderCorpus,
    "affwild": AffWildCorpus,
    "affwild2": AffWild2Corpus,
    "afew_va": AfewVaCorpus,
    "omg": OmgCorpus,
    "clips": ClipsCorpus,
}
"""Sections by their kind."""

Corpus = Annotated[
    SimulatedCorpus
    | FolderCorpus
    | AffWildCorpus
    | AffWild2Corpus
    | AfewVaCorpus
    | OmgCorpus
    | ClipsCorpus,
    Field(discriminator="kind"),
]
