"""Failures, paper section 4.3 and figure 7: what goes wrong, and how large a hole must be.

Claims: with a network that was trained on whole images, with another λ or from another start the
result is different, and worse; and a hole that is too small to be noticed is not filled, since it
has to impair the classification (paper section 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import Inpainting, holes, inpaint, metrics
from inpaintlib._signatures import check_module
from inpaintlib.study import numbers
from inpaintlib.study.chapters.initialization import distance
from inpaintlib.study.methods import OURS, PAPER, our_recipe, paper_recipe
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases, scored

#: The tests measure again this number of images, every fourth size, and this number of steps.
FEW, FEW_SIDES, FEW_STEPS = 1, 4, 30

#: Number of images measured, each with a hole of every size.
IMAGES = {"digits": 60, "faces": 14}

#: The sides of the square holes, in pixels.
SIDES = {
    "digits": (2, 4, 6, 8, 10, 12, 16, 20, 24),
    "faces": (4, 8, 16, 24, 32, 40),
}

#: The classifier of the paper's recipe.
CLASSIFIERS = {name: str(paper_recipe(name).classifier) for name in SIDES}

#: The first three rows of figure 7 – the changes to the paper's recipe; and further values of λ.
_LAMBDA = paper_recipe("digits").total_variation
ROWS: dict[str, dict[str, Any]] = {
    "unchanged": {},
    "trained on whole images": {"classifier": "digits-whole"},
    "λ × 0": {"total_variation": 0.0},
    "λ × 10": {"total_variation": 10 * _LAMBDA},
    "λ × 100": {"total_variation": 100 * _LAMBDA},
    "start: black": {"start": "constant", "start_value": 0.0},
    "start: class average": {"start": "class-average"},
}

#: Groups by the network's probability of the label at the start – names and bounds.
DOUBTS = {
    "above 0.99": (0.99, 1.0),
    "0.9 to 0.99": (0.9, 0.99),
    "0.1 to 0.9": (0.1, 0.9),
    "below 0.1": (0.0, 0.1),
}

#: Allowed difference on another machine.
SHARE, DECIBELS = 0.005, {"digits": 0.02, "faces": 0.2}


@dataclass(frozen=True)
class Sized:
    """Images, each with a square hole of every size, the sizes of an image next to each other.

    Attributes:
        images: float64 ``(N * S, H, W)``.
        holes: bool, same shape.
        labels: ``(N * S,)``.
        units: See :class:`~inpaintlib.study.protocol.Cases`, ``(N * S,)``.
        sizes: S, the number of sizes.
        data: The name of the set that the images come from.
    """

    images: NDArray[np.float64]
    holes: NDArray[np.bool_]
    labels: NDArray[np.int64]
    units: NDArray[np.int64]
    sizes: int
    data: str

    def filled(self, **settings: Any) -> Inpainting[NDArray[np.floating]]:
        """Return a recipe's results."""
        return inpaint(self.images, self.holes, self.labels, data=self.data, **settings)

    def table(self, values: NDArray) -> NDArray:
        """Return values ``(N * S,)`` as ``(N, S)``."""
        return values.reshape(-1, self.sizes)


def square(image: NDArray[np.floating], *, side: int, seed: int, name: str) -> holes.Hole:
    """Return a square hole; the same seed gives squares of all sizes around the same pixel.

    The pixel is a random one with ink, or for a face one in the middle half of height and width. A
    square that would leave the image is moved back inside.
    """
    if name == "faces":
        height, width = image.shape
        middle = holes.rectangle(
            image.shape, top=height // 4, left=width // 4, height=height // 2, width=width // 2
        )
        image = middle.astype(float)
    return holes.square_on_ink(image, side=side, seed=seed)


def sized(name: str, cases: Cases, sides: Sequence[int]) -> Sized:
    """Give each image of the cases a hole of every size, instead of its own."""
    missing = [
        square(image, side=side, seed=seed, name=name)
        for seed, image in enumerate(cases.images)
        for side in sides
    ]
    repeated = cases.images.astype("float64").repeat(len(sides), axis=0)
    labels, units = cases.labels.repeat(len(sides)), cases.units.repeat(len(sides))
    return Sized(repeated, np.stack(missing), labels, units, len(sides), cases.data)


def moved(done: Inpainting[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the mean change of the missing pixels in a descent, in grey values, ``(N,)``."""
    change = np.abs(done.image - done.start).sum(axis=(1, 2))
    share: NDArray[np.float64] = change / done.hole.sum(axis=(1, 2))
    return share


def gained(done: Inpainting[NDArray[np.floating]], originals: NDArray) -> NDArray[np.float64]:
    """Return the PSNR in the hole of a result minus that of its start, in dB, ``(N,)``."""
    after, before = (
        metrics.psnr(images, originals, done.hole).clip(max=100)
        for images in (done.image, done.start)
    )
    return after - before


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield all numbers, see the functions below."""
    yield from figure(count=count)
    for name in SIDES:
        yield from sizes(name, count=count)


def figure(*, count: int | None) -> Iterator[Number]:
    """Yield the scores of ``digits/ROW``, for figure 7, and differences to the unchanged recipe.

    *Gain* and *judge minus unchanged* are paired differences; *distance* is the root mean
    square of the difference of the two results in the hole.
    """
    cases = scored("digits", count=count or IMAGES["digits"])
    cases = cases.of_kind("square")
    cases = cases.double()
    usual: dict[str, NDArray] = {}
    for row, changes in ROWS.items():
        settings = {**changes, **_fewer(PAPER["digits"], count)}
        done = cases.filled(PAPER["digits"], **settings)
        scores = {
            "psnr": metrics.psnr(done.image, cases.images, cases.holes),
            "psnr above start": gained(done, cases.images),
            "judge": metrics.named_right(done.image, cases.labels).astype(float),
        }
        usual = usual or {**scores, "image": done.image}
        scores |= {
            "gain": scores["psnr"] - usual["psnr"],
            "judge minus unchanged": scores["judge"] - usual["judge"],
            "distance": distance(done.image, usual["image"], cases.holes),
        }
        for column, values in scores.items():
            tolerance = (
                DECIBELS["digits"] if column in ("psnr", "gain", "psnr above start") else SHARE
            )
            yield numbers.mean(
                f"digits/{row}", column, values, tolerance=tolerance, groups=cases.units
            )


def sizes(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the effect of holes of every size on recognition, and the recipes' results on them.

    Subjects are ``SET/side N``, ``SET/side N/FILL`` and ``SET/side N/WAY``; ``SET/largest minus
    smallest/FILL`` is the difference of ``judge`` between the two sizes of an image. The way
    *alone* is the descent from a black hole on the content term only, for digits, which shows
    whether the network notices the hole; *pull* is the length of that term's gradient there.
    """
    drawn = _drawn(name, count or IMAGES[name])
    sides = SIDES[name][:: 1 if count is None else FEW_SIDES]
    cases = sized(name, drawn, sides)
    paper, ours = PAPER[name], OURS[name]
    nothing_else: dict[str, Any] = {"total_variation": 0.0, "binary": 0.0, "jitter": 0}
    nothing_else |= {"start": "constant", "start_value": 0.0}
    if name == "faces":
        nothing_else["max_steps"] = 0
    done = {
        "paper": cases.filled(recipe=paper, **_fewer(paper, count)),
        "alone": cases.filled(recipe=paper, **{**_fewer(paper, count), **nothing_else}),
        "ours": cases.filled(recipe=ours, **_fewer(ours, count)),
    }
    fills = {
        "empty": done["alone"].start,
        "start": done["paper"].start,
        "paper": done["paper"].image,
        "ours": done["ours"].image,
    }
    scores: dict[str, NDArray] = {}
    for fill, images in fills.items():
        read = metrics.probabilities(images, classifier=CLASSIFIERS[name])
        scores[f"{fill}/probability"] = np.take_along_axis(read, cases.labels[:, None], 1)[:, 0]
        scores[f"{fill}/right"] = (read.argmax(axis=1) == cases.labels).astype(float)
        named = metrics.named_right(images, cases.labels, judge=f"{name}-judge", data=cases.data)
        scores[f"{fill}/judge"] = named.astype(float)
    for way, result in done.items():
        if result.recipe.max_steps:
            scores[f"{way}/moved"] = moved(result)
            scores[f"{way}/gain"] = gained(result, cases.images)
    scores["pull"] = done["alone"].history.gradient_norm[0]
    for column, values in scores.items():
        for side, of_size in zip(sides, cases.table(values).T, strict=True):
            address = f"{name}/side {side}/{column}"
            yield _mean(address, of_size, drawn.units, tolerance=_tolerance(name, column))
    for fill in fills:
        of_size = cases.table(scores[f"{fill}/judge"])
        less = of_size[:, -1] - of_size[:, 0]
        address = f"{name}/largest minus smallest/{fill}/judge"
        yield _mean(address, less, drawn.units, tolerance=_tolerance(name, "judge"))
    own = metrics.probabilities(done["ours"].start, classifier=str(our_recipe(name).classifier))
    sure = dict.fromkeys(("pull", "alone"), scores["empty/probability"])
    sure["paper"] = scores["start/probability"]
    sure["ours"] = np.take_along_axis(own, cases.labels[:, None], 1)[:, 0]
    for column, values in scores.items():
        if column == "pull" or column.endswith(("moved", "gain")):
            yield from doubt(name, column, cases, sure[column.split("/")[0]], values)


def doubt(name: str, column: str, cases: Sized, sure: NDArray, values: NDArray) -> Iterator[Number]:
    """Yield a descent's values by the network's probability ``sure`` of the label before it."""
    tables = cases.table(1 - sure), cases.table(values)
    subject, units = f"{name}/doubt and {column}", cases.table(cases.units)[:, 0]
    yield numbers.rank_correlation(subject, *tables, tolerance=0.02, groups=units)
    for group, (low, high) in DOUBTS.items():
        inside = (sure > low) & (sure <= high)
        if inside.any():
            address = f"{name}/probability {group}/{column}"
            yield _mean(
                address, values[inside], cases.units[inside], tolerance=_tolerance(name, column)
            )


def _mean(address: str, values: NDArray, groups: NDArray, *, tolerance: float) -> Number:
    """Return a mean, given its subject and score in one address."""
    subject, _, score = address.rpartition("/")
    return numbers.mean(subject, score, values, tolerance=tolerance, groups=groups)


def _fewer(recipe: str, count: int | None) -> dict[str, Any]:
    """Return a limit of steps if few images are measured, as in the tests."""
    if count is None:
        return {}
    whole = paper_recipe if recipe in PAPER.values() else our_recipe
    steps = whole("faces" if "faces" in recipe else "digits").max_steps
    return {"max_steps": min(FEW_STEPS, steps)}


def _tolerance(name: str, column: str) -> float:
    return DECIBELS[name] if column.endswith("gain") else SHARE


def _drawn(name: str, count: int) -> Cases:
    """Return the protocol's images of the test split, each once."""
    cases = scored(name, count=count)
    return cases if name == "faces" else cases.of_kind("square")


check_module(__name__)
