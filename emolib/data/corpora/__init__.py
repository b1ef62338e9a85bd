"""Published corpora and folders of one's own, described in one way.

An adapter is a module of this package with a function ``describe``, which looks at a corpus as it
was handed out and says where everything is. It reads names, headers and lists, and neither videos
nor labels: those are read later, by `emolib.data.video` and `emolib.data.annotations`.
"""

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from emolib.data.annotations.manifest import read_manifest
from emolib.data.annotations.sources import Source

KINDS = ("folder", "affwild", "affwild2", "afew_va", "omg", "clips")
"""Modules of this package, each with a function ``describe``."""


class Corpus(NamedTuple):
    """Where the parts of a corpus are."""

    videos: pd.DataFrame
    """``video`` (unique name), ``path`` (a file, or a folder of numbered pictures), ``image_rate``
    (pictures per second where it is a folder, else NaN), ``people`` (Int64: how many to follow, NA
    if unknown), ``tracks`` (list of str: their names from left to right, empty if unknown) and
    ``crops`` (the folder that holds ready-made faces as ``<track>/00001.jpg``, else "")."""
    people: pd.DataFrame
    """``track``, ``video``, ``person`` (the same for all tracks that show somebody) and ``part``
    (train, validation or test in the partition that comes with the corpus, else "")."""
    sources: list[Source]
    """The annotations."""
    facts: dict[str, str]
    """``name``, and where they are certain ``citation``, ``licence`` and ``homepage``."""
    problems: list[tuple[str, str]]
    """What cannot be used: the name of the file, and a sentence."""


def describe(kind: str, *, added_annotations: str | Path | None = None, **options: Any) -> Corpus:
    """Describe a corpus.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    added_annotations : str or Path, optional
        A folder with an ``annotations.csv`` that lists annotations which do not come with the
        corpus, such as categories for one that has valence and arousal alone.
    **options
        The parameters of the adapter.

    Raises
    ------
    InputError
        If the corpus or the list is not there, or holds nothing to use.
    """
    corpus = import_module(f"{__name__}.{kind}").describe(**options)
    if added_annotations is None:
        return corpus
    sources, unusable = read_manifest(added_annotations)
    problems = [("annotations.csv", problem) for problem in unusable]
    return corpus._replace(sources=corpus.sources + sources, problems=corpus.problems + problems)
