"""The book as one PDF and as an EPUB, which ``make site`` makes."""

from __future__ import annotations

import os
import re
import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup, Tag
from pypdf import PdfReader

SITE = Path(os.environ.get("INPAINTLIB_BOOK") or "not-built").resolve()
NAME = "inpainting-with-a-classifier"
OPF = "{http://www.idpf.org/2007/opf}"
XHTML, SVG = "{http://www.w3.org/1999/xhtml}", "{http://www.w3.org/2000/svg}"
MATHML = "{http://www.w3.org/1998/Math/MathML}"

pytestmark = pytest.mark.skipif(
    "INPAINTLIB_BOOK" not in os.environ, reason="no built book: make test-book builds and checks it"
)

CHAPTERS = sorted(path.stem for path in SITE.glob("notebooks/*.html"))
every_chapter = pytest.mark.parametrize("chapter", CHAPTERS)


def plain(text: str) -> str:
    """A text without spaces, as those of a PDF depend on its lines, and without ligatures."""
    return re.sub(r"\s+", "", text.replace("ﬁ", "fi").replace("ﬂ", "fl").replace("ﬀ", "ff"))


@cache
def article(chapter: str) -> Tag:
    page = BeautifulSoup((SITE / f"notebooks/{chapter}.html").read_text("utf-8"), "html.parser")
    found = page.find("article")
    assert isinstance(found, Tag)
    return found


def title(chapter: str) -> str:
    return article(chapter).find("h1").get_text().rstrip("#").strip()


@cache
def pdf() -> PdfReader:
    return PdfReader(SITE / f"{NAME}.pdf")


@cache
def pages() -> list[str]:
    return [plain(page.extract_text()) for page in pdf().pages]


@cache
def epub() -> zipfile.ZipFile:
    return zipfile.ZipFile(SITE / f"{NAME}.epub")


def test_there_are_seventeen_chapters():
    assert len(CHAPTERS) == 17


def test_pdf_has_a_plausible_number_of_pages():
    assert 150 <= len(pages()) <= 450


@every_chapter
def test_contents_of_the_pdf_name_the_page_of_each_chapter(chapter):
    name = plain(title(chapter))
    lines = [plain(line) for page in pdf().pages[1:3] for line in page.extract_text().splitlines()]
    listed = re.search(rf"^{re.escape(name)}(\d+)$", "\n".join(lines), re.MULTILINE)
    assert listed, "the contents lack the chapter"
    assert name in pages()[int(listed[1]) - 1]


def test_pdf_has_an_outline_and_links_that_stay_in_it():
    assert pdf().outline
    addresses = [
        str(note.get_object().get("/A", {}).get("/URI", ""))
        for page in pdf().pages
        for note in page.get("/Annots", [])
    ]
    assert not [address for address in addresses if "127.0.0.1" in address]


def test_pdf_has_the_solutions_at_its_end():
    last = max(number for number, text in enumerate(pages()) if "Solutionsandanswers" in text)
    end = "".join(pages()[last:])
    wanted = sum(
        summary.get_text().strip() in ("Solution", "Answers")
        for chapter in CHAPTERS
        for summary in article(chapter).select("details > summary")
    )
    assert wanted > 60
    assert len(re.findall(r"(?:Solution|Answers)\d+", end)) >= wanted
    assert all(plain(title(chapter)) in end for chapter in CHAPTERS)


def test_pdf_names_each_solution_as_its_exercise():
    exercises = [
        re.sub(r"[^\d.]", "", strong.get_text()).rstrip(".")
        for chapter in CHAPTERS
        for strong in article(chapter).find_all("strong", string=re.compile(r"^Exercise [\d.]+$"))
    ]
    assert len(exercises) > 45
    text = "".join(pages())
    missing = [name for name in exercises if text.count(f"Solution{name}:at") != 1]
    assert not missing


def test_pdf_has_the_folded_tables():
    text = "".join(pages())
    tables = [table for one in CHAPTERS for table in article(one).select("details.hide table")]
    assert len(tables) > 1
    for table in tables:
        last = table.select("tbody tr:last-child > :is(th, td)")
        assert "".join("".join(cell.get_text() for cell in last).split()) in text
    assert "Detailsmethod" not in text, "the fold is printed, and not only what is in it"


def test_no_page_of_the_pdf_is_blank():
    assert not [number for number, text in enumerate(pages(), 1) if len(text) < 5]


def test_pdf_has_the_pictures_of_the_chapters_and_of_the_panels():
    drawn = sum(
        str(thing.get_object().get("/Subtype")) == "/Image"
        for page in pdf().pages
        for thing in page.get("/Resources", {}).get("/XObject", {}).values()
    )
    raster = 'figure img:not([src$=".svg"])'  # the others are printed as lines
    wanted = sum(len(article(chapter).select(raster)) for chapter in CHAPTERS)
    panels = sum(len(article(chapter).find_all("inpaint-live")) for chapter in CHAPTERS)
    assert drawn >= wanted + panels
    assert "".join(pages()).count("Thispanelcanbeusedonthepage") >= panels > 10


def test_epub_is_well_formed_and_complete():
    names = epub().namelist()
    assert names[0] == "mimetype"
    assert epub().read("mimetype") == b"application/epub+zip"
    package = ElementTree.fromstring(epub().read("content.opf"))
    assert "unknown" not in [each.text for each in package.iter()], "title, author, identifier, …"
    listed = [item.get("href") for item in package.iter(f"{OPF}item")]
    assert not set(listed) - set(names)
    assert any("cover" in item for item in listed)
    for name in names:
        if name.endswith(".xhtml"):
            ElementTree.fromstring(epub().read(name))


def package() -> ElementTree.Element:
    return ElementTree.fromstring(epub().read("content.opf"))


def told(name: str) -> list[str]:
    """What the EPUB's metadata say of one of the words of schema.org."""
    return [
        str(each.text)
        for each in package().iter(f"{OPF}meta")
        if each.get("property") == f"schema:{name}"
    ]


@cache
def texts() -> dict[str, ElementTree.Element]:
    """The pages of the EPUB, by their places."""
    names = [name for name in epub().namelist() if name.endswith(".xhtml")]
    return {name: ElementTree.fromstring(epub().read(name)) for name in names}


def test_epub_says_who_can_read_it():
    assert told("accessMode") == ["textual", "visual"]
    assert told("accessModeSufficient") == ["textual", "textual,visual"]
    assert told("accessibilityHazard") == ["none"]
    [summary] = told("accessibilitySummary")
    assert "alternative text" in summary
    features = ["alternativeText", "index", "MathML", "readingOrder", "structuralNavigation"]
    assert told("accessibilityFeature") == [*features, "tableOfContents", "unlocked"]
    modified = [each for each in package().iter() if each.get("property") == "dcterms:modified"]
    assert len(modified) == 1


def test_epub_has_what_it_says_of_itself():
    names = epub().namelist()
    assert "META-INF/encryption.xml" not in names  # unlocked
    assert {"nav.xhtml", "genindex.xhtml"} <= set(names)  # contents, index
    kinds = [str(item.get("media-type")) for item in package().iter(f"{OPF}item")]
    assert not [kind for kind in kinds if kind.startswith(("audio", "video")) or "gif" in kind]
    for name, page in texts().items():
        for tag in ("audio", "video", "canvas", "script", "iframe"):
            assert not list(page.iter(f"{XHTML}{tag}")), name
        for picture in page.iter(f"{XHTML}img"):
            assert picture.get("alt"), name
        for drawing in page.iter(f"{SVG}svg"):
            assert drawing.get("aria-hidden") == "true" or drawing.get("aria-label"), name
        levels = [int(h.tag[-1]) for h in page.iter() if re.search(r"\}h[1-6]$", str(h.tag))]
        assert all(b - a <= 1 for a, b in pairwise(levels)), name


def test_epub_draws_its_lines_and_declares_drawings_and_formulas():
    for name, page in texts().items():
        assert not list(page.iter(f"{XHTML}svg")), f"{name}: in this name space nothing is drawn"
        assert not [svg for svg in page.iter(f"{SVG}svg") if svg.get("viewbox")], name
    for item in package().iter(f"{OPF}item"):
        place = str(item.get("href"))
        if place in texts() and item.get("properties") != "nav":
            tags = (("mathml", f"{MATHML}math"), ("svg", f"{SVG}svg"))
            has = [kind for kind, tag in tags if any(texts()[place].iter(tag))]
            assert (item.get("properties") or "").split() == has, place
    assert sum(1 for page in texts().values() for _ in page.iter(f"{MATHML}math")) > 150


@every_chapter
def test_epub_has_each_chapter_with_its_pictures_formulas_and_solutions(chapter):
    page = BeautifulSoup(epub().read(f"notebooks/{chapter}.xhtml"), "html.parser")
    assert title(chapter) in page.get_text()
    assert len(page.find_all("img")) >= len(article(chapter).select("figure img"))
    assert page.find_all("math")
    assert not page.select("script[src], input, inpaint-live")
    wanted = article(chapter).find_all("summary", string=re.compile("Solution"))
    assert page.get_text().count("Solution") >= len(wanted)
    panels = len(article(chapter).find_all("inpaint-live"))
    assert len(page.select("img.live-still[src^='data:']")) == panels
    for picture in page.select("img:not(.live-still)"):
        place = os.path.normpath(f"notebooks/{picture['src']}")
        assert place in epub().namelist()
