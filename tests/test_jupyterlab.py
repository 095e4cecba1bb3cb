"""Two chapters in a real JupyterLab: run all, move a control by keyboard, see the picture follow.

``make test-lab`` runs it. The server and its settings live in a temporary folder.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import browsing
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).parent.parent
CHAPTERS = ["01-introduction", "03-energy"]

pytestmark = [browsing.needs_browser, pytest.mark.slow]

#: All cells in the page, also those that cannot be seen; no questions about news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}

#: Notes whether the explorer has said that it computes since the last key went down.
WATCH = """() => {
    document.addEventListener("keydown", () => { window.progress = false; }, { capture: true });
    new MutationObserver(() => {
        window.progress ||= document.querySelector(".explorer-progress") !== null;
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


#: A notebook of one explorer, whose pictures take no time.
EXPLORER = """
import numpy as np
from inpaintlib import figures, widgets

def draw(grey, tone):
    value = grey / 4 if tone == "dark" else 1 - grey / 4
    return figures.gallery({"": figures.Strip(np.full((1, 4, 4), value))}, alt=f"{tone} {grey}")

widgets.Explorer(draw, grey=[0, 1, 2], tone=["dark", "bright"])
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab that shows copies of the chapters."""
    home = tmp_path_factory.mktemp("lab")
    (home / "work" / "notebooks").mkdir(parents=True)
    for chapter in CHAPTERS:
        shutil.copy(ROOT / "notebooks" / f"{chapter}.ipynb", home / "work" / "notebooks")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    small = new_notebook(cells=[new_code_cell(EXPLORER)], metadata={"kernelspec": kernel})
    nbformat.write(small, home / "work" / "notebooks" / "explorer.ipynb")
    for name, settings in SETTINGS.items():
        file = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    options = [
        "--no-browser",
        "--allow-root",
        "--LabApp.expose_app_in_browser=True",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={home / 'work'}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.port={port}",
    ]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env=os.environ | {name: str(home / folder) for name, folder in folders.items()},
            cwd=home,
            stdout=log,
            stderr=log,
        )
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for(f"{address}api", server, home / "log")
            yield address
        finally:
            server.kill()  # asked to end, it would wait for its kernels
            server.wait()


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        try:
            with urlopen(address):
                return
        except (URLError, ConnectionError):
            assert server.poll() is None, log.read_text("utf-8")
            time.sleep(0.2)
    pytest.fail(f"JupyterLab does not answer: {log.read_text('utf-8')}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing.chromium() as started:
        yield started


def opened(browser: Browser, lab: str, name: str) -> Page:
    """A notebook in JupyterLab, in a new page."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(120_000)
    page.goto(f"{lab}doc/tree/notebooks/{name}.ipynb?reset")
    page.wait_for_function(
        "window.jupyterapp?.shell.currentWidget?.sessionContext?.isReady === true"
    )
    return page


def run_all(page: Page) -> None:
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_function("() => !document.querySelector('.jp-Notebook .jp-mod-running')")


@pytest.fixture(params=CHAPTERS)
def chapter(request: pytest.FixtureRequest, browser: Browser, lab: str) -> Iterator[Page]:
    """A chapter in JupyterLab, all of whose cells were run."""
    page = opened(browser, lab, request.param)
    run_all(page)
    yield page
    page.close()


def explorers(page: Page) -> Locator:
    return page.locator(".jp-OutputArea .widget-vbox:has(.noUi-handle)")


def settled(explorer: Locator) -> str:
    """Wait until nothing is computed; return the picture's address."""
    explorer.locator(".explorer-progress").wait_for(state="detached")
    return explorer.locator("img").get_attribute("src") or ""


def keys(handle: Locator) -> tuple[str, str]:
    """The key that leads away from the nearer end of a slider, and the one that leads back."""
    now, last = (float(handle.get_attribute(f"aria-value{which}") or 0) for which in ("now", "max"))
    forth, back = "ArrowRight", "ArrowLeft"
    return (forth, back) if now < last / 2 else (back, forth)


def test_sliders_compute(chapter):
    explorer = explorers(chapter).first
    handle = explorer.locator(".noUi-handle").first
    handle.focus()
    chapter.evaluate(WATCH)
    forth, back = keys(handle)
    pictures = [settled(explorer)]
    for key in (forth, forth, back, back):
        handle.press(key)
        chapter.wait_for_function("window.progress")
        pictures.append(settled(explorer))
    first, second, third, *returned = pictures
    assert len({first, second, third}) == 3, "the picture does not follow the slider"
    assert returned == [second, first]

    for key in (forth, forth, back):  # in a hurry: the last one counts
        handle.press(key)
    expect(explorer.locator("img")).to_have_attribute("src", second, timeout=60_000)
    assert settled(explorer) == second

    errors = chapter.locator(".explorer-error, [data-mime-type*=stderr], [data-mime-type*=error]")
    assert errors.all_inner_texts() == []


def test_names_are_buttons_and_compute(browser, lab):
    page = opened(browser, lab, "explorer")
    run_all(page)
    shown = page.locator(".jp-RenderedImage img")
    first = shown.get_attribute("src") or ""
    page.get_by_role("button", name="bright").click()
    expect(shown).not_to_have_attribute("src", first)
    page.get_by_role("button", name="dark").press("Enter")
    expect(shown).to_have_attribute("src", first)
    page.close()


def test_a_saved_notebook_shows_the_last_picture_when_it_is_opened_again(browser, lab):
    page = opened(browser, lab, "explorer")
    run_all(page)
    shown = page.locator(".jp-RenderedImage img")
    expect(shown).to_have_count(1)
    first = shown.get_attribute("src")
    handle = explorers(page).first.locator(".noUi-handle")
    handle.press("ArrowRight")
    expect(shown).not_to_have_attribute("src", first or "")
    last = shown.get_attribute("src") or ""
    expect(explorers(page).first.locator("img")).to_be_hidden()  # one picture, not two
    # Only a notebook whose kernel is gone has no widgets.
    page.evaluate(
        """async () => {
            const commands = window.jupyterapp.commands;
            await commands.execute('docmanager:save');
            await window.jupyterapp.shell.currentWidget.sessionContext.shutdown();
        }"""
    )
    page.close()

    again = opened(browser, lab, "explorer")
    expect(again.locator(".jp-RenderedImage img")).to_be_visible()
    expect(again.locator(".jp-RenderedImage img")).to_have_attribute("src", last)
    again.close()
