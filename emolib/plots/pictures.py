"""Pictures inside charts: as text that a chart can hold, and in rows and columns."""

import base64
import io
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

BARE = {"domain": False, "ticks": False, "grid": False, "title": None}
"""Options of an axis that only names its pictures."""

GAP = 4
"""Between two pictures, in px."""


def data_uri(crop: np.ndarray) -> str:
    """Return a picture, uint8 (height, width, 3), as text that a chart can hold."""
    buffer = io.BytesIO()
    Image.fromarray(crop).save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def picture_cells(
    table: pd.DataFrame, size: int, x: alt.X, y: alt.Y, tooltip: Sequence, description: str
) -> alt.Chart:
    """Show pictures in the cells of a grid.

    Parameters
    ----------
    table : pandas.DataFrame
        ``image``, from `data_uri`, and what the axes and the tooltip name.
    size : int
        Side of a picture in px.
    x, y : alt.X, alt.Y
        Column and row of each.
    tooltip : sequence
        Beside the picture itself.
    description : str
        The alternative text.
    """
    return (
        alt.Chart(table)
        .mark_image(width=size, height=size)
        .encode(x=x, y=y, url="image:N", tooltip=[*tooltip, "image:N"])
        .properties(
            width=alt.Step(size + GAP), height=alt.Step(size + GAP), description=description
        )
    )
