"""The chapter on starts: distances, spreads and correlations of results from many starts."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import datasets
from inpaintlib.study.chapters import initialization
from inpaintlib.study.protocol import cases

HOLES = np.zeros((2, 8, 8), bool)
HOLES[:, 2:5, 3:6] = True


def images(*greys: float) -> np.ndarray:
    return np.stack([np.full((8, 8), grey) for grey in greys])


def test_a_distance_is_the_root_mean_square_inside_the_hole():
    near = images(0.5, 0.2)
    far = np.where(HOLES, near + np.array([0.1, 0.3])[:, None, None], 0.9)
    np.testing.assert_allclose(initialization.distance(near, far, HOLES), [0.1, 0.3])
    assert (initialization.distance(near, near, HOLES) == 0).all()


def test_a_spread_is_the_mean_distance_of_all_pairs():
    three = np.stack([images(0.0, 0.5), images(0.3, 0.5), images(0.9, 0.5)])
    np.testing.assert_allclose(initialization.spread(three, HOLES), [0.6, 0], atol=1e-12)


def test_a_rank_correlation_looks_at_the_order_within_a_case():
    energy = np.array([[1.0, 1.0], [2.0, 20.0], [9.0, 30.0]])
    assert initialization.rank_correlation(energy, -(energy**3)) == pytest.approx([-1, -1])
    assert initialization.rank_correlation(energy, energy[[0, 2, 1]])[0] == pytest.approx(0.5)


def test_every_start_is_tried_and_every_number_has_a_name_of_its_own():
    some = cases(datasets.load("digits", split="test"), count=2, each=1)
    found = [each.key for each in initialization.compared("digits", "digits", some, max_steps=1)]
    assert len(set(found)) == len(found)
    for start in initialization.STARTS:
        assert (f"digits/{start}", "psnr") in found
