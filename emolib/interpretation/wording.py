"""What sentences share: how intervals are written, and what an order of estimates is worth."""

import math
from collections.abc import Mapping

import pandas as pd

from emolib.evaluation.prose import join_words
from emolib.evaluation.uncertainty import Interval


def with_interval(interval: Interval, form: str) -> str:
    """Return an estimate with its interval in brackets, if there is one.

    Examples
    --------
    >>> with_interval(Interval(0.251, -0.1, 0.6), "+.2f")
    '+0.25 (−0.10 to +0.60)'
    >>> with_interval(Interval(0.5, math.nan, math.nan), ".0%")
    '50% (no interval)'
    """
    form = f"+z{form[1:]}" if form.startswith("+") else f"z{form}"
    text = f"{interval.estimate:{form}}"
    if math.isnan(interval.low):
        text += " (no interval)"
    else:
        text += f" ({interval.low:{form}} to {interval.high:{form}})"
    return text.replace("-", "−")


def ends(found: Mapping[str, Interval]) -> tuple[str, str]:
    """Return the name of the highest estimate and that of the lowest."""
    ranked = sorted(found, key=lambda name: found[name].estimate)
    return ranked[-1], ranked[0]


def doubt(found: Mapping[str, Interval]) -> str:
    """Return how a sentence goes on that names both ends of an order, where these may be chance.

    An end may be where its interval does not part from those of all others. Empty where both part,
    and where nothing has an interval, which `with_interval` says.

    Examples
    --------
    >>> doubt({"a": Interval(3, 2.5, 3.5), "b": Interval(2, 1.5, 2.6), "c": Interval(1, 0.9, 1.1)})
    '; other intervals reach that of a, whose place may be chance'
    """
    if len(found) < 2 or all(math.isnan(each.low) for each in found.values()):
        return ""
    limits = pd.DataFrame(found, index=["estimate", "low", "high"]).T
    highest, lowest = ends(found)
    # Whatever has no interval, which makes these comparisons false, may be anywhere.
    parted = {
        highest: limits.loc[highest, "low"] > limits["high"].drop(highest).max(skipna=False),
        lowest: limits.loc[lowest, "high"] < limits["low"].drop(lowest).min(skipna=False),
    }
    open_ends = [name for name, is_parted in parted.items() if not is_parted]
    if not open_ends:
        return ""
    place = "places" if len(open_ends) > 1 else "place"
    return f"; other intervals reach that of {join_words(open_ends)}, whose {place} may be chance"
