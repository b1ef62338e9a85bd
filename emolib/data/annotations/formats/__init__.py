"""Annotation formats by name; one module for each family of them.

`read` reads a file or folder in a named format; `formats` lists the names. A format is never
guessed: `suggest` says which ones a path could be in, for a person to choose.
"""

from collections.abc import Callable, Collection
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import NamedTuple, get_args

from emolib.data.annotations.tables import Annotations
from emolib.errors import InputError

FAMILIES = (
    "affwild",
    "affwild2",
    "afew_va",
    "omg",
    "affectnet",
    "recola",
    "sewa",
    "carma",
    "muse",
    "ceap",
    "feeltrace",
    "elan",
    "table",
    "generic",
)
"""Modules of this package, each with a tuple ``FORMATS``."""


class Format(NamedTuple):
    """A layout of annotations on disk.

    Attributes
    ----------
    name : str
        What it is called on the command line and in ``annotations.csv``.
    description : str
        One line: what one file holds, its units and range.
    read : callable
        ``read(path, **options) -> Annotations``.
    matches : callable
        ``matches(path) -> bool``: whether a path could be in this format, by names and by
        content, without judging values.
    """

    name: str
    description: str
    read: Callable[..., Annotations]
    matches: Callable[[Path], bool]


def formats() -> dict[str, Format]:
    """Return every format by name, families in their order."""
    modules = (import_module(f"{__name__}.{family}") for family in FAMILIES)
    return {format.name: format for module in modules for format in module.FORMATS}


def read(path: str | Path, format: str, **options) -> Annotations:
    """Read annotations in a named format.

    Parameters
    ----------
    path : str or Path
        A file, or a folder where the format is one.
    format : str
        One of `formats`.
    **options
        What the format asks for; its module says which.

    Raises
    ------
    InputError
        If the format is unknown, an option is unknown or missing, or the path cannot be read.
    """
    check_options(format, options)
    return formats()[format].read(Path(path), **options)


def counts_frames(format: str) -> bool:
    """Return whether a format counts frames, so that it needs the times of those of its video."""
    return "frame_times" in _parameters(format)


def path_options(format: str) -> set[str]:
    """Return the options of a format that are paths."""
    options = _parameters(format).items()
    return {name for name, option in options if Path in get_args(option.annotation)}


def check_options(format: str, options: Collection[str]) -> None:
    """Refuse options that a format does not have, and the lack of those that it needs.

    Raises
    ------
    InputError
        If there is such an option, or the format is unknown.
    """
    accepted = _parameters(format)
    for option in options:
        if option not in accepted:
            raise InputError(
                f"format {format} has no option {option!r}; it has {', '.join(accepted) or 'none'}"
            )
    for name, parameter in accepted.items():
        if parameter.default is parameter.empty and name not in options:
            raise InputError(f"format {format} needs the option {name!r}")


def suggest(path: str | Path) -> list[str]:
    """Return the names of the formats that a path could be in, for a person to choose from."""
    return [name for name, format in formats().items() if format.matches(Path(path))]


def _parameters(format: str) -> dict[str, Parameter]:
    """Return the options of a format by name."""
    known = formats()
    if format not in known:
        raise InputError(f"unknown format {format!r}; the known ones are {', '.join(known)}")
    return dict(list(signature(known[format].read).parameters.items())[1:])  # without the path
