"""Sphinx extension: the way from a page to what made it, and from a table to its file.

Every executed chapter ends with a folded block: its notebook, the command that redoes it, its
parameters, how long it took, and what it read. ``records.json`` of the workspace named by the
variable EMOLIB_WORKSPACE tells of each chapter; ``source/`` beside the chapters holds the notebooks
(`workflow/scripts/build_pages.sh`). A page without code that quotes numbers ends with a shorter
one. Every table that is read from a CSV file links to a copy of it.
"""

import json
import shlex
from itertools import groupby
from typing import Any

from build_facts import COMPUTED, workspace_folder
from docutils import nodes
from sphinx.addnodes import download_reference
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.directives.patches import CSVTable
from sphinx.writers.html5 import HTML5Translator

BLOCK = """
:::{{admonition}} From this page to its code
:class: rerun dropdown

This page is the notebook {{download}}`{name}.ipynb <source/{name}.ipynb>`,
made from {{download}}`notebooks/{name}.md <source/{name}.md>`.
In the folder of the repository, this executes it again, into a notebook of its own:

```bash
jupytext --to ipynb --output - notebooks/{name}.md \\
    | papermill - {name}-again.ipynb -k python3 {options}
```

`make chapter NAME={name} CONFIG={config}` makes first whatever the build lacks;
[](chap:gpu-node) says more.

{facts}
:::
"""

QUOTING = """

:::{{admonition}} From this page to its code
:class: rerun dropdown

This page is {{download}}`{page}.md <{name}.md>`, which holds no number: those that it shows are
computed by chapters of the build and by the build itself, as [](chap:provenance) tells.
In the folder of the repository, this computes what has changed:

```bash
make book CONFIG={config}
```
:::
"""


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    app.add_config_value("chapter_records", {}, "env", dict)
    app.connect("config-inited", read_records)
    app.connect("source-read", add_block)
    app.add_node(download_reference, override=True, html=(visit_download, depart_download))
    app.add_directive("csv-table", DownloadableTable, override=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def read_records(app: Sphinx, config: Config) -> None:
    """Read what the build noted of its chapters."""
    records = workspace_folder() / "records.json"
    config.chapter_records = json.loads(records.read_text())


def add_block(app: Sphinx, docname: str, source: list[str]) -> None:
    """End a page that shows something computed with what made it."""
    name = docname.rpartition("/")[2]
    if not app.env.doc2path(docname).endswith(".ipynb"):
        if COMPUTED.search(source[0]):
            config = app.config.myst_substitutions["build"]["config"]
            source[0] += QUOTING.format(page=docname, name=name, config=config)
        return
    notebook = json.loads(source[0])
    text = block(name, app.config.chapter_records[name])
    cell = {"cell_type": "markdown", "id": "from-page-to-code", "metadata": {}, "source": text}
    notebook["cells"].append(cell)
    source[0] = json.dumps(notebook)


def block(name: str, record: dict[str, Any]) -> str:
    """Return the Markdown of the block of a chapter; see `workflow.scripts.records` for the record.

    Parameters
    ----------
    name : str
        The chapter.
    record : dict
        As `workflow.scripts.records.chapter_record` returns it.
    """
    given = record["given"]
    options = " ".join(f"-p {key} {shlex.quote(str(value))}" for key, value in given.items())
    facts = {
        "Parameters": "; ".join(
            f"`{key} = {value}`, {means}" for key, value, means in record["parameters"]
        ),
        "Duration": _duration(record["seconds"]),
        "Data": _data(record),
        "Runs": _runs(record["runs"]),
    }
    listed = "\n\n".join(f"{term}\n: {words}." for term, words in facts.items())
    return BLOCK.format(name=name, options=options, config=given["config"], facts=listed)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.1f} minutes"


def _data(record: dict[str, Any]) -> str:
    """Return what was read of the data, with one hash over the tables, in words."""
    tables = ", ".join(f"`{name}`" for name in record["tables"])
    others = {stage: n for stage, n in record["files"].items() if stage not in ("runs", "records")}
    opened = ", ".join(f"{stage} ({n})" for stage, n in others.items())
    hashed = f"Hash `{record['data']}`, over {tables}" if tables else "No table of the build"
    return f"{hashed}; files opened: {opened}" if opened else hashed


def _runs(runs: list[str]) -> str:
    """Return the names of runs, those of a network together, in words."""
    if not runs:
        return "None opened"
    named = [(network, f"seed{rest}") for network, _, rest in (r.partition("-seed") for r in runs)]
    networks = groupby(named, key=lambda pair: pair[0])
    each = [f"`{network}`: " + ", ".join(f"`{rest}`" for _, rest in of) for network, of in networks]
    return f"{len(runs)} opened; " + "; ".join(each)


def visit_download(self: HTML5Translator, node: download_reference) -> None:
    """Open a link to a file; Sphinx gives an attribute a value that has none."""
    HTML5Translator.visit_download_reference(self, node)
    self.body[-1] = self.body[-1].replace('download=""', "download")


def depart_download(self: HTML5Translator, node: download_reference) -> None:
    """Close a link to a file."""
    HTML5Translator.depart_download_reference(self, node)


class DownloadableTable(CSVTable):
    """A table with a link to the CSV file that it was read from."""

    def run(self) -> list[nodes.Node]:
        """Return the table, and below it the link."""
        file = self.options.get("file")
        found = super().run()
        if not file or not isinstance(found[0], nodes.table):
            return found
        link = download_reference("", "", reftarget=file, refdomain="", refexplicit=True)
        # Those who hear the page get more than a suffix, of which there is one at every table.
        link += nodes.inline("", "Download this table (", classes=["visually-hidden"])
        link += nodes.inline("", "CSV")
        link += nodes.inline("", ")", classes=["visually-hidden"])
        return [*found, nodes.paragraph("", "", link, classes=["table-file"])]
