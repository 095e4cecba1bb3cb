"""Fitting a classifier of Gaussians: a mean and principal directions for each class.

There is no training. What is fitted says how likely an image is as one of a class, so its score
keeps falling where an image fits worse. Explained in the chapter *What a classifier must know to
paint*.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from inpaintlib import checks, datasets
from inpaintlib._ambient import usual
from inpaintlib._signatures import checked
from inpaintlib.augment import Moves, check_moves, move
from inpaintlib.datasets import Dataset
from inpaintlib.networks import Gaussians


@checked
@dataclass(frozen=True, kw_only=True)
class Fit:
    """Everything that decides what a classifier of Gaussians becomes.

    Attributes:
        collection: What the training set is a part of; ``"none"`` for images of your own.
        parts: Into how many parts each class is cut, see
            :func:`inpaintlib.datasets.part_averages`; each gets its own Gaussian.
        directions: The most directions of a Gaussian. It has fewer where its images allow no more.
        shared: Whether all Gaussians have the same directions, those in which images differ from
            the means of their classes; if not, each has its own.
        floor: The variance of a pixel beside the directions, in squared pixel values.
        moves: How far copies of the images are moved, see :class:`inpaintlib.augment.Moves`. For
            small sets; None fits the images alone.
        copies: How many moved copies of each image there are beside it.
        seed: Of the moves.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: A setting is out of range, or there are copies without moves.
    """

    collection: str = "none"
    parts: int = 1
    directions: int
    shared: bool = False
    floor: float
    moves: Moves | None = None
    copies: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        checks.whole_number("parts", self.parts, 1)
        checks.whole_number("directions", self.directions, 1)
        checks.whole_number("copies", self.copies, 0)
        checks.truth("shared", self.shared)
        checks.above("floor", self.floor, 0)
        checks.seed_of("seed", self.seed)
        if self.moves is not None:
            check_moves("moves", self.moves)
        if bool(self.copies) != (self.moves is not None):
            raise ValueError(
                f"copies: got {self.copies} with moves={self.moves}, wanted both or neither"
            )


#: The classifiers of this kind by name. Those of faces would hold their training images in another
#: form, so they are not shipped, and :func:`inpaintlib.classifiers.load` fits them to the images.
FITS: dict[str, Fit] = {
    "digits-gaussians": Fit(collection="mnist", parts=4, directions=32, floor=0.05),
    "faces-gaussians-att": Fit(
        collection="att",
        directions=50,
        floor=0.01,
        moves=Moves(shift=0.03, scale=1.05, turn=3),
        copies=20,
    ),
    "faces-gaussians-yale": Fit(collection="yale", directions=39, floor=0.004),
}

#: The fewest images of a part. With fewer, its directions would be those of single images.
SMALLEST_PART = 50


@checked
def fit(
    settings: Fit,
    images: NDArray[np.floating] | Tensor,
    labels: ArrayLike | Tensor,
    classes: Sequence[str],
    *,
    name: str,
) -> Gaussians:
    """Fit Gaussians to images; the same images and seed give the same ones.

    Args:
        settings: What to do.
        images: ``(N, H, W)`` grey or ``(N, C, H, W)`` colour, floats in [0, 1].
        labels: ``(N,)``, whole numbers from 0 to one less than the number of classes; of each
            class at least two images.
        classes: The names of the classes.
        name: What the classifier will be called.

    Returns:
        The network, rounded as its file will hold it.

    Raises:
        TypeError: Images or labels are of the wrong kind.
        ValueError: Their shapes or values do not fit, or a class has fewer than two images.

    Beyond the paper; :cite:p:`tipping1999mixtures`. Explained in the chapter *What a classifier
    must know to paint*.
    """
    checks.instance("settings", settings, Fit, "a Fit")
    with usual(torch.device("cpu")):
        return _fit(settings, *checks.examples_of(images, labels, classes), classes, name=name)


def _fit(
    settings: Fit, shown: Tensor, known: Tensor, classes: Sequence[str], *, name: str
) -> Gaussians:
    counts = torch.bincount(known, minlength=len(classes))
    if counts.min() < 2:
        lacking = classes[int(counts.argmin())]
        raise ValueError(
            f"images: got {int(counts.min())} of class {lacking}, wanted at least two of each"
        )
    if settings.moves is not None:
        generator = torch.Generator().manual_seed(settings.seed)
        moved = [
            move(shown, moves=settings.moves, generator=generator) for _ in range(settings.copies)
        ]
        shown, known = torch.cat([shown, *moved]), known.repeat(1 + settings.copies)
    shape = tuple(shown.shape[1:])
    fitted = Gaussians(
        shape,
        classes,
        parts=settings.parts,
        directions=settings.directions,
        floor=settings.floor,
        name=name,
        data=settings.collection,
    ).float()  # whatever the default precision is
    pixels = shown.flatten(1).numpy(force=True).astype(np.float64)
    common = _common(pixels, known.numpy(force=True), settings) if settings.shared else None
    for label in range(len(classes)):
        points = pixels[(known == label).numpy(force=True)]
        groups = datasets.cut(points, settings.parts, SMALLEST_PART)
        weights = []
        # Where a class can be cut no further, its last part stands in the remaining places.
        for part in range(settings.parts):
            group = points[groups[min(part, len(groups) - 1)]]
            directions, variances = common or _principal(group, settings.directions)
            count = len(variances)
            fitted.means[label, part] = torch.from_numpy(group.mean(axis=0))
            fitted.directions[label, part, :count] = torch.from_numpy(directions)
            shares = variances / (variances + settings.floor)
            fitted.shares[label, part, :count] = torch.from_numpy(shares)
            volume = np.log1p(variances / settings.floor).sum()
            weights.append(settings.floor * (np.log(len(group)) - 0.5 * volume))
        fitted.offsets[label] = torch.tensor(weights, dtype=torch.float32) - max(weights)
    return fitted.rounded()


def _common(
    pixels: NDArray[np.float64], labels: NDArray[np.int64], settings: Fit
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the principal directions of the images minus the means of their classes."""
    means = np.stack([pixels[labels == label].mean(axis=0) for label in range(labels.max() + 1)])
    return _principal(pixels - means[labels], settings.directions)


def fit_set(name: str) -> Gaussians:
    """Fit one of :data:`FITS` to its training set.

    Args:
        name: Of the classifier.

    Raises:
        ValueError: The name is unknown.
        DataError: The set is not on this machine.

    Explained in the chapter *What a classifier must know to paint*.
    """
    settings = FITS[checks.known_name("name", name, FITS)]
    learned = datasets.load(datasets.LEARNED[settings.collection], split="train")
    digest = hashlib.sha256(learned.images.tobytes() + learned.labels.tobytes()).hexdigest()
    return copy.deepcopy(_fit_to(name, _Learned(digest, learned)))


@dataclass(frozen=True)
class _Learned:
    """A training set that equals another one if its images and labels do."""

    digest: str
    data: Dataset = field(compare=False)


@lru_cache(maxsize=2)  # a fit takes a second, and every call of inpaint by name needs it
def _fit_to(name: str, learned: _Learned) -> Gaussians:
    data = learned.data
    fitted = fit(FITS[name], data.images, data.labels, data.classes, name=name)
    fitted.facts = {"data": data.origin.split(" (")[0], "training images": str(len(data))}
    return fitted


def _principal(
    points: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the principal directions ``(k, D)`` of points ``(N, D)``, and their variances."""
    centred = points - points.mean(axis=0)
    # The smaller of the two Gram matrices knows the principal directions as well.
    if len(points) <= points.shape[1]:
        variances, along = np.linalg.eigh(centred @ centred.T)
        directions = along.T @ centred
    else:
        variances, along = np.linalg.eigh(centred.T @ centred)
        directions = along.T
    best = np.argsort(variances)[::-1][:most]
    best = best[variances[best] > 1e-9 * variances.max()]
    lengths = np.linalg.norm(directions[best], axis=1, keepdims=True)
    return directions[best] / lengths, variances[best] / len(points)
