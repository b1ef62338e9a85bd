"""What the stages share: reports of what was left out, tables of a corpus, processes."""

import logging
import os
from pathlib import Path

import pandas as pd

from emolib.errors import InputError
from emolib.storage import write_table
from emolib.workspace import Workspace

logger = logging.getLogger(__name__)

PROBLEM_COLUMNS = ("stage", "item", "problem")


def report_problems(workspace: Workspace, stage: str, problems: list[tuple[str, str]]) -> None:
    """Warn of what was left out, and write it to ``problems/<stage>.csv``: (item, problem)."""
    for _, problem in problems:
        logger.warning(problem)
    if problems:
        logger.warning("%s: %d left out; the rest goes on", stage, len(problems))
    rows = [(stage, item, problem) for item, problem in problems]
    table = pd.DataFrame(rows, columns=PROBLEM_COLUMNS)
    write_table(table, workspace.folder / "problems" / f"{stage}.csv")


def corpus_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Read a table of a corpus as text; its first column identifies a row."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; every corpus needs one with {', '.join(columns)}")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    for column in columns:
        if column not in table:
            raise InputError(f"{path}: no column {column!r}; it needs {', '.join(columns)}")
    doubled = table[columns[0]][table[columns[0]].duplicated()]
    if len(doubled):
        raise InputError(f"{path}: {columns[0]} {doubled.iloc[0]!r} is listed twice")
    return table


def processes(jobs: int | None) -> int:
    """Return how many processes to use: as many as asked for, or as there are cores."""
    return jobs or os.cpu_count() or 1
