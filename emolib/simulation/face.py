"""A 2.5-D face that moves: action units, pose, gaze and light in, a picture out.

The face is a height map seen from the front (`emolib.simulation.surface`). For each frame it is
warped by the action units, given eyes and a mouth, furrowed, lit, and turned by solving for the
point of the height map behind each pixel. Nothing is learnt and no photograph is used.

Examples
--------
>>> face = Face.of_person(np.random.default_rng(0))
>>> patch = face.render(np.zeros(17), Pose(), sample_light(np.random.default_rng(1)))
>>> patch.image.shape[2], patch.box[2]
(4, 106.5)
"""

from dataclasses import dataclass

import cv2
import numpy as np

from emolib.simulation.action_units import (
    ACTION_UNITS,
    FURROWED,
    INDEX,
    furrow_bases,
    warp_bases,
)
from emolib.simulation.canvas import (
    COLUMNS,
    ORIGIN_COLUMN,
    ORIGIN_ROW,
    PIXELS_PER_UNIT,
    ROWS,
    lay_over,
    spread,
)
from emolib.simulation.features import draw_eyes, draw_mouth, glint, reader
from emolib.simulation.identity import Identity, sample_identity
from emolib.simulation.shading import Light, sample_light, shade
from emolib.simulation.surface import build_surface, glasses_mask

__all__ = ["ACTION_UNITS", "Face", "Patch", "Pose", "compose", "sample_light"]

BOX_SIDE = 2.13
"""Side of the face box, in units: the mean of the boxes of dlib's detector on these faces."""
BOX_CENTRE = (0.0, 0.42, 0.70)
"""Point of the head (u, v, z) on which those boxes are centred, in units."""

_PIVOT = np.array([0.0, 0.35, -0.2])
# How far a head with hair reaches from the pivot to the sides, up and down, in units.
_ASIDE, _ABOVE, _BELOW = 1.75, 2.3, 1.8
_FURROW_INDEX = [INDEX[unit] for unit in FURROWED]
_GRID = np.stack(
    [
        np.broadcast_to(np.arange(COLUMNS, dtype=np.float32)[None, :], (ROWS, COLUMNS)),
        np.broadcast_to(np.arange(ROWS, dtype=np.float32)[:, None], (ROWS, COLUMNS)),
    ]
)


@dataclass(frozen=True)
class Pose:
    """Where a head is and how it is turned: angles in radian, position and scale in pixels.

    Positive yaw turns the face to the right of the picture, positive pitch down, positive roll
    clockwise; `x` and `y` place the point between the eyes of a frontal head, `scale` is half a
    face width.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    scale: float = 50.0

    def rotation(self) -> np.ndarray:
        """Return the rotation matrix, (3, 3)."""
        cy, sy = np.cos(self.yaw), np.sin(self.yaw)
        cp, sp = np.cos(self.pitch), np.sin(self.pitch)
        cr, sr = np.cos(self.roll), np.sin(self.roll)
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        return roll @ pitch @ yaw

    def project(self, point) -> np.ndarray:
        """Return the pixel position (x, y) of a point (u, v, z) of the head."""
        turned = self.rotation() @ (np.asarray(point) - _PIVOT) + _PIVOT
        return np.array([self.x, self.y]) + self.scale * turned[:2]

    def box(self) -> tuple[float, float, float, float]:
        """Return the face box x, y, w, h in pixels; (x, y) is its upper left corner."""
        side = BOX_SIDE * self.scale
        centre_x, centre_y = self.project(BOX_CENTRE)
        return float(centre_x - side / 2), float(centre_y - side / 2), side, side


@dataclass(frozen=True)
class Patch:
    """A rendered face: premultiplied linear BGRA float32 (h, w, 4), its corner, its face box."""

    image: np.ndarray
    left: int
    top: int
    box: tuple[float, float, float, float]


class Face:
    """The renderer of one person.

    Parameters
    ----------
    identity : Identity
        Appearance.
    generator : numpy.random.Generator
        Draws the texture of skin and hair; not kept.
    asymmetry : ndarray (17,), optional
        Relative left-right difference of each action unit; none by default.
    """

    def __init__(
        self,
        identity: Identity,
        generator: np.random.Generator,
        asymmetry: np.ndarray | None = None,
    ) -> None:
        if asymmetry is None:
            asymmetry = np.zeros(len(ACTION_UNITS))
        surface = build_surface(identity, generator)
        self.identity = identity
        self._height = surface.height
        self._painted = np.dstack([surface.colour, surface.alpha])
        self._warps = warp_bases(surface.head, identity.mouth_v, asymmetry)
        self._furrows = furrow_bases(identity.age, asymmetry)
        self._glasses = glasses_mask(identity)[..., None] if identity.glasses else None

    @classmethod
    def of_person(cls, generator: np.random.Generator) -> "Face":
        """Draw a person and build their renderer."""
        return cls(sample_identity(generator), generator)

    def render(
        self,
        action_units: np.ndarray,
        pose: Pose,
        light: Light,
        gaze: tuple[float, float] = (0.0, 0.0),
    ) -> Patch:
        """Render one frame of the face.

        Parameters
        ----------
        action_units : ndarray (17,)
            Intensities in the order of `ACTION_UNITS`; 0 is at rest, 1 is full contraction.
        pose : Pose
            Where and how the head is.
        light : Light
            What falls on it.
        gaze : (float, float)
            Shift of the irises to the right and down, in units; about +-0.05 is natural.

        Returns
        -------
        Patch
            The picture of the head alone, ready for `compose`.
        """
        action_units = np.asarray(action_units, np.float32)
        painted, height = self._warped(action_units)
        colour = cv2.cvtColor(painted, cv2.COLOR_BGRA2BGR)
        au = reader(action_units)
        height += np.einsum("k,khw->hw", action_units[_FURROW_INDEX], self._furrows)
        eyes = draw_eyes(colour, self.identity, au, gaze)
        draw_mouth(colour, height, self.identity, au)
        if self._glasses is not None:
            colour += (0.03 - colour) * self._glasses
        rotation = pose.rotation()
        lit = shade(colour, height, light, rotation)
        sparkle = glint(self.identity, gaze, tuple(light.direction[:2].tolist()))
        lit += spread(0.6 * light.key * sparkle * eyes)
        np.clip(lit, 0, 1.5, out=lit)
        alpha = cv2.extractChannel(painted, 3)
        premultiplied = cv2.merge([*cv2.split(lit * spread(alpha)), alpha])
        return _turned(premultiplied, height, pose, rotation)

    def _warped(self, action_units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        small = np.einsum("k,kahw->ahw", action_units, self._warps)
        shift_u = cv2.resize(small[0], (COLUMNS, ROWS)) * PIXELS_PER_UNIT
        shift_v = cv2.resize(small[1], (COLUMNS, ROWS)) * PIXELS_PER_UNIT
        source = _GRID[0] - shift_u, _GRID[1] - shift_v
        painted = cv2.remap(
            self._painted, *source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        height = cv2.remap(self._height, *source, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return painted, height


def compose(frame: np.ndarray, patch: Patch) -> None:
    """Lay a rendered face over a linear BGR frame, float32 (rows, columns, 3), in place."""
    rows, columns = frame.shape[:2]
    height, width = patch.image.shape[:2]
    top, left = max(patch.top, 0), max(patch.left, 0)
    bottom, right = min(patch.top + height, rows), min(patch.left + width, columns)
    if top >= bottom or left >= right:
        return
    part = patch.image[top - patch.top : bottom - patch.top, left - patch.left : right - patch.left]
    lay_over(frame[top:bottom, left:right], part)


def _turned(image: np.ndarray, height: np.ndarray, pose: Pose, rotation: np.ndarray) -> Patch:
    """Find the point of the height map behind each pixel, by fixed-point steps at half size."""
    centre = pose.project(_PIVOT)
    left, top = np.floor(centre - np.array([_ASIDE, _ABOVE]) * pose.scale).astype(int).tolist()
    columns = int(_ASIDE * pose.scale) + 2
    rows = int((_ABOVE + _BELOW) / 2 * pose.scale) + 2
    x = (left + 2 * np.arange(columns, dtype=np.float32) + 0.5 - float(centre[0]))[None, :]
    y = (top + 2 * np.arange(rows, dtype=np.float32) + 0.5 - float(centre[1]))[:, None]
    x, y = x / pose.scale, y / pose.scale

    (a, b, c), (d, e, f), _ = rotation.tolist()
    determinant = a * e - b * d
    pivot_u, pivot_v, pivot_z = _PIVOT.tolist()
    # A blurred height keeps the iteration from jumping across the edges of nose and lips.
    blurred = cv2.GaussianBlur(height, (0, 0), 3.0)
    depth = np.full((rows, columns), -pivot_z, np.float32)
    for step in range(4):
        right, below = x - c * depth, y - f * depth
        column = ((e * right - b * below) / determinant + pivot_u) * PIXELS_PER_UNIT
        row = ((a * below - d * right) / determinant + pivot_v) * PIXELS_PER_UNIT
        column += ORIGIN_COLUMN
        row += ORIGIN_ROW
        if step < 3:
            depth = cv2.remap(blurred, column, row, cv2.INTER_LINEAR) - pivot_z
    column, row = (cv2.resize(m, (2 * columns, 2 * rows)) for m in (column, row))
    turned = cv2.remap(image, column, row, cv2.INTER_LINEAR)
    return Patch(turned, left, top, pose.box())
