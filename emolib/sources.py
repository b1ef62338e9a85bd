"""Which source files a result depends on, so that it is redone when one of them changes.

A change in a plot helper must not train networks again, and a change in a loss must: the lists are
therefore read from the import statements, and nobody keeps them by hand.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE_ROOT = Path(__file__).parent.parent

# They carry values and files about, which the rules track themselves; no result depends on them.
PLUMBING = ("__init__", "config", "errors", "leftovers", "sources", "storage", "workspace")


def modules_behind(*entries: str, root: Path = PACKAGE_ROOT) -> list[str]:
    """Return the files of emolib that the given modules import, directly or not, with themselves.

    Parameters
    ----------
    *entries : str
        Dotted names, such as ``emolib.models.training``.
    root : Path
        The folder that holds ``emolib/``.

    Returns
    -------
    list of str
        Sorted paths, relative to `root`, without the modules in `PLUMBING`.

    Raises
    ------
    FileNotFoundError
        If an entry is no module of emolib.
    """
    found: set[Path] = set()
    waiting = [_file(entry, root) for entry in entries]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += _imported_files(path, root)
    paths = (path.relative_to(root) for path in found)
    return sorted(str(path) for path in paths if path.parts[1].removesuffix(".py") not in PLUMBING)


@cache
def code_hash(*entries: str) -> str:
    """Return what changes when one of the modules, or one that they import, changes.

    Parameters
    ----------
    *entries : str
        As for `modules_behind`.
    """
    return fingerprint(modules_behind(*entries))


def fingerprint(files: Iterable[str | Path], root: Path = PACKAGE_ROOT) -> str:
    """Return a short hash of the names, relative to `root`, and contents of files, in any order."""
    whole = hashlib.sha256()
    for file in sorted(map(str, files)):
        whole.update(file.encode() + b"\0" + (root / file).read_bytes())
    return whole.hexdigest()[:12]


def _imported_files(path: Path, root: Path) -> list[Path]:
    names = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from a import b` names the module a.b, or something inside the module a.
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    candidates = [_path(name, root) for name in names if name.partition(".")[0] == "emolib"]
    return [candidate for candidate in candidates if candidate.is_file()]


def _file(name: str, root: Path) -> Path:
    path = _path(name, root)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such module of emolib")
    return path


def _path(name: str, root: Path) -> Path:
    path = root.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
