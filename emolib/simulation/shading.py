"""Light on a height map: diffuse, fill, ambient occlusion, cast shadow and a little gloss."""

from dataclasses import dataclass

import cv2
import numpy as np

from emolib.simulation.canvas import PIXELS_PER_UNIT, spread

_FILL = np.array([0.0, -0.45, 0.89])
_SHADOW_STEPS = (3, 6, 10, 15)


@dataclass(frozen=True)
class Light:
    """One lamp and the light of the room.

    `direction` is a unit vector towards the lamp (right, down, to the camera); `ambient` and `key`
    are strengths; `tint` is the BGR colour of the lamp.
    """

    direction: np.ndarray
    ambient: float
    key: float
    tint: np.ndarray


def sample_light(generator: np.random.Generator) -> Light:
    """Draw a light: azimuth within 63 degrees of the camera, elevation 0 to 52 degrees."""
    azimuth, elevation = generator.uniform(-1.1, 1.1), generator.uniform(0.0, 0.9)
    direction = np.array(
        [
            np.sin(azimuth) * np.cos(elevation),
            -np.sin(elevation),
            np.cos(azimuth) * np.cos(elevation),
        ]
    )
    warmth = generator.uniform(-0.15, 0.15)
    tint = np.array([1 - warmth, 1 + generator.uniform(-0.03, 0.03), 1 + warmth])
    return Light(direction, generator.uniform(0.35, 0.75), generator.uniform(0.5, 1.0), tint)


def shade(colour: np.ndarray, height: np.ndarray, light: Light, rotation: np.ndarray) -> np.ndarray:
    """Return the lit colour of a turned head.

    Parameters
    ----------
    colour : ndarray of float32 (rows, columns, 3)
        Linear BGR reflectance.
    height : ndarray of float32 (rows, columns)
        Height towards the camera, in units.
    light : Light
        In the coordinates of the camera.
    rotation : ndarray (3, 3)
        Rotation of the head; the light is turned back by it.

    Returns
    -------
    ndarray of float32 (rows, columns, 3)
        Linear BGR radiance, not clipped.
    """
    lamp = (rotation.T @ light.direction).tolist()
    fill = (rotation.T @ _FILL).tolist()
    half = rotation.T @ (light.direction + np.array([0.0, 0.0, 1.0]))
    half = (half / np.linalg.norm(half)).tolist()

    smooth = cv2.GaussianBlur(height, (0, 0), 1.0)
    slope_u = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, scale=PIXELS_PER_UNIT / 8)
    slope_v = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, scale=PIXELS_PER_UNIT / 8)
    length = 1.0 / cv2.sqrt(1.0 + slope_u * slope_u + slope_v * slope_v)

    def facing(direction) -> np.ndarray:
        x, y, z = direction
        return (z - x * slope_u - y * slope_v) * length

    direct = np.maximum(facing(lamp), 0) * (0.25 + 0.75 * _lit(smooth, lamp))
    room = (0.5 + 0.5 * facing(fill)) * _occlusion(height)
    intensity = light.ambient * room + light.key * direct
    gloss = np.maximum(facing(half), 0)
    gloss = gloss * gloss * gloss
    gloss *= gloss
    gloss *= gloss
    gloss *= gloss  # the 24th power
    radiance = colour * spread(intensity)
    radiance += spread(0.10 * light.key * gloss)
    rows = radiance.reshape(len(radiance), -1)
    rows *= np.tile(light.tint.astype(np.float32), colour.shape[1])
    return radiance


def _occlusion(height: np.ndarray) -> np.ndarray:
    rows, columns = height.shape
    small = cv2.resize(height, (columns // 4, rows // 4), interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.GaussianBlur(small, (0, 0), 1.75), (columns, rows))
    return np.clip(1 + 2.2 * (height - around), 0.55, 1.2)


def _lit(height: np.ndarray, lamp: list[float]) -> np.ndarray:
    """March a few steps to the lamp at half size; return 0 in full cast shadow, 1 in light."""
    rows, columns = height.shape
    across = max(np.hypot(lamp[0], lamp[1]), 1e-3)
    small = cv2.resize(height, (columns // 2, rows // 2), interpolation=cv2.INTER_AREA)
    blocked = np.zeros_like(small)
    for step in _SHADOW_STEPS:
        shift = [step / 2 * lamp[0] / across, step / 2 * lamp[1] / across]
        matrix = np.float32([[1, 0, -shift[0]], [0, 1, -shift[1]]])
        toward = cv2.warpAffine(
            small,
            matrix,
            small.shape[::-1],
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        rise = float(step * lamp[2] / across / PIXELS_PER_UNIT)
        blocked = np.maximum(blocked, toward - small - rise)
    return cv2.resize(np.clip(1 - 12 * blocked, 0, 1), (columns, rows))
