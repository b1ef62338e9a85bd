"""What a benchmark ran on, for whoever reads its numbers elsewhere."""

import os
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

import emolib

PACKAGES = ("av", "dlib-bin", "keras", "numpy", "opencv-python-headless", "opentsne", "pandas")
PACKAGES += ("scikit-learn", "tensorflow")


def machine() -> dict[str, Any]:
    """Return the processor, its vector and matrix instructions, cores, load, and versions."""
    processor = _processor()
    flags = processor.get("flags", "").split()
    return {
        "processor": processor.get("model name", platform.machine()),
        "cores": len(os.sched_getaffinity(0)),
        "flags": sorted(flag for flag in flags if flag.startswith(("amx", "avx512"))),
        "memory_GiB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_average": os.getloadavg()[0],
        "system": platform.platform(terse=True),
        "versions": {
            "python": platform.python_version(),
            "emolib": emolib.__version__,
            **{name: metadata.version(name) for name in PACKAGES},
        },
    }


def stamped(table: pd.DataFrame, machines: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    """Return a table of results with what each benchmark of it ran on, so that it can be shipped.

    Adds ``processor`` (its name, vector and matrix instructions, cores and memory), ``versions``
    and ``load`` (mean number of running processes in the minute before) to every row.

    Parameters
    ----------
    table : DataFrame
        With the column ``benchmark``.
    machines : mapping
        Benchmark -> what `machine` returned when it began.
    """
    about = [machines[name] for name in table["benchmark"]]
    return table.assign(
        processor=[_described(facts) for facts in about],
        versions=[
            ", ".join(" ".join(pair) for pair in facts["versions"].items()) for facts in about
        ],
        load=[facts["load_average"] for facts in about],
    )


def _described(facts: Mapping[str, Any]) -> str:
    shown = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 BF16", "avx512f": "AVX-512"}
    flag = next((name for flag, name in shown.items() if flag in facts["flags"]), "no AVX-512")
    cores = f"{facts['cores']} core{'s' * (facts['cores'] > 1)}"
    return f"{facts['processor']} with {flag}, {cores}, {facts['memory_GiB']:.0f} GiB of memory"


def _processor() -> dict[str, str]:
    """Return what Linux says about the first core."""
    first = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
