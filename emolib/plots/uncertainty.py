"""Charts of how intervals and tests behave where the truth is known."""

import altair as alt
import pandas as pd

from .style import GREY, fit_page

METHOD_COLOURS = ("#8e6fd8", "#3d8fc4", "#c2701f")
METHOD_DASHES = ([1, 0], [6, 3], [2, 3])
METHOD_SHAPES = ("circle", "square", "triangle-up")
STROKES = alt.Legend(symbolType="stroke", symbolSize=600, symbolStrokeWidth=2, symbolOpacity=1)
"""A legend of pieces of lines, long enough to show their dashes."""


def interval_coverage_chart(table: pd.DataFrame, titles: dict[str, str]) -> alt.FacetChart:
    """Show coverage against the number of people, a line per kind of interval.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``metric, people, method, coverage, low, high``; the last two limit the band in
        which the coverage of intervals that keep their promise is expected.
    titles : dict of str to str
        The metrics shown, with their name.
    """
    table = table[table["metric"].isin(titles)]
    table = table.assign(title=table["metric"].map(titles))
    methods = list(table["method"].drop_duplicates())
    table["dash"] = [METHOD_DASHES[methods.index(method)] for method in table["method"]]
    people = sorted(set(table["people"]))
    scale = alt.Scale(type="log", domain=[people[0], people[-1]], nice=False, padding=12)
    axis = alt.Axis(values=people, format="d", grid=False)
    x = alt.X("people:Q", title="people", scale=scale, axis=axis)
    percent = alt.Axis(title="coverage", format=".0%")
    base = alt.Chart(table).encode(
        x=x,
        y=alt.Y("coverage:Q", axis=percent, scale=alt.Scale(zero=False)),
        color=_by_method(alt.Color, methods, METHOD_COLOURS),
        tooltip=["method:N", "people:Q", alt.Tooltip("coverage:Q", format=".1%")],
    )
    layers = alt.layer(
        alt.Chart(table)
        .mark_area(color=GREY, opacity=0.3)
        .encode(x=x, y=alt.Y("min(low):Q", axis=percent), y2="max(high):Q"),
        base.mark_line(strokeWidth=2).encode(
            # Not by a scale: the legend would cut the outlines of its symbols into dashes.
            strokeDash=alt.StrokeDash("dash:N", scale=None)
        ),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            shape=_by_method(alt.Shape, methods, METHOD_SHAPES)
        ),
    ).properties(width=250, height=230)
    most = table[table["people"] == table["people"].max()]
    described = "; ".join(
        f"{row.title}, {row.method} {row.coverage:.0%}" for row in most.itertuples()
    )
    return layers.facet(
        column=alt.Column("title:N", title=None, sort=list(titles.values()))
    ).properties(
        description=(
            f"Line chart of coverage against people. With {table['people'].max()} people: "
            f"{described}."
        )
    )


def p_value_chart(p_values: dict[str, pd.Series]) -> alt.LayerChart:
    """Show the share of tests with at most each p-value, which a diagonal is expected to be.

    Parameters
    ----------
    p_values : dict of str to array_like
        P-values of tests where nothing is to be found, by the name to show.
    """
    names = list(p_values)
    table = pd.concat(
        pd.DataFrame({"p": sorted(values), "test": name}).assign(
            share=lambda rows: (rows.index + 1) / len(rows)
        )
        for name, values in p_values.items()
    ).round(4)
    ends = pd.DataFrame({"end": [0.0, 1.0]})
    unit = alt.Scale(domain=[0, 1])
    steps = (
        alt.Chart(table.drop_duplicates(["test", "p"], keep="last"))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("p:Q", title="p-value", scale=unit),
            y=alt.Y("share:Q", title="share of tests with at most this p", scale=unit),
            color=_by_method(alt.Color, names, METHOD_COLOURS, field="test", legend=STROKES),
            strokeDash=_by_method(
                alt.StrokeDash, names, METHOD_DASHES, field="test", legend=STROKES
            ),
        )
    )
    diagonal = (
        alt.Chart(ends)
        .mark_line(color=GREY, strokeWidth=1)
        .encode(x=alt.X("end:Q", scale=unit), y=alt.Y("end:Q", scale=unit))
    )
    described = "; ".join(
        f"{name}: {(pd.Series(values) <= 0.05).mean():.1%} of {len(values)} are at most 0.05"
        for name, values in p_values.items()
    )
    return fit_page(alt.layer(diagonal, steps), 80).properties(
        height=280, description=f"Distribution of p-values under the null hypothesis; {described}."
    )


def power_chart(table: pd.DataFrame, titles: dict[str, str], alpha: float) -> alt.LayerChart:
    """Show how often a test finds a planted difference, against its size.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``metric, difference, power``.
    titles : dict of str to str
        The metrics shown, with their name.
    alpha : float
        The level of the test, marked by a dashed line.
    """
    table = table[table["metric"].isin(titles)]
    table = table.assign(title=table["metric"].map(titles))
    names = list(titles.values())
    lines = (
        alt.Chart(table)
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(filled=True, size=60))
        .encode(
            x=alt.X(
                "difference:Q",
                title="planted difference of the metric",
                axis=alt.Axis(tickCount=6, labelFlush=False),
            ),
            y=alt.Y(
                "power:Q",
                axis=alt.Axis(title="differences found", format=".0%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
            color=_by_method(alt.Color, names, METHOD_COLOURS, field="title", legend=STROKES),
            strokeDash=_by_method(
                alt.StrokeDash, names, METHOD_DASHES, field="title", legend=STROKES
            ),
            tooltip=[
                "title:N",
                alt.Tooltip("difference:Q", format=".2f"),
                alt.Tooltip("power:Q", format=".0%"),
            ],
        )
    )
    level = (
        alt.Chart(pd.DataFrame({"alpha": [alpha]}))
        .mark_rule(color=GREY, strokeDash=[5, 4])
        .encode(y="alpha:Q")
    )
    largest = table.loc[table.groupby("title")["difference"].idxmax()]
    described = "; ".join(
        f"{row.title}, a difference of {row.difference:.2f} is found in {row.power:.0%}"
        for row in largest.itertuples()
    )
    return fit_page(alt.layer(level, lines), 80).properties(
        height=260, description=f"Line chart of power against planted difference: {described}."
    )


def _by_method(channel, names, values, field: str = "method", **options):
    scale = alt.Scale(domain=list(names), range=list(values[: len(names)]))
    return channel(f"{field}:N", title=None, scale=scale, sort=list(names), **options)
