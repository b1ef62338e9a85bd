"""Charts of what a network looks at: maps over faces, and what tests say of the maps."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter

from .pictures import BARE, GAP, data_uri, picture_cells
from .style import ACCENT, GREY, PAGE, empty_chart, fit_page, legend_columns

NOTHING = "There is no network here whose answers could be explained."
FOR, AGAINST, TRUE = (213, 94, 0), (0, 114, 178), (0, 158, 115)
"""RGB of what speaks for an answer, of what speaks against it, and of the truth."""

WAY_COLOURS = (ACCENT, "#c2701f", "#1f9e9e")
WAY_DASHES = ([1, 0], [6, 3], [2, 3])
LABELS = 92
"""Width in px of the names of rows."""


def map_picture(face: np.ndarray, importance: np.ndarray) -> np.ndarray:
    """Lay a map over a grey face: orange where it is above zero, blue where it is below.

    Parameters
    ----------
    face : numpy.ndarray, shape (height, width, 3)
        RGB in [0, 255].
    importance : numpy.ndarray, shape (height, width)
        Smoothed over a pixel or two, so that speckle does not hide where most of it lies. The
        weakest pixel is drawn as nothing and the strongest hundredth alike.

    Returns
    -------
    numpy.ndarray of uint8, shape (height, width, 3)
    """
    importance = gaussian_filter(np.asarray(importance, float), len(importance) / 60)
    strength = np.abs(importance)
    strength = strength - strength.min()
    strength = np.clip(strength / max(np.quantile(strength, 0.99), 1e-12), 0, 1)
    colour = np.where((importance >= 0)[..., None], FOR, AGAINST)
    return _tinted(face, colour, 0.9 * strength)


def region_picture(face: np.ndarray, region: np.ndarray | None) -> np.ndarray:
    """Lay a region, bool (height, width), over a grey face, in green; None lays nothing."""
    strength = np.zeros(face.shape[:2]) if region is None else 0.75 * region
    return _tinted(face, np.broadcast_to(TRUE, face.shape), strength)


def map_columns(
    faces: Sequence[np.ndarray],
    maps: Sequence[Mapping[str, np.ndarray]],
    truth: Sequence[np.ndarray | None] | None = None,
) -> dict[str, list[np.ndarray]]:
    """Return the columns of a `picture_grid`: faces, their maps and, where it is known, the truth.

    Parameters
    ----------
    faces : sequence of numpy.ndarray, shape (height, width, 3)
        RGB in [0, 255].
    maps : sequence of mapping of str to numpy.ndarray (height, width)
        Of each face, by the name of the column; the same names for all.
    truth : sequence of numpy.ndarray of bool, optional
        The region of each face, None for a face without.
    """
    if not maps:
        return {}
    columns = {"face": [np.asarray(face, np.uint8) for face in faces]}
    for name in maps[0]:
        columns[name] = [map_picture(face, of[name]) for face, of in zip(faces, maps, strict=True)]
    if truth is not None:
        pairs = zip(faces, truth, strict=True)
        columns["truth"] = [region_picture(face, region) for face, region in pairs]
    return columns


def picture_grid(rows: Sequence[str], columns: Mapping[str, Sequence[np.ndarray]]) -> alt.Chart:
    """Show pictures in a grid, with names of rows and columns.

    Parameters
    ----------
    rows : sequence of str
        What the pictures of a row have in common; names may repeat.
    columns : mapping of str to sequence of numpy.ndarray
        By the name of the column, a uint8 picture (height, width, 3) for each row.
    """
    if not rows:
        return empty_chart(NOTHING)
    size = int(min(60, (PAGE - LABELS) / len(columns) - GAP))
    keys = [f"{number}|{row}" for number, row in enumerate(rows)]
    table = pd.DataFrame(
        [
            (key, row, column, data_uri(picture))
            for column, pictures in columns.items()
            for key, row, picture in zip(keys, rows, pictures, strict=True)
        ],
        columns=["key", "row", "column", "image"],
    )
    above = alt.Axis(
        orient="top",
        labelAngle=0,
        labelExpr="split(datum.label, ' ')",
        labelFontSize=11,
        labelPadding=4 + 13 * (max(len(column.split(" ")) for column in columns) - 1),
        **BARE,
    )
    beside = alt.Axis(labelExpr="split(split(datum.label, '|')[1], ', ')", **BARE)
    return picture_cells(
        table,
        size,
        alt.X("column:N", sort=list(columns), axis=above),
        alt.Y("key:N", sort=keys, axis=beside),
        ["row:N", "column:N"],
        f"Grid of {len(rows)} faces ({', '.join(dict.fromkeys(rows))}), each with "
        f"{len(columns) - 1} pictures beside it: {', '.join(list(columns)[1:])}.",
    )


def check_chart(
    means: pd.DataFrame,
    titles: Mapping[str, str],
    reference: Mapping[str, float] | None = None,
    lacking: str = NOTHING,
) -> alt.FacetChart | alt.Chart:
    """Show the mean of each method with its interval, a column per quantity.

    Quantities that are all held against the same value are of one kind and share a scale.

    Parameters
    ----------
    means : pandas.DataFrame
        Columns ``method, quantity, estimate, low, high``, in the order of the rows to draw. An
        undefined interval leaves the bare mean.
    titles : mapping of str to str
        The quantities shown, with their name.
    reference : mapping of str to float, optional
        Of a quantity, the value that a dashed line marks.
    lacking : str
        What to say where there is nothing to show.
    """
    table = means[means["quantity"].isin(titles)].dropna(subset="estimate")
    if table.empty:
        return empty_chart(lacking)
    lines = pd.Series(dict(reference or {}), dtype=float)
    table = table.assign(
        title=table["quantity"].map(titles), reference=table["quantity"].map(lines)
    )
    is_one_kind = lines.reindex(list(titles)).notna().all() and lines[list(titles)].nunique() == 1
    order = list(dict.fromkeys(table["method"]))
    y = alt.Y("method:N", sort=order, axis=alt.Axis(title=None, domain=False, ticks=False))
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("estimate", "low", "high")]
    base = alt.Chart(table).encode(y=y, tooltip=["method:N", *numbers])
    axis = alt.Axis(title=None, tickCount=4, labelOverlap=True)
    layers = alt.layer(
        alt.Chart(table)
        .transform_filter("isValid(datum.reference)")
        .mark_rule(color=GREY, strokeDash=[5, 4])
        .encode(x="mean(reference):Q"),
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=ACCENT, strokeWidth=2)
        .encode(x=alt.X("low:Q", axis=axis), x2="high:Q"),
        base.mark_point(color=ACCENT, filled=True, size=60, opacity=1).encode(
            x=alt.X("estimate:Q", axis=axis)
        ),
    ).properties(width=(PAGE - 150) / len(titles) - 24, height=alt.Step(24))
    described = "; ".join(
        f"{row.title}, {row.method} {row.estimate:.2f}" for row in table.itertuples()
    )
    return (
        layers.facet(
            column=alt.Column(
                "title:N",
                sort=list(titles.values()),
                title=None,
                header=alt.Header(labelLimit=(PAGE - 150) / len(titles) - 10),
            )
        )
        .resolve_scale(x="shared" if is_one_kind else "independent")
        .properties(description=f"Means with intervals over people. {described}.")
    )


def time_chart(means: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Show how an answer is divided among the faces before it, a line with its band per way.

    Parameters
    ----------
    means : pandas.DataFrame
        ``way, before`` (frames before the face in question), ``estimate, low, high`` (shares).
    """
    if means.empty:
        return empty_chart(NOTHING)
    table = means.assign(seconds=-means["before"] / 30).round(4)
    ways = list(dict.fromkeys(table["way"]))
    x = alt.X("seconds:Q", title="time before the face that is explained (s)")
    percent = alt.Axis(title="share of the whole", format=".0%", tickCount=5)
    colours = alt.Scale(domain=ways, range=list(WAY_COLOURS[: len(ways)]))
    dashes = alt.Scale(domain=ways, range=list(WAY_DASHES[: len(ways)]))
    columns = legend_columns(0, 2)
    legend = alt.Legend(symbolType="stroke", symbolOpacity=1, symbolStrokeWidth=2, columns=columns)
    colour = alt.Color("way:N", scale=colours, title=None, legend=legend)
    base = alt.Chart(table).encode(x=x, color=colour)
    layers = alt.layer(
        base.transform_filter("isValid(datum.low)")
        .mark_area(opacity=0.18)
        .encode(y=alt.Y("low:Q", axis=percent), y2="high:Q"),
        base.mark_line(strokeWidth=2).encode(
            y=alt.Y("estimate:Q", axis=percent),
            strokeDash=alt.StrokeDash("way:N", scale=dashes, title=None, legend=legend),
            tooltip=["way:N", "seconds:Q", alt.Tooltip("estimate:Q", format=".1%")],
        ),
    )
    last = table[table["before"] == table["before"].min()]
    described = "; ".join(f"{row.way} {row.estimate:.0%}" for row in last.itertuples())
    return fit_page(layers, 80).properties(
        height=220,
        description=(
            f"Line chart of shares over the {table['before'].max()} frames before a face. "
            f"The face itself has: {described}."
        ),
    )


def _tinted(face: np.ndarray, colour: np.ndarray, strength: np.ndarray) -> np.ndarray:
    grey = np.asarray(face, float).mean(axis=-1, keepdims=True)
    # Light and low in contrast, so that colours stand out from any skin.
    grey = 70 + 0.65 * grey
    strength = strength[..., None]
    return np.clip(grey * (1 - strength) + colour * strength, 0, 255).astype(np.uint8)
