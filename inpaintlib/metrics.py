"""Metrics: how good a filled hole is, measured inside the hole only.

Explained in the chapter *Inpainting digits* and on the page *How results are scored*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from skimage.metrics import structural_similarity
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import checks, classifiers
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


def ssim(
    images: NDArray[np.floating], originals: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.float64]:
    r"""Structural similarity inside the hole :cite:p:`wang2004image`; 1 for the original itself.

    .. math:: \frac{1}{|H|} \sum_{p \in H}
              \frac{(2 \mu_x \mu_o + C_1)(2 \sigma_{xo} + C_2)}
                   {(\mu_x^2 + \mu_o^2 + C_1)(\sigma_x^2 + \sigma_o^2 + C_2)}

    with the means, variances and covariance of result and original in a window around :math:`p`,
    Gaussian with a standard deviation of 1.5 pixels, :math:`C_1 = 0.01^2` and
    :math:`C_2 = 0.03^2`. The map is that of the whole image, so near the rim the known pixels count
    as surroundings.

    Args:
        images: Results ``(B, H, W)`` in [0, 1], at least 11 pixels high and wide.
        originals: The untouched images, same shape.
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)`` in [-1, 1].
    """
    similar = []
    for image, original, hole in zip(
        images, originals, np.broadcast_to(holes, images.shape), strict=True
    ):
        _, local = structural_similarity(  # type: ignore[no-untyped-call]
            np.float64(original),
            np.float64(image),
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
        )
        similar.append(local[hole].mean())
    return np.array(similar)


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


def named_right(
    images: NDArray[np.floating], labels: ArrayLike, *, judge: str = "digits-judge"
) -> NDArray[np.bool_]:
    """Return in which images the judge reads the label, see :func:`judged`.

    Args:
        images: ``(B, H, W)`` in [0, 1].
        labels: The right classes, ``(B,)``.
        judge: ``"digits-judge"`` or ``"faces-judge"``.

    Returns:
        bool ``(B,)``.
    """
    right: NDArray[np.bool_] = judged(images, judge=judge) == np.asarray(labels)
    return right


@dataclass(frozen=True, eq=False)
class Pairs:
    """Real images and the same images with their holes filled, for :func:`realism`.

    Attributes:
        real: The untouched images, ``(B, H, W)`` in [0, 1].
        filled: Results, same shape.
        holes: bool, same shape, True where filled.
    """

    real: NDArray[np.floating]
    filled: NDArray[np.floating]
    holes: NDArray[np.bool_]


def realism(
    learning: Pairs,
    test: Pairs,
    *,
    steps: int = 320,
    batch: int = 25,
    learning_rate: float = 4e-3,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Share of real and filled windows that a small network names rightly; 0.5 is perfect.

    A convolutional network learns on pairs of other images to tell which of the two is real. It is
    shown the hole and its surroundings: the image, and the hole as a second channel. Then it has to
    name the two of each test pair, one by one. Fills that it cannot tell from real windows
    are named at random, half of them rightly. While it learns, images are shifted by up to two
    pixels. It sees 8 bits, as eyes do, so that no trace below them gives a fill away. The same seed
    on the same machine gives the same result.

    Args:
        learning: Pairs to learn from. None of their images may be among the test pairs.
        test: Pairs to name, of the same height and width.
        steps: Of the optimiser.
        batch: Pairs in a step.
        learning_rate: The highest of the one-cycle schedule, for AdamW.
        seed: Of the first weights, the order and the shifts.

    Returns:
        ``(B,)``: the share of each test pair's two images that is named rightly, 0, 0.5 or 1. Its
        mean is what tables show as realism.

    Raises:
        TypeError: An array of the pairs is of the wrong kind.
        ValueError: The arrays of the pairs differ in shape, or a number is out of range.
    """
    for setting, value in {"steps": steps, "batch": batch}.items():
        checks.whole_number(setting, value, 1)
    generator = torch.Generator().manual_seed(checks.whole_number("seed", seed, 0))
    shown, asked = _windows("learning", learning), _windows("test", test)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = _detective()
    optimizer = torch.optim.AdamW(net.parameters(), lr=learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=steps)
    for _ in range(steps):
        pairs = shown[torch.randint(len(shown), (batch,), generator=generator)]
        shift = torch.randint(-2, 3, (2,), generator=generator).tolist()
        real, filled = net(pairs.roll(shift, dims=(-2, -1)).flatten(0, 1)).reshape(-1, 2).T
        # softplus(-score) is the cross-entropy of "real", softplus(score) that of "filled".
        loss = (functional.softplus(-real) + functional.softplus(filled)).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        schedule.step()
    net.eval()
    with torch.no_grad():
        scores = torch.cat([net(part.flatten(0, 1)) for part in torch.split(asked, 200)]).reshape(
            -1, 2
        )
    # A pair of equal images gets equal scores: one of the two is then right, whatever they are.
    right = torch.stack([scores[:, 0] > 0, scores[:, 1] <= 0], dim=1)
    share: NDArray[np.float64] = right.double().mean(dim=1).numpy()
    return share


def interval(
    values: ArrayLike, *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of ``values``.

    The mean is taken of ``resamples`` draws with replacement, each as many as there are values; the
    interval holds the middle ``level`` of these means.

    Args:
        values: ``(N,)``, finite.
        level: Of confidence, in (0, 1).
        resamples: How many draws.
        seed: Of the draws.

    Returns:
        The lower and the upper end.

    Raises:
        ValueError: There is no value, one is not finite, or a number is out of range.
    """
    given = np.asarray(values, dtype=np.float64)
    if given.ndim != 1 or given.size == 0:
        raise ValueError(f"values: got shape {given.shape}, wanted at least one number, (N,)")
    if not np.isfinite(given).all():
        raise ValueError("values: got one that is not finite, wanted numbers that have a mean")
    if not 0 < level < 1:
        raise ValueError(f"level: got {level}, wanted a number between 0 and 1")
    checks.whole_number("resamples", resamples, 1)
    rng = np.random.default_rng(checks.whole_number("seed", seed, 0))
    means = [given[rng.integers(len(given), size=len(given))].mean() for _ in range(resamples)]
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


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
        right = named_right(fill, labels, judge=judge).mean()
        grey = grey_share(fill, holes).mean()
        rows.append(f"{name:{longest}}   {decibels:9.1f} dB   {right:5.2f}   {grey:4.2f}")
    return "\n".join(rows)


def _windows(argument: str, pairs: Pairs) -> Tensor:
    """Return what the network is shown, ``(B, 2, 2, H, W)``: real or filled, image and hole."""
    real = grey_image(f"{argument}.real", pairs.real).float()
    filled = grey_image(f"{argument}.filled", pairs.filled).float()
    if real.ndim != 3 or filled.shape != real.shape:
        raise ValueError(
            f"{argument}: got real images of shape {tuple(real.shape)} and filled ones of "
            f"{tuple(filled.shape)}, wanted the same (B, H, W)"
        )
    holes = checks.hole_of(f"{argument}.holes", pairs.holes, real.shape).float()
    images = torch.stack([real, filled], dim=1).mul(255).round().div(255)
    return torch.stack([images, holes.unsqueeze(1).expand_as(images)], dim=2)


def _detective() -> nn.Sequential:
    """A network from windows ``(B, 2, H, W)`` to scores ``(B,)``, positive for real."""
    layers: list[nn.Module] = []
    for before, after in ((2, 16), (16, 32), (32, 64)):
        layers += [
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * 64, 1), nn.Flatten(0)
    )
