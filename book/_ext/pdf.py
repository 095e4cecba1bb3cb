"""Prints the built book as one PDF: ``python book/_ext/pdf.py _build/html``.

Nothing is run again: the pages are put together as one page, which Chromium prints. It has a cover,
the contents with page numbers, the chapters, and the solutions and answers at the end. Live panels
become pictures with the address of their page. What can only be used online is left out: the
playground, the pages of the package, and the index.

Chromium (on Debian ``apt-get install chromium``) is driven by Playwright; it reaches no other host.
"""

from __future__ import annotations

import argparse
import base64
import functools
import http.server
import re
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from posixpath import dirname, normpath
from urllib.parse import urlsplit

import chapters
import yaml
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, TimeoutError, sync_playwright
from pypdf import PdfReader

ROOT = Path(__file__).parents[2]

#: The name of the file, beside the built pages.
FILE = "inpainting-with-a-classifier.pdf"

#: Pages that are of use online only.
ONLINE = re.compile(r"book/(playground|api/.*|changes)|genindex")

#: What has no function on paper.
UNUSED = (
    "script, .headerlink, .run-chapter, .copybtn, .explorer-controls, .explorer-status, input,"
    " .explorer-frame:not(.explorer-shown), details.hide.above-input, form, .claims-files,"
    " details.hide > summary"
)

FLAGS = [
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

STYLE = """
@page { size: A4; margin: 16mm 15mm 18mm; }
@page { @bottom-center { content: counter(page); font: 9pt sans-serif; } }
@page :first { @bottom-center { content: none; } }
html { font-size: 9pt; }
body { background: white; }
article.bd-article { display: block; max-width: none; padding: 0; overflow: visible; }
.cover, .paper-contents, .paper-chapter { break-after: page; }
.cover { display: flex; flex-direction: column; height: 250mm; justify-content: center; }
.cover h1 { font-size: 32pt; margin: 0 0 8mm; }
.cover img { width: 100%; margin: 12mm 0; }
.paper-contents h3 { margin: 4mm 0 1.5mm; }
.paper-contents p { margin: 0.8mm 0; display: flex; align-items: baseline; }
.paper-contents a { color: inherit; text-decoration: none; }
.paper-contents .dots { flex: 1; margin: 0 2mm; border-bottom: 1px dotted #888; }
.paper-chapter section { margin: 0; padding: 0; }
.paper-chapter section > :last-child { margin-bottom: 0; } /* else it can fill a page of its own */
.paper-panel { break-inside: avoid; }
.paper-panel img { max-width: 100%; max-height: 95mm; border: 1px solid #ccc; }
.paper-solution { break-inside: auto; margin-bottom: 4mm; }
a { overflow-wrap: anywhere; }
"""


@dataclass(frozen=True)
class Chapter:
    """A page of the book.

    Attributes:
        page: Its name, as in ``notebooks/03-energy``.
        title: Its title, with its number.
        part: The part of the book that begins with it, if one does.
    """

    page: str
    title: str
    part: str

    @property
    def anchor(self) -> str:
        """The name of its place in the PDF."""
        return place(self.page)


def place(page: str, fragment: str = "") -> str:
    """Return the name of a page's place, or of one on that page, in the PDF."""
    name = re.sub(r"\W", "-", page)
    return f"{name}--{fragment}" if fragment else name


def contents(site: Path) -> list[Chapter]:
    """Return the pages of ``_toc.yml`` to print, in order."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    named = [(toc["root"], "")]
    for part in toc["parts"]:
        pages = [entry["file"] for entry in part["chapters"] if not ONLINE.match(entry["file"])]
        named += [(page, part["caption"] if page == pages[0] else "") for page in pages]
    return [Chapter(page, title_of(article_of(site, page)), part) for page, part in named]


def article_of(site: Path, page: str) -> Tag:
    """Return the text of a built page.

    Raises:
        SystemExit: There is no such page.
    """
    file = site / f"{page}.html"
    if not file.is_file():
        raise SystemExit(f"{file}: there is no such page; run make book")
    found = BeautifulSoup(file.read_text(encoding="utf-8"), "html.parser").find("article")
    assert isinstance(found, Tag)
    return found


def title_of(article: Tag) -> str:
    """Return a page's title."""
    heading = article.find("h1")
    return heading.get_text().rstrip("#").strip() if heading else ""


def address(page: str) -> str:
    """Return a page's public address, or its name where that is not known."""
    known = chapters.repository()
    return f"{chapters.site(*known)}{page}.html" if known else f"{page}.html"


def linked(article: Tag, page: str, printed: set[str]) -> None:
    """Let links and pictures of a page work from the PDF's place."""
    folder = dirname(page)
    for tag in article.find_all(id=True):
        tag["id"] = place(page, str(tag["id"]))
    for tag in article.find_all(["img", "source"], src=True):
        if not str(tag["src"]).startswith("data:"):
            tag["src"] = normpath(f"{folder}/{tag['src']}")
            tag.attrs.pop("loading", None)
    for tag in article.find_all("a", href=True):
        parts = urlsplit(str(tag["href"]))
        if parts.scheme:
            continue
        target = normpath(f"{folder}/{parts.path}") if parts.path else f"{page}.html"
        name = target.removesuffix(".html")
        if name in printed:
            tag["href"] = f"#{place(name, parts.fragment)}"
        elif chapters.repository() and target.endswith(".html"):
            tag["href"] = address(name) + (f"#{parts.fragment}" if parts.fragment else "")
        else:
            tag.unwrap()


def take_solutions(article: Tag, chapter: Chapter) -> str:
    """Replace each folded solution by a link to the end of the book; return the solutions."""
    taken, told = [], Counter[str]()
    part = (re.match(r"\d+\.", chapter.title) or [""])[0]
    for number, box in enumerate(article.select("details.sd-dropdown, details.answers"), 1):
        summary = box.find("summary")
        title = summary.get_text().strip() if summary else ""
        if not title.startswith(("Solution", "Answer")):
            box["open"] = ""
            continue
        here, there = place(chapter.page, f"asked-{number}"), place(chapter.page, f"told-{number}")
        if summary:
            summary.decompose()
        told[title] += 1
        name = f"{title} {part}{told[title]}"  # as its question or exercise
        taken.append(
            f'<div class="paper-solution" id="{there}"><p><a href="#{here}"><strong>{name}</strong>'
            f"</a></p>{box.decode_contents()}</div>"
        )
        note = f'<p id="{here}"><a href="#{there}">{name}: at the end of the book.</a></p>'
        box.replace_with(BeautifulSoup(note, "html.parser"))
    if not taken:
        return ""
    return f"<h2>{escape(chapter.title)}</h2>{''.join(taken)}"


def put_panels(article: Tag, page: str, pictures: list[bytes]) -> None:
    """Replace the live panels of a page by their pictures."""
    for panel, picture in zip(article.find_all("inpaint-live"), pictures, strict=True):
        code = base64.b64encode(picture).decode()
        shown = (
            f'<div class="paper-panel"><img src="data:image/jpeg;base64,{code}" '
            f'alt="The panel after a run."><p>This panel can be used on the page '
            f"<code>{escape(address(page))}</code>.</p></div>"
        )
        panel.replace_with(BeautifulSoup(shown, "html.parser"))


def combined(site: Path, panels: dict[str, list[bytes]], pages: dict[str, int]) -> str:
    """Return the whole book as one page.

    Args:
        site: The folder of the built pages.
        panels: Pictures of the live panels, by page.
        pages: The number of the page on which each chapter begins, by its anchor.
    """
    found = contents(site)
    printed = {chapter.page for chapter in found}
    texts, solutions = [], []
    for chapter in found:
        article = article_of(site, chapter.page)
        put_panels(article, chapter.page, panels.get(chapter.page, []))
        for tag in article.select(UNUSED):
            tag.decompose()
        for box in article.select("details.hide"):
            box.unwrap()
        linked(article, chapter.page, printed)
        solutions.append(take_solutions(article, chapter))
        texts.append(
            f'<div class="paper-chapter" id="{chapter.anchor}">{article.decode_contents()}</div>'
        )
    last = Chapter("solutions", "Solutions and answers", "At the end")
    texts.append(f'<div id="{last.anchor}"><h1>{last.title}</h1>{"".join(solutions)}</div>')
    lines = []
    for chapter in [*found, last]:
        lines += [f"<h3>{escape(chapter.part)}</h3>"] if chapter.part else []
        lines.append(
            f'<p><a href="#{chapter.anchor}">{escape(chapter.title)}</a><span class="dots"></span>'
            f"<span>{pages.get(chapter.anchor, '')}</span></p>"
        )
    return (
        f"<!DOCTYPE html><html lang='en' data-theme='light' data-mode='light'><head>{head(site)}"
        f"<style>{STYLE}</style></head><body>"
        f'<article class="bd-article">{cover()}<div class="paper-contents"><h1>Contents</h1>'
        f"{''.join(lines)}</div>{''.join(texts)}</article></body></html>"
    )


def head(site: Path) -> str:
    """Return the styles of the pages and their script for formulas, as seen from the top folder."""
    page = BeautifulSoup(
        (site / "notebooks/01-introduction.html").read_text("utf-8"), "html.parser"
    )
    title = page.new_tag("title")
    title.string = settings()["title"]
    kept = [title, *page.select("head link[rel=stylesheet]")]
    kept += [s for s in page.find_all("script") if "mathjax" in str(s).lower()]
    return '<meta charset="utf-8">' + "".join(map(str, kept)).replace('"../', '"')


def settings() -> dict[str, str]:
    """Return the book's title and author, from ``_config.yml``."""
    read: dict[str, str] = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return read


def cover() -> str:
    """Return the first page."""
    known, picture = settings(), (ROOT / "book/images/readme.png").read_bytes()
    code = base64.b64encode(picture).decode()
    return (
        f'<div class="cover"><h1>{escape(known["title"])}</h1>'
        f"<p>{escape(known['author'])}</p>"
        f'<img src="data:image/png;base64,{code}" alt="Digits with holes, and the same filled.">'
        "<p>The book as one file. What moves on its pages, and the reference of its package, is "
        f"online: <code>{escape(address('book/preface'))}</code>.</p></div>"
    )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives its address, which ends with a slash."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def panel_pictures(browser: Browser, home: str, page: str, *, patience: float) -> list[bytes]:
    """Run each live panel of a page, and take a picture of it."""
    opened = browser.new_page(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", color_scheme="light"
    )
    opened.goto(f"{home}{page}.html", wait_until="load")
    pictures = []
    for panel in opened.locator("inpaint-live").all():
        panel.scroll_into_view_if_needed()
        handle = panel.element_handle()
        try:
            ready = "panel => panel.latest !== undefined"
            opened.wait_for_function(ready, arg=handle, timeout=patience)
            panel.get_by_role("button", name="Run", exact=True).click()
            opened.wait_for_function("panel => panel.stopped", arg=handle, timeout=patience)
        except TimeoutError:  # a picture of the start is better than no book
            print(f"{page}: the panel was not done after {patience / 1000:.0f} s")
        opened.emulate_media(media="print")  # with no controls, and so in half a page
        pictures.append(panel.screenshot(type="jpeg", quality=80))
        opened.emulate_media(media="screen")
    opened.close()
    return pictures


def print_page(browser: Browser, address: str, target: Path) -> dict[str, int]:
    """Print the page; return the numbers of the pages on which its places are."""
    opened = browser.new_page(color_scheme="light")
    opened.goto(address, wait_until="load", timeout=300_000)
    opened.evaluate("async () => { await window.MathJax?.startup?.promise; }")
    opened.evaluate("() => Promise.all([...document.images].map((image) => image.decode()))")
    opened.pdf(
        path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True
    )
    opened.close()
    reader = PdfReader(target)
    found = {}
    for name, target_place in reader.named_destinations.items():
        number = reader.get_destination_page_number(target_place)
        found[name.lstrip("/")] = (number or 0) + 1
    return found


def build(site: Path, target: Path, *, patience: float = 60_000) -> None:
    """Print the book.

    Args:
        site: The folder of the built pages.
        target: The file to write.
        patience: How long to wait for a live panel, in milliseconds.

    Raises:
        SystemExit: There is no Chromium, or a page is missing.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        raise SystemExit("pdf: Chromium is needed; on Debian: apt-get install chromium")
    whole = site / "_whole.html"
    with served(site) as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        live = [
            chapter.page
            for chapter in contents(site)
            if "<inpaint-live" in (site / f"{chapter.page}.html").read_text(encoding="utf-8")
        ]
        panels = {page: panel_pictures(browser, home, page, patience=patience) for page in live}
        pages: dict[str, int] = {}
        try:
            for _ in range(2):  # the second time with the numbers of the pages
                whole.write_text(combined(site, panels, pages), encoding="utf-8")
                pages = print_page(browser, f"{home}{whole.name}", target)
        finally:
            whole.unlink(missing_ok=True)
            browser.close()


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, help="the folder of the built pages")
    site = parser.parse_args().site.resolve()
    build(site, site / FILE)
    print(f"{FILE}: {len(PdfReader(site / FILE).pages)} pages")


if __name__ == "__main__":
    main()
