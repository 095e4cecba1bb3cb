"""Draw the book's logo, which is also its favicon, and the picture of links to it.

python tools/brand.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from inpaintlib import _files, figures, recipes
from inpaintlib.study import first_page

BOOK = Path(__file__).parent.parent / "book"
LOGO, CARD = BOOK / "images" / "logo.svg", BOOK / "_static" / "card.png"

TITLE = "Inpainting with a classifier"
WORDS = "A network that names digits fills a hole: it never draws, it only says what fits."

# A 4 on a grid of 8 × 8, with the pixels that are missing: known ink is #, missing ink is o.
PIXELS = (
    "........",
    ".#...oo.",
    ".#...oo.",
    ".#...oo.",
    ".######.",
    ".....#..",
    ".....#..",
    "........",
)
ORANGE, PAPER, INK = "#e69f00", "#16181d", "#ffffff"

# In inches at 100 pixels each: the size that messengers show without cutting it.
CARD_SIZE = (12.0, 6.3)


def logo() -> str:
    """Return the logo: a digit in pixels with its hole in the book's orange."""
    fills = {"#": INK, "o": ORANGE}
    squares = "".join(
        f'<rect x="{column}" y="{row}" width="1" height="1" fill="{fills[kind]}"/>'
        for row, line in enumerate(PIXELS)
        for column, kind in enumerate(line)
        if kind in fills
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" shape-rendering="crispEdges">'
        f'<rect width="8" height="8" rx="1" fill="{PAPER}"/>{squares}</svg>\n'
    )


def card() -> None:
    """Draw the example of the first page: its hole, and the fills for two labels."""
    shown = first_page.example()
    other = recipes.inpaint(shown.image, shown.hole, 9, recipe=first_page.RECIPE)
    gap = np.repeat(shown.image[..., None], 3, axis=2)
    gap[shown.hole] = figures.HOLE_COLOUR
    pictures = {
        "a hole": gap,
        f"“{first_page.LABEL}”": shown.done.image,
        "“9”": other.image,
    }
    with plt.rc_context({"font.family": "DejaVu Sans", "text.color": INK}):
        figure = plt.figure(figsize=CARD_SIZE, dpi=100, facecolor=PAPER)
        figure.text(0.06, 0.84, TITLE, fontsize=40, weight="bold")
        figure.text(0.06, 0.745, WORDS, fontsize=19)
        for number, (words, picture) in enumerate(pictures.items()):
            axes = figure.add_axes((0.06 + 0.31 * number, 0.12, 0.26, 0.26 * 12.0 / 6.3))
            axes.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_axis_off()
            figure.text(0.19 + 0.31 * number, 0.05, words, fontsize=19, ha="center")
        figure.savefig(CARD, metadata={"Software": None})
        plt.close(figure)


def main() -> None:
    """Draw both and write them."""
    _files.write(LOGO, logo().encode())
    card()


if __name__ == "__main__":
    main()
