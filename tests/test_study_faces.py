"""The chapter on faces: distances, and what is read from the norm of the gradient."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from inpaintlib import datasets
from inpaintlib.descent import Views
from inpaintlib.study.chapters import faces
from inpaintlib.study.protocol import cases
from inpaintlib.training import TRAININGS


@pytest.fixture(scope="module")
def two():
    return cases(datasets.load("faces-att", split="test"), count=2, each=1).double()


def test_a_distance_is_the_root_mean_square_inside_the_hole():
    holes = np.zeros((2, 8, 8), bool)
    holes[:, 2:5, 3:6] = True
    image = np.full((2, 8, 8), 0.5)
    other = np.where(holes, image + np.array([0.1, 0.3])[:, None, None], 0.9)
    np.testing.assert_allclose(faces.distance(image, other, holes), [0.1, 0.3])


def test_roughness_is_the_change_from_step_to_step_by_the_mean():
    even, jumping = np.full(5, 2.0), np.array([1.0, 3.0, 1.0, 3.0, 2.0])
    rough = faces.roughness(np.stack([even, jumping, 10 * jumping], axis=1))
    np.testing.assert_allclose(rough, [0, 1.75 / 2, 1.75 / 2])


def test_shifts_are_those_of_a_descent_in_their_order():
    generator = torch.Generator().manual_seed(3)
    drawn = [
        Views.draw((48, 42), jitter=2, patches=0, sides=(7, 20), generator=generator).shift
        for _ in range(20)
    ]
    np.testing.assert_array_equal(faces.shifts(steps=20, jitter=2, seed=3), drawn)
    assert not faces.shifts(steps=20, jitter=0, seed=3).any()


def test_a_long_descent_goes_to_its_last_step_and_keeps_the_middle(two):
    long = faces.long_descent(two, steps=8, jitter=2, weight=1.0, every=4)
    assert set(long.kept) == {0, 4, 8}
    assert (long.done.steps == 8).all()
    np.testing.assert_array_equal(long.kept[8], long.done.image)


def test_only_the_name_makes_the_results_differ(two):
    same = dataclasses.replace(two, labels=np.zeros_like(two.labels))
    one_name = {number.key: number.value for number in faces.two_names(same, classes=1)}
    two_names = {number.key: number.value for number in faces.two_names(two, classes=10)}
    for recipe in ("paper-faces", "faces"):
        assert one_name[recipe, "RMS between the names"] == 0
        assert two_names[recipe, "RMS between the names"] > 0
        for column in ("probability at the start", "probability at the end", "so named"):
            own, other = (one_name[f"{recipe}, {told} name", column] for told in ("own", "another"))
            assert own == other


def test_without_total_variation_no_peak_is_compared_with_nothing(two):
    keys = [number.key for number in faces.gradients(two, steps=64)]
    compared = {subject for subject, score in keys if score == "highest peak over median"}
    assert compared
    assert not any("λ = 0" in subject for subject in compared)


def test_every_number_has_a_name_of_its_own(two):
    every = list(faces.gradients(two, steps=64))
    found = {number.key: number for number in every}
    assert len(found) == len(every)
    for title in faces.LAMBDAS:
        for way in faces.JITTERS:
            assert (f"{title}, {way}", "last over first") in found
        rough = [found[f"{title}, {way}", "roughness"].value for way in faces.JITTERS]
        gained = found[f"{title}, jitter minus no jitter", "roughness"]
        assert gained.value == pytest.approx(rough[0] - rough[1])


def test_a_window_that_is_too_dark_is_replaced_by_the_whole_image():
    rule = TRAININGS["faces-patches-att"]
    bright = np.full((40, 48, 42), 0.5, dtype=np.float32)
    drawn = faces.windows(bright, rule)
    assert not drawn.replaced.any()
    np.testing.assert_allclose(drawn.energy, 0.25, rtol=1e-5)
    dim = np.sqrt(rule.dark / 2) * np.ones_like(bright)
    drawn = faces.windows(np.concatenate([bright[:20], dim[20:].astype(np.float32)]), rule)
    np.testing.assert_array_equal(drawn.replaced, np.arange(40) >= 20)
    np.testing.assert_array_equal(drawn.learned[20:], dim[20:].astype(np.float32))
    with pytest.raises(ValueError, match="rule: got a training on whole images"):
        faces.windows(bright, TRAININGS["faces-whole-att"])


def test_the_drawn_windows_are_of_the_darkest_quarter(monkeypatch):
    rule = TRAININGS["faces-patches-att"]
    images = np.linspace(0.02, 0.9, 40, dtype=np.float32)[:, None, None] * np.ones((48, 42), "f4")
    given = {}
    monkeypatch.setattr(faces.figures, "gallery", lambda rows, **text: given.update(rows, **text))
    faces.draw_windows(images, rule, count=3, alt="", facts="", origin="")
    np.testing.assert_array_equal(given["training\nimage"].images, images[[0, 5, 10]])
    said = ["dark" if one else "kept" for one in faces.windows(images, rule).replaced[[0, 5, 10]]]
    assert given["columns"] == said
    assert set(said) == {"dark", "kept"}
