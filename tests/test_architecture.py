"""Imports point one way, and the half of the package that handles data never imports Keras."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "emolib"

BASE = {"errors", "labels", "leftovers", "sources", "storage", ""}
ALLOWED = {
    "labels": set(),
    "errors": set(),
    "leftovers": set(),
    "sources": set(),
    "storage": {"errors", "leftovers", ""},
    "gpus": set(),
    "config": {"errors", "labels", "config"},
    "workspace": {"config", "storage"},
    "data": BASE | {"data"},
    "simulation": BASE | {"simulation"},
    "models": BASE | {"config", "data", "models", "simulation"},
    "evaluation": BASE | {"evaluation"},
    "interpretation": BASE | {"data", "models", "evaluation", "simulation", "interpretation"},
    "plots": {"labels", "errors"},
    "overlay": BASE | {"data"},
    "annotator": BASE | {"data", "evaluation", "annotator"},
    "predict": BASE | {"data", "models", "overlay"},
    "pipeline": BASE | {"config", "workspace", "data", "models", "simulation", "pipeline"},
    "search": BASE | {"config", "workspace", "data", "models", "pipeline", "search"},
    "planning": BASE
    | {"config", "workspace", "data", "models", "evaluation", "pipeline", "search", "planning"},
    "report": BASE
    | {"config", "workspace", "data", "models", "evaluation", "interpretation", "pipeline"}
    | {"search", "report"},
}
"""What each part may import of the package; "" is its version. The command line may all."""

HEAVY = {"keras", "tensorflow"}
LIGHT_PARTS = set(ALLOWED) - {"models", "interpretation", "predict"}
NEVER = {"IPython", "myst_nb", "papermill", "snakemake"}


def modules():
    return sorted(path for path in PACKAGE.rglob("*.py"))


def part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    own = part(path)
    if own in ("cli", "commands", "__main__", "__init__"):
        return
    assert own in ALLOWED, f"{path}: say in this test what the new part may import"
    used = {name.split(".")[1] for name in imported(path) if name.startswith("emolib.")}
    used -= {"__version__"}
    assert used <= ALLOWED[own], f"{path} imports {used - ALLOWED[own]}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_heavy_and_notebook_packages_stay_where_they_belong(path):
    roots = {name.split(".")[0] for name in imported(path)}
    assert not roots & NEVER
    if part(path) in LIGHT_PARTS:
        assert not roots & HEAVY, f"{path} must work without Keras"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_modules_stay_readable_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 400


def test_library_code_never_prints():
    printing = {
        part(path)
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
    }
    assert printing <= {"cli", "commands"}
