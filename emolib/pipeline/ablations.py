"""Ablations: what differs is made and trained again, the rest is the build's."""

from collections.abc import Iterable

from emolib.errors import InputError
from emolib.models.runs import run_specs
from emolib.pipeline.runs import extract_all_features, find_runs, lacking_runs, train_runs
from emolib.pipeline.samples import match_and_split, samples_are_current
from emolib.workspace import AblationWorkspace, Workspace


def check_ablations(workspace: Workspace) -> None:
    """Refuse ablations that train a network again in exactly the way of the build.

    Raises
    ------
    InputError
        If an ablation changes nothing for one of its networks, or cannot be.
    """
    of_build = {(spec.network, spec.seed): spec for spec in run_specs(workspace.config)}
    for name in workspace.config.ablations:
        ablation = workspace.ablation(name)
        for spec in run_specs(ablation.config):
            if not ablation.rematches and spec == of_build[spec.network, spec.seed]:
                raise InputError(
                    f"{workspace.config.name}: ablations.{name} changes nothing for "
                    f"{spec.network}; list under its 'networks' those that it is about"
                )


def train_ablation(
    ablation: AblationWorkspace, names: Iterable[str] = (), again: bool = False
) -> list[str]:
    """Train the runs of an ablation that are lacking; before, match and extract what it needs.

    Parameters
    ----------
    ablation : AblationWorkspace
        From `Workspace.ablation`; its build must have samples, and the features that they share.
    names : iterable of str
        Runs or networks of the ablation; without any, all.
    again : bool
        Whether to train also what is trained and up to date.

    Returns
    -------
    list of str
        The runs that were trained.

    Raises
    ------
    InputError
        If the ablation has no run of a name, or something cannot be made.
    """
    names = find_runs(ablation, names)
    if ablation.rematches:
        match_and_split(ablation)
    extract_all_features(ablation)
    if not again:
        lacking = set(lacking_runs(ablation))
        names = [name for name in names if name in lacking]
    train_runs(ablation, names)
    return names


def is_trained(ablation: AblationWorkspace) -> bool:
    """Return whether an ablation has all of its runs, made from what its build now holds."""
    matched = not ablation.rematches or samples_are_current(ablation)
    return matched and not lacking_runs(ablation)
