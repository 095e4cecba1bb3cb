"""The claims as data: identifiers, JSON and CSV."""

from __future__ import annotations

import csv
import json
import re

import pytest

from inpaintlib.study import claims, records
from inpaintlib.study.claims import Check, Claim, Verdict
from inpaintlib.study.numbers import Number

PAPER = claims.read()


def find(experiment: str, subject: str, score: str) -> Number:
    """A made-up number, by its subject."""
    value = {"good": 1.0, "bad": -1.0}[subject]
    return Number(experiment, subject, score, value, value - 0.1, value + 0.1, 10, 0.0)


GOOD = Check(("e", "good", "psnr"), "gain, good", above=0.5)
BAD = Check(("e", "bad", "psnr"), "gain, bad", above=-0.5, below=0.5)


def claim(says: str, *checks: Check, section: str = "4.1", **because: str) -> Claim:
    reasons = {Verdict[name]: why for name, why in because.items()}
    return Claim(section, (4, 5), says, "07-digits", checks, reasons)


PAIR = records.of(
    [
        claim("It works.", GOOD, BAD, PARTLY='One "does", the other, no.'),
        claim("So would others.", section="3"),
    ],
    find,
)


@pytest.mark.parametrize(
    ("section", "says", "wanted"),
    [
        ("4.4.1", "The loop stops early.", "claim-4-4-1-loop-stops-early"),
        ("abstract", "A digit's hole is not ε, but ß é.", "claim-abstract-digit-s-hole-but"),
        ("3", "One two three four five six", "claim-3-two-three-four-five"),
    ],
)
def test_an_identifier_has_the_section_and_the_first_telling_words(section, says, wanted):
    assert records.identifier(claim(says, section=section)) == wanted


def test_an_identifier_does_not_depend_on_the_verdict():
    assert records.identifier(claim("It works.", GOOD)) == PAIR[0].id


def test_each_claim_of_the_paper_has_an_identifier_of_its_own():
    found = [records.identifier(claim) for claim in PAPER.claims]
    assert len(set(found)) == len(found) == len(PAPER.claims)
    for identifier in found:
        assert re.fullmatch(r"claim(-[a-z0-9]+){2,}", identifier)


def test_two_claims_with_one_identifier_are_refused():
    twins = [claim("It works."), claim("It works.", GOOD)]
    with pytest.raises(ValueError, match="two with the identifier claim-4-1-works"):
        records.of(twins, find)


def test_all_verdicts_are_counted_in_their_order():
    found = records.counts(PAIR)
    assert list(found) == list(Verdict)
    assert {verdict for verdict, count in found.items() if count == 1} == {"partly", "not tested"}
    assert sum(found.values()) == 2


def test_json_has_all_of_a_claim():
    one, other = json.loads(records.to_json(PAIR))
    assert one == {
        "id": "claim-4-1-works",
        "section": "4.1",
        "figures": [4, 5],
        "chapter": "07-digits",
        "claim": "It works.",
        "verdict": "partly",
        "reason": 'One "does", the other, no.',
        "checks": [
            {
                "what": "gain, good",
                "experiment": "e",
                "subject": "good",
                "score": "psnr",
                "value": 1.0,
                "low": 0.9,
                "high": 1.1,
                "cases": 10,
                "above": 0.5,
                "below": None,
                "answer": "yes",
            },
            {
                "what": "gain, bad",
                "experiment": "e",
                "subject": "bad",
                "score": "psnr",
                "value": -1.0,
                "low": -1.1,
                "high": -0.9,
                "cases": 10,
                "above": -0.5,
                "below": 0.5,
                "answer": "no",
            },
        ],
    }
    assert (other["checks"], other["reason"]) == ([], "")


def test_csv_has_a_row_for_each_check_and_for_a_claim_without():
    rows = list(csv.DictReader(records.to_csv(PAIR).splitlines()))
    assert [(row["id"], row["what"]) for row in rows] == [
        ("claim-4-1-works", "gain, good"),
        ("claim-4-1-works", "gain, bad"),
        ("claim-3-would-others", ""),
    ]
    assert [row["figures"] for row in rows] == ["4 5"] * 3
    assert [row["above"] for row in rows] == ["0.5", "-0.5", ""]
    assert [row["below"] for row in rows] == ["", "0.5", ""]
    assert rows[0]["reason"] == 'One "does", the other, no.'


def test_the_stored_numbers_are_handed_on_unchanged():
    found = records.of(PAPER.claims)
    for claim_, record in zip(PAPER.claims, found, strict=True):
        assert record.verdict is claim_.verdict()
        for check, tested in zip(claim_.checks, record.checks, strict=True):
            number = claims.numbers.get(*check.number)
            assert (tested.experiment, tested.subject, tested.score) == check.number
            assert (tested.value, tested.low, tested.high) == number.estimate
            assert tested.cases == number.cases
