"""What every benchmark shares: taking turns, rows with quartiles, goals, the table."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

FASTER = "times as fast"
"""Unit of a ratio of times: the peer's over ours."""


class Skipped(Exception):
    """Raised by a benchmark that lacks what it measures; its message says what is lacking."""


NO_GOAL = "–"
"""Goal of a row without one, and whether it is reached."""


class Goal(NamedTuple):
    """A limit that the median of a row should keep.

    Examples
    --------
    >>> goal = at_most(600)
    >>> str(goal), goal.reached(480.0), goal.reached(float("nan"))
    ('≤ 600', True, False)
    """

    sign: str
    limit: float

    def reached(self, value: float) -> bool:
        """Return whether a value keeps the limit."""
        return value >= self.limit if self.sign == "≥" else value <= self.limit

    def __str__(self) -> str:
        """Return the limit as the table shows it."""
        return f"{self.sign} {self.limit:g}"


def at_least(limit: float) -> Goal:
    """Return a goal for what should be large."""
    return Goal("≥", limit)


def at_most(limit: float) -> Goal:
    """Return a goal for what should be small."""
    return Goal("≤", limit)


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured, against whom, and the values of all repeats.

    Attributes
    ----------
    what, against : str
        What was measured, and what it is compared with.
    unit : str
        Of the values.
    values : sequence of float
        One a repeat.
    goal : Goal or None
        What the median should keep; None where a number is only to be known.
    note : str
        What bounds the number and what was tried, in sentences; shown only where it misses its
        goal.
    """

    what: str
    against: str
    unit: str
    values: Sequence[float]
    goal: Goal | None
    note: str = ""

    def summary(self) -> dict[str, Any]:
        """Return a row of the table: median, quartiles, the goal, whether it is reached."""
        low, median, high = np.quantile(self.values, [0.25, 0.5, 0.75])
        reached = self.goal is None or self.goal.reached(median)
        return {
            "what": self.what,
            "against": self.against,
            "unit": self.unit,
            "median": median,
            "lower_quartile": low,
            "upper_quartile": high,
            "repeats": len(self.values),
            "goal": str(self.goal or NO_GOAL),
            "reached": NO_GOAL if self.goal is None else "yes" if reached else "no",
            "note": "" if reached else self.note,
        }


def race(
    contenders: Mapping[str, Callable[[], Any]],
    agree: Callable[[Any, Any], None],
    repeats: int,
    *,
    warm_up: bool = True,
) -> pd.DataFrame:
    """Let contenders do the same work in turns, after checking that they get the same result.

    Parameters
    ----------
    contenders : mapping of str to callable
        By name, ours first.
    agree : callable
        Takes our result and a peer's; raises `AssertionError` where they differ.
    repeats : int
        Rounds. Every other round goes backwards, so that nobody always follows the same one.
    warm_up : bool
        Whether the calls whose results are compared are not measured. Where each takes minutes,
        nothing is left to be warmed up, and they count as the first round.

    Returns
    -------
    pandas.DataFrame, shape (repeats, contenders)
        Wall-clock seconds, a column each.
    """
    names = list(contenders)
    first, results = {}, []
    for name, work in contenders.items():
        start = time.perf_counter()
        results.append(work())
        first[name] = time.perf_counter() - start
    ours, *peers = results
    for peer in peers:
        agree(ours, peer)
    rounds = [] if warm_up else [first]
    rounds += [
        {name: _seconds(contenders[name]) for name in (names if number % 2 else names[::-1])}
        for number in range(repeats - len(rounds))
    ]
    return pd.DataFrame(rounds, columns=names)


def speedup(what: str, seconds: pd.DataFrame, peer: str, goal: Goal | None, note: str = "") -> Row:
    """Return how many times as fast as a peer the first column of a race is, round by round."""
    ratios = seconds[peer] / seconds.iloc[:, 0]
    return Row(what, peer, FASTER, ratios.tolist(), goal, note)


def table(results: Mapping[str, Iterable[Row]]) -> pd.DataFrame:
    """Return the rows of several benchmarks, by name, as one table."""
    return pd.DataFrame(
        {"benchmark": name, **row.summary()} for name, rows in results.items() for row in rows
    )


def printed(rows: pd.DataFrame) -> str:
    """Return a table of results as the terminal shows it."""
    return pd.DataFrame(
        {
            "what": rows["what"],
            "against": rows["against"],
            "median": [f"{row.median:.3g} {row.unit}" for row in rows.itertuples()],
            "quartiles": [
                f"{row.lower_quartile:.3g} to {row.upper_quartile:.3g}"
                if row.repeats > 1
                else "measured once"
                for row in rows.itertuples()
            ],
            "goal": rows["goal"],
            "reached": rows["reached"],
        }
    ).to_string(index=False)


def _seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
