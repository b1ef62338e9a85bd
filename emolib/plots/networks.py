"""Diagrams of networks: boxes from the faces at the top to the answers at the bottom."""

import altair as alt
import numpy as np
import pandas as pd

from .style import ACCENT, GREY, KIND_COLOURS, fit_page

BOX, GAP = 44, 16
"""Height in px of a box and of the space below it."""


def network_diagram(layers: pd.DataFrame, title: str) -> alt.LayerChart:
    """Draw the layers of a network, a column for each branch.

    Parameters
    ----------
    layers : pandas.DataFrame
        In the order of computation: ``layer`` and ``shape`` (text), ``branch`` (``shared`` or the
        name of an output), ``parameters`` and ``frozen``.
    title : str
        The name of the network.
    """
    branches = [branch for branch in dict.fromkeys(layers["branch"]) if branch != "shared"]
    shared = layers["branch"] == "shared"
    left = [0 if branch == "shared" else branches.index(branch) for branch in layers["branch"]]
    table = layers.assign(
        row=_rows(layers),
        left=left,
        right=np.where(shared, len(branches), np.add(left, 1)),
        colour=[_colour(layer) for layer in layers.itertuples()],
        size=[_size(layer) for layer in layers.itertuples()],
    )
    table["middle"] = (table["left"] + table["right"]) / 2
    # Branches stand a little apart.
    table["left"], table["right"] = table["left"] + 0.02, table["right"] - 0.02
    box = BOX / (BOX + GAP)
    for name, place in {"above": box - 1, "words": 0.24, "numbers": 0.5, "bottom": box}.items():
        table[name] = table["row"] + place
    n_rows = int(table["row"].max()) + 1
    x = alt.Scale(domain=[0, len(branches)])
    y = alt.Scale(domain=[0, n_rows], reverse=True)
    base = alt.Chart(table).encode(tooltip=["layer:N", "shape:N", "parameters:Q"])
    boxes = base.mark_rect(fillOpacity=0.08, strokeWidth=1.5, cornerRadius=4).encode(
        x=alt.X("left:Q", scale=x, axis=None),
        x2="right:Q",
        y=alt.Y("row:Q", scale=y, axis=None),
        y2="bottom:Q",
        fill=alt.Fill("colour:N", scale=None),
        stroke=alt.Stroke("colour:N", scale=None),
    )
    words = base.mark_text(fontSize=12).encode(x="middle:Q", y="words:Q", text="layer:N")
    numbers = base.mark_text(fontSize=10).encode(x="middle:Q", y="numbers:Q", text="size:N")
    lines = (
        alt.Chart(table[table["row"] > 0])
        .mark_rule(color=GREY)
        .encode(x="middle:Q", y="above:Q", y2="row:Q")
    )
    chart = alt.layer(boxes, lines, words, numbers).properties(
        height=n_rows * (BOX + GAP),
        title=title,
        description=_description(layers, branches, title),
    )
    return fit_page(chart, 20)


def _rows(layers: pd.DataFrame) -> list[int]:
    """Return the row of each box: below that before it in its branch, or below what is shared."""
    shared = int((layers["branch"] == "shared").sum())
    within = layers.groupby("branch").cumcount()
    return list(within + shared * (layers["branch"] != "shared"))


def _colour(layer) -> str:
    if layer.frozen or not layer.parameters:
        return GREY
    return ACCENT if layer.branch == "shared" else KIND_COLOURS[layer.branch]


def _size(layer) -> str:
    count = f", {layer.parameters:,} parameters" if layer.parameters else ""
    return f"{layer.shape}{count}{', frozen' if layer.frozen else ''}"


def _description(layers: pd.DataFrame, branches: list[str], title: str) -> str:
    """Return the diagram in words, branch by branch."""
    shared = layers.loc[layers["branch"] == "shared", "layer"]
    parts = [f"{title}: {', then '.join(shared)}"]
    for branch in branches:
        own = ", then ".join(layers.loc[layers["branch"] == branch, "layer"])
        parts.append(f"to the {branch} output: {own}")
    total = layers.loc[~layers["frozen"], "parameters"].sum()
    return f"{'; '.join(parts)}. {total:,} parameters train."
