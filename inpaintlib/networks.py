"""Networks that map images to scores, and how their weights are kept in a file.

:class:`LeNet` is the paper's. :class:`StridedNet` is smooth, so that its slope can be trained, and
:class:`Gaussians` describes each class by a mean and directions. The last two can say that an image
fits no class. Explained in the chapters *Data and classifiers* and *What a classifier must know to
paint*.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import checks


class Network(nn.Module):
    """What every network of the package knows about itself.

    Args:
        shape: Of one image, ``(H, W)`` for grey ones or ``(C, H, W)`` for colour.
        classes: The names of the classes; the scores come in this order, and one more may follow
            that stands for no class.
        name: What the classifier is called in tables and figures.
        data: The collection that it was trained on, see :class:`inpaintlib.datasets.Dataset`.

    Raises:
        TypeError: The shape or the classes are of the wrong kind.
        ValueError: The shape has other dimensions, or is too small.
    """

    #: The smallest height and width that the layers can take.
    smallest = 1

    #: Whether the scores themselves say how well an image fits, see :meth:`log_fits`.
    scores_fit = False

    def __init__(
        self, shape: tuple[int, ...], classes: Sequence[str], *, name: str, data: str
    ) -> None:
        super().__init__()
        wanted = f"(H, W) or (C, H, W), a height and width of at least {self.smallest}"
        self.shape = checks.whole_numbers_of("shape", shape, (2, 3), wanted)
        if min(self.shape[-2:]) < self.smallest:
            raise ValueError(f"shape: got {self.shape}, wanted {wanted}")
        self.classes = checks.names_of("classes", classes)
        for argument, value in {"name": name, "data": data}.items():
            checks.instance(argument, value, str, "text")
        self.name = name
        self.data = data
        #: What is known about the training, such as command, data, seed, accuracy, date.
        self.facts: dict[str, str] = {}

    @abstractmethod
    def forward(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, K)`` of images ``(B, *shape)`` in [0, 1]."""

    def log_fits(self, images: Tensor) -> Tensor:
        """Return how well images fit each class, ``(B, classes)``: 0 perfectly, less otherwise.

        The scores themselves if :attr:`scores_fit`; if not, the logarithm of the probability of
        each class among all scores.
        """
        self._check(images)
        scores: Tensor = self(images)
        return scores if self.scores_fit else scores.log_softmax(dim=1)[:, : len(self.classes)]

    def label_scores(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the raw score ``(B,)`` of one label, int64 ``(B,)``, for each image."""
        self._check(images)
        checks.batch_labels("labels", labels, len(images))
        return self(images).gather(1, labels[:, None]).squeeze(1)

    def label_fits(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return :meth:`log_fits` ``(B,)`` of one label, int64 ``(B,)``, for each image."""
        if self.scores_fit:
            return self.label_scores(images, labels)
        self._check(images)
        checks.batch_labels("labels", labels, len(images))
        return self.log_fits(images).gather(1, labels[:, None]).squeeze(1)

    def _check(self, images: Tensor) -> None:
        """Check the images of a batch; it costs little, as each step asks.

        Raises:
            TypeError: They are of another kind or precision than the weights.
            ValueError: Their shape is another one, or they are on another device.
        """
        checks.batch_for("images", images, self.shape)
        own = next(chain(self.parameters(), self.buffers()), None)
        if own is None:
            return
        if images.device != own.device:
            raise ValueError(
                f"images: got a tensor on {images.device}, wanted one on {own.device}, as the "
                f"weights of {self.name}"
            )
        if images.dtype != own.dtype and not torch.is_autocast_enabled(images.device.type):
            raise TypeError(
                f"images: got {images.dtype}, wanted {own.dtype}, as the weights of {self.name}"
            )

    def _stacked(self, images: Tensor) -> Tensor:
        """Return the images with a dimension for the channels."""
        self._check(images)
        return images if len(self.shape) == 3 else images.unsqueeze(1)

    def build(self) -> dict[str, Any]:
        """Return the arguments that make this network anew, as JSON can hold them."""
        return {
            "shape": self.shape,
            "classes": self.classes,
            "name": self.name,
            "data": self.data,
        }

    @classmethod
    def built(cls, build: Mapping[str, Any]) -> Network:
        """Make a network from what :meth:`build` returned, with weights that are not set yet."""
        checks.instance("build", build, Mapping, "a dictionary, as of build()")
        if "shape" not in build:
            raise ValueError(f"build: got {checks.shown(build)}, wanted a shape and the rest in it")
        settings = {**build, "shape": tuple(build["shape"])}
        with torch.device("meta"):  # no first weights, so nobody's random numbers are drawn
            return cls(**settings)

    def rounded(self) -> Self:
        """Round the weights to what a file holds; return the network frozen, to be used.

        Raises:
            ValueError: A weight is NaN, infinite, or too large for the file.
        """
        self.unpack(self.packed())
        self.check_weights()
        return self.eval().requires_grad_(False)

    def check_weights(self) -> None:
        """Check that every number of the network is finite.

        Raises:
            ValueError: One is NaN or infinite; the message has its name.
        """
        for name, values in self.state_dict().items():
            if not values.isfinite().all():
                raise ValueError(
                    f"{self.name}: got NaN or infinity in {name}, wanted finite numbers"
                )

    def packed(self) -> dict[str, Tensor]:
        """Return the weights as a file holds them, in half precision."""
        return {key: value.half().contiguous() for key, value in self.state_dict().items()}

    def unpack(self, tensors: Mapping[str, Tensor]) -> None:
        """Set the weights to what :meth:`packed` returned, in float32."""
        _check_names(tensors, self.state_dict())
        self.load_state_dict({key: value.float() for key, value in tensors.items()}, assign=True)


def _check_names(tensors: Mapping[str, Tensor], wanted: Iterable[str]) -> None:
    """Check that all tensors of a network are there, and no others."""
    checks.instance("tensors", tensors, Mapping, "a dictionary, as of packed()")
    if set(tensors) != set(wanted):
        raise ValueError(f"tensors: got {checks.shown([*tensors])}, wanted {', '.join(wanted)}")
    for tensor in tensors.values():
        checks.instance("tensors", tensor, Tensor, "torch tensors")


class Size(NamedTuple):
    """How wide a LeNet is: the channels of its two convolutions, the units of its dense layers."""

    channels: tuple[int, int]
    hidden: tuple[int, ...]


def check_size(argument: str, size: Size) -> Size:
    """Return a size, checked.

    Raises:
        TypeError: Not a :class:`Size`, or one of its numbers is not whole.
        ValueError: One is below 1, or there are not two of the channels.
    """
    checks.instance(argument, size, Size, "a Size")
    channels = tuple(checks.several(f"{argument}.channels", size.channels, "two whole numbers"))
    hidden = tuple(checks.several(f"{argument}.hidden", size.hidden, "whole numbers"))
    checks.whole_numbers_of(f"{argument}.channels", channels, (2,), "two whole numbers")
    for units in hidden:
        checks.whole_number(f"{argument}.hidden", units, 1)
    return Size((channels[0], channels[1]), hidden)


#: The two sizes in common use, LeNet-5 :cite:p:`lecun1998gradient`, and the wider one that
#: MatConvNet :cite:p:`vedaldi2015matconvnet` ships as its MNIST example.
SIZES = {
    "lenet-5": Size(channels=(6, 16), hidden=(120, 84)),
    "lenet": Size(channels=(20, 50), hidden=(500,)),
}


class LeNet(Network):
    """A LeNet: two rounds of 5×5 convolution, 2×2 max-pooling and ReLU, then dense layers.

    Args:
        shape: Of one image, ``(H, W)`` for grey ones or ``(C, H, W)`` for colour; height and
            width at least 16.
        classes: The names of the classes; the scores come in this order.
        size: The channels and hidden units, one of :data:`SIZES` or a :class:`Size` of your own.
        name: What the classifier is called in tables and figures.
        data: The collection that it was trained on, see :class:`inpaintlib.datasets.Dataset`.

    Raises:
        ValueError: The shape has other dimensions, or is too small.

    Paper section 4.1; explained in the chapter *Data and classifiers*.
    """

    smallest = 16

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: Sequence[str],
        *,
        size: Size = SIZES["lenet-5"],
        name: str = "untrained",
        data: str = "none",
    ) -> None:
        super().__init__(shape, classes, name=name, data=data)
        size = check_size("size", size)
        self.size = size
        first, second = size.channels
        channels = shape[0] if len(shape) == 3 else 1
        self.convolutions = nn.ModuleList(
            [nn.Conv2d(channels, first, 5), nn.Conv2d(first, second, 5)]
        )
        height, width = (((side - 4) // 2 - 4) // 2 for side in shape[-2:])
        widths = [second * height * width, *size.hidden, len(self.classes)]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(widths))

    def forward(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, classes)`` of images ``(B, *shape)`` in [0, 1]."""
        x = self._stacked(images)
        for convolution in self.convolutions:
            # ReLU and maximum commute; in this order ReLU has a quarter of the work.
            x = functional.relu(functional.max_pool2d(convolution(x), 2))
        x = x.flatten(1)
        for layer in self.dense[:-1]:
            x = functional.relu(layer(x))
        scores: Tensor = self.dense[-1](x)
        return scores

    def build(self) -> dict[str, Any]:
        """Return the arguments that make this network anew, as JSON can hold them."""
        channels, hidden = self.size
        return {**super().build(), "channels": channels, "hidden": hidden}

    @classmethod
    def built(cls, build: Mapping[str, Any]) -> Network:
        """Make a network from what :meth:`build` returned, with weights that are not set yet."""
        checks.instance("build", build, Mapping, "a dictionary, as of build()")
        settings = dict(build)
        for part in ("channels", "hidden"):
            if part not in settings:
                raise ValueError(f"build: got {checks.shown(build)}, wanted {part} in it")
        size = Size(tuple(settings.pop("channels")), tuple(settings.pop("hidden")))
        return super().built({**settings, "size": size})


class StridedNet(Network):
    """Three smooth convolutions and a dense layer; the last score stands for "fits no class".

    The convolutions are 6×6 and 4×4 with stride 2, then 3×3; SiLU follows each layer but the last.
    Nothing is pooled or cut off, so the slope of a score depends smoothly on the image and can
    itself be trained, see :mod:`inpaintlib.fitting`.

    Args:
        shape: Of one image, ``(H, W)`` for grey ones or ``(C, H, W)`` for colour; height and
            width at least 8.
        classes: The names of the classes; the scores come in this order, one more comes last.
        channels: Of the three convolutions.
        hidden: Units of the dense layer.
        name: What the classifier is called in tables and figures.
        data: The collection that it was trained on, see :class:`inpaintlib.datasets.Dataset`.

    Raises:
        ValueError: The shape has other dimensions, or is too small.

    Beyond the paper; explained in the chapter *What a classifier must know to paint*.
    """

    smallest = 8

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: Sequence[str],
        *,
        channels: Sequence[int] = (16, 32, 32),
        hidden: int = 64,
        name: str = "untrained",
        data: str = "none",
    ) -> None:
        super().__init__(shape, classes, name=name, data=data)
        channels = tuple(channels) if isinstance(channels, list) else channels
        channels = checks.whole_numbers_of("channels", channels, (3,), "three whole numbers")
        self.channels, self.hidden = channels, checks.whole_number("hidden", hidden, 1)
        first, second, third = channels
        inputs = shape[0] if len(shape) == 3 else 1
        self.convolutions = nn.ModuleList(
            [
                nn.Conv2d(inputs, first, 6, stride=2, padding=2),
                nn.Conv2d(first, second, 4, stride=2, padding=1),
                nn.Conv2d(second, third, 3, padding=1),
            ]
        )
        height, width = (side // 2 // 2 for side in shape[-2:])
        self.dense = nn.ModuleList(
            [nn.Linear(third * height * width, hidden), nn.Linear(hidden, len(self.classes) + 1)]
        )

    def forward(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, classes + 1)`` of images ``(B, *shape)`` in [0, 1]."""
        x = self._stacked(images)
        for convolution in self.convolutions:
            x = functional.silu(convolution(x))
        scores: Tensor = self.dense[1](functional.silu(self.dense[0](x.flatten(1))))
        return scores

    def build(self) -> dict[str, Any]:
        """Return the arguments that make this network anew, as JSON can hold them."""
        return {**super().build(), "channels": self.channels, "hidden": self.hidden}


class Gaussians(Network):
    r"""How far an image lies from each class, described by Gaussians of few directions.

    A class has one Gaussian, or one for each of its parts, with the mean :math:`m`, orthonormal
    directions :math:`v_i` of variance :math:`\lambda_i` and the variance :math:`\rho` in every
    other direction. With :math:`w_i = \lambda_i / (\lambda_i + \rho)` its score is

    .. math:: s = -\tfrac12 \Big(\|x - m\|^2 - \sum_i w_i \langle v_i, x - m\rangle^2\Big) + o

    which is :math:`\rho` times the logarithm of its density; :math:`o` holds what does not depend
    on the image, and is 0 for the likeliest part. The score of a class is
    :math:`\rho \log \sum e^{s / \rho}` over its parts: minus half the squared distance in pixel
    values, as far as the directions do not explain it, so 0 where the image fits perfectly.

    Args:
        shape: Of one image, ``(H, W)`` for grey ones or ``(C, H, W)`` for colour.
        classes: The names of the classes; the scores come in this order.
        parts: The Gaussians of each class.
        directions: The directions of each Gaussian.
        floor: The variance :math:`\rho` of a pixel beside the directions.
        name: What the classifier is called in tables and figures.
        data: The collection that it was fitted to, see :class:`inpaintlib.datasets.Dataset`.

    Raises:
        ValueError: The shape has other dimensions.

    Made by :func:`inpaintlib.gaussians.fit`. A mixture of probabilistic principal component
    analysers :cite:p:`tipping1999mixtures`. Beyond the paper; explained in the chapter *What a
    classifier must know to paint*.
    """

    scores_fit = True

    means: Tensor  # (classes, parts, D)
    directions: Tensor  # (classes, parts, directions, D)
    shares: Tensor  # w, (classes, parts, directions)
    offsets: Tensor  # o, (classes, parts)
    lengths: Tensor  # squared, of the means, (classes, parts)
    middles: Tensor  # of the means along the directions, (classes, parts, directions)

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: Sequence[str],
        *,
        parts: int,
        directions: int,
        floor: float,
        name: str = "unfitted",
        data: str = "none",
    ) -> None:
        super().__init__(shape, classes, name=name, data=data)
        self.floor = checks.above("floor", floor, 0)
        checks.whole_number("parts", parts, 1)
        checks.whole_number("directions", directions, 1)
        size = (len(self.classes), parts)
        pixels = torch.Size(shape).numel()
        self.register_buffer("means", torch.zeros(*size, pixels))
        self.register_buffer("directions", torch.zeros(*size, directions, pixels))
        self.register_buffer("shares", torch.zeros(*size, directions))
        self.register_buffer("offsets", torch.zeros(size))
        self.register_buffer("lengths", torch.zeros(size), persistent=False)
        self.register_buffer("middles", torch.zeros(*size, directions), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores ``(B, classes)`` of images ``(B, *shape)`` in [0, 1]."""
        self._check(images)
        x = images.flatten(1)
        # One product with all means and directions; the squared distances follow from it.
        onto_means = (x @ self.means.flatten(0, 1).T).reshape(-1, *self.offsets.shape)
        along = (x @ self.directions.flatten(0, 2).T).reshape(-1, *self.shares.shape)
        return self._scores(x[:, None], onto_means, along, slice(None))

    def label_scores(self, images: Tensor, labels: Tensor) -> Tensor:
        """Return the score ``(B,)`` of one label for each image; the other classes cost nothing."""
        self._check(images)
        checks.batch_labels("labels", labels, len(images))
        x = images.flatten(1)
        known, group, counts = torch.unique(labels, return_inverse=True, return_counts=True)
        # Images of one label side by side, and zeros behind the last where there are fewer.
        order, most = group.argsort(stable=True), int(counts.max())
        number = torch.arange(len(x), device=x.device) - (counts.cumsum(0) - counts)[group[order]]
        place = torch.empty_like(order).index_copy(0, order, group[order] * most + number)
        padded = x.new_zeros(len(known) * most, x.shape[1]).index_copy(0, place, x)
        grouped = padded.reshape(len(known), most, -1)
        chosen = slice(None) if len(known) == len(self.means) else known
        onto_means = grouped @ self.means[chosen].transpose(1, 2)
        along = grouped @ self.directions[chosen].flatten(1, 2).transpose(1, 2)
        along = along.reshape(len(known), most, *self.shares.shape[1:])
        by_group = self._scores(
            grouped.transpose(0, 1), onto_means.transpose(0, 1), along.transpose(0, 1), chosen
        )
        return by_group.transpose(0, 1).flatten()[place]

    def _scores(
        self, x: Tensor, onto_means: Tensor, along: Tensor, chosen: slice | Tensor
    ) -> Tensor:
        """Return the scores ``(B, C)`` for C classes, given products with means and directions.

        Args:
            x: The images, ``(B, C, D)``, or ``(B, 1, D)`` where they are the same for all classes.
            onto_means: ``(B, C, parts)``.
            along: ``(B, C, parts, directions)``.
            chosen: The classes.
        """
        squares = x.square().sum(dim=2, keepdim=True) - 2 * onto_means + self.lengths[chosen]
        explained = (self.shares[chosen] * (along - self.middles[chosen]).square()).sum(dim=3)
        parts = -0.5 * (squares - explained) + self.offsets[chosen]
        return self.floor * (parts / self.floor).logsumexp(dim=2)

    def build(self) -> dict[str, Any]:
        """Return the arguments that make this network anew, as JSON can hold them."""
        _, parts, directions = self.shares.shape
        sizes = {"parts": parts, "directions": directions, "floor": self.floor}
        return {**super().build(), **sizes}

    def packed(self) -> dict[str, Tensor]:
        """Return the numbers as a file holds them: directions in 8 bits, each with its largest."""
        largest = self.directions.abs().amax(dim=3, keepdim=True)
        steps = (127 * self.directions / largest.clamp(min=1e-12)).round()
        others = {"means": self.means, "shares": self.shares, "offsets": self.offsets}
        return {
            "directions": steps.to(torch.int8).contiguous(),
            "largest": largest.float().contiguous(),
            **{key: value.half().contiguous() for key, value in others.items()},
        }

    def unpack(self, tensors: Mapping[str, Tensor]) -> None:
        """Set the numbers to what :meth:`packed` returned, in float32."""
        _check_names(tensors, ("directions", "largest", "means", "shares", "offsets"))
        numbers = {key: value.float() for key, value in tensors.items()}
        numbers["directions"] = numbers["directions"] * (numbers.pop("largest") / 127)
        self.load_state_dict(numbers, assign=True)
        self.lengths = self.means.square().sum(dim=2)
        self.middles = (self.directions @ self.means.unsqueeze(3)).squeeze(3)


#: The kinds of networks by the name that a file gives them.
KINDS: dict[str, type[Network]] = {
    "lenet": LeNet,
    "strided": StridedNet,
    "gaussians": Gaussians,
}


def kind(network: Network) -> str:
    """Return the name of a network's kind.

    Raises:
        TypeError: It is none of :data:`KINDS`.
    """
    for name, known in KINDS.items():
        if type(network) is known:
            return name
    kinds = ", ".join(known.__name__ for known in KINDS.values())
    raise TypeError(f"network: got {type(network).__name__}, wanted one of {kinds}")
