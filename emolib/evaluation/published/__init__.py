"""The results that the thesis printed, one file a table, with the numbers as they stand there.

Beside them stand results that others published on corpora of faces (`related`), each with the
publication in which its number was read.

Conventions
-----------
- A table is named by its number, ``5.1`` to ``5.7`` and ``C.1`` to ``C.8``. Rows and columns are in
  the printed order; columns carry the names of `emolib.evaluation.metrics`. What the thesis calls
  the accuracy of a category is its recall.
- ``network`` holds names of `emolib.models.networks.NETWORKS`. Tables 5.4 and 5.7 print a row for
  "the best" network of a kind; the rows of 5.1 to 5.3 and 5.6 say which one that is.
- Results of others are fractions with the digits that were printed, ``59.02 %`` being ``0.5902``.
- The numbers are rounded to two decimals, so a cell stands for an interval of +-`HALF_UNIT`.

References
----------
Xia, Y. (2018). Interpretable Deep Neural Networks for Dimensional and Categorical Emotion
Recognition in-the-wild. MSc thesis, Imperial College London. Sections 5.1 to 5.3, appendix C.
"""

from importlib import resources

import pandas as pd

from emolib.errors import InputError

HALF_UNIT = 0.005
"""Half of the last printed digit: how far a value may lie from what was printed."""

_FOLDER = resources.files(__name__)
_BACKBONES = {"vgg16": "VGG16", "vgg19": "VGG19", "xception": "Xception"}


def tables() -> dict[str, str]:
    """Return what each published table holds: number -> description, in the thesis's order."""
    return _contents()["description"].to_dict()


def load(table: str) -> pd.DataFrame:
    """Return one published table as it was printed.

    Parameters
    ----------
    table : str
        Its number, such as ``5.1`` or ``C.8``.

    Returns
    -------
    pandas.DataFrame
        Column ``network``, then the printed columns: ``recall_<emotion>`` and ``accuracy``, or
        ``ccc_<dimension>`` and ``mse_<dimension>``. Table 5.5 has ``network, emotion, precision,
        recall, f1``, its last row the ``average`` (weighted by faces).

    Raises
    ------
    InputError
        If the thesis has no such table of results.

    Examples
    --------
    >>> load("5.4")[["network", "accuracy"]]
                  network  accuracy
    0  vgg16-category-2fc      0.47
    1  vgg19-combined-1fc      0.59
    """
    if table not in tables():
        raise InputError(
            f"the thesis has no table of results {table!r}; there are {', '.join(tables())}"
        )
    return pd.read_csv(_FOLDER / f"table-{table}.csv")


def tidy() -> pd.DataFrame:
    """Return every published number, a row each.

    Returns
    -------
    pandas.DataFrame
        Columns ``table, network, kind, split, metric, value``. The averages of table 5.5 are the
        metrics ``precision_average, recall_average, f1_average``. Tables 5.4 and 5.7 repeat rows of
        others, so keep to one table where a number must occur once.
    """
    parts = []
    for table, split in _contents()["split"].items():
        printed = load(table)
        rows = printed.melt([name for name in ("network", "emotion") if name in printed], None)
        if "emotion" in rows:
            rows["variable"] += "_" + rows["emotion"]
        rows = rows.rename(columns={"variable": "metric"})
        parts.append(rows.assign(table=table, split=split, kind=rows["network"].map(kind)))
    columns = ["table", "network", "kind", "split", "metric", "value"]
    return pd.concat(parts, ignore_index=True)[columns]


def statements() -> pd.DataFrame:
    """Return numbers that the thesis states in its text: ``quantity, published, source``."""
    return pd.read_csv(_FOLDER / "text.csv", dtype={"source": str})


def counts() -> pd.Series:
    """Return what the thesis counts in its corpus, by quantity."""
    return pd.read_csv(_FOLDER / "dataset.csv", index_col="quantity")["published"]


def related() -> pd.DataFrame:
    """Return results that others published, as far as their numbers could be read at a source.

    Returns
    -------
    pandas.DataFrame
        One row a number. ``year`` of the round or publication; ``challenge``, empty where there
        was none; ``corpus, task, system``; ``place`` in the challenge, ``baseline`` for the
        organisers' system, empty where it is not stated; ``place_source``, a key of the
        bibliography where the place was read elsewhere than the number; ``metric, value``, and
        ``printed``, the value with the digits that were printed;
        ``split`` is ``test``, ``validation`` or ``not stated``; ``source``, a key of the
        bibliography; ``where`` in it; ``hand``, ``second`` where the source reports a number that
        somebody else measured, else ``first``.
    """
    text = dict.fromkeys(["challenge", "place", "place_source"], "")
    table = pd.read_csv(_FOLDER / "related.csv", dtype={"place": str, "value": str}).fillna(text)
    return table.assign(printed=table["value"], value=table["value"].astype(float))


def rounds() -> pd.DataFrame:
    """Return the rounds that results were looked for of: ``challenge, year, task``."""
    return pd.read_csv(_FOLDER / "rounds.csv")


def kind(network: str) -> str:
    """Return the kind of a network, from its name.

    Examples
    --------
    >>> kind("vgg16-category-2fc")
    'category'
    """
    return network.split("-")[1]


def display(network: str) -> str:
    """Return the name of a network as the thesis's tables have it, which leaves its kind out.

    Examples
    --------
    >>> display("vgg16-category-2fc")
    'VGG16+LSTM+2FC'
    """
    backbone, _, layers = network.split("-")
    return f"{_BACKBONES.get(backbone, backbone)}+LSTM+{layers.upper()}"


def _contents() -> pd.DataFrame:
    return pd.read_csv(_FOLDER / "tables.csv", dtype=str).set_index("table")
