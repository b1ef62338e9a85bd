"""The ablations of a build as a chapter reads them, beside the networks that they vary."""

import numpy as np
import pandas as pd

from emolib import pipeline
from emolib.config import KINDS
from emolib.evaluation.ablations import Ablated
from emolib.evaluation.results import Network
from emolib.models.networks import NETWORKS
from emolib.models.runs import run_specs
from emolib.report.runs import RunReader, read_networks
from emolib.storage import read_array, read_table
from emolib.workspace import AblationWorkspace


class AblationReader(RunReader):
    """The ablations of one build, and its runs."""

    def ablations(self) -> list[Ablated]:
        """Return each network of each ablation, beside the same seeds of it in the build.

        Runs that are lacking, of the build or of an ablation, are trained first.
        """
        found = []
        for name, ablation in self.config.ablations.items():
            workspace = self._trained_ablation(name)
            specs = run_specs(workspace.config)
            wanted = {(spec.network, spec.seed) for spec in specs}
            same = [spec for spec in run_specs(self.config) if (spec.network, spec.seed) in wanted]
            build = read_networks(self.workspace, self._trained(same))
            found += [
                Ablated(name, ablation.title, NETWORKS[network].display, build[network], ablated)
                for network, ablated in read_networks(workspace, specs).items()
            ]
        return found

    def networks_by_length(self) -> dict[int, list[Network]]:
        """Return networks that differ in nothing but the frames of a sequence, by that number.

        They are those of the build, kind by kind, and those of ablations that change this alone.
        Runs that are lacking are trained first.
        """
        of_build = [spec for kind in KINDS for spec in self.specs(kind)]
        lengths = {self.config.training.sequence_length: (self.workspace, self._trained(of_build))}
        for name, ablation in self.config.ablations.items():
            if ablation.changes_only("training", "sequence_length"):
                workspace = self._trained_ablation(name)
                length = workspace.config.training.sequence_length
                lengths[length] = workspace, run_specs(workspace.config)
        return {length: list(read_networks(*runs).values()) for length, runs in lengths.items()}

    def ablation_settings(self) -> pd.DataFrame:
        """Return what ablations change: ``name, ablation, setting, thesis, build, ablated``.

        The values are text; that of the thesis is the default of the configuration.
        """
        rows = []
        for name, ablation in self.config.ablations.items():
            other = self.config.ablated(name)
            for (section, *keys), _ in ablation.settings():
                build = getattr(self.config, section)
                sides = (type(build)(), build, getattr(other, section))
                values = [_setting(side.model_dump(), keys) for side in sides]
                rows.append((name, ablation.title, ".".join([section, *keys]), *values))
        columns = ["name", "ablation", "setting", "thesis", "build", "ablated"]
        return pd.DataFrame(rows, columns=columns)

    def feature_scales(self, n_tracks: int = 10) -> pd.DataFrame:
        """Return how large features of ablations are, as a multiple of the build's.

        Columns ``ablation, backbone, ratio`` (of root mean squares, over the same faces of some
        tracks); a row for each backbone that an ablation uses in another way.
        """
        rows = []
        for name, ablation in self.config.ablations.items():
            workspace = self.workspace.ablation(name)
            used = {NETWORKS[network].backbone for network in workspace.config.training.networks}
            for backbone in sorted(filter(workspace.has_own_features, used)):
                squares = []
                for path in sorted(workspace.features(backbone).glob("*.npy"))[:n_tracks]:
                    own = read_array(path).astype(float)
                    there = np.isfinite(own).all(axis=1)
                    build = read_array(self.workspace.features(backbone) / path.name)[there]
                    sides = own[there], build.astype(float)
                    squares.append([(side**2).mean(axis=1).sum() for side in sides])
                of_ablation, of_build = np.sum(squares, axis=0)
                rows.append((ablation.title, backbone, np.sqrt(of_ablation / of_build)))
        return pd.DataFrame(rows, columns=["ablation", "backbone", "ratio"])

    def lag_tables(self) -> dict[str, pd.DataFrame]:
        """Return how each lag of the ratings did, by where it was estimated: nowhere, perhaps."""
        places = {"the build": self.workspace}
        for name, ablation in self.config.ablations.items():
            workspace = self.workspace.ablation(name)
            if workspace.rematches:
                places[f"the ablation “{ablation.title}”"] = workspace
        return {
            name: read_table(place.samples.with_name("lag.parquet"))
            for name, place in places.items()
            if place.config.matching.lag == "estimate"
        }

    def _trained_ablation(self, name: str) -> AblationWorkspace:
        workspace = self.workspace.ablation(name)
        if not pipeline.is_trained(workspace):
            pipeline.train_ablation(workspace)
        return workspace


def _setting(values: dict, keys: list[str]) -> str:
    """Return a nested value as text; a dash where there is none."""
    for key in keys:
        values = values.get(key, {}) if isinstance(values, dict) else values
    return "–" if values == {} else str(values)
