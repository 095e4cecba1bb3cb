"""Checks of what a user hands in: each error names the argument, what came and what is wanted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from numbers import Real

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor


def known_name(argument: str, name: object, names: Iterable[str]) -> str:
    """Return ``name`` if it is one of ``names``.

    Raises:
        ValueError: It is not; the message lists the names that exist.
    """
    names = list(names)
    if name not in names:
        raise ValueError(f"{argument}: got {name!r}, wanted one of {', '.join(names)}")
    return str(name)


def grey_image(argument: str, image: NDArray[np.floating] | Tensor) -> Tensor:
    """Return an image ``(H, W)`` or a batch ``(B, H, W)`` as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another number of dimensions, NaN, or values outside [0, 1].
    """
    pixels = _tensor(argument, image, "floats in [0, 1]")
    if not pixels.is_floating_point():
        raise TypeError(
            f"{argument}: got {pixels.dtype}, wanted floats in [0, 1]; divide 8-bit values by 255"
        )
    if pixels.ndim not in (2, 3) or pixels.numel() == 0:
        raise ValueError(f"{argument}: got shape {tuple(pixels.shape)}, wanted (H, W) or (B, H, W)")
    if pixels.isnan().any():
        raise ValueError(f"{argument}: got NaN, wanted grey values in [0, 1]")
    low, high = pixels.min().item(), pixels.max().item()
    if low < 0 or high > 1:
        raise ValueError(
            f"{argument}: got values from {low:g} to {high:g}, wanted grey values in [0, 1]"
        )
    return pixels


def hole_of(argument: str, hole: NDArray[np.bool_] | Tensor, shape: Sequence[int]) -> Tensor:
    """Return a hole as a bool tensor of the batch's ``shape`` ``(B, H, W)``.

    One hole ``(H, W)`` serves all images of the batch.

    Raises:
        TypeError: Not an array or tensor, or not bool.
        ValueError: Another shape than the image's, or nothing is missing.
    """
    missing = _tensor(argument, hole, "bool, True where missing")
    if missing.dtype != torch.bool:
        raise TypeError(f"{argument}: got {missing.dtype}, wanted bool, True where missing")
    if tuple(missing.shape) not in (tuple(shape), tuple(shape[1:])):
        raise ValueError(
            f"{argument}: got shape {tuple(missing.shape)}, "
            f"wanted that of the image, {tuple(shape[1:])} or {tuple(shape)}"
        )
    missing = missing.expand(tuple(shape))
    if not missing.flatten(1).any(dim=1).all():
        raise ValueError(f"{argument}: got one in which nothing is missing, wanted a True pixel")
    return missing


def labels_of(argument: str, label: ArrayLike | Tensor, *, batch: int, classes: int) -> Tensor:
    """Return labels as int64 ``(B,)``; one int serves all images.

    Raises:
        TypeError: Not an int, or an array of other than ints.
        ValueError: Another length than the batch, or a label outside 0 … classes - 1.
    """
    wanted = "an int, or one for each image"
    try:
        labels = _tensor(
            argument, label if isinstance(label, Tensor) else np.asarray(label), wanted
        )
    except ValueError:  # NumPy's, about a list of lists of several lengths
        raise TypeError(f"{argument}: got {label!r}, wanted {wanted}") from None
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise TypeError(f"{argument}: got {labels.dtype}, wanted {wanted}")
    labels = labels.to(torch.int64)
    if tuple(labels.shape) not in ((), (batch,)):
        raise ValueError(
            f"{argument}: got shape {tuple(labels.shape)}, wanted one int, or {batch} of them"
        )
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.numel():
        raise ValueError(
            f"{argument}: got {outside.flatten()[0].item()}, wanted a class from 0 to {classes - 1}"
        )
    return labels.expand(batch).clone()


def at_least(argument: str, value: float, low: float) -> None:
    """Check that a number is finite and not below ``low``.

    Raises:
        TypeError: Not a number.
        ValueError: It is below, or not finite.
    """
    _real(argument, value)
    if not (math.isfinite(value) and value >= low):
        raise ValueError(f"{argument}: got {value}, wanted a finite number of at least {low:g}")


def between(argument: str, value: float, low: float, high: float) -> None:
    """Check that a number is neither below ``low`` nor above ``high``.

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or NaN.
    """
    _real(argument, value)
    if not low <= value <= high:
        raise ValueError(f"{argument}: got {value}, wanted a number from {low:g} to {high:g}")


def whole_number(argument: str, value: object, low: int) -> int:
    """Return an int that is not below ``low``.

    Raises:
        TypeError: Not an int.
        ValueError: Below ``low``.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{argument}: got {value!r}, wanted a whole number")
    if value < low:
        raise ValueError(f"{argument}: got {value}, wanted a whole number of at least {low}")
    return int(value)


def _real(argument: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{argument}: got {value!r}, wanted a number")


def _tensor(argument: str, values: object, wanted: str) -> Tensor:
    """Return a tensor as it is, or an array's copy: it may be read-only, flipped or byte-swapped.

    Raises:
        TypeError: Neither an array nor a tensor, or of a type that torch does not know.
    """
    if isinstance(values, Tensor):
        return values.detach()
    if not isinstance(values, np.ndarray):
        raise TypeError(
            f"{argument}: got {type(values).__name__}, wanted a NumPy array or a torch tensor"
        )
    try:
        return torch.from_numpy(values.astype(values.dtype.newbyteorder("="), order="C"))
    except TypeError:
        raise TypeError(f"{argument}: got {values.dtype}, wanted {wanted}") from None
