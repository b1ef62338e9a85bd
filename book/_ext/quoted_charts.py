"""Sphinx extension: a chart of an executed chapter, live, on a page without code.

The directive names the chapter and the figure, and its content is what stands below it::

    ```{chart-of} dataset fig:face-plane
    Faces where they were rated.
    ```

The chart is read from the executed chapter of the build that EMOLIB_WORKSPACE names, so a page can
show nothing that the chapter does not show, and nothing is computed or stored twice.
"""

import json

from build_facts import workspace_folder
from docutils import nodes
from offline_book import CHART_TYPE, chart_html
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective


class ChartOf(SphinxDirective):
    """Show a chart of a chapter, with words below it."""

    required_arguments = 2
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the chart, or the reason why there is none, as an error of the page."""
        chapter, figure = self.arguments
        page = f"book/chapters/{chapter}"
        notebook = workspace_folder() / "chapters" / f"{chapter}.ipynb"
        data = find_chart(json.loads(notebook.read_text()), figure) if notebook.is_file() else None
        if data is None:
            raise self.error(
                f"{page} has no chart {figure!r}; name a figure of an executed chapter"
            )
        self.env.note_dependency(str(notebook))
        (mime,) = (name for name in data if name.startswith(CHART_TYPE))
        app, docname = self.env.app, self.env.docname
        name = f"{docname}-{figure}.png".replace("/", "-").replace(":", "-")
        html = chart_html(app, docname, name, data[mime], dict(data))
        # No figure node, which would be numbered: it has its number in the chapter.
        shown = nodes.container("", nodes.raw("", html, format="html"), classes=["quoted-chart"])
        words, messages = self.state.inline_text(" ".join(self.content), self.lineno)
        shown += nodes.paragraph("", "", *words)
        return [shown, *messages]


def setup(app: Sphinx) -> dict[str, object]:
    """Register the directive with Sphinx."""
    app.add_directive("chart-of", ChartOf)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def find_chart(notebook: dict, figure: str) -> dict | None:
    """Return the outputs by media type of the cell whose figure has a name, if it shows a chart."""
    for cell in notebook["cells"]:
        named = cell["metadata"].get("mystnb", {}).get("figure", {}).get("name")
        for output in cell.get("outputs", []) if named == figure else []:
            data = output.get("data", {})
            if any(mime.startswith(CHART_TYPE) for mime in data):
                return data
    return None
