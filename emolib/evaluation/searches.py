"""What a search for hyperparameters found, as tables.

Conventions
-----------
- The loss of a trial is that on the validation people, which chose the best: for the best it is
  too low, the more so the more was tried. What the best is worth, the test people say.
- The best, and the settings that it has to beat, are compared as networks trained with all seeds.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from emolib.evaluation.ablations import Ablated

SEARCHED = "search"
"""Origin of a trial whose setting was drawn, and not given."""

TITLES = {
    "sequence_length": "sequence length",
    "batch_size": "batch size",
    "learning_rate": "learning rate",
    "decay": "decay",
    "dropout": "dropout",
    "head_units": "head units",
    "category_weight": "category weight",
    "loss_weighting": "loss weighting",
}
"""Names of the settings that are searched, as tables and charts show them."""


NO_TRIALS = pd.DataFrame(columns=["trial", "origin", "end", "loss"])
"""The trials of a build that searched nothing."""


@dataclass(frozen=True)
class Searched:
    """One study: a network whose hyperparameters were searched.

    Attributes
    ----------
    network : str
        Name of the network to show, with its kind.
    trials : DataFrame
        ``trial, origin, end, loss, epochs, seconds`` and a column for each setting.
    epochs : DataFrame
        ``trial, epoch, loss``.
    importance : DataFrame
        ``setting, importance``; may be empty.
    settings : DataFrame
        ``setting, tried, thesis, build, best``, as text.
    compared : tuple of Ablated
        The best setting, as ``ablated``, beside each setting that it has to beat.
    unpruned : int or None
        Trials that were trained to the end before another was given up; None where none ever is.
    """

    network: str
    trials: pd.DataFrame
    epochs: pd.DataFrame
    importance: pd.DataFrame
    settings: pd.DataFrame
    compared: tuple[Ablated, ...]
    unpruned: int | None = None

    @property
    def best(self) -> pd.Series:
        """The complete trial of lowest loss, the earliest of equals."""
        complete = self.trials[self.trials["end"] == "complete"]
        return complete.loc[complete["loss"].idxmin()]


def setting_rows(searches: Iterable[Searched]) -> pd.DataFrame:
    """Return what was tried of each setting, beside the thesis, the build and the best found."""
    columns = ["network", "setting", "tried", "thesis", "build", "best"]
    tables = [each.settings.assign(network=each.network) for each in searches]
    rows = pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)[columns]
    rows["setting"] = rows["setting"].map(TITLES)
    return rows.rename(
        columns={"thesis": "the thesis", "build": "this build", "best": "best found"}
    )


def trial_rows(searches: Iterable[Searched]) -> pd.DataFrame:
    """Return the trials that were given, and the best, of each study.

    Returns
    -------
    DataFrame
        ``network``, ``setting`` (whose), ``trial``, ``end``, ``epochs`` and ``validation loss``.
    """
    columns = ["network", "setting", "trial", "end", "epochs", "loss"]
    tables = []
    for each in searches:
        given = each.trials[each.trials["origin"] != SEARCHED]
        best = each.best.to_frame().T.assign(origin="best found")
        rows = pd.concat([given, best], ignore_index=True).assign(network=each.network)
        tables.append(rows.rename(columns={"origin": "setting"})[columns])
    rows = pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)
    rows["loss"] = rows["loss"].astype(float)
    return rows.rename(columns={"loss": "validation loss"})


def history_rows(searches: Iterable[Searched]) -> pd.DataFrame:
    """Return all trials that have a loss, with the lowest so far.

    Returns
    -------
    DataFrame
        ``study, trial, origin, end, loss, lowest``; the last is of the complete trials up to then,
        NaN before the first.
    """
    columns = ["study", "trial", "origin", "end", "loss", "lowest"]
    tables = []
    for each in searches:
        lowest = each.trials["loss"].where(each.trials["end"] == "complete").cummin().ffill()
        rows = each.trials.assign(study=each.network, lowest=lowest)
        tables.append(rows.dropna(subset=["loss"])[columns])
    return pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)


def importance_rows(searches: Iterable[Searched]) -> pd.DataFrame:
    """Return how much each setting matters: ``study, setting, importance``."""
    columns = ["study", "setting", "importance"]
    tables = [each.importance.assign(study=each.network) for each in searches]
    rows = pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)[columns]
    rows["setting"] = rows["setting"].map(TITLES)
    return rows.astype({"importance": float})


def comparison_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return an `emolib.evaluation.ablations.ablation_table` as this chapter prints it."""
    columns = ["ablation", "metric", "faces", "build", "ablated", "difference", "low", "high"]
    return table[[*columns, "p", "p_holm"]].rename(
        columns={"ablation": "best found against", "build": "other", "ablated": "best"}
    )
