"""Starts: the first guess in the hole, exact where an equation says what it is."""

from __future__ import annotations

import pytest
import torch
from helpers import SMALL, few, missing, pictures, seeds
from hypothesis import given
from torch import Tensor

from inpaintlib import holes, starts

ALL = torch.ones(1, *SMALL, dtype=torch.bool)
SQUARE = torch.from_numpy(holes.rectangle(SMALL, top=5, left=4, height=6, width=7))[None]
CORNER = torch.from_numpy(holes.rectangle(SMALL, top=0, left=0, height=5, width=6))[None]


def draws(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def mean_of_neighbours(image: Tensor) -> Tensor:
    """The mean of the two, three or four neighbours that each pixel ``(H, W)`` has."""
    total, count = torch.zeros_like(image), torch.zeros_like(image)
    for dim in (0, 1):
        inner = image.shape[dim] - 1
        for begin, end in ((0, 1), (1, 0)):
            total.narrow(dim, begin, inner).add_(image.narrow(dim, end, inner))
            count.narrow(dim, begin, inner).add_(1)
    return total / count


def parts_of(count: int, height: int, width: int) -> Tensor:
    """Three part averages for each of ``count`` images."""
    return pictures(3 * count, height, width, seed=5).reshape(count, 3, height, width)


every_start = pytest.mark.parametrize(
    "start",
    [
        lambda images, holes: starts.constant(images, holes, value=0.5),
        lambda images, holes: starts.noise(images, holes, generator=draws()),
        starts.harmonic,
        lambda images, holes: starts.class_average(
            images, holes, averages=pictures(*images.shape, seed=5).to(images)
        ),
        lambda images, holes: starts.blended_class_average(
            images, holes, averages=pictures(*images.shape, seed=5).to(images)
        ),
        lambda images, holes: starts.part_mixture(
            images, holes, averages=parts_of(*images.shape).to(images)
        ),
    ],
    ids=["constant", "noise", "harmonic", "class average", "blended class average", "mixture"],
)


@every_start
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_start_changes_the_hole_only_and_fills_it_with_grey_values(start, dtype):
    images, gaps = pictures(4, *SMALL, seed=1).to(dtype), missing(4)
    before = images.clone()
    filled = start(images, gaps)
    assert filled.dtype == dtype
    assert torch.equal(images, before)
    assert torch.equal(filled[~gaps], images[~gaps])
    assert filled.min() >= 0
    assert filled.max() <= 1
    assert (filled != images)[gaps].all()


@every_start
def test_a_start_does_not_look_into_the_hole(start):
    images, gaps = pictures(4, *SMALL), missing(4)
    others = torch.where(gaps, pictures(4, *SMALL, seed=1), images)
    assert torch.equal(start(images, gaps), start(others, gaps))


@every_start
def test_a_start_of_a_batch_is_that_of_its_images(start):
    image, gap = pictures(1, *SMALL), missing(1)
    batch = start(image.repeat(2, 1, 1), gap.repeat(2, 1, 1))
    assert torch.equal(batch[0], start(image, gap)[0])


# Constant and noise


def test_constant_fills_with_its_value():
    assert (starts.constant(pictures(1, *SMALL), SQUARE, value=0.25)[SQUARE] == 0.25).all()


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_constant_wants_a_grey_value(value):
    with pytest.raises(ValueError, match=f"value: got {value}, wanted a number from 0 to 1"):
        starts.constant(pictures(1, *SMALL), SQUARE, value=value)


def test_noise_is_the_same_for_every_image_and_another_with_another_seed():
    images, gaps = pictures(2, *SMALL), ALL.repeat(2, 1, 1)
    first, second = starts.noise(images, gaps, generator=draws())
    assert torch.equal(first, second)
    assert not torch.equal(first, starts.noise(images, gaps, generator=draws(1))[0])
    assert first.std() > 0.2


# Harmonic


@few
@given(seed=seeds)
def test_harmonic_makes_each_missing_pixel_the_mean_of_its_neighbours(seed):
    images, gaps = pictures(1, *SMALL, seed=seed), missing(1, seed=seed % 1000)
    filled = starts.harmonic(images, gaps)[0]
    difference = (filled - mean_of_neighbours(filled))[gaps[0]]
    assert difference.abs().max() < 1e-10


@few
@given(seed=seeds)
def test_harmonic_stays_between_the_known_pixels_extremes(seed):
    images, gaps = pictures(1, *SMALL, seed=seed), missing(1, seed=seed % 1000)
    filled, known = starts.harmonic(images, gaps)[gaps], images[~gaps]
    assert filled.min() >= known.min() - 1e-12
    assert filled.max() <= known.max() + 1e-12


@few
@given(seed=seeds)
def test_harmonic_in_a_white_image_is_white_and_no_brighter(seed):
    white = torch.ones(1, *SMALL, dtype=torch.float64)
    filled = starts.harmonic(white, missing(1, seed=seed % 1000))
    torch.testing.assert_close(filled, white)
    assert filled.max() <= 1


def test_harmonic_continues_a_linear_image():
    rows, columns = torch.meshgrid(*(torch.arange(16.0).double(),) * 2, indexing="ij")
    plane = (0.1 + 0.02 * rows + 0.03 * columns)[None]
    filled = starts.harmonic(plane.masked_fill(SQUARE, 0), SQUARE)
    torch.testing.assert_close(filled, plane)


def test_harmonic_is_not_linear_at_the_images_edge_where_it_is_flat():
    stripes = torch.linspace(0, 1, 16).double().expand(1, *SMALL)
    filled = starts.harmonic(stripes, CORNER)[0]
    assert (filled[:5, :6] > stripes[0, :5, :6]).all()


def test_harmonic_wants_a_known_pixel():
    images, gaps = pictures(2, *SMALL), torch.cat([SQUARE, ALL])
    with pytest.raises(
        ValueError, match="start: got 'harmonic' with a hole that covers everything"
    ):
        starts.harmonic(images, gaps)


# Class averages


def test_class_average_is_pasted_in():
    images, averages = pictures(2, *SMALL), pictures(2, *SMALL, seed=1)
    gaps = missing(2)
    filled = starts.class_average(images, gaps, averages=averages)
    assert torch.equal(filled[gaps], averages[gaps])


@pytest.mark.parametrize("gap", [SQUARE, CORNER], ids=["inside", "at the edge"])
@pytest.mark.parametrize("gain", [0.3, 1.0, 1.9])
def test_blended_average_is_exact_where_the_image_is_the_average_times_a_gain(gap, gain):
    average = 0.5 * pictures(1, *SMALL)
    filled = starts.blended_class_average(
        (gain * average).masked_fill(gap, 0), gap, averages=average
    )
    torch.testing.assert_close(filled, gain * average)


@few
@given(seed=seeds)
def test_blended_average_has_no_seam(seed):
    """What it adds to the scaled average is harmonic, from what is wrong along the rim."""
    image, average = (0.4 + 0.2 * pictures(1, *SMALL, seed=number) for number in (seed, 0))
    gap = missing(1, seed=seed % 1000)
    filled = starts.blended_class_average(image, gap, averages=average)
    bends, expected = (
        (part[0] - mean_of_neighbours(part[0]))[gap[0]] for part in (filled, average)
    )
    gain = (bends @ expected) / (expected @ expected)
    torch.testing.assert_close(bends, gain * expected, rtol=0, atol=1e-10)


def test_blended_average_is_as_bright_as_the_ring_around_the_hole_and_no_farther():
    image, average = pictures(1, *SMALL), pictures(1, *SMALL, seed=1)
    gap = torch.zeros_like(image, dtype=torch.bool)
    gap[0, 7, 7] = True
    rows, columns = torch.meshgrid(torch.arange(16), torch.arange(16), indexing="ij")
    steps = (rows - 7).abs() + (columns - 7).abs()
    filled = starts.blended_class_average(image, gap, averages=average)
    for distance, matters in [(starts.RING, True), (starts.RING + 1, False)]:
        other = torch.where(steps == distance, 1 - image, image)
        again = starts.blended_class_average(other, gap, averages=average)
        assert torch.equal(again[gap], filled[gap]) != matters


def test_blended_average_of_everything_is_the_plain_average():
    average = pictures(1, *SMALL)
    filled = starts.blended_class_average(pictures(1, *SMALL, seed=1), ALL, averages=average)
    assert torch.equal(filled, average)


def test_blended_average_without_ink_around_the_hole_has_no_gain():
    """An average that is 0 around the hole says nothing about brightness: its gain is then 0."""
    average = torch.zeros(1, *SMALL, dtype=torch.float64).masked_fill(SQUARE, 0.5)
    image = torch.full_like(average, 0.25)
    filled = starts.blended_class_average(image, SQUARE, averages=average)
    torch.testing.assert_close(filled, image)


# Part averages


@pytest.mark.parametrize("gap", [SQUARE, CORNER], ids=["inside", "at the edge"])
def test_mixture_finds_the_weights_that_an_image_was_mixed_with(gap, monkeypatch):
    monkeypatch.setattr(starts, "RIDGE", 1e-9)  # it would pull the weights a little
    parts = 0.4 * parts_of(1, *SMALL)
    image = torch.tensordot(torch.tensor([0.3, 0.0, 1.2]).double(), parts[0], dims=1)[None]
    filled = starts.part_mixture(image.masked_fill(gap, 0), gap, averages=parts)
    torch.testing.assert_close(filled, image, atol=1e-6, rtol=0)


def test_the_ridge_holds_weights_small(monkeypatch):
    image, parts = pictures(1, *SMALL)[0], parts_of(1, *SMALL)[0]
    sizes = []
    for ridge in (0.0, 1.0, 100.0):
        monkeypatch.setattr(starts, "RIDGE", ridge)
        sizes.append(starts._weights(image, SQUARE[0], parts).norm().item())
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < 0.9 * sizes[0]


def test_mixture_has_no_negative_weight():
    """The image is one part less another: the best is then none of the other."""
    parts = 0.4 * parts_of(1, *SMALL)
    image = (parts[:, 0] - 0.2 * parts[:, 1]).clamp(0, 1)
    weights = starts._weights(image[0], SQUARE[0], parts[0])
    assert weights.min() >= 0
    assert weights[1] == 0


def test_mixture_looks_at_the_hole_s_neighbourhood_most(monkeypatch):
    """Near the hole the image is one part, far from it another."""
    near, far = pictures(2, *SMALL)
    gap = torch.zeros(1, *SMALL, dtype=torch.bool)
    gap[0, 7:9, 7:9] = True
    ring = torch.zeros_like(gap)
    ring[0, 4:12, 4:12] = True
    image, parts = torch.where(ring[0], near, far), torch.stack([near, far])
    shares = []
    for reach in (1.0, 3.0, 1e6):
        monkeypatch.setattr(starts, "REACH", reach)
        weights = starts._weights(image, gap[0], parts)
        shares.append((weights[0] / weights.sum()).item())
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.7
    assert shares[2] < 0.4


@few
@given(seed=seeds)
def test_mixture_has_no_seam(seed):
    """What it adds to the mixture is harmonic, from what is wrong along the rim."""
    image, parts = 0.4 + 0.2 * pictures(1, *SMALL, seed=seed), 0.3 * parts_of(1, *SMALL)
    gap = missing(1, seed=seed % 1000)
    filled = starts.part_mixture(image, gap, averages=parts)
    mixture = torch.tensordot(starts._weights(image[0], gap[0], parts[0]), parts[0], dims=1)
    added = torch.where(gap[0], filled[0], image[0]) - mixture
    inside = gap[0] & (filled[0] > 0) & (filled[0] < 1)
    bends = added - mean_of_neighbours(added)
    if torch.equal(inside, gap[0]):  # nothing was clipped
        torch.testing.assert_close(bends[inside], torch.zeros_like(bends[inside]))


def test_mixture_for_a_hole_that_covers_everything_is_the_mean_of_the_parts():
    parts = parts_of(1, *SMALL)
    filled = starts.part_mixture(pictures(1, *SMALL), ALL, averages=parts)
    torch.testing.assert_close(filled, parts.mean(dim=1))
