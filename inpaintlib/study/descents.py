"""Other ways to descend: the energy of ``digits-mixture``, minimised in other ways than ours.

Momentum, Adam, a proximal step for total variation instead of its sign, the mean of the last
images, step sizes and weights that change, and two classifiers at once. None of them is in the
package itself: these numbers show why. The cases are the squares of
:mod:`~inpaintlib.study.protocol`; subjects of the experiment ``descents`` are the ways by name, and
the scores are those of :mod:`~inpaintlib.study.ablation`.

Shown in the chapter *Better recipes*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from inpaintlib import classifiers, metrics, starts
from inpaintlib._signatures import check_module
from inpaintlib.descent import random_views
from inpaintlib.energy import (
    Binary,
    NegativeScore,
    Ramp,
    TotalVariation,
    adjoint_difference,
    difference,
)
from inpaintlib.recipes import RECIPES
from inpaintlib.study import ablation
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import scores

#: Number of images that the tests measure again.
FEW = 2

RECIPE = RECIPES["digits-mixture"]

#: Maps the gradient of a step to the change of the image, before the step size.
Rule = Callable[[Tensor, int], Tensor]


def plain() -> Rule:
    """Return the rule of our descent: the gradient itself."""
    return lambda gradient, step: gradient


def momentum(kept: float) -> Rule:
    """Return the running mean of the gradients, of which each step keeps a part."""
    velocity: list[Tensor] = []

    def rule(gradient: Tensor, step: int) -> Tensor:
        before = velocity.pop() if velocity else torch.zeros_like(gradient)
        velocity.append(kept * before + (1 - kept) * gradient)
        return velocity[0]

    return rule


def adam(scale: float) -> Rule:
    """Return Adam's rule, with its usual decays, times ``scale``."""
    moments: list[Tensor] = []

    def rule(gradient: Tensor, step: int) -> Tensor:
        if not moments:
            moments.extend([torch.zeros_like(gradient), torch.zeros_like(gradient)])
        moments[0] = 0.9 * moments[0] + 0.1 * gradient
        moments[1] = 0.999 * moments[1] + 0.001 * gradient.square()
        mean, square = moments[0] / (1 - 0.9 ** (step + 1)), moments[1] / (1 - 0.999 ** (step + 1))
        return scale * mean / (square.sqrt() + 1e-8)

    return rule


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way to descend; by default it is our descent.

    Attributes:
        rule: Makes the rule of the update.
        proximal: Whether total variation has a proximal step instead of its subgradient.
        averaged: How many of the last images are averaged.
        pace: The factor of the step size, at a progress in [0, 1).
        smoothing: The same for the weight of total variation.
        networks: The classifiers; their content is averaged.
    """

    rule: Callable[[], Rule] = plain
    proximal: bool = False
    averaged: int = 1
    pace: Callable[[float], float] = lambda progress: 1.0
    smoothing: Callable[[float], float] = lambda progress: 1.0
    networks: tuple[str, ...] = ("digits-robust",)


WAYS = {
    "our descent": Way(),
    "momentum 0.9": Way(rule=lambda: momentum(0.9)),
    "Adam, scaled by 1": Way(rule=lambda: adam(1.0)),
    "Adam, scaled by 0.3": Way(rule=lambda: adam(0.3)),
    "proximal step for total variation": Way(proximal=True),
    "mean of the last 30 images": Way(averaged=30),
    "μ falls to 0": Way(pace=lambda progress: 2 * (1 - progress)),
    "λ falls to 0": Way(smoothing=lambda progress: 2 * (1 - progress)),
    "λ grows from 0": Way(smoothing=lambda progress: 2 * progress),
    "robust and whole": Way(networks=("digits-robust", "digits-whole")),
    "robust and patches": Way(networks=("digits-robust", "digits-patches")),
}


def smooth(images: Tensor, weight: float, *, steps: int = 10) -> Tensor:
    """Return the proximal point of ``weight`` times total variation, by its dual problem."""
    across, down = torch.zeros_like(images), torch.zeros_like(images)
    for _ in range(steps):
        point = images - weight * (adjoint_difference(across, -1) + adjoint_difference(down, -2))
        across = (across + difference(point, -1) / (8 * weight)).clamp(-1, 1)
        down = (down + difference(point, -2) / (8 * weight)).clamp(-1, 1)
    return images - weight * (adjoint_difference(across, -1) + adjoint_difference(down, -2))


def go_down(way: Way, begun: Tensor, holes: Tensor, labels: Tensor, *, seed: int) -> Tensor:
    """Descend from the starts ``(B, H, W)``; the draws are those of our descent."""
    views = random_views((28, 28), jitter=RECIPE.jitter, seed=seed)
    contents = [NegativeScore(classifiers.load(name).to(begun), labels) for name in way.networks]
    ramp = Ramp(RECIPE.binary, begin=RECIPE.binary_begin)
    rule, x = way.rule(), begun
    last: list[Tensor] = []
    for step in range(RECIPE.max_steps):
        progress = step / RECIPE.max_steps
        view = next(views)
        slopes = [content.value_and_gradient(x, view)[1] for content in contents]
        gradient = (
            torch.stack(slopes).mean(dim=0) + ramp(progress) * Binary().value_and_gradient(x)[1]
        )
        weight = RECIPE.total_variation * way.smoothing(progress)
        if not way.proximal:
            gradient = gradient + weight * TotalVariation().value_and_gradient(x)[1]
        pace = RECIPE.step_size * way.pace(progress)
        moved = x - pace * rule(gradient, step)
        if way.proximal:
            moved = smooth(torch.where(holes, moved, x), pace * weight)
        x = torch.where(holes, moved.clamp(0, 1), x)
        last = [*last, x][-way.averaged :]
    return torch.stack(last).mean(dim=0).clamp(0, 1)


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield the scores of every way, and its paired difference to our descent.

    Args:
        count: Number of images; None for those of the ablation of digits.
    """
    cases = ablation.cases_of("digits", count=count)
    images, holes, labels = map(torch.from_numpy, (cases.images, cases.holes, cases.labels))
    parts = classifiers.part_averages("mnist")[labels]
    begun = starts.part_mixture(images.masked_fill(holes, 0), holes, averages=parts)
    before = metrics.psnr(begun.numpy(), cases.images, cases.holes)
    ours: dict[str, NDArray[np.floating]] = {}
    for name, way in tqdm(WAYS.items(), desc="descents", unit="way"):
        filled = go_down(way, begun, holes, labels, seed=0).numpy()
        found = scores("digits", np.where(cases.holes, filled, cases.images), cases)
        found["above start"] = (found["psnr"] > before).astype(float)
        ours = ours or found
        yield from ablation.means("digits", name, found, ours, cases)


check_module(__name__)
