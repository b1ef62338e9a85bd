"""What all charts share: theme, renderer, and the encodings of categories and splits."""

import base64
from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
import vl_convert

from emolib.labels import COLOURS, DIMENSION_RANGE, EMOTIONS, SPLITS

GREY = "#777777"
"""Of text and axes: more than 4:1 against white, almost 4:1 against a dark page."""

ACCENT = "#8e6fd8"
"""Of what a network said, where no category or split decides the colour."""

SPLIT_COLOURS = dict(zip(SPLITS, (ACCENT, "#8f8f1f", "#1f9e9e"), strict=True))

KIND_COLOURS = {
    "category": "#c2701f",
    "dimensional": "#3d8fc4",
    "combined": ACCENT,
    "baseline": GREY,
}
"""Of each kind of network, and of the predictors that never look at a face."""

PAGE = 640
"""Width in px of a page of the book, which no chart exceeds."""

MARGINS = 64
"""Of a window, in px: what lies beside a figure of the book, and room for a scroll bar."""

NARROW = 400
"""Width in px below which a chart is one of a telephone: long names are broken there."""

HOLE = 4
"""From so many usual steps on, neighbours in time are not joined by a line."""

IS_NARROW = f"(width < {NARROW})"
"""Whether it is, in an expression of a chart that `fit_page` made."""

BREAK_NAMES = f"{IS_NARROW} ? split(datum.label, ', ') : datum.label"
"""The expression of labels that break after a comma on a telephone."""

MIME_TYPE = "application/vnd.vegalite.v5+json"
VEGA_LITE_VERSION = "6.4"


@alt.theme.register("emolib", enable=False)
def theme() -> alt.theme.ThemeConfig:
    """Return the one theme of the report, registered with Altair as ``emolib``."""
    text = {"labelColor": GREY, "titleColor": GREY, "labelFontSize": 12, "titleFontSize": 12}
    lines = {"domainColor": GREY, "tickColor": GREY, "gridColor": GREY, "gridOpacity": 0.25}
    return {
        "config": {
            "background": "transparent",
            "font": "sans-serif",
            "view": {"stroke": None, "continuousWidth": PAGE - 80},
            "axis": {**text, **lines, "titleFontWeight": "normal"},
            "legend": {**text, "orient": "top", "titleFontWeight": "normal", "symbolLimit": 0},
            "header": text,
            "title": {"color": GREY, "fontSize": 12, "fontWeight": "normal"},
            "text": {"color": GREY, "fontSize": 11},
        }
    }


def enable_renderer():
    """Show charts as Vega-Lite beside a PNG, with the theme; for the first cell of a chapter.

    JupyterLab and the book draw the former without a network, print takes the latter. Charts made
    here are already binned, so Altair's limit on the number of rows is lifted.

    Returns
    -------
    altair.utils.plugin_registry.PluginEnabler
        What Altair returns; as a context manager it restores the previous renderer.
    """
    alt.theme.enable("emolib")
    alt.data_transformers.disable_max_rows()
    alt.renderers.register("emolib", _mime_bundle)
    return alt.renderers.enable("emolib")


def fit_page(
    chart: alt.Chart | alt.LayerChart, label_width: int, narrow_width: int | None = None
) -> alt.Chart | alt.LayerChart:
    """Make a chart of one view as wide as a page, or as the screen where that is narrower.

    Vega-Lite's own ``width="container"`` draws nothing where the container has no width of its
    own yet, as in an output cell of JupyterLab. The width of the window is always known, except
    where there is none, when the chart is made into a picture.

    Parameters
    ----------
    chart : altair.Chart or altair.LayerChart
        A chart without a width.
    label_width : int
        Room in px for the labels and title of the y axis.
    narrow_width : int, optional
        The same where the page is `NARROW`, if labels are shorter there.
    """
    page = f"min({PAGE}, isFinite(windowSize()[0]) ? windowSize()[0] - {MARGINS} : {PAGE})"
    labels = f"({page} < {NARROW} ? {narrow_width or label_width} : {label_width})"
    width = alt.param(name="width", expr=f"max(120, {page} - {labels})")
    return chart.add_params(width).properties(width=PAGE - label_width)


def legend_columns(wide: int, narrow: int) -> alt.ExprRef:
    """Return the columns of the legend of a chart that `fit_page` makes; 0 is one row."""
    return alt.ExprRef(f"{IS_NARROW} ? {narrow} : {wide}")


def unbroken(times: Sequence[float]) -> np.ndarray:
    """Return the number of the stretch that each of some ordered times lies in.

    Another begins where `HOLE` times as long passes as between most neighbours; a line that joins
    what lies around such a hole shows something that nobody saw.

    Examples
    --------
    >>> unbroken([0.0, 0.1, 0.2, 0.9, 1.0]).tolist()
    [0, 0, 0, 1, 1]
    """
    steps = np.diff(np.asarray(times, float))
    usual = np.median(steps) if len(steps) else 0.0
    return np.concatenate([[0], np.cumsum(steps > HOLE * usual + 1e-6)])[: len(times)]


def empty_chart(reason: str) -> alt.Chart:
    """Return a chart that says why there is nothing to show.

    Parameters
    ----------
    reason : str
        A sentence.
    """
    chart = alt.Chart(pd.DataFrame({"reason": [reason]})).mark_text(color=GREY)
    chart = chart.encode(text="reason:N").properties(height=60, description=f"{reason} 0 results.")
    return fit_page(chart, 20)


def emotion_colour(channel: type = alt.Color) -> alt.Color | alt.Stroke:
    """Return the colour of each category, without a legend: every chart names them by text."""
    scale = alt.Scale(domain=list(EMOTIONS), range=[COLOURS[emotion] for emotion in EMOTIONS])
    return channel("emotion:N", scale=scale, legend=None)


def split_colour(splits: Sequence[str] = SPLITS) -> alt.Color:
    """Return the colour of each split, with a legend of the splits given."""
    colours = [SPLIT_COLOURS[split] for split in splits]
    return alt.Color("split:N", scale=alt.Scale(domain=list(splits), range=colours), title=None)


def dimension_title(dimension: str) -> str:
    """Return the title of a valence or arousal axis, with its range.

    Examples
    --------
    >>> dimension_title("valence")
    'valence [−1, 1]'
    """
    low, high = DIMENSION_RANGE
    return f"{dimension} [{low:.0f}, {high:.0f}]".replace("-", "−")


def _mime_bundle(spec: dict, **options) -> dict[str, dict | str]:
    png = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE_VERSION, ppi=144)
    return {MIME_TYPE: spec, "image/png": base64.b64encode(png).decode()}
