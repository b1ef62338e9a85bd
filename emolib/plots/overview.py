"""Charts of the first pages: faces where they were rated, and every network in one picture."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE

from .comparisons import NOTHING
from .pictures import data_uri
from .style import (
    BREAK_NAMES,
    GREY,
    KIND_COLOURS,
    dimension_title,
    emotion_colour,
    empty_chart,
    fit_page,
    legend_columns,
)

THUMBNAIL = 48
"""Side in px of a face on the plane."""

_HEIGHT = 580  # px
_INSET = 0.04  # of a frame, as a share of its cell
_MARKS = (
    (KIND_COLOURS["category"], "circle"),
    (KIND_COLOURS["dimensional"], "square"),
    ("#1f9e9e", "triangle-up"),
)


def face_plane(faces: pd.DataFrame, crops: np.ndarray, cells: int) -> alt.LayerChart | alt.Chart:
    """Show faces on the plane of valence and arousal, each in the cell that it was rated in.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``emotion, person, valence, arousal`` and ``column, line``, the cell, counted from the
        lowest valence and arousal; at most one face a cell.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        The face of each row.
    cells : int
        Cells along a side of the plane.

    Returns
    -------
    altair.LayerChart or altair.Chart
        A face is framed in the colour of its category, which the mouse names, with what it was
        rated.
    """
    if len(faces) != len(crops):
        raise InputError(f"{len(crops)} crops of {len(faces)} faces; one each is needed")
    if faces.empty:
        return empty_chart("No face has both kinds of label.")
    low, high = DIMENSION_RANGE
    width = (high - low) / cells
    small = (np.asarray(Image.fromarray(crop).resize((THUMBNAIL, THUMBNAIL))) for crop in crops)
    table = (
        faces[["emotion", "person", "valence", "arousal"]]
        .round(2)
        .assign(
            image=[data_uri(picture) for picture in small],
            left=(low + faces["column"] * width).round(4),
            bottom=(low + faces["line"] * width).round(4),
        )
    )
    table["x"], table["y"] = table["left"] + width / 2, table["bottom"] + width / 2
    table[["left", "bottom"]] += _INSET * width  # or the frames of neighbours would overlap
    table["right"], table["top"] = (
        table[name] + (1 - 2 * _INSET) * width for name in ("left", "bottom")
    )
    scale = alt.Scale(domain=[low, high], nice=False)
    x, y = (
        {
            "scale": scale,
            "axis": alt.Axis(title=dimension_title(name), values=[-1, -0.5, 0, 0.5, 1]),
        }
        for name in ("valence", "arousal")
    )
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("valence", "arousal")]
    base = alt.Chart(table).encode(tooltip=["emotion:N", "person:N", *numbers, "image:N"])
    colour = emotion_colour(alt.Stroke).legend(
        title=None, columns=legend_columns(7, 3), symbolType="square"
    )
    frames = base.mark_rect(filled=False, strokeWidth=2.5, opacity=1).encode(
        x=alt.X("left:Q", **x), x2="right:Q", y=alt.Y("bottom:Q", **y), y2="top:Q",
        stroke=colour,
    )  # fmt: skip
    pictures = base.mark_image(
        width={"expr": f"width * {0.86 / cells:.4f}"},
        height={"expr": f"height * {0.86 / cells:.4f}"},
        aspect=False,
    ).encode(x=alt.X("x:Q", **x), y=alt.Y("y:Q", **y), url="image:N")
    through_zero = [
        alt.Chart(pd.DataFrame({"zero": [0.0]}))
        .mark_rule(color=GREY, strokeDash=[5, 4])
        .encode(**{channel: alt.datum(0.0)})
        for channel in ("x", "y")
    ]
    counts = table["emotion"].value_counts()
    described = ", ".join(f"{count} of {emotion}" for emotion, count in counts.items())
    square = alt.param(name="height", expr="width")
    chart = fit_page(alt.layer(*through_zero, frames, pictures), 60).add_params(square)
    return chart.properties(
        height=_HEIGHT,
        description=(
            f"Plane of valence, from left to right, and arousal, from bottom to top, with "
            f"{len(table)} faces of {table['person'].nunique()} people where they were rated: "
            f"{described}."
        ),
    )


def network_chart(
    table: pd.DataFrame, titles: Mapping[str, str], trivial: pd.DataFrame | None = None
) -> alt.LayerChart | alt.Chart:
    """Show the scores of every network with intervals; a click leads to its line in a table.

    Parameters
    ----------
    table : pandas.DataFrame
        ``key, network, kind, metric, estimate, low, high``, in the order of the rows to draw. The
        link of a network is ``#network-<key>``.
    titles : mapping of str to str
        The metrics shown, three at most, with their names.
    trivial : pandas.DataFrame, optional
        ``metric, estimate`` of predictors that never look at a face. What the best of them gets is
        a dashed line in the colour of the metric, and for metrics in which that is zero a grey one.
    """
    table = table[table["metric"].isin(titles)]
    if table.empty:
        return empty_chart(NOTHING)
    table = table.assign(
        row=table["network"] + ", " + table["kind"],
        score=table["metric"].map(titles),
        link="#network-" + table["key"],
    )
    # The scores of a network stand around its name, however many there are.
    several = table.groupby("row")["metric"]
    table["offset"] = several.cumcount() - (several.transform("size") - 1) / 2
    names, scores = list(table["row"].drop_duplicates()), list(titles.values())
    axis = alt.Axis(title="score, test people", tickCount=4)
    name = alt.Axis(labelLimit=200, labelFontSize=11, labelExpr=BREAK_NAMES)
    x = {"axis": axis, "scale": alt.Scale(zero=True, nice=True)}
    looks = _MARKS[: len(scores)]
    base = alt.Chart(table).encode(
        y=alt.Y("row:N", sort=names, title=None, axis=name),
        yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-1.5, 1.5])),
        href="link:N",
        color=alt.Color(
            "score:N",
            scale=alt.Scale(domain=scores, range=[colour for colour, _ in looks]),
            legend=alt.Legend(title=None, symbolOpacity=1, columns=legend_columns(3, 1)),
        ),
        tooltip=["network:N", "kind:N", "score:N"]
        + [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("estimate", "low", "high")],
    )
    shape = alt.Shape(
        "score:N", scale=alt.Scale(domain=scores, range=[shape for _, shape in looks]), title=None
    )
    guessed = _best_guesses(titles, trivial)
    colour = alt.Color("colour:N", scale=None)
    dashed = alt.Chart(guessed).encode(x=alt.X("estimate:Q", **x), color=colour)
    guesses = dashed.mark_rule(strokeDash=[4, 3])
    numbers = dashed.mark_text(baseline="bottom", dy=-2).encode(y=alt.value(0), text="said:N")
    lines = base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q", **x), x2="high:Q")
    points = base.mark_point(filled=True, size=75, opacity=1).encode(
        x=alt.X("estimate:Q", **x), shape=shape
    )
    parts = []
    for metric, title in titles.items():
        rows = table[table["metric"] == metric].dropna(subset="estimate")
        if len(rows):
            least, most = rows["estimate"].min(), rows["estimate"].max()
            first = rows.loc[rows["estimate"].idxmax(), "row"]
            between = f"{least:.2f} to {most:.2f}".replace("-", "−")
            parts.append(f"{title} from {between} ({first})")
    above = ", ".join(f"{row.title} {row.estimate:.2f}" for row in guessed.itertuples() if row.said)
    without = f" A predictor that never looks at a face gets {above}." if above else ""
    return fit_page(alt.layer(guesses, numbers, lines, points), 195, 125).properties(
        height=alt.Step(30),
        description=(
            f"Scores of {len(names)} networks on the test people: {'; '.join(parts)}.{without} The "
            "table below holds the numbers."
        ),
    )


def _best_guesses(titles: Mapping[str, str], trivial: pd.DataFrame | None) -> pd.DataFrame:
    """Return where lines stand for what is reached without a look at a face, and how they look."""
    best = (
        pd.Series(dtype=float) if trivial is None else trivial.groupby("metric")["estimate"].max()
    )
    lines = [("", 0.0, GREY, "")]
    for (metric, title), (colour, _) in zip(titles.items(), _MARKS, strict=False):
        value = best.get(metric, 0.0)
        if abs(value) >= 0.005:  # else it is the grey line
            lines.append((title, value, colour, f"trivial {value:.2f}".replace("-", "−")))
    return pd.DataFrame(lines, columns=["title", "estimate", "colour", "said"])
