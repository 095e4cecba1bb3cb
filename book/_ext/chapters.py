"""Adds to the pages of chapters: frames of sliders, a box on how to run it, and its notebook.

A Sphinx extension. The repository's address is not known here: it is taken from the environment
variable INPAINTLIB_REPOSITORY, or from GITHUB_REPOSITORY, which GitHub's own builds set. Without
either, links that need it are left out.
"""

import os
import re
from html import escape
from pathlib import Path
from posixpath import normpath
from typing import Any
from urllib.parse import urlsplit

import plain
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.typing import ExtensionMetadata

BRANCH = "main"

#: The command with which each notebook's first cell installs the package if it is missing.
INSTALL = "%pip install --quiet inpaintlib"

#: The same from GitHub, before the repository's owner and name.
INSTALL_FROM = "%pip install --quiet git+https://github.com/"


def repository() -> tuple[str, str] | None:
    """Return owner and name of the repository on GitHub, or ``None`` where they are not known.

    Raises:
        SystemExit: INPAINTLIB_REPOSITORY is not such an address.
    """
    address = os.environ.get("INPAINTLIB_REPOSITORY")
    if not address and os.environ.get("GITHUB_REPOSITORY"):
        address = f"https://github.com/{os.environ['GITHUB_REPOSITORY']}"
    if not address:
        return None
    parts = re.fullmatch(r"https://github\.com/([\w.-]+)/([\w.-]+?)(?:\.git)?/?", address)
    if parts is None:
        raise SystemExit(
            f"INPAINTLIB_REPOSITORY: got {address!r}, wanted https://github.com/OWNER/NAME"
        )
    return parts[1], parts[2]


def launch_links(docname: str, owner: str, name: str) -> dict[str, str]:
    """Return the addresses that open a chapter elsewhere, by the names of the services."""
    place = f"{owner}/{name}"
    return {
        "Binder": f"https://mybinder.org/v2/gh/{place}/{BRANCH}?urlpath=lab/tree/{docname}.ipynb",
        "Colab": f"https://colab.research.google.com/github/{place}/blob/{BRANCH}/{docname}.ipynb",
    }


def site(owner: str, name: str) -> str:
    """Return the book's address on GitHub Pages."""
    home = f"https://{owner.lower()}.github.io/"
    return home if name.lower() == f"{owner.lower()}.github.io" else f"{home}{name}/"


def standalone(text: str, docname: str, owner: str, name: str) -> str:
    """Return a notebook's text for download, so that it works without the book.

    Its first cell installs the package from the repository, and its links lead to the book's pages.

    Args:
        text: The notebook's file.
        docname: The chapter, as in ``notebooks/03-energy``.
        owner: The repository's owner on GitHub.
        name: The repository's name.
    """
    folder = docname.rpartition("/")[0]

    def absolute(link: re.Match[str]) -> str:
        target, anchor = normpath(f"{folder}/{link[1]}"), link[2] or ""
        return f"]({site(owner, name)}{target}.html{anchor})"

    text = re.sub(r"\]\(([\w./-]+)\.(?:md|ipynb)(#[\w-]+)?\)", absolute, text)
    page = f"[{plain.PAGE}]({site(owner, name)}{docname}.html)"
    text = text.replace(plain.PANEL_BEGINS, plain.PANEL_BEGINS.replace(plain.PAGE, page))
    return text.replace(INSTALL, f"{INSTALL_FROM}{owner}/{name}")


def run_box(docname: str, source: str, seconds: float | None) -> str:
    """Return the HTML of a chapter's box *Run this chapter*.

    Args:
        docname: The chapter, as in ``notebooks/03-energy``.
        source: The path of its notebook, relative to its page.
        seconds: Its running time when the page was built, if it was run.
    """
    known = repository()
    file = escape(f"{docname.rpartition('/')[2]}.ipynb")
    ways = [f'<a href="{escape(source)}" download>download the notebook</a>']
    if known:
        links = launch_links(docname, *known)
        ways += [f'<a href="{escape(url)}">open it in {name}</a>' for name, url in links.items()]
    took = f" It ran in {seconds:.0f} s when this page was built." if seconds is not None else ""
    return (
        '<section class="run-chapter" aria-label="Run this chapter"><p><strong>Run this chapter:'
        f"</strong> {', '.join(ways)}<span class='run-here'>, or call <code>make lab</code> in a "
        f"copy of the repository and open <code>{file}</code> in JupyterLab</span>.{took}</p>"
        "</section>"
    )


def notebooks(env: BuildEnvironment) -> dict[str, dict[str, Any]]:
    """Return MyST-NB's metadata of each notebook, by the document's name."""
    return getattr(env, "nb_metadata", {})


def add_run_box(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the box after the overview of the chapter."""
    if app.builder.format != "html" or Path(app.env.doc2path(docname)).suffix != ".ipynb":
        return
    executed = notebooks(app.env).get(docname, {}).get("exec_data") or {}
    source = f"{'../' * docname.count('/')}_sources/{docname}.ipynb"
    box = run_box(docname, source, executed.get("runtime"))
    chapter = next(doctree.findall(nodes.section))
    place = chapter.first_child_matching_class(nodes.Admonition) or 0
    chapter.insert(place + 1, nodes.raw("", box, format="html"))


def write_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Make the notebooks for download standalone."""
    known = repository()
    if error or app.builder.format != "html" or not known:
        return
    for docname in app.env.found_docs:
        copy = Path(app.outdir) / "_sources" / f"{docname}.ipynb"
        if copy.is_file():
            text = standalone(copy.read_text(encoding="utf-8"), docname, *known)
            copy.write_text(text, encoding="utf-8")


def forget_widgets(app: Sphinx, env: BuildEnvironment) -> None:
    """Leave the states of widgets out of the pages: no script there would read them."""
    for data in notebooks(env).values():
        data.get("js_files", {}).pop("ipywidgets_state", None)


PAGE_404 = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>No such page – {title}</title>
<style>
:root {{ color-scheme: light dark; background: Canvas; color: CanvasText; }}
a {{ color: LinkText; }}
body {{ max-width: 40rem; margin: 15vh auto; padding: 0 1rem; font: 1.1rem/1.6 sans-serif; }}
</style>
</head>
<body>
<main>
<h1>No such page</h1>
<p>There is nothing at this address. The book may have been rearranged since the link was made.</p>
<p><a href="{home}">{title}: the first page</a></p>
</main>
</body>
</html>
"""


def write_404(app: Sphinx, error: Exception | None) -> None:
    """Write the page that a static host shows at any address that it does not know.

    It is shown at any depth, so it loads nothing, and its only link is absolute.
    """
    if error or app.builder.format != "html":
        return
    known = repository()
    home = urlsplit(site(*known)).path if known else "/"
    page = PAGE_404.format(title=escape(app.config.html_title), home=escape(home))
    (Path(app.outdir) / "404.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx. Kernels inherit the variable: explorers' frames, and pictures as SVG."""
    os.environ["INPAINTLIB_BOOK_BUILD"] = "1"
    app.connect("env-updated", forget_widgets)
    app.connect("doctree-resolved", add_run_box)
    app.connect("build-finished", write_404)
    app.connect("build-finished", write_notebooks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
