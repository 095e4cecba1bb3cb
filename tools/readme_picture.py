"""Draw the README's picture: a digit of each class and a hole of each kind, filled by one recipe.

python tools/readme_picture.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from inpaintlib import _files, datasets, figures, holes, inpaint

TARGET = Path(__file__).parent.parent / "book" / "images" / "readme.png"
RECIPE = "digits"


def main() -> None:
    """Draw it and write it."""
    digits = datasets.load("digits", split="test")
    images = np.stack([digits.of_class(label).images[0] for label in range(8)])
    kinds = holes.examples(images.shape[1:])
    missing = np.stack(list(kinds.values()))
    result = inpaint(images, missing, range(8), recipe=RECIPE)
    picture = figures.gallery(
        {
            "original": figures.Strip(images),
            "hole": figures.Strip(images, missing),
            "result": figures.Strip(result.image),
        },
        columns=list(kinds),
        alt="Eight digits, the same with holes of eight kinds, and the holes filled.",
        origin=f"the first test digit of each class, recipe {RECIPE}",
    )
    _files.write(TARGET, picture.png)


if __name__ == "__main__":
    main()
