"""All trainings of the demo: side by side, as the workflow runs them, and one after another.

The benchmark *parallel* races a few small trainings, round by round. This one takes the networks,
seeds, features and epochs of a demo that is built. Both sides take minutes, so that they are timed
once; the spread is that of *parallel*.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from benchmarks.harness import Row, Skipped, at_least, speedup
from benchmarks.subjects.parallel import ALONE, abreast, race_trainings
from emolib.workspace import Workspace, open_workspace

CONFIG = Path("config/demo.yaml")

BOUND = (
    "Every network has a process of its own, which starts Python and loads TensorFlow, five "
    "seconds of one core, where the other side does so once; a network that fails, or a machine "
    "that is lost, costs no other network anything for it. The side in one process also has both "
    "cores for its products, and it came second, when the features were in the memory of the "
    "system."
)
"""For whoever reads that the goal is missed."""


def rows(repeats: int, config: Path = CONFIG, root: Path = Path("build")) -> Iterator[Row]:
    """Compare the time of all runs of a build once, however often `repeats` says.

    Raises
    ------
    Skipped
        If the build has no samples.
    """
    built = open_workspace(config, root)
    if not built.samples.is_file():
        raise Skipped(
            f"{built.folder} lacks what is trained on; make book CONFIG={config} makes it"
        )
    networks, seeds = built.config.training.networks, built.config.training.seeds
    with tempfile.TemporaryDirectory() as folder:
        link(built, Path(folder))
        seconds = race_trainings(config, Path(folder), networks, require_runs_alike, 1)
    what = (
        f"all {len(networks)} networks with {len(seeds)} seeds of the build {built.config.name}, "
        f"{abreast(networks)} processes"
    )
    yield speedup(what, seconds, ALONE, at_least(1.8), BOUND)


def require_runs_alike(ours: dict[str, pd.DataFrame], alone: dict[str, pd.DataFrame]) -> None:
    """Require that the same runs came out, with answers for the same faces.

    The answers themselves differ a little: threads sum in another order, and hundreds of updates
    later this shows. *parallel* compares them, after fewer.
    """
    assert list(ours) == list(alone) and ours, "other runs"
    for run, table in ours.items():
        own = [name for name in table if not name.startswith(("predicted_", "probability_"))]
        pd.testing.assert_frame_equal(table[own], alone[run][own], obj=run)


def link(built: Workspace, root: Path) -> None:
    """Make a workspace of the same build, but for its runs, so that those it has stay."""
    folder = root / built.folder.name
    folder.mkdir()
    for path in built.folder.iterdir():
        if path != built.runs:
            (folder / path.name).symlink_to(path.resolve())
