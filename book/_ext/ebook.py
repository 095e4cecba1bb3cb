"""What the book needs to become an EPUB that every reader opens, without anything being run again.

A Sphinx extension; ``make epub`` uses the text that the build of the pages has left. An EPUB is
strict XML without scripts: formulas become MathML, each explorer shows its first picture, a live
panel becomes its still picture and a sentence, and other HTML is made well-formed. Its metadata
say who can read it.
"""

from __future__ import annotations

import io
import re
import shutil
import uuid
from html import escape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import about
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from matplotlib.figure import Figure
from PIL import Image
from sphinx.application import Sphinx
from sphinx.builders.epub3 import Epub3Builder
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

#: The name of the file.
FILE = "inpainting-with-a-classifier"

COVER = "_static/cover.png"
PICTURE = Path(__file__).parents[1] / "images" / "readme.png"

#: The functions of other extensions that write files which only the pages load.
PAGES_ONLY = ("write_panel", "copy_mathjax", "write_404", "write_notebooks", "write")

#: TeX that docutils does not know, and what it knows.
SPELLED = {"\\big": "", "\\Big": "", "\\dots": "\\ldots", "°": "^\\circ "}
UNKNOWN = re.compile(r"\\(?:big|Big|dots)(?![a-zA-Z])|°")

#: A page in the list of an EPUB's files, as far as its kind; and its place.
ITEM = re.compile(r'<item id="epub-\d+" href="([^"]+\.xhtml)" media-type="[^"]+"')

SVG = "http://www.w3.org/2000/svg"

#: For whom the book is, in the words of schema.org that readers and shops look for. Tests hold each
#: to the book's text. There is no sound, nothing moves, and nothing is claimed of WCAG, which
#: nobody has judged this file by.
ACCESS = [
    ("accessMode", "textual"),
    ("accessMode", "visual"),
    ("accessModeSufficient", "textual"),
    ("accessModeSufficient", "textual,visual"),
    ("accessibilityFeature", "alternativeText"),
    ("accessibilityFeature", "index"),
    ("accessibilityFeature", "MathML"),
    ("accessibilityFeature", "readingOrder"),
    ("accessibilityFeature", "structuralNavigation"),
    ("accessibilityFeature", "tableOfContents"),
    ("accessibilityFeature", "unlocked"),
    ("accessibilityHazard", "none"),
    (
        "accessibilitySummary",
        "Every picture has an alternative text, most with the values it shows. Formulas are "
        "MathML, and no level of headings is left out. Where a page in the book has "
        "sliders, this file has their first picture alone, and where it has a panel that runs, "
        "one picture of it. The file has not been judged by WCAG.",
    ),
]

#: The picture of a live panel, see book/live/still.py.
STILL = re.compile(r'<img class="live-still"[^>]*/>')

#: Pieces of HTML that mean nothing without a script, by how they begin.
SCRIPTED = re.compile(
    r'<(script|div class="explorer"|p class="explorer-status"|section class="run-)'
)


class Ebook(Epub3Builder):
    """Sphinx's EPUB 3, with the metadata that its own template has no place for."""

    def build_content(self) -> None:
        """Write the list of the files, and say who can read them and what is in them."""
        super().build_content()
        path = Path(self.outdir) / "content.opf"
        lines = "".join(
            f'  <meta property="schema:{name}">{escape(value)}</meta>\n' for name, value in ACCESS
        )
        text = path.read_text(encoding="utf-8").replace("</metadata>", f"{lines}  </metadata>", 1)
        path.write_text(ITEM.sub(self.declare, text), encoding="utf-8")

    def declare(self, item: re.Match[str]) -> str:
        """Name what a page has that not every reading system draws, as EPUB 3 asks."""
        page = (Path(self.outdir) / item[1]).read_text(encoding="utf-8")
        has = [name for name, tag in (("mathml", "<math"), ("svg", "<svg")) if tag in page]
        return f'{item[0]} properties="{" ".join(has)}"' if has else item[0]


def describe(app: Sphinx, config: Config) -> None:
    """Set the book's name, what it is about, its file and its cover."""
    config.epub_title = config.epub_basename = config.html_title
    config.epub_basename = FILE
    config.epub_author = config.epub_publisher = config.epub_contributor = config.author
    config.epub_description = about.describe(about.FIRST, "", config.html_title)
    named = about.public_address() or config.html_title
    config.epub_identifier = uuid.uuid5(uuid.NAMESPACE_URL, named).urn
    config.epub_uid, config.epub_scheme = "book", "UUID"
    config.epub_cover = (COVER, "")
    config.epub_show_urls = "no"
    config.epub_exclude_files = ["404.html", "index.html"]
    config.version = config.version or "1"


def begin(app: Sphinx) -> None:
    """Leave out what only pages need, and draw the cover."""
    if app.builder.name != "epub":
        return
    for listeners in app.events.listeners.values():
        listeners[:] = [
            kept for kept in listeners if getattr(kept.handler, "__name__", "") not in PAGES_ONLY
        ]
    app.config.html_static_path, app.config.html_js_files = [], []
    target = Path(app.outdir) / COVER
    for panel in [*target.parent.glob("live-*"), target.parent / "inpainting-playground.html"]:
        shutil.rmtree(panel) if panel.is_dir() else panel.unlink(missing_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(cover(app.config.html_title, app.config.author))


def cover(title: str, author: str) -> bytes:
    """Return a cover with the book's first picture, as PNG."""
    figure = Figure(figsize=(6, 8), dpi=200)
    figure.text(0.5, 0.86, title.replace(" with ", "\nwith "), ha="center", va="center", size=26)
    figure.text(0.5, 0.1, author, ha="center", size=13)
    axes = figure.add_axes((0.06, 0.2, 0.88, 0.5))
    axes.imshow(Image.open(PICTURE))
    axes.set_axis_off()
    encoded = io.BytesIO()
    figure.savefig(encoded, format="png")
    return encoded.getvalue()


def convert(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Replace what an EPUB cannot have."""
    if app.builder.name != "epub":
        return
    for picture in list(doctree.findall(nodes.image)):
        if "explorer-frame" in picture["classes"] and "explorer-shown" not in picture["classes"]:
            picture.parent.remove(picture)
        picture.attributes.pop("loading", None)
    for formula in list(doctree.findall(is_formula)):
        formula.replace_self(mathml(formula))
    for raw in list(doctree.findall(nodes.raw)):
        if "html" in raw.get("format", ""):
            replace(raw)


def is_formula(node: nodes.Node) -> bool:
    """Whether a node is a formula, in a line or of its own."""
    return isinstance(node, nodes.math | nodes.math_block)


def mathml(formula: Any) -> nodes.raw:
    """Return a formula as MathML, with its number."""
    block = isinstance(formula, nodes.math_block)
    tex = formula.astext()
    tex = UNKNOWN.sub(lambda found: SPELLED[found[0]], tex)
    code = tex2mathml(tex, as_block=block)
    if block:
        number = f" ({formula['number']})" if formula.get("number") else ""
        name = f' id="{formula["ids"][0]}"' if formula["ids"] else ""
        code = f"<div{name}>{code}{number}</div>"
    return nodes.raw("", code, format="html")


def replace(raw: nodes.raw) -> None:
    """Make a piece of HTML well-formed, or take it out."""
    text = raw.astext().strip()
    # In XML a drawing is one by its name space alone.
    drawn = re.sub(r"<svg(?![^>]*xmlns=)", f'<svg xmlns="{SVG}"', text)
    if text.startswith("<inpaint-live"):
        words = (
            "The hole, the start and the result. "
            "Here the page in the book has a panel in which the descent runs."
        )
        picture = STILL.search(text)
        still = [nodes.raw("", f"<p>{picture[0]}</p>", format="html")] if picture else []
        raw.replace_self([*still, nodes.paragraph("", "", nodes.emphasis("", words))])
    elif SCRIPTED.match(text):
        raw.parent.remove(raw)
    elif not well_formed(text):
        soup = BeautifulSoup(drawn, "html.parser")
        for tag in soup.find_all(["form", "script"]):
            tag.decompose()
        code = re.sub(r"\bviewbox=", "viewBox=", soup.decode(formatter="minimal"))
        raw.replace_self(nodes.raw("", code, format="html"))
    elif drawn != text:
        raw.replace_self(nodes.raw("", drawn, format="html"))


def well_formed(text: str) -> bool:
    """Whether a piece of HTML is XML, too."""
    try:
        ElementTree.fromstring(f"<x>{text}</x>")
    except ElementTree.ParseError:
        return False
    return True


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_builder(Ebook, override=True)
    app.connect("config-inited", describe)
    # Both after the other extensions, which write files and put nodes in.
    app.connect("builder-inited", begin, priority=900)
    app.connect("doctree-resolved", convert, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
