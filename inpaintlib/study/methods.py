"""The compared methods by name, each a function from cases to filled images.

The parameters of the baselines, if any, were chosen on images of the validation split.
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

from inpaintlib import baselines, datasets, recipes
from inpaintlib._signatures import check_module
from inpaintlib.datasets import Dataset
from inpaintlib.recipes import Recipe
from inpaintlib.study import parts
from inpaintlib.study.protocol import SETS, Cases, full_set

#: Fills the holes of cases, ``(N, H, W)``.
Method = Callable[[Cases], NDArray[np.floating]]

#: Number of images filled in one call of a recipe.
BATCH = 256

#: The variance of the noise that class PCA assumes.
RIDGES = {"digits": 0.03, "faces": 0.003}

#: Steps of the U-Net's training – two to three minutes on one core.
UNET_STEPS = {"digits": 2000, "faces": 1000}

#: The methods that get only the first few cases, without realism, and the number of these cases.
SLOW, SLOW_CASES = ("deep-image-prior",), 10

#: The name of the original images among the methods.
UNTOUCHED = "untouched"

#: The recipes of each set that are compared with all others, the paper's, the best here, and those
#: whose start is a mixture of training averages. For faces the set of the cases selects them.
PAPER = {"digits": "paper-digits", "faces": "paper-faces"}
OURS = {"digits": "digits", "faces": "faces"}
MIXTURES = {"digits": "digits-mixture", "faces": "faces-mixture"}

#: All recipes of each set.
RECIPES = {
    "digits": (
        "paper-digits",
        "digits-mixture",
        "digits-mixture-soft",
        "digits-absolute-literal",
        "digits-absolute",
        "digits-gaussians",
        "digits-soft",
        "digits",
    ),
    "faces": ("paper-faces", "faces-mixture", "faces-absolute", "faces"),
}

#: The information that a method uses.
PIXELS, AVERAGES, TRAINING, CLASSIFIER, FITTING, ANSWER = (
    "known pixels only",
    "label and class averages",
    "training images, or trained on holes",
    "label and a pre-trained classifier",
    "label and a classifier fitted to images",
    "the answer",
)

#: The recipes whose classifiers compare the classes, and know nothing of holes.
COMPARING = (*PAPER.values(), *MIXTURES.values(), "digits-mixture-soft")
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
    **dict.fromkeys(itertools.chain(*RECIPES.values()), FITTING),
    **dict.fromkeys(COMPARING, CLASSIFIER),
    UNTOUCHED: ANSWER,
}


def paper_recipe(name: str) -> Recipe:
    """Return the paper's recipe for the full set of ``"digits"`` or ``"faces"``."""
    return recipes.get(PAPER[name], data=SETS[name])


def our_recipe(name: str) -> Recipe:
    """Return our best recipe for the full set of ``"digits"`` or ``"faces"``."""
    return recipes.get(OURS[name], data=SETS[name])


def mixture_recipe(name: str) -> Recipe:
    """Return the mixture's recipe for the full set of ``"digits"`` or ``"faces"``."""
    return recipes.get(MIXTURES[name], data=SETS[name])


def by_recipe(cases: Cases, *, recipe: str, **settings: Any) -> NDArray[np.floating]:
    """Return a recipe's results on cases, ``(N, H, W)``, computed in batches.

    Args:
        cases: The images with their holes.
        recipe: Its name.
        **settings: Settings of the recipe to change, and the seed.
    """
    filled = [part.filled(recipe, **settings).image for part in cases.batches(BATCH)]
    return np.concatenate(filled)


def methods(name: str, *, seed: int = 0, data: str | None = None) -> dict[str, Method]:
    """Return the methods of a set by name, in the order of the tables.

    Args:
        name: ``"digits"`` or ``"faces"``.
        seed: Of everything random in them.
        data: The set whose training images the methods get; None for the protocol's.
    """

    @cache
    def training() -> Dataset:
        return full_set(name, "train") if data is None else datasets.load(data, split="train")

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


check_module(__name__)
