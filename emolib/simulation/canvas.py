"""The canonical canvas on which every simulated face is built, and the shapes drawn on it.

Conventions: the unit of length is half a face width; the origin lies between the eyes; ``u`` points
to the right of the picture, ``v`` down and ``z`` to the camera. Faces are almost mirror
symmetric, so most shapes are functions of ``|u|`` and come in pairs.
"""

from dataclasses import dataclass

import cv2
import numpy as np

PIXELS_PER_UNIT = 64
COLUMNS, ROWS = 219, 247
ORIGIN_COLUMN, ORIGIN_ROW = 109, 122

U = ((np.arange(COLUMNS, dtype=np.float32) - ORIGIN_COLUMN) / PIXELS_PER_UNIT)[None, :]
"""Horizontal coordinate of each column, shape (1, COLUMNS)."""
V = ((np.arange(ROWS, dtype=np.float32) - ORIGIN_ROW) / PIXELS_PER_UNIT)[:, None]
"""Vertical coordinate of each row, shape (ROWS, 1)."""


@dataclass(frozen=True)
class Bump:
    """A mirrored pair of Gaussian bumps (one central bump when ``centre_u`` is zero)."""

    amplitude: float
    centre_u: float
    centre_v: float
    width_u: float
    width_v: float

    def on_canvas(self) -> np.ndarray:
        """Return the bump, float32 (ROWS, COLUMNS)."""
        return self.amplitude * gaussian(
            np.abs(U), V, self.centre_u, self.centre_v, self.width_u, self.width_v
        )


@dataclass(frozen=True)
class Groove:
    """A mirrored pair of creases of Gaussian profile along a polyline."""

    amplitude: float
    points: tuple[tuple[float, float], ...]
    width: float

    def on_canvas(self) -> np.ndarray:
        """Return the crease, float32 (ROWS, COLUMNS)."""
        distance = _distance_to_polyline(np.abs(U), V, self.points)
        return self.amplitude * np.exp(-0.5 * (distance / self.width) ** 2)


def gaussian(u, v, centre_u, centre_v, width_u, width_v) -> np.ndarray:
    """Return a Gaussian bump of height 1; the widths are standard deviations."""
    across = np.exp(-0.5 * ((u - centre_u) / width_u) ** 2)
    return across * np.exp(-0.5 * ((v - centre_v) / width_v) ** 2)


def smoothstep(x, low: float, high: float) -> np.ndarray:
    """Return the cubic step that is 0 up to `low`, 1 from `high` on.

    Examples
    --------
    >>> smoothstep(np.array([0.0, 1.0, 2.0, 3.0]), 1.0, 3.0).tolist()
    [0.0, 0.0, 0.5, 1.0]
    """
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def coverage(signed_distance, pixels_per_unit: float = PIXELS_PER_UNIT) -> np.ndarray:
    """Return how much of each pixel lies inside an edge, anti-aliased over one pixel."""
    return np.clip(signed_distance * pixels_per_unit + 0.5, 0, 1)


def spread(channel: np.ndarray) -> np.ndarray:
    """Repeat one channel, float32 (rows, columns), three times, (rows, columns, 3).

    Products with its result run several times as fast as broadcasting over a last axis of three.
    """
    return cv2.cvtColor(channel, cv2.COLOR_GRAY2BGR)


def lay_over(region: np.ndarray, layer: np.ndarray) -> None:
    """Lay a premultiplied BGRA layer over a BGR region of the same size, float32, in place."""
    region *= 1 - spread(cv2.extractChannel(layer, 3))
    region += cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR)


def smooth_noise(
    generator: np.random.Generator, shape: tuple[int, int], correlation: float
) -> np.ndarray:
    """Return a noise field of zero mean and unit variance.

    Parameters
    ----------
    generator : numpy.random.Generator
        Source of randomness.
    shape : (int, int)
        Rows and columns.
    correlation : float
        Correlation length in pixels.

    Returns
    -------
    ndarray of float32, of the given shape
    """
    step = max(correlation / 2, 1)
    coarse = [max(round(n / step), 2) + 2 for n in shape]
    field = cv2.GaussianBlur(generator.standard_normal(coarse, dtype=np.float32), (0, 0), 1.0)
    field = cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC)
    return (field - field.mean()) / field.std()


def _distance_to_polyline(u, v, points) -> np.ndarray:
    nearest = np.full(np.broadcast_shapes(u.shape, v.shape), np.inf, np.float32)
    for (u0, v0), (u1, v1) in zip(points, points[1:], strict=False):
        du, dv = u1 - u0, v1 - v0
        along = np.clip(((u - u0) * du + (v - v0) * dv) / (du * du + dv * dv), 0, 1)
        nearest = np.minimum(nearest, np.hypot(u - u0 - along * du, v - v0 - along * dv))
    return nearest
