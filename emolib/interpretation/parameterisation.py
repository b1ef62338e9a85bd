"""What an ascent moves: pixels, or the waves and colours that a picture is the sum of.

Steepest ascent follows the gradient as measured by its parameters. By pixels it finds the fine
noise that networks react to; by waves, each as steep as waves of its length are in photographs,
it finds larger shapes.

Conventions
-----------
- Pictures are (items, frames, size, size, 3) with pixels in [0, 255]; parameters have the same
  shape and any value. Pixels are 255 times the logistic function of a sum of parameters, so they
  keep to their range without being cut off.
- Both parameterisations reach every picture with pixels in (0, 255), and a step that changes all
  parameters by ±h changes that sum by h in the root of the mean of squares, in both.

References
----------
Olah, Mordvintsev and Schubert (2017), Feature Visualization, "preconditioning and
parameterization": waves weighted by 1 / frequency, and decorrelated colours. The Hartley transform
(Bracewell 1983) is used for Fourier's, since its coefficients are real.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from keras import ops

from emolib.errors import InputError

MARGIN = 0.02
"""Pixels nearer than this share to 0 or 255 are moved in before a start is computed from them."""


@dataclass(frozen=True)
class Pixels:
    """Every pixel a parameter.

    Attributes
    ----------
    colours : ndarray (3, 3) or None
        From `colour_basis`: parameters are then of independent colours. None: red, green, blue.
    """

    colours: np.ndarray | None = None

    def decode(self, parameters):
        """Return the pictures of parameters, as a differentiable tensor."""
        return 255 * ops.sigmoid(self._coloured(parameters))

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Return the parameters of pictures, as float32."""
        share = np.clip(np.asarray(pictures, np.float64) / 255, MARGIN, 1 - MARGIN)
        logits = np.log(share / (1 - share))
        if self.colours is not None:
            logits = logits @ np.linalg.inv(self.colours).T
        return logits.astype(np.float32)

    def _coloured(self, values):
        if self.colours is None:
            return values
        return ops.matmul(values, np.asarray(self.colours.T, np.float32))


@dataclass(frozen=True)
class Fourier(Pixels):
    """Every wave a parameter, in each colour.

    Attributes
    ----------
    size : int
        Side of a picture.
    decay : float
        A wave of frequency f is weighted by f to the power of minus this; 0 weighs all alike.
    """

    size: int = 72
    decay: float = 1.0

    def decode(self, parameters):
        """Return the pictures of parameters, as a differentiable tensor."""
        return super().decode(self._transformed(ops.multiply(parameters, self._weights[..., None])))

    def encode(self, pictures: np.ndarray) -> np.ndarray:
        """Return the parameters of pictures, as float32."""
        logits = super().encode(pictures)
        if logits.shape[2:4] != (self.size, self.size):
            raise InputError(f"pictures of {logits.shape[2:4]} pixels; expected size {self.size}")
        waves = np.einsum("yv,tfvuc,ux->tfyxc", self._waves, logits, self._waves)
        return (waves / self._weights[..., None]).astype(np.float32)

    def _transformed(self, values):
        """Return the Hartley transform of (items, frames, size, size, 3), its own inverse."""
        across = ops.einsum("tfyuc,ux->tfyxc", values, self._waves)
        return ops.einsum("yv,tfvxc->tfyxc", self._waves, across)

    @cached_property
    def _waves(self) -> np.ndarray:
        """The Hartley matrix, orthonormal and symmetric: cos + sin of 2 π k n / size."""
        angle = 2 * np.pi * np.outer(np.arange(self.size), np.arange(self.size)) / self.size
        return ((np.cos(angle) + np.sin(angle)) / np.sqrt(self.size)).astype(np.float32)

    @cached_property
    def _weights(self) -> np.ndarray:
        """The weight of each wave, with a mean square of 1."""
        along = np.fft.fftfreq(self.size)
        frequency = np.hypot(along[:, None], along[None, :])
        weights = np.maximum(frequency, 1 / self.size) ** -self.decay
        return (weights / np.sqrt(np.mean(weights**2))).astype(np.float32)


def colour_basis(pictures: np.ndarray) -> np.ndarray:
    """Return the colours that vary independently in pictures, the steepest as large as they vary.

    Parameters
    ----------
    pictures : ndarray (n, height, width, 3), in [0, 255]
        Such as real faces.

    Returns
    -------
    ndarray (3, 3)
        The square root of the covariance of the logits of pixels, with a mean square of a row's
        length of 1. A little is added to its diagonal, so that grey pictures have one too.
    """
    logits = Pixels().encode(pictures).reshape(-1, 3)
    values, vectors = np.linalg.eigh(np.cov(logits.T) + 1e-3 * np.eye(3))
    root = vectors * np.sqrt(values) @ vectors.T
    return root / np.sqrt(np.mean(np.sum(root**2, axis=1)))
