"""Holes: which pixels are missing.

A hole is a bool array, **True where a pixel is missing**, as high and wide as the image,
``(H, W)``; the channels of a colour image share it. Nothing else in the package uses the opposite
polarity. Explained in the chapter *Inpainting digits*, which shows one of each kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from inpaintlib import checks

if TYPE_CHECKING:
    from torch import Tensor

ArrayOrTensor = TypeVar("ArrayOrTensor", NDArray[np.bool_], "Tensor")

Hole = NDArray[np.bool_]
Shape = tuple[int, int]


def rectangle(shape: Shape, *, top: int, left: int, height: int, width: int) -> Hole:
    """A rectangle of ``height`` × ``width`` pixels whose upper left pixel is (``top``, ``left``).

    Returns:
        bool ``(H, W)``, True inside.

    Raises:
        TypeError: A number is not whole.
        ValueError: The rectangle is empty or leaves the image.
    """
    shape = checks.sides_of("shape", shape)
    for argument, value in {"top": top, "left": left, "height": height, "width": width}.items():
        checks.whole_number(argument, value, -checks.MOST)
    inside = 0 <= top <= shape[0] - height and 0 <= left <= shape[1] - width
    if height < 1 or width < 1 or not inside:
        raise ValueError(
            f"rectangle: got top={top}, left={left}, height={height}, width={width}, "
            f"wanted at least one pixel, all of it inside an image of {shape[0]}×{shape[1]}"
        )
    hole = np.zeros(shape, dtype=bool)
    hole[top : top + height, left : left + width] = True
    return hole


def ellipse(shape: Shape, *, center: tuple[float, float], radii: tuple[float, float]) -> Hole:
    """An ellipse, given by its ``center`` (row, column) and ``radii`` (rows, columns) in pixels.

    Parts outside the image are cut off.

    Returns:
        bool ``(H, W)``, True inside.

    Raises:
        TypeError: ``center`` or ``radii`` are not two numbers.
        ValueError: A radius is not positive, or no pixel is inside.
    """
    rows, columns = np.indices(checks.sides_of("shape", shape))
    row, column = checks.numbers_of("center", center, 2, "a place (row, column)")
    high, wide = checks.numbers_of("radii", radii, 2, "two positive numbers")
    if min(high, wide) <= 0:
        raise ValueError(f"radii: got {radii}, wanted two positive numbers")
    distance = ((rows - row) / high) ** 2 + ((columns - column) / wide) ** 2
    return _not_empty(distance <= 1, "center", center)


def stroke(shape: Shape, *, points: Sequence[tuple[float, float]], width: float) -> Hole:
    """A stroke along straight lines between ``points`` (row, column), ``width`` pixels thick.

    Returns:
        bool ``(H, W)``, True for the pixels within ``width / 2`` of the line.

    Raises:
        TypeError: ``points`` are not pairs of numbers, or ``width`` is not a number.
        ValueError: There is no point, ``width`` is not positive, or no pixel is covered.
    """
    shape = checks.sides_of("shape", shape)
    wanted = "places (row, column)"
    corners = [
        np.array(checks.numbers_of("points", point, 2, wanted))
        for point in checks.several("points", points, wanted)
    ]
    if not corners:
        raise ValueError("points: got none, wanted at least one (row, column)")
    if checks.finite("width", width) <= 0:
        raise ValueError(f"width: got {width}, wanted a positive number of pixels")
    pixels = np.moveaxis(np.indices(shape), 0, -1).astype(float)
    nearest = np.full(shape, np.inf)
    for begin, end in zip(corners, corners[1:] or corners, strict=False):
        line = end - begin
        length = max(float(line @ line), np.finfo(float).tiny)
        along = np.clip((pixels - begin) @ line / length, 0, 1)
        foot = begin + along[..., None] * line
        nearest = np.minimum(nearest, np.linalg.norm(pixels - foot, axis=-1))
    return _not_empty(nearest <= width / 2, "points", points)


def scatter(shape: Shape, *, fraction: float, seed: int) -> Hole:
    """Single pixels, ``fraction`` of them all, drawn without replacement.

    Returns:
        bool ``(H, W)`` with ``round(fraction * H * W)`` pixels True.

    Raises:
        TypeError: ``fraction`` is not a number, or ``seed`` not a whole one.
        ValueError: ``fraction`` is outside (0, 1], or so small that no pixel is drawn.
    """
    shape = checks.sides_of("shape", shape)
    share = checks.above("fraction", fraction, 0, 1)
    pixels = shape[0] * shape[1]
    hole = np.zeros(pixels, dtype=bool)
    hole[_draws(seed).permutation(pixels)[: round(share * pixels)]] = True
    return _not_empty(hole.reshape(shape), "fraction", fraction)


def half(shape: Shape, *, side: str) -> Hole:
    """One half of the image: ``side`` is ``"left"``, ``"right"``, ``"upper"`` or ``"lower"``.

    Returns:
        bool ``(H, W)``.

    Raises:
        ValueError: ``side`` is none of the four, or the image is too small to have it.
    """
    height, width = checks.sides_of("shape", shape)
    halves = {
        "left": np.s_[:, : width // 2],
        "right": np.s_[:, width // 2 :],
        "upper": np.s_[: height // 2, :],
        "lower": np.s_[height // 2 :, :],
    }
    chosen = halves[checks.known_name("side", side, halves)]
    hole = np.zeros((height, width), dtype=bool)
    hole[chosen] = True
    return _not_empty(hole, "side", side)


def dark(image: NDArray[np.floating], *, threshold: float) -> Hole:
    """The pixels of ``image`` darker than ``threshold``, as for lighting a face (paper 4.4.2).

    Args:
        image: Grey values ``(H, W)`` in [0, 1].
        threshold: A grey value in [0, 1]; pixels strictly below it are missing.

    Returns:
        bool ``(H, W)``.

    Raises:
        TypeError: ``image`` is not an array of floats, or ``threshold`` not a number.
        ValueError: The image has another shape or other values, or no pixel is below the threshold.
    """
    level = checks.between("threshold", threshold, 0, 1)
    return _not_empty(_grey(image) < level, "threshold", threshold)


def everything(shape: Shape) -> Hole:
    """The whole image, as for hallucinating one (paper 4.4.1): bool ``(H, W)``, all True."""
    return np.ones(checks.sides_of("shape", shape), dtype=bool)


def square_on_ink(image: NDArray[np.floating], *, side: int, seed: int) -> Hole:
    """A square of ``side`` pixels, centred on a random pixel that has ink (grey value > 0.5).

    A square that would leave the image is moved back inside.

    Returns:
        bool ``(H, W)``.

    Raises:
        TypeError: ``image`` is not an array of floats, or ``side`` or ``seed`` not a whole number.
        ValueError: The image has another shape, other values or no ink, or the square does not fit.
    """
    return _on_ink(_grey(image), side=side, seed=seed)


def squares_on_ink(images: NDArray[np.floating], *, sides: Sequence[int], seed: int = 0) -> Hole:
    """A hole for each image, see :func:`square_on_ink`, of the ``sides`` in turn.

    Args:
        images: Grey values ``(B, H, W)`` in [0, 1].
        sides: Of the squares, in pixels; the first image gets the first one, and so on in a cycle.
        seed: Of the first image's square; the next ones get the next seeds.

    Returns:
        bool ``(B, H, W)``.

    Raises:
        TypeError: ``images`` are not an array of floats, or ``sides`` or ``seed`` not whole.
        ValueError: As for :func:`square_on_ink`, or there is no image or no side.
    """
    seed, given = checks.seed_of("seed", seed), checks.batch_of("images", images)
    if given.ndim != 3:
        raise ValueError(f"images: got shape {tuple(given.shape)}, wanted grey ones (B, H, W)")
    if not isinstance(sides, Sequence) or not len(sides):
        raise TypeError(f"sides: got {checks.shown(sides)}, wanted at least one whole number")
    return np.stack(
        [
            _on_ink(image, side=sides[i % len(sides)], seed=seed + i)
            for i, image in enumerate(given.numpy(force=True))
        ]
    )


def over(holes: ArrayOrTensor, images: NDArray[np.floating] | Tensor) -> ArrayOrTensor:
    """Return holes ``(B, H, W)`` in a shape that covers a batch of images.

    Args:
        holes: bool ``(B, H, W)``.
        images: Grey ``(B, H, W)`` or colour ``(B, C, H, W)``.

    Returns:
        The holes, ``(B, 1, H, W)`` for colour images, so that the channels share them.

    Raises:
        TypeError: Neither arrays nor tensors.
        ValueError: Other shapes.
    """
    for argument, value in {"holes": holes, "images": images}.items():
        if not hasattr(value, "ndim"):
            kind = type(value).__name__
            raise TypeError(f"{argument}: got {kind}, wanted a NumPy array or a torch tensor")
    if holes.ndim != 3 or images.ndim not in (3, 4):
        raise ValueError(
            f"holes: got shape {tuple(holes.shape)} for images of {tuple(images.shape)}, wanted "
            "(B, H, W) for (B, H, W) or (B, C, H, W)"
        )
    return holes if images.ndim == 3 else holes[:, None]


def examples(shape: Shape) -> dict[str, Hole]:
    """One hole of each kind by its name, in proportion to an image of ``shape``.

    The book's galleries show these.

    Returns:
        Eight holes, bool ``(H, W)`` each.
    """
    height, width = checks.sides_of("shape", shape)
    middle = (height / 2, width / 2)
    corners = [(0.2 * height, 0.2 * width), (0.8 * height, 0.8 * width)]
    lines = [[(h * height, 0.15 * width), (h * height, 0.85 * width)] for h in (0.33, 0.64)]
    return {
        "rectangle": rectangle(
            shape, top=height // 3, left=width // 3, height=height // 2, width=width // 3
        ),
        "ellipse": ellipse(shape, center=middle, radii=(height / 5, width / 4)),
        "stroke": stroke(shape, points=corners, width=height / 7),
        "two strokes": np.any([stroke(shape, points=p, width=height / 9) for p in lines], axis=0),
        "scatter": scatter(shape, fraction=0.5, seed=0),
        "upper half": half(shape, side="upper"),
        "left half": half(shape, side="left"),
        "small": ellipse(shape, center=middle, radii=(height / 11, width / 11)),
    }


def random(shape: Shape, *, seed: int) -> Hole:
    """A hole of a random kind, size and place; the same ``seed`` gives the same hole.

    Returns:
        bool ``(H, W)``: a rectangle, an ellipse, a stroke, scattered pixels or everything.

    Raises:
        TypeError: ``seed`` is not a whole number.
    """
    rng = _draws(seed)
    height, width = checks.sides_of("shape", shape)
    row, column = int(rng.integers(height)), int(rng.integers(width))
    kind = rng.choice(["rectangle", "ellipse", "stroke", "scatter", "everything"])
    if kind == "rectangle":
        tall = int(rng.integers(1, height - row + 1))
        wide = int(rng.integers(1, width - column + 1))
        return rectangle(shape, top=row, left=column, height=tall, width=wide)
    if kind == "ellipse":
        radii = (float(rng.uniform(1, height / 2)), float(rng.uniform(1, width / 2)))
        return ellipse(shape, center=(row, column), radii=radii)
    if kind == "stroke":
        far = (float(rng.integers(height)), float(rng.integers(width)))
        return stroke(shape, points=[(row, column), far], width=float(rng.uniform(2, 5)))
    if kind == "scatter":
        return scatter(shape, fraction=float(rng.uniform(0.05, 0.95)), seed=seed)
    return everything(shape)


def _on_ink(image: NDArray[np.floating], *, side: int, seed: int) -> Hole:
    """Return a square on ink in an image that is already checked."""
    side, rng = checks.whole_number("side", side, 1), _draws(seed)
    ink = np.argwhere(image > 0.5)
    if len(ink) == 0:
        raise ValueError("image: got one without ink, wanted a pixel brighter than 0.5")
    height, width = image.shape
    row, column = ink[rng.integers(len(ink))]
    top = int(np.clip(row - side // 2, 0, max(height - side, 0)))
    left = int(np.clip(column - side // 2, 0, max(width - side, 0)))
    return rectangle((height, width), top=top, left=left, height=side, width=side)


def _draws(seed: int) -> np.random.Generator:
    """Return the random numbers of a seed; without one, a hole would differ each time."""
    return np.random.default_rng(checks.seed_of("seed", seed))


def _grey(image: NDArray[np.floating] | Tensor) -> NDArray[np.floating]:
    """Return one grey image, checked."""
    grey: NDArray[np.floating] = checks.grey_of("image", image).numpy(force=True)
    return grey


def _not_empty(hole: Hole, argument: str, value: object) -> Hole:
    if not hole.any():
        raise ValueError(f"{argument}: got {value}, which covers no pixel; wanted at least one")
    return hole
