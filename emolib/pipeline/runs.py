"""From samples to features and trained networks."""

from collections.abc import Iterable

from emolib.data.sequences import labelled
from emolib.errors import InputError
from emolib.models.runs import RunSpec, run_specs
from emolib.sources import code_hash
from emolib.storage import (
    file_hash,
    is_current,
    read_json,
    value_hash,
    write_json,
    write_record,
)
from emolib.workspace import Workspace


def extract_all_features(workspace: Workspace) -> None:
    """Put every face through each backbone that a configured network needs."""
    from emolib.models.backbones import load_backbone
    from emolib.models.features import extract_tracks
    from emolib.models.networks import NETWORKS

    settings = workspace.config.features
    tracks = list(dict.fromkeys(workspace.load("faces")["track"]))
    names = dict.fromkeys(NETWORKS[name].backbone for name in workspace.config.training.networks)
    for name in names:
        backbone = load_backbone(
            name,
            weights=settings.weights,
            preprocessing=settings.preprocessing,
            pooling=settings.pooling,
            input_size=workspace.config.faces.crop_size,
        )
        extract_tracks(
            tracks,
            workspace.crops,
            workspace.features(name),
            backbone,
            precision=settings.precision,
            batch_size=settings.batch_size,
        )


def train_runs(workspace: Workspace, names: Iterable[str]) -> None:
    """Train the named runs, in the order given, and record what each was trained on."""
    from emolib.models.training import train

    specs = {spec.name: spec for spec in run_specs(workspace.config)}
    samples = labelled(workspace.load("samples"))
    for name in names:
        if name not in specs:
            raise InputError(f"unknown run {name!r}; `emolib runs` lists those of a configuration")
        spec, folder = specs[name], workspace.runs / name
        inputs = _run_inputs(workspace, spec)
        features = workspace.features(spec.backbone)
        train(spec, samples, features, folder)
        record = read_json(next(features.glob("*.inputs.json")))
        write_json({"key": record["backbone"]}, folder / "backbone.json")
        write_record(folder / "metrics.json", inputs)


def lacking_runs(workspace: Workspace) -> list[str]:
    """Return the configured runs that are not trained, or were on other data or by other code."""
    return [
        spec.name
        for spec in run_specs(workspace.config)
        if not is_current(workspace.runs / spec.name / "metrics.json", _run_inputs(workspace, spec))
    ]


def _run_inputs(workspace: Workspace, spec: RunSpec) -> dict[str, str]:
    records = sorted(workspace.features(spec.backbone).glob("*.inputs.json"))
    return {
        "samples": file_hash(workspace.samples) if workspace.samples.exists() else "",
        "features": value_hash({path.name: read_json(path) for path in records}),
        "code": code_hash("emolib.models.training"),
    }
