"""The heads of a table's rows and columns, as a page has them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import tables
from bs4 import BeautifulSoup
from docutils.core import publish_doctree, publish_from_doctree

TEXT = """
==== ===== ====
\\    grey  all
==== ===== ====
zero 0.5   1
one  0.25  2
==== ===== ====
"""


def page(text: str, kind: str = "html") -> BeautifulSoup:
    app, doctree = SimpleNamespace(builder=SimpleNamespace(format=kind)), publish_doctree(text)
    tables.head_rows(app, doctree, "page")
    written = publish_from_doctree(doctree, writer_name="html5").decode()
    context = {"body": written}
    tables.say_scopes(app, "page", "page.html", context, doctree)
    return BeautifulSoup(context["body"], "html.parser")


def test_the_first_cell_of_a_row_heads_it_and_an_empty_corner_nothing():
    found = page(TEXT)
    assert [head.get_text(strip=True) for head in found.select("th[scope=col]")] == ["grey", "all"]
    assert [head.get_text(strip=True) for head in found.select("th[scope=row]")] == ["zero", "one"]
    assert len(found.select("th")) == 4
    assert found.select_one("thead td").get_text(strip=True) == ""


@pytest.mark.parametrize(
    ("text", "kind"), [(TEXT, "latex"), ("====\nonly\n====\na\n====\n", "html")]
)
def test_on_paper_and_in_a_list_no_row_has_a_head(text, kind):
    assert not page(text, kind).select("tbody th")
