"""Input validation: each error names the argument, the given value and the wanted one.

Each public function passes what it is given through these functions before it computes. Every
array and tensor goes through one gate, :func:`tensor_of`. It refuses by name whatever would lead to
a wrong result, such as a masked array, whose mask would be ignored, or a sparse tensor. Every
number goes through :func:`number` or :func:`whole_number`. torch is imported where it is needed, so
that modules without it do not wait for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Sized
from numbers import Real
from types import UnionType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: The largest whole number of a setting, and the largest seed.
MOST, MOST_SEED = 2**31 - 1, 2**64 - 1


# Names, switches, functions


def known_name(argument: str, name: object, names: Iterable[str]) -> str:
    """Return ``name`` if it is one of ``names``.

    Raises:
        ValueError: It is not; the message lists the names that exist.
    """
    names = list(names)
    if not isinstance(name, str) or name not in names:
        raise ValueError(f"{argument}: got {shown(name)}, wanted one of {', '.join(names)}")
    return str(name)


def names_of(argument: str, names: object, wanted: str = "names") -> tuple[str, ...]:
    """Return names as a tuple.

    Raises:
        TypeError: Not a sequence of names, or an empty one.
    """
    try:
        given = tuple(names) if isinstance(names, Iterable) else ()
    except TypeError:  # an array without dimensions says that it can be iterated over
        given = ()
    if not given or not all(isinstance(name, str) and name for name in given):
        raise TypeError(f"{argument}: got {shown(names)}, wanted {wanted}")
    return given


def truth(argument: str, value: object) -> bool:
    """Return a truth value.

    Raises:
        TypeError: Neither True nor False.
    """
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{argument}: got {shown(value)}, wanted True or False")
    return bool(value)


def function(argument: str, value: object, wanted: str) -> None:
    """Check that a value can be called.

    Raises:
        TypeError: It cannot.
    """
    if not callable(value):
        raise TypeError(f"{argument}: got {type(value).__name__}, wanted {wanted}")


def instance(
    argument: str, value: object, kind: type | UnionType | tuple[type, ...], wanted: str
) -> None:
    """Check that a value is of a kind.

    Raises:
        TypeError: It is not.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{argument}: got {type(value).__name__}, wanted {wanted}")


# Numbers


def number(argument: str, value: object) -> float:
    """Return a real number as a float.

    Raises:
        TypeError: Not a number.
        ValueError: A float cannot hold it.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real):
        raise TypeError(f"{argument}: got {shown(value)}, wanted a number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(
            f"{argument}: got {shown(value)}, wanted a number of at most 1.8e308"
        ) from None


def at_least(argument: str, value: object, low: float) -> float:
    """Return a number that is finite and not below ``low``.

    Raises:
        TypeError: Not a number.
        ValueError: It is below, or not finite.
    """
    given = number(argument, value)
    if not (math.isfinite(given) and given >= low):
        raise ValueError(f"{argument}: got {value}, wanted a finite number of at least {low:g}")
    return given


def above(argument: str, value: object, low: float, high: float = math.inf) -> float:
    """Return a number that is finite, above ``low`` and not above ``high``.

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or not finite.
    """
    given = number(argument, value)
    if not (math.isfinite(given) and low < given <= high):
        most = f" and at most {high:g}" if math.isfinite(high) else ""
        raise ValueError(f"{argument}: got {value}, wanted a number above {low:g}{most}")
    return given


def between(argument: str, value: object, low: float, high: float) -> float:
    """Return a number that is neither below ``low`` nor above ``high``.

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or NaN.
    """
    given = number(argument, value)
    if not low <= given <= high:
        raise ValueError(f"{argument}: got {value}, wanted a number from {low:g} to {high:g}")
    return given


def below_one(argument: str, value: object) -> float:
    """Return a number that is in [0, 1).

    Raises:
        TypeError: Not a number.
        ValueError: It is outside, or NaN.
    """
    given = between(argument, value, 0, 1)
    if given == 1:
        raise ValueError(f"{argument}: got 1, wanted a number below it")
    return given


def finite(argument: str, value: object) -> float:
    """Return a number that is neither infinite nor NaN.

    Raises:
        TypeError: Not a number.
        ValueError: It is not finite.
    """
    given = number(argument, value)
    if not math.isfinite(given):
        raise ValueError(f"{argument}: got {value}, wanted a finite number")
    return given


def whole_number(argument: str, value: object, low: int, high: int = MOST) -> int:
    """Return an int from ``low`` to ``high``.

    Raises:
        TypeError: Not an int.
        ValueError: Outside.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{argument}: got {shown(value)}, wanted a whole number")
    if value < low:
        raise ValueError(f"{argument}: got {shown(value)}, wanted a whole number of at least {low}")
    if value > high:
        raise ValueError(
            f"{argument}: got {shown(value)}, wanted a whole number from {low} to {high}"
        )
    return int(value)


def index_of(argument: str, index: object, count: int) -> int:
    """Return the index of one of ``count`` things; from the end if negative.

    Raises:
        TypeError: Not an int.
        IndexError: There is no such thing.
    """
    try:
        return whole_number(argument, index, -count, count - 1)
    except ValueError as error:
        raise IndexError(str(error)) from None


def seed_of(argument: str, seed: object) -> int:
    """Return a seed, a whole number that every generator takes.

    Raises:
        TypeError: Not an int.
        ValueError: Below 0, or of more than 64 bits.
    """
    return whole_number(argument, seed, 0, MOST_SEED)


def generator_of(argument: str, seed: int | torch.Generator) -> torch.Generator:
    """Return a generator made from a seed, or the given generator.

    Raises:
        TypeError: Neither an int nor a generator.
        ValueError: A seed below 0, or of more than 64 bits.
    """
    import torch

    if isinstance(seed, torch.Generator):
        return seed
    return torch.Generator().manual_seed(seed_of(argument, seed))


def in_precision(argument: str, value: float, precision: torch.dtype) -> None:
    """Check that a number is neither infinite nor rounded to 0 in the precision of the images.

    Raises:
        ValueError: It is.
    """
    import torch

    limits, given = torch.finfo(precision), number(argument, value)
    if given and not limits.smallest_normal <= abs(given) <= limits.max:
        raise ValueError(
            f"{argument}: got {value}, wanted 0 or a number from {limits.smallest_normal:.2g} to "
            f"{limits.max:.2g}, which {str(precision).removeprefix('torch.')} can hold"
        )


def several(argument: str, values: object, wanted: str) -> list[Any]:
    """Return the elements of a tuple, a list or an array.

    Raises:
        TypeError: It is none of them, or an array without dimensions.
    """
    if isinstance(values, tuple | list) or (type(values) is np.ndarray and values.ndim):
        return list(values)
    raise TypeError(f"{argument}: got {shown(values)}, wanted {wanted}")


def numbers_of(argument: str, values: object, count: int, wanted: str) -> tuple[float, ...]:
    """Return several finite numbers, such as a place or two radii.

    Raises:
        TypeError: Not a sequence of that many numbers.
        ValueError: One of them is not finite.
    """
    found = several(argument, values, wanted)
    if len(found) != count:
        raise TypeError(f"{argument}: got {shown(values)}, wanted {wanted}")
    return tuple(finite(argument, value) for value in found)


def whole_numbers_of(
    argument: str, values: object, counts: Sequence[int], wanted: str
) -> tuple[int, ...]:
    """Return whole numbers from 1 on, such as the sides of an image.

    Raises:
        TypeError: Not a sequence of whole numbers.
        ValueError: Another count of them, or one below 1.
    """
    if not isinstance(values, tuple | list):
        raise TypeError(f"{argument}: got {shown(values)}, wanted {wanted}")
    if len(values) not in counts:
        raise ValueError(f"{argument}: got {shown(values)}, wanted {wanted}")
    return tuple(whole_number(argument, value, 1) for value in values)


def sides_of(argument: str, shape: object) -> tuple[int, int]:
    """Return the height and width of an image.

    Raises:
        TypeError: Not two whole numbers.
        ValueError: Another count of them, or one below 1.
    """
    height, width = whole_numbers_of(argument, shape, (2,), "(H, W)")
    return height, width


# Arrays and tensors


def tensor_of(argument: str, values: object, wanted: str) -> Tensor:
    """Return a tensor unchanged, or a copy of an array: read-only, flipped or byte-swapped ones.

    Raises:
        TypeError: Neither an array nor a tensor, or of a type that torch does not know.
    """
    import torch

    if isinstance(values, torch.Tensor):
        return _plain(argument, values)
    if not isinstance(values, np.ndarray):
        raise TypeError(
            f"{argument}: got {type(values).__name__}, wanted a NumPy array or a torch tensor"
        )
    array = plain_array(argument, values)
    try:
        return torch.from_numpy(array.astype(array.dtype.newbyteorder("="), order="C"))
    except TypeError:
        raise TypeError(f"{argument}: got {array.dtype}, wanted {wanted}") from None


def batch_of(argument: str, images: NDArray[np.floating] | Tensor) -> Tensor:
    """Return a batch of images, grey ``(B, H, W)`` or colour ``(B, C, H, W)``, as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another number of dimensions, NaN, or values outside [0, 1].
    """
    pixels = tensor_of(argument, images, "floats in [0, 1]")
    return _pixels(argument, pixels, {3: "(B, H, W)", 4: "(B, C, H, W)"})


def grey_of(argument: str, image: NDArray[np.floating] | Tensor) -> Tensor:
    """Return one grey image ``(H, W)`` as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another number of dimensions, NaN, or values outside [0, 1].
    """
    return _pixels(argument, tensor_of(argument, image, "floats in [0, 1]"), {2: "(H, W)"})


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
    pixels = _pixels(argument, tensor_of(argument, image, "floats in [0, 1]"), wanted)
    if tuple(pixels.shape[-len(shape) :]) != tuple(shape):
        raise ValueError(
            f"{argument}: got {size(pixels.shape[-len(shape) :])} pixels, "
            f"wanted {size(shape)}, which {whose} takes"
        )
    return pixels


def floats_of(
    argument: str, values: object, dimensions: Sequence[int], wanted: str = "floats"
) -> Tensor:
    """Return an array or tensor of floats with any values, as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not of floats.
        ValueError: Another number of dimensions, nothing in it, or NaN or infinity.
    """
    given = tensor_of(argument, values, wanted)
    if not _floating(given):
        raise TypeError(f"{argument}: got {given.dtype}, wanted {wanted}")
    if given.ndim not in dimensions or given.numel() == 0:
        raise ValueError(f"{argument}: got shape {tuple(given.shape)}, wanted {wanted}")
    if not given.isfinite().all():
        raise ValueError(f"{argument}: got NaN or infinity, wanted {wanted}")
    return given


def array_of(argument: str, values: ArrayLike | Tensor) -> NDArray[Any]:
    """Return a list, a range, an array or a tensor as an array.

    Raises:
        TypeError: A masked array or another subclass, a list of lists of several lengths, or the
            like.
    """
    import torch

    if isinstance(values, torch.Tensor):
        return _plain(argument, values).numpy(force=True)
    if isinstance(values, np.ndarray):
        return plain_array(argument, values)
    try:
        return np.asarray(values)
    except ValueError:
        raise TypeError(f"{argument}: got {shown(values)}, wanted an array") from None


def hole_of(argument: str, hole: NDArray[np.bool_] | Tensor, shape: Sequence[int]) -> Tensor:
    """Return a hole as a bool tensor ``(B, H, W)``, a copy.

    One hole ``(H, W)`` serves all images of the batch, and all channels of a colour image.

    Args:
        argument: Its name.
        hole: bool, ``(B, H, W)`` or ``(H, W)``.
        shape: Of the batch of images, ``(B, H, W)`` or ``(B, C, H, W)``.

    Raises:
        TypeError: Not an array or tensor, or not bool.
        ValueError: Another shape than the image's, or nothing is missing.
    """
    missing = bools_of(argument, hole)
    full = (shape[0], *shape[-2:])
    if tuple(missing.shape) not in (full, full[1:]):
        raise ValueError(
            f"{argument}: got shape {tuple(missing.shape)}, "
            f"wanted that of the image, {full[1:]} or {full}"
        )
    missing = missing.expand(full).clone()
    if not missing.flatten(1).any(dim=1).all():
        raise ValueError(f"{argument}: got one in which nothing is missing, wanted a True pixel")
    return missing


def bools_of(argument: str, values: object) -> Tensor:
    """Return an array or tensor of truth values, as a tensor.

    Raises:
        TypeError: Not an array or tensor, or not bool.
    """
    import torch

    given = tensor_of(argument, values, "bool, True where missing")
    if given.dtype != torch.bool:
        raise TypeError(f"{argument}: got {given.dtype}, wanted bool, True where missing")
    return given


def labels_of(
    argument: str, label: ArrayLike | Tensor, *, batch: int, classes: int = MOST
) -> Tensor:
    """Return labels as int64 ``(B,)``; one int serves all images.

    Raises:
        TypeError: Not an int, or an array of other than ints.
        ValueError: Another length than the batch, or a label outside 0 … classes - 1.
    """
    import torch

    wanted = "an int, or one for each image"
    if isinstance(label, torch.Tensor):
        plain = _plain(argument, label)
        if plain.is_floating_point() or plain.is_complex() or plain.dtype == torch.bool:
            raise TypeError(f"{argument}: got {plain.dtype}, wanted {wanted}")
        labels = plain.numpy(force=True)
    elif isinstance(label, np.ndarray):
        labels = plain_array(argument, label)
    else:
        labels = _listed(argument, label, wanted)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"{argument}: got {labels.dtype}, wanted {wanted}")
    if labels.shape not in ((), (batch,)):
        raise ValueError(
            f"{argument}: got shape {labels.shape}, wanted one int, or {batch} of them"
        )
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise ValueError(
            f"{argument}: got {outside.flat[0]}, wanted a class from 0 to {classes - 1}"
        )
    return torch.from_numpy(np.array(np.broadcast_to(labels, batch), dtype=np.int64))


def _listed(argument: str, label: object, wanted: str) -> NDArray[Any]:
    """Return a label, or labels in a list, a range or another container, as an array."""
    try:
        labels = np.asarray(label)
    except ValueError:  # NumPy's, about a list of lists of several lengths
        raise TypeError(f"{argument}: got {shown(label)}, wanted {wanted}") from None
    if isinstance(label, tuple | list) and any(isinstance(each, bool | np.bool_) for each in label):
        raise TypeError(f"{argument}: got {shown(label)}, wanted {wanted}")
    if isinstance(label, int) and labels.dtype == object:
        raise ValueError(f"{argument}: got {shown(label)}, wanted a class, which is far smaller")
    return labels


def examples_of(
    images: NDArray[np.floating] | Tensor, labels: ArrayLike | Tensor, classes: Sequence[str]
) -> tuple[Tensor, Tensor]:
    """Return images to learn from in float32 and their labels in int64.

    Raises:
        TypeError: Images, labels or classes are of the wrong kind.
        ValueError: Their shapes or values do not fit.
    """
    titles = names_of("classes", classes)
    checked = batch_of("images", images).float()
    if not hasattr(labels, "shape"):
        labels = _listed("labels", labels, "one whole number for each image")
    shape = tuple(labels.shape)
    if shape != (len(checked),):
        raise ValueError(f"labels: got shape {shape}, wanted one for each of {len(checked)} images")
    known = labels_of("labels", labels, batch=len(checked), classes=len(titles))
    return checked, known.to(checked.device)


def batch_for(argument: str, images: Tensor, shape: Sequence[int]) -> None:
    """Check a batch of images for a network, as far as it costs nothing: it is asked in each step.

    Raises:
        TypeError: No dense tensor of floats.
        ValueError: Images of another shape.
    """
    import torch

    if not isinstance(images, torch.Tensor):
        raise TypeError(f"{argument}: got {type(images).__name__}, wanted a torch tensor")
    if not _floating(images) or images.layout != torch.strided or images.is_meta:
        given = f"{images.dtype}, {images.layout}, on {images.device}"
        raise TypeError(f"{argument}: got {given}, wanted a dense tensor of floats with values")
    if images.ndim == 0 or tuple(images.shape[1:]) != tuple(shape):
        wanted = ", ".join(["B", *map(str, shape)])
        raise ValueError(f"{argument}: got shape {tuple(images.shape)}, wanted ({wanted})")


def batch_labels(argument: str, labels: Tensor, batch: int) -> None:
    """Check labels for a network, likewise.

    Raises:
        TypeError: No tensor of whole numbers.
        ValueError: There is not one for each image.
    """
    import torch

    if not isinstance(labels, torch.Tensor) or labels.dtype != torch.int64:
        given = labels.dtype if isinstance(labels, torch.Tensor) else type(labels).__name__
        raise TypeError(f"{argument}: got {given}, wanted a tensor of int64 (B,)")
    same_shape(argument, labels.shape, (batch,), "the batch")


def same_shape(argument: str, shape: Sequence[int], wanted: Sequence[int], whose: str) -> None:
    """Check that an array has the shape of another one, so that neither is repeated.

    Raises:
        ValueError: It has another one.
    """
    if tuple(shape) != tuple(wanted):
        raise ValueError(
            f"{argument}: got shape {tuple(shape)}, wanted that of {whose}, {tuple(wanted)}"
        )


def count_of(argument: str, values: Sized, count: int, wanted: str) -> None:
    """Check how many values there are.

    Raises:
        ValueError: Another number of them.
    """
    if len(values) != count:
        raise ValueError(f"{argument}: got {len(values)}, wanted {count}, {wanted}")


def size(shape: Sequence[int]) -> str:
    """Return a shape as people write it: ``"3×32×32"``."""
    return "×".join(map(str, shape))


def shown(value: object) -> str:
    """Return a given value for a message: its representation, in one line and not too long."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # of an int with thousands of digits, or of somebody's class
        text = f"a {type(value).__name__}"
    return text if len(text) <= 70 else f"{text[:50]} … {text[-10:]}"


def _pixels(argument: str, pixels: Tensor, wanted: Mapping[int, str]) -> Tensor:
    """Return the pixels, if they are floats in [0, 1] with a wanted number of dimensions."""
    if not _floating(pixels):
        raise TypeError(
            f"{argument}: got {pixels.dtype}, wanted floats in [0, 1]; divide 8-bit values by 255"
        )
    if pixels.ndim not in wanted or pixels.numel() == 0:
        raise ValueError(
            f"{argument}: got shape {tuple(pixels.shape)}, wanted {' or '.join(wanted.values())}"
        )
    in_range(argument, pixels)
    return pixels


def in_range(argument: str, pixels: Tensor) -> None:
    """Check that all pixels are in [0, 1].

    Raises:
        ValueError: One is NaN or outside.
    """
    if pixels.isnan().any():
        raise ValueError(f"{argument}: got NaN, wanted values in [0, 1]")
    low, high = pixels.min().item(), pixels.max().item()
    if low < 0 or high > 1:
        raise ValueError(
            f"{argument}: got values from {_digits(low)} to {_digits(high)}, wanted them in [0, 1]"
        )


def _digits(value: float) -> str:
    """Return a grey value in few digits, or in all if it would look as if it were in [0, 1]."""
    few = f"{value:g}"
    return repr(value) if 0 <= float(few) <= 1 and not 0 <= value <= 1 else few


def _floating(values: Tensor) -> bool:
    """Return whether torch can compute with these floats; with those of 8 bits it cannot."""
    return values.is_floating_point() and values.element_size() >= 2


def plain_array(argument: str, values: NDArray[Any]) -> NDArray[Any]:
    """Return an array, if it is no subclass whose additions, such as a mask, would be ignored.

    Raises:
        TypeError: It is a subclass, such as a masked array.
    """
    if type(values) not in (np.ndarray, np.memmap):
        raise TypeError(
            f"{argument}: got {type(values).__name__}, wanted a plain NumPy array; what a subclass "
            "adds, such as a mask or a unit, would be ignored"
        )
    return values


def _plain(argument: str, values: Tensor) -> Tensor:
    """Return a tensor without its history, if it is an ordinary one: dense, with values."""
    import torch

    found = ""
    if type(values) not in (torch.Tensor, torch.nn.Parameter):
        found = type(values).__name__
    elif values.is_nested:
        found = "a nested tensor"
    elif values.layout != torch.strided:
        found = f"a tensor of layout {values.layout}"
    elif values.is_quantized:
        found = "a quantized tensor"
    elif values.is_meta:
        found = "a tensor on the device 'meta', which has no values"
    if found:
        raise TypeError(f"{argument}: got {found}, wanted a plain, dense torch tensor")
    given = values.detach()
    # No gradient goes through a tensor that was made in inference mode.
    return given.clone() if given.is_inference() else given
