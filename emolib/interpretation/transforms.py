"""Small random shifts, sizes and turns, drawn anew at every step of an ascent.

What raises a score only where it stands, to the pixel, is a trick on the network rather than a
picture. An input that is moved a little at every step cannot come to depend on such tricks, and a
finished one can be tried under movements that it was not made with.

Conventions
-----------
A movement is a row of four numbers: shift to the right and down (pixels), factor of size, turn
(radians, counter-clockwise as seen). All frames of an item move alike. Pixels from outside of the
picture are those at its border. Interpolation is linear.

References
----------
Olah, Mordvintsev and Schubert (2017), Feature Visualization, "transformation robustness".
"""

from dataclasses import dataclass

import numpy as np
from keras import ops

from emolib.errors import InputError


@dataclass(frozen=True)
class Movements:
    """How far pictures are moved at most.

    Attributes
    ----------
    jitter : float
        Shift to each side, in pixels.
    scale : float
        Share by which the size grows or shrinks, in [0, 1).
    rotation : float
        Turn to each side, in degrees.

    Raises
    ------
    InputError
        If one of them is negative, or the scale is 1 or more.
    """

    jitter: float = 0.0
    scale: float = 0.0
    rotation: float = 0.0

    def __post_init__(self):
        """Refuse what makes no sense."""
        for name in ("jitter", "scale", "rotation"):
            if getattr(self, name) < 0:
                raise InputError(f"{name}={getattr(self, name)}: must not be negative")
        if self.scale >= 1:
            raise InputError(f"scale={self.scale}: is a share and must be below 1")

    def draw(self, count: int, rng: np.random.Generator) -> np.ndarray:
        """Draw movements, evenly up to the limits.

        Returns
        -------
        ndarray of float32 (count, 4)
        """
        evenly = rng.uniform(-1, 1, (count, 4))
        limits = [self.jitter, self.jitter, self.scale, np.deg2rad(self.rotation)]
        return (evenly * limits + [0, 0, 1, 0]).astype(np.float32)


STILL = Movements()
"""No movement at all."""


def move(pictures, movements):
    """Move pictures.

    Parameters
    ----------
    pictures : tensor of float (items, frames, height, width, channels)
    movements : tensor of float (items, 4)
        From `Movements.draw`.

    Returns
    -------
    tensor, shape of `pictures`
        Differentiable by the pictures.
    """
    items, frames, height, width, channels = pictures.shape
    x, y = _sources(movements, height, width)  # items, height x width
    left, top = ops.floor(x), ops.floor(y)
    right_share, low_share = x - left, y - top
    # A picture after the other, so that one take reads from all.
    first = np.arange(items * frames).reshape(items, frames, 1) * (height * width)
    flat = ops.reshape(pictures, (-1, channels))
    moved = 0.0
    for down in (0, 1):
        for across in (0, 1):
            row = ops.cast(ops.clip(top + down, 0, height - 1), "int32")
            column = ops.cast(ops.clip(left + across, 0, width - 1), "int32")
            place = ops.expand_dims(row * width + column, 1) + ops.cast(first, "int32")
            share = (low_share if down else 1 - low_share) * (
                right_share if across else 1 - right_share
            )
            moved = moved + ops.take(flat, place, axis=0) * share[:, None, :, None]
    return ops.reshape(moved, (items, frames, height, width, channels))


def _sources(movements, height: int, width: int):
    """Return where each pixel of a moved picture comes from: x and y, (items, height x width)."""
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    rows, columns = np.mgrid[:height, :width].reshape(2, -1).astype(np.float32)
    x = columns[None] - middle_x - movements[:, 0:1]
    y = rows[None] - middle_y - movements[:, 1:2]
    cosine, sine = ops.cos(movements[:, 3:4]), ops.sin(movements[:, 3:4])
    size = movements[:, 2:3]
    # Rows count downwards, and a pixel is asked where it comes from: the signs are those of a turn
    # the other way, twice.
    return (
        (cosine * x - sine * y) / size + middle_x,
        (sine * x + cosine * y) / size + middle_y,
    )
