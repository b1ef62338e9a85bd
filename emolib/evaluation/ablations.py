"""Ablations against their build: the same network, the same test faces, one thing different.

Conventions
-----------
- A difference is ablation minus build. Its interval leaves out people, its p-value swaps people,
  seed by seed (see `emolib.evaluation.uncertainty`).
- Compared are the faces that both networks answered and that carry a label. Where an ablation
  gives them other labels, both networks are judged by the labels of either side in turn, because
  each was trained on its own and neither set is known to be the right one.
- All tests of a table are one family: ``p_holm`` is adjusted for their number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from emolib.errors import InputError
from emolib.evaluation.metrics import metric_target
from emolib.evaluation.predictions import FACE, TARGETS, as_table, select_split
from emolib.evaluation.results import Network
from emolib.evaluation.uncertainty import difference_interval, holm, permutation_test

BUILD, OWN = "build", "ablation"
"""Whose labels both networks are judged by."""

COLUMNS = (
    "name", "ablation", "network", "kind", "labels", "metric", "faces", "build", "ablated",
    "difference", "low", "high", "p", "p_holm",
)  # fmt: skip
"""Columns of `ablation_table`."""


@dataclass(frozen=True)
class Ablated:
    """One network of an ablation, and the same network of the build.

    Attributes
    ----------
    name : str
        Of the ablation, in the configuration.
    title : str
        Of the ablation, as charts name it.
    network : str
        Name of the network to show.
    build, ablated : Network
        Its seeds in the build, and the same seeds in the ablation.
    """

    name: str
    title: str
    network: str
    build: Network
    ablated: Network


def ablation_table(
    ablations: Iterable[Ablated],
    metrics: Sequence[str],
    split: str,
    *,
    confidence: float = 0.95,
    n_permutations: int = 9999,
    seed: int,
) -> pd.DataFrame:
    """Compare networks of ablations with those of the build, metric by metric.

    Parameters
    ----------
    ablations : iterable of Ablated
        What is compared.
    metrics : sequence of str
        Names known to `emolib.evaluation.metrics.metric_target`; a network is left out of those
        whose target it does not predict.
    split : str
        The split judged.
    confidence, n_permutations, seed
        As in `emolib.evaluation.uncertainty.difference_interval` and `permutation_test`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, in the order of the ablations; ``faces`` is the number of faces judged,
        ``build`` and ``ablated`` are the metric on them. No row where there is no ablation.

    Raises
    ------
    InputError
        If the two networks of an ablation have no face in common.
    """
    rows = []
    for each in ablations:
        judged = {labels: on_common_faces(each, split, labels) for labels in (BUILD, OWN)}
        for labels, pair in judged.items():
            for metric in _metrics(metrics, judged, labels):
                ablated, build = (network.on(split) for network in pair)
                found = difference_interval(ablated, build, metric, confidence=confidence)
                test = permutation_test(
                    ablated, build, metric, n_permutations=n_permutations, seed=seed
                )
                faces = build.identity(metric_target(metric)).count
                values = build.value(metric), ablated.value(metric)
                rows.append(
                    (each.name, each.title, each.network, each.build.kind, labels, metric)
                    + (faces, *values, *found, test.p)
                )
    table = pd.DataFrame(rows, columns=COLUMNS[:-1])
    return table.assign(p_holm=holm(table["p"].astype(float)))


def on_common_faces(each: Ablated, split: str, labels: str = BUILD) -> tuple[Network, Network]:
    """Return the ablated network and that of the build on the faces of a split that both answered.

    Parameters
    ----------
    each : Ablated
        The two networks.
    split : str
        The split; the networks returned know no other.
    labels : str
        Whose labels both are judged by, `BUILD` or `OWN`.

    Raises
    ------
    InputError
        If they have no face in common.
    """
    sides = [
        [as_table(select_split(seed, split)).set_index(FACE) for seed in network.seeds]
        for network in (each.ablated, each.build)
    ]
    common = sides[0][0].index.intersection(sides[1][0].index)
    if common.empty:
        raise InputError(f"{each.name}: it shares no labelled face of {split} with its build")
    truth = sides[labels == BUILD][0].loc[common, list(TARGETS)]
    ablated, build = (
        Network(
            [seed.loc[common].assign(**truth).reset_index() for seed in side],
            network.kind,
            network.backbone,
            network.layers,
        )
        for side, network in zip(sides, (each.ablated, each.build), strict=True)
    )
    return ablated, build


def chart_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return an `ablation_table` with a column ``pair``, the shortest name of each row of a chart.

    The title of the ablation; with the network where an ablation has several, and with whose labels
    both are judged by where that makes a difference.
    """
    if table.empty:
        return table.assign(pair="")
    network = table["network"] + ", " + table["kind"]
    several = network.groupby(table["name"]).transform("nunique") > 1
    keys = [table["name"], network, table["metric"]]
    relabelled = table["labels"].groupby(keys).transform("nunique") > 1
    whose = table["labels"].map({BUILD: ", labels of the build", OWN: ", its own labels"})
    pair = table["ablation"] + (": " + network).where(several, "") + whose.where(relabelled, "")
    return table.assign(pair=pair)


def _metrics(
    metrics: Sequence[str], judged: dict[str, tuple[Network, Network]], labels: str
) -> list[str]:
    """Return the metrics that both networks can be judged by, and for one set of labels are."""
    kept = []
    for metric in metrics:
        target = metric_target(metric)
        own, of_build = (judged[name][0].seeds[0][target] for name in (OWN, BUILD))
        is_new = labels == BUILD or not own.equals(of_build)
        if is_new and all(network.predicts(target) for network in judged[labels]):
            kept.append(metric)
    return kept
