"""Charts of optimal inputs: what they look like, and how far they go beyond real faces."""

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError

from .pictures import BARE, GAP, data_uri, picture_cells
from .style import ACCENT, GREY, PAGE, empty_chart

LABELS, LETTER = 60, 6.5
"""Least width in px of the names of rows, and that of one letter."""

LARGEST = 44
"""Side in px of a picture at most."""

WAY_COLOURS = (ACCENT, "#8f8f1f", "#1f9e9e", "#c2701f", "#3d8fc4", GREY)
WAY_SHAPES = ("circle", "square", "triangle-up", "triangle-down", "diamond", "cross")
NOTHING = "There is no network of this kind to look into."


def picture_sheet(
    table: pd.DataFrame | None = None, pictures: np.ndarray | None = None, of: str = "pictures"
) -> alt.LayerChart | alt.Chart:
    """Show pictures in rows and columns that have names.

    Parameters
    ----------
    table : pandas.DataFrame or None
        ``row`` and ``column`` (names, in the order in which they first stand), and any other
        columns for the tooltip, numbers among them. None, or no row, gives a chart that says so.
    pictures : numpy.ndarray of uint8, shape (n, height, width, 3)
        The picture of each row of the table.
    of : str
        What is shown, for the alternative text.
    """
    if table is None or table.empty:
        return empty_chart(NOTHING)
    if len(table) != len(pictures):
        raise InputError(f"{len(pictures)} pictures of {len(table)} rows; one each is needed")
    rows, columns = list(dict.fromkeys(table["row"])), list(dict.fromkeys(table["column"]))
    labels = max(LABELS, LETTER * max(map(len, rows)))
    size = int(min(LARGEST, (PAGE - labels) / len(columns) - GAP))
    extra = [name for name in table if name not in ("row", "column")]
    shown = table.assign(image=[data_uri(picture) for picture in pictures])
    shown[extra] = shown[extra].round(2)
    x = alt.Axis(orient="top", labelAngle=0, labelFontSize=9, labelLimit=size + GAP, **BARE)
    y = alt.Axis(labelLimit=labels, labelFontSize=11, **BARE)
    return picture_cells(
        shown,
        size,
        alt.X("column:O", sort=columns, axis=x),
        alt.Y("row:O", sort=rows, axis=y),
        ["row:N", "column:N", *extra],
        f"Sheet of {len(table)} {of}; rows: {', '.join(rows)}; columns: {', '.join(columns)}.",
    )


def reached_chart(table: pd.DataFrame) -> alt.FacetChart | alt.Chart:
    """Show how far each optimal input goes on the scale of real faces.

    Parameters
    ----------
    table : pandas.DataFrame
        ``kind`` (of network), ``unit``, ``way``, and on a scale on which the median of real faces
        is 0 and their 99th percentile 1: ``relative``, what was reached, and ``lowest``, their 1st
        percentile, shown as it first stands for a unit. Kinds, units and ways are shown in the
        order in which they first stand.
    """
    if table.empty:
        return empty_chart(NOTHING)
    ways, kinds = list(dict.fromkeys(table["way"])), list(dict.fromkeys(table["kind"]))
    colours = [WAY_COLOURS[n % len(WAY_COLOURS)] for n in range(len(ways))]
    shapes = [WAY_SHAPES[n % len(WAY_SHAPES)] for n in range(len(ways))]
    first = ~table.duplicated(["kind", "unit"])
    table = table.assign(lowest=table["lowest"].where(first), high=(first * 1.0).where(first))
    axis = alt.Axis(
        title="activation (0: median of real faces, 1: their 99th percentile)", tickCount=6
    )
    y = alt.Y("unit:N", sort=list(dict.fromkeys(table["unit"])), title=None)
    base = alt.Chart(table).encode(y=y)
    real = base.mark_bar(color=GREY, opacity=0.25).encode(
        x=alt.X("lowest:Q", axis=axis), x2="high:Q"
    )
    line = base.mark_tick(color=GREY, thickness=2, size=22).encode(x=alt.X("high:Q", axis=axis))
    points = base.mark_point(filled=True, size=32, opacity=1).encode(
        x=alt.X("relative:Q", axis=axis),
        yOffset=alt.YOffset("way:N", sort=ways),
        color=alt.Color("way:N", scale=alt.Scale(domain=ways, range=colours), title=None),
        shape=alt.Shape("way:N", scale=alt.Scale(domain=ways, range=shapes), title=None),
        tooltip=["kind:N", "unit:N", "way:N", alt.Tooltip("relative:Q", format=".2f")],
    )
    above = alt.Header(labelOrient="top", labelAnchor="start", labelPadding=4)
    reached = table.groupby("way", sort=False)["relative"].agg(
        lambda values: f"{(values > 1).sum()} of {len(values)}"
    )
    described = ", ".join(f"{way} {count}" for way, count in reached.items())
    return (
        alt.layer(real, line, points)
        .properties(width=PAGE - 120, height=alt.Step(26, **{"for": "position"}))
        .facet(row=alt.Row("kind:N", sort=kinds, title=None, header=above), spacing=24)
        .resolve_scale(y="independent", yOffset="independent")
        .properties(description=f"Inputs above the 99th percentile of real faces: {described}.")
    )
