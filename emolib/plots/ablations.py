"""The chart of how late ratings are."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from .style import ACCENT, GREY, empty_chart

_SERIES = {"score": "mean", "ccc_valence": "valence", "ccc_arousal": "arousal"}


def lag_chart(tables: Mapping[str, pd.DataFrame]):
    """Show how well ratings can be predicted from faces, by the lag that they are assumed to have.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By where the lag was estimated: columns ``lag`` (s), ``ccc_valence, ccc_arousal, score``
        (their mean) and ``chosen``, true in one row. Without a table, the chart says so.

    Returns
    -------
    altair.FacetChart or altair.Chart
    """
    if not tables:
        return empty_chart("No lag was estimated in this build.")
    table = pd.concat(
        [each.assign(where=where) for where, each in tables.items()], ignore_index=True
    )
    chosen = table["lag"].where(table["chosen"])
    long = table.assign(chosen_lag=chosen).melt(
        ["where", "lag", "chosen_lag"], list(_SERIES), "series", "ccc"
    )
    long["series"] = long["series"].map(_SERIES)
    names, last = list(_SERIES.values()), long["lag"].max()
    colours = alt.Scale(domain=names, range=[ACCENT, GREY, GREY])
    dashes = alt.Scale(domain=names, range=[[1, 0], [6, 3], [2, 3]])
    base = alt.Chart(long)
    line = base.mark_line().encode(
        x=alt.X(
            "lag:Q",
            title="assumed lag (s)",
            axis=alt.Axis(tickCount=6),
            scale=alt.Scale(domain=[0, last], nice=False),
        ),
        y=alt.Y("ccc:Q", title="concordance [−1, 1]", scale=alt.Scale(zero=False)),
        strokeDash=alt.StrokeDash("series:N", scale=dashes, title=None),
        color=alt.Color("series:N", scale=colours, title=None),
        tooltip=["series:N", _number("lag", ".1f"), _number("ccc", ".3f")],
    )
    rule = base.mark_rule(color=ACCENT, strokeWidth=1).encode(x="max(chosen_lag):Q")
    found = "; ".join(
        f"{where} {rows['lag'][rows['chosen']].item():.1f} s" for where, rows in tables.items()
    )
    above = alt.Header(labelOrient="top", labelAngle=0, labelAnchor="start", labelPadding=4)
    return (
        alt.layer(rule, line)
        .properties(width=500, height=170)
        .facet(row=alt.Row("where:N", title=None, sort=list(tables), header=above))
        .properties(description=f"Concordance by lag; the highest is reached, for {found}.")
    )


def _number(column: str, format: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=format)
