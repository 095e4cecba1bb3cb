"""The page of claims: its rules; the paper is covered, and each verdict explained."""

from __future__ import annotations

import re
from pathlib import Path

import claims
import findings
import paper
import pytest
import yaml
from claims import Answer, Check, Claim, Verdict
from findings import Finding
from tables import RESULTS

from inpaintlib.recipes import RECIPES

ROOT = Path(__file__).parent.parent

FIGURES = range(1, 11)
SECTIONS = ["1", "2", "3", "3.1", "3.2", "3.3", "3.4", "4", "4.1", "4.2", "4.3"]
SECTIONS += ["4.4.1", "4.4.2", "4.4.3"]


def finding(value: float, spread: float = 0.1) -> Finding:
    return Finding("n", value, value - spread, value + spread, 10, 0.0)


def stored(**values: float):
    """Made-up numbers, as :func:`claims.look_up` would find them."""
    found = {name: finding(value) for name, value in values.items()}
    return found.get


def claim(*checks: Check, why: dict[Verdict, str] | None = None) -> Claim:
    return Claim("4.1", (4,), "It works.", "07-digits", checks, why or {})


@pytest.mark.parametrize(
    ("value", "answer"),
    [(0.5, Answer.YES), (-0.5, Answer.NO), (0.05, Answer.OPEN), (-0.05, Answer.OPEN)],
)
def test_a_check_wants_the_whole_interval_on_one_side(value, answer):
    assert Check("a", "gain", above=0).answer(stored(a=value)) is answer
    assert Check("a", "loss", below=0).answer(stored(a=-value)) is answer


@pytest.mark.parametrize(
    ("value", "answer"), [(1.0, "yes"), (0.0, "no"), (2.0, "no"), (1.5, "open")]
)
def test_a_range_has_two_ends(value, answer):
    assert Check("a", "size", above=0.5, below=1.5).answer(stored(a=value)) == answer


def test_a_number_can_be_held_against_the_upper_end_of_another():
    check = Check("a", "gain", above="b")
    assert check.numbers() == ["a", "b"]
    assert check.answer(stored(a=1.0, b=0.5)) is Answer.YES
    assert check.answer(stored(a=0.65, b=0.5)) is Answer.OPEN
    assert check.answer(stored(a=0.3, b=0.5)) is Answer.NO
    assert check.answer(stored(a=1.0)) is None


GOOD, BAD, UNSURE = (Check(name, name, above=0) for name in ("good", "bad", "unsure"))
NUMBERS = stored(good=1.0, bad=-1.0, unsure=0.0)


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([GOOD, GOOD], Verdict.REPRODUCED),
        ([GOOD, BAD], Verdict.PARTLY),
        ([GOOD, UNSURE], Verdict.PARTLY),
        ([BAD, UNSURE], Verdict.NOT),
        ([UNSURE], Verdict.NOT),
        ([], Verdict.UNTESTED),
        ([Check("missing", "missing", above=0)], Verdict.UNTESTED),
    ],
)
def test_the_rule_can_give_every_verdict(checks, verdict):
    assert claim(*checks).verdict(NUMBERS) is verdict


def test_a_row_shows_the_number_with_its_interval_and_what_is_wanted():
    assert GOOD.line(NUMBERS) == "**yes**: good: 1 (0.9 to 1.1), wanted > 0"
    both = Check("good", "size", above=0.5, below=2)
    assert both.line(NUMBERS) == "**yes**: size: 1 (0.9 to 1.1), wanted > 0.5 and < 2"
    assert Check("missing", "size", above=0).line(NUMBERS) == "size: not measured"
    shown = claims.table([claim(GOOD, BAD, why={Verdict.PARTLY: "So."})], NUMBERS)
    row = shown.data.splitlines()[2]
    begin = "| 4.1<br>fig. 4 | It works.<br>{doc}`/notebooks/07-digits` | **partly**<br>So. | "
    assert row.startswith(begin)
    assert row.endswith("<br>**no**: bad: -1 (-1.1 to -0.9), wanted > 0</small> |")


def test_the_summary_counts_what_the_table_shows():
    lines = claims.summary([claim(GOOD), claim(GOOD), claim(BAD), claim()], NUMBERS).data
    assert "| **reproduced** | 2 | 4.1 (2) |" in lines
    assert "| **partly** | 0 | none |" in lines
    assert "| **not reproduced** | 1 | 4.1 |" in lines
    assert lines.endswith("| all | 4 |  |")


def test_numbers_are_looked_up_by_their_addresses():
    found = claims.look_up("energy: digits/result/right")
    assert found == findings.read("energy")["digits/result/right"]
    assert claims.look_up("energy: no such number") is None
    assert claims.look_up("no_such_topic: digits") is None
    zeros = claims.look_up("quality-digits: zeros/all/judge")
    assert zeros.low < zeros.value < zeros.high < 1
    gain = claims.look_up("quality-digits: digits less zeros/square/psnr")
    assert gain.low > 0
    assert gain.cases == 200
    assert claims.look_up("ablation-trainings: digits-whole/cosine").value < 1


each_claim = pytest.mark.parametrize("claim", paper.CLAIMS, ids=lambda claim: claim.says)


def skip_unmeasured(claim: Claim) -> None:
    for check in claim.checks:
        topic = check.number.partition(": ")[0]
        if topic in findings.TOPICS and not (RESULTS / f"findings-{topic}.csv").exists():
            pytest.skip(f"{topic} has not been measured")


def text_of(claim: Claim) -> str:
    return " ".join([claim.says, *claim.why.values()])


def test_every_figure_and_every_section_has_a_claim():
    assert {figure for claim in paper.CLAIMS for figure in claim.figures} == set(FIGURES)
    assert {claim.section for claim in paper.CLAIMS} == {"abstract", *SECTIONS}
    assert len({claim.says for claim in paper.CLAIMS}) == len(paper.CLAIMS)


def test_claims_are_in_the_order_of_the_paper():
    order = ["abstract", *SECTIONS]
    places = [order.index(claim.section) for claim in paper.CLAIMS]
    assert places == sorted(places)


@each_claim
def test_a_claim_leads_to_a_chapter_of_the_book(claim):
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [page["file"] for part in contents["parts"] for page in part["chapters"]]
    assert f"notebooks/{claim.chapter}" in files


@each_claim
def test_every_number_of_a_claim_is_stored(claim):
    skip_unmeasured(claim)
    for check in claim.checks:
        for address in check.numbers():
            assert claims.look_up(address) is not None, address


@each_claim
def test_a_check_asks_for_something(claim):
    for check in claim.checks:
        assert (
            isinstance(check.above, str) or claims.finite(check.above) or claims.finite(check.below)
        )


@each_claim
def test_the_verdict_that_the_numbers_give_is_explained(claim):
    skip_unmeasured(claim)
    verdict = claim.verdict(claims.look_up)
    assert set(claim.why) == {verdict}, f"the numbers say: {verdict}"


@each_claim
def test_no_number_is_typed_beside_a_claim(claim):
    told = re.sub(r"(section|figure)s? [\d.]+", "", text_of(claim))
    assert not re.search(r"\d", told)
    for check in claim.checks:
        assert "|" not in check.what


def test_what_is_left_open_is_read_from_recipes_and_trainings():
    gaps = {gap.what: gap for gap in paper.gaps()}
    recipe = RECIPES["paper-digits"]
    assert gaps["The weight λ of total variation"].here["paper-digits"] == recipe.total_variation
    assert gaps["The step size μ"].here["paper-digits"] == recipe.step_size
    for gap in gaps.values():
        assert gap.here
        assert gap.section in SECTIONS
        assert gap.how.endswith(".")
        assert gap.how.startswith("Searched") or not re.search(r"\d", gap.how)


def test_every_number_of_the_papers_recipes_is_among_them():
    listed = {name for gap in paper.gaps() for name in gap.here.values()}
    for name in ("paper-digits", "paper-faces"):
        recipe = RECIPES[name]
        for setting in ("total_variation", "step_size", "max_steps", "tolerance", "binary"):
            assert getattr(recipe, setting) in listed


def test_the_tables_have_as_many_cells_in_every_row():
    for shown in (
        claims.summary(paper.CLAIMS),
        claims.table(paper.CLAIMS),
        claims.gaps(paper.gaps()),
    ):
        assert len({line.count("|") for line in shown.data.splitlines()}) == 1
