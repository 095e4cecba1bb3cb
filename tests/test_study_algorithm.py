"""Algorithm 1 beside the code that runs it: every line of the paper has its code."""

from __future__ import annotations

import inspect
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup

from inpaintlib import descent
from inpaintlib.study import algorithm

lines = pytest.mark.parametrize("line", algorithm.LINES, ids=lambda line: line.number)


def test_all_lines_of_the_paper_are_there():
    assert [line.number for line in algorithm.LINES] == ["1", "2", "3", "4–5", "6", "7"]


@lines
def test_code_of_a_line_is_in_its_function(line):
    wanted = {text.strip() for text in line.source().splitlines()}
    assert wanted
    assert wanted <= {text.strip() for text in inspect.getsource(line.function).splitlines()}


def test_what_decides_is_in_the_shown_code():
    """So that a changed loop is noticed here, where the pieces are chosen by their beginnings."""
    code = {line.number: line.source() for line in algorithm.LINES}
    assert "_begin(" in code["1"]
    assert "norm <= tolerance" in code["2"]
    assert "energy.evaluate(images" in code["3"]
    assert "horizontal.sign()" in code["4–5"]
    assert "vertical.sign()" in code["4–5"]
    assert "- step_size * now.gradient" in code["6"]
    assert "torch.where(moving" in code["6"]


@pytest.mark.parametrize(("beginning", "count"), [("no such line", 0), ("break", 2)])
def test_code_that_is_not_found_once_is_an_error(beginning, count):
    line = replace(algorithm.LINES[2], code=[(beginning, 1)])
    with pytest.raises(ValueError, match=rf"line 3: got {count} lines of descent\._descended"):
        line.source()


@lines
def test_page_shows_the_line_and_its_code(line):
    table = BeautifulSoup(algorithm.page().data, "html.parser")
    [row] = [row for row in table.select("tbody tr") if row.th.get_text() == line.number]
    assert line.says in row.get_text()
    assert row.pre.get_text() == line.source()
    assert row.code.get_text() == line.name


def test_function_names_are_those_of_the_package():
    assert f"inpaintlib.{algorithm.LINES[2].name}" == f"{descent.__name__}._descended"
