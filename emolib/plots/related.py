"""A chart of what others reached, year by year."""

import altair as alt
import pandas as pd

from .style import ACCENT, GREY

COLOURS = (ACCENT, "#c2701f", "#3d8fc4", "#8f8f1f", "#1f9e9e", "#b8557f")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
"""Of the corpora, in turn; told apart by shape where colours are not."""


def progress_chart(best: pd.DataFrame, titles: dict[str, str]) -> alt.FacetChart:
    """Show the best known result of each corpus by year, a panel for each metric.

    Baselines of organisers are grey strokes: what a simple system got on the same people.

    Parameters
    ----------
    best : pandas.DataFrame
        Columns ``metric, corpus, year, system, value, baseline``.
    titles : dict of str to str
        The metrics shown, in order, with their name.
    """
    table = best[best["metric"].isin(titles)]
    table = table.assign(title=table["metric"].map(titles))
    corpora = sorted(set(table["corpus"]))
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(corpora))]
    shapes = [SHAPES[i % len(SHAPES)] for i in range(len(corpora))]
    legend = alt.Legend(title=None, columns=3, labelLimit=0)
    years = [int(table["year"].min()) - 1, int(table["year"].max()) + 1]
    base = alt.Chart(table).encode(
        x=alt.X(
            "year:Q",
            title=None,
            scale=alt.Scale(domain=years, nice=False),
            axis=alt.Axis(format="d", tickMinStep=1, tickCount=3, labelOverlap=True),
        ),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5)),
        tooltip=["corpus:N", "year:Q", "system:N", alt.Tooltip("value:Q", format=".3f")],
    )
    colour = alt.Color("corpus:N", scale=alt.Scale(domain=corpora, range=colours), legend=legend)
    shape = alt.Shape("corpus:N", scale=alt.Scale(domain=corpora, range=shapes), legend=legend)
    systems = base.transform_filter("!datum.baseline").encode(color=colour)
    baselines = base.transform_filter("datum.baseline")
    layers = alt.layer(
        systems.mark_line(strokeWidth=1.5),
        systems.mark_point(filled=True, size=70, opacity=1).encode(shape=shape),
        baselines.mark_point(shape="stroke", angle=0, size=160, strokeWidth=2, color=GREY),
    ).properties(width=240, height=150)
    facet = alt.Facet(
        "title:N",
        title=None,
        sort=list(titles.values()),
        header=alt.Header(labelAnchor="start", labelPadding=4),
    )
    return (
        layers.facet(facet, columns=2, spacing=14)
        # Each panel has its own axes: the last row may be short of one.
        .resolve_axis(x="independent", y="independent")
        .properties(description=_in_words(table))
    )


def _in_words(table: pd.DataFrame) -> str:
    said = [
        f"{title}, {corpus}: "
        + ", ".join(f"{row.value:.2f} in {row.year}" for row in rows.itertuples())
        for (title, corpus), rows in table[~table["baseline"]].groupby(
            ["title", "corpus"], sort=False
        )
    ]
    return f"Best published results known here by year. {'; '.join(said)}."
