"""Findings: the numbers that the book's claims rest on, each with its interval.

    python benchmarks/findings.py [TOPIC …]

A topic is a module of ``benchmarks/topics``, one for a section of the paper. Its function
``measure(count)`` yields findings on the full sets; ``count`` asks for so many images only. They
are stored twice in ``benchmarks/results/findings-TOPIC.csv``: on all cases, which is what the
chapters and the page *Claims* show, and on the topic's ``FEW``, which the tests measure again and
compare. The last row is a checksum of the others, so that no number is changed by hand.

Reading them needs neither the full sets nor OpenCV.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from IPython.display import Markdown
from numpy.typing import ArrayLike
from tables import RESULTS

from inpaintlib import metrics

ALL, FEW, CHECKSUM = "all", "few", "checksum"

TOPICS = tuple(sorted(path.stem for path in (Path(__file__).parent / "topics").glob("[a-z]*.py")))


class Finding(NamedTuple):
    """One number.

    Attributes:
        name: What was measured, from the general to the special, as in ``"digits/harmonic/psnr"``.
        value: The number; a share is in [0, 1], a PSNR in dB.
        low: The lower end of its 95 % interval.
        high: The upper end.
        cases: How many values it is the mean of.
        tolerance: By how much a fresh measurement on another machine may differ from it.
    """

    name: str
    value: float
    low: float
    high: float
    cases: int
    tolerance: float


def mean(name: str, values: ArrayLike, *, tolerance: float) -> Finding:
    """Return the mean of ``values`` ``(N,)`` with its bootstrap interval, as a finding."""
    given = torch.as_tensor(values).double()
    low, high = metrics.interval(given.numpy())
    return Finding(name, float(given.mean()), low, high, len(given), tolerance)


def measure(topic: str, *, few: bool = False) -> list[Finding]:
    """Measure a topic on the full sets, on all of its cases or on few of them.

    Raises:
        DataError: The full sets are not here.
    """
    module = importlib.import_module(f"topics.{topic}")
    found = list(module.measure(count=module.FEW if few else None))
    names = [finding.name for finding in found]
    if len(set(names)) < len(names):
        raise ValueError(f"{topic}: got a name twice, wanted each once")
    return found


def read(topic: str, *, run: str = ALL, folder: Path = RESULTS) -> dict[str, Finding]:
    """Return the stored findings of a topic by name, on all cases or (``run="few"``) on few."""
    with (folder / f"findings-{topic}.csv").open(newline="", encoding="utf-8") as file:
        return {
            row["name"]: Finding(
                row["name"],
                *(float(row[key]) for key in ("value", "low", "high")),
                int(row["cases"]),
                float(row["tolerance"]),
            )
            for row in csv.DictReader(file)
            if row["run"] == run
        }


def store(topic: str, runs: dict[str, Iterable[Finding]], *, folder: Path = RESULTS) -> None:
    """Write the findings of a topic, by run, whole or not at all."""
    from quality import write  # with all that measuring needs

    rows = [{"run": run, **finding._asdict()} for run, found in runs.items() for finding in found]
    for row in rows:
        row |= {key: round(float(row[key]), 4) for key in ("value", "low", "high")}
    write(folder / f"findings-{topic}.csv", [*rows, {"run": CHECKSUM, "name": checksum(rows)}])


def checksum(rows: Iterable[Mapping[str, object]]) -> str:
    """Return what the last row of a file holds of the others."""
    text = "\n".join(",".join(str(cell) for cell in row.values()) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def is_as_written(topic: str, *, folder: Path = RESULTS) -> bool:
    """Say whether a topic's file is as :func:`store` wrote it."""
    with (folder / f"findings-{topic}.csv").open(newline="", encoding="utf-8") as file:
        *rows, last = csv.DictReader(file)
    return (last["run"], last["name"]) == (CHECKSUM, checksum(rows))


def shown(finding: Finding, *, digits: int = 2, percent: bool = False) -> str:
    """Return a number with its interval below it, for a cell of a Markdown table."""
    scale, unit = (100, " %") if percent else (1, "")
    value, low, high = (f"{scale * number:.{digits}f}" for number in finding[1:4])
    return f"{value}{unit}<br><small>{low} to {high}</small>"


def table(
    topic: str,
    rows: dict[str, str],
    columns: dict[str, str],
    *,
    digits: int = 2,
    first: str = "",
    folder: Path = RESULTS,
) -> Markdown:
    """Return stored findings ``ROW/COLUMN`` as a table.

    Args:
        topic: Of the findings.
        rows: How the finding's name begins, by what is written at the left of the row.
        columns: How the name ends, by the column's title. An unknown finding leaves a dash.
        digits: After the point.
        first: The title of the first column.
        folder: Where the results are.
    """
    found = read(topic, folder=folder)
    lines = [[first, *columns], ["---", *["---:"] * len(columns)]]
    for title, row in rows.items():
        names = [f"{row}/{column}" for column in columns.values()]
        cells = [shown(found[name], digits=digits) if name in found else "–" for name in names]
        lines.append([title, *cells])
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("topic", nargs="*", metavar="TOPIC", help=f"of {', '.join(TOPICS)}")
    options = parser.parse_args(arguments)
    unknown = set(options.topic) - set(TOPICS)
    if unknown:
        parser.error(f"no such topic: {', '.join(sorted(unknown))}; there are {', '.join(TOPICS)}")
    torch.set_num_threads(1)
    for topic in options.topic or TOPICS:
        runs = {ALL: measure(topic), FEW: measure(topic, few=True)}
        store(topic, runs)
        for finding in runs[ALL]:
            print(topic, *finding, sep="\t")


if __name__ == "__main__":
    main()
