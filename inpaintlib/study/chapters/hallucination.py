"""Hallucination, paper section 4.4.1 and figure 8: whole images without any known pixel.

Claim: with everything declared missing, and no change to network or algorithm, the descent shows
how the network imagines each label. Scores are: whether the network itself and the judge read the
label in the result; how far the descent moved; and how different results from different random
starts are, compared with different images of one class. Subjects are ``RECIPE/START``, and
``digits/CHANGE`` for :data:`WITHOUT`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inpaintlib import Inpainting, classifiers, holes, inpaint, metrics
from inpaintlib._signatures import check_module
from inpaintlib.study import numbers
from inpaintlib.study.methods import MIXTURES, OURS, PAPER
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import SETS, full_set

#: Number of labels that the tests measure again, and their steps – over hundreds of steps, rounding
#: differs between machines and changes single images of ``paper-faces``.
FEW, FEW_STEPS = 2, 12

#: Number of labels measured; of the 38 people the first ten.
COUNT = 10

#: Our recipes and the paper's, unchanged; only the start is another one.
BEST: dict[str, dict[str, Any]] = {name: {"recipe": recipe} for name, recipe in OURS.items()}
LITERAL: dict[str, dict[str, Any]] = {name: {"recipe": recipe} for name, recipe in PAPER.items()}

STARTS: dict[str, dict[str, Any]] = {
    "noise": {"start": "noise"},
    "grey": {"start": "constant", "start_value": 0.5},
    "black": {"start": "constant", "start_value": 0.0},
    "class average": {"start": "class-average"},
}

#: The recipe for digits with a change, and other recipes, with noise as the start. The mixture's
#: classifier only compares classes. Noise is far from a digit for it, so its steps are larger.
WITHOUT: dict[str, dict[str, Any]] = {
    "no jitter": {"recipe": OURS["digits"], "jitter": 0},
    "the Gaussians alone": {"recipe": "digits-gaussians"},
    "the network alone": {"recipe": "digits-absolute"},
    "a network that compares": {
        "recipe": MIXTURES["digits"],
        "step_size": 0.05,
        "max_steps": 300,
    },
}

#: Random starts of a label.
SEEDS = {"digits": (0, 1, 2), "faces": (0, 1)}

SHAPES = {"digits": (28, 28), "faces": (48, 42)}

#: Allowed difference on another machine – one image of the tests may be read differently.
SHARE, LENGTH = 0.1, 0.01

Results = Sequence[Inpainting[NDArray[np.floating]]]


def imagined(
    name: str,
    settings: Mapping[str, Any],
    labels: Sequence[int] | NDArray[np.integer],
    *,
    seeds: Sequence[int],
    data: str | None = None,
) -> Results:
    """Return hallucinated images of every label, a result for each seed.

    Args:
        name: ``"digits"`` or ``"faces"``.
        settings: The recipe, and its changed settings.
        labels: The desired classes.
        seeds: Of the starts and the jitter.
        data: The set of the labels' classes; the protocol's set if None.
    """
    data = SETS[name] if data is None else data
    shape = SHAPES[name]
    nothing = np.zeros((len(labels), *shape))
    everything = holes.everything(shape)
    return [
        inpaint(nothing, everything, labels, seed=seed, data=data, **settings) for seed in seeds
    ]


def rms(first: NDArray[np.floating], second: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the root mean squared difference of images ``(…, H, W)``."""
    root: NDArray[np.float64] = np.sqrt(np.square(first - second).mean(axis=(-2, -1)))
    return root


def spread(images: Sequence[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Return the RMS differences between results of different starts, ``(pairs * labels,)``."""
    return np.concatenate([rms(*pair) for pair in combinations(images, 2)])


def read(name: str, results: Results) -> Iterator[Number]:
    """Yield who reads the labels in the results, and the distance from their starts."""
    of_label = np.concatenate([done.label for done in results])
    for score, reader in (
        ("judge", f"{name}-judge"),
        ("classifier", str(results[0].recipe.classifier)),
    ):
        right = [
            metrics.named_right(done.image, done.label, judge=reader, data=SETS[name])
            for done in results
        ]
        yield numbers.mean("", score, np.concatenate(right), tolerance=SHARE, groups=of_label)
    sure = np.concatenate([done.probability for done in results])
    yield numbers.mean("", "probability", sure, tolerance=SHARE, groups=of_label)
    moved = np.concatenate([rms(done.image, done.start) for done in results])
    yield numbers.mean("", "RMS to the start", moved, tolerance=LENGTH, groups=of_label)


def beside_real(name: str, results: Results) -> Iterator[Number]:
    """Yield how different results are from one another and from training images."""
    training = full_set(name, "train")
    test = full_set(name, "test")
    averages = classifiers.class_averages(training.collection).double().numpy()
    labels = results[0].label
    between = spread([done.image for done in results])
    pairs = np.tile(labels, len(between) // len(labels))
    yield numbers.mean("", "RMS between results", between, tolerance=LENGTH, groups=pairs)
    real = [test.of_class(label).images.astype("float64")[: len(results)] for label in labels]
    between = spread([*np.stack(real, axis=1)])
    yield numbers.mean("", "RMS between real images", between, tolerance=1e-4, groups=pairs)
    nearest: dict[str, list[float]] = {"result": [], "real image": []}
    for i, label in enumerate(labels):
        learned = training.of_class(label).images
        shown = {"result": [done.image[i] for done in results], "real image": [*real[i]]}
        for what, images in shown.items():
            nearest[what] += [rms(learned, image).min() for image in images]
    for what, values in nearest.items():
        score = f"RMS to the nearest training image, {what}"
        tolerance = LENGTH if what == "result" else 1e-4
        each = labels.repeat(len(results))
        yield numbers.mean("", score, values, tolerance=tolerance, groups=each)
    apart = np.concatenate([rms(done.image, averages[labels]) for done in results])
    every = np.tile(labels, len(results))
    yield numbers.mean("", "RMS to the class average", apart, tolerance=LENGTH, groups=every)
    closer = apart < np.reshape(nearest["result"], (len(labels), len(results))).T.ravel()
    yield numbers.mean("", "nearer to the class average", closer, tolerance=SHARE, groups=every)


def measure(*, count: int | None) -> Iterator[Number]:
    """Yield all numbers, for the first ``count`` labels; with a count, some starts are left out."""
    labels = np.arange(count or COUNT)
    fewer: dict[str, Any] = {} if count is None else {"max_steps": FEW_STEPS}
    started = [start for start in STARTS if count is None or start in ("noise", "class average")]
    for name in BEST:
        for way, given in {PAPER[name]: LITERAL[name], OURS[name]: BEST[name]}.items():
            given = {**given, **fewer}
            for start in started:
                seeds = SEEDS[name] if start == "noise" else (0,)
                results = imagined(name, {**given, **STARTS[start]}, labels, seeds=seeds)
                found = list(read(name, results))
                if len(seeds) > 1:
                    found += beside_real(name, results)
                for number in found:
                    yield replace(number, subject=f"{way}/{start}")
    if count is not None:
        return
    for change, setting in WITHOUT.items():
        asked = {**setting, "start": "noise"}
        results = imagined("digits", asked, labels, seeds=SEEDS["digits"])
        for number in read("digits", results):
            yield replace(number, subject=f"{OURS['digits']}/{change}")


check_module(__name__)
