"""Faces of simulated people on disk, and augmented batches of them, for pre-training a backbone.

Each person is rendered once, into three files of one folder: ``<person>-crops.npy``, uint8
(faces, 72, 72, 3) RGB, ``<person>-action_units.npy``, float32 (faces, 17), and
``<person>-emotion.npy``. The last of them is written last, so a person is there or is not, and an
interrupted rendering goes on where it stopped. Crops stay on disk and are read through memory maps.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from joblib import Parallel, delayed
from tqdm import tqdm

from emolib.simulation.crops import simulate_crops
from emolib.storage import read_array, write_array

_LARGEST_SHIFT = 3  # pixels of 72; faces found by a detector are centred about this well


@dataclass(frozen=True)
class People:
    """Rendered people, all with the same number of faces.

    Attributes
    ----------
    crops : tuple of ndarray
        One memory map of uint8 (faces, 72, 72, 3), RGB, per person.
    action_units : ndarray of float32 (people, faces, 17)
        Intensities shown.
    emotion : ndarray of str (people, faces)
        The category that a face shows in pure form, or "".
    """

    crops: tuple[np.ndarray, ...]
    action_units: np.ndarray
    emotion: np.ndarray

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.crops)

    def __getitem__(self, people: slice) -> "People":
        """Return some of the people."""
        return People(self.crops[people], self.action_units[people], self.emotion[people])

    def faces(self, rows: np.ndarray) -> np.ndarray:
        """Return the crops with these numbers, uint8 (n, 72, 72, 3), counted across people."""
        people, faces = np.divmod(rows, self.action_units.shape[1])
        return np.stack([self.crops[i][j] for i, j in zip(people, faces, strict=True)])

    @property
    def targets(self) -> np.ndarray:
        """Action units of every face, (n, 17), in the numbering of `faces`."""
        return self.action_units.reshape(-1, self.action_units.shape[-1])


def render_people(
    folder: str | Path,
    people: Sequence[int],
    faces_per_person: int,
    seed: int,
    *,
    n_jobs: int = 2,
    progress: bool = True,
) -> People:
    """Render the people that the folder does not hold yet, and open all of them.

    Parameters
    ----------
    folder : str or Path
        Where a subfolder for this seed and number of faces is kept.
    people : sequence of int
        Numbers of the people.
    faces_per_person : int
        Crops of each.
    seed : int
        Seed of the simulation; people of different seeds are strangers.
    n_jobs : int
        Processes.
    progress : bool
        Show a progress bar.

    Returns
    -------
    People
    """
    folder = Path(folder) / f"people-{seed}-{faces_per_person}"
    missing = [person for person in people if not _file(folder, person, "emotion").exists()]
    tasks = (delayed(_render)(folder, person, faces_per_person, seed) for person in missing)
    rendered = Parallel(n_jobs=n_jobs, return_as="generator_unordered")(tasks)
    for _ in tqdm(rendered, "rendering people", len(missing), disable=not progress):
        pass
    return People(
        tuple(read_array(_file(folder, person, "crops")) for person in people),
        np.stack([read_array(_file(folder, person, "action_units")) for person in people]),
        np.stack([read_array(_file(folder, person, "emotion")) for person in people]),
    )


def shuffled_batches(
    people: People, batch_size: int, size: int, generator: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield every face once, in random order and augmented; an incomplete last batch is dropped.

    Parameters
    ----------
    people : People
        The faces.
    batch_size : int
        Faces in a batch.
    size : int
        Side of the pictures in pixels, 72 or a divisor of it.
    generator : numpy.random.Generator
        Source of the order and of the augmentation.

    Yields
    ------
    images : ndarray of float32 (batch_size, size, size, 3)
        RGB in [-1, 1].
    rows : ndarray of int (batch_size,)
        Numbers of the faces, as in `People.targets`.
    """
    order = generator.permutation(len(people.targets))
    for start in range(0, len(order) - batch_size + 1, batch_size):
        rows = order[start : start + batch_size]
        yield augment(shrink(_shift(people.faces(rows), generator), size), generator), rows


def shrink(crops: np.ndarray, size: int) -> np.ndarray:
    """Return uint8 crops (n, s, s, 3) as float32 in [-1, 1] with side `size`, by area averaging."""
    n, side = crops.shape[:2]
    factor = side // size
    blocks = crops.reshape(n, size, factor, size, factor, 3)
    return blocks.mean((2, 4), dtype=np.float32) / np.float32(127.5) - 1


def augment(images: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Mirror half of the images; vary brightness, contrast, gamma and tint of each.

    Mirroring keeps the labels, because an action unit is the strength of both sides together.

    Parameters
    ----------
    images : ndarray of float32 (n, size, size, 3)
        RGB in [-1, 1].
    generator : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray of float32 (n, size, size, 3)
        RGB in [-1, 1].
    """
    n = len(images)
    mirrored = generator.random(n) < 0.5
    images = np.where(mirrored[:, None, None, None], images[:, :, ::-1], images)
    gamma = np.exp(generator.normal(0, 0.2, (n, 1, 1, 1))).astype(np.float32)
    contrast = np.exp(generator.normal(0, 0.2, (n, 1, 1, 1))).astype(np.float32)
    tint = np.exp(generator.normal(0, 0.05, (n, 1, 1, 3))).astype(np.float32)
    brightness = generator.normal(0, 0.1, (n, 1, 1, 1)).astype(np.float32)
    images = 2 * ((images + 1) / 2) ** gamma * tint - 1
    return np.clip(images * contrast + brightness, -1, 1)


def _shift(crops: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Move each crop by up to `_LARGEST_SHIFT` pixels, repeating its border."""
    margin = _LARGEST_SHIFT
    side = crops.shape[1]
    padded = np.pad(crops, ((0, 0), (margin, margin), (margin, margin), (0, 0)), "edge")
    offsets = generator.integers(0, 2 * margin + 1, (len(crops), 2))
    return np.stack(
        [
            picture[y : y + side, x : x + side]
            for picture, (y, x) in zip(padded, offsets, strict=True)
        ]
    )


def _render(folder: Path, person: int, faces_per_person: int, seed: int) -> None:
    cv2.setNumThreads(1)  # several processes already share the cores
    crops, action_units, emotion, _ = next(simulate_crops(1, faces_per_person, seed, person))
    write_array(crops, _file(folder, person, "crops"))
    write_array(action_units, _file(folder, person, "action_units"))
    write_array(emotion, _file(folder, person, "emotion"))


def _file(folder: Path, person: int, what: str) -> Path:
    return folder / f"{person:05d}-{what}.npy"
