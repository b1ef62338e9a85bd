"""From samples to features and trained networks."""

import shutil
from collections.abc import Iterable
from functools import lru_cache, partial
from pathlib import Path

import pandas as pd

from emolib.data.samples import SampleFile
from emolib.data.sequences import labelled
from emolib.errors import InputError
from emolib.labels import DIMENSIONS, SPLITS
from emolib.models.networks import network_spec
from emolib.models.runs import RunSpec, run_specs
from emolib.sources import code_hash
from emolib.storage import file_hash, is_current, read_json, value_hash
from emolib.workspace import AblationWorkspace, Workspace


def extract_all_features(workspace: Workspace) -> None:
    """Put every face through each backbone that a configured network needs.

    In an ablation: through those that it uses in another way, and only faces with a label that it
    trains or tests on.

    Memory: a backbone, a batch of faces, and the features of one track; crops are read as they are
    needed, so it does not grow with the corpus.
    """
    from emolib.models.features import extract_tracks

    tracks = list(dict.fromkeys(workspace.load("faces", ["track"])["track"]))
    specs = [spec for spec in run_specs(workspace.config) if not spec.end_to_end]
    rows = None
    if isinstance(workspace, AblationWorkspace):
        specs = [spec for spec in specs if workspace.has_own_features(spec.backbone)]
        rows = _rows_used(workspace.load("samples"), specs, tracks)
    for name, spec in {spec.backbone: spec for spec in specs}.items():
        extract_tracks(
            tracks,
            workspace.crops,
            workspace.features(name),
            _backbone(spec),
            precision=spec.features.precision,
            batch_size=spec.features.batch_size,
            rows=rows,
        )


def find_runs(workspace: Workspace, names: Iterable[str] = ()) -> list[str]:
    """Return the configured runs of these names; a network stands for its runs, nothing for all.

    Raises
    ------
    InputError
        If the configuration asks for no run and no network of a name.
    """
    specs = run_specs(workspace.config)
    names, found = list(names), []
    for name in names:
        own = [spec.name for spec in specs if name in (spec.name, spec.network)]
        if not own:
            raise InputError(f"unknown run {name!r}; `emolib runs` lists those of a configuration")
        found += own
    return list(dict.fromkeys(found)) if names else [spec.name for spec in specs]


def train_runs(workspace: Workspace, names: Iterable[str]) -> None:
    """Train the named runs or networks, in the order given; what several read is read once.

    Raises
    ------
    InputError
        If the configuration asks for no run of a name, or a run cannot be trained.
    """
    from emolib.models.batches import TrackFeatures
    from emolib.models.training import train

    specs = {spec.name: spec for spec in run_specs(workspace.config)}
    names = list(names)
    names = find_runs(workspace, names) if names else []
    settings = workspace.config.training
    _remove_old_checkpoints(workspace.runs / name for name in specs)

    @lru_cache(maxsize=1)
    def read(folder, outputs):
        samples = SampleFile(workspace.samples, partial(_usable, outputs=outputs))
        bound = int(settings.features_in_memory * 2**30)
        return samples, TrackFeatures(samples.index, folder, bound)

    for name in names:
        spec, features = specs[name], workspace.features(specs[name].backbone)
        outputs = _outputs(spec)
        train(
            spec,
            *read(workspace.crops if spec.end_to_end else features, outputs),
            workspace.runs / name,
            backbone=_backbone(spec) if spec.end_to_end else None,
            backbone_key="" if spec.end_to_end else _backbone_key(features),
            inputs=_run_inputs(workspace, spec),
            strategy=settings.strategy,
            checkpoint_every=settings.checkpoint_every,
            tensorboard=workspace.folder / "tensorboard" / name if settings.tensorboard else None,
        )


def lacking_runs(workspace: Workspace) -> list[str]:
    """Return the configured runs that are not trained, or were on other data or by other code."""
    return [
        spec.name
        for spec in run_specs(workspace.config)
        if not is_current(workspace.runs / spec.name / "metrics.json", _run_inputs(workspace, spec))
    ]


def delete_runs(workspace: Workspace, names: Iterable[str]) -> None:
    """Delete runs, with their checkpoints, so that the next build trains them again.

    Raises
    ------
    InputError
        If there is no run of a name; then none is deleted.
    """
    folders = [run_folder(workspace, name) for name in names]
    for folder in folders:
        spec = read_json(folder / "spec.json")
        (workspace.folder / "trained" / spec["network"]).unlink(missing_ok=True)
        _checkpoint(folder).unlink(missing_ok=True)
        shutil.rmtree(folder)


def run_folder(workspace: Workspace, name: str) -> Path:
    """Return the folder of a finished run.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    folder = workspace.runs / name
    # A name is no path: one with a slash, or `..`, would lead out of the folder.
    named = folder.name == name and not name.startswith(".")
    if not (named and (folder / "spec.json").is_file()):
        raise InputError(f"{workspace.runs}: no run {name!r}; `emolib runs` lists those there are")
    return folder


def _checkpoint(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.checkpoint.npz")


def _remove_old_checkpoints(folders: Iterable[Path]) -> None:
    """Remove those of runs that were finished, but killed before they could do so themselves."""
    for folder in folders:
        checkpoint, finished = _checkpoint(folder), folder / "metrics.json"
        if checkpoint.is_file() and finished.is_file():
            if checkpoint.stat().st_mtime_ns <= finished.stat().st_mtime_ns:
                checkpoint.unlink()


def faces_of_run(samples: pd.DataFrame, spec: RunSpec) -> pd.DataFrame:
    """Return the faces that a run trains on and predicts: those with labels that it asks for."""
    return _faces(samples, _outputs(spec))


def _outputs(spec: RunSpec) -> tuple[str, ...]:
    """Return the outputs of which a label makes a face one to train on; none: it takes both."""
    return tuple(network_spec(spec.network).heads) if spec.faces == "any" else ()


def _rows_used(
    samples: pd.DataFrame, specs: Iterable[RunSpec], tracks: Iterable[str]
) -> dict[str, list[int]]:
    """Return the rows of each track's crops that some run reads."""
    samples = samples[samples["split"].isin(SPLITS)]
    used = pd.concat([samples[:0], *(faces_of_run(samples, spec) for spec in specs)])
    rows = used.groupby("track")["row"].unique()
    return {track: sorted(map(int, rows.get(track, ()))) for track in tracks}


def _faces(samples: pd.DataFrame, outputs: tuple[str, ...]) -> pd.DataFrame:
    """Return the faces with a label for one of the outputs; without any, those with both kinds."""
    if not outputs:
        return labelled(samples)
    has = {
        "category": samples["emotion"].fillna("") != "",
        "dimensional": samples[list(DIMENSIONS)].notna().all(axis=1),
    }
    return samples[pd.concat([has[output] for output in outputs], axis=1).any(axis=1)]


def _usable(samples: pd.DataFrame, outputs: tuple[str, ...]) -> pd.DataFrame:
    """Return the faces that are in a split and have a label to train on."""
    return _faces(samples[samples["split"].isin(SPLITS)], outputs)


def _backbone(spec: RunSpec):
    from emolib.models.backbones import load_backbone

    return load_backbone(
        spec.backbone,
        weights=spec.features.weights,
        preprocessing=spec.features.preprocessing,
        pooling=spec.features.pooling,
        input_size=spec.crop_size,
    )


def _backbone_key(features: Path) -> str:
    """Return the key of the backbone behind a folder of features."""
    records = sorted(features.glob("*.inputs.json"))
    if not records:
        raise InputError(f"{features}: no features; run `emolib features` first")
    return read_json(records[0])["backbone"]


def _run_inputs(workspace: Workspace, spec: RunSpec) -> dict[str, str]:
    if spec.end_to_end:
        # Hashing all crops would take longer than it saves; the table says where each came from.
        read = {"crops": file_hash(workspace.faces) if workspace.faces.exists() else ""}
    else:
        records = sorted(workspace.features(spec.backbone).glob("*.inputs.json"))
        read = {"features": value_hash({path.name: read_json(path) for path in records})}
    return {
        "samples": file_hash(workspace.samples) if workspace.samples.exists() else "",
        "code": code_hash("emolib.models.training"),
        **read,
    }
