"""Parts of a recipe on their own: its start, its energy, and its descent with another energy."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib import recipes
from inpaintlib._signatures import check_module
from inpaintlib.descent import descend
from inpaintlib.energy import Energy
from inpaintlib.recipes import Recipe
from inpaintlib.study.protocol import Cases

Images = NDArray[np.floating]


def begin(cases: Cases, *, recipe: str, seed: int = 0, **settings: Any) -> Images:
    """Return the starts of a recipe ``(N, H, W)``, without a descent.

    Args:
        cases: The images with their holes.
        recipe: Its name.
        seed: Of a start that is drawn.
        **settings: Settings of the recipe to change.
    """
    chosen = recipes.get(recipe, data=cases.data, **settings)
    return chosen.begin(cases.images, cases.holes, cases.labels, seed=seed, data=cases.data)


def energies(recipe: Recipe, images: Images, cases: Cases) -> NDArray[np.float64]:
    """Return a recipe's energy of images ``(N,)``, at its final weights and without jitter.

    Args:
        recipe: The recipe.
        images: The images, ``(N, H, W)``.
        cases: The holes and the labels.
    """
    pixels = torch.from_numpy(images).double()
    energy = recipe.energy(pixels, cases.holes, cases.labels, data=cases.data)
    return energy(pixels).numpy()


def descended(
    recipe: Recipe, energy: Energy, begun: Images, holes: NDArray[np.bool_], *, seed: int = 0
) -> Images:
    """Return the end of a recipe's descent on another energy, ``(N, H, W)``.

    Args:
        recipe: Its step size, steps, tolerance and views are used.
        energy: The energy to minimise.
        begun: The starts ``(N, H, W)``.
        holes: bool, same shape, True where missing.
        seed: Of the views.
    """
    ended = descend(
        energy,
        torch.from_numpy(begun),
        torch.from_numpy(holes),
        step_size=recipe.step_size,
        max_steps=recipe.max_steps,
        tolerance=recipe.tolerance,
        views=recipe.views(begun.shape, seed=seed),
    )
    return ended.images.numpy()


check_module(__name__)
