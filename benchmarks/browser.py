"""Speed of the live pages: the descent in the reader's browser, and PyTorch beside it, in one run.

    PYTHONPATH=tests:book/_ext:book/live python benchmarks/browser.py

A complete panel of the book runs in headless Chromium, with its worker and drawing. Steps and
frames are counted over some seconds, several times; the medians go to
``benchmarks/results/browser.csv``, in the format of the study's numbers, with the size of the
panel's files, its response time, and its memory before and after 20,000 steps. The plain loop of
``speed.py`` with one thread is measured for comparison. Nothing else should run meanwhile. Chromium
and the packages of ``make install`` are needed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import tempfile
from pathlib import Path
from typing import NamedTuple

import browsing
import live
import numpy as np
import torch
from playwright.sync_api import Route
from speed import plain_loop, seconds

from inpaintlib import classifiers, datasets, holes
from inpaintlib.recipes import RECIPES
from inpaintlib.study.numbers import Number, Store

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
#: Steps before the first measurement of memory, and between the two.
WARM_UP, LONG = 2_000, 20_000

#: Only pages that are isolated by these headers can measure their memory.
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}

#: Lets Chromium answer at once, instead of when it next collects garbage.
EAGER = "--enable-blink-features=ForceEagerMeasureMemory"

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>speed</title>
<link rel="stylesheet" href="live.css"></head><body>{panel}
<script type="module" src="live/panel.js"></script></body></html>"""

#: Steps and drawn frames per second, over some milliseconds.
PACE = """(panel, duration) => new Promise(done => {
    let frames = 0;
    const draw = panel.result.draw;
    panel.result.draw = function (image) { frames++; draw.call(this, image); };
    const [begun, first] = [performance.now(), panel.latest.step];
    setTimeout(() => {
        const taken = (performance.now() - begun) / 1000;
        panel.result.draw = draw;
        done([(panel.latest.step - first) / taken, frames / taken]);
    }, duration);
})"""

#: Milliseconds from moving a slider to its position ``to`` until the first new picture.
FIRST_PICTURE = """(panel, [name, to]) => new Promise(done => {
    const draw = panel.result.draw;
    const begun = performance.now();
    panel.result.draw = function (image) {
        draw.call(this, image);
        if (panel.latest.step > 0) {
            panel.result.draw = draw;
            done(performance.now() - begun);
        }
    };
    const { input } = panel.controls[name];
    input.value = to;
    input.dispatchEvent(new Event("input", { bubbles: true }));
})"""

#: Bytes that the page and its worker use, after garbage collection.
MEMORY = "async () => (await performance.measureUserAgentSpecificMemory()).bytes"


class Subject(NamedTuple):
    """A measured case: a recipe with a classifier, on a picture with a hole."""

    recipe: str
    classifier: str
    example: str
    hole: str


#: The first recipe of the playground, whose classifier is a sum of two; and the paper's recipes.
SUBJECTS = {
    "experts": Subject("digits", RECIPES["digits"].classifier, "digit-4", "rectangle"),
    "digit": Subject("paper-digits", "digits-patches", "digit-4", "rectangle"),
    "face": Subject("paper-faces-att", "faces-patches-att", "face-s1", "both eyes"),
}


def settings(subject: Subject) -> dict[str, object]:
    """Return the changed settings: the classifier, and a descent that does not end."""
    return {"classifier": subject.classifier, "tolerance": 0, "max_steps": 10**7}


def isolate(route: Route) -> None:
    """Answer a request as the server does, with the headers that isolate."""
    answer = route.fetch()
    route.fulfill(response=answer, headers={**answer.headers, **ISOLATED})


def in_browser(
    address: str, *, repeats: int, duration: float
) -> tuple[dict[str, tuple[float, float, float]], str]:
    """Measure a panel in a separate browser.

    Returns:
        Each quantity with its smallest and largest measurement, and the browser's version.
    """
    with browsing.chromium(EAGER) as browser:
        page = browser.new_page(viewport={"width": 900, "height": 900})
        loaded: dict[str, int] = {}
        page.on("response", lambda got: loaded.update({got.url: len(got.body())}))
        page.route("**/*", isolate)
        page.goto(address)
        page.wait_for_function("document.querySelector('inpaint-live').latest !== undefined")
        panel = page.locator("inpaint-live")
        bytes_loaded = sum(size for url, size in loaded.items() if "/live/" in url)
        first_picture = panel.evaluate(FIRST_PICTURE, ["total_variation", 4])

        def wait(step: int) -> None:
            condition = f"document.querySelector('inpaint-live').latest.step >= {step}"
            page.wait_for_function(condition, timeout=600_000)

        wait(WARM_UP)
        before = page.evaluate(MEMORY)
        paces = [panel.evaluate(PACE, 1000 * duration) for _ in range(repeats)]
        wait(WARM_UP + LONG)
        after = page.evaluate(MEMORY)
        steps, frames = (sorted(column) for column in zip(*paces, strict=True))
        nan = math.nan
        found = {
            "steps a second": (statistics.median(steps), steps[0], steps[-1]),
            "frames a second": (statistics.median(frames), frames[0], frames[-1]),
            "milliseconds to the first picture": (first_picture, nan, nan),
            "kB loaded": (bytes_loaded / 1000, nan, nan),
            "MB before": (before / 1e6, nan, nan),
            f"MB after {LONG:,} steps": (after / 1e6, nan, nan),
        }
        return found, browser.version


def in_pytorch(subject: Subject, *, steps: int, repeats: int) -> float:
    """Return the steps per second of the plain loop, on an image of the subject's shape.

    It has neither jitter nor a penalty on grey, which saves a little work, and always the paper's
    content term.
    """
    kind = "faces" if "faces" in subject.classifier else "digits"
    data = datasets.load({"digits": "digits", "faces": "faces-att"}[kind], split="test")
    height, width = data.images.shape[1:]
    hole = holes.rectangle((height, width), top=9, left=9, height=10, width=10)
    recipe = RECIPES[subject.recipe]
    taken = seconds(
        lambda: plain_loop(
            torch.from_numpy(np.ascontiguousarray(data.images[0])),
            torch.from_numpy(hole),
            int(data.labels[0]),
            net=classifiers.load(subject.classifier),
            total_variation=recipe.total_variation,
            step_size=recipe.step_size,
            steps=steps,
        ),
        repeats=repeats,
    )
    return steps / taken.wall


def write_pages(folder: Path) -> None:
    """Write the panel's files, and a page for each subject."""
    live.write_files(folder / "live")
    (folder / "live.css").write_bytes(live.STYLE.read_bytes())
    for name, subject in SUBJECTS.items():
        options = {
            "manifest": "live/manifest.json",
            "recipe": subject.recipe,
            "example": subject.example,
            "hole": subject.hole,
            "settings": json.dumps(settings(subject)),
            "controls": "total_variation",
        }
        page = PAGE.format(panel=live.panel(options, "fallback"))
        (folder / f"{name}.html").write_text(page, encoding="utf-8")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5, help="measurements of a speed")
    parser.add_argument("--duration", type=float, default=4, help="seconds of each")
    options = parser.parse_args()
    torch.set_num_threads(1)
    found: list[Number] = []
    with tempfile.TemporaryDirectory() as folder, browsing.served(Path(folder)) as address:
        write_pages(Path(folder))
        for name, subject in SUBJECTS.items():
            ours, version = in_browser(
                f"{address}{name}.html", repeats=options.repeats, duration=options.duration
            )
            plain = in_pytorch(subject, steps=1000, repeats=options.repeats)
            ours["steps a second of a plain loop"] = (plain, math.nan, math.nan)
            about = f"{name}, {subject.recipe}, {subject.classifier}"
            versions = (
                f"Chromium {version} without a window, PyTorch {torch.__version__} with one "
                f"thread, {os.cpu_count()} cores"
            )
            for quantity, values in ours.items():
                number = Number(
                    "browser", about, quantity, *values, options.repeats, math.inf, versions
                )
                found.append(number)
                print(about, quantity, *values, sep="\t")
    Store(RESULTS).write("browser", found)


if __name__ == "__main__":
    main()
