"""The runs of a build as a chapter reads them: trained where they are lacking, chosen, by kind."""

from pathlib import Path

import numpy as np
import pandas as pd

from emolib import pipeline
from emolib.config import KINDS, Kind
from emolib.errors import InputError
from emolib.evaluation.predictions import PredictionsFile
from emolib.evaluation.results import Network
from emolib.models.networks import NETWORKS
from emolib.models.runs import RunSpec, read_spec, run_specs
from emolib.storage import read_json
from emolib.workspace import Workspace


class RunReader:
    """The runs of one build.

    Parameters
    ----------
    workspace : Workspace
        The build.
    """

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.config = workspace.config

    def specs(self, kind: Kind) -> list[RunSpec]:
        """Return the configured runs of one kind of network, seeds of a network together."""
        return [spec for spec in run_specs(self.config) if spec.kind == kind]

    def networks(self, kind: Kind) -> dict[str, Network]:
        """Return the networks of a kind with the predictions of all seeds, by the name to show.

        Runs that are lacking are trained first. There may be no network of a kind.
        """
        networks = read_networks(self.workspace, self._trained(self.specs(kind)))
        return {NETWORKS[name].display: network for name, network in networks.items()}

    def histories(self, kind: Kind, network: str) -> pd.DataFrame:
        """Return the training histories of a network by its name to show, with a column ``run``.

        Empty where there is no such network.
        """
        tables = [
            pd.read_csv(self.workspace.runs / spec.name / "history.csv").assign(
                run=f"seed {spec.seed}"
            )
            for spec in self._trained(self.specs(kind))
            if NETWORKS[spec.network].display == network
        ]
        columns = ["epoch", "split", "metric", "value", "run"]
        return pd.concat([pd.DataFrame(columns=columns), *tables], ignore_index=True)

    def run_folder(self, kind: Kind, run_id: str | None = None) -> Path:
        """Return the folder of a trained run, to be looked into.

        Parameters
        ----------
        kind : str
            The kind of network.
        run_id : str or None
            A run of this build by name, or the path of any run folder. None takes the configured
            run of the kind that has the lowest validation loss; it is trained if it is lacking.

        Raises
        ------
        InputError
            If there is no such run, it is of another kind, or the configuration has none.
        """
        if run_id:
            folder = self._named(run_id)
            found = read_spec(folder).kind
            if found != kind:
                raise InputError(f"{folder}: is a {found} network; this needs a {kind} one")
            return folder
        specs = self._trained(self.specs(kind))
        if not specs:
            raise InputError(f"{self.config.name}: training.networks holds no {kind} network")
        return self._best(specs)

    def run_folders(self, run_id: str | None = None) -> dict[Kind, Path]:
        """Return the best run of every configured kind, or one run alone, by kind.

        Parameters
        ----------
        run_id : str or None
            As in `run_folder`; the kind is that of the run.

        Raises
        ------
        InputError
            If there is no such run.
        """
        if run_id:
            return {self.kind_of(run_id): self._named(run_id)}
        return {kind: self.run_folder(kind) for kind in KINDS if self.specs(kind)}

    def matched_folders(self, run_id: str | None = None) -> dict[Kind, Path]:
        """Return a run folder of each kind of network, on one backbone as far as there are any.

        Parameters
        ----------
        run_id : str or None
            A run as in `run_folder`, which is taken for its kind. It decides the backbone, and
            else the combined run of lowest validation loss does.

        Returns
        -------
        dict of str to Path
            By kind, in the order of `emolib.config.KINDS`, without the kinds that the
            configuration lacks.

        Raises
        ------
        InputError
            If there is no such run.
        """
        given = self.run_folders(run_id) if run_id else {}
        trained = {kind: self._trained(self.specs(kind)) for kind in KINDS}
        first = [*given.values()] or [self._best(trained[k]) for k in reversed(KINDS) if trained[k]]
        backbone = read_spec(first[0]).backbone
        for kind, specs in trained.items():
            matching = [spec for spec in specs if spec.backbone == backbone] or specs
            if matching and kind not in given:
                given[kind] = self._best(matching)
        return {kind: given[kind] for kind in KINDS if kind in given}

    def kind_of(self, run_id: str) -> Kind:
        """Return the kind of network of a run: one of this build by name, or any run folder.

        Raises
        ------
        InputError
            If there is no such run.
        """
        return read_spec(self._named(run_id)).kind

    def _named(self, run_id: str) -> Path:
        folder = Path(run_id)
        return folder if folder.is_dir() else pipeline.run_folder(self.workspace, run_id)

    def _best(self, specs: list[RunSpec]) -> Path:
        """Return the run with the lowest validation loss."""
        folders = [self.workspace.runs / spec.name for spec in specs]
        losses = [read_json(folder / "metrics.json")["validation_loss"] for folder in folders]
        return folders[int(np.nanargmin(losses))]

    def _trained(self, specs: list[RunSpec]) -> list[RunSpec]:
        """Return the specifications given, once they are trained."""
        lacking = set(pipeline.lacking_runs(self.workspace)) & {spec.name for spec in specs}
        if lacking:
            names = [spec.name for spec in specs if spec.name in lacking]
            pipeline.train_runs(self.workspace, names)
        return specs


def read_networks(workspace: Workspace, specs: list[RunSpec]) -> dict[str, Network]:
    """Return networks with the predictions of their trained seeds, by key of `NETWORKS`.

    Predictions stay on disk and are read, chunk by chunk, when something is asked of them.
    """
    seeds: dict[str, list[PredictionsFile]] = {}
    for spec in specs:
        table = PredictionsFile(workspace.runs / spec.name / "predictions.parquet")
        seeds.setdefault(spec.network, []).append(table)
    found = {}
    for name, tables in seeds.items():
        spec = NETWORKS[name]
        found[name] = Network(tables, spec.kind, spec.backbone, len(spec.hidden) + 1)
    return found
