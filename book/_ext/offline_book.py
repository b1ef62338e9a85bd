"""Sphinx extension: a book that needs no network, with interactive charts.

A default book fetches MathJax and Vega from content delivery networks. Here both are written into
the book from installed packages when it is built. A chart in an executed notebook becomes its
picture, a file that is loaded when it is scrolled to, and its specification; where scripts run,
the interactive chart takes the picture's place.
"""

import base64
import json
import struct
from html import escape
from importlib import import_module, resources
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

CHART_TYPE = "application/vnd.vegalite."  # followed by a version
WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
VEGA_LITE = "6.4"
PIXELS_PER_POINT = 2  # the pictures are rendered at twice their size on the page

# A chart as wide as its container measures it, so it is drawn in the page, folded away until done.
START_CHARTS = """
// The drawing is one image with one description; its menus, which are no part of it, have names.
const describe = (place, description) => {
  const names = ["role", "aria-label", "aria-roledescription"];
  for (const inner of place.querySelectorAll("[role], [aria-roledescription]")) {
    names.forEach((name) => inner.removeAttribute(name));
  }
  const drawing = place.querySelector("svg.marks");
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", description);
  place.querySelector("summary")?.setAttribute("aria-label", "Save this chart");
};
// Panels that do not fit beside each other stand below each other, or as many side by side as
// there is room for. What their labels leave to them is seen when they are drawn.
const parts = (spec) =>
  spec.concat ?? spec.hconcat ?? spec.vconcat ?? (spec.spec ? [spec.spec] : []);
const panels = (spec) => parts(spec).length ? parts(spec).flatMap(panels) : [spec];
const beside = (spec) => Math.max(spec.columns ?? 1, ...parts(spec).map(beside));
const stack = (spec, most) => {
  const {column, row} = spec.facet ?? {};
  if (column && row) {
    spec.facet = {row};
    spec.spec = {facet: {column}, spec: spec.spec, resolve: spec.resolve};
  } else if (column) {
    const header = {...column.header, labelOrient: "top", labelAngle: 0, labelAnchor: "start"};
    spec.facet = {row: {...column, header}};
  }
  if (spec.columns) spec.columns = Math.min(spec.columns, most);
  if (spec.hconcat) {
    spec.vconcat = spec.hconcat;
    delete spec.hconcat;
  }
  parts(spec).forEach((part) => stack(part, most));
};
const draw = async (place, spec, options) => {
  const sized = panels(spec).filter(({width}) => typeof width === "number");
  let finalize;
  const embed = async (width) => {
    finalize?.();
    for (const panel of width ? sized : []) {
      if (panel.height === panel.width) panel.height = width; // what is square stays so
      panel.width = width;
    }
    ({finalize} = await vegaEmbed(place, spec, options));
    const drawing = place.querySelector("svg.marks");
    return drawing.parentElement.clientWidth - drawing.getBoundingClientRect().width;
  };
  let left = await embed();
  if (left >= 0 || !parts(spec).length) return;
  const [first, least, most] = [120, 80, 4]; // px of a panel, and drawings
  stack(spec, sized.length ? Math.max(1, Math.floor(place.clientWidth / (first + 30))) : 1);
  spec.config.legend = {columns: 2, ...spec.config.legend};
  // Where a legend is wider than the panels the first drawing leaves too little to them.
  for (let width = first, drawn = 0; left && drawn < most; drawn++) {
    left = await embed(width);
    width = Math.max(least, width + Math.floor(left / beside(spec)));
  }
};
document.addEventListener("DOMContentLoaded", () => {
  for (const chart of document.querySelectorAll(".vl-chart")) {
    const spec = JSON.parse(chart.querySelector("script").textContent);
    const place = chart.appendChild(document.createElement("div"));
    place.className = "vl-drawing";
    const actions = {export: true, source: false, compiled: false, editor: false};
    const errorsOnly = 1;
    const options = {
      actions, downloadFileName: "chart", logLevel: errorsOnly, renderer: "svg",
      i18n: {CLICK_TO_VIEW_ACTIONS: "Save this chart"},
    };
    draw(place, spec, options).then(() => {
      const picture = chart.querySelector("img");
      describe(place, picture.alt);
      picture.remove();
      place.classList.remove("vl-drawing");
    });
  }
});
"""


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    app.connect("builder-inited", write_scripts)
    app.connect("source-read", prepare_notebook)
    app.connect("html-page-context", load_scripts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def write_scripts(app: Sphinx) -> None:
    """Write MathJax, Vega and the script that starts the charts into the book."""
    if app.builder.format != "html":
        return
    import vl_convert

    folder = Path(app.outdir, "_static", "offline")
    folder.mkdir(parents=True, exist_ok=True)
    bundle = vl_convert.javascript_bundle(vl_version=VEGA_LITE)
    (folder / "vega.js").write_text("(function(){" + bundle + "})();")
    (folder / "charts.js").write_text(START_CHARTS)
    mathjax = resources.files(import_module("sphinx-mathjax-offline")) / "static" / "mathjax"
    (folder / "mathjax.js").write_bytes((mathjax / "tex-svg.js").read_bytes())


def load_scripts(
    app: Sphinx, pagename: str, template: str, context: dict, doctree: nodes.document | None
) -> None:
    """Load Vega on the pages that hold a chart, and on no other."""
    raw = doctree.findall(nodes.raw) if doctree else []
    if any("vl-chart" in node.astext() for node in raw):
        app.add_js_file("offline/vega.js", defer="defer", priority=900)
        app.add_js_file("offline/charts.js", defer="defer", priority=901)


def prepare_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    """Make the outputs and parameters of an executed notebook fit for a page."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    notebook["metadata"].pop("widgets", None)  # would ask for a script from the network
    show_parameters_once(notebook["cells"])
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    charts = 0
    for data in (output.get("data", {}) for output in outputs):
        data.pop(WIDGET_TYPE, None)
        specs = [mime for mime in data if mime.startswith(CHART_TYPE)]
        if specs:
            charts += 1
            name = f"{docname.replace('/', '-')}-{charts}.png"
            data["text/html"] = chart_html(app, docname, name, data.pop(specs[0]), data)
    source[0] = json.dumps(notebook)


def show_parameters_once(cells: list[dict]) -> None:
    """Show the parameters that were used, folded, and not also the defaults they replaced."""
    injected = any("injected-parameters" in _tags(cell) for cell in cells)
    for cell in cells:
        if "injected-parameters" in _tags(cell):
            cell["metadata"]["tags"] = ["injected-parameters", "hide-input"]
        elif "parameters" in _tags(cell) and injected:
            cell["metadata"]["tags"] = ["parameters", "remove-cell"]


def chart_html(app: Sphinx, docname: str, name: str, spec: dict, data: dict) -> str:
    """Return the HTML of a chart, its picture written to a file of the book.

    Parameters
    ----------
    app, docname
        The build, and the page that shows the chart.
    name : str
        File name for the picture.
    spec : dict
        The Vega-Lite specification; its description becomes the alternative text.
    data : dict
        The cell's output by media type; its ``image/png`` is moved out of it.
    """
    if not spec.get("description"):
        logger.warning("a chart has no description for those who cannot see it", location=docname)
    description = escape(spec.get("description", ""), quote=True)
    picture = base64.b64decode(data.pop("image/png"))
    file = Path(app.outdir, "_images", name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(picture)
    width, height = (side // PIXELS_PER_POINT for side in struct.unpack(">II", picture[16:24]))
    address = "../" * docname.count("/") + f"_images/{name}"
    code = json.dumps(spec, separators=(",", ":")).replace("</", "<\\/")
    return (
        f'<div class="vl-chart"><img src="{address}" alt="{description}" '
        f'width="{width}" height="{height}" loading="lazy"/>'
        f'<script type="application/json">{code}</script></div>'
    )


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])
