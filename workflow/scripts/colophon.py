"""Write down what a build was made of and with: the tables and numbers of the book's colophon.

usage: python -m workflow.scripts.colophon CONFIG
"""

import os
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

import emolib
from emolib.config import Config, load_config
from emolib.models.runs import run_specs
from emolib.planning.profile import job_times
from emolib.storage import file_hash, write_json, write_table
from emolib.workspace import Workspace
from workflow.scripts.records import chapter_records

THESIS_CONFIG = "config/thesis.yaml"
WEIGHTS = {
    "simulated": "weights pre-trained on simulated people",
    "imagenet": "ImageNet weights",
    "random": "random weights",
}


def main(config_path: str) -> None:
    """Write tables, ``numbers/build.json`` and ``records.json`` of the build of a configuration."""
    workspace = Workspace(load_config(config_path))
    settings = flat_settings(workspace.config)
    thesis = flat_settings(load_config(THESIS_CONFIG))
    tables = {
        "departures": departures(settings, thesis),
        "settings": pd.DataFrame(settings.items(), columns=["setting", "value"]),
        "inputs": inputs(workspace, Path(config_path)),
        "software": software(),
        "times": times(workspace),
    }
    for name, table in tables.items():
        write_table(table, workspace.tables / f"{name}.csv")
    write_json(numbers(workspace, config_path), workspace.folder / "numbers" / "build.json")
    write_json(chapter_records(workspace), workspace.folder / "records.json")


def flat_settings(config: Config) -> dict[str, str]:
    """Return every setting of a configuration as text, by its dotted name."""
    table = pd.json_normalize(config.model_dump(mode="json", exclude={"name"}))
    return {name: _text(value) for name, value in table.iloc[0].items()}


def departures(settings: dict[str, str], thesis: dict[str, str]) -> pd.DataFrame:
    """Return the settings that differ from the thesis configuration, which may be none.

    That a setting is none on one side and lacking on the other is no difference.
    """
    lacks = _text(None)
    names = [
        name for name in settings | thesis if settings.get(name, lacks) != thesis.get(name, lacks)
    ]
    # Where files lie is no departure, nor is what is done once more in another way.
    beside = ("ablations", "search")
    names = [name for name in names if name != "corpus.path" and not name.startswith(beside)]
    rows = [(name, thesis.get(name, "–"), settings.get(name, "–")) for name in names]
    rows = rows or [("none", "–", "–")]
    return pd.DataFrame(rows, columns=["setting", "thesis configuration", "this build"])


def inputs(workspace: Workspace, config_path: Path) -> pd.DataFrame:
    """Return the hashes of what decides the results: settings, versions, weights and samples."""
    weights = [*sorted(Path("emolib/models/pretrained").glob("*.npz"))]
    weights += [Path(workspace.config.features.weights)]  # where they are a file
    files = [config_path, Path("requirements.txt"), *weights, workspace.videos, workspace.samples]
    rows = [(str(file), file_hash(file)[:16]) for file in files if file.is_file()]
    return pd.DataFrame(rows, columns=["file", "SHA-256, first 16 digits"])


def software() -> pd.DataFrame:
    """Return the versions of Python, of emolib and of the packages that it asks for."""
    required = [line for line in metadata.requires("emolib") if "extra ==" not in line]
    names = sorted(_package(line) for line in required)
    rows = [("Python", platform.python_version()), ("emolib", emolib.__version__)]
    rows += [(name, metadata.version(name)) for name in names]
    return pd.DataFrame(rows, columns=["package", "version"])


def times(workspace: Workspace) -> pd.DataFrame:
    """Return the time and peak memory of each stage's last execution, in order of execution."""
    jobs = job_times(workspace.folder)
    names = (jobs["stage"] + " " + jobs["job"]).str.strip()
    columns = {"stage": names, "seconds": jobs["seconds"], "peak memory (GB)": jobs["peak_gb"]}
    return pd.DataFrame(columns).round({"seconds": 1, "peak memory (GB)": 2})


def numbers(workspace: Workspace, config_path: str) -> dict[str, object]:
    """Return the numbers and names that the pages without code quote."""
    config, samples = workspace.config, workspace.load("samples")
    weights, training = config.features.weights, config.training
    default = load_config(THESIS_CONFIG).training.seeds
    return {
        "name": config.name,
        "config": config_path,
        "command": f"`make book CONFIG={config_path}`",
        "simulated": workspace.simulated,
        "detector": config.faces.detector,
        "weights": WEIGHTS.get(weights, f"weights from {Path(weights).name}"),
        "videos": str(len(workspace.load("videos"))),
        "people": str(samples["person"].nunique()),
        "faces": f"{len(samples):,}",
        "trained": trained(len(training.networks), len(training.seeds)),
        "seeds_thesis": str(len(default)),
        "max_gap": f"{training.max_gap:g} s",
        "looked": looked(config.faces.detect_every),
        "runs": str(len(run_specs(config))),
        "minutes": f"{times(workspace)['seconds'].sum() / 60:.1f}",
        "version": emolib.__version__,
        "commit": _commit(),
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "gpu": _gpu(),
    }


def trained(networks: int, seeds: int) -> str:
    """Say how many networks a build trained, and from how many seeds.

    Examples
    --------
    >>> trained(18, 3), trained(1, 1)
    ('18 networks, each from 3 random seeds', '1 network, from 1 random seed')
    """
    of_networks = f"{networks} network{'s, each' if networks != 1 else ','}"
    return f"{of_networks} from {seeds} random seed{'s' if seeds != 1 else ''}"


def looked(detect_every: int) -> str:
    """Say in which frames faces are looked for.

    Examples
    --------
    >>> looked(1), looked(3)
    ('in each frame', 'in one frame of 3, and placed between those in the others')
    """
    if detect_every == 1:
        return "in each frame"
    return f"in one frame of {detect_every}, and placed between those in the others"


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    if isinstance(value, float):
        return np.format_float_positional(value, trim="-")
    return "none" if value is None else str(value)


def _package(requirement: str) -> str:
    end = next((i for i, c in enumerate(requirement) if c in "<>=!~ ;[("), len(requirement))
    return requirement[:end]


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    described = subprocess.run(command, capture_output=True, text=True, check=False)
    return described.stdout.strip() or "unknown (no git repository)"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _gpu() -> str:
    if not shutil.which("nvidia-smi"):
        return "none"
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    return ", ".join(listed.stdout.split("\n")).strip(", ") or "none"


if __name__ == "__main__":
    main(sys.argv[1])
