"""How good: every method on the same cases of the full sets, scored inside the holes only.

    python benchmarks/quality.py digits faces
    python benchmarks/quality.py digits --methods paper-digits digits
    python benchmarks/quality.py faces --count 8

The cases are those of ``protocol.py``, the methods those of ``methods.py``. Scores go to
``benchmarks/results/quality-SET.csv``, a row for each method and kind of hole, with the mean of
each score and its 95 % bootstrap interval; the scores of each single case go to
``quality-SET-cases.csv``. With ``--methods`` only these methods' rows are replaced. With
``--count`` fewer images are scored, as a trial, and nothing is written unless ``--output`` says
where.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import time
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import cv2
import numpy as np
import skimage
import torch
from methods import DEEP_IMAGE_PRIOR_CASES, FEW, UNTOUCHED, methods
from numpy.typing import NDArray
from protocol import KINDS, TEST, Cases, learned, scored
from tqdm import tqdm

from inpaintlib import metrics
from inpaintlib.datasets import DataError
from inpaintlib.metrics import Pairs

RESULTS = Path(__file__).parent / "results"

#: The PSNR of a perfect fill, in dB, which would be infinite and have no mean.
PERFECT = 60.0

#: The scores in the order of the columns; a column is empty where a score does not apply.
SCORES = ("psnr", "ssim", "judge", "grey", "realism")

#: What decides the numbers besides the seed.
VERSIONS = {
    "torch": torch.__version__,
    "numpy": np.__version__,
    "opencv": cv2.__version__,
    "scikit-image": skimage.__version__,
    "inpaintlib": metadata.version("inpaintlib"),
}

ALL = "all"

Row = dict[str, object]
Scores = dict[str, NDArray[np.floating]]


def few(cases: Cases, each: int) -> Cases:
    """Return the first hole of each of the first images, for what is too slow for all of them."""
    return cases[::each][:DEEP_IMAGE_PRIOR_CASES]


def score(name: str, filled: NDArray[np.floating], cases: Cases) -> Scores:
    """Return the scores of each case, ``(N,)`` each, but for realism; with what the judge read."""
    read = metrics.judged(filled, judge=f"{name}-judge")
    scores = {
        "psnr": np.minimum(metrics.psnr(filled, cases.images, cases.holes), PERFECT),
        "ssim": metrics.ssim(filled, cases.images, cases.holes),
        "judge": (read == cases.labels).astype(float),
        "judged": read,
    }
    if name == "digits":
        scores["grey"] = metrics.grey_share(filled, cases.holes)
    return scores


def summary(kind: str, scores: Scores, columns: Sequence[str] = SCORES) -> Row:
    """Return a row: the mean of each score over its cases, and the interval of that mean."""
    row: Row = {"kind": kind, "count": len(scores["psnr"])}
    for column in columns:
        values = scores.get(column)
        cells = ("", "", "")
        if values is not None:
            bounds = (float(values.mean()), *metrics.interval(values))
            cells = tuple(f"{value:.4f}" for value in bounds)
        row.update(zip((column, f"{column}_low", f"{column}_high"), cells, strict=True))
    return row


def measure(
    name: str, wanted: Sequence[str], *, count: int | None, seed: int
) -> tuple[list[Row], list[Row]]:
    """Run methods on the cases of a set.

    Returns:
        The rows of the summary, and those of the single cases.
    """
    test, learning = scored(name, count=count, seed=seed), learned(name, count=count, seed=seed)
    known = methods(name, seed=seed)
    facts = {"seed": seed, **VERSIONS}
    rows, single = [], []
    progress = tqdm(wanted, desc=name, unit="method")
    for method in progress:
        progress.set_postfix_str(method)
        fill = known[method]
        cases = few(test, TEST[name][1]) if method in FEW else test
        fill(cases[:1])  # loads and trains what is to be loaded and trained, off the clock
        begin = time.perf_counter()
        filled = fill(cases)
        seconds = (time.perf_counter() - begin) / len(cases)
        scores = score(name, filled, cases)
        if method == UNTOUCHED:
            scores["realism"] = np.full(len(cases), 0.5)  # there is nothing to tell apart
        elif method not in FEW:
            scores["realism"] = metrics.realism(
                Pairs(learning.images, fill(learning), learning.holes),
                Pairs(cases.images, filled, cases.holes),
                seed=seed,
            )
        for kind in (ALL, *KINDS[name]):
            chosen = np.ones(len(cases), bool) if kind == ALL else cases.kinds == kind
            if chosen.any():
                row = summary(kind, {key: values[chosen] for key, values in scores.items()})
                time_taken = f"{seconds:.6f}" if kind == ALL else ""
                rows.append({"method": method, **row, "seconds": time_taken, **facts})
        single += case_rows(method, cases, scores)
    return rows, single


def case_rows(method: str, cases: Cases, scores: Scores) -> list[Row]:
    """Return a row for each case."""
    return [
        {
            "method": method,
            "image": cases.details[i],
            "kind": cases.kinds[i],
            "label": cases.labels[i],
            "judged": scores["judged"][i],
            "psnr": f"{scores['psnr'][i]:.3f}",
            "ssim": f"{scores['ssim'][i]:.3f}",
            "grey": f"{scores['grey'][i]:.3f}" if "grey" in scores else "",
        }
        for i in range(len(cases))
    ]


def stored(path: Path) -> list[Row]:
    """Return the rows of a CSV, none if it does not exist."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def merged(old: list[Row], new: list[Row], order: Sequence[str]) -> list[Row]:
    """Return the new rows and, of the old ones, those of other methods, in the tables' order."""
    measured = {row["method"] for row in new}
    kept = [row for row in old if row["method"] in order and row["method"] not in measured]
    return sorted(kept + new, key=lambda row: order.index(str(row["method"])))


def write(path: Path, rows: list[Row]) -> None:
    """Write a CSV, whole or not at all."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text.getvalue(), encoding="utf-8", newline="")
    os.replace(unfinished, path)


def fits(old: list[Row], *, images: int, seed: int) -> bool:
    """Say whether stored rows are of the same columns, cases and seed as new ones would be."""
    if not all(row.keys() >= {*SCORES, *VERSIONS, "seconds"} for row in old):
        return False
    totals = [row for row in old if row["kind"] == ALL and row["method"] not in FEW]
    return all((int(row["count"]), int(row["seed"])) == (images, seed) for row in totals)


def printed(rows: list[Row]) -> str:
    """Return the rows over all kinds as a table to read."""
    lines = [
        f"{'':22}{'cases':>6}{'PSNR in hole':>23}{'SSIM':>8}{'judge':>8}{'grey':>7}"
        f"{'realism':>9}{'ms/image':>10}"
    ]
    for row in rows:
        if row["kind"] != ALL:
            continue
        cell = {key: float(row[key]) for key in row if key.startswith(SCORES) and row[key] != ""}
        short = [
            f"{cell[key]:{width}.2f}" if key in cell else f"{'-':>{width}}"
            for key, width in (("ssim", 8), ("judge", 8), ("grey", 7), ("realism", 9))
        ]
        lines.append(
            f"{row['method']:22}{row['count']:>6}{cell['psnr']:8.2f} dB "
            f"({cell['psnr_low']:.2f}-{cell['psnr_high']:.2f})".ljust(51)
            + "".join(short)
            + f"{1000 * float(str(row['seconds'])):10.1f}"
        )
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    known = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known.add_argument("name", nargs="+", choices=tuple(KINDS), help="the sets")
    known.add_argument("--methods", nargs="+", metavar="NAME", help="only these")
    known.add_argument("--count", type=int, help="a trial with so many images")
    known.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    known.add_argument("--output", type=Path, help="folder of the CSV files")
    return known


def main(arguments: Sequence[str] | None = None) -> None:
    command = parser()
    options = command.parse_args(arguments)
    if options.count is not None and options.count < 1:
        command.error("--count has to be at least 1")
    orders = {name: list(methods(name)) for name in options.name}
    unknown = set(options.methods or ()) - set().union(*orders.values())
    if unknown:
        names = dict.fromkeys(method for order in orders.values() for method in order)
        command.error(f"no such method: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    torch.set_num_threads(1)
    folder = options.output or (RESULTS if options.count is None else None)
    for name, order in orders.items():
        wanted = [method for method in order if method in (options.methods or order)]
        if not wanted:
            continue
        old: dict[str, list[Row]] = {"": [], "-cases": []}
        if options.methods and folder:
            old = {part: stored(folder / f"quality-{name}{part}.csv") for part in old}
            images, each = TEST[name]
            if not fits(old[""], images=(options.count or images) * each, seed=options.seed):
                command.error(f"quality-{name}.csv has other cases; measure all methods anew")
        try:
            new = measure(name, wanted, count=options.count, seed=options.seed)
        except DataError as error:
            command.error(str(error))
        print(printed(new[0]))
        if folder:
            for part, rows in zip(old, new, strict=True):
                write(folder / f"quality-{name}{part}.csv", merged(old[part], rows, order))


if __name__ == "__main__":
    main()
