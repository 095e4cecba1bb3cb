"""The paper's figures: all ten, with ours beside them, and the claims that cite them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from inpaintlib.study import claims, paper_figures, records

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
FIGURES = paper_figures.read()
CHAPTERS = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))


def captions() -> set[str]:
    """The numbers of all figures of the chapters."""
    texts = (
        "".join(cell["source"])
        for chapter in CHAPTERS
        for cell in json.loads((NOTEBOOKS / f"{chapter}.ipynb").read_text("utf-8"))["cells"]
    )
    return {n for text in texts for n in re.findall(r"^\*\*Figure (\d+\.\d+)\.\*\*", text, re.M)}


def test_all_ten_are_there_in_order():
    assert [figure.number for figure in FIGURES] == list(range(1, 11))


def test_our_figures_exist():
    known = captions()
    for figure in FIGURES:
        assert figure.literal
        assert {*figure.literal, *figure.beyond} <= known, figure.number


def test_every_figure_is_cited_by_a_claim():
    cited = {number for claim in claims.read().claims for number in claim.figures}
    assert cited == {figure.number for figure in FIGURES}


def test_the_page_shows_each_with_links_and_verdicts():
    found = records.of(claims.read().claims)
    shown = paper_figures.page(FIGURES, found, CHAPTERS).data
    cards = dict(re.findall(r'<article id="figure-(\d+)"(.*?)</article>', shown, re.S))
    assert len(cards) == 10
    assert "\n\n" not in shown, "Markdown would end the HTML there"
    for record in found:
        for number in record.figures:
            assert (
                f'{record.verdict}</span>: <a href="claims.html#{record.id}">' in cards[str(number)]
            )
    assert '<a href="../notebooks/12-all-labels.html">12.4</a>' in cards["10"]
    assert "12.4" not in cards["9"]


def test_an_unknown_entry_is_refused(tmp_path):
    file = tmp_path / "figures.toml"
    file.write_text('[[figures]]\nnumber = 1\nshow = "A digit."\n', encoding="utf-8")
    with pytest.raises(TypeError, match="show"):
        paper_figures.read(file)
