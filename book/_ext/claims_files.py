"""Writes the claims as data beside the page *Claims*: ``claims.csv`` and ``claims.json``.

A Sphinx extension.
"""

from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from inpaintlib.study import claims, records


def write(app: Sphinx, error: Exception | None) -> None:
    """Write both files."""
    if error or app.builder.format != "html":
        return
    found = records.of(claims.read().claims)
    folder = Path(app.outdir) / "book"
    (folder / "claims.csv").write_text(records.to_csv(found), encoding="utf-8")
    (folder / "claims.json").write_text(records.to_json(found), encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
