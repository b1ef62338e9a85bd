"""Sphinx extension: the numbers of a build in the prose, and what data they came from.

``numbers/<chapter>.json`` of the workspace named by the variable EMOLIB_WORKSPACE is quoted as
``{{ chapter.key }}``. Every page that shows something computed starts with a notice which says
what it was computed from; for simulated data the notice cannot be overlooked.
"""

import json
import os
import re
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

COMPUTED = re.compile(r"\{\{ \w+\.\w+ \}\}|:file: (?:\.\./)?tables/")
TITLE = re.compile(r"^# .*$", flags=re.MULTILINE)
NOTICE = """

:::{{admonition}} {title}
:class: {kind}
{text} See [what this build was made of](chap:colophon).
:::
"""
SIMULATED = (
    "The faces, the people and the labels behind this page are simulated, and the backbones carry "
    "{weights}. What it shows is that the software works; it says nothing about people."
)
REAL = "Computed from the corpus of the configuration `{config}`; the backbones carry {weights}."

# Pages whose numbers come from simulated people whatever corpus a build reads.
ALWAYS_SIMULATED = {
    "book/chapters/backbone": "the weights that the table names",
    "book/chapters/uncertainty": "no weights, since no face is looked at",
}

# Pages about what was printed elsewhere, which is neither simulated nor of this build.
PRINTED = {"book/chapters/audit", "book/chapters/related"}


def setup(app: Sphinx) -> dict[str, object]:
    """Register the extension with Sphinx."""
    app.connect("config-inited", read_numbers)
    app.connect("source-read", add_notice)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def workspace_folder() -> Path:
    """Return the folder of the build whose pages are made.

    Raises
    ------
    ExtensionError
        If the workspace is not named.
    """
    workspace = os.environ.get("EMOLIB_WORKSPACE")
    if not workspace:
        raise ExtensionError("EMOLIB_WORKSPACE names no build; use `make book`")
    return Path(workspace)


def read_numbers(app: Sphinx, config: Config) -> None:
    """Make every number of the build a substitution."""
    files = sorted(workspace_folder().glob("numbers/*.json"))
    config.myst_substitutions = {file.stem: json.loads(file.read_text()) for file in files}


def add_notice(app: Sphinx, docname: str, source: list[str]) -> None:
    """Say below the title of a computed page what it was computed from."""
    if docname in PRINTED:
        return
    build = app.config.myst_substitutions["build"]
    if docname in ALWAYS_SIMULATED:
        build = {**build, "simulated": True, "weights": ALWAYS_SIMULATED[docname]}
    if app.env.doc2path(docname).endswith(".ipynb"):
        notebook = json.loads(source[0])
        title_cell = next(cell for cell in notebook["cells"] if TITLE.search(_text(cell)))
        title_cell["source"] = with_notice(_text(title_cell), build)
        source[0] = json.dumps(notebook)
    elif COMPUTED.search(source[0]):
        source[0] = with_notice(source[0], build)


def with_notice(text: str, build: dict) -> str:
    """Return the text of a page with the notice of a build after its title.

    Parameters
    ----------
    text : str
        Markdown with one first-level heading.
    build : dict
        ``simulated`` (bool), ``weights`` (str) and ``config`` (str), as in numbers/build.json.
    """
    if build["simulated"]:
        title, kind, template = "Simulated data", "simulated-data", SIMULATED
    else:
        title, kind, template = "Data of this page", "build-data", REAL
    notice = NOTICE.format(title=title, kind=kind, text=template.format_map(build))
    # A function, because a replacement string would read backslashes of the notice as groups.
    return TITLE.sub(lambda heading: heading[0] + notice, text, count=1)


def _text(cell: dict) -> str:
    return "".join(cell["source"]) if isinstance(cell["source"], list) else cell["source"]
