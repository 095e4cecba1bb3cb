"""Each picture's width and height in its page, so that nothing moves when the file arrives.

Without them a browser gives a picture no room until it has been loaded, and the page jumps when a
slider shows one for the first time. The styles decide how large a picture is; what counts here is
its width in proportion to its height.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.util.typing import ExtensionMetadata

PICTURE = re.compile(r'<img (?P<rest>[^>]*\bsrc="(?P<address>[^"]*)"[^>]*)>')


def add_sizes(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Write the sizes of the book's own pictures into the body of a page."""
    if app.builder.name != "html" or not doctree:
        return
    sources = {file: Path(app.srcdir, source) for source, file in app.builder.images.items()}

    def sized(match: re.Match[str]) -> str:
        source = sources.get(unquote(match["address"].rpartition("/")[2]))
        size = get_image_size(str(source)) if source else None
        # Lines have no size in pixels; a drawing of lines keeps its own, unless the page gives one.
        if not size or (match["address"].endswith(".svg") and "width:" not in match["rest"]):
            return match[0]
        return f'<img width="{size[0]}" height="{size[1]}" {match["rest"]}>'

    context["body"] = PICTURE.sub(sized, context["body"])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.connect("html-page-context", add_sizes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
