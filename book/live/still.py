"""The still picture of a panel: its hole, its start and its result, as the package computes them.

It stands where the panel does not run: in a browser without JavaScript, on paper before the panel
was seen, and in the EPUB. It is small enough to be a part of the page.
"""

from __future__ import annotations

import base64
import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import fields
from html import escape
from typing import Any, NamedTuple

import export
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inpaintlib import figures, holes, inpaint, metrics
from inpaintlib.recipes import RECIPES, Recipe

#: Pixels between the pictures, of which each has one of a sheet for one of its own.
GAP = 2

#: The settings of a panel that are those of a recipe.
OF_RECIPE = {field.name for field in fields(Recipe)}


class Task(NamedTuple):
    """What a panel begins with."""

    title: str
    image: NDArray[np.float32]
    hole: NDArray[np.bool_]
    label: int


def task(options: Mapping[str, Any]) -> Task:
    """Return the picture, the hole and the label of a panel, given the directive's options."""
    number = options.get("digit")
    given = export.examples()[options["example"]] if number is None else export.digit(number)
    shape = tuple(given["shape"])
    levels = np.frombuffer(zlib.decompress(base64.b64decode(given["pixels"])), np.uint8)
    image = (levels.reshape(shape) / 255).astype(np.float32)
    settings = json.loads(options.get("settings") or "{}")
    if "rectangle" in options:
        top, left, height, width = options["rectangle"]
        hole = holes.rectangle(shape[-2:], top=top, left=left, height=height, width=width)
    elif "threshold" in settings:
        hole = holes.dark(image, threshold=settings["threshold"])
    elif "side" in settings:
        middle, side = given["centre"], settings["side"]
        near = [
            np.abs(np.arange(n) + 0.5 - m) < side / 2 for n, m in zip(shape, middle, strict=True)
        ]
        hole = np.outer(*near)
    else:
        hole = export.kinds(shape[-2:])[options["hole"]]
    return Task(given["title"], image, hole, given["label"])


def still(options: Mapping[str, Any]) -> str:
    """Return a panel's still picture as HTML, with what it shows in words."""
    asked, name = task(options), options["recipe"]
    settings = json.loads(options.get("settings") or "{}")
    changed = {key: value for key, value in settings.items() if key in OF_RECIPE}
    recipe = export.EMOJI if name == "emoji" else RECIPES[name]
    done = inpaint(asked.image, asked.hole, asked.label, recipe=recipe, **changed)
    holed = np.where(asked.hole, np.reshape(figures.HOLE_COLOUR, (3, 1, 1)), asked.image)
    gap = np.ones((3, len(asked.hole), GAP))
    shown = [holed, gap, done.start, gap, done.image]
    sheet = np.concatenate([each + 0 * gap[:, :, :1] for each in shown], axis=2)
    words = f"{asked.title} with a hole, the start, and the result of {name}; "
    if not asked.hole.all():
        pair, both = np.stack([done.start, done.image]), np.stack([asked.image] * 2)
        before, after = metrics.psnr(pair, both, asked.hole)
        words += f"PSNR in the hole: start {before:.1f} dB, result {after:.1f} dB; "
    words += f"probability of the label at the end: {done.probability:.2f}."
    height, width = sheet.shape[1:]
    return (
        f'<img class="live-still" src="data:image/png;base64,{png(sheet)}" '
        f'width="{width * 4}" height="{height * 4}" alt="{escape(words[0].upper() + words[1:])}" />'
    )


def png(sheet: NDArray[np.floating]) -> str:
    """Return a sheet ``(3, H, W)`` as PNG, in base 64."""
    levels = np.rint(np.moveaxis(sheet, 0, -1).clip(0, 1) * 255).astype(np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(levels).save(encoded, format="png", optimize=True)
    return base64.b64encode(encoded.getvalue()).decode()
