"""Annotations of a corpus, in whatever layout their tools left them, as two tables.

The valence and arousal annotations that the thesis started from came in several layouts, which it
first brought into one (section 4.2). Here the corpus says how each file is to be read: a folder of
one's own in ``annotations.csv`` (`emolib.data.annotations.manifest`), a published corpus by its
adapter (`emolib.data.corpora`). Nothing is guessed from the values. Each layout has a reader in
`emolib.data.annotations.formats`.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.data.annotations.manifest import read_manifest
from emolib.data.annotations.sources import Source, read_sources
from emolib.data.annotations.tables import CATEGORICAL_COLUMNS, DIMENSIONAL_COLUMNS
from emolib.errors import InputError

__all__ = [
    "CATEGORICAL_COLUMNS",
    "DIMENSIONAL_COLUMNS",
    "Source",
    "read_annotations",
    "read_sources",
]


def read_annotations(
    corpus_folder: str | Path, bounds: Mapping[str, np.ndarray] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame, list[str]]:
    """Read every annotation file that a folder lists in ``annotations.csv``.

    A file that cannot be used is left out and reported, as are intervals whose emotion is none of
    the seven. A file that does not name its rater has its own name for one, so that two files
    about a track are never mixed.

    Parameters
    ----------
    corpus_folder : str or Path
        The folder that holds ``annotations.csv`` and the files it lists.
    bounds : mapping of str to ndarray, optional
        See `read_sources`.

    Returns
    -------
    dimensional : DataFrame
        The columns of `DIMENSIONAL_COLUMNS`.
    categorical : DataFrame
        The columns of `CATEGORICAL_COLUMNS`.
    problems : list of str
        One sentence for each thing that was left out, with file and line.

    Raises
    ------
    InputError
        If ``annotations.csv`` cannot be read, or no file that it lists can be used.
    """
    sources, problems = read_manifest(corpus_folder)
    dimensional, categorical, found = read_sources(sources, bounds)
    problems += [problem for _, problem in found]
    if dimensional.empty and categorical.empty:
        raise InputError(
            f"{Path(corpus_folder) / 'annotations.csv'}: none of the annotation files can be used; "
            f"the first problem is: {problems[0] if problems else 'they hold no label'}"
        )
    return dimensional, categorical, problems
