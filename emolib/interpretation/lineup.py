"""Whose representations are compared: all layers of one run, the backbones, the runs of a build.

What is returned can be handed to `emolib.interpretation.similarity`. SVCCA is the mean over the
correlations of the smaller of two subspaces, and rises as the other one grows: a layer of few
directions is found within any of many. The share of variance that the method keeps leaves layers
with anything from two to hundreds of directions, so here all have the same number. Beside trained
networks stand the same ones as initialised, from seeds that no training uses, and a backbone with
random weights.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from emolib.evaluation.formatting import kind_title
from emolib.evaluation.uncertainty import student_limits
from emolib.interpretation.layers import (
    FEATURES,
    TRUNK,
    FaceSample,
    backbone_layers,
    layer_title,
    run_layers,
    untrained_layers,
)
from emolib.interpretation.similarity import (
    KINDS,
    MEMBER_COLUMNS,
    other_faces_table,
    pair_table,
    without_each_person,
)
from emolib.interpretation.svcca import (
    Subspace,
    chance_correlation,
    linear_cka,
    subspace,
    svcca,
)
from emolib.models.backbones import ARCHITECTURES, load_backbone
from emolib.models.inspection import inspect_run, load_backbone_of
from emolib.models.networks import NETWORKS, network_spec
from emolib.models.runs import RunSpec, read_spec
from emolib.models.training import load_run
from emolib.storage import value_hash

_UNTRAINED_SEED = 10_000  # far from those that trainings start from


def run_title(run_folder: str | Path) -> str:
    """Return what a run is called in a sentence: network, kind, seed."""
    spec = read_spec(run_folder)
    return f"{network_spec(spec.network).display} ({kind_title(spec.kind)}, seed {spec.seed})"


def all_layers(run_folder: str | Path, sample: FaceSample, directions: int) -> dict[str, Subspace]:
    """Return every layer of a run, from the first block of its backbone to its scores.

    Parameters
    ----------
    run_folder : path
        The run.
    sample : FaceSample
        The faces.
    directions : int
        The strongest directions of each layer, as many as it has up to this number.

    Returns
    -------
    dict of str to Subspace
        By the name of the layer in print.
    """
    found = _blocks(run_folder, sample) | run_layers(run_folder, sample, None)
    return {layer_title(name): part for name, part in _subspaces(found, directions).items()}


def least_held(parts: Mapping[str, Subspace]) -> float:
    """Return the least share of variance that is kept of any; NaN if all are constant."""
    held = [part.explained for part in parts.values() if part.directions]
    return min(held, default=np.nan)


def path_to_output(layers: Iterable[str]) -> list[str]:
    """Return the layers that each read the one before, to the scores of the first output.

    Examples
    --------
    >>> path_to_output(["LSTM", "category, hidden 1", "dimensional, hidden 1", "category scores"])
    ['LSTM', 'category, hidden 1', 'category scores']
    """
    layers = list(layers)
    behind = layers[layers.index(layer_title(TRUNK)) + 1 :]
    branch = behind[0].replace(",", " ").split()[0] if behind else ""
    return [each for each in layers if each not in behind or each.startswith(branch)]


def backbones(
    run_folders: Sequence[str | Path], sample: FaceSample, directions: int
) -> dict[str, Subspace]:
    """Return the blocks and the features of each backbone, and of the first with random weights.

    Parameters
    ----------
    run_folders : sequence of path
        Runs; each backbone among them is taken once.
    sample, directions
        As of `all_layers`.

    Returns
    -------
    dict of str to Subspace
        By names such as ``VGG16, block 1``; random ones last, as ``VGG16 random, block 1``.
    """
    specs = {Path(folder): read_spec(folder) for folder in run_folders}
    specs = dict(sorted(specs.items(), key=lambda item: _place(item[1])))
    folders = {spec.backbone: folder for folder, spec in reversed(specs.items())}
    found = {
        ARCHITECTURES[name].title: _blocks(folder, sample)
        for name, folder in reversed(folders.items())
    }
    spec = next(iter(specs.values()))
    random = load_backbone(
        spec.backbone,
        weights="random",
        pooling=spec.features.pooling,
        input_size=spec.crop_size,
        seed=_UNTRAINED_SEED,
    )
    found[f"{ARCHITECTURES[spec.backbone].title} random"] = backbone_layers(
        random, sample, spec.features.precision
    )
    return {
        f"{title}, {layer_title(name)}": part
        for title, layers in found.items()
        for name, part in _subspaces(layers, directions).items()
    }


def trunks(
    run_folders: Sequence[str | Path], sample: FaceSample, directions: int, untrained: int = 2
) -> tuple[dict[str, Subspace], pd.DataFrame]:
    """Return the states of the LSTM of many runs.

    Parameters
    ----------
    run_folders : sequence of path
        Runs.
    sample, directions
        As of `all_layers`.
    untrained : int
        Networks that are only initialised, for each backbone.

    Returns
    -------
    parts : dict of str to Subspace
        By names such as ``VGG16+LSTM+1FC category 1``, a backbone's runs together; untrained
        ones last.
    members : DataFrame
        `MEMBER_COLUMNS`, indexed by name.
    """
    specs = {Path(folder): read_spec(folder) for folder in run_folders}
    specs = dict(sorted(specs.items(), key=lambda item: _place(item[1])))
    found, known = {}, {}
    for folder, spec in specs.items():
        name = f"{network_spec(spec.network).display} {spec.kind} {spec.seed}"
        if name in found:  # the same network and seed with other hyperparameters
            name += f" {value_hash(spec, 8)}"
        found[name] = run_layers(folder, sample)[TRUNK]
        known[name] = (spec.backbone, spec.kind, spec.network, spec.seed, True)
    first = {spec.backbone: folder for folder, spec in reversed(specs.items())}
    for backbone in dict.fromkeys(spec.backbone for spec in specs.values()):
        for number in range(1, untrained + 1):
            seed = _UNTRAINED_SEED + number
            name = f"{ARCHITECTURES[backbone].title} untrained {number}"
            found[name] = untrained_layers(first[backbone], sample, seed)[TRUNK]
            known[name] = (backbone, "", "", seed, False)
    parts = {name: subspace(values, variance=1, most=directions) for name, values in found.items()}
    return parts, pd.DataFrame.from_dict(known, "index", columns=list(MEMBER_COLUMNS))


def first_of_each(members: pd.DataFrame) -> dict[str, str]:
    """Return the first run of each network by its name, with what to call the network.

    Parameters
    ----------
    members : DataFrame
        See `trunks`.
    """
    first = members.reset_index(names="name").drop_duplicates(["backbone", "network", "trained"])
    return {name: name.rsplit(" ", 1)[0] for name in first["name"]}


def seed_table(
    run_folder: str | Path,
    other_seeds: Sequence[str | Path],
    sample: FaceSample,
    *,
    directions: int,
    confidence: float,
    draws: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Compare each layer of a run with that of the same network from other seeds.

    Parameters
    ----------
    run_folder : path
        The run.
    other_seeds : sequence of path
        Runs of the same network; there may be none.
    sample, directions
        As of `all_layers`.
    confidence : float
        Of the intervals, in (0, 1).
    draws, seed : int
        As of `emolib.interpretation.similarity.pair_table`.

    Returns
    -------
    DataFrame
        A row a layer that trains: ``layer``; ``directions`` that are kept of it; ``svcca`` with
        the other seeds, the mean over them, and its limits ``low`` and ``high`` over people;
        ``other_faces`` and ``chance``; ``untrained``, SVCCA with the network as initialised from
        as many other seeds, one at least; ``cka`` with the other seeds.
    """
    mine = _subspaces(run_layers(run_folder, sample, None), directions)
    others = [_subspaces(run_layers(folder, sample, None), directions) for folder in other_seeds]
    fresh = [
        _subspaces(untrained_layers(run_folder, sample, _UNTRAINED_SEED + number, None), directions)
        for number in range(1, max(len(others), 1) + 1)
    ]
    rows = []
    for layer, part in mine.items():
        parts = {"mine": part} | {str(n): other[layer] for n, other in enumerate(others)}
        pairs = [("mine", str(n)) for n in range(len(others))]
        values = [svcca(part, parts[b]) for _, b in pairs]
        left_out = without_each_person(parts, sample.people, pairs)
        low, high = np.nan, np.nan
        if pairs:
            limits = student_limits(np.mean(values), left_out.mean(axis=0), confidence)
            low, high = np.clip(limits, 0, 1)
        unrelated = other_faces_table(parts, sample.people, draws=draws, seed=seed)
        rows.append(
            {
                "layer": layer_title(layer),
                "directions": part.directions,
                "svcca": _mean(values),
                "low": low,
                "high": high,
                "other_faces": _mean([unrelated[pair] for pair in pairs]),
                "chance": _mean(
                    chance_correlation(part.faces, part.directions, parts[b].directions)
                    for _, b in pairs
                ),
                "untrained": _mean(svcca(part, each[layer]) for each in fresh),
                "cka": _mean(linear_cka(part, parts[b]) for _, b in pairs),
            }
        )
    return pd.DataFrame(rows)


def feature_table(
    parts: Mapping[str, Subspace], people: np.ndarray, *, confidence: float, **options
) -> pd.DataFrame:
    """Compare what backbones hand to networks, the last rows of `backbones`.

    Parameters
    ----------
    parts : mapping
        See `backbones`.
    people : ndarray of str (n,)
        Whose face each is.
    confidence : float
        Of the intervals, in (0, 1).
    **options
        ``draws`` and ``seed`` of `emolib.interpretation.similarity.pair_table`.

    Returns
    -------
    DataFrame
        ``backbones``; then as `emolib.interpretation.similarity.pair_table`, with the limits
        ``low`` and ``high`` behind ``svcca``.
    """
    features = {
        name.removesuffix(f", {FEATURES}"): part
        for name, part in parts.items()
        if name.endswith(f", {FEATURES}")
    }
    table = pair_table(features, people, **options)
    pairs = list(zip(table["first"], table["second"], strict=True))
    left_out = without_each_person(features, people, pairs)
    low, high = np.clip(student_limits(table["svcca"].to_numpy(), left_out, confidence), 0, 1)
    table.insert(3, "low", low)
    table.insert(4, "high", high)
    names = [f"{first} and {second}" for first, second in pairs]
    return table.drop(columns=["first", "second"]).assign(backbones=names)[
        ["backbones", *table.columns[2:]]
    ]


def _place(spec: RunSpec) -> tuple:
    """Return where a run stands among others: by backbone, kind, network and seed."""
    return (
        list(ARCHITECTURES).index(spec.backbone),
        KINDS.index(spec.kind),
        list(NETWORKS).index(spec.network),
        spec.seed,
    )


def _blocks(run_folder: str | Path, sample: FaceSample) -> dict[str, np.ndarray]:
    """Return the layers of a run's backbone; those of a frozen one are computed once."""
    spec = read_spec(run_folder)
    if spec.end_to_end:  # some of its layers may have trained
        return backbone_layers(inspect_run(run_folder).backbone, sample, spec.features.precision)
    backbone = load_backbone_of(load_run(run_folder), run_folder)
    return sample.remember(
        f"blocks of {backbone.key}",
        lambda: backbone_layers(backbone, sample, spec.features.precision),
    )


def _subspaces(found: Mapping[str, np.ndarray], directions: int) -> dict[str, Subspace]:
    return {name: subspace(values, variance=1, most=directions) for name, values in found.items()}


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return float(np.mean(values)) if values else np.nan
