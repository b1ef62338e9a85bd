"""The networks of a build, as the results chapters judge them."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from emolib.errors import InputError
from emolib.evaluation.baselines import baselines
from emolib.evaluation.metrics import metric_range, metric_target
from emolib.evaluation.predictions import Predictions, PredictionsFile, predicts, select_split
from emolib.evaluation.sufficient import PersonSums

BASELINE = "baseline"
"""The kind of a predictor that never looks at a face."""


class Network:
    """One network: what it is, and what each of its seeds predicted.

    Parameters
    ----------
    seeds : predictions or sequence of predictions
        Of all splits, one table a seed, in memory or on disk.
    kind : str
        ``category``, ``dimensional``, ``combined`` or `BASELINE`.
    backbone : str
        Name of its convolutional part.
    layers : int
        Number of its fully connected layers.
    """

    def __init__(
        self,
        seeds: Predictions | Sequence[Predictions],
        kind: str = "",
        backbone: str = "",
        layers: int = 0,
    ):
        one = isinstance(seeds, pd.DataFrame | PredictionsFile)
        self.seeds = [seeds] if one else list(seeds)
        if not self.seeds:
            raise InputError("no run to evaluate: the list of predictions tables is empty")
        self.kind = kind
        self.backbone = backbone
        self.layers = layers
        self._sums: dict[str, PersonSums] = {}

    def predicts(self, target: str) -> bool:
        """Return whether every seed predicts ``emotion``, ``valence`` or ``arousal``."""
        return all(predicts(table, target) for table in self.seeds)

    def on(self, split: str) -> PersonSums:
        """Return the sums over the people of one split, made once.

        Raises
        ------
        InputError
            If a table has no face of the split.
        """
        if split not in self._sums:
            self._sums[split] = PersonSums([select_split(table, split) for table in self.seeds])
        return self._sums[split]


def baseline_networks(labels: pd.DataFrame, target: str, seed: int = 0) -> dict[str, Network]:
    """Return the trivial predictors of a target, by name.

    Parameters
    ----------
    labels : pandas.DataFrame
        Labelled faces of all splits; predictions of a network will do.
    target : str
        ``emotion``, ``valence`` or ``arousal``.
    seed : int
        Seed of the draws of the train prior.
    """
    networks = {name: Network(table, BASELINE) for name, table in baselines(labels, seed).items()}
    return {name: network for name, network in networks.items() if network.predicts(target)}


def best(networks: Mapping[str, Network], metrics: Iterable[str], split: str) -> str:
    """Return the name of the network with the best mean over some metrics on a split.

    An undefined value is worse than any other; of equally good networks, the first is named.
    Trivial predictors are chosen only where there is no network.

    Parameters
    ----------
    networks : mapping of str to Network
        At least one.
    metrics : iterable of str
        All better when larger, or all better when smaller.
    split : str
        The split judged.

    Raises
    ------
    InputError
        If there is nothing to choose from.
    """
    candidates = trained(networks) or networks
    if not candidates:
        raise InputError("no network to choose from; see training.networks in the configuration")
    metrics = list(metrics)
    sign = -1 if metric_range(metrics[0])[1] == np.inf else 1
    values = {
        name: sign * np.mean([network.on(split).value(metric) for metric in metrics])
        for name, network in candidates.items()
    }
    return max(values, key=lambda name: -np.inf if np.isnan(values[name]) else values[name])


def trained(networks: Mapping[str, Network]) -> dict[str, Network]:
    """Return the networks that are no trivial predictors."""
    return {name: network for name, network in networks.items() if network.kind != BASELINE}


def require_target(networks: Mapping[str, Network], metric: str) -> None:
    """Check that every network predicts what a metric judges.

    Raises
    ------
    InputError
        If there is no network, or one does not.
    """
    if not networks:
        raise InputError("no run to tabulate: the mapping of networks is empty")
    target = metric_target(metric)
    for name, network in networks.items():
        if not network.predicts(target):
            raise InputError(f"network {name!r} does not predict {target}; leave it out here")
