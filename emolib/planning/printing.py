"""A plan as a table for a terminal."""

from pathlib import Path

import pandas as pd
from rich import box
from rich.table import Table


def as_table(stages: pd.DataFrame, title: str) -> Table:
    """Return the stages of a plan as a table that 80 columns hold.

    Parameters
    ----------
    stages : DataFrame
        As `emolib.planning.Plan.table`, with a row at least.
    title : str
        Stands above it.
    """
    numbers = pd.DataFrame(
        {
            "time\nh": stages["seconds"] / 3600,
            "disk\nGB": stages["disk"] / 1e9,
            "memory\nGB": stages["memory"] / 1e9,
        }
    )
    # What runs one after the other needs its memory one after the other.
    totals = numbers.agg(dict(zip(numbers, ("sum", "sum", "max"), strict=True))).map(_figure)
    table = Table(title=title, box=box.SIMPLE_HEAD, show_footer=True, pad_edge=False)
    table.collapse_padding = True
    for heading, footer in {"stage": "total", "to do": "", **totals, "rate from": ""}.items():
        is_number = heading in numbers
        table.add_column(heading, footer, justify="right" if is_number else "left", no_wrap=True)
    for stage, row in stages.iterrows():
        table.add_row(
            stage, row["what"], *numbers.loc[stage].map(_figure), Path(row["source"]).name
        )
    return table


def _figure(number: float) -> str:
    """Return a number with two digits after the point; a dash for what is not known."""
    if number != number:
        return "–"
    return "< 0.01" if 0 < number < 0.005 else f"{number:,.2f}"
