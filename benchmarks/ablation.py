"""Ablation: what each choice of our recipes is worth, on the same cases of the full sets.

    python benchmarks/ablation.py digits faces
    python benchmarks/ablation.py trainings --train FOLDER
    python benchmarks/ablation.py digits --count 8

*Ladders* lead from the paper's recipe to ours, one change after the other; each rung keeps the
changes before it. *Variations* change one setting of ours at a time. *Trainings* are classifiers
that learned in other ways, used with our recipe for digits; those that FOLDER does not hold yet
are trained first, about ten minutes each.

The cases are those of ``protocol.py``: the squares in 200 digits (``--kinds all`` takes the other
kinds of holes, too), and all kinds in 105 faces. A row of ``benchmarks/results/ablation-SET.csv``
has the mean of each score with its 95 % bootstrap interval, and how much better than our recipe
the setting is on the same images, in dB. With ``--count`` fewer images are scored, as a trial, and
nothing is written unless ``--output`` says where.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from methods import BATCH
from numpy.typing import NDArray
from protocol import Cases, full_set, scored
from quality import RESULTS, VERSIONS, Row, Scores, score, summary, write
from torch.nn.functional import cosine_similarity
from tqdm import tqdm

from inpaintlib import classifiers, inpaint, metrics, training
from inpaintlib.classifiers import LeNet
from inpaintlib.datasets import DataError
from inpaintlib.energy import CONTENTS
from inpaintlib.recipes import RECIPES, STARTS, Recipe
from inpaintlib.training import TRAININGS, Training

#: How many images are scored, and in which kinds of holes.
IMAGES = {"digits": 200, "faces": 105}
KINDS = {"digits": "square", "faces": "all"}

#: The scores in the order of the columns: those inside the hole, the share of cases that are nearer
#: to the original than their own start, and how much better in PSNR than the result of our recipe,
#: and of a ladder's rung before.
SCORES = ("psnr", "ssim", "judge", "grey", "above_start", "difference", "gain")

Settings = dict[str, object]


def ours(name: str, *settings: str) -> Settings:
    """Return settings of our recipe for a set."""
    return {setting: getattr(RECIPES[name], setting) for setting in settings}


#: What the sizes of content's gradient decide.
DESCENT = ("total_variation", "step_size", "max_steps", "tolerance")

#: What the classifier is shown in a step.
VIEWS = ("jitter", "patches", "window_sides")

#: From the paper's recipe to ours: what each rung is called, and what it changes in the one before.
#: The raw score has a much larger gradient than the probabilities, so it brings λ and μ with it.
LADDERS: dict[str, list[tuple[str, Settings]]] = {
    "digits": [
        ("the paper's recipe", {}),
        ("raw score, with its λ, μ and steps", ours("digits", "content", *DESCENT)),
        ("start: class average, no seam", {"start": "blended-class-average"}),
        ("robust classifier", ours("digits", "classifier")),
        ("jitter", ours("digits", *VIEWS)),
        ("start: mixture of parts", ours("digits", "start", "start_value")),
        ("where total variation counts", ours("digits", "region", "rim_width")),
        ("binary penalty, strong: our recipe", ours("digits", "binary", "binary_begin")),
    ],
    "faces": [
        ("the paper's recipe", {}),
        ("raw score, with its λ, μ and steps", ours("faces", "content", *DESCENT)),
        ("binary penalty", ours("faces", "binary", "binary_begin")),
        ("where total variation counts", ours("faces", "region", "rim_width")),
        ("start: class average, no seam", {"start": "blended-class-average"}),
        ("robust classifier", ours("faces", "classifier")),
        ("jitter", ours("faces", *VIEWS)),
        ("start: mixture of parts: our recipe", ours("faces", "start", "start_value")),
    ],
}

_ROBUST = TRAININGS["digits-robust"]

#: The trainings that were tried, besides those of the shipped classifiers.
TRIED: dict[str, Training] = {"robust-2": replace(_ROBUST, robust=2.0)}
SHIPPED = ("digits-whole", "digits-patches", "digits-robust")


class Experiment(NamedTuple):
    """A row of the table.

    Attributes:
        part: ``"ladder"`` or ``"variation"``.
        setting: What it is called.
        changes: What it changes, of the rung before or of our recipe.
        settings: All settings of the recipe.
    """

    part: str
    setting: str
    changes: Settings
    settings: Settings


def ladder(name: str) -> Iterator[Experiment]:
    """Return the rungs from the paper's recipe to ours; a rung that changes nothing is left out."""
    settings = vars(RECIPES[f"paper-{name}"])
    for rung, wanted in LADDERS[name]:
        changes = _differing(wanted, settings)
        settings = {**settings, **changes}
        if changes or not wanted:
            yield Experiment("ladder", rung, changes, settings)


def variations(name: str) -> Iterator[Experiment]:
    """Return our recipe, and what comes of changing one setting of it at a time."""
    recipe = RECIPES[name]
    yield Experiment("variation", "our recipe", {}, vars(recipe))
    for setting, wanted in _changes(name, recipe):
        changes = _differing(wanted, vars(recipe))
        if changes:
            yield Experiment("variation", setting, changes, {**vars(recipe), **changes})


def _differing(wanted: Settings, settings: Settings) -> Settings:
    return {key: value for key, value in wanted.items() if settings[key] != value}


def _changes(name: str, recipe: Recipe) -> Iterator[tuple[str, Settings]]:
    for other in RECIPES:
        if other.startswith(f"{name}-"):
            yield f"recipe: {other}", vars(RECIPES[other])
    for content in CONTENTS:
        yield f"content: {content}", {"content": content}
    for start in STARTS:
        yield f"start: {start}", {"start": start}
    for kind in ("whole", "patches", "robust"):
        yield f"classifier: {kind}", {"classifier": f"{name}-{kind}"}
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


def measure(name: str, cases: Cases, settings: Settings, *, seed: int) -> tuple[Scores, NDArray]:
    """Fill the cases, and return the scores of each case and the starts ``(N, H, W)``."""
    parts = [cases[begin : begin + BATCH] for begin in range(0, len(cases), BATCH)]
    done = [
        inpaint(part.images, part.holes, part.labels, recipe=name, seed=seed, **settings)
        for part in parts
    ]
    filled, starts = (
        np.concatenate([getattr(d, what) for d in done]) for what in ("image", "start")
    )
    scores = score(name, filled, cases)
    above = scores["psnr"] > metrics.psnr(starts, cases.images, cases.holes)
    return {**scores, "above_start": above.astype(float)}, starts


def row_of(scores: Scores, reference: Scores, kinds: str, before: Scores | None = None) -> Row:
    """Return the means of the scores and the paired differences in PSNR, with their intervals."""
    paired = {"difference": scores["psnr"] - reference["psnr"]}
    if before is not None:
        paired["gain"] = scores["psnr"] - before["psnr"]
    return summary(kinds, {**scores, **paired}, SCORES)


def cases_of(name: str, *, count: int | None, kinds: str, seed: int) -> Cases:
    """Return the cases: some images, and of their holes those of the kinds."""
    cases = scored(name, count=count or IMAGES[name], seed=seed)
    return cases if kinds == "all" else cases[cases.kinds == kinds]


def table(name: str, *, count: int | None, kinds: str, seed: int) -> list[Row]:
    """Return the rows of a set's ladder and variations."""
    cases = cases_of(name, count=count, kinds=kinds, seed=seed)
    reference, _ = measure(name, cases, vars(RECIPES[name]), seed=seed)
    rows: list[Row] = []
    before = None
    progress = tqdm([*ladder(name), *variations(name)], desc=name, unit="setting")
    for part, setting, changes, settings in progress:
        progress.set_postfix_str(setting)
        same = settings == vars(RECIPES[name])
        scores = reference if same else measure(name, cases, settings, seed=seed)[0]
        means = row_of(scores, reference, kinds, before if part == "ladder" else None)
        row = {"part": part, "setting": setting, "changes": json.dumps(changes), **means}
        rows.append({**row, "seed": seed, **VERSIONS})
        before = scores
    return rows


def trainings(folder: Path, *, count: int | None, kinds: str, seed: int) -> list[Row]:
    """Return the rows of the trainings, for digits; what ``folder`` lacks is trained first."""
    cases = cases_of("digits", count=count, kinds=kinds, seed=seed)
    test = full_set("digits", "test")
    nets = {name: classifiers.load(name) for name in SHIPPED}
    nets |= {name: trained(name, folder) for name in TRIED}
    reference, starts = measure("digits", cases, vars(RECIPES["digits"]), seed=seed)
    rows = []
    for name, net in tqdm(nets.items(), desc="trainings", unit="classifier"):
        how = {**TRAININGS, **TRIED}[name]
        settings = {**vars(RECIPES["digits"]), "classifier": net}
        scores, _ = measure("digits", cases, settings, seed=seed)
        aligned = alignment(net, cases, starts)
        low, high = metrics.interval(aligned)
        read = training.accuracy(net, torch.from_numpy(test.images), torch.from_numpy(test.labels))
        row = {
            "training": name,
            "robust": how.robust,
            "sides": "whole" if how.sides is None else "{}-{}".format(*how.sides),
            "accuracy": f"{read:.4f}",
            "cosine": f"{aligned.mean():.4f}",
            "cosine_low": f"{low:.4f}",
            "cosine_high": f"{high:.4f}",
        }
        rows.append({**row, **row_of(scores, reference, kinds), "seed": seed, **VERSIONS})
    return rows


def trained(name: str, folder: Path) -> LeNet:
    """Return a classifier of :data:`TRIED`; it is trained if its file is not there or outdated."""
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


def alignment(net: LeNet, cases: Cases, starts: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return how well content's gradient paints: does its first step lead to the original?

    It is the cosine between minus the gradient of content at the start and what the start lacks,
    the original minus the start, both inside the hole; ``(N,)``.
    """
    begun, holes = torch.from_numpy(starts), torch.from_numpy(cases.holes)
    content = CONTENTS[RECIPES["digits"].content](net, torch.from_numpy(cases.labels))
    _, slope = content.value_and_gradient(begun)
    lacking = torch.from_numpy(cases.images) - begun
    return cosine_similarity(-(slope * holes).flatten(1), lacking.flatten(1)).numpy()


def printed(rows: list[Row]) -> str:
    """Return the rows as a table to read."""
    lines = [
        f"{'':38}{'cases':>6}{'PSNR in hole':>13}{'SSIM':>7}{'judge':>7}{'grey':>7}"
        f"{'> start':>9}{'better than our recipe by':>30}{'than before by':>16}{'cosine':>8}"
    ]
    for row in rows:
        cell = {key: float(str(row[key])) for key in (*SCORES, "cosine") if row.get(key)}
        gain = f"{cell['gain']:+.2f} dB" if "gain" in cell else ""
        cosine = f"{cell['cosine']:.3f}" if "cosine" in cell else ""
        ends = f"({float(row['difference_low']):+.2f} to {float(row['difference_high']):+.2f})"
        shares = [
            f"{cell[key]:{width}.2f}" if key in cell else f"{'-':>{width}}"
            for key, width in (("ssim", 7), ("judge", 7), ("grey", 7), ("above_start", 9))
        ]
        lines.append(
            f"{row.get('setting') or row['training']:38}{row['count']:>6}{cell['psnr']:10.2f} dB"
            + "".join(shares)
            + f"{cell['difference']:+9.2f} dB {ends:18}{gain:>16}{cosine:>8}".rstrip()
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    command = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    command.add_argument("name", nargs="+", choices=(*IMAGES, "trainings"), help="the tables")
    command.add_argument("--train", type=Path, metavar="FOLDER", help="of the trained classifiers")
    command.add_argument("--kinds", choices=("usual", "all"), default="usual", help="of holes")
    command.add_argument("--count", type=int, help="a trial with so many images")
    command.add_argument("--seed", type=int, default=0, help="of everything that is drawn")
    command.add_argument("--output", type=Path, help="folder of the CSV files")
    options = command.parse_args(arguments)
    if options.count is not None and options.count < 1:
        command.error("--count has to be at least 1")
    if "trainings" in options.name and options.train is None:
        command.error("trainings need --train FOLDER, where their weights are or will be")
    torch.set_num_threads(1)
    folder = options.output or (RESULTS if options.count is None else None)
    for name in options.name:
        wanted = {"count": options.count, "seed": options.seed}
        wanted["kinds"] = "all" if options.kinds == "all" else KINDS.get(name, KINDS["digits"])
        try:
            rows = (
                trainings(options.train, **wanted) if name == "trainings" else table(name, **wanted)
            )
        except DataError as error:
            command.error(str(error))
        print(printed(rows))
        if folder:
            write(folder / f"ablation-{name}.csv", rows)


if __name__ == "__main__":
    main()
