"""The energy: its terms against their formulas, their gradients against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers import (
    SMALL,
    Slope,
    classifier,
    few,
    lenet,
    missing,
    numerical_gradient,
    pictures,
    seeds,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from torch import Tensor

from inpaintlib import holes
from inpaintlib.descent import Views
from inpaintlib.energy import (
    CONTENTS,
    Binary,
    CrossEntropy,
    Energy,
    Margin,
    NegativeScore,
    ProbabilityDistance,
    Ramp,
    ScoreDistance,
    TotalVariation,
    adjoint_difference,
    difference,
    rim,
)

SCORES = torch.tensor([[2.0, 0.5, -1.0], [0.0, 3.0, 1.0]], dtype=torch.float64)
LABELS = torch.tensor([0, 2])
PROBABILITIES = SCORES.exp() / SCORES.exp().sum(dim=1, keepdim=True)

contents = pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)


def matrix_of_differences(shape: tuple[int, int], dim: int) -> np.ndarray:
    """The paper's D_h (``dim=1``) or D_v (``dim=0``): NM×NM, over the image row by row."""
    number = np.arange(shape[0] * shape[1]).reshape(shape)
    matrix = np.zeros((number.size, number.size))
    for place in np.ndindex(shape):
        ahead = tuple(index + (axis == dim) for axis, index in enumerate(place))
        if ahead[dim] < shape[dim]:
            matrix[number[place], number[place]] = -1
            matrix[number[place], number[ahead]] = 1
    return matrix


# The differences and total variation


@pytest.mark.parametrize("dim", [-1, -2])
@pytest.mark.parametrize("shape", [(5, 7), (2, 5, 7), (1, 4), (4, 1), (1, 1)])
def test_adjoint_difference_is_the_adjoint(shape, dim):
    x, y = pictures(*shape, seed=1), pictures(*shape, seed=2)
    ahead = (difference(x, dim) * y).sum()
    back = (x * adjoint_difference(y, dim)).sum()
    torch.testing.assert_close(ahead, back)


@pytest.mark.parametrize("dim", [0, 1])
def test_difference_and_its_adjoint_are_the_papers_matrices(dim):
    x = pictures(4, 5)
    matrix = matrix_of_differences((4, 5), dim)
    np.testing.assert_allclose(difference(x, dim - 2).flatten(), matrix @ x.flatten().numpy())
    np.testing.assert_allclose(
        adjoint_difference(x, dim - 2).flatten(), matrix.T @ x.flatten().numpy()
    )


@pytest.mark.parametrize("levels", [3, 1000], ids=["with ties", "without ties"])
@pytest.mark.parametrize("whole", [True, False], ids=["whole image", "region"])
def test_total_variation_is_the_papers_formula(whole, levels):
    shape = (6, 5)
    x = (pictures(*shape) * levels).floor() / levels
    region = torch.ones(shape, dtype=torch.bool) if whole else pictures(*shape, seed=1) < 0.6
    M = np.diag(region.flatten().double().numpy())
    vector, value, gradient = x.flatten().numpy(), 0.0, np.zeros(x.numel())
    for dim in (0, 1):
        D = matrix_of_differences(shape, dim)
        value += np.abs(M @ D @ vector).sum()
        gradient += D.T @ M.T @ np.sign(M @ D @ vector)

    term = TotalVariation(None if whole else region)
    values, gradients = term.value_and_gradient(x[None])

    np.testing.assert_allclose(values, [value])
    np.testing.assert_allclose(term(x[None]), [value])
    np.testing.assert_array_equal(gradients[0].flatten(), gradient)


def test_total_variation_of_a_square_is_its_perimeter():
    square = torch.zeros(1, 9, 9)
    square[0, 2:6, 3:5] = 1
    assert TotalVariation()(square).item() == 2 * (4 + 2)


def test_total_variation_of_a_flat_image_has_no_gradient():
    assert not TotalVariation().value_and_gradient(torch.full((1, 4, 4), 0.3))[1].any()


def test_total_variation_takes_a_region_for_each_image():
    images, regions = pictures(2, *SMALL), missing(2)
    values, gradients = TotalVariation(regions).value_and_gradient(images)
    for i in range(2):
        value, gradient = TotalVariation(regions[i]).value_and_gradient(images[i : i + 1])
        torch.testing.assert_close(values[i], value[0])
        torch.testing.assert_close(gradients[i], gradient[0])


# Regions


@few
@given(seed=seeds)
def test_region_of_hole_and_neighbours_has_the_whole_images_gradient_in_the_hole(seed):
    image = pictures(1, *SMALL, seed=seed)
    hole = torch.from_numpy(holes.random(SMALL, seed=seed))
    whole = TotalVariation().value_and_gradient(image)[1]
    with_neighbours = torch.from_numpy(ndimage.binary_dilation(hole))
    part = TotalVariation(with_neighbours).value_and_gradient(image)[1]
    assert torch.equal(part[0][hole], whole[0][hole])


def test_rim_region_leaves_the_middle_of_a_wide_hole_alone():
    image = pictures(1, *SMALL)
    hole = holes.rectangle(SMALL, top=2, left=2, height=12, width=12)
    gradient = TotalVariation(torch.from_numpy(rim(hole, width=2))).value_and_gradient(image)[1][0]
    whole = TotalVariation().value_and_gradient(image)[1][0]
    assert not gradient[6:10, 6:10].any()
    assert whole[6:10, 6:10].any()
    assert torch.equal(gradient[2, 2:14], whole[2, 2:14])


@few
@given(seed=seeds, width=st.integers(1, 4))
def test_rim_holds_the_pixels_at_most_width_steps_from_the_other_side(seed, width):
    hole = holes.random((9, 8), seed=seed)
    places = np.argwhere(np.ones_like(hole))
    steps = np.abs(places[:, None] - places[None]).sum(axis=2)
    other = hole.flatten()[:, None] != hole.flatten()[None]
    near = (other & (steps <= width)).any(axis=1).reshape(hole.shape)
    assert np.array_equal(rim(hole, width=width), near | hole.all())


def test_rim_of_a_hole_at_the_images_edge_is_on_its_other_sides_only():
    band = rim(holes.half(SMALL, side="left"), width=1)
    assert np.array_equal(np.flatnonzero(band.any(axis=0)), [7, 8])


def test_rim_needs_a_width():
    with pytest.raises(ValueError, match="width: got 0, wanted a whole number of at least 1"):
        rim(holes.everything(SMALL), width=0)


# Content


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            ProbabilityDistance,
            [
                (1 - PROBABILITIES[0, 0]) ** 2 + (PROBABILITIES[0, 1:] ** 2).sum(),
                (1 - PROBABILITIES[1, 2]) ** 2 + (PROBABILITIES[1, :2] ** 2).sum(),
            ],
        ),
        (ScoreDistance, [1 + 0.25 + 1, 0 + 9 + 0]),
        (CrossEntropy, [-PROBABILITIES[0, 0].log(), -PROBABILITIES[1, 2].log()]),
        (Margin, [0.5 - 2, 3 - 1]),
        (NegativeScore, [-2, -1]),
    ],
)
def test_content_is_its_formula(content, expected):
    penalties = content.penalty(SCORES, LABELS)
    torch.testing.assert_close(penalties, torch.tensor(expected, dtype=torch.float64))


@contents
def test_gradient_of_content_agrees_with_finite_differences(content):
    images = pictures(2, *SMALL)
    term = content(classifier(), torch.tensor([3, 8]))
    values, gradients = term.value_and_gradient(images)
    assert gradients.flatten(1).norm(dim=1).min() > 1e-3
    torch.testing.assert_close(values, term(images))
    torch.testing.assert_close(gradients, numerical_gradient(term, images), rtol=1e-5, atol=1e-7)


def test_gradient_through_a_view_agrees_with_finite_differences():
    images, windows = pictures(2, *SMALL), torch.zeros(3, *SMALL, dtype=torch.bool)
    windows[0, 2:9, 5:12] = windows[1, :6, :6] = windows[2, 4:, 8:] = True
    term, view = CrossEntropy(classifier(), torch.tensor([3, 8])), Views((2, -5), windows)

    def through_view(images: Tensor) -> Tensor:
        return torch.stack([term(shown) for shown in view(images)]).mean(dim=0)

    values, gradients = term.value_and_gradient(images, view)
    torch.testing.assert_close(values, through_view(images))
    expected = numerical_gradient(through_view, images)
    torch.testing.assert_close(gradients, expected, rtol=1e-5, atol=1e-7)


@contents
def test_content_of_a_batch_is_that_of_its_images(content):
    images, labels, net = pictures(3, *SMALL), torch.tensor([3, 8, 0]), classifier()
    values, gradients = content(net, labels).value_and_gradient(images)
    for i in range(3):
        value, gradient = content(net, labels[i : i + 1]).value_and_gradient(images[i : i + 1])
        torch.testing.assert_close(values[i], value[0])
        torch.testing.assert_close(gradients[i], gradient[0])


@contents
def test_content_falls_towards_the_label(content):
    right, wrong = torch.eye(3)[:1], torch.eye(3)[1:2]
    assert content.penalty(right, torch.tensor([0])) < content.penalty(wrong, torch.tensor([0]))


def test_gradients_leave_image_and_classifier_alone():
    images, net = pictures(1, *SMALL), lenet().requires_grad_(True)
    before = images.clone()
    value, gradient = CrossEntropy(net, torch.tensor([1])).value_and_gradient(images)
    assert torch.equal(images, before)
    assert not images.requires_grad
    assert not value.requires_grad
    assert not gradient.requires_grad
    assert all(weights.grad is None for weights in net.parameters())


# The binary term


def test_binary_is_1_for_middle_grey_and_0_for_black_and_white():
    assert Binary()(torch.full((1, 2, 3), 0.5)).item() == 6
    assert Binary()(torch.tensor([[[0.0, 1.0]]])).item() == 0


def test_gradient_of_binary_agrees_with_finite_differences():
    images = pictures(2, 4, 5)
    values, gradients = Binary().value_and_gradient(images)
    torch.testing.assert_close(values, Binary()(images))
    torch.testing.assert_close(
        gradients, numerical_gradient(Binary(), images), rtol=1e-5, atol=1e-7
    )


def test_gradient_of_total_variation_agrees_with_finite_differences():
    images, region = pictures(2, 4, 5), pictures(4, 5, seed=1) < 0.6
    for term in (TotalVariation(), TotalVariation(region)):
        gradients = term.value_and_gradient(images)[1]
        torch.testing.assert_close(
            gradients, numerical_gradient(term, images), rtol=1e-5, atol=1e-7
        )


# Weighted sums


def test_energy_is_the_weighted_sum_of_its_terms():
    images = pictures(2, *SMALL)
    content, variation, binary = (
        CrossEntropy(classifier(), torch.tensor([3, 8])),
        TotalVariation(),
        Binary(),
    )
    energy = content + 0.25 * variation + binary * 2.0
    now = energy.evaluate(images)
    torch.testing.assert_close(
        now.energy, content(images) + 0.25 * variation(images) + 2 * binary(images)
    )
    torch.testing.assert_close(energy(images), now.energy)
    torch.testing.assert_close(
        now.gradient,
        content.value_and_gradient(images)[1]
        + 0.25 * variation.value_and_gradient(images)[1]
        + 2 * binary.value_and_gradient(images)[1],
    )
    assert list(now.terms) == ["content", "total variation", "binary"]
    torch.testing.assert_close(now.terms["total variation"], variation(images))


def test_energies_can_be_added():
    images = pictures(1, *SMALL)
    together = (2.0 * Binary()) + (0.5 * TotalVariation())
    torch.testing.assert_close(
        together(images), 2 * Binary()(images) + 0.5 * TotalVariation()(images)
    )


def test_only_content_is_seen_through_the_view():
    images, view = pictures(1, *SMALL), Views((3, 1))
    content, variation = CrossEntropy(classifier(), torch.tensor([3])), TotalVariation()
    now = (content + variation).evaluate(images, view=view)
    torch.testing.assert_close(now.terms["content"], content(images.roll((3, 1), (-2, -1))))
    torch.testing.assert_close(now.terms["total variation"], variation(images))


def test_a_term_of_ones_own_is_seen_through_the_view_if_it_says_so():
    class Fixed(Slope):
        sees_view = False

    images, weights, view = pictures(1, *SMALL), pictures(*SMALL, seed=1), Views((3, 1))
    seen = images.roll((3, 1), (-2, -1))
    torch.testing.assert_close(
        Slope(weights).value_and_gradient(images, view)[0], Slope(weights)(seen)
    )
    torch.testing.assert_close(
        Fixed(weights).value_and_gradient(images, view)[0], Slope(weights)(images)
    )


def test_energy_wants_each_name_once():
    with pytest.raises(ValueError, match="terms: got binary, binary, wanted each name once"):
        Binary() + 2.0 * Binary()


def test_only_terms_can_be_added():
    with pytest.raises(TypeError, match="unsupported operand"):
        Binary() + 3


# Weights that change


@pytest.mark.parametrize(
    ("begin", "progress", "weight"),
    [(0, 0, 0), (0, 0.5, 2), (0, 1, 4), (0.5, 0.25, 0), (0.5, 0.5, 0), (0.5, 0.75, 2), (0.5, 1, 4)],
)
def test_ramp_is_0_until_it_begins_and_then_grows_linearly(begin, progress, weight):
    assert Ramp(4.0, begin=begin)(progress) == weight
    energy = Energy((Ramp(4.0, begin=begin), Binary()))
    images = pictures(1, *SMALL)
    now = energy.evaluate(images, progress=progress)
    torch.testing.assert_close(now.energy, weight * Binary()(images))
    torch.testing.assert_close(now.gradient, weight * (4 - 8 * images))
    torch.testing.assert_close(now.terms["binary"], Binary()(images))
    torch.testing.assert_close(energy(images, progress=progress), now.energy)


@pytest.mark.parametrize(
    ("begin", "wanted"),
    [(-0.1, "from 0 to 1"), (1, "below it"), (float("nan"), "from 0 to 1")],
)
def test_ramp_begins_before_the_end(begin, wanted):
    with pytest.raises(ValueError, match=f"begin: got {begin}, wanted a number {wanted}"):
        Ramp(1.0, begin=begin)
