"""What a sentence is true of: stored numbers, and what the chapter's cells printed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from inpaintlib.study import claims, numbers

#: What words mean. The first ones are those of the claims.
LIMITS = tomllib.loads(claims.FILE.read_text(encoding="utf-8"))["limits"] | {
    "several decibels": 2.0,
    "many decibels": 5.0,
    "a little": 0.5,  # of a difference in dB; less than it is "little", "close" or "about as"
    "about as": 0.75,  # of a quotient; up to its inverse
    "far": 0.1,  # two images whose root mean square distance is above this are far apart
    "few": 0.3,  # of a share
    "several times": 2.0,  # of a quotient
    "orders of magnitude": 100.0,  # of a quotient
    "much": 0.1,  # of a difference of shares
    "nearly as often": -0.05,  # of a difference of shares
}

#: Their numbers, which are of one machine.
BENCHMARKS = numbers.Store(Path(__file__).parents[2] / "benchmarks" / "results")

Value = float | str
Change = Callable[[int, Value], Value]


def unchanged(_: int, value: Value) -> Value:
    return value


@dataclass
class Results:
    """The results that a sentence reads, and a record of it.

    Args:
        printed: The text outputs of the chapter.
        change: Gives another value in the place of the one read, by its place in the record.
    """

    printed: Sequence[str]
    change: Change = unchanged
    read: list[Value] = field(default_factory=list)

    def __call__(self, experiment: str, subject: str, score: str) -> float:
        """A stored number."""
        return self._seen(numbers.get(experiment, subject, score).value)

    def times(self, benchmark: str, subject: str, score: str, other: str) -> float:
        """The quotient of two stored numbers of a benchmark."""
        one, two = (BENCHMARKS.get(benchmark, subject, name).value for name in (score, other))
        return self._seen(one / two)

    def low(self, experiment: str, subject: str, score: str) -> float:
        """The lower end of its interval."""
        return self._seen(numbers.get(experiment, subject, score).low)

    def high(self, experiment: str, subject: str, score: str) -> float:
        """The upper end of its interval."""
        return self._seen(numbers.get(experiment, subject, score).high)

    def holds_zero(self, experiment: str, subject: str, score: str) -> bool:
        """Whether its interval holds help and harm."""
        return self.low(experiment, subject, score) < 0 < self.high(experiment, subject, score)

    def cases(self, experiment: str, subject: str, score: str) -> float:
        """The number of values in its mean."""
        return self._seen(float(numbers.get(experiment, subject, score).cases))

    def facts(self, pattern: str) -> list[float]:
        """The numbers in the groups of a pattern, where it is found. A share may be in percent."""
        return [self._seen(_number(word)) for word in self._found(pattern)]

    def fact(self, pattern: str) -> float:
        """The only number of a pattern."""
        [value] = self.facts(pattern)
        return value

    def words(self, pattern: str) -> list[str]:
        """The same, as words."""
        return [self._seen(word) for word in self._found(pattern)]

    def _found(self, pattern: str) -> list[str]:
        # A picture stands twice on a page if an explorer has it as well.
        found = dict.fromkeys(
            match.groups() for text in self.printed for match in re.finditer(pattern, text)
        )
        assert found, f"nothing printed is like {pattern!r}"
        return [word for groups in found for word in groups]

    def _seen(self, value: Value) -> Value:
        place = len(self.read)
        self.read.append(value)
        return self.change(place, value)


def _number(word: str) -> float:
    word = word.replace("−", "-")
    return float(word[:-1]) / 100 if word.endswith("%") else float(word)


@dataclass(frozen=True)
class Sentence:
    """A sentence, or a part of one, that speaks of results.

    Attributes:
        page: The chapter's notebook or the page, without its ending.
        words: As they stand there, white space aside.
        holds: Whether the results are as the words say.
        together: It speaks of most, of a mean or of a highest one, so that no single number
            decides.
    """

    page: str
    words: str
    holds: Callable[[Results], bool]
    together: bool = False

    def __str__(self) -> str:
        return f"{self.page}: {self.words}"


def of(
    page: str, *table: tuple[str, Callable[[Results], bool]], together: bool = False
) -> list[Sentence]:
    """The sentences of a page."""
    return [Sentence(page, words, holds, together) for words, holds in table]


def most(share: float) -> bool:
    return share > LIMITS["most"]


def nearly_all(share: float) -> bool:
    return share >= LIMITS["nearly all"]


def hardly_any(share: float) -> bool:
    return share < LIMITS["hardly any"]


def few(share: float) -> bool:
    return share <= LIMITS["few"]


def same(a: float, b: float) -> bool:
    """Of two shares or grey values."""
    return abs(a - b) <= LIMITS["same"]


def close(a: float, b: float) -> bool:
    """Of two values in dB."""
    return abs(a - b) < LIMITS["a little"]


def about_as(a: float, b: float) -> bool:
    """Of two positive values."""
    return LIMITS["about as"] <= a / b <= 1 / LIMITS["about as"] if b > 0 else False


def several_decibels(gain: float) -> bool:
    return gain >= LIMITS["several decibels"]


def many_decibels(gain: float) -> bool:
    return gain >= LIMITS["many decibels"]


def a_little(gain: float) -> bool:
    return 0 < gain < LIMITS["a little"]


def falls(values: Sequence[float]) -> bool:
    return all(b < a for a, b in pairwise(values))


def rises(values: Sequence[float]) -> bool:
    return all(b > a for a, b in pairwise(values))


def spread(values: Mapping[str, float] | Sequence[float]) -> float:
    listed = list(values.values()) if isinstance(values, Mapping) else list(values)
    return max(listed) - min(listed)
