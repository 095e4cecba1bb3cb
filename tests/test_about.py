"""What pages say about the book: version, date, address, description; and the schematic."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

about = pytest.importorskip("about", reason="needs docutils, which comes with jupyter-book")
schematic = pytest.importorskip("schematic")

ROOT = Path(__file__).parent.parent
CFF = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SITE", "REPOSITORY", "RELEASE"):
        monkeypatch.delenv(f"INPAINTLIB_{name}", raising=False)
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)


def test_a_local_build_needs_no_address():
    assert about.public_address() is None


def test_a_release_without_an_address_is_refused(monkeypatch):
    monkeypatch.setenv("INPAINTLIB_RELEASE", "1")
    with pytest.raises(SystemExit, match="a release needs the book's public address"):
        about.public_address()
    monkeypatch.setenv("INPAINTLIB_REPOSITORY", "https://github.com/someone/book")
    assert about.public_address() == "https://someone.github.io/book/"


@pytest.mark.parametrize("given", ["https://example.org/book", "https://example.org/book/"])
def test_another_address_can_be_given(monkeypatch, given):
    monkeypatch.setenv("INPAINTLIB_SITE", given)
    assert about.public_address() == "https://example.org/book/"


@pytest.mark.parametrize("given", ["example.org", "http://example.org/", "https://a b/"])
def test_what_is_no_address_is_refused(monkeypatch, given):
    monkeypatch.setenv("INPAINTLIB_SITE", given)
    with pytest.raises(SystemExit, match=r"INPAINTLIB_SITE: got .*, wanted https://"):
        about.public_address()


def test_date_is_that_of_the_build_unless_one_is_given():
    """In a process of its own, since Sphinx may read the variable once."""
    paths = os.pathsep.join([str(ROOT / "book" / "_ext"), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, "-c", "import about; print(about.built())"],
        env=os.environ | {"SOURCE_DATE_EPOCH": "86400", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.strip() == "1970-01-02"


def test_every_chapter_has_a_description():
    chapters = {f"notebooks/{path.stem}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(about.descriptions()) == chapters
    for page in chapters:
        words = about.describe(page, "Title", "Book")
        assert words.startswith("Title: ")
        assert not re.search(r"[`{}$]", words)


def test_citation_is_that_of_the_file():
    book, paper = about.bibtex("book"), about.bibtex("paper")
    assert f"version = {{{CFF['version']}}}" in book
    assert CFF["title"] in book
    assert "Kerzhner, Yaniv and Elad, Adar and Romano, Yaniv" in paper
    for entry in (book, paper):
        assert entry.count("{") == entry.count("}")


def test_version_is_that_of_the_citation():
    assert about.version() == str(CFF["version"])


def drawn(*names: str) -> BeautifulSoup:
    return BeautifulSoup(schematic.picture(list(names)), "html.parser")


@pytest.mark.parametrize("name", ["energy", "gradient", "step", "start", "classifier", "label"])
def test_schematic_lights_up_one_part_and_says_so(name):
    [picture] = drawn(name).find_all("svg")
    [lit] = picture.select(".lit")
    assert lit.find("text").get_text() == name
    assert picture["aria-label"].endswith(f"Lit up: {schematic.parts()[name]}.")
    assert picture["role"] == "img"


def test_schematic_can_be_twice_on_a_page():
    assert not drawn("energy").select("[id]")
    assert not drawn().select(".lit")


def test_schematic_has_no_colour_of_its_own():
    """So that the page's own, light or dark, are used."""
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(", schematic.drawing())


def test_unknown_part_is_refused():
    with pytest.raises(ValueError, match="schematic: got engine, wanted some of hole, "):
        schematic.picture(["engine"])
