"""Tables: Markdown made from numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from IPython.display import Markdown

from inpaintlib._signatures import check_module
from inpaintlib.study import numbers
from inpaintlib.study.numbers import Estimate, Number, Numbers, UnknownNumber

#: The text of a cell without a number.
NOTHING = "–"

#: The titles of the usual scores, and their digits after the point.
TITLES = {
    "psnr": "PSNR, dB",
    "ssim": "SSIM",
    "judge": "judge",
    "grey": "grey",
    "realism": "realism",
}
DIGITS = {"psnr": 1}


def markdown(lines: Iterable[Sequence[str]], *, text: int = 1) -> Markdown:
    """Return a table.

    Args:
        lines: The titles, then the rows; all of one length.
        text: Number of columns with text; the others have numbers, aligned right.

    Raises:
        ValueError: The rows differ in length.
    """
    head, *body = map(list, lines)
    if any(len(row) != len(head) for row in body):
        raise ValueError(f"lines: got rows of other lengths than the {len(head)} titles")
    rule = ["---"] * min(text, len(head)) + ["---:"] * (len(head) - text)
    text_of = "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *body))
    return Markdown(text_of)


def cell(number: Number, *, digits: int | None = 2, signed: bool = False, to: str = " to ") -> str:
    """Return a number with its interval below it, where it has one.

    Args:
        number: The number.
        digits: After the point; with None four significant ones.
        signed: Whether a positive number gets its sign, as for a difference.
        to: The text between the ends of the interval.
    """
    return estimated(number.estimate, digits=digits, signed=signed, to=to)


def estimated(
    found: Estimate, *, digits: int | None = 2, signed: bool = False, to: str = " to "
) -> str:
    """Return a value with the ends of its interval below it; the settings are those of `cell`."""
    form = ("+" if signed else "") + (".4g" if digits is None else f".{digits}f")
    value, low, high = (format(part, form) for part in found)
    return value if math.isnan(found[1]) else f"{value}<br><small>{low}{to}{high}</small>"


def table(
    measured: str | Numbers,
    rows: Mapping[str, str],
    columns: Mapping[str, str],
    *,
    address: str = "{row}/{column}",
    first: str = "",
    digits: int | None = 2,
    signed: Collection[str] = (),
    optional: Collection[str] = (),
    to: str = " to ",
) -> Markdown:
    """Return stored numbers as a table.

    Args:
        measured: An experiment's name, or its numbers.
        rows: The rows' part of the address, by the text at the left.
        columns: The columns' part of the address, by their titles.
        address: Combines row and column to a subject and a score: ``"SUBJECT/SCORE"``.
        first: The title of the first column.
        digits: After the point; with None four significant ones.
        signed: The columns whose numbers get a sign.
        optional: The columns in which a number may be missing; a dash is shown there.
        to: The text between the ends of an interval.

    Raises:
        UnknownNumber: A number is not stored, in another column than the optional ones.
    """
    found = numbers.read(measured) if isinstance(measured, str) else measured

    def shown(row: str, column: str) -> str:
        try:
            number = found.at(address.format(row=row, column=column))
        except UnknownNumber:
            if column in optional:
                return NOTHING
            raise
        return cell(number, digits=digits, signed=column in signed, to=to)

    lines = [[first, *columns]]
    lines += [
        [title, *(shown(row, each) for each in columns.values())] for title, row in rows.items()
    ]
    return markdown(lines)


check_module(__name__)
