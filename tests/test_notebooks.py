"""What a stored notebook must look like. Whether it runs and prints the same again, nbval tests."""

from __future__ import annotations

import ast
import runpy
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
LONGEST_CELL, LONGEST_FUNCTION = 24, 12  # lines; more belongs in the package


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def code_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_is_valid(notebook):
    nbformat.validate(notebook)


def test_uses_the_kernel_that_everybody_has(notebook):
    assert notebook.metadata.kernelspec.name == "python3"


def test_was_run_from_top_to_bottom(notebook):
    # nbval compares nothing in a cell without a number: a stripped notebook would pass unseen.
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


def test_stores_text_and_no_pictures(notebook):
    kinds = {
        kind
        for cell in code_cells(notebook)
        for output in cell.outputs
        for kind in output.get("data", {})
    }
    assert not {kind for kind in kinds if not kind.startswith("text/")}


def test_stores_no_error_or_warning(notebook):
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr", output.text


def test_compares_most_of_its_outputs(notebook):
    with_output = [cell for cell in code_cells(notebook) if cell.outputs]
    compared = [
        cell
        for cell in with_output
        if not {"nbval-skip", "nbval-ignore-output"} & set(cell.metadata.get("tags", []))
        and "NBVAL_" not in cell.source
    ]
    assert len(compared) * 2 >= len(with_output)


def test_is_thin(notebook):
    for cell in code_cells(notebook)[1:]:  # the first is no Python alone: it may call pip
        lines = len(cell.source.splitlines())
        assert lines <= LONGEST_CELL, f"{lines} lines:\n{cell.source}"
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.ClassDef), f"{node.name} belongs in the package"
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                assert lines <= LONGEST_FUNCTION, f"{node.name}: {lines} lines"


def test_a_cell_that_only_draws_is_folded(notebook):
    """The page shows the method; what stands before a picture may be a part of it."""
    for cell in code_cells(notebook)[1:]:
        *before, last = ast.parse(cell.source).body or [None]
        drawn = isinstance(last, ast.Expr) and ast.unparse(last).startswith("figures.")
        if drawn and len(before) < 2 and last.lineno < 3:
            assert "hide-input" in cell.metadata.get("tags", []), cell.source


def test_nbval_waits_for_an_output_as_long_as_for_a_cell():
    item = SimpleNamespace(output_timeout=5)
    config = SimpleNamespace(getoption={"nbval_cell_timeout": "300"}.get)
    patience = runpy.run_path(str(NOTEBOOKS[0].with_name("conftest.py")))
    patience["pytest_collection_modifyitems"](config, [item, SimpleNamespace()])
    assert item.output_timeout == 300
