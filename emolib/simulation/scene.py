"""What surrounds a simulated face: a cluttered room behind it and a body beneath it."""

import cv2
import numpy as np

from emolib.simulation.canvas import lay_over

_ROOM_PALETTE = np.array(
    [[0.55, 0.60, 0.62], [0.30, 0.38, 0.45], [0.45, 0.35, 0.28], [0.25, 0.30, 0.25]]
)


def draw_room(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Draw a wall with pictures, furniture, cables and book shelves, out of focus.

    Parameters
    ----------
    generator : numpy.random.Generator
        Source of randomness.
    height, width : int
        Size in pixels.

    Returns
    -------
    ndarray of float32 (height, width, 3)
        Linear BGR.
    """
    wall = _ROOM_PALETTE[generator.integers(len(_ROOM_PALETTE))] * generator.uniform(0.3, 1.0)
    room = np.ones((height, width, 3), np.float32) * wall.astype(np.float32)
    room *= np.linspace(*generator.uniform(0.75, 1.25, 2), width, dtype=np.float32)[:, None]
    for _ in range(generator.integers(12, 41)):
        _draw_thing(room, generator)
    return cv2.GaussianBlur(room, (0, 0), generator.uniform(1.0, 3.0))


def draw_body(generator: np.random.Generator, scale: float, skin: np.ndarray) -> np.ndarray:
    """Draw neck and shoulders, seen from the front.

    Parameters
    ----------
    generator : numpy.random.Generator
        Draws the clothes.
    scale : float
        Half a face width, in pixels.
    skin : ndarray (3,)
        Linear BGR.

    Returns
    -------
    ndarray of float32 (rows, columns, 4)
        Premultiplied linear BGRA; the point between the eyes is at the middle of the top row.
    """
    u = (np.arange(round(6 * scale), dtype=np.float32) / scale - 3.0)[None, :]
    v = (np.arange(round(4.5 * scale), dtype=np.float32) / scale)[:, None]
    neck_width = generator.uniform(0.55, 0.68)
    shoulder = 1.75 + 0.12 * (u / 1.2) ** 2 + 0.6 * np.maximum(np.abs(u) - 1.5, 0) ** 2
    collar = generator.uniform(1.9, 2.15) - 0.25 * np.exp(-((u / 0.6) ** 2) / 2)
    neck = _edge((neck_width + 0.25 * np.maximum(v - 1.6, 0) ** 2 - np.abs(u)) * scale)
    neck = neck * _edge((v - 0.9) * scale)
    clothes = _edge((v - np.maximum(shoulder, collar)) * scale)
    fabric = generator.uniform(0.03, 0.5, 3) * generator.uniform(0.4, 1.0)
    folds = 1 + 0.12 * np.sin(u * generator.uniform(2, 6) + v * generator.uniform(-2, 2))
    round_neck = (0.75 - 0.35 * (u / 0.8) ** 2) * (0.7 + 0.3 * np.clip((v - 1.4) / 0.6, 0, 1))
    colour = skin.astype(np.float32) * np.clip(round_neck, 0.3, 1)[..., None]
    colour = colour + (fabric.astype(np.float32) * folds[..., None] - colour) * clothes[..., None]
    alpha = np.maximum(neck, clothes)[..., None]
    return np.concatenate([colour * alpha, alpha], axis=2).astype(np.float32)


def place(frame: np.ndarray, layer: np.ndarray, x: float, y: float) -> None:
    """Lay a premultiplied layer over a frame in place, its upper middle at (x, y) pixels."""
    rows, columns = frame.shape[:2]
    move = np.float32([[1, 0, x - layer.shape[1] / 2], [0, 1, y]])
    top = min(max(int(y), 0), rows)
    move[1, 2] -= top
    if top < rows:
        lay_over(frame[top:], cv2.warpAffine(layer, move, (columns, rows - top)))


def _draw_thing(room: np.ndarray, generator: np.random.Generator) -> None:
    height, width = room.shape[:2]
    colour = _muted(generator)
    x, y = int(generator.integers(0, width)), int(generator.integers(0, height))
    w, h = (int(n) for n in generator.integers(8, max(width // 4, 9), 2))
    kind = generator.integers(4)
    if kind == 0:
        cv2.rectangle(room, (x, y), (x + w, y + h), colour, -1)
    elif kind == 1:
        angle = float(generator.uniform(0, 180))
        cv2.ellipse(room, (x, y), (w // 2, h // 2), angle, 0, 360, colour, -1)
    elif kind == 2:
        thickness = int(generator.integers(1, 5))
        cv2.line(room, (x, y), (x + 2 * w - width // 4, y + h), colour, thickness)
    else:
        for book in range(int(generator.integers(3, 9))):
            left = x + 5 * book
            cv2.rectangle(room, (left, y), (left + 4, y + h), _muted(generator), -1)


def _muted(generator: np.random.Generator) -> list[float]:
    grey = generator.uniform(0.02, 0.6)
    return (0.5 * grey + 0.5 * generator.uniform(0.02, 0.6, 3)).tolist()


def _edge(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels + 0.5, 0, 1)
