"""Claims: from stored numbers to verdicts, by rule.

The paper's claims are in ``claims.toml`` beside this file, to be read and edited. A claim has a
sentence in our own words and some checks. A check is one stored number and the range in which its
whole 95 % interval must lie for the claim to hold: *yes* if it does, *no* if all of it lies
outside, *open* otherwise. The verdict follows:

- *reproduced*: every check says yes;
- *partly*: some do;
- *not reproduced*: none does, because the numbers contradict the claim or leave it open;
- *not tested*: there are no checks.

A verdict is never written down. A claim in the file has only the reason for the verdict that its
numbers gave; if they give another verdict, a test fails until there is a reason for it.

Shown on the page *Claims*.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from IPython.display import Markdown

from inpaintlib import classifiers, recipes
from inpaintlib.recipes import Recipe
from inpaintlib.study import numbers, search, tables
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
        above: All of the interval must be above this; an address stands for the upper end of that
            number's interval,
        below: and below this.
    """

    number: Address
    what: str
    above: float | Address = -math.inf
    below: float = math.inf

    def floor(self, find: Find) -> float:
        """Return the lower limit of the range."""
        return find(*self.above).high if isinstance(self.above, tuple) else self.above

    def answer(self, find: Find) -> Answer:
        """Return the answer."""
        found, floor = find(*self.number), self.floor(find)
        if floor < found.low and found.high < self.below:
            return Answer.YES
        outside = found.high <= floor or self.below <= found.low
        return Answer.NO if outside else Answer.OPEN

    def line(self, find: Find) -> str:
        """Return the number, its range and the answer, for a cell of a table."""
        limits = {">": self.floor(find), "<": self.below}
        wanted = " and ".join(
            f"{side} {shown(at)}" for side, at in limits.items() if math.isfinite(at)
        )
        value, low, high = map(shown, find(*self.number).estimate)
        return f"**{self.answer(find)}**: {self.what}: {value} ({low} to {high}), wanted {wanted}"


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
        """Return the verdict that follows from the numbers."""
        if not self.checks:
            return Verdict.UNTESTED
        held = [check.answer(find) is Answer.YES for check in self.checks]
        return Verdict.REPRODUCED if all(held) else Verdict.PARTLY if any(held) else Verdict.NOT


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
    _known_keys(entry, {"number", "what"}, optional={"above", "below", "each"})
    if "above" not in entry and "below" not in entry:
        raise ValueError(f"check {entry['what']!r}: got no limit, wanted above or below")
    each = entry.get("each", {})
    for values in itertools.product(*each.values()):
        named = dict(zip(each, values, strict=True))
        above = entry.get("above", -math.inf)
        check = Check(
            _address(entry["number"], named),
            entry["what"].format_map(named),
            _address(above, named) if isinstance(above, list) else _limit(above, limits),
            _limit(entry.get("below", math.inf), limits),
        )
        for address in (check.number, check.above):
            if isinstance(address, tuple) and math.isnan(find(*address).low):
                raise ValueError(f"number: got {address}, wanted one that has an interval")
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


def gaps(left_open: Iterable[Gap]) -> Markdown:
    """Return the choices left open, the values used here, and how they were found, as a table."""
    lines = [["section", "left open", "used here", "how it was found"]]
    for gap in left_open:
        here = "<br>".join(f"{value} (`{whose}`)" for whose, value in gap.here.items())
        lines.append([gap.section, gap.what, here, gap.how])
    return tables.markdown(lines, text=4)
