"""One hole, ten labels, ten energies (paper section 4.4.3, figure 10).

The paper fills a hole once for every label, calls the result of the lowest energy the best one, and
finds that its label need not be the true one. On a square hole in each of 200 test digits, for the
recipes ``paper-digits`` and ``digits``, this experiment measures: how often the true label has the
lowest energy; whether other ways to compare the ten results do better, see :func:`energies`;
whether the judge reads the chosen label in the result; whether a wide gap between the lowest energy
and the next one indicates the true label; and the accuracy of classifiers without any descent, on
the image with its hole left black or filled smoothly.

Subjects are ``RECIPE/WAY``, ``RECIPE/side N``, ``RECIPE/narrow gap``, ``RECIPE/wide gap``,
``RECIPE/confusion/LABEL`` and ``READER/FILL``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib import classifiers, metrics
from inpaintlib._signatures import check_module
from inpaintlib.descent import Callback
from inpaintlib.energy import CONTENTS, CrossEntropy
from inpaintlib.recipes import Recipe
from inpaintlib.study import parts
from inpaintlib.study.methods import OURS, PAPER
from inpaintlib.study.numbers import Number, Numbers, mean, read
from inpaintlib.study.protocol import Cases, scored

#: Number of digits that the tests measure again.
FEW = 5

RECIPES = (PAPER["digits"], OURS["digits"])

#: Classifiers that read a digit with a hole, without any descent.
READERS = (
    "digits-whole",
    "digits-patches",
    "digits-robust",
    "digits-experts",
    "digits-judge",
)

#: In float64 a choice among ten labels does not depend on the machine. The largest fall does, since
#: where no descent moved, the falls differ only by rounding.
EXACT, LOOSE = 1e-3, 1.0

LABELS = np.arange(10)

#: Number of images filled at a time, each ten times. It keeps memory below a gigabyte.
BATCH = 20


@dataclass(frozen=True)
class Filled:
    """Images whose hole was filled ten times, once for every label.

    Attributes:
        cases: Each image ten times, with its hole and the ten labels, N * 10 cases.
        images: The results, ``(N, 10, H, W)``.
        starts: Their starts, likewise.
        recipe: The recipe used.
    """

    cases: Cases
    images: NDArray[np.floating]
    starts: NDArray[np.floating]
    recipe: Recipe


def by_every_label(
    images: NDArray[np.floating],
    holes: NDArray[np.bool_],
    *,
    recipe: str,
    callback: Callback | None = None,
    **settings: Any,
) -> Filled:
    """Fill each hole ten times, once for every label.

    Args:
        images: ``(N, H, W)``.
        holes: bool ``(N, H, W)``.
        recipe: One of the recipes for digits.
        callback: As for :func:`inpaintlib.inpaint`, for each batch.
        **settings: Settings of the recipe to change.
    """
    cases = Cases.of(
        images.repeat(10, axis=0),
        holes.repeat(10, axis=0),
        np.tile(LABELS, len(images)),
        data="mnist",
    )
    done = [
        part.filled(recipe, callback=callback, **settings) for part in cases.batches(10 * BATCH)
    ]
    shape = (-1, 10, *images.shape[1:])
    ends, begins = (
        np.concatenate([getattr(one, name) for one in done]).reshape(shape)
        for name in ("image", "start")
    )
    return Filled(cases, ends, begins, done[0].recipe)


def energies(filled: Filled) -> dict[str, NDArray[np.float64]]:
    """Compare ten results in several ways; the lowest is the best.

    Returns:
        ``(N, 10)`` each. ``"energy"`` is that of the recipe, at the end of its ramp and without
        jitter, and ``"content"`` its content term alone. ``"cross-entropy"`` uses the same
        classifier, and compares a label with the other nine. ``"fall"`` is the energy minus that of
        the start, and ``"judge"`` the judge's probability of the label, negated.
    """
    shape = filled.images.shape[2:]
    ends, begins = filled.images.reshape(-1, *shape), filled.starts.reshape(-1, *shape)
    found: dict[str, list[NDArray[np.floating]]] = {}
    for begin in range(0, len(ends), 10 * BATCH):
        part = slice(begin, begin + 10 * BATCH)
        for way, values in _energies(
            filled.recipe, filled.cases[part], ends[part], begins[part]
        ).items():
            found.setdefault(way, []).append(values)
    return {way: np.concatenate(values).reshape(-1, 10) for way, values in found.items()}


def _energies(
    recipe: Recipe, cases: Cases, ends: NDArray[np.floating], begins: NDArray[np.floating]
) -> dict[str, NDArray[np.floating]]:
    images, labels = torch.from_numpy(ends).double(), torch.from_numpy(cases.labels)
    net = classifiers.load(str(recipe.classifier)).to(images[:0])
    energy = parts.energies(recipe, ends, cases)
    sure = metrics.probabilities(ends, classifier="digits-judge")
    with torch.no_grad():
        content, entropy = CONTENTS[str(recipe.content)](net, labels), CrossEntropy(net, labels)
        return {
            "energy": energy,
            "content": content(images).numpy(),
            "cross-entropy": entropy(images).numpy(),
            "fall": energy - parts.energies(recipe, begins, cases),
            "judge": -sure[np.arange(len(sure)), cases.labels],
        }


def readings(filled: Filled, *, reader: str) -> NDArray[np.int64]:
    """Return which digit a classifier reads in each result, ``(N, 10)``."""
    images = filled.images.reshape(-1, *filled.images.shape[2:])
    read_parts = [
        metrics.judged(images[begin : begin + 10 * BATCH], judge=reader)
        for begin in range(0, len(images), 10 * BATCH)
    ]
    return np.concatenate(read_parts).reshape(-1, 10)


def squares(count: int | None) -> Cases:
    """Return the scored test digits with their square holes, in float64; ``count`` of them."""
    return scored("digits", count=count).of_kind("square").double()


def choices(cases: Cases, filled: Filled, *, recipe: str) -> Iterator[Number]:
    """Score the label that each way to compare chooses, and the judge's reading of that result."""
    judged = readings(filled, reader="digits-judge")
    ways = energies(filled)
    for way, values in ways.items():
        lowest = values.argmin(axis=1)
        reads_it = judged[np.arange(len(judged)), lowest] == lowest
        tolerance = LOOSE if way == "fall" else EXACT
        yield mean(f"{recipe}/{way}", "right", lowest == cases.labels, tolerance=tolerance)
        yield mean(f"{recipe}/{way}", "judge agrees", reads_it, tolerance=tolerance)

    lowest = ways["energy"].argmin(axis=1)
    right = lowest == cases.labels
    sides = np.sqrt(cases.holes.sum(axis=(1, 2))).astype(int)
    for side in np.unique(sides):
        yield mean(f"{recipe}/side {side}", "right", right[sides == side], tolerance=EXACT)
    first, second = np.sort(ways["energy"])[:, :2].T
    by_gap = np.argsort(second - first, kind="stable")
    narrow, wide = np.array_split(right[by_gap], 2)
    yield mean(f"{recipe}/narrow gap", "right", narrow, tolerance=EXACT)
    yield mean(f"{recipe}/wide gap", "right", wide, tolerance=EXACT)
    if not right.all():
        convinced = judged[~right, lowest[~right]] == lowest[~right]
        yield mean(f"{recipe}/wrong", "judge agrees", convinced, tolerance=EXACT)
    others = cases.labels[:, None] != LABELS
    own = readings(filled, reader=str(filled.recipe.classifier))
    for who, reading in {"judge": judged, "classifier": own}.items():
        agrees, of_image = (reading == LABELS)[others], np.nonzero(others)[0]
        yield mean(
            f"{recipe}/other labels", f"{who} agrees", agrees, tolerance=EXACT, groups=of_image
        )
    for true in np.unique(cases.labels):
        of_class = lowest[cases.labels == true]
        for label in np.unique(of_class):
            subject = f"{recipe}/confusion/{true}"
            yield mean(subject, str(label), of_class == label, tolerance=EXACT)


def confusion(recipe: str, *, measured: Numbers | None = None) -> NDArray[np.float64]:
    """Return the stored numbers of digits ``(10, 10)``: the true label, that of lowest energy.

    Args:
        recipe: One of :data:`RECIPES`.
        measured: Other numbers than those of the package.
    """
    counts = np.zeros((10, 10))
    for (subject, lowest), number in (measured or read("all-labels")).items():
        of_recipe, _, true = subject.partition("/confusion/")
        if true and of_recipe == recipe:
            counts[int(true), int(lowest)] = round(number.value * number.cases)
    return counts


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield the numbers of ``count`` of the scored digits, or of all of them."""
    cases = squares(count)
    fills = {
        "black": np.where(cases.holes, 0, cases.images),
        "smooth": parts.begin(cases, recipe=PAPER["digits"]),
        "untouched": cases.images,
    }
    reads = {
        (reader, fill): metrics.named_right(images, cases.labels, judge=reader)
        for reader in READERS
        for fill, images in fills.items()
    }
    for (reader, fill), right in reads.items():
        yield mean(f"{reader}/{fill}", "right", right, tolerance=EXACT)
    for recipe in RECIPES:
        filled = by_every_label(cases.images, cases.holes, recipe=recipe)
        yield from choices(cases, filled, recipe=recipe)
        plain = reads[str(filled.recipe.classifier), "smooth"]
        chosen = energies(filled)["energy"].argmin(axis=1) == cases.labels
        gain = chosen.astype(float) - plain
        yield mean(f"{recipe}/energy minus plain reading", "right", gain, tolerance=EXACT)


check_module(__name__)
