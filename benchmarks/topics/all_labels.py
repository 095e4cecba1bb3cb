"""One hole, ten labels, ten energies (paper section 4.4.3, figure 10).

The paper fills a hole once for every label, calls the result of the lowest energy the best one, and
finds that its label need not be the true one. Measured on a square hole in each of 200 test digits,
for the recipes ``paper-digits`` and ``digits``: how often the lowest energy is at the true label;
whether other ways to compare the ten results do better, see :func:`energies`; whether the judge
reads in the chosen result what was asked for; whether a wide gap between the lowest energy and the
next one is a sign of the true label; and how often classifiers name the digit without any descent,
from the image with its hole left black or filled smoothly.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from findings import Finding, mean, read
from numpy.typing import NDArray
from protocol import KINDS, Cases, scored
from tables import RESULTS
from torch import Tensor

from inpaintlib import classifiers, inpaint, metrics
from inpaintlib.descent import Callback
from inpaintlib.energy import CONTENTS, Binary, CrossEntropy, TotalVariation
from inpaintlib.recipes import Recipe

#: How many digits the tests measure again.
FEW = 5

RECIPES = ("paper-digits", "digits")

#: Classifiers that name a digit with a hole, without any descent.
READERS = ("digits-whole", "digits-patches", "digits-robust", "digits-judge")

#: In float64 a choice among ten labels does not depend on the machine. The largest fall is among
#: falls that are equal but for rounding, where no descent moved.
EXACT, LOOSE = 1e-3, 1.0

LABELS = np.arange(10)

#: How many images are filled at a time; each of them ten times. It keeps memory below a gigabyte.
BATCH = 20


@dataclass(frozen=True)
class Filled:
    """Images whose hole was filled ten times, once for every label.

    Attributes:
        images: The results, ``(N, 10, H, W)``.
        starts: Where their descents began, likewise.
        recipe: What was done.
    """

    images: NDArray[np.floating]
    starts: NDArray[np.floating]
    recipe: Recipe


def by_every_label(
    images: NDArray[np.floating],
    holes: NDArray[np.bool_],
    *,
    recipe: str,
    callback: Callback | None = None,
) -> Filled:
    """Fill each hole ten times, once for every label.

    Args:
        images: ``(N, H, W)``.
        holes: bool ``(N, H, W)``.
        recipe: One of the recipes for digits.
        callback: As for :func:`inpaintlib.inpaint`, for each batch anew.
    """
    done = [
        inpaint(
            images[part].repeat(10, axis=0),
            holes[part].repeat(10, axis=0),
            np.tile(LABELS, len(images[part])),
            recipe=recipe,
            callback=callback,
        )
        for part in batches(len(images))
    ]
    shape = (-1, 10, *images.shape[1:])
    ends, begins = (
        np.concatenate([getattr(one, name) for one in done]).reshape(shape)
        for name in ("image", "start")
    )
    return Filled(ends, begins, done[0].recipe)


def batches(count: int) -> list[slice]:
    """Return slices of at most :data:`BATCH` that cover ``count`` images."""
    return [slice(begin, begin + BATCH) for begin in range(0, count, BATCH)]


def energies(filled: Filled) -> dict[str, NDArray[np.float64]]:
    """Compare ten results in several ways; the lowest is the best.

    Returns:
        ``(N, 10)`` each. ``"energy"`` is that of the recipe, at the end of its ramp and without
        jitter, and ``"content"`` its content term alone. ``"cross-entropy"`` looks through the same
        classifier, and measures a label against the other nine. ``"fall"`` is the energy less that
        of the start, and ``"judge"`` minus the judge's probability of the label.
    """
    recipe = filled.recipe
    net = classifiers.load(str(recipe.classifier)).to(torch.from_numpy(filled.images[:0]))

    def of(ends: Tensor, begins: Tensor) -> dict[str, Tensor]:
        labels = torch.from_numpy(LABELS).repeat(len(ends) // 10)
        content = CONTENTS[recipe.content](net, labels)
        energy = content + recipe.total_variation * TotalVariation() + recipe.binary * Binary()
        sure = metrics.probabilities(ends.numpy(), classifier="digits-judge")
        return {
            "energy": energy(ends),
            "content": content(ends),
            "cross-entropy": CrossEntropy(net, labels)(ends),
            "fall": energy(ends) - energy(begins),
            "judge": -torch.from_numpy(sure[np.arange(len(sure)), labels]),
        }

    parts = [
        of(*(torch.from_numpy(x[part]).flatten(0, 1) for x in (filled.images, filled.starts)))
        for part in batches(len(filled.images))
    ]
    return {
        name: torch.cat([part[name] for part in parts]).reshape(-1, 10).numpy() for name in parts[0]
    }


def readings(filled: Filled, *, reader: str) -> NDArray[np.int64]:
    """Return which digit a classifier reads in each result, ``(N, 10)``."""
    shape = filled.images.shape[2:]
    read_parts = [
        metrics.judged(filled.images[part].reshape(-1, *shape), judge=reader)
        for part in batches(len(filled.images))
    ]
    return np.concatenate(read_parts).reshape(-1, 10)


def squares(count: int | None) -> Cases:
    """Return the scored test digits with their square holes, in float64; ``count`` of them."""
    cases = scored("digits", count=count)
    square = cases[:: len(KINDS["digits"])]
    return replace(square, images=square.images.astype(np.float64))


def choices(cases: Cases, filled: Filled, *, recipe: str) -> Iterator[Finding]:
    """Score which label each way to compare chooses, and what the judge reads in that result."""
    judged = readings(filled, reader="digits-judge")
    ways = energies(filled)
    for way, values in ways.items():
        lowest = values.argmin(axis=1)
        reads_it = judged[np.arange(len(judged)), lowest] == lowest
        tolerance = LOOSE if way == "fall" else EXACT
        yield mean(f"{recipe}/{way}/right", lowest == cases.labels, tolerance=tolerance)
        yield mean(f"{recipe}/{way}/judge agrees", reads_it, tolerance=tolerance)

    lowest = ways["energy"].argmin(axis=1)
    right = lowest == cases.labels
    sides = np.sqrt(cases.holes.sum(axis=(1, 2))).astype(int)
    for side in np.unique(sides):
        yield mean(f"{recipe}/side {side}/right", right[sides == side], tolerance=EXACT)
    first, second = np.sort(ways["energy"])[:, :2].T
    by_gap = np.argsort(second - first, kind="stable")
    narrow, wide = np.array_split(right[by_gap], 2)
    yield mean(f"{recipe}/narrow gap/right", narrow, tolerance=EXACT)
    yield mean(f"{recipe}/wide gap/right", wide, tolerance=EXACT)
    if not right.all():
        convinced = judged[~right, lowest[~right]] == lowest[~right]
        yield mean(f"{recipe}/wrong/judge agrees", convinced, tolerance=EXACT)
    others = cases.labels[:, None] != LABELS
    own = readings(filled, reader=str(filled.recipe.classifier))
    for who, reading in {"judge": judged, "classifier": own}.items():
        yield mean(
            f"{recipe}/other labels/{who} agrees", (reading == LABELS)[others], tolerance=EXACT
        )
    for true in np.unique(cases.labels):
        of_class = lowest[cases.labels == true]
        for label in np.unique(of_class):
            yield mean(f"{recipe}/confusion/{true}/{label}", of_class == label, tolerance=EXACT)


def confusion(recipe: str, *, folder: Path = RESULTS) -> NDArray[np.float64]:
    """Return the stored numbers of digits ``(10, 10)``: the true label, that of lowest energy."""
    counts = np.zeros((10, 10))
    for name, finding in read("all_labels", folder=folder).items():
        topic, _, labels = name.partition("/confusion/")
        if labels and topic == recipe:
            true, lowest = map(int, labels.split("/"))
            counts[true, lowest] = round(finding.value * finding.cases)
    return counts


def measure(*, count: int | None) -> Iterator[Finding]:
    """Measure the chosen labels on ``count`` of the scored digits, or on all of them."""
    cases = squares(count)
    given = cases.images, cases.holes, cases.labels
    fills = {
        "black": np.where(cases.holes, 0, cases.images),
        "smooth": inpaint(*given, recipe="paper-digits", max_steps=0).image,
        "untouched": cases.images,
    }
    reads = {
        (reader, fill): metrics.judged(images, judge=reader) == cases.labels
        for reader in READERS
        for fill, images in fills.items()
    }
    for (reader, fill), right in reads.items():
        yield mean(f"{reader}/{fill}/right", right, tolerance=EXACT)
    for recipe in RECIPES:
        filled = by_every_label(cases.images, cases.holes, recipe=recipe)
        yield from choices(cases, filled, recipe=recipe)
        plain = reads[str(filled.recipe.classifier), "smooth"]
        chosen = energies(filled)["energy"].argmin(axis=1) == cases.labels
        gain = chosen.astype(float) - plain
        yield mean(f"{recipe}/energy above plain reading/right", gain, tolerance=EXACT)
