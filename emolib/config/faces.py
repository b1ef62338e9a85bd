"""How faces are found in the videos and cut out."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from emolib.config.section import Section


class Boxes(Section):
    """Tables that say where faces are, made by another tool (`emolib.data.face_tables`)."""

    format: Literal["openface", "py-feat"]
    folder: Path  # holds <video>.csv


class Faces(Section):
    """How faces are found and cut out."""

    detector: str = "dlib"  # any menpodetect detector, or ffld2 (T 4.2)
    detect_every: int = Field(1, ge=1)  # detect on every k-th frame, interpolate boxes between
    boxes: Boxes | None = None  # instead of detecting
    crop_size: int = Field(72, ge=32)  # pixels, T 4.3
    corrections: Path | None = None  # or corrections.csv beside the other tables of a corpus

    def resolved(self, folder: Path) -> "Faces":
        """Return a copy whose relative paths start at `folder`, which holds the configuration."""
        changes = {}
        if self.boxes:
            place = _absolute(folder, self.boxes.folder)
            changes["boxes"] = self.boxes.model_copy(update={"folder": place})
        if self.corrections:
            changes["corrections"] = _absolute(folder, self.corrections)
        return self.model_copy(update=changes)


def _absolute(folder: Path, path: Path) -> Path:
    return folder / os.path.expanduser(os.path.expandvars(path))
