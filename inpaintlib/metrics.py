"""Metrics: how good a filled hole is, measured inside the hole only.

Explained in the chapter *Inpainting digits*.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from inpaintlib import classifiers
from inpaintlib.checks import grey_image


def psnr(
    images: NDArray[np.floating], originals: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.float64]:
    r"""Peak signal-to-noise ratio inside the hole, in dB; higher is nearer to the original.

    .. math:: -10 \log_{10} \frac{1}{|H|} \sum_{p \in H} (x_p - o_p)^2

    PSNR rewards blur: the average of plausible fills beats each of them.

    Args:
        images: Results ``(B, H, W)`` in [0, 1].
        originals: The untouched images, same shape.
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)``; infinite where the fill is perfect.
    """
    holes = np.broadcast_to(holes, images.shape)
    squares = np.square(np.float64(images) - originals, where=holes, out=np.zeros(images.shape))
    errors = squares.sum(axis=(-2, -1)) / holes.sum(axis=(-2, -1))
    with np.errstate(divide="ignore"):  # a perfect fill is infinitely good
        decibels: NDArray[np.float64] = -10 * np.log10(errors)
    return decibels


def grey_share(images: NDArray[np.floating], holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the hole's pixels that are neither black nor white: grey values in [0.25, 0.75].

    A measure of blur for digits, whose strokes are white on black.

    Args:
        images: Results ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)`` in [0, 1].
    """
    holes = np.broadcast_to(holes, images.shape)
    grey = (images >= 0.25) & (images <= 0.75) & holes
    share: NDArray[np.float64] = grey.sum(axis=(-2, -1)) / holes.sum(axis=(-2, -1))
    return share


def probabilities(images: NDArray[np.floating], *, classifier: str) -> NDArray[np.floating]:
    """Return the probabilities that a shipped classifier gives to each class.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        classifier: A name for :func:`inpaintlib.classifiers.load`.

    Returns:
        ``(B, classes)``, in the images' precision.
    """
    pixels = grey_image("images", images)
    return classifiers.load(classifier).to(pixels.dtype).probabilities(pixels).numpy()


def judged(images: NDArray[np.floating], *, judge: str = "digits-judge") -> NDArray[np.int64]:
    """Return the class that the judge reads in each image.

    The judge is a classifier of another architecture and seed, trained on whole images, that no
    descent ever sees: an adversarial fill fools the classifier that it descended through, and
    not this one.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        judge: ``"digits-judge"`` or ``"faces-judge"``.

    Returns:
        int64 ``(B,)``.
    """
    return probabilities(images, classifier=judge).argmax(axis=1)


def table(
    fills: Mapping[str, NDArray[np.floating]],
    originals: NDArray[np.floating],
    holes: NDArray[np.bool_],
    labels: NDArray[np.integer],
    *,
    judge: str = "digits-judge",
) -> str:
    """Return a table of what the metrics say, averaged over the images, a row for each fill.

    Args:
        fills: Results ``(B, H, W)`` by name.
        originals: The untouched images ``(B, H, W)``.
        holes: bool ``(B, H, W)``.
        labels: The right classes, ``(B,)``.
        judge: See :func:`judged`.
    """
    longest = max(map(len, fills))
    rows = [f"{'':{longest}}   PSNR in hole   judge   grey"]
    for name, fill in fills.items():
        decibels = psnr(fill, originals, holes).mean()
        right = np.mean(judged(fill, judge=judge) == labels)
        grey = grey_share(fill, holes).mean()
        rows.append(f"{name:{longest}}   {decibels:9.1f} dB   {right:5.2f}   {grey:4.2f}")
    return "\n".join(rows)
