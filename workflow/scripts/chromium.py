"""Where Chromium is, and how it has to be started to keep to itself.

usage: python -m workflow.scripts.chromium    say in one sentence what to do where there is none
"""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("background-networking", "component-update", "sync", "quic", "gpu")
SWITCHES = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]
LACKING = (
    "Printing the report needs Chromium, and there is none: install it (`apt install chromium`), "
    "or set CHROMIUM to the path of one."
)


def find_chromium() -> str | None:
    """Return $CHROMIUM, or the one that the system has."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


if __name__ == "__main__":
    sys.exit(None if find_chromium() else LACKING)
