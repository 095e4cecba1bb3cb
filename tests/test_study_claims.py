"""The page of claims: its rules; the paper is covered, and each verdict explained."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import yaml

from inpaintlib.recipes import RECIPES
from inpaintlib.study import claims, numbers
from inpaintlib.study.claims import Address, Answer, Check, Claim, Verdict
from inpaintlib.study.numbers import Number, UnknownNumber

ROOT = Path(__file__).parent.parent

FIGURES = range(1, 11)
SECTIONS = ["1", "2", "3", "3.1", "3.2", "3.3", "3.4", "4", "4.1", "4.2", "4.3"]
SECTIONS += ["4.4.1", "4.4.2", "4.4.3"]

PAPER = claims.read()


def stored(**values: float) -> Callable[[str, str, str], Number]:
    """Made-up numbers of the experiment ``e``, by subject."""

    def find(experiment: str, subject: str, score: str) -> Number:
        if subject not in values:
            raise UnknownNumber(f"subject: got {subject!r}")
        value = values[subject]
        return Number(experiment, subject, score, value, value - 0.1, value + 0.1, 10, 0.0)

    return find


def of_cases(count: int, **values: float) -> Callable[[str, str, str], Number]:
    """The same with a number of cases, of any score."""

    def find(experiment: str, subject: str, score: str) -> Number:
        value = values[subject.replace(" ", "_")]
        return Number(experiment, subject, score, value, value, value, count, 0.0)

    return find


def at(subject: str) -> Address:
    return "e", subject, "psnr"


def claim(*checks: Check, because: dict[Verdict, str] | None = None) -> Claim:
    return Claim("4.1", (4,), "It works.", "07-digits", checks, because or {})


@pytest.mark.parametrize(
    ("value", "answer"),
    [(0.5, Answer.YES), (-0.5, Answer.NO), (0.05, Answer.OPEN), (-0.05, Answer.OPEN)],
)
def test_a_check_wants_the_whole_interval_on_one_side(value, answer):
    assert Check(at("a"), "gain", above=0).answer(stored(a=value)) is answer
    assert Check(at("a"), "loss", below=0).answer(stored(a=-value)) is answer


@pytest.mark.parametrize(
    ("value", "answer"), [(1.0, "yes"), (0.0, "no"), (2.0, "no"), (1.5, "open")]
)
def test_a_range_has_two_ends(value, answer):
    assert Check(at("a"), "size", above=0.5, below=1.5).answer(stored(a=value)) == answer


def test_a_check_tells_its_number_and_its_limits():
    check = Check(at("a"), "gain", above=0.5)
    assert check.observed(stored(a=1.0)).value == 1
    assert check.limits() == (0.5, math.inf)


def possible(score: str, count: int, *, against: float | None = None, **limits: float) -> set[str]:
    """The answers that a check of a score, or of its difference to a known value, can give."""
    if against is None:
        check = Check(("e", "a", score), "a", **limits)
        return set(map(str, claims.possible(check, of_cases(count, a=0.5))))
    check = Check(("e", "a minus b", score), "gain", **limits, against=("e", "b", score))
    return set(map(str, claims.possible(check, of_cases(count, a_minus_b=0.0, b=against))))


@pytest.mark.parametrize(
    ("score", "limits"),
    [
        ("judge", {"above": 0.5}),
        ("judge", {"below": 0.9}),
        ("realism", {"below": 0.75}),
        ("psnr", {"above": 10}),
        ("psnr", {"below": 10}),
        ("gain", {"above": 0}),
        ("gain", {"above": -0.5, "below": 0.5}),
        ("rank correlation", {"above": 0.5}),
    ],
)
def test_a_fair_check_can_say_yes_and_no(score, limits):
    assert possible(score, 100, **limits) == {"yes", "no"}


@pytest.mark.parametrize(
    ("score", "limits", "answers"),
    [
        ("judge", {"above": 1}, {"no"}),
        ("judge", {"below": 0}, {"no"}),
        ("judge", {"above": -0.1}, {"yes"}),
        ("judge", {"below": 1}, {"yes"}),
        ("realism", {"above": 0}, {"yes"}),
        ("psnr", {"above": 0}, {"yes"}),
        ("grey", {"above": -0.1, "below": 1.5}, {"yes"}),
    ],
)
def test_a_limit_at_the_end_of_the_scale_or_beyond_is_noticed(score, limits, answers):
    assert possible(score, 100, **limits) == answers


def test_too_few_cases_to_come_near_the_end_of_the_scale_are_noticed():
    assert possible("judge", 14, above=0.9) == {"no"}
    assert possible("judge", 40, above=0.9) == {"yes", "no"}


def test_cases_that_belong_together_count_as_the_fewer_that_their_interval_shows():
    check = Check(("e", "a", "judge"), "a", above=0.9)
    for units, answers in ((25, {"no"}), (40, {"yes", "no"})):
        of = np.arange(60) % units
        every = numbers.mean("a", "judge", np.ones(60, bool), tolerance=0.1, groups=of)
        assert claims.possible(check, lambda *_, every=every: every) == answers


def test_a_difference_to_what_is_perfect_can_only_be_a_loss():
    assert possible("judge", 100, against=1.0, above=0) == {"no"}
    assert possible("judge", 100, against=1.0, below=0) == {"yes"}
    assert possible("judge", 100, against=1.0, above=-0.02) == {"no"}, "zeros are ± 0.027"
    assert possible("judge", 200, against=1.0, above=-0.02) == {"yes", "no"}
    assert possible("probability", 100, against=1.0, above=0) == {"no"}
    assert possible("judge", 100, against=0.8, above=0) == {"yes", "no"}
    assert possible("psnr", 100, against=12.0, above=0) == {"yes", "no"}


@pytest.mark.parametrize(
    ("address", "message"),
    [
        (("e", "a minus b", "judge"), "got a difference, wanted what it is against"),
        (("e", "a", "magic"), "got the score 'magic', wanted one in scales.RANGES"),
    ],
)
def test_a_scale_must_be_known(address, message):
    with pytest.raises(ValueError, match=message):
        Check(address, "gain", above=0).scale(of_cases(10, a=0.5, a_minus_b=0.1))


GOOD, BAD, UNSURE = (Check(at(name), name, above=0) for name in ("good", "bad", "unsure"))
NUMBERS = stored(good=1.0, bad=-1.0, unsure=0.0)


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([GOOD, GOOD], Verdict.REPRODUCED),
        ([GOOD, BAD], Verdict.PARTLY),
        ([GOOD, UNSURE], Verdict.PARTLY),
        ([BAD, UNSURE], Verdict.NOT),
        ([BAD], Verdict.NOT),
        ([UNSURE], Verdict.INCONCLUSIVE),
        ([UNSURE, UNSURE], Verdict.INCONCLUSIVE),
        ([], Verdict.UNTESTED),
    ],
)
def test_the_verdict_follows_from_the_answers(checks, verdict):
    assert claim(*checks).verdict(NUMBERS) is verdict


def test_wider_intervals_leave_open_what_was_nearly_so():
    found = stored(good=1.0, near=0.12)
    wider = claims.widened(found, 46)
    number = wider("e", "good", "psnr")
    ratio = NormalDist().inv_cdf(1 - 0.025 / 46) / NormalDist().inv_cdf(0.975)
    assert number.estimate == pytest.approx((1, 1 - 0.1 * ratio, 1 + 0.1 * ratio))
    assert claims.widened(found, 1)("e", "good", "psnr").estimate == pytest.approx((1, 0.9, 1.1))
    assert wider("e", "near", "judge").low == 0, "no share is negative"
    near = Check(at("near"), "near", above=0)
    assert claim(near).verdict(found) is Verdict.REPRODUCED
    assert claim(near).verdict(wider) is Verdict.INCONCLUSIVE


def test_the_page_tells_how_many_false_answers_to_expect_and_what_a_correction_changes():
    found = stored(good=1.0, near=0.101)
    near = replace(claim(Check(at("near"), "near", above=0)), says="It nearly works.")
    told = claims.multiplicity([claim(GOOD, GOOD), near], found).data
    assert "The 2 claims have 3 checks." in told
    assert "at most 0.075 false answers" in told
    assert "| reproduced | 2 | 1 |" in told
    assert "| inconclusive | 0 | 1 |" in told
    assert told.endswith("changes:\n\n- *It nearly works.* reproduced → inconclusive")


CLAIM = """
[limits]
"large" = 0.5

[[claims]]
section = "4.1"
says = "It works."
chapter = "07-digits"
because.reproduced = "So."

[[claims.checks]]
number = ["e", "{set}", "gain"]
what = "gain, {set}"
above = "-large"
each.set = ["good", "better"]
"""
GAP = """
[[gaps]]
what = "The step size"
section = "3.2"
recipes = "{step_size}"
of = ["digits"]
search = "step_size"
how = "So."
"""


def read(tmp_path: Path, text: str) -> claims.Paper:
    path = tmp_path / "claims.toml"
    path.write_text(text, encoding="utf-8")
    values = {"good": 1.0, "better": 2.0, "alone": math.nan, "good minus better": -1.0}
    return claims.read(path, find=stored(**values))


def test_a_check_is_repeated_for_each_value(tmp_path):
    (found,) = read(tmp_path, CLAIM).claims
    assert [check.number[1:] for check in found.checks] == [("good", "gain"), ("better", "gain")]
    assert [check.what for check in found.checks] == ["gain, good", "gain, better"]
    assert {check.above for check in found.checks} == {-0.5}
    assert found.because == {Verdict.REPRODUCED: "So."}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("says =", "say =", "got say, wanted some of because, chapter, checks"),
        ('chapter = "07-digits"', "", "claim 'It works.': got no chapter"),
        ("above =", "over =", "claim 'It works.': got over, wanted some of above, against, below"),
        ("above =", "# above =", "claim 'It works.': check 'gain, {set}': got no limit"),
        ('"gain"]', '"magic"]', "claim 'It works.': number: got the score 'magic'"),
        ('"gain"]', '"psnr"]', "check 'gain, good': got limits with which it can never say no"),
        ('"gain"]\n', '"judge"]\nbelow = 0\n', "check 'gain, good': .* can never say yes"),
        ("above =", 'against = "b"\nabove =', r"number: got 'b', wanted \[experiment"),
        ("-large", "huge", "claim 'It works.': limit: got 'huge', wanted a number or one of large"),
        ('["good", "better"]', '["best"]', "claim 'It works.': subject: got 'best'"),
        ('["good", "better"]', '["alone"]', "claim 'It works.': number: got .*has an interval"),
        ('"{set}", "gain"]', '"{set}"]', r"claim 'It works.': number: got .*wanted \[experiment"),
        ("{set}", "{kind}", "claim 'It works.': no 'kind'"),
        ("because.reproduced", "because.right", "claim 'It works.': 'right' is not a valid Verd"),
        ("[limits]", "[limit]", r"claims\.toml: got limit, wanted some of claims, gaps, limits"),
        ("recipes =", "recipe =", "gap 'The step size': got recipe, wanted some of"),
        ("recipes =", 'tried = "starts"\nrecipes =', "gap 'The step size': got .*, wanted one of"),
        ("{step_size}", "{step}", "gap 'The step size': no 'step'"),
        ('of = ["digits"]', 'of = ["numbers"]', "gap 'The step size': recipe: got 'numbers'"),
        ('search = "step_size"', 'search = "jitter"', "gap 'The step size': search: got 'jitter'"),
    ],
)
def test_what_is_wrong_in_the_file_is_said_with_its_claim(tmp_path, old, new, message):
    text = CLAIM + GAP
    assert old in text
    assert read(tmp_path, text)
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text.replace(old, new))


each_claim = pytest.mark.parametrize("claim", PAPER.claims, ids=lambda claim: claim.says)


def test_every_figure_and_every_section_has_a_claim():
    assert {figure for claim in PAPER.claims for figure in claim.figures} == set(FIGURES)
    assert {claim.section for claim in PAPER.claims} == {"abstract", *SECTIONS}
    assert len({claim.says for claim in PAPER.claims}) == len(PAPER.claims)


def test_claims_are_in_the_order_of_the_paper():
    order = ["abstract", *SECTIONS]
    places = [order.index(claim.section) for claim in PAPER.claims]
    assert places == sorted(places)


@each_claim
def test_a_claim_leads_to_a_chapter_of_the_book(claim):
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [page["file"] for part in contents["parts"] for page in part["chapters"]]
    assert f"notebooks/{claim.chapter}" in files


@each_claim
def test_the_verdict_that_the_numbers_give_is_explained(claim):
    verdict = claim.verdict()
    assert set(claim.because) == {verdict}, f"the numbers say: {verdict}"


@each_claim
def test_no_number_is_typed_beside_a_claim(claim):
    told = re.sub(r"(section|figure)s? [\d.]+", "", " ".join([claim.says, *claim.because.values()]))
    assert not re.search(r"\d", told)
    for check in claim.checks:
        assert "|" not in check.what


def test_what_is_left_open_is_read_from_recipes_and_trainings():
    gaps = {gap.what: gap for gap in PAPER.gaps}
    recipe = RECIPES["paper-digits"]
    weight = gaps["The weight λ of total variation"]
    assert weight.here["paper-digits"] == str(recipe.total_variation)
    assert weight.how.startswith("Searched on the validation split, among 0.0003, 0.001, 0.003")
    assert gaps["The size of the images of faces, in pixels"].here.values()
    assert "noise" in gaps["The start when everything is missing"].here["tried"]


def test_a_claim_uses_the_stored_paired_difference():
    found = numbers.get("quality-digits", "paper-digits minus harmonic/all", "psnr")
    used = [check.number for claim in PAPER.claims for check in claim.checks]
    assert ("quality-digits", "paper-digits minus harmonic/all", "psnr") in used
    means = [
        numbers.get("quality-digits", f"{method}/all", "psnr").value
        for method in ("paper-digits", "harmonic")
    ]
    assert found.value == pytest.approx(means[0] - means[1], abs=1e-3)


@each_claim
def test_a_check_can_say_yes_and_no_on_the_stored_numbers(claim):
    for check in claim.checks:
        assert claims.possible(check) == {Answer.YES, Answer.NO}, check.what


def test_a_limit_that_has_a_name_is_used():
    text = claims.FILE.read_text(encoding="utf-8")
    names = re.findall(r'^"([^"]+)" = ', text, re.M)
    assert names
    for name in names:
        assert len(re.findall(rf'^(?:above|below) = "-?{name}"$', text, re.M)) > 0, name


def test_the_table_of_gaps_has_as_many_cells_in_every_row():
    shown = claims.gaps(PAPER.gaps)
    assert len({line.count("|") for line in shown.data.splitlines()}) == 1
