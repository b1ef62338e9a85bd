"""Charts of how categories relate to valence and arousal, and of what networks hold of either."""

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, EMOTIONS

from .pictures import data_uri
from .style import (
    ACCENT,
    GREY,
    IS_NARROW,
    PAGE,
    dimension_title,
    emotion_colour,
    empty_chart,
    fit_page,
)

THUMBNAIL = 40
"""Side in px of the face in a tooltip."""

PROBE_COLOURS = {"linear": ACCENT, "shallow": "#1f9e9e"}
_PANEL = 140  # px
_NAME_WIDTH, _NAME_HEIGHT = 0.24, 0.08  # of the name of a category, on the plane


def plane_panels(
    faces: pd.DataFrame,
    crops: np.ndarray,
    contours: pd.DataFrame,
    centres: pd.DataFrame | None = None,
) -> alt.FacetChart | alt.Chart:
    """Show each category on a plane of valence and arousal of its own.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``emotion, person, valence, arousal``: a sample.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        The face of each row, shown by the mouse.
    contours : pandas.DataFrame
        ``emotion, share, line, order, valence, arousal``: outlines of the areas that hold these
        shares of a category.
    centres : pandas.DataFrame or None
        ``emotion, share, valence, arousal`` of regions, drawn as crosses.
    """
    table = _with_pictures(faces, crops)
    if table.empty:
        return empty_chart("No face has both kinds of label.")
    shown = [emotion for emotion in EMOTIONS if (table["emotion"] == emotion).any()]
    table, lines = table.assign(kind="face"), contours.assign(kind="line")
    marks = [] if centres is None else [centres.assign(kind="centre")]
    everything = pd.concat([table, lines, *marks], ignore_index=True)
    layers = [
        layer.transform_filter(alt.datum.kind == kind)
        for kind, layer in (
            ("line", _outlines(alt.Chart())),
            ("face", _dots(alt.Chart(), 16)),
            ("centre", _crosses(alt.Chart())),
        )
    ]
    return (
        alt.layer(*layers, data=everything)
        .properties(width=_PANEL, height=_PANEL)
        .facet(alt.Facet("emotion:N", sort=shown, title=None), columns=3, spacing=12)
        # Each panel has its own axes: the last row may be short of some.
        .resolve_axis(x="independent", y="independent")
        .properties(description=f"Planes of valence and arousal: {_places(table, shown)}.")
    )


def plane_chart(
    faces: pd.DataFrame, crops: np.ndarray, contours: pd.DataFrame
) -> alt.LayerChart | alt.Chart:
    """Show all categories on one plane of valence and arousal.

    Parameters are those of `plane_panels`. The name of a category stands at the median of its
    faces, or a little below where another name stands there.
    """
    table = _with_pictures(faces, crops)
    if table.empty:
        return empty_chart("There is no face to show.")
    names = _apart(table.groupby("emotion", as_index=False)[["valence", "arousal"]].median())
    x, y = _plane()
    labels = alt.Chart(names).encode(x=x, y=y, text="emotion:N")
    halo = labels.mark_text(
        fontSize=14, fontWeight="bold", stroke="white", strokeWidth=3, opacity=0.8
    )
    text = labels.mark_text(fontSize=14, fontWeight="bold").encode(color=emotion_colour())
    layers = [_outlines(alt.Chart(contours)), _dots(alt.Chart(table), 28), halo, text]
    shown = [emotion for emotion in EMOTIONS if emotion in set(table["emotion"])]
    return fit_page(alt.layer(*layers), 60).properties(
        height=460,
        description=f"Plane of valence and arousal with all categories: {_places(table, shown)}.",
    )


def transition_chart(counts: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Show which category follows which, in percent of the episodes that follow it.

    Parameters
    ----------
    counts : pandas.DataFrame
        How often a category (columns) follows another (rows).
    """
    followed = counts.sum(axis=1)
    if not followed.sum():
        return empty_chart("No episode follows another.")
    shares = counts.div(followed, axis=0)
    rows = {name: f"{name} ({followed[name]:,})" for name in counts.index if followed[name]}
    table = pd.DataFrame(
        [
            (before, rows[before], after, int(counts.loc[before, after]), shares.loc[before, after])
            for before in rows
            for after in counts.columns
        ],
        columns=["before", "row", "after", "episodes", "share"],
    )
    after = alt.Axis(title="next category", labelAngle=-40)
    base = alt.Chart(table).encode(
        x=alt.X("after:N", scale=alt.Scale(domain=list(counts.columns)), axis=after),
        y=alt.Y("row:N", sort=list(rows.values()), title="category (episodes followed)"),
        tooltip=["before:N", "after:N", "episodes:Q", alt.Tooltip("share:Q", format=".1%")],
    )
    colour = alt.Color("share:Q", scale=alt.Scale(domain=[0, 1], scheme="blues"), legend=None)
    dark = alt.datum.share > 0.5
    numbers = base.mark_text(fontSize=alt.ExprRef(f"{IS_NARROW} ? 10 : 12")).encode(
        text=alt.Text("share:Q", format=".0%"),
        color=alt.when(dark).then(alt.value("white")).otherwise(alt.value("#1b1b1b")),
    )
    common = table.loc[table.groupby("before", sort=False)["share"].idxmax()]
    described = ", ".join(
        f"{row.before} by {row.after} {row.share:.0%}" for row in common.itertuples()
    )
    return fit_page(alt.layer(base.mark_rect().encode(color=colour), numbers), 115).properties(
        height=alt.Step(34),
        description=(
            f"Transitions of {followed.sum():,} episodes; most often followed: {described}."
        ),
    )


def probe_chart(table: pd.DataFrame, titles: dict[str, str]) -> alt.FacetChart | alt.Chart:
    """Show what probes read from each representation, with intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        ``representation, probe, metric, estimate, low, high``.
    titles : dict of str to str
        The metrics shown, and the title of each axis.
    """
    if table.empty:
        return empty_chart("No network could be probed.")
    order = list(dict.fromkeys(table["representation"]))
    table = table[table["metric"].isin(titles)]
    table = table.assign(title=table["metric"].map(titles))
    axis = alt.Axis(ticks=False, labelLimit=200, title=None)
    base = alt.Chart(table).encode(
        y=alt.Y("representation:N", sort=order, axis=axis),
        yOffset=alt.YOffset("probe:N", sort=list(PROBE_COLOURS)),
        color=alt.Color(
            "probe:N",
            scale=alt.Scale(domain=list(PROBE_COLOURS), range=list(PROBE_COLOURS.values())),
            title=None,
        ),
        tooltip=["representation:N", "probe:N"]
        + [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("estimate", "low", "high")],
    )
    scale = alt.Scale(zero=False, nice=True)
    x = alt.X("low:Q", scale=scale, axis=alt.Axis(title=None, tickCount=4))
    bars = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q")
    shape = alt.Shape(
        "probe:N", scale=alt.Scale(domain=list(PROBE_COLOURS), range=["circle", "square"])
    )
    dots = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("estimate:Q", scale=scale), shape=shape
    )
    linear = table[(table["probe"] == "linear") & (table["metric"] == next(iter(titles)))]
    described = ", ".join(f"{row.representation} {row.estimate:.2f}" for row in linear.itertuples())
    layers = alt.layer(bars, dots).properties(width=(PAGE - 250) / len(titles), height=alt.Step(15))
    column = alt.Column("title:N", sort=list(titles.values()), title=None)
    return (
        layers.facet(column=column, spacing=14)
        .resolve_scale(x="independent")
        .properties(
            description=(
                f"What probes read from {len(order)} representations; linear, "
                f"{next(iter(titles.values()))}: {described}."
            )
        )
    )


def _plane() -> tuple[alt.X, alt.Y]:
    scale = alt.Scale(domain=list(DIMENSION_RANGE))
    return tuple(
        channel(
            f"{name}:Q",
            scale=scale,
            axis=alt.Axis(title=dimension_title(name), values=[-1, -0.5, 0, 0.5, 1]),
        )
        for channel, name in ((alt.X, "valence"), (alt.Y, "arousal"))
    )


def _dots(base: alt.Chart, size: int) -> alt.Chart:
    x, y = _plane()
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("valence", "arousal")]
    return base.mark_point(filled=True, size=size, opacity=0.75).encode(
        x=x, y=y, color=emotion_colour(), tooltip=["emotion:N", "person:N", *numbers, "image:N"]
    )


def _outlines(base: alt.Chart) -> alt.Chart:
    x, y = _plane()
    return base.mark_line(opacity=0.85, clip=True, interpolate="linear").encode(
        x=x,
        y=y,
        color=emotion_colour(),
        detail="line:N",
        order="order:Q",
        strokeWidth=alt.StrokeWidth(
            "share:Q", scale=alt.Scale(domain=[0.9, 0.5], range=[1, 2.2]), legend=None
        ),
    )


def _crosses(base: alt.Chart) -> alt.Chart:
    x, y = _plane()
    return base.mark_point(shape="cross", filled=True, size=90, opacity=1, color=GREY).encode(
        x=x,
        y=y,
        tooltip=["emotion:N", alt.Tooltip("share:Q", format=".0%"), "valence:Q", "arousal:Q"],
    )


def _apart(names: pd.DataFrame) -> pd.DataFrame:
    """Return names moved down until none covers another."""
    names = names.sort_values("arousal", ascending=False, ignore_index=True)
    for place in range(1, len(names)):
        above = names.iloc[:place]
        for other in above.itertuples():
            near = abs(other.valence - names.loc[place, "valence"]) < _NAME_WIDTH
            if near and other.arousal - names.loc[place, "arousal"] < _NAME_HEIGHT:
                names.loc[place, "arousal"] = other.arousal - _NAME_HEIGHT
    return names


def _with_pictures(faces: pd.DataFrame, crops: np.ndarray) -> pd.DataFrame:
    if len(faces) != len(crops):
        raise InputError(f"{len(crops)} crops of {len(faces)} faces; one each is needed")
    small = (np.asarray(Image.fromarray(crop).resize((THUMBNAIL, THUMBNAIL))) for crop in crops)
    table = faces[["emotion", "person", "valence", "arousal"]].reset_index(drop=True)
    return table.round(3).assign(image=[data_uri(picture) for picture in small])


def _places(table: pd.DataFrame, emotions: list[str]) -> str:
    places = (
        f"{emotion} at median valence {rows['valence'].median():.2f} and arousal "
        f"{rows['arousal'].median():.2f}"
        for emotion in emotions
        if len(rows := table[table["emotion"] == emotion])
    )
    return f"{len(table):,} faces; " + ", ".join(places)
