"""The negative gradient of a term, and its agreement with the missing pixels.

Explained in the chapters *The algorithm* and *Why patches, and what works instead*.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from inpaintlib._signatures import check_module
from inpaintlib.energy import Term


def asked(
    term: Term, images: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.floating]:
    """Return the change that a term wants: its negative gradient in the hole, zero elsewhere.

    Args:
        term: A term of the energy, made for the labels of these images.
        images: ``(B, H, W)``.
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B, H, W)``; positive where a pixel should become brighter.
    """
    _, gradient = term.value_and_gradient(torch.from_numpy(images))
    wish: NDArray[np.floating] = -gradient.numpy() * holes
    return wish


def cosine(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return the cosine of the angle between images, as vectors.

    Args:
        first: ``(B, H, W)``.
        second: Same shape.

    Returns:
        ``(B,)`` in [-1, 1]: 1 for the same direction, 0 for orthogonal images or an image of zeros.
    """
    lengths = np.linalg.norm(first, axis=(1, 2)) * np.linalg.norm(second, axis=(1, 2))
    products = (first * second).sum(axis=(1, 2))
    agreement: NDArray[np.floating] = products / np.where(lengths > 0, lengths, 1)
    return agreement


check_module(__name__)
