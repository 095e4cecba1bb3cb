"""Recipes: named, complete sets of choices, and :func:`inpaint`, the main function.

Explained in the chapters *Introduction* and *The algorithm*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from inpaintlib import checks, classifiers, datasets, starts
from inpaintlib._ambient import one_thread, usual
from inpaintlib.classifiers import Classifier
from inpaintlib.datasets import Dataset
from inpaintlib.descent import Callback, History, descend, random_views
from inpaintlib.energy import (
    CONTENTS,
    Binary,
    Energy,
    OwnContent,
    Penalty,
    Ramp,
    Term,
    TotalVariation,
    View,
    Weight,
    rim,
)
from inpaintlib.holes import over

Images = NDArray[np.floating] | Tensor
ArrayOrTensor = TypeVar("ArrayOrTensor", NDArray[np.floating], Tensor)

#: A start of your own – maps images with black holes, holes ``(B, H, W)`` and labels ``(B,)`` to
#: filled images.
Start = Callable[[Tensor, Tensor, Tensor], Tensor]

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

#: The precisions of a descent, by the names that :func:`inpaint` takes.
PRECISIONS = {"float64": torch.float64, "float32": torch.float32}


@dataclass(frozen=True, kw_only=True, eq=False)
class Recipe:
    """A complete set of choices: classifier, energy, start and descent.

    Two recipes are equal if all settings are; two starts from images, if they are the same object.
    :meth:`energy`, :meth:`begin` and :meth:`views` return its parts, as :func:`inpaint` uses them.

    Attributes:
        classifier: A name for :func:`inpaintlib.classifiers.load`, or a classifier of your own,
            see :func:`inpaintlib.classifiers.of`.
        content: The content term, one of :data:`inpaintlib.energy.CONTENTS`, or a function of
            the raw scores ``(B, K)`` and the labels ``(B,)`` that returns penalties ``(B,)``.
        total_variation: The paper's λ.
        region: Where total variation counts, one of :data:`REGIONS`.
        rim_width: Half the width of the band around the rim, in pixels, if the region is "rim".
        binary: Weight of the binary penalty at the end; it grows linearly from 0.
        binary_begin: Progress in [0, 1) at which the binary penalty begins.
        terms: Further terms of the energy, pairs of a weight and a
            :class:`inpaintlib.energy.Term`.
        start: One of :data:`STARTS`; or a function of images with black holes, holes and labels,
            all tensors of a batch, that returns filled images; or images whose pixels inside the
            hole are used.
        start_value: The grey value of the start ``"constant"``.
        step_size: The paper's μ.
        max_steps: The largest number of updates.
        momentum: Share of the last update that is added to each, in [0, 1); the paper has none.
        tolerance: The paper's ε.
        jitter: Largest shift of the classifier's input, in pixels; 0 for none.
        patches: Number of random windows that the classifier gets in each step; 0 for the image.
        window_sides: Smallest and largest side of these windows, in pixels.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: A number is out of range or a name unknown.
    """

    classifier: str | Classifier
    content: str | Penalty = "probabilities"
    total_variation: float
    region: str = "image"
    rim_width: int = 2
    binary: float = 0.0
    binary_begin: float = 0.0
    terms: tuple[tuple[Weight, Term], ...] = ()
    start: str | Start | Images
    start_value: float = 0.5
    step_size: float
    max_steps: int
    momentum: float = 0.0
    tolerance: float = 1e-3
    jitter: int = 0
    patches: int = 0
    window_sides: tuple[int, int] = (7, 20)

    def __post_init__(self) -> None:
        if not isinstance(self.classifier, str | Classifier):
            kind = type(self.classifier).__name__
            raise TypeError(
                f"classifier: got {kind}, wanted a name or a Classifier; "
                "classifiers.of makes one of any network or function"
            )
        _name_or("content", self.content, CONTENTS, "a function of scores and labels")
        if not isinstance(self.start, np.ndarray | Tensor):
            _name_or("start", self.start, STARTS, "a function, or images")
        checks.known_name("region", self.region, REGIONS)
        for setting in ("total_variation", "binary", "step_size", "tolerance"):
            checks.at_least(setting, getattr(self, setting), 0)
        for setting in ("max_steps", "jitter", "patches"):
            checks.whole_number(setting, getattr(self, setting), 0)
        checks.whole_number("rim_width", self.rim_width, 1)
        checks.between("start_value", self.start_value, 0, 1)
        for setting in ("binary_begin", "momentum"):
            checks.below_one(setting, getattr(self, setting))
        sides = checks.whole_numbers_of(
            "window_sides", self.window_sides, (2,), "two whole numbers"
        )
        object.__setattr__(self, "window_sides", sides)
        object.__setattr__(self, "terms", _pairs(self.terms))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Recipe) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        """Return the settings, with the identity of images, which cannot be compared as a whole."""
        settings = (getattr(self, field.name) for field in fields(self))
        return tuple(id(x) if isinstance(x, np.ndarray | Tensor) else x for x in settings)

    def energy(
        self,
        images: Images,
        holes: NDArray[np.bool_] | Tensor,
        labels: ArrayLike | Tensor,
        *,
        data: Dataset | str | None = None,
    ) -> Energy:
        """Return the energy that the recipe minimises.

        Args:
            images: A batch, for its size, precision and device.
            holes: bool ``(B, H, W)``, or one ``(H, W)`` for all.
            labels: The desired classes ``(B,)``, or one for all.
            data: See :func:`inpaint`.

        Returns:
            The weighted sum of the recipe's terms; those of weight 0 are left out. It takes
            tensors in the images' precision.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument is out of range.
        """
        with usual(_device_of(images)):
            return _energy(self, _Task.of(self, images, holes, labels, data=data))

    def begin(
        self,
        images: ArrayOrTensor,
        holes: NDArray[np.bool_] | Tensor,
        labels: ArrayLike | Tensor,
        *,
        seed: int | torch.Generator = 0,
        data: Dataset | str | None = None,
    ) -> ArrayOrTensor:
        """Return the recipe's start, the first guess inside the holes.

        Args:
            images: A batch. The values inside the holes have no effect.
            holes: bool ``(B, H, W)``, or one ``(H, W)`` for all.
            labels: The desired classes ``(B,)``, or one for all.
            seed: Of the start ``"noise"``, or its generator.
            data: See :func:`inpaint`.

        Returns:
            Filled images, in the kind, shape and precision of the images.

        Raises:
            TypeError: An argument is of the wrong kind.
            ValueError: An argument is out of range.

        Paper section 3.3; explained in the chapter *Initialization*.
        """
        with usual(_device_of(images)):
            task = _Task.of(self, images, holes, labels, data=data)
            begun = _begin(self, task, checks.generator_of("seed", seed))
            return _like(images, begun)

    def views(
        self, shape: tuple[int, ...], *, seed: int | torch.Generator = 0
    ) -> Iterator[View] | None:
        """Return the classifier's view in each step.

        Args:
            shape: Of the images; the last two sides count.
            seed: Of the draws, or their generator.

        Returns:
            An endless iterator of views, or None where the classifier gets the image itself.

        Raises:
            ValueError: The windows are larger than the images.

        Paper section 3.4; explained in the chapter *Improvements*.
        """
        if not isinstance(shape, tuple | list) or len(shape) < 2:
            raise TypeError(f"shape: got {checks.shown(shape)}, wanted (…, H, W)")
        if not (self.jitter or self.patches):
            return None
        return random_views(
            (shape[-2], shape[-1]),
            jitter=self.jitter,
            patches=self.patches,
            window_sides=self.window_sides,
            seed=seed,
        )


def _name_or(argument: str, value: object, names: Iterable[str], other: str) -> None:
    """Check that a value is a known name, or can be called."""
    if isinstance(value, str):
        checks.known_name(argument, value, names)
    elif not callable(value):
        kind = type(value).__name__
        raise TypeError(f"{argument}: got {kind}, wanted one of {', '.join(names)}, or {other}")


def _pairs(terms: object) -> tuple[tuple[Weight, Term], ...]:
    """Return the pairs of a weight and a term, checked."""
    if not isinstance(terms, tuple | list):
        raise TypeError(f"terms: got {checks.shown(terms)}, wanted pairs of a weight and a Term")
    for pair in terms:
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and isinstance(pair[1], Term)):
            raise TypeError(
                f"terms: got {checks.shown(pair)}, wanted a pair of a weight and a Term"
            )
        if not callable(pair[0]):
            checks.finite("terms", pair[0])
    return tuple((weight, term) for weight, term in terms)


def _for_faces(collection: str) -> dict[str, Recipe]:
    """Return the recipes for a set of faces, which differ in their classifiers only."""
    return {
        f"paper-faces-{collection}": Recipe(
            classifier=f"faces-patches-{collection}",
            total_variation=1.0,
            region="rim",
            rim_width=4,
            start="class-average",
            step_size=0.01,
            max_steps=200,
            jitter=2,
        ),
        f"faces-{collection}": Recipe(
            classifier=f"faces-gaussians-{collection}",
            content="negative-score",
            total_variation=0.0,
            start="harmonic",
            step_size=1.9,
            max_steps=120,
            momentum=0.9,
            tolerance=0.0,
        ),
        f"faces-absolute-{collection}": Recipe(
            classifier=f"faces-absolute-{collection}",
            content="cross-entropy",
            total_variation=0.0,
            start="harmonic",
            step_size=0.1,
            max_steps=20,
            tolerance=0.0,
            jitter=1,
        ),
        f"faces-mixture-{collection}": Recipe(
            classifier=f"faces-robust-{collection}",
            content="negative-score",
            total_variation=0.03,
            start="part-mixture",
            step_size=0.0003,
            max_steps=30,
            tolerance=0.0,
            jitter=1,
        ),
    }


#: Every recipe by its name. Those of the paper follow its text literally. ``"digits"`` and
#: ``"faces"`` are the best here. They begin with a harmonic fill, and their classifiers can say
#: that an image fits no class, see the chapter *What a classifier must know to paint*.
#: ``"digits-soft"`` leaves out the binary penalty, so its results are nearer to the original on
#: average, and blurred. ``"digits-absolute"`` and ``"digits-gaussians"`` use one of the two experts
#: of ``"digits"`` alone.
#: Those with ``"mixture"`` in their names use a robust classifier that only compares the classes,
#: and start from a mixture of parts of the class, which does most of the work, see the chapter
#: *Better recipes*. The numbers were found on validation images, see the chapter *Data and
#: classifiers*. There is a recipe for each set of faces; names like ``"faces"`` and
#: ``"paper-faces"`` stand for the one of the set that the images come from, see :func:`get`.
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
    "digits": Recipe(
        classifier="digits-experts",
        content="negative-score",
        total_variation=0.0,
        binary=0.06,
        binary_begin=0.4,
        start="harmonic",
        step_size=0.05,
        max_steps=120,
        tolerance=0.0,
        jitter=1,
    ),
    "digits-soft": Recipe(
        classifier="digits-experts",
        content="negative-score",
        total_variation=0.0,
        start="harmonic",
        step_size=0.1,
        max_steps=240,
        tolerance=0.0,
        jitter=1,
    ),
    "digits-gaussians": Recipe(
        classifier="digits-gaussians",
        content="negative-score",
        total_variation=0.0,
        start="harmonic",
        step_size=1.5,
        max_steps=120,
        tolerance=0.0,
    ),
    "digits-absolute": Recipe(
        classifier="digits-absolute",
        content="cross-entropy",
        total_variation=0.0,
        start="harmonic",
        step_size=0.5,
        max_steps=80,
        tolerance=0.0,
        jitter=1,
    ),
    "digits-absolute-literal": Recipe(
        classifier="digits-absolute",
        content="probabilities",
        total_variation=0.0,
        start="harmonic",
        step_size=1.0,
        max_steps=80,
        tolerance=0.0,
        jitter=1,
    ),
    "digits-mixture": Recipe(
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
    "digits-mixture-soft": Recipe(
        classifier="digits-robust",
        content="negative-score",
        total_variation=0.03,
        start="part-mixture",
        step_size=0.01,
        max_steps=60,
        tolerance=0.0,
        jitter=1,
    ),
    **_for_faces("att"),
    **_for_faces("yale"),
}


def get(recipe: str | Recipe, *, data: Dataset | str | None = None, **overrides: Any) -> Recipe:
    """Return a recipe, with single settings changed.

    Args:
        recipe: One of :data:`RECIPES`; or ``"faces"`` or ``"paper-faces"``, of which there is one
            for each set of faces, selected by ``data``; or a recipe of your own.
        data: The set that the images come from.
        **overrides: Settings of :class:`Recipe` to change.

    Raises:
        ValueError: The name is unknown, or a setting out of range.
        TypeError: Neither a name nor a recipe, or a setting is unknown; the message lists those
            that exist.
    """
    if data is not None:
        datasets.collection(data)
    if isinstance(recipe, str):
        chosen = RECIPES[datasets.full_name("recipe", recipe, RECIPES, data)]
    elif isinstance(recipe, Recipe):
        chosen = recipe
    else:
        kind = type(recipe).__name__
        raise TypeError(f"recipe: got {kind}, wanted a Recipe or one of {', '.join(RECIPES)}")
    settings = [field.name for field in fields(Recipe)]
    for setting in overrides:
        if setting not in settings:
            raise TypeError(f"{setting}: no such setting, wanted one of {', '.join(settings)}")
    return replace(chosen, **overrides)


@dataclass(frozen=True, eq=False)
class Inpainting(Generic[ArrayOrTensor]):
    """The result of :func:`inpaint`.

    Attributes:
        image: The result, in the shape and kind (array or tensor) of the input.
        start: The first guess, likewise.
        hole: bool, True where a pixel was missing, likewise.
        label: The desired classes, int64 ``()`` or ``(B,)``.
        probability: The classifier's probability of the label at the end, ``()`` or ``(B,)``.
        history: Energy, terms and gradient norm at every step.
        steps: Updates made, ``()`` or ``(B,)``.
        stopped: The reason: ``"tolerance"``, ``"step limit"`` or ``"callback"``; for a batch a
            tuple.
        recipe: The recipe, with the changed settings.
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
        index = checks.index_of("index", index, len(self.label))
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
    recipe: str | Recipe = "digits",
    data: Dataset | str | None = None,
    seed: int = 0,
    precision: str = "float64",
    callback: Callback | None = None,
    callback_every: int = 1,
    **overrides: Any,
) -> Inpainting[ArrayOrTensor]:
    """Fill the hole of an image so that a classifier reads the label in it.

    The values inside the hole have no effect, but must be in [0, 1] as well. With one of the
    package's own networks the call uses one thread, and restores torch's number of threads. The
    result does not depend on torch's modes, such as ``torch.no_grad()``, autocast or another
    default device or precision, nor on the thread or process that asks; all of them stay as they
    are.

    Args:
        image: Floats in [0, 1], grey ``(H, W)`` or in colour ``(C, H, W)``, or a batch,
            ``(B, H, W)`` or ``(B, C, H, W)``. The shape of the recipe's classifier decides whether
            three dimensions are a grey batch or one image in colour.
        hole: bool, **True where missing**, ``(H, W)``, or for a batch ``(B, H, W)``. Channels share
            it, and a single one serves all images.
        label: The desired class, an int or one for each image.
        recipe: The name of one of :data:`RECIPES`, or a recipe of your own, see :func:`get`.
        data: The set that the images come from, a ``Dataset`` or its name. It selects between
            recipes that exist for several sets, and a recipe for another set is refused.
        seed: Of every random draw. In a batch each image gets the draws that it would get alone.
        precision: Of the descent, ``"float64"`` or ``"float32"``. With the former, printed digits
            are the same on other machines; the latter is faster.
        callback: Called with the step and a copy of the batch of images; True stops the descent.
        callback_every: Number of steps between two calls.
        **overrides: Settings of the recipe to change, by name.

    Returns:
        The result with its history, see :class:`Inpainting`; images in the kind, shape and
        precision of the input.

    Raises:
        TypeError: An argument of the wrong kind, or an unknown setting.
        ValueError: An argument out of range, or a descent in which numbers became infinite or NaN.
            All messages name the argument, the given value and the wanted one.

    Paper section 3, Algorithm 1; explained in the chapters *Introduction* and *The algorithm*.
    """
    chosen = get(recipe, data=data, **overrides)
    dtype = PRECISIONS[checks.known_name("precision", precision, PRECISIONS)]
    seed = checks.seed_of("seed", seed)
    with usual(_device_of(image)), _threads_for(chosen):
        classifier = _classifier(chosen, data)
        given = checks.image_of("image", image, shape=classifier.shape, whose=classifier.name)
        single = given.ndim == len(classifier.shape)
        images = (given.unsqueeze(0) if single else given).to(dtype)
        task = _Task.checked(classifier, images, hole, label, names=("hole", "label"))
        generator = checks.generator_of("seed", seed)
        begun = _begin(chosen, task, generator)
        ended = descend(
            _energy(chosen, task),
            begun,
            task.holes,
            step_size=chosen.step_size,
            max_steps=chosen.max_steps,
            momentum=chosen.momentum,
            tolerance=chosen.tolerance,
            views=chosen.views(tuple(images.shape), seed=generator),
            callback=callback,
            callback_every=callback_every,
        )
        probabilities = task.classifier.probabilities(ended.images.clone())
        probability = probabilities.gather(1, task.labels[:, None]).squeeze(1)

        def like_given(batch: Tensor) -> Any:
            return _like(image, batch[0] if single else batch)

        return Inpainting(
            image=like_given(ended.images),
            start=like_given(begun),
            hole=like_given(task.holes),
            label=_of_one(task.labels.numpy(force=True), single),
            probability=_of_one(probability.numpy(force=True), single),
            history=ended.history.of(0, int(ended.steps[0])) if single else ended.history,
            steps=_of_one(ended.steps, single),
            stopped=ended.stopped[0] if single else ended.stopped,
            recipe=chosen,
        )


def _threads_for(recipe: Recipe) -> AbstractContextManager[None]:
    """Compute with one thread while one of the package's networks is asked.

    They are so small that a second thread waits more than it computes, and spins while it waits:
    with another process beside, one digit takes several times longer (``benchmarks/speed.py``). For
    other networks the caller's number of threads stays. It begins with the checks of the input: a
    forked process that computes with several threads, as its parent did, waits for ever for those
    that it does not have.
    """
    asked = recipe.classifier
    return one_thread() if isinstance(asked, str) or asked.ours else nullcontext()


def _device_of(images: Images) -> torch.device:
    """Return where to compute: where the images are."""
    return images.device if isinstance(images, Tensor) else torch.device("cpu")


def _like(given: Images, result: Tensor) -> Any:
    """Return a copy of a result in the kind of the input: array or tensor, and its precision."""
    if isinstance(given, Tensor):
        dtype = torch.bool if result.dtype == torch.bool else given.dtype
        return result.to(dtype, copy=True)
    array = result.numpy(force=True)
    return array.copy() if result.dtype == torch.bool else array.astype(given.dtype)


def _of_one(values: NDArray[Any], single: bool) -> NDArray[Any]:
    return values.reshape(()) if single else values


@dataclass(frozen=True, eq=False)
class _Task:
    """The input of a descent: a batch as tensors, and the classifier for it."""

    classifier: Classifier
    images: Tensor  # black inside the holes
    holes: Tensor
    labels: Tensor

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        images: Images,
        holes: NDArray[np.bool_] | Tensor,
        labels: ArrayLike | Tensor,
        *,
        data: Dataset | str | None,
    ) -> _Task:
        """Check a batch of images for a recipe."""
        classifier = _classifier(recipe, data)
        shape = classifier.shape
        given = checks.image_of("images", images, shape=shape, whose=classifier.name)
        if given.ndim == len(shape):
            raise ValueError(f"images: got one of shape {tuple(given.shape)}, wanted a batch")
        if given.dtype not in PRECISIONS.values():
            given = given.double()
        return cls.checked(classifier, given, holes, labels, names=("holes", "labels"))

    @classmethod
    def checked(
        cls,
        classifier: Classifier,
        images: Tensor,
        holes: NDArray[np.bool_] | Tensor,
        labels: ArrayLike | Tensor,
        *,
        names: tuple[str, str],
    ) -> _Task:
        """Check holes and labels for images that are already checked."""
        missing = checks.hole_of(names[0], holes, images.shape).to(images.device)
        wanted = checks.labels_of(
            names[1], labels, batch=len(images), classes=len(classifier.classes)
        ).to(images.device)
        known = images.masked_fill(over(missing, images), 0)
        return cls(classifier.to(images), known, missing, wanted)


def _classifier(recipe: Recipe, data: Dataset | str | None) -> Classifier:
    """Return a recipe's classifier, if it fits the set of the images."""
    if isinstance(recipe.classifier, str):
        return classifiers.load(recipe.classifier, data=data)
    classifiers.check_fits("classifier", recipe.classifier.name, recipe.classifier.origin, data)
    return recipe.classifier


def _begin(recipe: Recipe, task: _Task, generator: torch.Generator) -> Tensor:
    """Return the recipe's start, shaped like the images."""
    images, holes = task.images, task.holes
    if isinstance(recipe.start, np.ndarray | Tensor):
        return _own_start(recipe.start, task)
    if not isinstance(recipe.start, str):
        return _own_start(recipe.start(images.clone(), holes.clone(), task.labels.clone()), task)
    if recipe.start == "constant":
        return starts.constant(images, holes, value=recipe.start_value)
    if recipe.start == "noise":
        return starts.noise(images, holes, generator=generator)
    if recipe.start == "harmonic":
        return starts.harmonic(images, holes)
    of_labels = _averages(recipe.start, task)
    if recipe.start == "part-mixture":
        return starts.part_mixture(images, holes, averages=of_labels)
    if recipe.start == "class-average":
        return starts.class_average(images, holes, averages=of_labels)
    return starts.blended_class_average(images, holes, averages=of_labels)


def _averages(start: str, task: _Task) -> Tensor:
    """Return the averages that a start needs, one for each image's label."""
    kind = "parts" if start == "part-mixture" else "averages"
    averages: Tensor | None = getattr(task.classifier, kind)
    if averages is None:
        raise ValueError(
            f"start: got {start!r} with {task.classifier.name}, which came without {kind}; wanted "
            f"a classifier with {kind}=, or another start, such as 'harmonic'"
        )
    return averages[task.labels]


def _own_start(start: Images, task: _Task) -> Tensor:
    """Return a start that was given as images, with the known pixels put back."""
    images, shape = task.images, task.classifier.shape
    pixels = checks.image_of("start", start, shape=shape, whose=task.classifier.name)
    if pixels.ndim > len(shape) and len(pixels) != len(images):
        raise ValueError(
            f"start: got {len(pixels)} images, wanted one, or {len(images)}, one for each"
        )
    return torch.where(over(task.holes, images), pixels.to(images), images)


def _energy(recipe: Recipe, task: _Task) -> Energy:
    """Return the recipe's energy; terms of weight 0 are left out."""
    for setting in ("total_variation", "binary", "step_size", "tolerance"):
        checks.in_precision(setting, getattr(recipe, setting), task.images.dtype)
    if isinstance(recipe.content, str):
        energy = 1.0 * CONTENTS[recipe.content](task.classifier, task.labels)
    else:
        energy = 1.0 * OwnContent(task.classifier, task.labels, recipe.content)
    if recipe.total_variation:
        region = None
        if recipe.region == "rim":
            bands = [rim(hole, width=recipe.rim_width) for hole in task.holes.numpy(force=True)]
            region = torch.from_numpy(np.stack(bands)).to(task.holes.device)
        energy += float(recipe.total_variation) * TotalVariation(region)
    if recipe.binary:
        energy += Ramp(recipe.binary, begin=recipe.binary_begin) * Binary()
    return Energy(*energy.weighted, *recipe.terms)
