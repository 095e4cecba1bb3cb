"""The methods that are compared: they fill holes and leave the rest as it is."""

from __future__ import annotations

import numpy as np
import pytest

from inpaintlib import datasets, recipes
from inpaintlib.study import methods, protocol


@pytest.mark.parametrize("method", ["zeros", "telea", "nearest", "blended-class-average", "digits"])
def test_a_method_fills_the_cases(method, monkeypatch):
    monkeypatch.setattr(
        methods, "full_set", lambda name, split: datasets.load("digits", split=split)
    )
    digits = datasets.load("digits", split="test")
    cases = protocol.cases(digits, count=2, each=2)
    filled = methods.methods("digits")[method](cases)
    assert np.array_equal(filled[~cases.holes], cases.images[~cases.holes])
    assert filled.shape == cases.images.shape


each_set = pytest.mark.parametrize("name", ["digits", "faces"])


@each_set
def test_every_recipe_of_a_set_is_compared(name):
    every = {*methods.RECIPES["digits"], *methods.RECIPES["faces"]}
    assert every == {full.removesuffix("-att").removesuffix("-yale") for full in recipes.RECIPES}
    compared = set(methods.methods(name))
    assert {*methods.RECIPES[name], methods.OURS[name], methods.PAPER[name]} <= compared
    assert {*methods.SLOW, methods.UNTOUCHED} <= compared


@each_set
def test_it_is_known_of_every_method_what_it_knows(name):
    assert set(methods.methods(name)) <= set(methods.KNOWS)
