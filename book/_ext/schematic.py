"""The directive ``schematic``: the picture of the method, with the parts of a chapter lit up.

A Sphinx extension. The picture is ``book/images/method.svg``, one file for all pages. It is put
into the page itself, so that its lines and words have the page's colours, light and dark.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

PICTURE = Path(__file__).parents[1] / "images" / "method.svg"

STORY = (
    "The method: a picture with a hole gets a start. The classifier reads the picture, and the "
    "energy compares its answer with the label. The gradient goes back through the classifier, a "
    "step changes the pixels in the hole, and all of it repeats until the result."
)


@cache
def drawing() -> str:
    """Return the picture on one line, as HTML takes it."""
    return " ".join(PICTURE.read_text(encoding="utf-8").split())


@cache
def parts() -> dict[str, str]:
    """Return the parts of the picture that can be lit up: their names, and these in words."""
    return dict(re.findall(r'<g id="method-([\w-]+)" aria-label="([^"]+)"', drawing()))


def picture(names: list[str]) -> str:
    """Return the HTML of the schematic.

    Args:
        names: The parts that are lit up; none for the first page, which is about all of them.

    Raises:
        ValueError: There is no such part.
    """
    unknown = [name for name in names if name not in parts()]
    if unknown:
        raise ValueError(
            f"schematic: got {', '.join(unknown)}, wanted some of {', '.join(parts())}"
        )
    words = [parts()[name] for name in names]
    about = f" Lit up: {', '.join(words)}." if words else ""
    drawn = re.sub(r' aria-label="[^"]+"', "", drawing())
    for name in names:
        drawn = drawn.replace(f'<g id="method-{name}"', f'<g class="lit" id="method-{name}"')
    drawn = re.sub(r' id="method-[\w-]+"', "", drawn)  # several may be on one page
    opening = f'<svg class="method" role="img" aria-label="{escape(STORY + about)}"'
    return drawn.replace("<svg", opening, 1)


class Schematic(SphinxDirective):
    """The schematic; its argument names the parts that the chapter is about."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return the picture."""
        try:
            drawn = picture("".join(self.arguments).split())
        except ValueError as error:
            raise self.error(str(error)) from error
        self.env.note_dependency(str(PICTURE))
        return [nodes.raw("", drawn, format="html")]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_directive("schematic", Schematic)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
