"""What a study found, as tables."""

import warnings
from collections.abc import Mapping, Sequence

import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.trial import FrozenTrial, TrialState

from emolib.search.space import Setting, setting_names
from emolib.search.trials import GIVEN, ORIGIN, SETTING
from emolib.search.workers import read_ledger

SEARCHED = "search"
"""Origin of a trial whose setting was drawn."""

FEWEST = 4
"""Trials below which nothing is said about what matters."""


def trial_table(study: optuna.Study, network: str, known: Mapping[str, Setting]) -> pd.DataFrame:
    """Return the finished trials of a study in their order.

    Parameters
    ----------
    study : optuna.Study
        The study.
    network : str
        The network searched.
    known : mapping of str to dict
        The settings that have to be beaten, by whose they are.

    Returns
    -------
    DataFrame
        ``trial`` (from 1), ``number`` (in the study, where trials that were lost count too),
        ``origin`` (whose setting it is, of those known; else `SEARCHED`), ``end`` (``complete``,
        ``pruned`` or ``diverged``), ``loss`` (on the validation people; of a pruned trial at its
        last epoch, NaN for one that has none), ``epochs``, ``seconds``, ``worker``, and each
        setting.
    """
    finished = read_ledger(study.get_trials(deepcopy=False)).finished
    rows = []
    for place, trial in enumerate(finished, 1):
        attributes = trial.user_attrs
        # That of the build may have been another when the trial was queued.
        origins = {whose: whose for whose, own in known.items() if own == attributes.get(GIVEN)}
        rows.append(
            {
                "trial": place,
                "number": trial.number,
                "origin": origins.get(attributes.get(ORIGIN), SEARCHED),
                "end": _end(trial),
                "loss": trial.value if trial.value is not None else float("nan"),
                "epochs": max(trial.intermediate_values, default=0),
                "seconds": attributes.get("seconds", float("nan")),
                "worker": attributes.get("worker", ""),
                **attributes.get(SETTING, {}),
            }
        )
    own = ["trial", "number", "origin", "end", "loss", "epochs", "seconds", "worker"]
    return pd.DataFrame(rows, columns=[*own, *setting_names(network)])


def epoch_table(study: optuna.Study) -> pd.DataFrame:
    """Return the validation loss after each epoch of each finished trial: trial, epoch, loss."""
    finished = read_ledger(study.get_trials(deepcopy=False)).finished
    rows = [
        (place, epoch, loss)
        for place, trial in enumerate(finished, 1)
        for epoch, loss in sorted(trial.intermediate_values.items())
    ]
    return pd.DataFrame(rows, columns=["trial", "epoch", "loss"])


def importance_table(study: optuna.Study, seed: int) -> pd.DataFrame:
    """Return how much of the spread of the loss each setting explains by itself.

    Functional analysis of variance over the complete trials whose setting was drawn.

    Returns
    -------
    DataFrame
        ``setting, importance``, the most important first; the shares sum to 1. Empty where there
        are fewer than `FEWEST` such trials, or all did equally well.

    References
    ----------
    Hutter, Hoos and Leyton-Brown (2014), An efficient approach for assessing hyperparameter
    importance.
    """
    drawn = [
        trial
        for trial in read_ledger(study.get_trials(deepcopy=False)).finished
        if trial.state == TrialState.COMPLETE and ORIGIN not in trial.user_attrs
    ]
    columns = ["setting", "importance"]
    if len(drawn) < FEWEST or len({trial.value for trial in drawn}) < 2:
        return pd.DataFrame(columns=columns)
    shares = get_param_importances(_study_of(drawn), evaluator=FanovaImportanceEvaluator(seed=seed))
    return pd.DataFrame(shares.items(), columns=columns)


def _study_of(trials: Sequence[FrozenTrial]) -> optuna.Study:
    """Return a study in memory that has these trials alone."""
    study = optuna.create_study()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study.add_trials(trials)
    return study


def _end(trial: FrozenTrial) -> str:
    if trial.state == TrialState.COMPLETE:
        return "complete"
    return "diverged" if "diverged" in trial.user_attrs else "pruned"
