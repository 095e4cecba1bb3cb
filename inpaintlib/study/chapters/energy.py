"""Sections 1 and 3: the two terms, and the descent that minimises their sum.

Claims: with an empty hole the classifier is wrong or hardly sure; the descent makes it sure of the
label, and it reads the label in the end; the class average is a good first guess for it. Total
variation makes the result smooth and leaves no rim, and it should count in the whole image for
digits and around the hole for faces. The energy falls, and Algorithm 1 stops when its gradient
vanishes.

All numbers are for the paper's recipes, and readings are those of their classifiers. Subjects and
scores are, for each set:

- ``SET/untouched``, ``empty``, ``start``, ``class average``, ``result``: ``probability`` of the
  label, ``right``, and for ``empty`` also ``unsure``, the share of images that it misreads or is
  less than :data:`SURE` of; ``SET/result minus start`` and the like are paired differences;
- ``SET/without total variation`` and ``SET/with total variation minus without``: ``seam``,
  ``variation``, ``psnr``, ``judge``, and, on :data:`NATURAL` images, ``realism``;
- ``SET/result minus original``: ``seam``, how visible the rim of the hole is;
- ``SET/image minus rim``: ``psnr``, ``judge``, by where total variation counts;
- ``SET/end minus start``: ``energy``; and of ``SET``: ``stopped by tolerance``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import metrics
from inpaintlib._signatures import check_module
from inpaintlib.metrics import Pairs
from inpaintlib.recipes import Inpainting
from inpaintlib.study import numbers, parts
from inpaintlib.study.methods import PAPER, by_recipe, paper_recipe
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases, learned, named_right, scored

#: Number of images that the tests measure again, and their largest number of steps.
FEW, FEW_STEPS = 1, 40

#: Number of images measured; a digit has four holes, a face one.
IMAGES = {"digits": 50, "faces": 35}

#: Number of images whose realism is measured, and in proportion those to learn from.
NATURAL = {"digits": 30, "faces": 42}

#: The effect of total variation.
WITHOUT = "with total variation minus without"

#: A classifier whose probability of the label is lower is not sure of it.
SURE = 0.9

#: Width of the band where the region is not the whole image, that of the paper's recipe.
RIM_WIDTH = paper_recipe("faces").rim_width

#: Allowed difference on another machine.
SHARE, DECIBELS, GREY, REALISM = 0.01, 0.1, 0.005, 0.05

Images = NDArray[np.floating]


def seam(images: Images, holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean jump between neighbours of which one is in the hole, ``(N,)``, in grey.

    Args:
        images: ``(N, H, W)``.
        holes: bool, same shape; none may be empty or cover everything.
    """
    jumps, counts = np.zeros(len(images)), np.zeros(len(images))
    for axis in (1, 2):
        across = np.diff(holes.astype(np.int8), axis=axis) != 0
        jumps += (np.abs(np.diff(images, axis=axis)) * across).sum(axis=(1, 2))
        counts += across.sum(axis=(1, 2))
    return jumps / counts


def variation(images: Images, holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean jump between neighbours that are both in the hole, ``(N,)``, in grey."""
    jumps, counts = np.zeros(len(images)), np.zeros(len(images))
    for axis in (1, 2):
        length = holes.shape[axis]
        both = np.take(holes, range(1, length), axis) & np.take(holes, range(length - 1), axis)
        jumps += (np.abs(np.diff(images, axis=axis)) * both).sum(axis=(1, 2))
        counts += both.sum(axis=(1, 2))
    return jumps / np.maximum(counts, 1)


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield the numbers of both sets, see above."""
    for name, usual in IMAGES.items():
        cases = scored(name, count=count or usual).double()
        recipe = paper_recipe(name)
        fewer: dict[str, Any] = (
            {} if count is None else {"max_steps": min(FEW_STEPS, recipe.max_steps)}
        )
        changes: dict[str, dict[str, Any]] = {
            "image": {"region": "image"},
            "rim": {"region": "rim", "rim_width": RIM_WIDTH},
            "without": {"total_variation": 0.0},
        }
        done = {
            change: cases.filled(PAPER[name], **{**fewer, **settings})
            for change, settings in changes.items()
        }
        usual_result = done[recipe.region]
        yield from certainty(name, cases, usual_result)
        yield from smoothness(name, cases, usual_result, done["without"])
        image, rim = scores(name, cases, done["image"]), scores(name, cases, done["rim"])
        for score, tolerance in (("psnr", DECIBELS), ("judge", SHARE)):
            less = image[score] - rim[score]
            yield numbers.mean(
                f"{name}/image minus rim", score, less, tolerance=tolerance, groups=cases.units
            )
        yield from minimised(name, cases, usual_result)
        if count is None:
            yield from naturalness(name)


def certainty(name: str, cases: Cases, done: Inpainting[Images]) -> Iterator[Number]:
    """Yield the readings of the recipe's classifier before, at the start and at the end."""
    averaged = parts.begin(cases, recipe=PAPER[name], start="class-average")
    shown = {
        "untouched": cases.images,
        "empty": np.where(cases.holes, 0, cases.images),
        "start": done.start,
        "class average": averaged,
        "result": done.image,
    }
    found: dict[str, NDArray[np.floating]] = {}
    for what, images in shown.items():
        read = metrics.probabilities(images, classifier=str(done.recipe.classifier))
        found[what] = np.take_along_axis(read, cases.labels[:, None], axis=1)[:, 0]
        right = read.argmax(axis=1) == cases.labels
        subject = f"{name}/{what}"
        yield numbers.mean(subject, "probability", found[what], tolerance=SHARE, groups=cases.units)
        yield numbers.mean(subject, "right", right, tolerance=SHARE, groups=cases.units)
    yield numbers.mean(
        f"{name}/empty", "unsure", found["empty"] < SURE, tolerance=SHARE, groups=cases.units
    )
    for after, before in (("empty", "untouched"), ("result", "start"), ("result", "empty")):
        less = found[after] - found[before]
        subject = f"{name}/{after} minus {before}"
        yield numbers.mean(subject, "probability", less, tolerance=SHARE, groups=cases.units)


def smoothness(
    name: str, cases: Cases, done: Inpainting[Images], without: Inpainting[Images]
) -> Iterator[Number]:
    """Yield the effect of total variation on the rim of the hole, inside it, and on the scores."""
    with_it, alone = scores(name, cases, done), scores(name, cases, without)
    original = seam(cases.images, cases.holes)
    over = with_it["seam"] - original
    yield numbers.mean(f"{name}/original", "seam", original, tolerance=GREY, groups=cases.units)
    yield numbers.mean(
        f"{name}/result minus original", "seam", over, tolerance=GREY, groups=cases.units
    )
    for score, tolerance in (
        ("seam", GREY),
        ("variation", GREY),
        ("psnr", DECIBELS),
        ("judge", SHARE),
    ):
        less = with_it[score] - alone[score]
        for row, values in {"without total variation": alone[score], WITHOUT: less}.items():
            subject = f"{name}/{row}"
            yield numbers.mean(subject, score, values, tolerance=tolerance, groups=cases.units)


def naturalness(name: str) -> Iterator[Number]:
    """Yield how well a discriminator recognises the results, with total variation and without."""
    learning, test = (draw(name, count=NATURAL[name]) for draw in (learned, scored))
    found = {}
    for change, factor in {"with": 1.0, "without": 0.0}.items():
        weight = factor * paper_recipe(name).total_variation
        fill = partial(by_recipe, recipe=PAPER[name], total_variation=weight)
        known, asked = (Pairs(cases.images, fill(cases), cases.holes) for cases in (learning, test))
        found[change] = metrics.realism(known, asked)
    less = found["with"] - found["without"]
    for row, values in {"without total variation": found["without"], WITHOUT: less}.items():
        subject = f"{name}/{row}"
        yield numbers.mean(subject, "realism", values, tolerance=REALISM, groups=test.units)


def minimised(name: str, cases: Cases, done: Inpainting[Images]) -> Iterator[Number]:
    """Yield whether the energy fell, at its final weights, and why the descents stopped."""
    recipe, history = done.recipe, done.history
    weights = {"content": 1.0, "total variation": recipe.total_variation, "binary": recipe.binary}
    last = done.steps, np.arange(len(done.steps))
    changes = [
        weight * (history.terms[term][last] - history.terms[term][0])
        for term, weight in weights.items()
        if weight
    ]
    fell = np.sum(changes, axis=0)
    yield numbers.mean(
        f"{name}/end minus start", "energy", fell, tolerance=0.05, groups=cases.units
    )
    by_itself = np.array(done.stopped) == "tolerance"
    yield numbers.mean(name, "stopped by tolerance", by_itself, tolerance=SHARE, groups=cases.units)


def scores(name: str, cases: Cases, done: Inpainting[Images]) -> dict[str, NDArray[np.floating]]:
    """Return the scores of each case, ``(N,)`` each."""
    right = named_right(name, done.image, cases)
    return {
        "psnr": metrics.psnr(done.image, cases.images, cases.holes),
        "judge": right.astype(float),
        "seam": seam(done.image, cases.holes),
        "variation": variation(done.image, cases.holes),
    }


check_module(__name__)
