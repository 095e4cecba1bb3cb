"""Faces, paper section 4.2 and figures 5 and 6.

Claims: one set of parameters serves all holes; in some results the content is not that of the
original but the network's own idea of the person; the norm of the gradient converges to zero; each
shift of the jitter makes a peak in it; and many windows of the training images are too dark to
learn from.

The second claim is tested without the class average: from the smooth fill, which depends on no
name, the descent runs with the person's label, and with another one. Any difference comes from the
network.

Subjects are a recipe, ``RECIPE, own name`` and ``RECIPE, another name``, and for the long descents
``LAMBDA, jitter`` and ``LAMBDA, no jitter``. The scores by kind of hole are in the experiment
``quality-faces``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib import Inpainting, _alt, figures, metrics
from inpaintlib._signatures import check_module
from inpaintlib.augment import patch
from inpaintlib.descent import random_views
from inpaintlib.study import numbers, parts
from inpaintlib.study.chapters.initialization import distance
from inpaintlib.study.methods import OURS, PAPER
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases, full_set, named_right, scored
from inpaintlib.training import TRAININGS, Training

#: Number of cases that the tests measure again, and their steps in the long descents.
FEW, FEW_STEPS = 2, 200

#: Number of cases measured; for the long descents, one for each kind of hole, and their steps.
COUNT, LONG_COUNT, LONG_STEPS = 105, 7, 2000

#: Below this PSNR a fill is far from the original, in dB.
FAR = 20.0

#: λ of the long descents – the recipe's, one at which content has an effect, and none.
LAMBDAS = {"λ of the recipe": 1.0, "λ / 100": 0.01, "λ = 0": 0.0}

#: Largest shift of the long descents, pixels.
JITTERS = {"jitter": 2, "no jitter": 0}


def shifts(*, steps: int, jitter: int, seed: int) -> NDArray[np.int64]:
    """Return the shifts ``(steps, 2)`` of a descent whose start draws no random numbers."""
    views = random_views((1, 1), jitter=jitter, seed=seed)
    return np.array([view.shift for view in islice(views, steps)])


def ideas(cases: Cases) -> Iterator[Number]:
    """Yield how often the judge recognises the person although the fill is not the original."""
    images = cases.images
    average = parts.begin(cases, recipe=PAPER["faces"])
    for recipe in (PAPER["faces"], OURS["faces"]):
        done = cases.filled(recipe)
        right = named_right("faces", done.image, cases)
        far = metrics.psnr(done.image, images, cases.holes) < FAR
        off = distance(done.image, images, cases.holes)
        own = distance(done.image, average, cases.holes) < off
        found = {
            "named right": right,
            f"below {FAR:.0f} dB": far,
            f"named right, below {FAR:.0f} dB": right & far,
            "nearer to the class average than to the original": own,
            "named right, nearer to the class average": right & own,
            "stopped by ε": np.array(done.stopped) == "tolerance",
        }
        for score, values in found.items():
            yield numbers.mean(recipe, score, values, tolerance=0.02, groups=cases.units)
        moved = distance(done.image, done.start, cases.holes)
        yield numbers.mean(recipe, "RMS to the original", off, tolerance=0.005, groups=cases.units)
        yield numbers.mean(recipe, "RMS to the start", moved, tolerance=0.005, groups=cases.units)


def two_names(cases: Cases, *, classes: int) -> Iterator[Number]:
    """Yield the network's changes for the person's label and for the next of ``classes`` labels."""
    names = {"own name": cases.labels, "another name": (cases.labels + 1) % classes}
    for recipe in (PAPER["faces"], OURS["faces"]):
        results = []
        for told, name in names.items():
            asked = replace(cases, labels=name)
            done = asked.filled(recipe, start="harmonic")
            net = str(done.recipe.classifier)
            read = metrics.probabilities(done.start, classifier=net)
            before = np.take_along_axis(read, name[:, None], axis=1)[:, 0]
            results.append(done.image)
            found = {
                "probability at the start": before,
                "probability at the end": done.probability,
                "so named": named_right("faces", done.image, asked),
            }
            for score, values in found.items():
                yield numbers.mean(
                    f"{recipe}, {told}", score, values, tolerance=0.02, groups=cases.units
                )
        own, another = results
        apart = distance(own, another, cases.holes)
        yield numbers.mean(
            recipe, "RMS between the names", apart, tolerance=0.005, groups=cases.units
        )


class Long(NamedTuple):
    """A long descent: its result, and intermediate images by step, the last one included."""

    done: Inpainting[NDArray[np.floating]]
    kept: dict[int, NDArray[np.floating]]


def long_descent(cases: Cases, *, steps: int, jitter: int, weight: float, every: int) -> Long:
    """Descend with the recipe ``paper-faces`` for many steps, without the bound ε.

    Args:
        cases: The faces with their holes; the descent is in float64.
        steps: How many.
        jitter: The largest shift, in pixels.
        weight: λ, of total variation.
        every: Number of steps from one kept image to the next.
    """
    kept: dict[int, NDArray[np.floating]] = {}

    def keep(step: int, images: torch.Tensor) -> None:
        kept[step] = images.numpy()

    done = cases.double().filled(
        PAPER["faces"],
        total_variation=weight,
        jitter=jitter,
        max_steps=steps,
        tolerance=0.0,
        callback=keep,
        callback_every=every,
    )
    return Long(done, kept)


def draw_norm(
    long: Long, *, title: str, alt: str, origin: str, log: bool = False
) -> figures.Picture:
    """Draw the norm of the gradient of a long descent of one face, and its kept images.

    Args:
        long: From :func:`long_descent`, of one case.
        title: The name of the descent.
        alt: Description of the picture.
        origin: The data set shown.
        log: Whether the vertical axis is logarithmic.
    """
    norm, steps = long.done.history.gradient_norm[:, 0], list(long.kept)
    every = steps[1] - steps[0]
    low, end = norm.min() / norm[0], norm[-every:].mean() / norm[0]
    facts = f"over its first value: lowest {low:.2f}, mean of the last {every} steps {end:.2f}"
    return figures.course(
        norm,
        figures.Strip(np.concatenate(list(long.kept.values()))),
        marks=steps,
        title="norm of the gradient",
        alt=alt,
        columns=[str(step) for step in steps],
        facts=f"{title}; {facts}",
        origin=origin,
        log=log,
    )


def draw_step(
    cases: Cases, long: Long, step: int, *, title: str, origin: str, log: bool = False
) -> figures.Picture:
    """Draw the norm of a long descent of one face with one step marked, and the image there.

    Args:
        cases: The face with its hole, one case.
        long: Its descent, from :func:`long_descent`.
        step: One of the steps that were kept.
        title: The name of the descent.
        origin: The data set shown.
        log: Whether the vertical axis is logarithmic.
    """
    fills = np.concatenate([long.kept[0], long.kept[step]])
    [original], [hole] = cases.images, cases.holes
    told = {"start": long.kept[0]} | ({f"step {step}": long.kept[step]} if step else {})
    scores = figures.decibels(told, cases.images, cases.holes)
    seen = _alt.fill(fills[1], fills[0], original, hole)
    return figures.course(
        long.done.history.gradient_norm[:, 0],
        figures.case(original, hole, fills),
        marks=[step],
        title="norm of the gradient",
        alt=f"The norm of the gradient, {title}, and the image after {step} steps. {seen} {scores}",
        columns=["original", "hole", "start", f"step {step}"],
        origin=origin,
        log=log,
        dpi=110,  # light enough for many frames
        width=360,
    )


def ends(cases: Cases, long: Long, *, jitter: int, weight: float) -> Iterator[Number]:
    """Yield the limits of the norm of the gradient and of the images, without a subject yet."""
    norm = long.done.history.gradient_norm
    steps = len(norm) - 1
    half, eighth = steps // 2, steps // 8
    last = norm[half:]
    found = {
        "last over first": norm[-eighth:].mean(axis=0) / norm[:eighth].mean(axis=0),
        "smallest norm over that at the start": norm.min(axis=0) / norm[0],
        "RMS change of the second half": distance(long.kept[steps], long.kept[half], cases.holes),
        "PSNR": metrics.psnr(long.done.image, cases.images, cases.holes),
    }
    if weight:  # without total variation most norms are zero
        found["highest peak over median"] = last.max(axis=0) / np.median(last, axis=0)
    if jitter:
        moved = shifts(steps=steps + 1, jitter=jitter, seed=0)[half:].any(axis=1)
        shifted, still = last[moved].mean(axis=0), last[~moved].mean(axis=0)
        found["mean norm, shifted over not shifted"] = shifted / still
    for score, values in found.items():
        tolerance = 0.2 if score == "PSNR" else 0.1 * float(np.mean(values))
        yield numbers.mean("", score, values, tolerance=tolerance, groups=cases.units)


def roughness(norm: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean change of a norm ``(steps, N)`` per step, relative to its mean, ``(N,)``."""
    change: NDArray[np.float64] = np.abs(np.diff(norm, axis=0)).mean(axis=0) / norm.mean(axis=0)
    return change


def gradients(cases: Cases, *, steps: int) -> Iterator[Number]:
    """Yield the behaviour of the norm of the gradient over many steps, by jitter and λ."""
    for title, weight in LAMBDAS.items():
        rough = {}
        for way, jitter in JITTERS.items():
            long = long_descent(cases, steps=steps, every=steps // 2, jitter=jitter, weight=weight)
            rough[way] = roughness(long.done.history.gradient_norm)
            for number in ends(cases, long, jitter=jitter, weight=weight):
                yield replace(number, subject=f"{title}, {way}")
        tolerance = 0.1 * float(rough["jitter"].mean())
        for way, values in rough.items():
            yield numbers.mean(
                f"{title}, {way}", "roughness", values, tolerance=tolerance, groups=cases.units
            )
        gained = rough["jitter"] - rough["no jitter"]
        yield numbers.mean(
            f"{title}, jitter minus no jitter",
            "roughness",
            gained,
            tolerance=tolerance,
            groups=cases.units,
        )


class Windows(NamedTuple):
    """Random windows of training images, and what is learned from (paper section 4.2).

    Attributes:
        cut: The images ``(N, H, W)`` with all but the window black.
        learned: The same, or the whole image where the window is too dark.
        replaced: bool ``(N,)``, True where the window is too dark.
        energy: The window's mean square, ``(N,)`` in [0, 1].
    """

    cut: NDArray[np.floating]
    learned: NDArray[np.floating]
    replaced: NDArray[np.bool_]
    energy: NDArray[np.floating]


def windows(images: NDArray[np.floating], rule: Training, *, seed: int = 0) -> Windows:
    """Cut a window from each image as a training does, without and with the rule for dark ones.

    Args:
        images: ``(N, H, W)`` in [0, 1].
        rule: The training, with its sides of windows and its threshold.
        seed: Of the windows.

    Raises:
        ValueError: The training is on whole images.

    Explained in the chapter *Inpainting faces*.
    """
    if rule.sides is None:
        raise ValueError("rule: got a training on whole images, wanted one on windows")
    given = torch.from_numpy(images)
    inside, cut, learned = (
        patch(
            pictures, sides=rule.sides, dark=dark, generator=torch.Generator().manual_seed(seed)
        ).numpy()
        for pictures, dark in ((torch.ones_like(given), 0.0), (given, 0.0), (given, rule.dark))
    )
    energy = np.square(cut).sum(axis=(1, 2)) / inside.sum(axis=(1, 2))
    return Windows(cut, learned, (cut != learned).any(axis=(1, 2)), energy)


def draw_windows(
    images: NDArray[np.floating], rule: Training, *, count: int, alt: str, facts: str, origin: str
) -> figures.Picture:
    """Draw windows of the darkest quarter, at equal distances in the order of their energy.

    Args:
        images: The training images, ``(N, H, W)`` in [0, 1].
        rule: The training.
        count: How many.
        alt: Description of the picture.
        facts: Numbers that belong to it.
        origin: The data set shown.
    """
    drawn = windows(images, rule)
    order = np.argsort(drawn.energy)
    some = order[np.linspace(0, len(order) // 4, count).astype(int)]
    return figures.gallery(
        {
            "training\nimage": figures.Strip(images[some]),
            "window": figures.Strip(drawn.cut[some]),
            "learned\nfrom": figures.Strip(drawn.learned[some]),
        },
        columns=["dark" if one else "kept" for one in drawn.replaced[some]],
        alt=alt,
        facts=facts,
        origin=origin,
        width=600,
    )


def dark_windows(*, repeats: int = 5, seed: int = 0) -> Number:
    """Return the share of windows that are too dark and are replaced by the whole image."""
    training = TRAININGS["faces-patches-yale"]
    assert training.sides is not None
    images = torch.from_numpy(full_set("faces", "train").images)
    generator = torch.Generator().manual_seed(seed)
    replaced = [  # of each image several windows
        (patch(images, sides=training.sides, dark=training.dark, generator=generator) == images)
        .flatten(1)
        .all(dim=1)
        for _ in range(repeats)
    ]
    shares = torch.cat(replaced).numpy()
    groups = np.tile(np.arange(len(images)), repeats)
    return numbers.mean("training", "windows too dark", shares, tolerance=0.001, groups=groups)


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield all numbers, on the first ``count`` cases of the protocol."""
    cases = scored("faces", count=count or COUNT).double()
    yield from ideas(cases)
    yield from two_names(cases, classes=len(full_set("faces", "test").classes))
    cases = scored("faces", count=count or LONG_COUNT).double()
    yield from gradients(cases, steps=LONG_STEPS if count is None else FEW_STEPS)
    yield dark_windows()


check_module(__name__)
