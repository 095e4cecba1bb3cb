"""Parts of a recipe on their own: its start, its energy, and its descent with another energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib import classifiers, inpaint, recipes
from inpaintlib.descent import descend
from inpaintlib.energy import Energy
from inpaintlib.recipes import Recipe
from inpaintlib.study.protocol import Cases

Images = NDArray[np.floating]


def begin(cases: Cases, *, recipe: str, **settings: Any) -> Images:
    """Return the starts of a recipe ``(N, H, W)``, without a descent.

    Args:
        cases: What is to be filled.
        recipe: Its name.
        **settings: Settings of the recipe to change.
    """
    given = cases.images, cases.holes, cases.labels
    return inpaint(*given, recipe=recipe, **{**settings, "max_steps": 0}).start


def energies(recipe: Recipe, images: Images, cases: Cases) -> NDArray[np.float64]:
    """Return a recipe's energy of images ``(N,)``, at its final weights and without jitter.

    Args:
        recipe: Whose energy.
        images: Where it is evaluated, ``(N, H, W)``.
        cases: The holes and the labels.
    """
    pixels = torch.from_numpy(images)
    return energy_of(recipe, cases)(pixels).numpy()


def energy_of(recipe: Recipe, cases: Cases) -> Energy:
    """Return the energy that a recipe minimises for cases, in their precision."""
    holes, labels = torch.from_numpy(cases.holes), torch.from_numpy(cases.labels)
    net = classifiers.load(str(recipe.classifier)).to(torch.from_numpy(cases.images[:0]))
    return recipes._energy(recipe, net, holes, labels)


def descended(
    recipe: Recipe, energy: Energy, begun: Images, holes: NDArray[np.bool_], *, seed: int = 0
) -> Images:
    """Return where a recipe's descent ends if it minimises another energy, ``(N, H, W)``.

    Args:
        recipe: Its step size, steps, bound and jitter are used.
        energy: What is minimised.
        begun: The starts ``(N, H, W)``.
        holes: bool, same shape, True where missing.
        seed: Of the jitter.
    """
    ended = descend(
        energy,
        torch.from_numpy(begun),
        torch.from_numpy(holes),
        step_size=recipe.step_size,
        max_steps=recipe.max_steps,
        tolerance=recipe.tolerance,
        jitter=recipe.jitter,
        patches=recipe.patches,
        window_sides=recipe.window_sides,
        generator=torch.Generator().manual_seed(seed),
    )
    return ended.images.numpy()
