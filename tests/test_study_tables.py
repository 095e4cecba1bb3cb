"""Tables: Markdown made from numbers."""

from __future__ import annotations

import math

import pytest

from inpaintlib.study import tables
from inpaintlib.study.numbers import Number, Numbers, UnknownNumber


def number(subject: str, score: str, value: float, spread: float = 0.5) -> Number:
    return Number("made-up", subject, score, value, value - spread, value + spread, 20, 0.1)


MEASURED = Numbers(
    "made-up",
    [
        number("digits/harmonic", "psnr", 12.0),
        number("digits/harmonic", "judge", 0.9, 0.05),
        number("digits/noise", "psnr", -3.0),
    ],
)
ROWS = {"smooth": "digits/harmonic", "noise": "digits/noise"}
CELL = "{}<br><small>{} to {}</small>".format


def lines_of(*arguments, **settings) -> list[str]:
    return tables.table(MEASURED, *arguments, **settings).data.splitlines()


def test_a_table_has_a_row_for_each_subject_and_a_column_for_each_score():
    assert lines_of(ROWS, {"PSNR": "psnr"}, first="start") == [
        "| start | PSNR |",
        "| --- | ---: |",
        f"| smooth | {CELL('12.00', '11.50', '12.50')} |",
        f"| noise | {CELL('-3.00', '-3.50', '-2.50')} |",
    ]


def test_an_unknown_number_raises_unless_its_column_is_optional():
    columns = {"PSNR": "psnr", "judge": "judge"}
    with pytest.raises(UnknownNumber, match="score: got 'judge'"):
        lines_of(ROWS, columns)
    last = lines_of(ROWS, columns, optional=["judge"])[-1]
    assert last.endswith(f"| {tables.NOTHING} |")


def test_an_address_says_what_rows_and_columns_are():
    turned = lines_of({"PSNR": "psnr"}, {"smooth": "harmonic"}, address="digits/{column}/{row}")
    assert turned[2] == f"| PSNR | {CELL('12.00', '11.50', '12.50')} |"


def test_a_difference_has_a_sign_and_a_number_without_interval_stands_alone():
    signed = lines_of(ROWS, {"PSNR": "psnr"}, signed=["psnr"], digits=1, to="–")
    assert signed[2] == "| smooth | +12.0<br><small>+11.5–+12.5</small> |"
    alone = Number("made-up", "digits", "milliseconds", 2.0, math.nan, math.nan, 20, math.inf)
    assert tables.cell(alone, digits=1) == "2.0"


def test_rows_of_a_table_have_one_length():
    with pytest.raises(ValueError, match="rows of other lengths than the 2 titles"):
        tables.markdown([["a", "b"], ["1"]])
    shown = tables.markdown([["a", "b", "c"], ["x", "y", "1"]], text=2).data
    assert shown == "| a | b | c |\n| --- | --- | ---: |\n| x | y | 1 |"
