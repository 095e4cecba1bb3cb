"""Links of the live page with any state: read by the page's own function in Node, and opened."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from pathlib import Path

import browsing
import export
import live
from hypothesis import strategies as st
from playwright.sync_api import Browser

from faults.kinds import kind

ROOT = Path(__file__).parents[2]
SCRIPT = Path(__file__).parent / "links.mjs"
BATCH, OPENED = 20, 5  # links in one case

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["r", "e", "c", "harmonic", "rim", "scores", "__proto__", "constructor"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=4,
)
NAMES = (
    "label hole side threshold content total_variation region rim_width binary binary_begin start "
    "step_size tolerance max_steps momentum jitter patches seed speed step __proto__"
)
names = st.sampled_from(NAMES.split())
right = st.fixed_dictionaries({"recipe": st.just("r"), "example": st.just("e")})
states = st.builds(dict.__or__, right, st.dictionaries(names, anything, max_size=4)) | anything
#: Settings that a reader may have changed.
changes = st.fixed_dictionaries(
    {},
    optional={
        "label": st.integers(0, 11),
        "content": st.sampled_from(["probabilities", "scores", "cross-entropy", "margin"]),
        "start": st.sampled_from(["harmonic", "class-average", "part-mixture", "constant"]),
        "region": st.sampled_from(["image", "rim"]),
        "step_size": st.sampled_from([1e-4, 0.01, 1]),
        "total_variation": st.sampled_from([0, 0.001, 1]),
        "momentum": st.sampled_from([0, 0.9]),
        "jitter": st.integers(0, 5),
        "patches": st.integers(0, 8),
    },
)
#: A picture of the live page for each kind of recipe, and how many bytes its hole has.
EXAMPLES = {"digits": ("digit-4", 98), "faces": ("face-s1", 252), "emoji": ("emoji-frog", 128)}
holes = st.binary(min_size=98, max_size=98) | st.binary(max_size=120)
images = st.binary(min_size=784, max_size=784) | st.binary(max_size=40)


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@st.composite
def links(draw: st.DrawFn) -> str:
    said = json.dumps(draw(states)).replace("Infinity", "1e999").replace("NaN", '"NaN"')
    parts = [part(said.encode()), part(draw(holes))]
    parts += [part(draw(images)) for _ in range(draw(st.integers(0, 2)))]
    text = ".".join(parts)
    cut = draw(st.none() | st.integers(0, len(text)))
    return text[:cut] + draw(st.sampled_from(["", "", "%", "é", "."]))


@st.composite
def links_of_recipes(draw: st.DrawFn) -> str:
    """Links that can be followed, unless a changed setting is none for the recipe."""
    recipe = draw(st.sampled_from(list(export.recipes())))
    like = next((each for each in ("faces", "emoji") if each in recipe), "digits")
    example, size = EXAMPLES[like]
    said = {"recipe": recipe, "example": example, **draw(changes)}
    return (
        f"{part(json.dumps(said).encode())}.{part(draw(st.binary(min_size=size, max_size=size)))}"
    )


@kind(
    "links",
    f"{BATCH} addresses of the live page with odd states: no state, a state whose settings are all "
    "possible, or words for the reader",
    examples=8,
)
def states_of_links(data: st.DataObject) -> None:
    given = data.draw(st.lists(links(), min_size=BATCH, max_size=BATCH), label="links")
    assert browsing.NODE, "wants Node"
    ran = subprocess.run(
        [browsing.NODE, SCRIPT, ROOT / "book" / "live" / "link.js"],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == [], "a state that is not possible, or an error that is no word"


PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>playground</title>
<link rel="stylesheet" href="data:text/css,"></head><body>{panel}{scripts}</body></html>"""

#: Whether a panel has made some steps, or says why it does not.
MOVED = """panel => panel.stopped || panel.latest.step > 20
    || panel.querySelector(".live-problem").textContent"""

#: What it shows then.
SHOWN = """panel => ({
    finite: [...panel.latest.image, panel.latest.energy].every(Number.isFinite),
    inside: panel.latest.image.every(value => value >= 0 && value <= 1),
    problem: panel.querySelector(".live-problem").textContent,
})"""


def write_playground(folder: Path) -> None:
    """Write a page with the playground alone, and what it loads."""
    live.write_files(folder / "live")
    options = {
        "manifest": "live/manifest.json",
        "playground": None,
        "recipe": "digits",
        "example": "digit-4",
    }
    page = PAGE.format(panel=live.panel(options, "fallback"), scripts=live.scripts("live"))
    (folder / "index.html").write_text(page, encoding="utf-8")


def told_of(browser: Browser, address: str, link: str) -> str:
    """Open a link, and let it run; return what is wrong, or nothing."""
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(120_000)  # the machine may be busy
        watch = browsing.Watch(page, address)
        page.goto(f"{address}index.html#{link}")
        page.wait_for_function("document.querySelector('inpaint-live').latest !== undefined")
        panel = page.locator("inpaint-live")
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_function(MOVED, arg=panel.element_handle())
        shown = panel.evaluate(SHOWN)
        right = shown["finite"] and shown["inside"] and len(shown["problem"]) < 300
        return "" if right and not watch.problems else f"{shown} {watch.problems}"


@kind(
    "opened links",
    f"{OPENED} such addresses with recipes of the live page, opened in a browser and run: pixels "
    "from 0 to 1 and a finite energy are shown, or words, and nothing fails",
    examples=2,
)
def links_of_the_page(data: st.DataObject) -> None:
    given = data.draw(
        st.lists(links_of_recipes() | links(), min_size=OPENED, max_size=OPENED), label="links"
    )
    with tempfile.TemporaryDirectory() as folder, browsing.chromium() as browser:
        write_playground(Path(folder))
        with browsing.served(Path(folder)) as address:
            wrong = {link: told for link in given if (told := told_of(browser, address, link))}
    assert not wrong
