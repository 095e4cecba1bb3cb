"""The improvements of paper section 3.4, one at a time and together.

Claims: jitter, training on patches and a penalty on grey each improve the results; and training on
patches leaves the recognition rate as it was. The paper's recipes are taken back to what they are
without any of the three, and each is then added, with and without the others.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import findings
import numpy as np
import torch
from findings import Finding
from numpy.typing import NDArray
from protocol import Cases, full_set, scored
from quality import Scores, score

from inpaintlib import classifiers, inpaint, metrics
from inpaintlib.descent import descend
from inpaintlib.energy import CONTENTS, Binary, Energy, Ramp, TotalVariation, Weight
from inpaintlib.recipes import RECIPES

#: So many images the tests measure again, and so many steps they go at most.
FEW, FEW_STEPS = 1, 40

#: How many images are measured, digits in squares and faces in all kinds of holes.
IMAGES = {"digits": 200, "faces": 35}

#: The paper's recipes without the improvements.
PLAIN: dict[str, dict[str, object]] = {
    "digits": {"classifier": "digits-whole", "jitter": 0, "binary": 0.0},
    "faces": {"classifier": "faces-whole", "jitter": 0, "binary": 0.0},
}

#: What each improvement changes. The binary penalty is the recipe's; the paper has it for digits.
CHANGES: dict[str, dict[str, dict[str, object]]] = {
    "digits": {
        "jitter": {"jitter": 2},
        "patches": {"classifier": "digits-patches"},
        "binary": {"binary": RECIPES["paper-digits"].binary},
    },
    "faces": {"jitter": {"jitter": 2}, "patches": {"classifier": "faces-patches"}},
}

#: How the weight of the binary penalty comes about in the course of the descent of ``digits``.
_OURS = RECIPES["digits"]
SCHEDULES: dict[str, Weight] = {
    "none": 0.0,
    "whole weight from the first step": _OURS.binary,
    "ramp from the first step": Ramp(_OURS.binary),
    "ramp from 0.3 on": Ramp(_OURS.binary, begin=_OURS.binary_begin),
    "ramp from 0.6 on": Ramp(_OURS.binary, begin=0.6),
}

#: The columns of a table, and by how much another machine may be off.
TOLERANCES = {
    "digits": {"psnr": 0.02, "gain": 0.02, "judge": 0.01, "grey": 0.01, "flipped": 0.01},
    "faces": {"psnr": 0.2, "gain": 0.2, "judge": 0.01},
}

#: An improvement or several.
Combination = tuple[str, ...]


def combinations(name: str) -> list[Combination]:
    """Return all sets of a data set's improvements, from none to all."""
    known = CHANGES[name]
    sizes = range(len(known) + 1)
    return [some for size in sizes for some in itertools.combinations(known, size)]


def title(some: Combination) -> str:
    """Return what a combination is called in findings."""
    return " + ".join(some) or "none"


def flipped(
    images: NDArray[np.floating], starts: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Return the share of each hole's pixels that ended on the other side of middle grey.

    Args:
        images: Results ``(N, H, W)``.
        starts: Where they began.
        holes: bool, same shape.

    Returns:
        ``(N,)`` in [0, 1]; 0 for a start that merely became black and white.
    """
    other = ((images > 0.5) != (starts > 0.5)) & holes
    share: NDArray[np.floating] = other.sum(axis=(1, 2)) / holes.sum(axis=(1, 2))
    return share


def effects(scores: dict[Combination, NDArray[np.floating]], improvement: str) -> NDArray:
    """Return what an improvement adds, ``(N,)``, in the mean over all sets of the others."""
    order = max(scores, key=len)
    added = [
        scores[tuple(known for known in order if known in some or known == improvement)] - values
        for some, values in scores.items()
        if improvement not in some
    ]
    return np.mean(added, axis=0)


def measure(*, count: int | None) -> Iterator[Finding]:
    """Yield the findings ``SET/COMBINATION/SCORE`` and the rest, see the functions below."""
    for name in IMAGES:
        yield from recognition(name, count=count)
        yield from grid(name, _cases(name, count), **_fewer(count))
    yield from schedules(_cases("digits", count), **_fewer(count))


def recognition(name: str, *, count: int | None) -> Iterator[Finding]:
    """Yield the share of untouched test images that each training reads rightly, and the change."""
    test = full_set(name, "test")[: 100 * count if count else None]
    right = {}
    for training in ("whole", "patches"):
        classifier = f"{name}-{training}"
        parts = [
            metrics.probabilities(test.images[begin : begin + 500], classifier=classifier)
            for begin in range(0, len(test), 500)
        ]
        right[training] = (np.concatenate(parts).argmax(axis=1) == test.labels).astype(float)
        yield findings.mean(f"{name}/{training}/accuracy", right[training], tolerance=0.002)
    change = right["patches"] - right["whole"]
    yield findings.mean(f"{name}/patches above whole/accuracy", change, tolerance=0.002)


def grid(name: str, cases: Cases, **fewer: int) -> Iterator[Finding]:
    """Yield the scores of every set of improvements, and the effect of each improvement.

    For digits also those of the paper's recipe with windows shown in the descent, as in training.
    """
    done: dict[Combination, Scores] = {}
    for some in combinations(name):
        filled, starts = _filled(name, cases, some, **fewer)
        done[some] = score(name, filled, cases)
        yield from _found(name, title(some), done[some], done[()])
    start = score(name, starts, cases)
    yield from _found(name, "start", start, done[()])
    for column in [column for column in TOLERANCES[name] if column in done[()]]:
        by_set = {some: scores[column] for some, scores in done.items()}
        for improvement in CHANGES[name]:
            row, added = f"{name}/effect of {improvement}", effects(by_set, improvement)
            yield findings.mean(f"{row}/{column}", added, tolerance=TOLERANCES[name][column])
    if name == "digits":
        filled, _ = _filled(name, cases, ("patches",), patches=4, **fewer)
        shown = score(name, filled, cases)
        yield from _found(name, "patches, windows in the descent", shown, done[()])


def schedules(cases: Cases, **fewer: int) -> Iterator[Finding]:
    """Yield the scores of ``digits`` with the binary penalty set in at different times."""
    done = {}
    for schedule, weight in SCHEDULES.items():
        filled, starts = scheduled(cases, weight, **fewer)
        done[schedule] = score("digits", filled, cases)
        done[schedule]["flipped"] = flipped(filled, starts, cases.holes)
        yield from _found("digits", f"penalty: {schedule}", done[schedule], done["none"])


def scheduled(
    cases: Cases, weight: Weight, *, max_steps: int = _OURS.max_steps
) -> tuple[NDArray, NDArray]:
    """Return the results and starts ``(N, H, W)`` of ``digits``, the penalty weighted otherwise."""
    given = cases.images, cases.holes, cases.labels
    begun = inpaint(*given, recipe="digits", max_steps=0).start
    net = classifiers.load(str(_OURS.classifier)).double()
    energy = Energy(
        (1.0, CONTENTS[_OURS.content](net, torch.from_numpy(cases.labels))),
        (_OURS.total_variation, TotalVariation()),
        (weight, Binary()),
    )
    ended = descend(
        energy,
        torch.from_numpy(begun),
        torch.from_numpy(cases.holes),
        step_size=_OURS.step_size,
        max_steps=max_steps,
        jitter=_OURS.jitter,
        generator=torch.Generator().manual_seed(0),
    )
    return ended.images.numpy(), begun


def _fewer(count: int | None) -> dict[str, int]:
    """Return the limit of steps where few images are asked for, as the tests do."""
    return {} if count is None else {"max_steps": FEW_STEPS}


def _filled(
    name: str, cases: Cases, some: Combination, **changes: object
) -> tuple[NDArray, NDArray]:
    """Return the results and starts of the paper's recipe with some of the improvements."""
    settings = {**PLAIN[name], **changes}
    for improvement in some:
        settings |= CHANGES[name][improvement]
    given = cases.images, cases.holes, cases.labels
    done = inpaint(*given, recipe=f"paper-{name}", **settings)
    return done.image, done.start


def _cases(name: str, count: int | None) -> Cases:
    """Return the cases in double precision, which other machines repeat more closely."""
    cases = scored(name, count=count or IMAGES[name])
    if name == "digits":
        cases = cases[cases.kinds == "square"]
    return replace(cases, images=cases.images.astype("float64"))


def _found(name: str, row: str, scores: Scores, reference: Scores) -> Iterator[Finding]:
    scores = {**scores, "gain": scores["psnr"] - reference["psnr"]}
    for column, tolerance in TOLERANCES[name].items():
        if column in scores:
            yield findings.mean(f"{name}/{row}/{column}", scores[column], tolerance=tolerance)
