"""Eyes and mouth, drawn analytically onto the warped face of every frame.

Both are bounded by curves over ``q``, the position between the corners in [-1, 1], on the arc
``1 - q**2``; action units open, close, widen or bend those curves.
"""

from collections.abc import Callable

import cv2
import numpy as np

from emolib.simulation.action_units import INDEX
from emolib.simulation.canvas import ORIGIN_COLUMN, ORIGIN_ROW, PIXELS_PER_UNIT, U, V, coverage
from emolib.simulation.identity import Identity

_SCLERA = np.array([0.76, 0.78, 0.80], np.float32)
_LASH = np.array([0.02, 0.02, 0.03], np.float32)
_MOUTH_CAVITY = np.array([0.02, 0.02, 0.05], np.float32)
_TONGUE = np.array([0.10, 0.10, 0.28], np.float32)
_TEETH = np.array([0.62, 0.68, 0.72], np.float32)
_IRIS_RADIUS, _PUPIL_RADIUS = 0.092, 0.042

Reader = Callable[[int], float]


def reader(action_units: np.ndarray) -> Reader:
    """Return a look-up from action unit number to intensity as a plain float.

    Plain floats matter: a NumPy float64 scalar would promote every float32 image to float64.
    """
    values = np.asarray(action_units, np.float64).tolist()
    return lambda unit: values[INDEX[unit]]


def draw_eyes(colour, identity: Identity, au: Reader, gaze: tuple[float, float]) -> np.ndarray:
    """Draw both eyes onto `colour` in place and return where they are open.

    Parameters
    ----------
    colour : ndarray of float32 (ROWS, COLUMNS, 3)
        Linear BGR.
    identity : Identity
        Whose eyes.
    au : callable
        Result of `reader`.
    gaze : (float, float)
        Shift of the irises to the right and down, in units.

    Returns
    -------
    ndarray of float32 (ROWS, COLUMNS)
        1 where an eyeball is visible; it glistens and must not be wrinkled.
    """
    visible = np.zeros(colour.shape[:2], np.float32)
    for side in (-1.0, 1.0):
        u0 = side * identity.eye_u
        window = _window(u0 - 0.34, u0 + 0.34, -0.30, 0.30)
        _draw_eye(colour[window], visible[window], window, side, identity, au, gaze)
    return visible


def glint(identity: Identity, gaze: tuple[float, float], toward_light: tuple[float, float]):
    """Return the reflection of the light on both irises, float32 (ROWS, COLUMNS)."""
    spots = np.zeros((V.shape[0], U.shape[1]), np.float32)
    for side in (-1.0, 1.0):
        u = side * identity.eye_u + gaze[0] + 0.05 * toward_light[0]
        v = gaze[1] - 0.01 + 0.05 * toward_light[1]
        window = _window(u - 0.1, u + 0.1, v - 0.1, v + 0.1)
        spots[window] = coverage(0.022 - np.hypot(U[:, window[1]] - u, V[window[0]] - v))
    return spots


def draw_mouth(colour, height, identity: Identity, au: Reader) -> None:
    """Draw lips, teeth and the inside of the mouth onto `colour` and `height` in place."""
    window = _window(-0.72, 0.72, identity.mouth_v - 0.4, identity.mouth_v + 0.72)
    u, v = U[:, window[1]], V[window[0]]
    width = identity.mouth_width * max(
        1 + 0.26 * au(12) + 0.26 * au(20) - 0.14 * au(23) - 0.16 * au(26), 0.5
    )
    corner = -0.13 * au(12) + 0.13 * au(15) + 0.08 * au(17) + 0.03 * au(20) + 0.10 * au(26)
    thin = max((1 - 0.18 * au(12)) * (1 - 0.55 * au(23)), 0.15)
    gap_up = max(0.07 * au(10) + 0.03 * au(25) + 0.04 * au(9), 0.0)
    gap_down = max(0.05 * au(25) + 0.34 * au(26) + 0.09 * au(16), 0.0)

    q = u / width
    arc = np.clip(1 - q**2, 0, 1)
    middle = identity.mouth_v - 0.05 * au(17) + corner * np.minimum(q**2, 1.2)
    top = middle - gap_up * arc**0.7
    bottom = middle + gap_down * arc**0.6
    notch = 1 - 0.22 * np.exp(-((q / 0.13) ** 2))
    lip_top = top - identity.lip_upper * thin * notch * arc**0.6
    lip_bottom = bottom + identity.lip_lower * thin * arc**0.55

    between = coverage(width - np.abs(u)) * coverage(np.minimum(v - lip_top, lip_bottom - v))
    inside = coverage(np.minimum(v - top, bottom - v)) * ((bottom - top) > 0.02)
    seam = np.exp(-0.5 * ((v - middle) / 0.016) ** 2) * coverage(width * 1.03 - np.abs(u), 24)
    patch = colour[window]
    _paint(patch, identity.lip.astype(np.float32), 0.9 * between)
    _paint(patch, patch * 0.25, 0.85 * seam * (1 - inside))
    _paint(patch, _MOUTH_CAVITY, inside)
    tongue = coverage(0.8 - np.hypot(q / 0.7, (v - bottom) / 0.12), 8) * inside
    _paint(patch, _TONGUE, tongue * min(gap_down * 4, 1))
    open_enough = np.clip(((bottom - top) - 0.03) / 0.03, 0, 1)
    teeth = inside * coverage(top + 0.085 - v) * open_enough * coverage(0.86 - np.abs(q), 10)
    _paint(patch, _TEETH, teeth)
    relief = height[window]
    relief += 0.055 * cv2.GaussianBlur(between * (1 - inside), (0, 0), 2.5) - 0.10 * inside
    relief -= 0.012 * seam


def _draw_eye(patch, visible, window, side, identity: Identity, au: Reader, gaze) -> None:
    u, v = U[:, window[1]], V[window[0]]
    upper, lower, closing = _lids(identity, au)
    q = (u * side - identity.eye_u) / identity.eye_width
    arc = np.clip(1 - q**2, 0, 1)
    y = v - identity.eye_tilt * (u * side - identity.eye_u)
    upper_lid = -(upper * (1 - closing) - 0.7 * lower * closing) * arc**0.75
    upper_lid = upper_lid + 0.03 * max(au(1), 0.0) * np.minimum(q, 0) * arc * (1 - closing)
    opening = np.minimum(y - upper_lid, lower * arc - y)
    mask = coverage(opening) * (np.abs(q) < 1)
    radius = np.hypot(u - side * identity.eye_u - gaze[0], v - gaze[1] + 0.012)

    crease = np.exp(-0.5 * ((y - upper_lid + 0.055) / 0.014) ** 2) * arc
    _paint(patch, patch * 0.55, 0.7 * crease)
    under_lid = 0.45 + 0.55 * np.clip((y - upper_lid) / 0.06, 0, 1)
    eyeball = np.repeat((under_lid * (1 - 0.15 * q**2))[..., None], 3, 2) * _SCLERA
    iris = (
        identity.iris.astype(np.float32)
        * (0.6 + 0.6 * np.clip(radius / _IRIS_RADIUS, 0, 1))[..., None]
    )
    _paint(eyeball, iris * under_lid[..., None], coverage(_IRIS_RADIUS - radius))
    _paint(eyeball, _LASH, coverage(_PUPIL_RADIUS - radius))
    _paint(patch, eyeball, mask)
    across = coverage(1.06 - np.abs(q), 12)
    lash = np.exp(-0.5 * ((y - upper_lid) / 0.015) ** 2) * across
    lower_lash = np.exp(-0.5 * ((y - lower * arc) / 0.009) ** 2) * across
    _paint(patch, _LASH, np.maximum(0.9 * lash, 0.4 * lower_lash))
    visible[...] = np.maximum(visible, mask)


def _lids(identity: Identity, au: Reader) -> tuple[float, float, float]:
    upper = identity.eye_upper * (1 + 0.75 * au(5)) * (1 - 0.28 * au(7))
    upper *= (1 - 0.22 * au(9)) * (1 - 0.10 * au(6))
    lower = identity.eye_lower * (1 - 0.65 * au(7)) * (1 - 0.40 * au(9))
    # AU6 comes last and its factor is bounded: the cheek can push the lower lid up, not through.
    lower *= max(1 - 0.85 * au(6), 0.1)
    return max(upper, 0.015), max(lower, 0.008), min(max(au(43), 0.0), 1.0)


def _window(left, right, top, bottom) -> tuple[slice, slice]:
    def columns(x):
        return min(max(round(x * PIXELS_PER_UNIT) + ORIGIN_COLUMN, 0), U.shape[1])

    def rows(y):
        return min(max(round(y * PIXELS_PER_UNIT) + ORIGIN_ROW, 0), V.shape[0])

    return slice(rows(top), rows(bottom)), slice(columns(left), columns(right))


def _paint(patch, paint, mask) -> None:
    patch += (paint - patch) * mask[..., None]
