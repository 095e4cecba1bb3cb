"""Photographs of pen digits, drawn: what a telephone gives, without anybody's hand.

Each is a digit in strokes, then what goes wrong with photographs. Deterministic.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

SIZE = 480

#: The strokes of digits, as points in a square of 100: across, down.
STROKES = {
    2: "30,32 38,22 52,19 64,26 66,38 58,50 44,63 30,78 48,77 72,78",
    3: "32,26 46,19 60,24 62,36 52,46 42,48 56,50 66,60 62,74 48,81 32,76",
    4: "36,20 30,52 68,52 | 62,24 58,84",
    5: "66,20 38,21 35,46 50,43 63,51 65,64 58,77 44,82 30,76",
    7: "30,22 68,22 58,42 47,82",
}


def _strokes(digit: int, width: int, *, ink: int, paper: int) -> Image.Image:
    picture = Image.new("L", (SIZE, SIZE), paper)
    pen = ImageDraw.Draw(picture)
    for stroke in STROKES[digit].split("|"):
        places = [point.split(",") for point in stroke.split()]
        points = [(int(across) * SIZE / 100, int(down) * SIZE / 100) for across, down in places]
        pen.line(points, fill=ink, width=width, joint="curve")
        for x, y in points:
            half = width / 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=ink)
    return picture.filter(ImageFilter.GaussianBlur(2))


def _grid() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    down, across = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    return down, across


def _made(values: NDArray[np.floating]) -> Image.Image:
    noise = np.random.default_rng(0).normal(0, 3, values.shape)
    return Image.fromarray((values + noise).clip(0, 255).astype(np.uint8))


def plain() -> Image.Image:
    """A 3 in dark pen on white paper."""
    return _made(np.array(_strokes(3, 26, ink=40, paper=225), float))


def uneven() -> Image.Image:
    """A 2 on paper that a lamp lights from one side: the far paper is darker than the near ink."""
    down, across = _grid()
    light = 0.28 + 0.72 * (1 - across) * (1 - 0.4 * down)
    return _made(np.array(_strokes(2, 26, ink=70, paper=240), float) * light)


def table() -> Image.Image:
    """A 7 on a sheet of paper, with a dark table in view on two sides."""
    values = np.array(_strokes(7, 26, ink=50, paper=225), float)
    down, across = _grid()
    values[(across < 0.12) | (down > 0.93)] = 60
    return _made(values)


def board() -> Image.Image:
    """A 4 in chalk on a blackboard."""
    return _made(np.array(_strokes(4, 26, ink=215, paper=45), float))


def squared() -> Image.Image:
    """A 5 on squared paper."""
    values = np.array(_strokes(5, 30, ink=50, paper=228), float)
    values[::40] -= 25
    values[:, ::40] -= 25
    return _made(values)


#: Each kind of photograph, with its digit.
KINDS: dict[str, tuple[Callable[[], Image.Image], int]] = {
    "plain": (plain, 3),
    "uneven": (uneven, 2),
    "table": (table, 7),
    "board": (board, 4),
    "squared": (squared, 5),
}
