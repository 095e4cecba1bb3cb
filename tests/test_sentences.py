"""Each sentence of the book that speaks of a result is true of it, and could be untrue.

The results are the stored numbers, and what the chapter's cells printed. With INPAINTLIB_BOOK, as
in tests/test_book.py, they are what the built page shows; without it, what the notebook stores.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from sentences import ALL
from sentences.results import Change, Results, Sentence, Value, unchanged

ROOT = Path(__file__).parent.parent
BUILT = os.environ.get("INPAINTLIB_BOOK")

every_sentence = pytest.mark.parametrize("sentence", ALL, ids=str)


def source(page: str) -> Path:
    notebook = ROOT / "notebooks" / f"{page}.ipynb"
    return notebook if notebook.exists() else ROOT / "book" / f"{page}.md"


@cache
def cells(page: str) -> list[dict]:
    path = source(page)
    if path.suffix == ".md":
        return []
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def joined(text: str) -> str:
    return " ".join(text.split())


def stored(page: str) -> list[str]:
    texts = []
    for cell in cells(page):
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            texts.append(joined("".join(text)))
    return texts


def shown(page: str) -> list[str]:
    """The text outputs of the built page; a picture's are in its alternative text."""
    folder = "notebooks" if source(page).suffix == ".ipynb" else "book"
    file = Path(str(BUILT)) / folder / f"{page}.html"
    outputs = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser")
    texts = [text.get_text() for text in outputs.select(".cell_output pre")]
    texts += [image["alt"] for image in outputs.select(".cell_output img[alt]")]
    return [joined(text) for text in texts]


@cache
def printed(page: str) -> tuple[str, ...]:
    return tuple(shown(page) if BUILT else stored(page))


@cache
def words_of(page: str) -> str:
    """What a reader reads, alternative texts included."""
    if source(page).suffix == ".md":
        return joined(source(page).read_text(encoding="utf-8"))
    texts = ["".join(cell["source"]) for cell in cells(page) if cell["cell_type"] == "markdown"]
    return joined(" ".join([*texts, *stored(page)]))


def true(sentence: Sentence, change: Change = unchanged) -> bool:
    return bool(sentence.holds(Results(printed(sentence.page), change)))


@every_sentence
def test_sentence_stands_in_the_book(sentence):
    assert joined(sentence.words) in words_of(sentence.page)


@every_sentence
def test_sentence_is_true(sentence):
    assert true(sentence)


@every_sentence
def test_sentence_would_be_untrue_of_other_results(sentence):
    """Each number that it reads can make it untrue alone, or all of them together can."""
    results = Results(printed(sentence.page))
    sentence.holds(results)
    assert results.read, "it reads nothing"
    if sentence.together:
        assert not all(true(sentence, change) for change in (exchanged(results.read), rid_of))
        return
    idle = [
        value
        for place, value in enumerate(results.read)
        if all(true(sentence, only(place, other)) for other in others(value))
    ]
    assert not idle, "these could be anything"


def only(place: int, other: Value) -> Change:
    return lambda seen, value: other if seen == place else value


def exchanged(read: list[Value]) -> Change:
    """The lowest in the place of the highest, and so on."""
    order = sorted(range(len(read)), key=lambda place: read[place])
    other = dict(zip(order, (read[place] for place in reversed(order)), strict=True))
    return lambda seen, value: other.get(seen, value)


def rid_of(_: int, value: Value) -> Value:
    return 0.0 if isinstance(value, float) else "another"


def others(value: Value) -> list[Value]:
    """Other values, of the same range as far as possible: a share stays one."""
    if isinstance(value, str):
        return ["another"]
    return [0.0, 1.0, -value, value - 10, value + 10, value - 100, value + 100]
