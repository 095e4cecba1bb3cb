"""The directive ``live``, which puts a panel on a page in which the reader runs the descent.

A Sphinx extension. The panel's files, book/live and what ``inpaintlib.export`` writes, go to a
folder of ``_static`` whose name changes with their content, since browsers keep what they fetch.
"""

import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from inpaintlib import export, recipes

ENGINE = Path(__file__).parents[1] / "live"
FALLBACK = (
    "Here, where the page can run JavaScript, the descent itself runs, with controls to move. "
    "(A page that was opened from a folder cannot; the playground's one-file version can.)"
)


@cache
def folder() -> str:
    """Return the name of the panel's folder in ``_static``."""
    digest = hashlib.sha256()
    for path in sorted([*ENGINE.glob("*.js"), *export.sources()]):
        digest.update(path.name.encode() + path.read_bytes())
    return f"live-{digest.hexdigest()[:10]}"


@cache
def controls() -> frozenset[str]:
    """Return the names of the controls that the panel knows."""
    text = (ENGINE / "controls.js").read_text(encoding="utf-8")
    return frozenset(re.findall(r"^  (\w+): \{ label:", text, re.M))


def names(argument: str) -> str:
    """Check the names of controls."""
    unknown = set(argument.split()) - controls()
    if unknown:
        raise ValueError(
            f"got {', '.join(sorted(unknown))}, wanted some of {', '.join(sorted(controls()))}"
        )
    return " ".join(argument.split())


def settings(argument: str) -> str:
    """Check that it is a JSON object."""
    if not isinstance(json.loads(argument), dict):
        raise ValueError(f"got {argument}, wanted a JSON object")
    return argument


class Live(SphinxDirective):
    """A panel: the recipe, settings, example and hole that it begins with, and its controls."""

    has_content = True
    option_spec: ClassVar = {
        "recipe": lambda name: directives.choice(name, tuple(recipes.RECIPES)),
        "example": directives.unchanged_required,
        "hole": directives.unchanged_required,
        "settings": settings,
        "controls": names,
        "playground": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the panel's HTML; it stays hidden where JavaScript does not run."""
        up = "../" * self.env.docname.count("/")
        place = f"{up}_static/{folder()}"
        given = {"manifest": f"{place}/manifest.json", **self.options}
        attributes = "".join(
            f' data-{name}="{escape(value or "")}"' for name, value in given.items()
        )
        words = escape(" ".join(self.content) or FALLBACK)
        html = (
            f'<inpaint-live{attributes}><p class="live-fallback">{words}</p></inpaint-live>\n'
            f'<script type="module" src="{place}/panel.js"></script>'
        )
        return [nodes.raw("", html, format="html")]


def write_panel(app) -> None:
    """Write the panel's files; a recipe that the page cannot run stops the build here."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / folder()
    export.write(target)
    for path in ENGINE.glob("*.js"):
        (target / path.name).write_bytes(path.read_bytes())


def setup(app):
    """Called by Sphinx."""
    app.add_directive("live", Live)
    app.connect("builder-inited", write_panel)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
