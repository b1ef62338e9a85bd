"""Charts of how alike representations are: maps of all pairs, and layers during training."""

import altair as alt
import pandas as pd

from .style import (
    ACCENT,
    GREY,
    IS_NARROW,
    KIND_COLOURS,
    PAGE,
    empty_chart,
    fit_page,
    legend_columns,
)

BELOW, ABOVE = "same faces", "other faces"
"""What the two sides of the diagonal of a map show."""


def similarity_map(
    pairs: pd.DataFrame, ticks: dict[str, str] | None = None, label_width: int = 130
) -> alt.LayerChart | alt.Chart:
    """Show all pairs as a square: their similarity below the diagonal, chance above it.

    Parameters
    ----------
    pairs : DataFrame
        Each pair once: ``first, second``, in the order to draw; ``svcca``; ``other_faces``, the
        same with mismatched faces; ``chance``; ``cka``.
    ticks : dict of str to str or None
        Which names are written beside the rows, and how; None writes all, below the columns too.
    label_width : int
        Room in px for them.
    """
    names = list(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    if len(names) < 2:
        return empty_chart("There are no two representations to compare here.")
    shown = ["svcca", "other_faces", "chance", "cka"]
    below = pairs.rename(columns={"first": "column", "second": "row"}).assign(
        value=pairs["svcca"], faces=BELOW
    )
    above = pairs.rename(columns={"first": "row", "second": "column"}).assign(
        value=pairs["other_faces"], faces=ABOVE
    )
    table = pd.concat([below, above], ignore_index=True)
    table = table[["row", "column", "faces", "value", *shown]].round(3)
    labels = _labels(names, ticks)
    base = alt.Chart(table).encode(
        x=alt.X(
            "column:N",
            sort=names,
            axis=None
            if ticks
            else alt.Axis(
                title=None,
                labelAngle=alt.ExprRef(f"{IS_NARROW} ? -90 : -60"),
                labelFontSize=alt.ExprRef(f"{IS_NARROW} ? 10 : 12"),
                labelOverlap=alt.ExprRef(f"{IS_NARROW} ? 'parity' : false"),
                labelLimit=140,
                grid=False,
            ),
        ),
        y=alt.Y("row:N", sort=names, axis=labels),
        tooltip=[
            alt.Tooltip("row:N", title="representation"),
            alt.Tooltip("column:N", title="and"),
            alt.Tooltip("svcca:Q", title="SVCCA", format=".2f"),
            alt.Tooltip("other_faces:Q", title="on other faces", format=".2f"),
            alt.Tooltip("chance:Q", title="random numbers", format=".2f"),
            alt.Tooltip("cka:Q", title="CKA", format=".2f"),
        ],
    )
    colour = alt.Color(
        "value:Q",
        scale=alt.Scale(scheme="viridis", domain=[0, 1]),
        legend=alt.Legend(
            title=["SVCCA; above the", "diagonal: other faces"],
            gradientLength=alt.ExprRef(f"{IS_NARROW} ? 120 : 200"),
            titleLimit=0,
        ),
    )
    layers = [base.mark_rect().encode(color=colour)]
    if len(names) <= 13:
        dark = alt.condition("datum.value > 0.6", alt.value("black"), alt.value("white"))
        # On a telephone cells are narrower than numbers; the colour and the tooltip remain.
        room = alt.ExprRef(f"width / {len(names)} < 22 ? 0 : 1")
        numbers = base.mark_text(fontSize=10, opacity=room).encode(
            text=alt.Text("value:Q", format=".2f"), color=dark
        )
        layers.append(numbers)
    height = max(300, min(PAGE - label_width, 26 * len(names)))
    # Nearly a square on a telephone too, but every written name has its line.
    lines = 14 * len(ticks or names)
    narrowed = alt.param(name="height", expr=f"{IS_NARROW} ? max(width, {lines}) : {height}")
    return fit_page(alt.layer(*layers).add_params(narrowed), label_width + 5).properties(
        height=height, description=_map_in_words(pairs, names)
    )


def dynamics_chart(table: pd.DataFrame | None, kept: int | None) -> alt.LayerChart | alt.Chart:
    """Show how similar each layer is to its last state, epoch by epoch.

    Parameters
    ----------
    table : DataFrame or None
        ``epoch``; ``layer``, those of a branch from input to output; ``branch``, ``shared`` or the
        name of an output; ``svcca``; ``other_faces``. None says that nothing was trained again.
    kept : int or None
        The epoch whose state the run keeps, marked by a line.
    """
    if table is None:
        return empty_chart("This network was not trained again.")
    branches = dict(zip(table["layer"], table["branch"], strict=True))
    order, colours = list(branches), [_branch_colour(branch) for branch in branches.values()]
    dashes = [_dash(number, list(branches.values())) for number in range(len(order))]
    table = table.round(4)
    x = alt.X(
        "epoch:Q",
        scale=alt.Scale(type="symlog", nice=False),
        axis=alt.Axis(title="epoch", values=sorted(set(table["epoch"])), labelOverlap=True),
    )
    y_scale, y_axis = alt.Scale(domain=[0, 1]), alt.Axis(title="SVCCA with the last state")
    stroke = alt.Color(
        "layer:N", sort=order, scale=alt.Scale(domain=order, range=colours), title=None
    )
    dash = alt.StrokeDash(
        "layer:N", sort=order, scale=alt.Scale(domain=order, range=dashes), title=None
    )
    legend = alt.Legend(
        columns=legend_columns(2, 1),
        labelLimit=0,
        symbolType="stroke",
        symbolSize=600,
        symbolOpacity=1,
    )
    base = alt.Chart(table).encode(
        x=x,
        color=stroke.legend(legend),
        strokeDash=dash.legend(legend),
        tooltip=[
            "layer:N",
            "epoch:Q",
            alt.Tooltip("svcca:Q", title="SVCCA", format=".2f"),
            alt.Tooltip("other_faces:Q", title="on other faces", format=".2f"),
        ],
    )
    marked = pd.DataFrame({"epoch": [kept]})
    chart = alt.layer(
        alt.Chart(marked).mark_rule(color=GREY, strokeDash=[2, 3]).encode(x="epoch:Q"),
        base.mark_line(strokeWidth=1, opacity=0.6).encode(
            y=alt.Y("other_faces:Q", scale=y_scale, axis=y_axis)
        ),
        base.mark_line(strokeWidth=2.5).encode(y=alt.Y("svcca:Q", scale=y_scale, axis=y_axis)),
        base.mark_circle(size=40, opacity=1).encode(y=alt.Y("svcca:Q")),
    )
    ends = table[table["epoch"] == 0]
    described = ", ".join(f"{row.layer} {row.svcca:.2f}" for row in ends.itertuples())
    return fit_page(chart, 70).properties(
        height=280,
        description=(
            f"Similarity of {len(order)} layers to their last state against the epoch, "
            f"{table['epoch'].nunique()} epochs. Before training: {described}. "
            f"Epoch {kept} is kept. Thin lines: mismatched faces."
        ),
    )


def _labels(names: list[str], ticks: dict[str, str] | None) -> alt.Axis:
    if ticks is None:
        return alt.Axis(title=None, labelLimit=180, grid=False)
    written = {name: ticks[name] for name in names if name in ticks}
    return alt.Axis(
        title=None,
        values=list(written),
        labelExpr=f"({_as_object(written)})[datum.value]",
        labelLimit=220,
        labelFontSize=10,
        ticks=False,
        grid=False,
    )


def _as_object(words: dict[str, str]) -> str:
    """Return a dictionary as Vega's expressions write it."""
    quoted = (f"{_quoted(key)}: {_quoted(word)}" for key, word in words.items())
    return "{" + ", ".join(quoted) + "}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _map_in_words(pairs: pd.DataFrame, names: list[str]) -> str:
    known = pairs.dropna(subset=["svcca"])
    if known.empty:
        return f"Map of {len(names)} representations; none can be compared. 0 results."
    least, most = known.loc[known["svcca"].idxmin()], known.loc[known["svcca"].idxmax()]
    return (
        f"Map of {len(names)} representations, {len(pairs)} pairs: SVCCA "
        f"{least['svcca']:.2f} ({least['first']} and {least['second']}) to {most['svcca']:.2f} "
        f"({most['first']} and {most['second']}); on other faces {known['other_faces'].min():.2f} "
        f"to {known['other_faces'].max():.2f}."
    )


def _branch_colour(branch: str) -> str:
    return KIND_COLOURS.get(branch, ACCENT)


def _dash(number: int, branches: list[str]) -> list[int]:
    """Return the dashes of a layer: none for the last of its branch, shorter ones further up."""
    behind = branches[number + 1 :].count(branches[number])
    return [8 // behind, 3] if behind else [1, 0]
