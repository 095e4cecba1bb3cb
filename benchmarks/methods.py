"""The methods that are compared, each from cases to filled images.

Parameters of the baselines were chosen on images of the validation split, where they have any.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray
from protocol import Cases, full_set
from tqdm import tqdm

from inpaintlib import baselines, inpaint
from inpaintlib.recipes import RECIPES

Method = Callable[[Cases], NDArray[np.floating]]

#: How many images are filled in one call of a recipe.
BATCH = 256

#: The variance that class PCA takes the noise to have.
RIDGES = {"digits": 0.03, "faces": 0.003}

#: Steps of the U-Net's training: two to three minutes on one core.
UNET_STEPS = {"digits": 2000, "faces": 1000}

#: How many cases the deep image prior is given; it trains a network for each.
DEEP_IMAGE_PRIOR_CASES = 10

#: The methods that get only the first few cases, without realism.
FEW = ("deep-image-prior",)

#: What the images themselves are scored as.
UNTOUCHED = "untouched"


def recipes(name: str) -> list[str]:
    """Return the recipes of a data set."""
    return [recipe for recipe in RECIPES if name in recipe]


def methods(name: str, *, seed: int = 0) -> dict[str, Method]:
    """Return the methods by name, in the order of the tables.

    Args:
        name: ``"digits"`` or ``"faces"``.
        seed: Of all that is random in them.
    """

    @cache
    def training():
        return full_set(name, "train")

    @cache
    def net():
        steps = UNET_STEPS[name]
        with tqdm(total=steps, desc=f"{name}: training of the U-Net", unit="step") as bar:
            return baselines.train_unet(
                training(), steps=steps, seed=seed, report=lambda done, loss: bar.update()
            )

    def recipe(cases: Cases, *, recipe: str, **settings: object) -> NDArray[np.floating]:
        parts = [slice(begin, begin + BATCH) for begin in range(0, len(cases), BATCH)]
        filled = [
            inpaint(
                cases.images[part],
                cases.holes[part],
                cases.labels[part],
                recipe=recipe,
                seed=seed,
                **settings,
            ).image
            for part in parts
        ]
        return np.concatenate(filled)

    def start(name_of_start: str) -> Method:
        return partial(recipe, recipe=f"paper-{name}", start=name_of_start, max_steps=0)

    def filter_of(fill: Callable) -> Method:
        return lambda cases: fill(cases.images, cases.holes)

    def of_class(fill: Callable, **settings: object) -> Method:
        return lambda cases: fill(cases.images, cases.holes, cases.labels, training(), **settings)

    def deep_image_prior(cases: Cases) -> NDArray[np.floating]:
        return np.stack(
            [
                baselines.deep_image_prior(image, hole, seed=seed)
                for image, hole in zip(cases.images, cases.holes, strict=True)
            ]
        )

    return {
        "zeros": filter_of(baselines.zeros),
        "harmonic": start("harmonic"),
        "total-variation": filter_of(baselines.total_variation),
        "telea": filter_of(baselines.telea),
        "navier-stokes": filter_of(baselines.navier_stokes),
        "biharmonic": filter_of(baselines.biharmonic),
        "class-average": start("class-average"),
        "blended-class-average": start("blended-class-average"),
        "nearest": of_class(baselines.nearest),
        "nearest-15": of_class(baselines.nearest, neighbours=15),
        "class-pca": of_class(baselines.class_pca, ridge=RIDGES[name]),
        "unet": lambda cases: baselines.unet(cases.images, cases.holes, net()),
        "deep-image-prior": deep_image_prior,
        **{each: partial(recipe, recipe=each) for each in recipes(name)},
        UNTOUCHED: lambda cases: cases.images,
    }
