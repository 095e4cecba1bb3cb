"""Faces, paper section 4.2 and figures 5 and 6.

Claims: one set of parameters serves all holes; in some results the content is not that of the
original but the network's own idea of the person; the norm of the gradient converges to zero; each
shift of the jitter makes a peak in it; and many windows of the training images are too dark to
teach anything.

For the second, a test that the class average cannot pass: from the smooth fill, which knows no
name, the descent is told the person's name, and another one. Whatever differs is the network's.

How good the results are by kind of hole is in ``quality-faces.csv``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import findings
import numpy as np
import torch
from findings import Finding
from numpy.typing import NDArray
from protocol import Cases, full_set, scored
from topics.initialization import distance

from inpaintlib import Inpainting, inpaint, metrics
from inpaintlib.descent import Views
from inpaintlib.training import TRAININGS, patch

#: So many cases the tests measure again, and so many steps of the long descents.
FEW, FEW_STEPS = 2, 200

#: How many cases are measured, and how many of them, one of each kind of hole, for LONG steps.
COUNT, LONG_COUNT, LONG_STEPS = 105, 7, 2000

#: Below this PSNR a fill is far from the original, in dB.
FAR = 20.0

#: λ of the long descents: the recipe's, one that leaves the content a say, and none.
LAMBDAS = {"λ of the recipe": 1.0, "λ / 100": 0.01, "λ = 0": 0.0}

#: Largest shift of the long descents, pixels.
JITTERS = {"jitter": 2, "no jitter": 0}


def shifts(*, steps: int, jitter: int, seed: int) -> NDArray[np.int64]:
    """Return the shifts ``(steps, 2)`` of a descent whose start draws no random numbers."""
    generator = torch.Generator().manual_seed(seed)
    settings = {"jitter": jitter, "patches": 0, "sides": (1, 1), "generator": generator}
    return np.array([Views.draw((1, 1), **settings).shift for _ in range(steps)])


def ideas(cases: Cases) -> Iterator[Finding]:
    """How often the judge names the person although the fill is not what was there."""
    images = cases.images.astype("float64")
    average = inpaint(images, cases.holes, cases.labels, recipe="paper-faces", max_steps=0).image
    for recipe in ("paper-faces", "faces"):
        done = inpaint(images, cases.holes, cases.labels, recipe=recipe)
        right = metrics.judged(done.image, judge="faces-judge") == cases.labels
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
        for name, values in found.items():
            yield findings.mean(f"{recipe}/{name}", values, tolerance=0.02)
        yield findings.mean(f"{recipe}/RMS to the original", off, tolerance=0.005)
        yield findings.mean(
            f"{recipe}/RMS to the start",
            distance(done.image, done.start, cases.holes),
            tolerance=0.005,
        )


def two_names(cases: Cases, *, classes: int) -> Iterator[Finding]:
    """What the network adds when it is told the person's name, or the next of ``classes`` names."""
    given = cases.images.astype("float64"), cases.holes
    names = {"own name": cases.labels, "another name": (cases.labels + 1) % classes}
    for recipe in ("paper-faces", "faces"):
        settings = {"recipe": recipe, "start": "harmonic"}
        results = []
        for told, name in names.items():
            before = inpaint(*given, name, **settings, max_steps=0).probability
            done = inpaint(*given, name, **settings)
            results.append(done.image)
            found = {
                "probability at the start": before,
                "probability at the end": done.probability,
                "so named": metrics.judged(done.image, judge="faces-judge") == name,
            }
            for column, values in found.items():
                yield findings.mean(f"{recipe}, {told}/{column}", values, tolerance=0.02)
        apart = distance(*results, cases.holes)
        yield findings.mean(f"{recipe}/RMS between the names", apart, tolerance=0.005)


class Long(NamedTuple):
    """A long descent: its result, and images on its way by their steps, the last one included."""

    done: Inpainting[NDArray[np.floating]]
    kept: dict[int, NDArray[np.floating]]


def long_descent(cases: Cases, *, steps: int, jitter: int, weight: float, every: int) -> Long:
    """Descend with the recipe ``paper-faces`` for many steps, whatever ε says.

    Args:
        cases: The faces with their holes.
        steps: How many.
        jitter: The largest shift, in pixels.
        weight: λ, of total variation.
        every: Keep the images each so many steps.
    """
    kept: dict[int, NDArray[np.floating]] = {}

    def keep(step: int, images: torch.Tensor) -> None:
        kept[step] = images.numpy()

    done = inpaint(
        cases.images.astype("float64"),
        cases.holes,
        cases.labels,
        recipe="paper-faces",
        total_variation=weight,
        jitter=jitter,
        max_steps=steps,
        tolerance=0.0,
        callback=keep,
        callback_every=every,
    )
    return Long(done, kept)


def ends(cases: Cases, long: Long, *, jitter: int, weight: float) -> Iterator[Finding]:
    """Where the norm of the gradient and the images go."""
    norm = long.done.history.gradient_norm
    steps = len(norm) - 1
    half, eighth = steps // 2, steps // 8
    last = norm[half:]
    found = {
        "last over first": norm[-eighth:].mean(axis=0) / norm[:eighth].mean(axis=0),
        "smallest norm / at the start": norm.min(axis=0) / norm[0],
        "RMS change of the second half": distance(long.kept[steps], long.kept[half], cases.holes),
        "PSNR": metrics.psnr(long.done.image, cases.images, cases.holes),
    }
    if weight:  # without total variation most norms are zero
        found["highest peak / median"] = last.max(axis=0) / np.median(last, axis=0)
    if jitter:
        moved = shifts(steps=steps + 1, jitter=jitter, seed=0)[half:].any(axis=1)
        found["mean norm, shifted / not shifted"] = last[moved].mean(axis=0) / last[~moved].mean(
            axis=0
        )
    for name, values in found.items():
        tolerance = 0.2 if name == "PSNR" else 0.1 * float(np.mean(values))
        yield findings.mean(name, values, tolerance=tolerance)


def roughness(norm: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the mean change of a norm ``(steps, N)`` from step to step, by its mean, ``(N,)``."""
    change: NDArray[np.float64] = np.abs(np.diff(norm, axis=0)).mean(axis=0) / norm.mean(axis=0)
    return change


def gradients(cases: Cases, *, steps: int) -> Iterator[Finding]:
    """The norm of the gradient over many steps, with jitter and without, for several λ."""
    for title, weight in LAMBDAS.items():
        rough = {}
        for way, jitter in JITTERS.items():
            settings = {"jitter": jitter, "weight": weight}
            long = long_descent(cases, steps=steps, every=steps // 2, **settings)
            rough[way] = roughness(long.done.history.gradient_norm)
            for found in ends(cases, long, **settings):
                yield found._replace(name=f"{title}, {way}/{found.name}")
        gained = rough["jitter"] - rough["no jitter"]
        for name, values in {
            f"{title}, jitter/roughness": rough["jitter"],
            f"{title}, no jitter/roughness": rough["no jitter"],
            f"{title}/roughness by jitter": gained,
        }.items():
            yield findings.mean(name, values, tolerance=0.1 * float(rough["jitter"].mean()))


def dark_windows(*, repeats: int = 5, seed: int = 0) -> Finding:
    """How many windows of the training images are too dark, and replaced by the whole image."""
    training = TRAININGS["faces-patches-yale"]
    assert training.sides is not None
    images = torch.from_numpy(full_set("faces", "train").images)
    generator = torch.Generator().manual_seed(seed)
    replaced = [
        (patch(images, sides=training.sides, dark=training.dark, generator=generator) == images)
        .flatten(1)
        .all(dim=1)
        for _ in range(repeats)
    ]
    return findings.mean("training/windows too dark", torch.cat(replaced), tolerance=0.001)


def measure(*, count: int | None) -> Iterator[Finding]:
    """Yield all findings, on the first ``count`` cases of the protocol."""
    cases = scored("faces", count=count or COUNT)
    yield from ideas(cases)
    yield from two_names(cases, classes=len(full_set("faces", "test").classes))
    cases = scored("faces", count=count or LONG_COUNT)
    yield from gradients(cases, steps=LONG_STEPS if count is None else FEW_STEPS)
    yield dark_windows()
