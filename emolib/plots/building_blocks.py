"""A convolution to try: the reader chooses the kernel and follows one window over a face."""

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from emolib.errors import InputError

from .style import ACCENT, GREY, PAGE, fit_page

POSITIVE, NEGATIVE, ZERO = (213, 94, 0), (0, 114, 178), (242, 242, 242)
"""RGB of responses above, below and at zero."""

GAP, TITLE = 14, 20
"""Between panels, and of a title, in px."""

CELL, LINE = 32, 20
"""Width and height of one of three by three numbers in px."""

# Three panels side by side on a page, two on a telephone, where the third stands below.
WIDE = "(width >= 500)"


def convolution_chart(face: np.ndarray, kernels: Mapping[str, np.ndarray]) -> alt.LayerChart:
    """Let the reader convolve a face, follow one window of it, and see it pooled.

    All is computed in the page: from each pixel with its neighbours, the kernel that the reader
    chooses, and the place that two sliders name.

    Parameters
    ----------
    face : numpy.ndarray, shape (side, side)
        Grey levels in [-1, 1]; the side is even.
    kernels : mapping of str to numpy.ndarray, shape (3, 3)
        By the name to choose.
    """
    side = len(face)
    if face.shape != (side, side) or side % 2:
        raise InputError(f"a face of shape {face.shape}; an even square is needed")
    if not kernels:
        raise InputError("there is no kernel to choose")
    weights = [np.asarray(kernel, float).ravel().round(3).tolist() for kernel in kernels.values()]
    choice = alt.binding_select(
        options=list(range(len(kernels))), labels=list(kernels), name="kernel "
    )
    strongest = np.abs(_near(face).reshape(side, side, 9) @ weights[0])[1:-1, 1:-1].argmax()
    start = {"column": 2 + strongest % (side - 2), "row": 2 + strongest // (side - 2)}
    panel = (PAGE - 20 - 2 * GAP) // (3 * side) * side + GAP  # where no window says otherwise
    params = [
        alt.param(name="weights", value=weights),
        alt.param(name="kernel", value=0, bind=choice),
        *(alt.param(name=name, value=int(value), bind=alt.binding_range(min=1, max=side, step=1,
            name=f"{name} ")) for name, value in start.items()),
        alt.param(name="rectify", value=False, bind=alt.binding_checkbox(name="rectify ")),
        alt.param(name="pixel", expr=f"floor((width - {2 * GAP}) / (({WIDE} ? 3 : 2) * {side}))"),
        alt.param(name="panel", expr=f"pixel * {side} + {GAP}"),
        alt.param(name="below", expr=f"{TITLE} + ({WIDE} ? 1 : 2) * (panel + {TITLE})"),
        alt.param(name="height", expr=f"below + {3 * LINE + 3 * TITLE}"),
    ]  # fmt: skip
    pixels = _pixels(face)
    summed = " + ".join(f"weights[kernel][{k}] * datum.near[{k}]" for k in range(9))
    response = (
        pixels.transform_calculate(sum=summed)
        .transform_joinaggregate(low="min(sum)", high="max(sum)")
        .transform_calculate(
            value="rectify ? max(datum.sum, 0) : datum.sum",
            most="max(abs(datum.low), abs(datum.high), 1e-9)",
        )
    )
    pooled = response.transform_calculate(
        column="floor(datum.column / 2)", row="floor(datum.row / 2)"
    ).transform_aggregate(value="max(value)", most="max(most)", groupby=["column", "row"])
    shade = "floor(127.5 * (datum.level + 1))"
    layers = [
        _cells(pixels, 0, 1, f"'rgb(' + {shade} + ',' + {shade} + ',' + {shade} + ')'"),
        _cells(response, 1, 1, _diverging()),
        _cells(pooled, 2, 2, _diverging()),
        *_outlines(),
        *_panel_titles(side),
        *_arithmetic(pixels, response, pooled),
    ]
    name = next(iter(kernels))
    chart = alt.layer(*layers).add_params(*params)
    return fit_page(chart, 20).properties(
        height=6 * TITLE + 3 * LINE + panel,
        usermeta={"embedOptions": {"renderer": "svg"}},
        description=(
            f"A grey face of {side} by {side} pixels, the response of a kernel at each pixel, and "
            f"the largest response of every two by two. A menu chooses among {len(kernels)} "
            "kernels, two sliders move a window over the face, whose nine products and their sum "
            f"are written out, and a box sets negative responses to zero. At first: {name}."
        ),
    )


def _pixels(face: np.ndarray) -> alt.Chart:
    """Return a chart of the pixels: ``column``, ``row``, ``level`` and the nine levels ``near``."""
    side = len(face)
    near = _near(face).round(2)
    rows, columns = np.mgrid[:side, :side]
    table = pd.DataFrame(
        {"column": columns.ravel(), "row": rows.ravel(), "level": face.ravel().round(2)}
    )
    table["near"] = near.reshape(-1, 9).tolist()
    return alt.Chart(table)


def _near(face: np.ndarray) -> np.ndarray:
    """Return the three by three pixels around each, (side, side, 3, 3), with 0 beyond."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(face, 1), (3, 3))


def _diverging() -> str:
    """Return an expression of the colour of ``value``, of which ``most`` is the strongest."""
    channels = [
        f"floor({zero} + (datum.value > 0 ? {positive - zero} : {negative - zero})"
        " * abs(datum.value) / datum.most)"
        for positive, negative, zero in zip(POSITIVE, NEGATIVE, ZERO, strict=True)
    ]
    return "'rgb(' + " + " + ',' + ".join(channels) + " + ')'"


def _left(panel: int) -> str:
    """Return an expression of the left edge of a panel."""
    return f"({WIDE} ? {panel} : {panel % 2}) * panel"


def _top(panel: int) -> str:
    return f"{TITLE} + ({WIDE} ? 0 : {panel // 2}) * (panel + {TITLE})"


def _boxed(chart: alt.Chart, panel: int, column: str, row: str, size: str) -> alt.Chart:
    """Give a chart the edges, in px, of squares of some pixels that begin at a column and row."""
    placed = chart.transform_calculate(
        left=f"{_left(panel)} + ({column}) * pixel", top=f"{_top(panel)} + ({row}) * pixel"
    )
    far = f"+ {size} * pixel"
    return placed.transform_calculate(right=f"datum.left {far}", bottom=f"datum.top {far}")


def _edges(chart: alt.Chart) -> alt.Chart:
    plain = {"scale": None, "axis": None}
    return chart.encode(
        x=alt.X("left:Q", **plain), x2="right:Q", y=alt.Y("top:Q", **plain), y2="bottom:Q"
    )


def _cells(chart: alt.Chart, panel: int, size: int, colour: str) -> alt.Chart:
    """Draw the pixels of a panel, each as so many of the face's."""
    placed = _boxed(chart, panel, f"datum.column * {size}", f"datum.row * {size}", str(size))
    marks = placed.transform_calculate(colour=colour).mark_rect(aria=False)
    return _edges(marks).encode(color=alt.Color("colour:N", scale=None))


def _outlines() -> list[alt.Chart]:
    """Return frames around the window, its response, and the block that is pooled."""
    one = alt.Chart(pd.DataFrame({"one": [1]}))
    places = [
        (0, "column - 2", "row - 2", "3"),
        (1, "column - 1", "row - 1", "1"),
        (2, "2 * floor((column - 1) / 2)", "2 * floor((row - 1) / 2)", "2"),
    ]
    marked = []
    for panel, column, row, size in places:
        frame = _edges(_boxed(one, panel, column, row, size))
        marked += [
            frame.mark_rect(filled=False, stroke="white", strokeWidth=4.5, aria=False),
            frame.mark_rect(filled=False, stroke=ACCENT, strokeWidth=2.5, aria=False),
        ]
    return marked


def _panel_titles(side: int) -> list[alt.Chart]:
    half = side // 2
    titles = [f"face, {side} × {side}", "response", f"pooled, {half} × {half}"]
    return [
        _words(
            alt.Chart(pd.DataFrame({"said": [title]})).transform_calculate(
                x=_left(panel), y=f"{_top(panel)} - 6"
            ),
        )
        for panel, title in enumerate(titles)
    ]


def _words(chart: alt.Chart, **options) -> alt.Chart:
    plain = {"scale": None, "axis": None}
    options = {"align": "left", "baseline": "bottom", "color": GREY, "fontSize": 12, **options}
    return chart.mark_text(**options).encode(
        x=alt.X("x:Q", **plain), y=alt.Y("y:Q", **plain), text="said:N"
    )


def _arithmetic(pixels: alt.Chart, response: alt.Chart, pooled: alt.Chart) -> list[alt.Chart]:
    """Return the nine products of the window, their sum, and what pooling leaves of it."""
    here = "datum.column == column - 1 && datum.row == row - 1"
    nine = (
        pixels.transform_filter(here)
        .transform_flatten(["near"])
        .transform_window(number="row_number()")
        .transform_calculate(weight="weights[kernel][datum.number - 1]")
    )
    columns = {"window": "datum.near", "× kernel": "datum.weight",
               "= products": "datum.near * datum.weight"}  # fmt: skip
    layers = []
    for place, (title, value) in enumerate(columns.items()):
        left = f"{place} * {3 * CELL + GAP}"
        numbers = nine.transform_calculate(
            x=f"{left} + {CELL} * ((datum.number - 1) % 3 + 0.5)",
            y=f"below + {TITLE} + {LINE} * (floor((datum.number - 1) / 3) + 0.5)",
            said=_number(value),
        )
        head = alt.Chart(pd.DataFrame({"said": [title]})).transform_calculate(
            x=left, y=f"below + {TITLE} - 6"
        )
        layers += [
            _words(head),
            _words(numbers, align="center", baseline="middle", fontSize=11),
        ]
    under = f"below + {2 * TITLE + 3 * LINE}"
    total = response.transform_filter(here).transform_calculate(
        x="0",
        y=under,
        said=f"'sum ' + {_number('datum.sum')} + (rectify ? ', rectified ' + "
        f"{_number('datum.value')} : '')",
    )
    block = "datum.column == floor((column - 1) / 2) && datum.row == floor((row - 1) / 2)"
    largest = pooled.transform_filter(block).transform_calculate(
        x="0",
        y=f"{under} + {TITLE}",
        said=f"'largest of its two by two: ' + {_number('datum.value')}",
    )
    bold = {"fontWeight": "bold"}
    return [*layers, _words(total, **bold), _words(largest, **bold)]


def _number(value: str) -> str:
    """Return an expression of a number as text, without a minus before zero."""
    rounded = f"(abs({value}) < 0.005 ? 0 : {value})"
    return f"replace(format({rounded}, '.2f'), '-', '−')"
