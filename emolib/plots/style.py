"""What all charts share: theme, renderer, and the encodings of categories and splits."""

import base64
from collections.abc import Sequence

import altair as alt
import vl_convert

from emolib.labels import COLOURS, DIMENSION_RANGE, EMOTIONS, SPLITS

GREY = "#777777"
"""Of text and axes: more than 4:1 against white, almost 4:1 against a dark page."""

ACCENT = "#8e6fd8"
"""Of what a network said, where no category or split decides the colour."""

SPLIT_COLOURS = dict(zip(SPLITS, ("#8e6fd8", "#8f8f1f", "#1f9e9e"), strict=True))

WIDTH = 560
"""Width in px of the plotting area where no container decides it."""

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
            "view": {"stroke": None, "continuousWidth": WIDTH},
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


def emotion_colour() -> alt.Color:
    """Return the colour of each category, without a legend: every chart names them by text."""
    scale = alt.Scale(domain=list(EMOTIONS), range=[COLOURS[emotion] for emotion in EMOTIONS])
    return alt.Color("emotion:N", scale=scale, legend=None)


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
    sized = {**spec, "width": WIDTH} if spec.get("width") == "container" else spec
    png = vl_convert.vegalite_to_png(sized, vl_version=VEGA_LITE_VERSION, ppi=144)
    return {MIME_TYPE: spec, "image/png": base64.b64encode(png).decode()}
