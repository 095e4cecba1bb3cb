"""Section 3.3: the same hole from different starts, under the paper's recipes and ours.

The paper says that linear interpolation, our harmonic start, is the best one for digits and the
class average for faces; that each start leads to another minimum; and that the result never equals
the average that was pasted in. For each recipe and start there are the scores of the result and its
gain over the start, and its distance from the class average inside the hole:

- ``RECIPE/START``: ``psnr``, ``judge``, ``gain``, ``moved`` (from the start), ``from average``,
  ``probability at the start``, of the label, and ``probability minus start``;
- ``RECIPE/harmonic minus class-average``: ``psnr`` and ``judge``, case by case.

And of ``RECIPE``, about the minima over all starts of a case:

- ``spread`` and ``spread of starts``: the mean distance between two of them in the hole;
- ``energy range``: the highest energy at the end minus the lowest;
- ``lowest is nearest``: how often the lowest energy belongs to the highest PSNR;
- ``rank correlation`` of energy and PSNR, -1 if a lower energy always means a higher PSNR.

Distances are root mean squares, in grey values.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from inpaintlib import Inpainting, classifiers, datasets, metrics, recipes
from inpaintlib._signatures import check_module
from inpaintlib.study import numbers, parts
from inpaintlib.study.methods import OURS, PAPER
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases, named_right, scored

#: Number of images that the tests measure again, and their largest number of steps.
FEW, FEW_STEPS = 1, 12

#: Number of images measured.
COUNT = {"digits": 20, "faces": 35}

#: The starts, and the settings of a recipe that select them.
STARTS: dict[str, dict[str, Any]] = {
    "zeros": {"start": "constant", "start_value": 0.0},
    "constant": {"start": "constant", "start_value": 0.5},
    "noise": {"start": "noise"},
    "harmonic": {"start": "harmonic"},
    "class-average": {"start": "class-average"},
    "blended-class-average": {"start": "blended-class-average"},
    "part-mixture": {"start": "part-mixture"},
}

Images = NDArray[np.floating]


def distance(images: Images, others: Images, holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the root mean square of the difference inside the holes, ``(B,)``."""
    return 10 ** (-metrics.psnr(images, others, holes) / 20)


#: Energies and decibels of two ends that differ by less are those of one minimum.
EQUAL = 1e-4


def spread(images: Images, holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the mean distance of two of the images of each case.

    Args:
        images: ``(starts, B, H, W)``.
        holes: bool ``(B, H, W)``.

    Returns:
        ``(B,)``.
    """
    return np.mean([distance(one, other, holes) for one, other in combinations(images, 2)], axis=0)


def rank_correlation(one: NDArray[np.floating], other: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return Spearman's rank correlation of each column, ``(B,)`` of ``(starts, B)``.

    It is 0 where all values of a column are equal up to rounding, since these have no order.
    """
    found = []
    for pair in zip(one.T, other.T, strict=True):
        ordered = min(np.ptp(values) for values in pair) > EQUAL
        found.append(stats.spearmanr(*pair).statistic if ordered else 0.0)
    return np.array(found)


def slack(energy: NDArray[np.floating]) -> float:
    """Return the allowed difference of a mean energy: the energies of recipes differ in size.

    From a constant start the first steps of ``paper-faces`` depend on rounding.
    """
    return round(0.02 + 0.05 * abs(float(energy.mean())), 4)


def probability(done: Inpainting[Images], cases: Cases) -> NDArray[np.floating]:
    """Return the classifier's probability of the label at the start of a descent, ``(B,)``."""
    read = metrics.probabilities(done.start, classifier=str(done.recipe.classifier))
    return np.take_along_axis(read, cases.labels[:, None], axis=1)[:, 0]


def compared(name: str, recipe: str, cases: Cases, **settings: Any) -> Iterator[Number]:
    """Yield the results of one recipe on the cases of a set from every start."""
    images, holes, labels = cases.images, cases.holes, cases.labels
    chosen = recipes.get(recipe, data=cases.data)
    averages = classifiers.class_averages(datasets.collection(cases.data)).numpy()[labels]
    begun, ended, decibels, energy, judged = {}, {}, {}, {}, {}
    for start, asked in STARTS.items():
        done = cases.filled(recipe, **settings, **asked)
        begun[start], ended[start] = done.start, done.image
        decibels[start] = metrics.psnr(done.image, images, holes)
        energy[start] = parts.energies(chosen, done.image, cases)
        judged[start] = named_right(name, done.image, cases)
        before = probability(done, cases)
        gain = decibels[start] - metrics.psnr(done.start, images, holes)
        for score, values, tolerance in (
            ("psnr", decibels[start], 0.3),
            ("judge", judged[start], 0.05),
            ("gain", gain, 0.3),
            ("moved", distance(done.image, done.start, holes), 0.01),
            ("from average", distance(done.image, averages, holes), 0.01),
            ("energy", energy[start], slack(energy[start])),
            ("probability at the start", before, 0.05),
            ("probability minus start", done.probability - before, 0.05),
        ):
            yield numbers.mean(
                f"{recipe}/{start}", score, values, tolerance=tolerance, groups=cases.units
            )

    subject = f"{recipe}/harmonic minus class-average"
    for score, by_start, tolerance in (("psnr", decibels, 0.3), ("judge", judged, 0.05)):
        less = by_start["harmonic"].astype(float) - by_start["class-average"]
        yield numbers.mean(subject, score, less, tolerance=tolerance, groups=cases.units)
    every, psnr = np.stack(list(energy.values())), np.stack(list(decibels.values()))
    lowest = every.argmin(axis=0) == psnr.argmax(axis=0)
    for score, values, tolerance in (
        ("original from average", distance(images, averages, holes), 0.01),
        ("spread", spread(np.stack(list(ended.values())), holes), 0.01),
        ("spread of starts", spread(np.stack(list(begun.values())), holes), 0.01),
        ("energy range", np.ptp(every, axis=0), slack(np.ptp(every, axis=0))),
        ("lowest is nearest", lowest, 1.0),
        ("rank correlation", rank_correlation(every, psnr), 0.3),
    ):
        yield numbers.mean(recipe, score, values, tolerance=tolerance, groups=cases.units)


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield the numbers of the paper's recipes and ours, on digits and on faces."""
    for name, usual in COUNT.items():
        cases = scored(name, count=count or usual)
        for recipe in (PAPER[name], OURS[name]):
            fewer: dict[str, Any] = {} if count is None else {"max_steps": FEW_STEPS}
            yield from compared(name, recipe, cases, **fewer)


check_module(__name__)
