"""What a build notes of each chapter that it executed: parameters, what it read, how long it took.

The pages show it at their end (`book/_ext/page_to_code.py`).
"""

import logging
from pathlib import Path
from typing import Any

import nbformat
from papermill.inspection import inspect_notebook

from emolib.report.reading import read_reads
from emolib.workspace import Workspace


def chapter_records(workspace: Workspace) -> dict[str, dict[str, Any]]:
    """Return the record of every executed chapter of a build, by its name."""
    # Papermill says of each type of parameter that it cannot convert it; none is converted here.
    logging.getLogger("papermill").setLevel(logging.ERROR)
    names = sorted(file.stem for file in (workspace.folder / "reads").glob("*.txt"))
    notebooks = {name: workspace.folder / "chapters" / f"{name}.ipynb" for name in names}
    return {
        name: chapter_record(workspace, notebook)
        for name, notebook in notebooks.items()
        if notebook.is_file()  # a chapter may have been one of the book, and be no longer
    }


def chapter_record(workspace: Workspace, notebook: Path) -> dict[str, Any]:
    """Return what is known of an executed chapter.

    Returns
    -------
    dict
        ``given``: the parameters that papermill was given, by name. ``parameters``: of each, the
        name, the value as Python writes it, and what it means. ``seconds``: how long it took.
        ``runs``, ``tables``, ``files`` and ``data``: see `emolib.report.reading.Reads`.
    """
    executed = nbformat.read(notebook, as_version=4).metadata["papermill"]
    given = executed["parameters"]
    parameters = [
        (name, repr(given[name]) if name in given else each["default"], each["help"])
        for name, each in inspect_notebook(notebook).items()
    ]
    reads = read_reads(workspace, notebook.stem)
    return {
        "given": given,
        "parameters": parameters,
        "seconds": executed["duration"],
        "runs": reads.runs,
        "tables": reads.tables,
        "files": reads.files,
        "data": reads.data_hash,
    }
