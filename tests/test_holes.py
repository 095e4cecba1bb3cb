"""Holes: which pixels each kind takes, and what is said where none can be made."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import few, seeds
from hypothesis import given

from inpaintlib import holes

SHAPE = (12, 10)


def drawn(hole: np.ndarray) -> list[str]:
    return ["".join("#" if missing else "." for missing in row) for row in hole]


def test_rectangle_takes_its_rows_and_columns():
    hole = holes.rectangle((4, 6), top=1, left=3, height=2, width=3)
    assert drawn(hole) == ["......", "...###", "...###", "......"]


def test_ellipse_has_radii_in_rows_and_columns():
    hole = holes.ellipse((5, 7), center=(2, 3), radii=(1, 3))
    assert drawn(hole) == [".......", "...#...", "#######", "...#...", "......."]


def test_ellipse_is_cut_off_at_the_images_edge():
    assert drawn(holes.ellipse((3, 4), center=(0, 0), radii=(1, 2))) == ["###.", "#...", "...."]


@pytest.mark.parametrize("points", [[(1, 1), (1, 4)], np.array([[1.0, 4.0], [1.0, 1.0]])])
def test_stroke_takes_the_pixels_within_half_its_width(points):
    hole = holes.stroke((4, 7), points=points, width=2)
    assert drawn(hole) == [".####..", "######.", ".####..", "......."]


def test_stroke_turns_at_its_points():
    hole = holes.stroke((4, 4), points=[(0, 0), (3, 0), (3, 3)], width=1)
    assert drawn(hole) == ["#...", "#...", "#...", "####"]


def test_stroke_of_one_point_is_a_disc():
    hole = holes.stroke((3, 5), points=[(1, 2)], width=2)
    assert drawn(hole) == ["..#..", ".###.", "..#.."]


@pytest.mark.parametrize(("fraction", "count"), [(0.25, 30), (0.333, 40), (1, 120)])
def test_scatter_takes_its_fraction_of_the_pixels(fraction, count):
    hole = holes.scatter(SHAPE, fraction=fraction, seed=0)
    assert hole.sum() == count
    assert np.array_equal(hole, holes.scatter(SHAPE, fraction=fraction, seed=0))


def test_scatter_is_another_with_another_seed():
    one, other = (holes.scatter(SHAPE, fraction=0.5, seed=seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize(
    ("side", "taken"),
    [("left", "##..."), ("right", "..###"), ("upper", "#####"), ("lower", ".....")],
)
def test_half_begins_with(side, taken):
    hole = holes.half((4, 5), side=side)
    assert drawn(hole)[0] == taken


@pytest.mark.parametrize(("one", "other"), [("left", "right"), ("upper", "lower")])
def test_two_halves_are_the_whole(one, other):
    assert np.array_equal(holes.half((5, 5), side=one), ~holes.half((5, 5), side=other))


def test_dark_takes_the_pixels_below_the_threshold():
    image = np.array([[0.1, 0.2], [0.3, 0.0]])
    assert drawn(holes.dark(image, threshold=0.2)) == ["#.", ".#"]


def test_everything_takes_everything():
    assert holes.everything((2, 3)).all()
    assert holes.everything((2, 3)).shape == (2, 3)


@few
@given(seed=seeds)
def test_square_on_ink_is_whole_and_has_ink(seed):
    image = np.zeros(SHAPE)
    image[0, 0] = image[11, 9] = image[5, 4] = 0.6
    image[3, 3] = 0.5
    hole = holes.square_on_ink(image, side=3, seed=seed)
    assert hole.sum() == 9
    assert image[hole].max() == 0.6
    assert np.array_equal(hole, holes.square_on_ink(image, side=3, seed=seed))


def test_square_on_ink_is_centred_where_it_fits():
    image = np.zeros((5, 5))
    image[2, 1] = 1
    hole = holes.square_on_ink(image, side=3, seed=0)
    assert drawn(hole) == [".....", "###..", "###..", "###..", "....."]


@pytest.mark.parametrize("shape", [(28, 28), (48, 42)])
def test_examples_are_different_holes_with_something_known_around_them(shape):
    examples = holes.examples(shape)
    assert len(examples) == 8
    assert len({hole.tobytes() for hole in examples.values()}) == 8
    for hole in examples.values():
        assert hole.dtype == bool
        assert hole.shape == shape
        assert 0 < hole.mean() < 0.6


@few
@given(seed=seeds)
def test_random_holes_are_holes_and_repeat_with_their_seed(seed):
    hole = holes.random(SHAPE, seed=seed)
    assert hole.dtype == bool
    assert hole.shape == SHAPE
    assert hole.any()
    assert np.array_equal(hole, holes.random(SHAPE, seed=seed))


def test_random_holes_are_of_many_sizes():
    sizes = {int(holes.random(SHAPE, seed=seed).sum()) for seed in range(100)}
    assert max(sizes) == 120
    assert len(sizes) > 30


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: holes.rectangle(SHAPE, top=8, left=0, height=5, width=1),
            "rectangle: got top=8, left=0, height=5, width=1, .* image of 12×10",
        ),
        (
            lambda: holes.rectangle(SHAPE, top=0, left=8, height=1, width=3),
            "rectangle: got .*width=3",
        ),
        (
            lambda: holes.rectangle(SHAPE, top=-1, left=0, height=2, width=2),
            "rectangle: got top=-1",
        ),
        (
            lambda: holes.rectangle(SHAPE, top=0, left=-1, height=2, width=2),
            "rectangle: got .*left=-1",
        ),
        (
            lambda: holes.rectangle(SHAPE, top=0, left=0, height=0, width=2),
            "rectangle: got .*height=0.* wanted at least one pixel",
        ),
        (
            lambda: holes.rectangle(SHAPE, top=0, left=0, height=1, width=0),
            "rectangle: got .*width=0.* wanted at least one pixel",
        ),
        (
            lambda: holes.ellipse(SHAPE, center=(5, 5), radii=(0, 2)),
            r"radii: got \(0, 2\), wanted two positive numbers",
        ),
        (
            lambda: holes.ellipse(SHAPE, center=(50, 5), radii=(2, 2)),
            r"center: got \(50, 5\), which covers no pixel",
        ),
        (
            lambda: holes.stroke(SHAPE, points=[], width=2),
            "points: got none, wanted at least one",
        ),
        (
            lambda: holes.stroke(SHAPE, points=[(1, 1)], width=0),
            "width: got 0, wanted a positive number",
        ),
        (
            lambda: holes.stroke(SHAPE, points=[(50, 1)], width=2),
            r"points: got \[\(50, 1\)\], which covers no pixel",
        ),
        (
            lambda: holes.scatter(SHAPE, fraction=0, seed=0),
            "fraction: got 0, wanted a number above 0",
        ),
        (
            lambda: holes.scatter(SHAPE, fraction=1.1, seed=0),
            "fraction: got 1.1, wanted a number above 0 and at most 1",
        ),
        (
            lambda: holes.scatter(SHAPE, fraction=0.001, seed=0),
            "fraction: got 0.001, which covers no pixel",
        ),
        (
            lambda: holes.half(SHAPE, side="middle"),
            "side: got 'middle', wanted one of left, right, upper, lower",
        ),
        (
            lambda: holes.dark(np.ones(SHAPE), threshold=0.1),
            "threshold: got 0.1, which covers no pixel",
        ),
        (
            lambda: holes.square_on_ink(np.full(SHAPE, 0.5), side=3, seed=0),
            "image: got one without ink",
        ),
        (
            lambda: holes.square_on_ink(np.ones(SHAPE), side=11, seed=0),
            "rectangle: got .*height=11",
        ),
    ],
)
def test_a_hole_that_cannot_be_made_is_a_clear_error(make, message):
    with pytest.raises(ValueError, match=message):
        make()
