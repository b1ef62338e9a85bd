"""Charts of how a build comes about: its steps, and what each chapter reads of them."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from .style import ACCENT, GREY, empty_chart, fit_page

BOX, GAP = 34, 26
"""Height in px of a step and of the space below it."""


def step_chart(steps: pd.DataFrame) -> alt.Chart | alt.LayerChart:
    """Draw the steps of a build from above to below, each with a line from what it needs.

    Parameters
    ----------
    steps : pandas.DataFrame
        Columns ``step, does, level, needs, files``, none before what it needs; see
        `emolib.planning.graph.build_steps`.
    """
    table = _placed(steps)
    lines = pd.DataFrame(
        [
            (x, table.at[other, "x"], table.at[other, "bottom"], top)
            for _, x, top, needs in table[["x", "top", "needs"]].itertuples()
            for other in needs
        ],
        columns=["x", "from", "above", "below"],
    )
    n_levels = int(steps["level"].max()) + 1
    across = {"scale": alt.Scale(domain=[0, 1]), "axis": None}
    down = {"scale": alt.Scale(domain=[0, n_levels], reverse=True), "axis": None}
    base = alt.Chart(table.drop(columns="needs").reset_index()).encode(
        tooltip=["step:N", "does:N", alt.Tooltip("files:Q", title="files made")]
    )
    boxes = base.mark_rect(fillOpacity=0.1, fill=ACCENT, stroke=ACCENT, cornerRadius=4).encode(
        x=alt.X("left:Q", **across),
        x2="right:Q",
        y=alt.Y("top:Q", **down),
        y2="bottom:Q",
    )
    words = base.mark_text(fontSize=12).encode(
        x=alt.X("x:Q", **across), y=alt.Y("middle:Q", **down), text="step:N"
    )
    arrows = (
        alt.Chart(lines)
        .mark_rule(color=GREY)
        .encode(x=alt.X("from:Q", **across), x2="x:Q", y=alt.Y("above:Q", **down), y2="below:Q")
    )
    said = "; ".join(
        f"{step.step} needs {' and '.join(step.needs)}" for step in steps.itertuples() if step.needs
    )
    chart = alt.layer(arrows, boxes, words).properties(
        height=n_levels * (BOX + GAP) - GAP,
        description=f"Diagram of the {len(steps)} steps of the build, from above to below: {said}.",
    )
    return fit_page(chart, 44)


def reads_chart(reads: pd.DataFrame, stages: Sequence[str]) -> alt.Chart:
    """Mark which chapter reads what of a build.

    Parameters
    ----------
    reads : pandas.DataFrame
        Columns ``chapter, stage, files``, in the order of the rows to draw; may be empty.
    stages : sequence of str
        The columns to draw, in order.
    """
    if reads.empty:
        return empty_chart("No chapter of this build was executed yet.")
    shown = [stage for stage in stages if stage in set(reads["stage"])]
    said = "; ".join(
        f"{chapter}: {', '.join(rows['stage'])}"
        for chapter, rows in reads.groupby("chapter", sort=False)
    )
    chapters = reads["chapter"].nunique()
    chart = (
        alt.Chart(reads)
        .mark_square(color=ACCENT, opacity=0.9, size=130)
        .encode(
            x=alt.X("stage:N", sort=shown, title=None, axis=alt.Axis(orient="top", labelAngle=-90)),
            y=alt.Y("chapter:N", sort=None, title=None, axis=alt.Axis(grid=True)),
            tooltip=["chapter:N", "stage:N", alt.Tooltip("files:Q", title="files opened")],
        )
        .properties(
            height=alt.Step(20),
            description=f"What each of {chapters} chapters reads of the build. {said}.",
        )
    )
    return fit_page(chart, 140)


def _placed(steps: pd.DataFrame) -> pd.DataFrame:
    """Return steps by name with the edges of their boxes: across in [0, 1], down in levels.

    In a level they stand in the order of what they need, so that few lines cross.
    """
    places: dict[str, float] = {}
    for _, level in steps.groupby("level"):
        above = {
            step.step: sum(places[other] for other in step.needs) / max(len(step.needs), 1)
            for step in level.itertuples()
        }
        for place, step in enumerate(sorted(above, key=above.get)):
            places[step] = (place + 0.5) / len(above)
    table = steps.set_index("step").assign(x=pd.Series(places))
    half = 0.46 / table.groupby("level")["x"].transform("size").clip(lower=3)
    table["left"], table["right"] = table["x"] - half, table["x"] + half
    table["top"], table["bottom"] = table["level"], table["level"] + BOX / (BOX + GAP)
    table["middle"] = (table["top"] + table["bottom"]) / 2
    return table
