"""Failures, paper section 4.3 and figure 7: what goes wrong, and how large a hole has to be.

Claims: with a network that was trained on whole images, with another λ and from another start the
result is another, and worse; and a hole that is too small to be noticed is not filled, since it has
to impair the classification (paper section 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import findings
import numpy as np
from findings import Finding
from numpy.typing import NDArray
from protocol import Cases, scored
from scipy.stats import rankdata
from topics.initialization import distance

from inpaintlib import Inpainting, holes, inpaint, metrics
from inpaintlib.recipes import RECIPES

#: So many images the tests measure again, in holes of every fourth size, so many steps at most.
FEW, FEW_SIDES, FEW_STEPS = 1, 4, 30

#: How many images are measured, each with a hole of every size.
IMAGES = {"digits": 60, "faces": 14}

#: The sides of the square holes, in pixels.
SIDES = {
    "digits": (2, 4, 6, 8, 10, 12, 16, 20, 24),
    "faces": (4, 8, 16, 24, 32, 40),
}

#: The classifier that the paper's recipe descends through.
CLASSIFIERS = {name: str(RECIPES[f"paper-{name}"].classifier) for name in SIDES}

#: The first three rows of figure 7: what each changes in the paper's recipe, and λ once more.
_LAMBDA = RECIPES["paper-digits"].total_variation
ROWS: dict[str, dict[str, object]] = {
    "unchanged": {},
    "trained on whole images": {"classifier": "digits-whole"},
    "λ × 0": {"total_variation": 0.0},
    "λ × 10": {"total_variation": 10 * _LAMBDA},
    "λ × 100": {"total_variation": 100 * _LAMBDA},
    "start: black": {"start": "constant", "start_value": 0.0},
    "start: class average": {"start": "class-average"},
}

#: How sure the network may be of the label at the start: the groups' names and their bounds.
DOUBTS = {
    "above 0.99": (0.99, 1.0),
    "0.9 to 0.99": (0.9, 0.99),
    "0.1 to 0.9": (0.1, 0.9),
    "below 0.1": (0.0, 0.1),
}

#: By how much another machine may be off.
SHARE, DECIBELS = 0.005, {"digits": 0.02, "faces": 0.2}


@dataclass(frozen=True)
class Sized:
    """Images, each with a square hole of every size, the sizes of an image next to each other.

    Attributes:
        images: float64 ``(N * S, H, W)``.
        holes: bool, same shape.
        labels: ``(N * S,)``.
        sizes: S, how many sizes there are.
    """

    images: NDArray[np.float64]
    holes: NDArray[np.bool_]
    labels: NDArray[np.int64]
    sizes: int

    def filled(self, **settings: object) -> Inpainting[NDArray]:
        """Return what a recipe makes of them."""
        return inpaint(self.images, self.holes, self.labels, **settings)  # type: ignore[arg-type]

    def table(self, values: NDArray) -> NDArray:
        """Return values ``(N * S,)`` as ``(N, S)``."""
        return values.reshape(-1, self.sizes)


def square(image: NDArray[np.floating], *, side: int, seed: int, name: str) -> holes.Hole:
    """Return a square hole; the same seed gives squares of all sizes around the same pixel.

    The pixel is a random one with ink, or of a face one of the middle half in height and in width.
    A square that would leave the image is moved back inside.
    """
    if name == "faces":
        height, width = image.shape
        middle = holes.rectangle(
            image.shape, top=height // 4, left=width // 4, height=height // 2, width=width // 2
        )
        image = middle.astype(float)
    return holes.square_on_ink(image, side=side, seed=seed)


def sized(
    name: str, images: NDArray[np.floating], labels: NDArray[np.int64], sides: Sequence[int]
) -> Sized:
    """Give each image ``(N, H, W)`` a hole of every size."""
    missing = [
        square(image, side=side, seed=seed, name=name)
        for seed, image in enumerate(images)
        for side in sides
    ]
    repeated = images.astype("float64").repeat(len(sides), axis=0)
    return Sized(repeated, np.stack(missing), labels.repeat(len(sides)), len(sides))


def moved(done: Inpainting[NDArray]) -> NDArray[np.float64]:
    """Return how far a descent moved the missing pixels, in mean grey values, ``(N,)``."""
    change = np.abs(done.image - done.start).sum(axis=(1, 2))
    share: NDArray[np.float64] = change / done.hole.sum(axis=(1, 2))
    return share


def gained(done: Inpainting[NDArray], originals: NDArray) -> NDArray[np.float64]:
    """Return by how many dB of PSNR in the hole a result is above its start, ``(N,)``."""
    after, before = (
        metrics.psnr(images, originals, done.hole).clip(max=100)
        for images in (done.image, done.start)
    )
    return after - before


def rank_correlation(
    name: str, first: NDArray, second: NDArray, *, tolerance: float, resamples: int = 2000
) -> Finding:
    """Return Spearman's rank correlation of two tables ``(N, S)``, all entries taken together.

    Its interval comes from drawing images, the rows, again: entries of one image belong together.
    """

    def correlation(rows: NDArray) -> float:
        pairs = [rankdata(values[rows]) for values in (first, second)]
        constant = any(np.ptp(ranks) == 0 for ranks in pairs)
        return 0.0 if constant else float(np.corrcoef(*pairs)[0, 1])

    count = len(first)
    rng = np.random.default_rng(0)
    drawn = [correlation(rng.integers(count, size=count)) for _ in range(resamples)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = correlation(np.arange(count))
    return Finding(name, value, float(low), float(high), first.size, tolerance)


def measure(*, count: int | None) -> Iterator[Finding]:
    """Yield the findings ``SET/side N/SCORE`` and the rest, see the functions below."""
    yield from figure(count=count)
    for name in SIDES:
        yield from sizes(name, count=count)


def figure(*, count: int | None) -> Iterator[Finding]:
    """Yield ``digits/ROW/SCORE`` for the rows of figure 7, and how far each is from the unchanged.

    *Gain* and *judge less unchanged* are differences case by case; *distance* is the root mean
    square of the difference of the two results in the hole.
    """
    cases = scored("digits", count=count or IMAGES["digits"])
    cases = cases[cases.kinds == "square"]
    given = cases.images.astype("float64"), cases.holes, cases.labels
    usual: dict[str, NDArray] = {}
    for row, changes in ROWS.items():
        done = inpaint(*given, recipe="paper-digits", **changes, **_fewer("paper-digits", count))
        scores = {
            "psnr": metrics.psnr(done.image, cases.images, cases.holes),
            "above start": gained(done, cases.images),
            "judge": (metrics.judged(done.image) == cases.labels).astype(float),
        }
        usual = usual or {**scores, "image": done.image}
        scores |= {
            "gain": scores["psnr"] - usual["psnr"],
            "judge less unchanged": scores["judge"] - usual["judge"],
            "distance": distance(done.image, usual["image"], cases.holes),
        }
        for column, values in scores.items():
            tolerance = DECIBELS["digits"] if column in ("psnr", "gain", "above start") else SHARE
            yield findings.mean(f"digits/{row}/{column}", values, tolerance=tolerance)


def sizes(name: str, *, count: int | None) -> Iterator[Finding]:
    """Yield what holes of every size do to recognition, and what the recipes do about them.

    *Alone* is the descent on the content term only from a black hole, which shows what the network
    notices of it, for digits; *pull* is the length of that term's gradient there.
    """
    drawn = _drawn(name, count or IMAGES[name])
    sides = SIDES[name][:: 1 if count is None else FEW_SIDES]
    cases = sized(name, drawn.images, drawn.labels, sides)
    paper = f"paper-{name}"
    nothing_else: dict[str, object] = {"total_variation": 0.0, "binary": 0.0, "jitter": 0}
    nothing_else |= {"start": "constant", "start_value": 0.0}
    if name == "faces":
        nothing_else["max_steps"] = 0
    done = {
        "paper": cases.filled(recipe=paper, **_fewer(paper, count)),
        "alone": cases.filled(recipe=paper, **{**_fewer(paper, count), **nothing_else}),
        "ours": cases.filled(recipe=name, **_fewer(name, count)),
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
        judged = metrics.judged(images, judge=f"{name}-judge")
        scores[f"{fill}/judge"] = (judged == cases.labels).astype(float)
    for way, result in done.items():
        if result.recipe.max_steps:
            scores[f"{way}/moved"] = moved(result)
            scores[f"{way}/gain"] = gained(result, cases.images)
    scores["pull"] = done["alone"].history.gradient_norm[0]
    for column, values in scores.items():
        for side, of_size in zip(sides, cases.table(values).T, strict=True):
            row = f"{name}/side {side}/{column}"
            yield findings.mean(row, of_size, tolerance=_tolerance(name, column))
    own = metrics.probabilities(done["ours"].start, classifier=str(RECIPES[name].classifier))
    sure = dict.fromkeys(("pull", "alone"), scores["empty/probability"])
    sure["paper"] = scores["start/probability"]
    sure["ours"] = np.take_along_axis(own, cases.labels[:, None], 1)[:, 0]
    for column, values in scores.items():
        if column == "pull" or column.endswith(("moved", "gain")):
            yield from doubt(name, column, cases, sure[column.split("/")[0]], values)


def doubt(
    name: str, column: str, cases: Sized, sure: NDArray, values: NDArray
) -> Iterator[Finding]:
    """Yield how a descent's values go with how ``sure`` its network was of the label before it."""
    tables = cases.table(1 - sure), cases.table(values)
    yield rank_correlation(f"{name}/doubt and {column}", *tables, tolerance=0.02)
    for group, (low, high) in DOUBTS.items():
        inside = (sure > low) & (sure <= high)
        if inside.any():
            row = f"{name}/probability {group}/{column}"
            yield findings.mean(row, values[inside], tolerance=_tolerance(name, column))


def _fewer(recipe: str, count: int | None) -> dict[str, object]:
    """Return the limit of steps where few images are asked for, as the tests do."""
    return {} if count is None else {"max_steps": min(FEW_STEPS, RECIPES[recipe].max_steps)}


def _tolerance(name: str, column: str) -> float:
    return DECIBELS[name] if column.endswith("gain") else SHARE


def _drawn(name: str, count: int) -> Cases:
    """Return images of the test split as the protocol draws them, each once."""
    cases = scored(name, count=count)
    return cases if name == "faces" else cases[cases.kinds == "square"]
