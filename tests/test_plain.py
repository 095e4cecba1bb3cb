"""Notebooks read well without the book: no MyST in them, and every reference leads somewhere.

What the build makes of their plain Markdown is tested here form by form; what comes of it on the
pages, in test_book.py.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup
from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent

plain = pytest.importorskip("plain", reason="needs Sphinx, which comes with jupyter-book")
chapters = pytest.importorskip("chapters")

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CITED = plain.citations(ROOT / "book" / "references.bib")
MARKDOWN = MarkdownIt("commonmark").enable("table")

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


def texts(path: Path) -> list[str]:
    """The Markdown of each cell that has some."""
    cells = read(path)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def prose(path: Path) -> str:
    """A notebook's running text, without code and formulas."""
    return "\n\n".join(plain.NO_WORDS.sub("", text) for text in texts(path))


def rendered(path: Path) -> BeautifulSoup:
    """The text as a reader of Markdown shows it who knows nothing of MyST."""
    return BeautifulSoup("".join(map(MARKDOWN.render, texts(path))), "html.parser")


def title(path: Path) -> str:
    text = texts(path)[0] if path.suffix == ".ipynb" else path.read_text("utf-8")
    found = re.search(r"^# (.+)$", text, re.M)
    assert found, f"{path.name} has no title"
    return found[1]


# What a reader sees outside the book


@every_notebook
def test_no_myst_is_left(path):
    words = prose(path)
    for what, sign in {
        "a role or directive": r"\{[\w:+-]+\}",
        "a colon fence": r":::",
        "a label": r"^\([\w-]+\)=|\$\$ *\(",
        "a comment": r"^% ",
    }.items():
        found = re.search(sign, words, re.M)
        assert not found, f"{what}: {words[found.start() - 40 : found.end() + 40]}"
    blocks = "\n".join(texts(path))
    assert not re.search(r"^`{3,}\{", blocks, re.M)
    assert not re.search(r"\\label\{", blocks), "KaTeX, in VS Code, does not know it"
    for cell in read(path)["cells"]:
        assert "mystnb" not in cell["metadata"], "captions are text: see book/_ext/plain.py"


@every_notebook
def test_solutions_are_folded_and_their_text_is_rendered(path):
    page = rendered(path)
    words = "\n".join(texts(path))
    exercises = re.findall(r"^\*\*Exercise \d+\.\d+\.\*\*", words, re.M)
    questions = re.findall(r"^\*\*Question \d+\.\d+\.\*\*", words, re.M)
    folded = page.select("details")
    titles = [box.find("summary").get_text() for box in folded]
    assert titles.count("Solution") == len(exercises) >= 2
    assert titles.count("Answers") == len(questions) == 3
    assert len(titles) == len(exercises) + len(questions)
    for solution in folded:
        if solution.find("summary").get_text() == "Answers":
            continue
        assert solution.find_all(["p", "pre"], recursive=False)
        assert "```" not in solution.get_text(), "needs empty lines around its code"


@every_notebook
def test_the_box_at_the_head_is_a_quotation(path):
    [box, *_] = rendered(path).select("blockquote")
    assert box.find("p").decode_contents() == "<strong>In this chapter</strong>"
    assert len(box.select("li")) >= 3


@every_notebook
def test_links_lead_somewhere_and_say_where(path):
    glossary = (ROOT / "book/notation.md").read_text("utf-8").split(":::")[1]
    terms = re.findall(r"^(\w[\w ]*)$", glossary.partition("\n")[2], re.M)
    anchors = {f"{plain.TERM}{term.replace(' ', '-')}" for term in terms}
    for text, target in re.findall(plain.LINK, prose(path)):
        if target.startswith("https://"):
            continue
        if "#" in target:
            assert target in anchors, f"{target} is no term of the glossary"
            continue
        page = (FOLDER / target).resolve()
        assert page.is_file(), f"{target}: no such file"
        if target != plain.REFERENCES:
            assert " ".join(text.split()) == title(page), f"{target} has another title"


def numbered(sign: str) -> set[str]:
    return {
        number for path in NOTEBOOKS for number in re.findall(sign, "\n".join(texts(path)), re.M)
    }


@every_notebook
def test_figures_and_equations_that_are_spoken_of_exist(path):
    words = prose(path)
    figures = numbered(r"^\*\*Figure (\d+\.\d+)\.\*\*")
    assert set(re.findall(r"Figure\s+(\d+\.\d+)", words)) <= figures
    assert set(re.findall(r"\((\d+\.\d+)\)", words)) <= numbered(r"\\tag\{(.+?)\}")


def test_numbers_begin_with_the_chapters():
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))["parts"]
    files = [chapter["file"] for part in parts for chapter in part["chapters"]]
    order = [file for file in files if file.startswith("notebooks/")]
    assert [int(Path(file).name.partition("-")[0]) for file in order] == [
        number + 1 for number in range(len(NOTEBOOKS))
    ]


@every_notebook
def test_first_code_cell_brings_the_package(path):
    code = [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    first = code[0]
    same = next(cell for cell in read(NOTEBOOKS[0])["cells"] if cell["cell_type"] == "code")
    assert first == same
    assert first["outputs"] == []
    assert "remove-cell" in first["metadata"]["tags"], "the book begins with the chapter"
    assert chapters.INSTALL in "".join(first["source"])


@every_notebook
def test_a_panel_leaves_a_sentence(path):
    for cell in read(path)["cells"]:
        told = plain.PANEL in "".join(cell["source"])
        assert told == ("live" in cell["metadata"].get("book", {}))


# What the build makes of it


@every_notebook
def test_conversion_finds_everything_and_moves_nothing(path):
    given = read(path)
    made = copy.deepcopy(given)
    plain.convert(made, int(path.name[:2]), CITED)
    assert len(made["cells"]) == len(given["cells"])
    captions = 0
    for before, after in zip(given["cells"], made["cells"], strict=True):
        assert (before["cell_type"], before["id"]) == (after["cell_type"], after["id"])
        if before["cell_type"] == "code":
            captions += "figure" in after["metadata"].pop("mystnb", {})
            assert after == before
    typed = re.findall(r"^\*\*Figure ", "\n".join(texts(path)), re.M)
    assert captions == len(typed) >= 1


def converted(*sources: str, book: dict | None = None, chapter: int = 3) -> list[dict]:
    """Convert a notebook whose cells are code where they begin with ``%``."""
    cells = [
        {
            "cell_type": "code" if source.startswith("%") else "markdown",
            "id": f"c{number}",
            "metadata": {"book": book} if book else {},
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    plain.convert({"cells": cells}, chapter, CITED)
    return cells


LECUN = "https://doi.org/10.1109/5.726791"
RUDIN = "https://doi.org/10.1016/0167-2789%2892%2990242-F"
NOTATION = "../book/notation.md#term"

FORMS = {
    "term": (f"The [holes]({NOTATION}-hole).", "The {term}`holes <hole>`."),
    "term of two words": (
        f"All [raw scores]({NOTATION}-raw-scores)",
        "All {term}`raw scores <raw scores>`",
    ),
    "citation": (f"LeNet ([LeCun et al., 1998]({LECUN})).", "LeNet {cite:p}`lecun1998gradient`."),
    "citation, broken": (f"([LeCun et\nal., 1998]({LECUN}))", "{cite:p}`lecun1998gradient`"),
    "citation within brackets": (
        f"(see [LeCun et al., 1998]({LECUN}))",
        "(see {cite:p}`lecun1998gradient`)",
    ),
    "citation in the sentence": (
        f"[LeCun et al. (1998)]({LECUN}) read digits.",
        "{cite:t}`lecun1998gradient` read digits.",
    ),
    "two citations": (
        f"both ([LeCun et al., 1998]({LECUN});\n[Rudin et al., 1992]({RUDIN}))",
        "both {cite:p}`lecun1998gradient,rudin1992nonlinear`",
    ),
    "citation of what has no address": (
        f"([Kerzhner et al.]({plain.REFERENCES}))",
        "{cite:p}`kerzhner2018inpainting`",
    ),
    "other links": ("([The energy](03-energy.ipynb))", "([The energy](03-energy.ipynb))"),
    "figure": (
        "As Figure 3.2 and Figure\n9.1 show",
        "As {numref}`fig-3-2` and {numref}`fig-9-1` show",
    ),
    "figure of the paper": ("its figure 4, Figure 4", "its figure 4, Figure 4"),
    "equation": ("by (3.1), equation (14.2)", "by {eq}`eq-3-1`, equation {eq}`eq-14-2`"),
    "other numbers": ("(3) and 3.1 and (λ 3.1)", "(3) and 3.1 and (λ 3.1)"),
    "code and formulas": (
        "`Figure 3.1` $f(3.1)$\n\n```python\nf(3.1)  # Figure 3.1\n```",
        "`Figure 3.1` $f(3.1)$\n\n```python\nf(3.1)  # Figure 3.1\n```",
    ),
    "function": ("`inpaintlib.recipes.inpaint`", "{py:func}`inpaintlib.recipes.inpaint`"),
    "function from elsewhere": (
        "`inpaintlib.inpaint`",
        "{py:func}`inpaintlib.inpaint() <inpaintlib.recipes.inpaint>`",
    ),
    "class": ("`inpaintlib.energy.Binary`", "{py:class}`inpaintlib.energy.Binary`"),
    "module": ("`inpaintlib.energy`", "{py:mod}`inpaintlib.energy`"),
    "call": ("`inpaintlib.inpaint(image)`", "`inpaintlib.inpaint(image)`"),
    "tag": ("$$\nE = 0\n\\tag{3.1}\n$$\n\nwith", "$$\nE = 0\n$$ (eq-3-1)\n\nwith"),
    "box": (
        "> **In this chapter**\n>\n> - One.\n>   More.\n>\n> Time.\n\nText.",
        ":::{admonition} In this chapter\n- One.\n  More.\n\nTime.\n:::\n\nText.",
    ),
    "box of a class": ("> **Important**\n>\n> Read.", ":::{important}\nRead.\n:::\n"),
    "quotation": ("> Read.", "> Read."),
    "exercise": (
        "**Exercise 3.1.** Why?\n\nSee exercise 3.1 and Exercise 4.2.",
        "(ex-3-1)=\n**Exercise 3.1.** Why?\n\nSee {ref}`exercise 3.1 <ex-3-1>` and "
        "{ref}`Exercise 4.2 <ex-4-2>`.",
    ),
    "question": (
        "**Question 3.1.** Why?\n\n- A.\n- B\n  b.\n\n<details><summary>Answers</summary>\n\n"
        "- Right: a.\n- Wrong: b.\n\n</details>",
        ":::{question} 3.1\nWhy?\n\n- A.\n- B\n  b.\n- Right: a.\n- Wrong: b.\n:::",
    ),
    "solution": (
        "<details><summary>Solution</summary>\n\n```python\na\n```\n\nb\n\n</details>",
        ":::{dropdown} Solution\n\n```python\na\n```\n\nb\n\n:::",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_form(form):
    given, wanted = FORMS[form]
    [cell] = converted(given)
    assert cell["source"] == wanted


def test_caption_goes_to_the_cell_above():
    code, text = converted("%plot", "**Figure 3.1.** Grey by\n`digits`, (3.1).\n\n## Next\n")
    figure = {"name": "fig-3-1", "caption": "Grey by `digits`, {eq}`eq-3-1`."}
    assert code["metadata"] == {"mystnb": {"figure": figure}}
    assert text["source"] == "## Next\n"


def test_entries_of_the_index_go_below_the_heading():
    [cell] = converted("## Energy\n\nText.", book={"index": ["energy", "term; sum of"]})
    assert re.sub(r"\n+", "\n", cell["source"]).splitlines() == [
        "## Energy",
        *("```{index} energy", "```", "```{index} term; sum of", "```"),
        "Text.",
    ]


def test_schematic_of_the_method_is_below_the_heading():
    [cell] = converted("# Energy\n\nText.", book={"method": "energy"})
    assert cell["source"].split() == ["#", "Energy", "```{schematic}", "energy", "```", "Text."]


def test_panel_stands_where_its_sentence_stood():
    options = {"recipe": "digits", "rectangle": [1, 2, 3, 4], "settings": {"side": 6}}
    [cell] = converted(f"Move λ.\n\n{plain.PANEL}\n\nMore.", book={"live": options})
    assert cell["source"] == (
        "Move λ.\n\n```{live}\n:recipe: digits\n:rectangle: 1 2 3 4\n"
        ':settings: {"side": 6}\n```\n\nMore.'
    )


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["$$\na\n\\tag{3.2}\n$$"], "c0: eq: got number 3.2, wanted 3.1, which is next"),
        (["$$\na\n\\tag{4.1}\n$$"], "got number 4.1, wanted 3.1"),
        (["$$ a \\tag{3.1} $$"], "tag: wanted it at the end of a formula between two lines"),
        (["%plot", "Text.\n\n**Figure 3.1.** Grey."], "caption: wanted it as the first paragraph"),
        (["%plot", "**Figure 3.3.** Grey."], "c1: fig: got number 3.3, wanted 3.1"),
        (["Text.", "**Figure 3.1.** Grey."], "wanted a code cell before its caption"),
        (
            [f"([LeCun, 1998]({LECUN}))"],
            r"got the text 'LeCun, 1998', wanted 'LeCun et al\., 1998'",
        ),
        (["`inpaintlib.energy.Entropy`"], "`inpaintlib.energy.Entropy`: there is no such name"),
        (["<details><summary>S</summary>\ntext\n\n</details>"], "with an empty line after"),
        (["<details><summary>S</summary>\n\ntext\n</details>"], "before the other"),
        (["**Exercise 3.2.** Why?"], "ex: got number 3.2, wanted 3.1"),
        (["**Question 3.1.** Why?\n\n- A."], "question: wanted a paragraph, a list of answers"),
        ([plain.PANEL], "no options in the metadata and 1 paragraphs"),
    ],
)
def test_what_cannot_be_resolved_stops_the_build(sources, message):
    with pytest.raises(plain.PlainError, match=message):
        converted(*sources)


def test_panel_without_its_sentence_stops_the_build():
    with pytest.raises(plain.PlainError, match="got options in the metadata and 0 paragraphs"):
        converted("Text.", book={"live": {"recipe": "digits"}})


def test_the_error_names_the_notebook(tmp_path):
    path = tmp_path / "03-energy.ipynb"
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": "`inpaintlib.none`"}
    app = type("App", (), {})()
    app.env = app
    app.doc2path = lambda docname: str(path)
    app.config = app
    app.bibtex_bibfiles = ["book/references.bib"]
    app.srcdir = ROOT
    with pytest.raises(plain.ExtensionError, match=r"03-energy\.ipynb: cell a: `inpaintlib\.none`"):
        plain.read(app, "notebooks/03-energy", [json.dumps({"cells": [cell]})])


def test_citations_are_told_apart_by_address_and_text():
    assert (
        len(CITED) == len({key for _, key in CITED.values()} - {"kerzhner2018inpainting"}) * 2 + 1
    )
