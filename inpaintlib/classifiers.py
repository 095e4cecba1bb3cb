"""The classifiers: two sizes of LeNet, and the weights that ship with the package.

A classifier maps images ``(B, H, W)`` to raw scores (logits) ``(B, classes)``. It is trained by
:mod:`inpaintlib.training`, on classification alone, and never sees a hole.
Explained in the chapter *Data and classifiers*.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import datasets
from inpaintlib.checks import known_name

_SUFFIX = ".safetensors"


class Size(NamedTuple):
    """How wide a LeNet is: the channels of its two convolutions, the units of its dense layers."""

    channels: tuple[int, int]
    hidden: tuple[int, ...]


#: The variants of the data sets whose class averages ship.
AVERAGED = ("mnist", "yale", "att")

#: The two sizes in common use, LeNet-5 :cite:p:`lecun1998gradient`, and the wider one that
#: MatConvNet :cite:p:`vedaldi2015matconvnet` ships as its MNIST example.
SIZES = {
    "lenet-5": Size(channels=(6, 16), hidden=(120, 84)),
    "lenet": Size(channels=(20, 50), hidden=(500,)),
}


class LeNet(nn.Module):
    """A LeNet: two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers.

    Args:
        shape: Height and width of the images, each at least 16.
        classes: The names of the classes; the scores come in this order.
        size: The channels and hidden units, one of :data:`SIZES` or a :class:`Size` of your own.
        name: What the classifier is called in tables and figures.
        data: The variant of the data set that it was trained on, one of :data:`AVERAGED`.

    Paper section 4.1; explained in the chapter *Data and classifiers*.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        classes: Sequence[str],
        *,
        size: Size = SIZES["lenet-5"],
        name: str = "untrained",
        data: str = "none",
    ) -> None:
        super().__init__()
        if min(shape) < 16:
            raise ValueError(f"shape: got {shape}, wanted a height and width of at least 16")
        self.shape = shape
        self.classes = tuple(classes)
        self.size = size
        self.name = name
        self.data = data
        #: What is known about the training, such as command, data, seed, accuracy, date.
        self.facts: dict[str, str] = {}
        first, second = size.channels
        self.convolutions = nn.ModuleList([nn.Conv2d(1, first, 5), nn.Conv2d(first, second, 5)])
        height, width = (((side - 4) // 2 - 4) // 2 for side in shape)
        widths = [second * height * width, *size.hidden, len(self.classes)]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, classes)`` of images ``(B, H, W)`` in [0, 1]."""
        x = images.unsqueeze(1)
        for convolution in self.convolutions:
            # ReLU and maximum commute; in this order ReLU has a quarter of the work.
            x = functional.relu(functional.max_pool2d(convolution(x), 2))
        x = x.flatten(1)
        for layer in self.dense[:-1]:
            x = functional.relu(layer(x))
        scores: Tensor = self.dense[-1](x)
        return scores

    @torch.no_grad()
    def probabilities(self, images: Tensor) -> Tensor:
        """Return the class probabilities ``(B, classes)`` of images ``(B, H, W)``: softmax."""
        return self(images).softmax(dim=1)


def names() -> tuple[str, ...]:
    """Return the names of the classifiers that ship with the package, sorted."""
    files = (entry.name for entry in _assets().iterdir())
    weights = (file for file in files if file.endswith(_SUFFIX) and "averages" not in file)
    return tuple(sorted(file.removesuffix(_SUFFIX) for file in weights))


def load(name: str) -> LeNet:
    """Load a classifier with the weights that ship with the package.

    Args:
        name: One of :func:`names`. ``"faces-whole"``, ``"faces-patches"`` and ``"faces-judge"``
            mean the one trained on the face set that ``datasets.load("faces")`` gives here;
            ``"faces-patches-yale"`` and ``"faces-patches-att"`` name one set's.

    Returns:
        The classifier in evaluation mode, float32, its parameters frozen.

    Raises:
        ValueError: No classifier of that name; the message lists them.

    Explained in the chapter *Data and classifiers*.
    """
    known, full = names(), name
    if f"{name}-att" in known:
        full = f"{name}-{'yale' if datasets.locate('faces') else 'att'}"
    full = known_name("classifier", full, known)
    with resources.as_file(_assets() / f"{full}{_SUFFIX}") as path:
        return read(path)


def save(classifier: LeNet, path: Path, *, facts: dict[str, str]) -> None:
    """Write a classifier's weights, in half precision, with what is to be known about it.

    Args:
        classifier: What is written. Its weights should be exact in half precision, see
            :func:`inpaintlib.training.train`; others are rounded.
        path: A ``.safetensors`` file; written whole or not at all.
        facts: Command, data, seed, accuracy and the like, kept in the file's metadata.
    """
    build = {
        "shape": classifier.shape,
        "classes": classifier.classes,
        "channels": classifier.size.channels,
        "hidden": classifier.size.hidden,
        "name": classifier.name,
        "data": classifier.data,
    }
    weights = {key: value.half().contiguous() for key, value in classifier.state_dict().items()}
    unfinished = path.with_suffix(".unfinished")
    save_file(weights, unfinished, metadata={"build": json.dumps(build), **facts})
    unfinished.replace(path)


def read(path: Path) -> LeNet:
    """Read a classifier that :func:`save` wrote; float32, evaluation mode, parameters frozen.

    Raises:
        ValueError: The file is not one of ours, or is damaged.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = dict(file.metadata() or {})
            weights = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
        build = json.loads(metadata.pop("build"))
        with torch.device("meta"):  # no first weights, so nobody's random numbers are drawn
            classifier = LeNet(
                tuple(build["shape"]),
                build["classes"],
                size=Size(tuple(build["channels"]), tuple(build["hidden"])),
                name=build["name"],
                data=build["data"],
            )
        classifier.load_state_dict(weights, assign=True)
    except (OSError, KeyError, TypeError, ValueError, RuntimeError, SafetensorError) as error:
        raise ValueError(
            f"{path}: not a classifier's weights ({error}); "
            "rebuild it with python -m inpaintlib.training"
        ) from error
    classifier.facts = metadata
    return classifier.eval().requires_grad_(False)


def class_averages(data: str) -> Tensor:
    """Return the class averages of the training images that ship with the package.

    Args:
        data: The variant of the data set: ``"mnist"``, ``"yale"`` or ``"att"``.

    Returns:
        float32 ``(classes, H, W)`` in [0, 1].

    Raises:
        ValueError: No averages of that variant ship.

    Paper section 3.3 (ii); explained in the chapter *Data and classifiers*.
    """
    path = _assets() / f"averages-{known_name('data', data, AVERAGED)}{_SUFFIX}"
    with resources.as_file(path) as file:
        return load_file(file)["averages"].float()


def part_averages(data: str) -> Tensor:
    """Return the averages of the parts of each class that ship with the package.

    Args:
        data: The variant of the data set: ``"mnist"``, ``"yale"`` or ``"att"``.

    Returns:
        float32 ``(classes, parts, H, W)`` in [0, 1], see :func:`inpaintlib.datasets.part_averages`.

    Raises:
        ValueError: No averages of that variant ship.

    Beyond the paper; explained in the chapter *Better recipes*.
    """
    path = _assets() / f"part-averages-{known_name('data', data, AVERAGED)}{_SUFFIX}"
    with resources.as_file(path) as file:
        return load_file(file)["averages"].float() / 255


def _assets() -> Traversable:
    return resources.files("inpaintlib") / "assets"
