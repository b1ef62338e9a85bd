"""Sphinx extension: the directive ``equations``, a table of all numbered equations of the book."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain
from sphinx.util.docutils import SphinxDirective

HEADINGS = ("equation", "says", "defined in")
WIDTHS = (1, 6, 3)


class equations(nodes.General, nodes.Element):
    """Where the table goes, until all pages are read; docutils calls nodes by their tag."""


class EquationsDirective(SphinxDirective):
    """The table; without argument, option or content."""

    def run(self) -> list[nodes.Node]:
        """Return what the table takes the place of."""
        return [equations()]


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    app.add_node(equations)
    app.add_directive("equations", EquationsDirective)
    app.connect("doctree-resolved", put_table)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def put_table(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the table where it was asked for, in the order in which the pages are read."""
    places = list(doctree.findall(equations))
    if not places:
        return
    domain: MathDomain = app.env.get_domain("math")
    order = list(app.env.collect_relations())
    found = [
        (order.index(page), number, label) for label, (page, number) in domain.equations.items()
    ]
    rows = [_row(app, docname, order[page], label) for page, _, label in sorted(found)]
    for place in places:
        place.replace_self(_table(rows))


def _row(app: Sphinx, docname: str, page: str, label: str) -> list[nodes.Node]:
    """Return the cells of an equation: its number, what it says, and the page that defines it."""
    reference = app.env.get_domain("math").resolve_xref(
        app.env, docname, app.builder, "eq", label, nodes.literal(), nodes.literal(label, label)
    )
    blocks = app.env.get_doctree(page).findall(nodes.math_block)
    formula = next(block.astext() for block in blocks if block.get("label") == label)
    title = app.env.titles[page].astext()
    address = app.builder.get_relative_uri(docname, page)
    link = nodes.reference("", title, refuri=address, internal=True)
    said = "\\displaystyle " + formula.strip().rstrip(".,")  # of the sentence it stood in
    return [reference, nodes.math(said, said), link]


def _table(rows: list[list[nodes.Node]]) -> nodes.table:
    group = nodes.tgroup("", *(nodes.colspec(colwidth=width) for width in WIDTHS), cols=len(WIDTHS))
    headings = [nodes.Text(heading) for heading in HEADINGS]
    group += nodes.thead("", _cells(headings))
    group += nodes.tbody("", *map(_cells, rows))
    return nodes.table("", group, classes=["equations"])


def _cells(row: list[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in row))
