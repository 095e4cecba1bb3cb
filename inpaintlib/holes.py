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
        ValueError: The rectangle is empty or leaves the image.
    """
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
        ValueError: A radius is not positive, or no pixel is inside.
    """
    if min(radii) <= 0:
        raise ValueError(f"radii: got {radii}, wanted two positive numbers")
    rows, columns = np.indices(shape)
    distance = ((rows - center[0]) / radii[0]) ** 2 + ((columns - center[1]) / radii[1]) ** 2
    return _not_empty(distance <= 1, "center", center)


def stroke(shape: Shape, *, points: Sequence[tuple[float, float]], width: float) -> Hole:
    """A stroke along straight lines between ``points`` (row, column), ``width`` pixels thick.

    Returns:
        bool ``(H, W)``, True for the pixels within ``width / 2`` of the line.

    Raises:
        ValueError: There is no point, ``width`` is not positive, or no pixel is covered.
    """
    if len(points) == 0:
        raise ValueError("points: got none, wanted at least one (row, column)")
    if width <= 0:
        raise ValueError(f"width: got {width}, wanted a positive number of pixels")
    pixels = np.moveaxis(np.indices(shape), 0, -1).astype(float)
    corners = [np.asarray(point, dtype=float) for point in points]
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
        ValueError: ``fraction`` is outside (0, 1], or so small that no pixel is drawn.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction: got {fraction}, wanted a number above 0 and at most 1")
    pixels = shape[0] * shape[1]
    hole = np.zeros(pixels, dtype=bool)
    hole[np.random.default_rng(seed).permutation(pixels)[: round(fraction * pixels)]] = True
    return _not_empty(hole.reshape(shape), "fraction", fraction)


def half(shape: Shape, *, side: str) -> Hole:
    """One half of the image: ``side`` is ``"left"``, ``"right"``, ``"upper"`` or ``"lower"``.

    Returns:
        bool ``(H, W)``.

    Raises:
        ValueError: ``side`` is none of the four.
    """
    height, width = shape
    halves = {
        "left": np.s_[:, : width // 2],
        "right": np.s_[:, width // 2 :],
        "upper": np.s_[: height // 2, :],
        "lower": np.s_[height // 2 :, :],
    }
    if side not in halves:
        raise ValueError(f"side: got {side!r}, wanted one of {', '.join(halves)}")
    hole = np.zeros(shape, dtype=bool)
    hole[halves[side]] = True
    return hole


def dark(image: NDArray[np.floating], *, threshold: float) -> Hole:
    """The pixels of ``image`` darker than ``threshold``, as for lighting a face (paper 4.4.2).

    Args:
        image: Grey values ``(H, W)`` in [0, 1].
        threshold: A grey value in [0, 1]; pixels strictly below it are missing.

    Returns:
        bool ``(H, W)``.

    Raises:
        ValueError: No pixel is below the threshold.
    """
    return _not_empty(np.asarray(image) < threshold, "threshold", threshold)


def everything(shape: Shape) -> Hole:
    """The whole image, as for hallucinating one (paper 4.4.1): bool ``(H, W)``, all True."""
    return np.ones(shape, dtype=bool)


def square_on_ink(image: NDArray[np.floating], *, side: int, seed: int) -> Hole:
    """A square of ``side`` pixels, centred on a random pixel that has ink (grey value > 0.5).

    A square that would leave the image is moved back inside.

    Returns:
        bool ``(H, W)``.

    Raises:
        ValueError: The image has no ink, or the square does not fit.
    """
    ink = np.argwhere(np.asarray(image) > 0.5)
    if len(ink) == 0:
        raise ValueError("image: got one without ink, wanted a pixel brighter than 0.5")
    height, width = image.shape
    row, column = ink[np.random.default_rng(seed).integers(len(ink))]
    top = int(np.clip(row - side // 2, 0, max(height - side, 0)))
    left = int(np.clip(column - side // 2, 0, max(width - side, 0)))
    return rectangle((height, width), top=top, left=left, height=side, width=side)


def squares_on_ink(images: NDArray[np.floating], *, sides: Sequence[int], seed: int = 0) -> Hole:
    """A hole for each image, see :func:`square_on_ink`, of the ``sides`` in turn.

    Args:
        images: Grey values ``(B, H, W)`` in [0, 1].
        sides: Of the squares, in pixels; the first image gets the first one, and so on in a cycle.
        seed: Of the first image's square; the next ones get the next seeds.

    Returns:
        bool ``(B, H, W)``.
    """
    return np.stack(
        [
            square_on_ink(image, side=sides[i % len(sides)], seed=seed + i)
            for i, image in enumerate(images)
        ]
    )


def over(holes: ArrayOrTensor, images: NDArray[np.floating] | Tensor) -> ArrayOrTensor:
    """Return holes ``(B, H, W)`` in a shape that covers a batch of images.

    Args:
        holes: bool ``(B, H, W)``.
        images: Grey ``(B, H, W)`` or colour ``(B, C, H, W)``.

    Returns:
        The holes, ``(B, 1, H, W)`` for colour images, so that the channels share them.
    """
    return holes if images.ndim == 3 else holes[:, None]


def examples(shape: Shape) -> dict[str, Hole]:
    """One hole of each kind by its name, in proportion to an image of ``shape``.

    The book's galleries show these.

    Returns:
        Eight holes, bool ``(H, W)`` each.
    """
    height, width = shape
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
    """
    rng = np.random.default_rng(seed)
    height, width = shape
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


def _not_empty(hole: Hole, argument: str, value: object) -> Hole:
    if not hole.any():
        raise ValueError(f"{argument}: got {value}, which covers no pixel; wanted at least one")
    return hole
