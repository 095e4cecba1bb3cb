"""Starts: the first guess inside the hole.

Every start takes images, grey ``(B, H, W)`` or colour ``(B, C, H, W)``, and their holes
``(B, H, W)``, and returns images that differ from the input inside the holes only. An argument of
the wrong kind or shape is a ``TypeError`` or ``ValueError`` that names it. The descent goes on from
there, and ends in another minimum for another start (paper section 3.3). Explained in the chapters
*The algorithm* and *Introduction*.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage, optimize, sparse
from scipy.sparse import linalg
from torch import Tensor

from inpaintlib import checks
from inpaintlib.holes import over

#: Width in pixels of the ring around a hole that is compared to find the brightness of the image.
RING = 4

#: Upper bound on the gain of the class average. Where the ring holds little of the average, a
#: larger gain would fit noise.
LARGEST_GAIN = 3.0

#: Distance from the hole, in pixels, within which a known pixel counts for a mixture of parts.
REACH = 3.0

#: Ridge penalty on the weights of a mixture of parts.
RIDGE = 0.1


def constant(images: Tensor, holes: Tensor, *, value: float) -> Tensor:
    """Fill the hole with one grey ``value`` in [0, 1].

    Raises:
        TypeError: ``value`` is not a number.
        ValueError: ``value`` is outside [0, 1].
    """
    images, holes = _given(images, holes)
    return images.masked_fill(over(holes, images), checks.between("value", value, 0, 1))


def noise(images: Tensor, holes: Tensor, *, generator: torch.Generator) -> Tensor:
    """Fill the hole with uniform noise in [0, 1], the same draw for every image of the batch."""
    images, holes = _given(images, holes)
    checks.instance("generator", generator, torch.Generator, "a torch.Generator")
    draw = torch.rand(
        images.shape[1:], generator=generator, dtype=torch.float64, device=generator.device
    )
    return torch.where(over(holes, images), draw.to(images), images)


def harmonic(images: Tensor, holes: Tensor) -> Tensor:
    r"""Fill the hole so that each missing pixel is the mean of its neighbours.

    This is the discrete Laplace equation with the known pixels as boundary values, solved
    exactly in double precision; the paper calls it linear interpolation, or diffusion
    (section 3.3, i). Beyond the image's edge there is no neighbour to count.

    Raises:
        ValueError: A hole covers everything, so that there is no boundary value.
    """
    images, holes = _given(images, holes)
    if holes.flatten(1).all(dim=1).any():
        raise ValueError(
            "start: got 'harmonic' with a hole that covers everything, "
            "wanted a known pixel to start from; use 'class-average', 'noise' or 'constant'"
        )
    filled = [solve_laplace(image, hole) for image, hole in zip(images, holes, strict=True)]
    return torch.where(over(holes, images), torch.stack(filled).clamp(0, 1), images)


def class_average(images: Tensor, holes: Tensor, *, averages: Tensor) -> Tensor:
    """Fill the hole with the average training image of the label (paper section 3.3, ii).

    Args:
        images: The batch.
        holes: Their holes.
        averages: The class average of each image's label, shaped like the images.
    """
    images, holes = _given(images, holes)
    averages = checks.batch_of("averages", averages)
    checks.same_shape("averages", averages.shape, images.shape, "the images")
    return torch.where(over(holes, images), averages.to(images), images)


def blended_class_average(images: Tensor, holes: Tensor, *, averages: Tensor) -> Tensor:
    """Fill the hole with the class average, as bright as the image and without a seam.

    The average is scaled by the gain that fits it best to the known pixels within :data:`RING`
    of the hole, :data:`LARGEST_GAIN` at most, and the remaining error along the rim is spread
    over the hole harmonically. A hole that covers everything leaves the plain average. Beyond the
    paper.

    Args:
        images: The batch.
        holes: Their holes.
        averages: The class average of each image's label, shaped like the images.
    """
    images, holes = _given(images, holes)
    averages = checks.batch_of("averages", averages)
    checks.same_shape("averages", averages.shape, images.shape, "the images")
    blended = averages.clone()
    for i, (image, hole, average) in enumerate(zip(images, holes, averages, strict=True)):
        if hole.all():
            continue
        scaled = _gain(image, hole, average) * average
        blended[i] = scaled + solve_laplace(image - scaled, hole)
    return torch.where(over(holes, images), blended.clamp(0, 1), images)


def part_mixture(images: Tensor, holes: Tensor, *, averages: Tensor) -> Tensor:
    r"""Fill the hole with the mixture of part averages that fits best around it, without a seam.

    With the part averages of the label as the columns of :math:`A` and the known pixels :math:`x`,
    the weights of the mixture are

    .. math:: \arg\min_{c \ge 0} \|W (A c - x)\|_2^2 + \rho \|c\|_2^2,

    where :math:`W` scales an error at distance :math:`d` from the hole by
    :math:`e^{-d / 2 \tau}`, with :math:`\tau` = :data:`REACH` and :math:`\rho` = :data:`RIDGE`. For
    a face this adds lights: sums, with positive weights, of pictures of one face are pictures of
    that face under another light :cite:p:`georghiades2001few`. The remaining error along the rim
    is spread over the hole harmonically. A hole that covers everything gets the mean of the part
    averages. Beyond the paper; explained in the chapter *Better recipes*.

    Args:
        images: The batch.
        holes: Their holes.
        averages: The averages of the parts of each image's label, ``(B, parts, H, W)`` or
            ``(B, parts, C, H, W)``.

    Raises:
        TypeError: The averages are no array or tensor of floats.
        ValueError: They do not fit the images, or a value is out of range.
    """
    images, holes = _given(images, holes)
    averages = checks.floats_of("averages", averages, (4, 5), "floats of (B, parts, …)")
    wanted = (len(images), averages.shape[1], *images.shape[1:])
    checks.same_shape("averages", averages.shape, wanted, "the images, with parts")
    checks.in_range("averages", averages)
    mixed = averages.mean(dim=1)
    for i, (image, hole, parts) in enumerate(zip(images, holes, averages, strict=True)):
        if hole.all():
            continue
        mixture = torch.tensordot(_weights(image, hole, parts), parts, dims=1).clamp(0, 1)
        mixed[i] = mixture + solve_laplace(image - mixture, hole)
    return torch.where(over(holes, images), mixed.clamp(0, 1), images)


def _given(images: Tensor, holes: Tensor) -> tuple[Tensor, Tensor]:
    """Return images and a hole for each, checked."""
    checked = checks.batch_of("images", images)
    return checked, checks.hole_of("holes", holes, checked.shape).to(checked.device)


def _weights(image: Tensor, hole: Tensor, parts: Tensor) -> Tensor:
    """Return the weight of each part in the mixture that fits the known pixels best."""
    missing = hole.numpy(force=True)
    distance = ndimage.distance_transform_edt(~missing)[~missing]
    known = parts[..., ~hole].double().numpy(force=True)
    columns = known.reshape(len(parts), -1).T
    wanted = image[..., ~hole].double().numpy(force=True).flatten()
    channels = len(wanted) // len(distance)
    counts = np.tile(np.exp(-distance / (2 * REACH)), channels)
    # Ridge regression as plain least squares: each added row wants one weight to be 0.
    ridge = np.sqrt(RIDGE) * np.eye(len(parts))
    matrix = np.vstack([counts[:, None] * columns, ridge])
    weights, _ = optimize.nnls(matrix, np.concatenate([counts * wanted, np.zeros(len(parts))]))
    return torch.from_numpy(weights).to(parts)


def _gain(image: Tensor, hole: Tensor, average: Tensor) -> Tensor:
    grown = ndimage.binary_dilation(hole.numpy(force=True), iterations=RING)
    ring = torch.from_numpy(grown).to(hole.device) & ~hole
    near = average[..., ring]
    fitted = (image[..., ring] * near).sum() / near.square().sum().clamp(min=1e-6)
    return fitted.clamp(max=LARGEST_GAIN)


def solve_laplace(image: Tensor, hole: Tensor) -> Tensor:
    """Return an image with the Laplace equation solved inside its hole, see :func:`harmonic`.

    Args:
        image: ``(H, W)``, or ``(C, H, W)``, each channel by itself. Values may leave [0, 1].
        hole: bool ``(H, W)``, with at least one known pixel.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The shapes do not fit, or nothing is missing or nothing known.
    """
    image = checks.floats_of("image", image, (2, 3), "floats of (H, W) or (C, H, W)")
    hole = checks.hole_of("hole", hole, (1, *image.shape[-2:]))[0]
    if hole.all():
        raise ValueError("hole: got one that covers everything, wanted a known pixel")
    height, width = hole.shape
    pixels = torch.arange(height * width, device="cpu").reshape(height, width)
    right = torch.stack([pixels[:, :-1].flatten(), pixels[:, 1:].flatten()])
    down = torch.stack([pixels[:-1].flatten(), pixels[1:].flatten()])
    rows, columns = torch.cat([right, down, right.flip(0), down.flip(0)], dim=1).numpy()
    neighbours = sparse.csr_array(
        ((rows >= 0).astype(float), (rows, columns)), shape=(pixels.numel(), pixels.numel())
    )
    missing = hole.flatten().numpy(force=True)
    laplacian = (sparse.diags_array(neighbours.sum(axis=1)) - neighbours).tocsr()[missing]
    inside, outside = laplacian[:, missing].tocsc(), laplacian[:, ~missing]
    channels = image.double().reshape(-1, height * width).numpy(force=True).copy()
    for values in channels:
        values[missing] = linalg.spsolve(inside, -(outside @ values[~missing]))
    return torch.from_numpy(channels).reshape(image.shape).to(image)
