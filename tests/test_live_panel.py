"""The live panel in a real browser: it runs, obeys its controls, and says what goes wrong."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from functools import partial
from itertools import count, pairwise
from pathlib import Path

import export
import numpy as np
import pen_digits
import pytest
from PIL import Image

from inpaintlib import datasets, holes, inpaint, metrics, recipes

ROOT = Path(__file__).parent.parent

browsing = pytest.importorskip("browsing", reason="needs playwright")
live = pytest.importorskip("live", reason="needs Sphinx, which comes with jupyter-book")

pytestmark = [browsing.needs_browser, pytest.mark.slow]

#: Of the playground's first recipe.
STEPS = recipes.get("digits").max_steps

#: What a test's page shows, by the page's name.
PAGES = {
    "one": [
        {
            "recipe": "digits-mixture-soft",
            "example": "digit-4",
            "controls": "label total_variation",
        }
    ],
    "paper": [{"recipe": "paper-digits", "example": "digit-5", "settings": '{"max_steps": 20000}'}],
    "slow": [
        {
            "recipe": "paper-digits",
            "example": "digit-4",
            "controls": "label",
            "settings": '{"max_steps": 20000, "speed": 60}',
        }
    ],
    "two": [
        {"recipe": "digits-mixture-soft", "example": "digit-4", "controls": "label"},
        {"recipe": "digits-mixture-soft", "example": "digit-7", "controls": "label"},
    ],
    "face": [{"recipe": "faces-att", "controls": "example hole"}],
    "size": [{"recipe": "paper-digits", "example": "digit-8", "controls": "side"}],
    "emoji": [{"recipe": "emoji", "example": "emoji-panda", "hole": "left half"}],
    "dark": [{"recipe": "faces-att", "controls": "threshold"}],
    "own": [
        {"recipe": "digits", "picture": json.dumps(export.digit(37)), "rectangle": "[3,5,7,9]"}
    ],
    "autostart": [{"recipe": "digits", "example": "digit-4", "autostart": None}],
    "start": [
        {
            "recipe": "digits-absolute",
            "example": "digit-4",
            "rectangle": "[2,4,13,20]",
            "controls": "label example hole start",
            "settings": '{"max_steps": 20}',
            "with-start": None,
        }
    ],
    "playground": [{"playground": None, "recipe": "digits", "example": "digit-4"}],
}

ONE_FILE = "playground-in-one-file.html"

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="live.css">
<style>body {{ font: 16px sans-serif; max-width: 740px; margin: 1rem }}</style></head>
<body><main><h1>{title}</h1>{panels}<p style="height: 3000px">below</p></main>
{scripts}</body></html>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    live.write_files(folder / "live")
    shutil.copy(live.STYLE, folder)
    for title, panels in PAGES.items():
        html = "".join(
            live.panel({"manifest": "live/manifest.json", **options}, "fallback", one_file=ONE_FILE)
            for options in panels
        )
        page = PAGE.format(title=title, panels=html, scripts=live.scripts("live"))
        (folder / f"{title}.html").write_text(page, "utf-8")
    (folder / ONE_FILE).write_text(live.one_file(folder / "live"), encoding="utf-8")
    for title, inner in {"framed": "one.html", "framed-file": ONE_FILE}.items():
        frame = f'<iframe sandbox="allow-scripts" src="{inner}" width="800" height="900"></iframe>'
        (folder / f"{title}.html").write_text(f"<!DOCTYPE html><title>x</title>{frame}", "utf-8")
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with browsing.served(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as browser:
        yield browser


@pytest.fixture
def at_width(browser, address):
    """Opens a page in a window of a width, as tall as a phone."""
    contexts = []

    def opened(name: str, width: int):
        contexts.append(browser.new_context(viewport={"width": width, "height": 844}))
        page = contexts[-1].new_page()
        page.goto(f"{address}{name}")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def visit(browser, address):
    """Open a page of the site; what goes wrong on it fails, unless the test expects it."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    watches = []

    def open_page(name: str, *, base: str = address, expected: bool = False):
        page = context.new_page()
        watch = browsing.Watch(page, base)
        if not expected:
            watches.append(watch)
        page.goto(f"{base}{name}")
        return page

    yield open_page
    context.close()
    for watch in watches:
        assert watch.problems == []
        assert watch.outside == []


def ready(page):
    """Wait until the page's first panel has its classifier; return the panel."""
    panel = page.locator("inpaint-live").first
    page.wait_for_function("document.querySelector('inpaint-live').latest !== undefined")
    return panel


def run(page, panel) -> dict:
    """Let a panel run until it stops; return what it shows."""
    panel.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("panel => panel.stopped", arg=panel.element_handle())
    return shown(panel)


def shown(panel) -> dict:
    """What a panel shows: numbers, and the image as a list."""
    return panel.evaluate(
        """panel => ({
            step: panel.latest.step, energy: panel.latest.energy, stopped: panel.stopped,
            first: panel.traces.energy.values[0], image: [...panel.latest.image],
            given: [...panel.image], hole: [...panel.hole], label: panel.asked.label,
            line: panel.querySelector('.live-readings').textContent,
            status: panel.querySelector('.live-status').textContent,
            problem: panel.querySelector('.live-problem').textContent,
        })"""
    )


def choose(panel, name: str, to: float | str) -> None:
    """Give a control a value: move a slider there, or press that button, as a reader does."""
    panel.evaluate(
        """(panel, [name, to]) => {
            const control = panel.controls[name];
            control.place = control.options.findIndex(each => each.value === to);
            control.input.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        [name, to],
    )


def test_it_runs_lowers_its_energy_and_keeps_known_pixels(visit):
    page = visit("one.html")
    panel = ready(page)
    assert not page.get_by_text("fallback").is_visible()
    result = run(page, panel)
    assert result["step"] == 60
    assert result["stopped"] == "step limit"
    assert result["energy"] < result["first"]
    image, given, hole = (np.array(result[key]) for key in ("image", "given", "hole"))
    assert np.array_equal(image[hole == 0], given[hole == 0])
    assert not np.array_equal(image[hole == 1], given[hole == 1])
    assert "classified as 4 with" in result["status"]
    assert result["status"].startswith("step 60, energy ")
    quality = result["line"].split()[-2]
    assert result["status"].endswith(f", stopped: step limit, PSNR in the hole {quality}\u00a0dB")


def test_a_network_may_read_that_none_of_the_classes_fits(visit):
    page = visit("start.html")
    now = shown(ready(page))
    assert now["step"] == 0
    assert "classified as none with" in now["line"]
    assert "classified as none with" in now["status"]
    rows = page.locator(".live-bars li").all_inner_texts()
    named = [row.split("\n") for row in rows]
    assert [name for name, *_ in named] == [*map(str, range(10)), "none"]
    assert abs(sum(int(share.split("\u00a0")[0]) for *_, share in named) - 100) <= 6


def test_one_step_and_reset(visit):
    page = visit("one.html")
    panel = ready(page)
    for step in (1, 2):
        panel.get_by_role("button", name="One step").click()
        page.wait_for_function(f"document.querySelector('inpaint-live').latest.step === {step}")
    panel.get_by_role("button", name="Reset").click()
    page.wait_for_function("document.querySelector('inpaint-live').latest.step === 0")


@pytest.mark.parametrize("name", [*live.controls()])
def test_every_control_is_obeyed(visit, name):
    """Another value of a control gives another picture, or (the speed) another pace."""
    base = {"recipe": "digits-mixture", "example": "digit-4", "hole": "rectangle"}
    special = {
        "rim_width": {"settings": '{"region": "rim"}'},
        "binary_begin": {"settings": '{"max_steps": 60}'},
        "seed": {"settings": '{"start": "noise"}'},
        "tolerance": {"recipe": "paper-digits", "settings": '{"tolerance": 0}'},
        "speed": {"settings": '{"speed": 1, "max_steps": 20000}'},
    }
    changed = {
        "example": "digit-3", "recipe": "paper-digits", "label": 9, "hole": "ellipse", "side": 14,
        "threshold": 0.4, "content": "scores", "total_variation": 1, "region": "rim",
        "rim_width": 1, "binary": 1, "binary_begin": 0.9, "start": "constant", "step_size": 0.1,
        "tolerance": 1, "max_steps": 30, "momentum": 0.9, "jitter": 4, "patches": 4, "seed": 3,
        "speed": live.FASTEST,
    }  # fmt: skip
    options = {"manifest": "live/manifest.json", "controls": name, **base, **special.get(name, {})}
    page = visit("one.html")
    page.evaluate(
        """html => { document.querySelector('main').innerHTML = html }""",
        live.panel(options, "fallback"),
    )
    panel = ready(page)
    if name == "speed":
        panel.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_function("document.querySelector('inpaint-live').latest.step > 0")
        assert shown(panel)["step"] <= 3, "without a limit, a frame sees more steps"
        choose(panel, name, changed[name])
        page.wait_for_function("document.querySelector('inpaint-live').latest.step > 300")
        return
    before = run(page, panel)
    choose(panel, name, changed[name])
    page.wait_for_function(
        "panel => panel.stopped && panel.latest.run === panel.run", arg=panel.element_handle()
    )
    after = shown(panel)
    assert (after["image"], after["step"]) != (before["image"], before["step"])


def test_a_storm_of_events_leaves_the_last_value_in_force(visit):
    page = visit("one.html")
    panel = ready(page)
    panel.evaluate(
        """panel => {
            const { input, options } = panel.controls.total_variation;
            for (let i = 0; i < 500; i++) {
                input.value = i % options.length;
                input.dispatchEvent(new Event('input', { bubbles: true }));
            }
            input.value = 2;
            input.dispatchEvent(new Event('input', { bubbles: true }));
        }"""
    )
    page.wait_for_function("document.querySelector('inpaint-live').stopped")
    stormy = shown(panel)
    choose(panel, "total_variation", 3)
    page.wait_for_function("document.querySelector('inpaint-live').stopped")
    choose(panel, "total_variation", 0.0003)  # the value at place 2
    page.wait_for_function("document.querySelector('inpaint-live').stopped")
    assert panel.evaluate("panel => panel.controls.total_variation.output.value") == "0.0003"
    assert shown(panel)["step"] == stormy["step"] == 60


def test_the_label_can_be_switched_while_it_runs(visit):
    page = visit("slow.html")
    panel = ready(page)
    panel.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('inpaint-live').latest.step > 5")
    step = shown(panel)["step"]
    panel.get_by_role("radio", name="9", exact=True).check()
    page.wait_for_function(f"document.querySelector('inpaint-live').latest.step > {step + 20}")
    now = shown(panel)
    assert now["label"] == 9
    assert now["step"] > step, "the descent continued, it did not start again"
    assert now["stopped"] is None


def test_a_hole_can_be_painted_while_it_runs_by_mouse_and_by_keyboard(visit):
    page = visit("paper.html")
    panel = ready(page)
    panel.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('inpaint-live').latest.step > 5")
    canvas = panel.locator("canvas.live-paintable")
    box = canvas.bounding_box()
    before = sum(shown(panel)["hole"])
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 10, steps=5)
    page.mouse.up()
    painted = shown(panel)["hole"]
    assert sum(painted) > before
    assert painted[29] == 1
    canvas.focus()
    for key in ["ArrowDown"] * 13 + ["ArrowRight"] * 13 + ["Space"]:
        page.keyboard.press(key)
    now = shown(panel)
    assert now["hole"][27 * 28 + 27] == 1
    page.keyboard.press("Backspace")
    assert shown(panel)["hole"][27 * 28 + 27] == 0
    page.wait_for_function("document.querySelector('inpaint-live').latest.step > 5")
    now = shown(panel)
    image, given, hole = (np.array(now[key]) for key in ("image", "given", "hole"))
    assert np.array_equal(image[hole == 0], given[hole == 0])


def test_a_finger_paints(browser, address):
    context = browser.new_context(has_touch=True, viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(f"{address}one.html")
    panel = ready(page)
    before = sum(shown(panel)["hole"])
    box = panel.locator("canvas.live-paintable").bounding_box()
    pixel = box["width"] / 28
    page.touchscreen.tap(box["x"] + 1.5 * pixel, box["y"] + 1.5 * pixel)
    assert sum(shown(panel)["hole"]) == before + 9
    context.close()


def test_a_value_beside_its_slider_is_not_announced_too(visit):
    page = visit("playground.html")
    outputs = ready(page).locator("output")
    assert outputs.count() == page.locator("output[aria-live=off]").count() > 0


def test_two_panels_on_a_page_do_not_meddle(visit):
    page = visit("two.html")
    first, second = page.locator("inpaint-live").all()
    ready(page)
    page.wait_for_function("document.querySelectorAll('inpaint-live')[1].latest")
    result = run(page, second)
    assert "classified as 7" in result["line"]
    assert shown(first)["step"] == 0
    assert "classified as 4" in run(page, first)["line"]


def test_it_stops_out_of_sight_and_goes_on(visit):
    page = visit("paper.html")
    panel = ready(page)
    panel.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('inpaint-live').latest.step > 20")
    page.mouse.wheel(0, 2500)
    page.wait_for_function("!document.querySelector('inpaint-live').visible")
    page.wait_for_timeout(200)
    step = shown(panel)["step"]
    page.wait_for_timeout(300)
    assert shown(panel)["step"] == step
    page.mouse.wheel(0, -2500)
    page.wait_for_function(f"document.querySelector('inpaint-live').latest.step > {step}")


def test_it_starts_by_itself_when_its_result_is_seen(visit):
    page = visit("one.html")
    ready(page)
    options = {
        "manifest": "live/manifest.json",
        "recipe": "digits-mixture-soft",
        "example": "digit-4",
        "autostart": None,
    }
    page.evaluate(
        """html => {
            const room = (height) => `<p style="height: ${height}px">room</p>`;
            document.querySelector('main').innerHTML = room(innerHeight - 80) + html + room(3000);
        }""",
        live.panel(options, "fallback"),
    )
    panel = ready(page)  # although it is below what is seen
    assert (shown(panel)["step"], panel.evaluate("panel => panel.running")) == (0, False)
    panel.locator("canvas.live-pixels").last.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('inpaint-live').stopped")
    panel.get_by_role("button", name="Reset").click()
    page.wait_for_function("document.querySelector('inpaint-live').latest.step === 0")
    page.mouse.wheel(0, 2500)
    page.wait_for_function("!document.querySelector('inpaint-live').visible")
    page.mouse.wheel(0, -2500)
    page.wait_for_function("document.querySelector('inpaint-live').visible")
    assert not panel.evaluate("panel => panel.running"), "only once"


def test_it_does_not_start_by_itself_under_reduced_motion(browser, address):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{address}autostart.html")
    panel = ready(page)
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    assert (shown(panel)["step"], panel.evaluate("panel => panel.running")) == (0, False)
    context.close()


def test_the_start_is_a_picture_of_its_own(visit):
    """It is the start of inpaintlib, and follows the hole, the picture, the start and the label."""
    page = visit("start.html")
    panel = ready(page)

    def seen(start: str, *, run: int) -> np.ndarray:
        """The picture of the start, at that run of the panel."""
        now = "([panel, run]) => panel.run === run && panel.latest.run === run"
        page.wait_for_function(now, arg=[panel.element_handle(), run])
        now = shown(panel)
        given, hole = (np.array(now[key]).reshape(28, 28) for key in ("given", "hole"))
        begin = {"recipe": "digits-absolute", "start": start, "max_steps": 0}
        wanted = inpaint(given, hole.astype(bool), now["label"], **begin).start
        picture = colours_on(panel, "start")[..., 0] / 255
        assert np.abs(picture - wanted).max() < 1 / 255
        assert np.abs(picture - given)[hole == 0].max() < 1 / 255
        assert panel.get_by_role("img", name=f"the start before step 0: {start}").is_visible()
        return picture

    pictures = [seen("harmonic", run=1)]
    run(page, panel)
    assert np.array_equal(seen("harmonic", run=1), pictures[0])
    assert not np.array_equal(colours_on(panel, "result")[..., 0] / 255, pictures[0])
    canvas = panel.locator("canvas.live-paintable")
    pixel = canvas.bounding_box()["width"] / 28
    canvas.click(position={"x": 18.5 * pixel, "y": 18.5 * pixel})  # on the lower half of the 4
    pictures.append(seen("harmonic", run=2))
    for number, (name, value, start) in enumerate(
        [
            ("hole", "ellipse", "harmonic"),
            ("example", "digit-3", "harmonic"),
            ("start", "class-average", "class-average"),
            ("label", 9, "class-average"),
        ],
        start=3,
    ):
        page.wait_for_function("panel => panel.stopped", arg=panel.element_handle())
        choose(panel, name, value)
        pictures.append(seen(start, run=number))
    for before, after in pairwise(pictures):
        assert not np.array_equal(before, after)


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_hole_start_and_result_are_seen_at_once(at_width, width):
    page = at_width("start.html", width)
    page.add_style_tag(content="body { max-width: none !important }")
    panel = ready(page)
    canvases = panel.locator("canvas.live-pixels")
    parts = [*canvases.all(), *panel.locator("canvas.live-curve, button:visible").all()]
    before = [part.bounding_box() for part in parts]
    run(page, panel)
    assert [part.bounding_box() for part in parts] == before, "nothing moves"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert canvases.count() == 3
    boxes = before[:3]
    bar = panel.locator(".live-bar").bounding_box()
    assert all(box["y"] >= 0 and box["y"] + box["height"] <= bar["y"] for box in boxes)
    if width == 1280:
        assert len({box["y"] for box in boxes}) == 1
        assert min(box["width"] for box in boxes) >= 280
    else:
        assert boxes[2]["width"] > width / 2


def test_leaving_the_page_and_coming_back(visit, address):
    page = visit("one.html")
    run(page, ready(page))
    page.goto(f"{address}two.html")
    ready(page)
    page.go_back()
    assert run(page, ready(page))["step"] == 60
    page.go_forward()
    ready(page)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:1000]), "truncated"),
        (lambda path: path.write_bytes(bytes(path.stat().st_size)), "broken"),
        (lambda path: path.unlink(), "could not be loaded"),
    ],
    ids=["truncated", "broken", "missing"],
)
@pytest.mark.parametrize("file", ["digits-robust-*.bin", "manifest.json"])
def test_a_damaged_file_gives_a_sentence(visit, site, tmp_path, file, damage, words):
    copy = tmp_path / "site"
    shutil.copytree(site, copy)
    (path,) = (copy / "live").glob(file)
    damage(path)
    with browsing.served(copy) as base:
        page = visit("one.html", base=base, expected=True)
        page.wait_for_function("document.querySelector('.live-problem')?.textContent")
        text = page.locator(".live-problem").inner_text()
        expected = words if file != "manifest.json" or words != "truncated" else "broken"
        assert expected in text
        assert path.name.split("-")[0] in text
        assert page.locator(".live-problem").is_visible()


def picture_file(tmp_path: Path, *, side: int = 300) -> Path:
    """A photograph of a 1: a dark stroke on bright paper."""
    pixels = np.full((side, side), 230, np.uint8)
    pixels[side // 5 : -side // 5, side * 9 // 20 : side * 11 // 20] = 20
    path = tmp_path / "one.png"
    Image.fromarray(pixels).save(path)
    return path


def use_picture(page, panel, path: Path) -> None:
    """Choose a picture file and use it as it is proposed."""
    panel.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Use this picture").click()
    page.wait_for_function("document.querySelector('inpaint-live').own")


def open_tools(panel) -> None:
    panel.locator("summary").filter(has_text="your own picture").click()


def test_an_upload_is_made_like_mnist(visit, tmp_path):
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    use_picture(page, panel, picture_file(tmp_path))
    image = np.array(shown(panel)["given"]).reshape(28, 28)
    rows, columns = np.nonzero(image > 0.5)
    assert rows.max() - rows.min() in (18, 19, 20)
    assert abs(rows.mean() - 13.5) < 1
    assert abs(columns.mean() - 13.5) < 1
    assert image[0].max() == 0, "white on black"


def test_uploads_that_cannot_be_used_give_a_sentence(visit, tmp_path):
    page = visit("playground.html", expected=True)
    panel = ready(page)
    open_tools(panel)
    field = panel.locator("input[type=file]")

    def told(path: Path) -> str:
        panel.evaluate("panel => { panel.problem.textContent = ''; }")
        field.set_input_files(path)
        page.wait_for_function("document.querySelector('.live-problem').textContent")
        return panel.locator(".live-problem").inner_text()

    words = tmp_path / "notes.txt"
    words.write_text("no picture", "utf-8")
    assert "cannot be read as a picture" in told(words)
    broken = tmp_path / "broken.png"
    broken.write_bytes(picture_file(tmp_path).read_bytes()[:60])
    assert "cannot be read as a picture" in told(broken)
    huge = tmp_path / "huge.png"
    huge.write_bytes(bytes(26_000_000))
    assert "choose a picture below 25 MB" in told(huge)
    empty = tmp_path / "empty.png"
    empty.write_bytes(b"")
    assert "is empty" in told(empty)
    blank = tmp_path / "blank.png"
    Image.new("L", (50, 50), 255).save(blank)
    field.set_input_files(blank)
    panel.get_by_text("is blank").wait_for(state="attached")
    assert page.get_by_role("button", name="Use this picture").is_disabled()
    use_picture(page, panel, picture_file(tmp_path, side=6000))  # large in pixels, small as a file
    assert shown(panel)["problem"] == ""
    assert run(page, panel)["step"] == STEPS


def test_a_link_brings_the_state_back(visit, tmp_path):
    page = visit("playground.html")
    panel = ready(page)
    choose(panel, "total_variation", 0.3)
    open_tools(panel)
    use_picture(page, panel, picture_file(tmp_path))
    panel.locator("canvas.live-paintable").click(position={"x": 4, "y": 4})
    panel.get_by_role("button", name="Link to this").click()
    sent = shown(panel)
    again = visit(f"playground.html{page.evaluate('location.hash')}")
    received = shown(ready(again))
    assert received["hole"] == sent["hole"]
    assert np.allclose(received["given"], sent["given"], atol=1 / 255)
    output = "panel => panel.controls.total_variation.output.value"
    assert again.locator("inpaint-live").evaluate(output) == "0.3"
    heading = visit("playground.html#how-to-use-it")
    assert shown(ready(heading))["problem"] == ""


def test_the_link_is_told_where_its_button_is(visit):
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    panel.get_by_role("button", name="Link to this").click()
    told = panel.get_by_role("status").filter(has_text="The link is in the")
    button = panel.get_by_role("button", name="Link to this").bounding_box()
    assert abs(told.bounding_box()["y"] - button["y"]) < 200


def test_on_paper_a_panel_takes_half_a_page_and_has_no_controls(visit):
    page = visit("playground.html")
    panel = ready(page)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1016})  # A4 without its margins
    assert panel.bounding_box()["height"] < 1016 / 2
    assert not panel.get_by_role("button").count()
    page.emulate_media(media="screen")


def test_the_result_can_be_saved(visit, tmp_path):
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    run(page, panel)
    with page.expect_download() as download:
        panel.get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == f"inpainted-step-{STEPS}.png"
    with Image.open(download.value.path()) as saved:
        assert saved.size == (448, 448)


def colours_on(panel, canvas: str) -> np.ndarray:
    """The colours (H, W, 3) that a canvas shows, one for each pixel of the image."""
    height, width, zoom, drawn = panel.evaluate(
        """(panel, canvas) => {
            const { element: { width, height }, element, zoom } = panel[canvas];
            const { data } = element.getContext('2d').getImageData(0, 0, width, height);
            return [height, width, zoom, [...data]];
        }""",
        canvas,
    )
    return np.array(drawn).reshape(height, width, 4)[zoom // 2 :: zoom, zoom // 2 :: zoom, :3]


def choose_emoji(visit):
    page = visit("playground.html")
    panel = ready(page)
    choose(panel, "recipe", "emoji")
    page.wait_for_function("document.querySelector('inpaint-live').latest.image.length === 3072")
    return page, panel


def test_an_emoji_is_filled_in_colour(visit):
    page = visit("emoji.html")
    panel = ready(page)
    emoji = datasets.load("emoji", split="test")
    label = emoji.classes.index("panda")
    hole = holes.half((32, 32), side="left")
    result = run(page, panel)
    assert result["problem"] == ""
    assert result["step"] == export.EMOJI.max_steps
    given, image = (np.array(result[key]).reshape(3, 32, 32) for key in ("given", "image"))
    assert np.array_equal(given.astype(np.float32), emoji.images[label])
    assert np.array_equal(np.array(result["hole"]).reshape(32, 32), hole)
    assert np.array_equal(image[:, ~hole], given[:, ~hole])
    wanted = inpaint(given, hole, label, recipe=export.EMOJI)
    assert np.allclose(image, wanted.image, atol=1e-10)
    drawn = f"panel => panel.dataset.step === '{result['step']}'"
    page.wait_for_function(drawn, arg=panel.element_handle())
    (psnr,) = metrics.psnr(wanted.image[None], given[None], hole[None])
    assert f"PSNR in the hole {psnr:.1f}\N{NO-BREAK SPACE}dB" in shown(panel)["line"]
    shown_given, shown_result = (colours_on(panel, canvas) for canvas in ("given", "result"))
    assert (shown_given[hole] == (230, 158, 0)).all()
    colours = np.moveaxis(image, 0, -1)
    assert np.abs(shown_given[~hole] / 255 - colours[~hole]).max() < 1 / 255
    assert np.abs(shown_result / 255 - colours).max() < 1 / 255


def test_emoji_have_the_tools_of_the_others(visit, tmp_path):
    page, panel = choose_emoji(visit)
    open_tools(panel)
    starts = panel.evaluate("panel => panel.controls.start.options.map(each => each.value)")
    assert starts == [start for start in recipes.STARTS if start != "part-mixture"]
    before = sum(shown(panel)["hole"])
    panel.get_by_role("button", name="No hole").click()
    panel.locator("canvas.live-paintable").click(position={"x": 100, "y": 100})
    assert (before > 9, sum(shown(panel)["hole"])) == (True, 9)
    panel.get_by_role("button", name="Empty picture").click()
    panel.get_by_label("Draw on the picture").check()
    panel.locator("canvas.live-paintable").click(position={"x": 50, "y": 50})
    given = np.array(shown(panel)["given"]).reshape(3, 32, 32)
    assert (given == 0).sum(axis=(1, 2)).tolist() == [9, 9, 9]
    assert (given == 1).sum() == 3 * (32 * 32 - 9)
    stripes = np.zeros((200, 300, 3), np.uint8)
    stripes[..., 0], stripes[:, 150:, 1] = 255, 128
    path = tmp_path / "stripes.png"
    Image.fromarray(stripes).save(path)
    panel.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Use this picture").click()
    page.wait_for_function("document.querySelector('inpaint-live').image[1024] < 0.5")
    given = np.array(shown(panel)["given"]).reshape(3, 32, 32)
    assert np.allclose(given[0], 1, atol=0.01)
    assert np.allclose(given[1, :, :15], 0, atol=0.01)
    assert np.allclose(given[1, :, 17:], 128 / 255, atol=0.01)
    assert np.allclose(given[2], 0, atol=0.01)
    panel.get_by_role("button", name="Link to this").click()
    again = visit(f"playground.html{page.evaluate('location.hash')}")
    received = shown(ready(again))
    assert received["hole"] == shown(panel)["hole"]
    assert np.allclose(received["given"], given.ravel(), atol=1 / 255)


def test_a_digit_can_be_drawn(visit):
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    panel.get_by_role("button", name="Empty picture").click()
    panel.get_by_label("Draw on the picture").check()
    panel.locator("canvas.live-paintable").click(position={"x": 100, "y": 100})
    now = shown(panel)
    assert sum(now["given"]) == 9
    assert now["line"].count("PSNR") == 0


@pytest.mark.parametrize(
    ("name", "classifiers", "limit"),
    [
        ("one", {"digits-robust"}, 270_000),
        ("emoji", {"emoji-robust"}, 650_000),
        # The experts of `digits` have ten times as many numbers as the other networks of digits.
        ("own", {"digits-absolute", "digits-gaussians"}, 2_000_000),
    ],
)
def test_it_is_small_and_loads_when_it_comes_into_view(browser, address, name, classifiers, limit):
    context = browser.new_context(viewport={"width": 900, "height": 600})
    page = context.new_page()
    sizes = {}
    page.on("response", lambda got: sizes.update({got.url: len(got.body())}))
    page.goto(f"{address}{name}.html")
    ready(page)
    page.wait_for_load_state("networkidle")
    loaded = {url.rpartition("/")[2]: size for url, size in sizes.items() if "/live/" in url}
    weights = {name.rpartition("-")[0] for name in loaded if name.endswith(".bin")}
    assert {name for name in weights if "averages" not in name} == classifiers
    assert sum(loaded.values()) <= limit
    context.close()


def test_every_recipe_runs(visit):
    page = visit("playground.html")
    panel = ready(page)
    names = panel.evaluate("panel => panel.controls.recipe.options.map(each => each.value)")
    assert names == list(export.recipes())
    for name in names:
        choose(panel, "recipe", name)
        page.wait_for_function(
            "panel => panel.latest.run === panel.run && panel.latest.step > 0",
            arg=panel.element_handle(),
        )
        assert np.isfinite(shown(panel)["energy"]), name


def test_a_change_while_a_classifier_is_loaded_is_not_lost(visit):
    page = visit("playground.html")
    panel = ready(page)
    energies = panel.evaluate(
        """async panel => {
            const set = (name, place) => {
                panel.controls[name].place = place;
                panel.controls[name].input.dispatchEvent(new Event('input', { bubbles: true }));
            };
            const ended = () => new Promise(done => {
                const look = () => panel.stopped && panel.latest.run === panel.run
                    ? done(panel.latest.energy) : setTimeout(look, 20);
                look();
            });
            const names = panel.controls.recipe.options.map(each => each.value);
            const faces = names.indexOf('faces-att');
            set('recipe', faces);
            set('total_variation', 10);
            const soon = await ended();
            panel.querySelectorAll('.live-bar button')[2].click(); // reset, all loaded
            panel.querySelector('.live-bar button').click();
            return [soon, await ended(), panel.asked.total_variation];
        }"""
    )
    assert energies[2] == 3
    assert energies[0] == energies[1]


@pytest.mark.parametrize(
    ("begun", "recipe", "pixels", "megabytes"),
    [
        ("paper-digits", "faces-att", 48 * 42, "4.2"),
        ("paper-digits", "digits", 28 * 28, "1.6"),  # two files at once
    ],
)
def test_a_larger_classifier_comes_with_a_progress_bar(visit, begun, recipe, pixels, megabytes):
    """And until it is there, nothing of the descent before is told as if it were the new one's."""
    page = visit("paper.html")
    options = {"manifest": "live/manifest.json", "recipe": begun, "controls": "recipe"}
    page.evaluate(
        """html => { document.querySelector('main').innerHTML = html }""",
        live.panel(options, "fallback"),
    )
    panel = ready(page)
    seen, received = panel.evaluate(
        """(panel, recipe) => new Promise(done => {
            const bar = panel.querySelector('progress');
            const line = panel.querySelector('.live-readings');
            const seen = [];
            panel.runner.worker.addEventListener('message', ({ data }) => {
                if (data.type === 'loading') {
                    seen.push([bar.hidden, bar.value, bar.max, bar.ariaLabel, line.textContent]);
                }
                const state = data.type === 'state' && data.run === panel.run;
                if (state) done([seen, data.image.length]);
            });
            const { recipe: control } = panel.controls;
            control.place = control.options.findIndex(each => each.value === recipe);
            control.input.dispatchEvent(new Event('input', { bubbles: true }));
        })""",
        recipe,
    )
    assert received == pixels
    *before, (hidden, value, largest, _, _) = seen
    assert hidden
    assert value == largest
    assert value > 1_000_000
    for hidden, value, most, label, line in before:
        assert not hidden
        assert value < most
        assert label == line
    assert before[-1][-1] == f"loading the classifier, {megabytes} MB"
    assert [value for _, value, *_ in before] == sorted(value for _, value, *_ in before)


@pytest.mark.parametrize(("motion", "wait"), [("reduce", 1000), ("no-preference", 0)])
def test_calm_pages_draw_seldom(browser, address, motion, wait):
    """After each drawing, the panel waits so many milliseconds until it asks for the next state."""
    context = browser.new_context(reduced_motion=motion)
    page = context.new_page()
    page.goto(f"{address}paper.html")
    panel = ready(page)
    waits = panel.evaluate(
        """panel => new Promise(done => {
            const waits = [];
            const later = window.setTimeout;
            window.setTimeout = (act, wait) => {
                if (waits.push(wait) === 3) done(waits);
                return later(act, 0);
            };
            panel.runButton.click();
        })"""
    )
    assert waits == [wait] * 3
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["one", "face", "emoji", "playground"])
def test_axe_finds_nothing(visit, name, scheme):
    page = visit(f"{name}.html")
    page.emulate_media(color_scheme=scheme)
    run(page, ready(page))
    page.add_script_tag(path=ROOT / "book/web/node_modules/axe-core/axe.min.js")
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [each["id"] for each in found if each["impact"] != "minor"] == []


def test_the_one_file_version_works_from_a_folder(browser, site):
    context = browser.new_context()
    page = context.new_page()
    address = (site / ONE_FILE).as_uri()
    watch = browsing.Watch(page, address)
    page.goto(address)
    panel = ready(page)
    assert run(page, panel)["step"] == STEPS
    choose(panel, "recipe", "faces-att")
    page.wait_for_function("document.querySelector('inpaint-live').latest.image.length === 2016")
    assert watch.problems == []
    assert watch.outside == []
    context.close()


#: Under some policies of a page, what waits for a condition has to look again and again itself.
ENDED = """panel => new Promise((done) => {
    const look = () => {
        if (!panel.latest || panel.running) return setTimeout(look, 50);
        if (!panel.stopped) panel.setRunning(true);
        else return done([panel.latest.step, panel.runner.worker !== undefined]);
        return setTimeout(look, 50);
    };
    look();
})"""


def test_the_one_file_version_works_in_a_closed_frame(visit):
    page = visit("framed-file.html")
    panel = page.frames[1].locator("inpaint-live")
    assert panel.evaluate(ENDED)[0] == STEPS
    open_tools(panel)
    panel.get_by_role("button", name="Link to this").click()
    assert "no address to link to" in panel.locator(".live-problem").inner_text()


def test_the_one_file_version_works_under_a_strict_policy(visit, site):
    policy = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
    with browsing.served(site, policy=policy) as base:
        page = visit(ONE_FILE, base=base, expected=True)
        assert page.locator("inpaint-live").evaluate(ENDED) == [STEPS, False]


@pytest.mark.parametrize(
    ("policy", "worker"),
    [("default-src 'self'", True), ("script-src 'self'; worker-src 'none'", False)],
)
def test_a_panel_runs_under_a_strict_policy(visit, site, policy, worker):
    with browsing.served(site, policy=policy) as base:
        page = visit("one.html", base=base, expected=True)
        assert page.locator("inpaint-live").evaluate(ENDED) == [60, worker]


def test_a_panel_runs_without_workers_and_without_storage(browser, address):
    context = browser.new_context()
    context.add_init_script(
        """delete globalThis.Worker;
        const denied = { get() { throw new Error('denied'); } };
        Object.defineProperty(globalThis, 'localStorage', denied);"""
    )
    page = context.new_page()
    watch = browsing.Watch(page, address)
    page.goto(f"{address}one.html")
    panel = ready(page)
    assert run(page, panel)["step"] == 60
    choose(panel, "label", 9)
    page.wait_for_function("panel => panel.stopped", arg=panel.element_handle())
    assert shown(panel)["label"] == 9
    assert watch.problems == []
    context.close()


def reason(scope) -> str:
    """Wait for a panel's reason for not starting; the one-file version is offered with it."""
    why = scope.locator(".live-why").first
    why.filter(has_text="does not start").wait_for()
    assert scope.get_by_role("link", name="The playground").is_visible()
    return why.inner_text()


def test_a_panel_from_a_folder_says_why_it_does_not_start(browser, site):
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "one.html").as_uri())
    assert "opened from a folder" in reason(page)
    context.close()


def test_a_panel_in_a_closed_frame_says_why_it_does_not_start(visit):
    page = visit("framed.html", expected=True)
    assert "closed frame" in reason(page.frames[1])


def test_no_digit_of_an_axis_is_cut_off(visit):
    page = visit("one.html")
    painted = """async (values) => {
        const { Curve, Trace } = await import("./live/charts.js");
        const [curve, trace] = [new Curve("norm"), new Trace()];
        document.body.append(curve.element);
        values.forEach((value) => trace.add(value));
        curve.draw(trace);
        const { height } = curve.picture;
        const data = curve.picture.getContext("2d").getImageData(0, 0, 120, height).data;
        const columns = Array.from({ length: 120 }, (_, x) => x);
        return columns.filter((x) => Array.from({ length: height }, (_, y) => y)
            .some((y) => data[4 * (120 * y + x) + 3] > 0));
    }"""
    for values in ([0.0000123, 0.0000456], [-0.0000123, 1], [0.5, 2]):
        assert page.evaluate(painted, values)[0] > 1


@pytest.fixture
def failing(browser, address):
    """Open a page on which the first request of a file fails."""
    context = browser.new_context(viewport={"width": 900, "height": 900})

    def open_page(name: str, file: str):
        page = context.new_page()
        page.route(f"**/{file}", lambda route: route.abort(), times=1)
        page.goto(f"{address}{name}")
        return page

    yield open_page
    context.close()


@pytest.mark.parametrize("file", ["panel.js", "charts.js", "lenet.js"])
def test_a_missing_module_is_told_and_a_reload_helps(failing, file):
    page = failing("one.html", file)
    assert "could not be loaded; reload" in reason(page)
    page.reload()
    assert run(page, ready(page))["step"] == 60


@pytest.mark.parametrize("file", ["worker.js", "session.js", "descent.js"])
def test_a_worker_that_cannot_be_loaded_is_replaced(failing, file):
    page = failing("one.html", file)
    assert run(page, ready(page))["step"] == 60


@pytest.mark.parametrize("file", ["manifest.json", "digits-robust-*.bin", "*averages-4-*.bin"])
def test_a_file_that_fails_once_is_loaded_by_trying_again(failing, file):
    page = failing("one.html", file)
    page.get_by_text("could not be loaded").wait_for()
    page.get_by_role("button", name="Try again").click()
    panel = ready(page)
    if shown(panel)["stopped"] is None and not panel.evaluate("panel => panel.running"):
        panel.get_by_role("button", name="Run", exact=True).click()
    page.wait_for_function("document.querySelector('inpaint-live').stopped")
    now = shown(panel)
    assert (now["step"], now["problem"]) == (60, "")


@pytest.mark.parametrize("file", ["playground.js", "link.js", "presets.js"])
def test_a_playground_without_its_tools_runs(failing, file):
    page = failing("playground.html", file)
    panel = ready(page)
    assert "tools for drawing" in panel.locator(".live-problem").inner_text()
    assert run(page, panel)["step"] == STEPS


def load_only(page, tmp_path: Path) -> None:
    """Do nothing more than to load the page."""


def compare(page, tmp_path: Path) -> None:
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    page.get_by_role("button", name="Compare").click()


def bring_a_picture(page, tmp_path: Path) -> None:
    page.locator("input[type=file]").set_input_files(picture_file(tmp_path))


#: A page, what a reader does there, and what is there when it is done.
VISITS = [
    ("one", load_only, "panel.latest"),
    ("playground", load_only, "panel.latest && panel.querySelector('.live-presets')"),
    ("playground", compare, "document.querySelector('.live-compared')?.latest"),
    (
        "playground",
        bring_a_picture,
        "panel.querySelector('.live-photo')?.textContent.includes('reads')",
    ),
]

#: The words on the page about what is wrong.
WORDS = """[...document.querySelectorAll('.live-why, .live-problem')]
    .filter((each) => each.checkVisibility()).map((each) => each.textContent).join('')"""


class Visit:
    """A reader on a page, one of whose requests fails.

    Attributes:
        page: The page.
        asked: Its requests: each address, and how many there were to the same one before.
        failed: The addresses of those that failed.
        errors: Exceptions that nothing has caught.
    """

    def __init__(self, context, address: str, act, done: str, fails=None) -> None:
        self.page = context.new_page()
        self.asked: list[tuple[str, int]] = []
        self.failed: list[str] = []
        self.errors: list[str] = []
        self.act = act
        self.done = f"((panel) => Boolean({done}))(document.querySelector('inpaint-live'))"
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", self._note)
        self.page.on("requestfailed", lambda request: self.failed.append(request.url))
        if fails:
            url, place = fails
            places = count()
            self.page.route(url, lambda r: r.abort() if next(places) == place else r.continue_())
        self.page.goto(address)

    def _note(self, request) -> None:
        url = request.url
        if url.startswith("http") and not url.endswith(("html", "favicon.ico")):
            self.asked.append((url, sum(each == url for each, _ in self.asked)))

    def words(self) -> str:
        """Do what the reader does; return what is said to be wrong where it does not succeed."""
        loaded = "document.querySelector('inpaint-live').latest"
        self.page.wait_for_function(f"{loaded} || {WORDS}")
        if self.page.evaluate(f"Boolean({loaded})"):
            self.act(self.page)
        self.page.wait_for_function(f"{self.done} || {WORDS}")
        return "" if self.page.evaluate(self.done) else self.page.evaluate(WORDS)

    def follow(self, words: str) -> None:
        """Do what the words say, and see that it helps."""
        again = self.page.get_by_role("button", name="Try again")
        if again.is_visible():
            again.click()
        else:
            if "reload the page" in words:
                self.page.reload()
            assert self.words() == ""
        self.page.wait_for_function(self.done)


def test_every_request_may_fail_once(browser, address, tmp_path):
    """The panel then works all the same, or says what is wrong and how to go on."""
    context = browser.new_context(viewport={"width": 900, "height": 900})
    tried: set[str] = set()
    for name, act, done in VISITS:
        act = partial(act, tmp_path=tmp_path)
        begin = partial(Visit, context, f"{address}{name}.html", act, done)
        clean = begin()
        assert clean.words() == ""
        clean.page.close()
        for request in [each for each in clean.asked if each[0] not in tried]:
            visit = begin(fails=request)
            if words := visit.words():
                assert "could not be loaded" in words, request
                visit.follow(words)
            visit.page.get_by_role("button", name="One step").click()
            visit.page.wait_for_function("document.querySelector('inpaint-live').latest.step > 0")
            assert visit.errors == [], request
            assert request[0] in visit.failed
            visit.page.close()
        tried |= {url for url, _ in clean.asked}
    assert {url.rpartition(".")[2] for url in tried} == {"css", "js", "json", "bin"}
    context.close()


def test_a_page_that_goes_offline_runs_on(browser, address):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}playground.html")
    panel = ready(page)
    context.set_offline(True)
    assert run(page, panel)["step"] == STEPS
    choose(panel, "recipe", "digits-mixture")
    page.get_by_text("could not be loaded").wait_for()
    context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.wait_for_function(
        "panel => panel.stopped && panel.latest.run === panel.run", arg=panel.element_handle()
    )
    assert shown(panel)["problem"] == ""
    context.close()


def test_a_start_that_is_not_possible_is_told_and_does_not_close_the_panel(visit):
    page = visit("playground.html")
    panel = ready(page)
    choose(panel, "hole", "everything")
    page.get_by_text("wanted a known pixel to start from").wait_for()
    choose(panel, "start", "class-average")
    page.wait_for_function(
        "panel => panel.stopped && panel.latest.run === panel.run", arg=panel.element_handle()
    )
    assert shown(panel)["problem"] == ""


def link(**settings: object) -> str:
    """A link to the playground with changed settings, and no hole."""
    base = {"recipe": "digits", "example": "digit-4", "hole": "rectangle", "label": 4}
    text = json.dumps({**base, **settings}).replace('"1e999"', "1e999")
    parts = (text.encode(), bytes(98))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"step_size": "1e999"}, "μ, step size: got Infinity, wanted a number from 0.0001 to 1"),
        ({"step_size": -1}, "μ, step size: got -1"),
        ({"seed": {}}, "seed: got {}, wanted a whole number from 0 to 9"),
        ({"jitter": 0.5}, "jitter: got 0.5, wanted a whole number from 0 to 5"),
        ({"label": 10}, "desired label: got 10, wanted a whole number from 0 to 9"),
        ({"content": "love"}, 'content term: got "love", wanted one of probabilities'),
        ({"recipe": "cake"}, 'recipe: got "cake", wanted one of paper-digits'),
        ({"example": "face-s1"}, "wanted one that fits the recipe digits"),
        (
            {"recipe": "emoji", "example": "emoji-frog", "start": "part-mixture"},
            'start: got "part-mixture", wanted one of harmonic, class-average',
        ),
    ],
)
def test_a_link_that_asks_for_what_there_is_not_is_refused(visit, settings, words):
    page = visit(f"playground.html#{link(**settings)}")
    panel = ready(page)
    problem = panel.locator(".live-problem").inner_text()
    assert words in problem
    assert "You see the default instead" in problem
    now = run(page, panel)
    assert (now["step"], now["label"], sum(now["hole"])) == (STEPS, 4, 126)


def test_a_link_that_was_cut_is_refused(visit):
    page = visit(f"playground.html#{link()[:-9]}")
    assert "it may have been cut" in ready(page).locator(".live-problem").inner_text()


def test_a_link_brings_the_result_back(visit):
    page = visit("playground.html")
    panel = ready(page)
    sent = run(page, panel)
    open_tools(panel)
    panel.get_by_role("button", name="Link to this").click()
    again = visit(f"playground.html{page.evaluate('location.hash')}")
    received = shown(ready(again))
    assert received["step"] == sent["step"] == STEPS
    assert np.allclose(received["image"], sent["image"], atol=1 / 65535)


@pytest.mark.parametrize("name", ["restore", "turn", "nothing", "silent", "face", "light"])
def test_a_preset_is_one_click(visit, name):
    page = visit("playground.html")
    panel = ready(page)
    panel.locator(f"[data-preset={name}]").click()
    page.wait_for_function(
        "panel => panel.stopped && panel.latest.run === panel.run", arg=panel.element_handle()
    )
    now = shown(panel)
    assert now["problem"] == ""
    assert panel.evaluate("panel => panel.controls.label.value") == now["label"]
    assert len(panel.locator(".live-presets .live-words").inner_text()) > 40
    best = f"classified as {panel.evaluate('panel => panel.classes[panel.asked.label]')} with"
    assert best in now["line"]


@pytest.mark.parametrize("kind", pen_digits.KINDS)
def test_a_photograph_of_a_digit_is_read(visit, tmp_path, kind):
    draw, digit = pen_digits.KINDS[kind]
    path = tmp_path / f"my {kind}.png"
    draw().save(path)
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    panel.locator("input[type=file]").set_input_files(path)
    words = panel.locator(".live-photo-words")
    words.filter(has_text="The network reads").wait_for()
    assert f"reads {digit} with" in words.inner_text()
    light = page.get_by_role("radio", name="light on dark")
    assert light.is_checked() == (kind == "board")
    page.get_by_role("button", name="Use this picture").click()
    assert shown(panel)["label"] == digit
    entry = panel.get_by_role("radio", name=f"my {kind}")
    assert entry.is_checked()
    panel.get_by_role("radio", name="digit 1").check()
    entry.check()
    assert panel.evaluate("panel => panel.own")


def test_a_photograph_can_be_cropped_and_given_up(visit, tmp_path):
    path = tmp_path / "plain.png"
    pen_digits.plain().save(path)
    page = visit("playground.html")
    panel = ready(page)
    before = shown(panel)["given"]
    open_tools(panel)
    panel.locator("input[type=file]").set_input_files(path)
    words = panel.locator(".live-photo-words")
    words.filter(has_text="The network reads").wait_for()
    panel.get_by_label("size of the part").fill("0.1")
    panel.get_by_label("across").fill("0")
    panel.get_by_label("down").fill("0")
    panel.get_by_text("is blank").wait_for()
    page.get_by_role("button", name="Cancel").click()
    assert panel.locator(".live-photo").inner_text() == ""
    assert shown(panel)["given"] == before


def test_two_results_are_compared_by_one_run(visit):
    page = visit("playground.html")
    panel = ready(page)
    open_tools(panel)
    panel.get_by_role("button", name="Compare").click()
    page.wait_for_function("document.querySelector('.live-compared')?.latest")
    other = page.locator(".live-compared")
    other.evaluate(
        """panel => {
            panel.controls.recipe.place = panel.choices.recipes.indexOf('digits-mixture');
            panel.controls.recipe.input.dispatchEvent(new Event('input', { bubbles: true }));
        }"""
    )
    panel.locator("[data-preset=turn]").click()
    both = "[...document.querySelectorAll('inpaint-live')]"
    page.wait_for_function(f"{both}.every((one) => one.stopped && one.latest.run === one.run)")
    first, second = (panel_.evaluate("p => [...p.latest.image]") for panel_ in (panel, other))
    keys = "({ asked: { label, seed }, hole, image }) => [label, seed, [...hole], [...image]]"
    assert panel.evaluate(keys) == other.evaluate(keys)
    assert other.evaluate("panel => panel.asked.recipe") == "digits-mixture"
    assert first != second
    panel.get_by_role("button", name="Compare").click()
    other.wait_for(state="detached")
    assert page.locator("inpaint-live").count() == 1


def test_the_keyboard_says_where_it_paints(visit):
    page = visit("one.html")
    panel = ready(page)
    panel.locator("canvas.live-paintable").focus()
    status = panel.locator(".live-status")
    page.keyboard.press("ArrowDown")
    assert status.inner_text() == "row 16, column 15: missing"
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    assert status.inner_text() == "row 16, column 27: known"
    page.keyboard.press("Space")
    assert status.inner_text() == "row 16, column 27: missing"


def test_curves_have_words(visit):
    page = visit("one.html")
    panel = ready(page)
    run(page, panel)
    energy, norm = panel.locator("canvas.live-curve").all()
    page.wait_for_function("document.querySelector('.live-curve').ariaLabel.includes('step 60')")
    words = energy.get_attribute("aria-label")
    assert "content" in words
    assert "total variation" in words
    assert "at step 0" in norm.get_attribute("aria-label")
    total = panel.evaluate("({ shares }) => Object.values(shares).reduce((a, b) => a + b.last, 0)")
    assert np.isclose(total, shown(panel)["energy"])


@pytest.mark.parametrize("width", [320, 390])
def test_the_playground_fits_a_phone(at_width, width):
    page = at_width("playground.html", width)
    panel = ready(page)
    run(page, panel)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if width == 390:
        assert panel.bounding_box()["height"] <= 3 * 844
        assert panel.locator("canvas").first.bounding_box()["width"] >= 330
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    panel.locator("canvas").first.scroll_into_view_if_needed()
    button = panel.get_by_role("button", name="Run", exact=True).bounding_box()
    assert button["y"] + button["height"] <= 844, "within reach of the thumb"


@pytest.mark.parametrize("width", [320, 390])
def test_values_fill_their_places_on_a_phone(at_width, width):
    page = at_width("playground.html", width)
    panel = ready(page)
    readings, bars = panel.locator(".live-readings"), panel.locator(".live-bars")
    before = readings.bounding_box()
    run(page, panel)
    box = readings.bounding_box()
    assert box["height"] == before["height"]
    places = readings.locator("> span").all()
    assert [place.inner_text().split("\n")[0].strip() for place in places] == [
        "stopped at step", "energy", "classified as", "PSNR in the hole",
    ]  # fmt: skip
    end = max(each["y"] + each["height"] for each in (place.bounding_box() for place in places))
    assert 0 <= bars.bounding_box()["y"] - end <= 16, "no blank room below"
    cut = "all => all.filter(each => each.scrollWidth > each.clientWidth).length"
    assert readings.locator("span").evaluate_all(cut) == 0


def test_pictures_are_large_and_nothing_moves_while_it_runs(visit):
    page = visit("one.html")
    panel = ready(page)
    button = panel.get_by_role("button", name="One step")
    before = button.bounding_box()
    run(page, panel)
    assert button.bounding_box() == before
    assert panel.locator("canvas").first.bounding_box()["width"] >= 280


def test_bars_are_seen_in_forced_colours(visit):
    page = visit("one.html")
    page.emulate_media(forced_colors="active")
    panel = ready(page)
    run(page, panel)
    colours = panel.locator(".live-wanted > :nth-child(2)").evaluate(
        "bar => [bar, bar.firstChild].map((each) => getComputedStyle(each).backgroundColor)"
    )
    assert len(set(colours)) == 2


def test_no_javascript_leaves_the_words(browser, address):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}one.html")
    assert page.get_by_text("fallback").is_visible()
    context.close()


def test_the_directive_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="got nonsense, wanted some of recipe, example"):
        live.names("label nonsense")
    with pytest.raises(ValueError, match="wanted a JSON object"):
        live.settings("[1]")


def test_the_words_of_a_panel_are_escaped():
    html = live.panel({"hole": 'a"b'}, "<b>")
    assert 'data-hole="a&quot;b"' in html
    assert "&lt;b&gt;" in html


def test_a_chapter_shows_its_own_digit_and_hole(visit):
    digits = datasets.load("digits", split="test")
    page = visit("own.html")
    now = shown(ready(page))
    assert np.allclose(now["given"], digits.images[37].ravel())
    assert now["label"] == digits.labels[37]
    hole = holes.rectangle((28, 28), top=3, left=5, height=7, width=9)
    assert np.array_equal(np.array(now["hole"]).reshape(28, 28), hole)
