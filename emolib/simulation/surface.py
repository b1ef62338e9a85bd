"""The face at rest: its height map, its colours and its outline, built once for a person.

Everything is an analytic shape on the canvas of `emolib.simulation.canvas`, jittered by the
proportions of an `Identity`. Eyes and lips are left blank; `emolib.simulation.features` draws
them for every frame.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from emolib.simulation.canvas import (
    COLUMNS,
    ROWS,
    Bump,
    Groove,
    U,
    V,
    coverage,
    gaussian,
    smooth_noise,
    smoothstep,
)
from emolib.simulation.identity import Identity

ABS_U = np.abs(U)


@dataclass(frozen=True)
class Surface:
    """Height (ROWS, COLUMNS), linear BGR colour (ROWS, COLUMNS, 3), alpha and head in [0, 1]."""

    height: np.ndarray
    colour: np.ndarray
    alpha: np.ndarray
    head: np.ndarray


def build_surface(identity: Identity, generator: np.random.Generator) -> Surface:
    """Build the face at rest of a person; the generator draws the texture of skin and hair."""
    radius = _radius(identity)
    head = coverage(1 - radius)
    hair = _hair_mask(identity, radius, generator)
    ears = coverage(1 - np.hypot((ABS_U - 1.02) / 0.11, (V - 0.18) / 0.24), 12)
    colour = _skin(identity, generator)
    colour = _with_beard(colour, identity, generator)
    colour = _with_brows(colour, identity)
    colour *= (1 - 0.35 * coverage(radius - 0.995, 12))[..., None]
    strands = 1 + 0.22 * smooth_noise(generator, (ROWS // 6, COLUMNS), 2.0)
    strands = cv2.resize(strands, (COLUMNS, ROWS))
    colour = _blend(colour, identity.hair * np.clip(strands, 0.4, 1.8)[..., None], hair)
    height = _with_hair(_height(identity, radius), identity, radius, hair)
    alpha = np.maximum(np.maximum(head, ears), np.clip(hair * 1.5, 0, 1))
    return Surface(*(a.astype(np.float32) for a in (height, colour, alpha, head)))


def glasses_mask(identity: Identity) -> np.ndarray:
    """Return the frame of a pair of glasses, (ROWS, COLUMNS) in [0, 1]."""
    lens = np.hypot((ABS_U - identity.eye_u) / 0.29, (V - 0.03) / 0.22)
    rim = coverage(0.09 - np.abs(lens - 1), 16)
    bridge = coverage(0.022 - np.abs(V + 0.02)) * (ABS_U < identity.eye_u - 0.29)
    arms = coverage(0.022 - np.abs(V + 0.05)) * (ABS_U > identity.eye_u + 0.29) * (ABS_U < 1.0)
    return np.maximum(rim, np.maximum(bridge, arms)).astype(np.float32)


def _radius(identity: Identity) -> np.ndarray:
    """Return the outline as a radius that is 1 on it, smaller inside."""
    above = np.minimum(V + 0.1, 0) / identity.crown
    below = np.maximum(V + 0.1, 0) / identity.jaw
    return np.sqrt(U**2 * (1 + 0.12 * below**2) + above**2 + below**identity.jaw_shape)


def _height(identity: Identity, radius: np.ndarray) -> np.ndarray:
    e, m, n = identity.eye_u, identity.mouth_v, identity.nose_width
    parts = (
        Bump(0.06, 0, -0.26, 0.6, 0.11),  # brow ridge
        Bump(-0.11, e, 0.02, 0.2, 0.13),  # sockets
        Bump(0.05, e, 0.0, 0.14, 0.09),  # eyeballs
        Bump(0.17, 0, 0.25, 0.10 * n, 0.28),  # bridge of the nose
        Bump(0.22, 0, 0.52, 0.13 * n, 0.11),  # tip
        Bump(0.10, 0.16 * n, 0.56, 0.075 * n, 0.075),  # wings
        Bump(0.07, 0.52, 0.42, 0.22, 0.20),  # cheeks
        Bump(0.06, 0, m, 0.3, 0.16),  # mouth
        Bump(-0.02, 0, 0.76, 0.04, 0.08),  # philtrum
        Bump(-0.05, 0, 1.2, 0.2, 0.06),
        Bump(0.10, 0, 1.4, 0.2, 0.13),  # chin
        Bump(-0.05, 0.88, -0.4, 0.15, 0.25),  # temples
        # Age draws the lines that AU12 and AU6 draw, which is what makes old faces hard to read.
        Groove(-0.035 * identity.age, ((0.24, 0.60), (0.40, 0.78), (0.48, 1.0)), 0.035),
        Groove(-0.02 * identity.age, ((0.2, 0.16), (0.42, 0.24), (0.6, 0.18)), 0.03),
    )
    skull = 0.85 * np.sqrt(np.clip(1 - radius**3, 0, None))
    inside = smoothstep(-radius, -1.0, -0.9)
    relief = sum(f * p.on_canvas() for f, p in zip(identity.relief, parts, strict=True))
    return skull + inside * relief


def _skin(identity: Identity, generator: np.random.Generator) -> np.ndarray:
    coarse = smooth_noise(generator, (ROWS, COLUMNS), 40)
    fine = smooth_noise(generator, (ROWS, COLUMNS), 5)
    colour = identity.skin * (1 + 0.05 * coarse + 0.025 * fine)[..., None]
    flush = gaussian(ABS_U, V, 0.5, 0.5, 0.2, 0.16) + gaussian(ABS_U, V, 0, 0.5, 0.14, 0.12)
    colour *= 1 - flush[..., None] * np.array([0.16, 0.14, 0.0])
    shade = 0.22 * gaussian(ABS_U, V, identity.eye_u, 0.14, 0.16, 0.05)
    shade += 0.75 * gaussian(ABS_U, V, 0.085 * identity.nose_width, 0.615, 0.038, 0.022)
    for u, v in identity.moles:
        shade = np.maximum(shade, 0.6 * coverage(0.022 - np.hypot(U - u, V - v)))
    return colour * (1 - shade[..., None])


def _with_beard(colour, identity: Identity, generator: np.random.Generator) -> np.ndarray:
    if identity.beard == 0:
        return colour
    cheek_line = 0.62 + 0.35 * np.cos(np.clip(ABS_U / 0.95, 0, 1) * np.pi / 2) ** 2
    region = smoothstep(V - cheek_line, -0.05, 0.2)
    moustache = gaussian(ABS_U, V, 0.17, identity.mouth_v - 0.16, 0.17, 0.05)
    grain = np.clip(0.85 + 0.15 * smooth_noise(generator, (ROWS, COLUMNS), 2), 0.3, 1)
    mask = identity.beard * grain * np.clip(region + moustache, 0, 1)
    return _blend(colour, identity.hair * 0.9 + 0.02, mask)


def _with_brows(colour, identity: Identity) -> np.ndarray:
    q = (ABS_U - identity.eye_u - 0.02) / 0.30
    centre = identity.brow_v - 0.07 * (1 - q**2) + identity.brow_tilt * q
    thickness = np.clip(identity.brow_thickness * (1.1 - 0.45 * q), 0.015, None)
    mask = np.exp(-(((V - centre) / thickness) ** 4)) * coverage(1 - np.abs(q), 20)
    return _blend(colour, identity.hair * 0.7, 0.85 * mask)


def _hair_mask(identity: Identity, radius, generator: np.random.Generator) -> np.ndarray:
    if identity.bald:
        return np.zeros_like(radius)
    fringe = 0.05 * smooth_noise(generator, (1, COLUMNS), 14)
    line = -0.92 + identity.hairline * ABS_U**2.2 + fringe
    mask = coverage(line - V, 20) * coverage(1 - radius / identity.hair_volume, 24)
    if identity.long_hair:
        behind = coverage(1 - _mane_radius(identity), 20) * coverage(radius - 1.0, 20)
        mask = np.maximum(mask, behind * coverage(1.35 + 3 * fringe - V, 5))
    return mask


def _mane_radius(identity: Identity) -> np.ndarray:
    across = ABS_U / (identity.hair_volume + 0.08 + 0.04 * V)
    return np.hypot(across, np.minimum(V, 0) / (identity.crown * identity.hair_volume - 0.1))


def _with_hair(height, identity: Identity, radius, hair) -> np.ndarray:
    bulk = 0.85 * np.sqrt(np.clip(1 - (radius / identity.hair_volume) ** 3, 0, None)) + 0.03
    mane = 0.5 * np.sqrt(np.clip(1 - _mane_radius(identity) ** 3, 0, None)) - 0.2
    mass = np.maximum(bulk, mane) if identity.long_hair else bulk
    return height + (mass - height) * hair


def _blend(below, above, mask) -> np.ndarray:
    return below + (above - below) * mask[..., None]
