"""The improvements of paper section 3.4, one at a time and together.

Claims: jitter, training on patches and a penalty on grey each improve the results; and training on
patches does not change the accuracy. The three are removed from the paper's recipes, and each is
then added, with and without the others.

Subjects are ``SET/COMBINATION``, such as ``digits/jitter + patches``; ``SET/effect of
IMPROVEMENT``, its paired difference in the mean over all combinations of the others;
``SET/without jitter`` and ``SET/with jitter minus without``, about the position, see
:func:`position`; ``digits/penalty: SCHEDULE``; and ``SET/whole``, ``SET/patches`` and
``SET/patches minus whole`` for the ``accuracy`` of the two trainings.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib import metrics
from inpaintlib._signatures import check_module
from inpaintlib.energy import Binary, Ramp, Weight
from inpaintlib.recipes import Recipe
from inpaintlib.study import numbers, parts
from inpaintlib.study.chapters.initialization import distance
from inpaintlib.study.methods import MIXTURES, PAPER, mixture_recipe, paper_recipe
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import ALL, Cases, Scores, full_set, scored, scores, units

#: Number of images that the tests measure again, and their largest number of steps.
FEW, FEW_STEPS = 1, 40

#: Number of images measured, digits with squares and faces with all kinds of holes.
IMAGES = {"digits": 200, "faces": 35}

#: The paper's recipes without the improvements.
PLAIN: dict[str, dict[str, Any]] = {
    "digits": {"classifier": "digits-whole", "jitter": 0, "binary": 0.0},
    "faces": {"classifier": "faces-whole", "jitter": 0, "binary": 0.0},
}

#: The settings of each improvement. The binary penalty is the recipe's, for digits only, as in the
#: paper.
CHANGES: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "jitter": {"jitter": 2},
        "patches": {"classifier": "digits-patches"},
        "binary": {"binary": paper_recipe("digits").binary},
    },
    "faces": {"jitter": {"jitter": 2}, "patches": {"classifier": "faces-patches"}},
}

#: The largest shift of a result, in pixels, with which its reading is tested, that of the jitter.
SHIFT = 2

#: The weight of the binary penalty over the descent of ``digits-mixture``.
_MIXTURE = mixture_recipe("digits")
SCHEDULES: dict[str, Weight] = {
    "none": 0.0,
    "whole weight from the first step": _MIXTURE.binary,
    "ramp from the first step": Ramp(_MIXTURE.binary),
    "ramp from 0.3 on": Ramp(_MIXTURE.binary, begin=_MIXTURE.binary_begin),
    "ramp from 0.6 on": Ramp(_MIXTURE.binary, begin=0.6),
}

#: The columns of a table, and the allowed difference on another machine.
TOLERANCES = {
    "digits": {"psnr": 0.02, "gain": 0.02, "judge": 0.01, "grey": 0.01, "flipped": 0.01},
    "faces": {"psnr": 0.2, "gain": 0.2, "judge": 0.01},
}

# An improvement or several.
Combination = tuple[str, ...]


def combinations(name: str) -> list[Combination]:
    """Return all sets of a data set's improvements, from none to all."""
    known = CHANGES[name]
    sizes = range(len(known) + 1)
    return [some for size in sizes for some in itertools.combinations(known, size)]


def title(some: Combination) -> str:
    """Return the name of a combination in subjects."""
    return " + ".join(some) or "none"


def flipped(
    images: NDArray[np.floating], starts: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Return the share of each hole's pixels that ended on the other side of middle grey.

    Args:
        images: Results ``(N, H, W)``.
        starts: Their starts.
        holes: bool, same shape.

    Returns:
        ``(N,)`` in [0, 1]; 0 if the start only became black and white.
    """
    other = ((images > 0.5) != (starts > 0.5)) & holes
    share: NDArray[np.floating] = other.sum(axis=(1, 2)) / holes.sum(axis=(1, 2))
    return share


def effects(
    values: dict[Combination, NDArray[np.floating]], improvement: str
) -> NDArray[np.floating]:
    """Return the effect of an improvement, ``(N,)``, in the mean over all sets of the others."""
    order = max(values, key=len)
    added = []
    for some, without in values.items():
        if improvement not in some:
            both = tuple(known for known in order if known in some or known == improvement)
            added.append(values[both] - without)
    mean: NDArray[np.floating] = np.mean(added, axis=0)
    return mean


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield all numbers of both sets, see the functions below."""
    for name in IMAGES:
        yield from recognition(name, count=count)
        yield from grid(name, _cases(name, count), **_fewer(count))
    yield from schedules(_cases("digits", count), **_fewer(count))


def recognition(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the accuracy of each training on untouched test images, and the change."""
    test = full_set(name, "test")[: 100 * count if count else None]
    right = {}
    for training in ("whole", "patches"):
        classifier = f"{name}-{training}"
        parts = [
            metrics.probabilities(
                test.images[begin : begin + 500], classifier=classifier, data=test
            )
            for begin in range(0, len(test), 500)
        ]
        right[training] = (np.concatenate(parts).argmax(axis=1) == test.labels).astype(float)
    right["patches minus whole"] = right["patches"] - right["whole"]
    for row, values in right.items():
        subject, groups = f"{name}/{row}", units(test)
        yield numbers.mean(subject, "accuracy", values, tolerance=0.002, groups=groups)


def grid(name: str, cases: Cases, **fewer: Any) -> Iterator[Number]:
    """Yield the scores of every set of improvements, and the effect of each improvement.

    For digits also the paper's recipe with windows in the descent, as in training.
    """
    done: dict[Combination, Scores] = {}
    images: dict[Combination, NDArray[np.floating]] = {}
    for some in combinations(name):
        filled, starts = _filled(name, cases, some, **fewer)
        images[some] = filled
        done[some] = scores(name, filled, cases)
        yield from _found(name, title(some), done[some], done[()], cases)
    start = scores(name, starts, cases)
    yield from _found(name, "start", start, done[()], cases)
    for column in [column for column in TOLERANCES[name] if column in done[()]]:
        by_set = {some: found[column] for some, found in done.items()}
        for improvement in CHANGES[name]:
            subject, added = f"{name}/effect of {improvement}", effects(by_set, improvement)
            yield numbers.mean(
                subject, column, added, tolerance=TOLERANCES[name][column], groups=cases.units
            )
    everything = max(images, key=len)
    others = tuple(improvement for improvement in everything if improvement != "jitter")
    yield from position(name, cases, images[others], images[everything], starts)
    if name == "digits":
        filled, _ = _filled(name, cases, ("patches",), patches=4, **fewer)
        shown = scores(name, filled, cases)
        yield from _found(name, "patches, windows in the descent", shown, done[()], cases)


def position(
    name: str,
    cases: Cases,
    without: NDArray[np.floating],
    with_jitter: NDArray[np.floating],
    starts: NDArray[np.floating],
) -> Iterator[Number]:
    """Yield whether the results are read wherever they are, and how much of them is new.

    *Right when shifted* is the share of the shifts up to :data:`SHIFT` pixels after which the
    classifier of the descent still reads the label; *moved* is the distance from the start.

    Args:
        name: ``"digits"`` or ``"faces"``.
        cases: The images with their holes.
        without: The results with all improvements but jitter, ``(N, H, W)``.
        with_jitter: The results with all improvements.
        starts: Their common starts.
    """
    classifier = CHANGES[name]["patches"]["classifier"]
    reach = range(-SHIFT, SHIFT + 1)
    shifts = [shift for shift in itertools.product(reach, reach) if any(shift)]

    def found(images: NDArray[np.floating]) -> Scores:
        right = [
            metrics.named_right(
                np.roll(images, shift, axis=(1, 2)), cases.labels, judge=classifier, data=cases.data
            )
            for shift in shifts
        ]
        return {
            "right when shifted": np.mean(right, axis=0),
            "moved": distance(images, starts, cases.holes),
        }

    reference, shown = found(without), found(with_jitter)
    for score, values in reference.items():
        for row, of_row in (
            ("without jitter", values),
            ("with jitter minus without", shown[score] - values),
        ):
            subject = f"{name}/{row}"
            yield numbers.mean(subject, score, of_row, tolerance=0.01, groups=cases.units)


def schedules(cases: Cases, **fewer: Any) -> Iterator[Number]:
    """Yield the scores of ``digits`` with the binary penalty beginning at different times."""
    done = {}
    for schedule, weight in SCHEDULES.items():
        filled, starts = scheduled(cases, weight, **fewer)
        done[schedule] = scores("digits", filled, cases)
        done[schedule]["flipped"] = flipped(filled, starts, cases.holes)
        yield from _found("digits", f"penalty: {schedule}", done[schedule], done["none"], cases)


def scheduled(
    cases: Cases, weight: Weight, *, recipe: Recipe = _MIXTURE, **fewer: Any
) -> tuple[NDArray, NDArray]:
    """Return the results and starts ``(N, H, W)`` of a recipe with another penalty on grey.

    Args:
        cases: The images with their holes.
        weight: Of the penalty on grey, a number or a function of the progress.
        recipe: The source of the other settings.
        **fewer: A limit of steps.
    """
    chosen = replace(recipe, binary=0.0, **fewer)
    begun = parts.begin(cases, recipe=MIXTURES["digits"])
    images = torch.from_numpy(cases.images)
    energy = chosen.energy(images, cases.holes, cases.labels) + weight * Binary()
    return parts.descended(chosen, energy, begun, cases.holes), begun


def _fewer(count: int | None) -> dict[str, Any]:
    """Return a limit of steps if few images are measured, as in the tests."""
    return {} if count is None else {"max_steps": FEW_STEPS}


def _filled(name: str, cases: Cases, some: Combination, **changes: Any) -> tuple[NDArray, NDArray]:
    """Return the results and starts of the paper's recipe with some of the improvements."""
    settings = {**PLAIN[name], **changes}
    for improvement in some:
        settings |= CHANGES[name][improvement]
    done = cases.filled(PAPER[name], **settings)
    return done.image, done.start


def _cases(name: str, count: int | None) -> Cases:
    """Return the cases in float64: digits with squares, faces with all kinds of holes."""
    kind = "square" if name == "digits" else ALL
    return scored(name, count=count or IMAGES[name]).of_kind(kind).double()


def _found(name: str, row: str, found: Scores, reference: Scores, cases: Cases) -> Iterator[Number]:
    found = {**found, "gain": found["psnr"] - reference["psnr"]}
    for column, tolerance in TOLERANCES[name].items():
        if column in found:
            yield numbers.mean(
                f"{name}/{row}", column, found[column], tolerance=tolerance, groups=cases.units
            )


check_module(__name__)
