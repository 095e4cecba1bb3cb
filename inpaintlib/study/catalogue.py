"""The catalogue: every experiment by name; measuring it, and comparing with the stored numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from inpaintlib import checks
from inpaintlib._signatures import check_module
from inpaintlib.study import (
    ablation,
    applications,
    descents,
    numbers,
    quality,
    readings,
    search,
)
from inpaintlib.study.chapters import (
    all_labels,
    energy,
    faces,
    failures,
    hallucination,
    illumination,
    improvements,
    initialization,
    limits,
    painting,
    related_work,
)
from inpaintlib.study.numbers import Number, Numbers

#: Stored numbers have four digits after the point.
_ROUNDED = 1e-4


@dataclass(frozen=True)
class Experiment:
    """A measurement.

    Attributes:
        about: Its description, in a line.
        measure: Yields its numbers, on ``count`` images, or on all if ``count`` is None.
        few: The number of images that the tests measure again.
    """

    about: str
    measure: Callable[..., Iterable[Number]]
    few: int


#: Every experiment, in the order of the book's chapters.
EXPERIMENTS: dict[str, Experiment] = {
    "related-work": Experiment(
        "networks trained on one kind of hole, on other kinds",
        related_work.measure,
        related_work.FEW,
    ),
    "energy": Experiment("the effect of each term of the energy", energy.measure, energy.FEW),
    "initialization": Experiment(
        "the same holes from different starts", initialization.measure, initialization.FEW
    ),
    "improvements": Experiment(
        "jitter, patches and the penalty on grey, alone and together",
        improvements.measure,
        improvements.FEW,
    ),
    "faces": Experiment("which term fills a face; the gradient's norm", faces.measure, faces.FEW),
    "failures": Experiment("failures, and small and large holes", failures.measure, failures.FEW),
    "hallucination": Experiment(
        "whole images, hallucinated", hallucination.measure, hallucination.FEW
    ),
    "illumination": Experiment("dark faces lit", illumination.measure, illumination.FEW),
    "all-labels": Experiment("one hole filled with ten labels", all_labels.measure, all_labels.FEW),
    **{
        f"quality-{name}": Experiment(
            f"every method on the same {name}", partial(quality.measure, name), few
        )
        for name, few in quality.FEW.items()
    },
    "quality-faces-att": Experiment(
        "every method on the AT&T faces", quality.measure_att, quality.FEW["faces"]
    ),
    "applications": Experiment(
        "the best recipes without an original", applications.measure, applications.FEW
    ),
    **{
        f"ablation-{name}": Experiment(
            f"from the paper's recipe for {name} to the mixture's, and that with one change",
            partial(ablation.measure, name),
            ablation.FEW,
        )
        for name in ablation.LADDERS
    },
    "ablation-trainings": Experiment(
        "the recipe digits-mixture with classifiers trained in other ways",
        ablation.measure_trainings,
        ablation.FEW,
    ),
    "descents": Experiment(
        "the energy of digits-mixture minimised in other ways", descents.measure, descents.FEW
    ),
    **{
        f"ladder-{name}": Experiment(
            f"classifiers of {name}, from relative to absolute",
            partial(painting.measure_ladder, name),
            painting.FEW,
        )
        for name in painting.MEASURED
    },
    "experts-digits": Experiment(
        "the weights of the two experts for digits, on validation images",
        painting.measure_weights,
        painting.FEW,
    ),
    **{
        f"painting-{name}": Experiment(
            f"shipped classifiers of {name}: five formulas, seven starts",
            partial(painting.measure, name),
            painting.FEW,
        )
        for name in painting.SHIPPED
    },
    "limits-style": Experiment(
        "emoji that were seen, and another foundry's", limits.measure_style, limits.FEW
    ),
    **{
        f"search-{recipe}": Experiment(
            f"the numbers of {recipe}, on validation images",
            partial(search.measure, recipe),
            search.FEW,
        )
        for recipe in search.GRIDS
    },
    **{
        f"readings-{name}": Experiment(
            f"many readings of the paper's text, {name}",
            partial(readings.measure, name),
            readings.FEW,
        )
        for name in readings.EFFORT
    },
}


def measure(name: str, *, few: bool = False) -> list[Number]:
    """Measure an experiment on the full sets.

    Args:
        name: One of :data:`EXPERIMENTS`.
        few: Whether to use few images only, as the tests do.

    Raises:
        ValueError: There is no such experiment.
        DataError: The full sets are not found.
    """
    experiment = EXPERIMENTS[checks.known_name("experiment", name, EXPERIMENTS)]
    found = experiment.measure(count=experiment.few if few else None)
    versions = numbers.versions()
    return [replace(number, experiment=name, versions=versions) for number in found]


def differing(stored: Numbers, fresh: Iterable[Number]) -> list[str]:
    """Return the differences between a new measurement and the stored numbers, in words.

    Args:
        stored: The stored numbers of an experiment.
        fresh: Those measured now.

    Returns:
        A line for each difference: a number that only one of them has, that has another number of
        cases, or that differs by more than its tolerance.
    """
    now = Numbers(stored.experiment, fresh)
    told = [f"{'/'.join(key)}: only stored" for key in stored if key not in now]
    for key, number in now.items():
        name = "/".join(key)
        if key not in stored:
            told.append(f"{name}: not stored")
            continue
        was = stored[key]
        if was.cases != number.cases:
            told.append(f"{name}: {was.cases} cases stored, now {number.cases}")
        if not abs(was.value - number.value) <= number.tolerance + _ROUNDED:
            told.append(
                f"{name}: {was.value} stored, now {number.value:.4f}, ± {number.tolerance:.2g}"
            )
    return told


check_module(__name__)
