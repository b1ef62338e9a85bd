import ast
import re
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.md"))
TAGS = {
    "hide-input",
    "parameters",
    "remove-cell",
    "remove-input",
    "remove-output",
    "remove-stderr",
}
MOST_CELLS, MOST_LINES = 15, 12
PARAMETER = re.compile(r"\w+: (str|int|float|bool) = .+  # \S.*")

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def code_cells(path):
    return [cell for cell in jupytext.read(path).cells if cell.cell_type == "code"]


def tags(cell):
    return set(cell.metadata.get("tags", []))


def code_lines(cell):
    lines = [line.strip() for line in cell.source.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def parameters_cell(path):
    cells = [cell for cell in code_cells(path) if "parameters" in tags(cell)]
    assert len(cells) == 1, f"{path.name} has {len(cells)} cells tagged 'parameters'"
    return cells[0]


def test_notebooks_there_are_some():
    assert NOTEBOOKS


@each_notebook
def test_parameters_each_has_type_and_comment(path):
    lines = code_lines(parameters_cell(path))
    assert [line for line in lines if not PARAMETER.fullmatch(line)] == []


@each_notebook
def test_parameters_configuration_comes_first_of_several(path):
    lines = code_lines(parameters_cell(path))
    assert lines[0].startswith("config: str = ")
    # IPython would read a cell that holds nothing else as its magic command %config.
    assert len(lines) > 1


@each_notebook
def test_code_holds_no_definition(path):
    cells = [cell.source for cell in code_cells(path)]
    nodes = [node for source in cells for node in ast.walk(ast.parse(source))]
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for node in nodes if isinstance(node, definitions)] == []


@each_notebook
def test_code_stays_thin(path):
    cells = code_cells(path)
    assert len(cells) <= MOST_CELLS
    assert [cell.source for cell in cells if len(code_lines(cell)) > MOST_LINES] == []


@each_notebook
def test_tags_are_known(path):
    assert set().union(*map(tags, code_cells(path))) <= TAGS


@each_notebook
def test_output_of_what_publishes_is_removed(path):
    # What the last expression returns is shown raw, beside the table that the page reads.
    shown = [cell for cell in code_cells(path) if not tags(cell) & {"remove-output", "remove-cell"}]
    last = [ast.unparse(ast.parse(cell.source).body[-1:]) for cell in shown]
    assert [code for code in last if code.startswith("chapter.publish_")] == []


@each_notebook
def test_metadata_is_free_of_versions(path):
    header = path.read_text().split("---")[1]
    assert "jupytext_version" not in header
    assert "format_version" not in header
    assert "name: python3" in header


def test_documented_parameters_exist():
    # Every `make chapter NAME=x P="-p key value"` shown anywhere must be understood by chapter x.
    texts = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "book").glob("*.md")]
    shown = [
        call
        for text in texts
        for call in re.findall(r'NAME=([\w-]+)[^\n]*?P="([^"]*)"', text.read_text())
    ]
    assert shown
    for name, options in shown:
        source = parameters_cell(ROOT / "notebooks" / f"{name}.md").source
        for key in re.findall(r"-p (\w+)", options):
            assert re.search(rf"^{key}: ", source, flags=re.MULTILINE), f"{name} has no {key}"
