"""Alternative texts: the values that a picture shows, in words, for those who do not see it.

Each function returns the values in several forms, the longest first; :func:`complete` takes the
first one that fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

#: Characters of a description with its facts; a screen reader reads them in half a minute.
LIMIT = 420

#: An extreme of a curve is worth a word if it lies outside the ends by this share of the axis.
_BEYOND = 0.1

#: The most images whose scores are told one by one.
_FEW = 4

#: Differences from pixel to pixel that change their sign as often as this correlation of
#: neighbouring ones says are a grain: those of a drawing or a photograph seldom do.
_GRAIN = -0.25

#: Changes of a row that nobody sees, in grey values.
_UNSEEN = 0.01

#: Smaller numbers may be rounding errors.
_NOTHING = 1e-6

_NUMBER = re.compile(r"\d+(?:\.\d+)?")

Curve = NDArray[np.floating] | NDArray[np.integer]
Interval = tuple[float, float, float]


def complete(alt: str, facts: str, forms: Sequence[str]) -> str:
    """Return a description with the first of the forms that fits, or alone if none does.

    Args:
        alt: What the picture shows, a sentence.
        facts: What is read after the description.
        forms: The picture's values, the longest first. One is left out if the facts have them all.
    """
    room = LIMIT - len(alt) - len(facts) - 2
    told = set(_NUMBER.findall(facts))
    new = [form for form in forms if form and set(_NUMBER.findall(form)) - told]
    return next((f"{alt} {form}." for form in new if len(form) < room), alt)


def spoken(words: str) -> str:
    """Return a description with minus signs that no voice skips, and marks in words."""
    words = re.sub(r"► (.*?) ◄", r"marked \1", " ".join(words.split()))
    return re.sub(r"(?<![\w.)])-(?=\d)", "−", words)


def number(value: float) -> str:
    """Return a number with one to three digits that count, the same on every machine."""
    size = abs(value)
    if 0 < size < _NOTHING:
        return "nearly 0"
    if size >= 0.095:
        text = f"{size:.1f}" if size >= 3 else f"{size:.2f}"
    else:
        text = np.format_float_positional(float(f"{size:.1g}"), trim="-")
    return f"−{text}" if value < 0 else text


def curves(
    panels: Mapping[str, Mapping[str, Curve]], x: Curve | None, x_label: str, log: Sequence[str]
) -> list[str]:
    """Return where each curve begins and ends, with its extremes if they lie outside.

    Args:
        panels: As in :func:`inpaintlib.figures.curves`.
        x: Positions of the values; 0, 1, 2, … if None.
        x_label: The label of the common axis.
        log: The titles of the panels with a logarithmic axis.
    """
    middles = {
        title: {name: line[0] if line.ndim == 2 else line for name, line in lines.items()}
        for title, lines in panels.items()
    }
    lengths = [len(line) for lines in middles.values() for line in lines.values()]
    places = np.arange(max(lengths), dtype=float) if x is None else x

    def each(far: float) -> str:
        told = {}
        for title, lines in middles.items():
            scale = np.log if title in log else np.asarray
            span = far * float(np.ptp(scale(np.concatenate(list(lines.values())))))
            told[title] = [
                _named(name if len(lines) > 1 else "", _course(line, places, scale(line), span))
                for name, line in lines.items()
            ]
        where = f"{x_label}, {places[0]:g} to {places[-1]:g}"
        return f"From left to right ({where}): {_panels(told)}"

    last = {
        title: {name: line[-1] for name, line in lines.items()} for title, lines in middles.items()
    }
    at_end = [f"At the right end, highest first: {form}" for form in _ranked(last)]
    return [each(_BEYOND), each(np.inf), *at_end]


def means(panels: Mapping[str, Mapping[str, Interval]]) -> list[str]:
    """Return the means of each panel, with their intervals if they fit, the highest first.

    Args:
        panels: As in :func:`inpaintlib.figures.forest`.
    """

    def interval(low: float, high: float) -> str:
        return "" if np.isnan(low) else f" ({number(low)} to {number(high)})"

    full = {
        title: [
            _named(name, f"{number(mean)}{interval(low, high)}")
            for name, (mean, low, high) in sorted(rows.items(), key=lambda row: -row[1][0])
        ]
        for title, rows in panels.items()
    }
    alone = {title: {name: row[0] for name, row in rows.items()} for title, rows in panels.items()}
    return [f"Highest first: {form}" for form in (_panels(full), *_ranked(alone))]


def scores(rows: Mapping[str, Curve], score: str) -> list[str]:
    """Return the score of each image, or for many images its mean and range, by row.

    Args:
        rows: The scores of the images, ``(N,)``, by the row's name.
        score: What they are.
    """

    def each(tell: Callable[[Curve], str]) -> str:
        return "; ".join(_named(_line(name), tell(row)) for name, row in rows.items())

    def all_of(values: Curve) -> str:
        return ", ".join(f"{value:.1f}" for value in values)

    def mean(values: Curve) -> str:
        return f"{values.mean():.1f}"

    def mean_and_range(values: Curve) -> str:
        return f"{mean(values)} ({values.min():.0f} to {values.max():.0f})"

    if all(len(values) <= _FEW for values in rows.values()):
        return [f"{score}: {each(all_of)}"]
    return [f"{score}, mean and range: {each(mean_and_range)}", f"{score}, mean: {each(mean)}"]


def captions(rows: Mapping[str, Sequence[str] | None], columns: Sequence[str] | None) -> list[str]:
    """Return the captions of a gallery, by row, with the titles of their columns if these fit.

    Args:
        rows: The captions by the row's name.
        columns: The columns' titles.
    """

    def told(titles: Sequence[str] | None) -> str:
        found = {}
        for name, texts in rows.items():
            cells = [
                _named(f"{_line(titles[place])}:" if titles else "", text)
                for place, text in enumerate(texts or [])
                if text
            ]
            short = all(len(cell) == 1 for cell in cells)  # such as the digits that a judge reads
            if cells:
                found[_line(name)] = [" ".join(cells)] if short else cells
        return f"Below the images: {_panels(found)}" if found else ""

    return [told(columns), told(None)]


def table(values: Curve, rows: Sequence[str], columns: Sequence[str], form: str) -> list[str]:
    """Return the largest number of each row of a table, and where it is.

    Args:
        values: ``(R, C)``.
        rows: The rows' names.
        columns: The columns' names.
        form: The format of a number.
    """
    found = ", ".join(
        f"{name}: {format(row.max(), form)} at {columns[row.argmax()]}"
        for name, row in zip(rows, values, strict=True)
    )
    return [f"Largest in each row: {found}"]


def fill(image: Curve, start: Curve, original: Curve, hole: NDArray[np.bool_]) -> str:
    """Return what can be seen in a hole, a sentence: its texture, and which rows changed.

    Args:
        image: The filled image, ``(H, W)``, in grey values.
        start: The image at the start of the descent.
        original: The untouched image.
        hole: bool ``(H, W)``, True where missing.
    """
    (steps, together), (usual, before) = _steps(image, hole), _steps(original, hole)
    times = float(np.abs(steps).mean() / max(np.abs(usual).mean(), _NOTHING))
    like = "smoother than" if times < 0.95 else "as rough as" if times < 1.05 else "rougher than"
    grain = "grainy, " if together < _GRAIN <= before else ""
    told = (
        f"The hole is {grain}{like} the original: neighbours in it differ {times:.1f} times as much"
    )
    changed = (image - start) * hole
    if np.abs(changed).max() < _NOTHING:
        return f"{told}; nothing has changed yet."
    rows = changed.sum(axis=1) / np.maximum(hole.sum(axis=1), 1)
    ends = ((rows.argmax(), "brighter"), (rows.argmin(), "darker"))
    moved = [
        f"row {row + 1} of {len(rows)} is {abs(rows[row]):.2f} {way}"
        for row, way in ends
        if abs(rows[row]) > _UNSEEN
    ]
    return f"{told}; {' and '.join(moved) or 'no row is brighter or darker'} than at the start."


def _steps(image: Curve, hole: NDArray[np.bool_]) -> tuple[Curve, float]:
    """Return the differences of neighbours in a hole, and how neighbouring ones go together."""
    found, together = [], []
    for turned, missing in ((image, hole), (image.T, hole.T)):
        steps, pairs = np.diff(turned, axis=0), missing[1:] & missing[:-1]
        found.append(steps[pairs])
        threes = pairs[1:] & pairs[:-1]
        one, next_one = steps[:-1][threes], steps[1:][threes]
        size = float(np.sqrt((one**2).sum() * (next_one**2).sum()))
        together.append(float((one * next_one).sum()) / max(size, _NOTHING))
    return np.concatenate(found), min(together)


def _line(name: str) -> str:
    return name.replace("-\n", "-").replace("\n", " ")


def _named(name: str, text: str) -> str:
    """Return a text after its name, a number apart from one at the name's end."""
    between = " = " if re.search(r"[\d)]$", name) and re.match(r"[\d−]", text) else " "
    return f"{name}{between}{text}" if name else text


def _course(line: Curve, places: Curve, shown: Curve, far: float) -> str:
    """Return a curve's ends, and its extremes where they are drawn further from both than that."""
    extremes = []
    for word, at, sign in (("lowest", shown.argmin(), -1), ("highest", shown.argmax(), 1)):
        if min(sign * (shown[at] - shown[0]), sign * (shown[at] - shown[-1])) > far:
            extremes.append(f"{word} {number(line[at])} at {places[at]:g}")
    ends = f"{number(line[0])} to {number(line[-1])}"
    return f"{ends} ({', '.join(extremes)})" if extremes else ends


def _panels(texts: Mapping[str, Sequence[str]]) -> str:
    """Join the texts of each panel, with its title if it has one."""
    return "; ".join(
        _named(f"{title}:" if title else "", ", ".join(found)) for title, found in texts.items()
    )


def _ranked(panels: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Return the values of each panel in order, then fewer of them."""

    def first(count: int) -> str:
        told = {}
        for title, values in panels.items():
            order = sorted(values, key=lambda name: -np.round(values[name] / _NOTHING))
            texts = [_named(name, number(values[name])) for name in order]
            if len(texts) > count + 1:
                texts = [*texts[:count], f"… lowest {texts[-1]}"]
            told[title] = texts
        return _panels(told)

    return [first(count) for count in (len(max(panels.values(), key=len)), 3, 1)]
