"""The directive ``live``, which puts a panel on a page in which the reader runs the descent.

A Sphinx extension. The panel's files, the modules beside this one and the files of ``export``, go
to a folder of ``_static`` whose name changes with their content, since browsers cache files.
"""

import base64
import hashlib
import json
import re
import string
from functools import cache
from html import escape
from pathlib import Path
from typing import ClassVar

import export
import npm
import still
from docutils import nodes
from docutils.parsers.rst import directives
from local_assets import WEB
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

ENGINE = Path(__file__).parent
STYLE = Path(__file__).parents[1] / "_static" / "live.css"

#: The one-file version of the playground, in ``_static``.
ONE_FILE = "inpainting-playground.html"

#: The speed without a limit, as in book/live/controls.js.
FASTEST = 1e6

#: These make the hole themselves, in chapters about its size or about dark pixels.
NOT_IN_PLAYGROUND = {"side", "threshold"}

PAGE = string.Template(Path(__file__).with_name("one-file.html").read_text(encoding="utf-8"))

FALLBACK = "Where the page can run JavaScript, the descent runs here, with controls."

#: Follows the fallback and, with the reason, every failure.
OFFER = (
    "runs in one file, without a connection: also from a folder, in a closed frame, and on sites "
    "that block scripts of their own."
)


@cache
def folder() -> str:
    """Return the name of the panel's folder in ``_static``."""
    digest = hashlib.sha256()
    for path in sorted([*ENGINE.glob("*.js"), Path(__file__), *export.sources()]):
        digest.update(path.name.encode() + path.read_bytes())
    return f"live-{digest.hexdigest()[:10]}"


@cache
def controls() -> tuple[str, ...]:
    """Return the names of the controls that the panel knows, in its order."""
    text = (ENGINE / "controls.js").read_text(encoding="utf-8")
    return tuple(re.findall(r"^  (\w+): \{ label:", text, re.M))


def names(argument: str) -> str:
    """Check the names of controls."""
    unknown = set(argument.split()) - set(controls())
    if unknown:
        raise ValueError(
            f"got {', '.join(sorted(unknown))}, wanted some of {', '.join(controls())}"
        )
    return " ".join(argument.split())


def settings(argument: str) -> str:
    """Check that it is a JSON object."""
    if not isinstance(json.loads(argument), dict):
        raise ValueError(f"got {argument}, wanted a JSON object")
    return argument


def panel(
    options: dict[str, str | None], words: str, *, one_file: str | None = None, picture: str = ""
) -> str:
    """Return the HTML of a panel; the playground has all controls unless it names some.

    Args:
        options: The panel's attributes, see panel.js.
        words: What stands there until the panel is ready.
        one_file: Address of the one-file version, which is offered where the panel does not start.
        picture: The HTML of a picture before these words.
    """
    if "playground" in options:
        names = (name for name in controls() if name not in NOT_IN_PLAYGROUND)
        options = {"controls": " ".join(names), **options}
    attributes = "".join(f' data-{name}="{escape(value or "")}"' for name, value in options.items())
    fallback = f'<p class="live-fallback">{picture}{escape(words)}</p>'
    why = '<span class="live-why" role="alert"></span>'
    link = f'<a href="{escape(one_file)}" download>The playground</a> {OFFER}' if one_file else ""
    offer = f'<p class="live-offer">{why}{link}</p>'
    return f"<inpaint-live{attributes}>{fallback}{offer}</inpaint-live>"


class Live(SphinxDirective):
    """A panel: the recipe, settings, picture and hole that it begins with, and its controls.

    The picture is an ``example`` of the manifest, or the bundled test ``digit`` of a number; the
    hole is one of the kinds of the manifest, or a ``rectangle``: top, left, height and width. With
    ``with-start`` the start is a picture of its own, between the hole and the result. With
    ``autostart`` it runs once its result is seen, unless the reader asked for reduced motion.
    """

    has_content = True
    option_spec: ClassVar = {
        "recipe": lambda name: directives.choice(name, tuple(export.recipes())),
        "example": directives.unchanged_required,
        "digit": directives.nonnegative_int,
        "hole": directives.unchanged_required,
        "rectangle": directives.positive_int_list,
        "settings": settings,
        "controls": names,
        "playground": directives.flag,
        "with-start": directives.flag,
        "autostart": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Return the panel's HTML, with a still picture until JavaScript runs."""
        up = "../" * self.env.docname.count("/")
        place = f"{up}_static/{folder()}"
        options = {"manifest": f"{place}/manifest.json", **self.options}
        if "digit" in options:
            options["picture"] = json.dumps(export.digit(options.pop("digit")))
        if "rectangle" in options:
            options["rectangle"] = json.dumps(options["rectangle"])
        words = f"The hole, the start and the result. {' '.join(self.content) or FALLBACK}"
        picture = still.still(self.options)
        html = panel(options, words, one_file=f"{up}_static/{ONE_FILE}", picture=picture)
        return [nodes.raw("", f"{html}\n{scripts(place)}", format="html")]


def scripts(place: str) -> str:
    """Return the elements that load a panel's script, and before it one that says why it fails."""
    return (
        f'<script src="{place}/why.js"></script>'
        f'<script type="module" src="{place}/panel.js"></script>'
    )


def write_panel(app: Sphinx) -> None:
    """Write the panel's files; a recipe that the page cannot run stops the build here."""
    if app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / folder()
    write_files(target)
    page = one_file(target)
    (target.parent / ONE_FILE).write_text(page, encoding="utf-8")


def write_files(target: Path) -> None:
    """Write what a panel loads: its modules without comments, and what ``export`` writes."""
    export.write(target)
    write_modules(target)


def write_modules(target: Path) -> None:
    """Write the panel's modules alone."""
    esbuild(*map(str, sorted(ENGINE.glob("*.js"))), f"--outdir={target}", "--format=esm")


def one_file(exported: Path) -> str:
    """Return the playground as one page that loads nothing, given the panel's folder."""
    files = {
        path.name: base64.b64encode(path.read_bytes()).decode() for path in exported.glob("*.bin")
    }

    def script(text: str) -> str:
        return text.replace("</", "<\\/")  # it would end the script element

    return PAGE.substitute(
        style=STYLE.read_text(encoding="utf-8"),
        panel=panel(
            {"playground": None, "recipe": "digits", "example": "digit-4"},
            "This page needs JavaScript.",
        ),
        manifest=script((exported / "manifest.json").read_text(encoding="utf-8")),
        files=json.dumps(files),
        worker=script(json.dumps(bundled("worker.js"))),
        script=script(bundled("panel.js")),
    )


def bundled(module: str) -> str:
    """Return a module of the panel with all that it imports as one classic script."""
    here = "--define:import.meta.url=location.href"
    return esbuild(str(ENGINE / module), "--bundle", "--format=iife", here)


def esbuild(*arguments: str) -> str:
    """Run esbuild; return what it prints, which is the result unless that goes to files."""
    settings = ["--minify", "--charset=utf8", "--log-level=warning"]
    return npm.run(WEB, "esbuild/bin/esbuild", *arguments, *settings)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Called by Sphinx."""
    app.add_directive("live", Live)
    app.connect("builder-inited", write_panel)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
