"""What the stored scores say, as the chapter *How good is it?* shows them.

Reads what ``quality.py`` wrote, and needs neither the full sets nor OpenCV. It stands beside the
benchmark and not in the package, since it knows the columns of the benchmark's files.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from IPython.display import Markdown
from protocol import KINDS

from inpaintlib import metrics

RESULTS = Path(__file__).parent / "results"

ALL = "all"

#: The scores, how they are called in tables, and their digits after the point.
SCORES = {
    "psnr": ("PSNR, dB", 1),
    "ssim": ("SSIM", 2),
    "judge": ("judge", 2),
    "grey": ("grey", 2),
    "realism": ("realism", 2),
}

#: The originals; their PSNR is infinite, and a number stands for it in the files.
UNTOUCHED = "untouched"

#: What a method knows.
PIXELS, AVERAGES, TRAINING, CLASSIFIER, ANSWER = (
    "known pixels only",
    "label and class averages",
    "training images, or trained on holes",
    "label and a pre-trained classifier",
    "the answer",
)
KNOWS = {
    **dict.fromkeys(
        [
            "zeros",
            "harmonic",
            "total-variation",
            "telea",
            "navier-stokes",
            "biharmonic",
            "deep-image-prior",
        ],
        PIXELS,
    ),
    **dict.fromkeys(["class-average", "blended-class-average"], AVERAGES),
    **dict.fromkeys(["nearest", "nearest-15", "class-pca", "unet"], TRAINING),
    **dict.fromkeys(["paper-digits", "paper-faces", "digits", "digits-soft", "faces"], CLASSIFIER),
    UNTOUCHED: ANSWER,
}

Row = dict[str, str]

#: A number for each case, by image, label and kind of hole.
CaseScores = dict[tuple[str, ...], float]


class Estimate(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float


def read(name: str, part: str = "", *, folder: Path = RESULTS) -> list[Row]:
    """Return the rows of a set's summary, or of its single cases where ``part`` is ``"-cases"``."""
    with (folder / f"quality-{name}{part}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def estimates(
    name: str, score: str, *, kind: str = ALL, folder: Path = RESULTS
) -> dict[str, Estimate]:
    """Return a score of every method that has it, in the order of the file.

    The PSNR of the originals is left out: it is infinite.
    """
    return {
        row["method"]: bounds(row, score)
        for row in read(name, folder=folder)
        if row["kind"] == kind and row[score] and (score, row["method"]) != ("psnr", UNTOUCHED)
    }


def panels(name: str, *, kind: str = ALL, folder: Path = RESULTS) -> dict[str, dict[str, Estimate]]:
    """Return what :func:`inpaintlib.figures.forest` draws: all scores that the set has."""
    found = {
        title: estimates(name, score, kind=kind, folder=folder)
        for score, (title, _) in SCORES.items()
    }
    return {title: means for title, means in found.items() if means}


def table(name: str, *, bold: str = "", folder: Path = RESULTS) -> str:
    """Return the scores over all kinds of holes as a Markdown table, intervals below the means.

    The method ``bold`` is set off.
    """
    totals = [row for row in read(name, folder=folder) if row["kind"] == ALL]
    columns = {score: estimates(name, score, folder=folder) for score in SCORES}
    columns = {score: means for score, means in columns.items() if means}
    titles = ["method", "cases", *(SCORES[score][0] for score in columns), "ms an image"]
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)]]
    for row in totals:
        method = row["method"]
        cells = [
            _cell(means[method], SCORES[score][1]) if method in means else "–"
            for score, means in columns.items()
        ]
        shown = f"**`{method}`**" if method == bold else f"`{method}`"
        taken = "–" if method == UNTOUCHED else f"{1000 * float(row['seconds']):.1f}"
        lines.append([shown, row["count"], *cells, taken])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def by_kind(
    name: str, score: str, kinds: Iterable[str], methods: Sequence[str], *, folder: Path = RESULTS
) -> Markdown:
    """Return a score as a table: a row for each kind of hole, a column for each method."""
    lines = [["hole", *(f"`{method}`" for method in methods)], ["---", *["---:"] * len(methods)]]
    for kind in kinds:
        means = estimates(name, score, kind=kind, folder=folder)
        lines.append([kind, *(_cell(means[method], SCORES[score][1]) for method in methods)])
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def differences(
    name: str, ours: str, score: str = "psnr", *, kind: str = ALL, folder: Path = RESULTS
) -> dict[str, Estimate]:
    """Return by how much every other method's mean score is above ours, on the cases it has.

    A method and ours are compared case by case, so the spread of the cases cancels: that two
    intervals overlap in the table does not make a difference doubtful.

    Args:
        name: Of the set.
        ours: The method that the others are compared with.
        score: ``"psnr"``, ``"ssim"``, ``"judge"`` or ``"grey"``.
        kind: Of hole.
        folder: Of the files.
    """
    scores = case_scores(name, score, kind=kind, folder=folder)
    return {
        method: difference(cases, scores[ours])
        for method, cases in scores.items()
        if method not in (ours, UNTOUCHED)
    }


def case_scores(
    name: str, score: str, *, kind: str = ALL, folder: Path = RESULTS
) -> dict[str, CaseScores]:
    """Return a score of every method's single cases, of one kind of hole or of all."""
    scores: dict[str, CaseScores] = {}
    for row in read(name, "-cases", folder=folder):
        if kind in (ALL, row["kind"]):
            value = row["label"] == row["judged"] if score == "judge" else row[score]
            case = row["image"], row["label"], row["kind"]
            scores.setdefault(row["method"], {})[case] = float(value)
    return scores


def difference(scores: CaseScores, others: CaseScores) -> Estimate:
    """Return by how much scores are above others, on the cases that the first have."""
    gains = [value - others[case] for case, value in scores.items()]
    return Estimate(float(np.mean(gains)), *metrics.interval(gains))


def standing(name: str, ours: str, *, folder: Path = RESULTS) -> str:
    """Return which methods score higher than ours, lower, or neither for certain, in Markdown.

    In brackets by how much a method's mean is above ours, on the cases that it has.
    """
    lines = ["| | higher than ours | cannot be told apart | lower |", "| --- | --- | --- | --- |"]
    for score in ("psnr", "ssim", "judge"):
        title, digits = SCORES[score]
        higher, neither, lower = [], [], []
        for method, gain in differences(name, ours, score, folder=folder).items():
            side = higher if gain.low > 0 else lower if gain.high < 0 else neither
            side.append(f"`{method}` ({gain.mean:+.{digits}f})")
        cells = [", ".join(methods) or "none" for methods in (higher, neither, lower)]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def ends(name: str, method: str, *, count: int = 10, folder: Path = RESULTS) -> str:
    """Return which kinds of holes the best and the worst cases of a method have, by PSNR."""
    rows = [row for row in read(name, "-cases", folder=folder) if row["method"] == method]
    rows.sort(key=lambda row: -float(row["psnr"]))
    lines = []
    for title, part in (("best", rows[:count]), ("worst", rows[-count:])):
        tally = Counter(row["kind"] for row in part)
        kinds = ", ".join(f"{kind} {tally[kind]}" for kind in KINDS[name] if kind in tally)
        read_rightly = sum(row["judged"] == row["label"] for row in part)
        low, high = (f"{float(part[i]['psnr']):.1f}" for i in (-1, 0))
        lines.append(
            f"{title} {len(part)}: {low} to {high} dB; named right {read_rightly}; holes: {kinds}"
        )
    return "\n".join(lines)


def aims(name: str, ours: str, paper: str, *, folder: Path = RESULTS) -> str:
    """Return what ours should reach, a line each: met, missed, or open where cases are too few."""
    gains = differences(name, ours, folder=folder)
    lines = []
    for knowledge, whom in (
        (PIXELS, "every method that knows the known pixels only"),
        (AVERAGES, "the class averages"),
        (TRAINING, "every method that has the training images, or learned from holes"),
        (CLASSIFIER, "the paper's recipe"),
    ):
        rivals = [
            gain
            for method, gain in gains.items()
            if KNOWS[method] == knowledge and (knowledge != CLASSIFIER or method == paper)
        ]
        if rivals:
            missed = any(gain.low > 0 for gain in rivals)
            met = all(gain.high < 0 for gain in rivals)
            verdict = "missed" if missed else "met" if met else "open"
            lines.append(f"{verdict:6}  a higher PSNR than {whom}")
    for score, what in (
        ("judge", "named right as often as the originals"),
        ("grey", "as few grey pixels as in the originals, and no fewer"),
        ("realism", "cannot be told from the originals"),
    ):
        means = estimates(name, score, folder=folder)
        if means:
            goal, reached = means[UNTOUCHED], means[ours]
            overlap = reached.low <= goal.high and goal.low <= reached.high
            lines.append(f"{'met' if overlap else 'missed':6}  {what}")
    return "\n".join(lines)


def _cell(estimate: Estimate, digits: int) -> str:
    mean, low, high = (f"{value:.{digits}f}" for value in estimate)
    return f"{mean}<br><small>{low}–{high}</small>"


def applications(*, folder: Path = RESULTS) -> str:
    """Return hallucination and illumination as a table: how often the judge reads what it should.

    The random starts of hallucination are counted together.
    """
    with (folder / "applications.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    made = [float(row["after"]) for row in rows if row["task"] == "hallucination"]
    lines = [
        "| | images | judge before | judge after | mean grey before | mean grey after |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        f"| ten digits from {len(made)} random starts | {10 * len(made)} | | {np.mean(made):.3f} "
        "| | |",
    ]
    for row in rows:
        if row["task"] == "illumination":
            scores = ("before", "after", "grey before", "grey after")
            cells = " | ".join(f"{float(row[score]):.3f}" for score in scores)
            lines.append(f"| dark faces, {row['setting']} | {row['count']} | {cells} |")
    return "\n".join(lines)


def ablation(name: str, *, folder: Path = RESULTS) -> list[Row]:
    """Return the rows of a file of ``ablation.py`` or ``descents.py``."""
    with (folder / f"ablation-{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def part(rows: Iterable[Row], name: str) -> list[Row]:
    """Return the rows of the ladder or of the variations, as they stand in the file."""
    return [row for row in rows if row["part"] == name]


def changed(rows: Iterable[Row]) -> list[Row]:
    """Return the variations that change something, by their difference to our recipe."""
    found = [row for row in part(rows, "variation") if row["changes"] != "{}"]
    return sorted(found, key=lambda row: float(row["difference"]))


def bounds(row: Row, score: str) -> Estimate:
    """Return a score's mean and the ends of its interval."""
    return Estimate(*(float(row[score + end]) for end in ("", "_low", "_high")))


def verdict(row: Row) -> str:
    """Say whether the interval of the paired difference to our recipe leaves a doubt."""
    _, low, high = bounds(row, "difference")
    return "better" if low > 0 else "worse" if high < 0 else "cannot be told apart"


def of_rows(rows: Iterable[Row], first: str, columns: Mapping[str, str]) -> Markdown:
    """Return rows as a table, each score with its interval below it.

    Args:
        rows: What is shown, from :func:`ablation`.
        first: The column that names a row.
        columns: The other columns, and what they are called.
    """
    lines = [[first, *columns.values()], ["---", *["---:"] * len(columns)]]
    lines += [[row[first], *(_with_interval(row, column) for column in columns)] for row in rows]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _with_interval(row: Row, column: str) -> str:
    if not row.get(f"{column}_low"):
        return row[column] or "–"
    form = "+.2f" if column in ("gain", "difference") else ".2f"
    values = (format(value, form) for value in bounds(row, column))
    return "{}<br><small>{} to {}</small>".format(*values)


def browser(*, folder: Path = RESULTS) -> Markdown:
    """Return what ``browser.py`` measured as a table: a row a quantity, a column a picture."""
    with (folder / "browser.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    quantities = {
        "recipe": "`{recipe}`",
        "classifier": "`{classifier}`",
        "steps a second in the browser": "{steps_a_second}<br>"
        "<small>{steps_low}–{steps_high}</small>",
        "steps a second of a plain loop in PyTorch": "{plain_loop}",
        "the first by the second": "{ratio}",
        "pictures a second, drawn meanwhile": "{frames_a_second}",
        "first picture after a touch, ms": "{first_picture_ms}",
        "loaded when it comes into view, kB": "{loaded_kb}",
        "memory before, MB": "{memory_before_mb}",
        "memory {long_steps} steps later, MB": "{memory_after_mb}",
    }
    lines = [["", *(row["picture"] for row in rows)], ["---", *["---:"] * len(rows)]]
    for quantity, form in quantities.items():
        lines.append([quantity.format(**rows[0]), *(form.format(**row) for row in rows)])
    versions = (
        "Chromium {chromium} without a window, PyTorch {torch} with one thread, {cores} cores"
    )
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return Markdown(f"{table}\n\n{versions.format(**rows[0])}.")
