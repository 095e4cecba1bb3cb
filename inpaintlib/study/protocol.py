"""The protocol: images and their holes, so that all results are compared on the same cases.

Everything is drawn with a fixed seed. The scores are on images of the test split; the network that
measures realism is trained on images of the validation split, with holes made in the same way.
Explained on the page *How results are scored*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import Inpainting, datasets, holes, inpaint, metrics
from inpaintlib._signatures import check_module
from inpaintlib.datasets import Dataset
from inpaintlib.holes import Hole
from inpaintlib.recipes import Recipe

#: Makes a hole for an image, given the number of earlier holes of this kind, and a seed.
Maker = Callable[[NDArray[np.floating], int, int], Hole]

#: The set that is scored, and the mean grey that its images must exceed.
SETS = {"digits": "mnist", "faces": "faces-yale"}
DARKEST = {"digits": 0.0, "faces": 0.2}

#: Number of images scored, and number of kinds of holes for each of them.
TEST = {"digits": (200, 4), "faces": (210, 1)}

#: The kind that stands for all kinds of holes together.
ALL = "all"

#: The PSNR of a perfect fill, in dB; it would be infinite and have no mean.
PERFECT = 60.0

# The scores of each case by name, ``(N,)`` each.
Scores = dict[str, NDArray[np.floating]]

#: The same for the training pairs of realism – some of the digits, all faces that are not dark.
LEARNING = {"digits": (2000, 1), "faces": (174, 3)}


@dataclass(frozen=True)
class Cases:
    """Images with holes, in the order of the images.

    Attributes:
        images: The untouched images, float32 ``(N, H, W)``.
        holes: bool ``(N, H, W)``, True where missing.
        labels: The right classes, int64 ``(N,)``.
        details: Identify the images, see :class:`inpaintlib.datasets.Dataset`.
        kinds: The kinds of the holes, str ``(N,)``.
        units: Equal where cases are not independent, int64 ``(N,)``: the image of a digit, the
            person of a face.
        data: The name of the set that the images come from. It selects the recipe and the judge for
            faces.
    """

    images: NDArray[np.floating]
    holes: NDArray[np.bool_]
    labels: NDArray[np.int64]
    details: NDArray[np.str_]
    kinds: NDArray[np.str_]
    units: NDArray[np.int64]
    data: str

    @classmethod
    def of(
        cls,
        images: NDArray[np.floating],
        holes: NDArray[np.bool_],
        labels: NDArray[np.integer],
        *,
        data: str,
    ) -> Cases:
        """Return cases that are not the protocol's, without details and kinds."""
        nothing = np.full(len(images), "")
        alone = np.arange(len(images))
        return cls(images, holes, np.asarray(labels, np.int64), nothing, nothing, alone, data)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: slice | NDArray[np.bool_]) -> Cases:
        """Return the cases that a slice or a bool array selects."""
        arrays = {
            field.name: getattr(self, field.name)[index]
            for field in fields(self)
            if field.name != "data"
        }
        return replace(self, **arrays)

    def of_kind(self, kind: str) -> Cases:
        """Return the cases of one kind of hole, or all of them for :data:`ALL`."""
        return self if kind == ALL else self[self.kinds == kind]

    def filled(self, recipe: str | Recipe, **settings: Any) -> Inpainting[NDArray[np.floating]]:
        """Return a recipe's results on the cases.

        Args:
            recipe: One, or its name; ``"faces"`` and ``"paper-faces"`` are those of the cases'
                set.
            **settings: Settings of the recipe to change, and arguments of :func:`inpaint`.
        """
        return inpaint(
            self.images, self.holes, self.labels, recipe=recipe, data=self.data, **settings
        )

    def double(self) -> Cases:
        """Return the same cases in float64, for closer agreement between machines."""
        return replace(self, images=self.images.astype(np.float64))

    def batches(self, size: int) -> Iterator[Cases]:
        """Yield the cases in order, at most ``size`` at a time, to bound the memory."""
        for begin in range(0, len(self), size):
            yield self[begin : begin + size]


def square(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """A square on ink, its side 8, 10, 12 and 14 in turn."""
    return holes.square_on_ink(image, side=(8, 10, 12, 14)[turn % 4], seed=seed)


def stroke_on_ink(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """A straight stroke, 20 long and 3 wide, in a random direction through a random inked pixel."""
    rng = np.random.default_rng(seed)
    middle = rng.choice(np.argwhere(image > 0.5))
    angle = rng.uniform(0, np.pi)
    reach = 10 * np.array([np.sin(angle), np.cos(angle)])
    ends = [tuple(middle - reach), tuple(middle + reach)]
    return holes.stroke(image.shape, points=ends, width=3)


def strokes(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """Three straight strokes, 3 wide, each between two random pixels."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform((0, 0), image.shape, size=(3, 2, 2))
    return np.any([holes.stroke(image.shape, points=pair, width=3) for pair in ends], axis=0)


def half(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """The left, right, upper and lower half in turn."""
    return holes.half(image.shape, side=("left", "right", "upper", "lower")[turn % 4])


def side(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """The left and the right half in turn, since a face is nearly symmetric that way."""
    return holes.half(image.shape, side=("left", "right")[turn % 2])


def scattered(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """Half of the pixels, scattered."""
    return holes.scatter(image.shape, fraction=0.5, seed=seed)


def both_eyes(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """A band over both eyes."""
    return holes.rectangle(image.shape, top=12, left=4, height=10, width=34)


def one_eye(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """The eye on the left and the one on the right in turn."""
    return holes.ellipse(image.shape, center=((17, 11), (17, 30))[turn % 2], radii=(5, 7))


def nose(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """The nose."""
    return holes.rectangle(image.shape, top=18, left=15, height=14, width=12)


def mouth(image: NDArray[np.floating], turn: int, seed: int) -> Hole:
    """The mouth."""
    return holes.rectangle(image.shape, top=34, left=11, height=9, width=20)


#: The kinds of holes of each set, in turn.
KINDS: dict[str, dict[str, Maker]] = {
    "digits": {"square": square, "stroke": stroke_on_ink, "half": half, "scattered": scattered},
    "faces": {
        "both eyes": both_eyes,
        "one eye": one_eye,
        "nose": nose,
        "mouth": mouth,
        "half": side,
        "strokes": strokes,
        "scattered": scattered,
    },
}


def kind_of_set(data: Dataset) -> str:
    """Return ``"digits"`` or ``"faces"``, which decides the holes of a set's images."""
    return "digits" if data.collection == "mnist" else "faces"


def units(data: Dataset) -> NDArray[np.int64]:
    """Return what is independent of one another in a set, ``(N,)``: digits, or persons."""
    return data.labels if kind_of_set(data) == "faces" else np.arange(len(data))


def cases(data: Dataset, *, count: int, each: int, seed: int = 0) -> Cases:
    """Draw images and give them holes.

    Args:
        data: The source of the images; dark ones, see :data:`DARKEST`, are left out.
        count: Number of images; all of them if there are fewer.
        each: Number of kinds of holes for an image; the next image continues with the next kind.
        seed: Of the choice of images and of the holes.

    Returns:
        ``count * each`` cases.
    """
    lit = np.flatnonzero(data.images.mean(axis=(1, 2)) > DARKEST[kind_of_set(data)])
    chosen = data[np.random.default_rng(seed).permutation(lit)[:count]]
    makers = list(KINDS[kind_of_set(data)].items())
    missing, kinds = [], []
    for number in range(each * len(chosen)):
        turn, which = divmod(number, len(makers))
        kind, maker = makers[which]
        image = number // each
        missing.append(maker(chosen.images[image], turn, seed + image))
        kinds.append(kind)
    return Cases(
        images=chosen.images.repeat(each, axis=0),
        holes=np.stack(missing),
        labels=chosen.labels.repeat(each),
        details=chosen.details.repeat(each),
        kinds=np.array(kinds),
        units=units(chosen).repeat(each),
        data=data.name,
    )


def full_set(name: str, split: str) -> Dataset:
    """Load a split of the full set of ``"digits"`` or ``"faces"``.

    Raises:
        DataError: It is not found.
    """
    return datasets.load(SETS[name], split=split)


def scored(name: str, *, count: int | None = None, seed: int = 0) -> Cases:
    """Return the cases that are scored, of the test split; ``count`` images instead of all."""
    usual, each = TEST[name]
    return cases(full_set(name, "test"), count=count or usual, each=each, seed=seed)


def learned(name: str, *, count: int | None = None, seed: int = 0) -> Cases:
    """Return the training cases of realism, of the validation split.

    With ``count``, their number is reduced in the same proportion as in :func:`scored`.
    """
    usual, each = LEARNING[name]
    fewer = usual if count is None else -(-usual * count // TEST[name][0])
    return cases(full_set(name, "validation"), count=fewer, each=each, seed=seed)


def firsts(data: Dataset, *, each: int = 1, after: int = 0, classes: int | None = None) -> Dataset:
    """Return the first images of each class, class by class, for examples in the chapters.

    Args:
        data: The source of the images.
        each: Number of images per class.
        after: Number of images per class to skip.
        classes: Number of classes; all if None.
    """
    known = range(len(data.classes) if classes is None else classes)
    rows = [np.flatnonzero(data.labels == label)[after : after + each] for label in known]
    return data[np.concatenate(rows)]


def named_right(name: str, filled: NDArray[np.floating], cases: Cases) -> NDArray[np.bool_]:
    """Return in which results the judge of the cases' set reads the label, ``(N,)``."""
    return metrics.named_right(filled, cases.labels, judge=f"{name}-judge", data=cases.data)


def scores(name: str, filled: NDArray[np.floating], cases: Cases) -> Scores:
    """Return the scores of each case: PSNR, SSIM, whether the judge is right; for digits, grey.

    Args:
        name: ``"digits"`` or ``"faces"``.
        filled: The results ``(N, H, W)``.
        cases: The images with their holes.
    """
    found: Scores = {
        "psnr": np.minimum(metrics.psnr(filled, cases.images, cases.holes), PERFECT),
        "ssim": metrics.ssim(filled, cases.images, cases.holes),
        "judge": named_right(name, filled, cases).astype(float),
    }
    if name == "digits":
        found["grey"] = metrics.grey_share(filled, cases.holes)
    return found


check_module(__name__)
