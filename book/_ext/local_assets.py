"""Files that the book's pages load from the book itself instead of from another server.

``book/web/package-lock.json`` fixes versions and hashes; :mod:`npm` fetches them once.
:func:`setup` makes it a Sphinx extension that gives MathJax to the pages.
"""

import shutil
from pathlib import Path

import npm
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util.typing import ExtensionMetadata

WEB = Path(__file__).parents[1] / "web"
MATHJAX = WEB / "node_modules" / "mathjax" / "es5"

#: Of MathJax's 8 MB: TeX in, HTML out, and its fonts. The first is ``mathjax_path`` in _config.yml.
MATHJAX_PARTS = ["tex-chtml.js", "output/chtml/fonts/woff-v2"]


def copy_mathjax(app: Sphinx, error: Exception | None) -> None:
    """Put the parts of MathJax that the pages load beside the book's other static files."""
    if error or app.builder.format != "html":
        return
    for part in MATHJAX_PARTS:
        source, target = MATHJAX / part, Path(app.outdir) / "_static" / "mathjax" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        else:
            shutil.copyfile(source, target)


def forget_thebe(app: Sphinx, config: Config) -> None:
    """Remove Jupyter Book's script for running code on other servers: it comes from a CDN."""
    unwanted = ("init_thebe_core", "update_thebe_context")
    for listeners in app.events.listeners.values():
        listeners[:] = [
            kept for kept in listeners if getattr(kept.handler, "__name__", "") not in unwanted
        ]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx: nothing is built if the files cannot be fetched."""
    npm.fetch(WEB)
    app.connect("config-inited", forget_thebe)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
