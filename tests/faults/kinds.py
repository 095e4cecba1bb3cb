"""The registry of kinds, and what a function may do with odd input."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hypothesis import strategies as st

from inpaintlib.datasets import DataError

Trial = Callable[[st.DataObject], None]


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        name: In the table of counts.
        about: What is tried, and what must hold.
        trial: Draws one case, and fails where the property does not hold.
        examples: Number of cases in ``make test``.
    """

    name: str
    about: str
    trial: Trial
    examples: int


KINDS: dict[str, Kind] = {}

_SAID = re.compile(r"\w[\w. ]*: .*\bwanted\b", re.DOTALL)


def kind(name: str, about: str, *, examples: int) -> Callable[[Trial], Trial]:
    """Register a trial."""

    def register(trial: Trial) -> Trial:
        KINDS[name] = Kind(name, about, trial, examples)
        return trial

    return register


def check(error: Exception, wanted: str | re.Pattern[str]) -> None:
    """Fail unless an error's words are those wanted, or name what is wanted in one line."""
    words = str(error)
    if isinstance(wanted, str):
        assert wanted in words, words
        assert "\n" not in words, words
    else:
        assert wanted.match(words), f"{type(error).__name__}: {words}"


@contextmanager
def refused_or_right() -> Iterator[None]:
    """Let pass what is right, and errors that name the argument, what came and what is wanted."""
    try:
        yield
    except (TypeError, ValueError) as error:
        check(error, _SAID)
    except DataError as error:
        check(error, "")
