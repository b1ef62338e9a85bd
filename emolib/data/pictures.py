"""Folders of numbered pictures, such as ``00001.png``, that stand for a video.

The number of a picture says when it is shown, so a folder is a video of constant rate in which a
missing picture repeats the one before. Numbers count from 0 where there is a picture 0, else
from 1, as in the images of Aff-Wild2, whose first ones may be missing.
"""

import hashlib
from pathlib import Path

import cv2
import numpy as np

from emolib.errors import InputError
from emolib.storage import file_hash

PICTURE_SUFFIXES = (".bmp", ".jpeg", ".jpg", ".png")


def numbered_pictures(folder: str | Path) -> dict[int, Path]:
    """Return the pictures of a folder by number, in increasing order.

    Files whose stem is no number, or whose suffix is none of `PICTURE_SUFFIXES`, are not read.

    Raises
    ------
    InputError
        If the folder is missing, holds no numbered picture, or two have the same number.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder of pictures")
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in PICTURE_SUFFIXES and path.stem.isdecimal():
            other = found.setdefault(int(path.stem), path)
            if other != path:
                raise InputError(
                    f"{folder}: {other.name} and {path.name} have the same number; remove one"
                )
    if not found:
        raise InputError(f"{folder}: holds no numbered pictures such as 00001.png")
    return dict(sorted(found.items()))


def shown_pictures(folder: str | Path) -> list[Path]:
    """Return the picture that each frame shows: its own, else the one before, else the first."""
    pictures = numbered_pictures(folder)
    numbers = list(pictures)
    start = min(numbers[0], 1)
    frames = np.arange(start, numbers[-1] + 1)
    shown = np.maximum(np.searchsorted(numbers, frames, side="right") - 1, 0)
    return [pictures[numbers[place]] for place in shown]


def read_picture(path: Path) -> np.ndarray:
    """Return a picture as uint8 (height, width, 3), RGB.

    Raises
    ------
    InputError
        If it cannot be decoded.
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise InputError(f"{path}: cannot be read as a picture; it is damaged or of another kind")
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def folder_hash(folder: str | Path) -> str:
    """Return the SHA-256 of the names and contents of a folder's numbered pictures."""
    whole = hashlib.sha256()
    for path in numbered_pictures(folder).values():
        whole.update(f"{path.name} {file_hash(path)}\n".encode())
    return whole.hexdigest()
