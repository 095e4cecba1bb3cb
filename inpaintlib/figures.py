"""Figures: the book's pictures, in one style, each with its alternative text.

A figure function takes the data to show and returns a :class:`Picture`. Nothing here uses pyplot's
global state.
"""

from __future__ import annotations

import base64
import html
import io
import itertools
import math
import os
import re
import textwrap
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.lines import Line2D
from matplotlib.transforms import ScaledTranslation
from numpy.typing import NDArray
from PIL import Image

from inpaintlib import _alt, checks
from inpaintlib._signatures import checked
from inpaintlib.descent import History
from inpaintlib.metrics import psnr
from inpaintlib.recipes import Inpainting

#: The build of the book sets it to 1. A picture of lines is then an SVG, and an explorer outputs
#: all its frames.
BOOK_BUILD = "INPAINTLIB_BOOK_BUILD"

#: Colour of missing pixels, distinguishable from black (orange, RGB in [0, 1]).
HOLE_COLOUR = (0.90, 0.62, 0.0)

#: Width of a page's text in inches, and of a full-width picture in CSS pixels.
PAGE_INCHES, PAGE_PIXELS = 7.4, 740

#: Height of a line of notes below a figure, in inches.
_LINE = 0.16

#: Values to draw that are no pixels.
Values = NDArray[np.floating] | NDArray[np.integer]

# How far a grey value may be outside of [0, 1], as rounding leaves it.
_SLACK = 1e-6

_STYLE: dict[str, Any] = {"fontsize": 9, "color": "#222222"}

#: Colours and markers of groups; brightness and shape differ, too, for colour-blind readers.
_MARKS = (
    ("#777777", "o"),
    ("#56b4e9", "s"),
    ("#000000", "D"),
    ("#d55e00", "^"),
    ("#0072b2", "v"),
    ("#cc79a7", "P"),
)

#: Colours of methods, the same in every figure of the book. In a forest the marker tells the group;
#: a method that has no colour here has its group's.
COLOURS = {
    "paper-digits": "#d55e00",
    "paper-faces": "#d55e00",
    "digits": "#0072b2",
    "faces": "#0072b2",
    "digits-mixture": "#009e73",
    "faces-mixture": "#009e73",
    "smooth start": "#777777",
    "harmonic": "#777777",
    "class-average": "#56b4e9",
    "dark": "#000000",
    "judge, hole black": "#000000",
}

# Colours of other curves, in the order of their names within a figure.
_OTHERS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#a6761d", "#777777", "#000000")


@checked
@dataclass(frozen=True)
class Picture:
    """A drawn figure: shown by Jupyter, with alternative text, and comparable as text.

    Attributes:
        png: The picture, encoded.
        alt: Its description, for those who do not see it.
        facts: The numbers that belong to it, rounded; drawn below it.
        width: In CSS pixels.
        svg: The same picture as SVG, where it is made of lines: sharp at each size.
    """

    png: bytes
    alt: str
    facts: str = ""
    width: int = PAGE_PIXELS
    svg: str | None = None

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("alt: got nothing, wanted a sentence that says what the picture shows")

    def __repr__(self) -> str:
        return "\n".join(filter(None, [self.alt, self.facts]))

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        # For the book only: JupyterLab would ignore an SVG's width, and nbval compare its text.
        data: dict[str, Any] = {"image/png": self.png, "text/plain": repr(self)}
        if self.svg is not None and os.environ.get(BOOK_BUILD) == "1":
            data["image/svg+xml"] = self.svg
        shown = {"alt": repr(self), "width": self.width}
        return data, {kind: shown for kind in data if kind.startswith("image/")}

    def html(self) -> str:
        """Return the picture as HTML, the PNG inside."""
        code = base64.b64encode(self.png).decode()
        return (
            f'<img src="data:image/png;base64,{code}" alt="{html.escape(repr(self))}" '
            f'width="{self.width}" style="max-width: 100%; height: auto">'
        )


@checked
@dataclass(frozen=True)
class Strip:
    """One row of a gallery.

    Attributes:
        images: ``(N, H, W)``, grey values in [0, 1], or of either sign if ``signed``; or in
            colour, ``(N, 3, H, W)``.
        holes: bool ``(N, H, W)`` to paint in :data:`HOLE_COLOUR`, or None.
        captions: A short text under each image, or None.
        signed: Whether values are signed: negative blue, zero white, positive red.
        limit: The value shown as full red (and its negative as full blue) if ``signed``;
            the largest in the strip if None.

    Raises:
        TypeError: A setting is of the wrong kind.
        ValueError: Images have another shape or values out of range, or holes or captions do not
            fit them.
    """

    images: NDArray[np.floating]
    holes: NDArray[np.bool_] | None = None
    captions: Sequence[str] | None = None
    signed: bool = False
    limit: float | None = None

    def __post_init__(self) -> None:
        shape = self.images.shape
        if shape[1:-2] not in ((), (3,)) or len(shape) < 3 or 0 in shape:
            raise ValueError(f"images: got shape {shape}, wanted (N, H, W) or (N, 3, H, W)")
        if not np.isfinite(self.images).all():
            raise ValueError("images: got NaN or infinity, which no colour shows, wanted numbers")
        if not self.signed and not -_SLACK <= self.images.min() <= self.images.max() <= 1 + _SLACK:
            raise ValueError(
                f"images: got values from {self.images.min():g} to {self.images.max():g}, wanted "
                "them in [0, 1], or signed=True"
            )
        if self.holes is not None:
            checks.same_shape("holes", self.holes.shape, (len(self.images), *shape[-2:]), "images")
        if self.captions is not None:
            checks.count_of("captions", self.captions, len(self.images), "one for each image")
        if self.limit is not None:
            checks.above("limit", self.limit, 0)


@checked
def scaled(maps: NDArray[np.floating], *, captions: Sequence[str] | None = None) -> Strip:
    """Return a signed strip in which each map is divided by its own largest absolute value.

    So a weak map is as visible as a strong one: one can compare places and signs, not amounts.

    Args:
        maps: ``(N, H, W)``, of either sign, such as changes or gradients; a map of zeros stays.
        captions: A short text under each map.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The maps have another shape, or the captions are not as many.
    """
    if maps.ndim != 3 or maps.size == 0:
        raise ValueError(f"maps: got shape {maps.shape}, wanted (N, H, W)")
    largest = np.abs(maps).max(axis=(1, 2), keepdims=True)
    return Strip(maps / np.where(largest > 0, largest, 1), captions=captions, signed=True)


@checked
def case(
    image: NDArray[np.floating],
    hole: NDArray[np.bool_],
    fills: NDArray[np.floating] | Sequence[NDArray[np.floating]],
    *,
    captions: Sequence[str] | None = None,
) -> Strip:
    """Return a strip about one image: the original, its hole, then the fills.

    Args:
        image: The original ``(H, W)``.
        hole: bool ``(H, W)``, True where missing.
        fills: Starts and results, ``(N, H, W)`` or N images ``(H, W)``.
        captions: A short text under each of the N fills.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The hole, a fill or the captions do not fit the image.
    """
    for each in fills:
        checks.same_shape("fills", each.shape, image.shape, "the image")
    checks.same_shape("hole", hole.shape, image.shape[-2:], "the image")
    nothing = np.zeros_like(hole)
    return Strip(
        np.stack([image, image, *fills]),
        np.stack([nothing, hole, *[nothing] * len(fills)]),
        None if captions is None else ["", "", *captions],
    )


@checked
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
        alt: Description of the picture; the captions are added to it if they fit.
        facts: Numbers that belong to it.
        columns: A title above each column.
        origin: The data set shown, written below; always given for faces.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        ValueError: The rows differ in length.
    """
    captions = {name: strip.captions for name, strip in rows.items()}
    told = _alt.captions(captions, columns)
    return _gallery(rows, alt, told, facts, columns, origin, dpi, width)


def _gallery(
    rows: Mapping[str, Strip],
    alt: str,
    told: Sequence[str],
    facts: str,
    columns: Sequence[str] | None,
    origin: str | None,
    dpi: int,
    width: int,
) -> Picture:
    """Draw a gallery whose description gets one of the forms that are told."""
    _check_size(dpi, width)
    if not rows:
        raise ValueError("rows: got none, wanted at least one strip")
    lengths = {len(strip.images) for strip in rows.values()}
    if len(lengths) != 1:
        raise ValueError(f"rows: got rows of {sorted(lengths)} images, wanted all of one length")
    count = lengths.pop()
    if columns is not None:
        checks.count_of("columns", columns, count, "a title for each column")
    shape = next(iter(rows.values())).images.shape[-2:]
    inches = PAGE_INCHES * width / PAGE_PIXELS
    longest = max(len(line) for name in rows for line in name.split("\n"))
    margin = max(0.95, 0.12 + 0.075 * longest) if longest else 0.02  # for the rows' names, inches
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
        place = (margin / inches, 1 - (top + row) / tall, 0.998, 1 - top / tall)
        axes_row = _axes_row(figure, count, place)
        _draw_strip(axes_row, name, strip)
        if top == above:
            for axes, title in zip(axes_row, columns or [], strict=False):
                axes.set_title(title, pad=3, **_STYLE)
        top += row + gap
    _write_notes(figure, notes)
    return _picture(figure, alt, facts, width, told=told)


@checked
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
        original: The untouched image ``(H, W)`` or ``(3, H, W)``.
        result: The result of :func:`inpaintlib.inpaint`.
        alt: Description of the picture.
        origin: The data set shown.
        width: In CSS pixels.
    """
    checks.same_shape("original", original.shape, result.image.shape, "the result")
    fills = {"original": original, "hole": original, "start": result.start, "result": result.image}
    nothing = np.zeros_like(result.hole)
    strip = Strip(
        np.stack(list(fills.values())), np.stack([nothing, result.hole, nothing, nothing])
    )
    decibels = psnr(
        np.stack([result.start, result.image]), np.stack([original, original]), result.hole
    )
    facts = (
        f"PSNR in the hole: start {decibels[0]:.1f} dB, result {decibels[1]:.1f} dB; "
        f"probability of the label at the end: {result.probability:.3f}"
    )
    return gallery(
        {"": strip}, columns=list(fills), alt=alt, facts=facts, origin=origin, width=width
    )


@checked
def comparison(
    originals: NDArray[np.floating],
    holes: NDArray[np.bool_],
    fills: Mapping[str, NDArray[np.floating]],
    *,
    alt: str,
    facts: str = "",
    origin: str | None = None,
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw several originals, their holes, and below the results of each method with their PSNR.

    Args:
        originals: The untouched images ``(N, H, W)`` or ``(N, 3, H, W)``.
        holes: bool ``(N, H, W)``, True where missing.
        fills: The filled images by the method's name, shaped like the originals.
        alt: Description of the picture; the PSNR is added to it.
        facts: Numbers that belong to it.
        origin: The data set shown.
        dpi: Pixels per inch.
        width: In CSS pixels.
    """
    scores = {name: psnr(images, originals, holes) for name, images in fills.items()}
    rows = {"original": Strip(originals), "hole": Strip(originals, holes)}
    for name, images in fills.items():
        captions = [f"{value:.1f} dB" for value in scores[name]]
        rows[name] = Strip(images, captions=captions)
    told = _alt.scores(scores, "PSNR in the hole, dB")
    return _gallery(rows, alt, told, facts, None, origin, dpi, width)


@checked
def decibels(
    fills: Mapping[str, NDArray[np.floating]],
    originals: NDArray[np.floating],
    holes: NDArray[np.bool_],
) -> str:
    """Return the PSNR of several fills as a sentence, for the description of a gallery.

    Args:
        fills: The filled images by name, ``(N, H, W)`` or ``(N, 3, H, W)``.
        originals: The untouched images, shaped like the fills.
        holes: bool ``(N, H, W)``, True where missing.
    """
    found = {name: psnr(images, originals, holes) for name, images in fills.items()}
    return f"{_alt.scores(found, 'PSNR in the hole, dB')[-1]}."


@checked
def curves(
    panels: Mapping[str, Mapping[str, Values]],
    *,
    alt: str,
    facts: str = "",
    x: Values | None = None,
    x_label: str = "step",
    y_label: str = "",
    log: Sequence[str] = (),
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw curves over a common axis, panels side by side, each with its legend below.

    The curves of known methods have the colours of :data:`COLOURS`.

    Args:
        panels: For each panel's title its curves by name: values ``(N,)``, or ``(3, N)`` for
            means and the lower and upper ends of their intervals, which are drawn as a band.
        alt: Description of the picture; its values are added if they fit.
        facts: Numbers that belong to it.
        x: Positions of the values on the common axis; 0, 1, 2, … if None.
        x_label: The label of the common axis.
        y_label: The label of the vertical axes, written beside the first.
        log: The titles of the panels with a logarithmic vertical axis.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: A curve does not fit the others or ``x``, or a size is out of range.
    """
    _check_size(dpi, width)
    if not panels or not any(panels.values()):
        raise ValueError("panels: got no curve, wanted at least one")
    for title, lines in panels.items():
        for name, values in lines.items():
            _check_curve(f"panels[{title!r}][{name!r}]", values, x)
    inches = PAGE_INCHES * width / PAGE_PIXELS
    notes = _notes(facts, None, inches)
    columns = {title: _columns(lines, inches / len(panels)) for title, lines in panels.items()}
    rows = max(-(-len(lines) // columns[title]) for title, lines in panels.items() if len(lines))
    several = any(len(lines) > 1 for lines in panels.values())
    high = 2.6 + several * (0.1 + 0.17 * rows)
    tall = high + _LINE * len(notes)
    figure = Figure(figsize=(inches, tall), dpi=dpi, layout="constrained")
    figure.get_layout_engine().set(rect=(0, 1 - high / tall, 1, high / tall))  # type: ignore
    _write_notes(figure, notes)
    colours = _colours_of(dict.fromkeys(name for lines in panels.values() for name in lines))
    row = figure.subplots(1, len(panels), squeeze=False)[0]
    row[0].set_ylabel(y_label, **_STYLE)
    for axes, (title, lines) in zip(row, panels.items(), strict=True):
        for name, values in lines.items():
            middle, *band = values if values.ndim == 2 else [values]
            places = np.arange(len(middle)) if x is None else x
            axes.plot(places, middle, label=name, lw=1.4, color=colours[name])
            if band:
                axes.fill_between(places, *band, color=colours[name], alpha=0.2, lw=0)
        axes.set_title(title, **_STYLE)
        axes.set_xlabel(x_label, **_STYLE)
        axes.tick_params(which="both", labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        if title in log:
            axes.set_yscale("log")
        if len(lines) > 1:
            below = ScaledTranslation(0, -0.42, figure.dpi_scale_trans)  # under the axis' label
            axes.legend(
                loc="upper center",
                bbox_to_anchor=(0.5, 0),
                bbox_transform=axes.transAxes + below,
                ncols=columns[title],
                fontsize=8,
                frameon=False,
                borderaxespad=0,
            )
    told = _alt.curves(panels, x, x_label, log)
    return _picture(figure, alt, facts, width, told=told, lines=True)


def _check_curve(argument: str, values: Values, x: Values | None) -> None:
    """Check the shape of a curve, with or without a band, and of its places."""
    if values.ndim not in (1, 2) or values.size == 0 or (values.ndim == 2 and len(values) != 3):
        raise ValueError(f"{argument}: got shape {values.shape}, wanted (N,) or (3, N)")
    if x is not None:
        checks.same_shape("x", x.shape, values.shape[-1:], "the curves")


def _columns(lines: Mapping[str, Any], inches: float) -> int:
    """Return the number of columns of a legend of that width."""
    return max(1, min(len(lines), int(inches / (0.5 + 0.055 * max(map(len, lines), default=0)))))


def _colours_of(names: Collection[str]) -> dict[str, str]:
    """Return the colour of each curve of a figure: that of its method, or one not taken."""
    taken = {COLOURS[name] for name in names if name in COLOURS}
    free = itertools.cycle([colour for colour in _OTHERS if colour not in taken])
    return {name: COLOURS.get(name) or next(free) for name in names}


@checked
def course(
    curve: Values,
    strip: Strip,
    *,
    marks: Sequence[int],
    title: str,
    alt: str,
    columns: Sequence[str],
    facts: str = "",
    origin: str | None = None,
    log: bool = False,
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw a curve over the steps of a descent, and images from it below (paper figure 6).

    Args:
        curve: A value for each step, ``(steps + 1,)``.
        strip: The images.
        marks: The steps at which the curve has a dot.
        title: The curve's title.
        alt: Description of the picture; the curve's values are added if they fit.
        columns: A title above each image.
        facts: Numbers that belong to it.
        origin: The data set shown, written below; always given for faces.
        log: Whether the vertical axis is logarithmic; otherwise it includes zero.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        ValueError: There are not as many columns as images.
    """
    _check_size(dpi, width)
    checks.count_of("columns", columns, len(strip.images), "one for each image")
    if curve.ndim != 1 or curve.size == 0:
        raise ValueError(f"curve: got shape {curve.shape}, wanted (steps + 1,)")
    for mark in marks:
        checks.whole_number("marks", mark, 0, len(curve) - 1)
    inches = PAGE_INCHES * width / PAGE_PIXELS
    notes = _notes(facts, origin, inches)
    above, high, between, below = 0.28, 1.7, 0.62, 0.06 + _LINE * len(notes)
    count, (height, wide) = len(strip.images), strip.images.shape[-2:]
    row = 0.98 * inches / count * height / wide
    tall = above + high + between + row + below
    figure = Figure(figsize=(inches, tall), dpi=dpi)
    left, bottom = 0.62 / inches, (below + row + between) / tall
    axes = figure.add_axes((left, bottom, 0.985 - left, high / tall))
    curve = curve.astype(float)
    axes.plot(curve, lw=0.8)
    axes.plot(marks, curve[list(marks)], "o", color="#d55e00", ms=4.5)
    axes.set_title(title, pad=4, **_STYLE)
    axes.set_xlabel("step", labelpad=3, **_STYLE)
    axes.tick_params(which="both", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    if log:
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=min(0, curve.min()))
    images = _axes_row(figure, count, (0.005, below / tall, 0.995, (below + row) / tall))
    _draw_strip(images, "", strip)
    for one, name in zip(images, columns, strict=True):
        one.set_title(name, pad=3, **_STYLE)
    _write_notes(figure, notes)
    told = _alt.curves({title: {"": curve}}, None, "step", [title] if log else [])
    return _picture(figure, alt, facts, width, told=told)


@checked
def forest(
    panels: Mapping[str, Mapping[str, tuple[float, float, float]]],
    *,
    alt: str,
    facts: str = "",
    groups: Mapping[str, str] | None = None,
    lines: Mapping[str, float] | None = None,
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw means with their intervals, a row for each name and a panel for each score.

    Args:
        panels: For each panel's title the mean and the lower and upper end of its interval, by
            name; ends that are not a number are not drawn. Rows come in the order in which the
            names first appear; a panel without a name leaves its row empty.
        alt: Description of the picture; its values are added if they fit.
        facts: Numbers that belong to it.
        groups: The group of each name; each group has a marker and a colour, explained in a legend.
            They are the same in every figure with the same groups, whichever names it shows. The
            methods of :data:`COLOURS` have the marker of their group and a colour of their own.
        lines: By panel title, the place of a dashed vertical line, such as a perfect score.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        ValueError: There is no panel or no name, a mean lies outside its interval, or there are
            more groups than markers.
    """
    names = list(dict.fromkeys(name for panel in panels.values() for name in panel))
    if not names:
        raise ValueError("panels: got nothing, wanted at least one name with its mean and interval")
    _check_size(dpi, width)
    belongs = {name: (groups or {}).get(name, "") for name in names}
    kinds = list(dict.fromkeys([*(groups or {}).values(), *belongs.values()]))
    if len(kinds) > len(_MARKS):
        raise ValueError(f"groups: got {len(kinds)} of them, wanted at most {len(_MARKS)}")
    marks = dict(zip(kinds, _MARKS, strict=False))
    styles = {name: _style_of(name, marks[kind]) for name, kind in belongs.items()}
    inches = PAGE_INCHES * width / PAGE_PIXELS
    notes = _notes(facts, None, inches)
    legend = [kind for kind in kinds if kind and kind in belongs.values()]
    above, row, axis = 0.3, 0.19, 0.3 + 0.08 * bool(legend) + 0.17 * -(-len(legend) // 3)
    below = axis + _LINE * len(notes)
    tall = above + row * len(names) + below
    margin = 0.15 + 0.068 * max(map(len, names))  # for the names
    figure = Figure(figsize=(inches, tall), dpi=dpi)
    all_axes = figure.subplots(
        1,
        len(panels),
        squeeze=False,
        sharey=True,
        gridspec_kw={
            "left": margin / inches,
            "right": 0.985,
            "top": 1 - above / tall,
            "bottom": below / tall,
            "wspace": 0.12,
        },
    )[0]
    for axes, (title, rows) in zip(all_axes, panels.items(), strict=True):
        for name, (mean, low, high) in rows.items():
            if not (math.isnan(low) or low <= mean <= high):
                raise ValueError(
                    f"panels: got {mean} for {name}, wanted it in its interval, {low} to {high}"
                )
        for name, (mean, low, high) in rows.items():
            colour, marker = styles[name]
            place = names.index(name)
            axes.hlines(place, low, high, color=colour, lw=1.6)
            axes.plot(mean, place, marker=marker, color=colour, ms=4.5, ls="none")
        for place in range(0, len(names), 2):
            axes.axhspan(place - 0.5, place + 0.5, color="#f3f3f3", lw=0, zorder=0)
        if title in (lines or {}):
            axes.axvline((lines or {})[title], color="#444444", lw=0.9, ls="--", zorder=1)
        axes.set_title(title, pad=4, **_STYLE)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(labelsize=8)
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
    if legend:
        handles: list[Any] = [  # of each group one for each of its colours
            tuple(
                Line2D([], [], color=colour, marker=marker, ms=4.5, lw=1.6)
                for colour, marker in dict.fromkeys(
                    styles[name] for name in names if belongs[name] == kind
                )
            )
            for kind in legend
        ]
        figure.legend(
            handles,
            legend,
            handler_map={tuple: HandlerTuple(ndivide=None, pad=0.3)},
            loc="lower center",
            bbox_to_anchor=(0.5, (_LINE * len(notes) + 0.02) / tall),
            ncols=3,
            fontsize=8,
            frameon=False,
            borderaxespad=0,
            borderpad=0,
        )
    _write_notes(figure, notes)
    told = _alt.means(panels)
    return _picture(figure, alt, facts, width, told=told, lines=True)


def _style_of(name: str, mark: tuple[str, str]) -> tuple[str, str]:
    """Return the colour and the marker of a row whose group has a colour and a marker."""
    return COLOURS.get(name, mark[0]), mark[1]


@checked
def specification_curve(
    values: Sequence[tuple[float, float, float]],
    options: Mapping[str, Mapping[str, Sequence[bool]]],
    *,
    label: str,
    alt: str,
    facts: str = "",
    dpi: int = 160,
    width: int = PAGE_PIXELS,
) -> Picture:
    """Draw many analyses in the order of their results, and below which options each has.

    A mark stands in the row of an option below each analysis that has it, so a choice that
    matters has its marks on one side :cite:p:`simonsohn2020specification`.

    Args:
        values: For each analysis the mean and the ends of its interval.
        options: For each choice its options, and which of the analyses have each.
        label: The axis of the values.
        alt: Description of the picture.
        facts: Numbers that belong to it.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        ValueError: An option is told of another number of analyses than there are values.
    """
    rows = [
        (f"{choice}: {option}", number % 2, np.asarray(having, bool))
        for number, (choice, of) in enumerate(options.items())
        for option, having in of.items()
    ]
    for title, _, having in rows:
        if len(having) != len(values):
            raise ValueError(f"options: got {len(having)} of {title}, wanted {len(values)}")
    _check_size(dpi, width)
    if not rows or not len(values):
        raise ValueError("options: got none, wanted at least one, and a value")
    order = sorted(range(len(values)), key=lambda place: values[place][0])
    means, lows, highs = np.array([values[place] for place in order]).T
    places = np.arange(len(order))
    inches, row = PAGE_INCHES * width / PAGE_PIXELS, 0.13
    notes = _notes(facts, None, inches)
    curve, dots, below = 2.2, row * len(rows), 0.05 + _LINE * len(notes)
    tall = 0.08 + curve + 0.1 + dots + below
    figure = Figure(figsize=(inches, tall), dpi=dpi)
    box = {"left": 1.75 / inches, "width": 1 - 1.8 / inches}
    top = figure.add_axes((box["left"], (below + dots + 0.1) / tall, box["width"], curve / tall))
    bottom = figure.add_axes((box["left"], below / tall, box["width"], dots / tall), sharex=top)
    top.plot(*_strokes(places, lows, highs), color="#9ecae1", lw=1)
    top.plot(places, means, ".", color="#0072b2", ms=3)
    top.axhline(0, color="#444444", lw=0.9, ls="--")
    top.set_ylabel(label, **_STYLE)
    for number, (_, second, having) in enumerate(rows):
        there = places[having[order]]
        colour = "#0072b2" if second else "#d55e00"
        row_of = np.full(len(there), number)
        bottom.plot(*_strokes(there, row_of - 0.28, row_of + 0.28), color=colour, lw=0.9)
    bottom.set_ylim(len(rows) - 0.5, -0.5)
    bottom.set_yticks(range(len(rows)), [title for title, *_ in rows])
    for axes in (top, bottom):
        axes.tick_params(labelsize=7)
        axes.tick_params(axis="x", length=0, labelbottom=False)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    bottom.tick_params(axis="y", length=0)
    _write_notes(figure, notes)
    return _picture(figure, alt, facts, width, lines=True)


def _strokes(
    places: NDArray[np.integer], lows: NDArray[np.floating], highs: NDArray[np.floating]
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return vertical strokes as one line with gaps, since a path for each makes a large SVG."""
    gaps = np.full(len(places), np.nan)
    return (
        np.stack([places, places, gaps], axis=1).ravel(),
        np.stack([lows, highs, gaps], axis=1).ravel(),
    )


@checked
def heat_map(
    values: Values,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    alt: str,
    row_label: str = "",
    column_label: str = "",
    form: str = ".0f",
    facts: str = "",
    dpi: int = 160,
    width: int = 480,
) -> Picture:
    """Draw a table of numbers, larger ones darker; zeros are left empty.

    Args:
        values: ``(R, C)``, none of them negative.
        rows: The rows' names.
        columns: The columns' names.
        alt: Description of the picture; its values are added if they fit.
        row_label: The common label of the rows, written at the left.
        column_label: The common label of the columns, written above.
        form: The format of a number, as for :func:`format`.
        facts: Numbers that belong to it.
        dpi: Pixels per inch.
        width: In CSS pixels.

    Raises:
        ValueError: The names do not fit the table, or a number is negative.
    """
    _check_size(dpi, width)
    if values.shape != (len(rows), len(columns)) or not values.size:
        raise ValueError(
            f"values: got shape {values.shape}, wanted ({len(rows)}, {len(columns)}), "
            "a number for each row and column"
        )
    if not (values >= 0).all():
        raise ValueError("values: got a negative number or NaN, wanted numbers from 0 on")
    inches = PAGE_INCHES * width / PAGE_PIXELS
    notes = _notes(facts, None, inches)
    left = 0.35 + 0.07 * max(map(len, rows))
    cell = (inches - left - 0.05) / len(columns)
    above, below = 0.5, 0.06 + _LINE * len(notes)
    high = min(cell, 0.36) * len(rows)
    tall = above + high + below
    figure = Figure(figsize=(inches, tall), dpi=dpi)
    axes = figure.add_axes((left / inches, below / tall, cell * len(columns) / inches, high / tall))
    try:
        format(0.5, form)
    except ValueError:
        raise ValueError(f"form: got {form!r}, wanted the format of a number") from None
    most = float(values.max()) or 1.0
    axes.pcolormesh(values, cmap="Greys", vmin=0, vmax=1.25 * most)
    axes.invert_yaxis()
    for (row, column), value in np.ndenumerate(values):
        if value:
            colour = "white" if value > 0.78 * most else "black"
            axes.text(
                column + 0.5,
                row + 0.5,
                format(value, form),
                ha="center",
                va="center",
                color=colour,
                fontsize=8,
            )
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    axes.set_xlabel(column_label, labelpad=5, **_STYLE)
    axes.set_ylabel(row_label, labelpad=5, **_STYLE)
    axes.tick_params(length=0, labelsize=8)
    for spine in axes.spines.values():
        spine.set_color("#bbbbbb")
    _write_notes(figure, notes)
    told = _alt.table(values, rows, columns, form)
    return _picture(figure, alt, facts, width, told=told, lines=True)


@checked
def descents(
    history: History, names: Sequence[str], *, alt: str, width: int = PAGE_PIXELS
) -> Picture:
    """Draw energy, content and gradient norm over the steps, a curve for each image of a batch.

    Args:
        history: Of a batch, see :class:`inpaintlib.descent.History`.
        names: One for each image.
        alt: Description of the picture.
        width: In CSS pixels.

    Raises:
        TypeError: An argument is of the wrong kind.
        ValueError: The history is that of a single image, or the names are not as many.
    """

    if history.energy.ndim != 2:
        raise ValueError("history: got that of a single image, wanted that of a batch")
    checks.count_of("names", names, history.energy.shape[1], "one for each image")

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


def _check_size(dpi: int, width: int) -> None:
    """Check the size of a picture, before matplotlib takes the memory for it."""
    checks.whole_number("dpi", dpi, 10, 2000)
    checks.whole_number("width", width, 50, 10_000)


def _axes_row(
    figure: Figure, count: int, place: tuple[float, float, float, float]
) -> Sequence[Axes]:
    """Return ``count`` axes side by side between left, bottom, right and top, in [0, 1]."""
    sides = dict(zip(("left", "bottom", "right", "top"), place, strict=True))
    row: Sequence[Axes] = figure.subplots(
        1, count, squeeze=False, gridspec_kw=sides | {"wspace": 0.05}
    )[0]
    return row


def _draw_strip(axes_row: Sequence[Axes], name: str, strip: Strip) -> None:
    if strip.signed and strip.images.ndim == 4:
        raise ValueError(
            f"images: got colour images of shape {strip.images.shape} with signed=True, "
            "wanted one channel, (N, H, W)"
        )
    limit = strip.limit or float(np.abs(strip.images).max()) or 1.0
    for i, axes in enumerate(axes_row):
        if strip.signed:
            axes.imshow(strip.images[i], cmap="RdBu_r", vmin=-limit, vmax=limit)
        else:
            pixels = _colours(strip.images[i])
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


def _colours(image: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return an image ``(H, W)`` or ``(3, H, W)`` in matplotlib's order, ``(H, W, 3)``."""
    if image.ndim == 2:
        return np.repeat(image[..., None], 3, axis=2)
    return np.moveaxis(image, 0, -1).copy()


def _notes(facts: str, origin: str | None, inches: float) -> list[str]:
    """Return the lines to write below a figure of that width."""
    letters = int(inches * 17)
    return [line for note in (facts, origin) if note for line in textwrap.wrap(note, letters)]


def _write_notes(figure: Figure, notes: list[str]) -> None:
    tall = figure.get_figheight()
    for i, line in enumerate(reversed(notes)):
        bottom = (0.04 + _LINE * i) / tall
        figure.text(0.998, bottom, line, ha="right", va="bottom", fontsize=8, color="#444444")


def _picture(
    figure: Figure,
    alt: str,
    facts: str,
    width: int,
    *,
    told: Sequence[str] = (),
    lines: bool = False,
) -> Picture:
    """Encode a figure, with its values in words, and as SVG, too, if it is made of lines.

    The PNG has a palette of 256 colours: half the size without visible difference. Warns of ink on
    the outermost pixels: a text that does not fit.
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    drawn = Image.open(buffer).convert("RGB")
    ink = np.asarray(drawn)
    if min(edge.min() for edge in (ink[0], ink[-1], ink[:, 0], ink[:, -1])) < 128:
        warnings.warn("figure: something is cut off at its edge; shorten its text", stacklevel=3)
    few = drawn.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    encoded = io.BytesIO()
    few.save(encoded, "PNG", optimize=True)
    svg = _svg(figure, drawn.size) if lines else None
    return Picture(encoded.getvalue(), _alt.complete(alt, facts, told), facts, width, svg)


# An SVG does without comments, line breaks, and a coordinate's digits from the third on, but not
# without those of a factor such as ``scale(0.015625)``.
_SPARED = ((r"<!--.*?-->", ""), (r"\s*\n\s*", " "), (r"(?<![(]0)(\.\d\d)\d+", r"\1"))


def _svg(figure: Figure, size: tuple[int, int]) -> str:
    """Return a figure as SVG with a size in pixels: the same text for the same figure.

    Letters are paths, since the reader's machine may lack the font.
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "inpaintlib"}):
        figure.savefig(buffer, format="svg", metadata=nothing)
    element = buffer.getvalue().partition("<svg")[2]  # without the address of a definition
    for spared, kept in _SPARED:
        element = re.sub(spared, kept, element)
    in_pixels = 'width="{}" height="{}"'.format(*size)
    return "<svg" + re.sub(r'width="\S+pt" height="\S+pt"', in_pixels, element, count=1)
