"""Many faces as one picture: each in a cell of a grid, framed in the colour of its category."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageColor, ImageDraw, ImageFont

from emolib.errors import InputError
from emolib.labels import COLOURS, EMOTIONS

BACKGROUND, WRITING = "#1c2129", "#dddddd"
UNLABELLED = "#4a5260"


@dataclass(frozen=True)
class Picture:
    """A picture that a notebook shows by itself, as JPEG.

    Attributes
    ----------
    jpeg : bytes
        The file.
    width, height : int
        In px.
    """

    jpeg: bytes = field(repr=False)
    width: int
    height: int

    def _repr_jpeg_(self) -> bytes:
        return self.jpeg


def face_grid(
    crops: np.ndarray,
    cells: np.ndarray,
    emotions: Sequence[str],
    size: int = 56,
    frame: int = 5,
    quality: int = 80,
) -> Picture:
    """Show faces in the cells of a grid, above the names of the colours that frame them.

    Parameters
    ----------
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        RGB faces.
    cells : numpy.ndarray of int, shape (n, 2)
        Column and row of each, from 0.
    emotions : sequence of str, length n
        Their categories; empty for a face without one.
    size : int
        Side of a cell in px, frame included.
    frame : int
        Width of a frame in px.
    quality : int
        Of the JPEG, to 95.

    Returns
    -------
    Picture
        Opaque, since JPEG is, and dark, so that it suits a light and a dark page.
    """
    if not len(crops) == len(cells) == len(emotions):
        raise InputError(
            f"{len(crops)} faces, {len(cells)} cells and {len(emotions)} emotions; one each is "
            "needed"
        )
    if not len(crops):
        raise InputError("there are no faces to show")
    columns, rows = cells.max(axis=0) + 1
    present = [emotion for emotion in EMOTIONS if emotion in set(emotions)]
    width = int(columns * size)
    lines = _legend_lines(present, width)
    picture = Image.new("RGB", (width, int(rows * size) + len(lines) * _LINE), BACKGROUND)
    draw = ImageDraw.Draw(picture)
    inner = size - 2 * frame
    for crop, (column, row), emotion in zip(crops, cells, emotions, strict=True):
        left, top = int(column) * size, int(row) * size
        colour = COLOURS.get(emotion, UNLABELLED)
        draw.rectangle((left, top, left + size - 1, top + size - 1), ImageColor.getrgb(colour))
        face = Image.fromarray(crop).resize((inner, inner), Image.Resampling.LANCZOS)
        picture.paste(face, (left + frame, top + frame))
    _write_legend(draw, lines, int(rows * size))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=quality, optimize=True)
    return Picture(buffer.getvalue(), picture.width, picture.height)


_FONT_SIZE, _SWATCH, _GAP, _LINE = 38, 34, 44, 62  # px; legible at half of the size


def _legend_lines(names: Sequence[str], width: int) -> list[list[tuple[int, str]]]:
    """Return the names of each line with the place of each, so that none goes beyond the width."""
    lines: list[list[tuple[int, str]]] = []
    left = width
    for name in names:
        needed = _SWATCH + _GAP // 2 + int(_font().getlength(name)) + _GAP
        if left + needed > width or not lines:
            lines.append([])
            left = _GAP // 2
        lines[-1].append((left, name))
        left += needed
    return lines


def _write_legend(draw: ImageDraw.ImageDraw, lines: list[list[tuple[int, str]]], top: int) -> None:
    for number, line in enumerate(lines):
        middle = top + number * _LINE + _LINE // 2
        for left, name in line:
            box = (left, middle - _SWATCH // 2, left + _SWATCH, middle + _SWATCH // 2)
            draw.rectangle(box, COLOURS[name])
            place = (left + _SWATCH + _GAP // 2, middle)
            draw.text(place, name, WRITING, font=_font(), anchor="lm")


def _font() -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(_FONT_SIZE)
