"""Recipes: named, complete sets of choices, and :func:`inpaint`, the one call most people need.

Explained in the chapters *Introduction* and *The algorithm*.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from inpaintlib import checks, classifiers, starts
from inpaintlib.classifiers import LeNet
from inpaintlib.descent import Callback, History, descend
from inpaintlib.energy import CONTENTS, Binary, Energy, Ramp, TotalVariation, rim

ArrayOrTensor = TypeVar("ArrayOrTensor", NDArray[np.floating], Tensor)

#: The starts by the names that recipes use.
STARTS = (
    "harmonic",
    "class-average",
    "blended-class-average",
    "part-mixture",
    "constant",
    "noise",
)

#: Where total variation counts, in the whole image or a band around the hole's rim.
REGIONS = ("image", "rim")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A complete set of choices: classifier, energy, start and descent.

    Attributes:
        classifier: A name for :func:`inpaintlib.classifiers.load`, or a classifier of your own.
        content: Which content term, one of :data:`inpaintlib.energy.CONTENTS`.
        total_variation: The paper's λ.
        region: Where total variation counts, one of :data:`REGIONS`.
        rim_width: Half the width of the band around the rim, in pixels, where that is the region.
        binary: Weight of the binary penalty at the end; it grows linearly from 0.
        binary_begin: At which progress in [0, 1) the binary penalty sets in.
        start: One of :data:`STARTS`.
        start_value: The grey value of the start ``"constant"``.
        step_size: The paper's μ.
        max_steps: The limit of updates.
        tolerance: The paper's ε.
        jitter: Largest shift of what the classifier is shown, in pixels; 0 for none.
        patches: How many random windows the classifier is shown in each step; 0 for the image.
        window_sides: Smallest and largest side of these windows, in pixels.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: A number is out of range or a name unknown.
    """

    classifier: str | LeNet
    content: str = "probabilities"
    total_variation: float
    region: str = "image"
    rim_width: int = 2
    binary: float = 0.0
    binary_begin: float = 0.0
    start: str
    start_value: float = 0.5
    step_size: float
    max_steps: int
    tolerance: float = 1e-3
    jitter: int = 0
    patches: int = 0
    window_sides: tuple[int, int] = (7, 20)

    def __post_init__(self) -> None:
        if not isinstance(self.classifier, str | LeNet):
            kind = type(self.classifier).__name__
            raise TypeError(f"classifier: got {kind}, wanted a name or a LeNet")
        checks.known_name("content", self.content, CONTENTS)
        checks.known_name("region", self.region, REGIONS)
        checks.known_name("start", self.start, STARTS)
        for setting in ("total_variation", "binary", "step_size", "tolerance"):
            checks.at_least(setting, getattr(self, setting), 0)
        for setting in ("max_steps", "jitter", "patches"):
            checks.whole_number(setting, getattr(self, setting), 0)
        checks.whole_number("rim_width", self.rim_width, 1)
        checks.between("start_value", self.start_value, 0, 1)
        checks.between("binary_begin", self.binary_begin, 0, 1)
        if self.binary_begin == 1:
            raise ValueError("binary_begin: got 1, wanted a number below it")
        if not isinstance(self.window_sides, tuple | list) or len(self.window_sides) != 2:
            raise TypeError(f"window_sides: got {self.window_sides!r}, wanted two whole numbers")
        for side in self.window_sides:
            checks.whole_number("window_sides", side, 1)


#: Every recipe by its name. The two of the paper follow its text to the letter. The others go
#: beyond it, with classifiers that withstand small perturbations, a content term that never goes
#: silent, and a start mixed from parts of the class. ``"digits-soft"`` leaves out the penalty that
#: makes strokes black and white and stops early, which is nearer to the original on average, and
#: blurred. The numbers were found on validation images, see the chapter *Data and classifiers*.
RECIPES: dict[str, Recipe] = {
    "paper-digits": Recipe(
        classifier="digits-patches",
        total_variation=0.0003,
        region="image",
        binary=0.003,
        binary_begin=0.5,
        start="harmonic",
        step_size=0.1,
        max_steps=300,
    ),
    "paper-faces": Recipe(
        classifier="faces-patches",
        total_variation=1.0,
        region="rim",
        rim_width=4,
        start="class-average",
        step_size=0.01,
        max_steps=200,
        jitter=2,
    ),
    "digits": Recipe(
        classifier="digits-robust",
        content="negative-score",
        total_variation=0.03,
        binary=0.15,
        binary_begin=0.3,
        start="part-mixture",
        step_size=0.01,
        max_steps=150,
        tolerance=0.0,
        jitter=1,
    ),
    "digits-soft": Recipe(
        classifier="digits-robust",
        content="negative-score",
        total_variation=0.03,
        start="part-mixture",
        step_size=0.01,
        max_steps=60,
        tolerance=0.0,
        jitter=1,
    ),
    "faces": Recipe(
        classifier="faces-robust",
        content="negative-score",
        total_variation=0.03,
        start="part-mixture",
        step_size=0.0003,
        max_steps=30,
        tolerance=0.0,
        jitter=1,
    ),
}


def get(name: str, **overrides: Any) -> Recipe:
    """Return a recipe by name, with single settings changed.

    Args:
        name: One of :data:`RECIPES`.
        **overrides: Settings of :class:`Recipe` to change.

    Raises:
        ValueError: The name is unknown, or a setting out of range.
        TypeError: A setting is unknown; the message lists those that exist.
    """
    recipe = RECIPES[checks.known_name("recipe", name, RECIPES)]
    settings = [field.name for field in fields(Recipe)]
    for setting in overrides:
        if setting not in settings:
            raise TypeError(f"{setting}: no such setting, wanted one of {', '.join(settings)}")
    return replace(recipe, **overrides)


@dataclass(frozen=True)
class Inpainting(Generic[ArrayOrTensor]):
    """What :func:`inpaint` returns.

    Attributes:
        image: The result, in the shape and kind (array or tensor) of the input.
        start: The first guess, likewise.
        hole: bool, True where a pixel was missing, likewise.
        label: The desired classes, int64 ``()`` or ``(B,)``.
        probability: The classifier's probability of the label at the end, ``()`` or ``(B,)``.
        history: Energy, terms and gradient norm at every step.
        steps: Updates made, ``()`` or ``(B,)``.
        stopped: Why: ``"tolerance"``, ``"step limit"`` or ``"callback"``; a tuple for a batch.
        recipe: What was done.
    """

    image: ArrayOrTensor
    start: ArrayOrTensor
    hole: Any
    label: NDArray[np.int64]
    probability: NDArray[np.floating]
    history: History
    steps: NDArray[np.int64]
    stopped: str | tuple[str, ...]
    recipe: Recipe

    def __getitem__(self, index: int) -> Inpainting[ArrayOrTensor]:
        """Return one image's part of a batch's result, as if it had been inpainted alone.

        Args:
            index: Which image, from 0 to B - 1.

        Raises:
            TypeError: This is the result of a single image.
            IndexError: There is no such image.
        """
        if self.label.ndim == 0:
            raise TypeError("index: got one into the result of a single image, wanted a batch's")
        updates = int(self.steps[index])
        return replace(
            self,
            image=self.image[index],
            start=self.start[index],
            hole=self.hole[index],
            label=self.label[index],
            probability=self.probability[index],
            history=self.history.of(index, updates),
            steps=self.steps[index],
            stopped=self.stopped[index],
        )


def inpaint(
    image: ArrayOrTensor,
    hole: NDArray[np.bool_] | Tensor,
    label: ArrayLike | Tensor,
    *,
    recipe: str = "digits",
    seed: int = 0,
    callback: Callback | None = None,
    callback_every: int = 1,
    **overrides: Any,
) -> Inpainting[ArrayOrTensor]:
    """Fill the hole of an image so that a classifier reads the label in it.

    What the image holds inside the hole plays no part, but has to be grey values as well.

    Args:
        image: Grey values in [0, 1], ``(H, W)`` or a batch ``(B, H, W)``, floats. The descent
            runs in the image's precision.
        hole: bool, **True where missing**, of the image's shape, or one ``(H, W)`` for a batch.
        label: The desired class, an int or one for each image.
        recipe: The name of one of :data:`RECIPES`.
        seed: Of every random draw. In a batch each image gets the draws that it would get alone.
        callback: Called with the step and the images ``(B, H, W)``; True stops the descent.
        callback_every: How many steps lie between two calls.
        **overrides: Settings of the recipe to change, by name.

    Returns:
        The result with its history, see :class:`Inpainting`.

    Raises:
        TypeError: An argument of the wrong kind, or an unknown setting.
        ValueError: An argument out of range; both name the argument, what came, what is wanted.

    Paper section 3, Algorithm 1; explained in the chapters *Introduction* and *The algorithm*.
    """
    given = checks.grey_image("image", image)
    single = given.ndim == 2
    images = given.unsqueeze(0) if single else given
    if images.dtype not in (torch.float32, torch.float64):
        images = images.float()
    holes = checks.hole_of("hole", hole, images.shape).to(images.device)
    chosen = get(recipe, **overrides)
    classifier = _classifier(chosen).to(images)
    if images.shape[1:] != classifier.shape:
        raise ValueError(
            f"image: got {images.shape[1]}×{images.shape[2]} pixels, wanted "
            f"{classifier.shape[0]}×{classifier.shape[1]}, which {classifier.name} was trained on"
        )
    labels = checks.labels_of(
        "label", label, batch=len(images), classes=len(classifier.classes)
    ).to(images.device)
    generator = torch.Generator().manual_seed(checks.whole_number("seed", seed, 0))

    begun = _start(chosen, classifier, images.masked_fill(holes, 0), holes, labels, generator)
    ended = descend(
        _energy(chosen, classifier, holes, labels),
        begun,
        holes,
        step_size=chosen.step_size,
        max_steps=chosen.max_steps,
        tolerance=chosen.tolerance,
        jitter=chosen.jitter,
        patches=chosen.patches,
        window_sides=chosen.window_sides,
        generator=generator,
        callback=callback,
        callback_every=callback_every,
    )
    probability = classifier.probabilities(ended.images).gather(1, labels[:, None]).squeeze(1)

    def like_given(batch: Tensor) -> Any:
        """Copy, in the input's precision, dimensions and container."""
        dtype = torch.bool if batch.dtype == torch.bool else given.dtype
        result = batch.to(dtype, copy=True).reshape(given.shape)
        return result if isinstance(image, Tensor) else result.numpy()

    return Inpainting(
        image=like_given(ended.images),
        start=like_given(begun),
        hole=like_given(holes),
        label=_of_one(labels.numpy(force=True), single),
        probability=_of_one(probability.numpy(force=True), single),
        history=ended.history.of(0, int(ended.steps[0])) if single else ended.history,
        steps=_of_one(ended.steps, single),
        stopped=ended.stopped[0] if single else ended.stopped,
        recipe=chosen,
    )


def _of_one(values: NDArray[Any], single: bool) -> NDArray[Any]:
    return values.reshape(()) if single else values


def _classifier(recipe: Recipe) -> LeNet:
    if isinstance(recipe.classifier, str):
        return classifiers.load(recipe.classifier)
    return copy.deepcopy(recipe.classifier).eval().requires_grad_(False)


def _start(
    recipe: Recipe,
    classifier: LeNet,
    images: Tensor,
    holes: Tensor,
    labels: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """Return the first guess that the recipe asks for, ``(B, H, W)``."""
    if recipe.start == "constant":
        return starts.constant(images, holes, value=recipe.start_value)
    if recipe.start == "noise":
        return starts.noise(images, holes, generator=generator)
    if recipe.start == "harmonic":
        return starts.harmonic(images, holes)
    if recipe.start == "part-mixture":
        parts = classifiers.part_averages(classifier.data).to(images)[labels]
        return starts.part_mixture(images, holes, averages=parts)
    averages = classifiers.class_averages(classifier.data).to(images)[labels]
    if recipe.start == "class-average":
        return starts.class_average(images, holes, averages=averages)
    return starts.blended_class_average(images, holes, averages=averages)


def _energy(recipe: Recipe, classifier: LeNet, holes: Tensor, labels: Tensor) -> Energy:
    """Return the energy that the recipe asks for; terms of weight 0 are left out."""
    energy = 1.0 * CONTENTS[recipe.content](classifier, labels)
    if recipe.total_variation:
        region = None
        if recipe.region == "rim":
            bands = [rim(hole, width=recipe.rim_width) for hole in holes.numpy(force=True)]
            region = torch.from_numpy(np.stack(bands)).to(holes.device)
        energy += recipe.total_variation * TotalVariation(region)
    if recipe.binary:
        energy += Ramp(recipe.binary, begin=recipe.binary_begin) * Binary()
    return energy
