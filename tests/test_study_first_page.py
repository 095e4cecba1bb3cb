"""The first page's pictures and lines: what they say is what they show."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from bs4 import BeautifulSoup

from inpaintlib import metrics
from inpaintlib.study import claims, first_page, multiverse, numbers, records
from inpaintlib.study.claims import Verdict

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def found() -> tuple[records.Record, ...]:
    return records.of(claims.read().claims)


def parsed(shown: object) -> BeautifulSoup:
    return BeautifulSoup(shown.data, "html.parser")


def test_pictures_are_of_the_digit_in_the_panel():
    page = (ROOT / "index.md").read_text(encoding="utf-8")
    panel = page.partition("```{live}")[2].partition("```")[0]
    place = (first_page.TOP, first_page.LEFT, first_page.HEIGHT, first_page.WIDTH)
    assert f":example: digit-{first_page.LABEL}\n" in panel
    assert f":rectangle: {' '.join(map(str, place))}\n" in panel
    assert f":recipe: {first_page.RECIPE}\n" in panel


def test_network_paints_the_example():
    shown = first_page.example()
    assert metrics.judged(shown.done.image[None]) == first_page.LABEL
    energies = shown.done.history.energy[list(first_page.STEPS)]
    assert (np.diff(energies) < 0).all()
    assert np.array_equal(shown.frames[-1], shown.done.image)
    assert np.array_equal(shown.frames[0], shown.done.start)


def test_idea_says_its_numbers_in_words():
    figures = parsed(first_page.idea()).find_all("figure")
    assert [figure.strong.get_text()[0] for figure in figures] == ["1", "2", "3"]
    energies = first_page.example().done.history.energy[list(first_page.STEPS)]
    told = re.findall(r"\d\.\d\d", figures[2].svg["aria-label"])
    assert told == [f"{value:.2f}" for value in energies]
    assert all(figure.svg["role"] == "img" for figure in figures)


def test_ten_labels_count_what_the_judge_reads(found):
    read = metrics.judged(first_page.labelled().image) == np.arange(10)
    told = parsed(first_page.ten_labels()).svg["aria-label"].rpartition(" for ")[2]
    assert [int(digit) for digit in re.findall(r"\d", told)] == np.flatnonzero(read).tolist()
    assert f"in {read.sum()} of ten" in first_page.findings(found).data


def test_findings_have_the_stored_numbers_and_the_titles_of_their_pages(found):
    lines = parsed(first_page.findings(found)).find_all("li")
    assert len(lines) == 5
    assert f" {records.counts(found)[Verdict.REPRODUCED]} of its " in lines[0].get_text()
    better, readings = multiverse.beats_interpolation("digits")
    told = f"Read in {readings} other ways, .* interpolation beyond doubt in {better}:"
    assert re.search(told, lines[0].get_text())
    gain = numbers.get("ladder-digits", "softmax", "gain").value
    assert f"adds {gain:+.1f} dB" in lines[1].get_text().replace("−", "-")
    for link in (link for line in lines for link in line.find_all("a")):
        page = ROOT / link["href"].removesuffix(".html")
        notebook, text = page.with_suffix(".ipynb"), page.with_suffix(".md")
        if notebook.is_file():
            first = "".join(json.loads(notebook.read_text("utf-8"))["cells"][0]["source"])
        else:
            first = text.read_text(encoding="utf-8")
        assert re.search(r"^# (.+)$", first, re.M)[1] == link.get_text()


def test_best_and_worst_are_those_of_all():
    gains = first_page.many().gains
    told = [figure.strong.get_text() for figure in parsed(first_page.extremes()).find_all("figure")]
    assert told == [
        f"The best: {gains.max():+.1f} dB.",
        f"The worst: {gains.min():+.1f} dB.".replace("-", "−"),
    ]
