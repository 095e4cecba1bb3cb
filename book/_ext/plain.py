r"""Converts the plain Markdown of the notebooks to MyST for the book's pages.

A Sphinx extension. Notebooks are read in JupyterLab, in VS Code, on GitHub and in Colab, which
support Markdown, ``<details>`` and formulas, but not MyST. So a notebook has only forms that all of
them show well; when the book is built, each is converted to a form that Sphinx numbers, links and
folds. The file itself, and so the copy that readers download, is not changed.

====================================================  ========================================
in a notebook                                         on the page
====================================================  ========================================
``**Figure 3.1.** Caption`` below a code cell         the caption of its picture, ``fig-3-1``
``Figure 3.1``                                        a link to that figure
``\tag{3.2}`` at the end of ``$$ … $$``               the equation's number, ``eq-3-2``
``(3.2)``                                             a link to that equation
``[holes](../book/notation.md#term-hole)``            a term of the glossary
``([LeCun et al., 1998](https://doi.org/…))``         a citation; with ``;`` between, several
``[LeCun et al. (1998)](https://doi.org/…)``          a citation within the sentence
```inpaintlib.recipes.inpaint```                      a link to the API page
``> **Title**`` above a quotation                     a box of that title
``<details><summary>Title</summary>``                 a box that unfolds
``**Exercise 3.1.**`` at the beginning of a line      its place, ``ex-3-1``
``exercise 3.1``                                      a link to it
``**Question 3.1.** …``, answers, ``<details>``       a question that checks itself
``{"book": {"index": ["energy"]}}``, cell metadata    entries of the index
``{"book": {"live": {"recipe": …}}}``, and PANEL      a panel, where the paragraph PANEL stands
``{"book": {"method": "energy"}}``, cell metadata     the schematic of the method, below the heading
====================================================  ========================================

Other links, as ``[The energy](03-energy.ipynb)``, MyST resolves itself. What cannot be resolved
stops the build.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pybtex.database import Entry, parse_file
from pybtex.richtext import Text
from sphinx.errors import ExtensionError

#: The words of the sentence below that link to the page in copies with its address.
PAGE = "this chapter's page in the book"
PANEL_BEGINS = f"*The panel is on {PAGE}"

#: The sentence of a notebook in the place of a panel. The page has the panel instead.
PANEL = (
    f"{PANEL_BEGINS}; a notebook cannot show it. Here, the sliders "
    "above compute instead. [The playground](../book/playground.md) is the same panel with all its "
    "controls.*"
)

#: Where the references are listed, as seen from a notebook.
REFERENCES = "../book/references.md"

#: These boxes have a colour of their own; their title says which.
CLASSES = ("Important", "Note", "Tip", "Warning")

TERM = "../book/notation.md#term-"

LINK = r"\[([^\[\]]+)\]\(([^()\s]+)\)"
CITATIONS = re.compile(rf"\({LINK}(?:;\s+{LINK})*\)")
CAPTION = re.compile(r"\*\*Figure (\d+\.\d+)\.\*\*\s+((?:.+\n?)+)\n*")
EQUATION = re.compile(r"\$\$\n((?:(?!\$\$).)+?)\s*\\tag\{([^{}]*)\}\s*\$\$", re.S)
BOX = re.compile(r"^> \*\*(.+)\*\*\n((?:>.*\n?)*)", re.M)
UNFOLDS = re.compile(r"^<details><summary>(.+)</summary>\n(?=\n)", re.M)
UNFOLDS_END = re.compile(r"(?<=\n\n)</details>$", re.M)
EXERCISE = re.compile(r"^\*\*Exercise (\d+\.\d+)\.\*\*", re.M)
QUESTION = re.compile(
    r"^\*\*Question (\d+\.\d+)\.\*\*\s+((?:.+\n)+)\n((?:- .+\n(?:  .+\n)*)+)\n"
    r"<details><summary>Answers</summary>\n\n((?:- .+\n(?:  .+\n)*)+)\n</details>$",
    re.M,
)

FENCE = r"^(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=fence)[ \t]*$"
SPAN = r"(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)"
FORMULA = r"\$\$.+?\$\$|\$(?:[^$\n]|\n(?!\n))+\$"
CODE_BLOCK = re.compile(FENCE, re.M | re.S)
NO_WORDS = re.compile(f"{FENCE}|{FORMULA}|{SPAN}", re.M | re.S)


class PlainError(ValueError):
    """Something in a notebook that the book cannot resolve."""


class Numbers:
    """Checks that numbers written by hand in a chapter are 1, 2, 3 …, like those of Sphinx."""

    def __init__(self, chapter: int) -> None:
        self._chapter = chapter
        self._count: dict[str, int] = {}

    def take(self, kind: str, number: str) -> str:
        """Return the label of the next ``kind``, if ``number`` is the expected one."""
        self._count[kind] = self._count.get(kind, 0) + 1
        wanted = f"{self._chapter}.{self._count[kind]}"
        if number != wanted:
            raise PlainError(f"{kind}: got number {number}, wanted {wanted}, which is next")
        return label(kind, number)


def label(kind: str, number: str) -> str:
    """Return Sphinx's label of the figure (``fig``) or equation (``eq``) with a number."""
    return f"{kind}-{number.replace('.', '-')}"


# Citations


def address(entry: Entry) -> str:
    """Return the link of an entry of the bibliography: its DOI, address, preprint, or the list."""
    fields = entry.fields
    if "doi" in fields:
        return f"https://doi.org/{quote(fields['doi'])}"
    if "url" in fields:
        return str(fields["url"])
    return f"https://arxiv.org/abs/{fields['eprint']}" if "eprint" in fields else REFERENCES


def authors(entry: Entry) -> str:
    """Return the names for the citation of an entry: one, two, or the first *et al.*"""
    people = entry.persons["author"]
    names = [
        str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names])))
        for person in people
    ]
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


@cache
def citations(bibliography: Path) -> Mapping[tuple[str, str], tuple[str, str]]:
    """Return role and key of every citation, by the address and the text of its link."""
    cited = {}
    for key, entry in parse_file(str(bibliography), "bibtex").entries.items():
        year = entry.fields.get("year")
        outside = f"{authors(entry)}, {year}" if year else authors(entry)
        inside = f"{authors(entry)} ({year})"
        cited[address(entry), outside] = ("cite:p", key)
        if year:
            cited[address(entry), inside] = ("cite:t", key)
    return cited


# Words


def outside(pattern: re.Pattern[str], change: Callable[[str], str], source: str) -> str:
    """Apply a change to the text that the pattern does not match."""
    parts, end = [], 0
    for match in pattern.finditer(source):
        parts += [change(source[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*parts, change(source[end:])])


def words(source: str, cited: Mapping[tuple[str, str], tuple[str, str]]) -> str:
    """Turn references in running text, outside code and formulas, into roles."""
    known = {target for target, _ in cited} - {REFERENCES}

    def one(text: str, target: str) -> str | None:
        text = " ".join(text.split())
        if target.startswith(TERM):
            return f"{{term}}`{text} <{target.removeprefix(TERM).replace('-', ' ')}>`"
        if (target, text) in cited:
            role, key = cited[target, text]
            return f"{{{role}}}`{key}`"
        if target in known:
            wanted = " or ".join(repr(name) for place, name in cited if place == target)
            raise PlainError(f"link to {target}: got the text {text!r}, wanted {wanted}")
        return None

    def several(match: re.Match[str]) -> str:
        links = [(" ".join(text.split()), target) for text, target in re.findall(LINK, match[0])]
        if any(cited.get((target, text), ("",))[0] != "cite:p" for text, target in links):
            return match[0]
        return f"{{cite:p}}`{','.join(cited[target, text][1] for text, target in links)}`"

    def change(text: str) -> str:
        text = CITATIONS.sub(several, text)
        text = re.sub(LINK, lambda match: one(match[1], match[2]) or match[0], text)
        text = re.sub(
            r"\bFigure\s+(\d+\.\d+)\b", lambda m: f"{{numref}}`{label('fig', m[1])}`", text
        )
        text = re.sub(
            r"(?<!\*)\b([Ee]xercise)\s+(\d+\.\d+)\b",
            lambda m: f"{{ref}}`{m[1]} {m[2]} <{label('ex', m[2])}>`",
            text,
        )
        return re.sub(r"\((\d+\.\d+)\)", lambda m: f"{{eq}}`{label('eq', m[1])}`", text)

    return outside(NO_WORDS, change, source)


def api(source: str) -> str:
    """Turn the full names of the package's functions, classes and modules into links."""

    def change(match: re.Match[str]) -> str:
        name = re.fullmatch(r"`(inpaintlib(?:\.\w+)+)`", match[0])
        return documented(name[1]) if name else match[0]

    return NO_WORDS.sub(change, source)


def documented(name: str) -> str:
    """Return the role that links a name of the package to its documentation."""
    try:
        thing = pkgutil.resolve_name(name)
    except (ImportError, AttributeError) as error:
        raise PlainError(f"`{name}`: there is no such name in the package") from error
    if inspect.ismodule(thing):
        return f"{{py:mod}}`{name}`"
    if not callable(thing):
        return f"{{py:obj}}`{name}`"
    kind, call = ("py:class", "") if inspect.isclass(thing) else ("py:func", "()")
    home = f"{thing.__module__}.{thing.__qualname__}"
    return f"{{{kind}}}`{name}`" if home == name else f"{{{kind}}}`{name}{call} <{home}>`"


# Blocks


def box(match: re.Match[str]) -> str:
    """Turn a quotation with a title into a box."""
    title = match[1]
    text = re.sub(r"^> ?", "", match[2], flags=re.M).strip("\n")
    kind = f"{{{title.lower()}}}" if title in CLASSES else f"{{admonition}} {title}"
    return f":::{kind}\n{text}\n:::\n"


def blocks(source: str) -> str:
    """Turn quotations with a title, and details, into directives."""

    def change(text: str) -> str:
        text = UNFOLDS_END.sub(":::", UNFOLDS.sub(r":::{dropdown} \1\n", BOX.sub(box, text)))
        if re.search(r"</?details|</?summary", text):
            raise PlainError(
                "details: wanted '<details><summary>Title</summary>' and '</details>' on lines of "
                "their own, with an empty line after the one and before the other"
            )
        return text

    return outside(CODE_BLOCK, change, source)


def equations(source: str, numbers: Numbers) -> str:
    """Turn tags into labels."""

    def change(match: re.Match[str]) -> str:
        return f"$$\n{match[1]}\n$$ ({numbers.take('eq', match[2])})"

    source = outside(CODE_BLOCK, lambda text: EQUATION.sub(change, text), source)
    if "\\tag{" in source:
        raise PlainError("tag: wanted it at the end of a formula between two lines of $$")
    return source


def exercises(source: str, numbers: Numbers) -> str:
    """Give exercises a place to link to, and turn questions into directives."""

    def place(match: re.Match[str]) -> str:
        return f"({numbers.take('ex', match[1])})=\n{match[0]}"

    def ask(match: re.Match[str]) -> str:
        numbers.take("question", match[1])
        return f":::{{question}} {match[1]}\n{match[2]}\n{match[3]}{match[4]}:::"

    source = EXERCISE.sub(place, QUESTION.sub(ask, source))
    if "**Question" in source:
        raise PlainError(
            "question: wanted a paragraph, a list of answers, and the reasons of each in a list "
            "between '<details><summary>Answers</summary>' and '</details>'"
        )
    return source


def directive(name: str, argument: str = "", options: Mapping[str, Any] | None = None) -> str:
    """Return a directive without content. Options that are not text are given as in JSON."""
    lines = [f"```{{{name}}} {argument}".rstrip()]
    for key, value in (options or {}).items():
        if isinstance(value, list):
            value = " ".join(map(str, value))
        elif isinstance(value, dict):
            value = json.dumps(value)
        lines.append(f":{key}: {value}")
    return "\n".join([*lines, "```"])


def headed(source: str, entries: list[str], method: str | None) -> str:
    """Put the index's entries and the schematic below the cell's heading, or before its text."""
    added = [] if method is None else [directive("schematic", method)]
    added += [directive("index", entry) for entry in entries]  # their place is what follows
    inserted = "".join(f"{each}\n\n" for each in added)
    heading = re.match(r"#+ .*\n+|#+ .*$", source)
    end = heading.end() if heading else 0
    return f"{source[:end]}\n\n{inserted}{source[end:]}" if added else source


def paneled(source: str, options: Mapping[str, Any] | None) -> str:
    """Put the panel in the place of the sentence about it."""
    count = source.split("\n\n").count(PANEL)
    if count != (options is not None):
        raise PlainError(
            f"live: got {'options' if options is not None else 'no options'} in the metadata and "
            f"{count} paragraphs about the panel, wanted one for one: {PANEL}"
        )
    return source.replace(PANEL, directive("live", options=options))


# Notebooks


def take_caption(source: str) -> tuple[str, str, str] | None:
    """Return the number and the text of a cell's caption, and the rest of the cell."""
    match = CAPTION.match(source)
    return (match[1], match[2].strip(), source[match.end() :]) if match else None


def convert(
    notebook: dict[str, Any], chapter: int, cited: Mapping[tuple[str, str], tuple[str, str]]
) -> None:
    """Turn the text of a notebook into MyST, in place. No cell comes or goes.

    Args:
        notebook: As in its file, of format 4.
        chapter: Its number.
        cited: What :func:`citations` returns.

    Raises:
        PlainError: A form is not complete, or refers to nothing. It names the cell.
    """
    numbers = Numbers(chapter)
    for before, cell in pairwise([{}, *notebook["cells"]]):
        if cell["cell_type"] != "markdown":
            continue
        try:
            source = "".join(cell["source"])
            found = take_caption(source)
            if found:
                number, caption, source = found
                if before.get("cell_type") != "code":
                    raise PlainError(f"Figure {number}: wanted a code cell before its caption")
                caption = api(words(" ".join(caption.split()), cited))
                figure = {"name": numbers.take("fig", number), "caption": caption}
                before["metadata"].setdefault("mystnb", {})["figure"] = figure
            if re.search(r"^\*\*Figure \d", source, re.M):
                raise PlainError("caption: wanted it as the first paragraph of a cell")
            source = equations(blocks(exercises(source, numbers)), numbers)
            extra = cell["metadata"].get("book", {})
            source = paneled(source, extra.get("live"))
            source = words(api(source), cited)
            cell["source"] = headed(source, extra.get("index", []), extra.get("method"))
        except PlainError as error:
            raise PlainError(f"cell {cell.get('id')}: {error}") from error


def read(app: Any, docname: str, source: list[str]) -> None:
    """Called by Sphinx with the text of a file, before it is parsed."""
    path = Path(app.env.doc2path(docname))
    if path.suffix != ".ipynb":
        return
    number = re.match(r"\d+", path.name)
    notebook = json.loads(source[0])
    [bibliography] = app.config.bibtex_bibfiles
    try:
        if not number:
            raise PlainError("wanted a name that begins with the chapter's number")
        convert(notebook, int(number[0]), citations(Path(app.srcdir) / bibliography))
    except PlainError as error:
        raise ExtensionError(f"{path.name}: {error}") from error
    source[0] = json.dumps(notebook)


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("source-read", read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
