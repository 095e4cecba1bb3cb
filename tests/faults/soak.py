"""Try new cases of every kind for as long as wanted, and count them.

python -m faults.soak --minutes 60 --seed 7 --store book/reliability.csv
"""

from __future__ import annotations

import argparse
import csv
import random
import sys
import time
import traceback
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import StopTest, UnsatisfiedAssumption

from faults import explorers, files, links, pixels
from faults.kinds import KINDS, Kind

#: Registered by being imported.
MODULES = (explorers, files, links, pixels)


@dataclass
class Count:
    """How many cases of a kind were tried, and how many held; the different failures."""

    tried: int = 0
    held: int = 0
    failures: dict[str, str] = field(default_factory=dict)


def attempt(kind: Kind, count: Count, number: int, *, examples: int) -> None:
    """Try some cases of a kind, until one fails."""
    over = False

    def trial(data: st.DataObject) -> None:
        nonlocal over
        if over:  # hypothesis repeats what failed
            kind.trial(data)
            return
        count.tried += 1
        try:
            kind.trial(data)
        except (StopTest, UnsatisfiedAssumption):  # no case, after all
            count.tried -= 1
            raise
        except BaseException:
            over = True
            raise
        count.held += 1

    run = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )(seed(number)(given(st.data())(trial)))
    try:
        run()
    except KeyboardInterrupt:
        raise
    except BaseException as failure:
        # Of one that did not fail again, hypothesis gives the first failure in a group.
        error = failure.exceptions[0] if isinstance(failure, BaseExceptionGroup) else failure
        where = traceback.extract_tb(error.__traceback__)[-1]
        words = " ".join(str(error).split())[:300]
        key = f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}: {words[:80]}"
        notes = "\n    ".join(getattr(error, "__notes__", []))
        if key not in count.failures:
            count.failures[key] = f"{type(error).__name__}: {words}\n    {notes}"
            print(f"FAILED {kind.name} (seed {number})\n    {count.failures[key]}", flush=True)


def soak(minutes: float, first: int, names: Sequence[str]) -> dict[str, Count]:
    """Try every kind in turn until the time is over."""
    counts = {name: Count() for name in names}
    numbers = random.Random(first)
    end = time.monotonic() + 60 * minutes
    told = time.monotonic()
    while time.monotonic() < end:
        for name in names:
            kind = KINDS[name]
            examples = max(2, kind.examples // 2)
            attempt(kind, counts[name], numbers.randrange(2**32), examples=examples)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            tried = sum(count.tried for count in counts.values())
            print(f"{(end - told) / 60:.0f} minutes left, {tried:,} tried", flush=True)
    return counts


def store(counts: dict[str, Count], path: Path, *, minutes: float, first: int) -> None:
    """Write the table that the book shows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["kind", "what is tried, and what must hold", "tried", "held"])
        for name, count in counts.items():
            rows.writerow([name, KINDS[name].about, f"{count.tried:,}", f"{count.held:,}"])
        tried = sum(count.tried for count in counts.values())
        held = sum(count.held for count in counts.values())
        rows.writerow(["all", f"{minutes:g} minutes, seed {first}", f"{tried:,}", f"{held:,}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; return 1 if anything failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=None, help="default: another one each time")
    parser.add_argument("--store", type=Path, default=None, metavar="FILE", help="a CSV of counts")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help="default: all")
    options = parser.parse_args(arguments)
    names = options.kinds or list(KINDS)
    if unknown := set(names) - set(KINDS):
        parser.error(f"no such kind: {', '.join(unknown)}; there are {', '.join(KINDS)}")
    first = random.SystemRandom().randrange(2**32) if options.seed is None else options.seed
    print(f"seed {first}", flush=True)
    torch.set_num_threads(1)
    warnings.simplefilter("error")  # as in the tests
    counts = soak(options.minutes, first, names)
    print(f"{'kind':18}{'tried':>9}{'held':>9}")
    for name, count in counts.items():
        print(f"{name:18}{count.tried:9,}{count.held:9,}")
    if options.store:
        store(counts, options.store, minutes=options.minutes, first=first)
    return 1 if any(count.failures for count in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
