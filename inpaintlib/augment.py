"""What training shows of an image: moved, brighter or darker, or only a window of it.

Explained in the chapter *Data and classifiers*.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from inpaintlib import checks
from inpaintlib._signatures import checked
from inpaintlib.descent import random_windows


class Moves(NamedTuple):
    """Random moves of the training images, drawn again each time that an image is used.

    For small sets: a classifier trained on a drawing in one place knows only that place.

    Attributes:
        shift: Largest shift along each axis, as a share of the image's height or width.
        scale: Largest factor by which an image is enlarged or reduced, at least 1.
        turn: Largest rotation in degrees, either way.
        mirror: Whether every other image is mirrored left to right.
    """

    shift: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    mirror: bool = False


def check_moves(argument: str, moves: Moves) -> None:
    """Check the largest moves.

    Raises:
        TypeError: Not :class:`Moves`, or one of them is of the wrong kind.
        ValueError: One is out of range.
    """
    checks.instance(argument, moves, Moves, "Moves")
    for name, low in {"shift": 0, "scale": 1, "turn": 0}.items():
        checks.at_least(f"{argument}.{name}", getattr(moves, name), low)
    checks.truth(f"{argument}.mirror", moves.mirror)


@checked
def patch(
    images: Tensor, *, sides: tuple[int, int], dark: float = 0.0, generator: torch.Generator
) -> Tensor:
    """Zero all but one random window of each image (paper sections 3.4, 4.1 and 4.2).

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        sides: Smallest and largest side of the square window, in pixels.
        dark: A window whose mean square is below this is replaced by the whole image.
        generator: Source of the windows.

    Returns:
        The patches, in the shape of ``images``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument is out of range.
    """
    checks.floats_of("images", images, (3, 4), "floats of (B, H, W) or (B, C, H, W)")
    dark = checks.at_least("dark", dark, 0)
    shape = (images.shape[-2], images.shape[-1])
    windows = random_windows(len(images), shape, sides=sides, generator=generator).to(images.device)
    if images.ndim == 4:
        windows = windows.unsqueeze(1).expand_as(images)
    patches = images * windows
    if not dark:
        return patches
    energy = patches.square().flatten(1).sum(dim=1) / windows.flatten(1).sum(dim=1)
    return torch.where(for_each(energy < dark, images), images, patches)


@checked
def brighten(images: Tensor, *, most: float, generator: torch.Generator) -> Tensor:
    """Make each image brighter or darker, so that a classifier does not rely on brightness.

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        most: The largest gain; the smallest is its inverse. Its logarithm is drawn uniformly.
        generator: Source of the gains.

    Returns:
        The images, in the same shape, clipped at 1.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument is out of range.
    """
    checks.floats_of("images", images, (3, 4), "floats of (B, H, W) or (B, C, H, W)")
    most = checks.above("most", most, 0)
    checks.in_precision("most", most, torch.float32)
    gains = most ** (
        2
        * torch.rand(len(images), generator=generator, dtype=torch.float32, device=generator.device)
        - 1
    )
    return (images * for_each(gains, images).to(images)).clamp(max=1)


@checked
def move(images: Tensor, *, moves: Moves, generator: torch.Generator) -> Tensor:
    """Shift, scale, turn and mirror each image at random, about its middle.

    Shifts, turns and the logarithm of the scale are drawn uniformly. Beyond the image's edge, its
    nearest pixel is repeated, so the background may have any colour.

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        moves: The largest moves.
        generator: Source of the moves.

    Returns:
        The images, in the same shape, interpolated linearly.

    Raises:
        TypeError: A move is of the wrong kind.
        ValueError: A move is out of range.
    """
    check_moves("moves", moves)
    checks.floats_of("images", images, (3, 4), "floats of (B, H, W) or (B, C, H, W)")
    count, height, width = len(images), images.shape[-2], images.shape[-1]
    draws = (
        2 * torch.rand(5, count, generator=generator, dtype=torch.float32, device=generator.device)
        - 1
    )
    angle = torch.deg2rad(moves.turn * draws[0])
    factor = moves.scale ** draws[1]
    flip = torch.ones_like(angle)
    if moves.mirror:
        flip = flip.where(draws[2] >= 0, -flip)
    # Maps each output pixel to its source, in coordinates from -1 to 1 over each side; the
    # rotation is in pixels, hence the ratio of the sides.
    cosine, sine = torch.cos(angle) / factor, torch.sin(angle) / factor
    across = torch.stack([flip * cosine, -flip * sine * height / width, 2 * moves.shift * draws[3]])
    down = torch.stack([sine * width / height, cosine, 2 * moves.shift * draws[4]])
    sources = torch.stack([across, down]).permute(2, 0, 1).to(images)
    stacked = images if images.ndim == 4 else images.unsqueeze(1)
    grid = functional.affine_grid(sources, list(stacked.shape), align_corners=False)
    moved = functional.grid_sample(stacked, grid, padding_mode="border", align_corners=False)
    return moved.reshape(images.shape)


@checked
def for_each(values: Tensor, images: Tensor) -> Tensor:
    """Return one value per image, ``(B,)``, in a shape that broadcasts to the images.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: There is not one value for each image.
    """
    checks.same_shape("values", values.shape, images.shape[:1], "a batch of the images")
    return values.reshape(-1, *[1] * (images.ndim - 1))
