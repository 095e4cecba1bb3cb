r"""Training a classifier to say how well an image fits, and in which direction it would fit better.

The network has one score more than classes: "fits no class". It is shown images whose holes were
filled badly. How badly decides what it should say: with the squared distance :math:`d^2` from the
original, the probability of the right class should be

.. math:: p = e^{-d^2 / s}

and the rest goes to the last score. Then :math:`-\log p = d^2 / s` is an energy whose slope points
to the original, and the slope is trained as well. Explained in the chapter *What a classifier must
know to paint*.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn import functional

from inpaintlib import checks, starts
from inpaintlib import holes as shapes
from inpaintlib._ambient import seeded, usual
from inpaintlib._signatures import checked
from inpaintlib.augment import Moves, brighten, check_moves, for_each, move
from inpaintlib.holes import over
from inpaintlib.networks import StridedNet

#: By what the holes of training images are filled, and how often.
FILLS = {
    "harmonic": 0.45,
    "blended-class-average": 0.3,
    "class-average": 0.1,
    "black": 0.075,
    "noise": 0.075,
}

#: How many steps a chain of the network's own descents takes each time that it is shown.
STRIDE = 3

#: Images in a part of the pool that is filled at once.
_CHUNK = 250


@checked
@dataclass(frozen=True, kw_only=True)
class FitTraining:
    """Everything that decides what a classifier learns about how well an image fits.

    Attributes:
        collection: What the training set is a part of; ``"none"`` for images of your own.
        channels: Of the network's three convolutions.
        hidden: Units of its dense layer.
        scale: The squared distance s at which the probability of the right class falls to 1/e, in
            squared pixel values over the hole.
        filled: Whether badly filled images are shown at all. If not, all are originals, and the
            network learns to tell classes apart and nothing else.
        graded: Whether that probability falls with the distance. If not, it is 1 for an original
            and 0 for everything else.
        slope: The weight of the slope's loss; 0 leaves the slope alone.
        own: Whether a third of what is shown are images of the network's own descents.
        on_ink: Whether holes lie on bright pixels, as for digits; if not, anywhere.
        noise: Largest standard deviation of the noise in the holes of four out of ten images.
        shift: Largest circular shift of what is shown, in pixels.
        moves: How far each image is moved, see :class:`inpaintlib.augment.Moves`; None shows it in
            its place.
        mixed: The share of images that are mixed with another one of their class, in a random
            proportion. A mixture of two photographs of a face shows it under both lights.
        gain: The largest factor by which an image is made brighter or darker; 1 disables it.
        pool: How many images with holes are made before the training, from which it draws.
        chains: How many of the network's own descents run at a time.
        age: After how many steps one of them begins again.
        steps: Of the optimiser.
        batch: Images in each of them, a multiple of three.
        learning_rate: The highest of the one-cycle schedule, for AdamW.
        average: The share by which the averaged weights, which are the result, follow in a step.
        seed: Of everything that is drawn.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: A setting is out of range.
    """

    collection: str = "none"
    channels: tuple[int, int, int] = (16, 32, 32)
    hidden: int = 64
    scale: float
    filled: bool = True
    graded: bool = True
    slope: float = 1.0
    own: bool = True
    on_ink: bool = False
    noise: float = 0.3
    shift: int = 2
    moves: Moves | None = None
    mixed: float = 0.0
    gain: float = 1.0
    pool: int
    chains: int = 512
    age: int = 40
    steps: int
    batch: int = 96
    learning_rate: float = 2e-3
    average: float = 0.005
    seed: int = 0

    def __post_init__(self) -> None:
        for argument in ("slope", "noise"):
            checks.at_least(argument, getattr(self, argument), 0)
        for argument in ("pool", "chains", "age", "steps", "batch", "hidden"):
            checks.whole_number(argument, getattr(self, argument), 1)
        for argument in ("filled", "graded", "own", "on_ink"):
            checks.truth(argument, getattr(self, argument))
        for argument in ("mixed", "average"):
            checks.between(argument, getattr(self, argument), 0, 1)
        for argument in ("learning_rate", "scale"):
            checks.above(argument, getattr(self, argument), 0)
            checks.in_precision(argument, getattr(self, argument), torch.float32)
        checks.at_least("gain", self.gain, 1)
        checks.whole_number("shift", self.shift, 0)
        checks.whole_numbers_of("channels", self.channels, (3,), "three whole numbers")
        checks.seed_of("seed", self.seed)
        if self.moves is not None:
            check_moves("moves", self.moves)
        if not self.filled and (self.slope or self.own):
            raise ValueError("filled: got False with a slope or own descents, wanted neither")
        if self.batch % 3:
            raise ValueError(f"batch: got {self.batch}, wanted a multiple of 3")


#: The shipped classifiers of this kind by the names of their files. The AT&T faces are few, so they
#: are moved. The scale is about two thirds of the squared distance that a harmonic
#: fill has from the original.
TRAININGS: dict[str, FitTraining] = {
    "digits-absolute": FitTraining(
        collection="mnist",
        channels=(24, 48, 48),
        hidden=96,
        scale=10.0,
        on_ink=True,
        pool=50_000,
        steps=12_000,
    ),
    "faces-absolute-att": FitTraining(
        collection="att",
        scale=2.0,
        shift=1,
        moves=Moves(shift=0.03, scale=1.05, turn=3),
        pool=4_000,
        steps=1_200,
    ),
    "faces-absolute-yale": FitTraining(
        collection="yale",
        scale=2.0,
        shift=1,
        pool=8_000,
        steps=4_000,
    ),
}


@dataclass(frozen=True, eq=False)
class Pool:
    """Images with one hole each, and what the hole is filled with.

    Attributes:
        images: The originals, ``(N, *shape)``.
        labels: int64 ``(N,)``.
        holes: bool ``(N, H, W)``.
        fills: The filled images, ``(3, N, *shape)``: the first ones of :data:`FILLS`; black and
            noise are made when they are drawn.
    """

    images: Tensor
    labels: Tensor
    holes: Tensor
    fills: Tensor

    @checked
    def filled(self, rows: Tensor, generator: torch.Generator) -> Tensor:
        """Return the images of those rows, each with a fill that is drawn by its share."""
        _check_rows(rows)
        originals, inside = self.images[rows], over(self.holes[rows], self.images[rows])
        noise = torch.rand(originals.shape, generator=generator, dtype=torch.float32)
        black = originals.masked_fill(inside, 0)
        noisy = torch.where(inside, noise, originals)
        every = torch.cat([self.fills[:, rows], black[None], noisy[None]])
        shares = torch.tensor(list(FILLS.values()), dtype=torch.float32)
        kinds = torch.multinomial(shares, len(rows), replacement=True, generator=generator)
        return every[kinds, torch.arange(len(rows))]


@checked
def random_hole(
    image: NDArray[np.floating], *, on_ink: bool, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """Draw a hole: a rectangle, strokes, half of the image, or scattered pixels.

    Sizes follow the shorter side of the image. The kinds are those of the study's protocol, with
    other sizes and places.

    Args:
        image: ``(H, W)`` or ``(C, H, W)``.
        on_ink: Whether rectangles and strokes are centred on a pixel above 0.5.
        generator: Where the random numbers come from.

    Returns:
        bool ``(H, W)``.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The image has another shape, or values out of range.
    """
    if image.ndim not in (2, 3) or not image.size:
        raise ValueError(f"image: got shape {image.shape}, wanted (H, W) or (C, H, W)")
    height, width = image.shape[-2:]
    side = min(height, width)
    bright = np.argwhere(image > 0.5) if on_ink else np.empty((0, 2), int)

    def middle() -> NDArray[np.intp]:
        if len(bright):
            return np.asarray(bright[generator.integers(len(bright))])
        return generator.integers(0, (height, width))

    kind = generator.choice(["rectangle", "strokes", "half", "scatter"], p=[0.55, 0.2, 0.12, 0.13])
    if kind == "half":
        return shapes.half(
            (height, width), side=str(generator.choice(["left", "right", "upper", "lower"]))
        )
    if kind == "scatter":
        fraction, seed = generator.uniform(0.2, 0.7), int(generator.integers(2**31))
        return shapes.scatter((height, width), fraction=float(fraction), seed=seed)
    if kind == "strokes":
        unit = side / 28
        strokes = []
        for _ in range(int(generator.integers(1, 3))):
            angle, at = generator.uniform(0, np.pi), middle()
            reach = unit * generator.uniform(5, 14) * np.array([np.sin(angle), np.cos(angle)])
            ends = [tuple(at - reach), tuple(at + reach)]
            thick = float(unit * generator.uniform(2, 5))
            strokes.append(shapes.stroke((height, width), points=ends, width=thick))
        return np.any(strokes, axis=0)
    low, high = round(0.21 * side), round(0.57 * side)
    tall = int(generator.integers(low, high + 1))
    wide = tall if on_ink else int(generator.integers(low, min(width, 2 * high) + 1))
    at = middle()
    top, left = (
        int(np.clip(place - size // 2, 0, whole - size))
        for place, size, whole in zip(at, (tall, wide), (height, width), strict=True)
    )
    return shapes.rectangle((height, width), top=top, left=left, height=tall, width=wide)


@checked
def mix(
    images: Tensor, labels: Tensor, rows: Tensor, *, share: float, generator: torch.Generator
) -> Tensor:
    """Return images, some of them mixed with another one of their class in a random proportion.

    Args:
        images: All images, ``(N, *shape)``.
        labels: int64 ``(N,)``.
        rows: Which of them are wanted, int64 ``(B,)``.
        share: How many are mixed, in [0, 1].
        generator: Where the random numbers come from.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A row or the share is out of range, or the labels are not as many.
    """
    checks.floats_of("images", images, (3, 4), "floats of (N, H, W) or (N, C, H, W)")
    checks.same_shape("labels", labels.shape, images.shape[:1], "a batch of the images")
    _check_rows(labels, "labels")
    _check_rows(rows)
    share = checks.between("share", share, 0, 1)
    alike = labels[rows, None] == labels[None]
    others = torch.multinomial(alike.float(), 1, generator=generator).squeeze(1)
    part = torch.rand(len(rows), generator=generator, dtype=torch.float32)
    part = torch.where(
        torch.rand(len(rows), generator=generator, dtype=torch.float32) < share, part, 0.0
    )
    return images[rows] + for_each(part, images[rows]) * (images[others] - images[rows])


def _check_rows(rows: Tensor, argument: str = "rows") -> None:
    if rows.dtype != torch.int64 or rows.ndim != 1 or not len(rows):
        raise TypeError(
            f"{argument}: got {rows.dtype} of shape {tuple(rows.shape)}, wanted int64 (B,)"
        )


@checked
def make_pool(
    training: FitTraining,
    images: Tensor,
    labels: Tensor,
    averages: Tensor,
    *,
    generator: torch.Generator,
) -> Pool:
    """Make the images with holes that a training draws from.

    Args:
        training: What to do.
        images: ``(N, *shape)``, each of which is taken equally often.
        labels: int64 ``(N,)``.
        averages: The average image of each class, ``(classes, *shape)``.
        generator: Where the random numbers come from.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: Labels or averages do not fit the images.
    """
    checks.floats_of("images", images, (3, 4), "floats of (N, H, W) or (N, C, H, W)")
    checks.same_shape("labels", labels.shape, images.shape[:1], "a batch of the images")
    wanted = averages.shape[:1] + images.shape[1:]
    checks.same_shape("averages", averages.shape, wanted, "the images, one for each class")
    checks.labels_of("labels", labels, batch=len(images), classes=len(averages))
    rounds = -(-training.pool // len(images))
    orders = [torch.randperm(len(images), generator=generator) for _ in range(rounds)]
    rows = torch.cat(orders)[: training.pool]
    draws = np.random.default_rng(training.seed)
    parts = []
    for chosen in torch.split(rows, _CHUNK):
        originals = images[chosen]
        if training.mixed:
            originals = mix(images, labels, chosen, share=training.mixed, generator=generator)
        if training.moves is not None:
            originals = move(originals, moves=training.moves, generator=generator)
        if training.gain != 1:
            originals = brighten(originals, most=training.gain, generator=generator)
        holes = torch.from_numpy(
            np.stack(
                [
                    random_hole(image.numpy(), on_ink=training.on_ink, generator=draws)
                    for image in originals
                ]
            )
        )
        known, of_labels = (
            originals.masked_fill(over(holes, originals), 0),
            averages[labels[chosen]],
        )
        fills = [
            starts.harmonic(known, holes),
            starts.blended_class_average(known, holes, averages=of_labels),
            starts.class_average(known, holes, averages=of_labels),
        ]
        parts.append(Pool(originals, labels[chosen], holes, torch.stack(fills)))
    return Pool(
        torch.cat([part.images for part in parts]),
        torch.cat([part.labels for part in parts]),
        torch.cat([part.holes for part in parts]),
        torch.cat([part.fills for part in parts], dim=1),
    )


@dataclass
class _Chains:
    """Images on the network's own descents, which go on each time that they are shown."""

    rows: Tensor  # of the pool
    images: Tensor
    ages: Tensor

    @classmethod
    def begin(cls, training: FitTraining, pool: Pool, generator: torch.Generator) -> _Chains:
        rows = torch.randint(len(pool.images), (training.chains,), generator=generator)
        ages = torch.randint(0, training.age, (training.chains,), generator=generator)
        return cls(rows, pool.filled(rows, generator), ages)

    def advance(
        self,
        net: StridedNet,
        training: FitTraining,
        pool: Pool,
        count: int,
        generator: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Move some chains on; return where they are, and their rows of the pool."""
        chosen = torch.randint(training.chains, (count,), generator=generator)
        rows = self.rows[chosen]
        images = self.images[chosen]
        inside, labels = over(pool.holes[rows], images), pool.labels[rows]
        for _ in range(STRIDE):
            images = images.detach().requires_grad_()
            shift = torch.randint(-1, 2, (2,), generator=generator).tolist()
            energy = functional.cross_entropy(
                net(images.roll(shift, (-2, -1))), labels, reduction="sum"
            )
            (slope,) = torch.autograd.grad(energy, images)
            # A fifth of the way to the original, if the slope were right.
            moved = (images.detach() - training.scale / 10 * slope).clamp(0, 1)
            images = torch.where(inside, moved, images.detach())
        self.images[chosen] = images
        self.ages[chosen] += STRIDE
        old = torch.nonzero(self.ages > training.age).flatten()
        if len(old):
            self.rows[old] = torch.randint(len(pool.images), (len(old),), generator=generator)
            self.images[old] = pool.filled(self.rows[old], generator)
            self.ages[old] = 0
        return images, rows


def _toward(
    images: Tensor, originals: Tensor, generator: torch.Generator, *, share: float = 1.0
) -> Tensor:
    """Return images moved a random part of the way to their originals, or that share of them."""
    part = torch.rand(len(images), generator=generator, dtype=torch.float32)
    if share < 1:
        part = torch.where(
            torch.rand(len(images), generator=generator, dtype=torch.float32) < share, part, 0.0
        )
    return images + for_each(part, images) * (originals - images)


@checked
def train(
    training: FitTraining,
    images: NDArray[np.floating] | Tensor,
    labels: ArrayLike | Tensor,
    classes: Sequence[str],
    *,
    name: str,
    report: Callable[[int, float], None] = lambda done, loss: None,
    watch: Callable[[int, StridedNet], None] = lambda done, net: None,
) -> StridedNet:
    """Train a classifier that can say that an image does not fit.

    A third of each batch are originals, a third filled images on a random part of the way to their
    originals, a third images of the network's own descents.

    Args:
        training: What to do.
        images: ``(N, H, W)`` grey or ``(N, C, H, W)`` colour, floats in [0, 1].
        labels: ``(N,)``, whole numbers from 0 to one less than the number of classes; each class
            occurs.
        classes: The names of the classes.
        name: What the classifier will be called.
        report: Called after each step with the number of steps done and the loss.
        watch: Called after each step with that number and the averaged network.

    Returns:
        The network with its averaged weights, rounded to half precision, as its file will hold
        them.

    Raises:
        TypeError: Images or labels are of the wrong kind.
        ValueError: Their shapes or values do not fit, or a class has no image.

    Training the slope beside the value is Sobolev training :cite:p:`czarnecki2017sobolev`; the own
    descents are those of introspective learning :cite:p:`jin2017introspective`. Beyond the paper;
    explained in the chapter *What a classifier must know to paint*.
    """
    checks.instance("training", training, FitTraining, "a FitTraining")
    with usual(torch.device("cpu")):
        shown, known = checks.examples_of(images, labels, classes)
        return _train(training, shown, known, classes, name=name, report=report, watch=watch)


def _train(
    training: FitTraining,
    shown: Tensor,
    known: Tensor,
    classes: Sequence[str],
    *,
    name: str,
    report: Callable[[int, float], None],
    watch: Callable[[int, StridedNet], None],
) -> StridedNet:
    averages = _averages(shown, known, classes)
    generator = torch.Generator().manual_seed(training.seed)
    with seeded(training.seed):
        net = StridedNet(
            tuple(shown.shape[1:]),
            classes,
            channels=training.channels,
            hidden=training.hidden,
            name=name,
            data=training.collection,
        )
    averaged = copy.deepcopy(net).requires_grad_(False)
    pool = make_pool(training, shown, known, averages, generator=generator)
    chains = _Chains.begin(training, pool, generator) if training.own else None
    optimizer = torch.optim.AdamW(net.parameters(), lr=training.learning_rate, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, training.learning_rate, total_steps=training.steps, pct_start=0.1
    )
    for step in range(training.steps):
        batch, rows = _batch(training, net, pool, chains, generator)
        loss = _loss(training, net, pool, batch, rows, generator)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(net.parameters(), 5)
        optimizer.step()
        schedule.step()
        with torch.no_grad():
            for mean, weights in zip(averaged.parameters(), net.parameters(), strict=True):
                mean.lerp_(weights, training.average)
        report(step + 1, loss.item())
        watch(step + 1, averaged)
    return averaged.rounded()


def _averages(images: Tensor, labels: Tensor, classes: Sequence[str]) -> Tensor:
    counts = torch.bincount(labels, minlength=len(classes))
    if counts.min() == 0:
        lacking = classes[int(counts.argmin())]
        raise ValueError(f"images: got none of class {lacking}, wanted one of each at least")
    sums = torch.zeros(len(classes), *images.shape[1:], dtype=images.dtype).index_add(
        0, labels, images
    )
    return sums / for_each(counts, sums)


def _batch(
    training: FitTraining,
    net: StridedNet,
    pool: Pool,
    chains: _Chains | None,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Return what is shown in a step, and the rows of the pool that it came from."""
    if not training.filled:
        alone = torch.randint(len(pool.images), (training.batch,), generator=generator)
        return pool.images[alone], alone
    third = training.batch // 3
    whole = torch.randint(len(pool.images), (third,), generator=generator)
    count = third if chains else 2 * third
    filled = torch.randint(len(pool.images), (count,), generator=generator)
    static = _toward(pool.filled(filled, generator), pool.images[filled], generator)
    images, rows = [static], [whole, filled]
    if chains:
        own, of = chains.advance(net, training, pool, third, generator)
        images.append(_toward(own, pool.images[of], generator, share=0.25))
        rows.append(of)
    changed, of_changed = torch.cat(images), torch.cat(rows[1:])
    deviation = training.noise * torch.rand(len(changed), generator=generator, dtype=torch.float32)
    deviation = torch.where(
        torch.rand(len(changed), generator=generator, dtype=torch.float32) < 0.4, deviation, 0.0
    )
    noise = for_each(deviation, changed) * torch.randn(
        changed.shape, generator=generator, dtype=torch.float32
    )
    inside = over(pool.holes[of_changed], changed)
    changed = torch.where(inside, (changed + noise).clamp(0, 1), changed)
    return torch.cat([pool.images[whole], changed]), torch.cat(rows)


def _loss(
    training: FitTraining,
    net: StridedNet,
    pool: Pool,
    images: Tensor,
    rows: Tensor,
    generator: torch.Generator,
) -> Tensor:
    """Return the cross-entropy with the graded labels, plus what the slopes are off."""
    gap = images - pool.images[rows]
    squares = gap.square().flatten(1).sum(dim=1)
    fits = torch.exp(-squares / training.scale) if training.graded else (squares == 0).float()
    target = torch.zeros(len(images), len(net.classes) + 1, dtype=torch.float32)
    target[torch.arange(len(images)), pool.labels[rows]] = fits
    target[:, -1] = 1 - fits
    limit = training.shift
    shift = torch.randint(-limit, limit + 1, (2,), generator=generator).tolist()
    images.requires_grad_()
    log_probabilities = net(images.roll(shift, (-2, -1))).log_softmax(dim=1)
    loss = -(target * log_probabilities).sum(dim=1).mean()
    if not training.slope:
        return loss
    changed = slice(training.batch // 3, None)
    energies = -log_probabilities[changed].gather(1, pool.labels[rows[changed], None])
    (slopes,) = torch.autograd.grad(energies.sum(), images, create_graph=True)
    # The slope of d² / s is 2 / s times the way to the original.
    off = (training.scale / 2 * slopes[changed] - gap[changed]) * over(
        pool.holes[rows[changed]], gap[changed]
    )
    return loss + training.slope / training.scale * off.square().flatten(1).sum(dim=1).mean()
