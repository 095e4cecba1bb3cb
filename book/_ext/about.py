"""What each page says about the book: version, date, address, description, and the site's map.

A Sphinx extension. The version is that of ``pyproject.toml``. The date is that of the build, or of
SOURCE_DATE_EPOCH, so that a build can be repeated. The public address is known where the
repository's is (:mod:`chapters`), or from INPAINTLIB_SITE. With it each page names its canonical
address, and ``sitemap.xml`` lists the pages. With INPAINTLIB_RELEASE=1 a build without it fails.
"""

from __future__ import annotations

import os
import re
import tomllib
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import chapters
import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.docutils import SphinxDirective
from sphinx.util.i18n import format_date
from sphinx.util.typing import ExtensionMetadata

ROOT = Path(__file__).parents[2]

#: The page whose list of chapters also describes each of them to search engines and messengers.
FIRST = "index"

#: The picture of links to the book, in ``_static``.
CARD = "_static/card.png"
CARD_ALT = "A handwritten 4 without its upper half, and the same half filled as a 4 and as a 9."

_ENTRY = re.compile(r"^\* - .*\{doc\}`/?([\w/-]+)`\n  - .*\n  - (.+)$", re.M)


@cache
def version() -> str:
    """Return the version of the package, which is that of the book."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def public_address() -> str | None:
    """Return the book's address, which ends with a slash, or ``None`` where it is not known.

    Raises:
        SystemExit: INPAINTLIB_SITE is no such address, or a release has none.
    """
    given = os.environ.get("INPAINTLIB_SITE")
    if given:
        if not re.fullmatch(r"https://[\w.-]+(/[\w./-]*)?", given):
            raise SystemExit(f"INPAINTLIB_SITE: got {given!r}, wanted https://HOST/FOLDER/")
        return given.rstrip("/") + "/"
    known = chapters.repository()
    if known:
        return chapters.site(*known)
    if os.environ.get("INPAINTLIB_RELEASE") == "1":
        raise SystemExit(
            "INPAINTLIB_RELEASE=1: a release needs the book's public address; set "
            "INPAINTLIB_REPOSITORY=https://github.com/OWNER/NAME or INPAINTLIB_SITE=https://…/"
        )
    return None


@cache
def descriptions() -> dict[str, str]:
    """Return what each chapter is about, by its page, as the first page says it."""
    text = (ROOT / f"{FIRST}.md").read_text(encoding="utf-8")
    return dict(_ENTRY.findall(text))


def describe(page: str, title: str, book: str) -> str:
    """Return the description of a page, in a sentence without markup."""
    words = descriptions().get(page)
    if page == FIRST:
        return (
            f"{book}: watch a network that classifies pictures fill a hole in one. "
            "A book that runs, with its code, about one paper."
        )
    return f"{title}: {words}." if words else f"{title}. From the book {book}."


def built() -> str:
    """Return the date of the build, as in ``2026-11-29``."""
    return format_date("%Y-%m-%d", language="en")


def configure(app: Sphinx, config: Config) -> None:
    """Give the address to Sphinx and to sphinxext-opengraph, and the title to the logo.

    Jupyter Book loses its own theme options where _config.yml has any.
    """
    config["html_theme_options"] = {
        **config["html_theme_options"],
        "logo": {"text": config["html_title"]},
    }
    address = public_address()
    if address:
        config["html_baseurl"] = config["ogp_site_url"] = address
        config["ogp_image"] = address + CARD
    config["ogp_image_alt"] = CARD_ALT


def add_to_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Put version and date into the footer of a page, and its description into its head."""
    cite = escape(context["pathto"]("book/cite"))
    context["theme_extra_footer"] = (
        f"{context.get('theme_extra_footer') or ''} "
        f'<a href="{cite}">Version {version()}, built on {built()}: how to cite it</a>.'
    )
    if pagename == FIRST:
        context["docstitle"] = ""  # its title is the book's
    if doctree:
        title = re.sub(r"<[^>]+>", "", context.get("title") or "")
        words = describe(pagename, title, str(app.config.html_title))
        context["metatags"] += f'<meta name="description" content="{escape(words)}" />\n'
        context["meta"] = {**(context["meta"] or {}), "og:description": escape(words)}


def write_sitemap(app: Sphinx, error: Exception | None) -> None:
    """Write ``sitemap.xml`` and name it in ``robots.txt``, where the address is known."""
    address = app.config.html_baseurl
    if error or app.builder.format != "html" or not address:
        return
    pages = "".join(
        f"<url><loc>{escape(address + app.builder.get_target_uri(page))}</loc></url>\n"
        for page in sorted(app.env.found_docs)
    )
    folder = Path(app.outdir)
    (folder / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{pages}</urlset>\n',
        encoding="utf-8",
    )
    (folder / "robots.txt").write_text(f"Sitemap: {address}sitemap.xml\n", encoding="utf-8")


def bibtex(kind: str) -> str:
    """Return an entry of CITATION.cff as BibTeX.

    Args:
        kind: ``"book"``, or ``"paper"`` for the reproduced one.
    """
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    if kind == "paper":
        [entry] = cff["references"]
        people = " and ".join(f"{a['family-names']}, {a['given-names']}" for a in entry["authors"])
        lines = {
            "title": f"{{{entry['title']}}}",
            "author": people,
            "institution": entry["institution"]["name"],
            "note": entry["notes"],
        }
        return _entry("unpublished", "kerzhner2018inpainting", lines)
    lines = {
        "title": f"{{{cff['title']}}}",
        "author": " and ".join(f"{{{author['name']}}}" for author in cff["authors"]),
        "year": built()[:4],
        "version": str(cff["version"]),
    }
    address = public_address()
    return _entry("software", "inpaintlib", lines | ({"url": address} if address else {}))


def _entry(kind: str, key: str, lines: dict[str, str]) -> str:
    body = "".join(f"  {name} = {{{value}}},\n" for name, value in lines.items())
    return f"@{kind}{{{key},\n{body}}}"


class Citation(SphinxDirective):
    """The directive ``citation``: a block to copy, of BibTeX or the file CITATION.cff."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the block."""
        [kind] = self.arguments
        path = ROOT / "CITATION.cff"
        self.env.note_dependency(str(path))
        text = path.read_text(encoding="utf-8") if kind == "cff" else bibtex(kind)
        return [nodes.literal_block(text, text, language="yaml" if kind == "cff" else "bibtex")]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    public_address()  # a release without it ends here
    app.setup_extension("sphinxext.opengraph")
    app.add_directive("citation", Citation)
    app.connect("config-inited", configure)
    app.connect("html-page-context", add_to_page, priority=400)  # before sphinxext-opengraph
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
