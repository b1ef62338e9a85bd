"""Charts of what was measured beside named peers, and of where a build spends its time."""

import altair as alt
import numpy as np
import pandas as pd

from .style import ACCENT, GREY, empty_chart, fit_page

MISSED = "#c2701f"
ROW = 22
"""Height of a row in px."""


def goal_chart(results: pd.DataFrame) -> alt.LayerChart | alt.Chart:
    """Show by which factor each benchmark keeps its goal: the median, and a line over quartiles.

    Right of the line at 1 a goal was reached; what is smaller the better is turned round.

    Parameters
    ----------
    results : pandas.DataFrame
        As `emolib.planning.benchmarks.load_benchmarks` returns it.
    """
    judged = results[results["kept"].notna()]
    if judged.empty:
        return empty_chart("Nothing that has a goal was measured.")
    columns = ["number", "what", "against", "goal", "reached", "median", "unit"]
    ends = ["kept", "kept_low", "kept_high"]
    finite = judged[ends].replace(np.inf, np.nan)  # a median or quartile of 0, the less the better
    least, most = min(finite.min().min(), 1) / 1.3, max(finite.max().max(), 1) * 1.3
    table = judged[[*columns, *ends]].assign(**judged[ends].clip(upper=most))
    order = table["number"].tolist()
    log = alt.Scale(type="log", domain=[least, most], nice=False)
    axis = alt.Axis(values=[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000], format="~g")
    x = alt.X("kept:Q", title="times the goal", scale=log, axis=axis)
    y = alt.Y("number:N", title=None, sort=order, axis=alt.Axis(labelLimit=150))
    answers = {"domain": ["yes", "no"]}
    colour = alt.Color(
        "reached:N", title="reached", scale=alt.Scale(**answers, range=[ACCENT, MISSED])
    )
    shape = alt.Shape("reached:N", scale=alt.Scale(**answers, range=["circle", "diamond"]))
    base = alt.Chart(table).encode(y=y)
    chart = alt.layer(
        alt.Chart(pd.DataFrame({"kept": [1.0]})).mark_rule(color=GREY).encode(x=x),
        base.mark_rule(strokeWidth=2).encode(x=x.copy(), x2="kept_high:Q", color=colour)
        .transform_calculate(kept="datum.kept_low"),
        base.mark_point(filled=True, size=70, opacity=1).encode(
            x=x,
            color=colour,
            shape=shape,
            tooltip=["what", "against", alt.Tooltip("median:Q", format=".3~r"), "unit", "goal"],
        ),
    ).properties(height=ROW * len(table), description=_goals_described(table))  # fmt: skip
    return fit_page(chart, 130)


def profile_chart(profile: pd.DataFrame, titles: dict[str, str]) -> alt.LayerChart | alt.Chart:
    """Show the minutes of each stage of a build as bars, with its largest job's memory.

    Parameters
    ----------
    profile : pandas.DataFrame
        Columns ``stage, jobs, seconds, peak_gb``.
    titles : dict of str to str
        Stage -> its name; a stage that is not in it keeps its own.
    """
    if profile.empty:
        return empty_chart("The stages of this build were not timed.")
    table = profile[["jobs"]].assign(
        title=[titles.get(stage, stage) for stage in profile["stage"]],
        minutes=profile["seconds"] / 60,
        memory=[_memory(peak) for peak in profile["peak_gb"]],
    )
    table["label"] = [
        _duration(row.minutes) + (f", {row.memory}" if row.memory else "")
        for row in table.itertuples()
    ]
    scale = alt.Scale(domain=[0, table["minutes"].max() * 1.6])  # room for the labels
    base = alt.Chart(table).encode(
        x=alt.X("minutes:Q", title="minutes, jobs one after the other", scale=scale),
        y=alt.Y("title:N", title=None, sort=table["title"].tolist()),
        tooltip=["title", "jobs", alt.Tooltip("minutes:Q", format=".2f"), "memory"],
    )
    chart = alt.layer(
        base.mark_bar(color=ACCENT, height=ROW - 8),
        base.mark_text(align="left", dx=5).encode(text="label:N"),
    ).properties(
        height=ROW * len(table),
        description="Bars of the minutes of each stage, with the memory of its largest job. "
        + "; ".join(f"{row.title}: {row.label}" for row in table.itertuples())
        + ".",
    )
    return fit_page(chart, 160)


def _duration(minutes: float) -> str:
    return f"{minutes:.1f} min" if minutes >= 1 else f"{minutes * 60:.0f} s"


def _memory(peak: float) -> str:
    return "" if pd.isna(peak) else f"{peak:.1f} GB"


def _goals_described(table: pd.DataFrame) -> str:
    each = "; ".join(f"{row.number}: {row.kept:.2f} times its goal" for row in table.itertuples())
    reached = (table["reached"] == "yes").sum()
    return f"Points on a line for {len(table)} goals, {reached} of which were reached. {each}."
