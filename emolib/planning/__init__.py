"""What a build will cost, before anything runs: hours, disk and memory, stage by stage.

`scale` says how large the corpus is, `jobs` what is lacking, `amounts` how much work that is,
`measured` how fast this machine did such work before, `costs` what follows, `disk` whether it fits,
`projection` what it would take on a cluster. An estimate is a product of counted work and measured
rates; whatever was assumed instead of counted is listed with it.
"""

from dataclasses import dataclass

import pandas as pd

from emolib.planning.amounts import planned_jobs, planned_runs
from emolib.planning.costs import cores, estimate, find_paces, load_reference
from emolib.planning.disk import free_bytes, installed_bytes, lacking_bytes, stage_bytes
from emolib.planning.jobs import Lacking, all_jobs, lacking_jobs
from emolib.planning.measured import read_timings
from emolib.planning.projection import Cluster, describe_projection, project
from emolib.planning.scale import UNKNOWN, Sizes, corpus_scale
from emolib.planning.searches import search_jobs
from emolib.planning.wording import describe_assumptions, describe_updates, describe_work
from emolib.workspace import Workspace

__all__ = ["Cluster", "Lacking", "Plan", "Sizes", "all_jobs", "lacking_jobs", "plan_build"]


@dataclass(frozen=True)
class Plan:
    """What a build will cost.

    Attributes
    ----------
    table : DataFrame
        Indexed by stage, in order: ``what`` (text), ``jobs``, ``seconds``, ``disk`` (bytes),
        ``memory`` (bytes at the peak, NaN if unknown), ``source`` (of the rate).
    lacking : float
        Bytes that the disk must have free.
    free : int
        Bytes that it has.
    installed : int
        Bytes of memory that the machine has.
    updates : str
        How often a run changes its weights.
    notes : tuple of str
        What was assumed, a sentence each.
    projection : DataFrame or None
        What `emolib.planning.projection.project` says of a cluster, with ``disk``.
    """

    table: pd.DataFrame
    lacking: float
    free: int
    installed: int
    updates: str
    notes: tuple[str, ...]
    projection: pd.DataFrame | None = None

    @property
    def warnings(self) -> list[str]:
        """What will go wrong on this machine, a sentence each."""
        found = []
        if self.lacking > self.free:
            found.append(
                f"the disk has {self.free / 1e9:.1f} GB free and the build needs "
                f"{self.lacking / 1e9:.1f} GB; free some space, or put build/ on another disk."
            )
        if self.table["memory"].max() > self.installed:
            found.append(
                f"the build needs {self.table['memory'].max() / 1e9:.1f} GB of memory and this "
                f"machine has {self.installed / 1e9:.1f} GB; run fewer jobs side by side."
            )
        return found


def plan_build(
    workspace: Workspace,
    lacking: Lacking,
    sizes: Sizes = UNKNOWN,
    cluster: Cluster | None = None,
) -> Plan:
    """Say what a build will cost.

    Parameters
    ----------
    workspace : Workspace
        The build; the other builds beside it say how fast this machine is.
    lacking : Lacking
        Which jobs it lacks.
    sizes : Sizes
        What the user says about the corpus.
    cluster : Cluster or None
        A cluster for which the build is projected as well.

    Raises
    ------
    InputError
        If the corpus is not there, holds nothing to use, and nobody said how large it is.
    """
    scale = corpus_scale(workspace, sizes, lacking.rules)
    runs, reference = planned_runs(workspace, scale, lacking), load_reference()
    jobs = planned_jobs(workspace, scale, lacking, runs) + search_jobs(workspace, scale, lacking)
    paces = find_paces(read_timings(workspace.folder.parent), reference)
    table = estimate(jobs, paces, reference, cores())
    written = stage_bytes(workspace, scale, jobs, [run.spec for run in runs])
    what = describe_work(workspace, scale, jobs, runs)
    table.insert(0, "what", [what[stage] for stage in table.index])
    table["disk"] = [written[stage] for stage in table.index]
    notes = describe_assumptions(workspace, scale, runs, lacking, table, cores())
    projection = None
    if cluster is not None:
        projection = project(jobs, runs, scale, paces, reference, cluster)
        projection["disk"] = table["disk"]
        notes += describe_projection(cluster)
    return Plan(
        table,
        lacking_bytes(workspace, written),
        free_bytes(workspace.folder),
        installed_bytes(),
        describe_updates(runs),
        tuple(notes),
        projection,
    )
