"""Gaussians as classifiers: what is fitted, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from helpers import untouched_random_numbers

from inpaintlib import classifiers, datasets, inpaint, metrics, recipes
from inpaintlib import holes as shapes
from inpaintlib.augment import Moves
from inpaintlib.gaussians import Fit, fit

pytestmark = pytest.mark.usefixtures("bundled_only")

PLAIN = Fit(directions=3, floor=0.01)


def two_planes(count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Images of two classes that each vary along two directions, with little noise."""
    rng = np.random.default_rng(0)
    means = rng.uniform(0.3, 0.7, (2, 36))
    directions = np.linalg.qr(rng.normal(size=(2, 36, 2)))[0]
    labels = np.arange(count) % 2
    places = rng.normal(0, [0.3, 0.15], (count, 2))
    images = means[labels] + np.einsum("ndk,nk->nd", directions[labels], places)
    images += rng.normal(0, 0.01, images.shape)
    return images.clip(0, 1).reshape(count, 6, 6), labels


def test_the_mean_and_the_variances_are_those_of_the_images():
    images, labels = two_planes()
    net = fit(PLAIN, images, labels, ["a", "b"], name="mine")
    for label in range(2):
        points = images[labels == label].reshape(-1, 36)
        np.testing.assert_allclose(net.means[label, 0], points.mean(axis=0), atol=0.0005)
        variances = np.linalg.eigvalsh(np.cov(points.T, bias=True))[::-1][:3]
        shares = variances / (variances + 0.01)
        np.testing.assert_allclose(net.shares[label, 0], shares, atol=0.001)
        directions = net.directions[label, 0].numpy()
        np.testing.assert_allclose(directions @ directions.T, np.eye(3), atol=0.02)


def test_an_image_scores_best_in_its_class_and_worse_the_less_it_fits():
    images, labels = two_planes()
    net = fit(PLAIN, images, labels, ["a", "b"], name="mine")
    shown = torch.from_numpy(images).float()
    scores = net(shown)
    assert (scores.argmax(dim=1).numpy() == labels).all()
    noise = torch.randn(shown.shape, generator=torch.Generator().manual_seed(0))
    before = scores.gather(1, torch.from_numpy(labels)[:, None]).mean()
    for amount in (0.1, 0.2, 0.4):
        worse = net(shown + amount * noise).gather(1, torch.from_numpy(labels)[:, None]).mean()
        assert worse < before
        before = worse


def test_a_class_of_parts_has_a_gaussian_for_each():
    rng = np.random.default_rng(0)
    images = np.concatenate([level + rng.normal(0, 0.02, (60, 4, 4)) for level in (0.2, 0.8)]).clip(
        0, 1
    )
    settings = Fit(parts=2, directions=2, floor=0.01)
    net = fit(settings, images, np.zeros(120, int), ["a"], name="mine")
    assert sorted(net.means.mean(dim=2).flatten().tolist()) == pytest.approx([0.2, 0.8], abs=0.01)
    between = torch.full((1, 4, 4), 0.5)
    assert net(between) < net(torch.full((1, 4, 4), 0.2))


def test_fewer_images_than_directions_leave_the_rest_empty():
    images, labels = two_planes(8)
    net = fit(Fit(directions=10, floor=0.01), images, labels, ["a", "b"], name="mine")
    assert (net.shares[:, 0, :3] > 0).all(), "four images of a class span three directions"
    assert (net.shares[:, 0, 3:] == 0).all()
    assert net(torch.from_numpy(images).float()).isfinite().all()


def test_copies_are_moved_from_the_seed():
    images, labels = two_planes(20)
    moved = Fit(directions=3, floor=0.01, moves=Moves(shift=0.2), copies=2, seed=1)
    with untouched_random_numbers():
        one, same = (fit(moved, images, labels, ["a", "b"], name="mine") for _ in range(2))
    assert torch.equal(one.means, same.means)
    assert not torch.allclose(
        one.means, fit(PLAIN, images, labels, ["a", "b"], name="mine").means, atol=1e-3
    )


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"parts": 0}, ValueError, "parts: got 0, wanted"),
        ({"directions": 0}, ValueError, "directions: got 0, wanted"),
        ({"floor": 0.0}, ValueError, "floor: got 0.0, wanted a number above 0"),
        ({"floor": "x"}, TypeError, "floor: got"),
        ({"copies": 2}, ValueError, "copies: got 2 with moves=None, wanted both or neither"),
    ],
)
def test_settings_out_of_range_are_refused(change, error, message):
    with pytest.raises(error, match=message):
        Fit(**{"directions": 3, "floor": 0.01, **change})


def test_a_class_of_one_image_is_refused():
    images, labels = two_planes(4)
    with pytest.raises(ValueError, match="images: got 1 of class b, wanted at least two of each"):
        fit(PLAIN, images[:3], labels[:3], ["a", "b"], name="mine")
    with pytest.raises(ValueError, match="labels: got shape"):
        fit(PLAIN, images, labels[:3], ["a", "b"], name="mine")


def test_faces_are_fitted_when_they_are_loaded():
    loaded = classifiers.load("faces-gaussians", data="faces-att")
    assert (loaded.name, loaded.origin) == ("faces-gaussians-att", "att")
    assert loaded.facts["training images"] == "280"
    again = classifiers.load("faces-gaussians-att")
    assert torch.equal(loaded.scores.means, again.scores.means)


def test_a_set_that_is_not_here_cannot_be_fitted():
    with pytest.raises(datasets.DataError, match="faces-yale: not found"):
        classifiers.load("faces-gaussians-yale")


@pytest.mark.parametrize("name", ["digits-gaussians", "digits-soft", "digits", "faces"])
def test_the_recipes_paint_far_above_their_harmonic_start(name):
    faces = name.startswith("faces")
    some = datasets.load("faces-att" if faces else "digits", split="test")[:8]
    hole = (
        shapes.rectangle((48, 42), top=12, left=4, height=10, width=34)
        if faces
        else shapes.squares_on_ink(some.images, sides=[10])
    )
    done = inpaint(some.images, hole, some.labels, recipe=name, data=some)
    holes = np.broadcast_to(hole, some.images.shape)
    gain = metrics.psnr(done.image, some.images, holes) - metrics.psnr(
        done.start, some.images, holes
    )
    assert gain.mean() > 2
    energy = done.history.energy
    assert (energy[-1] < energy[0]).all() or recipes.get(name, data=some).binary


def test_the_score_of_a_label_alone_is_that_among_all():
    net = classifiers.load("digits-gaussians").to(torch.zeros(0, dtype=torch.float64))
    images = torch.from_numpy(datasets.load("digits", split="test").images[:9]).double()
    labels = torch.tensor([3, 1, 3, 0, 9, 9, 2, 3, 0])
    images.requires_grad_()
    alone = net.label_scores(images, labels)
    among = net(images).gather(1, labels[:, None]).squeeze(1)
    torch.testing.assert_close(alone, among, rtol=1e-12, atol=1e-12)
    slopes = [torch.autograd.grad(scores.sum(), images)[0] for scores in (alone, among)]
    torch.testing.assert_close(*slopes, rtol=1e-10, atol=1e-12)
