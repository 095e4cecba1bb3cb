"""The search for the numbers of the recipes, on images of the validation split only.

Each setting of a recipe fills the same holes, of all kinds of the protocol. Its scores are the PSNR
inside the hole, the judge's accuracy, and the share of grey minus that of the originals. Subjects
of the experiment ``search-RECIPE`` are the settings, such as
``"total_variation 0.03, step_size 0.01"``.

Only settings with (nearly) the highest accuracy of the judge are considered, and for the recipe
``digits`` only those whose fills are about as sharp as real digits. The best of them has the
highest PSNR, and the recipe uses it.

Shown on the page *Data and classifiers*.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from IPython.display import Markdown
from tqdm import tqdm

from inpaintlib import metrics
from inpaintlib._signatures import check_module
from inpaintlib.recipes import RECIPES
from inpaintlib.study import numbers, tables
from inpaintlib.study.numbers import Number
from inpaintlib.study.protocol import cases, full_set, named_right

#: Accuracies of the judge that differ by less count as equal – a few images of a hundred.
NEARLY = 0.05

#: Largest excess of grey over the digits themselves with which a fill counts as sharp.
SHARP = {"digits": 0.02, "digits-mixture": 0.02}

#: Number of validation images filled, and number that the tests fill again.
COUNT, FEW = {"digits": 200, "faces": 35}, 1

#: The values that are tried, for each recipe; other settings are the recipe's own.
GRIDS: dict[str, dict[str, list[float]]] = {
    "paper-digits": {
        "total_variation": [0.0003, 0.001, 0.003],
        "step_size": [0.03, 0.1, 0.3],
        "binary": [0.0003, 0.001, 0.003],
    },
    "paper-faces": {
        "total_variation": [0.1, 0.3, 1.0],
        "step_size": [0.01, 0.03, 0.1],
        "rim_width": [2, 4],
    },
    "digits-mixture": {
        "total_variation": [0.01, 0.03, 0.1],
        "step_size": [0.005, 0.01, 0.02],
        "binary": [0.03, 0.06, 0.1, 0.15],
    },
    "digits-mixture-soft": {
        "total_variation": [0.01, 0.03, 0.1],
        "step_size": [0.01, 0.02, 0.04],
        "max_steps": [15, 30, 60],
    },
    "faces-mixture": {
        "total_variation": [0.03, 0.1],
        "step_size": [0.0001, 0.0003, 0.001],
        "max_steps": [30, 60],
    },
    "digits-absolute": {"step_size": [0.5, 1.0, 2.0], "max_steps": [20, 40, 60, 80]},
    "digits-absolute-literal": {"step_size": [1.0, 2.0, 4.0], "max_steps": [20, 40, 60, 80]},
    "digits-gaussians": {"step_size": [0.5, 1.0, 1.5], "max_steps": [20, 60, 120]},
    "digits-soft": {"step_size": [0.05, 0.1, 0.2], "max_steps": [60, 120, 240]},
    "digits": {
        "step_size": [0.05, 0.1, 0.2],
        "max_steps": [80, 120],
        "binary": [0.02, 0.04, 0.06],
    },
    "faces-absolute": {"step_size": [0.1, 0.2, 0.4], "max_steps": [5, 10, 20]},
    "faces": {
        "step_size": [1.0, 1.5, 1.9],
        "max_steps": [30, 60, 120],
        "momentum": [0.0, 0.8, 0.9],
    },
}


class Tried(NamedTuple):
    """A setting that was tried, and its stored scores.

    Attributes:
        settings: The values by the names of the settings.
        judge: The judge's accuracy.
        psnr: In the hole, in dB.
        grey: The share of grey minus that of the originals.
    """

    settings: dict[str, float]
    judge: float
    psnr: float
    grey: float


def settings_of(recipe: str) -> list[dict[str, float]]:
    """Return every setting of a recipe's grid."""
    grid = GRIDS[recipe]
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def subject(settings: dict[str, float]) -> str:
    """Return the subject of a setting's numbers."""
    return ", ".join(f"{name} {value:g}" for name, value in settings.items())


def measure(recipe: str, *, count: int | None) -> Iterator[Number]:
    """Yield the scores of every setting of a recipe's grid.

    Args:
        recipe: One of :data:`GRIDS`.
        count: Number of images; None for :data:`COUNT`.
    """
    name = "digits" if "digits" in recipe else "faces"
    tried = cases(full_set(name, "validation"), count=count or COUNT[name], each=1)
    real = metrics.grey_share(tried.images, tried.holes)
    for settings in tqdm(settings_of(recipe), desc=f"search for {recipe}", unit="setting"):
        filled = tried.filled(recipe, **settings).image
        psnr = metrics.psnr(filled, tried.images, tried.holes)
        right = named_right(name, filled, tried)
        grey = metrics.grey_share(filled, tried.holes) - real
        about, near = subject(settings), tolerances(recipe, settings["step_size"])
        yield numbers.mean(about, "judge", right, tolerance=0.02, groups=tried.units)
        yield numbers.mean(about, "psnr", psnr, tolerance=near[0], groups=tried.units)
        yield numbers.mean(about, "grey minus real", grey, tolerance=near[1], groups=tried.units)


def tolerances(recipe: str, step_size: float) -> tuple[float, float]:
    """Return by how much PSNR, in dB, and the share of grey may differ when measured again.

    Long steps jump across the kinks of the total variation, and rounding, which is another one on
    another processor, decides on which side they end. Faces show it most: with one face, two
    processors were 1.4 dB and 12 % of grey apart at a step size of 0.1.
    """
    if recipe == "paper-faces" and step_size > RECIPES["paper-faces-att"].step_size:
        return 2.0, 0.2
    return (0.4 if "faces" in recipe else 0.05), 0.02


def ranked(recipe: str) -> list[Tried]:
    """Return the settings tried for a recipe, the best first.

    Raises:
        UnknownNumber: A setting of the grid has not been measured.
    """
    measured = numbers.read(f"search-{recipe}")
    rows = [
        Tried(
            settings,
            measured[subject(settings), "judge"].value,
            measured[subject(settings), "psnr"].value,
            measured[subject(settings), "grey minus real"].value,
        )
        for settings in settings_of(recipe)
    ]
    return in_order(rows, sharp=SHARP.get(recipe, 1.0))


def in_order(rows: list[Tried], *, sharp: float = 1.0) -> list[Tried]:
    """Return rows, the best first: the readable and sharp ones by PSNR, then the rest."""
    readable = max(row.judge for row in rows) - NEARLY

    def rank(row: Tried) -> tuple[bool, float]:
        return row.judge >= readable and row.grey <= sharp, row.psnr

    return sorted(rows, key=rank, reverse=True)


def table(recipe: str, *, show: int = 4) -> Markdown:
    """Return the first settings of a recipe's ranking and the last.

    Args:
        recipe: One of :data:`GRIDS`.
        show: Number of first settings.
    """
    rows = ranked(recipe)

    def cells(row: Tried) -> list[str]:
        scores = f"{row.judge:.3f}", f"{row.psnr:.2f}", f"{row.grey:.3f}"
        return [*(f"{value:g}" for value in row.settings.values()), *scores]

    titles = [*GRIDS[recipe], "judge", "PSNR, dB", "grey above real"]
    lines = [titles, *map(cells, rows[:show]), ["…"] * len(titles), cells(rows[-1])]
    found = tables.markdown(lines, text=0)
    found.data = f"**{recipe}**, {len(rows)} settings\n\n{found.data}"
    return found


check_module(__name__)
