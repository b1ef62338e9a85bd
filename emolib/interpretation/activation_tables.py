"""Optimal inputs of several networks as tables: what was reached, and what pictures show it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import kind_title
from emolib.interpretation.optimal_inputs import (
    BY_PIXEL,
    CONTROL,
    FILM,
    FROM_FACE,
    FROM_NOISE,
    OptimalInputs,
    RealFaces,
)
from emolib.interpretation.real_faces import strongest

SHORT = dict(zip(FROM_NOISE, ("noise 1", "noise 2"), strict=True))
"""Names of ways above a column of pictures."""

_COLUMNS = ["kind", "unit", "way", "activation", "backwards", "low", "median", "high", "lowest"]
_COLUMNS += ["relative", "exceeds", "kept", "wins"]


def reached_table(*found: Mapping[str, OptimalInputs]) -> pd.DataFrame:
    """Put the tables of several kinds of network together, for `emolib.plots.reached_chart`.

    Parameters
    ----------
    *found : mapping of str to OptimalInputs
        Stills, films or both, by kind of network.

    Returns
    -------
    DataFrame
        Those of the tables, with ``kind``, as it is called, and ``lowest``, the 1st percentile of
        real faces on the scale of ``relative``.
    """
    kinds = list(dict.fromkeys(kind for each in found for kind in each))
    parts = [
        each[kind].table.assign(kind=kind_title(kind))
        for kind in kinds
        for each in found
        if kind in each
    ]
    if not parts:
        return pd.DataFrame(columns=_COLUMNS)
    table = pd.concat(parts, ignore_index=True)
    spread = (table["high"] - table["median"]).where(lambda width: width > 0, 1.0)
    return table.assign(lowest=(table["low"] - table["median"]) / spread)


def printed_table(reached: pd.DataFrame) -> pd.DataFrame:
    """Return what was reached as the book prints it: a row for each unit of each kind.

    Parameters
    ----------
    reached : DataFrame
        From `reached_table`.

    Returns
    -------
    DataFrame
        ``kind, unit, median, 99th percentile`` (of stills of real faces), and the activation
        reached from noise (``noise (mean)``, over seeds), from the mean face, and by pixels;
        ``kept``, the share that remains when pictures from noise are moved, the mean over those
        that go beyond real faces.
    """
    rows = []
    stills = reached[~reached["way"].isin([CONTROL, FILM])]
    for (kind, unit), group in stills.groupby(["kind", "unit"], sort=False):
        by_way = group.set_index("way")
        noise = by_way[by_way.index.isin(FROM_NOISE)]
        rows.append(
            {
                "kind": kind,
                "unit": unit,
                "median": group["median"].iloc[0],
                "99th percentile": group["high"].iloc[0],
                "noise (mean)": noise["activation"].mean(),
                "mean face": by_way["activation"].get(FROM_FACE, np.nan),
                "pixels": by_way["activation"].get(BY_PIXEL, np.nan),
                "kept": noise["kept"].mean(),
            }
        )
    columns = ["kind", "unit", "median", "99th percentile"]
    columns += ["noise (mean)", "mean face", "pixels", "kept"]
    return pd.DataFrame(rows, columns=columns)


def still_sheet(
    found: OptimalInputs, real: RealFaces, faces: int = 3
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the pictures of one network, and the real faces that activate each unit most.

    Parameters
    ----------
    found : OptimalInputs
        Stills.
    real : RealFaces
        Of the same network.
    faces : int
        Real faces beside each unit, of as many people.

    Returns
    -------
    DataFrame
        For `emolib.plots.picture_sheet`: ``row`` (the unit), ``column``, ``relative``.
    ndarray of uint8 (n, size, size, 3)
    """
    table = found.table.rename(columns={"unit": "row"}).assign(
        column=found.table["way"].replace(SHORT)
    )[["row", "column", "relative"]]
    parts, pictures = [table], [found.pictures[:, 0]]
    scale = found.table.drop_duplicates("unit").set_index("unit")
    for unit in scale.index:
        places = strongest(real.stills[unit], real.faces, faces)
        low, high = scale.loc[unit, ["median", "high"]]
        values = (real.stills[unit].iloc[places] - low) / ((high - low) or 1.0)
        columns = [f"real {number}" for number in range(1, len(places) + 1)]
        parts.append(pd.DataFrame({"row": unit, "column": columns, "relative": values.to_numpy()}))
        pictures.append(real.pictures[places])
    return pd.concat(parts, ignore_index=True), np.concatenate(pictures)


def film_sheet(found: Mapping[str, OptimalInputs]) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the frames of films, a row for each unit of each kind.

    Parameters
    ----------
    found : mapping of str to OptimalInputs
        Films by kind of network.

    Returns
    -------
    DataFrame
        For `emolib.plots.picture_sheet`: ``row`` (kind and unit), ``column`` (which
        picture), ``relative``.
    ndarray of uint8 (n, size, size, 3)
    """
    rows, pictures = [], []
    for kind, films in found.items():
        for unit, relative, film in zip(
            films.table["unit"], films.table["relative"], films.pictures, strict=True
        ):
            name = f"{kind_title(kind)}: {unit}" if len(found) > 1 else unit
            rows += [(name, f"picture {number}", relative) for number in range(1, len(film) + 1)]
            pictures.append(film)
    table = pd.DataFrame(rows, columns=["row", "column", "relative"])
    return table, np.concatenate(pictures) if pictures else np.empty((0, 1, 1, 3), np.uint8)


def likeness(found: Mapping[str, OptimalInputs]) -> pd.DataFrame:
    """Say how alike pictures from two seeds are, and pictures for two units from one seed.

    Parameters
    ----------
    found : mapping of str to OptimalInputs
        Stills by kind of network.

    Returns
    -------
    DataFrame
        ``kind``, and the mean correlation over pixels of pictures made for the ``same_unit`` from
        different noise, over units, with the least and the greatest as ``low`` and ``high``; and
        for ``other_units`` from the same noise; NaN where there are none. ``apart`` of ``units``
        have pictures that are more alike than either is to one of any other unit from its noise.
    """
    rows = []
    for kind, each in found.items():
        table = each.table.reset_index(drop=True)
        chosen = table[table["way"].isin(FROM_NOISE)]
        flat = each.pictures[chosen.index].reshape(len(chosen), -1).astype(np.float64)
        correlation = np.corrcoef(flat) if len(chosen) > 1 else np.ones((len(chosen),) * 2)
        unit, way = chosen["unit"].to_numpy(), chosen["way"].to_numpy()
        alike = unit[:, None] == unit, way[:, None] == way
        own, other = alike[0] & ~alike[1], ~alike[0] & alike[1]
        units = pd.unique(unit[own.any(axis=0) & other.any(axis=0)])
        mean = np.array([correlation[own & (unit == name)].mean() for name in units])
        closest = np.array([correlation[other & (unit == name)].max() for name in units])
        rows.append(
            {
                "kind": kind_title(kind),
                "same_unit": mean.mean() if mean.size else np.nan,
                "low": mean.min() if mean.size else np.nan,
                "high": mean.max() if mean.size else np.nan,
                "other_units": correlation[other].mean() if mean.size else np.nan,
                "apart": int((mean > closest).sum()),
                "units": len(units),
            }
        )
    columns = ["kind", "same_unit", "low", "high", "other_units", "apart", "units"]
    return pd.DataFrame(rows, columns=columns)
