"""The claims as a page shows them: the bar, the cards, the table, the drawn intervals."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from inpaintlib.study import cards, claims, records
from inpaintlib.study.claims import Answer, Verdict
from inpaintlib.study.records import Checked, Record

CSS = (Path(__file__).parent.parent / "book/_static/claims.css").read_text(encoding="utf-8")


def checked(value: float = 1.0, answer: Answer = Answer.YES, **changed: float | None) -> Checked:
    made = Checked("gain", "e", "s", "psnr", value, value - 0.1, value + 0.1, 10, 0.0, None, answer)
    return replace(made, **changed)


def record(name: str, verdict: Verdict, *checks: Checked, chapter: str = "07-digits") -> Record:
    return Record(
        f"claim-{name}",
        "4.1",
        (4, 5),
        chapter,
        f"{name} <b>`digits`</b> & more.",
        verdict,
        "So.",
        checks,
    )


NO = checked(-1.0, Answer.NO)
RECORDS = (
    record("one", Verdict.PARTLY, checked(), NO),
    record("two", Verdict.PARTLY, checked(), NO, chapter="14-how-good"),
    record("three", Verdict.NOT, NO),
    record("four", Verdict.UNTESTED),
)


def parsed(shown: object) -> BeautifulSoup:
    return BeautifulSoup(shown.data, "html.parser")


PAGE = parsed(cards.page(RECORDS))


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text().split())


def test_verdicts_and_answers_can_be_told_without_colour():
    assert len({cards.SHAPES[verdict] for verdict in Verdict}) == len(Verdict)
    assert len({cards.SIGNS[answer] for answer in Answer}) == len(Answer)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_colours(verdict):
    name = verdict.replace(" ", "-")
    assert re.search(rf"^\.verdict-{name},.*\[data-verdict=\"{name}\"\].*--word.*--fill", CSS, re.M)
    assert re.search(rf"data-theme=\"dark\"\].*\.verdict-{name}\b.*--word", CSS)


@pytest.mark.parametrize("answer", Answer)
def test_every_answer_has_its_colours(answer):
    assert len(re.findall(rf"\.answer-{answer}\b.*--word", CSS)) == 2


def test_the_bar_shows_the_verdicts_that_there_are_with_their_counts():
    bar = parsed(cards.summary(RECORDS))
    found = [
        (part["class"][1], words(part), part["style"])
        for part in bar.select(".claims-bar *")
        if part.name == "span"
    ]
    assert found == [
        ("verdict-partly", "2", "flex-grow: 2"),
        ("verdict-not-reproduced", "1", "flex-grow: 1"),
        ("verdict-not-tested", "1", "flex-grow: 1"),
    ]
    links = {words(link): link["href"] for link in bar.select("li a")}
    assert links == {
        "2 partly": "claims.html?verdict=partly#claims-cards",
        "1 not reproduced": "claims.html?verdict=not-reproduced#claims-cards",
        "1 not tested": "claims.html?verdict=not-tested#claims-cards",
    }
    assert PAGE.find(id="claims-cards")


def test_a_card_shows_all_of_a_claim():
    card = PAGE.find(id="claim-one")
    assert words(card.select_one(".claim-head")) == (
        "partly Section 4.1 · figures 4, 5 · chapter 7, digits #"
    )
    assert words(card.h3) == "one <b>digits</b> & more."
    assert card.select_one("h3 code").get_text() == "digits"
    assert card.find(True) == card.h3, "who jumps from heading to heading hears its verdict next"
    assert card.select_one(".claim-link")["aria-label"].startswith("Link to the claim: one <b>")
    assert [words(check) for check in card.select("li")] == [
        "gain 1 (0.9 to 1.1) wanted > 0 ✓ yes",
        "gain −1 (−1.1 to −0.9) wanted > 0 ✗ no",
    ]
    assert words(card.select_one("details p")) == "So."
    assert not card.details.has_attr("open")


def test_a_card_leads_to_its_chapter_and_to_itself():
    card = PAGE.find(id="claim-two")
    assert [link["href"] for link in card.find_all("a")] == [
        "../notebooks/14-how-good.html",
        "#claim-two",
    ]


@pytest.mark.parametrize(
    ("above", "below", "wanted"),
    [(0.5, None, "> 0.5"), (None, -0.02, "< −0.02"), (-0.5, 0.5, "−0.5 to 0.5")],
)
def test_a_card_says_what_is_wanted(above, below, wanted):
    check = checked(above=above, below=below)
    page = parsed(cards.page([record("one", Verdict.PARTLY, check)]))
    assert words(page.select_one(".check-wanted")) == f"wanted {wanted}"


def test_a_claim_without_checks_has_a_card_without_a_list():
    card = PAGE.find(id="claim-four")
    assert words(card.strong) == "not tested"
    assert not card.select("ul")


def test_the_table_has_a_row_for_each_card_with_the_same_data():
    rows, found = PAGE.select("tbody tr"), PAGE.select("article")
    assert len(rows) == len(found) == len(RECORDS)
    for row, card in zip(rows, found, strict=True):
        assert row.a["href"] == f"#{card['id']}"
        assert words(row.select_one(".verdict")) == words(card.strong)
        for name in ("data-verdict", "data-section", "data-chapter"):
            assert row[name] == card[name]


def test_the_filters_wait_for_the_script_and_offer_what_there_is_once():
    form = PAGE.form
    assert form.has_attr("hidden")
    radios = [radio["value"] for radio in form.select("input[name=verdict]")]
    assert radios == ["", "partly", "not-reproduced", "not-tested"]
    chapters = {option["value"]: words(option) for option in form.select("[name=chapter] option")}
    assert chapters == {"": "all", "07-digits": "7, digits", "14-how-good": "14, how good"}
    assert [words(option) for option in form.select("[name=section] option")] == [
        "all",
        "Section 4.1",
    ]
    assert {card["data-verdict"] for card in PAGE.select("article")} == set(radios) - {""}


def test_markdown_hands_the_page_on_unchanged():
    real = records.of(claims.read().claims)
    for shown in (cards.summary(real), cards.page(real)):
        assert shown.data.startswith("<div ")
        assert "\n\n" not in shown.data


# The drawn interval


def numbers_in(path: Tag) -> list[float]:
    return [float(number) for number in re.findall(r"[\d.]+", path["d"])]


def drawn(check: Checked) -> tuple[list[float], list[float], list[float]]:
    """The ends of the interval, of the shaded area, and the limits, all in units of the drawing."""
    svg = BeautifulSoup(cards.interval(check), "html.parser").svg
    width = float(svg["viewbox"].split()[2])
    area = svg.select_one(".wanted")
    begin = float(area["x"])
    low, _, high, *_ = numbers_in(svg.select_one(".line"))
    limits = [numbers_in(limit)[0] for limit in svg.select(".limit")]
    ends = [begin, begin + float(area["width"])]
    assert all(0 <= at <= width for at in [low, high, *limits, *ends])
    return [low, high], ends, limits


def test_the_drawing_has_the_order_of_the_numbers():
    interval, area, limits = drawn(checked(0.3, above=-0.5, below=0.5))
    assert limits == pytest.approx(area, abs=0.1)
    assert all(a < b for a, b in pairwise([area[0], *interval, area[1]]))
    unit = (area[1] - area[0]) / 1.0
    assert interval[1] - interval[0] == pytest.approx(0.2 * unit, abs=0.2)
    assert interval[0] - area[0] == pytest.approx(0.7 * unit, abs=0.2)


@pytest.mark.parametrize(
    ("check", "inside"),
    [
        (checked(1.0), True),
        (checked(-1.0), False),
        (checked(-5.0, above=None, below=0.5), True),
        (checked(5.0, above=None, below=0.5), False),
    ],
)
def test_an_open_side_is_shaded_to_the_border(check, inside):
    (low, high), (begin, end), _ = drawn(check)
    assert (begin <= low and high <= end) is inside
    assert (end == 120) if check.below is None else (begin == 0)


def test_a_number_without_width_is_drawn_too():
    check = checked(0.0, low=0.0, high=0.0)
    (low, high), _, (limit,) = drawn(check)
    assert low == high == limit


def test_each_answer_has_a_point_of_its_own():
    points = {answer: cards.interval(checked(answer=answer)) for answer in Answer}
    assert len(set(points.values())) == len(Answer)


def test_every_claim_of_the_paper_has_its_numbers_drawn():
    for claim in records.of(claims.read().claims):
        for check in claim.checks:
            (low, high), (begin, end), _ = drawn(check)
            inside = begin <= low and high <= end
            assert inside or check.answer is not Answer.YES, check.what
            outside = high <= begin or end <= low
            assert outside or check.answer is not Answer.NO, check.what
