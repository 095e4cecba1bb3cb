"""The uses of the recipes that need no original."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import metrics
from inpaintlib.study import applications


def test_digits_out_of_nothing_are_read_as_what_they_should_be():
    made = applications.hallucinated(seed=0)
    assert np.array_equal(metrics.judged(made), np.arange(10))


def test_faces_are_scored_by_the_judge_and_by_their_brightness():
    faces = np.stack([np.full((48, 42), grey, np.float32) for grey in (0.1, 0.3)])
    named = metrics.judged(faces, judge="faces-judge-yale")
    judge, grey = applications.brightness("illumination/dark", faces, named)
    assert (judge.key, judge.value) == (("illumination/dark", "judge"), 1)
    assert grey.value == pytest.approx(0.2)
