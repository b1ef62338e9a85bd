"""What all tests share: quiet libraries, one thread each, no deadlines, the smoke build."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# Before anything imports TensorFlow: two test processes share the cores.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TQDM_DISABLE", "1")

# How long an example takes says more about the machine than about the code.
settings.register_profile("emolib", deadline=None)
settings.load_profile("emolib")

ROOT = Path(__file__).parents[1]

LONG_READERS = ("test_predict", "test_print")
"""Files that read the smoke build and take a minute: none of them may be left for the end."""


def pytest_configure():
    """Leave the processors to the first test process while it builds the smoke book.

    Others wait for the book in the end; what they test meanwhile can take its time.
    """
    if os.environ.get("PYTEST_XDIST_WORKER", "gw0") != "gw0":
        os.nice(5)


def pytest_collection_modifyitems(items):
    """Have one process build the smoke book from the start, and the others test what needs none.

    The first looks at all pages then, which takes longest. Other pages come when the book is there,
    or nearly so: some have to keep up with a clock. What is short comes last.
    """
    reading = {item.path.stem: item.path for item in items if "make_smoke" in item.fixturenames}
    first = reading.get("test_pages", next(iter(reading.values()), None))

    def turn(item):
        if item.path in reading.values():
            return 0 if item.path == first else 2 if item.path.stem in LONG_READERS else 3
        return 2 if item.get_closest_marker("browser") else 1

    items.sort(key=turn)


@pytest.fixture(scope="session")
def make_smoke():
    """Return a function that builds the smoke book while other test processes wait."""
    command = ["make", "book", "CONFIG=config/smoke.yaml", "OPEN=no"]
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    (ROOT / "build").mkdir(exist_ok=True)

    def make():
        with (ROOT / "build" / ".tests.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return subprocess.run(
                command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
            )

    return make


@pytest.fixture(scope="session")
def smoke(make_smoke):
    """Return the workspace of the smoke build, built if it is not up to date."""
    result = make_smoke()
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-8000:]
    return ROOT / "build" / "smoke"
