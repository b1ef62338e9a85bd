"""One trial: train a network with some setting, and say how well it does on the validation people.

Nobody in the test split is ever read: their rows stay on disk, and so do their features.
"""

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from emolib import pipeline
from emolib.data.splits import assert_disjoint
from emolib.search.space import spec_with, suggest
from emolib.storage import read_json, record_path
from emolib.workspace import Workspace

if TYPE_CHECKING:  # at run time only a search itself needs Optuna, whose import takes a second
    import optuna

SPLITS_READ = ("train", "validation")
"""Who may be learned from or judged by in a search."""

ORIGIN, GIVEN, SETTING = "origin", "given", "setting"
"""Attributes of a trial: whose setting it tries, if it is given, what was given, what it tried."""


def read_samples(path: str | Path) -> pd.DataFrame:
    """Return the samples of the people who train and validate, numbered from 0.

    Raises
    ------
    InputError
        If somebody is both.
    """
    samples = pd.read_parquet(path, filters=[("split", "in", SPLITS_READ)])
    assert_disjoint(samples)
    return samples.reset_index(drop=True)


def feature_records(folder: Path, samples: pd.DataFrame) -> dict[str, Any]:
    """Return what the features of the tracks of some samples were made from."""
    records = {track: record_path(folder / f"{track}.npy") for track in samples["track"].unique()}
    return {track: read_json(path) for track, path in records.items() if path.is_file()}


class Objective:
    """Trains a network with the setting of a trial; the lower what it returns, the better.

    That is the loss over all validation faces, at the epoch that the training keeps. With two
    outputs their losses are weighed as the build does, whatever the trial trains with, and the CCC
    is taken over all frames together, so that trials can be compared.

    Parameters
    ----------
    workspace : Workspace
        The build; its samples and features are read.
    network : str
        The network.
    """

    def __init__(self, workspace: Workspace, network: str):
        from emolib.models.batches import TrackFeatures
        from emolib.models.training import usable_samples

        self._config, self._network = trial_config(workspace), network
        spec = spec_with(self._config, network, {})
        samples = pipeline.faces_of_run(read_samples(workspace.samples), spec)
        self._samples = usable_samples(samples)
        self._features = TrackFeatures(self._samples, workspace.features(spec.backbone))
        self._judge = spec.model_copy(update={"ccc": "batch"})

    def __call__(self, trial: "optuna.Trial") -> float:
        """Train, and return the loss.

        Raises
        ------
        optuna.TrialPruned
            If others did better by then, or the loss stopped being a number.
        """
        import optuna

        from emolib.models.fitting import Diverged, fit
        from emolib.models.training import new_model, read_material

        started, given = time.perf_counter(), trial.user_attrs.get(GIVEN, {})
        setting = suggest(trial, self._config.search.space, self._network, given)
        spec = spec_with(self._config, self._network, setting)
        trial.set_user_attr(SETTING, setting)
        trial.set_user_attr("worker", f"{socket.gethostname()}:{os.getpid()}")
        _, material = read_material(spec, self._samples, self._features, SPLITS_READ)
        watch = _Watch(trial)
        try:
            fit(
                new_model(spec, self._features), spec, material, None,
                progress=False, judged_as=[self._judge], on_epoch=watch,
            )  # fmt: skip
        except Diverged as error:
            trial.set_user_attr("diverged", True)
            raise optuna.TrialPruned(str(error)) from error
        finally:
            trial.set_user_attr("seconds", time.perf_counter() - started)
        return watch.kept


def trial_config(workspace: Workspace):
    """Return the configuration of a build with as many epochs as a trial has, and one seed."""
    config = workspace.config
    changed = {"epochs": config.search.epochs or config.training.epochs}
    changed["seeds"] = config.training.seeds[:1]
    return config.model_copy(update={"training": config.training.model_copy(update=changed)})


class _Watch:
    """Judges each epoch of a trial, and ends it where others did better."""

    def __init__(self, trial: "optuna.Trial"):
        self._trial = trial
        self._lowest = self.kept = float("inf")

    def __call__(self, epoch: int, losses: list[float]) -> None:
        import optuna

        own, judged = losses
        if own < self._lowest:  # the epoch that a run keeps is chosen by the loss it trains with
            self._lowest, self.kept = own, judged
        self._trial.report(judged, epoch)
        if self._trial.should_prune():
            raise optuna.TrialPruned
