"""What an interrupted training needs to go on as if nothing had happened.

A checkpoint is one hidden file beside the run: all variables of model and optimizer, the states of
the random generators among them, the history so far and the best weights. Since the order of the
sequences depends on seed and epoch alone, nothing else decides what comes next.
"""

import json
import logging
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from emolib.storage import atomic_path

logger = logging.getLogger(__name__)


@dataclass
class Progress:
    """How far a training has come.

    Attributes
    ----------
    epoch : int
        The last that is complete; 0 before the first.
    rows : list of list
        The history: epoch, split, metric, value.
    lowest : float
        The lowest validation loss.
    best_epoch : int
        The epoch that had it.
    best_weights : list of ndarray
        The weights at its end.
    """

    best_weights: list[np.ndarray]
    epoch: int = 0
    rows: list[list] = field(default_factory=list)
    lowest: float = float("inf")
    best_epoch: int = 0


class Checkpoint:
    """The checkpoint of one training.

    Parameters
    ----------
    path : Path
        The file.
    key : str
        What the training depends on, hashed; a checkpoint of another key is not resumed.
    """

    def __init__(self, path: Path, key: str):
        self.path = path
        self._key = key

    def save(self, model: keras.Model, progress: Progress) -> None:
        """Write the checkpoint; warn where it cannot be written, since training can go on."""
        plain = vars(progress) | {"key": self._key, "best_weights": len(progress.best_weights)}
        arrays = {f"variable{i}": np.asarray(v) for i, v in enumerate(variables_of(model))}
        arrays |= {f"best{i}": weight for i, weight in enumerate(progress.best_weights)}
        try:
            with atomic_path(self.path) as temporary:
                np.savez(temporary, progress=np.array(json.dumps(plain)), **arrays)
        except OSError as error:
            logger.warning("%s: no checkpoint could be written: %s", self.path, error)

    def restore(self, model: keras.Model) -> Progress | None:
        """Put the model where the training was; return None where there is nothing to resume."""
        if not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as arrays:
                plain = json.loads(str(arrays["progress"]))
                if plain.pop("key") != self._key:
                    return None
                best = [arrays[f"best{i}"] for i in range(plain.pop("best_weights"))]
                values = [arrays[f"variable{i}"] for i in range(len(variables_of(model)))]
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            logger.warning("%s: damaged, training starts again: %s", self.path, error)
            return None
        for variable, value in zip(variables_of(model), values, strict=True):
            variable.assign(value)
        return Progress(best_weights=best, **plain)

    def remove(self) -> None:
        """Delete the file."""
        self.path.unlink(missing_ok=True)


def variables_of(model: keras.Model) -> list[keras.Variable]:
    """Return all that training changes: of the model, random states included, and its optimizer."""
    model.optimizer.build(model.trainable_variables)
    return [*model.variables, *model.optimizer.variables]
