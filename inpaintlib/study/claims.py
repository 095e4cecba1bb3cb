"""Claims: from stored numbers to verdicts, by rule.

The paper's claims are in ``claims.toml`` beside this file, to be read and edited. A claim has a
sentence in our own words and some checks. A check is one stored number and the range in which its
whole 95 % interval must lie for the claim to hold: *yes* if it does, *no* if all of it lies
outside, *open* otherwise. The verdict follows, see :meth:`Claim.verdict`:

- *reproduced*: every check says yes;
- *partly*: some do, the others say no or leave it open;
- *not reproduced*: none says yes, and at least one says no, so the numbers contradict the claim;
- *inconclusive*: every check leaves it open;
- *not tested*: there are no checks.

A check must be able to say yes and to say no. One that cannot, whatever the images and with this
many of them, is refused when the file is read, see :func:`possible`. That is why a paired
difference names the number ``against`` which it is measured: where that is perfect already, no
gain is possible.

A verdict is never written down. A claim in the file has only the reason for the verdict that its
numbers gave; if they give another verdict, a test fails until there is a reason for it.

Shown on the page *Claims*.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from IPython.display import Markdown
from scipy.stats import norm

from inpaintlib import classifiers, metrics, recipes
from inpaintlib._signatures import check_module
from inpaintlib.recipes import Recipe
from inpaintlib.study import numbers, scales, search, tables
from inpaintlib.study.chapters import hallucination, illumination
from inpaintlib.study.methods import OURS, PAPER
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import SETS
from inpaintlib.training import TRAININGS

# The paper's claims, and the choices that it leaves open.
FILE = Path(__file__).with_name("claims.toml")

# Experiment, subject and score of a stored number.
Address = tuple[str, str, str]

#: Returns a stored number by its address, or raises :class:`UnknownNumber`.
Find = Callable[[str, str, str], Number]

#: The recipes whose values are shown for the choices that the paper leaves open.
SHOWN = (*PAPER.values(), *OURS.values())

#: The classifiers of the paper's recipes, by the names of their trainings.
TRAINED = ("digits-patches", "faces-patches-yale")

#: Lists of tried values where the paper gives none, by the names that the file uses.
TRIED: dict[str, Sequence[object]] = {
    "starts": tuple(hallucination.STARTS),
    "thresholds": illumination.THRESHOLDS,
}


class Verdict(StrEnum):
    """The verdict on a claim."""

    REPRODUCED = "reproduced"
    PARTLY = "partly"
    NOT = "not reproduced"
    INCONCLUSIVE = "inconclusive"
    UNTESTED = "not tested"


class Answer(StrEnum):
    """The answer of a check."""

    YES = "yes"
    NO = "no"
    OPEN = "open"


@dataclass(frozen=True)
class Check:
    """A number, and the range in which its whole interval must lie for the claim to hold.

    Attributes:
        number: Its address.
        what: The number in words.
        above: All of the interval must be above this,
        below: and below this.
        against: For a paired difference of scores with two bounds: the number that is subtracted.
    """

    number: Address
    what: str
    above: float = -math.inf
    below: float = math.inf
    against: Address | None = None

    def observed(self, find: Find = numbers.get) -> Number:
        """Return the number."""
        return find(*self.number)

    def limits(self) -> scales.Range:
        """Return the limits of the range, infinite where there is none."""
        return self.above, self.below

    def scale(self, find: Find = numbers.get) -> scales.Range:
        """Return the lowest and the highest value that the number could have.

        A difference to a known value r of a score from a to b is between a − r and b − r.

        Raises:
            ValueError: The range of the score is unknown, or a difference has no ``against``.
        """
        _, subject, score = self.number
        if scales.base(score) not in scales.RANGES:
            raise ValueError(f"number: got the score {score!r}, wanted one in scales.RANGES")
        low, high = scales.range_of(subject, score)
        if self.against is None:
            if scales.is_difference(subject, score) and math.isfinite(low):
                raise ValueError(
                    f"check {self.what!r}: got a difference, wanted what it is against"
                )
            return low, high
        known = find(*self.against).value
        low, high = scales.RANGES[scales.base(score)]
        return low - known, high - known

    def answer(self, find: Find = numbers.get) -> Answer:
        """Return the answer."""
        found = self.observed(find)
        return self.of(found.low, found.high)

    def of(self, low: float, high: float) -> Answer:
        """Return the answer that an interval gives."""
        if self.above < low and high < self.below:
            return Answer.YES
        outside = high <= self.above or self.below <= low
        return Answer.NO if outside else Answer.OPEN


#: A value of a score without bounds.
_HUGE = 1e9


def possible(check: Check, find: Find = numbers.get) -> set[Answer]:
    """Return whether other images, as many as were measured, could make a check say yes, and no.

    A value at either end of its scale, and one in the middle of the wanted range, have the widths
    of their intervals where the number is a share or a difference of shares; no width is assumed
    otherwise. Cases that belong together, such as the faces of a person, count as fewer where the
    stored interval shows how many fewer.
    """
    low, high = np.clip(check.scale(find), -_HUGE, _HUGE).tolist()
    _, subject, score = check.number
    inside = (max(check.above, low) + min(check.below, high)) / 2
    tried = [low, high, min(max(inside, low), high)]
    if scales.base(score) in scales.SHARES:
        found, paired = find(*check.number), scales.is_difference(subject, score)
        count = found.cases if paired else _independent(found)
        intervals = [_narrowest(value, count, paired=paired) for value in tried]
    else:
        intervals = [(value, value) for value in tried]
    answers = {check.of(*interval) for interval in intervals}
    if check.above <= low and check.below >= high:
        answers.discard(Answer.NO)
    return answers & {Answer.YES, Answer.NO}


def _independent(share: Number) -> int:
    """Return how many independent cases a share has, at most its cases.

    A share of 0 or 1 shows it: Wilson's interval :cite:p:`brown2001interval` of n equal cases
    leaves z² / (n + z²) open at the other end. Any other share is taken to have all of them.
    """
    left = share.high - share.low
    if share.value not in (0, 1) or not 0 < left < 1:
        return share.cases
    square = float(norm.ppf(0.975)) ** 2
    return min(share.cases, round(square / left - square))


def _narrowest(value: float, count: int, *, paired: bool) -> tuple[float, float]:
    """Return the interval of a share of ``count`` cases, or of a difference of shares.

    A difference has the fewest cases that differ, so that its interval is the narrowest.
    """
    values = np.zeros(count)
    values[: round(abs(value) * count)] = np.sign(value)
    return metrics.interval(values, bounds=(-1, 1) if paired else (0, 1))


def widened(find: Find, checks: int) -> Find:
    """Return a function that finds numbers with wider intervals, as for one of several checks.

    Bonferroni's correction: with a level of 1 − 0.05 / ``checks`` for each interval, the chance
    that any of them misses its true value is at most 5 %. An interval is widened about its value by
    the ratio of the normal quantiles of the two levels, which is an approximation for shares and
    for means of few values, and does not leave the range of its score.
    """
    ratio = norm.isf(0.025 / checks) / norm.isf(0.025)

    def wider(experiment: str, subject: str, score: str) -> Number:
        found = find(experiment, subject, score)
        known = scales.base(score) in scales.RANGES
        bounds = scales.range_of(subject, score) if known else scales.ANY
        return replace(
            found,
            low=max(found.value - ratio * (found.value - found.low), bounds[0]),
            high=min(found.value + ratio * (found.high - found.value), bounds[1]),
        )

    return wider


@dataclass(frozen=True)
class Claim:
    """A claim of the paper.

    Attributes:
        section: Of the paper.
        figures: Of the paper, which show it.
        says: The claim, in our own words.
        chapter: Of the book, the notebook's name.
        checks: The checks that decide the verdict.
        because: The reason, by the verdict that it explains.
    """

    section: str
    figures: tuple[int, ...]
    says: str
    chapter: str
    checks: tuple[Check, ...]
    because: Mapping[Verdict, str]

    def verdict(self, find: Find = numbers.get) -> Verdict:
        """Return the verdict that follows from the numbers, by the rule of this module."""
        answers = {check.answer(find) for check in self.checks}
        if not answers:
            return Verdict.UNTESTED
        if Answer.YES in answers:
            return Verdict.REPRODUCED if answers == {Answer.YES} else Verdict.PARTLY
        return Verdict.NOT if Answer.NO in answers else Verdict.INCONCLUSIVE


@dataclass(frozen=True)
class Gap:
    """A choice that the paper leaves open.

    Attributes:
        what: The number or the choice.
        section: Of the paper, where it belongs.
        here: The values used here, read from recipes or trainings, by the name of their owner.
        how: How they were found.
    """

    what: str
    section: str
    here: Mapping[str, str]
    how: str


@dataclass(frozen=True)
class Paper:
    """The contents of a file about the paper.

    Attributes:
        claims: In the order of the paper.
        gaps: Likewise.
    """

    claims: tuple[Claim, ...]
    gaps: tuple[Gap, ...]


def read(path: Path = FILE, *, find: Find = numbers.get) -> Paper:
    """Read a file of claims and gaps, and check all of it.

    Args:
        path: The file; its head describes the format.
        find: Looks up the numbers.

    Raises:
        ValueError: Something is unknown, missing or of the wrong kind; the message says in which
            claim or gap.
    """
    with path.open("rb") as file:
        content = tomllib.load(file)
    with _Context(path.name):
        _known_keys(content, {"limits", "claims", "gaps"})
    limits = content.get("limits", {})
    return Paper(
        tuple(_claim(entry, limits, find) for entry in content.get("claims", [])),
        tuple(_gap(entry) for entry in content.get("gaps", [])),
    )


class _Context:
    """Puts the name of a claim or gap before an error's message."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ValueError | KeyError | AttributeError | IndexError):
            told = f"no {error}" if type(error) is KeyError else str(error)
            raise ValueError(f"{self.name}: {told}") from error


def _claim(entry: dict[str, Any], limits: Mapping[str, float], find: Find) -> Claim:
    with _Context(f"claim {entry.get('says', entry)!r}"):
        _known_keys(
            entry,
            {"section", "says", "chapter", "because"},
            optional={"figures", "checks"},
        )
        checks = [check for one in entry.get("checks", []) for check in _checks(one, limits, find)]
        return Claim(
            section=entry["section"],
            figures=tuple(entry.get("figures", ())),
            says=entry["says"],
            chapter=entry["chapter"],
            checks=tuple(checks),
            because={Verdict(verdict): why.strip() for verdict, why in entry["because"].items()},
        )


def _checks(entry: dict[str, Any], limits: Mapping[str, float], find: Find) -> Iterator[Check]:
    """Yield the check of an entry, or one for each combination of what ``each`` lists."""
    _known_keys(entry, {"number", "what"}, optional={"above", "below", "against", "each"})
    if "above" not in entry and "below" not in entry:
        raise ValueError(f"check {entry['what']!r}: got no limit, wanted above or below")
    each = entry.get("each", {})
    for values in itertools.product(*each.values()):
        named = dict(zip(each, values, strict=True))
        check = Check(
            _address(entry["number"], named),
            entry["what"].format_map(named),
            _limit(entry.get("above", -math.inf), limits),
            _limit(entry.get("below", math.inf), limits),
            _address(entry["against"], named) if "against" in entry else None,
        )
        if math.isnan(check.observed(find).low):
            raise ValueError(f"number: got {check.number}, wanted one that has an interval")
        for answer in {Answer.YES, Answer.NO} - possible(check, find):
            raise ValueError(
                f"check {check.what!r}: got limits with which it can never say {answer}"
            )
        yield check


def _address(parts: object, named: Mapping[str, str]) -> Address:
    if not isinstance(parts, list) or len(parts) != 3:
        raise ValueError(f"number: got {parts!r}, wanted [experiment, subject, score]")
    experiment, subject, score = (str(part).format_map(named) for part in parts)
    return experiment, subject, score


def _limit(given: object, limits: Mapping[str, float]) -> float:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return float(given)
    name = str(given).removeprefix("-")
    if name not in limits:
        raise ValueError(f"limit: got {given!r}, wanted a number or one of {', '.join(limits)}")
    return -limits[name] if name != given else limits[name]


def _gap(entry: dict[str, Any]) -> Gap:
    with _Context(f"gap {entry.get('what', entry)!r}"):
        sources = {"recipes", "trainings", "classifiers", "tried"}
        _known_keys(entry, {"what", "section"}, optional={*sources, "of", "search", "how"})
        if len(source := sources & entry.keys()) != 1:
            raise ValueError(f"got {sorted(source)}, wanted one of {', '.join(sorted(sources))}")
        how = [_grid(entry["search"])] if "search" in entry else []
        return Gap(
            what=entry["what"],
            section=entry["section"],
            here=_here(entry),
            how=" ".join([*how, entry.get("how", "").strip()]).strip(),
        )


def _recipe(name: str) -> Recipe:
    """Return a recipe by its name in the study."""
    return recipes.get(name, data=SETS["faces" if "faces" in name else "digits"])


def _here(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return the values used here, read from the entry's source."""
    if "tried" in entry:
        return {"tried": ", ".join(map(str, TRIED[entry["tried"]]))}
    if "recipes" in entry:
        known = {name: dict(vars(_recipe(name))) for name in entry.get("of", SHOWN)}
        form = entry["recipes"]
    elif "trainings" in entry:
        known = {name: dict(vars(TRAININGS[name])) for name in entry.get("of", TRAINED)}
        form = entry["trainings"]
    else:
        nets = {name: classifiers.load(name) for name in entry.get("of", TRAINED)}
        known = {name: {**net.facts, "shape": net.shape} for name, net in nets.items()}
        form = entry["classifiers"]
    return {name: form.format_map(values) for name, values in known.items()}


def _grid(setting: str) -> str:
    """Return in words the recipes for which a setting was searched, and the values tried."""
    found = [
        f"{', '.join(map(str, tried[setting]))} (`{name}`)"
        for name, tried in search.GRIDS.items()
        if setting in tried and name in SHOWN
    ]
    if not found:
        raise ValueError(f"search: got {setting!r}, wanted a setting that was searched")
    return f"Searched on the validation split, among {'; '.join(found)}."


def _known_keys(entry: Iterable[str], needed: set[str], *, optional: Iterable[str] = ()) -> None:
    given = set(entry)
    if unknown := given - needed - set(optional):
        known = sorted({*needed, *optional})
        raise ValueError(f"got {', '.join(sorted(unknown))}, wanted some of {', '.join(known)}")
    if missing := needed - given - {"limits", "claims", "gaps"}:
        raise ValueError(f"got no {', no '.join(sorted(missing))}")


def shown(number: float) -> str:
    """Return a number with three significant digits, and a minus sign where it is negative."""
    return f"{round(number, 4) + 0.0:.3g}".replace("-", "−")


def multiplicity(claims: Sequence[Claim], find: Find = numbers.get) -> Markdown:
    """Return how many false answers to expect, and the verdicts with corrected intervals.

    The correction is that of :func:`widened`, for all checks of the claims together.
    """
    checks = sum(len(claim.checks) for claim in claims)
    wider = widened(find, max(1, checks))
    verdicts = [(claim, claim.verdict(find), claim.verdict(wider)) for claim in claims]
    before, after = (Counter(found[place] for found in verdicts) for place in (1, 2))
    counts = [["verdict", "claims", "corrected"]]
    counts += [[f"{verdict}", str(before[verdict]), str(after[verdict])] for verdict in Verdict]
    changes = [f"- *{claim.says}* {old} → {new}" for claim, old, new in verdicts if old is not new]
    text = (
        f"The {len(claims)} claims have {checks} checks. Where the true value is outside of the "
        "range, a check says *yes* with a chance of at most 2.5 %, and where it is inside, it says "
        "*no* with at most that chance; both are much rarer where the value is far from the limit. "
        f"So at most {shown(0.025 * checks)} false answers are expected, and no more verdicts."
    )
    changed = "\n".join(["The correction changes:\n", *changes]) if changes else ""
    return Markdown("\n\n".join([text, str(tables.markdown(counts).data), changed]).strip())


def gaps(left_open: Iterable[Gap]) -> Markdown:
    """Return the choices left open, the values used here, and how they were found, as a table."""
    lines = [["section", "left open", "used here", "how it was found"]]
    for gap in left_open:
        here = "<br>".join(f"{value} (`{whose}`)" for whose, value in gap.here.items())
        lines.append([gap.section, gap.what, here, gap.how])
    return tables.markdown(lines, text=4)


check_module(__name__)
