"""Parts of a recipe on their own: they are those that its descent uses."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import datasets, inpaint, recipes
from inpaintlib.study import parts
from inpaintlib.study.protocol import Cases, cases


@pytest.fixture(scope="module")
def three() -> Cases:
    digits = datasets.load("digits", split="test")
    return cases(digits, count=3, each=1).double()


@pytest.mark.parametrize("recipe", ["paper-digits", "digits"])
def test_energies_are_those_at_the_end_of_a_descent(three, recipe):
    settings = {"recipe": recipe, "max_steps": 5, "jitter": 0}
    done = inpaint(three.images, three.holes, three.labels, **settings)
    energy = parts.energies(recipes.get(recipe), done.image, three)
    np.testing.assert_allclose(energy, done.history.energy[-1], rtol=1e-6)


def test_a_start_is_where_the_descent_begins(three):
    settings = {"recipe": "digits", "start": "class-average"}
    done = inpaint(three.images, three.holes, three.labels, **settings, max_steps=1)
    assert np.array_equal(parts.begin(three, **settings), done.start)


def test_the_descent_of_the_recipes_own_energy_is_that_of_inpaint(three):
    recipe = recipes.get("paper-digits", max_steps=5, jitter=2)
    begun = parts.begin(three, recipe="paper-digits")
    energy = recipe.energy(three.images, three.holes, three.labels)
    ended = parts.descended(recipe, energy, begun, three.holes)
    settings = {"recipe": "paper-digits", "max_steps": 5, "jitter": 2}
    done = inpaint(three.images, three.holes, three.labels, **settings)
    np.testing.assert_allclose(ended, done.image, atol=1e-12)
