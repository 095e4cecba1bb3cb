"""Claims: from stored numbers to verdicts, by rule.

A claim is a sentence in our own words and some checks. A check is one stored number and the range
that its whole 95 % interval has to lie in for the claim to hold: *yes* where it does, *no* where
all of it lies outside, *open* where it does neither. The verdict follows:

- *reproduced*: every check says yes;
- *partly*: some do;
- *not reproduced*: none does, be it that the numbers contradict or that they leave it open;
- *not tested*: there are no checks.

A verdict is never written down. What is written down beside a claim is why the numbers are as they
are, for the verdict that they gave; should they give another one, a test asks for another reason.

What the paper claims is in ``paper.py``; the page *Claims* shows both.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import findings
import tables
from findings import Finding
from IPython.display import Markdown

#: What an address begins with that is not of a topic but of ``quality.py`` or ``ablation.py``.
QUALITY, ABLATION = "quality-", "ablation-"

#: Between two methods of ``quality.py`` that are compared case by case.
LESS = " less "

#: Returns a stored number by its address, see :func:`look_up`.
Find = Callable[[str], Finding | None]


class Verdict(StrEnum):
    REPRODUCED = "reproduced"
    PARTLY = "partly"
    NOT = "not reproduced"
    UNTESTED = "not tested"


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    OPEN = "open"


class Check(NamedTuple):
    """A number, and where its whole interval has to lie for the claim to hold.

    Attributes:
        number: Its address, see :func:`look_up`.
        what: What the number is, in words.
        above: All of the interval has to be above this; an address stands for the upper end of
            that number's interval,
        below: and below this.
    """

    number: str
    what: str
    above: float | str = -math.inf
    below: float = math.inf

    def numbers(self) -> list[str]:
        """Return the addresses of what has to be known."""
        return [self.number, *([self.above] if isinstance(self.above, str) else [])]

    def floor(self, find: Find) -> float | None:
        """Return what the interval has to be above, or None where it is not known."""
        if not isinstance(self.above, str):
            return self.above
        other = find(self.above)
        return None if other is None else other.high

    def answer(self, find: Find) -> Answer | None:
        """Return what the number says, or None where it or its limit is not there."""
        found, floor = find(self.number), self.floor(find)
        if found is None or floor is None:
            return None
        if floor < found.low and found.high < self.below:
            return Answer.YES
        outside = found.high <= floor or self.below <= found.low
        return Answer.NO if outside else Answer.OPEN

    def line(self, find: Find) -> str:
        """Return the number, what is wanted of it and the answer, for a cell of a table."""
        found, floor = find(self.number), self.floor(find)
        if found is None or floor is None:
            return f"{self.what}: not measured"
        limits = {">": floor, "<": self.below}
        wanted = " and ".join(f"{side} {shown(at)}" for side, at in limits.items() if finite(at))
        value, low, high = (shown(number) for number in found[1:4])
        return f"**{self.answer(find)}**: {self.what}: {value} ({low} to {high}), wanted {wanted}"


class Claim(NamedTuple):
    """What the paper says.

    Attributes:
        section: Of the paper.
        figures: Of the paper, which show it.
        says: The claim, in our own words.
        chapter: Of the book, the notebook's name.
        checks: What decides.
        why: The reason, by the verdict that it explains.
    """

    section: str
    figures: tuple[int, ...]
    says: str
    chapter: str
    checks: tuple[Check, ...]
    why: Mapping[Verdict, str]

    def verdict(self, find: Find) -> Verdict:
        """Return what the numbers say; those that are not there count for nothing."""
        answers = [answer for check in self.checks if (answer := check.answer(find))]
        if not answers:
            return Verdict.UNTESTED
        held = [answer is Answer.YES for answer in answers]
        return Verdict.REPRODUCED if all(held) else Verdict.PARTLY if any(held) else Verdict.NOT


class Gap(NamedTuple):
    """What the paper leaves open.

    Attributes:
        what: The number or the choice.
        section: Of the paper, where it belongs.
        here: What is used here, read from recipes or trainings: values by whose they are.
        how: How they were found.
    """

    what: str
    section: str
    here: Mapping[str, object]
    how: str


def look_up(address: str) -> Finding | None:
    """Return a stored number, or None where its file has not been written or lacks it.

    Args:
        address: ``TOPIC: NAME`` of a finding; ``quality-SET: METHOD/KIND/SCORE``, or ``METHOD
            less OTHER`` for the difference case by case; ``ablation-TABLE: ROW/SCORE``.
    """
    source, _, name = address.partition(": ")
    if source.startswith(QUALITY):
        return _of_quality(source.removeprefix(QUALITY), name)
    if source.startswith(ABLATION):
        return _of_ablation(source.removeprefix(ABLATION), name)
    return _of_topic(source).get(name)


@cache
def _of_topic(topic: str) -> dict[str, Finding]:
    try:
        return findings.read(topic)
    except FileNotFoundError:
        return {}


_case_scores = cache(tables.case_scores)


@cache
def _of_quality(name: str, wanted: str) -> Finding:
    methods, kind, score = wanted.split("/")
    method, _, other = methods.partition(LESS)
    cases = _case_scores(name, "psnr", kind=kind)[method]
    if other:
        single = _case_scores(name, score, kind=kind)
        estimate = tables.difference(single[method], single[other])
    else:
        estimate = tables.estimates(name, score, kind=kind)[method]
    return Finding(wanted, *estimate, len(cases), 0.0)


@cache
def _of_ablation(name: str, wanted: str) -> Finding:
    title, score = wanted.split("/")
    (row,) = (row for row in tables.ablation(name) if title in row.values())
    return Finding(wanted, *tables.bounds(row, score), int(row["count"]), 0.0)


def finite(number: float) -> bool:
    return math.isfinite(number)


def shown(number: float) -> str:
    """Return a number with three digits that count."""
    return f"{round(number, 4) + 0.0:.3g}"


def summary(claims: Sequence[Claim], find: Find = look_up) -> Markdown:
    """Return how many claims have which verdict, and of which sections."""
    by_verdict: dict[Verdict, list[Claim]] = {verdict: [] for verdict in Verdict}
    for claim in claims:
        by_verdict[claim.verdict(find)].append(claim)
    lines = [["verdict", "claims", "of sections"], ["---", "---:", "---"]]
    for verdict, those in by_verdict.items():
        sections = Counter(claim.section for claim in those)
        cells = (name if count == 1 else f"{name} ({count})" for name, count in sections.items())
        lines.append([f"**{verdict}**", str(len(those)), ", ".join(cells) or "none"])
    lines.append(["all", str(len(claims)), ""])
    return _table(lines)


def table(claims: Iterable[Claim], find: Find = look_up) -> Markdown:
    """Return the claims with their chapters, numbers, verdicts and reasons."""
    lines = [["paper", "claim", "verdict", "numbers"], ["---"] * 4]
    for claim in claims:
        verdict = claim.verdict(find)
        figures = [f"fig. {figure}" for figure in claim.figures]
        numbers = "<br>".join(check.line(find) for check in claim.checks) or "none"
        lines.append(
            [
                "<br>".join([claim.section, *figures]),
                f"{claim.says}<br>{{doc}}`/notebooks/{claim.chapter}`",
                f"**{verdict}**<br>{claim.why.get(verdict, '')}",
                f"<small>{numbers}</small>",
            ]
        )
    return _table(lines)


def gaps(open_: Iterable[Gap]) -> Markdown:
    """Return what the paper leaves open, what is used here, and how it was found."""
    lines = [["section", "left open", "used here", "how it was found"], ["---"] * 4]
    for gap in open_:
        here = "<br>".join(f"{value} (`{whose}`)" for whose, value in gap.here.items())
        lines.append([gap.section, gap.what, here, gap.how])
    return _table(lines)


def _table(lines: Iterable[Sequence[str]]) -> Markdown:
    return Markdown("\n".join(f"| {' | '.join(cells)} |" for cells in lines))
