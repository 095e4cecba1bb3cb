"""The chapter on hallucination: distances between made-up images, and who reads them."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import holes, inpaint
from inpaintlib.study.chapters import hallucination


def test_a_spread_has_the_distance_of_every_pair_of_results_of_a_label():
    greys = np.array([[0.0, 0.5], [0.3, 0.5], [0.9, 0.5]])  # three starts, two labels
    results = [np.broadcast_to(row[:, None, None], (2, 4, 5)) for row in greys]
    np.testing.assert_allclose(hallucination.spread(results), [0.3, 0, 0.9, 0, 0.6, 0])


def test_only_the_seed_tells_results_apart():
    settings = {"recipe": "digits", "start": "noise", "max_steps": 2}
    one, two, again = hallucination.imagined("digits", settings, [3, 7], seeds=(0, 1, 0))
    assert one.hole.all()
    np.testing.assert_array_equal(one.image, again.image)
    assert (hallucination.rms(one.image, two.image) > 0.1).all()
    assert (one.label == [3, 7]).all()


@pytest.mark.parametrize("start", hallucination.STARTS)
def test_what_was_not_moved_is_no_distance_from_its_start(start):
    settings = {"recipe": "paper-digits", "max_steps": 0, **hallucination.STARTS[start]}
    found = list(
        hallucination.read(
            "digits", hallucination.imagined("digits", settings, range(10), seeds=(0,))
        )
    )
    values = {number.score: number.value for number in found}
    assert values["RMS to the start"] == 0
    assert values["judge"] == (1 if start == "class average" else pytest.approx(0.1, abs=0.1))


def test_the_smooth_start_cannot_be_had_out_of_nothing():
    with pytest.raises(ValueError, match=r"harmonic.*covers everything"):
        inpaint(np.zeros((28, 28)), holes.everything((28, 28)), 0, recipe="paper-digits")


def test_black_gives_the_robust_network_no_direction():
    compares = hallucination.WITHOUT["a network that compares"]
    settings = {**compares, **hallucination.STARTS["black"], "max_steps": 3}
    (done,) = hallucination.imagined("digits", settings, range(10), seeds=(0,))
    assert not done.image.any()
