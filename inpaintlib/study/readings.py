r"""Readings: the paper's text, understood in many ways, each of them measured on the same cases.

The paper leaves open nearly every number, and the meaning of several words. A :class:`Reading` is
one complete set of choices. All readings are literal: the content term is the squared distance of
what the network says from the one-hot label. They are a sample in which each option of a choice
occurs as often as it is listed in :data:`CHOICES`, in random combinations with those of the other
choices, as in a Latin hypercube. This is a multiverse analysis :cite:p:`steegen2016increasing`; its
picture is a specification curve :cite:p:`simonsohn2020specification`.

λ and μ are chosen for each reading on validation images. joblib runs the readings and keeps each
network and each result in the cache folder, so an interrupted run goes on where it stopped.
Explained on the page *Many readings*.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, NamedTuple

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from inpaintlib import _cache, classifiers, metrics, starts, training
from inpaintlib._ambient import one_thread, seeded
from inpaintlib._signatures import check_module
from inpaintlib.classifiers import Classifier
from inpaintlib.descent import Diverged, descend
from inpaintlib.energy import Binary, Penalty, ProbabilityDistance, ScoreDistance
from inpaintlib.networks import SIZES, LeNet, Size
from inpaintlib.recipes import Recipe
from inpaintlib.study import numbers, protocol
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases

#: The option of a choice that a reading does not have, since its network is a given one.
GIVEN = "given"

#: What is open, and how it may be understood. An option that is listed more often is drawn more
#: often, since long descents cost the most time and a given network has fewer choices. The
#: networks of the option ``"absolute"`` are those of the recipes ``digits-absolute`` and
#: ``faces-absolute``, so their training is no choice.
CHOICES: dict[str, tuple[str, ...]] = {
    "network": ("LeNet-5", "20/50/500"),
    "loss": ("cross-entropy", "square"),
    "output": ("probabilities", "probabilities", "scores", "scores", "absolute"),
    "training": ("whole images", "patches"),
    "input": ("0 to 1", "minus the mean", "-1 to 1"),
    "start": ("black", "noise", "harmonic", "class average"),
    "region": ("whole image", "rim"),
    "jitter": ("0", "1", "2", "4"),
    "binary": ("none", "constant", "growing"),
    "clipping": ("yes", "no"),
    "steps": (*["300"] * 11, "2000"),
}

#: The choices that a given network leaves open no longer.
OF_NETWORK = ("network", "loss", "training", "input")

#: The losses of training; None is the cross-entropy.
LOSSES: dict[str, Penalty | None] = {
    "cross-entropy": None,
    "probabilities": ProbabilityDistance.penalty,
    "scores": ScoreDistance.penalty,
}

#: λ and μ that are tried, for outputs that are probabilities, and for raw scores, whose distance
#: from the label and whose slope may be a hundred times larger.
TRIED: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "probabilities": ((0.0003, 0.003, 0.03, 0.3), (0.03, 0.3, 2.0)),
    "scores": ((0.003, 0.1, 3.0), (0.0003, 0.003, 0.03, 0.3)),
}

#: The weight of the binary penalty as a multiple of λ. The paper gives neither.
BINARY = 3.0


@dataclass(frozen=True)
class Reading:
    """One way to understand the paper: an option for each of :data:`CHOICES`."""

    network: str
    loss: str
    output: str
    training: str
    input: str
    start: str
    region: str
    jitter: str
    binary: str
    clipping: str
    steps: str

    def __str__(self) -> str:
        return ", ".join(f"{choice} {option}" for choice, option in asdict(self).items())

    @property
    def content(self) -> str:
        """The name of the content term."""
        return "scores" if self.output == "scores" else "probabilities"


class Learned(NamedTuple):
    """What decides the weights of a reading's network.

    Attributes:
        network: See :data:`CHOICES`.
        loss: One of :data:`LOSSES`.
        training: See :data:`CHOICES`.
        input: See :data:`CHOICES`.
    """

    network: str
    loss: str
    training: str
    input: str

    @classmethod
    def of(cls, reading: Reading) -> Learned:
        """Return those of a reading whose network is not a given one."""
        loss = reading.content if reading.loss == "square" else reading.loss
        return cls(reading.network, loss, reading.training, reading.input)


class Effort(NamedTuple):
    """How much is computed.

    Attributes:
        readings: How many are drawn.
        cases: Test images that each of them fills.
        choosing: Validation images on which λ and μ are chosen.
        choosing_steps: Updates in each of these descents.
        images: How many training images the networks get; all of them if None.
        epochs: Of the training on whole images, and on patches, of which each image gives five.
        shorter: What the numbers of steps are divided by.
    """

    readings: int
    cases: int
    choosing: int
    choosing_steps: int
    images: int | None
    epochs: tuple[int, int]
    shorter: int = 1


EFFORT = {
    "digits": Effort(240, 60, 12, 80, 12_000, (6, 1)),
    "faces": Effort(72, 60, 10, 40, None, (20, 5)),
}
FEW = 2  # cases; the other numbers of the short run follow
_FEW = {
    "digits": Effort(3, FEW, 2, 5, 600, (1, 1), shorter=50),
    "faces": Effort(3, FEW, 2, 5, 300, (1, 1), shorter=50),
}


def design(name: str, effort: Effort, *, seed: int = 0) -> list[Reading]:
    """Return the readings of ``"digits"`` or ``"faces"``, with options at random.

    Each option is drawn as often as it is listed. Two draws may be the same reading, which is
    returned once. Faces have no binary penalty.

    Args:
        name: ``"digits"`` or ``"faces"``.
        effort: How many to draw.
        seed: Of the draws.
    """
    rng = np.random.default_rng(seed)
    columns = {
        choice: [options[k] for k in rng.permutation(np.arange(effort.readings) % len(options))]
        for choice, options in CHOICES.items()
    }
    if name == "faces":
        columns["binary"] = ["none"] * effort.readings
    drawn = [Reading(*options) for options in zip(*columns.values(), strict=True)]
    given = dict.fromkeys(OF_NETWORK, GIVEN)
    return list(
        dict.fromkeys(replace(one, **given) if one.output == "absolute" else one for one in drawn)
    )


class Scaled(LeNet):
    """A LeNet whose input is ``scale * image - offset``.

    Args:
        *given: Those of :class:`inpaintlib.networks.LeNet`.
        scale: The factor.
        offset: What is subtracted, a number or an image.
        **named: Those of the LeNet.
    """

    def __init__(self, *given: Any, scale: float, offset: Tensor, **named: Any) -> None:
        super().__init__(*given, **named)
        self.scale = scale
        self.register_buffer("offset", offset)

    def forward(self, images: Tensor) -> Tensor:
        """Return the raw scores ``(B, classes)`` of images in [0, 1]."""
        return super().forward(self.scale * images - self.get_buffer("offset"))


def train(name: str, learned: Learned, effort: Effort) -> LeNet:
    """Train a network on some of the training images, drawn with a fixed seed.

    Args:
        name: ``"digits"`` or ``"faces"``.
        learned: What decides its weights.
        effort: How many images and epochs.

    Raises:
        DataError: The full set is not found.
    """
    data = protocol.full_set(name, "train")
    data = data[np.random.default_rng(0).permutation(len(data))[: effort.images]]
    patches = learned.training == "patches"
    base = training.TRAININGS[
        name + ("-patches" if patches else "-whole") + ("-yale" if name == "faces" else "")
    ]
    settings = replace(
        base,
        size=_size(learned.network),
        epochs=effort.epochs[patches],
        loss=LOSSES[learned.loss],
    )
    scale, offset = {
        "0 to 1": (1.0, 0.0),
        "minus the mean": (1.0, data.images.mean(axis=0)),
        "-1 to 1": (2.0, 1.0),
    }[learned.input]
    with one_thread(), seeded(settings.seed):
        untrained = Scaled(
            data.images.shape[1:],
            data.classes,
            size=settings.size,
            name=", ".join(learned),
            data=data.collection,
            scale=scale,
            offset=torch.as_tensor(offset, dtype=torch.float32),
        )
        training.train(settings, data.images, data.labels, data.classes, name="", network=untrained)
    return untrained


def _size(network: str) -> Size:
    return SIZES[{"LeNet-5": "lenet-5", "20/50/500": "lenet"}[network]]


def classifier_of(name: str, reading: Reading, effort: Effort, memory: joblib.Memory) -> Classifier:
    """Return a reading's classifier, with the class averages of the shipped ones."""
    shipped = classifiers.load(f"{name}-absolute", data=protocol.SETS[name])
    if reading.output == "absolute":
        return shipped
    network = memory.cache(train)(name, Learned.of(reading), effort)
    return classifiers.of(
        network,
        name=network.name,
        shape=network.shape,
        classes=network.classes,
        averages=shipped.averages,
    )


def recipe_of(
    reading: Reading,
    classifier: Classifier,
    *,
    total_variation: float,
    step_size: float,
    steps: int,
) -> Recipe:
    """Return a reading's recipe with certain λ and μ, except for its clipping."""
    weight = BINARY * total_variation
    names = {"black": "constant", "class average": "class-average"}
    return Recipe(
        classifier=classifier,
        content=reading.content,
        total_variation=total_variation,
        region={"whole image": "image", "rim": "rim"}[reading.region],
        binary=weight if reading.binary == "growing" else 0.0,
        terms=((weight, Binary()),) if reading.binary == "constant" else (),
        start=names.get(reading.start, reading.start),
        start_value=0.0,
        step_size=step_size,
        max_steps=steps,
        tolerance=0.0,
        jitter=int(reading.jitter),
    )


class Filled(NamedTuple):
    """The results of a recipe, ``(N, H, W)``, clipped to [0, 1], and its starts."""

    results: NDArray[np.floating]
    starts: NDArray[np.floating]


def fill(recipe: Recipe, cases: Cases, *, clip: bool) -> Filled | None:
    """Fill cases by a recipe's descent, with or without clipping in each step.

    Returns:
        The results; None if energy, gradient or images became infinite on the way.
    """
    images = torch.from_numpy(cases.images)
    begun = recipe.begin(images, cases.holes, cases.labels)
    energy = recipe.energy(images, cases.holes, cases.labels)
    with one_thread():
        try:
            ended = descend(
                energy,
                begun,
                torch.from_numpy(cases.holes),
                step_size=recipe.step_size,
                max_steps=recipe.max_steps,
                clip=clip,
                views=recipe.views(tuple(images.shape)),
            )
        except Diverged:
            return None
    return Filled(ended.images.clamp(0, 1).numpy(), begun.numpy())


class Chosen(NamedTuple):
    """λ and μ, and the mean PSNR that they have on validation images, in dB."""

    total_variation: float
    step_size: float
    psnr: float


def psnr(images: NDArray[np.floating], cases: Cases) -> NDArray[np.float64]:
    """Return the PSNR of each image in its hole, ``(N,)``, in dB."""
    found = metrics.psnr(images, cases.images, cases.holes)
    return np.minimum(found, protocol.PERFECT).astype(np.float64)


def ranked(reading: Reading, classifier: Classifier, cases: Cases, *, steps: int) -> list[Chosen]:
    """Return the pairs of :data:`TRIED`, the one with the highest mean PSNR first.

    A pair whose descent overflows is left out.

    Args:
        reading: The other choices.
        classifier: Its classifier.
        cases: Validation images with holes.
        steps: Updates in each descent.
    """
    found = []
    for total_variation, step_size in itertools.product(*TRIED[reading.content]):
        recipe = recipe_of(
            reading,
            classifier,
            total_variation=total_variation,
            step_size=step_size,
            steps=steps,
        )
        filled = fill(recipe, cases, clip=reading.clipping == "yes")
        if filled is not None:
            reached = float(psnr(filled.results, cases).mean())
            found.append(Chosen(total_variation, step_size, reached))
    return sorted(found, key=lambda chosen: -chosen.psnr)


class Measured(NamedTuple):
    """A reading's results.

    Attributes:
        reading: It.
        chosen: Its λ and μ.
        accuracy: Of its network, on validation images.
        scores: Of each case, by name, ``(N,)``.
    """

    reading: Reading
    chosen: Chosen
    accuracy: float
    scores: dict[str, NDArray[Any]]


def score(name: str, reading: Reading, effort: Effort, memory: joblib.Memory) -> Measured:
    """Choose a reading's λ and μ on validation images, and score it on test images.

    Args:
        name: ``"digits"`` or ``"faces"``.
        reading: The choices.
        effort: How many images and steps.
        memory: Where the reading's network is kept.

    Raises:
        ValueError: The descent overflows with each λ and μ.
        DataError: The full set is not found.
    """
    classifier = classifier_of(name, reading, effort, memory)
    validation = protocol.full_set(name, "validation")
    pairs = ranked(
        reading,
        classifier,
        protocol.cases(validation, count=effort.choosing, each=1),
        steps=effort.choosing_steps,
    )
    cases = protocol.cases(protocol.full_set(name, "test"), count=effort.cases, each=1)
    for chosen in pairs:  # the first one, unless it overflows in these longer descents
        recipe = recipe_of(
            reading,
            classifier,
            total_variation=chosen.total_variation,
            step_size=chosen.step_size,
            steps=int(reading.steps) // effort.shorter,
        )
        filled = fill(recipe, cases, clip=reading.clipping == "yes")
        if filled is not None:
            break
    else:
        raise ValueError(f"reading: every λ and μ overflows in {reading}")
    scores = _scores(name, filled, cases)
    images, labels = torch.from_numpy(validation.images), torch.from_numpy(validation.labels)
    return Measured(reading, chosen, training.accuracy(classifier, images, labels), scores)


def _scores(name: str, filled: Filled, cases: Cases) -> dict[str, NDArray[Any]]:
    """Return the scores of each case, by name, ``(N,)``; *harmonic* is the smooth interpolation."""
    judged = [protocol.named_right(name, images, cases).astype(float) for images in filled]
    smooth = starts.harmonic(
        *(torch.from_numpy(values) for values in (cases.images, cases.holes))
    ).numpy()
    result = psnr(filled.results, cases)
    return {
        "psnr": result,
        "psnr minus start": result - psnr(filled.starts, cases),
        "psnr minus harmonic": result - psnr(smooth, cases),
        "judge": judged[0],
        "judge minus start": judged[0] - judged[1],
    }


def measure(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the scores of every reading, with its λ, μ and the accuracy of its network.

    The workers are those of the surrounding ``joblib.parallel_config``.

    Args:
        name: ``"digits"`` or ``"faces"``.
        count: None for all; any number for the short run, which keeps nothing in the cache.
    """
    effort = EFFORT[name] if count is None else _FEW[name]
    memory = joblib.Memory(_cache.folder() / "readings" if count is None else None, verbose=0)
    drawn = design(name, effort)
    # Each network once, before two readings could train the same one.
    learned = dict.fromkeys(Learned.of(one) for one in drawn if one.output != "absolute")
    _each(f"networks of {name}", memory.cache(train), [(name, one, effort) for one in learned])
    cases = protocol.cases(protocol.full_set(name, "test"), count=effort.cases, each=1)
    kept = memory.cache(score, ignore=["memory"])
    for one in _each(f"readings of {name}", kept, [(name, one, effort, memory) for one in drawn]):
        yield from _numbers(one, cases)
    yield from _reference(name, cases)


def _reference(name: str, cases: Cases) -> Iterator[Number]:
    """Yield the scores of the recipe that the chapters use as the paper's, on the same cases."""
    done = cases.filled(f"paper-{name}")
    scores = _scores(name, Filled(done.image, done.start), cases)
    yield from _means(f"paper-{name}", scores, cases)


def _each(what: str, function: Any, arguments: list[tuple[Any, ...]]) -> list[Any]:
    """Call a function with each of the arguments, by all workers; return the results in order."""
    calls = (joblib.delayed(function)(*given) for given in arguments)
    results: Iterable[Any] = joblib.Parallel(return_as="generator")(calls)
    return list(tqdm(results, what, total=len(arguments)))


def _numbers(measured: Measured, cases: Cases) -> Iterator[Number]:
    """Yield the numbers of a reading, whose subject is the reading as text."""
    subject = str(measured.reading)
    yield from _means(subject, measured.scores, cases)
    for name, value in {
        "lambda": measured.chosen.total_variation,
        "mu": measured.chosen.step_size,
        "validation psnr": measured.chosen.psnr,
        "validation accuracy": measured.accuracy,
    }.items():
        yield numbers.plain(subject, name, value, cases=len(cases), tolerance=np.inf)


def _means(subject: str, scores: dict[str, NDArray[Any]], cases: Cases) -> Iterator[Number]:
    for name, values in scores.items():
        tolerance = 1.0 if name.startswith("psnr") else 0.5
        yield numbers.mean(subject, name, values, tolerance=tolerance, groups=cases.units)


check_module(__name__, but=("train", "score"))
