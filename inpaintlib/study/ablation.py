"""Ablation: the effect of each choice of the mixtures' recipes, on the same cases.

*Ladders* go from the paper's recipe to the mixture's, one change after the other; each rung keeps
the changes before it. *Variations* change one setting of the latter at a time. *Trainings* are
classifiers that were trained in other ways, used with the recipe ``digits-mixture``; those that are
not shipped are trained first, about ten minutes each, and kept in the cache folder.

The cases are those of :mod:`~inpaintlib.study.protocol`: the squares in 200 digits, and all kinds
of holes in 105 faces. Subjects are ``ladder/RUNG`` and ``variation/SETTING`` in the experiments
``ablation-digits`` and ``ablation-faces``, and the names of the classifiers in
``ablation-trainings``. Besides the scores inside the hole there are:

- ``above start``: the share of cases that are nearer to the original than their own start;
- ``psnr minus mixture``: the difference to the mixture's recipe, case by case, in dB;
- ``psnr minus before``: the difference to the rung before;
- ``accuracy`` and ``cosine``, of trainings: see :func:`alignment`.

Shown in the chapter *Better recipes*.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from inpaintlib import classifiers, datasets, metrics, recipes, training
from inpaintlib._cache import folder as cache_folder
from inpaintlib._signatures import check_module
from inpaintlib.classifiers import Classifier
from inpaintlib.energy import CONTENTS
from inpaintlib.networks import Network
from inpaintlib.recipes import STARTS, Recipe
from inpaintlib.study import numbers
from inpaintlib.study.gradients import asked, cosine
from inpaintlib.study.methods import BATCH, MIXTURES, mixture_recipe, paper_recipe
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import ALL, SETS, Cases, Scores, full_set, scored, scores
from inpaintlib.training import TRAININGS, Training

#: How many images are scored, and in which kinds of holes.
IMAGES = {"digits": 200, "faces": 105}
KINDS = {"digits": "square", "faces": ALL}

#: How many images the tests measure again.
FEW = 1

#: Allowed difference of a new measurement, on digits and on faces; from a start that is not
#: smooth, single pixels of faces depend on rounding.
TOLERANCES = {"digits": {"psnr": 0.05, "share": 0.01}, "faces": {"psnr": 0.4, "share": 0.02}}

# Settings of a recipe by name.
Settings = dict[str, Any]


def of_mixture(name: str, *settings: str) -> Settings:
    """Return settings of the mixture's recipe for a set."""
    return {setting: getattr(mixture_recipe(name), setting) for setting in settings}


#: The mixture's recipe without the binary penalty.
SOFT = "digits-mixture-soft"

#: The settings that depend on the size of the content term's gradient.
DESCENT = ("total_variation", "step_size", "max_steps", "tolerance")

#: The settings of the classifier's view in a step.
VIEWS = ("jitter", "patches", "window_sides")

#: The rungs from the paper's recipe to the mixture's, each with its name and its changes to the
#: last one. The raw score has a much larger gradient than the probabilities, so λ and μ change with
#: it.
LADDERS: dict[str, list[tuple[str, Settings]]] = {
    "digits": [
        ("the paper's recipe", {}),
        ("raw score, with its λ, μ and steps", of_mixture("digits", "content", *DESCENT)),
        ("start: class average, no seam", {"start": "blended-class-average"}),
        ("robust classifier", of_mixture("digits", "classifier")),
        ("jitter", of_mixture("digits", *VIEWS)),
        ("start: mixture of parts", of_mixture("digits", "start", "start_value")),
        ("where total variation counts", of_mixture("digits", "region", "rim_width")),
        ("binary penalty, strong: the mixture", of_mixture("digits", "binary", "binary_begin")),
    ],
    "faces": [
        ("the paper's recipe", {}),
        ("raw score, with its λ, μ and steps", of_mixture("faces", "content", *DESCENT)),
        ("binary penalty", of_mixture("faces", "binary", "binary_begin")),
        ("where total variation counts", of_mixture("faces", "region", "rim_width")),
        ("start: class average, no seam", {"start": "blended-class-average"}),
        ("robust classifier", of_mixture("faces", "classifier")),
        ("jitter", of_mixture("faces", *VIEWS)),
        ("start: mixture of parts: the mixture", of_mixture("faces", "start", "start_value")),
    ],
}

_ROBUST = TRAININGS["digits-robust"]

#: The trainings that were tried, besides those of the shipped classifiers.
TRIED: dict[str, Training] = {"robust-2": replace(_ROBUST, robust=2.0)}
SHIPPED = ("digits-whole", "digits-patches", "digits-robust")


class Setting(NamedTuple):
    """A way to set up a recipe.

    Attributes:
        part: ``"ladder"`` or ``"variation"``.
        title: Its name.
        changes: Its changes to the rung before or to our recipe.
        settings: All settings of the recipe.
    """

    part: str
    title: str
    changes: Settings
    settings: Settings

    @property
    def subject(self) -> str:
        """The subject of its numbers."""
        return f"{self.part}/{self.title}"


def ladder(name: str) -> Iterator[Setting]:
    """Yield the rungs from the paper's recipe to the mixture's; each changes something."""
    settings = vars(paper_recipe(name))
    for rung, wanted in LADDERS[name]:
        changes = _differing(wanted, settings)
        settings = {**settings, **changes}
        if changes or not wanted:
            yield Setting("ladder", rung, changes, settings)


def variations(name: str) -> Iterator[Setting]:
    """Yield the mixture's recipe, and copies of it with one setting changed."""
    recipe = mixture_recipe(name)
    yield Setting("variation", "the mixture", {}, vars(recipe))
    for setting, wanted in _changes(name, recipe):
        changes = _differing(wanted, vars(recipe))
        if changes:
            yield Setting("variation", setting, changes, {**vars(recipe), **changes})


def _differing(wanted: Settings, settings: Settings) -> Settings:
    return {key: value for key, value in wanted.items() if settings[key] != value}


def _changes(name: str, recipe: Recipe) -> Iterator[tuple[str, Settings]]:
    if name == "digits":
        yield f"recipe: {SOFT}", vars(recipes.get(SOFT))
    for content in CONTENTS:
        yield f"content: {content}", {"content": content}
    for start in STARTS:
        yield f"start: {start}", {"start": start}
    for kind in ("whole", "patches", "robust"):
        yield f"classifier: {kind}", {"classifier": _classifier(name, kind)}
    for jitter in range(4):
        yield f"jitter: {jitter}", {"jitter": jitter}
    windows = TRAININGS["digits-robust" if name == "digits" else "faces-robust-yale"].sides
    yield "patches in the descent: 4", {"patches": 4, "window_sides": windows}
    yield "region: rim", {"region": "rim"}
    yield "region: image", {"region": "image"}
    for factor in (0, 0.3, 3):
        yield f"λ × {factor}", {"total_variation": factor * recipe.total_variation}
    for factor in (0.5, 2):
        yield f"μ × {factor}", {"step_size": factor * recipe.step_size}
    yield "binary penalty: none", {"binary": 0.0}
    if recipe.binary:
        yield "binary penalty: from the first step", {"binary_begin": 0.0}
    for share in (0, 0.2, 0.5, 2):
        steps = round(share * recipe.max_steps)
        yield f"steps: {steps}", {"max_steps": steps}


def _classifier(name: str, kind: str) -> str:
    known, data = classifiers.names(), SETS[name]
    return datasets.full_name("classifier", f"{name}-{kind}", known, data)


def measure(name: str, *, count: int | None) -> Iterator[Number]:
    """Yield the numbers of a set's ladder and variations.

    Args:
        name: ``"digits"`` or ``"faces"``.
        count: Number of images; None for :data:`IMAGES`.
    """
    cases = cases_of(name, count=count)
    mixture_scores, _ = filled_and_scored(name, cases, vars(mixture_recipe(name)))
    before: Scores = {}
    progress = tqdm([*ladder(name), *variations(name)], desc=f"ablation of {name}", unit="setting")
    for setting in progress:
        progress.set_postfix_str(setting.title)
        same = setting.settings == vars(mixture_recipe(name))
        found = mixture_scores if same else filled_and_scored(name, cases, setting.settings)[0]
        yield from means(name, setting.subject, found, mixture_scores, cases)
        if setting.part == "ladder":
            if before:
                gain, tolerance = found["psnr"] - before["psnr"], TOLERANCES[name]["psnr"]
                yield numbers.mean(
                    setting.subject,
                    "psnr minus before",
                    gain,
                    tolerance=tolerance,
                    groups=cases.units,
                )
            before = found


def means(
    name: str, subject: str, found: Scores, reference: Scores, cases: Cases
) -> Iterator[Number]:
    """Yield the mean of each score, and the paired difference in PSNR to the mixture's recipe."""
    tolerances = TOLERANCES[name]
    for score, values in found.items():
        tolerance = tolerances["psnr" if score == "psnr" else "share"]
        yield numbers.mean(subject, score, values, tolerance=tolerance, groups=cases.units)
    less = found["psnr"] - reference["psnr"]
    yield numbers.mean(
        subject, "psnr minus mixture", less, tolerance=tolerances["psnr"], groups=cases.units
    )


def filled_and_scored(name: str, cases: Cases, settings: Settings) -> tuple[Scores, NDArray]:
    """Fill the cases, and return the scores of each case and the starts ``(N, H, W)``."""
    done = [part.filled(MIXTURES[name], **settings) for part in cases.batches(BATCH)]
    filled, starts = (
        np.concatenate([getattr(one, what) for one in done]) for what in ("image", "start")
    )
    found = scores(name, filled, cases)
    above = found["psnr"] > metrics.psnr(starts, cases.images, cases.holes)
    return {**found, "above start": above.astype(float)}, starts


def cases_of(name: str, *, count: int | None) -> Cases:
    """Return the cases of a set's table."""
    return scored(name, count=count or IMAGES[name]).of_kind(KINDS[name])


def measure_trainings(*, count: int | None) -> Iterator[Number]:
    """Yield the numbers of classifiers that were trained in other ways.

    Args:
        count: Number of images; None for all, and also for classifiers that are not shipped.
    """
    cases = cases_of("digits", count=count)
    nets = {name: classifiers.load(name) for name in SHIPPED}
    if count is None:
        folder, known = cache_folder() / "trainings", nets[SHIPPED[0]]
        nets |= {
            name: classifiers.of(
                trained(name, folder), averages=known.averages, parts=known.parts, origin="mnist"
            )
            for name in TRIED
        }
    reference, starts = filled_and_scored("digits", cases, vars(mixture_recipe("digits")))
    test = full_set("digits", "test")[: count and 100 * count]
    towards: Scores = {}
    for name, net in tqdm(nets.items(), desc="trainings", unit="classifier"):
        settings = {**vars(mixture_recipe("digits")), "classifier": net}
        found, _ = filled_and_scored("digits", cases, settings)
        with torch.no_grad():
            right = metrics.judged(test.images, judge=net) == test.labels
        yield numbers.mean(name, "accuracy", right, tolerance=0.001)
        towards[name] = alignment(net, cases, starts)
        yield numbers.mean(name, "cosine", towards[name], tolerance=0.005, groups=cases.units)
        if name in SHIPPED[1:]:
            gain = towards[name] - towards[SHIPPED[0]]
            subject = f"{name} minus {SHIPPED[0]}"
            yield numbers.mean(subject, "cosine", gain, tolerance=0.005, groups=cases.units)
        yield from means("digits", name, found, reference, cases)


def trained(name: str, folder: Path) -> Network:
    """Return a classifier of :data:`TRIED`; it is trained if its file is missing or outdated."""
    path, how = folder / f"{name}.safetensors", TRIED[name]
    facts = {"training": repr(how), "torch": torch.__version__}
    if not path.exists() or classifiers.read(path).facts.get("training") != facts["training"]:
        data = full_set("digits", "train")
        images, labels = torch.from_numpy(data.images), torch.from_numpy(data.labels)
        with tqdm(total=training.steps(how, len(images)), desc=name, unit="step") as bar:
            net = training.train(
                how, images, labels, data.classes, name=name, report=lambda *_: bar.update()
            )
        folder.mkdir(parents=True, exist_ok=True)
        classifiers.save(net, path, facts=facts)
    return classifiers.read(path)


def alignment(net: Classifier, cases: Cases, starts: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return how well the content term's gradient points to the original, ``(N,)``.

    It is the cosine between the negative gradient at the start and the difference original minus
    start, both inside the hole: 1 if the first step leads straight to the original.
    """
    content = CONTENTS[str(mixture_recipe("digits").content)](net, torch.from_numpy(cases.labels))
    return cosine(asked(content, starts, cases.holes), cases.images - starts)


def verdict(difference: Number) -> str:
    """Return whether the interval of a paired difference excludes zero, and on which side."""
    if difference.low > 0:
        return "better"
    return "worse" if difference.high < 0 else "not distinguishable"


def by_difference(name: str) -> dict[str, Number]:
    """Return the stored differences of all variations to the mixture by title, ascending."""
    measured = numbers.read(f"ablation-{name}")
    found = {
        setting.title: measured[setting.subject, "psnr minus mixture"]
        for setting in variations(name)
        if setting.changes
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1].value))


check_module(__name__)
