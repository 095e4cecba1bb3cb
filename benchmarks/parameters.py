"""The recipes' numbers: a search over them, on training images only.

    python benchmarks/parameters.py paper-digits paper-faces digits

Each setting of a recipe is scored on training images with holes: PSNR inside the hole, the share
that the judge reads rightly, and the share of grey. Rows go to
``benchmarks/results/parameters-RECIPE.csv``, best first; the recipe uses the best row. Best is the
highest PSNR among the settings that the judge reads (nearly) as often as the one that it reads most
often, and, for the recipe ``digits``, whose fills are as sharp as real digits are.
"""

from __future__ import annotations

import argparse
import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from inpaintlib import datasets, holes, inpaint, metrics

RESULTS = Path(__file__).parent / "results"

#: Shares of rightly read results that are as good as each other: a few images of a hundred.
NEARLY = 0.05

#: The largest share of grey that counts as sharp; that of real digits is a little lower.
SHARP = {"digits": 0.15}

#: What is tried, for each recipe; other settings are the recipe's own.
GRIDS: dict[str, dict[str, list[float]]] = {
    "paper-digits": {
        "total_variation": [0.0003, 0.001, 0.003],
        "step_size": [0.03, 0.1, 0.3],
        "binary": [0.0003, 0.001, 0.003],
    },
    "paper-faces": {
        "total_variation": [0.03, 0.1, 0.3, 1.0],
        "step_size": [0.01, 0.03, 0.1],
        "rim_width": [2, 4],
    },
    "digits": {
        "total_variation": [0.003, 0.01, 0.03, 0.05],
        "step_size": [0.03, 0.05, 0.08],
        "binary": [0.003, 0.01, 0.03],
    },
}


def digit_cases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the last 100 training digits with square holes on ink, and their labels."""
    digits = datasets.load("digits", split="train")
    chosen = digits[np.arange(len(digits) - 100, len(digits))]
    missing = holes.squares_on_ink(chosen.images, sides=[8, 10, 12, 14])
    return chosen.images, missing, chosen.labels


def face_cases() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return 32 random training faces, none of them dark, with four kinds of holes, and labels."""
    faces = datasets.load("faces", split="train")
    lit = np.flatnonzero(faces.images.mean(axis=(1, 2)) > 0.2)
    chosen = faces[np.random.default_rng(0).permutation(lit)[:32]]
    shape = chosen.images.shape[1:]
    kinds = [
        holes.rectangle(shape, top=12, left=4, height=10, width=34),  # both eyes
        holes.ellipse(shape, center=(17, 11), radii=(5, 7)),  # one eye
        holes.rectangle(shape, top=34, left=11, height=9, width=20),  # mouth
        holes.rectangle(shape, top=18, left=15, height=14, width=12),  # nose
    ]
    missing = np.stack([kinds[i % len(kinds)] for i in range(len(chosen))])
    return chosen.images, missing, chosen.labels


def search(recipe: str) -> Iterator[dict[str, float]]:
    """Score every setting of the recipe's grid."""
    data = "digits" if "digits" in recipe else "faces"
    images, missing, labels = digit_cases() if data == "digits" else face_cases()
    grid = GRIDS[recipe]
    for values in tqdm(list(itertools.product(*grid.values())), desc=recipe, unit="setting"):
        settings = dict(zip(grid, values, strict=True))
        result = inpaint(images, missing, labels, recipe=recipe, **settings)
        right = metrics.judged(result.image, judge=f"{data}-judge") == labels
        yield {
            **settings,
            "judge": round(float(right.mean()), 3),
            "psnr": round(float(metrics.psnr(result.image, images, missing).mean()), 2),
            "grey": round(float(metrics.grey_share(result.image, missing).mean()), 3),
        }


def ranked(rows: list[dict[str, float]], *, sharp: float = 1.0) -> list[dict[str, float]]:
    """Return the rows, best first: the readable and sharp ones by PSNR, then the rest."""
    readable = max(row["judge"] for row in rows) - NEARLY

    def rank(row: dict[str, float]) -> tuple[bool, float]:
        return row["judge"] >= readable and row["grey"] <= sharp, row["psnr"]

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
