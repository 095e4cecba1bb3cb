"""What several test modules need: a classifier made on the spot, random images and holes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from hypothesis import settings
from hypothesis import strategies as st
from torch import Tensor

from inpaintlib import classifiers, holes
from inpaintlib.classifiers import AVERAGED, PARTED, Classifier
from inpaintlib.energy import Term
from inpaintlib.networks import LeNet

#: The smallest image that a LeNet takes.
SMALL = (16, 16)

#: One right value of each setting of a recipe for :data:`SMALL` images, except its classifier.
RIGHT_SETTINGS: dict[str, Any] = {
    "content": "scores",
    "total_variation": 0.1,
    "region": "rim",
    "rim_width": 2,
    "binary": 0.1,
    "binary_begin": 0.5,
    "terms": (),
    "start": "constant",
    "start_value": 0.5,
    "step_size": 0.1,
    "max_steps": 2,
    "momentum": 0.5,
    "tolerance": 0.1,
    "jitter": 1,
    "patches": 1,
    "window_sides": (5, 9),
}

#: For properties that hold whatever is drawn: a few examples, the same in every run.
few = settings(max_examples=20, deadline=None, derandomize=True, database=None)

seeds = st.integers(0, 2**32 - 1)


def lenet(
    shape: tuple[int, ...] = SMALL, *, classes: int = 10, seed: int = 0, data: str = "none"
) -> LeNet:
    """An untrained LeNet in float64, sure enough of itself to have gradients that matter."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = LeNet(shape, [str(label) for label in range(classes)], data=data)
    with torch.no_grad():
        net.dense[-1].weight.mul_(30)
    return net.double().eval().requires_grad_(False)


def classifier(
    shape: tuple[int, int] = SMALL, *, classes: int = 10, seed: int = 0, data: str = "none"
) -> Classifier:
    """The same as a classifier, with the averages of the collection ``data`` if there are any."""
    net, known = lenet(shape, classes=classes, seed=seed, data=data), data in AVERAGED
    return Classifier(
        net,
        name=net.name,
        shape=net.shape,
        classes=net.classes,
        averages=classifiers.class_averages(data).double() if known else None,
        parts=classifiers.part_averages(data).double() if data in PARTED else None,
        origin=data if known else None,
    )


def pictures(*shape: int, seed: int = 0) -> Tensor:
    """Grey noise in float64, in which no two pixels are equal."""
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def missing(count: int, shape: tuple[int, int] = SMALL, *, seed: int = 0) -> Tensor:
    """Random holes ``(count, H, W)``, none of which covers everything."""
    drawn = (holes.random(shape, seed=number) for number in range(seed, seed + 100))
    partial = [hole for hole in drawn if not hole.all()]
    return torch.from_numpy(np.stack(partial[:count]))


@contextmanager
def untouched_random_numbers() -> Iterator[None]:
    """Fail if what is done meanwhile draws from, or seeds, a generator that all share."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(np.random.default_rng().integers(2**32)))
        before = torch.random.get_rng_state(), str(np.random.get_state())  # noqa: NPY002
        yield
        assert torch.equal(torch.random.get_rng_state(), before[0])
        assert str(np.random.get_state()) == before[1]  # noqa: NPY002


class Distance(Term):
    """Half the squared distance from a target, seen through the view: minimal at the target."""

    name = "distance"
    sees_view = True

    def __init__(self, target: Tensor) -> None:
        self.target = target

    def __call__(self, images: Tensor) -> Tensor:
        return (images - self.target).square().sum(dim=(-2, -1)) / 2


class Slope(Term):
    """A linear term, seen through the view; its gradient is its weights, wherever the image is."""

    name = "slope"
    sees_view = True

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights

    def __call__(self, images: Tensor) -> Tensor:
        return (images * self.weights).sum(dim=(-2, -1))


def numerical_gradient(penalty: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """The gradients ``(B, H, W)`` of a penalty at float64 images, by central differences."""
    gradient = torch.zeros_like(images)
    for place in np.ndindex(*images.shape[1:]):
        step = torch.zeros_like(images)
        step[:, *place] = 1e-6
        gradient[:, *place] = (penalty(images + step) - penalty(images - step)) / 2e-6
    return gradient
