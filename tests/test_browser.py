"""The built book in a real browser to which every outside host is unknown.

``make test-book`` builds the book and says where it is in INPAINTLIB_BOOK. Each page is opened
once, and everything is asked of it there.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import browsing
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import BrowserContext, Locator, Page

ROOT = Path(__file__).parent.parent
SITE = Path(os.environ.get("INPAINTLIB_BOOK") or "not-built").resolve()
AXE = ROOT / "book" / "web" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = [
    browsing.needs_browser,
    pytest.mark.skipif(
        "INPAINTLIB_BOOK" not in os.environ,
        reason="no built book: make test-book builds and checks it",
    ),
]

DESK, PHONE = (1280, 900), (390, 844)
#: In bytes. The Gaussians of the live panels are 5 MB, and once more in the playground's one file.
PAGE_LIMIT, SITE_LIMIT = 1_500_000, 55_000_000
#: All that the first page loads until its panel has its network, with the theme and MathJax.
FIRST_LIMIT = 5_000_000
MATHS = "mjx-container"

PAGES = sorted(
    path.relative_to(SITE).as_posix()
    for path in SITE.glob("**/*.html")
    if path.relative_to(SITE).parts[0] != "_static"
)
EXPLORED = [page for page in PAGES if "explorer-frame" in (SITE / page).read_text("utf-8")]

LIVE = [page for page in PAGES if "<inpaint-live" in (SITE / page).read_text("utf-8")]


@dataclass
class Opened:
    """A page of the book in the browser, and all that went wrong on it so far."""

    page: Page
    watch: browsing.Watch


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the book is served: in a folder of its host, as on GitHub Pages."""
    with browsing.served(SITE.parent) as host:
        yield f"{host}{SITE.name}/"


@pytest.fixture(scope="module")
def context() -> Iterator[BrowserContext]:
    with browsing.chromium() as browser:
        yield browser.new_context(color_scheme="light", reduced_motion="reduce")


def opened_at(context: BrowserContext, place: str, name: str, *, motion: str = "reduce") -> Opened:
    page = context.new_page()
    page.emulate_media(reduced_motion=motion)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    watch = browsing.Watch(page, place)
    page.goto(f"{place}{name}", wait_until="load")
    page.evaluate("async () => { await window.MathJax?.startup?.promise; }")
    return Opened(page, watch)


@pytest.fixture(scope="module", params=PAGES)
def opened(
    request: pytest.FixtureRequest, context: BrowserContext, address: str
) -> Iterator[Opened]:
    made = opened_at(context, address, request.param)
    yield made
    made.page.close()


def set_theme(page: Page, scheme: str) -> None:
    """Let the reader's system prefer light or dark; the page follows."""
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    if page.locator("html[data-mode]").count():  # 404.html asks the system by itself
        page.wait_for_selector(f"html[data-theme={scheme}]", state="attached")


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds moderate, serious or critical on the page as it is."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = rules
    found = page.evaluate(f"axe.run(document, {json.dumps(options)})")["violations"]
    return [
        f"{violation['id']}: {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("moderate", "serious", "critical")
        for node in violation["nodes"]
    ]


def shown(explorer: Locator) -> tuple[str, str]:
    """The picture that can be seen in an explorer, by its address, and its words."""
    picture = explorer.locator("img:visible")
    picture.wait_for()  # of several it complains
    picture.evaluate("picture => picture.decode()")
    return picture.get_attribute("src") or "", picture.get_attribute("alt") or ""


def walk(explorer: Locator, number: int) -> None:
    """Move one control of an explorer through all its values by keyboard."""
    control = explorer.locator("[data-options]").nth(number)
    options = json.loads(control.get_attribute("data-options") or "")
    if control.get_attribute("role") == "radiogroup":
        field, value = control.locator("input"), control.locator("label:has(:checked)")
        field.first.focus()
        field.first.press("Space")
        assert all(button.is_visible() for button in control.locator("label").all())
    else:
        field, value = control, control.locator("xpath=following-sibling::output[1]")
        field.press("Home")
    values, pictures = [value.inner_text()], [shown(explorer)]
    for place in range(len(options) - 1):
        field.nth(min(place, field.count() - 1)).press("ArrowRight")
        values.append(value.inner_text())
        pictures.append(shown(explorer))
    assert values == options
    if field.count() == 1:
        assert control.get_attribute("aria-valuetext") == options[-1]
    assert len(set(pictures)) > len(pictures) // 2, "the picture hardly ever changes"


def test_page_loads_from_the_book_alone(opened):
    assert not opened.watch.problems
    assert not opened.watch.outside


def test_formulas_are_drawn(opened):
    formulas = opened.page.locator(".math.notranslate").count()
    assert opened.page.locator(MATHS).count() >= formulas
    assert not opened.page.locator(f"{MATHS} [data-mjx-error]").count()
    assert "\\(" not in opened.page.locator("body").inner_text()


def test_axe_finds_nothing_in_light(opened):
    set_theme(opened.page, "light")
    assert not violations(opened.page)


def test_axe_finds_no_pale_text_in_dark(opened):
    # What does not depend on colours was found in light.
    set_theme(opened.page, "dark")
    assert not violations(opened.page, ["color-contrast", "link-in-text-block"])


def test_page_fits_a_telephone(opened):
    page = opened.page
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert width <= PHONE[0]


def test_a_chapter_has_a_picture_on_a_telephones_first_screen(opened):
    page = opened.page
    if "/notebooks/" not in page.url:
        return
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    box = page.locator(".bd-article svg.method").bounding_box()
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert box
    assert box["y"] + box["height"] < PHONE[1]


#: After a change of the window's width: the drawers are at their places, not on the way there, and
#: two frames later, what observes sizes has seen it.
LAID_OUT = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    await frame();
    for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
    await frame();
    await frame();
}"""

#: What the keyboard reaches at a place where nobody sees it.
UNSEEN = """() => [...document.querySelectorAll("a, button, input, select, summary, [tabindex]")]
    .filter((stop) => stop.tabIndex >= 0 && stop.checkVisibility({ visibilityProperty: true }))
    .filter((stop) => {
        const box = stop.getBoundingClientRect();
        return box.left >= innerWidth || box.right <= 0;
    })
    .map((stop) => stop.outerHTML.slice(0, 90))"""


def test_the_keyboard_reaches_nothing_beside_a_telephones_page(opened):
    page = opened.page
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.evaluate(LAID_OUT)
    unseen = page.evaluate(UNSEEN)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert unseen == []


#: Code, output and tables that reach over their place, or over the page's text.
CUT = """() => [...document.querySelectorAll(".bd-article :is(pre, table)")]
    .filter((block) => block.checkVisibility())
    .filter((block) => block.scrollWidth > block.clientWidth + 1
        || block.getBoundingClientRect().right
            > (block.closest(".tag_full-width") ? innerWidth
                : block.closest(".bd-article-container").getBoundingClientRect().right))
    .map((block) => block.textContent.trim().slice(0, 60))"""


#: What axe asks of the parts of a page and its headings; on a narrow one other parts are there.
PARTS = ["region", "landmark-unique", "landmark-one-main", "heading-order", "page-has-heading-one"]
PARTS += ["landmark-no-duplicate-banner", "landmark-no-duplicate-contentinfo", "aria-dialog-name"]


def test_axe_finds_the_parts_of_a_narrow_page_named(opened):
    page = opened.page
    page.set_viewport_size({"width": 320, "height": PHONE[1]})
    page.evaluate(LAID_OUT)
    found = violations(page, PARTS)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert found == []


def test_no_line_or_column_is_cut(opened):
    opened.page.evaluate(LAID_OUT)
    assert opened.page.evaluate(CUT) == []


def test_no_line_or_column_is_cut_on_paper(opened):
    page = opened.page
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1016})  # A4 without its margins
    cut = page.evaluate(CUT)
    hidden = page.locator("details:is(.sd-dropdown, .below-input)").evaluate_all(
        "all => all.filter((box) => !box.lastElementChild.checkVisibility()).length"
    )
    tall = page.locator(".bd-article figure img:visible").evaluate_all(
        "all => all.map((picture) => picture.getBoundingClientRect().height * 25.4 / 96)"
    )
    page.emulate_media(media="screen", reduced_motion="reduce")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert cut == []
    assert hidden == 0, "a solution or a folded table is not printed"
    assert max(tall, default=0) <= 160.5, "millimetres: it would leave half a page empty"


def test_sliders_change_their_pictures(opened):
    for explorer in opened.page.locator(".explorer").all():
        for number in range(explorer.locator("[data-options]").count()):
            walk(explorer, number)
    assert not opened.watch.problems


def test_some_chapters_have_sliders():
    assert EXPLORED


#: What a panel has come to: its energies, and how many pixels changed that were known, or missing.
PANEL = """panel => {
    const changed = [...panel.latest.image].map((value, i) => value !== panel.image[i]);
    const count = (missing) => changed.filter((is, i) => is && panel.hole[i] == missing).length;
    return {
        energies: panel.traces.energy.values, known: count(0), missing: count(1),
        problem: panel.querySelector(".live-problem").textContent,
    };
}"""

#: Whether the still picture of a panel shows the hole that the panel has, in the holes' colour.
STILL = """async (panel) => {
    const still = panel.querySelector(".live-still"), canvas = document.createElement("canvas");
    await still.decode();
    [canvas.width, canvas.height] = [(still.naturalWidth - 4) / 3, still.naturalHeight];
    const context = canvas.getContext("2d");
    context.drawImage(still, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const orange = (i) => [230, 158, 0].every((level, part) => data[4 * i + part] === level);
    return 4 * panel.hole.length === data.length
        && [...panel.hole].every((missing, i) => Boolean(missing) === orange(i));
}"""

TOLD = "([panel]) => Boolean(panel.querySelector('.live-problem').textContent)"
SETTLED = f"panel => panel.latest.run === panel.run && !({TOLD})([panel])"
ANSWERED = f"""([panel, name, before]) => ({TOLD})([panel]) || (panel.asked[name] !== before
    && panel.asked[name] === panel.controls[name].value && panel.latest.run === panel.run)"""


def press(panel: Locator, control: Locator) -> None:
    """Move a control to a neighbouring value by keyboard, and wait for the panel's answer."""
    name = control.get_attribute("data-control")
    value = "(panel, name) => panel.controls[name].value"
    before = panel.evaluate(value, name)
    field = control.locator("select, input[type=range], input:checked").first
    group = control.locator("xpath=ancestor::details").first
    if group.count() and group.get_attribute("open") is None:
        group.locator("summary").click()
    field.focus()
    is_list = field.evaluate("field => field.tagName === 'SELECT'")
    field.press("ArrowDown" if is_list else "ArrowRight")
    if panel.evaluate(value, name) == before:  # it was the last one of a list or a slider
        field.press("ArrowLeft" if field.get_attribute("type") == "range" else "ArrowUp")
    handle = panel.element_handle()
    panel.page.wait_for_function(ANSWERED, arg=[handle, name, before])
    if panel.evaluate(f"panel => ({TOLD})([panel])"):  # a start that this hole does not allow
        field.press("ArrowLeft")
        panel.page.wait_for_function(SETTLED, arg=handle)


@pytest.mark.parametrize("page", LIVE)
def test_live_panel_runs_and_answers_its_controls(context, address, page):
    found = opened_at(context, address, page)
    found.page.emulate_media(reduced_motion="no-preference")  # else it is drawn once a second
    for panel in found.page.locator("inpaint-live").all():
        panel.scroll_into_view_if_needed()
        handle = panel.element_handle()
        found.page.wait_for_function("panel => panel.latest !== undefined", arg=handle)
        assert panel.evaluate(STILL), "the still picture shows another hole"
        # One panel may have started by itself.
        panel.evaluate("panel => panel.running || panel.stopped || panel.runButton.click()")
        found.page.wait_for_function("panel => panel.stopped", arg=handle)
        result = panel.evaluate(PANEL)
        # Later it may rise again: a binary penalty sets in, or jitter shows another view.
        assert min(result["energies"]) < result["energies"][0]
        assert result["known"] == 0
        assert result["missing"] > 0
        for control in panel.locator("[data-control]").all():
            press(panel, control)
        assert panel.evaluate(PANEL)["problem"] == ""
    assert not found.watch.problems
    assert not found.watch.outside
    found.page.close()


def test_panel_of_the_dark_face_does_what_its_chapter_says(context, address):
    found = opened_at(context, address, "notebooks/11-illumination.html")
    panel = found.page.locator("inpaint-live")
    panel.scroll_into_view_if_needed()
    handle = panel.element_handle()
    found.page.wait_for_function("panel => panel.latest !== undefined", arg=handle)

    def ended() -> dict[str, Any]:
        condition = "panel => panel.stopped && panel.latest.run === panel.run"
        found.page.wait_for_function(condition, arg=handle)
        return panel.evaluate(
            """panel => {
                const { image, probabilities } = panel.latest;
                const filled = [...image].filter((value, i) => panel.hole[i]);
                return {
                    first: probabilities.indexOf(Math.max(...probabilities)) === panel.asked.label,
                    grey: filled.reduce((sum, value) => sum + value) / filled.length,
                };
            }"""
        )

    panel.get_by_role("button", name="Run", exact=True).click()
    blended = ended()
    start = panel.locator("[data-control=start]")
    start.get_by_role("radio", name="class-average", exact=True).check()
    pasted = ended()
    assert (blended["first"], pasted["first"]) == (False, True)
    assert pasted["grey"] > 2 * blended["grey"]
    found.page.close()


def test_many_chapters_have_a_live_panel():
    assert len(LIVE) >= 11


ASKED = "notebooks/03-energy.html"


def test_a_question_tells_by_keyboard_whether_an_answer_is_right_and_why(context, address):
    page = opened_at(context, address, ASKED).page
    question = page.locator(".question").first
    assert not question.locator("details").is_visible()
    answers = question.get_by_role("radio")
    answers.first.focus()
    page.keyboard.press("Space")
    told = [question.get_by_role("status").inner_text()]
    for _ in range(answers.count() - 1):
        page.keyboard.press("ArrowDown")
        told.append(question.get_by_role("status").inner_text())
    assert sorted(text.split(":")[0] for text in told) == ["Right", "Wrong", "Wrong"]
    page.close()


@pytest.fixture
def plain_page(context: BrowserContext) -> Iterator[Page]:
    """A page in which no script runs."""
    assert context.browser is not None
    without = context.browser.new_context(java_script_enabled=False)
    yield without.new_page()
    without.close()


def test_questions_have_their_answers_without_a_script(plain_page, address):
    page = plain_page
    page.goto(f"{address}{ASKED}")
    box = page.locator(".question details").first
    box.locator("summary").click()
    assert box.locator("li").first.is_visible()


@pytest.mark.parametrize("name", LIVE)
def test_a_panel_is_a_picture_without_a_script(plain_page, address, name):
    plain_page.goto(f"{address}{name}")
    stills = plain_page.locator("inpaint-live .live-still")
    assert stills.count() == plain_page.locator("inpaint-live").count() > 0
    for still in stills.all():
        assert still.is_visible()
        assert "the start, and the result of" in (still.get_attribute("alt") or "")


def test_a_panel_that_was_not_seen_is_printed_as_a_picture(context, address):
    page = opened_at(context, address, LIVE[-1]).page
    panel = page.locator("inpaint-live")
    assert panel.get_attribute("data-ready") is None, "the panel does not wait to be seen"
    page.emulate_media(media="print")
    assert panel.locator(".live-still").is_visible()
    page.close()


CLAIMS = "book/claims.html"
CARDS = "article.claim"

#: The chosen values of the filters, as the cards that can be seen have them, each once.
SEEN = """(cards, name) => [...new Set(cards.filter((card) => card.checkVisibility())
    .map((card) => card.dataset[name]))]"""


def seen(page: Page, name: str) -> list[str]:
    return page.locator(CARDS).evaluate_all(SEEN, name)


def told(page: Page) -> list[int]:
    """The numbers in the line beside the filters."""
    return [int(number) for number in re.findall(r"\d+", page.locator("output").inner_text())]


def test_claims_are_filtered_by_keyboard_and_a_link_keeps_the_choice(context, address):
    found = opened_at(context, address, CLAIMS)
    page = found.page
    count = page.locator(CARDS).count()
    assert told(page) == [count]
    page.locator("input[name=verdict]").first.focus()
    page.keyboard.press("ArrowRight")
    [verdict] = seen(page, "verdict")
    assert told(page) == [page.locator(f"{CARDS}:visible").count(), count]
    assert page.locator(".claims-table tbody tr:not([hidden])").count() == told(page)[0]
    [_, chapter, *_] = seen(page, "chapter")
    page.locator("select[name=chapter]").select_option(chapter)
    assert (seen(page, "verdict"), seen(page, "chapter")) == ([verdict], [chapter])
    chosen = told(page)
    page.reload()
    assert told(page) == chosen
    assert (seen(page, "verdict"), seen(page, "chapter")) == ([verdict], [chapter])
    page.get_by_role("button", name="Show all").press("Enter")
    assert page.locator(f"{CARDS}:visible").count() == count
    assert "?" not in page.url
    page.locator("select[name=section]").select_option("3.3")
    assert seen(page, "section") == ["3.3"]
    assert not found.watch.problems
    page.close()


def test_first_page_leads_to_the_claims_of_one_verdict(context, address):
    page = opened_at(context, address, "index.html").page
    link = page.locator(".claims-summary li a").nth(1)
    count, verdict = link.inner_text().split(" ", 1)
    link.press("Enter")
    page.wait_for_url(f"**/{CLAIMS}?**")
    assert seen(page, "verdict") == [verdict.replace(" ", "-")]
    assert told(page)[0] == int(count)
    page.close()


def test_link_to_a_claim_shows_it_whatever_is_chosen(context, address):
    page = opened_at(context, address, CLAIMS).page
    card = page.locator(CARDS).last
    identifier = card.get_attribute("id")
    other = page.locator(f"{CARDS}:not([data-verdict={card.get_attribute('data-verdict')}])").first
    query = f"?verdict={other.get_attribute('data-verdict')}"
    for place in (f"{CLAIMS}#{identifier}", f"{CLAIMS}{query}#{identifier}"):
        page.goto(f"{address}{place}")
        top = card.evaluate("card => card.getBoundingClientRect().top")
        header = page.locator(".bd-header-article").bounding_box()
        assert header["y"] + header["height"] <= top < DESK[1] / 2
        assert card.locator("details p").is_visible()
    page.close()


def test_the_bar_of_verdicts_keeps_its_parts_in_forced_colours(context, address):
    page = opened_at(context, address, CLAIMS).page
    page.emulate_media(forced_colors="active")
    fills = page.locator(".claims-bar .verdict").evaluate_all(
        "all => all.map((part) => getComputedStyle(part).backgroundColor)"
    )
    page.close()
    assert len(set(fills)) == len(fills) > 1


def test_claims_can_be_read_without_a_script(plain_page, address):
    page = plain_page
    page.goto(f"{address}{CLAIMS}")
    assert page.locator(f"{CARDS}:visible").count() == page.locator(CARDS).count() > 0
    assert not page.locator("form.claims-filters").is_visible()
    page.locator(".claims-table summary").click()
    rows = page.locator(".claims-table tbody tr:visible")
    assert rows.count() == page.locator(CARDS).count()


def test_claims_fit_on_eight_pages_with_their_reasons(context, address):
    page = opened_at(context, address, CLAIMS).page
    margins = dict.fromkeys(("top", "right", "bottom", "left"), "10mm")
    paper = page.pdf(format="A4", margin=margins)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) <= 8
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1047})  # A4 without its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    visible = "all => all.map((reason) => reason.checkVisibility())"
    reasons = page.locator(".claim-reason p").evaluate_all(visible)
    assert reasons
    assert all(reasons)
    assert not page.locator("form.claims-filters").is_visible()
    page.close()


@pytest.mark.parametrize("name", [CLAIMS, "index.html"])
def test_claims_fit_a_small_telephone(context, address, name):
    page = opened_at(context, address, name).page
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    cut = page.locator(".claim *, .claims-summary *").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().right > 320).length"
    )
    assert cut == 0
    page.close()


@pytest.mark.parametrize("asked", ["harmonic", "how to cite", "license", "PSNR"])
def test_search_finds_words_and_shows_words(context, address, asked):
    found = opened_at(context, address, f"search.html?q={asked.replace(' ', '+')}")
    found.page.wait_for_selector("#search-results li p.context")
    found.page.wait_for_function(
        "() => document.querySelector('#search-results p')?.textContent.includes('finished')"
    )
    found.page.wait_for_load_state("networkidle")
    excerpts = found.page.locator("#search-results li p.context").all_inner_texts()
    assert excerpts
    assert not [text for text in excerpts if re.search(r"\\\\[a-zA-Z(\[]", text)]
    if asked in ("how to cite", "license"):
        titles = found.page.locator("#search-results li > a").all_inner_texts()
        assert any(title.startswith("How to cite") for title in titles)
    assert not found.watch.problems
    found.page.close()


def test_first_page_paints_by_itself(context, address):
    """A reader who touches nothing sees the strokes within ten seconds of the page's time."""
    found = opened_at(context, address, "index.html", motion="no-preference")
    panel = found.page.locator("inpaint-live").first
    found.page.wait_for_function("panel => panel.stopped", arg=panel.element_handle())
    steps = len(panel.evaluate(PANEL)["energies"]) - 1
    speed = json.loads(panel.get_attribute("data-settings") or "")["speed"]
    assert steps / speed <= 10
    assert panel.evaluate(
        "panel => panel.latest.probabilities.indexOf("
        "Math.max(...panel.latest.probabilities)) === panel.asked.label"
    )
    assert panel.evaluate("panel => panel.getBoundingClientRect().top") < DESK[1] / 2
    boxes = [each.bounding_box() or {} for each in panel.locator("canvas.live-pixels").all()]
    assert [each["y"] for each in boxes] == [boxes[0]["y"]] * 3, "hole, start and result in a row"
    assert min(each["width"] for each in boxes) >= 280
    assert not found.watch.problems
    found.page.close()


def test_first_page_loads_little_before_it_paints(context, address):
    found, sizes = context.new_page(), []
    found.on("response", lambda got: sizes.append(int(got.headers.get("content-length", 0))))
    found.goto(f"{address}index.html", wait_until="load")
    panel = found.locator("inpaint-live").first
    found.wait_for_function("panel => panel.latest !== undefined", arg=panel.element_handle())
    assert sum(sizes) <= FIRST_LIMIT
    found.close()


def test_reader_chooses_the_theme(context, address):
    page = opened_at(context, address, "index.html").page
    before = page.get_attribute("html", "data-mode")
    page.locator(".theme-switch-button:visible").first.click()
    assert page.get_attribute("html", "data-mode") != before
    page.evaluate("localStorage.clear()")
    page.close()


PICTURE = ".bd-article a.image-reference"
FULL = "dialog.full-size"


@pytest.fixture
def phone(context: BrowserContext, address: str) -> Iterator[Page]:
    """A chapter with pictures and sliders on a telephone."""
    page = opened_at(context, address, EXPLORED[0]).page
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    yield page
    page.close()


def focused(link: Locator) -> bool:
    return bool(link.evaluate("link => link === document.activeElement"))


@pytest.mark.parametrize("place", [f"figure {PICTURE}", f".explorer {PICTURE}"])
def test_a_picture_opens_in_full_size_and_the_focus_returns(phone, place):
    link, dialog = phone.locator(place.replace(".bd-article ", "")).first, phone.locator(FULL)
    small = link.locator("img:visible")
    link.scroll_into_view_if_needed()
    small.evaluate("image => image.decode()")
    natural = small.evaluate("image => image.naturalWidth")
    assert small.bounding_box()["width"] < natural
    closings = {
        "button": lambda: dialog.get_by_role("button", name="Close").click(),
        "key": lambda: phone.keyboard.press("Escape"),
        "key, past the button": lambda: [phone.keyboard.press(key) for key in ("Tab", "Escape")],
        "beside": lambda: phone.mouse.click(3, PHONE[1] - 3),
    }
    for name, close in closings.items():
        link.focus()
        phone.keyboard.press("Enter")
        dialog.wait_for()
        whole = dialog.locator("img")
        whole.evaluate("image => image.decode()")
        assert whole.bounding_box()["width"] == natural
        assert whole.get_attribute("alt") == small.get_attribute("alt")
        assert dialog.evaluate("box => box.getBoundingClientRect().right") <= PHONE[0]
        close()
        dialog.wait_for(state="hidden")
        assert focused(link), name
    small.click()
    dialog.wait_for()
    phone.keyboard.press("ArrowRight")
    phone.wait_for_function("document.querySelector('.full-size form').scrollLeft > 0")
    assert not violations(phone)
    dialog.locator("img").click(position={"x": natural / 2, "y": 60})
    phone.keyboard.press("Escape")
    dialog.wait_for(state="hidden")


def test_a_picture_says_that_it_can_be_shown_in_full_size(phone):
    link = phone.locator(PICTURE).first
    words = link.locator("img").get_attribute("alt")
    assert phone.get_by_role("link", name=f"{words} Show full size").count()
    phone.emulate_media(media="print")
    assert link.evaluate("link => getComputedStyle(link, '::after').display") == "none"
    phone.emulate_media(media="screen", reduced_motion="reduce")


def test_a_sliders_link_follows_its_picture(phone):
    explorer = phone.locator(".explorer").first
    explorer.locator("input").first.press("ArrowRight")
    picture, _ = shown(explorer)
    file = explorer.locator("a.image-reference").evaluate("link => link.href")
    assert file.endswith(picture.removeprefix(".."))


def test_a_slider_moves_nothing_while_its_picture_is_loaded(context, address):
    page = opened_at(context, address, EXPLORED[0]).page
    explorer = page.locator(".explorer").first
    box = explorer.bounding_box()
    page.route("**/*.webp", lambda route: None)  # no other frame ever comes
    explorer.locator("input").first.press("ArrowRight")
    assert explorer.locator("img:visible").evaluate("picture => picture.naturalWidth") == 0
    after = explorer.bounding_box()
    page.unroute_all(behavior="ignoreErrors")
    page.close()
    assert (after["width"], after["height"]) == (box["width"], box["height"])


def test_the_buttons_of_the_contents_show_their_focus(phone):
    for name in ("Toggle primary sidebar", "Toggle secondary sidebar"):
        button = phone.get_by_role("button", name=name)
        button.focus()
        phone.keyboard.press("Shift+Tab")
        phone.keyboard.press("Tab")
        assert focused(button)
        assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"


def test_without_a_script_a_picture_is_a_link_to_its_file(plain_page, address):
    plain_page.goto(f"{address}{EXPLORED[0]}")
    plain_page.locator(PICTURE).first.click()
    assert "/_images/" in plain_page.url


#: The frames of pictures: background, and the roundness of the corners.
CARDS_OF_PICTURES = """all => [...new Set(all.filter((image) => image.checkVisibility())
    .map((image) => getComputedStyle(image))
    .map((style) => [style.backgroundColor, style.borderRadius, style.padding, style.filter])
    .map((style) => style.join(" ")))]"""


def test_pictures_lie_on_one_light_card_in_the_dark(phone):
    set_theme(phone, "dark")
    cards = phone.locator(".bd-article :is(figure, .explorer, .cell_output) img").evaluate_all(
        CARDS_OF_PICTURES
    )
    set_theme(phone, "light")
    assert len(cards) == 1
    assert cards[0].startswith("rgb(255, 255, 255) ")
    assert "contrast" not in cards[0], "black and dark grey would be one"


#: Tables that reach over the window without a box in which they scroll, and such boxes without a
#: name, a place in the order of the keyboard, or a sign that there is more.
LOST = """() => [...document.querySelectorAll(".bd-article table")]
    .filter((table) => table.checkVisibility())
    .filter((table) => {
        const box = table.closest(".pst-scrollable-table-container") ?? table;
        if (box.getBoundingClientRect().right > innerWidth) return true;
        if (box.scrollWidth <= box.clientWidth + 1) return false;
        return !(box !== table && box.tabIndex === 0 && box.getAttribute("role") === "region"
            && /^Wide table( \\d+ of \\d+)?: /.test(box.getAttribute("aria-label"))
            && getComputedStyle(box).maskImage.includes("gradient"));
    })
    .map((table) => table.textContent.trim().slice(0, 60))"""


#: Once the page has its new widths, and all that watches them has been called.
DRAWN = """() => new Promise((done) =>
    requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done))))"""


def test_no_column_is_lost_on_a_telephone(opened):
    page = opened.page
    folded = page.locator(".bd-article details:not([open]):has(table)").element_handles()
    for box in folded:
        box.evaluate("box => box.open = true")
    found = {}
    for width in (320, PHONE[0]):
        page.set_viewport_size({"width": width, "height": PHONE[1]})
        page.evaluate(DRAWN)
        found[width] = page.evaluate(LOST), page.evaluate("document.documentElement.scrollWidth")
    for box in folded:
        box.evaluate("box => box.open = false")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    for width, (lost, reach) in found.items():
        assert lost == []
        assert reach <= width


def test_small_print_of_a_table_is_no_larger_than_its_numbers(phone, address):
    phone.goto(f"{address}notebooks/11-illumination.html")
    sizes = phone.locator(".bd-article td small").evaluate_all(
        "all => all.map((one) => [one, one.closest('td')]"
        ".map((box) => parseFloat(getComputedStyle(box).fontSize)))"
    )
    assert sizes
    assert all(small <= size for small, size in sizes)


@pytest.mark.parametrize("page", EXPLORED[:1])
def test_page_works_from_a_folder(context, page):
    found = opened_at(context, f"{SITE.as_uri()}/", page)
    assert found.page.locator(MATHS).count()
    walk(found.page.locator(".explorer").first, 0)
    assert not found.watch.problems
    assert not found.watch.outside
    found.page.close()


@pytest.mark.parametrize("page", PAGES)
def test_page_is_light(page):
    """The page and all its pictures, each frame of each slider among them."""
    text = (SITE / page).read_text(encoding="utf-8")
    pictures = {tag["src"] for tag in BeautifulSoup(text, "html.parser").find_all("img")}
    pictures = {source for source in pictures if not source.startswith("data:")}  # in the text
    files = {((SITE / page).parent / re.sub(r"\?.*", "", source)).resolve() for source in pictures}
    size = len(text.encode()) + sum(file.stat().st_size for file in files)
    assert size <= PAGE_LIMIT


def test_site_is_light():
    files = [path for path in SITE.glob("**/*") if path.is_file()]
    pages = [path for path in files if path.suffix not in (".pdf", ".epub")]  # for those who ask
    assert sum(path.stat().st_size for path in pages) <= SITE_LIMIT
