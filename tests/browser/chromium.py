"""Where Chromium is, and how it has to be started to keep to itself."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("background-networking", "component-update", "sync", "quic", "gpu")
SWITCHES = ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in QUIET)]


def find_chromium() -> str | None:
    """Return $CHROMIUM, or the one that the system has."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
