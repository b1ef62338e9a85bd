"""Charts of a corpus: its labels, its coverage, its faces."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.labels import DIMENSION_RANGE, DIMENSIONS, EMOTIONS, SPLITS

from .pictures import data_uri
from .style import (
    ACCENT,
    GREY,
    PAGE,
    dimension_title,
    emotion_colour,
    empty_chart,
    fit_page,
    split_colour,
)

WHOLE = "whole"
COVERAGE_KINDS = {"with_dimensions": "valence and arousal", "with_category": "a category"}
BIN_EDGES = np.linspace(-1, 1, 21).round(1)
"""Bins of valence and arousal; rounded, since ratings are decimal and fall on them."""


def emotion_histogram(samples: pd.DataFrame) -> alt.LayerChart:
    """Show how the faces divide into categories, in the whole and in each split.

    Parameters
    ----------
    samples : pandas.DataFrame
        One row per face; ``emotion`` (rows without one are left out) and ``split``.

    Returns
    -------
    altair.LayerChart
        Bars and counts for the whole, points for the splits (where there are several).
    """
    return fit_page(_emotion_bars(samples), 85)


def dimension_histogram(samples: pd.DataFrame, dimension: str) -> alt.LayerChart:
    """Show how valence or arousal is distributed, in bins of 0.1, in the whole and in each split.

    Parameters
    ----------
    samples : pandas.DataFrame
        One row per face; the dimension (NaN where unlabelled) and ``split``.
    dimension : str
        ``valence`` or ``arousal``. The last bin includes the value 1.

    Returns
    -------
    altair.LayerChart
        Bars for the whole, stepped lines for the splits (where there are several).
    """
    return fit_page(_dimension_bars(samples, dimension, split_colour()), 60)


def label_distribution(samples: pd.DataFrame) -> alt.VConcatChart:
    """Show categories, valence and arousal of the whole corpus and of each split together.

    Parameters and marks are those of `emotion_histogram` and `dimension_histogram`.
    """
    top = _emotion_bars(samples)
    unexplained = split_colour().legend(None)  # the legend above serves all three
    below = [_dimension_bars(samples, dimension, unexplained) for dimension in DIMENSIONS]
    described = " ".join(chart.description for chart in (top, *below))
    return alt.vconcat(
        top.properties(width=PAGE - 115),
        alt.hconcat(*(chart.properties(width=PAGE / 2 - 80) for chart in below)),
    ).properties(description=described)


def coverage_chart(coverage: pd.DataFrame, most: int = 60) -> alt.LayerChart:
    """Show which share of the faces of each track found a label, the least covered first.

    Parameters
    ----------
    coverage : pandas.DataFrame
        One row per track: ``track, n_faces`` and, as numbers of faces, ``with_dimensions,
        with_category, with_both``.
    most : int
        Tracks shown at most; a title says so when there are more.
    """
    order = coverage.assign(share=coverage["with_both"] / coverage["n_faces"])
    order = order.sort_values(["share", "track"])["track"].tolist()[:most]
    table = (
        coverage[coverage["track"].isin(order)]
        .rename(columns=COVERAGE_KINDS)
        .melt(["track", "n_faces"], list(COVERAGE_KINDS.values()), "label", "faces")
    )
    table["share"] = table["faces"] / table["n_faces"]
    colours = alt.Scale(domain=list(COVERAGE_KINDS.values()), range=[ACCENT, GREY])
    base = alt.Chart(table).encode(
        x=alt.X(
            "share:Q",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(title="share of the faces of a track", format=".0%", tickCount=5),
        ),
        y=alt.Y("track:N", sort=order, title=None, axis=alt.Axis(labelFontSize=9)),
        tooltip=[
            "track:N",
            "label:N",
            "faces:Q",
            "n_faces:Q",
            alt.Tooltip("share:Q", format=".1%"),
        ],
    )
    dots = base.mark_point(filled=True, size=45, opacity=1).encode(
        color=alt.Color("label:N", scale=colours, title=None),
        shape=alt.Shape("label:N", scale=alt.Scale(domain=colours.domain)),
    )
    whole = ", ".join(
        f"{coverage[column].sum() / coverage['n_faces'].sum():.0%} have {kind}"
        for column, kind in COVERAGE_KINDS.items()
    )
    chart = alt.layer(base.mark_line(color=GREY, opacity=0.5).encode(detail="track:N"), dots)
    if len(coverage) > most:
        chart = chart.properties(title=f"the {most} least covered of {len(coverage):,} tracks")
    return fit_page(chart, 110).properties(
        height=alt.Step(12),
        description=(
            f"Labelled share of the faces of {len(order)} of {len(coverage):,} tracks; of all "
            f"{coverage['n_faces'].sum():,} faces {whole}."
        ),
    )


def contact_sheet(
    crops: np.ndarray, emotions: Sequence[str], columns: int, size: int = 68
) -> alt.LayerChart:
    """Show faces in rows, each above the name of its category.

    Parameters
    ----------
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        RGB faces.
    emotions : sequence of str, length n
        Their categories.
    columns : int
        Faces in a row; eight fit the width of a page.
    size : int
        Edge of a shown face in px.
    """
    if len(crops) != len(emotions):
        raise InputError(f"{len(crops)} faces but {len(emotions)} emotions; one each is needed")
    if not emotions:
        return empty_chart("No face of this corpus has a category.")
    place = np.arange(len(crops))
    table = pd.DataFrame(
        {
            "image": [data_uri(crop) for crop in crops],
            "emotion": list(emotions),
            "row": place // columns,
            "column": place % columns,
        }
    )
    base = alt.Chart(table).encode(
        x=alt.X("column:O", axis=None),
        y=alt.Y("row:O", axis=None),
        tooltip=["emotion:N", "image:N"],
    )
    faces = base.mark_image(width=size, height=size).encode(url="image:N")
    captions = base.mark_text(dy=size / 2 + 8).encode(text="emotion:N", color=emotion_colour())
    counts = table["emotion"].value_counts(sort=False)
    described = ", ".join(f"{count} of {emotion}" for emotion, count in counts.items())
    return alt.layer(faces, captions).properties(
        width=alt.Step(size + 4),
        height=alt.Step(size + 22),
        description=f"Contact sheet of {len(crops)} faces: {described}.",
    )


def _emotion_bars(samples: pd.DataFrame) -> alt.LayerChart:
    labelled = samples[samples["emotion"].isin(EMOTIONS)]
    table = _counts_by_part(labelled, "emotion", EMOTIONS)
    whole, splits = table[table["split"] == WHOLE], table[table["split"] != WHOLE]
    described = ", ".join(f"{row.emotion} {row.faces:,}" for row in whole.itertuples())
    limit = 1.2 * table["share"].max() or 1  # leaves room for the counts
    y = alt.Y("emotion:N", sort=list(EMOTIONS), title=None)
    base = alt.Chart(whole).encode(y=y, tooltip=_tooltip("emotion:N"))
    bars = base.mark_bar(height={"band": 0.75}).encode(
        x=_share_axis(alt.X, limit), color=emotion_colour()
    )
    counts = base.mark_text(align="right").encode(
        x=alt.value("width"), text=alt.Text("faces:Q", format=",")
    )
    points = (
        alt.Chart(splits)
        .mark_point(size=70, filled=True, opacity=1, stroke="white", strokeWidth=0.7)
        .encode(
            x=_share_axis(alt.X, limit),
            y=y,
            color=split_colour(),
            shape=alt.Shape("split:N", scale=alt.Scale(domain=list(SPLITS))),
            tooltip=_tooltip("emotion:N"),
        )
    )
    layers = [bars, counts] if splits.empty else [bars, counts, points]
    return (
        alt.layer(*layers)
        .resolve_scale(color="independent", shape="independent")
        .properties(
            height=alt.Step(32),
            description=f"Bar chart of {len(labelled):,} faces by category: {described}.",
        )
    )


def _dimension_bars(samples: pd.DataFrame, dimension: str, colour: alt.Color) -> alt.LayerChart:
    values = samples.loc[samples[dimension].notna(), dimension]
    bins = np.clip(np.searchsorted(BIN_EDGES, values, side="right") - 1, 0, len(BIN_EDGES) - 2)
    binned = pd.DataFrame({"bin": bins, "split": samples.loc[values.index, "split"]})
    table = _counts_by_part(binned, "bin", range(len(BIN_EDGES) - 1))
    table["start"], table["end"] = BIN_EDGES[table["bin"]], BIN_EDGES[table["bin"] + 1]
    table["centre"] = (table["start"] + table["end"]) / 2
    whole, splits = table[table["split"] == WHOLE], table[table["split"] != WHOLE]
    scale = alt.Scale(domain=list(DIMENSION_RANGE))
    axis = alt.Axis(title=dimension_title(dimension), tickCount=5)
    y = _share_axis(alt.Y, table["share"].max() or 1)
    tooltip = _tooltip("start:Q", "end:Q")
    bars = (
        alt.Chart(whole)
        .mark_bar(color=GREY, opacity=0.5)
        .encode(
            x=alt.X("start:Q", bin="binned", scale=scale, axis=axis),
            x2="end:Q",
            y=y,
            tooltip=tooltip,
        )
    )
    steps = (
        alt.Chart(splits)
        .mark_line(interpolate="step", strokeWidth=2)
        .encode(x=alt.X("centre:Q", scale=scale, axis=axis), y=y, color=colour, tooltip=tooltip)
    )
    return alt.layer(*([bars] if splits.empty else [bars, steps])).properties(
        height=180,
        description=f"Histogram of {dimension} over {len(values):,} faces{_summary(values)}.",
    )


def _summary(values: pd.Series) -> str:
    if values.empty:
        return ""
    return f": mean {values.mean():.2f}, {(values < 0).mean():.0%} negative"


def _counts_by_part(samples: pd.DataFrame, column: str, values) -> pd.DataFrame:
    """Count faces of each value in the whole and, where there are several, in each split."""
    splits = [split for split in SPLITS if (samples["split"] == split).any()]
    parts = {WHOLE: samples}
    if len(splits) > 1:
        parts |= {split: samples[samples["split"] == split] for split in splits}
    tables = []
    for part, rows in parts.items():
        faces = rows[column].value_counts().reindex(values, fill_value=0)
        table = pd.DataFrame({column: values, "faces": faces.to_numpy(), "split": part})
        tables.append(table.assign(share=table["faces"] / max(len(rows), 1)))
    return pd.concat(tables, ignore_index=True)


def _share_axis(channel, limit: float):
    """Return the axis of the share of faces; at most 1, cut to what is there."""
    return channel(
        "share:Q",
        scale=alt.Scale(domain=[0, limit], nice=False),
        axis=alt.Axis(title="share of faces (bars: the whole)", format=".0%", tickCount=5),
    )


def _tooltip(*fields: str) -> list:
    share = alt.Tooltip("share:Q", format=".1%")
    return ["split:N", *fields, alt.Tooltip("faces:Q", format=","), share]
