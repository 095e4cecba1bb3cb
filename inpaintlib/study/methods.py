"""The methods that are compared, by name, each from cases to filled images.

Parameters of the baselines were chosen on images of the validation split, where they have any.
Explained on the page *How results are scored*.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from inpaintlib import baselines, recipes
from inpaintlib.datasets import Dataset
from inpaintlib.recipes import Recipe
from inpaintlib.study import parts
from inpaintlib.study.protocol import SETS, Cases, full_set

#: Fills the holes of cases, ``(N, H, W)``.
Method = Callable[[Cases], NDArray[np.floating]]

#: How many images are filled in one call of a recipe.
BATCH = 256

#: The variance that class PCA takes the noise to have.
RIDGES = {"digits": 0.03, "faces": 0.003}

#: Steps of the U-Net's training – two to three minutes on one core.
UNET_STEPS = {"digits": 2000, "faces": 1000}

#: The methods that get only the first few cases, without realism, and how many those are.
SLOW, SLOW_CASES = ("deep-image-prior",), 10

#: What the images themselves are scored as.
UNTOUCHED = "untouched"

#: The recipes of each set that are compared with all others – the paper's, and the best here. Those
#: for faces are the ones of the set of the cases.
PAPER = {"digits": "paper-digits", "faces": "paper-faces"}
OURS = {"digits": "digits", "faces": "faces"}

#: All recipes of each set.
RECIPES = {"digits": ("paper-digits", "digits", "digits-soft"), "faces": ("paper-faces", "faces")}

#: What a method knows.
PIXELS, AVERAGES, TRAINING, CLASSIFIER, ANSWER = (
    "known pixels only",
    "label and class averages",
    "training images, or trained on holes",
    "label and a pre-trained classifier",
    "the answer",
)
KNOWS = {
    "zeros": PIXELS,
    "harmonic": PIXELS,
    "total-variation": PIXELS,
    "telea": PIXELS,
    "navier-stokes": PIXELS,
    "biharmonic": PIXELS,
    "deep-image-prior": PIXELS,
    "class-average": AVERAGES,
    "blended-class-average": AVERAGES,
    "nearest": TRAINING,
    "nearest-15": TRAINING,
    "class-pca": TRAINING,
    "unet": TRAINING,
    **dict.fromkeys(itertools.chain(*RECIPES.values()), CLASSIFIER),
    UNTOUCHED: ANSWER,
}


def paper_recipe(name: str) -> Recipe:
    """Return the paper's recipe for the full set of ``"digits"`` or ``"faces"``."""
    return recipes.get(PAPER[name], data=SETS[name])


def our_recipe(name: str) -> Recipe:
    """Return our recipe for the full set of ``"digits"`` or ``"faces"``."""
    return recipes.get(OURS[name], data=SETS[name])


def by_recipe(cases: Cases, *, recipe: str, **settings: Any) -> NDArray[np.floating]:
    """Return what a recipe makes of cases, ``(N, H, W)``, some of them at a time.

    Args:
        cases: What is to be filled.
        recipe: Its name.
        **settings: Settings of the recipe to change, and the seed.
    """
    filled = [part.filled(recipe, **settings).image for part in cases.batches(BATCH)]
    return np.concatenate(filled)


def methods(name: str, *, seed: int = 0) -> dict[str, Method]:
    """Return the methods of a set by name, in the order of the tables.

    Args:
        name: ``"digits"`` or ``"faces"``.
        seed: Of all that is random in them.
    """

    @cache
    def training() -> Dataset:
        return full_set(name, "train")

    @cache
    def net() -> baselines.UNet:
        steps = UNET_STEPS[name]
        with tqdm(total=steps, desc=f"{name}: training of the U-Net", unit="step") as bar:
            return baselines.train_unet(
                training(), steps=steps, seed=seed, report=lambda done, loss: bar.update()
            )

    def start(name_of_start: str) -> Method:
        return partial(parts.begin, recipe=PAPER[name], start=name_of_start, seed=seed)

    def of_pixels(fill: Callable[..., NDArray[np.floating]]) -> Method:
        return lambda cases: fill(cases.images, cases.holes)

    def of_class(fill: Callable[..., NDArray[np.floating]], **settings: Any) -> Method:
        return lambda cases: fill(cases.images, cases.holes, cases.labels, training(), **settings)

    def deep_image_prior(cases: Cases) -> NDArray[np.floating]:
        return np.stack(
            [
                baselines.deep_image_prior(image, hole, seed=seed)
                for image, hole in zip(cases.images, cases.holes, strict=True)
            ]
        )

    return {
        "zeros": of_pixels(baselines.zeros),
        "harmonic": start("harmonic"),
        "total-variation": of_pixels(baselines.total_variation),
        "telea": of_pixels(baselines.telea),
        "navier-stokes": of_pixels(baselines.navier_stokes),
        "biharmonic": of_pixels(baselines.biharmonic),
        "class-average": start("class-average"),
        "blended-class-average": start("blended-class-average"),
        "nearest": of_class(baselines.nearest),
        "nearest-15": of_class(baselines.nearest, neighbours=15),
        "class-pca": of_class(baselines.class_pca, ridge=RIDGES[name]),
        "unet": lambda cases: baselines.unet(cases.images, cases.holes, net()),
        "deep-image-prior": deep_image_prior,
        **{each: partial(by_recipe, recipe=each, seed=seed) for each in RECIPES[name]},
        UNTOUCHED: lambda cases: cases.images,
    }
