"""The search for the numbers of the recipes: the recipes have what it found best."""

from __future__ import annotations

import pytest

from inpaintlib import recipes
from inpaintlib.study import numbers, search
from inpaintlib.study.search import Tried

each_recipe = pytest.mark.parametrize("recipe", sorted(search.GRIDS))


@each_recipe
def test_a_recipe_has_the_numbers_that_the_search_found_best(recipe):
    best = search.ranked(recipe)[0].settings
    for data in ("faces-yale", "faces-att") if "faces" in recipe else ("mnist",):
        chosen = recipes.get(recipe, data=data)
        assert best == {setting: getattr(chosen, setting) for setting in best}


def test_every_recipe_was_searched():
    assert {name.removesuffix("-att").removesuffix("-yale") for name in recipes.RECIPES} == set(
        search.GRIDS
    )


@each_recipe
def test_every_setting_of_the_grid_is_stored(recipe):
    stored = numbers.read(f"search-{recipe}")
    assert stored.subjects() == [search.subject(each) for each in search.settings_of(recipe)]


def test_the_readable_and_sharp_settings_come_first_by_psnr():
    rows = [
        Tried({"λ": 1}, judge=0.90, psnr=20.0, grey=0.0),
        Tried({"λ": 2}, judge=0.99, psnr=12.0, grey=0.1),
        Tried({"λ": 3}, judge=1.00, psnr=11.0, grey=0.0),
        Tried({"λ": 4}, judge=0.96, psnr=10.0, grey=0.0),
    ]
    order = [row.settings["λ"] for row in search.in_order(rows, sharp=0.02)]
    assert order == [3, 4, 1, 2]
    assert [row.settings["λ"] for row in search.in_order(rows)] == [2, 3, 4, 1]
