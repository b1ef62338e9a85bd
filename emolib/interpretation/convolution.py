"""One convolution, small enough to follow by hand: a grey face and kernels of three by three."""

import math
from dataclasses import dataclass

import numpy as np

from emolib.errors import InputError
from emolib.models.backbones import ARCHITECTURES, Backbone

CLASSIC: dict[str, np.ndarray] = {
    "upright edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 4,
    "level edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 4,
    "outlines": np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]]) / 4,
    "blur": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "nothing": np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]]) / 1,
}
"""Kernels that people designed, by what they find or do."""


@dataclass(frozen=True)
class FirstConvolution:
    """The first convolution of a backbone.

    Attributes
    ----------
    title : str
        The backbone's name in print.
    kernels, weights : int
        How many kernels, and parameters in all of them together with the biases, if there are any.
    biases : bool
        Whether there are.
    unshared : int
        Parameters of a layer with a weight for each pair of a number that goes in and one that
        comes out, and as many biases for each of the latter as the convolution has for a kernel.
    """

    title: str
    kernels: int
    weights: int
    biases: bool
    unshared: int


def first_convolution(backbone: Backbone) -> FirstConvolution:
    """Return what the first convolution of a backbone is made of."""
    architecture = ARCHITECTURES[backbone.name]
    layer = backbone.model.get_layer(architecture.convolutions[0])
    read, made = (math.prod(each.shape[1:]) for each in (layer.input, layer.output))
    biases = bool(layer.use_bias)
    return FirstConvolution(
        architecture.title, layer.filters, layer.count_params(), biases, (read + biases) * made
    )


def grey_face(crop: np.ndarray, side: int = 36) -> np.ndarray:
    """Return a face as few grey pixels.

    Parameters
    ----------
    crop : numpy.ndarray of uint8, shape (n, n, 3)
        RGB.
    side : int
        Pixels a side of the result, at most n; even, so that it can be pooled in twos.

    Returns
    -------
    numpy.ndarray, shape (side, side)
        In [-1, 1], each the mean of the pixels that it stands for, over the three colours.

    Raises
    ------
    InputError
        If the side is odd or larger than that of the face.
    """
    size = len(crop)
    if side % 2 or not 2 <= side <= size:
        raise InputError(f"side {side}; an even number of 2 to {size} is needed for this face")
    grey = crop.mean(axis=2)
    ends = np.linspace(0, size, side + 1).round().astype(int)
    rows = np.add.reduceat(grey, ends[:-1], axis=0) / np.diff(ends)[:, None]
    return np.add.reduceat(rows, ends[:-1], axis=1) / np.diff(ends) / 127.5 - 1


def convolve(face: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Lay a kernel of three by three over every pixel; beyond the border is 0.

    As everywhere in deep learning the kernel is not turned round, so strictly it is a correlation.

    Parameters
    ----------
    face : numpy.ndarray, shape (height, width)
    kernel : numpy.ndarray, shape (3, 3)

    Returns
    -------
    numpy.ndarray, shape (height, width)
    """
    return np.einsum("rckl,kl->rc", windows(face), kernel)


def windows(face: np.ndarray) -> np.ndarray:
    """Return the three by three pixels around each, (height, width, 3, 3), with 0 beyond."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(face, 1), (3, 3))


def max_pool(maps: np.ndarray) -> np.ndarray:
    """Return the largest of every two by two, from (2 h, 2 w) to (h, w)."""
    height, width = maps.shape
    return maps.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3))


def learned_kernels(backbone: Backbone, face: np.ndarray, count: int = 4) -> dict[str, np.ndarray]:
    """Return kernels of the first convolution of a backbone.

    Parameters
    ----------
    backbone : Backbone
        Whose. On a grey picture the three colours of a kernel act as their sum.
    face : numpy.ndarray, shape (side, side)
        From `grey_face`.
    count : int
        At most so many: those whose responses to the face vary most, without any that nearly
        repeats one taken before, with either sign.

    Returns
    -------
    dict of str to numpy.ndarray, shape (3, 3)
        By name and number, counted from 1; none if that convolution has kernels of another size.
    """
    architecture = ARCHITECTURES[backbone.name]
    kernel = np.asarray(backbone.model.get_layer(architecture.convolutions[0]).get_weights()[0])
    if kernel.shape[:2] != (3, 3):
        return {}
    summed = np.moveaxis(kernel.sum(axis=2), -1, 0)  # kernels, 3, 3
    strength = np.array([convolve(face, each)[1:-1, 1:-1].std() for each in summed])
    chosen: list[int] = []
    for number in np.argsort(-strength, kind="stable"):
        alike = [abs(_cosine(summed[number], summed[other])) > 0.9 for other in chosen]
        if strength[number] > 0 and not any(alike):
            chosen.append(int(number))
        if len(chosen) == count:
            break
    return {f"{architecture.title}, kernel {number + 1}": summed[number] for number in chosen}


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sum(one * other) / np.sqrt(np.sum(one**2) * np.sum(other**2)))
