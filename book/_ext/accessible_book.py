"""Sphinx extension: what theme and notebooks lack for those who listen, or use keys alone.

The templates under ``book/_templates`` name the buttons of the theme. Here, folded code gets a
summary whose name is what it shows, references become the items of their list, tables of pandas
get headers with a scope, logs are left out, and what scrolls sideways does so with the arrow keys.
"""

import json
import re
from pathlib import Path

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator

# The theme and browsers other than Chromium leave what scrolls out of the reach of the tab key.
SCROLL_BY_KEYS = """
document.addEventListener("DOMContentLoaded", () => {
  const holders = document.querySelectorAll(
    ".vl-chart, .pst-scrollable-table-container, .cell_output .output, article pre, mjx-container");
  const sized = new ResizeObserver((entries) => entries.forEach(({ target }) => {
    const scrolls = target.scrollWidth > target.clientWidth + 1;
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }));
  holders.forEach((one) => sized.observe(one));
});
"""

# TensorFlow's, which in a notebook are printed and not sent to where errors go.
_LOG = re.compile(r"(?:WARNING|ERROR|INFO):\w+:")
_FRAME = re.compile(r'<table border="1" class="dataframe">.*?</table>', flags=re.DOTALL)
_FRAME_STYLE = re.compile(r"<style scoped>.*?</style>\s*", flags=re.DOTALL)


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded, depart_HideCellInput))
    app.add_node(nodes.citation, override=True, html=(visit_citation, depart_citation))
    app.connect("builder-inited", write_script)
    app.connect("source-read", mend_notebook)
    app.connect("doctree-read", unwrap_lists)
    app.connect("html-page-context", name_page, priority=900)  # after the theme's own
    app.add_js_file("offline/scroll.js", loading_method="defer")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def write_script(app: Sphinx) -> None:
    """Write the script that makes what scrolls reachable into the book."""
    folder = Path(app.outdir, "_static", "offline")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scroll.js").write_text(SCROLL_BY_KEYS)


def visit_folded(self: SphinxTranslator, node: HideCodeCellNode) -> None:
    """Open folded code; myst_nb gives it a name that differs from what is read there."""
    classes = " ".join(["admonition", "hide", *node["classes"]])
    self.body.append(f'<details class="{classes}">\n<summary>\n')
    for state in ("show", "hide"):
        kind = {"show": "collapsed", "hide": "expanded"}[state]
        prompt = self.encode(node[f"prompt_{state}"])
        self.body.append(f'<span class="{kind} admonition-title">{prompt}</span>\n')
    self.body.append("</summary>\n")


def visit_citation(self: SphinxTranslator, node: nodes.citation) -> None:
    """Open an entry of the bibliography, and the list of all before the first.

    docutils gives entries the role doc-biblioentry, which is no item of a list, and deprecated.
    """
    if not isinstance(node.previous_sibling(), nodes.citation):
        self.body.append('<ul class="citation-list">\n')
    self.body.append(self.starttag(node, "li", classes=["citation"]))


def depart_citation(self: SphinxTranslator, node: nodes.citation) -> None:
    """Close an entry of the bibliography, and the list after the last."""
    self.body.append("</li>\n")
    if not isinstance(node.next_node(descend=False, siblings=True), nodes.citation):
        self.body.append("</ul>\n")


def mend_notebook(app: Sphinx, docname: str, source: list[str]) -> None:
    """Mend the tables that an executed notebook shows, and leave out its logs."""
    if not app.env.doc2path(docname).endswith(".ipynb"):
        return
    notebook = json.loads(source[0])
    for cell in [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]:
        cell["outputs"] = [output for output in cell["outputs"] if not _is_log(output)]
        for data in (output.get("data", {}) for output in cell["outputs"]):
            if "text/html" in data:
                data["text/html"] = mended_frame("".join(data["text/html"]))
    source[0] = json.dumps(notebook)


def mended_frame(html: str) -> str:
    """Return the HTML of an output, tables of pandas without style and with scopes.

    Examples
    --------
    >>> mended_frame('<table border="1" class="dataframe"><tr><th></th><th>a</th></tr></table>')
    '<table class="table dataframe"><tr><td></td><th scope="col">a</th></tr></table>'
    """

    def mended(table: re.Match) -> str:
        text = table[0].replace('border="1" class="dataframe"', 'class="table dataframe"')
        text = text.replace(' style="text-align: right;"', "").replace("<th></th>", "<td></td>")
        head, mark, body = text.rpartition("</thead>")
        scopes = [(head, "col"), (body, "row")] if mark else [("", "row"), (body, "col")]
        return mark.join(part.replace("<th>", f'<th scope="{of}">') for part, of in scopes)

    return _FRAME.sub(mended, _FRAME_STYLE.sub("", html))


def unwrap_lists(app: Sphinx, doctree: nodes.document) -> None:
    """Take lists out of paragraphs, where Sphinx puts what a function of several values returns."""
    for found in list(doctree.findall(nodes.bullet_list)):
        holder = found.parent
        outer = holder.parent if isinstance(holder, nodes.inline) else holder
        if isinstance(outer, nodes.paragraph):
            outer.replace_self(holder.children)


def name_page(app: Sphinx, pagename: str, template: str, context: dict, doctree) -> None:
    """Name what the theme leaves without a name: the page of the search, and folds of contents."""
    context["pagetitle"] = context.get("pagetitle") or context.get("title")
    contents = context["generate_toctree_html"]

    def named_contents(**options) -> BeautifulSoup:
        found = contents(**options)
        for summary in found.select("li > details > summary"):
            link = summary.parent.parent.find("a")
            summary["aria-label"] = f"Pages below {link.get_text(strip=True)}"
        return found

    context["generate_toctree_html"] = named_contents


def _is_log(output: dict) -> bool:
    text = "".join(output.get("text", ""))
    return output["output_type"] == "stream" and bool(_LOG.match(text))
