"""What a benchmark ran on, for whoever reads its numbers elsewhere."""

import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

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


def _processor() -> dict[str, str]:
    """Return what Linux says about the first core."""
    first = Path("/proc/cpuinfo").read_text().partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}
