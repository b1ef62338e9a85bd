"""The gates of an LSTM over a sequence, above the faces that it reads."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.labels import COLOURS

from .pictures import data_uri
from .style import ACCENT, GREY, IS_NARROW, PAGE, fit_page, unbroken

GATES = {"input": "input gate", "forget": "forget gate", "output": "output gate"}
MEMORIES = {"cell": "cell", "state": "state"}
LINES = {
    "input gate": ("#c2701f", [1, 0]),
    "forget gate": (ACCENT, [7, 3]),
    "output gate": ("#1f9e9e", [2, 3]),
    "cell": ("#3d8fc4", [1, 0]),
    "state": ("#8f8f1f", [5, 3]),
}
"""Colour and dash of each line."""

BAND, FACE, STRIP, GAP = 100, 36, 12, 14
"""Heights in px of a band of lines, a face, the strip of categories, and what lies between."""

LABELS = 60
"""Room in px for the numbers beside the bands."""

TELEPHONE = 260
"""Width in px of the bands on the narrowest screens."""

CELL, STATE = (band * (BAND + 2 * GAP) for band in (1, 2))
FACES = STATE + BAND + GAP
CATEGORIES = FACES + FACE + 6
HEIGHT = CATEGORIES + STRIP + GAP


def gate_chart(
    gates: pd.DataFrame, frames: pd.DataFrame, crops: np.ndarray, count: int = 7
) -> alt.LayerChart:
    """Show what an LSTM lets in, keeps and shows; the reader chooses the unit.

    Lines break where there are no faces for a while.

    Parameters
    ----------
    gates : pandas.DataFrame
        ``unit``, ``time`` (s), the three gates ``input, forget, output`` in [0, 1], ``cell``,
        which is drawn on a scale of its own, and ``state`` in [-1, 1]. The first unit is shown
        first.
    frames : pandas.DataFrame
        ``time`` and ``emotion`` of the faces of the sequence, in order; an empty emotion is none.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        The faces.
    count : int
        At most so many of them are shown.
    """
    if len(frames) != len(crops):
        raise InputError(f"{len(crops)} crops of {len(frames)} frames; one each is needed")
    if frames.empty:
        raise InputError("there is no frame whose gates could be shown")
    begin = frames["time"].iloc[0]
    seconds = (frames["time"] - begin).round(3).to_numpy()
    step = float(np.median(np.diff(seconds))) if len(seconds) > 1 else 1 / 30
    domain = [-step / 2, float(seconds[-1]) + step / 2]
    units = list(dict.fromkeys(gates["unit"]))
    menu = alt.binding_select(options=units, name="unit ")
    shown = alt.param(name="unit", value=units[0], bind=menu)
    x = alt.X(
        "time:Q",
        scale=alt.Scale(domain=domain, nice=False),
        axis=alt.Axis(title="time in the sequence (s)", grid=False, tickCount=6),
    )
    layers = [
        *_axes(),
        *_lines(gates.assign(time=(gates["time"] - begin).round(3)), x),
        *_faces(seconds, frames["emotion"].to_numpy(str), crops, count, x, domain),
        *_strip(seconds, frames["emotion"].to_numpy(str), step, x),
    ]
    first = gates[gates["unit"] == units[0]]
    means = ", ".join(f"{name} {first[column].mean():.2f}" for column, name in GATES.items())
    named = [emotion for emotion in dict.fromkeys(frames["emotion"]) if emotion]
    chart = alt.layer(*layers).add_params(shown)
    return fit_page(chart, LABELS).properties(
        height=HEIGHT,
        description=(
            f"Lines of three gates, cell and state over {len(frames)} frames "
            f"({seconds[-1]:.1f} s) annotated as {' and '.join(named) or 'nothing'}, above "
            f"some of the faces. A menu chooses among {len(units)} units; of {units[0]} the "
            f"means over the sequence are {means}."
        ),
    )


def _pixel(place: float | str) -> alt.Y:
    return alt.Y(f"{place}:Q", scale=None, axis=None)


def _axes() -> list[alt.Chart]:
    """Return lines and numbers of the three bands, whose places are pixels."""
    gates = [(BAND * (1 - value), f"{value:g}") for value in (0, 0.5, 1)]
    cell = [(CELL, ""), (CELL + BAND / 2, "0"), (CELL + BAND, "")]  # the ends: see _lines
    state = [(STATE + BAND / 2 * (1 - value), f"{value}".replace("-", "−")) for value in (-1, 0, 1)]
    table = pd.DataFrame([*gates, *cell, *state], columns=["y", "said"])
    base = alt.Chart(table).encode(y=_pixel("y"))
    return [
        base.mark_rule(stroke=GREY, opacity=0.25),
        base.mark_text(align="right", baseline="middle", fontSize=12, color=GREY).encode(
            x=alt.value(-6), text="said:N"
        ),
    ]


def _lines(gates: pd.DataFrame, x: alt.X) -> list[alt.Chart]:
    names = {**GATES, **MEMORIES}
    stretch = gates.groupby("unit")["time"].transform(unbroken)
    table = gates[["unit", "time", *names]].round(4).rename(columns=names).assign(stretch=stretch)
    folded = (
        alt.Chart(table)
        .transform_filter("datum.unit == unit")
        .transform_fold(list(names.values()), as_=["of", "value"])
        .transform_calculate(size="datum.of == 'cell' ? abs(datum.value) : 0")
        .transform_joinaggregate(most="max(size)")
        .transform_calculate(
            y="datum.of == 'cell'"
            f" ? {CELL + BAND / 2} - datum.value / max(datum.most, 1e-9) * {BAND / 2}"
            f" : datum.of == 'state' ? {STATE + BAND / 2} - datum.value * {BAND / 2}"
            f" : {BAND} * (1 - datum.value)"
        )
    )
    colours, dashes = zip(*LINES.values(), strict=True)
    legend = alt.Legend(columns=3, symbolType="stroke", symbolStrokeWidth=2)
    domain = list(LINES)
    lines = folded.mark_line(strokeWidth=2).encode(
        x=x,
        y=_pixel("y"),
        color=alt.Color("of:N", scale=alt.Scale(domain=domain, range=list(colours)), title=None,
                        legend=legend),
        strokeDash=alt.StrokeDash("of:N", scale=alt.Scale(domain=domain, range=list(dashes)),
                                  title=None, legend=legend),
        detail="stretch:N",
        tooltip=["of:N", "time:Q", alt.Tooltip("value:Q", format=".2f")],
    )  # fmt: skip
    ends = (
        folded.transform_aggregate(most="max(most)")
        .transform_calculate(said="[format(datum.most, '.2f'), '−' + format(datum.most, '.2f')]")
        .transform_flatten(["said"])
        .transform_window(number="row_number()")
        .transform_calculate(y=f"{CELL} + (datum.number - 1) * {BAND}")
    )
    text = ends.mark_text(align="right", baseline="middle", fontSize=12, color=GREY).encode(
        x=alt.value(-6), y=_pixel("y"), text="said:N"
    )
    return [lines, text]


def _faces(
    seconds: np.ndarray,
    emotions: np.ndarray,
    crops: np.ndarray,
    count: int,
    x: alt.X,
    domain: Sequence[float],
) -> list[alt.Chart]:
    """Return some faces, evenly spread, at their times; fewer where they would lie on others."""
    spread = (np.arange(count) + 0.5) * len(seconds) / count
    at = np.unique(spread.astype(int))
    pixels = (seconds[at] - domain[0]) / (domain[1] - domain[0])
    table = pd.DataFrame({"time": seconds[at], "emotion": emotions[at]}).assign(
        image=[data_uri(crop) for crop in crops[at]],
        y=FACES + FACE / 2,
        wide=_apart(pixels * (PAGE - LABELS)),
        narrow=_apart(pixels * TELEPHONE),
    )
    return [
        alt.Chart(table)
        .transform_filter(f"{IS_NARROW} ? datum.narrow : datum.wide")
        .mark_image(width=FACE, height=FACE)
        .encode(x=x, y=_pixel("y"), url="image:N", tooltip=["image:N", "time:Q", "emotion:N"])
    ]


def _apart(pixels: np.ndarray) -> list[bool]:
    """Return which faces to show so that none covers one before it."""
    shown, last = [], -np.inf
    for place in pixels:
        shown.append(bool(place - last >= FACE))
        last = place if shown[-1] else last
    return shown


def _strip(seconds: np.ndarray, emotions: np.ndarray, step: float, x: alt.X) -> list[alt.Chart]:
    """Return a strip of the categories over time, each run of equal ones named if it is long."""
    new = (emotions[1:] != emotions[:-1]) | (np.diff(unbroken(seconds)) > 0)
    starts = np.flatnonzero(np.append(True, new))
    ends = np.append(starts[1:], len(emotions)) - 1
    runs = pd.DataFrame(
        {
            "emotion": emotions[starts],
            "time": seconds[starts] - step / 2,
            "end": seconds[ends] + step / 2,
            "top": CATEGORIES,
            "bottom": CATEGORIES + STRIP,
        }
    )
    runs["colour"] = [COLOURS.get(emotion, GREY) for emotion in runs["emotion"]]
    runs["middle"] = (runs["time"] + runs["end"]) / 2
    whole = seconds[-1] - seconds[0] + step
    named = runs[(runs["end"] - runs["time"] > 0.12 * whole) & (runs["emotion"] != "")]
    bars = (
        alt.Chart(runs)
        .mark_rect()
        .encode(
            x=x,
            x2="end:Q",
            y=_pixel("top"),
            y2="bottom:Q",
            color=alt.Color("colour:N", scale=None),
            tooltip=["emotion:N"],
        )
    )
    words = (
        alt.Chart(named.assign(y=CATEGORIES + STRIP + GAP / 2 + 2))
        .mark_text(fontSize=11, color=GREY)
        .encode(x="middle:Q", y=_pixel("y"), text="emotion:N")
    )
    return [bars, words]
