"""Charts that re-read published results: implied shares, consistency, selection, verdicts."""

import altair as alt
import pandas as pd

from emolib.labels import EMOTIONS, SPLITS

from .style import ACCENT, BREAK_NAMES, GREY, fit_page, legend_columns, split_colour

WARNING = "#d55e00"
"""Of what contradicts: the vermilion of the Okabe-Ito palette."""

VERDICTS = {
    "supported": ("#1f9e9e", "circle"),
    "not supported": (WARNING, "cross"),
    "undecided": (ACCENT, "diamond"),
}
"""Colour and shape of what was concluded about a claim."""

PRINTED = {"printed, validation": (GREY, "triangle"), "printed, test": (GREY, "square")}
"""The same of what the thesis printed."""

BELOW = 5
"""How far below the middle of its row, in px, the effect of a claim is drawn."""


def share_chart(shares: pd.DataFrame) -> alt.LayerChart:
    """Show the bounds of the share of each category in each split.

    Parameters
    ----------
    shares : pandas.DataFrame
        Columns ``split, emotion, low, high``; rows of other names than the seven are left out.
    """
    table = shares[shares["emotion"].isin(EMOTIONS)]
    base = alt.Chart(table).encode(
        y=alt.Y("emotion:N", sort=list(EMOTIONS), title=None),
        yOffset=alt.YOffset("split:N", sort=list(SPLITS)),
        color=split_colour(),
        tooltip=["emotion:N", "split:N", *_formatted("low", "high")],
    )
    x = {"scale": alt.Scale(domainMin=0), "axis": _percent("share of the faces")}
    bars = base.mark_bar(opacity=0.85, cornerRadius=3).encode(x=alt.X("low:Q", **x), x2="high:Q")
    ends = [base.mark_tick(thickness=2).encode(x=alt.X(f"{end}:Q", **x)) for end in ("low", "high")]
    common = table[table["emotion"].isin(["neutral", "sadness"])]
    described = "; ".join(
        f"{row.emotion} on {row.split} {row.low:.0%} to {row.high:.0%}"
        for row in common.itertuples()
    )
    return fit_page(alt.layer(bars, *ends), 85).properties(
        height=alt.Step(13), description=f"Bounds of class shares by split: {described}."
    )


def consistency_chart(totals: pd.DataFrame) -> alt.LayerChart:
    """Show the printed total of each network against what its recalls allow.

    Parameters
    ----------
    totals : pandas.DataFrame
        Columns ``network, printed, low, high, consistent``, in the order of the rows to draw.
    """
    table = totals[["network", "printed", "low", "high"]].assign(
        row=totals["consistent"].map({True: "consistent", False: "contradicts the others"})
    )
    axis = alt.Axis(labelLimit=220, labelExpr=BREAK_NAMES)
    y = alt.Y("network:N", sort=None, title=None, axis=axis)
    x = {"scale": alt.Scale(zero=False, padding=14), "axis": _percent("total accuracy")}
    tooltip = ["network:N", *_formatted("printed", "low", "high"), "row:N"]
    base = alt.Chart(table).encode(y=y, tooltip=tooltip)
    bars = base.mark_bar(color=GREY, opacity=0.5, height=10).encode(
        x=alt.X("low:Q", **x), x2="high:Q"
    )
    scale = alt.Scale(domain=["consistent", "contradicts the others"], range=[ACCENT, WARNING])
    shapes = alt.Scale(domain=scale.domain, range=["circle", "diamond"])
    legend = alt.Legend(title=None, columns=legend_columns(2, 1))
    points = base.mark_point(filled=True, size=90, opacity=1).encode(
        x=alt.X("printed:Q", **x),
        color=alt.Color("row:N", scale=scale, legend=legend),
        shape=alt.Shape("row:N", scale=shapes, legend=legend),
    )
    aside = table[~totals["consistent"]]
    described = "; ".join(
        f"{row.network} printed {row.printed:.2f} but its recalls give {row.low:.2f} to "
        f"{row.high:.2f}"
        for row in aside.itertuples()
    )
    return fit_page(alt.layer(bars, points), 205, 135).properties(
        height=alt.Step(28),
        description=(
            f"Printed totals of {len(table)} networks against the range their recalls allow; "
            f"{len(aside)} contradict the others{f': {described}' if described else ''}."
        ),
    )


def selection_chart(scores: pd.DataFrame) -> alt.LayerChart:
    """Show the test accuracy of networks against the validation accuracy they are picked by.

    Parameters
    ----------
    scores : pandas.DataFrame
        Columns ``network, kind, validation, test``.
    """
    table = scores[["network", "kind", "validation", "test"]]
    limits = [0, max(table["validation"].max(), table["test"].max()) + 0.05]
    scale = alt.Scale(domain=limits, nice=False)
    diagonal = (
        alt.Chart(pd.DataFrame({"validation": limits, "test": limits}))
        .mark_line(color=GREY, strokeDash=[5, 4])
        .encode(x="validation:Q", y="test:Q")
    )
    kinds = alt.Scale(domain=["category", "combined"], range=[GREY, ACCENT])
    points = (
        alt.Chart(table)
        .mark_point(filled=True, size=110, opacity=0.9)
        .encode(
            x=alt.X("validation:Q", scale=scale, axis=_percent("total accuracy on validation")),
            y=alt.Y("test:Q", scale=scale, axis=_percent("total accuracy on test")),
            color=alt.Color("kind:N", scale=kinds, title=None),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds.domain), title=None),
            tooltip=["network:N", *_formatted("validation", "test")],
        )
    )
    best = {split: table.loc[table[split].idxmax()] for split in ("validation", "test")}
    described = "; ".join(
        f"highest on {split} is {row['network']} with {row['validation']:.2f} on validation and "
        f"{row['test']:.2f} on test"
        for split, row in best.items()
    )
    return fit_page(alt.layer(diagonal, points), 60).properties(
        height=360,
        description=f"Validation against test accuracy of {len(table)} networks: {described}.",
    )


def _percent(title: str) -> alt.Axis:
    return alt.Axis(title=title, format=".0%", tickCount=6)


def _formatted(*fields: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(f"{field}:Q", format=".3f") for field in fields]


def verdict_chart(ledger: pd.DataFrame) -> alt.LayerChart:
    """Show the effect that each claim speaks of, its interval, its verdict and what was printed.

    Parameters
    ----------
    ledger : pandas.DataFrame
        One row a claim: ``name, effect, low, high, verdict, published_validation,
        published_test``; claims that were not tested have no effect.
    """
    columns = ["name", "effect", "low", "high", "verdict"]
    table = ledger[columns]
    printed = pd.concat(
        pd.DataFrame(
            {
                "name": ledger["name"],
                "effect": ledger[f"published_{split}"],
                "verdict": f"printed, {split}",
            }
        )
        for split in SPLITS[1:]
    ).dropna()
    y = alt.Y("name:N", sort=list(ledger["name"]), title=None, axis=alt.Axis(labelLimit=220))
    x = {"scale": alt.Scale(padding=14), "axis": alt.Axis(title="effect claimed", tickCount=6)}
    looks = VERDICTS | {
        "printed, validation": (GREY, "triangle"),
        "printed, test": (GREY, "square"),
    }
    verdicts, (colours, shapes) = list(looks), zip(*looks.values(), strict=True)
    inside = [looks[name][0] if name in VERDICTS else "transparent" for name in looks]
    legend = alt.Legend(title=None, columns=legend_columns(3, 1))
    stroke = alt.Stroke(
        "verdict:N", scale=alt.Scale(domain=verdicts, range=list(colours)), legend=legend
    )
    # What was printed is hollow, in the legend too, and stands above what it might cover.
    seen = {
        "stroke": stroke,
        "fill": alt.Fill(
            "verdict:N", scale=alt.Scale(domain=verdicts, range=inside), legend=legend
        ),
        "shape": alt.Shape(
            "verdict:N", scale=alt.Scale(domain=verdicts, range=list(shapes)), legend=legend
        ),
    }
    judged = alt.Chart(table).encode(
        y=y, tooltip=["name:N", "verdict:N", *_formatted(*columns[1:4])]
    )
    zero = (
        alt.Chart(pd.DataFrame({"effect": [0.0]}))
        .mark_rule(color=GREY, strokeDash=[5, 4])
        .encode(x="effect:Q")
    )
    intervals = judged.transform_filter("isValid(datum.low)").mark_rule(
        strokeWidth=3, yOffset=BELOW
    )
    points = judged.transform_filter("isValid(datum.effect)").mark_point(
        size=100, opacity=1, yOffset=BELOW
    )
    hollow = alt.Chart(printed).mark_point(size=60, opacity=1, yOffset=-BELOW - 2)
    layers = [
        zero,
        intervals.encode(x=alt.X("low:Q", **x), x2="high:Q", stroke=stroke),
        hollow.encode(
            x=alt.X("effect:Q", **x),
            y=y,
            tooltip=["name:N", "verdict:N", *_formatted("effect")],
            **seen,
        ),
        points.encode(x=alt.X("effect:Q", **x), **seen),
    ]
    described = "; ".join(
        f"{row.name}: {row.verdict}, {row.effect:.2f} ({row.low:.2f} to {row.high:.2f})"
        for row in table.dropna().itertuples(index=False)
    )
    untested = int(table["effect"].isna().sum())
    return fit_page(alt.layer(*layers), 175).properties(
        height=alt.Step(28),
        description=(
            f"Effects of {len(table) - untested} claims with interval and verdict; {untested} are "
            f"not tested{f': {described}' if described else ''}."
        ),
    )
