"""How MyST-NB shows the package's outputs on the pages of the book."""

from __future__ import annotations

import numpy as np
import pytest
from bs4 import BeautifulSoup

from inpaintlib import figures
from inpaintlib.widgets import FRAMES, Explorer

nodes = pytest.importorskip("docutils.nodes", reason="comes with jupyter-book")
_myst = pytest.importorskip("inpaintlib._myst")


class Renderer:
    """Stands in for MyST-NB: keeps the files that are written."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def write_file(self, path: list[str], content: bytes, *, exists_ok: bool) -> str:
        assert exists_ok
        self.files[path[0]] = content
        return f"/{path[0]}"


class Data:
    """Stands in for what MyST-NB hands to a renderer."""

    def __init__(self, mime_type: str, content: object) -> None:
        self.mime_type, self.content = mime_type, content


@pytest.fixture
def frames(monkeypatch: pytest.MonkeyPatch) -> Data:
    """What an explorer of two controls gives to a book."""
    monkeypatch.setenv(figures.BOOK_BUILD, "1")
    grey = figures.gallery({"": figures.Strip(np.full((1, 4, 4), 0.5))}, alt="grey").png
    explorer = Explorer(
        lambda **values: figures.Picture(grey, f"the values {values}"),
        a=[1, 2, 3],
        b=[10, 20],
        start={"a": 2, "b": 20},
        labels={"a": "λ<"},
    )
    return Data(FRAMES, explorer._repr_mimebundle_()[FRAMES])


def test_the_page_has_native_controls_and_every_frame_with_its_words(frames):
    renderer = Renderer()
    begin, *pictures, end = _myst.Frames.handle_mime(renderer, frames, inline=False)
    page = BeautifulSoup(begin.astext() + end.astext(), "html.parser")
    inputs = page.select("input[type=range]")
    assert [int(field["max"]) for field in inputs] == [2, 1]
    assert [int(field["value"]) for field in inputs] == [1, 1]
    for field, words in zip(inputs, ["λ<", "b"], strict=True):
        assert page.find("label", attrs={"for": field["id"]}).get_text() == words
        value = page.find("output", attrs={"for": field["id"]})
        assert value.get_text() == field["aria-valuetext"]
        assert value["aria-live"] == "off"
    assert page.select_one(".explorer-controls").has_attr("hidden"), "JavaScript shows them"
    assert all(isinstance(picture, nodes.image) for picture in pictures)
    shown = [picture["alt"] for picture in pictures if "explorer-shown" in picture["classes"]]
    assert shown == ["the values {'a': 2, 'b': 20}"]
    assert {picture["uri"].lstrip("/") for picture in pictures} == set(renderer.files)


def test_names_are_buttons_and_numbers_are_sliders(frames):
    frames.content["controls"][1] |= {"options": ["harmonic", "noise <1>"], "names": True}
    begin, *_ = _myst.Frames.handle_mime(Renderer(), frames, inline=False)
    page = BeautifulSoup(begin.astext(), "html.parser")
    assert len(page.select("input[type=range]")) == 1
    [group] = page.select("[role=radiogroup]")
    assert page.find(id=group["aria-labelledby"]).get_text() == "b"
    assert [label.get_text() for label in group.find_all("label")] == ["harmonic", "noise <1>"]
    assert [field.has_attr("checked") for field in group.find_all("input")] == [False, True]


def test_other_outputs_are_left_alone():
    assert _myst.Frames.handle_mime(Renderer(), Data("image/png", "…"), inline=False) is None
