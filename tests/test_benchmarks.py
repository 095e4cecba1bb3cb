"""Benchmarks: what they stored is what the package uses."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from inpaintlib import recipes

RESULTS = Path(__file__).parent.parent / "benchmarks" / "results"


@pytest.mark.parametrize("data", ["digits", "faces"])
def test_the_papers_recipe_has_the_numbers_that_the_search_found_best(data):
    with (RESULTS / f"paper-{data}.csv").open(newline="") as file:
        best = next(csv.DictReader(file))
    recipe = recipes.get(f"paper-{data}")
    found = {name: float(value) for name, value in best.items() if name not in ("judge", "psnr")}
    assert found == {name: getattr(recipe, name) for name in found}
