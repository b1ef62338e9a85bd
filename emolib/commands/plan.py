"""The command that says what a build will cost."""

from pathlib import Path
from typing import Annotated

import typer


def plan(
    config: Annotated[
        Path, typer.Option("--config", help="The configuration of the build.")
    ] = Path("config/demo.yaml"),
    videos: Annotated[int | None, typer.Option(min=1, help="Of a corpus of this size.")] = None,
    faces: Annotated[int | None, typer.Option(min=1, help="The faces in it.")] = None,
    labelled: Annotated[
        int | None, typer.Option(min=1, help="Those with both kinds of label.")
    ] = None,
    nodes: Annotated[int | None, typer.Option(min=1, help="Project for so many nodes.")] = None,
    gpus_per_node: Annotated[int, typer.Option(min=0, help="GPUs in each of them.")] = 1,
    cores_per_node: Annotated[int, typer.Option(min=1, help="Cores in each of them.")] = 16,
) -> None:
    """Say what a build will cost before it runs: hours, disk and memory, stage by stage.

    What is lacking is counted, and multiplied with what the builds here have taken, or else a
    reference machine. A corpus that is not there needs its size; for config/thesis.yaml it is that
    of the thesis, unless said otherwise.

    Example: emolib plan --config config/thesis.yaml --videos 55 --faces 265663
    """
    from emolib import pipeline, planning
    from emolib.workspace import open_workspace

    workspace = open_workspace(config)
    if workspace.simulated or workspace.corpus.exists():
        if not workspace.simulated:
            pipeline.describe(workspace)  # says in a sentence what Snakemake would in many
        lacking = planning.lacking_jobs(config)
    else:
        lacking = planning.all_jobs(workspace.config)
    sizes = planning.Sizes(videos, faces, labelled)
    cluster = planning.Cluster(nodes, gpus_per_node, cores_per_node) if nodes else None
    _show(planning.plan_build(workspace, lacking, sizes, cluster), workspace.folder, cluster)


def _show(plan, folder: Path, cluster) -> None:
    """Print a plan as a table, what it assumes, and a warning where it does not fit."""
    from rich.console import Console

    from emolib.planning.printing import as_table

    console = Console(highlight=False, soft_wrap=True)
    if plan.table.empty:
        console.print(f"{folder}: nothing is lacking.")
        return
    console.print(as_table(plan.table, f"To build {folder}"))
    if cluster:
        console.print(as_table(plan.projection, f"Projected for {cluster}"))
    console.print(f"{plan.updates}\n\nWhat is assumed:")
    for note in plan.notes:
        console.print(f"- {note}")
    for warning in plan.warnings:
        console.print(f"\nWarning: {warning}")
