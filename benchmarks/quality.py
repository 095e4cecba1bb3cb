"""How good: fills of test digits of the full MNIST, scored inside the hole only.

    python benchmarks/quality.py

200 test digits, each with a square hole of side 8, 10, 12 or 14 centred on ink. No test digit is
used in training, in class averages, or in choosing parameters.
"""

from __future__ import annotations

import argparse

import numpy as np
import torch

from inpaintlib import datasets, holes, inpaint, metrics


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=200, help="how many digits")
    parser.add_argument("--seed", type=int, default=0, help="which digits, and where the holes")
    options = parser.parse_args()
    torch.set_num_threads(1)
    digits = datasets.load("digits", split="test")
    order = np.random.default_rng(options.seed).permutation(len(digits))
    chosen = digits[order[: options.count]]
    images, labels = chosen.images, chosen.labels
    missing = holes.squares_on_ink(images, sides=[8, 10, 12, 14], seed=options.seed)

    def fill(recipe: str = "paper-digits", **settings: object) -> np.ndarray:
        return inpaint(images, missing, labels, recipe=recipe, **settings).image

    fills = {
        "nothing (zeros)": np.where(missing, 0, images),
        "harmonic": fill(start="harmonic", max_steps=0),
        "class average pasted in": fill(start="class-average", max_steps=0),
        "class average, seam removed": fill(start="blended-class-average", max_steps=0),
        "paper-digits": fill(),
        "paper-digits, trained on whole digits": fill(classifier="digits-whole"),
        "digits": fill("digits"),
        "the untouched digits": images,
    }
    print(
        f"{len(images)} digits of {digits.origin}, seed {options.seed}, torch {torch.__version__}"
    )
    print(metrics.table(fills, images, missing, labels))


if __name__ == "__main__":
    main()
