"""Charts of maps of faces: who lies where, what is near, where newcomers belong.

The axes of a map mean nothing, so none are drawn. Pictures are small JPEGs inside the chart, which
therefore works without a network; how many there may be follows from that.
"""

import colorsys
from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
from PIL import Image

from emolib.errors import InputError
from emolib.labels import COLOURS, DIMENSION_RANGE, DIMENSIONS, EMOTIONS, SPLITS

from .pictures import data_uri
from .style import ACCENT, GREY, PAGE, SPLIT_COLOURS, empty_chart, fit_page, legend_columns

THUMBNAIL = 40
"""Side in px of a face in a tooltip: 1.2 to 1.7 KB each."""

LOW, MIDDLE, HIGH = "#0072b2", "#9a9a9a", "#d55e00"
"""Of valence and arousal at -1, 0 and 1."""

COLOURED_BY = ("emotion", "person", *DIMENSIONS)
_TOOLTIP = ["emotion", "person", "valence", "arousal"]


def face_map_chart(
    faces: pd.DataFrame, maps: Mapping[str, np.ndarray], crops: np.ndarray
) -> alt.LayerChart:
    """Show maps of the same faces, one at a time, with the face itself beside the mouse.

    Parameters
    ----------
    faces : pandas.DataFrame
        ``emotion, person, valence, arousal`` of each face; some hundred.
    maps : mapping of str to numpy.ndarray of shape (n, 2)
        Their positions on each map, by the name of the map; the first is shown at first.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        RGB faces.

    Returns
    -------
    altair.LayerChart
        Below it, the reader chooses the map, and what the colours show.
    """
    if any(len(positions) != len(faces) for positions in maps.values()):
        raise InputError(f"{len(faces)} faces; every map needs a position for each")
    if faces.empty:
        return empty_chart("There are no faces to show.")
    table = faces[_TOOLTIP].round(dict.fromkeys(DIMENSIONS, 2)).reset_index(drop=True)
    table["image"] = _thumbnails(crops)
    for number, positions in enumerate(maps.values()):
        table[[f"x{number}", f"y{number}"]] = _in_unit_square(positions).round(4)
    for by in COLOURED_BY:
        table[f"colour_{by}"] = _colours(table[by], by)
    shown = _choice("shown", range(len(maps)), list(maps), "Map ")
    by = _choice("by", COLOURED_BY, COLOURED_BY, " Colour ")
    plain = {"scale": alt.Scale(domain=[-0.02, 1.02]), "axis": None}
    points = (
        alt.Chart(table)
        .transform_calculate(
            x="datum['x' + shown]", y="datum['y' + shown]", colour="datum['colour_' + by]"
        )
        .mark_circle(size=34, opacity=1)
        .encode(
            x=alt.X("x:Q", **plain),
            y=alt.Y("y:Q", **plain),
            color=alt.Color("colour:N", scale=None),
            tooltip=["image:N", *(f"{column}:{_type(column)}" for column in _TOOLTIP)],
        )
        .properties(height=460)
    )
    chart = alt.layer(points, *_legend(table)).add_params(shown, by)
    return fit_page(chart, 20).properties(
        description=(
            f"{len(maps)} maps of {len(faces):,} faces of {faces['person'].nunique()} people, one "
            f"shown at a time: {', '.join(maps)}. Coloured by emotion, person, valence or arousal."
        ),
    )


def gain_chart(table: pd.DataFrame, controls: Sequence[str] = ()) -> alt.FacetChart | alt.Chart:
    """Show how much more than by chance neighbours on each map agree, question by question.

    Parameters
    ----------
    table : pandas.DataFrame
        ``map, question, split, gain, low, high``, the limits NaN where there is no interval; in
        the order to show.
    controls : sequence of str
        Maps of networks that learned nothing, whose marks are hollow.
    """
    table = table.assign(control=table["map"].isin(list(controls))).dropna(subset="gain")
    if table.empty:
        return empty_chart("No face has a neighbour to agree with.")
    splits = [split for split in SPLITS if (table["split"] == split).any()]
    maps = list(dict.fromkeys(table["map"]))
    axis = alt.Axis(title="gain over chance (0) towards full agreement (1)", tickCount=6)
    ends = [min(0, table["gain"].min(), table["low"].min()), table[["gain", "high"]].max(axis=None)]
    base = alt.Chart(table).encode(
        y=alt.Y("map:N", sort=maps, title=None, axis=alt.Axis(labelLimit=150)),
        yOffset=alt.YOffset("split:N", sort=splits),
        color=alt.Color(
            "split:N",
            scale=alt.Scale(domain=splits, range=[SPLIT_COLOURS[split] for split in splits]),
            title="asking people",
        ),
        tooltip=["map:N", "question:N", "split:N"]
        + [alt.Tooltip(f"{column}:Q", format=".2f") for column in ("gain", "low", "high")],
    )
    scale = alt.Scale(domain=[max(-1, ends[0]), min(1, ends[1])], nice=True)
    zero = alt.Chart().mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=alt.datum(0))
    bars = base.mark_rule(strokeWidth=2, clip=True).encode(
        x=alt.X("low:Q", scale=scale, axis=axis), x2="high:Q"
    )
    marks = base.mark_point(size=55, strokeWidth=2, opacity=1).encode(
        x=alt.X("gain:Q", scale=scale, axis=axis),
        fillOpacity=alt.condition("datum.control", alt.value(0), alt.value(1)),
        fill=alt.Fill("split:N", scale=alt.Scale(domain=splits, range=_split_colours(splits))),
    )
    questions = list(dict.fromkeys(table["question"]))
    layered = alt.layer(zero, bars, marks, data=table).properties(
        width=PAGE - 200, height=alt.Step(11)
    )
    best = table.loc[table["gain"].idxmax()]
    return layered.facet(
        row=alt.Row("question:N", sort=questions, title=None, header=_header())
    ).properties(
        description=(
            f"Gain over chance of {len(maps)} maps in {len(questions)} questions; the largest is "
            f"{best['gain']:.2f}, in {best['question']} on the map of {best['map']}."
        ),
    )


def draw_chart(draws: pd.DataFrame, crops: np.ndarray, size: int = 32) -> alt.FacetChart:
    """Show several draws of faces, each laid on a grid.

    Parameters
    ----------
    draws : pandas.DataFrame
        ``draw, cell_column, cell_row, emotion, person, valence, arousal`` of each face.
    crops : numpy.ndarray of uint8, shape (n, height, width, 3)
        RGB faces.
    size : int
        Side of a cell in px; made smaller where two draws would not fit a page.
    """
    if len(draws) != len(crops):
        raise InputError(f"{len(crops)} crops of {len(draws)} faces; one each is needed")
    if draws.empty:
        return empty_chart("There are no faces to show.")
    size = int(min(size, (PAGE - 60) / 2 / (draws["cell_column"].max() + 1)))
    table = draws[["draw", "cell_column", "cell_row", *_TOOLTIP]].round(
        dict.fromkeys(DIMENSIONS, 2)
    )
    table = table.assign(image=_thumbnails(crops))
    base = alt.Chart(table).encode(
        x=alt.X("cell_column:O", axis=None, scale=alt.Scale(padding=0)),
        y=alt.Y("cell_row:O", axis=None, scale=alt.Scale(padding=0)),
        tooltip=["image:N", *(f"{column}:{_type(column)}" for column in _TOOLTIP)],
    )
    frames = base.mark_rect().encode(color=_emotion_legend(table["emotion"]))
    faces = base.mark_image(width=size - 6, height=size - 6).encode(url="image:N")
    names = list(dict.fromkeys(draws["draw"]))
    return (
        alt.layer(frames, faces)
        .properties(width=alt.Step(size), height=alt.Step(size))
        .facet(alt.Facet("draw:N", sort=names, title=None), columns=2)
        .properties(
            description=(
                f"{len(names)} draws of one face per video, {len(draws)} faces in all, each laid "
                "on a grid with similar faces side by side and framed in the colour of its emotion."
            )
        )
    )


def placed_chart(
    training: pd.DataFrame,
    training_at: np.ndarray,
    placed: pd.DataFrame,
    placed_at: np.ndarray,
    crops: np.ndarray,
) -> alt.LayerChart:
    """Show faces that were placed on a map of other people.

    Parameters
    ----------
    training : pandas.DataFrame
        ``emotion`` of the faces that the map was made from, which are small dots.
    training_at : numpy.ndarray, shape (n, 2)
        Where they lie.
    placed : pandas.DataFrame
        ``emotion, person, valence, arousal, time`` of the placed faces. Where none has an emotion,
        a line joins them in the order of time.
    placed_at : numpy.ndarray, shape (m, 2)
        Where they were placed.
    crops : numpy.ndarray of uint8, shape (m, height, width, 3)
        RGB faces of the placed.
    """
    if placed.empty or training.empty:
        return empty_chart("There is nobody to place on a map of others.")
    both = _in_unit_square(np.concatenate([training_at, placed_at])).round(4)
    old = training[["emotion"]].reset_index(drop=True)
    new = placed[[*_TOOLTIP, "time"]].round({**dict.fromkeys(DIMENSIONS, 2), "time": 2})
    new = new.reset_index(drop=True).assign(image=_thumbnails(crops))
    old[["x", "y"]], new[["x", "y"]] = both[: len(old)], both[len(old) :]
    labelled = placed["emotion"].isin(EMOTIONS).any()
    columns = legend_columns(0, 3)
    colour = _emotion_legend(pd.concat([old["emotion"], new["emotion"]]), columns=columns)
    plain = {"scale": alt.Scale(domain=[-0.02, 1.02]), "axis": None}
    position = {"x": alt.X("x:Q", **plain), "y": alt.Y("y:Q", **plain)}
    told = _TOOLTIP if labelled else ["person", "time"]
    base = alt.Chart(new).encode(
        **position, tooltip=["image:N", *(f"{column}:{_type(column)}" for column in told)]
    )
    layers = [alt.Chart(old).mark_circle(size=11, opacity=1).encode(color=colour, **position)]
    if labelled:
        marks = base.mark_point(
            shape="triangle-up", size=85, filled=True, opacity=1, stroke="white", strokeWidth=0.8
        )
        layers.append(marks.encode(color=colour))
    else:
        line = base.mark_line(color=ACCENT, strokeWidth=1, opacity=1)
        layers.append(line.encode(order="time:Q", detail="person:N"))
        layers.append(base.mark_point(size=60, filled=True, opacity=1, color=ACCENT))
    chart = alt.layer(*layers).properties(
        height=440,
        description=(
            f"{len(placed)} faces of {placed['person'].nunique()} people placed on a map of "
            f"{len(training):,} faces of others."
        ),
    )
    return fit_page(chart, 20)


def _choice(name: str, options: Sequence, labels: Sequence[str], title: str) -> alt.Parameter:
    options = list(options)
    select = alt.binding_select(options=options, labels=list(labels), name=title)
    return alt.param(name=name, value=options[0], bind=select)


def _legend(table: pd.DataFrame) -> list[alt.Chart]:
    """Return swatches and names of the colours, of whichever the reader chose."""
    emotions = [emotion for emotion in EMOTIONS if emotion in set(table["emotion"])]
    entries = [("emotion", emotion, COLOURS[emotion]) for emotion in emotions]
    entries.append(("person", f"one colour for each of {table['person'].nunique()} people", GREY))
    for dimension in DIMENSIONS:
        values = np.linspace(*DIMENSION_RANGE, 5)
        names = [f"{value:+.1f}".replace("-", "−") if value else "0" for value in values]
        entries += zip([dimension] * 5, names, _shades(values), strict=True)
    legend = pd.DataFrame(entries, columns=["of", "name", "colour"])
    number = legend.groupby("of").cumcount()
    size = legend.groupby("of")["of"].transform("size")
    base = (
        alt.Chart(legend.assign(number=number, size=size))
        .transform_filter("datum.of == by")
        .transform_calculate(columns="width < 430 ? min(4, datum.size) : datum.size")
        .transform_calculate(
            left="8 + (datum.number % datum.columns) / datum.columns * (width - 30)",
            top="-14 - 16 * (ceil(datum.size / datum.columns) - 1)"
            " + 16 * floor(datum.number / datum.columns)",
        )
        .encode(x=alt.X("left:Q", scale=None, axis=None), y=alt.Y("top:Q", scale=None, axis=None))
    )
    return [
        base.mark_circle(size=80, opacity=1).encode(color=alt.Color("colour:N", scale=None)),
        base.mark_text(align="left", dx=8, color=GREY, fontSize=11).encode(text="name:N"),
    ]


def _emotion_legend(emotions: pd.Series, **options) -> alt.Color:
    """Return the colours of the categories that are there, with a legend."""
    present = [emotion for emotion in EMOTIONS if (emotions == emotion).any()]
    scale = alt.Scale(domain=present, range=[COLOURS[emotion] for emotion in present])
    legend = alt.Legend(title=None, symbolType="circle", symbolStrokeWidth=0, **options)
    return alt.Color("emotion:N", scale=scale, legend=legend)


def _split_colours(splits: Sequence[str]) -> list[str]:
    return [SPLIT_COLOURS[split] for split in splits]


def _header() -> alt.Header:
    return alt.Header(
        labelOrient="top", labelAnchor="start", labelFontSize=12, labelPadding=2, labelColor=GREY
    )


def _thumbnails(crops: np.ndarray) -> list[str]:
    side = (THUMBNAIL, THUMBNAIL)
    return [
        data_uri(np.asarray(Image.fromarray(crop).resize(side, Image.Resampling.LANCZOS)))
        for crop in crops
    ]


def _in_unit_square(positions: np.ndarray) -> np.ndarray:
    low, extent = positions.min(axis=0), np.ptp(positions, axis=0)
    return (positions - low) / np.where(extent > 0, extent, 1)


def _colours(values: pd.Series, by: str) -> list[str]:
    if by == "emotion":
        return [COLOURS.get(emotion, GREY) for emotion in values]
    if by in DIMENSIONS:
        return _shades(values.to_numpy(float))
    names = sorted(values.unique())
    # Steps by the golden ratio keep any two that follow each other apart.
    hues = {name: number * 0.618034 % 1 for number, name in enumerate(names)}
    lightness = {name: 0.42 + 0.2 * (number % 2) for number, name in enumerate(names)}
    return [_hex(colorsys.hls_to_rgb(hues[name], lightness[name], 0.65)) for name in values]


def _shades(values: np.ndarray) -> list[str]:
    """Return colours of values in [-1, 1], grey in the middle and where there is none."""
    ends = np.array([[int(x[i : i + 2], 16) for i in (1, 3, 5)] for x in (LOW, MIDDLE, HIGH)])
    mixed = np.column_stack(
        [np.interp(np.nan_to_num(values), [-1, 0, 1], channel) for channel in ends.T]
    )
    return [_hex(rgb / 255) for rgb in mixed]


def _hex(rgb) -> str:
    return "#" + "".join(f"{round(255 * channel):02x}" for channel in rgb)


def _type(column: str) -> str:
    return "Q" if column in (*DIMENSIONS, "time") else "N"
