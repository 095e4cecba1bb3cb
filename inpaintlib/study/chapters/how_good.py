"""How good is it? The stored scores of all methods as tables and lines.

The numbers are those of :mod:`inpaintlib.study.quality` and
:mod:`inpaintlib.study.applications`.
"""

from __future__ import annotations

import numpy as np
from IPython.display import Markdown
from numpy.typing import NDArray

from inpaintlib import baselines
from inpaintlib._signatures import check_module
from inpaintlib.datasets import Dataset
from inpaintlib.study import numbers, quality, tables
from inpaintlib.study.chapters.illumination import THRESHOLDS
from inpaintlib.study.methods import (
    AVERAGES,
    CLASSIFIER,
    KNOWS,
    OURS,
    PAPER,
    PIXELS,
    RIDGES,
    TRAINING,
    UNTOUCHED,
)
from inpaintlib.study.numbers import Estimate, Number, Numbers
from inpaintlib.study.protocol import ALL, KINDS, Cases, kind_of_set
from inpaintlib.study.quality import EXTREME


def fills(cases: Cases, training: Dataset, *, neighbours: int) -> dict[str, NDArray[np.floating]]:
    """Fill cases by our recipe and by two methods that use the training images.

    Args:
        cases: The images with their holes.
        training: The training images.
        neighbours: The number of nearest ones to average.

    Returns:
        ``(N, H, W)`` by the name of the method, with the start of our recipe.
    """
    name = kind_of_set(training)
    nearest = "nearest" if neighbours == 1 else f"nearest-{neighbours}"
    done = cases.filled(OURS[name])
    given = cases.images, cases.holes, cases.labels, training
    return {
        OURS[name]: done.image,
        "its start": done.start,
        nearest: baselines.nearest(*given, neighbours=neighbours),
        "class-pca": baselines.class_pca(*given, ridge=RIDGES[name]),
    }


def panels(name: str, *, kind: str = ALL) -> dict[str, dict[str, Estimate]]:
    """Return the panels of :func:`inpaintlib.figures.forest`: all scores of a set, by title.

    Args:
        name: ``"digits"`` or ``"faces"``.
        kind: Of hole.
    """
    measured = numbers.read(f"quality-{name}")
    found = {
        title: quality.estimates(measured, score, kind=kind)
        for score, title in tables.TITLES.items()
    }
    return {title: means for title, means in found.items() if means}


def table(name: str, *, measured: Numbers | None = None) -> Markdown:
    """Return the scores over all kinds of holes, with our recipe in bold.

    Args:
        name: ``"digits"`` or ``"faces"``.
        measured: Other numbers than those of the package.
    """
    measured = measured or numbers.read(f"quality-{name}")
    scores = [score for score in tables.TITLES if quality.estimates(measured, score)]
    lines = [["method", "cases", *(tables.TITLES[score] for score in scores), "ms per image"]]
    for method in quality.compared(measured):
        subject = f"{method}/{ALL}"
        cells = [_score(measured, method, score) for score in scores]
        shown = f"**`{method}`**" if method == OURS[name] else f"`{method}`"
        taken = tables.NOTHING
        if method != UNTOUCHED and (subject, "milliseconds") in measured:
            taken = tables.cell(measured[subject, "milliseconds"], digits=1)
        lines.append([shown, str(measured[subject, "judge"].cases), *cells, taken])
    return tables.markdown(lines)


def standing(name: str, *, measured: Numbers | None = None) -> Markdown:
    """Return which methods score higher or lower than our recipe, or are not distinguishable.

    In brackets: the mean difference to ours, on the method's cases.
    """
    measured = measured or numbers.read(f"quality-{name}")
    lines = [["", "higher than ours", "not distinguishable", "lower"]]
    for score in ("psnr", "ssim", "judge"):
        higher: list[str] = []
        neither: list[str] = []
        lower: list[str] = []
        for method, gain in quality.differences(measured, OURS[name], score).items():
            side = higher if gain.low > 0 else lower if gain.high < 0 else neither
            side.append(f"`{method}` ({gain.value:+.{tables.DIGITS.get(score, 2)}f})")
        cells = [", ".join(methods) or "none" for methods in (higher, neither, lower)]
        lines.append([tables.TITLES[score], *cells])
    return tables.markdown(lines, text=4)


def extremes(name: str, *, measured: Numbers | None = None) -> str:
    """Return the kinds of holes in the best and the worst cases of our recipe, by PSNR."""
    measured = measured or numbers.read(f"quality-{name}")
    lines = []
    for title in ("best", "worst"):
        subject = f"{OURS[name]}, {title} {EXTREME}"
        counts = {kind: _count(measured[subject, kind]) for kind in KINDS[name]}
        kinds = ", ".join(f"{kind} {count}" for kind, count in counts.items() if count)
        low, high = (
            f"{measured[subject, f'{end} psnr'].value:.1f}" for end in ("lowest", "highest")
        )
        right = _count(measured[subject, "judge"])
        lines.append(
            f"{title} {EXTREME}: {low} to {high} dB; correct label {right}; holes: {kinds}"
        )
    return "\n".join(lines)


def aims(name: str, *, measured: Numbers | None = None) -> str:
    """Return the aims of our recipe, a line each: met, missed, or open with these cases."""
    measured = measured or numbers.read(f"quality-{name}")
    gains = quality.differences(measured, OURS[name])
    lines = []
    for knowledge, whom in (
        (PIXELS, "every method that knows the known pixels only"),
        (AVERAGES, "the class averages"),
        (TRAINING, "every method that has training images, or was trained on holes"),
        (CLASSIFIER, "the paper's recipe"),
    ):
        rivals = [
            gain
            for method, gain in gains.items()
            if KNOWS[method] == knowledge and (knowledge != CLASSIFIER or method == PAPER[name])
        ]
        if rivals:
            missed = any(gain.low > 0 for gain in rivals)
            met = all(gain.high < 0 for gain in rivals)
            verdict = "missed" if missed else "met" if met else "open"
            lines.append(f"{verdict:6}  a higher PSNR than {whom}")
    for score, what in (
        ("judge", "the judge is right as often as on the originals"),
        ("grey", "the same share of grey pixels as in the originals"),
        ("realism", "indistinguishable from the originals"),
    ):
        means = quality.estimates(measured, score)
        if means:
            (_, low, high), (_, goal_low, goal_high) = means[OURS[name]], means[UNTOUCHED]
            overlap = low <= goal_high and goal_low <= high
            lines.append(f"{'met' if overlap else 'missed':6}  {what}")
    return "\n".join(lines)


def applications(*, measured: Numbers | None = None) -> Markdown:
    """Return hallucination and illumination as a table, with the judge's accuracy.

    The random starts of hallucination are counted together.
    """
    measured = measured or numbers.read("applications")
    made, dark = measured["hallucination", "judge"], measured["illumination/dark", "judge"]
    before = [f"{measured['illumination/dark', score].value:.3f}" for score in ("judge", "grey")]
    lines = [["", "images", "judge before", "judge after", "mean grey before", "mean grey after"]]
    starts = made.cases // 10
    lines.append(
        [
            f"ten digits from {starts} random starts",
            str(made.cases),
            "",
            f"{made.value:.3f}",
            "",
            "",
        ]
    )
    for threshold in THRESHOLDS:
        subject = f"illumination/{threshold}"
        after = [f"{measured[subject, score].value:.3f}" for score in ("judge", "grey")]
        cells = [before[0], after[0], before[1], after[1]]
        lines.append([f"dark faces, threshold {threshold}", str(dark.cases), *cells])
    return tables.markdown(lines)


def _score(measured: Numbers, method: str, score: str) -> str:
    key = f"{method}/{ALL}", score
    if key not in measured or (score, method) == ("psnr", UNTOUCHED):
        return tables.NOTHING
    return tables.cell(measured[key], digits=tables.DIGITS.get(score, 2), to="–")


def _count(share: Number) -> int:
    return round(share.value * share.cases)


check_module(__name__)
