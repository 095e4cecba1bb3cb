"""What a term asks for, and how well two maps agree."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib.energy import Binary
from inpaintlib.study import gradients


def test_a_term_asks_for_the_way_down_in_the_hole_only():
    images = np.full((2, 4, 4), 0.75)
    hole = np.zeros((4, 4), bool)
    hole[1, 2] = True
    wish = gradients.asked(Binary(), images, hole)
    assert (wish[:, hole] > 0).all(), "from light grey the penalty on grey pushes to white"
    assert not wish[:, ~hole].any()


def test_a_cosine_is_of_the_direction_alone():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((2, 3, 4, 4))
    assert gradients.cosine(first, 5 * first) == pytest.approx([1, 1, 1])
    assert gradients.cosine(first, -first) == pytest.approx([-1, -1, -1])
    across = second - first * (first * second).sum((1, 2), keepdims=True) / np.square(first).sum(
        (1, 2), keepdims=True
    )
    assert gradients.cosine(first, across) == pytest.approx([0, 0, 0], abs=1e-12)
    assert gradients.cosine(first, 0 * first).tolist() == [0, 0, 0]
