"""A chart of what stages cost as a corpus grows."""

import altair as alt
import pandas as pd

from .style import ACCENT, GREY

PANELS = {"seconds": "seconds of one core", "peak_mb": "memory, MB"}
"""Column -> title of its axis."""


def scaling_chart(
    scaling: pd.DataFrame, titles: dict[str, str], exponents: dict[str, float] | None = None
) -> alt.VConcatChart:
    """Show time and memory against the number of faces, a small panel for each stage.

    Both axes are logarithmic, so a straight line is a power; a level line is what stays the same.

    Parameters
    ----------
    scaling : pandas.DataFrame
        Columns ``stage, faces, seconds, peak_mb``.
    titles : dict of str to str
        The stages shown, in order, with their name.
    exponents : dict of str to float or None
        The power with which the time of each stage grows, to be written beside its line.
    """
    table = scaling[scaling["stage"].isin(titles)]
    table = table.assign(title=table["stage"].map(titles), power="")
    for stage, exponent in (exponents or {}).items():
        first = table.index[table["stage"] == stage][:1]
        table.loc[first, "power"] = f"n^{exponent:.2f}"  # once, or letters would lie on each other
    return alt.vconcat(
        *(_panels(table, column, list(titles.values())) for column in PANELS), spacing=20
    ).properties(description=_described(table))


def _panels(table: pd.DataFrame, column: str, order: list[str]) -> alt.FacetChart:
    colour = ACCENT if column == "seconds" else GREY
    powers = [10.0**power for power in range(-3, 8)]
    log = alt.Scale(type="log", nice=False, padding=8)
    x_axis = alt.Axis(format="~s", values=powers, grid=False)
    y_axis = alt.Axis(format="~g", values=powers)
    lines = (
        alt.Chart()
        .mark_line(color=colour, point=alt.OverlayMarkDef(filled=True, size=45, color=colour))
        .encode(
            x=alt.X("faces:Q", title="faces", scale=log, axis=x_axis),
            y=alt.Y(f"{column}:Q", title=PANELS[column], scale=log, axis=y_axis),
            tooltip=[
                "title:N",
                alt.Tooltip("faces:Q", format=","),
                alt.Tooltip("seconds:Q", format=".3~s"),
                alt.Tooltip("peak_mb:Q", title="MB", format=".0f"),
            ],
        )
    )
    text = (
        alt.Chart()
        .mark_text(align="right", baseline="bottom", dx=-2, dy=-4)
        .encode(x=alt.value("width"), y=alt.value("height"), text="power:N")
    )
    layers = alt.layer(lines, *([text] if column == "seconds" else []), data=table)
    chart = layers.properties(width=95, height=95)
    facet = alt.Facet("title:N", title=None, sort=order)
    return chart.facet(facet, columns=4, spacing=10).resolve_scale(x="independent")


def _described(table: pd.DataFrame) -> str:
    ends = [
        f"{title}: from {rows['seconds'].iloc[0]:.3g} s and {rows['peak_mb'].iloc[0]:.0f} MB with "
        f"{rows['faces'].iloc[0]:,} faces to {rows['seconds'].iloc[-1]:.3g} s and "
        f"{rows['peak_mb'].iloc[-1]:.0f} MB with {rows['faces'].iloc[-1]:,}"
        + "".join(f", time growing as {power}" for power in rows["power"] if power)
        for title, rows in table.sort_values("faces").groupby("title", sort=False)
    ]
    return f"Line charts of time and memory against the number of faces. {'; '.join(ends)}."
