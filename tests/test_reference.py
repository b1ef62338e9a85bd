"""The pages on the package: their examples run, what they name exists and is documented."""

import ast
import doctest
import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "emolib"
PAGES = sorted((ROOT / "book").glob("package*.md"))
NAMED = re.compile(r"^\.\. (currentmodule|auto\w+):: (\S+)$", flags=re.MULTILINE)


def public():
    """Return (module, name) of all that the reference shows."""
    found, module = [], ""
    for page in PAGES:
        for directive, name in NAMED.findall(page.read_text()):
            if directive == "currentmodule":
                module = name
            else:
                found.append((module, name))
    return found


def source_of(dotted):
    """Return the file of a module of the package, or None if there is no such module."""
    path = ROOT.joinpath(*dotted.split("."))
    candidates = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in candidates if file.is_file()), None)


def names_in(tree):
    """Return what a module or class defines or imports."""
    names = {alias.asname or alias.name.split(".")[0] for node in ast.walk(tree)
             if isinstance(node, ast.Import | ast.ImportFrom) for alias in node.names}  # fmt: skip
    for node in tree.body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        names |= {target.id for target in targets if isinstance(target, ast.Name)}
        names |= {node.name} if hasattr(node, "name") else set()
    return names


def exists(dotted):
    """Return whether a dotted name of the package can be found, without importing anything."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        if file := source_of(".".join(parts[:end])):
            tree = ast.parse(file.read_text())
            for name in parts[end:]:
                if name not in names_in(tree):
                    return False
                inner = [node for node in tree.body if getattr(node, "name", "") == name]
                tree = inner[0] if inner else ast.Module([], [])
            return True
    return False


def test_reference_names_each_thing_once():
    names = public()
    assert len(names) > 60 and len(names) == len(set(names))
    assert {page.stem for page in PAGES} > {"package"}


@pytest.mark.parametrize(("module", "name"), public(), ids=lambda value: value)
def test_reference_what_is_public_says_what_it_takes_and_returns(module, name):
    thing = getattr(import_module(module), name)
    if not callable(thing):
        file = source_of(module).read_text()
        assert re.search(rf'^{name}\b.*\n"""', file, flags=re.MULTILINE), "no docstring below it"
        return
    documentation = inspect.getdoc(thing)
    assert documentation and documentation.splitlines()[0].endswith(".")
    if inspect.isfunction(thing):
        parameters = [p for p in inspect.signature(thing).parameters if p not in ("seed",)]
        documented = "Parameters\n----------" in documentation
        assert documented or len(parameters) < 2, "several parameters and no section on them"
        if documented:
            lines = re.findall(r"^(\*{0,2}\w[\w, *]*)(?: : .*)?$", documentation, flags=re.M)
            told = {word.strip(" *") for line in lines for word in line.split(",")}
            assert {p.strip("*") for p in inspect.signature(thing).parameters} <= told


def test_docstrings_refer_to_what_there_is():
    wrong = []
    for file in sorted(PACKAGE.rglob("*.py")):
        for name in re.findall(r"(?<!`)`(emolib\.[\w.]+)`(?!`)", file.read_text()):
            if not exists(name):
                wrong.append(f"{file.relative_to(ROOT)}: {name}")
    assert wrong == []


def test_guide_examples_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "book" / "package.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    examples = "\n".join(block for block in blocks if block.startswith(">>>"))
    test = doctest.DocTestParser().get_doctest(examples, {}, "package.md", "book/package.md", 0)
    assert len(test.examples) > 40
    said = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    assert result.failed == 0, "".join(said)


def test_guide_links_every_page_of_the_reference():
    guide = (ROOT / "book" / "package.md").read_text()
    assert all(f"(chap:{page.stem})" in guide for page in PAGES)
