"""Benchmarks: what they stored is what the package uses."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from inpaintlib import recipes

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"


@pytest.mark.parametrize("name", sorted(recipes.RECIPES))
def test_a_recipe_has_the_numbers_that_the_search_found_best(name):
    with (RESULTS / f"parameters-{name}.csv").open(newline="") as file:
        best = next(csv.DictReader(file))
    recipe = recipes.get(name)
    scores = ("judge", "psnr", "grey")
    found = {name: float(value) for name, value in best.items() if name not in scores}
    assert found
    assert found == {name: getattr(recipe, name) for name in found}
