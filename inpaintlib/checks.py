"""Input validation: each error names the argument, the given value and the wanted one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
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


def batch_of(argument: str, images: NDArray[np.floating] | Tensor) -> Tensor:
    """Return a batch of images, grey ``(B, H, W)`` or colour ``(B, C, H, W)``, as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another number of dimensions, NaN, or values outside [0, 1].
    """
    pixels = _tensor(argument, images, "floats in [0, 1]")
    return _pixels(argument, pixels, {3: "(B, H, W)", 4: "(B, C, H, W)"})


def image_of(
    argument: str, image: NDArray[np.floating] | Tensor, *, shape: Sequence[int], whose: str
) -> Tensor:
    """Return an image or a batch of them as a tensor.

    Three dimensions could be a batch of grey images or one in colour. Only the ``shape`` of one
    image decides which, never the sizes.

    Args:
        argument: Its name.
        image: Of the ``shape``, or with one dimension more in front, a batch.
        shape: Of one image, ``(H, W)`` or ``(C, H, W)``.
        whose: The classifier that wants this shape, for the message.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another shape, NaN, or values outside [0, 1].
    """
    letters = "(H, W)" if len(shape) == 2 else "(C, H, W)"
    wanted = {len(shape): letters, len(shape) + 1: f"(B, {letters[1:]}"}
    pixels = _pixels(argument, _tensor(argument, image, "floats in [0, 1]"), wanted)
    if tuple(pixels.shape[-len(shape) :]) != tuple(shape):
        raise ValueError(
            f"{argument}: got {size(pixels.shape[-len(shape) :])} pixels, "
            f"wanted {size(shape)}, which {whose} takes"
        )
    return pixels


def size(shape: Sequence[int]) -> str:
    """Return a shape as people write it: ``"3×32×32"``."""
    return "×".join(map(str, shape))


def _pixels(argument: str, pixels: Tensor, wanted: Mapping[int, str]) -> Tensor:
    """Return the pixels, if they are floats in [0, 1] with a wanted number of dimensions."""
    if not pixels.is_floating_point():
        raise TypeError(
            f"{argument}: got {pixels.dtype}, wanted floats in [0, 1]; divide 8-bit values by 255"
        )
    if pixels.ndim not in wanted or pixels.numel() == 0:
        raise ValueError(
            f"{argument}: got shape {tuple(pixels.shape)}, wanted {' or '.join(wanted.values())}"
        )
    if pixels.isnan().any():
        raise ValueError(f"{argument}: got NaN, wanted values in [0, 1]")
    low, high = pixels.min().item(), pixels.max().item()
    if low < 0 or high > 1:
        raise ValueError(f"{argument}: got values from {low:g} to {high:g}, wanted them in [0, 1]")
    return pixels


def hole_of(argument: str, hole: NDArray[np.bool_] | Tensor, shape: Sequence[int]) -> Tensor:
    """Return a hole as a bool tensor ``(B, H, W)``.

    One hole ``(H, W)`` serves all images of the batch, and all channels of a colour image.

    Args:
        argument: Its name.
        hole: bool, ``(B, H, W)`` or ``(H, W)``.
        shape: Of the batch of images, ``(B, H, W)`` or ``(B, C, H, W)``.

    Raises:
        TypeError: Not an array or tensor, or not bool.
        ValueError: Another shape than the image's, or nothing is missing.
    """
    missing = _tensor(argument, hole, "bool, True where missing")
    if missing.dtype != torch.bool:
        raise TypeError(f"{argument}: got {missing.dtype}, wanted bool, True where missing")
    full = (shape[0], *shape[-2:])
    if tuple(missing.shape) not in (full, full[1:]):
        raise ValueError(
            f"{argument}: got shape {tuple(missing.shape)}, "
            f"wanted that of the image, {full[1:]} or {full}"
        )
    missing = missing.expand(full)
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


def examples_of(
    images: NDArray[np.floating] | Tensor, labels: ArrayLike | Tensor, classes: Sequence[str]
) -> tuple[Tensor, Tensor]:
    """Return images to learn from in float32 and their labels in int64.

    Raises:
        TypeError: Images or labels are of the wrong kind.
        ValueError: Their shapes or values do not fit.
    """
    checked = batch_of("images", images).float()
    shape = tuple(np.shape(labels))
    if shape != (len(checked),):
        raise ValueError(f"labels: got shape {shape}, wanted one for each of {len(checked)} images")
    known = labels_of("labels", labels, batch=len(checked), classes=len(classes))
    return checked, known.to(checked.device)


def at_least(argument: str, value: float, low: float) -> None:
    """Check that a number is finite and not below ``low``.

    Raises:
        TypeError: Not a number.
        ValueError: It is below, or not finite.
    """
    number(argument, value)
    if not (math.isfinite(value) and value >= low):
        raise ValueError(f"{argument}: got {value}, wanted a finite number of at least {low:g}")


def between(argument: str, value: float, low: float, high: float) -> None:
    """Check that a number is neither below ``low`` nor above ``high``.

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or NaN.
    """
    number(argument, value)
    if not low <= value <= high:
        raise ValueError(f"{argument}: got {value}, wanted a number from {low:g} to {high:g}")


def below_one(argument: str, value: float) -> None:
    """Check that a number is in [0, 1).

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or NaN.
    """
    between(argument, value, 0, 1)
    if value == 1:
        raise ValueError(f"{argument}: got 1, wanted a number below it")


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


def generator_of(argument: str, seed: int | torch.Generator) -> torch.Generator:
    """Return a generator made from a seed, or the given generator.

    Raises:
        TypeError: Neither an int nor a generator.
        ValueError: A seed below 0.
    """
    if isinstance(seed, torch.Generator):
        return seed
    return torch.Generator().manual_seed(whole_number(argument, seed, 0))


def number(argument: str, value: object) -> None:
    """Check that a value is a real number.

    Raises:
        TypeError: It is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{argument}: got {value!r}, wanted a number")


def _tensor(argument: str, values: object, wanted: str) -> Tensor:
    """Return a tensor unchanged, or a copy of an array: read-only, flipped or byte-swapped ones.

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
