"""Charts of a search for hyperparameters: what was tried, what mattered, what was best."""

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from .style import ACCENT, GREY, empty_chart, fit_page

NOTHING = "No hyperparameters were searched in this build."
TOO_FEW = "Too few trials were trained to the end to say what matters."

_ENDS = {"complete": "trained to the end", "pruned": "given up"}
_SHAPES = {"trained to the end": "circle", "given up": "cross"}
"""Of trials that have a loss, by what became of them."""
_COLOURS = {"trained to the end": ACCENT, "given up": GREY}

_GROUPS = {"best": (ACCENT, 4.0), "best quarter": ("#c2701f", 1.8), "others": (GREY, 0.8)}
_ABOVE = alt.Header(labelOrient="top", labelAngle=0, labelAnchor="start", labelPadding=4)


def search_history_chart(table: pd.DataFrame):
    """Show the loss of each trial in its order, and the lowest so far, a row for each study.

    Losses above `upper_limit` are drawn there.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``study, trial, origin, end, loss, lowest``; without a row, the chart says so.

    Returns
    -------
    altair.FacetChart or altair.Chart
    """
    if table.empty:
        return empty_chart(NOTHING)
    table = table.assign(
        outcome=table["end"].map(_ENDS),
        given=table["origin"].where(table["origin"] != "search", ""),
    )
    limits = table.groupby("study")["loss"].transform(upper_limit)
    table = _clipped(table, limits)
    ends = [end for end in _SHAPES if end in set(table["outcome"])]
    shape = alt.Scale(domain=ends, range=[_SHAPES[end] for end in ends])
    colour = alt.Scale(domain=ends, range=[_COLOURS[end] for end in ends])
    x = alt.X("trial:Q", title="trial", axis=alt.Axis(tickMinStep=1, tickCount=8))
    y = alt.Scale(zero=False, padding=8)
    base = alt.Chart(table).encode(x=x)
    lowest = base.mark_line(interpolate="step-after", color=ACCENT, strokeWidth=1.5).encode(
        y=alt.Y("lowest:Q", title="validation loss", scale=y)
    )
    points = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=alt.Y("shown:Q", scale=y),
        shape=alt.Shape("outcome:N", scale=shape, title=None),
        color=alt.Color("outcome:N", scale=colour, title=None),
        tooltip=["trial:Q", "origin:N", "outcome:N", _number("loss")],
    )
    names = base.mark_text(align="left", dx=7, dy=-7, color=GREY).encode(
        y="shown:Q", text="given:N"
    )
    studies = list(table["study"].unique())
    return (
        alt.layer(lowest, points, names, *_limit(table))
        .properties(width=500, height=170)
        .facet(row=alt.Row("study:N", title=None, sort=studies, header=_ABOVE))
        .resolve_scale(y="independent", x="independent")
        .properties(description=_history_in_words(table))
    )


def upper_limit(losses: pd.Series) -> float:
    """Return up to where losses are drawn: twice as far from the lowest as the median is.

    Examples
    --------
    >>> upper_limit(pd.Series([1.0, 2.0, 900.0]))
    3.0
    """
    lowest, usual = losses.min(), losses.median()
    return float(min(losses.max(), lowest + 2 * (usual - lowest) or losses.max()))


def _clipped(table: pd.DataFrame, limits: float | pd.Series) -> pd.DataFrame:
    """Return trials with the loss to draw; the first of a study that lies higher says so."""
    is_far = table["loss"] > limits
    shown = table["loss"].clip(upper=limits)
    study = table["study"] if "study" in table else pd.Series("", table.index)
    first = is_far & ~study.where(is_far).duplicated()
    return table.assign(shown=shown, beyond=("≥ " + shown.map(_text)).where(first, ""))


def _limit(table: pd.DataFrame) -> list[alt.Chart]:
    """Return the line at which losses are drawn that lie above it, and what it stands for."""
    base = alt.Chart(table).transform_filter("datum.beyond != ''").encode(y="shown:Q")
    return [
        base.mark_rule(color=GREY, strokeDash=[2, 3]),
        base.mark_text(align="right", baseline="bottom", dy=-3, color=GREY).encode(
            x=alt.value("width"), text="beyond:N"
        ),
    ]


def importance_chart(table: pd.DataFrame):
    """Show how much of the spread of the loss each setting explains, a row for each study.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``study, setting, importance`` (a share); without a row, the chart says so.

    Returns
    -------
    altair.FacetChart or altair.Chart
    """
    if table.empty:
        return empty_chart(TOO_FEW)
    rows = "; ".join(
        f"{row.study}: {row.setting} {row.importance:.2f}" for row in table.itertuples()
    )
    order = list(table.groupby("setting")["importance"].mean().sort_values(ascending=False).index)
    base = alt.Chart(table).encode(
        y=alt.Y("setting:N", title=None, sort=order, axis=alt.Axis(ticks=False, domain=False))
    )
    bars = base.mark_bar(color=ACCENT, height=12).encode(
        x=alt.X("importance:Q", title="share of the variance [0, 1]",
                scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(tickCount=5)),
        tooltip=["study:N", "setting:N", _number("importance")],
    )  # fmt: skip
    numbers = base.mark_text(align="left", dx=4, color=GREY).encode(
        x="importance:Q", text=alt.Text("importance:Q", format=".2f")
    )
    return (
        alt.layer(bars, numbers)
        .properties(width=330, height=alt.Step(22))
        .facet(row=alt.Row("study:N", title=None, header=_ABOVE))
        .resolve_scale(y="independent")
        .properties(description=f"Importance of each setting: {rows}.")
    )


def slice_chart(trials: pd.DataFrame, titles: Mapping[str, str]):
    """Show the loss of the trials of one study by each setting in turn.

    Losses above `upper_limit` are drawn there.

    Parameters
    ----------
    trials : pandas.DataFrame
        Columns ``trial, end, loss`` and settings; without a row, the chart says so.
    titles : mapping of str to str
        Names of the settings; those that are in the table and vary are shown.

    Returns
    -------
    altair.ConcatChart or altair.Chart
    """
    names = varied(trials, titles)
    if not names:
        return empty_chart(NOTHING)
    table = trials.dropna(subset=["loss"]).copy()
    table = _clipped(table, upper_limit(table["loss"]))
    table["outcome"] = table["end"].map(_ENDS)
    low, high = table["shown"].min(), table["shown"].max()
    shape = alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values()))
    colour = alt.Scale(domain=list(_COLOURS), range=list(_COLOURS.values()))
    panels = []
    for name in names:
        points = (
            alt.Chart(table)
            .mark_point(size=45, filled=True, opacity=0.9)
            .encode(
                x=_slice_axis(table[name], name, titles[name]),
                y=alt.Y("shown:Q", title="validation loss", axis=alt.Axis(tickCount=4),
                        scale=alt.Scale(domain=[low, high], nice=True, zero=False)),
                shape=alt.Shape("outcome:N", legend=None, scale=shape),
                color=alt.Color("outcome:N", legend=None, scale=colour),
                tooltip=["trial:Q", "outcome:N", f"{name}", _number("loss")],
            )
        )  # fmt: skip
        panels.append(alt.layer(points, *_limit(table)).properties(width=130, height=120))
    best = _best(table)
    found = ", ".join(f"{titles[name]} {_text(best[name])}" for name in names)
    return alt.concat(*panels, columns=3, spacing=16).properties(
        description=f"Loss of {len(table)} trials by setting; the lowest, {best['loss']:.3f}, "
        f"has {found}."
    )


def parallel_chart(trials: pd.DataFrame, titles: Mapping[str, str]):
    """Show each trial of one study as a line through its settings, down to its loss.

    Parameters
    ----------
    trials : pandas.DataFrame
        Columns ``trial, end, loss`` and settings; without a row, the chart says so.
    titles : mapping of str to str
        Names of the settings; those that are in the table and vary are shown.

    Returns
    -------
    altair.LayerChart or altair.Chart
    """
    names = varied(trials, titles)
    if not names:
        return empty_chart(NOTHING)
    table = trials.dropna(subset=["loss"])
    best = _best(table)
    is_good = table["loss"].rank(method="first") <= len(table) / 4
    group = np.select([table.index == best.name, is_good], ["best", "best quarter"], "others")
    places, ends = [], []
    for name in (*names, "loss"):
        title = titles.get(name, "validation loss")
        limit = upper_limit(table["loss"])
        values = table["loss"].clip(upper=limit) if name == "loss" else table[name]
        place, low, high = _places(values)
        places.append(
            pd.DataFrame(
                {"trial": table["trial"], "group": group, "end": table["end"], "axis": title,
                 "place": place, "value": table[name].map(_text), "loss": table["loss"]}
            )
        )  # fmt: skip
        if name == "loss" and limit < table["loss"].max():
            high = f"≥ {high}"
        ends += [(title, 0.0, low, "right"), (title, 1.0, high, "left")]
    lines = pd.concat(places, ignore_index=True)
    axes = [titles.get(name, "validation loss") for name in (*names, "loss")]
    groups = [name for name in _GROUPS if name in set(lines["group"])]
    y = alt.Y("axis:N", sort=axes, title=None, axis=alt.Axis(ticks=False, grid=False, domain=False))
    # Beside the lines is room for the lowest and the highest value of each setting.
    x = alt.X("place:Q", axis=None, scale=alt.Scale(domain=[0, 1], padding=60, nice=False))
    colours = alt.Scale(domain=groups, range=[_GROUPS[group][0] for group in groups])
    lines["width"] = lines["group"].map(lambda group: _GROUPS[group][1])
    drawn = (
        alt.Chart(lines)
        .mark_line(opacity=0.8, strokeJoin="round", strokeCap="round")
        .encode(
            x=x, y=y, detail="trial:N",
            order=alt.Order("number:Q"),
            color=alt.Color("group:N", title=None, scale=colours),
            strokeWidth=alt.StrokeWidth("width:Q", scale=None),
            tooltip=["trial:Q", "axis:N", "value:N", _number("loss")],
        )
        .transform_calculate(number=f"indexof({axes!r}, datum.axis)")
    )  # fmt: skip
    limits = pd.DataFrame(ends, columns=["axis", "place", "text", "side"])
    rules = (
        alt.Chart(pd.DataFrame({"axis": axes, "place": 0.0, "end": 1.0}))
        .mark_rule(color=GREY, opacity=0.25)
        .encode(x=x, x2="end:Q", y=y)
    )
    labels = [
        alt.Chart(limits[limits["side"] == side])
        .mark_text(align=side, dx=dx, color=GREY, fontSize=10)
        .encode(x=x, y=y, text="text:N")
        for side, dx in (("right", -8), ("left", 8))
    ]
    found = ", ".join(f"{titles[name]} {_text(best[name])}" for name in names)
    return fit_page(
        alt.layer(rules, drawn, *labels).properties(
            height=alt.Step(44),
            description=f"{len(table)} trials as lines; the best, with loss {best['loss']:.3f}, "
            f"has {found}.",
        ),
        125,
    )


def varied(trials: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """Return the settings in a table of trials that take more than one value."""
    return [name for name in titles if name in trials and trials[name].nunique() > 1]


def _best(table: pd.DataFrame) -> pd.Series:
    """Return the trial of lowest loss of those that were not given up, if there is one."""
    complete = table[table["end"] == "complete"]
    return table.loc[(complete if len(complete) else table)["loss"].idxmin()]


def _slice_axis(values: pd.Series, name: str, title: str) -> alt.X:
    if values.map(type).eq(str).any() or values.nunique() <= 4:
        return alt.X(f"{name}:O", title=title, axis=alt.Axis(labelAngle=0))
    is_wide = values.min() > 0 and values.max() / values.min() > 20
    scale = alt.Scale(type="log") if is_wide else alt.Scale(zero=False)
    format = ".0e" if is_wide else ".2~f"
    return alt.X(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(tickCount=3, format=format))


def _places(values: pd.Series) -> tuple[Sequence[float], str, str]:
    """Return where values lie on an axis from 0 to 1, and what stands at its ends."""
    if values.map(type).eq(str).any() or values.nunique() <= 4:
        levels = sorted(values.unique())
        steps = {level: place / max(1, len(levels) - 1) for place, level in enumerate(levels)}
        return values.map(steps).tolist(), _text(levels[0]), _text(levels[-1])
    numbers = values.astype(float)
    if numbers.min() > 0 and numbers.max() / numbers.min() > 20:
        numbers = np.log(numbers)
    place = (numbers - numbers.min()) / (numbers.max() - numbers.min())
    return place.tolist(), _text(values.min()), _text(values.max())


def _history_in_words(table: pd.DataFrame) -> str:
    parts = []
    for study, rows in table.groupby("study", sort=False):
        best = _best(rows)
        parts.append(
            f"{study}, {len(rows)} trials, lowest {best['loss']:.3f} at trial {best['trial']:.0f}"
        )
    return f"Validation loss by trial: {'; '.join(parts)}."


def _number(column: str) -> alt.Tooltip:
    return alt.Tooltip(f"{column}:Q", format=".3f")


def _text(value: object) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"
