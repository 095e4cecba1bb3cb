"""The protocol: its cases are fair, and their scores are those of the metrics."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import datasets, metrics
from inpaintlib.study import protocol

each_set = pytest.mark.parametrize("name", ["digits", "faces"])


def drawn(name: str, *, split: str = "test", **settings: int) -> protocol.Cases:
    """Cases from the bundled images; the faces are AT&T's, at the same size."""
    bundled = {"digits": "digits", "faces": "faces-att"}[name]
    return protocol.cases(datasets.load(bundled, split=split), **settings)


@each_set
def test_cases_depend_on_the_seed_alone(name):
    first, again = (drawn(name, count=20, each=3) for _ in range(2))
    for field in ("images", "holes", "labels", "details", "kinds"):
        assert np.array_equal(getattr(first, field), getattr(again, field))
    other = drawn(name, count=20, each=3, seed=1)
    assert not np.array_equal(first.details, other.details)
    assert not np.array_equal(first.holes, other.holes)


@each_set
def test_fewer_cases_are_the_first_of_more(name):
    few, many = drawn(name, count=5, each=2), drawn(name, count=12, each=2)
    assert len(few) == 10
    assert np.array_equal(few.holes, many[:10].holes)
    assert np.array_equal(few.images, many.images[:10])


@each_set
def test_every_kind_of_hole_comes_equally_often_and_leaves_something(name):
    kinds = protocol.KINDS[name]
    cases = drawn(name, count=4 * len(kinds), each=1)
    found, counts = np.unique(cases.kinds, return_counts=True)
    assert sorted(found) == sorted(kinds)
    assert set(counts) == {4}
    share = cases.holes.mean(axis=(1, 2))
    assert share.min() > 0
    assert share.max() <= 0.5
    assert len({hole.tobytes() for hole in cases.holes}) > 2 * len(kinds)


def test_every_digit_has_every_kind_of_hole_and_it_touches_ink():
    cases = drawn("digits", count=12, each=4)
    assert (cases.kinds.reshape(12, 4) == list(protocol.KINDS["digits"])).all()
    assert (cases.images.reshape(12, 4, 28, 28) == cases.images[::4, None]).all()
    on_ink = np.isin(cases.kinds, ["square", "stroke"])
    assert ((cases.images > 0.5) & cases.holes)[on_ink].any(axis=(1, 2)).all()
    sides = np.sqrt(cases.holes[cases.kinds == "square"].sum(axis=(1, 2)))
    assert sides.tolist() == [8, 10, 12, 14] * 3
    assert cases.holes[cases.kinds == "half"][:4, [0, 0, -1], [0, -1, 0]].tolist() == [
        [True, False, True],
        [False, True, False],
        [True, True, False],
        [False, False, True],
    ]


def test_dark_faces_are_left_out():
    data = datasets.load("faces-att", split="test")
    dimmed = np.where(np.arange(len(data))[:, None, None] % 2, data.images, data.images * 0.01)
    cases = protocol.cases(
        datasets.Dataset(**{**vars(data), "images": dimmed}), count=len(data), each=1
    )
    assert len(cases) == len(data) // 2
    assert cases.images.mean(axis=(1, 2)).min() > 0.2


def test_the_protocol_wants_the_full_set(bundled_only):
    with pytest.raises(datasets.DataError, match="mnist: not found in"):
        protocol.scored("digits")


@pytest.mark.full_data
@each_set
def test_no_scored_image_is_one_that_realism_learns_on(name):
    scored, learned = protocol.scored(name), protocol.learned(name)
    assert len(scored) == {"digits": 800, "faces": 210}[name]
    assert len(learned) == {"digits": 2000, "faces": 522}[name]
    train = protocol.full_set(name, "train").images
    seen = {image.tobytes() for image in (*learned.images, *train)}
    assert not seen & {image.tobytes() for image in scored.images}


def test_cases_are_chosen_by_kind_and_in_batches():
    cases = drawn("digits", count=3, each=4)
    squares = cases.of_kind("square")
    assert set(squares.kinds) == {"square"}
    assert len(squares) == 3
    assert cases.of_kind(protocol.ALL) is cases
    parts = list(cases.batches(5))
    assert [len(part) for part in parts] == [5, 5, 2]
    assert np.array_equal(np.concatenate([part.details for part in parts]), cases.details)
    assert cases.double().images.dtype == np.float64


def test_the_first_images_of_each_class_come_class_by_class():
    digits = datasets.load("digits", split="test")
    firsts = protocol.firsts(digits, each=2, after=1, classes=3)
    assert firsts.labels.tolist() == [0, 0, 1, 1, 2, 2]
    for label in range(3):
        wanted = digits.of_class(label).images[1:3]
        assert np.array_equal(firsts.images[2 * label : 2 * label + 2], wanted)
    assert protocol.firsts(digits).labels.tolist() == list(range(10))


@each_set
def test_cases_are_scored_in_the_hole_by_all_metrics(name):
    cases = drawn(name, count=3, each=1)
    filled = np.where(cases.holes, np.float32(0.5), cases.images)
    found = protocol.scores(name, filled, cases)
    assert set(found) == {"psnr", "ssim", "judge", *(["grey"] if name == "digits" else [])}
    psnr = metrics.psnr(filled, cases.images, cases.holes)
    np.testing.assert_allclose(found["psnr"], psnr)
    untouched = protocol.scores(name, cases.images, cases)
    assert (untouched["psnr"] == protocol.PERFECT).all()
    assert untouched["ssim"] == pytest.approx(1)
    assert set(untouched["judge"]) <= {0.0, 1.0}
