"""The other ways down: without a change they are our descent, and each change changes something."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from inpaintlib import classifiers, datasets, holes, inpaint, starts
from inpaintlib.study import descents, numbers


@pytest.fixture(scope="module")
def cases():
    """Three digits with squares: images, holes, labels."""
    some = datasets.load("digits", split="test")[:3]
    return some.images, holes.squares_on_ink(some.images, sides=[12]), some.labels


def ended(way: descents.Way, cases) -> np.ndarray:
    images, missing, labels = map(torch.from_numpy, cases)
    parts = classifiers.part_averages("mnist")[labels]
    begun = starts.part_mixture(images.masked_fill(missing, 0), missing, averages=parts)
    return descents.go_down(way, begun, missing, labels, seed=0).numpy()


def test_the_first_way_is_our_descent(cases):
    ours = inpaint(*cases, recipe="digits-mixture", seed=0).image
    np.testing.assert_allclose(ended(descents.WAYS["our descent"], cases), ours, atol=1e-4)


@pytest.mark.parametrize("name", list(descents.WAYS)[1:])
def test_every_other_way_ends_elsewhere_and_keeps_the_known_pixels(name, cases):
    images, missing, _ = cases
    filled = ended(descents.WAYS[name], cases)
    np.testing.assert_allclose(filled[~missing], images[~missing], atol=1e-6)
    assert filled.min() >= 0
    assert filled.max() <= 1
    assert np.abs(filled - ended(descents.WAYS["our descent"], cases)).max() > 1e-4


def test_a_proximal_step_lowers_total_variation_and_stays_near():
    image = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(0))
    smoother = descents.smooth(image, 0.1, steps=50)
    variation = descents.TotalVariation()
    assert variation(smoother).item() < 0.7 * variation(image).item()
    objective = [
        0.5 * (x - image).square().sum().item() + 0.1 * variation(x).item()
        for x in (image, smoother)
    ]
    assert objective[1] < objective[0]


def test_the_stored_ways_are_those_of_today():
    stored = numbers.read("descents")
    assert stored.subjects() == list(descents.WAYS)
    ours = numbers.get("quality-digits", "digits-mixture/square", "psnr")
    assert stored["our descent", "psnr"].value == pytest.approx(ours.value, abs=0.01)
