"""The chapter on the energy: jumps at the rim of a hole and inside it."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib.study.chapters import energy

HOLE = np.zeros((1, 8, 8), bool)
HOLE[:, 2:5, 3:6] = True


def test_a_seam_is_the_mean_jump_across_the_rim():
    pasted = np.where(HOLE, 0.7, 0.2)
    assert energy.seam(pasted, HOLE) == pytest.approx([0.5])
    assert energy.variation(pasted, HOLE) == pytest.approx([0])


def test_variation_is_the_mean_jump_inside_the_hole():
    slope = np.broadcast_to(0.1 * np.arange(8.0), (1, 8, 8))
    # As many pairs of neighbours beside each other as above each other; only the former differ.
    assert energy.variation(slope, HOLE) == pytest.approx([0.05])
    assert energy.seam(slope, HOLE) == pytest.approx([0.05])


def test_what_is_outside_of_the_hole_does_not_count():
    noise = np.random.default_rng(0).random((1, 8, 8))
    near = HOLE.copy()
    near[:, 1:6, 2:7] = True
    flat = np.where(near, 0.5, noise)
    assert energy.seam(flat, HOLE) == pytest.approx([0])
    assert energy.variation(flat, HOLE) == pytest.approx([0])
