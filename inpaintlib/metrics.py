"""Metrics: the quality of a filled hole, measured inside the hole only.

Explained in the chapter *Inpainting digits* and on the page *How results are scored*.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from skimage.metrics import structural_similarity
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import _intervals, checks, classifiers
from inpaintlib._ambient import seeded, usual
from inpaintlib.classifiers import Classifier
from inpaintlib.datasets import Dataset
from inpaintlib.holes import over

#: How far beyond its bounds a value may be.
_ROUNDING = 1e-6

#: The side of SSIM's window in pixels, which is cut off at 3.5 standard deviations.
_WINDOW = 11


def psnr(
    images: NDArray[np.floating], originals: NDArray[np.floating], holes: NDArray[np.bool_]
) -> NDArray[np.float64]:
    r"""Peak signal-to-noise ratio inside the hole, in dB; higher is nearer to the original.

    .. math:: -10 \log_{10} \frac{1}{|H|} \sum_{p \in H} (x_p - o_p)^2

    PSNR rewards blur: the average of plausible fills beats each of them.

    Args:
        images: Results ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        originals: The untouched images, same shape.
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)``; infinite where the fill is perfect.

    Raises:
        TypeError: An argument is of the wrong kind; as for every score.
        ValueError: The shapes differ, a value is outside [0, 1], or nothing is missing.
    """
    images, originals, holes = _compared(images, originals, holes)
    inside = np.broadcast_to(over(holes, images), images.shape)
    squares = np.square(np.float64(images) - originals, where=inside, out=np.zeros(images.shape))
    axes = tuple(range(1, images.ndim))
    errors = squares.sum(axis=axes) / inside.sum(axis=axes)
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
    :math:`C_2 = 0.03^2`. The map is computed on the whole image, so windows near the rim include
    known pixels.

    Args:
        images: Results ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1], at least 11 pixels high and
            wide. Of colour images the mean over the channels is taken.
        originals: The untouched images, same shape.
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)`` in [-1, 1].

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The shapes differ, a value is outside [0, 1], nothing is missing, or the images
            are smaller than the window.
    """
    images, originals, holes = _compared(images, originals, holes)
    if min(images.shape[-2:]) < _WINDOW:
        raise ValueError(
            f"images: got {checks.size(images.shape[-2:])} pixels, "
            f"wanted at least {_WINDOW}×{_WINDOW}, the window of the comparison"
        )
    similar = []
    for image, original, hole in zip(images, originals, holes, strict=True):
        _, local = structural_similarity(  # type: ignore[no-untyped-call]
            np.float64(original),
            np.float64(image),
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            full=True,
            channel_axis=0 if image.ndim == 3 else None,
        )
        similar.append(local[..., hole].mean())
    return np.array(similar)


def grey_share(images: NDArray[np.floating], holes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the hole's pixels that are neither black nor white: grey values in [0.25, 0.75].

    A measure of blur for digits, whose strokes are white on black.

    Args:
        images: Results ``(B, H, W)`` in [0, 1].
        holes: bool ``(B, H, W)`` or ``(H, W)``, True where missing.

    Returns:
        ``(B,)`` in [0, 1].

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The images are in colour; the score is for black and white ones. Or a value is
            outside [0, 1], or nothing is missing.
    """
    images, _, holes = _compared(images, images, holes)
    if images.ndim != 3:
        raise ValueError(f"images: got shape {images.shape}, wanted grey ones (B, H, W)")
    grey = (images >= 0.25) & (images <= 0.75) & holes
    share: NDArray[np.float64] = grey.sum(axis=(-2, -1)) / holes.sum(axis=(-2, -1))
    return share


def probabilities(
    images: NDArray[np.floating],
    *,
    classifier: str | Classifier,
    data: Dataset | str | None = None,
) -> NDArray[np.floating]:
    """Return the probabilities that a classifier gives to each class.

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        classifier: A name for :func:`inpaintlib.classifiers.load`, or a classifier.
        data: The set that the images come from; a classifier for another one is refused.

    Returns:
        ``(B, K)``, in the images' precision.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The images do not fit the classifier, or it belongs to another set.
    """
    chosen = _classifier(classifier, data)
    pixels = checks.batch_of("images", images)
    if tuple(pixels.shape[1:]) != chosen.shape:
        raise ValueError(
            f"images: got {checks.size(pixels.shape[1:])} pixels, "
            f"wanted {checks.size(chosen.shape)}, which {chosen.name} takes"
        )
    with usual(pixels.device):
        found = chosen.to(pixels).probabilities(pixels.clone())
    if not found.isfinite().all():
        raise ValueError(f"classifier: got NaN from {chosen.name}, wanted probabilities")
    return found.numpy(force=True)


def _classifier(classifier: str | Classifier, data: Dataset | str | None) -> Classifier:
    """Return a classifier, if it fits the set of the images."""
    if isinstance(classifier, str):
        return classifiers.load(classifier, data=data)
    checks.instance("classifier", classifier, Classifier, "a name or a Classifier")
    classifiers.check_fits("classifier", classifier.name, classifier.origin, data)
    return classifier


def judged(
    images: NDArray[np.floating],
    *,
    judge: str | Classifier = "digits-judge",
    data: Dataset | str | None = None,
) -> NDArray[np.int64]:
    """Return the class that the judge reads in each image.

    The judge is a classifier of another architecture and seed, trained on whole images, that no
    descent uses: an adversarial fill fools the classifier that made it, but seldom this one.

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        judge: ``"digits-judge"``, ``"faces-judge-att"``, ``"faces-judge-yale"``, or another
            classifier; ``"faces-judge"`` is the one of the set ``data``.
        data: The set that the images come from; a judge of another one is refused.

    Returns:
        int64 ``(B,)``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The images do not fit the judge, or it belongs to another set.
    """
    return probabilities(images, classifier=judge, data=data).argmax(axis=1)


def named_right(
    images: NDArray[np.floating],
    labels: ArrayLike,
    *,
    judge: str | Classifier = "digits-judge",
    data: Dataset | str | None = None,
) -> NDArray[np.bool_]:
    """Return in which images the judge reads the label, see :func:`judged`.

    Args:
        images: ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        labels: The right classes, ``(B,)``.
        judge: See :func:`judged`.
        data: The set that the images come from, likewise.

    Returns:
        bool ``(B,)``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: There is not one label for each image, a label is none of the judge's classes,
            or the images do not fit the judge.
    """
    reader = _classifier(judge, data)
    read = judged(images, judge=reader, data=data)
    named = checks.labels_of("labels", labels, batch=len(read), classes=len(reader.classes))
    right: NDArray[np.bool_] = read == named.numpy()
    return right


@dataclass(frozen=True, eq=False)
class Pairs:
    """Real images and the same images with their holes filled, for :func:`realism`.

    Attributes:
        real: The untouched images, ``(B, H, W)`` or ``(B, C, H, W)`` in [0, 1].
        filled: Results, same shape.
        holes: bool ``(B, H, W)``, True where filled.
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
    """Accuracy of a small network that tells real images from filled ones; 0.5 is perfect.

    The network, a discriminator, is trained on pairs of other images to tell which of the two is
    real. Its input is the image, with the hole as one more channel. Then it classifies the two
    images of each test pair, one by one. If fills are indistinguishable from real images, half of
    the answers are correct by chance. In training, images are shifted by up to two pixels. Images
    are rounded to 8 bits, so that invisible differences do not reveal a fill. The same seed on the
    same machine gives the same result.

    Args:
        learning: Pairs to train on. None of their images may be among the test pairs.
        test: Pairs to classify, of the same height and width.
        steps: Of the optimiser.
        batch: Pairs in a step.
        learning_rate: The highest of the one-cycle schedule, for AdamW.
        seed: Of the first weights, the order and the shifts.

    Returns:
        ``(B,)``: the share of each test pair's two images that is classified correctly, 0, 0.5 or
        1. Tables show its mean as realism.

    Raises:
        TypeError: An array of the pairs is of the wrong kind.
        ValueError: The arrays of the pairs differ in shape, or a number is out of range.
    """
    for setting, value in {"steps": steps, "batch": batch}.items():
        checks.whole_number(setting, value, 1)
    checks.above("learning_rate", learning_rate, 0)
    checks.in_precision("learning_rate", learning_rate, torch.float32)
    seed = checks.seed_of("seed", seed)
    with usual(torch.device("cpu")):
        shown, asked = _windows("learning", learning), _windows("test", test)
        if shown.shape[2:] != asked.shape[2:]:
            raise ValueError(
                f"test: got images of shape {asked.shape[3:]}, "
                f"wanted that of the learning ones, {shown.shape[3:]}"
            )
        return _told(shown, asked, steps=steps, batch=batch, learning_rate=learning_rate, seed=seed)


def _told(
    shown: Tensor, asked: Tensor, *, steps: int, batch: int, learning_rate: float, seed: int
) -> NDArray[np.float64]:
    """Return :func:`realism` of the discriminator's inputs ``(B, 2, C + 1, H, W)``."""
    generator = torch.Generator().manual_seed(seed)
    with seeded(seed):
        net = _discriminator(shown.shape[2])
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
    if not scores.isfinite().all():
        raise ValueError(
            f"learning_rate: got {learning_rate}, with which the network's scores became NaN or "
            "infinite; wanted a smaller one"
        )
    # A pair of equal images gets equal scores, so exactly one of the two answers is right.
    right = torch.stack([scores[:, 0] > 0, scores[:, 1] <= 0], dim=1)
    share: NDArray[np.float64] = right.double().mean(dim=1).numpy()
    return share


def interval(
    values: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    bounds: tuple[float, float] = (-math.inf, math.inf),
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the interval of the mean of ``values``.

    - A *share*, that is bools, or values 0 and 1 with the bounds 0 and 1, has Wilson's interval
      :cite:p:`brown2001interval`.
    - A *difference of shares*, that is values −1, 0 and 1 with the bounds −1 and 1, has the
      adjusted Wald interval :cite:p:`bonett2012adjusted`.
    - Any other mean has the percentile bootstrap interval: ``resamples`` samples of the same size
      are drawn with replacement, and the interval holds the middle of their means. The middle is
      slightly more than ``level`` for few values, as Student's t is wider than the normal
      distribution :cite:p:`hesterberg2015what`.

    Two kinds of values say too little about their spread. If all are equal, other values are at
    most so frequent that they can have been missed, and the mean is between the bounds accordingly;
    without bounds there is no interval. Of fewer than six values (at 95 %) there is none either.

    Args:
        values: ``(N,)``, finite.
        groups: The group of each value, ``(N,)``, where several belong together, such as four holes
            of one image. Whole groups are drawn; a share counts fewer values accordingly.
        bounds: The lowest and the highest possible value.
        level: Of confidence, in (0, 1).
        resamples: How many draws.
        seed: Of the draws.

    Returns:
        The lower and the upper end; not a number, twice, where there is no interval.

    Raises:
        TypeError: The values or another argument are not numbers.
        ValueError: There is no value, one is not finite or out of bounds, the groups are not as
            many, or a number is out of range.
    """
    given = checks.array_of("values", values)
    if given.size and given.dtype.kind not in "biuf":
        raise TypeError(f"values: got {given.dtype}, wanted numbers, or truth values for a share")
    low, high = _bounds(bounds)
    if given.ndim != 1 or given.size == 0:
        raise ValueError(f"values: got shape {given.shape}, wanted at least one number, (N,)")
    if given.dtype == np.bool_:
        low, high = 0, 1
    bounds = low, high
    given = given.astype(np.float64)
    if not np.isfinite(given).all():
        raise ValueError("values: got one that is not finite, wanted numbers that have a mean")
    if given.min() < bounds[0] - _ROUNDING or given.max() > bounds[1] + _ROUNDING:
        raise ValueError(
            f"values: got {given.min():g} to {given.max():g}, "
            f"wanted numbers from {bounds[0]:g} to {bounds[1]:g}"
        )
    level = checks.number("level", level)
    if not 0 < level < 1:
        raise ValueError(f"level: got {level}, wanted a number between 0 and 1")
    checks.whole_number("resamples", resamples, 1)
    checks.seed_of("seed", seed)
    members = np.arange(len(given)) if groups is None else checks.array_of("groups", groups)
    if members.shape != given.shape:
        raise ValueError(f"groups: got shape {members.shape}, wanted one of each value, (N,)")
    if members.dtype.kind == "f" and not np.isfinite(members).all():
        raise ValueError("groups: got one that is not finite, wanted one of each value")
    of = np.unique(members, return_inverse=True)[1]
    if bounds == (0, 1) and np.isin(given, (0, 1)).all():
        return _intervals.of_share(given, of, level=level)
    if bounds == (-1, 1) and np.isin(given, (-1, 0, 1)).all():
        return _intervals.of_difference(given, of, level=level)
    return _intervals.of_mean(given, of, bounds=bounds, level=level, resamples=resamples, seed=seed)


def table(
    fills: Mapping[str, NDArray[np.floating]],
    originals: NDArray[np.floating],
    holes: NDArray[np.bool_],
    labels: NDArray[np.integer],
    *,
    judge: str | Classifier = "digits-judge",
    data: Dataset | str | None = None,
) -> str:
    """Return a table of the metrics, averaged over the images, a row for each fill.

    Args:
        fills: Results ``(B, H, W)`` or ``(B, C, H, W)`` by name. Colour images have no share of
            grey pixels.
        originals: The untouched images, same shape.
        holes: bool ``(B, H, W)``.
        labels: The right classes, ``(B,)``.
        judge: See :func:`judged`.
        data: The set that the images come from, likewise.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: There is no fill, or an argument is out of range.
    """
    checks.instance("fills", fills, Mapping, "images by name")
    if not fills:
        raise ValueError("fills: got none, wanted at least one name with its images")
    for name, fill in fills.items():
        checks.instance("fills", name, str, "images by name")
        checks.tensor_of(f"fills[{name!r}]", fill, "floats in [0, 1]")
    originals = checks.batch_of("originals", originals).numpy(force=True)
    longest, colour = max(map(len, fills)), originals.ndim == 4
    rows = [f"{'':{longest}}   PSNR in hole   judge" + ("" if colour else "   grey")]
    for name, fill in fills.items():
        decibels = psnr(fill, originals, holes).mean()
        right = named_right(fill, labels, judge=judge, data=data).mean()
        grey = "" if colour else f"   {grey_share(fill, holes).mean():4.2f}"
        rows.append(f"{name:{longest}}   {decibels:9.1f} dB   {right:5.2f}{grey}")
    return "\n".join(rows)


def _compared(
    images: NDArray[np.floating], originals: NDArray[np.floating], holes: NDArray[np.bool_]
) -> tuple[NDArray[np.floating], NDArray[np.floating], NDArray[np.bool_]]:
    """Return images, originals of the same shape, and a hole ``(H, W)`` for each; all checked."""
    given, real = checks.batch_of("images", images), checks.batch_of("originals", originals)
    checks.same_shape("originals", real.shape, given.shape, "the images")
    missing = checks.hole_of("holes", holes, given.shape)
    return _array(given), _array(real), missing.numpy(force=True)


def _array(images: Tensor) -> NDArray[np.floating]:
    """Return images as an array, in float32 where NumPy does not know their precision."""
    known = images.float() if images.dtype == torch.bfloat16 else images
    array: NDArray[np.floating] = known.numpy(force=True)
    return array


def _bounds(bounds: tuple[float, float]) -> tuple[float, float]:
    """Return the lowest and the highest possible value, which may be infinite."""
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise TypeError(f"bounds: got {checks.shown(bounds)}, wanted two numbers")
    low, high = (checks.number("bounds", bound) for bound in bounds)
    if not low < high:
        raise ValueError(f"bounds: got {bounds}, wanted the lower one first")
    return low, high


def _windows(argument: str, pairs: Pairs) -> Tensor:
    """Return the discriminator's input, ``(B, 2, C + 1, H, W)``: real and filled, with the hole."""
    checks.instance(argument, pairs, Pairs, "Pairs")
    real = checks.batch_of(f"{argument}.real", pairs.real).float()
    filled = checks.batch_of(f"{argument}.filled", pairs.filled).float()
    if filled.shape != real.shape:
        raise ValueError(
            f"{argument}: got real images of shape {tuple(real.shape)} and filled ones of "
            f"{tuple(filled.shape)}, wanted the same"
        )
    holes = checks.hole_of(f"{argument}.holes", pairs.holes, real.shape).float()
    images = torch.stack([real, filled], dim=1).mul(255).round().div(255)
    channels = images.reshape(len(real), 2, -1, *real.shape[-2:])
    hidden = holes[:, None, None].expand(-1, 2, 1, -1, -1)
    return torch.cat([channels, hidden], dim=2)


def _discriminator(channels: int) -> nn.Sequential:
    """A network from inputs ``(B, channels, H, W)`` to scores ``(B,)``, positive for real."""
    layers: list[nn.Module] = []
    for before, after in ((channels, 16), (16, 32), (32, 64)):
        layers += [
            nn.Conv2d(before, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.MaxPool2d(2),
        ]
    return nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * 64, 1), nn.Flatten(0)
    )
