"""Where a classifier that can say no paints little: drawings that were seen, and others."""

from __future__ import annotations

import pytest

from inpaintlib import datasets
from inpaintlib.study.chapters import limits

pytestmark = pytest.mark.usefixtures("bundled_only")


def test_all_emoji_have_the_same_square():
    cases = limits.with_square(datasets.load("emoji", split="test"), count=3)
    assert cases.images.shape == (3, 3, 32, 32)
    assert (cases.holes == cases.holes[0]).all()
    assert cases.holes[0].sum() == 13 * 13


def test_gaussians_gain_more_in_drawings_that_they_have_seen():
    measured = {(one.subject, one.score): one.value for one in limits.measure_style(count=6)}
    assert measured["Gaussians/seen", "gain"] > measured["Gaussians/unseen", "gain"] + 5
    assert {subject.rpartition("/")[0] for subject, _ in measured} == set(limits.ASKED)


def test_the_table_tells_gains_with_a_sign():
    cells = [row.split("|")[2:-1] for row in limits.style_table().data.splitlines()[2:]]
    assert cells
    assert all(cell.strip()[0] in "+-−" for row in cells for cell in row)
