"""The chapter on all labels: ten fills of one hole, and which of them is called the best."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inpaintlib import datasets, inpaint
from inpaintlib.recipes import RECIPES
from inpaintlib.study import numbers
from inpaintlib.study.chapters import all_labels
from inpaintlib.study.protocol import Cases, cases


@pytest.fixture(scope="module")
def three():
    return cases(datasets.load("digits", split="test"), count=3, each=1)


@pytest.fixture
def in_few_steps(monkeypatch):
    monkeypatch.setattr(all_labels, "BATCH", 2)  # three images make two batches
    short = {name: {"max_steps": 4, "jitter": 0} for name in all_labels.RECIPES}
    whole = Cases.filled
    monkeypatch.setattr(
        Cases, "filled", lambda self, recipe, **more: whole(self, recipe, **short[recipe], **more)
    )


@pytest.mark.parametrize("recipe", all_labels.RECIPES)
def test_each_image_is_filled_with_each_label(three, recipe, in_few_steps):
    filled = all_labels.by_every_label(three.images, three.holes, recipe=recipe)
    assert filled.images.shape == (3, 10, 28, 28)
    assert filled.recipe.classifier == RECIPES[recipe].classifier
    settings = {"recipe": recipe, "max_steps": 4, "jitter": 0}
    alone = inpaint(three.images[2], three.holes[2], 7, **settings)
    np.testing.assert_allclose(filled.images[2, 7], alone.image, atol=1e-5)
    np.testing.assert_allclose(filled.starts[2, 7], alone.start, atol=1e-6)


@pytest.mark.parametrize("recipe", all_labels.RECIPES)
def test_the_energy_is_that_of_the_descents_end(three, recipe, in_few_steps):
    filled = all_labels.by_every_label(three.images, three.holes, recipe=recipe)
    ways = all_labels.energies(filled)
    settings = {"recipe": recipe, "max_steps": 4, "jitter": 0}
    alone = inpaint(three.images, three.holes, [3, 3, 3], **settings)
    np.testing.assert_allclose(ways["energy"][:, 3], alone.history.energy[-1], rtol=1e-4)
    content, *_ = alone.history.terms
    np.testing.assert_allclose(ways["content"][:, 3], alone.history.terms[content][-1], rtol=1e-3)
    assert {values.shape for values in ways.values()} == {(3, 10)}
    assert (ways["judge"].sum(axis=1) <= 0).all()
    assert (ways["cross-entropy"] >= 0).all()


def test_a_start_that_is_the_result_has_not_fallen(three, in_few_steps):
    filled = all_labels.by_every_label(three.images, three.holes, recipe="digits")
    still = replace(filled, images=filled.starts)
    assert (all_labels.energies(still)["fall"] == 0).all()
    assert all_labels.energies(filled)["fall"].min() < 0


def test_every_number_has_a_name_of_its_own(three, in_few_steps):
    filled = all_labels.by_every_label(three.images, three.holes, recipe="digits")
    keys = [found.key for found in all_labels.choices(three, filled, recipe="digits")]
    assert len(set(keys)) == len(keys)
    assert ("digits/wide gap", "right") in keys


@pytest.mark.parametrize("recipe", all_labels.RECIPES)
def test_the_confusion_counts_every_digit_once(recipe):
    counts = all_labels.confusion(recipe)
    right = numbers.get("all-labels", f"{recipe}/energy", "right")
    assert counts.sum() == right.cases
    assert counts.trace() == pytest.approx(right.value * right.cases)
