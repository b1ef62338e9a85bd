"""The seventeen action units of the simulated face: how each moves and folds the skin.

An action unit of intensity 1 is a full, untrained contraction. It has up to three effects: a *warp*
that carries skin along, *furrows* that change the height map (and so the shading), and a change
of the eye or mouth opening, which `emolib.simulation.features` draws. Lengths are in units of
half a face width.

References
----------
Ekman and Friesen (1978), Facial Action Coding System; the numbers are theirs. The displacements
were chosen by eye for this simulation and are no measurement of anyone.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from emolib.simulation.canvas import COLUMNS, ROWS, Bump, Groove, U, V, smoothstep


@dataclass(frozen=True)
class Pull:
    """Skin that is carried along around one point of each half of the face."""

    where: Bump
    outward: float
    down: float


@dataclass(frozen=True)
class Effect:
    """What one action unit does to the skin."""

    pulls: tuple[Pull, ...] = ()
    furrows: tuple[Bump | Groove, ...] = ()


def _pull(centre_u, centre_v, width_u, width_v, outward, down) -> Pull:
    return Pull(Bump(1.0, centre_u, centre_v, width_u, width_v), outward, down)


EFFECTS: dict[int, Effect] = {
    1: Effect(
        (_pull(0.20, -0.30, 0.17, 0.17, 0, -0.15),),
        tuple(Bump(-0.022, 0, v, 0.42, 0.022) for v in (-0.50, -0.63, -0.76)),
    ),
    2: Effect(
        (_pull(0.62, -0.27, 0.20, 0.17, 0, -0.14),),
        tuple(Bump(-0.014, 0.6, v, 0.25, 0.022) for v in (-0.50, -0.62)),
    ),
    4: Effect(
        (_pull(0.20, -0.28, 0.20, 0.17, -0.07, 0.11),),
        (Bump(-0.045, 0.075, -0.25, 0.022, 0.10), Bump(0.03, 0.17, -0.22, 0.07, 0.06)),
    ),
    5: Effect((_pull(0.43, -0.30, 0.3, 0.12, 0, -0.03),)),
    6: Effect(
        (_pull(0.50, 0.40, 0.26, 0.20, 0, -0.07),),
        (
            Bump(0.06, 0.52, 0.30, 0.22, 0.10),
            Groove(-0.03, ((0.22, 0.12), (0.43, 0.19), (0.62, 0.13)), 0.025),
            Groove(-0.02, ((0.70, -0.04), (0.84, -0.10)), 0.018),
            Groove(-0.02, ((0.71, 0.02), (0.86, 0.03)), 0.018),
        ),
    ),
    7: Effect((), (Bump(0.03, 0.43, 0.14, 0.18, 0.05),)),
    9: Effect(
        (
            _pull(0.13, 0.40, 0.16, 0.22, 0, -0.09),
            _pull(0.18, -0.24, 0.18, 0.14, -0.03, 0.08),
        ),
        (
            *(Bump(-0.035, 0, v, 0.10, 0.02) for v in (0.02, 0.10, 0.18)),
            Groove(-0.05, ((0.20, 0.48), (0.28, 0.70)), 0.03),
        ),
    ),
    10: Effect(
        (_pull(0.20, 0.70, 0.22, 0.14, 0.02, -0.06),),
        (Groove(-0.05, ((0.22, 0.55), (0.36, 0.72), (0.42, 0.90)), 0.03),),
    ),
    12: Effect(
        (_pull(0.44, 0.85, 0.24, 0.22, 0.07, -0.10),),
        (
            Groove(-0.06, ((0.24, 0.58), (0.44, 0.75), (0.56, 1.00)), 0.035),
            Bump(0.09, 0.52, 0.52, 0.17, 0.15),
        ),
    ),
    15: Effect(
        (_pull(0.40, 1.08, 0.20, 0.18, 0, 0.08),),
        (Groove(-0.045, ((0.40, 1.05), (0.46, 1.25)), 0.035),),
    ),
    16: Effect(),
    17: Effect(
        (_pull(0, 1.28, 0.32, 0.16, 0, -0.05),),
        (Bump(0.06, 0, 1.3, 0.16, 0.09), Bump(-0.035, 0, 1.17, 0.2, 0.035)),
    ),
    20: Effect(
        (_pull(0.46, 1.0, 0.22, 0.22, 0.08, 0.02),),
        (Groove(-0.035, ((0.52, 0.85), (0.56, 1.1)), 0.035),),
    ),
    23: Effect(
        (_pull(0.38, 0.95, 0.2, 0.15, -0.04, 0),),
        (Bump(0.035, 0, 0.86, 0.3, 0.035), Bump(0.035, 0, 1.12, 0.26, 0.04)),
    ),
    25: Effect(),
    26: Effect((), (Bump(-0.03, 0.5, 0.9, 0.12, 0.2),)),
    43: Effect((_pull(0.43, -0.28, 0.3, 0.12, 0, 0.03),)),
}

ACTION_UNITS: tuple[int, ...] = tuple(EFFECTS)
"""Action unit numbers, in the order of every vector of intensities."""

INDEX = {unit: position for position, unit in enumerate(ACTION_UNITS)}
"""Position of an action unit in a vector of intensities."""

FURROWED = tuple(unit for unit, effect in EFFECTS.items() if effect.furrows)
"""Action units that fold the skin, in the order of `furrow_bases`."""

_JAW_DROP = 0.30
_BASE_SHAPE = (ROWS // 4 + 1, COLUMNS // 4 + 1)


def warp_bases(head: np.ndarray, mouth_v: float, asymmetry: np.ndarray) -> np.ndarray:
    """Return the skin displacement of each action unit, at a quarter of the canvas size.

    Parameters
    ----------
    head : ndarray (ROWS, COLUMNS)
        1 inside the head, 0 outside; the outline stays where it is, except that of the jaw.
    mouth_v : float
        Height of the mouth; the jaw starts just above it.
    asymmetry : ndarray (17,)
        How much stronger each unit is on the right of the picture.

    Returns
    -------
    ndarray of float32 (17, 2, rows, columns)
        Displacement to the right and down, in units.
    """
    inside = cv2.GaussianBlur(head.astype(np.float32), (0, 0), 4.0)
    side = np.tanh(U / 0.1)
    bases = np.zeros((len(EFFECTS), 2, *_BASE_SHAPE), np.float32)
    for k, (unit, effect) in enumerate(EFFECTS.items()):
        weight = inside * _left_right(asymmetry[k])
        across, down = np.zeros_like(inside), np.zeros_like(inside)
        for pull in effect.pulls:
            bump = weight * pull.where.on_canvas()
            across += bump * side * pull.outward
            down += bump * pull.down
        if unit == 26:  # unmasked: the chin itself moves, or a rim of shade would stay behind
            down += _JAW_DROP * smoothstep(V, mouth_v - 0.05, 1.45)
        for axis, field in enumerate((across, down)):
            bases[k, axis] = cv2.resize(field, _BASE_SHAPE[::-1], interpolation=cv2.INTER_AREA)
    return bases


def furrow_bases(age: float, asymmetry: np.ndarray) -> np.ndarray:
    """Return what each unit of `FURROWED` adds to the height map, float32 (n, ROWS, COLUMNS).

    Furrows deepen with `age` in [0, 1]; `asymmetry` (17,) is as in `warp_bases`.
    """
    depth = 0.6 + 0.7 * age
    return np.stack(
        [
            depth
            * _left_right(asymmetry[INDEX[unit]])
            * sum(shape.on_canvas() for shape in EFFECTS[unit].furrows)
            for unit in FURROWED
        ]
    ).astype(np.float32)


def _left_right(asymmetry: float) -> np.ndarray:
    return 1 + float(asymmetry) * np.tanh(U / 0.15)
