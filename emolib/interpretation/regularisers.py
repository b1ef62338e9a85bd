"""What an input is to avoid: noise from pixel to pixel, extremes, flicker from frame to frame.

Conventions
-----------
Pictures are (items, frames, height, width, 3) with pixels in [0, 255]. Every penalty is a mean,
so that its size does not depend on that of the picture, over pixels scaled to [-1, 1]; mid-grey is
0. Each item has its own.

References
----------
Mahendran and Vedaldi (2016), Visualizing Deep Convolutional Neural Networks Using Natural
Pre-Images, section 3.2 (bounded range and total variation), with its exponents; the sum over
positions is a mean here.
"""

from dataclasses import dataclass

from keras import ops

from emolib.errors import InputError


def total_variation(pictures, power: float = 2.0):
    """Return the mean over positions and channels of (dx² + dy²)^(power / 2).

    dx and dy are the differences to the next pixel on the right and below; the last row and column
    have none and are not positions.

    Parameters
    ----------
    pictures : tensor (items, frames, height, width, 3), in [0, 255]
    power : float
        2 has a gradient everywhere; 1 is total variation in the strict sense, whose gradient is
        infinite where neighbours are alike, so that a 1e-12 is added to the squares.

    Returns
    -------
    tensor (items,)
    """
    scaled = _scaled(pictures)
    right = scaled[:, :, :-1, 1:] - scaled[:, :, :-1, :-1]
    below = scaled[:, :, 1:, :-1] - scaled[:, :, :-1, :-1]
    squares = ops.square(right) + ops.square(below)
    if power != 2:
        squares = (squares + 1e-12) ** (power / 2)
    return ops.mean(squares, axis=(1, 2, 3, 4))


def norm(pictures, power: float = 2.0):
    """Return the mean of abs(pixel)^power: the power-th power of the L-norm, divided by the size.

    Parameters
    ----------
    pictures : tensor (items, frames, height, width, 3), in [0, 255]
    power : float
        2 pulls all pixels to mid-grey; 6 lets them be and holds back the extremes.

    Returns
    -------
    tensor (items,)
    """
    return ops.mean(ops.abs(_scaled(pictures)) ** power, axis=(1, 2, 3, 4))


def flicker(pictures):
    """Return the mean squared difference of a frame and the next; 0 for a single frame.

    Parameters
    ----------
    pictures : tensor (items, frames, height, width, 3), in [0, 255]

    Returns
    -------
    tensor (items,)
    """
    if pictures.shape[1] < 2:
        return ops.zeros(pictures.shape[0])
    scaled = _scaled(pictures)
    return ops.mean(ops.square(scaled[:, 1:] - scaled[:, :-1]), axis=(1, 2, 3, 4))


@dataclass(frozen=True)
class Regularisation:
    """Weights of the penalties; a penalty without weight is not computed.

    Attributes
    ----------
    total_variation, norm, flicker : float
        Weights, at least 0.
    variation_power, norm_power : float
        See the functions of the module.

    Raises
    ------
    InputError
        If a weight is negative, or a power below 1.
    """

    total_variation: float = 0.0
    norm: float = 0.0
    flicker: float = 0.0
    variation_power: float = 2.0
    norm_power: float = 2.0

    def __post_init__(self):
        """Refuse what makes no sense."""
        for name in ("total_variation", "norm", "flicker"):
            if getattr(self, name) < 0:
                raise InputError(f"{name}={getattr(self, name)}: a weight cannot be negative")
        for name in ("variation_power", "norm_power"):
            if getattr(self, name) < 1:
                raise InputError(f"{name}={getattr(self, name)}: a power cannot be below 1")

    def penalty(self, pictures):
        """Return the weighted sum of the penalties, (items,)."""
        total = ops.zeros(pictures.shape[0])
        if self.total_variation:
            variation = total_variation(pictures, self.variation_power)
            total = total + self.total_variation * variation
        if self.norm:
            total = total + self.norm * norm(pictures, self.norm_power)
        if self.flicker:
            total = total + self.flicker * flicker(pictures)
        return total


def _scaled(pictures):
    return pictures / 127.5 - 1
