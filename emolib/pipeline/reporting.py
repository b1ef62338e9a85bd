"""What the stages share: reports of what was left out, and how many processes to use."""

import logging
import os

import pandas as pd

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


def processes(jobs: int | None) -> int:
    """Return how many processes to use: as many as asked for, or as there are cores."""
    return jobs or os.cpu_count() or 1
