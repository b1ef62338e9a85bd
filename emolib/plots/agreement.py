"""Charts of how far two raters agree, and of where they differ."""

import altair as alt
import pandas as pd

from emolib.labels import DIMENSION_RANGE, DIMENSIONS

from .style import ACCENT, GREY, dimension_title, emotion_colour, empty_chart, fit_page

MEASURES = {
    "kappa": "categories (kappa)",
    "ccc_valence": "valence (CCC)",
    "ccc_arousal": "arousal (CCC)",
}
"""What is drawn of a table of agreement, and what it is called."""

RATER_COLOURS = ("#3d8fc4", "#c2701f")
RATER_DASHES = ([1, 0], [6, 3])
DIFFER = "differ"
_WIDTH = 500


def agreement_chart(table: pd.DataFrame, whole: str):
    """Show every coefficient of every pair of raters: small by video, large over all videos.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``video, first, second, kappa, ccc_valence, ccc_arousal``; NaN where undefined.
    whole : str
        What the rows over all videos have for a video.

    Returns
    -------
    altair.LayerChart or altair.Chart
    """
    long = table.melt(["video", "first", "second"], list(MEASURES), "measure", "value").dropna()
    if long.empty:
        return empty_chart("No two raters annotated the same in a way that can be compared.")
    long["measure"] = long["measure"].map(MEASURES)
    long["pair"] = long["first"] + " and " + long["second"]
    several = long["pair"].nunique() > 1
    y = {"y": alt.Y("measure:N", title=None, sort=list(MEASURES.values()))}
    if several:
        y = {"y": alt.Y("pair:N", title=None), "yOffset": alt.YOffset("measure:N")}
    scale = alt.Scale(domain=list(MEASURES.values()), range=[ACCENT, *RATER_COLOURS])
    shapes = alt.Scale(domain=list(MEASURES.values()), range=["circle", "square", "triangle-up"])
    legend = alt.Legend() if several else None
    base = alt.Chart(long.round(4)).encode(
        x=alt.X("value:Q", title="agreement [−1, 1]", scale=alt.Scale(domain=[-1, 1])),
        color=alt.Color("measure:N", scale=scale, title=None, legend=legend),
        shape=alt.Shape("measure:N", scale=shapes, title=None, legend=legend),
        tooltip=["pair:N", "video:N", "measure:N", alt.Tooltip("value:Q", format=".2f")],
        **y,
    )
    of_all = alt.datum.video == whole
    layers = alt.layer(
        base.transform_filter(~of_all).mark_point(size=35, opacity=0.7),
        base.transform_filter(of_all).mark_point(
            size=180, filled=True, opacity=1, stroke="white", strokeWidth=1
        ),
    )
    overall = long[long["video"] == whole]
    described = "; ".join(
        f"{row.pair}, {row.measure} {row.value:.2f}" for row in overall.itertuples()
    )
    rows = long["pair"].nunique() * len(MEASURES) if several else len(MEASURES)
    return fit_page(layers, 140).properties(
        height=30 * rows + 20, description=f"Agreement of raters over {whole}: {described}."
    )


def rater_timeline(
    intervals: pd.DataFrame, traces: pd.DataFrame, differences: pd.DataFrame
) -> alt.VConcatChart:
    """Show what two raters said of one person over time, and mark where they differ.

    Parameters
    ----------
    intervals : pandas.DataFrame
        Columns ``rater, start, end`` (s), ``emotion``.
    traces : pandas.DataFrame
        Columns ``rater, time`` (s), ``valence, arousal``; NaN where nothing was said.
    differences : pandas.DataFrame
        Columns ``content`` (``emotion``, ``valence`` or ``arousal``), ``start, end, seconds`` (s),
        ``first_said, second_said``.

    Returns
    -------
    altair.VConcatChart or altair.Chart
    """
    raters = sorted({*intervals["rater"], *traces["rater"]})
    if not raters:
        return empty_chart("Nobody annotated this person.")
    last = max(0.0, *intervals["end"], *traces["time"])
    time = alt.Scale(domain=[0, last], nice=False)
    lanes = _lanes(intervals, differences[differences["content"] == "emotion"], raters, time)
    lines = [
        _lines(traces, differences[differences["content"] == name], name, raters, time)
        for name in DIMENSIONS
        if traces[name].notna().any()
    ]
    seconds = differences.groupby("content")["seconds"].sum()
    described = ", ".join(
        f"{seconds.get(content, 0.0):.1f} s in {content}" for content in ("emotion", *DIMENSIONS)
    )
    return (
        alt.vconcat(lanes, *lines, spacing=14)
        .resolve_scale(color="independent", strokeDash="independent")
        .properties(
            description=(
                f"What {' and '.join(raters)} said over {last:.1f} s; they differ for {described}."
            )
        )
    )


def _lanes(
    intervals: pd.DataFrame, differences: pd.DataFrame, raters: list[str], time: alt.Scale
) -> alt.LayerChart:
    """Return a lane of intervals for each rater, and one of differences below them."""
    y = alt.Y("rater:N", title=None, sort=[*raters, DIFFER], axis=alt.Axis(grid=False))
    x = alt.X(
        "start:Q", title=None, scale=time, axis=alt.Axis(labels=False, ticks=False, grid=False)
    )
    table = intervals[["rater", "start", "end", "emotion"]].round(3)
    bars = alt.Chart(table).mark_bar(height=14, yOffset=8, stroke="white", strokeWidth=0.5)
    words = alt.Chart(table).mark_text(align="left", dy=-8, color=GREY)
    long_enough = alt.datum.end - alt.datum.start > time.domain[1] / 12  # for its word
    marked = differences.assign(rater=DIFFER)[
        ["rater", "start", "end", "first_said", "second_said"]
    ].round(3)
    apart = alt.Chart(marked).mark_bar(height=14, yOffset=8, color=GREY)
    what = ["rater:N", "emotion:N", *_spans()]
    return alt.layer(
        bars.encode(x=x, x2="end:Q", y=y, color=emotion_colour(), tooltip=what),
        words.encode(x=x, y=y, text="emotion:N").transform_filter(long_enough),
        apart.encode(x=x, x2="end:Q", y=y, tooltip=["first_said:N", "second_said:N", *_spans()]),
    ).properties(width=_WIDTH, height=alt.Step(38))


def _lines(
    traces: pd.DataFrame,
    differences: pd.DataFrame,
    dimension: str,
    raters: list[str],
    time: alt.Scale,
) -> alt.LayerChart:
    """Return the traces of both raters; where they differ the ground is grey."""
    table = traces[["rater", "time", dimension]].round(3).rename(columns={dimension: "value"})
    colours = alt.Scale(domain=raters, range=list(RATER_COLOURS[: len(raters)]))
    dashes = alt.Scale(domain=raters, range=list(RATER_DASHES[: len(raters)]))
    first = dimension == DIMENSIONS[0]
    legend = alt.Legend(orient="top") if first else None
    axis = alt.Axis(title=None if first else "time (s)", labels=not first)
    ground = (
        alt.Chart(differences[["start", "end", "first_said", "second_said"]].round(3))
        .mark_rect(color=GREY, opacity=0.3)
        .encode(
            x=alt.X("start:Q", scale=time),
            x2="end:Q",
            tooltip=["first_said:N", "second_said:N", *_spans()],
        )
    )
    lines = (
        alt.Chart(table)
        .mark_line(strokeWidth=1.5, strokeJoin="round")
        .encode(
            x=alt.X("time:Q", scale=time, axis=axis),
            y=alt.Y(
                "value:Q",
                title=dimension_title(dimension),
                scale=alt.Scale(domain=list(DIMENSION_RANGE)),
                axis=alt.Axis(tickCount=5),
            ),
            color=alt.Color("rater:N", scale=colours, title=None, legend=legend),
            strokeDash=alt.StrokeDash("rater:N", scale=dashes, title=None, legend=legend),
        )
    )
    return alt.layer(ground, lines).properties(width=_WIDTH, height=110)


def _spans() -> list[alt.Tooltip]:
    return [
        alt.Tooltip(f"{name}:Q", format=".2f", title=f"{name} (s)") for name in ("start", "end")
    ]
