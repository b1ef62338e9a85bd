"""Pass and origin of an interval in words, for formats that have no place of their own for them."""

import re

_REMARK = re.compile(r"pass (\d+), (.+)")


def remark(number: int, origin: str) -> str:
    """Say in which pass an interval was made and where it came from.

    Examples
    --------
    >>> remark(3, "proposal vgg16-combined-1fc")
    'pass 3, proposal vgg16-combined-1fc'
    """
    return f"pass {number}, {origin}"


def read_remark(text: str) -> tuple[int, str]:
    """Return pass and origin; 1 and nothing of a text that does not say them.

    Examples
    --------
    >>> read_remark("pass 3, hand"), read_remark("a smile?")
    ((3, 'hand'), (1, ''))
    """
    found = _REMARK.fullmatch((text or "").strip())
    return (int(found[1]), found[2]) if found else (1, "")
