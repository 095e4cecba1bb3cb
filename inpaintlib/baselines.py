"""Baselines: other inpainting methods, for comparison.

All of them take images ``(B, H, W)`` and their holes, and return float32 images of the same shape
that differ from the input inside the holes only. The values given there have no effect. All but
the U-Net and the deep image prior also take colour images ``(B, C, H, W)``: filters fill each
channel by itself. There are three groups:

- filters that know only the image: :func:`zeros`, :func:`total_variation`, :func:`telea`,
  :func:`navier_stokes`, :func:`biharmonic`, :func:`deep_image_prior`;
- fills from the training images of the label's class: :func:`nearest`, :func:`class_pca`;
- a network that learned to fill holes: :func:`unet`, trained by :func:`train_unet`.

The harmonic fill and the class average are starts, see :mod:`inpaintlib.starts`.
Explained on the page *How results are scored*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from skimage import restoration
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import checks, starts
from inpaintlib import holes as kinds
from inpaintlib._ambient import seeded, usual
from inpaintlib.datasets import Dataset
from inpaintlib.energy import adjoint_difference, difference
from inpaintlib.holes import over
from inpaintlib.starts import solve_laplace

Images = NDArray[np.floating]
Filled = NDArray[np.float32]
Holes = NDArray[np.bool_]

#: Radius in pixels around a missing pixel that OpenCV's methods use; the value of its examples.
RADIUS = 3

#: Number of holes that a U-Net's training draws once and then reuses.
TRAINING_HOLES = 2000


def zeros(images: Images, holes: Holes) -> Filled:
    """Leave the hole black.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        float32 ``(B, H, W)``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A shape or a value is out of range, a hole is empty or covers everything, or
            the fill is not finite; as for every baseline.
    """
    given, _ = _checked(images, holes)
    return given.numpy()


def total_variation(
    images: Images, holes: Holes, *, steps: int = 500, step_size: float = 0.1
) -> Filled:
    r"""Fill the hole so that total variation is minimal.

    .. math:: \min_X \|D_h X\|_1 + \|D_v X\|_1 \quad \text{with the known pixels fixed}

    This is the paper's energy without its content term :cite:p:`rudin1992nonlinear`. Gradient
    descent stops above the minimum where neighbours in a large hole oscillate, so this is the
    primal-dual algorithm :cite:p:`chambolle2011first`, started from the harmonic fill: it updates,
    in turn, the image and a bounded dual variable for each of its differences.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.
        steps: How many; a few hundred reach the minimum.
        step_size: Of the image; that of the dual variables follows. Only the speed depends on it.

    Returns:
        float32 ``(B, H, W)``.
    """
    checks.whole_number("steps", steps, 1)
    step_size = checks.above("step_size", step_size, 0)
    checks.in_precision("step_size", step_size, torch.float32)
    given, missing = _checked(images, holes)
    # Two differences for each pixel: an operator whose squared norm is at most 8.
    dual_step = 1 / (8 * step_size)
    inside = over(missing, given)
    filled = ahead = starts.harmonic(given, missing)
    bounds = {dim: torch.zeros_like(given) for dim in (-1, -2)}
    for _ in range(steps):
        for dim, bound in bounds.items():
            bounds[dim] = (bound + dual_step * difference(ahead, dim)).clamp(-1, 1)
        slope = sum(adjoint_difference(bound, dim) for dim, bound in bounds.items())
        moved = torch.where(inside, (filled - step_size * slope).clamp(0, 1), given)
        filled, ahead = moved, 2 * moved - filled
    if not filled.isfinite().all():
        raise ValueError(f"step_size: got {step_size}, with which pixels became NaN, wanted less")
    return filled.numpy()


def telea(images: Images, holes: Holes) -> Filled:
    """Fill from the rim inwards with weighted means of known neighbours, by OpenCV.

    OpenCV works on 8 bits, so a fill has 256 grey values. :cite:p:`telea2004image`

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        float32 ``(B, H, W)``.

    Raises:
        ImportError: OpenCV is not installed: ``pip install 'inpaintlib[baselines]'``.
    """
    return _opencv(images, holes, "INPAINT_TELEA")


def navier_stokes(images: Images, holes: Holes) -> Filled:
    """Continue the lines of equal brightness into the hole like streamlines, by OpenCV.

    OpenCV works on 8 bits, so a fill has 256 grey values. :cite:p:`bertalmio2001navier`

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        float32 ``(B, H, W)``.

    Raises:
        ImportError: OpenCV is not installed: ``pip install 'inpaintlib[baselines]'``.
    """
    return _opencv(images, holes, "INPAINT_NS")


def biharmonic(images: Images, holes: Holes) -> Filled:
    r"""Fill the hole like a bent thin plate, by scikit-image.

    .. math:: \Delta^2 X = 0 \quad \text{inside the hole}

    The harmonic fill continues only grey values; this one also continues their slope.
    :cite:p:`damelin2018surface`

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        float32 ``(B, H, W)``.
    """
    given, missing = _checked(images, holes)
    filled = [
        restoration.inpaint_biharmonic(image, hole)
        for image, hole in _channels(given.double(), missing)
    ]
    return _composed(np.stack(filled), given, missing)


def nearest(
    images: Images, holes: Holes, labels: ArrayLike, training: Dataset, *, neighbours: int = 1
) -> Filled:
    r"""Fill the hole from the training images of the class that are nearest in the known pixels.

    .. math:: \operatorname{argmin}_{t \in \text{class } \ell} \sum_{p \notin H} (x_p - t_p)^2

    The mean of the ``neighbours`` nearest is pasted in, and the error along the rim is spread
    over the hole harmonically, as in :func:`inpaintlib.starts.blended_class_average`.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.
        labels: The class, an int or ``(B,)``.
        training: The images that are searched.
        neighbours: How many.

    Returns:
        float32 ``(B, H, W)``.

    Raises:
        ValueError: A class has fewer training images than ``neighbours``, or these have another
            shape.
    """
    checks.whole_number("neighbours", neighbours, 1)
    given, missing = _checked(images, holes)
    fills = torch.empty_like(given)
    for chosen, examples in _by_class(given, labels, training, at_least=neighbours):
        known = _known(given, missing)[chosen]
        # The square of the image itself is left out: it is the same for every neighbour.
        distances = (
            known @ examples.square().T - 2 * (given[chosen].flatten(1) * known) @ examples.T
        )
        closest = distances.argsort(dim=1, stable=True)[:, :neighbours]
        fills[chosen] = examples[closest].mean(dim=1).reshape(-1, *given.shape[1:]).float()
    for fill, image, hole in zip(fills, given, missing, strict=True):
        fill += solve_laplace(image - fill, hole)
    return _composed(fills.numpy(), given, missing)


def class_pca(
    images: Images,
    holes: Holes,
    labels: ArrayLike,
    training: Dataset,
    *,
    components: int = 60,
    ridge: float = 0.01,
) -> Filled:
    r"""Fill the hole with the image of the class's linear subspace that fits the known pixels best.

    .. math:: \min_c \sum_{p \notin H} (m_p + (V^T c)_p - x_p)^2
              + \rho \sum_k \frac{c_k^2}{\sigma_k^2}

    with the class's mean image :math:`m`, its first principal components, the rows of :math:`V`,
    and their variances :math:`\sigma_k^2`. The ridge :math:`\rho` keeps the coefficient of a
    component that is hardly visible outside the hole within its range in the training images.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.
        labels: The class, an int or ``(B,)``.
        training: Where the components come from.
        components: How many; at most the number of training images of the class minus one.
        ridge: The weight ρ; in a Gaussian model, the variance of a pixel's noise.

    Returns:
        float32 ``(B, H, W)``.

    Raises:
        ValueError: A class has fewer than two training images, or these have another shape.
    """
    checks.whole_number("components", components, 1)
    ridge = checks.above("ridge", ridge, 0)  # at 0 the fit may have no solution
    given, missing = _checked(images, holes)
    fills = torch.empty_like(given)
    for chosen, examples in _by_class(given, labels, training, at_least=2):
        mean = examples.mean(dim=0)
        _, lengths, basis = torch.linalg.svd(examples - mean, full_matrices=False)
        used = min(components, len(examples) - 1)
        basis, variances = basis[:used], lengths[:used].square().clamp(min=1e-9) / len(examples)
        known = _known(given, missing)[chosen]
        seen = basis * known[:, None]  # (b, components, pixels)
        squares = seen @ basis.T + torch.diag(ridge / variances)
        wanted = seen @ (given[chosen].flatten(1) - mean)[..., None]
        coefficients = torch.linalg.solve(squares, wanted)[..., 0]
        fills[chosen] = (mean + coefficients @ basis).reshape(-1, *given.shape[1:]).float()
    return _composed(fills.numpy(), given, missing)


class UNet(nn.Module):
    """A small U-Net that fills an image, given its hole :cite:p:`ronneberger2015unet`.

    Each level halves the resolution on the way down; on the way up, skip connections add the
    features of the same resolution from the way down.

    Args:
        channels: Of each level, from the full resolution down.

    Raises:
        TypeError: The channels are no whole numbers.
        ValueError: A channel is below 1, or there are not one to eight.
    """

    def __init__(self, *, channels: tuple[int, ...] = (16, 32, 64)) -> None:
        super().__init__()
        channels = checks.whole_numbers_of(
            "channels", channels, range(1, 9), "one to eight whole numbers"
        )
        self.down = nn.ModuleList(
            _twice(before, after) for before, after in zip((2, *channels), channels, strict=False)
        )
        upwards = channels[::-1]
        self.up = nn.ModuleList(_twice(below + own, own) for below, own in pairwise(upwards))
        self.last = nn.Conv2d(channels[0], 1, 1)

    def forward(self, images: Tensor, holes: Tensor) -> Tensor:
        """Return filled images ``(B, H, W)`` in [0, 1]; known pixels are not put back.

        Args:
            images: ``(B, H, W)``, 0 in the hole.
            holes: bool ``(B, H, W)``.
        """
        features = torch.stack([images, holes.to(images)], dim=1)
        seen: list[Tensor] = []
        for block in self.down:
            features = block(functional.max_pool2d(features, 2) if seen else features)
            seen.append(features)
        for block, own in zip(self.up, seen[-2::-1], strict=True):
            wider = functional.interpolate(features, size=own.shape[-2:])
            features = block(torch.cat([wider, own], dim=1))
        filled: Tensor = self.last(features).squeeze(1).sigmoid()
        return filled


def train_unet(
    training: Dataset,
    *,
    holes: Holes | None = None,
    channels: tuple[int, ...] = (16, 32, 64),
    steps: int = 2000,
    batch: int = 32,
    learning_rate: float = 3e-3,
    seed: int = 0,
    report: Callable[[int, float], object] = lambda done, loss: None,
) -> UNet:
    """Train a :class:`UNet` on pairs of an image and the same image with a hole.

    The loss is the squared error inside the hole. The same seed on the same machine gives the same
    weights. The network gets no labels. The chapter *Related work* shows its results on other kinds
    of holes than those it was trained on.

    Args:
        training: The images.
        holes: bool ``(N, H, W)``, drawn from for every image; rectangles, ellipses, strokes,
            scattered pixels and halves of random sizes in random places if None.
        channels: Of each level of the network, see :class:`UNet`.
        steps: Of the optimiser.
        batch: Images in a step.
        learning_rate: The highest of the one-cycle schedule, for AdamW.
        seed: Of the first weights, the order and the holes.
        report: Called after each step with the number of steps done and the loss.

    Raises:
        TypeError: ``holes`` are not truth values.
        ValueError: ``holes`` are not of the images' shape, one of them is empty or leaves no known
            pixel, a number is out of range, or the training diverged.
    """
    checks.instance("training", training, Dataset, "a Dataset")
    if not len(training):
        raise ValueError("training: got a Dataset of no image, wanted at least one")
    for setting, value in {"steps": steps, "batch": batch}.items():
        checks.whole_number(setting, value, 1)
    checks.above("learning_rate", learning_rate, 0)
    checks.in_precision("learning_rate", learning_rate, torch.float32)
    checks.function("report", report, "a function of the steps done and the loss")
    seed = checks.seed_of("seed", seed)
    with usual(torch.device("cpu")):
        return _train_unet(
            training,
            _seen_holes(training, holes, seed=seed),
            channels=channels,
            steps=steps,
            batch=batch,
            learning_rate=learning_rate,
            seed=seed,
            report=report,
        )


def _train_unet(
    training: Dataset,
    missing: Tensor,
    *,
    channels: tuple[int, ...],
    steps: int,
    batch: int,
    learning_rate: float,
    seed: int,
    report: Callable[[int, float], object],
) -> UNet:
    generator = torch.Generator().manual_seed(seed)
    with seeded(seed):
        # A quarter faster on a CPU than PyTorch's default memory format.
        net = UNet(channels=channels).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    images = torch.from_numpy(training.images)
    optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    for step in range(steps):
        shown = images[torch.randint(len(images), (batch,), generator=generator)]
        hidden = missing[torch.randint(len(missing), (batch,), generator=generator)]
        filled = net(shown.masked_fill(hidden, 0), hidden)
        loss = (filled - shown)[hidden].square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
        report(step + 1, loss.item())
    if not all(weights.isfinite().all() for weights in net.state_dict().values()):
        raise ValueError(
            f"learning_rate: got {learning_rate}, with which the training diverged; wanted a "
            "smaller one"
        )
    return net.eval().requires_grad_(False)


def unet(images: Images, holes: Holes, net: UNet) -> Filled:
    """Fill the hole with a trained network :cite:p:`ronneberger2015unet`.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.
        net: From :func:`train_unet`.

    Returns:
        float32 ``(B, H, W)``.
    """
    given, missing = _checked(images, holes, colour=False)
    checks.instance("net", net, UNet, "a UNet, from train_unet")
    with usual(torch.device("cpu")), torch.no_grad():
        return _composed(net(given, missing).numpy(), given, missing)


def deep_image_prior(
    image: Images, hole: Holes, *, steps: int = 500, learning_rate: float = 0.01, seed: int = 0
) -> Filled:
    """Fill the hole with the output of a network fitted to this image :cite:p:`ulyanov2018deep`.

    A network that maps fixed noise to an image is fitted to the known pixels of this one image;
    only its architecture determines the hole. No training image is used, and a network is fitted
    to every image, which makes it slow.

    Args:
        image: ``(H, W)`` in [0, 1].
        hole: bool ``(H, W)``, True where missing.
        steps: Of the optimiser, Adam.
        learning_rate: Of the optimiser.
        seed: Of the network and the noise.

    Returns:
        float32 ``(H, W)``.
    """
    checks.whole_number("steps", steps, 1)
    checks.above("learning_rate", learning_rate, 0)
    checks.in_precision("learning_rate", learning_rate, torch.float32)
    seed = checks.seed_of("seed", seed)
    with usual(torch.device("cpu")):
        grey = checks.grey_of("image", image)
        given, missing = _checked(grey[None], hole, colour=False)
        return _fitted(given, missing, steps=steps, learning_rate=learning_rate, seed=seed)


def _fitted(
    given: Tensor, missing: Tensor, *, steps: int, learning_rate: float, seed: int
) -> Filled:
    """Return :func:`deep_image_prior` of one image ``(1, H, W)`` and its hole."""
    with seeded(seed):
        net = _hourglass((given.shape[1], given.shape[2]))
        noise = 0.1 * torch.rand(1, 16, *given.shape[1:])
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate)
    for _ in range(steps):
        loss = (net(noise)[0] - given)[~missing].square().mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    with torch.no_grad():
        return _composed(net(noise)[0].numpy(), given, missing)[0]


def _checked(
    images: Images | Tensor, holes: Holes, *, colour: bool = True
) -> tuple[Tensor, Tensor]:
    """Return float32 images that are 0 in their holes, and a hole ``(H, W)`` for each."""
    pixels = checks.batch_of("images", images)
    if pixels.ndim == 4 and not colour:
        raise ValueError(
            f"images: got colour images of shape {tuple(pixels.shape)}, wanted grey ones "
            "(B, H, W), the only ones that this method can fill"
        )
    missing = checks.hole_of("holes", holes, pixels.shape)
    if missing.flatten(1).all(dim=1).any():
        raise ValueError("holes: got one that covers everything, wanted a known pixel")
    return pixels.float().masked_fill(over(missing, pixels), 0), missing


def _channels(images: Tensor, missing: Tensor) -> Iterator[tuple[NDArray[Any], NDArray[np.bool_]]]:
    """Yield each channel ``(H, W)`` of each image, with its hole."""
    for image, hole in zip(images, missing, strict=True):
        for channel in image.reshape(-1, *hole.shape):
            yield channel.numpy(), hole.numpy()


def _known(given: Tensor, missing: Tensor) -> Tensor:
    """Return which values of each image are known, float64 0 or 1, ``(B, values)``."""
    return (~over(missing, given)).expand_as(given).flatten(1).double()


def _composed(fills: NDArray[np.floating], given: Tensor, missing: Tensor) -> Filled:
    """Return the fills in the holes and the given pixels around them."""
    if not np.isfinite(fills).all():
        raise ValueError("fill: got NaN or infinity, wanted finite numbers; see the settings")
    values = torch.from_numpy(fills).to(given).reshape(given.shape).clamp(0, 1)
    filled: Filled = torch.where(over(missing, given), values, given).numpy()
    return filled


def _opencv(images: Images, holes: Holes, method: str) -> Filled:
    try:
        import cv2
    except ImportError as error:
        raise ImportError(
            "OpenCV is not installed: pip install 'inpaintlib[baselines]'", name="cv2"
        ) from error
    given, missing = _checked(images, holes)
    # OpenCV fills where its mask is not 0.
    filled = [
        cv2.inpaint(image, hole.astype(np.uint8), RADIUS, getattr(cv2, method))
        for image, hole in _channels((given * 255).round().byte(), missing)
    ]
    return _composed(np.stack(filled) / np.float32(255), given, missing)


def _by_class(
    given: Tensor, labels: ArrayLike, training: Dataset, *, at_least: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield, for each class that occurs, the indices of its images and its training images.

    Yields:
        Indices into the batch, and float64 ``(N, values)``.
    """
    checks.instance("training", training, Dataset, "a Dataset")
    wanted = checks.labels_of("labels", labels, batch=len(given), classes=len(training.classes))
    if training.images.shape[1:] != given.shape[1:]:
        raise ValueError(
            f"training: got images of shape {training.images.shape[1:]}, "
            f"wanted that of the images, {tuple(given.shape[1:])}"
        )
    for label in sorted(set(wanted.tolist())):
        examples = training.of_class(label).images
        if len(examples) < at_least:
            raise ValueError(
                f"training: got {len(examples)} images of class {training.classes[label]}, "
                f"wanted at least {at_least}"
            )
        yield (wanted == label).nonzero().flatten(), torch.from_numpy(examples).double().flatten(1)


def _twice(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


def _seen_holes(training: Dataset, holes: Holes | None, *, seed: int) -> Tensor:
    """Return the holes that a U-Net is trained on: the given ones, checked, or drawn if None."""
    if training.images.ndim != 3:
        raise ValueError(
            f"training: got images of shape {training.images.shape}, wanted grey ones (N, H, W)"
        )
    shape = (training.images.shape[1], training.images.shape[2])
    if holes is None:
        return _training_holes(shape, seed=seed)
    given = checks.bools_of("holes", holes).numpy(force=True)
    if given.ndim != 3 or given.shape[1:] != shape or not len(given):
        raise ValueError(f"holes: got shape {given.shape}, wanted (N, {shape[0]}, {shape[1]})")
    share = given.mean(axis=(1, 2))
    if not 0 < share.min() <= share.max() < 1:
        raise ValueError("holes: got one that is empty or covers everything, wanted neither")
    return torch.from_numpy(given)


def _training_holes(shape: tuple[int, int], *, seed: int) -> Tensor:
    """Draw holes of all kinds but the one that covers everything, ``(TRAINING_HOLES, H, W)``."""
    rng = np.random.default_rng(seed)
    drawn: list[Holes] = []
    while len(drawn) < TRAINING_HOLES:
        hole = kinds.random(shape, seed=int(rng.integers(2**31)))
        if hole.all():
            hole = kinds.half(shape, side=str(rng.choice(["left", "right", "upper", "lower"])))
        drawn.append(hole)
    return torch.from_numpy(np.stack(drawn))


def _hourglass(shape: tuple[int, int], *, channels: int = 32) -> nn.Sequential:
    """A network without skip connections: they would carry the noise into the hole."""
    layers: list[nn.Module] = []
    sizes = [shape, ((shape[0] + 1) // 2, (shape[1] + 1) // 2)]
    sizes.append(((sizes[1][0] + 1) // 2, (sizes[1][1] + 1) // 2))
    for before in (16, channels):
        layers += _normalised(nn.Conv2d(before, channels, 3, stride=2, padding=1))
    for size in sizes[1::-1]:
        layers.append(nn.Upsample(size=size, mode="bilinear"))
        layers += _normalised(nn.Conv2d(channels, channels, 3, padding=1))
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, 1), nn.Sigmoid(), nn.Flatten(1, 2))


def _normalised(layer: nn.Module) -> list[nn.Module]:
    return [layer, nn.BatchNorm2d(32), nn.LeakyReLU(0.1)]
