"""Checks on the built book. ``make test`` builds it and says where it is in INPAINTLIB_BOOK."""

from __future__ import annotations

import csv
import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from inpaintlib.study import algorithm, claims

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ.get("INPAINTLIB_BOOK") or "not-built").resolve()

pytestmark = pytest.mark.skipif(
    "INPAINTLIB_BOOK" not in os.environ, reason="no built book: make test-book builds and checks it"
)


def pages_in(node: dict) -> Iterator[str]:
    """The pages that a node of _toc.yml names, in reading order."""
    for key in ("root", "file"):
        if key in node:
            yield node[key]
    for key in ("parts", "chapters", "sections"):
        for child in node.get(key, []):
            yield from pages_in(child)


PAGES = list(pages_in(yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))))
CHAPTERS = [page for page in PAGES if page.startswith("notebooks/")]
FILES = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("**/*.html"))
ABSENT = "404.html"  # what a host shows at any address that it does not know
BUILT = [file for file in FILES if not file.startswith("_static/") and file != ABSENT]

every_page = pytest.mark.parametrize("page", PAGES)
every_chapter = pytest.mark.parametrize("page", CHAPTERS)
every_file = pytest.mark.parametrize("file", BUILT)


@cache
def parsed(file: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / file).read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(file: str) -> frozenset[str]:
    tags = parsed(file).find_all(lambda tag: tag.has_attr("id") or tag.has_attr("name"))
    return frozenset(tag[key] for tag in tags for key in ("id", "name") if tag.has_attr(key))


def article(page: str) -> Tag:
    found = parsed(f"{page}.html").find("article")
    assert found is not None, "the page has no text"
    return found


def titles(page: str, *levels: str) -> list[str]:
    return [heading.get_text().rstrip("#").strip() for heading in article(page).find_all(levels)]


def boxes(page: str, *, folded: bool) -> list[str]:
    """The titles of a page's boxes, either of those that unfold or of the others."""
    unfolding = "details > summary, .admonition.dropdown > .admonition-title"
    open_ones = ".admonition:not(.dropdown) > .admonition-title"
    found = article(page).select(unfolding if folded else open_ones)
    return [title.get_text().strip() for title in found]


@every_page
def test_page_is_there(page):
    assert (SITE / f"{page}.html").is_file()
    assert len(titles(page, "h1")) == 1


def test_the_book_opens_on_a_page_with_a_title():
    assert parsed("index.html").title.get_text().strip() == "Inpainting with a classifier"
    assert titles("index", "h1") == ["Inpainting with a classifier"]


@every_page
def test_page_tells_its_version_its_date_and_how_to_cite_it(page):
    [footer] = parsed(f"{page}.html").select(".extra_footer")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert re.search(
        rf"Version {re.escape(version)}, built on \d{{4}}-\d\d-\d\d", footer.get_text()
    )
    assert footer.find("a", href=re.compile(r"cite\.html$|^#$"))


@pytest.mark.parametrize("page", [page for page in PAGES if page != "genindex"])  # a mere list
def test_page_describes_itself_in_words(page):
    head = parsed(f"{page}.html").head
    [description] = head.find_all("meta", attrs={"name": "description"})
    [shared] = head.find_all("meta", property="og:description")
    assert description["content"] == shared["content"]
    assert len(description["content"]) > 20
    assert not re.search(r"[\\$`{}]|&lt;", description["content"])
    assert head.find("meta", property="og:title")
    assert head.find("link", rel="icon")


@every_page
def test_address_is_named_where_it_is_known(page):
    """The same address in the page's head, in what messengers read, and in the site's map."""
    head, map_of_site = parsed(f"{page}.html").head, SITE / "sitemap.xml"
    canonical = head.find("link", rel="canonical")
    assert (canonical is not None) == map_of_site.is_file()
    if canonical:
        assert head.find("meta", property="og:url")["content"] == canonical["href"]
        assert f"<loc>{canonical['href']}</loc>" in map_of_site.read_text(encoding="utf-8")
        picture = head.find("meta", property="og:image")["content"]
        home = canonical["href"].removesuffix(f"{page}.html")
        assert (SITE / picture.removeprefix(home)).is_file()


@every_chapter
def test_chapter_lights_up_its_part_of_the_method(page):
    [picture] = article(page).select("svg.method")
    everything = page == "notebooks/01-introduction"  # no part of it before the others
    assert bool(picture.select(".lit")) is not everything
    assert ("Lit up: " in picture["aria-label"]) is not everything


def test_first_formulas_have_plain_words():
    explained = [page for page in CHAPTERS if "In plain words" in boxes(page, folded=False)]
    assert {number.rpartition("/")[2][:2] for number in explained} >= {"01", "03", "04", "06", "16"}


def test_algorithm_stands_beside_its_code():
    rows = article("notebooks/04-algorithm").select("table.algorithm tbody tr")
    assert [row.th.get_text() for row in rows] == [line.number for line in algorithm.LINES]
    assert [row.pre.get_text() for row in rows] == [line.source() for line in algorithm.LINES]


def test_citation_can_be_copied():
    blocks = [block.get_text() for block in article("book/cite").select("pre")]
    assert [block.partition("{")[0] for block in blocks[:2]] == ["@software", "@unpublished"]
    assert blocks[2].strip() == (ROOT / "CITATION.cff").read_text(encoding="utf-8").strip()


def test_nothing_is_built_that_the_contents_do_not_name():
    made_by_sphinx = ("py-modindex.html", "search.html", "_")
    others = [file for file in BUILT if not file.startswith(made_by_sphinx)]
    assert sorted(others) == sorted(f"{page}.html" for page in PAGES)


def test_host_finds_its_page_for_unknown_addresses():
    """It is shown at any depth, so its link has to work from everywhere."""
    page = parsed(ABSENT)
    assert not page.find_all(["script", "link", "img"])
    [link] = page.find_all("a")
    assert link["href"].startswith("/")


def is_internal(address: str) -> bool:
    return not urlsplit(address).scheme and not address.startswith("//")


def problem(file: str, address: str) -> str | None:
    """What is wrong with an internal address on a page, if anything is."""
    path, fragment = unquote(urlsplit(address).path), unquote(urlsplit(address).fragment)
    target = (SITE / file).parent / path if path else SITE / file
    if target.is_dir():
        target = target / "index.html"
    target = target.resolve()
    if not target.is_relative_to(SITE):
        return "leaves the book"
    if not target.is_file():
        return "no such file"
    name = target.relative_to(SITE).as_posix()
    if fragment and target.suffix == ".html" and fragment not in anchors(name):
        return f"no such place on {name}"
    return None


@every_file
def test_internal_links_lead_somewhere(file):
    broken = []
    for tag in parsed(file).find_all(True):
        for key in ("href", "src", "poster", "data"):
            address = tag.get(key)
            if isinstance(address, str) and address not in ("", "#") and is_internal(address):
                what = problem(file, address)
                if what:
                    broken.append(f"{address}: {what}")
    assert not broken


@every_file
def test_no_machine_path_is_shown(file):
    assert str(ROOT) not in (SITE / file).read_text(encoding="utf-8")


@every_file
def test_nothing_is_loaded_from_elsewhere(file):
    tags = parsed(file).find_all(["script", "link", "img", "iframe"])
    tags = [tag for tag in tags if "canonical" not in tag.get("rel", [])]  # an address, not a file
    sources = [tag.get("src") or tag.get("href") or "" for tag in tags]
    assert all(is_internal(source) or source.startswith("data:") for source in sources)
    written = " ".join(script.get_text() for script in parsed(file).find_all("script"))
    assert not re.search(r"https?://", written)


@every_page
def test_pictures_have_alternative_text(page):
    for picture in article(page).find_all("img"):
        text, name = picture.get("alt", "").strip(), Path(picture["src"]).name
        assert len(text) >= 15, f"{name}: {text!r} is no description"
        assert name not in text
        assert Path(name).stem not in text
        assert not re.match(r"<.*>|Figure\(|_images/|\.\./", text), f"{name}: {text!r}"


@every_page
def test_no_error_is_shown(page):
    text = article(page)
    assert not text.select(".stderr, .traceback, .output.error")
    assert not text.select(".problematic, .system-message")
    assert "Traceback (most recent call last)" not in text.get_text()


@every_page
def test_citations_are_resolved(page):
    assert "[?]" not in article(page).get_text()


def test_every_entry_of_the_bibliography_is_shown():
    keys = re.findall(r"^@\w+\{([^,]+),", (ROOT / "book/references.bib").read_text("utf-8"), re.M)
    shown = article("book/references").select("div.citation, dl.citation > dt, .citation-list > *")
    assert len(keys) == len(set(keys))
    assert len(shown) >= len(keys)


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("book/api/")])
def test_no_sentence_is_taken_for_a_type(page):
    # Napoleon reads "words: words" in a #: comment as a type and its description.
    assert "Type" not in {field.get_text().strip(": ") for field in article(page).find_all("dt")}


@every_chapter
def test_chapter_begins_with_what_is_in_it(page):
    assert "In this chapter" in boxes(page, folded=False)


@every_chapter
def test_chapter_tells_how_to_run_it(page):
    [box] = article(page).select(".run-chapter")
    download = box.find("a", download=True)
    assert (SITE / page).parent.joinpath(download["href"]).resolve().is_file()
    assert re.search(r"It ran in \d+ s when", box.get_text())
    assert "Time to run" not in article(page).get_text(), "the time is measured, not typed"


@every_chapter
def test_chapter_ends_with_summary_and_exercises(page):
    headings = titles(page, "h2", "h3")
    assert "Summary" in headings
    assert "Exercises" in headings


@every_chapter
def test_exercises_have_folded_solutions(page):
    solutions = [title for title in boxes(page, folded=True) if title.startswith("Solution")]
    assert 2 <= len(solutions) <= 4


@every_chapter
def test_chapter_leads_to_the_package(page):
    links = [link["href"] for link in article(page).find_all("a", href=True)]
    assert any("/book/api/" in link for link in links)


@every_chapter
def test_chapter_has_equations_and_pictures(page):
    assert article(page).select(".math")
    assert article(page).find_all("img")


@every_chapter
def test_numbers_are_those_that_the_notebook_has(page):
    """Labels come from the numbers in the text, see book/_ext/plain.py; numbers from Sphinx."""
    figures = article(page).select("figure[id^=fig-]")
    equations = article(page).select("div.math[id^=equation-eq-]")
    assert len(figures) == len(article(page).select("figcaption .caption-number")) >= 2
    assert len(equations) == len(article(page).select(".math .eqno")) >= 1
    for figure in figures:
        wanted = figure["id"].removeprefix("fig-").replace("-", ".")
        assert figure.select_one(".caption-number").get_text().strip() == f"Figure {wanted}"
    for equation in equations:
        wanted = equation["id"].removeprefix("equation-eq-").replace("-", ".")
        assert equation.select_one(".eqno").get_text().startswith(f"({wanted})")


@every_chapter
def test_plain_references_are_links(page):
    text = article(page)
    for figure in text.find_all(string=re.compile(r"\bFigure\s+\d+\.\d")):
        assert figure.find_parent(["a", "figcaption"]), f"no link: {figure}"
    for name in text.find_all("code", string=re.compile(r"^inpaintlib\.[\w.]+(\(\))?$")):
        assert name.find_parent("a"), f"{name.get_text()} has no page"
    assert not text.select("blockquote"), "a quotation that is no box"


@every_chapter
def test_chapter_has_no_sentence_that_is_for_notebooks_alone(page):
    words = " ".join(article(page).get_text().split())
    assert "a notebook cannot show it" not in words
    assert "%pip install" not in words, "the first cell is for readers of the notebook"


def test_claims_have_a_card_each_and_a_place_to_link_to():
    found = article("book/claims").select("article.claim")
    identifiers = [card["id"] for card in found]
    assert len(set(identifiers)) == len(identifiers) == len(claims.read().claims)


def test_claims_to_download_are_those_on_the_page():
    """Each number, its interval and its answer, as the page shows them."""
    content = json.loads((SITE / "book/claims.json").read_text(encoding="utf-8"))
    with (SITE / "book/claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    cards = article("book/claims").select("article.claim")
    assert [card["id"] for card in cards] == [claim["id"] for claim in content]
    assert [card["id"] for card in cards] == list(dict.fromkeys(row["id"] for row in rows))
    for card, claim in zip(cards, content, strict=True):
        assert card.select_one(".verdict").get_text() == claim["verdict"]
        on_page = [check.get_text(" ", strip=True) for check in card.select(".check-number")]
        answers = [check.get_text().split()[-1] for check in card.select(".check-answer")]
        for source in (claim["checks"], [r for r in rows if r["id"] == card["id"] and r["what"]]):
            told = [
                [claims.shown(float(check[name])) for name in ("value", "low", "high")]
                for check in source
            ]
            assert on_page == [f"{value} ({low} to {high})" for value, low, high in told]
            assert answers == [check["answer"] for check in source]


def test_first_page_counts_the_verdicts_as_the_claims_do():
    cards = article("book/claims").select("article.claim")
    counted = Counter(card.select_one(".verdict").get_text() for card in cards)
    for page in ("index", "book/claims"):
        links = article(page).select(".claims-summary li a")
        told = dict(reversed(link.get_text().split(" ", 1)) for link in links)
        assert {verdict: int(count) for verdict, count in told.items()} == counted
