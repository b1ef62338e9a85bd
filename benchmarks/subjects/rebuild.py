"""A finished build: how long a second `make book` takes, and what its largest job held in memory.

It is done on the first of `BUILDS` that is there and lacks nothing; which one is in the table.
"""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.harness import Row, Skipped, at_most
from emolib.planning import lacking_jobs
from emolib.planning.profile import job_times

BUILDS = ("demo", "smoke")
LIMIT_S, LIMIT_GB = 15, 4
NOTE = (
    "Nearly all of it is Python that starts twice and loads libraries: once to check the "
    "configuration, once as Snakemake, which then looks at the dates of some hundred files."
)
MEMORY_NOTE = (
    "Some chapters put faces through a backbone in float32 and bfloat16 and follow its gradients; "
    "smaller batches need less memory and more time."
)


def rows(repeats: int, root: Path = Path("build")) -> Iterator[Row]:
    """Measure the build that is there."""
    name = finished(root)
    seconds = [make_book(name) for _ in range(repeats)]
    what = f"second `make book` with nothing changed, {name} build"
    yield Row(what, f"{LIMIT_S} s", "s", seconds, at_most(LIMIT_S), NOTE)
    yield memory(root, name)


def memory(root: Path, name: str) -> Row:
    """Return the memory of the largest job of a build, as it was recorded."""
    jobs = job_times(root / name).dropna(subset="peak_gb")
    if jobs.empty:
        raise Skipped(f"no job of the build {name} was timed")
    largest = jobs.loc[jobs["peak_gb"].idxmax()]
    what = f"largest job of the {name} build, {largest['stage']} {largest['job']}".strip()
    peak = [float(largest["peak_gb"])]
    return Row(what, f"{LIMIT_GB} GB", "GB", peak, at_most(LIMIT_GB), MEMORY_NOTE)


def finished(root: Path) -> str:
    """Return the name of a build that lacks nothing.

    Raises
    ------
    Skipped
        If there is none.
    """
    for name in BUILDS:
        if (root / name / "html" / "index.html").is_file():
            if not lacking_jobs(f"config/{name}.yaml").rules:
                return name
    raise Skipped(
        f"no finished build in {root} ({' or '.join(BUILDS)}); `make book` or `make smoke` first"
    )


def make_book(name: str) -> float:
    """Ask for the book of a build again; return the seconds that it takes.

    Raises
    ------
    AssertionError
        If the book was not up to date, so that something was done.
    """
    command = ["make", "--no-print-directory", "book", f"CONFIG=config/{name}.yaml", "OPEN=no"]
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    assert done.returncode == 0, done.stderr[-1000:]
    assert "The book is up to date" in done.stdout, "the book was not up to date"
    return seconds
