"""Records: the claims with their verdicts and numbers as plain data, also as JSON and CSV.

The page *Claims* shows these records (:mod:`~inpaintlib.study.cards`) and offers them to download,
so the page and the files have the same numbers.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields

from inpaintlib._signatures import check_module
from inpaintlib.study import numbers
from inpaintlib.study.claims import Answer, Check, Claim, Find, Verdict

# Words that say little about a claim; its identifier leaves them out.
_SMALL = re.compile(
    r"an?|and|are|as|at|be|by|can|does|do|for|from|has|in|is|its?|may|more|not?|of|on|one|or|other"
    r"|so|than|that|the|their|them|they|this|too?|was|which|with"
)
_WORDS = 4


@dataclass(frozen=True)
class Checked:
    """A check, with all that it was decided by.

    Attributes:
        what: The number in words.
        experiment: The number's address, with the next two.
        subject: See :class:`~inpaintlib.study.numbers.Number`, like the next five.
        score: Likewise.
        value: Likewise.
        low: Lower end of its 95 % interval.
        high: Upper end.
        cases: Number of cases.
        above: The claim wants the whole interval above this; ``None`` for no lower limit.
        below: Likewise below this.
        answer: Whether it is there.
    """

    what: str
    experiment: str
    subject: str
    score: str
    value: float
    low: float
    high: float
    cases: int
    above: float | None
    below: float | None
    answer: Answer


@dataclass(frozen=True)
class Record:
    """A claim with its verdict.

    Attributes:
        id: Unique, of lower-case letters, digits and hyphens; the claim's anchor on the page.
        section: Of the paper.
        figures: Of the paper.
        chapter: Of the book, the notebook's name.
        claim: The claim, in our own words.
        verdict: The verdict that follows from the checks.
        reason: Why it is so.
        checks: In the order of the file.
    """

    id: str
    section: str
    figures: tuple[int, ...]
    chapter: str
    claim: str
    verdict: Verdict
    reason: str
    checks: tuple[Checked, ...]


def identifier(claim: Claim) -> str:
    """Return the anchor of a claim, made of its section and its first telling words.

    It does not depend on the claim's place, its checks or its verdict.
    """
    plain = unicodedata.normalize("NFKD", claim.says.lower()).encode("ascii", "ignore").decode()
    telling = [word for word in re.findall(r"[a-z0-9]+", plain) if not _SMALL.fullmatch(word)]
    return "-".join(["claim", claim.section.replace(".", "-"), *telling[:_WORDS]])


def of(claims: Iterable[Claim], find: Find = numbers.get) -> tuple[Record, ...]:
    """Return the claims' records.

    Args:
        claims: In the order of the paper.
        find: Looks up the numbers.

    Raises:
        ValueError: Two claims have the same identifier.
    """
    made = tuple(_record(claim, find) for claim in claims)
    twice = [name for name, count in Counter(record.id for record in made).items() if count > 1]
    if twice:
        raise ValueError(f"claims: got two with the identifier {', '.join(twice)}")
    return made


def counts(records: Iterable[Record]) -> dict[Verdict, int]:
    """Return the number of claims for each verdict, all verdicts in their order."""
    found = Counter(record.verdict for record in records)
    return {verdict: found[verdict] for verdict in Verdict}


def to_json(records: Sequence[Record]) -> str:
    """Return a JSON array with an object for each claim; its checks are an array within it."""
    content = [asdict(record) for record in records]
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def to_csv(records: Sequence[Record]) -> str:
    """Return a CSV with a row for each check, and one for each claim that has none.

    The columns are those of :class:`Record`, without its checks, then those of :class:`Checked`.
    Figures are separated by spaces; what is missing is empty.
    """
    about = [field.name for field in fields(Record) if field.name != "checks"]
    file = io.StringIO()
    writer = csv.DictWriter(
        file, [*about, *(field.name for field in fields(Checked))], lineterminator="\n"
    )
    writer.writeheader()
    for record in records:
        row = {name: getattr(record, name) for name in about}
        row["figures"] = " ".join(map(str, record.figures))
        for check in record.checks or (None,):
            writer.writerow(row | (asdict(check) if check else {}))
    return file.getvalue()


def _record(claim: Claim, find: Find) -> Record:
    verdict = claim.verdict(find)
    return Record(
        id=identifier(claim),
        section=claim.section,
        figures=claim.figures,
        chapter=claim.chapter,
        claim=claim.says,
        verdict=verdict,
        reason=claim.because.get(verdict, ""),
        checks=tuple(_checked(check, find) for check in claim.checks),
    )


def _checked(check: Check, find: Find) -> Checked:
    number, (above, below) = find(*check.number), check.limits()
    return Checked(
        what=check.what,
        experiment=number.experiment,
        subject=number.subject,
        score=number.score,
        value=number.value,
        low=number.low,
        high=number.high,
        cases=number.cases,
        above=above if math.isfinite(above) else None,
        below=below if math.isfinite(below) else None,
        answer=check.answer(find),
    )


check_module(__name__)
