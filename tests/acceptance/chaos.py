"""Builds that are disturbed on purpose, in a copy of the repository, and what they come to."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pandas as pd

from emolib.leftovers import marked_processes, remove_leftovers

ROOT = Path(__file__).parents[2]
COPIED = ("emolib", "workflow", "notebooks", "config", "book")
FILES = ("_toc.yml", "_config.yml", "requirements.txt", "pyproject.toml")

KINDS = ("SIGKILL to all", "SIGTERM to all", "SIGKILL to one", "SIGTERM to the first")
"""How a build is disturbed, in turn: its process group, one process of it, the one that leads."""

OF_THE_BUILD = {"departures", "settings", "inputs", "software", "times", "build"}
"""Tables and numbers that say when, where and by which configuration a build was made."""


def copy_repository(folder: Path) -> Path:
    """Copy what a build needs, so that no other build is disturbed."""
    for name in COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


class Build:
    """A build of one configuration that can be started again and again."""

    def __init__(self, repository: Path, name: str, target: str, cores: int):
        self.repository, self.name, self.cores = repository, name, cores
        self.target = target.format(name=name)
        self.folder = repository / "build" / name
        self.log = repository / f"{name}.log"

    def start(self) -> subprocess.Popen:
        """Start it in a process group of its own."""
        bin_folder = Path(sys.executable).parent
        config = f"config/{self.name}.yaml"
        command = [sys.executable, "workflow/scripts/build.py", config, f"build/{self.name}"]
        command += ["snakemake", "--nolock", "--workflow-profile", "workflow/profiles/default"]
        command += ["--cores", str(self.cores), "--config", f"config={config}", "--", self.target]
        environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.repository),
        }
        with self.log.open("a") as log:
            return subprocess.Popen(
                command,
                cwd=self.repository,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self) -> float:
        """Start it and wait for its end, which must be good; return the seconds it took."""
        began = time.monotonic()
        assert self.start().wait() == 0, self.said()
        return time.monotonic() - began

    def said(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text()[-6000:]

    def processes(self) -> list[int]:
        """Return all processes that it has started and that still run."""
        return marked_processes("EMOLIB_BUILD", f"{self.folder}@")

    def disturb(self, kills: int, longest: float, seed: int) -> Counter:
        """Kill it at random moments, up to `longest` s after a start; return what was done.

        A moment at which the build was over does not count, and if it is over before it was
        killed often enough, what trained is forgotten so that something is left to do.
        """
        moments, done = random.Random(seed), Counter()
        process, began = self.start(), time.monotonic()
        while done.total() < kills:
            time.sleep(moments.uniform(0.02, 1) * longest)
            kind = KINDS[done.total() % len(KINDS)]
            if process.poll() is None and self._kill(process, kind, moments):
                done[kind] += 1
                print(f"{time.monotonic() - began:6.1f} s  {kind}", flush=True)
            if process.poll() is not None or kind != "SIGKILL to one":
                process.wait()
                self.assert_nothing_runs()
                if process.returncode == 0:
                    self.forget()
                process = self.start()
        process.send_signal(signal.SIGTERM)
        process.wait()
        self.assert_nothing_runs()
        return done

    def forget(self) -> None:
        """Have something to do again: the marks of what was trained, and the pages."""
        shutil.rmtree(self.folder / "trained", ignore_errors=True)
        for run in (self.folder / "runs").glob("*"):
            shutil.rmtree(run)

    def assert_nothing_runs(self, patience: float = 5.0) -> None:
        """Fail if a process of the build outlives it by more than some seconds."""
        deadline = time.monotonic() + patience
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        names = [Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ") for pid in left]
        assert not left, f"still running: {names}"

    def _kill(self, process: subprocess.Popen, kind: str, moments: random.Random) -> bool:
        name, _, whom = kind.partition(" to ")
        number = getattr(signal, name)
        if whom == "one":
            running = self.processes()
            if not running:
                return False
            os.kill(moments.choice(running), number)
        elif whom == "all":
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        return True


def results(folder: Path) -> dict[str, object]:
    """Return all that a build came to, by name, without where it lies and how long it took."""
    tables = {path.name: pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))}
    found = {name: table.drop(columns="path", errors="ignore") for name, table in tables.items()}
    for run in sorted(folder.glob("**/runs/*/")):
        name = str(run.relative_to(folder))
        found[f"{name} predictions"] = pd.read_parquet(run / "predictions.parquet")
        found[f"{name} history"] = (run / "history.csv").read_text()
        metrics = json.loads((run / "metrics.json").read_text())
        found[f"{name} metrics"] = {key: metrics[key] for key in metrics if key != "seconds"}
    for path in sorted([*folder.glob("tables/*.csv"), *folder.glob("numbers/*.json")]):
        if path.stem not in OF_THE_BUILD:
            found[str(path.relative_to(folder))] = path.read_text()
    return found


def assert_same(found: dict[str, object], expected: dict[str, object]) -> None:
    """Fail unless two builds came to the same, bit by bit."""
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        if isinstance(value, pd.DataFrame):
            pd.testing.assert_frame_equal(found[name], value, check_exact=True, obj=name)
        else:
            assert found[name] == value, name


def assert_tidy(build: Build) -> None:
    """Fail if a finished build still holds what a killed one left."""
    build.assert_nothing_runs()
    assert remove_leftovers(build.folder) == []
    assert not list(build.folder.glob("**/*.tmp-*"))
    assert not list(build.folder.glob("**/runs/.*"))
    assert (build.folder / ".lock").read_text() == ""
