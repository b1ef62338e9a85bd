"""Charts of many networks at once: scores by split, differences pair by pair, ranks."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from emolib.labels import SPLITS

from .style import ACCENT, GREY, KIND_COLOURS, empty_chart

NOTHING = "This build trained no networks to compare here."
KIND_SHAPES = {
    "category": "square",
    "dimensional": "triangle-up",
    "combined": "circle",
    "baseline": "cross",
}


def score_chart(table: pd.DataFrame, titles: dict[str, str]) -> alt.FacetChart:
    """Show every network and baseline with its interval, a column per split, a row per metric.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``network, kind, metric, split, estimate, low, high, lowest, highest``, in the order
        of the rows to draw; the last two are the limits of the seeds. An undefined interval
        leaves the bare estimate.
    titles : dict of str to str
        The metrics shown, with their name and range.
    """
    table = table[table["metric"].isin(titles)]
    baselines = table[table["kind"] == "baseline"]
    best = baselines.groupby(["metric", "split"])["estimate"].max().rename("reference")
    table = table.join(best, on=["metric", "split"]).assign(title=table["metric"].map(titles))
    splits = [split for split in SPLITS if split in set(table["split"])]
    base = alt.Chart(table).encode(
        y=_rows("network", table),
        color=alt.Color("kind:N", scale=_kind_scale(table), legend=None),
        tooltip=["network:N", "split:N", *_numbers("estimate", "low", "high", "lowest", "highest")],
    )
    x = alt.Axis(title=None, tickCount=4, labelOverlap=True, labelSeparation=8)
    layers = alt.layer(
        alt.Chart(table)
        .mark_rule(strokeDash=[4, 3], color=GREY)
        .encode(x=alt.X("min(reference):Q", axis=x)),
        base.mark_bar(height=9, opacity=0.35).encode(x=alt.X("lowest:Q", axis=x), x2="highest:Q"),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", axis=x), x2="high:Q"),
        base.mark_point(filled=True, size=55, opacity=1).encode(
            x=alt.X("estimate:Q", axis=x, scale=alt.Scale(zero=False, padding=6))
        ),
    ).properties(width=138, height=alt.Step(20))
    above = alt.Header(labelOrient="top", labelAngle=0, labelAnchor="start", labelPadding=4)
    return layers.facet(
        column=alt.Column("split:N", title=None, sort=splits),
        row=alt.Row("title:N", title=None, sort=list(titles.values()), header=above),
        spacing={"row": 26, "column": 14},
    ).properties(description=_scores_in_words(table, splits))


def forest_chart(
    table: pd.DataFrame,
    titles: dict[str, str],
    summaries: Sequence[str] = (),
    difference: str = "combined minus single",
):
    """Show the difference of each pair with its interval, a column per metric.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``pair, metric, difference, low, high, p_holm``, in the order of the rows to draw;
        without a row, the chart says so. An undefined interval leaves the bare estimate.
    titles : dict of str to str
        The metrics shown, with their name.
    summaries : sequence of str
        Pairs drawn as diamonds, because they sum up others.
    difference : str
        What is taken from what.

    Returns
    -------
    altair.FacetChart or altair.Chart
    """
    table = table[table["metric"].isin(titles)]
    if table.empty:
        return empty_chart(NOTHING)
    table = table.assign(
        title=table["metric"].map(titles), shape=table["pair"].isin(summaries), zero=0.0
    )
    shape = alt.Scale(domain=[False, True], range=["circle", "diamond"])
    base = alt.Chart(table).encode(
        y=_rows("pair", table),
        tooltip=["pair:N", *_numbers("difference", "low", "high", "p_holm")],
    )
    x = alt.Axis(title=difference, tickCount=4, labelFlush=False)
    layers = alt.layer(
        alt.Chart(table)
        .mark_rule(strokeDash=[4, 3], color=GREY)
        .encode(x=alt.X("min(zero):Q", axis=x)),
        base.mark_rule(strokeWidth=2.5, color=ACCENT).encode(x=alt.X("low:Q", axis=x), x2="high:Q"),
        base.mark_point(filled=True, size=80, opacity=1, color=ACCENT).encode(
            x=alt.X("difference:Q", axis=x),
            shape=alt.Shape("shape:N", scale=shape, legend=None),
        ),
    ).properties(width=205, height=alt.Step(24))
    described = "; ".join(map(_difference_text, table.itertuples()))
    return layers.facet(
        column=alt.Column("title:N", title=None, sort=list(titles.values()))
    ).properties(
        description=f"{difference[0].upper()}{difference[1:]}, with intervals: {described}."
    )


def rank_chart(table: pd.DataFrame, titles: dict[str, str]):
    """Show each network's score on validation against that on test, a panel per metric.

    Parameters
    ----------
    table : pandas.DataFrame
        As for `score_chart`, with the splits validation and test; without a row, the chart says
        so.
    titles : dict of str to str
        The metrics shown, with their name and range.

    Returns
    -------
    altair.ConcatChart or altair.Chart
    """
    if table.empty:
        return empty_chart(NOTHING)
    panels = [
        _rank_panel(table[table["metric"] == metric], title) for metric, title in titles.items()
    ]
    counts = ", ".join(
        f"{title}: {table.loc[table['metric'] == metric, 'network'].nunique()} names"
        for metric, title in titles.items()
    )
    return alt.hconcat(*panels, spacing=30).properties(
        description=f"Scatter plots of test against validation; {counts}."
    )


def _rank_panel(table: pd.DataFrame, title: str) -> alt.LayerChart:
    wide = table.pivot(
        index=["network", "kind"], columns="split", values=["estimate", "low", "high"]
    )
    wide.columns = [f"{split}_{name}" for name, split in wide.columns]
    wide = wide.reset_index()
    limits = wide.filter(regex="_(estimate|low|high)$").stack()
    ends = pd.DataFrame({"end": [limits.min(), limits.max()]})
    kinds = [kind for kind in KIND_COLOURS if kind in set(wide["kind"])]
    scale = alt.Scale(zero=False, nice=True)
    x, y = ("validation_estimate:Q", "test_estimate:Q")
    base = alt.Chart(wide).encode(
        color=alt.Color(
            "kind:N", scale=_kind_scale(wide), title=None, legend=alt.Legend(symbolOpacity=1)
        ),
        tooltip=["network:N", "kind:N", *_numbers("validation_estimate", "test_estimate")],
    )
    shapes = alt.Scale(domain=kinds, range=[KIND_SHAPES[kind] for kind in kinds])
    return alt.layer(
        alt.Chart(ends)
        .mark_line(color=GREY, strokeDash=[4, 3], strokeWidth=1)
        .encode(
            x=alt.X("end:Q", title=f"{title}, validation", scale=scale),
            y=alt.Y("end:Q", title=f"{title}, test", scale=scale),
        ),
        base.mark_rule(opacity=0.35).encode(x="validation_low:Q", x2="validation_high:Q", y=y),
        base.mark_rule(opacity=0.35).encode(x=x, y="test_low:Q", y2="test_high:Q"),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            x=x, y=y, shape=alt.Shape("kind:N", scale=shapes, title=None)
        ),
    ).properties(width=225, height=225)


def _rows(field: str, table: pd.DataFrame) -> alt.Y:
    names = list(table[field].drop_duplicates())
    axis = alt.Axis(labelLimit=175, labelFontSize=11)
    return alt.Y(f"{field}:N", title=None, sort=names, axis=axis)


def _kind_scale(table: pd.DataFrame) -> alt.Scale:
    kinds = [kind for kind in KIND_COLOURS if kind in set(table["kind"])]
    return alt.Scale(domain=kinds, range=[KIND_COLOURS[kind] for kind in kinds])


def _numbers(*columns: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{column}:Q", format=".3f") for column in columns]


def _scores_in_words(table: pd.DataFrame, splits: Sequence[str]) -> str:
    parts = []
    for (title, split), rows in table.groupby(["title", "split"], sort=False):
        networks = rows.loc[rows["kind"] != "baseline", "estimate"]
        found = "no network"
        if len(networks):
            found = f"networks {networks.min():.2f} to {networks.max():.2f}"
        parts.append(f"{title} on {split}: {found}, best baseline {rows['reference'].max():.2f}")
    return f"Scores with intervals on {len(splits)} splits. {'; '.join(parts)}."


def _difference_text(row) -> str:
    if pd.isna(row.low):
        return f"{row.title}, {row.pair} {row.difference:.2f} (no interval)"
    return f"{row.title}, {row.pair} {row.difference:.2f} ({row.low:.2f} to {row.high:.2f})"
