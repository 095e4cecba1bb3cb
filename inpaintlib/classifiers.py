"""Classifiers: any function from images to scores, and the ones that ship with the package.

A :class:`Classifier` maps images ``(B, H, W)`` or ``(B, C, H, W)`` to raw scores ``(B, K)`` and
describes its input. :func:`load` returns a shipped one, trained by
:mod:`inpaintlib.training` or :mod:`inpaintlib.fitting`; :func:`of` makes one of any
``torch.nn.Module`` or function. Explained in the chapters *Data and classifiers* and *Your own
classifier and images*.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike
from safetensors.torch import load as tensors_of
from safetensors.torch import save as bytes_of
from torch import Tensor, nn

from inpaintlib import _files, checks, datasets, experts, gaussians, networks
from inpaintlib._ambient import one_thread, usual
from inpaintlib._signatures import checked
from inpaintlib.checks import known_name
from inpaintlib.datasets import Dataset
from inpaintlib.networks import Network

_SUFFIX = ".safetensors"

# Metadata of a file that is not a fact about the training.
_BUILD, _DIGEST = "build", "sha256"


#: The collections whose class averages ship, and those with averages of parts of a class, for
#: which the emoji have too few drawings.
AVERAGED = ("mnist", "yale", "att", "emoji")
PARTED = ("mnist", "yale", "att")

#: The classifiers that :func:`load` fits, which takes a second, instead of reading their weights.
FITTED = ("faces-gaussians-att", "faces-gaussians-yale")


@dataclass(frozen=True, eq=False, repr=False)
class Classifier:
    """A function from images to scores, with the facts that the method needs about it.

    Made by :func:`load` or :func:`of`. Explained in the chapter *Your own classifier and images*.

    Attributes:
        scores: Maps images ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1] to raw scores ``(B, K)``.
        name: Its name in messages, tables and figures.
        shape: Of one image, ``(H, W)`` for grey ones or ``(C, H, W)`` for colour. It decides
            whether three dimensions are a batch of grey images or one in colour.
        classes: The names of the classes. Their scores are the first ones; K may be larger, for
            scores that stand for no class.
        averages: The average image of each class, ``(classes, *shape)``, or None.
        parts: The averages of the parts of each class, ``(classes, parts, *shape)``, or None.
        origin: The collection that its classes and averages belong to, see
            :class:`inpaintlib.datasets.Dataset`; None for any.
        facts: Facts about the training, such as command, data, seed, accuracy, date.

    Raises:
        TypeError: An attribute is of the wrong kind.
        ValueError: A weight is NaN or infinite, or averages do not fit the shape and the classes.
    """

    scores: Callable[[Tensor], Tensor]
    name: str
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    averages: Tensor | None = None
    parts: Tensor | None = None
    origin: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        checks.function("scores", self.scores, "a network or a function of images")
        checks.instance("name", self.name, str, "text")
        if self.origin is not None:
            checks.instance("origin", self.origin, str, "the name of a collection, or None")
        check_facts(self.facts)
        checks.whole_numbers_of("shape", self.shape, (2, 3), "(H, W) or (C, H, W)")
        checks.names_of("classes", self.classes)
        count = len(self.classes)
        _averages_of("averages", self.averages, (count, *self.shape))
        _averages_of("parts", self.parts, (count, None, *self.shape))
        if isinstance(self.scores, nn.Module):
            _check_weights(self.name, self.scores)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, K)`` of a batch of images in [0, 1].

        Raises:
            TypeError: No tensor of floats.
            ValueError: Images of another shape.
        """
        checks.batch_for("images", images, self.shape)
        return self.scores(images)

    def label_scores(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the raw score ``(B,)`` of one label, int64 ``(B,)``, for each image.

        Where a network can do so, it computes these scores alone.

        Raises:
            TypeError: Images or labels are of the wrong kind.
            ValueError: Their shapes do not fit.
        """
        checks.batch_for("images", images, self.shape)
        checks.batch_labels("labels", labels, len(images))
        if isinstance(self.scores, Network):
            return self.scores.label_scores(images, labels)
        return self(images).gather(1, labels[:, None]).squeeze(1)

    def __repr__(self) -> str:
        """Say what it is, in one line."""
        return f"<Classifier {self.name}: {len(self.classes)} classes of {checks.size(self.shape)}>"

    @property
    def ours(self) -> bool:
        """Whether it is one of the package's own networks, all of which are small."""
        inner = self.scores.scores if isinstance(self.scores, _Adapter) else self.scores
        return isinstance(inner, Network)

    def probabilities(self, images: Tensor) -> Tensor:
        """Return the probabilities ``(B, K)`` of a batch of images in [0, 1]: softmax.

        Raises:
            TypeError: No tensor of floats.
            ValueError: Images of another shape, or NaN.
        """
        checks.batch_for("images", images, self.shape)
        if not images.isfinite().all():
            raise ValueError("images: got NaN or infinity, wanted values in [0, 1]")
        with usual(), torch.no_grad():
            return self(images).softmax(dim=1)

    def to(self, images: Tensor) -> Classifier:
        """Return this classifier for images of that precision and device.

        A ``torch.nn.Module`` is copied; the copy is in evaluation mode with frozen parameters.
        The original is not changed.
        """

        checks.instance("images", images, Tensor, "a torch tensor")
        if not images.is_floating_point():
            raise TypeError(f"images: got {images.dtype}, wanted floats")

        def alike(averages: Tensor | None) -> Tensor | None:
            return None if averages is None else averages.to(images)

        return replace(
            self,
            scores=_frozen_copy(self.scores, images),
            averages=alike(self.averages),
            parts=alike(self.parts),
        )


def check_facts(facts: Mapping[str, str]) -> None:
    """Check facts about a training.

    Raises:
        TypeError: Not a dictionary of names and texts.
    """
    checks.instance("facts", facts, Mapping, "a dictionary of names and texts")
    for name, fact in facts.items():
        if not isinstance(name, str) or not isinstance(fact, str):
            raise TypeError(f"facts: got {name!r}: {fact!r}, wanted names and texts")


def of(
    scores: Callable[[Tensor], Tensor],
    *,
    name: str | None = None,
    shape: Sequence[int] | None = None,
    classes: Sequence[str] | int | None = None,
    averages: ArrayLike | Tensor | None = None,
    parts: ArrayLike | Tensor | None = None,
    origin: Dataset | str | None = None,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    add_channel: bool = False,
    dtype: torch.dtype | None = None,
) -> Classifier:
    """Make a classifier of any network or function that maps images to scores.

    Args:
        scores: A ``torch.nn.Module``, in either mode, on any device, with parameters frozen or
            not: the method works on a copy. Or a function that torch can differentiate.
        name: Its name in messages, tables and figures. A network of :mod:`inpaintlib.networks`
            knows its own name, shape and classes; for any other network all three must be given.
        shape: Of one image, ``(H, W)`` or ``(C, H, W)``. A network for images ``(B, 1, H, W)``
            takes colour images of one channel; see ``add_channel`` for grey ones.
        classes: Their names, in the order of the scores, or how many there are. There may be
            more scores than classes.
        averages: The average image of each class, ``(classes, *shape)``, as from
            :func:`inpaintlib.datasets.class_averages`. Two starts need them.
        parts: The averages of the parts of each class, ``(classes, parts, *shape)``, as from
            :func:`inpaintlib.datasets.part_averages`. One start needs them.
        origin: The set that the classes belong to; None lets the classifier work with any.
        mean: Subtracted from each pixel in [0, 1] before the network, one number or one for each
            channel, as torchvision's weights need it.
        std: The difference is divided by it, likewise.
        add_channel: Whether the network gets grey images as ``(B, 1, H, W)``, as torch's
            convolutions need them.
        dtype: The network's precision; that of the descent if None. A function that holds float32
            weights needs ``torch.float32``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: An argument is out of range, or the network does not map a black image of that
            shape to at least as many scores as there are classes.

    Paper section 2, whose method uses an existing classifier. Explained in the chapter *Your own
    classifier and images*.
    """
    with usual(torch.device("cpu")):
        return _of(
            scores,
            name=name,
            shape=shape,
            classes=classes,
            averages=averages,
            parts=parts,
            origin=origin,
            mean=mean,
            std=std,
            add_channel=checks.truth("add_channel", add_channel),
            dtype=dtype,
        )


def _of(
    scores: Callable[[Tensor], Tensor],
    *,
    name: str | None,
    shape: Sequence[int] | None,
    classes: Sequence[str] | int | None,
    averages: ArrayLike | Tensor | None,
    parts: ArrayLike | Tensor | None,
    origin: Dataset | str | None,
    mean: float | Sequence[float] | None,
    std: float | Sequence[float] | None,
    add_channel: bool,
    dtype: torch.dtype | None,
) -> Classifier:
    checks.function("scores", scores, "a network or a function of images")
    if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype.is_floating_point):
        raise TypeError(
            f"dtype: got {checks.shown(dtype)}, wanted a torch.dtype of floats, or None"
        )
    if isinstance(scores, Network):
        name = scores.name if name is None else name
        shape = scores.shape if shape is None else shape
        classes = scores.classes if classes is None else classes
    if name is None or shape is None or classes is None:
        missing = [
            argument
            for argument, value in {"name": name, "shape": shape, "classes": classes}.items()
            if value is None
        ]
        raise TypeError(f"{missing[0]}: got None, wanted {', '.join(missing)} of the network")
    sides = checks.whole_numbers_of("shape", shape, (2, 3), "(H, W) or (C, H, W)")
    if add_channel and len(sides) != 2:
        raise ValueError(f"add_channel: got True with the shape {sides}, wanted (H, W)")
    titles = _class_names(classes)
    made = Classifier(
        _Adapter(
            scores,
            mean=_of_channels("mean", mean, sides),
            std=_of_channels("std", std, sides),
            add_channel=add_channel,
            dtype=dtype,
        ),
        name=name,
        shape=sides,
        classes=titles,
        averages=_averages_of("averages", averages, (len(titles), *sides)),
        parts=_averages_of("parts", parts, (len(titles), None, *sides)),
        origin=None if origin is None else datasets.collection(origin),
    )
    _try_on_black(made)
    return made


def _class_names(classes: Sequence[str] | int) -> tuple[str, ...]:
    if isinstance(classes, int | np.integer):
        return tuple(map(str, range(checks.whole_number("classes", classes, 1))))
    return checks.names_of("classes", classes, "their names or how many there are")


def _of_channels(
    argument: str, values: float | Sequence[float] | None, shape: tuple[int, ...]
) -> Tensor | None:
    """Return one number, or one for each channel, in a shape that broadcasts to ``(B, …)``."""
    if values is None:
        return None
    if isinstance(values, tuple | list | np.ndarray | Tensor):
        if isinstance(values, np.ndarray | Tensor):
            values = checks.array_of(argument, values)
        given = values.tolist() if isinstance(values, np.ndarray | Tensor) else list(values)
        listed = given if isinstance(given, list) else [given]
        numbers = torch.tensor(
            [checks.finite(argument, value) for value in listed], dtype=torch.float64
        )
        numbers = numbers if isinstance(given, list) else numbers[0]
    else:
        numbers = torch.tensor(checks.finite(argument, values), dtype=torch.float64)
    if argument == "std" and not (numbers > 0).all():
        raise ValueError(f"std: got {values}, wanted numbers above 0")
    if numbers.ndim == 0:
        return numbers
    if len(shape) != 3 or numbers.shape != shape[:1]:
        wanted = f"one number or {shape[0]}" if len(shape) == 3 else "one number"
        raise ValueError(f"{argument}: got {values}, wanted {wanted}")
    return numbers.reshape(-1, 1, 1)


def _averages_of(
    argument: str, averages: ArrayLike | Tensor | None, shape: tuple[int | None, ...]
) -> Tensor | None:
    """Return averages as a tensor of the wanted shape, in which None is any size."""
    if averages is None:
        return None
    listed = averages if isinstance(averages, Tensor | np.ndarray) else np.array(averages)
    given = checks.tensor_of(argument, listed, "floats in [0, 1]")
    fits = given.ndim == len(shape) and all(
        wanted in (None, got) for got, wanted in zip(given.shape, shape, strict=True)
    )
    if not fits or not given.is_floating_point():
        wanted = ", ".join("parts" if side is None else str(side) for side in shape)
        raise ValueError(
            f"{argument}: got {given.dtype} of shape {tuple(given.shape)}, "
            f"wanted floats of ({wanted}), one for each class"
        )
    if not ((given >= 0) & (given <= 1)).all():
        raise ValueError(f"{argument}: got NaN or values outside of it, wanted floats in [0, 1]")
    return given


def _check_weights(name: str, network: nn.Module) -> None:
    """Check the weights of a network, so that no score is NaN.

    Buffers may be infinite, as the mask of an attention layer is, except in our own networks.

    Raises:
        ValueError: A weight is NaN or infinite, or a buffer NaN; the message has its name.
    """
    inner = network.scores if isinstance(network, _Adapter) else network
    if isinstance(inner, Network):
        inner.check_weights()
        return
    layers = inner if isinstance(inner, nn.Module) else network
    for title, weights in layers.named_parameters():
        if not weights.isfinite().all():
            raise ValueError(f"{name}: got NaN or infinity in {title}, wanted finite weights")
    for title, values in layers.named_buffers():
        if values.isnan().any():
            raise ValueError(f"{name}: got NaN in {title}, wanted numbers")


class _Adapter(nn.Module):
    """Converts images to the form that a network was trained on."""

    def __init__(
        self,
        scores: Callable[[Tensor], Tensor],
        *,
        mean: Tensor | None,
        std: Tensor | None,
        add_channel: bool,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        self.scores = scores
        self.mean, self.std = mean, std
        self.add_channel = add_channel
        self.dtype = dtype

    def forward(self, images: Tensor) -> Tensor:
        shown = images
        if self.mean is not None:
            shown = shown - self.mean.to(images)
        if self.std is not None:
            shown = shown / self.std.to(images)
        if self.add_channel:
            shown = shown.unsqueeze(1)
        return self.scores(shown if self.dtype is None else shown.to(self.dtype)).to(images.dtype)


def _frozen_copy(scores: Callable[[Tensor], Tensor], images: Tensor) -> Callable[[Tensor], Tensor]:
    """Return a frozen copy of a network in evaluation mode, in the images' precision."""
    if not isinstance(scores, nn.Module):
        return scores
    own = scores.dtype if isinstance(scores, _Adapter) else None
    copied = copy.deepcopy(scores).eval().requires_grad_(False)
    return copied.to(device=images.device, dtype=own or images.dtype)


def _try_on_black(classifier: Classifier) -> None:
    """Check a classifier's output for a black image.

    Raises:
        ValueError: It fails, or returns something other than scores.
    """
    black = torch.zeros(1, *classifier.shape, dtype=torch.float64, requires_grad=True)
    wanted = f"wanted scores (1, {len(classifier.classes)}) or more of a black image"
    try:
        with torch.enable_grad():
            scores = classifier.to(black)(black)
    except Exception as error:
        raise ValueError(
            f"scores: got {type(error).__name__} ({error}), {wanted} "
            f"{tuple(black.shape)} in float64; see shape, add_channel and dtype"
        ) from error
    if scores.ndim != 2 or len(scores) != 1 or scores.shape[1] < len(classifier.classes):
        raise ValueError(f"scores: got shape {tuple(scores.shape)}, {wanted}")
    if not scores.isfinite().all():
        raise ValueError(f"scores: got NaN or an infinite number, {wanted}")
    if not scores.requires_grad:
        raise ValueError("scores: got numbers without a gradient, wanted a differentiable function")


def names() -> tuple[str, ...]:
    """Return the names of the classifiers that :func:`load` knows, sorted."""
    files = (entry.name for entry in _assets().iterdir())
    weights = (file for file in files if file.endswith(_SUFFIX) and "averages" not in file)
    shipped = {file.removesuffix(_SUFFIX) for file in weights}
    return tuple(sorted({*gaussians.FITS, *experts.SUMS, *shipped}))


def load(name: str, *, data: Dataset | str | None = None) -> Classifier:
    """Load a classifier with the weights that ship with the package.

    Those of :data:`FITTED` are fitted instead; :data:`inpaintlib.experts.SUMS` are made of others.

    Args:
        name: One of :func:`names`, or a name that stands for one of each face set,
            such as ``"faces-patches"``; then ``data`` decides which.
        data: The set of the images; a classifier of another one is refused.

    Returns:
        The classifier in float32, with a network in evaluation mode and frozen, and with
        the averages of its collection.

    Raises:
        TypeError: ``name`` is not text, or ``data`` is neither a ``Dataset`` nor a name.
        ValueError: No classifier of that name, or it belongs to another set.
        DataError: It is to be fitted, and its training images are not on this machine.

    Explained in the chapter *Data and classifiers*.
    """
    if not isinstance(name, str):
        raise TypeError(f"name: got {type(name).__name__}, wanted one of {', '.join(names())}")
    with usual(torch.device("cpu")), one_thread():
        return _load(name, data)


def _load(name: str, data: Dataset | str | None) -> Classifier:
    full = datasets.full_name("classifier", name, names(), data)
    if full in FITTED:  # before its training images are looked for
        check_fits("classifier", full, gaussians.FITS[full].collection, data)
    net = _network(full)
    loaded = Classifier(
        net,
        name=net.name,
        shape=net.shape,
        classes=net.classes,
        averages=class_averages(net.data) if net.data in AVERAGED else None,
        parts=part_averages(net.data) if net.data in PARTED else None,
        origin=net.data,
        facts=net.facts,
    )
    check_fits("classifier", full, loaded.origin, data)
    return loaded


def _network(name: str) -> Network:
    if name in experts.SUMS:
        members = [(weight, _network(each)) for each, weight in experts.SUMS[name].items()]
        return experts.Experts(members, name=name).eval()
    if name in FITTED:
        return gaussians.fit_set(name)
    file = f"{name}{_SUFFIX}"
    return _network_of(_files.shipped(file), file)


@checked
def check_fits(argument: str, name: str, origin: str | None, data: Dataset | str | None) -> None:
    """Check that a classifier knows the classes of a set.

    Args:
        argument: The argument's name, for the message.
        name: Of the classifier, or of the recipe that uses it.
        origin: The classifier's collection; None if it works with any.
        data: The set that the images come from; None where it is not known.

    Raises:
        ValueError: The set is known and is not the classifier's; the message names both.
    """
    if data is None or origin in (None, datasets.collection(data)):
        return
    given = data.name if isinstance(data, Dataset) else data
    raise ValueError(
        f"{argument}: got {name!r}, which knows the classes of {origin}, "
        f"wanted one for {datasets.collection(data)}, since the images are those of {given}"
    )


def save(classifier: Network, path: Path | str, *, facts: Mapping[str, str]) -> None:
    """Write a network's weights in the precision of its file, with the facts about its training.

    Args:
        classifier: The network. Its weights should be exact in that precision, see
            :func:`inpaintlib.training.train`; others are rounded.
        path: A ``.safetensors`` file. It is written completely and read back, or stays as it was.
        facts: Command, data, seed, accuracy and the like, kept in the file's metadata.

    Raises:
        TypeError: A fact is not text, or the network is of another kind.
        ValueError: A fact has a name that the file needs, or the file could not be read back,
            for instance because a weight is too large for its precision.
        OSError: It cannot be written.
    """
    checks.instance("classifier", classifier, Network, "a network of inpaintlib.networks")
    checks.instance("path", path, str | Path, "a path")
    target = Path(os.path.realpath(path))
    _files.check_writable("path", target.parent, target.name)
    check_facts(facts)
    for name in facts:
        if name in (_BUILD, _DIGEST):
            raise ValueError(f"facts: got {name!r}, wanted names other than {_BUILD}, {_DIGEST}")
    build = {"kind": networks.kind(classifier), **classifier.build()}
    tensors = classifier.packed()
    told = {_BUILD: json.dumps(build), **facts}
    contents = bytes_of(tensors, metadata={**told, _DIGEST: _digest(tensors, told)})

    def check(unfinished: Path) -> None:
        _network_of(unfinished.read_bytes(), path)

    _files.write(path, contents, check=check)


@checked
def read(path: Path | str) -> Network:
    """Read a network that :func:`save` wrote; float32, evaluation mode, parameters frozen.

    Raises:
        ValueError: The file is not one of ours, is damaged, or holds NaN or infinity.
    """
    try:
        contents = Path(path).read_bytes()
    except OSError as error:
        raise _not_ours(path, error) from error
    return _network_of(contents, path)


def _network_of(contents: bytes, path: Path | str) -> Network:
    """Return the network in the contents of a file; ``path`` is for the message."""
    try:
        metadata = _metadata(contents)
        with usual(torch.device("cpu")):
            tensors = tensors_of(contents)
        digest = metadata.pop(_DIGEST, None)
        if digest not in (None, _digest(tensors, metadata)):  # older files name none
            raise ValueError("its contents do not have the SHA-256 that it names")
        build = json.loads(metadata.pop(_BUILD))
        with usual(torch.device("cpu")):
            # Files from before there were other kinds do not name theirs.
            classifier = networks.KINDS[build.pop("kind", "lenet")].built(build)
            classifier.unpack(tensors)
            classifier.check_weights()
    # What is read decides what goes wrong, and the remedy is always the same.
    except Exception as error:
        raise _not_ours(path, error) from error
    classifier.facts = metadata
    return classifier.eval().requires_grad_(False)


def _not_ours(path: Path | str, error: Exception) -> ValueError:
    return ValueError(
        f"{path}: not a classifier's weights ({error}); "
        "rebuild it with python -m inpaintlib.training"
    )


def _metadata(contents: bytes) -> dict[str, str]:
    """Return the texts in the head of a safetensors file: its length in 8 bytes, then JSON."""
    length = int.from_bytes(contents[:8], "little")
    return dict(json.loads(contents[8 : 8 + length]).get("__metadata__") or {})


def _digest(tensors: Mapping[str, Tensor], texts: Mapping[str, str]) -> str:
    """Return the SHA-256 of texts and tensors: names in order, shapes, types and numbers."""
    digest = hashlib.sha256(json.dumps(sorted(texts.items())).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype} ".encode())
        digest.update(tensor.contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def class_averages(data: str) -> Tensor:
    """Return the class averages of the training images that ship with the package.

    Args:
        data: The collection, see :data:`AVERAGED`.

    Returns:
        float32 ``(classes, H, W)`` in [0, 1].

    Raises:
        ValueError: No averages of that collection ship.

    Paper section 3.3 (ii); explained in the chapter *Data and classifiers*.
    """
    contents = _files.shipped(f"averages-{known_name('data', data, AVERAGED)}{_SUFFIX}")
    with usual(torch.device("cpu")):
        return tensors_of(contents)["averages"].float()


def part_averages(data: str) -> Tensor:
    """Return the averages of the parts of each class that ship with the package.

    Args:
        data: The collection, see :data:`PARTED`.

    Returns:
        float32 ``(classes, parts, H, W)`` in [0, 1], see :func:`inpaintlib.datasets.part_averages`.

    Raises:
        ValueError: No averages of that collection ship.

    Beyond the paper; explained in the chapter *Better recipes*.
    """
    contents = _files.shipped(f"part-averages-{known_name('data', data, PARTED)}{_SUFFIX}")
    with usual(torch.device("cpu")):
        return tensors_of(contents)["averages"].float() / 255


def _assets() -> Traversable:
    return resources.files("inpaintlib") / "assets"
