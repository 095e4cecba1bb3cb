"""The recipes' numbers: a search over them, on images of the validation split only.

    python benchmarks/parameters.py paper-digits paper-faces digits digits-soft faces

Each setting of a recipe fills the same holes, of all kinds of the protocol, and is scored: PSNR
inside the hole, the share that the judge reads rightly, the share of grey. Rows go to
``benchmarks/results/parameters-RECIPE.csv``, best first; the recipe uses the best row. Best is the
highest PSNR among the settings that the judge reads (nearly) as often as the one that it reads most
often, and, for the recipe ``digits``, whose fills are about as sharp as real digits are.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import torch
from protocol import cases, full_set
from tqdm import tqdm

from inpaintlib import inpaint, metrics

RESULTS = Path(__file__).parent / "results"

#: Shares of rightly read results that are as good as each other: a few images of a hundred.
NEARLY = 0.05

#: How much more grey than the digits themselves a fill may be to count as sharp.
SHARP = {"digits": 0.02}

#: How many validation images are filled.
COUNT = {"digits": 200, "faces": 35}

#: What is tried, for each recipe; other settings are the recipe's own.
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
    "digits": {
        "total_variation": [0.01, 0.03, 0.1],
        "step_size": [0.005, 0.01, 0.02],
        "binary": [0.03, 0.06, 0.1, 0.15],
    },
    "digits-soft": {
        "total_variation": [0.01, 0.03, 0.1],
        "step_size": [0.01, 0.02, 0.04],
        "max_steps": [15, 30, 60],
    },
    "faces": {
        "total_variation": [0.03, 0.1],
        "step_size": [0.0001, 0.0003, 0.001],
        "max_steps": [30, 60],
    },
}


def search(recipe: str) -> Iterator[dict[str, float]]:
    """Score every setting of the recipe's grid."""
    data = "digits" if "digits" in recipe else "faces"
    tried = cases(full_set(data, "validation"), count=COUNT[data], each=1)
    real = metrics.grey_share(tried.images, tried.holes).mean()
    grid = GRIDS[recipe]
    for values in tqdm(list(itertools.product(*grid.values())), desc=recipe, unit="setting"):
        settings = dict(zip(grid, values, strict=True))
        filled = inpaint(tried.images, tried.holes, tried.labels, recipe=recipe, **settings).image
        right = metrics.judged(filled, judge=f"{data}-judge") == tried.labels
        grey = metrics.grey_share(filled, tried.holes).mean() - real
        yield {
            **settings,
            "judge": round(float(right.mean()), 3),
            "psnr": round(float(metrics.psnr(filled, tried.images, tried.holes).mean()), 2),
            "grey above real": round(float(grey), 3),
        }


def ranked(rows: list[dict[str, float]], *, sharp: float = 1.0) -> list[dict[str, float]]:
    """Return the rows, best first: the readable and sharp ones by PSNR, then the rest."""
    readable = max(row["judge"] for row in rows) - NEARLY

    def rank(row: dict[str, float]) -> tuple[bool, float]:
        return row["judge"] >= readable and row["grey above real"] <= sharp, row["psnr"]

    return sorted(rows, key=rank, reverse=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", nargs="+", choices=tuple(GRIDS))
    torch.set_num_threads(1)
    for recipe in parser.parse_args().recipe:
        rows = ranked(list(search(recipe)), sharp=SHARP.get(recipe, 1.0))
        RESULTS.mkdir(exist_ok=True)
        with (RESULTS / f"parameters-{recipe}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
