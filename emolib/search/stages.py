"""The search as a stage of a build: try settings, then train the best as the build trains.

What it finds lies in ``search/<network>/``: ``trials.parquet``, ``epochs.parquet``,
``importance.parquet``, ``best.json`` (the setting), ``best.yaml`` (the same, to be pasted into a
configuration) and ``runs/`` (of the best setting, and of the thesis's, with all seeds). The trials
themselves lie in the storage.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from emolib import pipeline
from emolib.errors import InputError
from emolib.search.space import (
    as_yaml,
    in_space,
    references,
    setting_names,
    spec_with,
    training_with,
)
from emolib.search.trials import (
    GIVEN,
    ORIGIN,
    Objective,
    feature_records,
    read_samples,
    trial_config,
)
from emolib.sources import code_hash
from emolib.storage import (
    atomic_path,
    is_current,
    read_json,
    value_hash,
    write_json,
    write_record,
    write_table,
)
from emolib.workspace import VariantWorkspace, Workspace

if TYPE_CHECKING:
    import optuna

UNPRUNED = 5
"""Trials of a study that have to be trained to the end before another is given up."""


def try_settings(
    workspace: Workspace,
    network: str,
    *,
    trials: int | None = None,
    storage: str | None = None,
    progress: bool = True,
) -> None:
    """Work on the study of a network until it has all of its trials.

    Others may work on it too, at the same time and on other machines; all that they share is the
    storage and the files of the build.

    Parameters
    ----------
    workspace : Workspace
        The build, with samples and features.
    network : str
        One that the configuration trains.
    trials, storage
        In place of ``search.trials`` and ``search.storage``.
    progress : bool
        Show a progress bar.

    Raises
    ------
    InputError
        If the build does not train the network or lacks samples or features, or the storage
        cannot be used.
    """
    from emolib.search.workers import work

    search = workspace.config.search
    study = _open_study(workspace, network, storage)
    work(study, Objective(workspace, network), trials or search.trials, progress=progress)


def write_findings(workspace: Workspace, network: str, *, storage: str | None = None) -> Path:
    """Write what the study of a network found; return the folder.

    Raises
    ------
    InputError
        If no trial of it was completed.
    """
    from emolib.search.results import epoch_table, importance_table, trial_table

    study, config = _open_study(workspace, network, storage), workspace.config
    table = trial_table(study, network, references(config.training, network))
    folder = workspace.searches / network
    complete = table[table["end"] == "complete"]
    if complete.empty:
        raise InputError(
            f"{network}: none of {len(table)} trials was completed; the settings of "
            "search.space may be impossible, or learning rates too large"
        )
    best = complete.loc[complete["loss"].idxmin()]
    setting = {name: _plain(best[name]) for name in setting_names(network)}
    write_table(epoch_table(study), folder / "epochs.parquet")
    write_table(importance_table(study, config.search.seed), folder / "importance.parquet")
    write_json(setting, folder / "best.json")
    remark = (
        f"Best of {len(table)} trials of {network} in the build {config.name}: validation loss "
        f"{best['loss']:.4f}.\nSequence length, batch size and dropout hold for every kind of "
        "network."
    )
    with atomic_path(folder / "best.yaml") as temporary:
        temporary.write_text(as_yaml(config.training, network, setting, remark))
    write_table(table, folder / "trials.parquet")
    write_record(folder / "trials.parquet", _inputs(workspace, network))
    return folder


def variants(workspace: Workspace, network: str) -> dict[str, VariantWorkspace]:
    """Return the workspaces of the settings that are trained with all seeds after a search.

    Returns
    -------
    dict of str to VariantWorkspace
        ``best``, where it is another than the build's; and ``the thesis``, likewise.
    """
    folder = workspace.searches / network
    settings = references(workspace.config.training, network)
    settings["best"], own = read_json(folder / "best.json"), settings["this build"]
    settings = {name: setting for name, setting in settings.items() if setting != own}
    return {
        name: VariantWorkspace(
            workspace, training_with(workspace.config.training, network, setting), folder
        )
        for name, setting in settings.items()
    }


def confirm(workspace: Workspace, network: str) -> list[str]:
    """Train the best setting and the thesis's with all seeds, as far as they are lacking.

    Returns
    -------
    list of str
        The runs that were trained.
    """
    trained = []
    for variant in variants(workspace, network).values():
        lacking = pipeline.lacking_runs(variant)
        if lacking:
            pipeline.train_runs(variant, lacking)
            trained += lacking
    return trained


def is_searched(workspace: Workspace, network: str) -> bool:
    """Return whether a search has as many trials as are asked for, and its best is trained."""
    path = workspace.searches / network / "trials.parquet"
    if not is_current(path, _inputs(workspace, network)):
        return False
    enough = len(pd.read_parquet(path, columns=["trial"])) >= workspace.config.search.trials
    settled = variants(workspace, network).values()
    return enough and not any(map(pipeline.lacking_runs, settled))


def study_name(workspace: Workspace, network: str) -> str:
    """Return the name of the study: equal names mean that the trials can be compared."""
    return f"{workspace.config.name}-{network}-{_inputs(workspace, network)['study']}"


def _open_study(workspace: Workspace, network: str, storage: str | None) -> "optuna.Study":
    import optuna

    from emolib.search.storage import open_storage
    from emolib.search.workers import QUEUED, new_sampler

    config, search = workspace.config, workspace.config.search
    if network not in config.training.networks:
        known = ", ".join(config.training.networks)
        raise InputError(f"{network}: {config.name} trains no such network; it trains {known}")
    url = storage or search.storage or f"sqlite:///{workspace.searches / 'trials.db'}"
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    epochs = search.epochs or config.training.epochs
    # By a fifth of the epochs, so many trials say what is usual.
    pruner = optuna.pruners.MedianPruner(UNPRUNED, n_warmup_steps=max(1, epochs // 5))
    study = optuna.create_study(
        study_name=study_name(workspace, network),
        storage=open_storage(url, search.silence),
        sampler=new_sampler(search.sampler, search.startup, search.seed),
        pruner=pruner if search.pruning else optuna.pruners.NopPruner(),
        load_if_exists=True,
    )
    there = {trial.user_attrs.get(QUEUED) for trial in study.get_trials(deepcopy=False)}
    for origin, setting in references(config.training, network).items():
        purpose = f"{origin} {value_hash(setting, 8)}"  # the build may have changed since
        if purpose not in there:
            attributes = {ORIGIN: origin, GIVEN: setting, QUEUED: purpose}
            study.enqueue_trial(in_space(search.space, setting), attributes)
    return study


def _inputs(workspace: Workspace, network: str) -> dict[str, str]:
    """Return what decides whether trials can be compared, hashed; nothing of the test people."""
    config = trial_config(workspace)
    spec = spec_with(config, network, {})
    samples = read_samples(workspace.samples)
    parts = [
        # Of the build's own setting the weights of the losses matter, by which trials are judged.
        spec.model_dump(exclude=set(setting_names(network)) - {"loss_weights"}),
        config.search.space,
        pd.util.hash_pandas_object(samples).tolist(),
        feature_records(workspace.features(spec.backbone), samples),
        code_hash("emolib.models.training"),
    ]
    return {"study": value_hash(parts, 8)}


def _plain(value: object) -> int | float | str:
    value = value.item() if hasattr(value, "item") else value
    return int(value) if isinstance(value, float) and value.is_integer() else value
