"""Heads the rows of each table by their first cells, for who hears it and goes down a column.

Markdown has heads for columns only. What a head belongs to is said, since browsers guess it from
its neighbours; and an empty corner heads nothing, so it is no head.
"""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

HEAD = re.compile(r'<th (class="[^"]*?\b(head|stub)\b[^"]*")>(?:(?:<p></p>)?(</th>))?')


def head_rows(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let the first column of each table head its rows; on paper it would become bold."""
    if app.builder.format != "html":
        return
    for group in doctree.findall(nodes.tgroup):
        if group["cols"] > 1:
            group.children[0]["stub"] = 1


def say_scopes(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document
) -> None:
    """Write into the body of a page which heads are those of columns, and which of rows."""

    def scoped(match: re.Match[str]) -> str:
        if match[3]:
            return f"<td {match[1]}></td>"
        return f'<th scope="{"col" if match[2] == "head" else "row"}" {match[1]}>'

    if "body" in context:
        context["body"] = HEAD.sub(scoped, context["body"])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.connect("doctree-resolved", head_rows)
    app.connect("html-page-context", say_scopes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
