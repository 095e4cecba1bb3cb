"""What a classifier must know to paint: from classifiers that compare to ones that can say no.

*The ladder* (``ladder-digits``) trains the same network on the same images with
the same number of steps, one change at a time, from three seeds; then come Gaussians. The step size
and the number of steps of each descent are the best on validation images, by PSNR. Subjects are
``RUNG, seed N`` and, over all seeds, ``RUNG``; scores

- ``psnr``, ``judge``, ``gain`` (PSNR minus that of the start) and ``above start`` on test images,
  from the harmonic start, ``grey`` of digits;
- ``accuracy`` on untouched test images, ``step size`` and ``steps``: what was chosen.

*The experts' weights* (``experts-digits``) give the network of ``digits-experts`` other weights
beside the Gaussians, on validation images with all kinds of holes. Subjects are ``weight W``; 0 are
the Gaussians alone.

*Contents and starts* (``painting-digits``, ``painting-faces``) take the shipped classifiers:
``CLASSIFIER/content/CONTENT`` reads the same scores by five formulas, ``RECIPE/start/START`` begins
elsewhere, with the same scores. Faces are the AT&T faces, which come with the package.

Shown in the chapter *What a classifier must know to paint*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from IPython.display import Markdown
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm

from inpaintlib import (
    Inpainting,
    classifiers,
    datasets,
    figures,
    fitting,
    gaussians,
    metrics,
    recipes,
    training,
)
from inpaintlib._cache import folder as cache_folder
from inpaintlib._signatures import check_module
from inpaintlib.augment import Moves
from inpaintlib.classifiers import Classifier
from inpaintlib.datasets import Dataset
from inpaintlib.experts import Experts
from inpaintlib.fitting import FitTraining
from inpaintlib.gaussians import Fit
from inpaintlib.networks import Network, StridedNet
from inpaintlib.recipes import Recipe
from inpaintlib.study import numbers, search, tables
from inpaintlib.study.chapters.initialization import STARTS
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import Cases, Scores, cases, scores
from inpaintlib.training import Training

Images = NDArray[np.floating]

#: The set of each ladder. MNIST is not bundled, the AT&T faces are.
SETS = {"digits": "mnist", "faces": "faces-att"}

#: Images and kinds of holes that choose the step size, and those that are scored.
CHOOSE = {"digits": (100, 4), "faces": (70, 1)}
SCORE = {"digits": (200, 4), "faces": (70, 1)}

#: The seeds of each training.
SEEDS = (0, 1, 2)

#: How many images the tests measure again, and how many steps they train.
FEW, FEW_STEPS = 4, 20

#: The networks are trained in single precision, and their descents are short.
PRECISION = "float32"

#: After how many steps a descent is looked at.
STEPS = (5, 10, 20, 40)

#: Allowed difference of a new measurement. Training amplifies rounding.
TOLERANCES = {"psnr": 0.3, "gain": 0.3, "judge": 0.05, "grey": 0.05, "above start": 0.1}


@dataclass(frozen=True)
class Reading:
    """How a descent asks a classifier.

    Attributes:
        content: The name of a content term, or a penalty of scores and labels.
        step_sizes: What is tried.
    """

    content: str | Callable[[Tensor, Tensor], Tensor]
    step_sizes: tuple[float, ...]


PROBABILITIES = Reading("probabilities", (0.3, 1.0, 3.0))
SCORE_OF_SOFTMAX = Reading("negative-score", (0.003, 0.01, 0.03))
FITS_BY_CE = Reading("cross-entropy", (0.1, 0.2, 0.5, 1.0))
DISTANCE = Reading("negative-score", (0.5, 1.0, 1.5))


#: The largest score whose exponential is taken.
_LARGEST = 20.0


def literal(values: Tensor, labels: Tensor) -> Tensor:
    r"""Return :math:`\|e^{s} - \ell\|_2^2`: the paper's formula for outputs that are distances.

    Distances are at most about 0. Scores of relative classifiers may be so large that their
    exponential overflows, so they are clipped.
    """
    wanted = functional.one_hot(labels, values.shape[1]).to(values)
    return (values.clamp(max=_LARGEST).exp() - wanted).square().sum(dim=1)


@dataclass(frozen=True)
class Rung:
    """A classifier on the ladder.

    Attributes:
        about: What it was shown and what it should say, in words.
        settings: How it is trained, or fitted.
        reading: How the descent asks it.
    """

    about: str
    settings: FitTraining | Training | Fit
    reading: Reading


#: Equal for all rungs of a ladder.
BASES: dict[str, FitTraining] = {
    "digits": FitTraining(collection="mnist", scale=10.0, on_ink=True, pool=4_000, steps=600),
    "faces": FitTraining(
        collection="att",
        scale=2.0,
        shift=1,
        moves=Moves(shift=0.03, scale=1.05, turn=3),
        pool=2_000,
        steps=400,
    ),
}

#: The ladders whose numbers are stored.
MEASURED = ("digits", "faces")

#: The perturbations of the robust rung, and the epochs that take about as many steps as the others.
ROBUST: dict[str, dict[str, Any]] = {
    "digits": {"robust": 1.0, "epochs": 1},
    "faces": {"robust": 0.05, "relative": True, "epochs": 200},
}


def ladder(name: str) -> dict[str, Rung]:
    """Return the rungs of a ladder by title, from relative to absolute.

    Args:
        name: ``"digits"`` or ``"faces"``.
    """
    base = BASES[name]
    relative = replace(base, filled=False, slope=0.0, own=False)
    static = replace(base, slope=0.0, own=False)
    robust = Training(
        collection=base.collection,
        moves=base.moves,
        batch=base.batch,
        learning_rate=base.learning_rate,
        **ROBUST[name],
    )
    fit = gaussians.FITS[f"{name}-gaussians" if name == "digits" else "faces-gaussians-att"]
    fewer = {"digits": 10, "faces": 5}[name]
    return {
        "softmax": Rung("whole images; which class", relative, PROBABILITIES),
        "raw score": Rung("whole images; which class", relative, SCORE_OF_SOFTMAX),
        "robust": Rung("whole images, perturbed; which class", robust, SCORE_OF_SOFTMAX),
        "hard labels": Rung(
            "and badly filled ones; fits or not", replace(static, graded=False), FITS_BY_CE
        ),
        "graded labels": Rung("the same; how badly it fits", static, FITS_BY_CE),
        "graded, own descents": Rung(
            "and its own descents; how badly", replace(static, own=True), FITS_BY_CE
        ),
        "graded, slope": Rung(
            "badly filled ones; how badly, and in which direction",
            replace(static, slope=1.0),
            FITS_BY_CE,
        ),
        "graded, slope, own descents": Rung(
            "and its own descents; how badly, and in which direction", base, FITS_BY_CE
        ),
        "Gaussians, shared": Rung(
            "whole images, fitted; the same directions for all classes",
            replace(fit, parts=1, shared=True),
            DISTANCE,
        ),
        "Gaussians, few directions": Rung(
            "whole images, fitted", replace(fit, parts=1, directions=fewer), DISTANCE
        ),
        "Gaussians": Rung("whole images, fitted", fit, DISTANCE),
    }


@cache
def _data(name: str, split: str) -> Dataset:
    return datasets.load(SETS[name], split=split)


def network(name: str, rung: Rung, *, seed: int, steps: int | None = None) -> Network:
    """Train or fit the classifier of a rung.

    Args:
        name: ``"digits"`` or ``"faces"``.
        rung: Which one.
        seed: Of the training.
        steps: Instead of those of its settings.
    """
    data, settings = _data(name, "train"), rung.settings
    images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels)
    if isinstance(settings, Fit):
        return gaussians.fit(settings, images, labels, data.classes, name=name)
    if isinstance(settings, FitTraining):
        settings = replace(settings, seed=seed, steps=steps or settings.steps)
        if steps:
            settings = replace(settings, pool=settings.batch)
        return fitting.train(settings, images, labels, data.classes, name=name)
    if steps:
        images, labels = images[: steps * settings.batch], labels[: steps * settings.batch]
        settings = replace(settings, epochs=1)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        net = StridedNet(tuple(images.shape[1:]), data.classes, name=name, data=settings.collection)
    return training.train(
        replace(settings, seed=seed), images, labels, data.classes, name=name, network=net
    )


def kept(name: str, rung: Rung, seed: int, folder: Path) -> Network:
    """Return the classifier of a rung from its file; train it if that is missing or outdated."""
    same = next(other for other, of in ladder(name).items() if of.settings == rung.settings)
    path = folder / f"{name}-{same.replace(' ', '-')}-{seed}.safetensors"
    facts = {"settings": repr(rung.settings), "seed": str(seed), "torch": torch.__version__}
    if not path.exists() or classifiers.read(path).facts != facts:
        folder.mkdir(parents=True, exist_ok=True)
        classifiers.save(network(name, rung, seed=seed), path, facts=facts)
    return classifiers.read(path)


def squares_or_all(name: str, split: str, count: int, each: int) -> Cases:
    """Return cases of a split, of digits only those with squares."""
    drawn = cases(_data(name, split), count=count, each=each)
    return drawn.of_kind("square") if name == "digits" else drawn


def recipe_of(classifier: Classifier, reading: Reading, *, start: str = "harmonic") -> Recipe:
    """Return the plainest recipe: the content alone, no total variation, no penalty on grey."""
    return Recipe(
        classifier=classifier,
        content=reading.content,
        total_variation=0.0,
        start=start,
        step_size=reading.step_sizes[0],
        max_steps=STEPS[-1],
        tolerance=0.0,
        jitter=1 if isinstance(classifier.scores, StridedNet) else 0,
    )


def best(recipe: Recipe, reading: Reading, tried: Cases) -> Recipe:
    """Return a recipe with the step size and the steps that have the highest PSNR.

    Args:
        recipe: Where they are changed.
        reading: Which step sizes are tried.
        tried: Validation images.
    """
    found: dict[tuple[float, int], float] = {}
    for step_size in reading.step_sizes:

        def look(step: int, images: Tensor, step_size: float = step_size) -> None:
            if step in STEPS:
                psnr = metrics.psnr(images.numpy(), tried.images, tried.holes)
                found[step_size, step] = float(psnr.mean())

        tried.filled(replace(recipe, step_size=step_size), callback=look, precision=PRECISION)
    step_size, steps = max(found, key=found.__getitem__)
    return replace(recipe, step_size=step_size, max_steps=steps)


def filled_and_scored(name: str, recipe: Recipe, scored: Cases) -> Scores:
    """Return the scores ``(N,)`` of what a recipe makes of cases."""
    done = scored.filled(recipe, precision=PRECISION)
    found = scores(name, done.image, scored)
    before = metrics.psnr(done.start, scored.images, scored.holes)
    gain = found["psnr"] - before
    return {**found, "gain": gain, "above start": (gain > 0).astype(float)}


def means(subject: str, found: Scores, scored: Cases) -> Iterator[Number]:
    """Yield the mean of each score of the cases."""
    for score, tolerance in TOLERANCES.items():
        if score in found:
            yield numbers.mean(
                subject, score, found[score], tolerance=tolerance, groups=scored.units
            )


def measure_ladder(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the numbers of a ladder.

    Args:
        name: ``"digits"`` or ``"faces"``.
        count: How many images; with None all, three seeds and whole trainings.
    """
    tried = squares_or_all(name, "validation", *_fewer(CHOOSE[name], count))
    scored = squares_or_all(name, "test", *_fewer(SCORE[name], count))
    test = _data(name, "test")[: 100 * count if count else None]
    for title, rung in tqdm(ladder(name).items(), desc=f"ladder of {name}", unit="rung"):
        seeds = SEEDS[:1] if count or isinstance(rung.settings, Fit) else SEEDS
        every: list[Scores] = []
        for seed in seeds:
            subject = f"{title}, seed {seed}"
            if count is None:
                net = kept(name, rung, seed, cache_folder() / "ladders")
            else:
                net = network(name, rung, seed=seed, steps=FEW_STEPS)
            chosen = best(recipe_of(classifiers.of(net), rung.reading), rung.reading, tried)
            found = filled_and_scored(name, chosen, scored)
            right = training.accuracy(
                net, torch.from_numpy(test.images), torch.from_numpy(test.labels)
            )
            for score, value in (
                ("accuracy", right),
                ("step size", chosen.step_size),
                ("steps", chosen.max_steps),
            ):
                yield numbers.plain(subject, score, value, cases=len(test), tolerance=np.inf)
            yield from means(subject, found, scored)
            every.append(found)
        # A case counts once, with its mean over the seeds.
        yield from means(
            title, {key: np.mean([one[key] for one in every], axis=0) for key in every[0]}, scored
        )


def _fewer(usual: tuple[int, int], count: int | None) -> tuple[int, int]:
    return (count or usual[0], usual[1])


#: The shipped classifiers that are read by several formulas, relative and absolute.
SHIPPED = {
    "digits": ("digits-robust", "digits-absolute", "digits-gaussians", "digits-experts"),
    "faces": ("faces-robust-att", "faces-absolute-att", "faces-gaussians-att"),
}

#: The formulas, and the step sizes that are tried of each.
READINGS: dict[str, Reading] = {
    "raw score": Reading("negative-score", (0.001, 0.01, 0.1, 0.5, 1.0)),
    "probabilities": Reading("probabilities", (0.1, 0.5, 2.0)),
    "cross-entropy": Reading("cross-entropy", (0.03, 0.2, 1.0)),
    "margin": Reading("margin", (0.001, 0.01, 0.1, 0.5)),
    "exponential": Reading(literal, (0.1, 0.5, 2.0)),
}

#: The recipes that begin from every start.
RECIPES = {
    "digits": ("paper-digits", "digits-mixture", "digits-absolute", "digits-gaussians", "digits"),
    "faces": ("paper-faces", "faces-mixture", "faces-absolute", "faces"),
}


def measure(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the numbers of the contents and of the starts.

    Args:
        name: ``"digits"`` or ``"faces"``.
        count: How many images; with None all.
    """
    tried = squares_or_all(name, "validation", *_fewer(CHOOSE[name], count))
    scored = squares_or_all(name, "test", *_fewer(SCORE[name], count))
    for shipped in SHIPPED[name]:
        known = classifiers.load(shipped)
        for content, reading in tqdm(READINGS.items(), desc=shipped, unit="content"):
            chosen = best(recipe_of(known, reading), reading, tried)
            yield from means(
                f"{shipped}/content/{content}", filled_and_scored(name, chosen, scored), scored
            )
    for each in RECIPES[name]:
        for start, settings in tqdm(STARTS.items(), desc=each, unit="start"):
            begun = recipes.get(each, data=scored.data, **settings)
            yield from means(
                f"{each}/start/{start}", filled_and_scored(name, begun, scored), scored
            )


#: How many images are filled with each weight; the weights of the network beside the Gaussians, and
#: the step size of each, which has to be smaller the larger the weight.
WEIGHED = 60
WEIGHTS = {0: 0.2, 2: 0.1, 5: 0.1, 10: 0.1, 20: 0.1, 40: 0.05}


def weighted(weight: float) -> Classifier:
    """Return the experts for digits with another weight of the network."""
    members: list[tuple[float, Network]] = []
    for name, of_member in {"digits-gaussians": 1.0, "digits-absolute": weight}.items():
        network = classifiers.load(name).scores
        assert isinstance(network, Network)
        if of_member:
            members.append((of_member, network))
    return classifiers.of(Experts(members, name=f"weight {weight}"), origin="digits")


def measure_weights(*, count: int | None) -> Iterator[Number]:
    """Yield the scores of the experts with other weights, on validation images.

    Args:
        count: How many images; None for :data:`WEIGHED`.
    """
    tried = cases(_data("digits", "validation"), count=count or WEIGHED, each=4)
    for weight, step_size in tqdm(WEIGHTS.items(), desc="experts", unit="weight"):
        changed = {"classifier": weighted(weight), "step_size": step_size, "max_steps": 120}
        recipe = recipes.get("digits-soft", **changed)
        yield from means(f"weight {weight}", filled_and_scored("digits", recipe, tried), tried)


def weights_table() -> Markdown:
    """Return the stored scores of the experts with other weights as a table."""
    rows = {str(weight): f"weight {weight}" for weight in WEIGHTS}
    return tables.table(
        "experts-digits", rows, _columns("digits"), first="the network's weight", signed=("gain",)
    )


#: The scores of the tables, by their titles.
COLUMNS = {
    "PSNR, dB": "psnr",
    "gain, dB": "gain",
    "above start": "above start",
    "judge": "judge",
    "grey": "grey",
}


def _columns(name: str) -> dict[str, str]:
    return {title: score for title, score in COLUMNS.items() if name == "digits" or score != "grey"}


def ladder_table(name: str) -> Markdown:
    """Return the stored scores of a ladder, the mean over the seeds, as a table."""
    rows = {title: title for title in ladder(name)}
    return tables.table(
        f"ladder-{name}", rows, _columns(name), first="the classifier", signed=("gain",)
    )


def spread(name: str) -> dict[str, tuple[float, float]]:
    """Return for each rung with several seeds the lowest and the highest mean gain of one seed."""
    measured = numbers.read(f"ladder-{name}")
    found = {}
    for title, rung in ladder(name).items():
        if not isinstance(rung.settings, Fit):
            gains = [measured[f"{title}, seed {seed}", "gain"].value for seed in SEEDS]
            found[title] = (min(gains), max(gains))
    return found


def accuracies(name: str) -> dict[str, float]:
    """Return for each rung the mean accuracy of its seeds on untouched test images."""
    measured = numbers.read(f"ladder-{name}")
    found: dict[str, list[float]] = {}
    for subject, score in measured:
        if score == "accuracy":
            title = subject.rpartition(", seed ")[0]
            found.setdefault(title, []).append(measured[subject, score].value)
    return {title: float(np.mean(values)) for title, values in found.items()}


def contents_table(name: str) -> Markdown:
    """Return the stored gains over the harmonic start: a row for a formula, a column for a network.

    Args:
        name: ``"digits"`` or ``"faces"``.
    """
    return tables.table(
        f"painting-{name}",
        {content: content for content in READINGS},
        {f"`{shipped}`": shipped for shipped in SHIPPED[name]},
        address="{column}/content/{row}/gain",
        first="formula",
        signed=SHIPPED[name],
    )


def starts_table(name: str, score: str) -> Markdown:
    """Return a stored score from every start: a row for a start, a column for a recipe.

    Args:
        name: ``"digits"`` or ``"faces"``.
        score: Which one.
    """
    return tables.table(
        f"painting-{name}",
        {start: start for start in STARTS},
        {f"`{recipe}`": recipe for recipe in RECIPES[name]},
        address=f"{{column}}/start/{{row}}/{score}",
        first="start",
        digits=tables.DIGITS.get(score, 2),
        signed=RECIPES[name] if score == "gain" else (),
    )


def momentum_table() -> Markdown:
    """Return the stored PSNR of ``faces`` with and without momentum, a column for its steps."""
    grid = search.GRIDS["faces"]
    size = f"{recipes.get('faces', data='faces-yale').step_size:g}"
    return tables.table(
        "search-faces",
        {f"{momentum:g}": f"{momentum:g}" for momentum in grid["momentum"]},
        {f"{steps:g} steps": f"{steps:g}" for steps in grid["max_steps"]},
        address=f"step_size {size}, max_steps {{column}}, momentum {{row}}/psnr",
        first="momentum",
        digits=tables.DIGITS["psnr"],
    )


def decibels(fills: Mapping[str, Images], images: Images, holes: NDArray[np.bool_]) -> str:
    """Return the mean PSNR of fills in the hole, as a line below a picture.

    Args:
        fills: Filled images ``(N, H, W)`` by name.
        images: The originals, in the same shape.
        holes: bool ``(N, H, W)``, True where missing.
    """
    means = {name: metrics.psnr(fill, images, holes).mean() for name, fill in fills.items()}
    told = (f"{name} {mean:.1f} dB".replace("\n", " ") for name, mean in means.items())
    return f"PSNR in the hole, mean: {', '.join(told)}"


def gains(
    fills: Mapping[str, Images], images: Images, holes: NDArray[np.bool_], *, start: Images
) -> str:
    """Return the mean PSNR of fills minus that of their start, as a line below a picture.

    Args:
        fills: Filled images ``(N, H, W)`` by name; the start itself is left out.
        images: The originals, in the same shape.
        holes: bool ``(N, H, W)``, True where missing.
        start: The start of all fills, in the same shape.
    """
    begun = metrics.psnr(start, images, holes)
    told = []
    for name, fill in fills.items():
        if fill is not start:
            gain = (metrics.psnr(fill, images, holes) - begun).mean()
            told.append(f"{name} {gain:+.1f} dB".replace("\n", " "))
    return f"PSNR above the start, mean: {', '.join(told)}"


def draw(network: str, start: str, done: Inpainting[Images], images: Images) -> figures.Picture:
    """Draw digits that were filled through a network, and count those that the judge reads.

    Args:
        network: What the network is called.
        start: What the start is called.
        done: The results ``(N, 28, 28)``.
        images: The originals, in the same shape.
    """
    read = metrics.named_right(done.image, done.label).sum()
    return figures.comparison(
        images,
        done.hole,
        {"start": done.start, "result": done.image},
        alt=f"Ten digits, filled through the {network} network from the start {start}.",
        facts=f"the judge reads {read} of {len(images)} correctly",
        width=640,
    )


check_module(__name__)
