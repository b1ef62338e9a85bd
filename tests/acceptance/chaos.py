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
        self.began = 0.0

    def start(self) -> subprocess.Popen:
        """Start it in a process group of its own."""
        bin_folder = Path(sys.executable).parent
        config = f"config/{self.name}.yaml"
        command = [sys.executable, "-m", "workflow.scripts.build", config, f"build/{self.name}"]
        command += ["snakemake", "--nolock", "--workflow-profile", "workflow/profiles/default"]
        command += ["--cores", str(self.cores), "--config", f"config={config}", "--", self.target]
        environment = os.environ | {
            "PATH": f"{bin_folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.repository),
        }
        self.began = time.time()
        with self.log.open("a") as log:
            return subprocess.Popen(
                command,
                cwd=self.repository,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self) -> None:
        """Start it and wait for its end, which must be good."""
        assert self.start().wait() == 0, self.said()

    def timeline(self) -> list[tuple[float, str]]:
        """Return when each job of the last start began, in s since then, the first one first."""
        logs = self.folder / "logs"
        begun = {path.stem: path.lstat().st_mtime for path in logs.glob("*.log")}
        began = [(moment - self.began, job) for job, moment in begun.items()]
        return sorted(pair for pair in began if pair[0] > 0)

    def said(self) -> str:
        """Return the end of what it printed."""
        return self.log.read_text()[-6000:]

    def processes(self) -> list[int]:
        """Return all processes that it has started and that still run."""
        return marked_processes("EMOLIB_BUILD", f"{self.folder}@")

    def disturb(
        self, moments: list[float], timeline: list[tuple[float, str]], seed: int
    ) -> Counter:
        """Kill it at moments of an undisturbed build; return how often in which way.

        A moment counts from the start of the job that ran then, or of a later one where that is
        finished already. Where the build ends before, what it trained is forgotten, so that there
        is something to do, and the moment is tried again, in half the time.
        """
        dice, done = random.Random(seed), Counter()
        process, struck = self.start(), False
        for moment in sorted(moments):
            kind = KINDS[done.total() % len(KINDS)]
            share = 1.0
            while not self._strike(process, kind, moment, share, timeline, dice):
                share /= 2  # the machine may be quicker than it was
                assert process.wait() == 0 or struck, self.said()
                if process.returncode == 0:
                    self.forget()
                process, struck = self.start(), False
            done[kind], struck = done[kind] + 1, True
            running = [job for start, job in self.timeline()][-2:]
            print(f"{moment:6.1f} s  {kind}, after {' and '.join(running) or 'nothing'} began")
            if kind != "SIGKILL to one":
                process.wait()
                self.assert_nothing_runs()
                process, struck = self.start(), False
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

    def _strike(self, process, kind, moment, share, timeline, dice) -> bool:
        """Wait for a moment and kill; return False if the build is over by then."""
        n = sum(start <= moment for start, _ in timeline)
        awaited = {job for _, job in timeline[n - 1 :]} if n else set()
        while awaited and awaited.isdisjoint(job for _, job in self.timeline()):
            if process.poll() is not None:
                return False
            time.sleep(0.02)
        time.sleep(share * (moment - (timeline[n - 1][0] if n else 0)))
        name, _, whom = kind.partition(" to ")
        running = self.processes()
        if process.poll() is not None or not running:
            return False
        number = getattr(signal, name)
        if whom == "one":
            os.kill(dice.choice(running), number)
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
