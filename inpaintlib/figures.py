"""Figures: the book's pictures, all drawn one way, each with its alternative text.

A figure function takes the data that it shows and returns a :class:`Picture`. Nothing here uses
pyplot's global state.
"""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from inpaintlib.descent import History
from inpaintlib.metrics import psnr
from inpaintlib.recipes import Inpainting

#: How missing pixels are painted, so that they are told from black (orange, RGB in [0, 1]).
HOLE_COLOUR = (0.90, 0.62, 0.0)

#: Width of a page's text in inches, and of a picture across it in CSS pixels.
PAGE_INCHES, PAGE_PIXELS = 7.4, 740

#: Height of a line of notes below a figure, in inches.
_LINE = 0.16

_STYLE: dict[str, Any] = {"fontsize": 9, "color": "#222222"}


@dataclass(frozen=True)
class Picture:
    """A drawn figure: shown by Jupyter, with alternative text, and comparable as text.

    Attributes:
        png: The picture, encoded.
        alt: What it shows, in words, for those who do not see it.
        facts: The numbers that belong to it, rounded; drawn below it.
        width: In CSS pixels.
    """

    png: bytes
    alt: str
    facts: str = ""
    width: int = PAGE_PIXELS

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("alt: got nothing, wanted a sentence that says what the picture shows")

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self.alt, self.facts]))

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        data = {"image/png": self.png, "text/plain": repr(self)}
        return data, {"image/png": {"alt": repr(self), "width": self.width}}

    def html(self) -> str:
        """Return the picture as HTML, the PNG inside."""
        code = base64.b64encode(self.png).decode()
        return (
            f'<img src="data:image/png;base64,{code}" alt="{html.escape(repr(self))}" '
            f'width="{self.width}" style="max-width: 100%; height: auto">'
        )


@dataclass(frozen=True)
class Strip:
    """One row of a gallery.

    Attributes:
        images: ``(N, H, W)``, grey values in [0, 1], or of either sign if ``signed``.
        holes: bool ``(N, H, W)`` to paint in :data:`HOLE_COLOUR`, or None.
        captions: A short text under each image, or None.
        signed: Whether zero is the middle: blue below, white at, red above.
        limit: The value shown as full red (and its negative as full blue) where ``signed``;
            the largest in the strip if None.
    """

    images: NDArray[np.floating]
    holes: NDArray[np.bool_] | None = None
    captions: Sequence[str] | None = None
    signed: bool = False
    limit: float | None = None


def gallery(
    rows: Mapping[str, Strip],
    *,
    alt: str,
    facts: str = "",
    columns: Sequence[str] | None = None,
    origin: str | None = None,
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw rows of images under each other, each row with its name at the left.

    Args:
        rows: The rows from top to bottom by name, all with the same number of images.
        alt: What the picture shows, in words.
        facts: Numbers that belong to it.
        columns: A title above each column.
        origin: Which data set is shown, written below; faces always say it.
        dpi: Pixels an inch.
        width: In CSS pixels.

    Raises:
        ValueError: The rows differ in length.
    """
    lengths = {len(strip.images) for strip in rows.values()}
    if len(lengths) != 1:
        raise ValueError(f"rows: got rows of {sorted(lengths)} images, wanted all of one length")
    count = lengths.pop()
    shape = next(iter(rows.values())).images.shape[1:]
    inches = PAGE_INCHES * width / PAGE_PIXELS
    margin = 0.95 if any(rows) else 0.02  # for the rows' names, inches
    cell = (inches - margin) / count
    gaps = [0.06 + 0.17 * (strip.captions is not None) for strip in rows.values()]
    lines = max((title.count("\n") + 1 for title in columns or []), default=0)
    notes = _notes(facts, origin, inches)
    above, below = 0.08 + 0.17 * lines, _LINE * len(notes)
    row = cell * shape[0] / shape[1]
    tall = above + row * len(rows) + sum(gaps) + below
    figure = Figure(figsize=(inches, tall), dpi=dpi)
    top = above
    for (name, strip), gap in zip(rows.items(), gaps, strict=True):
        axes_row = figure.subplots(
            1,
            count,
            squeeze=False,
            gridspec_kw={
                "left": margin / inches,
                "right": 0.998,
                "top": 1 - top / tall,
                "bottom": 1 - (top + row) / tall,
                "wspace": 0.05,
            },
        )[0]
        _draw_strip(axes_row, name, strip)
        if top == above:
            for axes, title in zip(axes_row, columns or [], strict=False):
                axes.set_title(title, pad=3, **_STYLE)
        top += row + gap
    _write_notes(figure, notes)
    return _picture(figure, alt, facts, width)


def completion(
    original: NDArray[np.floating],
    result: Inpainting[NDArray[np.floating]],
    *,
    alt: str,
    origin: str | None = None,
    width: int = 560,
) -> Picture:
    """Draw an original, its hole, the start and the result beside each other (paper figure 1).

    Args:
        original: The untouched image ``(H, W)``.
        result: What :func:`inpaintlib.inpaint` made of it.
        alt: What the picture shows, in words.
        origin: Which data set is shown.
        width: In CSS pixels.
    """
    fills = {"original": original, "hole": original, "start": result.start, "result": result.image}
    nothing = np.zeros_like(result.hole)
    strip = Strip(
        np.stack(list(fills.values())), np.stack([nothing, result.hole, nothing, nothing])
    )
    decibels = psnr(np.stack([result.start, result.image]), original, result.hole)
    facts = (
        f"PSNR in the hole: start {decibels[0]:.1f} dB, result {decibels[1]:.1f} dB; "
        f"probability of the label at the end: {result.probability:.3f}"
    )
    return gallery(
        {"": strip}, columns=list(fills), alt=alt, facts=facts, origin=origin, width=width
    )


def curves(
    panels: Mapping[str, Mapping[str, NDArray[np.floating]]],
    *,
    alt: str,
    facts: str = "",
    x: NDArray[np.floating] | None = None,
    x_label: str = "step",
    log: Sequence[str] = (),
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw curves over a common axis, a panel beside the other.

    Args:
        panels: For each panel's title its curves by name.
        alt: What the picture shows, in words.
        facts: Numbers that belong to it.
        x: Where the values lie, one for each; 0, 1, 2, … if None.
        x_label: What is on the common axis.
        log: The titles of the panels with a logarithmic vertical axis.
        dpi: Pixels an inch.
        width: In CSS pixels.
    """
    inches = PAGE_INCHES * width / PAGE_PIXELS
    notes = _notes(facts, None, inches)
    tall = 2.6 + _LINE * len(notes)
    figure = Figure(figsize=(inches, tall), dpi=dpi, layout="constrained")
    figure.get_layout_engine().set(rect=(0, 1 - 2.6 / tall, 1, 2.6 / tall))  # type: ignore
    _write_notes(figure, notes)
    for axes, (title, lines) in zip(
        figure.subplots(1, len(panels), squeeze=False)[0], panels.items(), strict=True
    ):
        for name, values in lines.items():
            axes.plot(np.arange(len(values)) if x is None else x, values, label=name, lw=1.4)
        axes.set_title(title, **_STYLE)
        axes.set_xlabel(x_label, **_STYLE)
        axes.tick_params(which="both", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        if title in log:
            axes.set_yscale("log")
        if len(lines) > 1:
            axes.legend(fontsize=8, frameon=False)
    return _picture(figure, alt, facts, width)


def descents(
    history: History, names: Sequence[str], *, alt: str, width: int = PAGE_PIXELS
) -> Picture:
    """Draw how energy, content and gradient norm fell, a curve for each image of a batch.

    Args:
        history: Of a batch, see :class:`inpaintlib.descent.History`.
        names: What each image is called, one for each.
        alt: What the picture shows, in words.
        width: In CSS pixels.
    """

    def lines(table: NDArray[np.floating]) -> dict[str, NDArray[np.floating]]:
        return dict(zip(names, table.T, strict=True))

    ends = zip(names, history.energy.T, history.gradient_norm.T, strict=True)
    return curves(
        {
            "energy, relative to the start's": lines(history.energy / history.energy[0]),
            "content": lines(history.terms["content"]),
            "gradient norm": lines(history.gradient_norm),
        },
        log=["content", "gradient norm"],
        alt=alt,
        facts="; ".join(
            f"{name}: energy {energy[0]:.3f} to {energy[-1]:.3f}, "
            f"gradient norm {norm[0]:.3f} to {norm[-1]:.3f}"
            for name, energy, norm in ends
        ),
        width=width,
    )


def _draw_strip(axes_row: Sequence[Axes], name: str, strip: Strip) -> None:
    limit = strip.limit or float(np.abs(strip.images).max()) or 1.0
    for i, axes in enumerate(axes_row):
        if strip.signed:
            axes.imshow(strip.images[i], cmap="RdBu_r", vmin=-limit, vmax=limit)
        else:
            pixels = np.repeat(strip.images[i][..., None], 3, axis=2)
            if strip.holes is not None:
                pixels = np.where(strip.holes[i][..., None], HOLE_COLOUR, pixels)
            axes.imshow(pixels.clip(0, 1), interpolation="nearest")
        axes.set_xticks([])
        axes.set_yticks([])
        for spine in axes.spines.values():
            spine.set_color("#bbbbbb")
            spine.set_linewidth(0.5)
        if strip.captions is not None:
            axes.set_xlabel(strip.captions[i], labelpad=2, **{**_STYLE, "fontsize": 8})
    axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6, **_STYLE)


def _notes(facts: str, origin: str | None, inches: float) -> list[str]:
    """Return the lines to be written below a figure of that width."""
    letters = int(inches * 17)
    return [line for note in (facts, origin) if note for line in textwrap.wrap(note, letters)]


def _write_notes(figure: Figure, notes: list[str]) -> None:
    tall = figure.get_figheight()
    for i, line in enumerate(reversed(notes)):
        bottom = (0.04 + _LINE * i) / tall
        figure.text(0.998, bottom, line, ha="right", va="bottom", fontsize=8, color="#444444")


def _picture(figure: Figure, alt: str, facts: str, width: int) -> Picture:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return Picture(buffer.getvalue(), alt, facts, width)
