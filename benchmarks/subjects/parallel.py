"""Work that is shared out among processes: trainings as the workflow runs them, and simulation.

The demo trains 18 networks with three seeds each, of which the benchmark *demo* makes a race; here
are fewer, on features that take no disk (`benchmarks.sparse`), and both sides train the same ones.
Ours are the commands of the workflow: a process a network, which trains its seeds one after the
other, as many processes as there are cores, each with one thread. The peer is one process that
trains everything, and may use all cores. Both pay for what they start and load.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd

from benchmarks.harness import Row, at_least, race, speedup
from benchmarks.sparse import sparse_build
from emolib.models.runs import run_specs
from emolib.simulation.corpus import write_corpus
from emolib.storage import file_hash
from emolib.workspace import Workspace, open_workspace

NETWORKS = ("vgg16-category-1fc", "vgg16-combined-1fc")
SEEDS = (1, 2)
FACES, WIDTH = 20_000, 512
UPDATES = 800
"""Of a run; a process then works about a third as long as in the demo."""

VIDEOS, DURATION = 6, 4.0
JOBS = 2

ALONE = "one process, one after another"

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"
)
TRAINING_NOTE = (
    "Each of the processes side by side starts Python and loads TensorFlow anew, five seconds of "
    "one core, where one process does so once; the seeds of a network share one for that reason. "
    "Loading fewer libraries was looked for, but nearly all of it is TensorFlow and Keras."
)
SIMULATION_NOTE = (
    "Every video is rendered by one process, so that the last one may work alone; more videos "
    "share better."
)


def rows(
    repeats: int,
    networks: Sequence[str] = NETWORKS,
    seeds: Sequence[int] = SEEDS,
    updates: int = UPDATES,
    videos: int = VIDEOS,
) -> Iterator[Row]:
    """Compare trainings, then simulations."""
    with tempfile.TemporaryDirectory() as name:
        yield trainings(repeats, Path(name), networks, seeds, updates)
    with tempfile.TemporaryDirectory() as name:
        yield simulations(repeats, Path(name), videos)


def trainings(
    repeats: int, folder: Path, networks: Sequence[str], seeds: Sequence[int], updates: int
) -> Row:
    """Compare the time of all runs of a small configuration."""
    config = prepare(folder, networks, seeds, updates)
    seconds = race_trainings(config, folder / "build", networks, require_same_runs, repeats)
    what = (
        f"{len(networks)} networks with {len(seeds)} seeds of {updates} updates, "
        f"{abreast(networks)} processes (the demo has 18 networks and 3 seeds)"
    )
    return speedup(what, seconds, ALONE, at_least(1.8), TRAINING_NOTE)


def race_trainings(
    config: Path, root: Path, networks: Sequence[str], agree: Callable, repeats: int
) -> pd.DataFrame:
    """Return the seconds of both sides, round by round; see `benchmarks.harness.race`."""
    shares = [[network] for network in networks]
    contenders = {
        "side by side": lambda: train(config, root, shares, abreast(networks)),
        ALONE: lambda: train(config, root, [list(networks)], 1),
    }
    return race(contenders, agree, repeats, warm_up=False)


def abreast(networks: Sequence[str]) -> int:
    """Return how many networks are trained at a time."""
    return min(len(os.sched_getaffinity(0)), len(networks))


def prepare(folder: Path, networks: Sequence[str], seeds: Sequence[int], updates: int) -> Path:
    """Write samples and features; return the configuration of the runs."""
    sparse_build(folder, FACES, width=WIDTH, updates=updates, sequence_length=30, batch_size=8)
    config = folder / "sparse.yaml"
    text = config.read_text().replace("[vgg16-combined-1fc]", f"[{', '.join(networks)}]")
    config.write_text(text.replace("seeds: [1]", f"seeds: {list(seeds)}"))
    return config


def train(
    config: Path, root: Path, shares: Sequence[Sequence[str]], processes: int
) -> dict[str, pd.DataFrame]:
    """Train each share of the networks in a process of its own; return what all runs predict."""
    workspace = open_workspace(config, root)
    shutil.rmtree(workspace.runs, ignore_errors=True)
    threads = ONE_THREAD if processes > 1 else {}
    environment = {k: v for k, v in os.environ.items() if k not in ONE_THREAD} | threads

    def work(networks: Sequence[str]) -> None:
        command = [sys.executable, "-m", __name__, str(config), str(root), *networks]
        subprocess.run(command, check=True, env=environment, stderr=subprocess.DEVNULL)

    with ThreadPoolExecutor(processes) as pool:
        list(pool.map(work, shares))
    return {spec.name: predictions(workspace, spec.name) for spec in run_specs(workspace.config)}


def predictions(workspace: Workspace, run: str) -> pd.DataFrame:
    """Return what a run predicts."""
    return pd.read_parquet(workspace.runs / run / "predictions.parquet")


def require_same_runs(ours: dict[str, pd.DataFrame], peer: dict[str, pd.DataFrame]) -> None:
    """Require that the same runs came out, with the same answers but for the order of sums."""
    assert list(ours) == list(peer) and ours, "other runs"
    for run, table in ours.items():
        pd.testing.assert_frame_equal(table, peer[run], rtol=1e-3, atol=1e-4, obj=run)


def simulations(repeats: int, folder: Path, videos: int) -> Row:
    """Compare the time of a small corpus, rendered by two processes and by one."""
    peer = "one process"
    names: Iterator[int] = iter(range(10**6))
    seconds = race(
        {
            f"{JOBS} processes": lambda: simulate(folder / str(next(names)), videos, JOBS),
            peer: lambda: simulate(folder / str(next(names)), videos, 1),
        },
        require_same_files,
        repeats,
        warm_up=False,  # in use, the start of processes counts as well
    )
    what = f"{videos} simulated videos of {DURATION:g} s, {JOBS} processes"
    return speedup(what, seconds, peer, at_least(1.8), SIMULATION_NOTE)


def simulate(folder: Path, videos: int, jobs: int) -> dict[str, str]:
    """Write a corpus; return a hash of each of its videos and annotations."""
    write_corpus(folder, n_videos=videos, n_pairs=0, duration=DURATION, jobs=jobs, progress=False)
    files = sorted((folder / "videos").glob("*.mp4")) + sorted(folder.glob("annotations/*"))
    return {str(file.relative_to(folder)): file_hash(file) for file in files}


def require_same_files(ours: dict[str, str], peer: dict[str, str]) -> None:
    """Require the same videos, frame by frame, and the same annotations."""
    assert ours == peer and ours, "the corpora differ"


def _main(config: str, root: str, *networks: str) -> None:
    from emolib import pipeline

    workspace = open_workspace(config, root)
    pipeline.train_runs(workspace, pipeline.find_runs(workspace, networks))


if __name__ == "__main__":
    _main(*sys.argv[1:])
