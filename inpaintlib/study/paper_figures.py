"""The paper's ten figures: what each shows, where this book shows the same, and the verdicts.

They are in ``paper_figures.toml`` beside this file. How a figure compares is not written there: it
is what the verdicts on the claims say that cite it, see :mod:`inpaintlib.study.claims`.

Shown on the page *The paper's figures*.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython.display import Markdown

from inpaintlib._signatures import check_module
from inpaintlib.study import cards
from inpaintlib.study.records import Record

# The paper's figures.
FILE = Path(__file__).with_name("paper_figures.toml")


@dataclass(frozen=True)
class PaperFigure:
    """A figure of the paper.

    Attributes:
        number: In the paper.
        shows: What it shows, in our own words.
        literal: Figures of this book that show the same by the paper's text taken literally, such
            as ``"5.3"``.
        beyond: Those with recipes that go beyond the paper.
        differs: What cannot be the same, and why.
    """

    number: int
    shows: str
    literal: Sequence[str]
    differs: str
    beyond: Sequence[str] = ()


def read(path: Path = FILE) -> tuple[PaperFigure, ...]:
    """Read a file of figures.

    Raises:
        TypeError: A figure has an unknown entry, or lacks one.
    """
    with path.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)["figures"]
    return tuple(PaperFigure(**entry) for entry in entries)


def page(
    figures: Sequence[PaperFigure], records: Sequence[Record], chapters: Sequence[str]
) -> Markdown:
    """Return a card for each figure, with the claims that cite it and their verdicts.

    Args:
        figures: The paper's figures.
        records: The claims.
        chapters: The names of the notebooks, such as ``"05-initialization"``, for the links.
    """
    numbered = {int(chapter.partition("-")[0]): chapter for chapter in chapters}

    def links(ours: Sequence[str]) -> str:
        return ", ".join(
            f'<a href="../notebooks/{numbered[int(each.partition(".")[0])]}.html">{each}</a>'
            for each in ours
        )

    def card(figure: PaperFigure) -> str:
        places = [f"here, by its text: {links(figure.literal)}"]
        if figure.beyond:
            places.append(f"beyond it: {links(figure.beyond)}")
        cited = "".join(
            f"<li>{cards.verdict_link(record)}</li>"
            for record in records
            if figure.number in record.figures
        )
        return (
            f'<article id="figure-{figure.number}" class="claim">'
            f"<h2>{cards.text(figure.shows)}</h2>"
            f'<p class="claim-head"><strong>Figure {figure.number}</strong> '
            f'<span class="claim-place">{"; ".join(places)}</span></p>'
            f'<ul class="figure-claims">{cited}</ul>'
            f"<p>{cards.text(figure.differs)}</p></article>"
        )

    cells = "\n".join(map(card, figures))
    return Markdown(f'<div class="claims">\n{cells}\n</div>')


check_module(__name__)
